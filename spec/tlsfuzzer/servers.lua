-- The servers that tlsfuzzer's scripts are run against: how a context of ours is set
-- up, and how `openssl s_server` is told the same. `keys` names the certificate: that
-- of ssl.testing's authority, or one of tlsfuzzer's own in its folder tests/.

local ssl = require "ssl"

local M = {}

-- What scripts from the years before TLS 1.2 begin with: RSA key transport, SHA-1,
-- TLS 1.0. No program should have that on.
local OLD = "ALL:!PSK:!SRP:!aNULL:@SECLEVEL=0"

local function old(ctx, folder)
  ctx.minimum_version = ssl.TLSVersion.TLSv1
  ctx:set_ciphers(OLD)
  ctx:load_dh_params(folder .. "/tests/ffdhe2048.pem")
end

-- Asks for a certificate, and takes any, as `s_server -verify` does.
local function asking(ctx, folder)
  old(ctx, folder)
  ctx.verify_mode = ssl.CERT_OPTIONAL
  ctx.verify_callback = function() return true end
end

local OLD_FLAGS = ("-min_protocol TLSv1 -cipher '%s' -dhparam {tests}/ffdhe2048.pem"):format(OLD)

local DEFAULT_FLAGS = ("-min_protocol TLSv1.2 -cipher '%s'"):format(ssl._DEFAULT_CIPHERS)

-- A context as create_default_context makes it.
M.default = { prepare = function() end, flags = DEFAULT_FLAGS }

M.old = { prepare = old, flags = OLD_FLAGS }

M.tls12 = {
  prepare = function(ctx, folder)
    old(ctx, folder)
    ctx.maximum_version = ssl.TLSVersion.TLSv1_2
  end,
  flags = OLD_FLAGS .. " -max_protocol TLSv1.2",
}

-- Asks once the request has come.
M.later = {
  prepare = function(ctx)
    ctx.verify_mode = ssl.CERT_OPTIONAL
    ctx.verify_callback = function() return true end
    ctx.post_handshake_auth = true
  end,
  later = true, flags = DEFAULT_FLAGS,
}

M.asking = { prepare = asking, flags = OLD_FLAGS .. " -verify 3" }

for name, files in pairs({
  ecdsa = "serverEC", ed25519 = "serverEd25519", ed448 = "serverEd448", rsapss = "serverRSAPSS",
  dsa = "serverDSA",
}) do
  M[name] = { keys = files, prepare = old, flags = OLD_FLAGS }
end

M.alpn = {
  prepare = function(ctx, folder)
    old(ctx, folder)
    ctx:set_alpn_protocols({ "http/1.1", "h2" })
    ctx.strict_alpn = true  -- as s_server
  end,
  flags = OLD_FLAGS .. " -alpn http/1.1,h2",
}

local function psk(ctx, folder)
  old(ctx, folder)
  ctx:set_psk_server_callback(function() return "\xaa" end)
end

M.psk = { prepare = psk, flags = OLD_FLAGS .. " -psk_identity test -psk aa" }

-- SSL_OP_ALLOW_NO_DHE_KEX
local NO_DHE_KEX = 0x400

M.pskalone = {
  prepare = function(ctx, folder)
    psk(ctx, folder)
    ctx.options = ctx.options | NO_DHE_KEX
  end,
  flags = M.psk.flags .. " -allow_no_dhe_kex",
}

-- Sends back what it gets, which s_server cannot.
M.echo = { prepare = old, echo = true, flags = OLD_FLAGS }

return M
