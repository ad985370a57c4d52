-- This module on one side, and OpenSSL's commands or curl on the other.

local files = require "ssl.testing.files"
local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local raises = require "support.errors".raises
local loopback = require "support.loopback"
local process = require "support.process"
local steps = require "support.steps"

local identity, ca = contexts.identity()
local paths = identity:files()

-- Starts s_server with these arguments, for one connection.
local function start_server(arguments)
  return process.start({ "sh", "-c", "exec timeout 30 openssl s_server -accept 127.0.0.1:0 "
    .. "-naccept 1 " .. arguments .. " </dev/null" })
end

-- Connects to it.
local function connect_to(server, context)
  local tcp = assert(socket.connect("127.0.0.1", server:expect("^ACCEPT .*:(%d+)$")))
  tcp:settimeout(10)
  return context:wrap_socket(tcp, { server_hostname = "localhost" })
end

describe("OpenSSL's s_server", function()
  it("serves us", function()
    local server <close> = start_server(("-cert %s -key %s -www"):format(paths.cert, paths.key))
    local conn <close> = connect_to(server, ssl.create_default_context({ cafile = paths.ca }))
    conn:sendall("GET / HTTP/1.0\r\n\r\n")
    local file <close> = conn:makefile("r")
    assert.equal("HTTP/1.0 200 ok", file:read("l"):gsub("\r", ""))
    assert.is_truthy(file:read("a"):find("Cipher is", 1, true))
  end)
end)

-- Serves one connection: what it says first, and the answer it gets.
local function serve_once(command, answer, prepare)
  local net <close> = loopback.new()
  local listener, port = net:listener()
  local _, context = contexts.new()
  context = prepare and prepare(context) or context
  local pipe <close> = assert(io.popen(command:format(port, paths.ca)))
  local conn <close> = context:wrap_socket(assert(listener:accept()),
    { server_side = true, timeout = 10 })
  local file <close> = conn:makefile("rw")
  local first = file:read("l")
  file:write(answer)
  file:close()
  steps.try(conn, "unwrap")
  conn:close()
  return first, pipe:read("a")
end

describe("OpenSSL's s_client", function()
  it("is served", function()
    local first, output = serve_once("echo hello | timeout 20 openssl s_client -connect "
      .. "127.0.0.1:%d -CAfile %s -servername localhost -verify_return_error -ign_eof 2>&1",
      "answer\n")
    assert.equal("hello", first)
    assert.is_truthy(output:find("Verify return code: 0 (ok)", 1, true))
    assert.is_truthy(output:find("answer", 1, true))
  end)
end)

-- What OpenSSL's commands are told for a key in version 1.2 or 1.3.
local function psk_flags(version)
  return "-psk deadbeef -psk_identity client-1 "
    .. (version == "TLSv1_2" and "-tls1_2 -cipher PSK" or "-tls1_3")
end

local function psk_context(protocol, version)
  local context = ssl.SSLContext(protocol)
  contexts.only(ssl.TLSVersion[version], context)
  if version == "TLSv1_2" then context:set_ciphers("PSK") end
  return context
end

-- Has s_server turn a line round, with these arguments: what it says, the
-- protocol that was agreed on, and the certificate.
local function served_by(arguments, context)
  local server <close> = start_server("-rev " .. arguments)
  local conn <close> = connect_to(server, context)
  conn:sendall("olleh\n")
  local file <close> = conn:makefile("r")
  return file:read("l"), conn:selected_alpn_protocol(), conn:getpeercert(true)
end

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  describe("OpenSSL's commands, speaking " .. version, function()
    it("agree with us on a protocol and staple a response", function()
      local folder <close> = files.folder()
      local response = folder:write({ ["response.der"] = ca:ocsp(identity) })["response.der"]
      local context = ssl.create_default_context({ cafile = paths.ca })
      context.maximum_version = ssl.TLSVersion[version]
      context:set_alpn_protocols({ "other", "h2" })
      context.ocsp_stapling = ssl.CERT_REQUIRED
      local server = ("-cert %s -key %s -alpn http/1.1,h2 "):format(paths.cert, paths.key)
      local line, protocol = served_by(server .. "-status_file " .. response, context)
      assert.equal("hello", line)
      assert.equal("h2", protocol)
      raises(ssl.SSLCertVerificationError, served_by, server, context)
    end)

    it("get a protocol and a stapled response from us", function()
      local first, output = serve_once("echo hello | timeout 20 openssl s_client -connect "
        .. "127.0.0.1:%d -CAfile %s -status -alpn other,h2 -ign_eof 2>&1", "answer\n",
        function(context)
          context:set_alpn_protocols({ "h2", "http/1.1" })
          context.maximum_version = ssl.TLSVersion[version]
          context.ocsp_response = ca:ocsp(identity)
        end)
      assert.equal("hello", first)
      assert.matches("ALPN protocol: h2", output, 1, true)
      assert.matches("Cert Status: good", output, 1, true)
    end)

    it("share a key with us, as server and as client", function()
      if not ssl.HAS_PSK then return pending("no PSK") end
      local key = "\xde\xad\xbe\xef"
      local context = psk_context(ssl.PROTOCOL_TLS_CLIENT, version)
      context:set_psk_client_callback(function() return "client-1", key end)
      local line, _, cert = served_by("-nocert " .. psk_flags(version), context)
      assert.equal("hello", line)
      assert.is_nil(cert)
      local names = {}
      local first = serve_once("echo hello | timeout 20 openssl s_client -connect 127.0.0.1:%d "
        .. "-CAfile %s -ign_eof " .. psk_flags(version) .. " 2>&1", "answer\n", function()
          local own = psk_context(ssl.PROTOCOL_TLS_SERVER, version)
          own:set_psk_server_callback(function(name)
            names[#names + 1] = name
            return key
          end)
          return own
        end)
      assert.equal("hello", first)
      assert.equal("client-1", names[1])
    end)
  end)
end

describe("curl", function()
  it("is served", function()
    local first, output = serve_once("timeout 20 curl -sS https://127.0.0.1:%d/page --cacert %s "
      .. "2>&1", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    assert.is_truthy(first:find("^GET /page HTTP/1.1"))
    assert.equal("hello", output)
  end)
end)
