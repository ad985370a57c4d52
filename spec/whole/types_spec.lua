-- The definitions in types/ against the module: names, values, and how functions
-- take their parameters.

local fixtures = require "support.fixtures"
local manual = require "tools.manual"
local model = require "tools.doc.model"
local ssl = require "ssl"
local typefiles = require "support.typefiles"

local files = {}
for name in pairs(manual.generate()) do
  if name:find("^types/") and not name:find("config") and not name:find("x509") then
    files[#files + 1] = name
  end
end
table.sort(files)
local found = typefiles.read(files)

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- The names that a class has, or that its bases have.
local function names_of(class, into)
  into = into or {}
  for _, part in ipairs({ class.fields, class.functions, class.exposed or {} }) do
    for name in pairs(part) do into[name] = true end
  end
  for _, base in ipairs(class.bases) do names_of(found.classes[base], into) end
  return into
end

-- Names that are described nowhere: CPython's private ones, and two of ssl.testing.tap.
local private = { _DEFAULT_CIPHERS = true, _RESTRICTED_SERVER_CIPHERS = true,
  _OPENSSL_API_VERSION = true, _SSLMethod = true, apply = true, parser = true,
  datagrams = true }

local function missing(names, bound)
  local list = {}
  for _, name in ipairs(sorted(bound)) do
    if not names[name] and not private[name] then list[#list + 1] = name end
  end
  return list
end

local function loaded(name)
  local ok, contents = pcall(require, name)
  return ok and contents or {}
end

describe("The definitions in types/", function()
  it("are Lua, and have annotations that can be read", function()
    assert.is_true(#files >= 6)
    assert.same({}, found.problems)
    assert.is_true(#found.types > 500)
  end)

  it("name no type that they do not define", function()
    assert.same({}, typefiles.unknown(found))
  end)

  it("have everything that each module has", function()
    for _, module in ipairs({ "ssl.context", "ssl.core", "ssl.https", "ssl.waiter", "ssl.scan",
                              "ssl.store", "ssl.testing", "ssl.testing.tap" }) do
      assert.same({}, missing(names_of(found.classes[module]), loaded(module)), module)
    end
    assert.same({}, missing(names_of(found.classes.ssl), ssl))
  end)

  it("have every method and attribute of the classes", function()
    local registry = debug.getregistry()
    for _, name in ipairs({ "SSLContext", "SSLSocket", "SSLObject", "SSLSession", "MemoryBIO",
                            "TicketRing", "bytearray", "luasec.connection",
                            "luasec.certificate" }) do
      local meta, bound = registry["ssl." .. name], {}
      for _, part in ipairs({ "methods", "getters", "setters" }) do
        for key in pairs(meta[part] or {}) do
          if not key:find("^_") or key == "_msg_callback" then bound[key] = true end
        end
      end
      assert.same({}, missing(names_of(found.classes["ssl." .. name]), bound), name)
    end
  end)

  it("say nothing of what ssl.testing makes that is not there", function()
    local testing = require "ssl.testing"
    local ca, server = testing.CA(), testing.server()
    for name, object in pairs({ CA = ca, Identity = ca:issue("localhost"), Server = server,
        Key = ca.key, BrokenIdentity = testing.broken.expired(ca, "localhost"),
        Pair = testing.pair({ client = server.client_context, server = server.context,
          server_hostname = "localhost" }) }) do
      local class = found.classes["ssl.testing." .. name]
      for method in pairs(class.functions) do assert.is_function(object[method], method) end
      for key, field in pairs(class.fields) do
        local declared = field.optional and { kind = "optional", field.type } or field.type
        assert.is_true(typefiles.conforms(found, object[key], declared), key)
      end
    end
    server:close()
  end)

  it("give each constant its type, and each enum its names", function()
    for name, field in pairs(found.classes.ssl.fields) do
      if ssl[name] ~= nil and name ~= "CertificateError" then
        assert.is_true(typefiles.conforms(found, ssl[name], field.type), name)
      end
    end
    local seen = 0
    for name, class in pairs(found.classes) do
      if class.bases[1] == "ssl.Enum" then
        seen = seen + 1
        assert.same({}, missing(names_of(class), ssl[name:match("[%w_]+$")]), name)
      end
    end
    assert.equal(10, seen)
  end)

  it("know the bases of the error classes", function()
    local seen = 0
    for name, class in pairs(found.classes) do
      local short = name:match("^ssl%.(%w+Error)$")
      if short then
        seen = seen + 1
        for _, base in ipairs(class.bases) do
          assert.is_true(ssl.isinstance(ssl[short]("text"), ssl[base:match("%w+$")]), name)
        end
      end
    end
    assert.is_true(seen >= 12)
  end)
end)

describe("The type of", function()
  local env

  before_each(function() env = fixtures.open() end)
  after_each(function() fixtures.close(env) end)

  -- Attributes have no side effects: all are read.
  for _, case in ipairs({ { "SSLContext", "ctx" }, { "SSLContext", "server_ctx" },
                          { "SSLSocket", "conn" }, { "SSLSocket", "peer" },
                          { "SSLObject", "client" }, { "MemoryBIO" }, { "SSLSession" } }) do
    it(("the attributes of %s (%s) is that of their values"):format(case[1], case[2] or "new"),
      function()
        local object = case[2] and env[case[2]] or case[1] == "MemoryBIO" and ssl.MemoryBIO()
          or env.client.session
        for name, field in pairs(found.classes["ssl." .. case[1]].fields) do
          assert.is_true(typefiles.conforms(found, object[name], field.type), name)
        end
      end)
  end

  -- Functions that only tell something.
  local tell = {
    conn = [[cipher shared_ciphers compression version group server_sigalg client_sigalg pending
      selected_alpn_protocol selected_npn_protocol getpeercert get_verified_chain gettimeout
      get_unverified_chain get_peer_public_key ocsp_response getpeername getsockname getblocking
      fileno getfd dirty pollfd events timeout]],
    peer = "cipher shared_ciphers getpeercert get_verified_chain",
    ctx = "get_ciphers get_ca_certs session_stats cert_store_stats",
    ssl = "counters get_default_verify_paths RAND_status",
  }
  for object, names in pairs(tell) do
    it(("the results of what %s tells is theirs"):format(object), function()
      local class = ({ conn = "ssl.SSLSocket", peer = "ssl.SSLSocket", ctx = "ssl.SSLContext",
        ssl = "ssl" })[object]
      for name in names:gmatch("%S+") do
        local results = table.pack(env[object][name](object ~= "ssl" and env[object] or nil))
        local types = found.classes[class].functions[name].results
        assert.is_true(results.n <= #types, name)
        for i, declared in ipairs(types) do
          assert.is_true(typefiles.conforms(found, results[i], declared), name .. " " .. i)
        end
      end
    end)
  end
end)

-- Calls -----------------------------------------------------------------------

local function calls_of(entry)
  local list = {}
  for _, text in ipairs(entry.types) do
    local statement = model.statement(text)
    if statement.kind == "callable" then list[#list + 1] = statement end
  end
  return list
end

-- The parameters of a title: names, each with whether it stands in brackets.
local function of_title(title)
  local list, inside = {}, false
  for token in title:match("%((.*)%)$"):gmatch("%[?[^%[%s,%]]*") do
    inside = inside or token:sub(1, 1) == "["
    local name = token:gsub("^%[", "")
    if name ~= "" then list[#list + 1] = { name = name, optional = inside } end
  end
  return list
end

-- Does one call have the parameters of the title? "..." and "options" stand for all others.
local function agrees(title, call, shortest)
  local parameters = call.type.parameters
  for i, parameter in ipairs(title) do
    if parameter.name == "..." or parameter.name == "options" and call.named then return true end
    local own = parameters[i]
    if not own or own.name ~= parameter.name then return false end
    local optional = own.optional or own.type.kind == "optional" or i > shortest
    if parameter.optional and not optional or own.optional and not parameter.optional then
      return false
    end
  end
  return #parameters == #title
end

describe("The type that a doc comment says", function()
  it("is there for all but classes, tables and parts of others", function()
    for _, entry in ipairs(manual.entries()) do
      local kind = entry.title:match(" %((%a+)[^()]*%)$")
      if entry.title:find("%)$") and not entry.title:find(" %(") or kind == "function" then
        assert(#entry.types > 0, entry.title .. ": its doc comment needs a line \"Type: ...\": "
          .. "see \"Doc comments\" in CONTRIBUTING.md")
      end
    end
  end)

  it("has the parameters of the title", function()
    local seen = 0
    for _, entry in ipairs(manual.entries()) do
      local calls, agreed, shortest = calls_of(entry), false, math.huge
      for _, call in ipairs(calls) do shortest = math.min(shortest, #call.type.parameters) end
      if #calls > 0 and entry.title:find("%(.*%)$") and not entry.title:find(" or ")
          and not entry.title:find(" %(") then
        seen = seen + 1
        for _, call in ipairs(calls) do
          agreed = agreed or agrees(of_title(entry.title), call, shortest)
        end
        assert(agreed, entry.title)
      end
    end
    assert.is_true(seen > 200, seen)
  end)
end)

describe("A function takes by name what its type says:", function()
  local env

  before_each(function() env = fixtures.open() end)
  after_each(function() fixtures.close(env) end)

  local objects = { SSLContext = "ctx", SSLSocket = "conn", SSLObject = "client",
    TicketRing = "ring" }

  -- The function and what to call it with first.
  local function target(entry)
    local class, name = entry.name:match("^(%w+)%.([%w_]+)$")
    if not class then return ssl[entry.name] end
    if class == "store" then return require("ssl.store")[name] end
    local object = env[objects[class]]
    return object[name], object
  end

  -- Calls f with `count` nils but for `true` at `i` (nil: none), and a table at the end.
  local function call(f, object, count, i, named)
    local arguments, first = { object }, object and 1 or 0
    if i then arguments[first + i] = true end
    arguments[first + count + 1] = named
    local ok, err = pcall(f, table.unpack(arguments, 1, first + count + 1))
    return not ok and tostring(err) or ""
  end

  local function check_parameters(entry, statement, f, object)
    local parameters = { table.unpack(statement.type.parameters) }
    table.move(statement.type.parameters.byname, 1, #statement.type.parameters.byname,
      #parameters + 1, parameters)
    for i, parameter in ipairs(parameters) do
      local text = call(f, object, #parameters, i, { [parameter.name] = true })
      -- some look at the state of things before they look at their arguments
      if text:find("requires OpenSSL", 1, true) or text:find("before the handshake", 1, true) then
        return
      end
      assert(text:find(("multiple values for argument '%s'"):format(parameter.name), 1, true),
        ("%s: %d is not %s: %s"):format(entry.title, i, parameter.name, text))
    end
    assert.matches("unexpected keyword argument", call(f, object, #parameters, nil,
      { ["no such name"] = true }), 1, true, entry.title)
    for i, parameter in ipairs(statement.type.parameters) do
      local text = call(f, object, i - 1, nil, { ["no such name"] = true })
      assert.equal(not parameter.table,
        text:find("unexpected keyword argument", 1, true) ~= nil, entry.title .. " " .. i)
    end
  end

  local seen = 0
  for _, entry in ipairs(manual.entries()) do
    local statements = calls_of(entry)
    if #statements > 0 and statements[1].named and #statements == 1 then
      seen = seen + 1
      it(entry.title, function()
        check_parameters(entry, statements[1], target(entry))
      end)
    end
  end

  it("all of them", function() assert.is_true(seen >= 35, seen) end)
end)
