-- ssl/command/options.lua - the options of a command: declared once, as data, for the
-- reader of command lines, for --help, the man page and the completion of shells.
-- SPDX-License-Identifier: MIT
--
-- A command is a table of `name`, `summary` (a line), `arguments` (such as "FILE ..."),
-- `text` (paragraphs), `options` and `run`. An option is a table of `name`, `help`,
-- `value` (what stands for its value; none for a flag), `default`, `alias` (another name),
-- and one of `choices` (array) or `number` (true).

local terminal = require "ssl.command.terminal"

local M = {}

local HELP = { name = "help", help = "show this" }

--- The option of all commands that print for people.
M.COLOUR = { name = "colour", alias = "color", value = "WHEN",
  choices = { "auto", "always", "never" }, default = "auto", help = "whether to use colours" }

-- The options of a command, with the one that all have.
function M.all(command)
  local list = table.move(command.options, 1, #command.options, 1, {})
  list[#list + 1] = HELP
  return list
end

local function find(command, name)
  for _, option in ipairs(M.all(command)) do
    if option.name == name or option.alias == name then return option end
  end
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
end

-- The value as the option wants it; or nil and what is wrong.
local function convert(option, value)
  if option.number then
    local number = tonumber(value)
    if not number or not (number > 0 and number < 1e9) then
      return nil, ("--%s needs a positive number, not '%s'"):format(option.name, value)
    end
    return number
  elseif option.choices and not contains(option.choices, value) then
    return nil, ("--%s needs one of %s, not '%s'"):format(option.name,
      table.concat(option.choices, ", "), value)
  end
  return value
end

-- Reads the option at words[i]: the index of its last word, or nil and what is wrong.
local function read_option(command, words, i, values)
  local name, value = words[i]:match("^%-%-([^=]*)=(.*)$")
  name = name or words[i] == "-h" and "help" or words[i]:match("^%-%-(.+)$")
  local option = name and find(command, name)
  if not option then
    return nil, ("unknown option '%s'"):format(words[i])
  end
  name = option.name
  if not option.value then
    values[name] = true
    return not value and i, ("--%s takes no value"):format(name)
  elseif not value then
    i = i + 1
    value = words[i]
  end
  if not value then
    return nil, ("--%s needs a value"):format(name)
  end
  local problem
  values[name], problem = convert(option, value)
  return values[name] ~= nil and i, problem
end

local function defaults(command)
  local values = {}
  for _, option in ipairs(command.options) do
    values[option.name] = option.default
  end
  return values
end

--- Reads the words after a command: a table of the options by name, with the other words
--- as its array; or nil and what is wrong.
function M.parse(command, words)
  local values, i, over = defaults(command), 1, false
  while words[i] do
    local word = words[i]
    if over or word == "-" or word:sub(1, 1) ~= "-" then
      values[#values + 1] = word
    elseif word == "--" then
      over = true
    else
      local last, problem = read_option(command, words, i, values)
      if not last then return nil, problem end
      i = last
    end
    i = i + 1
  end
  return values
end

-- How an option is written.
function M.written(option)
  return "--" .. option.name .. (option.value and " " .. option.value or "")
end

-- The help of an option, with what it takes.
function M.explained(option)
  local text = option.help
  if option.choices then
    text = text .. ": " .. table.concat(option.choices, ", ")
  end
  if option.default then
    text = ("%s; %s by default"):format(text, option.default)
  end
  return text
end

local INDENT = 24

--- What --help shows of a command.
function M.usage(command)
  local out = { ("Usage: lua-ssl %s [option ...] %s"):format(command.name, command.arguments) }
  for _, paragraph in ipairs(command.text) do
    out[#out + 1] = ""
    table.move(terminal.wrap(paragraph, 78), 1, 78, #out + 1, out)
  end
  out[#out + 1] = ""
  for _, option in ipairs(M.all(command)) do
    local lines = terminal.wrap(M.explained(option), 78 - INDENT)
    local head = "  " .. M.written(option)
    if #head >= INDENT - 1 then
      out[#out + 1] = head
      head = ""
    end
    out[#out + 1] = head .. (" "):rep(INDENT - #head) .. lines[1]
    for i = 2, #lines do
      out[#out + 1] = (" "):rep(INDENT) .. lines[i]
    end
  end
  return table.concat(out, "\n") .. "\n"
end

return M
