-- ssl/command/report.lua - what `lua-ssl connect` has to tell of a connection.
-- SPDX-License-Identifier: MIT

local chain = require "ssl.command.chain"
local json = require "ssl.command.json"

local M = {}

-- What a method says; nil where this OpenSSL has no such call.
local function ask(conn, method, ...)
  local ok, a, b, c = pcall(conn[method], conn, ...)
  if ok then return a, b, c end
end

local function negotiated(found, conn)
  local cipher, _, bits = conn:cipher()
  found.version, found.cipher, found.bits = conn:version(), cipher, bits
  found.group, found.signature = ask(conn, "group"), ask(conn, "server_sigalg")
  found.alpn = conn:selected_alpn_protocol()
end

--- Everything as a table: `host`, `port`, `name`, `address`, what was negotiated, `chain`,
--- `stapled`, `trusted`; after a failure `error` and no connection.
function M.build(target, watch, conn, err)
  local found = { host = target.host, port = target.port, name = target.name,
    address = target.address, trusted = conn ~= nil and #watch.problems == 0 }
  if conn then
    negotiated(found, conn)
    found.stapled = watch.stapled or false
  else
    found.error = type(err) == "table" and err.message or tostring(err)
  end
  local message = type(err) == "table" and err.verify_message or nil
  found.chain = chain.build(watch, target.name, message)
  return found
end

local function row(screen, label, text)
  if text then screen:line("  %-11s %s", label, text) end
end

local function heading(screen, found)
  local host = found.host:find(":", 1, true) and "[" .. found.host .. "]" or found.host
  screen:line("%s%s", screen:paint("bold", ("%s:%d"):format(host, found.port)),
    found.address and found.address ~= found.host and " (" .. found.address .. ")" or "")
  row(screen, "asked for", found.name ~= found.host and found.name or nil)
end

local function problems_in(found)
  local count = 0
  for _, cert in ipairs(found.chain) do count = count + #cert.problems end
  return count
end

-- The last line: whether all is well.
local function verdict(screen, found)
  local count = problems_in(found)
  if found.trusted then
    screen:line("%s", screen:paint("green", "The server is trusted as " .. found.name .. "."))
  elseif count > 0 then
    screen:line("%s", screen:paint("red", found.error and "The server is not trusted."
      or "The server is not trusted; --insecure goes on."))
  else
    screen:line("%s", screen:paint("red", "The connection failed: " .. tostring(found.error)))
  end
end

--- Prints it for people.
function M.print(screen, found)
  heading(screen, found)
  row(screen, "version", found.version)
  row(screen, "cipher", found.cipher and ("%s, %d bits"):format(found.cipher, found.bits))
  row(screen, "group", found.group)
  row(screen, "signature", found.signature)
  row(screen, "ALPN", found.alpn)
  if found.stapled ~= nil then
    row(screen, "OCSP", found.stapled and "response stapled" or "no response stapled")
  end
  if #found.chain > 0 then
    screen:line("%s", screen:paint("bold", "Chain of certificates"))
    chain.print(screen, found.chain)
  end
  verdict(screen, found)
end

--- Prints it as JSON.
function M.print_json(screen, found)
  for _, cert in ipairs(found.chain) do
    cert.der, cert.subject_short, cert.issuer_short = nil, nil, nil
  end
  screen:write(json.encode(found), "\n")
end

return M
