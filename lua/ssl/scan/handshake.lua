-- Whole handshakes, by OpenSSL, for what a server tells only after its ServerHello.

local _ssl = require "_ssl"

local handshake = {}

local VERSIONS = {
  ["TLSv1.2"] = _ssl.PROTO_TLSv1_2, ["TLSv1.3"] = _ssl.PROTO_TLSv1_3,
}

--- A client's context that takes any server: it checks nothing, and offers all that
-- OpenSSL has, the weakest too. Only for looking. `version` ("TLSv1.2" or "TLSv1.3")
-- is the only one on offer; nil for all.
function handshake.context(version)
  local ctx = _ssl.SSLContext(_ssl.PROTOCOL_TLS_CLIENT)
  ctx.check_hostname = false
  ctx.verify_mode = _ssl.CERT_NONE
  ctx:set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
  ctx.options = ctx.options | _ssl.OP_LEGACY_SERVER_CONNECT
  ctx.minimum_version = version and VERSIONS[version] or -2
  ctx.maximum_version = version and VERSIONS[version] or -1
  return ctx
end

local function flush(self)
  local bytes = self.outgoing:read()
  if bytes ~= "" then
    self.stream:write(bytes)
  end
end

-- Makes a call of the connection until it is done. Returns true and its result; nil
-- and why not: what it raised, or a word of the stream.
local function finish(self, method, ...)
  while true do
    local ok, result = pcall(self.object[method], self.object, ...)
    flush(self)
    if ok then
      return true, result
    elseif not _ssl.isinstance(result, _ssl.SSLWantReadError) then
      return nil, result
    end
    local bytes, why = self.stream:read()
    if not bytes then
      return nil, why
    end
    self.incoming:write(bytes)
  end
end

local Connection = {}
Connection.__index = Connection

--- Reads what comes, for `seconds`: data, or tickets.
function Connection:read(seconds)
  self.stream:patience(seconds)
  return finish(self, "read", 16384)
end

function Connection:write(data)
  return finish(self, "write", data)
end

--- Asks for another handshake on the same connection, as a client could before TLS
-- 1.3. Returns whether the server made one.
function Connection:renegotiate()
  return _ssl._renegotiate(self.object) and finish(self, "do_handshake") or false
end

--- Says goodbye, so that the server keeps the session.
function Connection:close()
  pcall(self.object.unwrap, self.object)
  flush(self)
  self.stream:close()
end

Connection.__close = Connection.close

--- Connects and makes a handshake. `host` is the name to ask for, `session` one to
-- resume. Returns a connection, with the `SSLObject` as `object`; or nil and why it
-- failed (an error of `ssl`, or "closed", "reset", "silent").
function handshake.connect(probe, ctx, session)
  local self = setmetatable({
    stream = probe:connect(), incoming = _ssl.MemoryBIO(), outgoing = _ssl.MemoryBIO(),
  }, Connection)
  self.object = ctx:wrap_bio(self.incoming, self.outgoing, {
    server_hostname = probe.host, session = session,
  })
  local ok, err = finish(self, "do_handshake")
  if not ok then
    self.stream:close()
    return nil, err
  end
  return self
end

--- What went wrong, in a few words.
function handshake.describe(err)
  return type(err) == "table" and err.message or tostring(err)
end

return handshake
