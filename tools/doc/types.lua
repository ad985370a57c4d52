-- Writes the definitions in types/ for the Lua language server (LuaCATS), from the
-- model of the doc comments. One file describes each module that programs require.

local luacats = require "tools.doc.luacats"
local models = require "tools.doc.model"

local M = {}

local HEAD = "---@meta %s\n-- Written by `make manual` from the doc comments of the sources.\n"

-- The modules, and which classes each file has besides the module's own: those whose
-- names begin with a prefix. The first file has all others.
local MODULES = {
  { name = "ssl" },
  { name = "ssl.context", own = "ssl.context" },
  { name = "ssl.core", own = "ssl.core" },
  { name = "ssl.https", own = "ssl.https" },
  { name = "ssl.waiter", own = "ssl.waiter" },
  { name = "ssl.scan", own = "ssl.scan" },
  { name = "ssl.store", own = "ssl.store" },
  { name = "ssl.testing", own = "ssl.testing", also = "luassert" },
}

-- Modules that return a part of another.
local PARTS = {
  ["ssl.config"] = 'return require("ssl").config',
  ["ssl.x509"] = 'return { load = require("ssl").loadcertificate }',
}

local function file_of(module) return "types/" .. module:gsub("%.", "/") .. ".lua" end

-- Texts -----------------------------------------------------------------------

-- The first paragraph of an entry's text.
local function summary(entry)
  if entry.text then return { entry.text } end
  local out = {}
  for _, line in ipairs(entry.lines) do
    if line == "" or line:find("^%- ") or line:find("^Returns ") then break end
    out[#out + 1] = line
  end
  return out
end

-- What the list of an entry says of each name: "`a`, `b` (type): text".
local function descriptions(entry)
  local list, items = {}, {}
  for _, line in ipairs(entry.lines) do
    if line:find("^%- `") then
      items[#items + 1] = line:sub(3)
    elseif #items > 0 and line:find("^  %S") then
      items[#items] = items[#items] .. line:sub(2)
    end
  end
  for _, item in ipairs(items) do
    local names, text = item:match("^(.-): (.*)$")
    for name in (names or ""):gmatch("`([%w_]+)`") do list[name] = text end
  end
  return list
end

-- The sentence that tells the results.
local function returns(entry)
  local text = " " .. table.concat(entry.lines, " ") .. " "
  local sentence = text:match(" Returns (.-)%. ")
  return sentence and sentence ~= "nothing" and sentence:gsub("%s+", " ") or nil
end

-- Writing ---------------------------------------------------------------------

local Writer = {}
Writer.__index = Writer

function Writer:add(format, ...)
  self[#self + 1] = select("#", ...) > 0 and format:format(...) or format
end

function Writer:summary(entry)
  for _, line in ipairs(entry and summary(entry) or {}) do self:add("---" .. line) end
end

function Writer:text(parsed) return luacats.grouped(parsed, self.name_of) end

function Writer:field(field)
  if field.entry then self:summary(field.entry) end
  local name = field.key and ("[%s]"):format(luacats.write(field.key)) or field.name
  self:add("---@field %s%s %s", name, field.optional and "?" or "", self:text(field.type))
end

-- All parameters that a function's calls by name may give, in their order.
local function named_fields(calls)
  local list, seen = {}, {}
  for _, call in ipairs(calls) do
    local parameters = call.type.parameters
    for _, group in ipairs({ parameters, parameters.byname }) do
      for _, parameter in ipairs(group) do
        if not seen[parameter.name] then
          seen[parameter.name] = true
          list[#list + 1] = parameter
        end
      end
    end
  end
  return list
end

-- The class of the table by which a function takes its parameters by name.
function Writer:named(item, name)
  local texts = descriptions(item.entry)
  self:add("---@class %s", name)
  for _, field in ipairs(named_fields(item.calls)) do
    if texts[field.name] then self:add("---" .. texts[field.name]) end
    self:add("---@field %s? %s", field.name, self:text(field.type))
  end
  self:add("")
end

function Writer:results(results)
  if #results == 0 then return "" end
  local out = {}
  for i, result in ipairs(results) do out[i] = self:text(result) end
  return ": " .. table.concat(out, ", ")
end

-- The parameters before the one at `last`, and what follows them, as in "fun(...)".
function Writer:signature(call, last, class, extra)
  local out = {}
  if class then out[1] = "self: " .. class end
  for i, parameter in ipairs(call.type.parameters) do
    if i >= last then break end
    out[#out + 1] = ("%s%s: %s"):format(parameter.name, not extra and parameter.optional and "?"
      or "", self:text(parameter.type))
  end
  out[#out + 1] = extra
  return ("fun(%s)%s"):format(table.concat(out, ", "), self:results(call.type.results))
end

-- The ways to call a function by name: each number of positions before the table,
-- unless a table there is the value of the next parameter.
function Writer:overloads(item, class, named)
  local seen = {}
  local function add(signature)
    if not seen[signature] then self:add("---@overload %s", signature) end
    seen[signature] = true
  end
  for i, call in ipairs(item.calls) do
    if i > 1 or item.constructor then add(self:signature(call, math.huge, class)) end
    for last, parameter in ipairs(call.named and call.type.parameters or {}) do
      if not parameter.table then add(self:signature(call, last, class, "named: " .. named)) end
    end
  end
end

local function isnamed(item)
  for _, call in ipairs(item.calls) do
    if call.named then return true end
  end
  return false
end

function Writer:parameters(item)
  local names, texts = {}, descriptions(item.entry)
  for _, parameter in ipairs(item.calls[1].type.parameters) do
    local text = texts[parameter.name]
    self:add("---@param %s%s %s%s", parameter.name, parameter.optional and "?" or "",
      self:text(parameter.type), text and " " .. text or "")
    names[#names + 1] = parameter.name
  end
  local results, text = item.calls[1].type.results, returns(item.entry)
  for i, result in ipairs(results) do
    self:add("---@return %s%s%s", self:text(result), results.more and i == #results and " ..."
      or "", i == 1 and text and " # " .. text or "")
  end
  return table.concat(names, ", ")
end

function Writer:callable(item, class, variable)
  local named = isnamed(item) and ("%s.%s.Named"):format(class.name, item.name)
  if named then self:named(item, named) end
  self:summary(item.entry)
  local names = self:parameters(item)
  self:overloads(item, item.method and class.name, named)
  self:add("function %s%s%s(%s) end\n", variable, item.method and ":" or ".", item.name, names)
end

-- The name that a class has in its file.
local function variable_of(class)
  return class.name == "luassert" and "assert" or class.name:match("[%w_]+$")
end

function Writer:class(class)
  local constructor = class.constructor
  if constructor and isnamed(constructor) then self:named(constructor, class.name .. ".Named") end
  self:summary(class.entry)
  local bases = {}
  for i, base in ipairs(class.bases) do bases[i] = self.name_of(base) end
  self:add("---@class %s%s", class.name, #bases > 0 and ": " .. table.concat(bases, ", ") or "")
  for _, field in ipairs(class.fields) do self:field(field) end
  if constructor then
    constructor.constructor = true
    self:overloads(constructor, nil, class.name .. ".Named")
  end
  local variable = variable_of(class)
  if constructor or class.exposed or #class.functions > 0 then
    self:add("local %s = {}\n", variable)
  else
    self:add("")
  end
  for _, item in ipairs(class.functions) do self:callable(item, class, variable) end
  if class.exposed then
    self:add("%s.%s = %s\n", class.exposed:match("[%w_]+$"), variable, variable)
  end
end

function Writer:alias(alias)
  self:summary(alias.summary)
  self:add("---@alias %s %s\n", alias.name, luacats.write(alias.type, self.name_of))
end

-- Files -----------------------------------------------------------------------

local function begins(name, prefix) return prefix and name:sub(1, #prefix) == prefix end

-- The module whose file has a class or alias of this name.
local function module_of(name)
  for i = 2, #MODULES do
    local module = MODULES[i]
    if name == module.also or name == module.own or begins(name, module.own .. ".") then
      return module
    end
  end
  return MODULES[1]
end

local function write_module(module, model)
  local out = setmetatable({}, Writer)
  function out.name_of(name) return model:qualified(name) end
  out:add(HEAD, module.name)
  local own = model.classes[module.name]
  local classes, parts = {}, {}
  for _, class in ipairs(model.classes) do
    if class ~= own and module_of(class.name) == module then
      local part = class.name:match("^" .. module.name:gsub("%.", "%%.") .. "%.(%l[%w_]*)$")
      classes[#classes + 1] = class
      if part and #class.functions > 0 and not class.exposed then parts[#parts + 1] = class end
    end
  end
  for _, alias in ipairs(model.aliases) do
    if module_of(alias.name) == module then out:alias(alias) end
  end
  local functions = own.functions
  own.functions, own.exposed = {}, module.name
  out:class(own)
  out[#out] = nil
  for _, class in ipairs(classes) do out:class(class) end
  for _, item in ipairs(functions) do out:callable(item, own, variable_of(own)) end
  for _, part in ipairs(parts) do
    out:add("%s.%s = %s\n", variable_of(own), variable_of(part), variable_of(part))
  end
  out:add("return %s", variable_of(own))
  own.functions, own.exposed = functions, nil
  return table.concat(out, "\n") .. "\n"
end

--- The files: name -> text.
function M.generate(entries)
  local model, texts = models.build(entries), {}
  for _, module in ipairs(MODULES) do
    texts[file_of(module.name)] = write_module(module, model)
  end
  for name, code in pairs(PARTS) do
    texts[file_of(name)] = HEAD:format(name) .. "\n" .. code .. "\n"
  end
  return texts
end

return M
