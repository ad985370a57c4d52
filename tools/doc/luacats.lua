-- Reads and writes types in the notation of the Lua language server (LuaCATS), and
-- the few things that `Type:` paragraphs of doc comments add to it. CONTRIBUTING.md
-- describes these.
--
-- A parsed type is a table with a `kind`: "name", "literal", "array", "optional",
-- "union", "generic", "record", "fun".

local M = {}

-- Reading ---------------------------------------------------------------------

local TOKENS = { "^%.%.%.", "^file%*", "^[%a_][%w_.]*", "^%d+", '^"[^"]*"', "^[][(){}<>|,:;?*=]" }

local function tokens(text)
  local list, at = {}, 1
  while true do
    at = text:find("%S", at)
    if not at then return list end
    local token
    for _, pattern in ipairs(TOKENS) do
      token = text:match(pattern, at)
      if token then break end
    end
    if not token then error("no type: " .. text:sub(at), 0) end
    list[#list + 1] = token
    at = at + #token
  end
end

local Reader = {}
Reader.__index = Reader

function Reader:take(token)
  if self[self.at] == token then
    self.at = self.at + 1
    return true
  end
  return false
end

function Reader:next()
  self.at = self.at + 1
  return self[self.at - 1] or error("the type ends too early", 0)
end

function Reader:expect(token)
  local found = self:next()
  if found ~= token then error(("'%s' expected near '%s'"):format(token, found), 0) end
end

-- "name*?: type" of a parameter or field; the type is nil where there is none.
function Reader:named()
  local item = { name = self:next() }
  item.table = self:take("*")
  item.optional = self:take("?")
  if self:take(":") then item.type = self:type() end
  return item
end

-- The parameters up to the parenthesis; after a semicolon those by name only.
function Reader:parameters()
  local list = { byname = {} }
  local into = list
  while not self:take(")") do
    into[#into + 1] = self:named()
    if self:take(";") then into = list.byname else self:take(",") end
  end
  return list
end

-- Results: several ones only where no parameter or field can follow.
function Reader:results(several)
  local list = { self:type() }
  while several and self:take(",") do list[#list + 1] = self:type() end
  if self:take("...") then list.more = true end
  return list
end

function Reader:fun(several)
  self:expect("(")
  local parsed = { kind = "fun", parameters = self:parameters(), results = {} }
  if self:take(":") then parsed.results = self:results(several) end
  return parsed
end

function Reader:record()
  local fields = {}
  while not self:take("}") do
    if self:take("[") then
      local key = self:type()
      self:expect("]")
      self:expect(":")
      fields[#fields + 1] = { key = key, type = self:type() }
    else
      fields[#fields + 1] = self:named()
    end
    self:take(",")
  end
  return { kind = "record", fields = fields }
end

function Reader:generic(name)
  local parsed = { kind = "generic", name = name }
  repeat parsed[#parsed + 1] = self:type() until not self:take(",")
  self:expect(">")
  return parsed
end

function Reader:primary(several)
  local token = self:next()
  if token == "fun" then return self:fun(several) end
  if token == "{" then return self:record() end
  if token == "(" then
    local inner = self:type(true)
    self:expect(")")
    return inner
  elseif token:find('^["%d]') then
    return { kind = "literal", text = token }
  elseif not token:find("^[%a_]") then
    error("a type expected near '" .. token .. "'", 0)
  elseif self:take("<") then
    return self:generic(token)
  end
  return { kind = "name", name = token }
end

function Reader:type(several)
  local parsed = { kind = "union" }
  repeat
    local item = self:primary(several)
    while true do
      if self[self.at] == "[" and self[self.at + 1] == "]" then
        self.at = self.at + 2
        item = { kind = "array", item }
      elseif self:take("?") then
        item = { kind = "optional", item }
      else
        break
      end
    end
    parsed[#parsed + 1] = item
  until not self:take("|")
  return #parsed == 1 and parsed[1] or parsed
end

local function reader(text)
  local list = tokens(text)
  list.at = 1
  return setmetatable(list, Reader)
end

--- The type that `text` is, as a table.
function M.parse(text)
  local r = reader(text)
  local parsed = r:type(true)
  if r[r.at] then error("'" .. r[r.at] .. "' is left over", 0) end
  return parsed
end

-- Writing ---------------------------------------------------------------------

local write

-- A function or union inside of another type stands in parentheses.
local function grouped(item, name_of)
  local text = write(item, name_of)
  if item.kind == "fun" or item.kind == "union" then return "(" .. text .. ")" end
  return text
end

local function write_named(item, name_of)
  if not item.type then return item.name end
  local text = item.type.kind == "fun" and grouped(item.type, name_of) or write(item.type, name_of)
  return ("%s%s: %s"):format(item.name, item.optional and "?" or "", text)
end

local function write_list(items, each, name_of)
  local out = {}
  for i, item in ipairs(items) do out[i] = each(item, name_of) end
  return table.concat(out, ", ")
end

local function write_field(field, name_of)
  if not field.key then return write_named(field, name_of) end
  return ("[%s]: %s"):format(write(field.key, name_of), write(field.type, name_of))
end

local writers = {}

function writers.name(parsed, name_of) return name_of(parsed.name) end
function writers.literal(parsed) return parsed.text end
function writers.array(parsed, name_of) return grouped(parsed[1], name_of) .. "[]" end
function writers.optional(parsed, name_of) return grouped(parsed[1], name_of) .. "?" end

function writers.union(parsed, name_of)
  local out = {}
  for i, item in ipairs(parsed) do out[i] = grouped(item, name_of) end
  return table.concat(out, "|")
end

function writers.generic(parsed, name_of)
  return ("%s<%s>"):format(name_of(parsed.name), write_list(parsed, write, name_of))
end

function writers.record(parsed, name_of)
  return "{ " .. write_list(parsed.fields, write_field, name_of) .. " }"
end

function writers.fun(parsed, name_of)
  local text = "fun(" .. write_list(parsed.parameters, write_named, name_of) .. ")"
  local results = write_list(parsed.results, grouped, name_of)
  return results == "" and text or text .. ": " .. results
end

function write(parsed, name_of) return writers[parsed.kind](parsed, name_of) end

local function same(name) return name end

--- The text of a parsed type; `name_of` (or nil) gives the name to write for a name.
function M.write(parsed, name_of) return write(parsed, name_of or same) end

--- The text of a type that other types stand beside: a function in parentheses.
function M.grouped(parsed, name_of) return grouped(parsed, name_of or same) end

return M
