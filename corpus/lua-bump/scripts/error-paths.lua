-- Errors raised, caught, rethrown, decorated and unwound; the program goes on after each.
print(pcall(error, "message", 0))
print(pcall(error, { code = 1 }) == false, select(2, pcall(error)))
print(pcall(function() error("with position") end))
print(pcall(function() error("caller's position", 2) end))
print(pcall(function() local t = nil; return t.field end))
print(pcall(function() local t = {}; t.x.y = 1 end))
print(pcall(function() return 1 + {} end))
print(pcall(function() return #5 end))
print(pcall(function() return "a" < 1 end))
print(pcall(function() return {} .. "x" end))
print(pcall(function() undefinedFunction() end))
print(pcall(function() local s = "x"; s:nothing() end))
print(pcall(string.rep, "x", -1))
print(pcall(setmetatable, 1, {}))
print(pcall(next, {}, "nokey"))
print(select("#", pcall(assert, false, "asserted")), pcall(assert, false, "asserted"))
print(pcall(assert, nil))
print(assert(1, "unused"))
print(xpcall(function() error("handled", 0) end, function(m) return m:upper() end))
print(xpcall(function(a, b) return a + b end, print, 3, 4))
print(load("x ="))
print(load("return 1", "chunk", "t", {})())
print(pcall(load, nil))

local function guarded(depth)
  local ok, problem = pcall(function()
    if depth == 0 then error("bottom", 0) end
    guarded(depth - 1)
  end)
  if not ok then error(problem .. "<" .. depth, 0) end
end
print(pcall(guarded, 6))

local closed = {}
local function finally(action, cleanup)
  local results = table.pack(pcall(action))
  cleanup()
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end
print(finally(function() return 1, nil, 3 end, function() closed[#closed + 1] = "a" end))
print(pcall(finally, function() error("late", 0) end, function() closed[#closed + 1] = "b" end))
print(table.concat(closed, ","))
print(tostring(select(2, pcall(error, setmetatable({}, { __tostring = function() return "an object" end })))))
goto done
do print("never") end
::done::
