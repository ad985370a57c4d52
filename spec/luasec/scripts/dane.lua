-- TLSA records in place of authorities.
local lab = ...
local ssl = lab.ssl

local function hash(pem, name)
  local text = ssl.loadcertificate(pem):digest(name)
  return (text:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

local file <close> = assert(io.open(lab.file("chain.pem")))
local record = hash(file:read("a"), "sha256")

local function try(name, host, usage, data, settings)
  local params = { verify = "peer", dane = true }
  for key, value in pairs(settings or {}) do params[key] = value end
  local conn, peer = lab.wrapped(lab.client(params))
  lab.say(name .. ": host", conn:setdane(host))
  lab.say(name .. ": record", conn:settlsa(usage, 0, 1, data))
  local ok, text = lab.handshake(conn, peer)
  lab.say(name, ok, text)
  if ok then lab.say(name .. ": verification", conn:getpeerverification()) end
  conn:close()
  peer:close()
end

try("the certificate itself", "localhost", 3, record)
try("another certificate", "localhost", 3, ("x"):rep(32))
try("another name", "elsewhere.test", 3, record)
try("another name, not asked for", "elsewhere.test", 3, record, { dane = { "no_ee_namechecks" } })
try("a record that is none", "localhost", 9, record)
try("a context without", "localhost", 3, record, { dane = false })
