-- What `openssl verify` says to a case of x509-limbo.

local files = require "ssl.testing.files"
local process = require "support.process"

local checks = { DNS = "-verify_hostname", IP = "-verify_ip", RFC822 = "-verify_email" }

local function flags_of(case, level, time)
  local flags = {
    "-x509_strict -partial_chain -no-CApath -no-CAstore", "-auth_level", tostring(level),
    "-purpose", case.validation_kind == "SERVER" and "sslserver" or "sslclient",
  }
  local function add(...)
    for _, flag in ipairs({ ... }) do flags[#flags + 1] = flag end
  end
  if time then add("-attime", ("%d"):format(time)) end
  if case.max_chain_depth then add("-verify_depth", ("%d"):format(case.max_chain_depth)) end
  if case.expected_peer_name then
    add(checks[case.expected_peer_name.kind], case.expected_peer_name.value)
  end
  return table.concat(flags, " ")
end

-- "SUCCESS" or "FAILURE", the command, and its output. `level` is the security level,
-- `time` a number of seconds since 1970 or nil.
return function(case, level, time)
  local folder <close> = files.folder()
  local paths = folder:write({
    ["trusted.pem"] = table.concat(case.trusted_certs, "\n"),
    ["others.pem"] = table.concat(case.untrusted_intermediates, "\n"),
    ["peer.pem"] = case.peer_certificate, ["crl.pem"] = table.concat(case.crls, "\n"),
  })
  local command = ("openssl verify %s -CAfile %s"):format(flags_of(case, level, time),
    paths["trusted.pem"])
  if #case.untrusted_intermediates > 0 then
    command = command .. " -untrusted " .. paths["others.pem"]
  end
  if #case.crls > 0 then
    command = command .. " -crl_check -CRLfile " .. paths["crl.pem"]
  end
  local out, ok = process.shell("%s %s", command, paths["peer.pem"])
  return ok and "SUCCESS" or "FAILURE", out
end
