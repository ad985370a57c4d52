-- What the doc comments say about types, as classes and definitions: the form from
-- which tools/doc/types.lua writes the files in types/.

local comments = require "tools.doc.comments"
local luacats = require "tools.doc.luacats"

local M = {}

-- The classes that titles name by a variable, or that are tables in a module.
local OWNERS = {
  connection = "ssl.luasec.connection", certificate = "ssl.luasec.certificate",
  ca = "ssl.testing.CA", identity = "ssl.testing.Identity", key = "ssl.testing.Key",
  pair = "ssl.testing.Pair", server = "ssl.testing.Server", assert = "luassert",
  context = "ssl.context", core = "ssl.core", https = "ssl.https", testing = "ssl.testing",
  scan = "ssl.scan", store = "ssl.store", waiter = "ssl.waiter",
  ["testing.tap"] = "ssl.testing.tap",
  wire = "ssl.testing.Wire", message = "ssl.testing.Message",
  peer = "ssl.testing.Peer",
  ["testing.policy"] = "ssl.testing.policy", report = "ssl.testing.PolicyReport",
  scope = "ssl.testing.Scope", proxy = "ssl.testing.Proxy",
  ["waiter.scheduler"] = "ssl.waiter.scheduler",
}

local BUILTIN = {}
for name in ([[any nil boolean true false number integer string table function userdata thread
    file* self]]):gmatch("%S+") do
  BUILTIN[name] = true
end

-- What titles of attributes say in words.
local function of_words(words)
  local inner = words:match("^(.+) or nil$")
  if inner then return of_words(inner) .. "?" end
  local item = words:match("^array of .-(%a+)s$")
  return item and item .. "[]" or words
end

local function split_list(text)
  local list = {}
  for name in (text or ""):gmatch("[%w_.]+") do list[#list + 1] = name end
  return list
end

--- A statement of a `Type:` paragraph: a table with `kind`, which is "callable",
--- "enum", "definition" or "value".
function M.statement(text)
  local names = text:match("^enum (.+)$")
  if names then return { kind = "enum", names = names } end
  local name, bases, definition = text:match("^([%w_.]+)(:?[%w_., ]*) = (.+)$")
  if name then
    return { kind = "definition", name = name, bases = split_list(bases),
      type = luacats.parse(definition) }
  end
  local signature = text:match("^named (fun.*)$")
  local parsed = luacats.parse(signature or text)
  if parsed.kind == "fun" and text:find("^[nf]") then
    return { kind = "callable", type = parsed, named = signature ~= nil }
  end
  return { kind = "value", type = parsed }
end

-- The statements of an entry; the title's words where there is no paragraph.
local function statements(entry)
  local list = {}
  for _, text in ipairs(entry.types) do
    local ok, statement = pcall(M.statement, text)
    if not ok then error(("%s:%d: %s"):format(entry.file, entry.line, statement), 0) end
    list[#list + 1] = statement
  end
  if #list == 0 and not entry.text then
    local words = entry.title:match(" %((.-)%)$")
    words = words and words:gsub(", read.*$", "")
    if words and words ~= "class" and words ~= "table" then
      list[1] = { kind = "value", type = luacats.parse(of_words(words)) }
    end
  end
  return list
end

local Model = {}
Model.__index = Model

function Model:class(name)
  local class = self.classes[name]
  if not class then
    class = { name = name, bases = {}, fields = {}, functions = {}, definitions = {} }
    self.classes[name] = class
    self.classes[#self.classes + 1] = class
  end
  return class
end

-- The class of a name in a title, and the rest of the name: "SSLSocket", "recv".
local function owner_of(name)
  local first, rest = name:match("^(.*)%.([%w_]+)$")
  if not first then return "ssl", name end
  return OWNERS[first] or "ssl." .. first, rest
end

-- A constant's type, by its name.
local function constant_type(name)
  return luacats.parse(name:find("^HAS_") and "boolean" or "integer")
end

function Model:define(entry, statement)
  local name = statement.name:find("^ssl%.") and statement.name or "ssl." .. statement.name
  if statement.type.kind ~= "record" then
    self.isalias[name] = true
    self.aliases[#self.aliases + 1] = { name = name, type = statement.type, entry = entry }
    return
  end
  local class = self:class(name)
  class.defined, class.bases = true, statement.bases
  if name:match("[%w_]+$") == entry.name:match("[%w_]+$") then class.entry = entry end
  for _, field in ipairs(statement.type.fields) do class.fields[#class.fields + 1] = field end
end

function Model:enumerate(entry, statement, constants)
  local class = self:class("ssl." .. entry.name)
  class.defined, class.bases, class.entry, class.exposed = true, { "Enum" }, entry, "ssl"
  local prefix = statement.names:match("^(.*)%*$")
  local names = prefix and constants(prefix) or split_list(statement.names)
  for _, name in ipairs(names) do
    class.fields[#class.fields + 1] = { name = name, type = luacats.parse("integer") }
  end
end

-- A function, a method, or a class that can be called.
function Model:callable(entry, calls, owner, name, method)
  local own = self.classes["ssl." .. entry.name] or self.classes[entry.title:match("^[%w_.]+")]
  local item = { name = name, method = method, calls = calls, entry = entry }
  if own and own.defined then
    own.constructor, own.exposed = item, owner
  else
    local functions = self:class(owner).functions
    functions[#functions + 1] = item
  end
end

function Model:value(entry, statement, owner, name)
  local fields = self:class(owner).fields
  fields[#fields + 1] = { name = name, type = statement.type, entry = entry }
end

-- The names that methods and attributes have before their dot.
local function prefixes(entries)
  local set = {}
  for _, entry in ipairs(entries) do
    local prefix = entry.name:match("^(.*)%.[%w_]+$")
    if prefix and not OWNERS[prefix] then set[prefix] = true end
  end
  return set
end

-- Definitions first: an entry may be of a class that a later entry defines.
local function define_all(model, entries)
  local isclass = prefixes(entries)
  for _, entry in ipairs(entries) do
    if isclass[entry.name] then
      local class = model:class("ssl." .. entry.name)
      class.defined, class.entry, class.exposed = true, entry, "ssl"
    end
    for _, statement in ipairs(statements(entry)) do
      if statement.kind == "definition" then model:define(entry, statement) end
    end
  end
end

local function add(model, entry, constants)
  local owner, name = owner_of(entry.name)
  local calls = {}
  for _, statement in ipairs(statements(entry)) do
    if statement.kind == "callable" then
      calls[#calls + 1] = statement
    elseif statement.kind == "enum" then
      model:enumerate(entry, statement, constants)
    elseif statement.kind == "value" then
      model:value(entry, statement, owner, name)
    end
  end
  local method = entry.title:find("^[%w_.]+:") ~= nil
  if #calls > 0 then model:callable(entry, calls, owner, name, method) end
  if entry.text then
    model:value(entry, { type = constant_type(entry.name) }, owner, name)
  end
  local borrowed = comments.isshared(entry)
  if borrowed and #calls > 0 then
    model:callable(entry, calls, "ssl.SSLObject", name, method)
  elseif borrowed then
    local statement = statements(entry)[1]
    if not statement then
      error(("%s:%d: %s has no paragraph 'Type:'"):format(entry.file, entry.line, entry.title), 0)
    end
    model:value(entry, statement, "ssl.SSLObject", name)
  end
end

--- The name of a class or alias as the files in types/ write it; an error for a name
--- that is neither.
function Model:qualified(name)
  if BUILTIN[name] then return name end
  local full = OWNERS[name] or name:find("^ssl%.") and name or "ssl." .. name
  if not self.classes[full] and not self.isalias[full] then
    error("no type has the name " .. name, 0)
  end
  return full
end

--- The model of all entries: `classes` (an array, and by their names) and `aliases`.
function M.build(entries)
  local model = setmetatable({ classes = {}, aliases = {}, isalias = {} }, Model)
  local names = {}
  for _, entry in ipairs(entries) do
    if entry.text then names[#names + 1] = entry.name end
  end
  local function constants(prefix)
    local list = {}
    for _, name in ipairs(names) do
      if name:sub(1, #prefix) == prefix then list[#list + 1] = name end
    end
    return list
  end
  define_all(model, entries)
  for _, entry in ipairs(entries) do add(model, entry, constants) end
  return model
end

return M
