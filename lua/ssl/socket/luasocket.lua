-- ssl/socket/luasocket.lua - the LuaSocket objects that connections were made of. An
-- object has a buffer of 8 KiB, empty while TLS is spoken: a connection only
-- remembers what another needs to be the same, and makes it when it is asked for.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local methods = _ssl._methods("SSLSocket")

local M = {}

-- The objects that the program may still have, by their connections.
local held = setmetatable({}, { __mode = "kv" })

-- What is remembered: family, both timeouts, bytes received, sent, time of birth. C writes
-- the same, once it knows the class.
local LAYOUT = "=Bddddd"
local FAMILIES = { inet4 = 4, inet6 = 6 }

-- The metatable of LuaSocket's connections, once it is known that they can be
-- made; false for a LuaSocket where they cannot.
local class

-- LuaSocket's connect makes a connection of an object by giving it another
-- metatable. That is possible where one finalizer serves objects of both kinds.
local function find_class(meta)
  local ok, specimen = pcall(function()
    local socket = require "socket"
    assert(socket.tcp4 and socket.tcp6)
    return assert(socket.tcp())
  end)
  if not ok then
    return  -- perhaps for want of memory or descriptors: asked again next time
  end
  local able = debug and tostring(specimen):find("^tcp{master}") and meta.__gc
    and meta.__gc == getmetatable(specimen).__gc
    and type(meta.__index) == "table"
    and meta.__index.gettimeout and meta.__index.getfamily and meta.__index.setstats
  class = able and meta or false
  specimen:close()
end

local function isclient(object)
  if class == nil and tostring(object):find("^tcp{client}") then
    find_class(getmetatable(object))
  end
  return class and getmetatable(object) == class
end

-- A connection's object without a descriptor; or nil and LuaSocket's error text.
local function new(family)
  local object, text = require("socket")["tcp" .. family]()
  if not object then
    return nil, text
  end
  object:close()
  return debug.setmetatable(object, class)
end

-- Returns what to remember of a connection's object; nil if it has to be kept.
function M.forget(conn, object)
  local family = isclient(object) and FAMILIES[object:getfamily()]
  if not family then
    return nil
  end
  _ssl._luasocketclass(class, held)  -- C forgets the next one by itself
  local block, total = object:gettimeout()
  local received, sent, age = object:getstats()
  held[conn] = object
  return LAYOUT:pack(family, block, total, received, sent, _ssl._seconds() - age)
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
  object:setstats(received, sent, _ssl._seconds() - birth)
  return object
end

-- What to remember of a connection from `host` that a listening socket has accepted,
-- as if it were LuaSocket's, where the listening one's is; or nil.
function M.adopt(listener, host)
  local client = debug and debug.getregistry()["tcp{client}"]
  if not client or not tostring(methods._wrapped(listener)):find("^tcp{") then
    return nil
  elseif class == nil then
    find_class(client)
  end
  local family = host:find(":", 1, true) and 6 or 4
  return class and LAYOUT:pack(family, -1, -1, 0, 0, _ssl._seconds()) or nil
end

-- Can an object be lent the descriptor? One without setfd cannot: its connection
-- is as one of a bare descriptor.
local function borrows(object)
  local ok, setfd = pcall(function() return object.setfd end)
  return ok and setfd ~= nil
end

-- What was wrapped, as far as it is there and can be lent the descriptor; or nil.
function M.wrapped(conn)
  local object = methods._wrapped(conn)
  if type(object) == "string" then
    return held[conn]
  end
  return borrows(object) and object or nil
end

-- LuaSocket's streams of the Unix domain have no `gettimeout`. Their two timeouts are
-- numbers in their memory; where, a specimen shows whose timeouts are known. False
-- for a LuaSocket where that cannot be told.
local places
local KNOWN_BLOCK, KNOWN_TOTAL = 12345.678, 98765.4321

-- Where the number is in `bytes`, if it is there once.
local function place(bytes, number)
  local pattern = ("d"):pack(number)
  local at = bytes:find(pattern, 1, true)
  return at and not bytes:find(pattern, at + 1, true) and at or nil
end

local function find_places()
  local ok, specimen = pcall(function()
    local unix = require "socket.unix"
    return assert((type(unix) == "table" and unix.stream or unix)())
  end)
  if not ok then
    return  -- for want of memory or descriptors: asked again next time
  end
  specimen:settimeout(KNOWN_BLOCK, "b")
  specimen:settimeout(KNOWN_TOTAL, "t")
  local bytes = _ssl._unixbytes(specimen)
  specimen:close()
  local block, total = place(bytes, KNOWN_BLOCK), place(bytes, KNOWN_TOTAL)
  places = block and total and { block, total } or false
end

-- The two timeouts of a stream of the Unix domain, as `gettimeout` of others tells
-- them; nothing if they cannot be told.
function M.timeouts(stream)
  if places == nil then
    find_places()
  end
  if places then
    local bytes = _ssl._unixbytes(stream)
    return ("d"):unpack(bytes, places[1]), (("d"):unpack(bytes, places[2]))
  end
end

_ssl._luasocket(M.forget, M.recall, M.timeouts)

return M
