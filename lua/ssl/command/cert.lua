-- ssl/command/cert.lua - lua-ssl cert: the command lua-ssl-cert by another name.
-- SPDX-License-Identifier: MIT

local terminal = require "ssl.command.terminal"

local M = {
  name = "cert",
  summary = "make a certificate for development, and an authority of your own",
  arguments = "",
  text = {
    "Makes a certificate for development, signed by an authority of your own. In the folder "
      .. "are then cert.pem, key.pem and chain.pem for the server, ca.pem for the clients that "
      .. "are to trust it, and ca-key.pem, which you show to nobody: whoever has it can pose "
      .. "as any host to these clients. The command lua-ssl-cert does the same.",
  },
  options = {
    { name = "names", value = "LIST", help = "what the certificate is for: host names, IP and "
      .. "e-mail addresses, separated by commas; without it no certificate is made" },
    { name = "ca", help = "make the authority first, if the folder has none" },
    { name = "dir", value = "FOLDER", help = "where the files are and go", default = "." },
    { name = "days", value = "N", help = "how long the certificate is valid; 397 by default" },
    { name = "key-type", value = "TYPE", help = "P-256 (the default), P-384, RSA-2048, "
      .. "Ed25519, ..." },
    { name = "common-name", value = "TEXT", help = "a name in the subject" },
    { name = "organization", value = "TEXT", help = "an organization in the subject" },
    { name = "client", help = "make a certificate for a client only" },
    { name = "password", value = "TEXT", help = "encrypt the private key" },
    { name = "pkcs12", value = "TEXT", help = "write cert.p12 too, encrypted with this password" },
  },
}

-- The words for lua-ssl-cert that mean the same.
local function words_of(values)
  local words = {}
  for _, option in ipairs(M.options) do
    local value = values[option.name]
    if value then
      words[#words + 1] = "--" .. option.name .. (option.value and "=" .. value or "")
    end
  end
  return words
end

function M.check(values)
  if values[1] then
    return ("'%s' is not expected"):format(values[1])
  elseif not (values.names or values.ca) then
    return "give --names or --ca"
  end
end

function M.run(values)
  local screen = terminal.screen(1, "never")
  return require("ssl.testing.command")(words_of(values), function(text) screen:write(text) end,
    function(text) io.stderr:write((text:gsub("^lua%-ssl%-cert: ", "lua-ssl: "))) end)
end

return M
