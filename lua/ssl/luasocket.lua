-- ssl/luasocket.lua - the LuaSocket objects that connections were made of. An
-- object has a buffer of 8 KiB, empty while TLS is spoken: a connection only
-- remembers what another needs to be the same, and makes it when it is asked for.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local M = {}

-- The objects that the program may still have, by their connections.
local held = setmetatable({}, { __mode = "kv" })

-- What is remembered: family, both timeouts, bytes received, sent, time of birth.
local LAYOUT = "<Bddddd"

-- An address that each family refuses, before anything is sent.
local foreign = { [4] = "::1", [6] = "127.0.0.1" }

-- A connection's object without a descriptor; or nil and LuaSocket's error text.
local function new(family)
  local object, text = require("socket")["tcp" .. family]()
  if not object then
    return nil, text
  end
  object:settimeout(0)
  object:connect(foreign[family], 0)  -- makes it a client, though it fails
  object:close()
  return object
end

-- The metatable of LuaSocket's connections, once it is known that they can be
-- made; false for a LuaSocket where they cannot.
local class

local function find_class()
  local ok, specimen = pcall(new, 4)
  if not ok then
    class = false
  elseif specimen then
    local able = tostring(specimen):find("^tcp{client}") and specimen.gettimeout
      and specimen.getfamily and specimen.setstats and specimen:getfd() < 0
    class = able and getmetatable(specimen) or false
  end
end

local function isclient(object)
  if class == nil and tostring(object):find("^tcp{client}") then
    find_class()
  end
  return class and getmetatable(object) == class
end

-- Returns what to remember of a connection's object; nil if it has to be kept.
function M.forget(conn, object)
  local family = isclient(object) and tonumber(object:getfamily():match("^inet([46])$"))
  if not family then
    return nil
  end
  local block, total = object:gettimeout()
  local received, sent, age = object:getstats()
  held[conn] = object
  return LAYOUT:pack(family, block, total, received, sent, require("socket").gettime() - age)
end

-- The object, or one like it if the program has it no longer.
function M.recall(conn, memory)
  if held[conn] then
    return held[conn]
  end
  local family, block, total, received, sent, birth = LAYOUT:unpack(memory)
  local object, text = new(family)
  if not object then
    local code, message = _ssl._errornumber(text)
    error(code and _ssl.OSError(code, message) or _ssl.OSError(text))
  end
  object:settimeout(block, "b")
  object:settimeout(total, "t")
  object:setstats(received, sent, require("socket").gettime() - birth)
  return object
end

-- What was wrapped, as far as it is there; or nil.
function M.wrapped(conn)
  local object = conn:_wrapped()
  if type(object) == "string" then
    return held[conn]
  end
  return object
end

_ssl._luasocket(M.forget, M.recall)

return M
