-- 100 MB through the heap, a little at a time: strings, tables and closures, most of them dead at once.
-- not on lua-bump: its pool gives nothing back
local megabyte = 1024 * 1024
local churned, rounds, kept = 0, 0, {}
while churned < 100 * megabyte do
  rounds = rounds + 1
  local size = 1 + rounds * 7919 % 40000
  local text = string.rep(string.char(32 + rounds % 90), size)
  local list = { text, rounds, { size }, function() return text end }
  churned = churned + size
  kept[rounds % 16] = list
end
print(rounds, churned >= 100 * megabyte, #kept)
local bytes = 0
for _, list in pairs(kept) do bytes = bytes + #list[4]() end
print(bytes)
