-- Usage: lua5.4 tools/busted.lua [busted's arguments]
-- Busted's runner under the interpreter that runs this file: the installed
-- command may be a shell script, or be bound to another version of Lua.

-- A sanitizer that ends the process flushes nothing.
io.stdout:setvbuf("line")

require "busted.runner"({ standalone = false })
