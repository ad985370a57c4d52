-- Bug classes B9 and B11: every method and attribute of every class, on objects
-- in every state and from inside every callback, with arguments that do not
-- fit. Whatever it does is a result or an error of this module.

local ssl = require "ssl"
local collector = require "support.collector"
local contexts = require "support.contexts"
local joined = require "support.joined"
local loopback = require "support.loopback"
local states = require "support.states"

-- What would wait for something that does not come, or for the network.
local skipped = { connect = true, connect_ex = true, accept = true,
  load_key_uri = true, sendfile = true }

local function isskipped(name) return skipped[name] or name:find("^_") end

local problems

-- In a finalizer, what was finalized before is no object any more.
local function survive(f, ...) pcall(f, ...) end

local function attempt(what, f, ...)
  local ok, err = pcall(f, ...)
  if not ok and not states.isfair(err) then
    problems[#problems + 1] = what .. ": " .. tostring(err)
  end
end

-- The other arguments that an odd value comes with; one of these in turn.
local amid = {
  function(value) return 1, value end,
  function(value) return "x", value, value end,
  function(value) return nil, value, nil, value end,
}

-- Calls with each odd value, alone and among others.
local function call_all(what, f, object)
  attempt(what, f, object)
  for i, value in ipairs(states.odd()) do
    local told = ("%s(#%d %s)"):format(what, i, type(value))
    attempt(told, f, object, value)
    attempt(told, f, object, amid[i % 3 + 1](value))
  end
end

-- A method in Lua finds a stranger's fault as Lua does.
local function foreign_selves(what, f)
  if debug.getinfo(f, "S").what ~= "C" then return end
  attempt(what .. " without self", f)
  for _, value in ipairs(states.odd()) do
    attempt(what .. " of a stranger", f, value, 1)
  end
end

local function write_all(what, object, name)
  local function set(value) object[name] = value end
  attempt(what .. " = nil", set, nil)
  for i, value in ipairs(states.odd()) do
    attempt(("%s = #%d %s"):format(what, i, type(value)), set, value)
  end
end

local function read_all(what, object)
  local methods, getters = states.members(object)
  attempt(what .. " as a string", tostring, object)
  for _, name in ipairs(getters) do
    attempt(what .. "." .. name, function() return object[name] end)
  end
  for _, name in ipairs(methods) do
    attempt(what .. ":" .. name, function() return object[name] end)
  end
end

local function nonblocking(object)
  pcall(function() object:settimeout(0) end)
end

local function issocket(object) return ssl.isinstance(object, ssl.SSLSocket) end

-- Nothing that sleeps: a connection that a method made blocking is not, and
-- do_handshake is not told to block.
local function try_method(state, make, name)
  local net <close> = loopback.new()
  local kept = table.pack(make(net))
  local object = kept[1]
  local f = object[name]
  call_all(state .. ":" .. name, function(self, ...)
    if name ~= "settimeout" and name ~= "setblocking" then nonblocking(object) end
    if name == "do_handshake" and issocket(object) then return f(self) end
    return f(self, ...)
  end, object)
  nonblocking(object)
  read_all(state .. " after " .. name, object)
end

local function try_members(state, make)
  local net <close> = loopback.new()
  local object, other = make(net)
  local methods, _, setters = states.members(object)
  read_all(state, object)
  for _, name in ipairs(setters) do write_all(state .. "." .. name, object, name) end
  write_all(state .. ".no_such_name", object, "no_such_name")
  for _, name in ipairs(methods) do
    foreign_selves(state .. ":" .. name, object[name])
  end
  read_all(state .. ", set", object)
  for _, name in ipairs(methods) do
    if not isskipped(name) then try_method(state, make, name) end
  end
  return other
end

local function sorted(t)
  local list = {}
  for key in pairs(t) do list[#list + 1] = key end
  table.sort(list)
  return list
end

local function fail_on_problems()
  local text = table.concat(problems, "\n", 1, math.min(#problems, 20))
  assert.equal(0, #problems, text)
end

describe("Any method and attribute", function()
  before_each(function() problems = {} end)
  after_each(states.forget)

  for _, state in ipairs(sorted(states.states)) do
    it("gives a result or an error on: " .. state, function()
      try_members(state, states.states[state])
      fail_on_problems()
    end)
  end
end)

-- All members of the connection and the context, one handshake each.
local function from_inside(install, check)
  local called = 0
  local probe = contexts.new()
  local methods = states.members((joined.objects(probe, select(2, contexts.new()))))
  local context_methods = states.members(probe)
  local function each(names, pick)
    for _, name in ipairs(names) do
      if not isskipped(name) then
        local client_context, server_context = contexts.new()
        local client, server = joined.objects(client_context, server_context)
        local busy = false
        local function inside()
          if busy then return end
          busy = true
          called = called + 1
          local object = pick(client, server)
          call_all("inside: " .. name, object[name], object)
          read_all("inside", client)
          read_all("inside", server)
          busy = false
        end
        client, server = install(client_context, server_context, inside, client, server)
        states.shake(client, server, 10)
        pcall(client.write, client, "x")
        pcall(server.read, server)
        read_all("afterwards", client)
        read_all("afterwards", server)
      end
    end
  end
  each(methods, function(client) return client end)
  each(methods, function(_, server) return server end)
  each(context_methods, function(client) return client.context end)
  each(context_methods, function(_, server) return server.context end)
  assert.is_true(called > 0)
  if check then check(called) end
end

local installers = {
  sni_callback = function(_, server_context, inside, client, server)
    server_context.sni_callback = inside
    return client, server
  end,
  client_hello_callback = function(_, server_context, inside, client, server)
    server_context.client_hello_callback = function(...) inside(...) end
    return client, server
  end,
  certificate_callback = function(client_context, server_context, inside)
    server_context.certificate_callback = function(...) inside(...) end
    return joined.objects(client_context, server_context)
  end,
  session_store = function(client_context, server_context, inside)
    server_context.options = server_context.options | ssl.OP_NO_TICKET
    server_context.session_store = { get = inside, put = inside, remove = inside }
    local client, server = joined.objects(client_context, server_context)
    return client, server
  end,
  _msg_callback = function(client_context, server_context, inside)
    client_context._msg_callback = inside
    return joined.objects(client_context, server_context)
  end,
  verify_callback = function(client_context, server_context, inside)
    client_context.verify_callback = function(...)
      inside(...)
      return true
    end
    return joined.objects(client_context, server_context)
  end,
  ocsp_callback = function(client_context, server_context, inside)
    client_context.ocsp_stapling = ssl.CERT_OPTIONAL
    client_context.ocsp_callback = inside
    return joined.objects(client_context, server_context)
  end,
  psk_callbacks = function(client_context, server_context, inside)
    if ssl.HAS_PSK then
      client_context.check_hostname = false
      client_context.verify_mode = ssl.CERT_NONE
      client_context.maximum_version = ssl.TLSVersion.TLSv1_2
      client_context:set_ciphers("PSK")
      server_context:set_ciphers("PSK")
      client_context:set_psk_client_callback(function()
        inside()
        return "someone", "key"
      end)
      server_context:set_psk_server_callback(function()
        inside()
        return "key"
      end)
    end
    return joined.objects(client_context, server_context)
  end,
}

describe("Any method, from inside of", function()
  before_each(function() problems = {} end)
  after_each(states.forget)

  for _, name in ipairs(sorted(installers)) do
    it(name .. ", gives a result or an error", function()
      from_inside(installers[name])
      fail_on_problems()
    end)
  end

  it("a waiter, gives a result or an error", function()
    local net <close> = loopback.new()
    local make = states.states["SSLSocket, established client"]
    local methods = states.members((make(net)))
    for _, name in ipairs(methods) do
      if not isskipped(name) then
        local conn = make(net)
        local waits = 0
        conn.context.waiter = function(self)
          waits = waits + 1
          local f = self[name]
          call_all("waiter: " .. name, function(me, ...)
            nonblocking(me)
            return f(me, ...)
          end, self)
          read_all("waiter", self)
          return false
        end
        conn:settimeout(1)
        attempt("recv", conn.recv, conn, 10)
        assert.is_true(waits > 0)
        conn:close()
      end
    end
    fail_on_problems()
  end)

  it("the password's function, gives a result or an error", function()
    local testing = require "ssl.testing"
    local identity = testing.CA():issue("localhost")
    local key = identity.key:encrypted("secret")
    local probe = contexts.new()
    for _, name in ipairs(states.members(probe)) do
      if not isskipped(name) then
        local context = select(2, contexts.new())
        attempt("load_cert_chain", context.load_cert_chain, context, {
          certdata = identity.cert.pem, keydata = key, password = function()
            call_all("password: " .. name, context[name], context)
            read_all("password", context)
            return "secret"
          end,
        })
      end
    end
    fail_on_problems()
  end)
end)

describe("A callback that does not return:", function()
  local object = setmetatable({}, { __tostring = function() return "raised" end })
  local ways = {
    raises = { function() error(object) end, "^raised$" },
    yields = { function() coroutine.yield() end, "yield" },
    overflows = { function() local function f() return f() + 1 end f() end, "stack overflow" },
  }
  local fatal = sorted(installers)
  for i, name in ipairs(fatal) do
    if name == "session_store" then table.remove(fatal, i) end  -- which no handshake needs
  end
  for _, name in ipairs(fatal) do
    for _, how in ipairs(sorted(ways)) do
      it(("%s that %s ends the handshake, which tells why"):format(name, how), function()
        if name == "psk_callbacks" and not ssl.HAS_PSK then return pending("no PSK") end
        local client_context, server_context = contexts.new()
        local client, server = joined.objects(client_context, server_context)
        client, server = installers[name](client_context, server_context, ways[how][1],
          client, server)
        -- those that may yield cannot across a call of C's
        local ok, err
        local run = coroutine.wrap(function()
          table.sort({ 1, 2 }, function()
            if ok == nil then ok, err = states.shake(client, server) end
            return false
          end)
        end)
        run()
        assert.is_false(ok)
        local cause = ssl.isinstance(err, ssl.Error) and err.cause or err
        assert.matches(ways[how][2], tostring(cause))
        -- and no call afterwards makes a connection of it
        client_context._msg_callback = nil
        assert.is_false((pcall(server.write, server, "secret")))
        assert.is_nil(server:version())
      end)
    end
  end
end)

describe("A connection that a finalizer closes in the middle of any call", function()
  before_each(function() problems = {} end)
  after_each(states.forget)

  local arguments = { export_keying_material = { "EXPERIMENTAL-test", 16 },
    get_channel_binding = { "tls-exporter" }, send = { "x" }, sendall = { "x" },
    write = { "x" }, recv_into = { ssl.bytearray(9) } }

  for _, state in ipairs({ "SSLSocket, established client", "SSLSocket, established server" }) do
    it("gives a result or an error: " .. state, function()
      local net <close> = loopback.new()
      local methods, getters = states.members((states.states[state](net)))
      local function try(name, f, ...)
        local conn = states.states[state](net)
        nonblocking(conn)
        local ok, err = collector.during(function() conn:close() end, f, conn, ...)
        attempt(name, function() if not ok then error(err, 0) end end)
        assert.equal(-1, conn:fileno())
      end
      for _, name in ipairs(methods) do
        if not isskipped(name) then
          try(name, function(conn, ...) return conn[name](conn, ...) end,
            table.unpack(arguments[name] or {}))
        end
      end
      for _, name in ipairs(getters) do try(name, function(conn) return conn[name] end) end
      fail_on_problems()
    end)
  end

  it("is closed for what needs memory before it asks", function()
    local net <close> = loopback.new()
    for _, name in ipairs({ "getpeercert", "get_verified_chain", "get_unverified_chain",
        "shared_ciphers", "export_keying_material" }) do
      local conn = states.states["SSLSocket, established server"](net)
      local ok, err = collector.during(function() conn:close() end, conn[name], conn,
        table.unpack(arguments[name] or {}))
      assert.is_true(not ok and ssl.isinstance(err, ssl.OSError), name)
    end
    local conn = states.states["SSLSocket, established client"](net)
    local ok, session = collector.during(function() conn:close() end, function()
      return conn.session
    end)
    assert.is_true(ok)
    assert.is_nil(session)
  end)
end)

describe("An object that a finalizer gets hold of", function()
  before_each(function() problems = {} end)
  after_each(states.forget)

  for _, state in ipairs(sorted(states.states)) do
    it("is harmless: " .. state, function()
      local net <close> = loopback.new()
      local seen = 0
      local function finalize(holder)
        for _, object in ipairs(holder) do
          if type(object) == "userdata" then
            seen = seen + 1
            for _, name in ipairs(holder.methods) do
              survive(holder.all[name], object, 1)
            end
            for _, name in ipairs(holder.getters) do
              survive(function() return object[name] end)
            end
            survive(tostring, object)
          end
        end
      end
      -- Both orders: finalizers run in the order opposite to their making.
      for _, early in ipairs({ true, false }) do
        local holder = early and setmetatable({}, { __gc = finalize }) or {}
        for i, object in ipairs(table.pack(states.states[state](net))) do holder[i] = object end
        nonblocking(holder[1])
        local methods, getters, _, meta = states.members(holder[1])
        holder.methods, holder.getters, holder.all = {}, getters, meta.methods
        for _, name in ipairs(methods) do
          if not isskipped(name) then holder.methods[#holder.methods + 1] = name end
        end
        if not early then setmetatable(holder, { __gc = finalize }) end
        if net.held then net:close() end
      end
      collectgarbage()
      collectgarbage()
      assert.is_true(seen > 0)
      fail_on_problems()
    end)
  end
end)

describe("The metamethods of an object, called by hand", function()
  before_each(function() problems = {} end)
  after_each(states.forget)

  for _, state in ipairs(sorted(states.states)) do
    it("do no harm: " .. state, function()
      local net <close> = loopback.new()
      local object, other = states.states[state](net)
      local _, _, _, meta = states.members(object)
      for event, f in pairs(meta) do
        if event:find("^__") and type(f) == "function" and event ~= "__gc" then
          foreign_selves(event, f)
          call_all(event, f, object)
        end
      end
      foreign_selves("__gc", meta.__gc)
      local text = getmetatable(object)
      assert.equal("string", type(text))
      pcall(meta.__gc, object)
      pcall(meta.__gc, object)
      attempt("as a string", tostring, object)
      for name, f in pairs(meta.methods) do
        if not isskipped(name) then survive(f, object, 1) end
      end
      assert.is_not_equal(other, object)
      fail_on_problems()
    end)
  end
end)
