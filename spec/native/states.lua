-- What each state of states.c runs: a handshake in memory, a few bytes, and no tidying up.
-- Arguments: files of an identity (certificates and key) and of the authority.

local identity, authority = ...
local ssl = require "ssl"

local function read(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

local pem = read(identity)
local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server:load_cert_chain({ certdata = pem, keydata = pem })
local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client:load_verify_locations({ cadata = read(authority) })

local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
local near = client:wrap_bio(down, up, false, "localhost")
local far = server:wrap_bio(up, down, true)

local function shake(conn)
  local ok, err = pcall(conn.do_handshake, conn)
  if not ok and not ssl.isinstance(err, ssl.SSLWantReadError) then error(err) end
  return ok
end

local done
repeat
  done = shake(near)
  done = shake(far) and done
until done
near:write("hello")
assert(far:read(10) == "hello")
assert(ssl.counters().memory > 0)
