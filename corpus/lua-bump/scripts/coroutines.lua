-- Generators, producers and consumers, errors across a resume, and coroutines inside coroutines.
local function permutations(list, n)
  n = n or #list
  if n == 0 then coroutine.yield(table.concat(list)) return end
  for i = 1, n do
    list[n], list[i] = list[i], list[n]
    permutations(list, n - 1)
    list[n], list[i] = list[i], list[n]
  end
end
local found = {}
for word in coroutine.wrap(function() permutations({ "a", "b", "c" }) end) do found[#found + 1] = word end
print(#found, table.concat(found, " "))

local producer = coroutine.create(function(first)
  local got = first
  while got ~= "stop" do got = coroutine.yield(got .. "!") end
  return "done", 42
end)
print(coroutine.resume(producer, "one"))
print(coroutine.resume(producer, "two"))
print(coroutine.status(producer), coroutine.resume(producer, "stop"))
print(coroutine.status(producer), coroutine.resume(producer))

local failing = coroutine.create(function() coroutine.yield(1) error("inside", 0) end)
print(coroutine.resume(failing))
print(coroutine.resume(failing))
print(coroutine.status(failing), coroutine.isyieldable())

local function nested(depth)
  if depth == 0 then coroutine.yield("bottom") return 0 end
  local inner = coroutine.wrap(nested)
  coroutine.yield(inner(depth - 1) .. depth)
  return depth
end
print(coroutine.wrap(nested)(8))

local across = coroutine.wrap(function()
  print((pcall(function() coroutine.yield("from a pcall") error({ code = 7 }) end)))
  local ok, problem = pcall(error, { code = 7 })
  coroutine.yield(ok, problem.code)
end)
print(across())
print(across())
