-- Sorting with the library and by hand; the order is checked, not only printed.
local state = 12345
local function random(limit)
  state = (state * 75 + 74) % 65537
  return state % limit
end

local function isSorted(list, before)
  for i = 2, #list do
    if before(list[i], list[i - 1]) then return false end
  end
  return true
end

local function quicksort(list, low, high)
  if low >= high then return end
  local pivot, border = list[high], low
  for i = low, high - 1 do
    if list[i] < pivot then
      list[i], list[border] = list[border], list[i]
      border = border + 1
    end
  end
  list[high], list[border] = list[border], list[high]
  quicksort(list, low, border - 1)
  quicksort(list, border + 1, high)
end

local numbers, copy = {}, {}
for i = 1, 600 do
  numbers[i] = random(10000)
  copy[i] = numbers[i]
end
table.sort(numbers)
quicksort(copy, 1, #copy)
local same = true
for i = 1, #numbers do same = same and numbers[i] == copy[i] end
print(isSorted(numbers, function(a, b) return a < b end), same, numbers[1], numbers[300], numbers[600])

table.sort(numbers, function(a, b) return a > b end)
print(isSorted(numbers, function(a, b) return a > b end), numbers[1])

local words = { "pear", "Apple", "fig", "apple", "Pear", "banana" }
table.sort(words)
print(table.concat(words, " "))
table.sort(words, function(a, b) return a:lower() .. a < b:lower() .. b end)
print(table.concat(words, " "))
print(pcall(table.sort, { 3, 1, "two" }))
