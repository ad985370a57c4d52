local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local process = require "support.process"

local raised, raises = errors.raised, errors.raises

local TLSv1_3 = ssl.TLSVersion.TLSv1_3

local SECRET = "a secret of more than 32 bytes, for specs"
local OTHER = "another one that has as many bytes as it takes"

local now  -- what the clock of each ring says

local function clock() return now end

-- A ring with periods of 100 seconds, and clocks that differ by 10 at most.
local function ring_with(secret, options)
  local ring = { secret = secret, period = 100, keep = 2, skew = 10, clock = clock }
  for name, value in pairs(options or {}) do ring[name] = value end
  return ssl.ticket_ring(ring)
end

-- A server that has the ring, as another process would; and its clients' context.
local function server_with(ring, version)
  local client_ctx, server_ctx = contexts.new(version or TLSv1_3)
  server_ctx:set_ticket_keys(ring)
  return server_ctx, client_ctx
end

-- The session of a connection, for any client.
local function session_of(client)
  return ssl.SSLSession.from_bytes(client.session:to_bytes())
end

-- That of a connection to a new server with the ring.
local function session_from(ring, version)
  local server_ctx, client_ctx = server_with(ring, version)
  return session_of((joined.connect(client_ctx, server_ctx)))
end

-- Does a new server with the ring resume the session? Also the session afterwards.
local function resumes(ring, session, version)
  local server_ctx, client_ctx = server_with(ring, version)
  local client = joined.connect(client_ctx, server_ctx, session)
  return client.session_reused, session_of(client)
end

local function with_file(text, f)
  local name = os.tmpname()
  local function write(content)
    local file <close> = assert(io.open(name, "wb"))
    file:write(content)
  end
  write(text)
  local ok, err = pcall(f, name, write)
  os.remove(name)
  if not ok then error(err, 0) end
end

-- Key number `n`, computed by the openssl command from what ring.c promises.
local function derived(secret, period, n)
  local function hex(text)
    return (text:gsub(".", function(char) return ("%02x"):format(char:byte()) end))
  end
  local command = ("openssl kdf -binary -keylen 80 -kdfopt digest:SHA256 -kdfopt hexkey:%s "
    .. "-kdfopt hexsalt:%s -kdfopt hexinfo:%s HKDF"):format(hex(secret),
    hex("lua-ssl ticket ring"), hex("ticket key" .. string.pack(">I8I8", period, n)))
  local pipe <close> = assert(io.popen(command))
  return pipe:read("a")
end

before_each(function() now = 1000050 end)

for name, version in pairs(contexts.versions) do
  describe("A ring of ticket keys, with " .. name .. ",", function()
    it("resumes what another one with its secret began, and nobody else does", function()
      local session = session_from(ring_with(SECRET), version)
      assert.is_true(resumes(ring_with(SECRET), session, version))
      assert.is_false(resumes(ring_with(OTHER), session, version))
      assert.is_false(resumes(ring_with(SECRET, { period = 200 }), session, version))
    end)

    it("has the keys that HKDF makes of its secret and the number of the period", function()
      local session = session_from(ring_with(SECRET), version)
      local key = derived(SECRET, 100, 10000)
      assert.equal(80, #key)
      assert.is_true(resumes({ key }, session, version))
    end)

    it("renews a ticket of an earlier period", function()
      local session = session_from(ring_with(SECRET), version)
      now = now + 100
      local reused, renewed = resumes(ring_with(SECRET), session, version)
      assert.is_true(reused)
      assert.is_true(resumes({ derived(SECRET, 100, 10001) }, renewed, version))
    end)
  end)
end

describe("A ring of ticket keys", function()
  it("keeps a key for as many periods as it was told, and for the others' clocks", function()
    local session = session_from(ring_with(SECRET))
    for time, expected in pairs({ [1000199] = true, [1000299] = true, [1000309] = true,
        [1000310] = false, [1000399] = false }) do
      now = time
      assert.equal(expected, resumes(ring_with(SECRET), session), time)
    end
  end)

  it("has the next period's key, for others whose clock is ahead", function()
    now = 1000100
    local session = session_from(ring_with(SECRET))
    now = 1000090
    assert.is_true(resumes(ring_with(SECRET), session))
    now = 1000089
    assert.is_false(resumes(ring_with(SECRET), session))
  end)

  it("follows the clock in one context, forwards and backwards", function()
    local ring = ring_with(SECRET)
    local server_ctx, client_ctx = server_with(ring)
    local function reused(session)
      return joined.connect(client_ctx, server_ctx, session).session_reused
    end
    local session = joined.connect(client_ctx, server_ctx).session
    for _, time in ipairs({ 1000050, 1000310, 1000060, 999000, 1000309 }) do
      now = time
      assert.equal(time >= 1000000 and time < 1000310, reused(session), time)
    end
  end)

  it("changes with the time for connections that were made before", function()
    local server_ctx, client_ctx = server_with(ring_with(SECRET))
    local client, server = joined.objects(client_ctx, server_ctx)
    now = now + 1000
    joined.objects(client_ctx, server_ctx)  -- tells the ring the time
    assert.same({ false, false }, { joined.handshake(client, server) })
    joined.echo(client, server)
    assert.is_true(resumes({ derived(SECRET, 100, 10010) }, session_of(client)))
  end)

  it("serves connections after the program has forgotten it", function()
    local server_ctx, client_ctx = server_with(ring_with(SECRET))
    local client, server = joined.objects(client_ctx, server_ctx)
    server_ctx:set_ticket_keys({ ssl.RAND_bytes(80) })
    collectgarbage()
    collectgarbage()
    assert.same({ false, false }, { joined.handshake(client, server) })
    joined.echo(client, server)
    assert.is_true(resumes(ring_with(SECRET), session_of(client)))
  end)

  it("goes by the system's clock if it is given none", function()
    local function ring() return ssl.ticket_ring({ secret = SECRET }) end
    assert.is_true(resumes(ring(), (session_from(ring()))))
    local function late() return os.time() - 1e6 end
    local early = ssl.ticket_ring({ secret = SECRET, clock = late })
    assert.is_false(resumes(early, (session_from(ring()))))
  end)

  it("tells its settings, and what they are by default", function()
    local ring = ssl.ticket_ring({ secret = SECRET })
    assert.same({ 43200, 3, 4320, 1 }, { ring.period, ring.keep, ring.skew, ring.secrets })
    local mine = ring_with({ SECRET, OTHER })
    assert.same({ 100, 2, 10, 2 }, { mine.period, mine.keep, mine.skew, mine.secrets })
    assert.has_error(function() ring.period = 1 end)
    assert.is_true(ssl.isinstance(ring, ssl.TicketRing))
  end)

  it("is the same in another process with the same clock", function()
    local name = os.tmpname()
    local pipe = assert(io.popen(("LUA_PATH='%s' LUA_CPATH='%s' %s -"):format(package.path,
      package.cpath, process.lua), "w"))
    pipe:write(([[
      local contexts = require "support.contexts"
      local joined = require "support.joined"
      local ssl = require "ssl"
      local client_ctx, server_ctx = contexts.new()
      server_ctx:set_ticket_keys(ssl.ticket_ring({ secret = %q, period = 100,
        clock = function() return %d end }))
      local session = joined.connect(client_ctx, server_ctx).session
      local file <close> = assert(io.open(%q, "wb"))
      file:write(session:to_bytes())
    ]]):format(SECRET, now + 40, name))
    assert.is_true(pipe:close())
    local file <close> = assert(io.open(name, "rb"))
    local session = ssl.SSLSession.from_bytes(file:read("a"))
    os.remove(name)
    -- The client does not check who it was that it spoke with: another authority's leaf.
    local server_ctx, client_ctx = server_with(ring_with(SECRET))
    client_ctx.check_hostname = false
    client_ctx.verify_mode = ssl.CERT_NONE
    local client = joined.connect(client_ctx, server_ctx, session)
    assert.is_true(client.session_reused)
    server_ctx:set_ticket_keys(ring_with(OTHER))
    assert.is_false(joined.connect(client_ctx, server_ctx, session).session_reused)
  end)
end)

describe("The secret of a ring", function()
  it("is changed without losing a session", function()
    local ring = ring_with(SECRET)
    local server_ctx, client_ctx = server_with(ring)
    local session = session_of((joined.connect(client_ctx, server_ctx)))
    ring:rotate(OTHER)
    local client = joined.connect(client_ctx, server_ctx, session)
    assert.is_true(client.session_reused)
    assert.is_true(resumes(ring_with(OTHER), session_of(client)))
    assert.is_false(resumes(ring_with(SECRET), session_of(client)))
  end)

  it("is accepted at once, and encrypts after a delay", function()
    local ring = ring_with(SECRET)
    ring:rotate(OTHER, 20)
    assert.is_true(resumes(ring, (session_from(ring_with(OTHER)))))
    assert.is_true(resumes(ring_with(SECRET), (session_from(ring))))
    now = now + 20
    assert.is_true(resumes(ring_with(OTHER), (session_from(ring))))
    assert.is_true(resumes(ring, (session_from(ring_with(SECRET)))))
  end)

  it("is wiped once its last ticket has run out, and stays so", function()
    local ring = ring_with(SECRET)
    local session = session_from(ring)
    ring:rotate(OTHER)
    for time, secrets in pairs({ [1000309] = 2 }) do
      now = time
      assert.equal(secrets, ring.secrets)
      assert.is_true(resumes(ring, session))
    end
    now = 1000310
    assert.equal(1, ring.secrets)
    now = 1000050
    assert.is_false(resumes(ring, session))
  end)

  it("gives way to the ninth", function()
    local ring = ring_with(SECRET)
    for i = 1, 9 do
      ring:rotate(OTHER .. i)
      assert.equal(math.min(i + 1, 8), ring.secrets)
    end
    assert.is_true(resumes(ring, (session_from(ring_with(OTHER .. 2)))))
    assert.is_false(resumes(ring, (session_from(ring_with(OTHER .. 1)))))
  end)

  it("is the first of a list; all decrypt", function()
    local ring = ring_with({ OTHER, ssl.bytearray(SECRET) })
    assert.is_true(resumes(ring, (session_from(ring_with(SECRET)))))
    assert.is_true(resumes(ring_with(OTHER), (session_from(ring))))
    assert.is_false(resumes(ring_with(SECRET), (session_from(ring))))
  end)

  it("comes from a function, and anew when the program says so", function()
    local current = SECRET
    local ring = ring_with(function() return current end)
    local session = session_from(ring_with(SECRET))
    assert.is_true(resumes(ring, session))
    current = { OTHER, SECRET }
    ring:reload()
    assert.equal(2, ring.secrets)
    assert.is_true(resumes(ring, session))
    assert.is_true(resumes(ring_with(OTHER), (session_from(ring))))
    current = OTHER
    ring:reload()
    assert.is_false(resumes(ring, session))
  end)

  it("comes from the lines of a file", function()
    with_file("  " .. SECRET .. "\t\r\n\n", function(name, write)
      local ring = ring_with(nil, { secretfile = name })
      assert.equal(1, ring.secrets)
      assert.is_true(resumes(ring, (session_from(ring_with(SECRET)))))
      write(OTHER .. "\n" .. SECRET)
      ring:reload()
      assert.equal(2, ring.secrets)
      assert.is_true(resumes(ring_with(OTHER), (session_from(ring))))
    end)
  end)

  it("stays when it cannot be read anew", function()
    with_file(SECRET, function(name, write)
      local ring = ring_with(nil, { secretfile = name })
      write("short")
      raises(ssl.ValueError, function() ring:reload() end)
      os.remove(name)
      raises(ssl.OSError, function() ring:reload() end)
      assert.equal(1, ring.secrets)
      assert.is_true(resumes(ring, (session_from(ring_with(SECRET)))))
    end)
  end)

  it("has to come from somewhere to be read anew", function()
    raises(ssl.ValueError, function() ring_with(SECRET):reload() end)
    raises(ssl.ValueError, function() ring_with({ SECRET }):reload() end)
  end)

  it("is refused if it is weak, and no message shows it", function()
    local function refused(text, secret)
      local err = raised(function() ring_with(secret) end)
      assert.is_true(ssl.isinstance(err, ssl.ValueError))
      assert.matches(text, err.message, 1, true)
      assert.is_nil(err.message:find("hush", 1, true))
    end
    refused("31 bytes of the 32", "hush" .. ("hush"):rep(6) .. "abc")
    refused("0 bytes", "")
    refused("one byte repeated", ("\0"):rep(64))
    refused("secret 2 is too short", { SECRET, "hush" })
    refused("secret is an empty array", {})
    refused("more than 8 secrets", { SECRET, SECRET, SECRET, SECRET, SECRET, SECRET, SECRET,
      SECRET, SECRET })
    refused("secret is too short", function() return "hush" end)
    local ring = ring_with(SECRET)
    for _, weak in ipairs({ "hush", ("h"):rep(32) }) do
      raises(ssl.ValueError, function() ring:rotate(weak) end)
    end
    assert.equal(1, ring.secrets)
  end)

  it("is refused with its line and file", function()
    local function refused(pattern, text)
      with_file(text, function(name)
        local err = raised(function() ring_with(nil, { secretfile = name }) end)
        assert.is_true(ssl.isinstance(err, ssl.ValueError))
        assert.matches(pattern, err.message, 1, true)
        assert.matches(name, err.message, 1, true)
      end)
    end
    refused("in line 2 of", SECRET .. "\nhush\n")
    refused("has no secret", "\n \n")
    refused("more than 8 secrets", (SECRET .. "\n"):rep(9))
    refused("more than 8192 bytes", ("x y "):rep(3000))
    local err = raised(function() ring_with(nil, { secretfile = "/no/such/file" }) end)
    assert.is_true(ssl.isinstance(err, ssl.OSError))
    assert.equal("/no/such/file", err.filename)
  end)
end)

describe("ssl.ticket_ring", function()
  it("refuses settings that make no sense", function()
    for _, bad in ipairs({ { period = 0 }, { period = 2 ^ 40 | 0 }, { keep = -1 }, { keep = 101 },
        { skew = -1 }, { skew = 51 } }) do
      raises(ssl.ValueError, function() ring_with(SECRET, bad) end)
    end
    raises(ssl.ValueError, ssl.ticket_ring)
    raises(ssl.ValueError, function() ring_with(SECRET, { secretfile = "/etc/passwd" }) end)
    for _, bad in ipairs({ { period = "1" }, { clock = 1 }, { secret = 1 }, { secret = { 1 } },
        { secretfile = 1 }, { colour = 1 } }) do
      assert.equal("string", type(raised(function() ring_with(SECRET, bad) end)))
    end
  end)

  it("passes on what the program's functions raise", function()
    local mine = { "mine" }
    local function fail() error(mine) end
    assert.equal(mine, raised(function() ring_with(fail) end))
    local server_ctx, client_ctx = server_with(ring_with(SECRET, { clock = fail }))
    assert.equal(mine, raised(function() joined.objects(client_ctx, server_ctx) end))
    for _, time in ipairs({ "1", -1, 0 / 0, math.huge }) do
      now = time
      server_ctx = server_with(ring_with(SECRET))
      assert.matches("bad return value from 'clock'",
        raised(function() joined.objects(client_ctx, server_ctx) end), 1, true)
    end
  end)
end)

describe("TicketRing:rotate", function()
  it("refuses what is no secret, and no delay", function()
    local ring = ring_with(SECRET)
    assert.equal("string", type(raised(function() ring:rotate() end)))
    assert.equal("string", type(raised(function() ring:rotate({ OTHER }) end)))
    for _, delay in ipairs({ -1, 0 / 0, math.huge }) do
      raises(ssl.ValueError, function() ring:rotate(OTHER, delay) end)
    end
    assert.equal(1, ring.secrets)
  end)
end)
