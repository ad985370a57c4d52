-- DTLS between this module on one side, and OpenSSL's commands or GnuTLS' on the other.

local files = require "ssl.testing.files"
local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local process = require "support.process"

local identity = contexts.identity()
local paths = identity:files()

local function has(command)
  return (os.execute("command -v " .. command .. " >/dev/null 2>&1"))
end

-- Contexts for peers, which may take longer than the specs' own.
local function new_contexts()
  local client, server = contexts.dtls()
  for _, ctx in ipairs({ client, server }) do ctx.max_retransmission_timeout = 1 end
  return client, server
end

local key_contexts = {}

-- Contexts that share a key with the commands.
function key_contexts.client()
  local ctx = ssl.SSLContext(ssl.PROTOCOL_DTLS_CLIENT)
  ctx.check_hostname = false
  ctx.verify_mode = ssl.CERT_NONE
  ctx:set_ciphers("PSK")
  ctx:set_psk_client_callback(function() return "client-1", "\xde\xad\xbe\xef" end)
  return ctx
end

function key_contexts.server()
  local ctx = ssl.SSLContext(ssl.PROTOCOL_DTLS_SERVER)
  ctx:set_ciphers("PSK")
  ctx:set_psk_server_callback(function(name)
    return name == "client-1" and "\xde\xad\xbe\xef" or ""
  end)
  return ctx
end

-- Serves one client, which a line of the shell is: what it says first, what it prints after
-- the answer, and our connection's cipher and profile of SRTP.
local function serve(context, command)
  local net <close> = loopback.new()
  local udp, port = net:udp()
  local listener = net:add(context:wrap_datagram(udp, { server_side = true, timeout = 20 }))
  local pipe <close> = assert(io.popen((command:gsub("PORT", port))))
  local conn = net:add(listener:accept())
  conn:settimeout(20)
  local first = conn:recv()
  conn:send("answer\n")
  local told = { first = first, cipher = conn:cipher(), srtp = conn:selected_srtp_profile() }
  net:adopt(conn:unwrap())
  told.output = pipe:read("a")
  return told
end

-- What a server answers to a word.
local function ask(context, port, word)
  local udp = assert(socket.udp4())
  assert(udp:setpeername("127.0.0.1", port))
  local conn <close> = context:wrap_datagram(udp, { server_hostname = "localhost", timeout = 20 })
  conn:send(word)
  return conn:recv(), conn
end

describe("OpenSSL's s_client, speaking DTLS,", function()
  local s_client = "echo hello | timeout 20 openssl s_client -dtls -connect 127.0.0.1:PORT "
    .. "-ign_eof "

  it("is served by a listening socket", function()
    local told = serve(select(2, new_contexts()), s_client .. "-CAfile " .. paths.ca
      .. " -servername localhost -verify_return_error 2>&1")
    assert.equal("hello\n", told.first)
    assert.matches("Verify return code: 0 (ok)", told.output, 1, true)
    assert.matches("DTLSv1.2", told.output, 1, true)
    assert.matches("\nanswer\n", told.output, 1, true)
  end)

  it("shares a key with us", function()
    if not ssl.HAS_PSK then return pending("this OpenSSL has no PSK") end
    local told = serve(key_contexts.server(), s_client
      .. "-psk deadbeef -psk_identity client-1 -cipher PSK 2>&1")
    assert.equal("hello\n", told.first)
    assert.matches("PSK", told.cipher)
  end)

  it("agrees with us on a profile of SRTP", function()
    local _, server = new_contexts()
    server:set_srtp_profiles({ "SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80" })
    local told = serve(server, s_client .. "-use_srtp SRTP_AES128_CM_SHA1_80 -CAfile " .. paths.ca
      .. " 2>&1")
    assert.equal("SRTP_AES128_CM_SHA1_80", told.srtp)
    assert.matches("SRTP_AES128_CM_SHA1_80", told.output, 1, true)
  end)

  it("has its messages cut to the size that it asks for", function()
    local _, server = new_contexts()
    local told = serve(server, s_client .. "-mtu 400 -CAfile " .. paths.ca .. " 2>&1")
    assert.equal("hello\n", told.first)
  end)
end)

describe("OpenSSL's s_server, speaking DTLS,", function()
  -- Talks with a server of these arguments: what it has read of us, and what it answers. What
  -- it says comes by a pipe with a name.
  local function talk(context, arguments)
    local folder <close> = files.folder()
    local path = folder:write({ words = "" }).words .. ".pipe"
    assert(os.execute("mkfifo " .. path))
    local server <close> = process.start({ "sh", "-c",
      "exec timeout 30 openssl s_server -dtls -accept 127.0.0.1:0 " .. arguments .. " <" .. path })
    local words <close> = assert(io.open(path, "w"))
    words:setvbuf("no")
    local port = server:expect("^ACCEPT .*:(%d+)$")
    words:write("answer\n")
    local answer, conn = ask(context, port, "hello\n")
    local heard = server:expect("(hello)")
    conn:close()
    words:close()
    os.remove(path)
    return heard, answer
  end

  for _, how in ipairs({ "-listen", "" }) do
    it("serves us" .. (how == "" and " without cookies" or " by cookies"), function()
      local heard, answer = talk((new_contexts()),
        ("%s -cert %s -key %s"):format(how, paths.cert, paths.key))
      assert.equal("hello", heard)
      assert.equal("answer\n", answer)
    end)
  end

  it("shares a key with us", function()
    if not ssl.HAS_PSK then return pending("this OpenSSL has no PSK") end
    local heard = talk(key_contexts.client(), "-listen -nocert -psk deadbeef -cipher PSK")
    assert.equal("hello", heard)
  end)
end)

describe("GnuTLS", function()
  if not has("gnutls-cli") or not has("gnutls-serv") then
    pending("gnutls-cli is not installed")
    return
  end

  it("is served by a listening socket", function()
    local told = serve(select(2, new_contexts()), "echo hello | timeout 20 gnutls-cli --udp "
      .. "-p PORT --x509cafile " .. paths.ca .. " localhost 2>&1")
    assert.equal("hello\n", told.first)
    assert.matches("The certificate is trusted", told.output, 1, true)
    assert.matches("DTLS1.2", told.output, 1, true)
  end)

  it("serves us", function()
    local port
    do
      local net <close> = loopback.new()
      port = select(2, net:udp())
    end
    local server <close> = process.start({ "timeout", "30", "gnutls-serv", "--udp", "--echo", "-p",
      tostring(port), "--x509certfile", paths.chain, "--x509keyfile", paths.key })
    server:expect("IPv4 .*done")
    local answer = ask((new_contexts()), port, "hello")
    assert.equal("hello", answer)
  end)
end)
