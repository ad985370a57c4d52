-- Random sequences of calls, chosen by the bytes given: any method of any object
-- with any of the others, or an odd value, as arguments. Reads and writes have to
-- agree: what comes out of a connection is what went into the other one.

local _ssl = require "_ssl"
local ssl = require "ssl"
local testing = require "ssl.testing"

local ca = testing.CA()
local identity = ca:issue("localhost")

-- What leaves the process or waits for the network, or would slow all down.
local skipped = { load_key_uri = true, wrap_socket = true, load_dh_params = true,
  keylog_filename = true, set_default_verify_paths = true, load_default_certs = true }

local names = {}

local function members(object)
  local meta = debug.getmetatable(object)
  if not meta then return { "read" } end
  local list = names[meta]
  if not list then
    list = {}
    for _, part in ipairs({ "methods", "getters", "setters" }) do
      for name in pairs(meta[part]) do
        if not skipped[name] and not name:find("^_") then list[#list + 1] = part .. " " .. name end
      end
    end
    table.sort(list)
    names[meta] = list
  end
  return list
end

local function isfair(err)
  return ssl.isinstance(err, ssl.Error)
    or type(err) == "string" and (not err:find("attempt to", 1, true) or err:find("yield"))
end

local function setting(object, name, value) object[name] = value end

local function getting(object, name) return object[name] end

local function call(object, member, ...)
  local part, name = member:match("^(%a+) (.*)$")
  local ok, result
  if part == "methods" then
    ok, result = pcall(object[name], object, ...)
  elseif part == "getters" then
    ok, result = pcall(getting, object, name)
  else
    ok, result = pcall(setting, object, name, (...))
  end
  if not ok and not isfair(result) then error(member .. ": " .. tostring(result), 0) end
  return ok and result or nil
end

local function beginning()
  local client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ca:configure_trust(client)
  identity:configure_cert(server)
  local a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
  return {
    client, server, a, b, client:wrap_bio(a, b, false, "localhost"), server:wrap_bio(b, a, true),
    ssl.bytearray(20),
  }
end

return function(bytes)
  local alive = _ssl._alive()
  local objects, at = beginning(), 0
  local values = { -1, 0, 1, 100, 1.5, "", "x", "x\0y", "localhost", true, {}, ssl.CERT_NONE }
  local function byte()
    at = at + 1
    return bytes:byte(at) or 0
  end
  local depth = 0
  -- A callback that makes calls itself.
  local function inside()
    if depth > 2 or at >= #bytes then return end
    depth = depth + 1
    local object = objects[byte() % #objects + 1]
    local list = members(object)
    pcall(call, object, list[byte() % #list + 1])
    depth = depth - 1
  end
  local function value()
    local b = byte()
    if b < 100 then return objects[b % #objects + 1] end
    if b < 120 then return inside end
    return values[b % #values + 1]
  end
  for _ = 1, 60 do
    if at >= #bytes then break end
    if byte() % 4 == 0 then
      for i = 5, 6 do call(objects[i], "methods do_handshake") end
    end
    local object = objects[byte() % #objects + 1]
    local list = members(object)
    local result = call(object, list[byte() % #list + 1], value(), value(), value())
    if type(result) == "userdata" and debug.getmetatable(result).methods and #objects < 20 then
      objects[#objects + 1] = result
    end
  end
  if _ssl._counterrors() > 0 then error("entries left in OpenSSL's queue", 0) end
  objects, values = nil, nil  -- luacheck: ignore
  if byte() % 8 == 0 then
    collectgarbage()
    collectgarbage()
    if _ssl._alive() > alive + 40 then error("objects left over", 0) end
  end
end
