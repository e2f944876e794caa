-- Operators, indexing, inheritance, and objects that are called, measured, compared and printed.
local Vector = {}
Vector.__index = Vector
local function vector(x, y) return setmetatable({ x = x, y = y }, Vector) end
function Vector.__add(a, b) return vector(a.x + b.x, a.y + b.y) end
function Vector.__mul(a, b)
  if type(a) == "number" then return vector(a * b.x, a * b.y) end
  if type(b) == "number" then return b * a end
  return a.x * b.x + a.y * b.y
end
function Vector.__unm(a) return vector(-a.x, -a.y) end
function Vector.__eq(a, b) return a.x == b.x and a.y == b.y end
function Vector.__lt(a, b) return a.x < b.x end
function Vector.__le(a, b) return a.x <= b.x end
function Vector.__len() return 2 end
function Vector.__call(self, scale) return self * scale end
function Vector.__concat(a, b) return tostring(a) .. "&" .. tostring(b) end
function Vector.__tostring(a) return "(" .. a.x .. "," .. a.y .. ")" end
function Vector:norm2() return self * self end
local a, b = vector(1, 2), vector(3, 4)
print(tostring(a + b), a * b, tostring(2 * a), tostring(-a), #a, a == vector(1, 2), a < b, a <= b, a ~= b)
print(tostring(a(10)), a .. b, a .. "s", a:norm2())

local Animal = { sound = "..." }
Animal.__index = Animal
local Dog = setmetatable({ sound = "woof" }, Animal)
Dog.__index = Dog
function Animal:speak(name) return name .. " says " .. self.sound end
print(setmetatable({}, Dog):speak("rex"), setmetatable({}, Animal):speak("it"))

local log = {}
local proxy = setmetatable({}, {
  __index = function(_, key) log[#log + 1] = "get " .. key return key .. "?" end,
  __newindex = function(t, key, value) log[#log + 1] = "set " .. key rawset(t, key, value) end,
})
proxy.one = 1
print(proxy.one, proxy.two, rawget(proxy, "two"), table.concat(log, "; "))

local locked = setmetatable({}, { __metatable = "locked" })
print(getmetatable(locked), pcall(setmetatable, locked, {}))
print(pcall(function() return a + nil end))
for key, value in pairs(setmetatable({}, { __pairs = function() return next, { only = "this" }, nil end })) do
  print(key, value)
end
