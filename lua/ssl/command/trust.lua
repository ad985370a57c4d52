-- ssl/command/trust.lua - lua-ssl trust: whom clients trust here and now.
-- SPDX-License-Identifier: MIT

local input = require "ssl.command.input"
local json = require "ssl.command.json"
local objects = require "ssl.command.objects"
local options = require "ssl.command.options"
local ssl = require "ssl"
local terminal = require "ssl.command.terminal"
local times = require "ssl.command.times"

local M = {
  name = "trust",
  summary = "show where trust comes from here and now, and what is expired in it",
  arguments = "",
  text = {
    "Shows where ssl.create_default_context() takes its trusted authorities from: the file, the "
      .. "folder and the environment variables that OpenSSL looks at, and on Windows the system's "
      .. "stores. Then it counts the authorities, and lists those that are expired, end within "
      .. "two weeks, or are not valid yet.",
    "The exit status is 1 if no authority is trusted at all.",
  },
  options = {
    { name = "all", help = "list every authority" },
    { name = "json", help = "print JSON, for programs" },
    options.COLOUR,
  },
}

function M.check(values)
  if values[1] then
    return ("'%s' is not expected"):format(values[1])
  end
end

local windows = package.config:sub(1, 1) == "\\"

-- The names of the files in a folder that OpenSSL looks at: those that are hashes.
local function hashed(folder)
  local out, quoted = {}, "'" .. folder:gsub("'", "'\\''") .. "'"
  local pipe = not windows and io.popen(("ls -- %s 2>/dev/null"):format(quoted))
  for name in pipe and pipe:lines() or function() end do
    if name:find("^%x%x%x%x%x%x%x%x%.%d+$") then out[#out + 1] = folder .. "/" .. name end
  end
  if pipe then pipe:close() end
  return out
end

-- Collects authorities, each once.
local function collector()
  local seen, all = {}, json.array()
  local function add(der)
    if seen[der] then return 0 end
    seen[der] = true
    local ok, object = pcall(objects.certificate, der)
    all[#all + 1] = ok and object or { subject = "?", problem = object }
    return 1
  end
  return add, all
end

local function add_folder(add, folder)
  local count = 0
  for _, path in ipairs(folder and hashed(folder) or {}) do
    local ok, found = pcall(function() return input.objects(input.read(path)) end)
    for _, object in ipairs(ok and found or {}) do
      if object.der then count = count + add(object.der) end
    end
  end
  return count
end

-- The folders in a list such as SSL_CERT_DIR's.
local function folders(list)
  local out = {}
  for folder in (list or ""):gmatch(windows and "[^;]+" or "[^:]+") do out[#out + 1] = folder end
  return out
end

local function place(kind, variable, path, count)
  return { kind = kind, path = path, variable = variable, set = os.getenv(variable) ~= nil,
    authorities = count }
end

-- Where trust comes from, and the authorities.
local function gather()
  local paths, ctx = ssl.get_default_verify_paths(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  local add, all = collector()
  ctx:load_default_certs()
  local in_file = 0
  for _, der in ipairs(ctx:get_ca_certs(true)) do in_file = in_file + add(der) end
  local file = os.getenv(paths.openssl_cafile_env) or paths.openssl_cafile
  local places = json.array({ place(windows and "file and stores" or "file",
    paths.openssl_cafile_env, file, in_file) })
  local list = os.getenv(paths.openssl_capath_env) or paths.openssl_capath
  for _, folder in ipairs(folders(list)) do
    places[#places + 1] = place("folder", paths.openssl_capath_env, folder, add_folder(add, folder))
  end
  return places, all
end

local COLOURS = { good = "green", soon = "yellow", early = "red", late = "red" }

local function print_place(screen, one)
  screen:line("  %-7s %s", one.kind, one.path)
  screen:line("          %s", one.set and "by " .. one.variable or one.variable .. " is not set")
  screen:line("          %d authorities%s", one.authorities,
    one.kind == "folder" and one.authorities == 0 and " that are not in the file" or "")
end

local function print_authority(screen, one)
  local state, words = times.validity(one.not_before, one.not_after)
  screen:line("  %s: %s", one.subject, screen:paint(COLOURS[state], one.problem or words))
end

-- Prints everything for people.
local function report(screen, places, all, notable, every)
  screen:line("%s", screen:paint("bold", "Trust comes from"))
  for _, one in ipairs(places) do print_place(screen, one) end
  screen:line("%s", screen:paint("bold", ("Trusted authorities: %d"):format(#all)))
  for _, one in ipairs(every and all or notable) do print_authority(screen, one) end
  if #all == 0 then
    screen:line("  %s", screen:paint("red", "Every server will be refused. Install the system's "
      .. "authorities (on Debian the package"))
    screen:line("  %s", screen:paint("red", "ca-certificates), or name a file of your own in "
      .. places[1].variable .. "."))
  elseif #notable == 0 and not every then
    screen:line("  %s", "all are valid now, and for two weeks to come")
  end
end

local function plain(list)
  local out = json.array()
  for i, one in ipairs(list) do
    local state = times.validity(one.not_before, one.not_after)
    out[i] = { subject = one.subject, not_before = one.not_before, not_after = one.not_after,
      sha256 = one.sha256, state = state, problem = one.problem }
  end
  return out
end

function M.run(values)
  local screen = terminal.screen(1, values.colour)
  local places, all = gather()
  local notable = json.array()
  for _, one in ipairs(all) do
    if one.problem or times.validity(one.not_before, one.not_after) ~= "good" then
      notable[#notable + 1] = one
    end
  end
  if values.json then
    screen:write(json.encode({ places = places, count = #all, notable = plain(notable),
      authorities = values.all and plain(all) or nil }), "\n")
  else
    report(screen, places, all, notable, values.all)
  end
  return #all == 0 and 1 or 0
end

return M
