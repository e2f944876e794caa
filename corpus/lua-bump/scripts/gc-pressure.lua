-- Garbage of every kind, collections asked for, finalizers and weak tables.
-- not on fengari: it leaves collection, __gc and __mode to JavaScript
local finalized = 0
for i = 1, 50 do
  setmetatable({ i }, { __gc = function() finalized = finalized + 1 end })
end
collectgarbage()
collectgarbage()
print(finalized)

local weak = setmetatable({}, { __mode = "v" })
local kept = { "kept" }
weak[1], weak[2] = kept, { "lost" }
collectgarbage()
print(weak[1] == kept, weak[2])

local ephemerons = setmetatable({}, { __mode = "k" })
do
  local key = {}
  ephemerons[key] = { key }
end
ephemerons[kept] = "still"
collectgarbage()
local count = 0
for _ in pairs(ephemerons) do count = count + 1 end
print(count, ephemerons[kept])

local before = collectgarbage("count")
for i = 1, 300 do
  local garbage = { i, tostring(i), function() return i end }
end
collectgarbage()
print(collectgarbage("count") - before < 2)

local revived
do
  local object = setmetatable({ name = "phoenix" }, { __gc = function(self) revived = self end })
  object = nil
end
collectgarbage()
print(revived and revived.name)
print(collectgarbage("isrunning"), collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"))
print(collectgarbage("setpause", 150), collectgarbage("setstepmul", 300), collectgarbage("step", 100))
