-- This module, through LuaSec's API.

return dofile((arg[0]:match("^(.*/)") or "./") .. "peers/luasec.lua")
