-- The rules of ssl.testing.policy, each by its name, and what rules have in common.

local ciphers = require "ssl.scan.ciphers"
local handshake = require "ssl.scan.handshake"
local names = require "ssl.scan.names"

local ruleset = { rules = {}, order = {} }

--- Adds a rule. `parts` are those of a scan that it needs; `kind` is the type of what
-- is wanted; `judge(found, wanted, say)` calls `say` with each fault, and returns nil
-- if the rule has no meaning for this server.
function ruleset.add(name, kind, parts, why, judge)
  ruleset.rules[name] = { name = name, kind = kind, parts = parts, why = why, judge = judge }
  ruleset.order[#ruleset.order + 1] = name
end

--- A set of the names in a list, each as `normal` writes it.
function ruleset.set_of(list, normal)
  local set = {}
  for _, name in ipairs(list) do
    set[normal and normal(name) or name] = true
  end
  return set
end

local openssl_names

--- IANA's name of a cipher that may be given by OpenSSL's.
function ruleset.cipher_name(name)
  if ciphers.by_name[name] then
    return name
  end
  if not openssl_names then
    openssl_names = {}
    for _, suite in ipairs(handshake.context():get_ciphers()) do
      openssl_names[suite.name] = ciphers.get(suite.id & 0xFFFF).name
    end
  end
  return openssl_names[name] or error(("no cipher is named '%s'"):format(tostring(name)), 0)
end

local ALIASES = { prime256v1 = "secp256r1", ["p-256"] = "secp256r1", ["p-384"] = "secp384r1",
  ["p-521"] = "secp521r1" }

--- The registry's name of a group or curve, whatever the case of its letters.
function ruleset.group_name(name)
  local wanted = tostring(name):lower()
  for known in pairs(names.groups.by_name) do
    if known:lower() == wanted then
      return known
    end
  end
  return ALIASES[wanted] or error(("no group is named '%s'"):format(tostring(name)), 0)
end

--- The name of a version, if it is one.
function ruleset.version_name(name)
  return names.version_code[name] and name
    or error(("no version is named '%s'"):format(tostring(name)), 0)
end

return ruleset
