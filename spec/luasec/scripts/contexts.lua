-- What newcontext and ssl.context say to settings, good and bad.
local lab = ...
local ssl, say = lab.ssl, lab.say
local context = require "ssl.context"

-- Whether there is a context; of the text only what is before a bracket: the reason is
-- OpenSSL's.
local function try(name, params)
  local ctx, text = ssl.newcontext(params)
  say(name, ctx and "context" or ctx, text and text:gsub(" %(.*", ""))
end

try("client", lab.client())
try("server", lab.server())
lab.raises("no mode", ssl.newcontext, { protocol = "any" })
lab.raises("no protocol", ssl.newcontext, { mode = "client" })
lab.raises("no table", ssl.newcontext)
try("unknown protocol", lab.client({ protocol = "tlsv9" }))
try("unknown mode", lab.client({ mode = "weird" }))
for _, protocol in ipairs({ "any", "sslv23", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3" }) do
  try("protocol " .. protocol, lab.client({ protocol = protocol }))
end
try("unknown fields", lab.client({ nonsense = {}, timeout = 5 }))
try("verify as a string", lab.client({ verify = "peer" }))
try("verify as an array", lab.client({ verify = { "peer", "fail_if_no_peer_cert" } }))
try("verify nobody knows", lab.client({ verify = "everybody" }))
try("options as a string", lab.client({ options = "all" }))
try("options as an array", lab.client({ options = { "no_sslv3", "no_ticket" } }))
try("option nobody knows", lab.client({ options = "no_sense" }))
try("verifyext", lab.client({ verifyext = { "lsec_continue", "lsec_ignore_purpose" } }))
try("verifyext nobody knows", lab.client({ verifyext = "lsec_nonsense" }))
try("ciphers", lab.client({ ciphers = "ECDHE+AESGCM:!aNULL" }))
try("ciphers nobody knows", lab.client({ ciphers = "NONSENSE" }))
try("ciphersuites", lab.client({ ciphersuites = "TLS_AES_128_GCM_SHA256" }))
try("ciphersuites nobody knows", lab.client({ ciphersuites = "NONSENSE" }))
try("depth", lab.client({ depth = 2 }))
try("curve", lab.client({ curve = "secp384r1" }))
try("curve nobody knows", lab.client({ curve = "nonsense" }))
try("curves", lab.client({ curveslist = "X25519:P-256" }))
try("curves nobody knows", lab.client({ curveslist = "P-256:nonsense" }))
try("alpn string", lab.client({ alpn = "h2" }))
try("alpn array", lab.client({ alpn = { "h2", "http/1.1" } }))
try("alpn number", lab.client({ alpn = 5 }))
try("alpn empty name", lab.client({ alpn = { "" } }))
try("alpn empty list", lab.client({ alpn = {} }))
try("alpn long name", lab.client({ alpn = { ("x"):rep(256) } }))
try("server alpn string", lab.server({ alpn = "h2" }))
try("server alpn array", lab.server({ alpn = { "h2" } }))
try("server alpn function", lab.server({ alpn = function() end }))
try("dhparam of a wrong type", lab.server({ dhparam = "x" }))
try("missing certificate", lab.server({ certificate = lab.file("nowhere.pem") }))
try("missing key", lab.server({ key = lab.file("nowhere.pem") }))
try("missing authority", lab.client({ cafile = lab.file("nowhere.pem") }))
try("a key in place of a certificate", lab.server({ certificate = lab.file("key.pem") }))
try("a certificate in place of a key", lab.server({ key = lab.file("ca.pem") }))
try("another key", lab.server({ key = lab.file("otherkey.pem") }))
try("encrypted key", lab.server({ key = lab.file("encrypted.pem"), password = "secret" }))
try("encrypted key, by a function",
  lab.server({ key = lab.file("encrypted.pem"), password = function() return "secret" end }))
try("encrypted key, wrong password",
  lab.server({ key = lab.file("encrypted.pem"), password = "wrong" }))
try("encrypted key, no password from a function",
  lab.server({ key = lab.file("encrypted.pem"), password = function() end }))
try("encrypted key, a number from a function",
  lab.server({ key = lab.file("encrypted.pem"), password = function() return 5 end }))
lab.raises("encrypted key, an error of a function", ssl.newcontext,
  lab.server({ key = lab.file("encrypted.pem"), password = function() error("thrown") end }))
try("password of a wrong type", lab.server({ key = lab.file("encrypted.pem"), password = 5 }))
try("several certificates", lab.server({ certificates = {
  { certificate = lab.file("chain.pem"), key = lab.file("key.pem") },
  { certificate = lab.file("other.pem"), key = lab.file("otherkey.pem") } } }))

local ctx = assert(context.create("any"))
say("context: a context is", type(ctx), type(ctx.setverifyext))
say("context: no mode yet", ssl.wrap(lab.sockets(), ctx))
say("context: mode", context.setmode(ctx, "client"))
say("context: key", context.loadkey(ctx, lab.file("key.pem"), nil))
say("context: certificate", context.loadcert(ctx, lab.file("chain.pem")))
say("context: they fit", context.checkkey(ctx))
say("context: locations", context.locations(ctx, lab.file("ca.pem")))
say("context: cipher", context.setcipher(ctx, "ALL"))
say("context: verify", context.setverify(ctx, "peer", "client_once"))
say("context: verify without a word", context.setverify(ctx))
say("context: verify word", context.setverify(ctx, "peer", "nonsense"))
say("context: options", context.setoptions(ctx, "all", "no_tlsv1"))
say("context: option", context.setoptions(ctx, "nonsense"))
say("context: depth", context.setdepth(ctx, 1))
say("context: verifyext", ctx:setverifyext("crl_check"))
say("context: verifyext word", ctx:setverifyext("nonsense"))
say("context: curve", context.setcurve(ctx, "prime256v1"))
say("context: alpn", context.setalpn(ctx, "\2h2"))
lab.raises("wrap without a context", ssl.wrap, lab.sockets(), nil)
