local ssl = require "ssl"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local read = require "support.read"
local steps = require "support.steps"

describe("A file that makes the handshake", function()
  -- Connections whose server reads by a file, after some attempts; the client's error.
  local function shake(net, client_ctx, server_ctx)
    local client, server = net:wrapped(client_ctx, server_ctx)
    local file <close> = server:makefile("r")
    for _ = 1, 10 do
      local ok, err = steps.try(client, "do_handshake")
      if not ok then return client, server, err end
      file:read(1)
    end
    return client, server
  end

  it("agrees on a protocol, and on none only where that is allowed", function()
    for _, version in ipairs({ ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3 }) do
      local net <close> = loopback.new()
      local client_ctx, server_ctx = contexts.ticketless(version)
      client_ctx:set_alpn_protocols({ "h2" })
      server_ctx:set_alpn_protocols({ "http/1.1", "h2" })
      server_ctx.strict_alpn = true
      local client, server = shake(net, client_ctx, server_ctx)
      assert.equal("h2", client:selected_alpn_protocol())
      assert.equal("h2", server:selected_alpn_protocol())
      client_ctx:set_alpn_protocols({ "other" })
      local _, _, err = shake(net, client_ctx, server_ctx)
      assert.equal("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", err.reason)
    end
  end)

  it("logs its secrets", function()
    local net <close> = loopback.new()
    local client_ctx, server_ctx = contexts.ticketless()
    local name = os.tmpname()
    server_ctx.keylog_filename = name
    shake(net, client_ctx, server_ctx)
    local log = read(name)
    os.remove(name)
    assert.matches("SERVER_TRAFFIC_SECRET_0 ", log, 1, true)
  end)

  it("fails where a callback would be asked", function()
    local function fail() error("called") end
    for name, install in pairs({
      sni_callback = function(ctx) ctx.sni_callback = fail end,
      ocsp_response = function(ctx) ctx.ocsp_response = fail end,
    }) do
      local net <close> = loopback.new()
      local client_ctx, server_ctx = contexts.ticketless()
      client_ctx.ocsp_stapling = ssl.CERT_OPTIONAL
      install(server_ctx)
      local _, server, err = shake(net, client_ctx, server_ctx)
      assert.is_true(ssl.isinstance(err, ssl.SSLError), name)
      assert.is_nil(server:version())
    end
  end)
end)
