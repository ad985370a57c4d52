-- A wire in words: what each record holds, as the lines of a diagram.

local _ssl = require "_ssl"
local common_name = require "ssl.testing.commonname"
local names = require "ssl.testing.messages.names"

-- How many items of a list a diagram has, unless it is to have all.
local FEW = 4

-- A value in at most 60 bytes.
local function short(value)
  local text = names.show(value)
  return #text > 60 and text:sub(1, 57) .. "..." or text
end

local function joined(list, all)
  local out = {}
  for i, value in ipairs(list) do
    if i > FEW and not all and #list > FEW + 1 then
      return table.concat(out, ", ") .. (" and %d more"):format(#list - FEW)
    end
    out[i] = short(value)
  end
  return #out > 0 and table.concat(out, ", ") or "none"
end

local function each(list, field)
  local out = {}
  for i, one in ipairs(list) do
    out[i] = one[field]
  end
  return out
end

-- Extensions in a line of their own: {type, title, value to text}.
local LINES = {
  { "supported_versions", "versions", function(value) return value end },
  { "server_name", "server name", function(value) return value end },
  { "supported_groups", "groups", function(value) return value end },
  { "key_share", "key shares", function(value)
    return type(value) == "table" and (value.group and { value.group } or each(value, "group"))
      or { value }
  end },
  { "signature_algorithms", "signature algorithms", function(value) return value end },
  { "alpn", "protocols", function(value) return value end },
  { "pre_shared_key", "pre-shared keys", function(value)
    return type(value) == "table" and { #value.identities } or { value }
  end },
}

local shown = {}
for _, line in ipairs(LINES) do
  shown[line[1]] = true
end

-- The lines of a message's extensions.
local function extensions(message, add, all)
  for _, line in ipairs(LINES) do
    local one = message:extension(line[1])
    if one and one.value ~= nil then
      local value = line[3](one.value)
      add(line[2], joined(type(value) == "table" and value or { value }, all))
    end
  end
  local rest = {}
  for _, one in ipairs(message.extensions or {}) do
    if not shown[one.type] or one.value == nil then
      rest[#rest + 1] = one.type
    end
  end
  if #rest > 0 then
    add("other extensions", joined(rest, all))
  end
end

local function certificate(bytes)
  local ok, cert = pcall(_ssl.decode_certificate, bytes)
  if not ok then
    return ("%d bytes that are no certificate"):format(#bytes)
  end
  local subject, issuer = common_name(cert.subject), common_name(cert.issuer)
  local hosts = each(cert.subjectAltName or {}, 2)
  local names_of = { subject }
  names_of[#names_of + 1] = #hosts > 0 and joined(hosts) or nil
  return (#names_of > 0 and table.concat(names_of, ", for ") or "no name") .. ", by "
    .. (issuer or "an issuer without a name")
end

-- What else a message says: add(title, text).
local details = {
  ClientHello = function(message, add, all)
    if not message:extension("supported_versions") then
      add("version", names.show(message.legacy_version))
    end
    add("ciphers", joined(message.ciphers, all))
    extensions(message, add, all)
  end,
  ServerHello = function(message, add, all)
    if not message:extension("supported_versions") then
      add("version", names.show(message.legacy_version))
    end
    add("cipher", names.show(message.cipher))
    extensions(message, add, all)
  end,
  EncryptedExtensions = extensions,
  CertificateRequest = function(message, add, all)
    if message.algorithms then
      add("signature algorithms", joined(message.algorithms, all))
    end
    extensions(message, add, all)
  end,
  Certificate = function(message, add)
    for i, one in ipairs(message.certificates) do
      add("certificate " .. i, certificate(one.certificate))
    end
    if #message.certificates == 0 then
      add("certificates", "none")
    end
  end,
  ServerKeyExchange = function(message, add)
    if message.group then
      add("group", names.show(message.group))
      add("signature algorithm", names.show(message.algorithm))
    end
  end,
  CertificateVerify = function(message, add)
    add("signature algorithm", names.show(message.algorithm))
  end,
  NewSessionTicket = function(message, add, all)
    add("lifetime", message.lifetime .. " s")
    extensions(message, add, all)
  end,
  KeyUpdate = function(message, add)
    add("the other side's keys too", message.request == 1 and "yes" or "no")
  end,
}
details.HelloRetryRequest = details.ServerHello

local function message_lines(message, all)
  local out = {}
  local function add(title, text)
    out[#out + 1] = title .. ": " .. text
  end
  if message.malformed then
    add("malformed", message.malformed)
  elseif details[message.name] then
    details[message.name](message, add, all)
  end
  return out
end

-- The first bytes of some data, for people.
local function printable(bytes)
  local text = bytes:sub(1, 60):gsub("[^\x20-\x7E]", function(char)
    return char == "\r" and "\\r" or char == "\n" and "\\n" or ("\\x%02X"):format(char:byte())
  end)
  return '"' .. text .. '"' .. (#bytes > 60 and " ..." or "")
end

local TITLES = {
  [20] = "ChangeCipherSpec", [21] = "alert", [22] = "handshake", [23] = "application data",
  [24] = "heartbeat",
}

-- What a record holds: a title for its arrow, and parts, which are {title, lines}.
local function content_of(record, content, options)
  if not record.type then
    return "bytes that are no TLS", options.data and { { nil, { printable(record.bytes) } } } or {}
  elseif not content.type then
    return "encrypted", {}
  end
  local parts, titles = {}, {}
  for i, message in ipairs(content.messages) do
    titles[i] = names.show(message.name)
    parts[i] = {
      ("%s, %d bytes"):format(titles[i], #message.bytes), message_lines(message, options.all),
    }
  end
  local title = TITLES[content.type] or "unknown"
  if #titles > 0 then
    title = table.concat(titles, ", ")
  elseif content.partial then
    title = "part of a message"
  elseif content.alert then
    title = ("alert: %s"):format(names.show(content.alert))
    if content.level ~= "fatal" and content.alert ~= "close_notify" then
      title = title .. (" (%s)"):format(names.show(content.level))
    end
  elseif content.type == 23 then
    title = ("application data (%d)"):format(#content.content)
    parts = options.data and { { nil, { printable(content.content) } } } or {}
  end
  return title, parts, #titles
end

-- The steps of a diagram: each has `from`, `at` (seconds since the first), and either
-- `note`, or `title`, `size`, `encrypted`, `fate` and `parts`.
return function(wire, options)
  local steps, start = {}, nil
  for i, entry in ipairs(wire:read()) do
    start = start or entry.at
    local step = { from = entry.from, at = entry.at - start, note = entry.note }
    if entry.record then
      step.title, step.parts, step.count = content_of(entry.record, entry.content, options)
      step.size, step.fate = #entry.record.bytes, entry.fate
      step.encrypted = entry.content and entry.content.encrypted or false
    end
    steps[i] = step
  end
  return steps
end
