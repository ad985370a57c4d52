local fixtures = require "support.fixtures"
local ssl = require "ssl"
local manual = require "tools.manual"

-- They open descriptors of their own, and keep them.
for _, name in ipairs({ "copas", "cqueues", "luv" }) do
  pcall(function() return require("ssl.waiter").load(name) end)
end

local entries = manual.entries()
local documented = {}
for _, entry in ipairs(entries) do
  documented[entry.name] = entry
  local borrowed = manual.isshared(entry)
  if borrowed then documented["SSLObject." .. borrowed] = entry end
end

-- Names of CPython's private parts, kept for programs that use them.
local private = {
  _DEFAULT_CIPHERS = true, _RESTRICTED_SERVER_CIPHERS = true, _OPENSSL_API_VERSION = true,
  _SSLMethod = true,  -- told by Protocol
}

-- Documented, and not bound here: the system or OpenSSL has no such call.
local elsewhere = {
  enum_certificates = true, enum_crls = true,  -- Windows
  RAND_egd = true,                             -- where OpenSSL has it
  ClientHello = true,                          -- what a callback gets
}

-- Not names but parts of others, or objects of Lua's own.
local function isbound(name)
  local class, field = name:match("^(%w+)%.(.+)$")
  local theirs = debug.getregistry()["ssl.luasec." .. tostring(class)]
  if theirs then
    return theirs.methods[field]
  elseif class == "context" or class == "core" or class == "https" or class == "scan" then
    return require("ssl." .. class)[field] or field == "VERIFY" or field == "PROXY"  -- nil
  end
  local meta = class and debug.getregistry()["ssl." .. class]
  if meta and (meta.methods or meta.getters) then
    return meta.methods[field] or meta.getters[field] or ssl[class] and ssl[class][field]
  elseif class == "Enum" then
    return ssl.Options[field]
  elseif class == "Purpose" then
    return ssl.Purpose[field]
  elseif class and type(ssl[class]) == "table" then  -- a class of the prelude's
    return ssl[class][field]
  end
  return ssl[name] ~= nil
end

-- Those of platforms: constants of sockets, and of an OpenSSL built without.
local function isoptional(entry) return entry.text ~= nil end

describe("The manual", function()
  it("is up to date: make manual", function()
    assert.same({}, manual.outdated())
  end)

  it("tells everything that the module has", function()
    local missing = {}
    for name in pairs(ssl) do
      if not documented[name] and not private[name] then missing[#missing + 1] = name end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)

  it("tells every method and attribute of the classes", function()
    local missing = {}
    for _, class in ipairs({ "SSLContext", "SSLSocket", "SSLObject", "SSLSession", "MemoryBIO",
                             "TicketRing", "bytearray" }) do
      local meta = debug.getregistry()["ssl." .. class]
      for _, part in ipairs({ meta.methods, meta.getters, meta.setters }) do
        for name in pairs(part) do
          -- a leading underscore is the prelude's, but for _msg_callback
          local known = documented[class .. "." .. name]
          if not known and (not name:find("^_") or name == "_msg_callback") then
            missing[#missing + 1] = class .. "." .. name
          end
        end
      end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)

  it("tells everything that ssl.testing, ssl.scan, ssl.store and ssl.waiter have", function()
    local missing = {}
    for _, module in ipairs({ "testing", "scan", "store", "waiter" }) do
      local found, contents = pcall(require, "ssl." .. module)
      for name in pairs(found and contents or {}) do
        if not documented[module .. "." .. name] then missing[#missing + 1] = name end
      end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)

  it("tells everything that LuaSec's programs find", function()
    local missing = {}
    local registry = debug.getregistry()
    for prefix, contents in pairs({
      connection = registry["ssl.luasec.connection"].methods,
      certificate = registry["ssl.luasec.certificate"].methods,
      context = require "ssl.context", core = require "ssl.core", https = require "ssl.https",
    }) do
      for name in pairs(contents) do
        if not documented[prefix .. "." .. name] then
          missing[#missing + 1] = prefix .. "." .. name
        end
      end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)

  it("tells nothing that is not there", function()
    local surplus = {}
    for _, entry in ipairs(entries) do
      local page = manual.page(entry)
      if page ~= "ssl.testing" and page ~= "ssl.waiter" and page ~= "ssl.store"
          and not isoptional(entry)
          and not elsewhere[entry.name] and not isbound(entry.name) then
        surplus[#surplus + 1] = entry.title
      end
    end
    assert.same({}, surplus)
  end)

  it("has something for each item of its outline", function()
    local known, surplus = {}, {}
    for _, entry in ipairs(entries) do known[entry.name], known[entry.file] = true, true end
    for _, page in ipairs(require("tools.doc.outline").pages()) do
      for _, section in ipairs(page.sections) do
        for _, item in ipairs(section.items) do
          if not known[item] and not item:find("*", 1, true) then surplus[#surplus + 1] = item end
        end
      end
    end
    assert.same({}, surplus)
  end)

  it("says since when each entry is there, and names parameters as its title does", function()
    for _, entry in ipairs(entries) do
      local text = table.concat(entry.lines, " ")
      local page = manual.page(entry)
      local theirs = page == "luasec" or page == "ssl.https"  -- as long as LuaSec's API itself
      if not entry.text and not theirs then
        assert.matches("Since:", text, 1, true, entry.title)
      end
      local parameters = entry.title:match("%((.*)%)$")
      if parameters and entry.title:find("^ssl%.[%w_]+%(") then
        for parameter in parameters:gmatch("[%a_][%w_]*") do
          local known = parameter == "options" or text:find("`" .. parameter .. "`", 1, true)
          assert(known or entry.title:find(" or ", 1, true), entry.title .. ": " .. parameter)
        end
      end
    end
  end)
end)

describe("The manual's example of", function()
  local env

  after_each(function()
    if env then fixtures.close(env) end
    env = nil
  end)

  for _, entry in ipairs(entries) do
    local code = {}
    for _, line in ipairs(entry.lines) do
      if line:find("^    ") then code[#code + 1] = line:sub(5) end
    end
    local source = table.concat(code, "\n")
    if source ~= "" then
      it(entry.title .. " runs", function()
        env = fixtures.open(manual.page(entry))
        local chunk = assert(load(source, ("=%s:%d"):format(entry.file, entry.line), "t", env))
        chunk()
      end)
    elseif not entry.text then
      it(entry.title .. " is there", function()
        -- what functions of the test kit return has its example there
        assert(entry.name:find("^testing%.%u%w+$"), "no example")
      end)
    end
  end
end)
