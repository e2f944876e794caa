-- Upvalues shared, separate and outliving their function.
local function counter(start, step)
  local value = start
  return function() value = value + step return value end, function() return value end
end
local up, read = counter(10, 5)
print(up(), up(), read())
local other = counter(0, 1)
print(other(), read())

local list = {}
for i = 1, 5 do
  list[i] = function(add) i = i + (add or 0) return i end
end
list[2](100)
local out = {}
for i = 1, 5 do out[i] = list[i]() end
print(table.concat(out, " "))

local function compose(...)
  local chain = { ... }
  return function(x)
    for i = #chain, 1, -1 do x = chain[i](x) end
    return x
  end
end
print(compose(function(x) return x + 1 end, function(x) return x * 2 end, tostring and tonumber)("20"))

local function memoize(f)
  local seen = {}
  return function(n)
    if not seen[n] then seen[n] = f(n) end
    return seen[n]
  end
end
local fib
fib = memoize(function(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end)
print(fib(40))
print(select("#", compose()), select(-2, "a", "b", "c"))
