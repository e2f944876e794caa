-- Memory grows in small steps and in large ones, is given back to the heap, and serves again.
local function fill(count, size)
  local held = {}
  for i = 1, count do held[i] = string.rep(string.char(i % 251), size + i) end
  return held
end

local function total(held)
  local bytes = 0
  for _, text in ipairs(held) do bytes = bytes + #text end
  return bytes
end

print(total(fill(300, 2000)))
collectgarbage()
print(total(fill(40, 30000)))
collectgarbage()

local numbers = {}
for i = 1, 40000 do numbers[i] = i end
local sum = 0
for i = 1, #numbers do sum = sum + numbers[i] end
print(#numbers, sum)
numbers = nil
collectgarbage()

local parts = {}
for i = 1, 3000 do parts[i] = "part " .. i end
print(#table.concat(parts, ","))
