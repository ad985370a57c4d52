-- The extensions of messages (RFC 8446, 4.2): each is a table with `type`, a name or a
-- number, and `value`. An extension without a known form has `data`, its bytes, instead;
-- with both, `data` counts.

local codec = require "ssl.testing.messages.codec"
local names = require "ssl.testing.messages.names"

local list, number, opaque, named = codec.list, codec.number, codec.opaque, codec.named

local group, version = named(2, names.group), named(2, names.version)
local signatures = list(2, named(2, names.signature))
local share = codec.struct({ { "group", group }, { "key", opaque(2) } })

-- A name of a host, without the type before it, which is always 0.
local host = codec.new(function(reader)
  if reader:number(1) ~= 0 then
    error("a name that is no host's", 0)
  end
  return opaque(2).read(reader)
end, function(value)
  return "\0" .. opaque(2).write(value)
end)

-- From the name of an extension to its codec in all messages, or in some.
local forms = {
  server_name = { ClientHello = list(2, host) },
  max_fragment_length = number(1),
  supported_groups = list(2, group),
  ec_point_formats = list(1, number(1)),
  signature_algorithms = signatures,
  signature_algorithms_cert = signatures,
  alpn = list(2, opaque(1)),
  compress_certificate = list(1, number(2)),
  record_size_limit = number(2),
  supported_versions = {
    ClientHello = list(1, version), ServerHello = version, HelloRetryRequest = version,
  },
  cookie = opaque(2),
  psk_key_exchange_modes = list(1, number(1)),
  certificate_authorities = list(2, opaque(2)),
  key_share = { ClientHello = list(2, share), ServerHello = share, HelloRetryRequest = group },
  pre_shared_key = {
    ClientHello = codec.struct({
      { "identities", list(2, codec.struct({ { "identity", opaque(2) }, { "age", number(4) } })) },
      { "binders", list(2, opaque(1)) },
    }),
    ServerHello = number(2),
  },
  early_data = { NewSessionTicket = number(4) },
  renegotiation_info = opaque(1),
}

-- The codec of an extension in a message; nil if there is none.
local function form_of(kind, message)
  local form = forms[names.extension.name[kind] or kind]
  if form and not form.read then
    form = form[message]
  end
  return form
end

local kind = named(2, names.extension)

local extension = codec.new(function(reader)
  local out = { type = kind.read(reader) }
  local data = opaque(2).read(reader)
  local form = form_of(out.type, reader.context.message)
  local ok, value = false, nil
  if form then
    ok, value = pcall(codec.read, form, data, reader.context)
  end
  if ok then
    out.value = value
  else
    out.data = data
  end
  return out
end, function(value, context)
  local data = value.data
  if data == nil and value.value ~= nil then
    local form = form_of(value.type, context.message)
    if not form then
      error(("the extension '%s' has no form in a %s: give its data"):format(
        tostring(value.type), tostring(context.message)), 0)
    end
    data = form.write(value.value, context)
  end
  return kind.write(value.type) .. codec.prefixed(2, data or "", value.length)
end)

return list(2, extension)
