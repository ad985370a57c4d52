-- Reads the files in types/ as a language server does: classes with their fields and
-- functions, aliases, and what is written wrongly.

local luacats = require "tools.doc.luacats"
local read = require "support.read"

local M = {}

local function new(reader, name)
  local class = reader.classes[name] or { fields = {}, functions = {}, bases = {} }
  reader.classes[name], reader.class = class, class
  return class
end

local function parsed(reader, text)
  local ok, result = pcall(luacats.parse, text)
  if not ok then
    reader.problems[#reader.problems + 1] = text .. ": " .. result
    return { kind = "name", name = "any" }
  end
  reader.types[#reader.types + 1] = result
  return result
end

-- The type at the start of a text that goes on with a description.
local function leading(reader, text)
  local words, last = {}, nil
  for word in text:gmatch("%S+") do
    words[#words + 1] = word
    if pcall(luacats.parse, table.concat(words, " ")) then
      last = #words
    elseif last and not (words[last]:find("[,:{(]$") or word:find("^[|]")) then
      break
    end
  end
  return parsed(reader, last and table.concat(words, " ", 1, last) or text)
end

local tags = {}

function tags.class(reader, text)
  local name, bases = text:match("^([%w_.]+):?%s*(.*)$")
  local class = new(reader, name)
  for base in bases:gmatch("[%w_.]+") do class.bases[#class.bases + 1] = base end
end

function tags.field(reader, text)
  local name, optional, rest = text:match("^([%w_]+)(%??) (.+)$")
  if not name then name, rest = text:match("^(%b[]) (.+)$") end
  reader.class.fields[name] = { type = parsed(reader, rest), optional = optional == "?" }
end

function tags.alias(reader, text)
  local name, rest = text:match("^([%w_.]+) (.+)$")
  reader.aliases[name] = parsed(reader, rest)
end

function tags.overload(reader, text)
  reader.overloads[#reader.overloads + 1] = parsed(reader, text)
end

function tags.param(reader, text)
  local name, optional, rest = text:match("^([%w_.]+)(%??) (.+)$")
  reader.parameters[#reader.parameters + 1] = { name = name, optional = optional == "?",
    type = leading(reader, rest) }
end

tags["return"] = function(reader, text)
  reader.results[#reader.results + 1] = leading(reader, (text:gsub(" #.*$", "")))
end

function tags.meta() end

local function statement(reader, line)
  local variable = line:match("^local ([%w_]+) = {}$")
  if variable then
    reader.variables[variable] = reader.class
    reader.class.overloads, reader.overloads = reader.overloads, {}
    return
  end
  local owner, separator, name, names = line:match("^function ([%w_]+)([.:])([%w_]+)(%b()) end$")
  if owner then
    reader.variables[owner].functions[name] = { method = separator == ":", names = names,
      parameters = reader.parameters, results = reader.results, overloads = reader.overloads }
    reader.parameters, reader.results, reader.overloads = {}, {}, {}
    return
  end
  owner, name, variable = line:match("^([%w_]+)%.([%w_]+) = ([%w_]+)$")
  if owner then
    reader.variables[owner].exposed = reader.variables[owner].exposed or {}
    reader.variables[owner].exposed[name] = reader.variables[variable]
  elseif not line:find("^return ") and not line:find("^%-%- ") and line ~= "" then
    reader.problems[#reader.problems + 1] = line
  end
end

--- What the files say: `classes`, `aliases`, all `types` in them, and `problems`.
function M.read(files)
  local reader = { classes = {}, aliases = {}, types = {}, problems = {}, variables = {},
    parameters = {}, results = {}, overloads = {} }
  for _, file in ipairs(files) do
    local text = read(file)
    assert(load(text, "@" .. file))
    reader.variables = {}
    for line in text:gmatch("([^\n]*)\n") do
      local tag, rest = line:match("^%-%-%-@(%w+) (.+)$")
      if tag and tags[tag] then
        tags[tag](reader, rest)
      elseif tag or line:find("^%-%-%-@") then
        reader.problems[#reader.problems + 1] = line
      elseif not line:find("^%-%-%-") then
        statement(reader, line)
      end
    end
  end
  return reader
end

-- Calls f(name) for each name that a type has in it.
local function each_name(item, f)
  if type(item) ~= "table" then return end
  if item.kind == "name" or item.kind == "generic" then f(item.name) end
  for key, part in pairs(item) do
    if key ~= "kind" then each_name(part, f) end
  end
end

--- The names in types that are no class, alias or type of Lua's.
function M.unknown(found)
  local known, list = {}, {}
  for name in ([[any nil boolean true false number integer string table function userdata thread
      file*]]):gmatch("%S+") do
    known[name] = true
  end
  for _, item in ipairs(found.types) do
    each_name(item, function(name)
      if not known[name] and not found.classes[name] and not found.aliases[name] then
        list[#list + 1] = name
      end
    end)
  end
  for _, class in pairs(found.classes) do
    for _, base in ipairs(class.bases) do
      if not found.classes[base] then list[#list + 1] = base end
    end
  end
  return list
end

-- Is a value of a type? Classes are asked of `ssl.isinstance` where it knows them.
local conforms = {}

local function check(found, value, item)
  return conforms[item.kind](found, value, item)
end

function conforms.optional(found, value, item)
  return value == nil or check(found, value, item[1])
end

function conforms.union(found, value, item)
  for _, part in ipairs(item) do
    if check(found, value, part) then return true end
  end
  return false
end

function conforms.array(found, value, item)
  if type(value) ~= "table" then return false end
  for _, part in ipairs(value) do
    if not check(found, part, item[1]) then return false end
  end
  return true
end

function conforms.literal(_, value, item) return item.text == ("%q"):format(value) end
function conforms.fun(_, value) return type(value) == "function" end
function conforms.generic(_, value) return type(value) == "table" end

-- All fields of a plain table have to be known, where none is known by its type alone.
function conforms.record(found, value, item)
  if type(value) ~= "table" and type(value) ~= "userdata" then return false end
  local known = {}
  for _, field in ipairs(item.fields) do
    local key = field.name or tonumber(field.key.text) or false
    known[key] = true
    if key and not (field.optional and value[key] == nil)
        and not check(found, value[key], field.type) then
      return false
    end
  end
  if known[false] or getmetatable(value) then return true end
  for key in pairs(value) do
    if not known[key] then return false end
  end
  return true
end

local function check_class(found, value, name)
  local ssl = require "ssl"
  local short = name:match("^ssl%.([%w_]+)$")
  if short and ssl[short] and pcall(ssl.isinstance, value, ssl[short]) then
    return ssl.isinstance(value, ssl[short])
  end
  for field, declared in pairs(found.classes[name].fields) do
    if not field:find("^%[") and not (declared.optional and value[field] == nil)
        and not check(found, value[field], declared.type) then
      return false
    end
  end
  return true
end

function conforms.name(found, value, item)
  local name = item.name
  if name == "any" then return true end
  if name == "nil" then return value == nil end
  if name == "true" then return value == true end
  if name == "integer" then return math.type(value) == "integer" end
  if name == "file*" then return io.type(value) ~= nil end
  if found.aliases[name] then return check(found, value, found.aliases[name]) end
  if found.classes[name] then return value ~= nil and check_class(found, value, name) end
  return type(value) == name
end

M.conforms = check

return M
