local json = require "dkjson"
local ssl = require "ssl"
local files = require "ssl.testing.files"
local process = require "support.process"
local python = require "support.python"

-- What an administrator may set for all programs, and what a context has then where it
-- is neither CPython's nor OpenSSL's default.
local policies = {
  { lines = {} },
  { lines = { "MaxProtocol = TLSv1.2" }, expect = { maximum = ssl.TLSVersion.TLSv1_2 } },
  { lines = { "MinProtocol = TLSv1.3" }, expect = { minimum = ssl.TLSVersion.TLSv1_3 } },
  { lines = { "MinProtocol = TLSv1.2", "MaxProtocol = TLSv1.3" },
    expect = { minimum = ssl.TLSVersion.TLSv1_2, maximum = ssl.TLSVersion.TLSv1_3 } },
  { lines = { "MinProtocol = TLSv1.1", "CipherString = DEFAULT:@SECLEVEL=0" },
    expect = { minimum = ssl.TLSVersion.TLSv1_1, level = 0 } },
  { lines = { "CipherString = AES256-SHA:AES128-SHA:@SECLEVEL=1" }, expect = { level = 1 } },
  { lines = { "CipherString = ALL:@SECLEVEL=3" }, expect = { level = 3 } },
  { lines = { "CipherString = AES256-SHA256" } },
  { lines = { "Ciphersuites = TLS_AES_128_GCM_SHA256" } },
  { lines = { "Groups = P-384:P-521" } },
  { lines = { "SignatureAlgorithms = ecdsa_secp384r1_sha384:rsa_pss_rsae_sha384" } },
  { lines = { "Options = -SessionTicket, PrioritizeChaCha, NoRenegotiation, -ServerPreference" } },
  { lines = { "MinProtocol = TLSv1.3", "MaxProtocol = TLSv1.3", "Groups = X25519",
    "CipherString = ECDHE-RSA-AES128-SHA:@SECLEVEL=1", "Ciphersuites = TLS_AES_256_GCM_SHA384",
    "SignatureAlgorithms = rsa_pss_rsae_sha256", "Options = -SessionTicket" },
    expect = { minimum = ssl.TLSVersion.TLSv1_3, maximum = ssl.TLSVersion.TLSv1_3, level = 1 } },
  { lines = { "Nonsense = 1", "MaxProtocol = TLSv1.2" },
    expect = { maximum = ssl.TLSVersion.TLSv1_2 } },
}

-- Prints, in JSON, what contexts have, and the ClientHello of those that can be a client's.
local ours = [[
local json = require "dkjson"
local ssl = require "ssl"
local function look(ctx, client)
  local names = {}
  for i, cipher in ipairs(ctx:get_ciphers()) do names[i] = cipher.name end
  local incoming, hello = ssl.MemoryBIO(), ssl.MemoryBIO()
  if client then
    pcall(function()
      ctx:wrap_bio(incoming, hello, { server_hostname = "localhost" }):do_handshake()
    end)
  end
  return { minimum = ctx.minimum_version, maximum = ctx.maximum_version, options = ctx.options,
    level = ctx.security_level, ciphers = names,
    hello = hello:read():gsub(".", function(c) return ("%02x"):format(c:byte()) end) }
end
io.write(json.encode({
  client = look(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), true),
  server = look(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
  either = look(ssl.SSLContext(ssl.PROTOCOL_TLS), true),
  fixed = look(ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)),
  default_client = look(ssl.create_default_context(), true),
  default_server = look(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)),
}))
]]

local theirs = [[
import ssl, warnings
warnings.simplefilter("ignore")
def look(ctx, client=False):
    incoming, hello = ssl.MemoryBIO(), ssl.MemoryBIO()
    if client:
        try: ctx.wrap_bio(incoming, hello, server_hostname="localhost").do_handshake()
        except ssl.SSLError: pass
    return {"minimum": int(ctx.minimum_version), "maximum": int(ctx.maximum_version),
        "options": int(ctx.options), "level": ctx.security_level,
        "ciphers": [c["name"] for c in ctx.get_ciphers()], "hello": hello.read().hex()}
result = {
  "client": look(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), True),
  "server": look(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
  "either": look(ssl.SSLContext(ssl.PROTOCOL_TLS), True),
  "fixed": look(ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)),
  "default_client": look(ssl.create_default_context(), True),
  "default_server": look(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)),
}
]]

local SUPPORTED_GROUPS <const>, SIGNATURE_ALGORITHMS <const> = 10, 13
local SUPPORTED_VERSIONS <const>, PADDING <const>, KEY_SHARE <const> = 43, 21, 51

-- What a ClientHello says, without what is random in it; "" for none.
local function parse(hex)
  if hex == "" then return "" end
  local hello = hex:gsub("%x%x", function(byte) return string.char(tonumber(byte, 16)) end)
  local version, at = string.unpack(">I2", hello, 10)
  local _, ciphers, extensions
  _, ciphers, _, extensions = string.unpack(">s1s2s1s2", hello, at + 32)
  local said = { version = version, ciphers = ciphers }
  at = 1
  while at <= #extensions do
    local kind, body
    kind, body, at = string.unpack(">I2s2", extensions, at)
    if kind == KEY_SHARE then
      local from, groups = 3, {}
      while from <= #body do groups[#groups + 1], _, from = string.unpack(">I2s2", body, from) end
      body = groups
    end
    said[kind] = kind ~= PADDING and body or nil
  end
  return said
end

-- The Pythons here that run on this OpenSSL: one with CPython's own defaults, and one whose
-- builder has left versions and ciphers to OpenSSL, as Debian does.
local function pythons()
  local found, home = {}, os.getenv("HOME") or ""
  for _, name in ipairs { os.getenv("PYTHON") or "python3", "python3.13", "/usr/bin/python3",
      home .. "/.pyenv/versions/3.13.0/bin/python3" } do
    local ok, answer = pcall(python.run, [[
import ssl, sys, sysconfig
result = [sys.version_info >= (3, 10), ssl.OPENSSL_VERSION,
  sysconfig.get_config_var("PY_SSL_DEFAULT_CIPHERS") in (None, 1)]
]], nil, name .. " 2>/dev/null")
    if ok and answer[1] and answer[2] == ssl.OPENSSL_VERSION then
      found[answer[3] and "own" or "openssl"] = name
    end
  end
  return found
end

describe("The system's configuration of TLS", function()
  local folder, interpreters, configuration
  setup(function()
    folder, interpreters = files.folder(), pythons()
    configuration = function(lines)
      return folder:write({ ["openssl.cnf"] = "openssl_conf = main\n[main]\nssl_conf = ssl\n"
        .. "[ssl]\nsystem_default = policy\n[policy]\n" .. table.concat(lines, "\n") .. "\n" }
        )["openssl.cnf"]
    end
  end)
  teardown(function() folder:close() end)

  local function run(program, lines)
    return (process.run_lua(program, "OPENSSL_CONF=" .. configuration(lines)))
  end

  -- Our contexts under a policy, by their names.
  local known = {}
  local function contexts(policy)
    if not known[policy] then
      local text = run(ours, policy.lines)
      known[policy] = assert(json.decode(text), text)
    end
    return pairs(known[policy])
  end

  local function ask(which, lines)
    return python.run(theirs, nil,
      ("env OPENSSL_CONF=%s %s"):format(configuration(lines), interpreters[which]))
  end

  for _, policy in ipairs(policies) do
    local lines = table.concat(policy.lines, ", ")
    local title = lines == "" and "without a policy" or "of " .. lines

    it(title .. " holds in each context", function()
      for name, got in contexts(policy) do
        local expected = policy.expect or {}
        if name ~= "fixed" then
          assert.equal(expected.minimum or ssl.TLSVersion.TLSv1_2, got.minimum, name)
          assert.equal(expected.maximum or ssl.TLSVersion.MAXIMUM_SUPPORTED, got.maximum, name)
        end
        assert.equal(expected.level or 2, got.level, name)
      end
    end)

    it(title .. " is what CPython makes of it", function()
      if not interpreters.own then return pending("no Python with defaults of its own here") end
      local sets_minimum, sets_ciphers = lines:find("MinProtocol"), lines:find("CipherString")
      local expected = ask("own", policy.lines)
      for name, got in contexts(policy) do
        local their = expected[name]
        assert.equal(their.maximum, got.maximum, name)
        assert.equal(their.options, got.options, name)
        -- these two CPython sets anew, whatever the policy
        if not sets_minimum then assert.equal(their.minimum, got.minimum, name) end
        if not sets_ciphers then
          assert.equal(their.level, got.level, name)
          assert.same(their.ciphers, got.ciphers, name)
        end
        if not (sets_minimum or sets_ciphers) then
          assert.same(parse(their.hello), parse(got.hello), name)
        end
      end
    end)

    it(title .. " is what a CPython built to leave it to OpenSSL makes of it", function()
      if not interpreters.openssl then return pending("no such Python here") end
      local expected = ask("openssl", policy.lines)
      for name, got in contexts(policy) do
        local their = expected[name]
        local hello, their_hello = parse(got.hello), parse(their.hello)
        assert.equal(their.maximum, got.maximum, name)
        if lines:find("MinProtocol") then
          assert.equal(their.minimum, got.minimum, name)
          if hello ~= "" then
            assert.equal(their_hello[SUPPORTED_VERSIONS], hello[SUPPORTED_VERSIONS], name)
          end
        end
        if lines:find("SECLEVEL") then assert.equal(their.level, got.level, name) end
        if lines:find("CipherString = [^D]") then assert.same(their.ciphers, got.ciphers, name) end
        if hello ~= "" and lines:find("Groups") then
          assert.equal(their_hello[SUPPORTED_GROUPS], hello[SUPPORTED_GROUPS], name)
          assert.same(their_hello[KEY_SHARE], hello[KEY_SHARE], name)
        end
        if hello ~= "" and lines:find("SignatureAlgorithms") then
          assert.equal(their_hello[SIGNATURE_ALGORITHMS], hello[SIGNATURE_ALGORITHMS], name)
        end
      end
    end)
  end

  it("holds until the program says otherwise", function()
    local text = run([[
      local ssl = require "ssl"
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      local function show() print(ctx.minimum_version, ctx.maximum_version, ctx.security_level,
        ctx:get_ciphers()[1].name, #ctx:get_ciphers(), ctx.options & ssl.OP_NO_TICKET) end
      show()
      ctx.minimum_version, ctx.maximum_version = ssl.TLSVersion.TLSv1_2, -1
      ctx:set_ciphersuites("TLS_AES_256_GCM_SHA384")
      ctx:set_ciphers("AES128-SHA256:@SECLEVEL=2")
      ctx.options = ctx.options & ~ssl.OP_NO_TICKET
      show()
    ]], { "MinProtocol = TLSv1.3", "MaxProtocol = TLSv1.3", "Options = -SessionTicket",
      "CipherString = AES256-SHA:AES128-SHA:@SECLEVEL=1", "Ciphersuites = TLS_AES_128_GCM_SHA256" })
    assert.equal(("772\t772\t1\tTLS_AES_128_GCM_SHA256\t3\t%d\n"):format(ssl.OP_NO_TICKET)
      .. "771\t-1\t2\tTLS_AES_256_GCM_SHA384\t2\t0\n", text)
  end)

  it("decides what a server and a client agree on, and what they do not", function()
    local text = run([[
      local ssl, testing = require "ssl", require "ssl.testing"
      local ca = testing.CA()
      local function connect(change)
        local client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        local server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca:configure_trust(client)
        ca:issue("localhost", { key_type = "RSA" }):configure_cert(server)
        if change then change(client) end
        local pair = testing.pair({ client = client, server = server,
          server_hostname = "localhost" })
        local ok = pair:handshake().ok
        print(ok, ok and pair.server:version(), ok and pair.server:cipher())
      end
      connect()
      connect(function(client) client:set_groups("X25519:P-384") end)
      connect(function(client) client:set_groups("X25519") end)
    ]], { "MaxProtocol = TLSv1.2", "Groups = P-384",
      "CipherString = ECDHE-RSA-AES128-SHA:@SECLEVEL=1" })
    assert.equal(("true\tTLSv1.2\tECDHE-RSA-AES128-SHA\n"):rep(2) .. "false\tfalse\tfalse\n",
      text:gsub("(SHA)\t[^\n]*", "%1"))
  end)
end)
