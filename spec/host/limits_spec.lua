-- What a host's limits refuse: every function and attribute of the manual, by the
-- decisions in spec/host/limits.txt; and that no script gets around them.

local embedder = require "embedder"
local border = require "support.border"
local limited = require "support.limited"
local manual = require "tools.manual"
local process = require "support.process"

local result = border.result

local flags = {
  files = embedder.NOFILES, environment = embedder.NOENVIRONMENT, sockets = embedder.NOSOCKETS,
  insecure = embedder.NOINSECURE, processes = embedder.NOPROCESSES, changes = embedder.NOCHANGES,
}

-- {name = {limits = {limit = true}, through = limit or nil, kit = boolean}}
local function read_decisions()
  local decisions = {}
  for line in io.lines("spec/host/limits.txt") do
    local through = line:match(" %((%l+)%)$")
    local name, words = line:gsub(" %(%l+%)$", ""):match("^([%w_.]+)%s+([%l ]+)$")
    if name then
      local decision = { limits = {}, kit = words == "kit" }
      for word in words:gmatch("%l+") do
        if word ~= "free" and word ~= "kit" then decision.limits[word] = true end
      end
      decision.through = through
      assert(not decisions[name], line)
      decisions[name] = decision
    end
  end
  return decisions
end

local decisions = read_decisions()

-- What limited.outcomes takes: code, and the page that it is on.
local function on_page(source, page) return { source, page or "ssl" } end

-- LuaSec's API, on a page of its own but for two functions, tells a refusal by nil and a
-- text where it does not raise.
local pages = {}
for _, entry in ipairs(manual.entries()) do pages[entry.name] = manual.page(entry) end

local function isrefused(name, limit, outcome)
  local theirs = pages[name] == "luasec" or pages[name] == "ssl.https" or name == "newcontext"
    or name == "wrap"
  return outcome == limit or theirs and outcome == "refused"
end

-- The code of the manual's example.
local function example(entry)
  local code = {}
  for _, line in ipairs(entry.lines) do
    if line:find("^    ") then code[#code + 1] = line:sub(5) end
  end
  return #code > 0 and on_page(table.concat(code, "\n"), pages[entry.name]) or nil
end

-- For each limit that may refuse a name: what it refuses. Contexts of scripts are called
-- `ctx` and `server_ctx`, as in the manual; `changes` is tried with every name below.
local calls = {
  ["SSLContext"] = {
    insecure = "ssl.SSLContext(ssl.PROTOCOL_TLSv1)",
    contexts = "local all = {} for i = 1, 5 do all[i] = ssl.SSLContext(17) end",
  },
  ["SSLContext.check_hostname"] = { insecure = "ctx.check_hostname = false" },
  ["SSLContext.keylog_filename"] = { files = "ctx.keylog_filename = 'keys'" },
  ["SSLSocket._observe"] = { insecure = "conn:_observe(print)" },
  ["SSLSocket.load_cert_chain"] = { files = "conn:load_cert_chain(certfile, keyfile)" },
  ["SSLSocket.set_ciphers"] = {
    insecure = "ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), " ..
      "{ server_hostname = 'localhost' }):set_ciphers('DEFAULT:@SECLEVEL=0')" },
  ["SSLSocket.minimum_version"] = {
    insecure = "conn.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED" },
  ["SSLSocket.maximum_version"] = {
    insecure = "conn.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED" },
  ["SSLContext.load_cert_chain"] = { files = "server_ctx:load_cert_chain(certfile, keyfile)" },
  ["SSLContext.load_dh_params"] = { files = "server_ctx:load_dh_params(certfile)" },
  ["SSLContext.load_key_uri"] = { files = "server_ctx:load_key_uri('file:key')" },
  ["SSLContext.load_private_key"] = { files = "server_ctx:load_private_key(keyfile)" },
  ["SSLContext.load_verify_locations"] = { files = "ctx:load_verify_locations{ capath = '/' }" },
  ["SSLContext.maximum_version"] = { insecure = "ctx.maximum_version = ssl.TLSVersion.TLSv1" },
  ["SSLContext.minimum_version"] = {
    insecure = "ctx.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED" },
  ["SSLContext.ocsp_callback"] = {
    insecure = "ctx.ocsp_callback = function() return true end" },
  ["SSLContext.options"] = {
    insecure = "ctx.options = ctx.options | ssl.OP_LEGACY_SERVER_CONNECT" },
  ["SSLContext.set_ciphers"] = { insecure = "ctx:set_ciphers('DEFAULT:@SECLEVEL=0')" },
  ["SSLContext.verify_callback"] = {
    insecure = "ctx.verify_callback = function() return true end" },
  ["SSLContext.verify_flags"] = { insecure = "ctx.verify_flags = 0x200000" },
  ["SSLContext.verify_mode"] = {
    insecure = "server_ctx.verify_mode = 2; server_ctx.verify_mode = ssl.CERT_NONE" },
  ["SSLContext.wrap_bio"] = {
    insecure = "ssl.SSLContext(ssl.PROTOCOL_TLS):wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO())",
    connections = [[
      local all = {}
      for i = 1, 5 do
        all[i] = ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost")
      end]],
  },
  ["SSLContext.wrap_datagram"] = {
    sockets = "dtls:wrap_datagram(0, { server_hostname = 'localhost' })",
    insecure = [[
      local udp = require("socket").udp4()
      udp:setpeername("127.0.0.1", dtls_port)
      dtls.check_hostname = false
      dtls:wrap_datagram(udp)]],
    connections = [[
      local socket = require "socket"
      local all = {}
      for i = 1, 5 do
        local udp = socket.udp4()
        udp:setpeername("127.0.0.1", dtls_port)
        all[i] = dtls:wrap_datagram(udp,
          { server_hostname = 'localhost', do_handshake_on_connect = false })
      end]],
  },
  ["SSLContext.wrap_socket"] = {
    sockets = "ctx:wrap_socket(0, { server_hostname = 'localhost' })",
    insecure = [[
      local socket = require "socket"
      local tcp <const> = assert(socket.connect(host, port))
      ssl.SSLContext(ssl.PROTOCOL_TLS):wrap_socket(tcp)]],
    connections = [[
      local socket = require "socket"
      local all = {}
      for i = 1, 5 do
        all[i] = ctx:wrap_socket(assert(socket.connect(host, port)),
          { server_hostname = 'localhost', do_handshake_on_connect = false })
      end]],
  },
  ["SSLSocket.accept"] = { connections = [[
    local socket = require "socket"
    local s <close> = server_ctx:wrap_socket(assert(socket.bind("127.0.0.1", 0)),
      { server_side = true, do_handshake_on_connect = false })
    local all = {}
    for i = 1, 5 do
      all[i] = socket.connect(s:getsockname())
      all[-i] = s:accept()
    end]] },
  ["SSLSocket.detach"] = { sockets = "conn:detach()" },
  ["_create_stdlib_context"] = {
    files = "ssl._create_stdlib_context{ certfile = certfile }",
    insecure = "ssl._create_stdlib_context()",
  },
  ["_create_unverified_context"] = {
    files = "ssl._create_unverified_context{ cafile = cafile }",
    insecure = "ssl._create_unverified_context()",
  },
  ["create_default_context"] = {
    files = "ssl.create_default_context{ cafile = cafile }",
    contexts = "local all = {} for i = 1, 5 do all[i] = ssl.create_default_context() end",
  },
  ["SSLContext.setverifyext"] = { insecure = "ctx:setverifyext('lsec_continue')" },
  ["context.create"] = { insecure = "assert(context.create('tlsv1'))" },
  ["context.loadcert"] = { files = "assert(context.loadcert(ctx, certfile))" },
  ["context.loadkey"] = { files = "assert(context.loadkey(ctx, keyfile))" },
  ["context.locations"] = { files = "assert(context.locations(ctx, cafile))" },
  ["context.setcipher"] = { insecure = "assert(context.setcipher(ctx, 'ALL:@SECLEVEL=0'))" },
  ["context.setoptions"] = {
    insecure = "assert(context.setoptions(ctx, 'legacy_server_connect'))" },
  ["context.setverify"] = {
    insecure = "context.setverify(ctx, 'peer') assert(context.setverify(ctx, 'none'))" },
  ["core.create"] = { insecure = "assert(core.create(ctx))" },
  ["core.setfd"] = { sockets = "local conn <close> = core.create(ctx) core.setfd(conn, 0)" },
  ["newcontext"] = {
    files = "assert(ssl.newcontext({ mode = 'client', protocol = 'any', cafile = cafile }))",
    insecure = "assert(ssl.newcontext({ mode = 'client', protocol = 'tlsv1' }))",
  },
  ["wrap"] = {
    files = "assert(ssl.wrap(0, { mode = 'client', protocol = 'any', cafile = cafile }))",
    sockets = [[
      local tcp = require("socket").connect(host, port)
      assert(ssl.wrap(tcp, { mode = "client", protocol = "any" }))]],
  },
  ["https.request"] = {
    files = "assert(https.request({ url = 'https://localhost:1/', cafile = cafile }))",
    sockets = "assert(https.request({ url = url, timeout = 5 }))",
    insecure = "assert(https.request({ url = url, verify = 'none' }))",
  },
  ["https.tcp"] = {
    files = "assert(https.tcp({ cafile = cafile })():connect('localhost', 1))",
    sockets = "assert(https.tcp()():connect('localhost', port))",
  },
  ["ticket_ring"] = { files = "ssl.ticket_ring{ secretfile = certfile }" },
  ["get_default_verify_paths"] = { files = "ssl.get_default_verify_paths()" },
  ["get_server_certificate"] = {
    files = "ssl.get_server_certificate({ host, port }, { ca_certs = cafile })",
    insecure = "ssl.get_server_certificate({ host, port })",
  },
  ["wrap_socket"] = {
    files = "ssl.wrap_socket(0, { certfile = 'x' })",
    sockets = "ssl.wrap_socket(0)",
    insecure = [[
      local socket = require "socket"
      ssl.wrap_socket(assert(socket.connect(host, port)))]],
  },
}

-- The limit that refuses what a script does in the state.
local function refusal(host, script)
  return result(host, "local ok, err = pcall(function() " .. script .. " end) return err.limit")
end

-- What sets one limit alone.
local function only(limit)
  return flags[limit] and { flags = flags[limit] } or { [limit] = 2 }
end

describe("The list of what limits refuse", function()
  it("has a line for everything in the manual, and for nothing else", function()
    local missing, known = {}, {}
    for _, entry in ipairs(manual.entries()) do
      known[entry.name] = true
      if not entry.text and not decisions[entry.name] then missing[#missing + 1] = entry.name end
    end
    table.sort(missing)
    assert.same({}, missing, "without a decision in spec/host/limits.txt")
    for name in pairs(decisions) do assert(known[name], name .. " is not in the manual") end
  end)

  it("has a call that is refused for each limit, but for changes", function()
    for name, decision in pairs(decisions) do
      for limit in pairs(decision.limits) do
        assert(limit == "changes" or calls[name] and calls[name][limit], name .. " " .. limit)
      end
    end
    for name, list in pairs(calls) do
      for limit in pairs(list) do assert(decisions[name].limits[limit], name .. " " .. limit) end
    end
  end)
end)

describe("A limit", function()
  local function refused(limit)
    local list = {}
    for name, call in pairs(calls) do
      if call[limit] then list[name] = on_page(call[limit], pages[name]) end
    end
    return list
  end

  for _, limit in ipairs({ "files", "sockets", "insecure" }) do
    it("refuses by PermissionError what the list says: " .. limit, function()
      local list = refused(limit)
      assert(next(list))
      for name, outcome in pairs(limited.outcomes(list, only(limit))) do
        assert(isrefused(name, limit, outcome), name .. ": " .. outcome)
      end
    end)
  end

  for _, limit in ipairs({ "contexts", "connections" }) do
    for name, call in pairs(refused(limit)) do
      it(("of %s refuses one too many: %s"):format(limit, name), function()
        local list = { [name] = call }
        assert.equal("free", limited.outcomes(list, {})[name])
        assert.equal(limit, limited.outcomes(list, { [limit] = 4 })[name])
      end)
    end
  end

  it("lets all the rest do what the manual says, all limits together", function()
    local free = {}
    for _, entry in ipairs(manual.entries()) do
      local decision = decisions[entry.name]
      local source = not entry.text and example(entry)
      if source and not decision.kit and not calls[entry.name] then free[entry.name] = source end
    end
    local count = 0
    for name, outcome in pairs(limited.outcomes(free, { flags = embedder.NOTHING })) do
      count = count + 1
      local through = decisions[name].through
      -- what the example makes of it
      if through and (outcome == "refused" or outcome:find("^error")) then outcome = through end
      assert.equal(through or "free", outcome, name)
    end
    assert.is_true(count > 100)
  end)

  it("does not refuse what it need not: the examples of what may be refused", function()
    local list = {}
    for _, entry in ipairs(manual.entries()) do
      local decision = decisions[entry.name]
      if not entry.text and not decision.kit and calls[entry.name] and not decision.limits.files
          and pages[entry.name] ~= "luasec"
          and not decision.limits.sockets and entry.name ~= "SSLContext.verify_callback"
          and entry.name ~= "SSLContext.ocsp_callback" and entry.name ~= "SSLSocket._observe"
          and entry.name ~= "SSLSocket.accept" then
        list[entry.name] = example(entry)
      end
    end
    assert(next(list))
    for name, outcome in pairs(limited.outcomes(list, { flags = embedder.NOTHING })) do
      assert.equal("free", outcome, name)
    end
  end)

  it("is in the error, with EPERM, what was asked for, and the caller's line", function()
    local host <close> = border.state()
    host:setlimits({ flags = embedder.NOFILES })
    local ok, text = host:run("\nssl.create_default_context{ cafile = '/etc/x.pem' }")
    assert.is_false(ok)
    assert.matches("^script:2: %[Errno 1%]", text)
    assert.matches("the host's limit 'files': no file may be named: '/etc/x.pem'", text, 1, true)
    assert.equal("1 files /etc/x.pem true true", result(host, [[
      local ok, err = pcall(ssl.create_default_context, { cafile = "/etc/x.pem" })
      return ("%d %s %s %s %s"):format(err.errno, err.limit, err.filename,
        ssl.isinstance(err, ssl.PermissionError), ssl.isinstance(err, ssl.OSError))]]))
    assert.equal(2, host:counters().refusals)
  end)
end)

describe("A context of the host's, with LSSL_NOCHANGES,", function()
  local function with_context(f)
    border.contexts(function(server)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      host:setlimits({ flags = embedder.NOCHANGES })
      f(host)
    end)
  end

  it("cannot be changed, by any method or attribute", function()
    with_context(function(host)
      local count = 0
      for name, decision in pairs(decisions) do
        local field = name:match("^SSLContext%.([%w_]+)$")
        if field then
          count = count + 1
          local outcome = result(host, [[
            local name = ...
            local member, ok, err = ctx[name]
            if type(member) == "function" and name ~= "waiter" then
              ok, err = pcall(member, ctx)
            else
              ok, err = pcall(function() ctx[name] = nil end)
            end
            return type(err) == "table" and err.limit or "free"]], field)
          assert.equal(decision.limits.changes and "changes" or "free", outcome, name)
        end
      end
      assert.is_true(count > 40)
    end)
  end)

  it("cannot be changed by LuaSec's functions either", function()
    with_context(function(host)
      assert.equal("", result(host, [[
        local context, left = require "ssl.context", {}
        local arguments = { setdane = "no_ee_namechecks", setalpn = "\2h2",
          setdhparam = function() return "x" end }
        for name, f in pairs(context) do
          local before = ssl.counters().refusals
          pcall(f, ctx, arguments[name] or "1")
          if ssl.counters().refusals == before then left[#left + 1] = name end
        end
        table.sort(left)
        return (table.concat(left, " "):gsub("^create$", ""))]]))
    end)
  end)

  it("serves all the same; a script's own contexts are the script's", function()
    with_context(function(host)
      result(host, "local own = ssl.create_default_context(); own.post_handshake_auth = true")
      local mine, theirs = embedder.socketpair()
      assert.is_true(host:pushsocket("ctx", mine, "conn"))
      result(host, "conn:settimeout(0); pcall(conn.do_handshake, conn); conn:close()")
      embedder.closefd(theirs)
    end)
  end)
end)

describe("Limits", function()
  it("only ever become stricter", function()
    local host <close> = embedder.new()
    host:setlimits({ flags = embedder.NOFILES, connections = 10, minimum_version = 0x304 })
    host:setlimits({ flags = embedder.NOSOCKETS, connections = 20, contexts = 5,
      minimum_version = 0x303 })
    host:setlimits({})
    assert.same({ flags = embedder.NOFILES | embedder.NOSOCKETS, connections = 10, contexts = 5,
      minimum_version = 0x304, security_level = 0 }, host:getlimits())
  end)

  it("let the descriptors through that the host hands over, and no others", function()
    border.contexts(function(server)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      host:setlimits({ flags = embedder.NOTHING })
      host:setwaiter("ctx", true)
      local mine, theirs = embedder.socketpair()
      host:pushsocket("ctx", mine, "conn")
      host:spawn("conn:do_handshake(); conn:sendall(conn:recv(10)); unwrapped = conn:unwrap()")
      local conn <close> = border.connect(host, theirs)
      conn:sendall("hello")
      assert.equal("hello", conn:recv(10))
      conn:unwrap()
      host:step()
      assert.equal("nil", result(host, "return unwrapped"))
      assert.is_false(embedder.isopen(mine))  -- closed: a script has no use for it
      embedder.closefd(theirs)
    end)
  end)

  it("hold for what scripts find in the module's own parts", function()
    border.contexts(function(server)
      local host <close> = border.state()
      host:pushcontext(server, "ctx")
      host:setlimits({ flags = embedder.NOTHING })
      local mine, theirs = embedder.socketpair()
      host:pushsocket("ctx", mine, "conn")
      local scripts = {
        sockets = "conn:_borrow({ getfd = function() return 0 end, setfd = function() end })",
        files = "require('_ssl')._filetype('/etc/passwd')",
      }
      for limit, script in pairs(scripts) do
        assert.equal(limit, refusal(host, script))
      end
      for _, name in ipairs({ "_lend", "_borrow", "_rewrap" }) do
        assert.equal("sockets", result(host, [[
          local ok, err = pcall(conn[...], conn, {}) return err.limit]], name))
      end
      embedder.closefd(theirs)
    end)
  end)

  it("have a floor of versions and security levels that the host may raise", function()
    local host <close> = border.state()
    host:setlimits({ flags = embedder.NOINSECURE, minimum_version = 0x304, security_level = 3 })
    assert.equal("insecure insecure free", result(host, [[
      local ctx = ssl.create_default_context()
      local function try(f)
        local ok, err = pcall(f)
        return ok and "free" or err.limit or tostring(err)
      end
      return try(function() ctx.minimum_version = ssl.TLSVersion.TLSv1_2 end) .. " "
        .. try(function() ctx:set_ciphers("DEFAULT:@SECLEVEL=2") end) .. " "
        .. try(function() ctx:set_ciphers("DEFAULT:@SECLEVEL=4")
          ctx.minimum_version = ssl.TLSVersion.TLSv1_3 end)]]))
  end)

  it("see what was made before they were set: a client that verifies nobody", function()
    local host <close> = border.state()
    result(host, [[
      before = ssl._create_unverified_context()
      old = ssl.create_default_context()
      old:set_ciphers("DEFAULT:@SECLEVEL=0")]])
    host:setlimits({ flags = embedder.NOINSECURE })
    for _, name in ipairs({ "before", "old" }) do
      assert.equal("insecure", result(host, [[
        local ok, err = pcall(_G[...].wrap_bio, _G[...], ssl.MemoryBIO(), ssl.MemoryBIO(), false,
          "localhost")
        return err.limit]], name))
    end
  end)

  it("free a place when a connection or a context ends", function()
    local host <close> = border.state()
    host:setlimits({ contexts = 1, connections = 1 })
    result(host, [[
      for i = 1, 5 do
        local ctx = ssl.create_default_context()
        local object = ctx:wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), false, "localhost")
        ctx, object = nil, nil
        collectgarbage()
        collectgarbage()
      end]])
    assert.equal(1, host:counters().contexts + 1)
  end)
end)

describe("With LSSL_NOENVIRONMENT", function()
  local program = [[
    local embedder = require "embedder"
    local host = embedder.new()
    if %s then host:setlimits({ flags = embedder.NOENVIRONMENT }) end
    host:require("ssl", "ssl")
    print(select(2, host:run([=[
      local ctx = ssl.create_default_context()
      return tostring(ctx.keylog_filename) .. " " .. ctx:cert_store_stats().x509]=])))
  ]]

  -- What the program says in an environment that leads it.
  local function run(limit)
    local bundle, log = os.tmpname(), os.tmpname()
    local file = assert(io.open(bundle, "w"))
    file:write(border.authority().cert.pem)
    file:close()
    local text = process.run_lua(program:format(limit), ("SSL_CERT_FILE=%s SSLKEYLOGFILE=%s "
      .. "SSL_CERT_DIR=/nowhere"):format(bundle, log))
    os.remove(bundle)
    os.remove(log)
    return text, log
  end

  it("no variable decides about trust and keys", function()
    local led, log = run("false")
    assert.equal(log .. " 1\n", led)
    local free = run("true")
    assert.matches("^nil %d+\n$", free)
    assert.is_not_equal("nil 1\n", free)
  end)
end)

describe("The kit, built into a host,", function()
  it("asks for files and processes too", function()
    local host <close> = embedder.new()
    result(host, "package.path, package.cpath = ...", package.path, package.cpath)
    result(host, [[
      testing = require "ssl.testing"
      identity = testing.CA():issue("localhost")]])
    host:setlimits({ flags = embedder.NOTHING })
    for limit, script in pairs({ files = "identity:files()", processes = "testing.server()" }) do
      assert.equal(limit, refusal(host, script))
    end
  end)
end)
