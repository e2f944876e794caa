-- Every kind of thing Lua allocates, once or twice, in as few allocations as that takes.
local list = {}
for i = 1, 9 do list[i] = i * i end
local record = { name = "record", [1.5] = "float", [list] = "table" }
print(#list, record.name, record[1.5], record[list])

local long = ("long"):rep(30)
local text = table.concat({ "a", 1, 2.5, long }, "-")
print(#text, text:upper():sub(1, 8), (text:gsub("o", "0")):sub(10, 16))

local function counter()
  local n = 0
  return function() n = n + 1 return n end
end
local one, other = counter(), counter()
print(one(), one(), other())

local thread = coroutine.create(function(a, ...)
  local b = coroutine.yield(a, select("#", ...))
  error({ b })
end)
print(coroutine.resume(thread, 1, 2, 3))
print(select("#", coroutine.resume(thread, "x")), coroutine.status(thread))

local object = setmetatable({}, {
  __index = function(_, key) return key .. "!" end,
  __concat = function(_, tail) return "object" .. tail end,
})
print(object.missing, object .. " and tail")

local compiled = load("local a, b = ... return a + b, {a, b}")
print((compiled(40, 2)))

local weak = setmetatable({ {}, list }, { __mode = "v" })
setmetatable({}, { __gc = function() list[10] = 100 end })
collectgarbage()
print(weak[1], weak[2] == list, #list)
