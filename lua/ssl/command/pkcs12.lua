-- ssl/command/pkcs12.lua - the certificates in a PKCS #12 file. Its private key goes into
-- a context, from which nobody gets it out again.
-- SPDX-License-Identifier: MIT

local ssl = require "ssl"

local M = {}

-- The chain that a server of this context sends, seen by a client in memory.
local function chain_of(ctx)
  local client_ctx = ssl._create_unverified_context()
  for _, one in ipairs({ ctx, client_ctx }) do one:set_ciphers("ALL:@SECLEVEL=0") end
  local there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
  local client = client_ctx:wrap_bio(back, there)
  local server = ctx:wrap_bio(there, back, true)
  for _ = 1, 10 do
    local ok, err = pcall(client.do_handshake, client)
    if ok then return client:get_unverified_chain() end
    if not ssl.isinstance(err, ssl.SSLWantReadError) then error(err, 0) end
    ok, err = pcall(server.do_handshake, server)
    if not ok and not ssl.isinstance(err, ssl.SSLWantReadError) then error(err, 0) end
  end
  error("its certificate cannot be shown", 0)
end

--- What is in the file: a table with `certificates`, an array of DER.
function M.read(bytes, password)
  local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  ctx:set_ciphers("ALL:@SECLEVEL=0")
  local ok, err = pcall(ctx.load_pkcs12, ctx, bytes, password or "")
  if not ok and not password and ssl.isinstance(err, ssl.SSLError) then
    error("a PKCS #12 file that is encrypted, or damaged: give its password by "
      .. "--password-file", 0)
  elseif not ok then
    error(err, 0)
  end
  local out = { type = "PKCS #12", contents = {} }
  for i, der in ipairs(chain_of(ctx)) do
    out.contents[i] = require("ssl.command.objects").certificate(der)
  end
  table.insert(out.contents, 2, { type = "private key", key = out.contents[1].key })
  return out
end

return M
