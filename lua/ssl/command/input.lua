-- ssl/command/input.lua - files of certificates and keys: what is in them, in PEM or DER.
-- SPDX-License-Identifier: MIT

local mime = require "mime"
local ssl = require "ssl"
local der = require "ssl.command.der"
local objects = require "ssl.command.objects"
local pkcs12 = require "ssl.command.pkcs12"

local M = {}

-- What nobody has in such a file, and a device without an end has.
local MOST = 64 * 1024 * 1024

--- All bytes of a file, or of standard input for "-".
function M.read(path)
  local file, text = io.stdin, nil
  if path ~= "-" then
    file, text = io.open(path, "rb")
  end
  local bytes
  if file then
    bytes, text = file:read(MOST)
    if path ~= "-" then file:close() end
  end
  if text then
    error(ssl.OSError(("cannot read '%s': %s"):format(path, text:gsub("^.*: ", ""))))
  end
  return bytes or ""
end

--- The first line of a file, for a password; nil for no file.
function M.password(path)
  return path and M.read(path):match("^[^\r\n]*")
end

-- The readers of `ssl.command.objects` by the labels of PEM (RFC 7468, and OpenSSL's own).
local LABELS = {
  ["CERTIFICATE"] = "certificate", ["X509 CERTIFICATE"] = "certificate",
  ["TRUSTED CERTIFICATE"] = "certificate", ["CERTIFICATE REQUEST"] = "request",
  ["NEW CERTIFICATE REQUEST"] = "request", ["X509 CRL"] = "crl", ["PRIVATE KEY"] = "private_key",
  ["ENCRYPTED PRIVATE KEY"] = "encrypted_key", ["RSA PRIVATE KEY"] = "rsa_key",
  ["EC PRIVATE KEY"] = "ec_key", ["PUBLIC KEY"] = "public_key",
  ["RSA PUBLIC KEY"] = "rsa_public_key", ["SSL SESSION PARAMETERS"] = "session",
}

local function read_block(label, body)
  local reader = LABELS[label]
  if not reader then
    return { type = label, note = "this command does not read it" }
  end
  local scheme = body:match("DEK%-Info: *([%w-]+)")
  if scheme then
    return { type = "encrypted private key", encryption = scheme }
  end
  local bytes = mime.unb64((body:gsub("%s", ""))) or ""
  if label == "TRUSTED CERTIFICATE" then  -- OpenSSL's notes on trust follow
    bytes = der.parse(bytes, true):whole()
  end
  return objects[reader](bytes)
end

-- The kinds of DER by how they begin: the tags of the first values inside, and those
-- inside of the first one.
local SHAPES = {
  { "^30 30 03$", "^02 30 30 A0", "request" },
  { "^30 30 03$", "^A0 02 30 30 30 30", "certificate" },
  { "^30 30 03$", "^02 30 30 30 30 30", "certificate" },
  { "^30 30 03$", "^02 30 30 1[78]", "crl" },
  { "^30 30 03$", "^30 30 1[78]", "crl" },
  { "^02 30 30$", "", "pkcs12" },
  { "^02 30$", "", "pkcs12" },
  { "^02 30 04", "", "private_key" },
  { "^30 04$", "", "encrypted_key" },
  { "^02 02 02 02 02 02 02 02 02", "", "rsa_key" },
  { "^02 02$", "", "rsa_public_key" },
  { "^02 04 A0", "", "ec_key" },
  { "^30 03$", "", "public_key" },
  { "^02 02 04 04 04", "", "session" },
}

local function tags(node)
  local out = {}
  if node.tag == 0x30 then
    for i, child in ipairs(node:children()) do out[i] = ("%02X"):format(child.tag) end
  end
  return table.concat(out, " ")
end

-- The name of the reader for DER; nil if it is nothing that we know.
local function recognize(bytes)
  local ok, node = pcall(der.parse, bytes, true)
  if not ok or node.tag ~= 0x30 then return nil end
  local outside = tags(node)
  local inside = tags(node:children()[1] or node)
  for _, shape in ipairs(SHAPES) do
    if outside:find(shape[1]) and inside:find(shape[2]) then return shape[3] end
  end
end

local function read_der(bytes, password)
  local ok, reader = pcall(recognize, bytes)
  if not ok or not reader then
    error("there is neither PEM nor DER of a kind that this command knows", 0)
  elseif reader == "pkcs12" then
    return pkcs12.read(bytes, password)
  end
  return objects[reader](bytes)
end

-- Reads one object, or says why it cannot be read.
local function attempt(kind, read, ...)
  local ok, result = pcall(read, ...)
  if ok then return result end
  local text = type(result) == "table" and result.message or tostring(result)
  return { type = kind, problem = text }
end

local BLOCK = "%-%-%-%-%-BEGIN ([%w ]+)%-%-%-%-%-\r?\n(.-)%-%-%-%-%-END ([%w ]+)%-%-%-%-%-"

--- What is in some bytes, in order: an array of the tables of `ssl.command.objects`. One
--- that cannot be read has the field `problem`.
function M.objects(bytes, password)
  local out = {}
  for label, body, last in bytes:gmatch(BLOCK) do
    if label ~= last then
      out[#out + 1] = { type = label, problem = ("it ends as '%s'"):format(last) }
    else
      out[#out + 1] = attempt(label, read_block, label, body)
    end
  end
  if #out > 0 then
    return out
  elseif bytes:find("-----BEGIN ", 1, true) then
    return { { type = "PEM", problem = "the line with END is missing" } }
  end
  return { attempt("data", read_der, bytes, password) }
end

return M
