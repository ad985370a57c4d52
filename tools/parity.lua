-- Usage: make parity
-- Prints every item of spec/parity.txt with a mark, and ends with 1 if one is
-- missing, of the wrong kind, or not mentioned by the spec named as its test.
-- As a module it gives the verdicts, for the spec.

local manual = require "tools.manual"
local ssl = require "ssl"

local M = {}

-- The metatable of a class, with its methods and getters.
local function class_of(name) return debug.getregistry()["ssl." .. name] end

-- "SSLSocket", "read" of "SSLSocket.read".
local function split(name) return name:match("^([%w_]+)%.(.+)$") end

-- An error that has the fields of its class.
local errors = {}

function errors.SSLCertVerificationError()
  local testing = require "ssl.testing"
  local server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
  testing.CA():issue("localhost"):configure_cert(server)
  return testing.pair({ client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), server = server,
    server_hostname = "localhost" }):handshake().client.error
end

errors.SSLError = errors.SSLCertVerificationError

-- What an item of each kind must be: name -> is it?
local kinds = {}

for _, simple in ipairs({ "boolean", "string", "function" }) do
  kinds[simple] = function(name) return type(ssl[name]) == simple end
end

function kinds.integer(name) return math.type(ssl[name]) == "integer" end

function kinds.array(name) return type(ssl[name]) == "table" and ssl[name][1] ~= nil end

function kinds.exception(name)
  local err = type(ssl[name]) == "table" and ssl[name]("text")
  return err and ssl.isinstance(err, ssl[name]) and ssl.isinstance(err, ssl.Error)
end

function kinds.field(name)
  local class, field = split(name)
  return errors[class]()[field] ~= nil
end

function kinds.enum(name)
  local first, value = next(ssl[name])
  return type(first) == "string" and math.type(value) == "integer"
    and type(ssl[name].name) == "function" and ssl[name]:name(value) ~= nil
end

function kinds.purpose(name)
  local _, field = split(name)
  return ssl.isinstance(ssl.Purpose[field], ssl.Purpose)
end

kinds["class"] = function(name)
  local meta = getmetatable(ssl[name])
  return type(meta) == "table" and (class_of(name) == nil or class_of(name).class == ssl[name])
end

function kinds.method(name)
  local class, field = split(name)
  if class == "Enum" then return type(ssl.Options[field]) == "function" end
  return type(class_of(class).methods[field] or ssl[class][field]) == "function"
end

function kinds.attribute(name)
  local class, field = split(name)
  return class_of(class).getters[field] ~= nil and class_of(class).methods[field] == nil
end

-- Is there such a thing at all?
local function exists(name)
  local class, field = split(name)
  local meta = class and class_of(class)
  if meta then
    return meta.methods[field] or meta.getters[field] or (ssl[class] or {})[field]
  elseif class == "Enum" then
    return ssl.Options[field]
  elseif class then
    return ssl[class] and (errors[class] or ssl[class][field])
  end
  return ssl[name] ~= nil
end

local texts = {}

-- Does the spec name it, or, for one of many constants, its family?
local function tested(row)
  if texts[row.spec] == nil then
    local file = io.open(row.spec, "rb")
    texts[row.spec] = file and file:read("a") or false
    if file then file:close() end
  end
  local text = texts[row.spec]
  if not text then return false end
  local short = row.name:match("[%w_]+$")
  local family = short:match("^[A-Z]+_[A-Z]+_") or short:match("^[A-Z]+_")
  return text:find("%f[%w_]" .. short .. "%f[^%w_]")
    or family and (text:find('"' .. family .. '"', 1, true)
      or text:find('"' .. family:match("^[A-Z]+_") .. '"', 1, true))
end

--- What is wrong with a row, or nil; and whether it is rightly absent.
function M.problem(row)
  local kind, condition = row.kind:match("^(%a+)%-if%-(.+)$")
  local here = exists(row.name)
  if condition and not here then
    return not tested(row) and "no test" or nil, true
  elseif not here then
    return "missing"
  elseif not kinds[kind or row.kind](row.name) then
    return "no " .. (kind or row.kind)
  elseif not tested(row) then
    return "no test in " .. row.spec
  end
end

local function main()
  local problems, rows = 0, manual.rows()
  for _, row in ipairs(rows) do
    local problem, absent = M.problem(row)
    problems = problems + (problem and 1 or 0)
    print(("%s %-44s %-20s %-6s %s"):format(problem and "✗" or absent and "-" or "✓",
      row.name, row.kind, row.since, problem or row.spec))
  end
  print(("%d items, %d with a problem"):format(#rows, problems))
  os.exit(problems == 0 and 0 or 1, true)
end

if arg and arg[0] and arg[0]:find("parity%.lua$") then main() end

return M
