-- Which reasons of OpenSSL's a spec may hold: a patch release may refuse the same thing by
-- another reason.

local M = {}

-- Reasons that stay: alerts, which have numbers in RFC 8446, the two by which programs
-- tell what is wrong with a peer's certificate, and the one of RFC 9849.
local function stays(name)
  return name:find("^SSLV3_ALERT_") or name:find("^TLSV1") or name == "CERTIFICATE_VERIFY_FAILED"
    or name == "PEER_DID_NOT_RETURN_A_CERTIFICATE" or name == "ECH_REQUIRED"
end

-- Those that the module's own C code gives or looks for, by their names. If OpenSSL changed
-- one of them, the code would have to change too.
local function used()
  local names = {}
  local pipe <close> = io.popen("grep -rhoE '[A-Z0-9]+_R_[A-Z0-9_]+' --include=*.c "
    .. "--exclude=reasons.c src")
  for line in pipe:lines() do names[line:match("_R_(.*)")] = true end
  return names
end

--- The set of the reasons that are OpenSSL's to choose.
function M.theirs()
  local names, ours = {}, used()
  for line in io.lines("src/base/reasons.c") do
    local name = line:match('^  {ERR_LIB_[%w_]+, [%w_]+, "(%w+_[%w_]+)"},$')
    if name and not stays(name) and not ours[name] then names[name] = true end
  end
  return names
end

return M
