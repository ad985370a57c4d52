-- Builds DER, and certificates out of it: any shape, however malformed, needs no
-- file and never expires. Signatures are dummies.

local der = require "ssl.testing.der"

local M = {}

--- One element: a tag (integer below 31 with its class bits) and its content.
M.element = der.value

-- der.utf8("x") and so on; what has parts takes them as several arguments
local function element(tag)
  return function(...) return M.element(tag, table.concat({ ... })) end
end

M.sequence, M.set = element(0x30), element(0x31)
M.octets, M.null = element(0x04), element(0x05)
M.utf8, M.numeric, M.printable = element(0x0c), element(0x12), element(0x13)
M.t61, M.ia5, M.visible = element(0x14), element(0x16), element(0x1a)
M.universal, M.bmp = element(0x1c), element(0x1e)
M.utctime, M.generalizedtime = element(0x17), element(0x18)
M.enumerated = element(0x0a)

function M.bits(bytes, unused) return M.element(0x03, string.char(unused or 0) .. bytes) end

--- Context tags: [n] around parts, and [n] in place of a primitive's tag.
function M.explicit(n, ...) return M.element(0xa0 | n, table.concat({ ... })) end
function M.implicit(n, content) return M.element(0x80 | n, content) end

--- An integer; a string is its two's complement as it stands.
function M.integer(value)
  if type(value) == "string" then return M.element(0x02, value) end
  local bytes = string.pack(">i8", value)
  while #bytes > 1 and (bytes:find("^\0[\0-\x7f]") or bytes:find("^\xff[\x80-\xff]")) do
    bytes = bytes:sub(2)
  end
  return M.element(0x02, bytes)
end

M.boolean, M.oid = der.boolean, der.oid

local attributes = {
  CN = "2.5.4.3", C = "2.5.4.6", L = "2.5.4.7", O = "2.5.4.10", OU = "2.5.4.11",
  DC = "0.9.2342.19200300.100.1.25", email = "1.2.840.113549.1.9.1", uid = "2.5.4.45",
}

--- One attribute: a name of those above or an OID, and its value in DER.
function M.attribute(name, value)
  return M.sequence(M.oid(attributes[name] or name), value)
end

--- A name of RDNs, each an array of {name, DER value}.
function M.name(rdns)
  local out = {}
  for i, rdn in ipairs(rdns) do
    local parts = {}
    for j, pair in ipairs(rdn) do parts[j] = M.attribute(pair[1], pair[2]) end
    out[i] = M.set(table.unpack(parts))
  end
  return M.sequence(table.concat(out))
end

--- The shortest name: der.cn("x").
function M.cn(text) return M.name({ { { "CN", M.utf8(text) } } }) end

--- General names: der.general.dns("x"), .email, .uri, .ip, .rid, .directory, .other.
M.general = {
  other = function(oid, value) return M.explicit(0, M.oid(oid), M.explicit(0, value)) end,
  email = function(text) return M.implicit(1, text) end,
  dns = function(text) return M.implicit(2, text) end,
  x400 = function(content) return M.explicit(3, content) end,
  directory = function(name) return M.explicit(4, name) end,
  ediparty = function(party) return M.explicit(5, M.explicit(1, M.utf8(party))) end,
  uri = function(text) return M.implicit(6, text) end,
  ip = function(bytes) return M.implicit(7, bytes) end,
  rid = function(dotted) return M.implicit(8, M.oid(dotted):sub(3)) end,
}

local extensions = {
  altnames = "2.5.29.17", crl = "2.5.29.31", access = "1.3.6.1.5.5.7.1.1",
}

--- An extension: a name of those above or an OID, and the DER inside.
function M.extension(name, value, critical)
  return M.sequence(M.oid(extensions[name] or name), critical and M.boolean(true) or "",
    M.octets(value))
end

--- subjectAltName of general names.
function M.altnames(...)
  return M.extension("altnames", M.sequence(table.concat({ ... })))
end

local rsa = M.sequence(M.oid("1.2.840.113549.1.1.11"), M.null())
local key = M.sequence(M.sequence(M.oid("1.2.840.113549.1.1.1"), M.null()),
  M.bits(M.sequence(M.integer("\0\xc1" .. ("\x55"):rep(62) .. "\x01"), M.integer(65537))))

--- A certificate. All fields may be left out: version (0 for v1), serial, issuer,
-- subject, notbefore, notafter (DER), extensions (array).
function M.certificate(fields)
  fields = fields or {}
  local list = fields.extensions and table.concat(fields.extensions) or ""
  local version = fields.version or 2
  local tbs = M.sequence(
    version ~= 0 and M.explicit(0, M.integer(version)) or "",
    M.integer(fields.serial or 1), rsa, fields.issuer or M.cn("issuer"),
    M.sequence(fields.notbefore or M.utctime("200101000000Z"),
      fields.notafter or M.utctime("491231235959Z")),
    fields.subject or M.cn("subject"), key,
    fields.extensions and M.explicit(3, M.sequence(list)) or "")
  return M.sequence(tbs, rsa, M.bits(("\xaa"):rep(64)))
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- PEM of any DER.
function M.pem(bytes, label)
  label = label or "CERTIFICATE"
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    local four = ""
    for shift = 18, 0, -6 do
      local d = (n >> shift & 63) + 1
      four = four .. alphabet:sub(d, d)
    end
    if not b then four = four:sub(1, 2) .. "==" elseif not c then four = four:sub(1, 3) .. "=" end
    out[#out + 1] = four
  end
  local text = table.concat(out):gsub(("."):rep(64), "%0\n"):gsub("\n?$", "\n", 1)
  return ("-----BEGIN %s-----\n%s-----END %s-----\n"):format(label, text, label)
end

return M
