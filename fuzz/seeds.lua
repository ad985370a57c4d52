-- Usage: lua5.4 fuzz/seeds.lua TARGET FOLDER
-- Writes the inputs that fuzzing a target begins with: well-formed ones, made
-- here, so that no binary has to be kept.

local ssl = require "ssl"
local testing = require "ssl.testing"

local target, folder = arg[1], arg[2]
local ca = testing.CA()
local identity = ca:issue("localhost", "127.0.0.1", {
  ocsp = "http://ocsp.test/", ca_issuers = "http://ca.test/", crl = "http://crl.test/",
})

local function pair(version)
  local client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ca:configure_trust(client)
  identity:configure_cert(server)
  client.maximum_version = version
  local joined = testing.pair({ client = client, server = server, server_hostname = "localhost" })
  joined:handshake()
  joined:transfer("hello")
  joined:transfer("hello", "server")
  return joined
end

-- All bytes that one side has sent.
local function sent(version, side)
  local list = {}
  for _, record in ipairs(pair(version).records) do
    if record.from == side then list[#list + 1] = record.bytes end
  end
  return table.concat(list)
end

-- The datagrams that a side of DTLS gets, for targets.datagrams.
local function datagrams(side)
  local client, server = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT),
    ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER)
  ca:configure_trust(client)
  identity:configure_cert(server)
  local joined = testing.pair({ client = client, server = server, server_hostname = "localhost" })
  joined:handshake()
  joined:transfer("hello")
  joined:transfer("hello", "server")
  local list = { side == "server" and "\1" or "\0" }
  for _, record in ipairs(joined.records) do
    if record.from ~= side then list[#list + 1] = (">s2"):pack(record.bytes) end
  end
  return table.concat(list)
end

local versions = { ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3 }

local seeds = {
  certificate = function() return identity.cert.der, identity.cert.pem, ca.cert.der end,
  rules = function()
    return identity.cert.der, "\3\1\x30\x0C\xA1\x0A\x30\8\x82\6a.test", "\1\0\x30\3\x82\1a",
      "\6\0\x30\6\6\4\x55\x1D\x25\0"
  end,
  load = function()
    return identity.chain.pem .. identity.key.pem, identity.cert.der, identity.key.der,
      identity.key:encrypted("x"), ca:crl().pem
  end,
  client = function() return sent(versions[1], "server"), sent(versions[2], "server") end,
  server = function() return sent(versions[1], "client"), sent(versions[2], "client") end,
  datagrams = function() return datagrams("client"), datagrams("server") end,
  session = function()
    return pair(versions[1]).client.session:to_bytes(), pair(versions[2]).client.session:to_bytes()
  end,
  options = function() return "\6cafile\3\6cadata\1", "\8incoming\6\15server_hostname\5" end,
  calls = function()
    local list = {}
    for i = 1, 8 do
      local text = {}
      for j = 1, 200 do text[j] = string.char((i * 37 + j * j * 11 + j * i) % 256) end
      list[i] = table.concat(text)
    end
    return table.unpack(list)
  end,
}

for i, bytes in ipairs({ seeds[target]() }) do
  local file = assert(io.open(("%s/seed%d"):format(folder, i), "wb"))
  file:write(bytes)
  file:close()
end
