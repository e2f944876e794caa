-- A string that does not fit is an error like any other: what was there stays usable, and small requests go on.
-- not on fengari: it takes its memory from JavaScript
local before = { "still", "here" }
local ok, message = pcall(string.rep, "x", 600000)
print(ok, message)
print(before[1], before[2], #string.rep("y", 1000))
local status, grown = pcall(function()
  local t = {}
  for i = 1, 1000000 do t[i] = i end
  return t
end)
print(status, grown)
print(#before, ("z"):rep(3))
