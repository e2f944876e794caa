-- Deep calls: Lua frames that go on, tail calls that take nothing, and C levels that end in an error.
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
print(depth(1000))

local function loop(n) if n == 0 then return "tail" end return loop(n - 1) end
print(loop(20000))

local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end
print(ackermann(2, 6))

local function hanoi(n, a, b, c) return n == 0 and 0 or hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a) end
print(hanoi(10, "a", "b", "c"))

local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(5001))

local function overflow() return (string.gsub("a", "a", overflow)) end
local ok, message = pcall(overflow)
print(ok, tostring(message):match("stack overflow"))

local chained = {}
for i = 1, 90 do chained = setmetatable({}, { __index = chained }) end
print(chained.missing)
