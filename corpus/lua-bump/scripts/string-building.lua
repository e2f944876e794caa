-- Strings built by concatenation, by table.concat and by string.rep, with every escape on the way.
local parts = {}
for i = 1, 40 do
  parts[#parts + 1] = string.format("%d:%s", i, ("x"):rep(i % 7))
end
local joined = table.concat(parts, ",")
print(#joined, joined:sub(1, 30), joined:sub(-12))

local grown = ""
for i = 1, 120 do
  grown = grown .. string.char(97 + i % 26)
end
print(#grown, grown:upper():sub(1, 26), grown:reverse():sub(1, 10))

print(("%5.2f|%-8s|%08x|%q|%g|%%"):format(3.14159, "left", 48879, 'quo"te\n\0end', 0.5))
print(("%s %s %s"):format(nil, true, 12))
print(#"\z
       folded", "\x41\u{48}\u{20AC}", "tab\tbell\a" == "tab\9bell\7")
print(("a,b,,c"):gsub(",", ";"))
print(table.concat({ 1, 2.5, "three" }, " - ", 2, 3))
