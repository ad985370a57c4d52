-- Whom each side takes, and what it says of the other.
local lab = ...
local say = lab.say

local function try(name, client, server)
  local conn, peer = lab.wrapped(lab.client(client), lab.server(server))
  local ok, text = lab.handshake(conn, peer)
  say(name, ok, text)
  if ok then
    local verified, faults = conn:getpeerverification()
    say(name .. ": verification", verified, type(faults))
    if type(faults) == "table" then
      for depth, texts in pairs(faults) do
        say(name .. ": depth " .. depth, table.concat(texts, "; "))
      end
    elseif faults then
      say(name .. ": reason", faults)
    end
  end
  conn:close()
  peer:close()
end

local trusted = { verify = "peer", cafile = lab.file("ca.pem") }
try("nobody checks", {})
try("checked", trusted)
try("not trusted", { verify = "peer", cafile = lab.file("stranger.pem") })
try("goes on", { verify = "peer", cafile = lab.file("stranger.pem"), verifyext = "lsec_continue" })
try("goes on, nothing wrong", { verify = "peer", cafile = lab.file("ca.pem"),
  verifyext = "lsec_continue" })
try("goes on without a check", { verify = "none", verifyext = "lsec_continue" })
try("server wants one, client has none", {},
  { protocol = "tlsv1_2", verify = { "peer", "fail_if_no_peer_cert" },
    cafile = lab.file("ca.pem") })
try("server wants one, client has it", { certificate = lab.file("other.pem"),
  key = lab.file("otherkey.pem") }, { verify = { "peer", "fail_if_no_peer_cert" },
  cafile = lab.file("ca.pem") })
try("a server's for a client's", { certificate = lab.file("chain.pem"), key = lab.file("key.pem") },
  { verify = { "peer", "fail_if_no_peer_cert" }, cafile = lab.file("ca.pem"),
    verifyext = "lsec_ignore_purpose" })
try("versions that do not meet", { protocol = "tlsv1_2" }, { protocol = "tlsv1_3" })
