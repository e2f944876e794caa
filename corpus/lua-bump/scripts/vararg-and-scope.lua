-- Varargs, multiple assignment, goto, integer and float loops, integer keys, _ENV.
local function count(...) return select("#", ...), ... end
print(count(), count(nil), (count(1, 2, 3)))
print((function(...) local a, b = ... return b, a end)(1, 2, 3))
local t = { count(1, 2), count(3) }
print(#t, t[1], t[2], t[3])

local a, b, c = 1, 2
a, b = b, a
print(a, b, c)

for i = 10, 1, -4 do io.write(i, " ") end
for x = 0, 1, 0.25 do io.write(tostring(x), " ") end
for i = 3, 1 do io.write("never") end
print(pcall(function() for i = 1, 10, 0 do end end))

for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    io.write(i, ",", j, " ")
    ::continue::
  end
end
print()

local keyed = { [1] = "a", [2.0] = "b", [3] = "c", n = "d" }
print(#keyed, keyed[2], keyed[1.0], keyed["1"])

local sandbox = { print = print }
load("x = 5 print(x)", "sandbox", "t", sandbox)()
print(x, sandbox.x)
do
  local _ENV = { y = 3 }
  z = y * 2
  sandbox = z
end
print(sandbox)
local i = 1
repeat local done = i >= 3 i = i + 1 until done
print(i, 7 and nil or "or", false == nil, not not 0)
while true do i = i + 1 if i > 9 then break end end
print(i)
