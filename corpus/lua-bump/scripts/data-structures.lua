-- A queue, a heap, a linked list, a set, a matrix and a small parser, in one program of ordinary shape.
local Queue = {}
Queue.__index = Queue
function Queue.new() return setmetatable({ first = 1, last = 0 }, Queue) end
function Queue:push(value) self.last = self.last + 1 self[self.last] = value end
function Queue:pop()
  local value = self[self.first]
  self[self.first], self.first = nil, self.first + 1
  return value
end
local queue = Queue.new()
for i = 1, 10 do queue:push(i * i) end
print(queue:pop(), queue:pop(), queue.last - queue.first + 1)

local heap = {}
local function push(value)
  heap[#heap + 1] = value
  local i = #heap
  while i > 1 and heap[i // 2] > heap[i] do heap[i], heap[i // 2], i = heap[i // 2], heap[i], i // 2 end
end
local function pop()
  local top = heap[1]
  heap[1], heap[#heap] = heap[#heap], nil
  local i = 1
  while true do
    local least = i
    for child = 2 * i, 2 * i + 1 do
      if heap[child] and heap[child] < heap[least] then least = child end
    end
    if least == i then return top end
    heap[i], heap[least], i = heap[least], heap[i], least
  end
end
for _, value in ipairs({ 9, 4, 7, 1, 8, 2, 6, 3, 5 }) do push(value) end
local drained = {}
while #heap > 1 do drained[#drained + 1] = pop() end
print(table.concat(drained, " "))

local list
for i = 1, 5 do list = { value = i, next = list } end
local reversed
while list do list, reversed, list.next = list.next, list, reversed end
local values = {}
while reversed do values[#values + 1], reversed = reversed.value, reversed.next end
print(table.concat(values, " "))

local function multiply(a, b)
  local product = {}
  for i = 1, #a do
    product[i] = {}
    for j = 1, #b[1] do
      local sum = 0
      for k = 1, #b do sum = sum + a[i][k] * b[k][j] end
      product[i][j] = sum
    end
  end
  return product
end
local m = multiply({ { 1, 2 }, { 3, 4 } }, { { 0, 1 }, { 1, 0 } })
print(m[1][1], m[1][2], m[2][1], m[2][2])

local function evaluate(text)
  local position = 1
  local expression
  local function token() local found = text:match("^%s*([%d%.]+)", position) or text:match("^%s*([-+*/()])", position) return found end
  local function take() local found = token() position = select(2, text:find(found, position, true)) + 1 return found end
  local function factor()
    local found = take()
    if found ~= "(" then return tonumber(found) end
    local value = expression()
    take()
    return value
  end
  local function term()
    local value = factor()
    while token() == "*" or token() == "/" do
      if take() == "*" then value = value * factor() else value = value / factor() end
    end
    return value
  end
  function expression()
    local value = term()
    while token() == "+" or token() == "-" do
      if take() == "+" then value = value + term() else value = value - term() end
    end
    return value
  end
  return expression()
end
print(evaluate("2 * (3 + 4) - 10 / 4"), evaluate("((1))"), evaluate("1 + 2 * 3 - 4"))

local primes, sieve = {}, {}
for i = 2, 200 do
  if not sieve[i] then
    primes[#primes + 1] = i
    for j = i * i, 200, i do sieve[j] = true end
  end
end
print(#primes, primes[#primes], table.unpack(primes, 1, 5))
print(table.remove(primes), table.remove(primes, 1), #primes, table.insert(primes, 2, "x"), primes[2])
print(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), " "), #table.pack(nil, nil), table.pack(nil, nil).n)
