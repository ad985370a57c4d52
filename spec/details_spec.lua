local ssl = require "_ssl"
local testing = require "ssl.testing"
local contexts = require "support.contexts"
local joined = require "support.joined"

local ca = testing.CA()
local identities = {
  ["P-256"] = ca:issue("localhost"),
  ["P-384"] = ca:issue("localhost", { key_type = "P-384" }),
  RSA = ca:issue("localhost", { key_type = "RSA" }),
  Ed25519 = ca:issue("localhost", { key_type = "Ed25519" }),
}

local function connect(kind, version, mutual)
  local client_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local server_ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  contexts.only(version, client_ctx, server_ctx)
  ca:configure_trust(client_ctx)
  ca:configure_trust(server_ctx)
  identities[kind]:configure_cert(server_ctx)
  if mutual then
    identities[mutual]:configure_cert(client_ctx)
    server_ctx.verify_mode = ssl.CERT_REQUIRED
  end
  return joined.connect(client_ctx, server_ctx)
end

describe("server_sigalg and client_sigalg", function()
  it("name the schemes as RFC 8446 does, on both sides", function()
    for kind, names in pairs {
      ["P-256"] = { "ecdsa_secp256r1_sha256" }, ["P-384"] = { "ecdsa_secp384r1_sha384" },
      RSA = { "rsa_pss_rsae_sha256" }, Ed25519 = { "ed25519" },
    } do
      for _, version in ipairs { 0x303, 0x304 } do
        local client, server = connect(kind, version)
        if version == 0x304 or kind ~= "P-384" then
          assert.equal(names[1], client:server_sigalg())
        end
        assert.equal(client:server_sigalg(), server:server_sigalg())
        assert.is_nil(client:client_sigalg())
        assert.is_nil(server:client_sigalg())
      end
    end
  end)

  it("name the client's where it showed a certificate", function()
    for _, version in ipairs { 0x303, 0x304 } do
      local client, server = connect("P-256", version, "Ed25519")
      assert.equal("ed25519", client:client_sigalg())
      assert.equal("ed25519", server:client_sigalg())
      assert.equal("ecdsa_secp256r1_sha256", client:server_sigalg())
      assert.equal("ecdsa_secp256r1_sha256", server:server_sigalg())
    end
  end)

  it("are nil before the handshake", function()
    local client, server = joined.objects(contexts.new())
    assert.is_nil(client:server_sigalg())
    assert.is_nil(server:client_sigalg())
  end)
end)
