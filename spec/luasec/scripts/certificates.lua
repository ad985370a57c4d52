-- What certificates tell.
local lab = ...
local ssl, say = lab.ssl, lab.say
local x509 = require "ssl.x509"

local function read(name)
  local file <close> = assert(io.open(lab.file(name)))
  return file:read("a")
end

local function tree(name, t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    if type(t[key]) == "table" then
      tree(name .. "." .. key, t[key])
    else
      say(name .. "." .. key, t[key])
    end
  end
end

local cert = ssl.loadcertificate(read("names.pem"))
local ca = x509.load(read("ca.pem"))
say("shown as", cert)
for name in ("serial notbefore notafter getsignaturename digest pubkey"):gmatch("%a+") do
  say(name, cert[name](cert))
end
say("sha256", cert:digest("sha256"))
say("sha512", cert:digest("sha512"))
say("digest nobody knows", cert:digest("md99"))
tree("subject", cert:subject())
tree("issuer", cert:issuer())
tree("extensions", cert:extensions())
say("setencode", cert:setencode("utf8"), cert:setencode("ai5"), cert:setencode("nonsense"))
say("now", cert:validat(os.time()), cert:validat(0), cert:validat(1 << 40))
say("pem", cert:pem() == ssl.loadcertificate(cert:pem()):pem())
say("issued", ca:issued(cert))
say("not issued", cert:issued(ca))
say("nonsense", ssl.loadcertificate("nonsense"))
lab.raises("no string", ssl.loadcertificate)
lab.raises("issued what", ca.issued, ca, 5)

local conn, peer = lab.pair(lab.client({ certificate = lab.file("other.pem"),
  key = lab.file("otherkey.pem") }), lab.server({ verify = "peer", cafile = lab.file("ca.pem") }))
say("server's", conn:getpeercertificate():subject()[1].value)
say("client's", peer:getpeercertificate():subject()[1].value)
say("second", conn:getpeercertificate(2))
say("number nought", conn:getpeercertificate(0))
say("chains", #conn:getpeerchain(), #peer:getpeerchain())
say("verified", conn:getpeerverification())
say("verified by the server", peer:getpeerverification())
if conn.getlocalcertificate then
  say("own", peer:getlocalcertificate():pem() == conn:getpeercertificate():pem())
  say("own of none", lab.pair():getlocalcertificate())
end
