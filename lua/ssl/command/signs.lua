-- ssl/command/signs.lua - marks and branches, in characters that the terminal's language has.
-- SPDX-License-Identifier: MIT

local PLAIN = { branch = "`- ", good = "ok", weak = " ?", bad = "!!" }
local DRAWN = { branch = "└─ ", good = "✓", weak = "!", bad = "✗" }

--- The signs, by name: `branch`, `good`, `weak` and `bad`.
return function()
  local language = os.getenv("LC_ALL") or os.getenv("LC_CTYPE") or os.getenv("LANG") or ""
  return language:lower():find("utf%-?8") and DRAWN or PLAIN
end
