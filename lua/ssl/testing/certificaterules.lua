-- The rules of ssl.testing.policy that are about a server's certificates.

local ruleset = require "ssl.testing.ruleset"

local rule, set_of, group_name = ruleset.add, ruleset.set_of, ruleset.group_name

-- Each leaf certificate, with the word for it if there are several.
local function each_leaf(found, say, judge)
  if #(found.chains or {}) == 0 then
    say("no certificate was seen: %s", found.handshake_error or found.chain_error or "none came")
  end
  for _, chain in ipairs(found.chains or {}) do
    judge(chain[1], #found.chains > 1 and (" (the %s certificate)"):format(chain[1].key_type) or "",
      chain)
  end
  return true
end

local function covers(certificate, wanted)
  for _, name in ipairs(certificate.names) do
    local tail = name:match("^%*(%..+)$")
    if name:lower() == wanted:lower()
        or tail and wanted:lower():match("^[^.]+(%..+)$") == tail:lower() then
      return true
    end
  end
  return false
end

rule("names", "table", { "certificates" },
  "Clients refuse a certificate that does not name the host they asked for.",
  function(found, wanted, say)
    return each_leaf(found, say, function(leaf, which)
      for _, name in ipairs(wanted) do
        if not covers(leaf, name) then
          say("it does not name %s%s; it names %s", name, which, table.concat(leaf.names, ", "))
        end
      end
    end)
  end)

rule("days_left", "number", { "certificates" },
  "When it expires, all clients refuse the server at once.",
  function(found, wanted, say)
    return each_leaf(found, say, function(leaf, which)
      if leaf.days_left < wanted then
        say("%d days are left%s, not %d", leaf.days_left, which, wanted)
      end
    end)
  end)

rule("lifetime_days", "number", { "certificates" },
  "A stolen key is of use as long as its certificate lives; renewal has to be a habit.",
  function(found, wanted, say)
    return each_leaf(found, say, function(leaf, which)
      if leaf.lifetime_days > wanted then
        say("it lives for %d days%s, more than %d", leaf.lifetime_days, which, wanted)
      end
    end)
  end)

rule("chain_order", "boolean", { "certificates" },
  "Some clients follow the chain as it is sent, and RFC 5246 demands that order.",
  function(found, wanted, say)
    return each_leaf(found, say, function(_, which, chain)
      if wanted and not chain.in_order then
        say("its certificates are not in the order of who signed whom%s", which)
      end
    end)
  end)

rule("key_types", "table", { "certificates" },
  "Clients must be able to check the key's signatures, and nobody else to make them.",
  function(found, wanted, say)
    local allowed = set_of(wanted)
    return each_leaf(found, say, function(leaf)
      if not allowed[leaf.key_type] then
        say("its key is %s", leaf.key_type)
      end
    end)
  end)

rule("rsa_bits", "number", { "certificates" },
  "Shorter RSA keys can be factored, or soon will be.",
  function(found, wanted, say)
    local any
    each_leaf(found, say, function(leaf)
      if leaf.key_type:find("^RSA") then
        any = true
        if leaf.key_bits < wanted then
          say("its RSA key has %d bits, not %d", leaf.key_bits, wanted)
        end
      end
    end)
    return any
  end)

rule("curves", "table", { "certificates" },
  "Many clients know only the common curves.",
  function(found, wanted, say)
    local allowed, any = set_of(wanted, group_name), nil
    each_leaf(found, say, function(leaf)
      any = any or leaf.key_type == "EC" or nil
      if leaf.key_type == "EC" and not allowed[leaf.curve] then
        say("its key is on the curve %s", leaf.curve)
      end
    end)
    return any
  end)

rule("certificate_signatures", "table", { "certificates" },
  "Who can forge the authority's signature can make a certificate of any name.",
  function(found, wanted, say)
    local allowed = set_of(wanted)
    return each_leaf(found, say, function(_, _, chain)
      for _, certificate in ipairs(chain) do
        if not certificate.self_signed and not allowed[certificate.signature] then
          say("'%s' is signed by %s", certificate.subject, certificate.signature)
        end
      end
    end)
  end)

rule("trusted_by", "userdata", { "trust" },
  "A client that checks certificates refuses the server.",
  function(found, _, say)
    if not found.trusted then
      say("the client says: %s", found.trust_error)
    end
    return true
  end)

rule("stapling", "boolean string", { "certificates" },
  "Without a stapled response, clients ask the authority who visits you, or do not check.",
  function(found, wanted, say)
    if wanted == "named" then
      local named = false
      for _, chain in ipairs(found.chains or {}) do
        named = named or chain[1].ocsp
      end
      if not named then
        return nil
      end
    end
    if wanted and not found.staple then
      say("it staples no OCSP response")
    elseif wanted == false and found.staple then
      say("it staples an OCSP response")
    end
    return true
  end)
