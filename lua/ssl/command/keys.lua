-- ssl/command/keys.lua - kinds and sizes of keys. What is secret in them is never read.
-- SPDX-License-Identifier: MIT

local names = require "ssl.command.names"

local M = {}

-- Bits of the curves whose points do not tell.
local CURVES = { prime256v1 = 256, secp384r1 = 384, secp521r1 = 521, secp256k1 = 256 }

-- A key's algorithm and its parameters: {kind =, curve =, bits =}.
local function algorithm(node)
  local oid, parameters = table.unpack(node:expect(0x30):children())
  local kind = names.oid(oid:expect(0x06))
  if kind == "rsaEncryption" then
    return { kind = "RSA" }
  elseif kind == "id-ecPublicKey" then
    local curve = parameters and parameters.tag == 0x06 and names.oid(parameters) or nil
    return { kind = "EC", curve = curve, bits = CURVES[curve] }
  end
  return { kind = kind:gsub("^ED(%d)", "Ed%1") }
end

--- RSAPublicKey or RSAPrivateKey: `place` is that of the modulus.
function M.rsa(node, place)
  return { kind = "RSA", bits = node:children()[place]:expect(0x02):size() }
end

--- SubjectPublicKeyInfo.
function M.public(node)
  local head, body = table.unpack(node:expect(0x30):children())
  local key = algorithm(head)
  if key.kind == "RSA" then
    local inner = require("ssl.command.der").parse(body:content():sub(2))
    key.bits = M.rsa(inner, 1).bits
  end
  return key
end

--- PrivateKeyInfo (PKCS #8).
function M.private(node)
  local _, head, body = table.unpack(node:children())
  local key = algorithm(head)
  if key.kind == "RSA" then
    key.bits = M.rsa(body:inner(), 2).bits
  end
  return key
end

--- ECPrivateKey (SEC 1), which may name its curve.
function M.ec(node)
  for _, part in ipairs(node:children()) do
    if part.tag == 0xA0 then
      local curve = names.oid(part:inner())
      return { kind = "EC", curve = curve, bits = CURVES[curve] }
    end
  end
  return { kind = "EC" }
end

--- The key in words: "EC prime256v1, 256 bits".
function M.line(key)
  local text = key.kind .. (key.curve and " " .. key.curve or "")
  return key.bits and ("%s, %d bits"):format(text, key.bits) or text
end

return M
