std = "lua54"
max_line_length = 100
self = false

-- luacheck of today knows no newer Lua than 5.4; `warn` is 5.4's.
read_globals = { "warn" }

files["spec"] = { std = "+busted" }
files["examples/testing/**/*_spec.lua"] = { std = "+busted" }
files[".busted"] = { std = "max" }
files["rockspec"] = { std = "+rockspec" }

exclude_files = { "build", "types" }  -- types/ is written by make manual
files["tools/linecount.lua"] = { ignore = { "122" } }  -- it wraps coroutine.create and os.exit
