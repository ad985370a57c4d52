-- What the messages of a handshake say, as `_msg_callback` shows them: their order, and the
-- extensions of both hellos.

local ssl = require "ssl"

local M = {}

local content = ssl._TLSContentType
local CLIENT_HELLO, SERVER_HELLO, CERTIFICATE_REQUEST = 1, 2, 13
local SSL2 = 0x0002

-- A table from the number of an extension to its bytes.
local function extensions(bytes, i)
  local found = {}
  if i > #bytes then return found end
  local all = (">s2"):unpack(bytes, i)
  local j = 1
  while j <= #all do
    local number, data, after = (">I2s2"):unpack(all, j)
    found[number], j = data, after
  end
  return found
end

-- Both begin with 4 bytes of type and size, 2 of version, 32 of randomness and the session.
local function clienthello(bytes)
  local _, after = ("s1"):unpack(bytes, 39)
  _, after = (">s2"):unpack(bytes, after)
  _, after = ("s1"):unpack(bytes, after)
  return extensions(bytes, after)
end

local function serverhello(bytes)
  local _, after = ("s1"):unpack(bytes, 39)
  return extensions(bytes, after + 3)
end

-- A hello of SSL 2.0's form has the content type 0. Of a change_cipher_spec that comes in,
-- OpenSSL shows nothing but the header of its record.
local function note(seen, direction, version, kind, message, bytes)
  local text
  if kind == 0 and version == SSL2 then
    text = "v2clienthello"
  elseif kind == content.HANDSHAKE then
    text = ("hs %d"):format(message)
    if message == CLIENT_HELLO then
      seen.hellos = seen.hellos + 1
      seen.clienthello = clienthello(bytes)
    elseif message == SERVER_HELLO then
      seen.serverhello = serverhello(bytes)
    elseif message == CERTIFICATE_REQUEST then
      seen.request = bytes
    end
  elseif kind == content.CHANGE_CIPHER_SPEC or
         kind == content.HEADER and message == content.CHANGE_CIPHER_SPEC and
         direction == "read" then
    text = "ccs"
  elseif kind == content.ALERT then
    text = ("alert %d %d"):format(bytes:byte(1, 2))
  else
    return
  end
  seen.text = ("%s%s %s\n"):format(seen.text, direction, text)
end

--- Lets the connections of `ctx` write what they say to `state.messages`.
function M.watch(ctx, state)
  ctx._msg_callback = function(_, direction, version, kind, message, bytes)
    note(state.messages, direction, version, kind, message, bytes)
  end
end

--- What nothing was seen of yet.
function M.new()
  return { text = "", hellos = 0, clienthello = {}, serverhello = {} }
end

return M
