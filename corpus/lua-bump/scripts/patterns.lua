-- string patterns: classes, sets, captures, anchors, frontiers, balance, and substitutions of every kind.
print(("hello world from Lua"):find("(o%s)(%w+)"))
print(("key = value # note"):match("^(%w+)%s*=%s*(%w+)"))
print(("2024-02-29"):match("(%d+)-(%d+)-(%d+)"))
print(("THE (quick) fox"):find("%((%a+)%)"))
print(("f(a(b)c)d)"):match("%b()"))
print(("THE (quick) fox"):gsub("%f[%a]%a+", string.lower))
print(("$name is $age"):gsub("%$(%w+)", { name = "Ann", age = 30 }))
print(("abc"):gsub("%w", "%0%0-"))
print(("abc"):gsub("", "."))
print(("one two  three"):gsub("(%w+) (%w+)", "%2 %1", 1))
print(("  trim me  "):match("^%s*(.-)%s*$") .. "|")
local words = {}
for word in ("the cat, the hat; THE END"):gmatch("%a+") do words[#words + 1] = word end
print(#words, table.concat(words, "/"))
for key, value in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do io.write(key, "->", value, " ") end
print()
print(("x"):rep(3, ","), ("aXbXc"):find("X", 3, true), ("a.b"):find(".", 1, true), ("äöü"):len(), utf8.len("äöü"))
print(("[]"):find("[]]"), ("a-z"):match("[a%-z]+"), ("^x"):match("[%^x]+"), ("\0a\0"):find("%z") ~= nil)
print(pcall(string.find, "a", "[a"))
print(pcall(string.find, "a", "%"))
print(pcall(string.gsub, "a", "(a", "x"))
print(pcall(string.gsub, "a", "a", "%2"))
print(pcall(string.rep))
for position, code in utf8.codes("aé€") do io.write(position, ":", code, " ") end
print(utf8.char(72, 228, 8364), utf8.codepoint("€", 1), utf8.offset("aé€", 3))
