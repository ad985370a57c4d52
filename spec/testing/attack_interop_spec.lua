-- The kit's own end of TLS with programs that have another TLS than OpenSSL.

local socket = require "socket"
local testing = require "ssl.testing"
local process = require "support.process"

local function there(command)
  return os.execute(command .. " >/dev/null 2>&1")
end

local gnutls_client = there("gnutls-cli --version") and it or pending
local gnutls_server = there("gnutls-serv --version") and it or pending
local curl = there("curl --version") and it or pending

-- A port that was free a moment ago, for programs that cannot choose one.
local function free_port()
  local listener <close> = setmetatable({ assert(socket.bind("127.0.0.1", 0)) },
    { __close = function(self) self[1]:close() end })
  return math.tointeger(tonumber((select(2, listener[1]:getsockname()))))
end

local function attack(port, options)
  return testing.attack("127.0.0.1", port, options)
end

local function echo(peer)
  peer:send_data("hello\n")
  return peer:expect("application_data").data
end

for _, version in ipairs({ "TLSv1.3", "TLSv1.2" }) do
  describe("An attack by " .. version, function()
    gnutls_server("is honest to GnuTLS' server, unless the test has it otherwise", function()
      local its = testing.CA():issue("localhost"):files()
      local port = free_port()
      local server <close> = process.start({ "gnutls-serv", "--echo", "-p", tostring(port),
        "--x509certfile", its.cert, "--x509keyfile", its.key })
      server:expect("listening")
      for _, group in ipairs({ "x25519", "secp256r1", "secp384r1" }) do
        local outcome = attack(port, { version = version, groups = { group }, talk = echo })
        assert.same({ true, "hello\n" }, { outcome.ok, outcome.value })
      end
      local outcome = attack(port, { version = version, alter = {
        Finished = function(message) message.verify_data = ("x"):rep(#message.verify_data) end,
      } })
      assert.is_string(outcome.alert)
      assert.equal("hello\n", attack(port, { version = version, talk = echo }).value)
    end)

    gnutls_client("is honest to GnuTLS' client, unless the test has it otherwise", function()
      local ca = testing.CA()
      local its = ca:issue("localhost")
      local function connect(alter)
        local server <close> = testing.attacker_server({
          identity = its, version = version, alter = alter,
        })
        local out = process.shell("gnutls-cli --x509cafile %s -p %d localhost </dev/null",
          its:files().ca, server.port)
        return server:wait(), out
      end
      local report, out = connect()
      assert.is_true(report.ok, out)
      report, out = connect({ Finished = function(message)
        message.verify_data = ("x"):rep(#message.verify_data)
      end })
      assert.is_string(report.alert, out)
    end)

    curl("is honest to curl", function()
      local ca = testing.CA()
      local server <close> = testing.attacker_server({ ca = ca, version = version,
        talk = function(peer)
          peer:expect("application_data")
          peer:send_data("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        end })
      local out = process.shell("curl -sS --noproxy '*' -m 10 --cacert %s https://localhost:%d/",
        server.identity:files().ca, server.port)
      assert.equal("hello", out)
      assert.is_true(server:wait().ok)
    end)
  end)
end
