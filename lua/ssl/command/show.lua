-- ssl/command/show.lua - lua-ssl show: what is in files of certificates and keys.
-- SPDX-License-Identifier: MIT

local describe = require "ssl.command.describe"
local input = require "ssl.command.input"
local json = require "ssl.command.json"
local options = require "ssl.command.options"
local terminal = require "ssl.command.terminal"

local M = {
  name = "show",
  summary = "show certificates, keys, requests, lists, PKCS #12 files, sessions",
  arguments = "FILE ...",
  text = {
    "Shows what is in files: certificates, keys, certificate requests, revocation lists, "
      .. "PKCS #12 files and sessions, in PEM or DER. - stands for standard input. Of private "
      .. "keys only the kind and the size are shown. No signature is checked.",
    "The exit status is 1 if something cannot be read.",
  },
  options = {
    { name = "password-file", value = "FILE", help = "the first line of it is the password "
      .. "of a PKCS #12 file" },
    { name = "json", help = "print JSON, for programs" },
    options.COLOUR,
  },
}

function M.check(values)
  if not values[1] then
    return "which file?"
  end
end

-- The table as JSON has it: without what only this program needs.
local function plain(object)
  local out = {}
  for name, value in pairs(object) do
    if name ~= "der" and not name:find("_short$") then out[name] = value end
  end
  if out.contents then
    for i, inner in ipairs(out.contents) do out.contents[i] = plain(inner) end
  end
  return out
end

local function title(path, object, i, count)
  local name = path == "-" and "standard input" or path
  return ("%s: %s%s"):format(name, object.type, count > 1 and (", %d of %d"):format(i, count) or "")
end

-- What is in a file; one that cannot be read does not keep the others from being shown.
local function objects_in(path, secret)
  local ok, result = pcall(function() return input.objects(input.read(path), secret) end)
  if ok then return result end
  return { { type = "file", problem = type(result) == "table" and result.message or result } }
end

function M.run(values)
  local screen = terminal.screen(1, values.colour)
  local secret, status, all = input.password(values["password-file"]), 0, json.array()
  for _, path in ipairs(values) do
    local found = objects_in(path, secret)
    for i, object in ipairs(found) do
      if object.problem or object.refused then status = 1 end
      if values.json then
        all[#all + 1] = plain(object)
        all[#all].file = path
      else
        describe.print(screen, object, title(path, object, i, #found))
      end
    end
  end
  if values.json then
    screen:write(json.encode(all), "\n")
  end
  return status
end

return M
