-- The command lua-ssl-cert: certificates for development, in files.

local _ssl = require "_ssl"
local low = require "_ssl_testing"
local authority = require "ssl.testing.authority"

local usage = [[
Usage: lua-ssl-cert [--ca] [--names LIST] [--dir FOLDER] [option ...]
Makes a certificate for development, signed by an authority of your own.

  --names LIST         what it is for: host names, IP and e-mail addresses,
                       separated by commas; without it no certificate is made
  --ca                 make the authority first, if the folder has none
  --dir FOLDER         where the files are and go; "." by default
  --days N             how long the certificate is valid; 397 by default
  --key-type TYPE      P-256 (the default), P-384, RSA-2048, Ed25519, ...
  --common-name TEXT   a name in the subject
  --organization TEXT  another
  --client             for a client only
  --password TEXT      encrypt the key
  --pkcs12 TEXT        write cert.p12 too, encrypted with this password
  --help               show this

In the folder are then cert.pem, key.pem and chain.pem for the server, ca.pem for
those who are to trust it, and ca-key.pem, which is for nobody else: who has it
can pose as any host to them.
]]

local ENOENT = _ssl._errornumber("No such file or directory")

-- The options that take a value; the others are true.
local valued = {
  names = true, dir = true, days = true, ["key-type"] = true, ["common-name"] = true,
  organization = true, password = true, pkcs12 = true,
}
local flags = { ca = true, client = true, help = true }

local function split(list)
  local names = {}
  for name in list:gmatch("[^,]+") do
    names[#names + 1] = name:match("^%s*(.-)%s*$")
  end
  return names
end

-- What is wrong with the values, or nil; turns those into numbers and names that are.
local function check(options)
  options.days = options.days and math.tointeger(tonumber(options.days)) or not options.days and 397
  if not options.days or options.days < 1 then
    return "--days needs a positive number"
  elseif options.names then
    options.names = split(options.names)
    for _, name in ipairs(options.names) do
      if name == "" or name:find("%s") then
        return ("'%s' is no name; commas separate them"):format(name)
      end
    end
    return #options.names == 0 and "--names needs a name" or nil
  end
end

-- The options by their names, or nil and what is wrong with them.
local function parse(arguments)
  local options, i = { dir = "." }, 1
  while arguments[i] do
    local name, value = arguments[i]:match("^%-%-([^=]+)=?(.*)$")
    if name and flags[name] and value == "" then
      options[name] = true
    elseif name and valued[name] then
      if not arguments[i]:find("=", 1, true) then
        i = i + 1
        value = arguments[i]
      end
      if not value then
        return nil, ("--%s needs a value"):format(name)
      end
      options[name] = value
    else
      return nil, ("unknown option '%s'"):format(arguments[i])
    end
    i = i + 1
  end
  local problem = check(options)
  return not problem and options or nil, problem
end

-- The bytes of a file, nil if there is none. That it cannot be read is an error.
local function read(path)
  local file, text, code = io.open(path, "rb")
  local bytes
  if file then
    bytes, text, code = file:read("a")
    file:close()
  end
  if bytes or code == ENOENT then
    return bytes
  end
  error(_ssl.OSError(("cannot read '%s': %s"):format(path, text:gsub("^.*: ", ""))))
end

local function write(folder, name, bytes, private, say)
  local path = folder .. "/" .. name
  low.writefile(path, bytes, private)
  say(("wrote %s%s\n"):format(path, private and " (private)" or ""))
end

-- The folder's authority, or nil.
local function load_ca(folder)
  local cert_path, key_path = folder .. "/ca.pem", folder .. "/ca-key.pem"
  local cert, key = read(cert_path), read(key_path)
  return cert and key and authority.load_from(cert, "'" .. cert_path .. "'", key,
    "'" .. key_path .. "'")
end

-- One that exists is kept: whoever trusts it would have to be told anew.
local function ensure_ca(folder, say)
  local ca = load_ca(folder)
  if ca then
    say(("the authority in %s is there already\n"):format(folder))
    return ca
  elseif read(folder .. "/ca.pem") or read(folder .. "/ca-key.pem") then
    error(_ssl.ValueError(("%s has only one of ca.pem and ca-key.pem"):format(folder)))
  end
  ca = authority.CA({ organization = "Development" })
  write(folder, "ca.pem", ca.cert.pem, false, say)
  write(folder, "ca-key.pem", ca.key.pem, true, say)
  return ca
end

local function issue(ca, options)
  local arguments = options.names
  arguments[#arguments + 1] = {
    key_type = options["key-type"], common_name = options["common-name"],
    organization = options.organization, not_after = os.time() + options.days * 86400,
    extended_key_usage = options.client and { "clientAuth" } or nil,
  }
  return ca:issue(table.unpack(arguments))
end

local function make(options, say)
  low.makefolder(options.dir)
  local ca = options.ca and ensure_ca(options.dir, say) or load_ca(options.dir)
  if not ca then
    error(_ssl.ValueError(("%s has no authority: give --ca to make one"):format(options.dir)))
  elseif not options.names then
    return
  end
  local leaf = issue(ca, options)
  write(options.dir, "cert.pem", leaf.cert.pem, false, say)
  write(options.dir, "chain.pem", leaf.chain.pem, false, say)
  write(options.dir, "key.pem", options.password and leaf.key:encrypted(options.password)
    or leaf.key.pem, true, say)
  if options.pkcs12 then
    write(options.dir, "cert.p12", leaf:pkcs12(options.pkcs12), true, say)
  end
end

-- Runs the command; `out` and `err` are functions that print (by default to the
-- standard streams). Returns the exit status.
return function(arguments, out, err)
  out = out or function(text) io.stdout:write(text) end
  err = err or function(text) io.stderr:write(text) end
  local options, problem = parse(arguments)
  if options and options.help then
    out(usage)
    return 0
  elseif not options or not (options.names or options.ca) then
    err(("lua-ssl-cert: %s; --help tells more\n"):format(problem or "give --names or --ca"))
    return 2
  end
  local ok, failure = pcall(make, options, out)
  if not ok then
    local text = type(failure) == "table" and failure.message or tostring(failure)
    err(("lua-ssl-cert: %s\n"):format(text))
    return 1
  end
  return 0
end
