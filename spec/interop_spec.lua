-- This module on one side, and CPython, OpenSSL's commands or curl on the other.

local files = require "ssl.testing.files"
local socket = require "socket"
local ssl = require "ssl"
local testing = require "ssl.testing"
local loopback = require "support.loopback"
local process = require "support.process"
local steps = require "support.steps"

local ca = testing.CA()
local identity = ca:issue("localhost", "127.0.0.1", "b\u{fc}cher.test")
local paths = identity:files()
local client_paths = ca:issue("client@example.test"):files()

local MEGABYTE = 1024 * 1024
local BULK = os.getenv("LSSL_SLOW") and 4 or 100

-- What both Python scripts begin with; `o` are the options of the test.
local preamble = [[
import json, socket, ssl, sys
o = json.loads(sys.argv[1])
MB = 1024 * 1024
ctx = ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS_' + o['side'], ssl.PROTOCOL_TLS))
if o['side'] == 'CLIENT':
    ctx.verify_mode = ssl.CERT_REQUIRED
    ctx.check_hostname = True
ctx.load_verify_locations(o['ca'])
if o['side'] == 'SERVER' or o.get('client_cert'):
    ctx.load_cert_chain(o['cert'], o['key'])
if o['side'] == 'SERVER' and o.get('client_cert'):
    ctx.verify_mode = ssl.CERT_REQUIRED
if o['tls12']:
    ctx.options |= 1 << 29  # OP_NO_TLSv1_3
if o.get('alpn'):
    ctx.set_alpn_protocols(o['alpn'])
def count(s, want):
    got = 0
    while got < want:
        data = s.recv(65536)
        if not data: break
        got += len(data)
    return got
def talk(s, first):
    r = {'version': s.version(), 'cipher': s.cipher()[0], 'alpn': s.selected_alpn_protocol(),
         'reused': s.session_reused, 'peer': s.getpeercert() if o.get('client_cert') else None}
    block = b'p' * MB
    for turn in (first, not first):
        if turn:
            for i in range(o['megabytes']): s.sendall(block)
            s.sendall(b'!')
        else:
            r['got'] = count(s, o['megabytes'] * MB + 1)
    return r
]]

local server_script = preamble .. [[
names = []
if hasattr(ctx, 'sni_callback'):
    ctx.sni_callback = lambda s, name, c: names.append(name)
else:
    ctx.set_servername_callback(lambda s, name, c: names.append(name))
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(5); l.settimeout(10)
print(l.getsockname()[1]); sys.stdout.flush()
for i in range(o['times']):
    raw, addr = l.accept(); raw.settimeout(10)
    s = ctx.wrap_socket(raw, server_side=True)
    r = talk(s, False)
    r['sni'] = names[-1]
    if o['unwrap'] == 'python':
        raw = s.unwrap(); raw.sendall(b'plain from python')
        r['after'] = raw.recv(100).decode(); raw.close()
    else:
        r['end'] = len(s.recv(10)); raw = s.unwrap(); r['after'] = raw.recv(100).decode()
        raw.sendall(b'plain from python'); raw.close()
    print(json.dumps(r)); sys.stdout.flush()
]]

local client_script = preamble .. [[
session = None
for i in range(o['times']):
    raw = socket.create_connection(('127.0.0.1', o['port'])); raw.settimeout(10)
    s = ctx.wrap_socket(raw, server_hostname=o['name'], session=session)
    r = talk(s, True)
    session = s.session
    if o['unwrap'] == 'python':
        raw = s.unwrap(); raw.sendall(b'plain from python')
        r['after'] = raw.recv(100).decode(); raw.close()
    else:
        r['end'] = len(s.recv(10)); raw = s.unwrap(); r['after'] = raw.recv(100).decode()
        raw.sendall(b'plain from python'); raw.close()
    print(json.dumps(r)); sys.stdout.flush()
]]

local json = require "dkjson"

local function quoted(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

-- Starts a script; gives the pipe from it.
local function python(interpreter, script, options)
  return assert(io.popen(("timeout 30 %s -I -W ignore -c %s %s </dev/null"):format(interpreter,
    quoted(script), quoted(json.encode(options)))))
end

-- What is there of: the one asked for, the first, and the last of the versions.
local function interpreters()
  local found, seen = {}, {}
  for _, name in ipairs({ os.getenv("PYTHON") or "python3", "python3.6", "python3.13",
    os.getenv("HOME") .. "/.pyenv/versions/3.6.15/bin/python3",
    os.getenv("HOME") .. "/.pyenv/versions/3.13.0/bin/python3" }) do
    local pipe = io.popen(name
      .. " -I -c 'import ssl, sys; print(sys.version_info[:2])' 2>/dev/null")
    local version = pipe:read("l")
    pipe:close()
    if version and not seen[version] then
      seen[version] = true
      found[#found + 1] = { name, version }
    end
  end
  return found
end

-- Receives until `want` bytes have come; their number.
local function count(conn, want)
  local buffer, got = ssl.bytearray(65536), 0
  while got < want do
    local n = conn:recv_into(buffer)
    if n == 0 then break end
    got = got + n
  end
  return got
end

local function talk(conn, first, megabytes)
  local block, got = ("l"):rep(MEGABYTE), nil
  for _, turn in ipairs({ first, not first }) do
    if turn then
      for _ = 1, megabytes do conn:sendall(block) end
      conn:sendall("!")
    else
      got = count(conn, megabytes * MEGABYTE + 1)
    end
  end
  assert.equal(megabytes * MEGABYTE + 1, got)
end

-- The end, begun by Python or by us; then plain traffic on the same socket.
local function finish(conn, by)
  local plain
  if by == "python" then
    assert.is_nil(conn:recv(10))
    plain = conn:unwrap()
    assert.equal("plain from python", plain:receive(17))
    plain:send("plain from Lua")
  else
    plain = conn:unwrap()
    plain:send("plain from Lua")
    assert.equal("plain from python", plain:receive(17))
  end
  plain:close()
end

local function check(answer, options, version)
  local r = assert(json.decode((assert(answer, "Python has failed"))))
  assert.equal(version, r.version)
  assert.equal(options.tls12 and "TLSv1.2" or "TLSv1.3", version)
  assert.equal(options.megabytes * MEGABYTE + 1, r.got)
  assert.equal("plain from Lua", r.after)
  assert.equal(options.alpn and "h2" or nil, r.alpn)
  return r
end

local function new_context(protocol, options)
  local context = ssl.SSLContext(protocol)
  context:load_verify_locations(paths.ca)
  if options.tls12 then context.maximum_version = ssl.TLSVersion.TLSv1_2 end
  if options.alpn then context:set_alpn_protocols(options.alpn) end
  return context
end

local function lua_client(interpreter, options)
  options.side, options.ca, options.cert, options.key = "SERVER", paths.ca, paths.chain, paths.key
  options.times = 2
  local pipe <close> = python(interpreter, server_script, options)
  local port = assert(pipe:read("n"), "Python has failed")
  pipe:read("l")
  local context = new_context(ssl.PROTOCOL_TLS_CLIENT, options)
  if options.client_cert then context:load_cert_chain(client_paths.chain, client_paths.key) end
  local session
  for i = 1, 2 do
    local tcp = assert(socket.connect("127.0.0.1", port))
    tcp:settimeout(10)
    local conn <close> = context:wrap_socket(tcp, { server_hostname = options.name,
      session = session })
    talk(conn, true, options.megabytes)
    session = conn.session
    assert.equal(i == 2, conn.session_reused)
    assert.equal(options.alpn and "h2" or nil, conn:selected_alpn_protocol())
    local version, cipher = conn:version(), conn:cipher()
    finish(conn, options.unwrap)
    local r = check(pipe:read("l"), options, version)
    assert.equal(cipher, r.cipher)
    assert.equal(i == 2, r.reused)
    assert.is_truthy(r.sni == options.name or r.sni == "xn--bcher-kva.test")
    if options.client_cert then
      assert.equal("client@example.test", r.peer.subjectAltName[1][2])
    end
  end
end

local function lua_server(interpreter, options)
  local net <close> = loopback.new()
  local listener, port = net:listener()
  options.side, options.ca, options.cert, options.key = "CLIENT", paths.ca, client_paths.chain,
    client_paths.key
  options.times, options.port = 2, port
  local context = new_context(ssl.PROTOCOL_TLS_SERVER, options)
  context:load_cert_chain(paths.chain, paths.key)
  if options.client_cert then context.verify_mode = ssl.CERT_REQUIRED end
  local names = {}
  context:set_servername_callback(function(_, name) names[#names + 1] = name end)
  local pipe <close> = python(interpreter, client_script, options)
  for i = 1, 2 do
    local tcp = assert(listener:accept())
    tcp:settimeout(10)
    local conn <close> = context:wrap_socket(tcp, { server_side = true })
    talk(conn, false, options.megabytes)
    local version, peer = conn:version(), conn:getpeercert()
    assert.equal(options.client_cert and "client@example.test" or nil,
      peer and peer.subjectAltName[1][2])
    assert.equal(i == 2, conn.session_reused)
    finish(conn, options.unwrap)
    check(pipe:read("l"), options, version)
  end
  assert.same({ options.name, options.name }, names)
  context:set_servername_callback(nil)
end

for _, interpreter in ipairs(interpreters()) do
  describe("CPython " .. interpreter[2], function()
    for _, tls12 in ipairs({ false, true }) do
      local version = tls12 and "TLS 1.2" or "TLS 1.3"
      for _, unwrap in ipairs({ "python", "lua" }) do
        local how = (" over %s, with ALPN, a session, client certificates, ended by %s"):format(
          version, unwrap)
        local function options()
          return { tls12 = tls12, unwrap = unwrap, megabytes = 0, name = "localhost",
            alpn = { "h2", "http/1.1" }, client_cert = true }
        end
        it("is served" .. how, function() lua_server(interpreter[1], options()) end)
        it("serves us" .. how, function() lua_client(interpreter[1], options()) end)
      end
    end

    it("understands our names in other alphabets, and we its", function()
      local function options()
        return { tls12 = false, unwrap = "lua", megabytes = 0, name = "b\u{fc}cher.test" }
      end
      lua_client(interpreter[1], options())
      -- 3.6 compares the name in its other form
      if interpreter[2] ~= "(3, 6)" then lua_server(interpreter[1], options()) end
    end)
  end)
end

describe("CPython", function()
  local interpreter = (interpreters()[1] or {})[1]
  for _, tls12 in ipairs({ false, true }) do
    it("gets and sends 100 MB over TLS 1." .. (tls12 and 2 or 3), function()
      if not interpreter then pending("no Python") return end
      lua_client(interpreter, { tls12 = tls12, unwrap = "lua", megabytes = BULK // 2,
        name = "localhost" })
    end)

    it("is served 100 MB, and sends us as many, over TLS 1." .. (tls12 and 2 or 3), function()
      if not interpreter then pending("no Python") return end
      lua_server(interpreter, { tls12 = tls12, unwrap = "lua", megabytes = BULK // 2,
        name = "localhost" })
    end)
  end
end)

describe("OpenSSL's s_server", function()
  it("serves us", function()
    local net <close> = loopback.new()
    local listener, port = net:listener()
    listener:close()
    local pipe <close> = assert(io.popen(("exec timeout 30 openssl s_server -accept 127.0.0.1:%d"
      .. " -cert %s -key %s -naccept 1 -www </dev/null 2>&1"):format(port, paths.cert, paths.key)))
    assert.is_truthy((pipe:read("l") or ""):find("ACCEPT") or pipe:read("l"))
    local context = ssl.create_default_context({ cafile = paths.ca })
    local tcp = assert(socket.connect("127.0.0.1", port))
    tcp:settimeout(10)
    local conn <close> = context:wrap_socket(tcp, { server_hostname = "localhost" })
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
  local context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  identity:configure_cert(context)
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
  context.minimum_version = ssl.TLSVersion[version]
  context.maximum_version = ssl.TLSVersion[version]
  if version == "TLSv1_2" then context:set_ciphers("PSK") end
  return context
end

-- Runs s_server with these arguments, and a client: what it says on one line.
local function served_by(arguments, context)
  local server <close> = process.start({ "sh", "-c",
    "exec timeout 30 openssl s_server -rev -accept 127.0.0.1:0 -naccept 1 " .. arguments })
  local port = server:expect("^ACCEPT .*:(%d+)$")
  local tcp = assert(socket.connect("127.0.0.1", port))
  tcp:settimeout(10)
  local conn <close> = context:wrap_socket(tcp, { server_hostname = "localhost" })
  conn:sendall("olleh\n")
  local file <close> = conn:makefile("r")
  return file:read("l"), conn:selected_alpn_protocol(), conn:cipher(), conn:getpeercert(true)
end

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  describe("OpenSSL's commands, speaking " .. version, function()
    it("agree with us on a protocol and staple a response", function()
      local folder = files.folder()
      local response = folder:write({ ["response.der"] = ca:ocsp(identity) })["response.der"]
      local context = ssl.create_default_context({ cafile = paths.ca })
      context.maximum_version = ssl.TLSVersion[version]
      context:set_alpn_protocols({ "other", "h2" })
      context.ocsp_stapling = ssl.CERT_REQUIRED
      local server = ("-cert %s -key %s -alpn http/1.1,h2 "):format(paths.cert, paths.key)
      local line, protocol = served_by(server .. "-status_file " .. response, context)
      assert.equal("hello", line)
      assert.equal("h2", protocol)
      local err = select(2, pcall(served_by, server, context))
      assert.is_true(ssl.isinstance(err, ssl.SSLError), tostring(err))
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
      local line, _, _, cert = served_by("-nocert " .. psk_flags(version), context)
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
