-- Hides from the network which name a client asks for: Encrypted ClientHello (RFC 9849; OpenSSL
-- 4.0). A client and a server talk in this process. Then the server changes its key: the client's
-- configuration is out of date, and the client learns the new one from the error. Usage:
--   lua5.4 examples/encrypted_hello.lua

local ssl = require "ssl"
local testing = require "ssl.testing"

if not ssl.HAS_ECH then
  io.stderr:write("Encrypted ClientHello needs OpenSSL 4.0; this is ", ssl.OPENSSL_VERSION, "\n")
  os.exit(1, true)
end

-- The server. Its certificate is for both names: the secret one, and the one that all may see.
local ca = testing.CA()
local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ca:issue("secret.example", "public.example"):configure_cert(server_ctx)
server_ctx.sni_callback = function(_, name) print("the server sees: " .. name) end

local key, config = ssl.generate_ech_key("public.example")
server_ctx:set_ech_keys{ key }
print("for the HTTPS record of secret.example: ech=" .. config)

-- Connects to the secret name. `again` is true for the second attempt.
local function connect(configuration, again)
  local client_ctx = ssl.create_default_context()
  ca:configure_trust(client_ctx)
  client_ctx:set_ech_config(configuration)
  local pair = testing.pair{ client = client_ctx, server = server_ctx,
    server_hostname = "secret.example" }
  local err = pair:handshake().client.error
  if err and err.ech_retry and not again then
    print("the configuration is out of date; once more with the one that the server sent")
    return connect(err.ech_retry, true)
  elseif err then
    error(err)
  end
  return pair.client.ech_status
end

print("encrypted: " .. connect(config))

-- A new key. The old one would stay in the list for as long as clients may have its configuration.
server_ctx:set_ech_keys{ (ssl.generate_ech_key("public.example")) }
print("encrypted: " .. connect(config))
