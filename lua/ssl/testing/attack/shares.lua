-- The keys of an attacker's key exchange.

local _ssl = require "_ssl"
local low = require "_ssl_testing"

local shares = {}

-- Groups by their names in TLS, as keys are made.
local GROUPS <const> = {
  x25519 = "X25519", secp256r1 = "P-256", secp384r1 = "P-384", secp521r1 = "P-521", x448 = "X448",
}

-- Ends the attack because the kit cannot do what is asked for.
function shares.refuse(format, ...)
  error(_ssl.ValueError(format:format(...)), 0)
end

-- Whether the kit has keys of a group.
function shares.knows(group)
  return GROUPS[group] ~= nil
end

-- A key of a group, whose secret half this peer keeps.
function shares.new(peer, group)
  local kind = GROUPS[group]
  if not kind then
    shares.refuse("the kit has no keys of the group '%s'", tostring(group))
  end
  peer.shares[group] = peer.shares[group] or low.newkey(kind)
  return { group = group, key = low.share(peer.shares[group]) }
end

return shares
