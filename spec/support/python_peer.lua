-- CPython on the other side of a connection by TCP: what both say of it must agree.

local assert = require "luassert"
local json = require "dkjson"
local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local process = require "support.process"

local M = {}

local _, ca = contexts.identity()
local paths = ca:issue("localhost", "b\u{fc}cher.test"):files()
local client_paths = ca:issue("client@example.test"):files()

local MEGABYTE = 1024 * 1024

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
def finish(s, r):
    if o['unwrap'] == 'python':
        raw = s.unwrap(); raw.sendall(b'plain from python')
        r['after'] = raw.recv(100).decode()
    else:
        r['end'] = len(s.recv(10)); raw = s.unwrap(); r['after'] = raw.recv(100).decode()
        raw.sendall(b'plain from python')
    raw.close()
    print(json.dumps(r)); sys.stdout.flush()
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
    finish(s, r)
]]

local client_script = preamble .. [[
session = None
for i in range(o['times']):
    raw = socket.create_connection(('127.0.0.1', o['port'])); raw.settimeout(10)
    s = ctx.wrap_socket(raw, server_hostname=o['name'], session=session)
    r = talk(s, True)
    session = s.session
    finish(s, r)
]]

-- Starts a script; gives the pipe from it.
local function python(interpreter, script, options)
  return assert(io.popen(("timeout 30 %s -I -W ignore -c %s %s </dev/null"):format(interpreter,
    process.quoted(script), process.quoted(json.encode(options)))))
end

--- The interpreters that are there, each a command and a version: the one asked for, the
--- first and the last version of those that matter.
function M.interpreters()
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
  assert.equal(options.unwrap == "lua" and 0 or nil, r["end"])
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

--- Connects twice to a server of the interpreter's. `options`: `tls12`, `name` (the
--- server's), `megabytes` (to go each way), `alpn` (protocols), `client_cert`, and
--- `unwrap`: who ends TLS, "python" or "lua".
function M.connect(interpreter, options)
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

--- Serves a client of the interpreter's twice; the options are the same.
function M.serve(interpreter, options)
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

return M
