-- The rules of ssl.testing.policy: what each looks at, and why it matters.

local names = require "ssl.scan.names"
local ruleset = require "ssl.testing.ruleset"

local rule, set_of = ruleset.add, ruleset.set_of
local cipher_name, group_name = ruleset.cipher_name, ruleset.group_name
local version_name = ruleset.version_name

-- Each cipher of each version.
local function each_suite(found, visit)
  for _, version in ipairs(names.versions) do
    for _, suite in ipairs(found.ciphers[version] or {}) do
      visit(suite, version)
    end
  end
  return true
end

rule("versions", "table", { "versions" },
  "A client that an attacker talks down to an old version has that version's holes.",
  function(found, wanted, say)
    local allowed = set_of(wanted, version_name)
    for _, version in ipairs(names.versions) do
      if found.versions[version] and not allowed[version] then
        say("it speaks %s", version)
      end
    end
    return true
  end)

rule("required_versions", "table", { "versions" },
  "Clients that speak nothing else cannot connect.",
  function(found, wanted, say)
    for _, version in ipairs(wanted) do
      if not found.versions[version_name(version)] then
        say("it does not speak %s", version)
      end
    end
    return true
  end)

rule("ciphers", "table", { "ciphers" },
  "A client may choose the weakest cipher that the server takes.",
  function(found, wanted, say)
    local allowed = set_of(wanted, cipher_name)
    return each_suite(found, function(suite, version)
      if not allowed[suite.name] then
        say("%s takes %s%s", version, suite.name,
          suite.faults[1] and (": " .. suite.faults[1]) or "")
      end
    end)
  end)

rule("forward_secrecy", "boolean", { "ciphers" },
  "Without it, whoever gets the server's key reads every connection recorded before.",
  function(found, wanted, say)
    return each_suite(found, function(suite, version)
      if wanted and not suite.forward_secret then
        say("%s takes %s", version, suite.name)
      end
    end)
  end)

rule("faultless_ciphers", "boolean", { "ciphers" },
  "Each of these faults has led to an attack, or will.",
  function(found, wanted, say)
    return each_suite(found, function(suite, version)
      if wanted and #suite.faults > 0 then
        say("%s takes %s: %s", version, suite.name, table.concat(suite.faults, "; "))
      end
    end)
  end)

rule("server_order", "boolean", { "ciphers" },
  "The server's order protects clients that know no better; the client's suits its hardware.",
  function(found, wanted, say)
    for version, ordered in pairs(found.server_order) do
      if ordered ~= wanted then
        say("in %s the %s decides", version, ordered and "server" or "client")
      end
    end
    return next(found.server_order) ~= nil or nil
  end)

rule("groups", "table", { "groups" },
  "The group bounds how hard it is to find the connection's keys.",
  function(found, wanted, say)
    local allowed = set_of(wanted, group_name)
    for version, list in pairs(found.groups) do
      for _, group in ipairs(list) do
        if not allowed[group] then
          say("%s takes %s", version, group)
        end
      end
    end
    return next(found.groups) ~= nil or nil
  end)

rule("required_groups", "table", { "groups" },
  "Clients that have no other group cannot connect, or pay a second round trip.",
  function(found, wanted, say)
    local there = {}
    for _, list in pairs(found.groups) do
      for _, group in ipairs(list) do
        there[group] = true
      end
    end
    for _, group in ipairs(wanted) do
      if not there[group_name(group)] then
        say("it does not take %s", group)
      end
    end
    return true
  end)

rule("dh_bits", "number", { "groups" },
  "Primes of 1024 bits and less are within reach of those who can afford it (Logjam).",
  function(found, wanted, say)
    if found.dh_bits and found.dh_bits < wanted then
      say("its prime has %d bits, not %d", found.dh_bits, wanted)
    end
    return found.dh_bits and true
  end)

rule("signatures", "table", { "signatures" },
  "Who can forge the handshake's signature can be the server.",
  function(found, wanted, say)
    local allowed, any = set_of(wanted), nil
    for version, list in pairs(found.signatures) do
      for _, signature in ipairs(list) do
        any = true
        if not allowed[signature] then
          say("%s signs by %s", version, signature)
        end
      end
    end
    if found.versions["TLSv1.3"] and not found.signatures["TLSv1.3"] then
      say("it has no group by which TLS 1.3's could be seen")
    end
    return any
  end)

require "ssl.testing.certificaterules"

-- Behaviour -------------------------------------------------------------------

rule("resumption", "boolean", { "resumption" },
  "Resumption saves time and power; without forward secrecy of tickets it costs privacy.",
  function(found, wanted, say)
    local by = found.resumption
    local resumes = by.session_id or by.ticket or by.psk
    if resumes ~= wanted then
      say(wanted and "it resumes no session" or "it resumes sessions")
    end
    return true
  end)

rule("ticket_lifetime", "number", { "resumption" },
  "Who gets the ticket keys reads all connections resumed in that time; RFC 8446 allows a week.",
  function(found, wanted, say)
    local lifetime = found.resumption.lifetime
    if lifetime and lifetime > wanted then
      say("a ticket is good for %d seconds, more than %d", lifetime, wanted)
    end
    return lifetime and true
  end)

rule("tickets", "number", { "resumption" },
  "Each connection pays for tickets that its client never uses.",
  function(found, wanted, say)
    local tickets = found.resumption.tickets
    if tickets and tickets > wanted then
      say("it sends %d tickets, more than %d", tickets, wanted)
    end
    return tickets and true
  end)

rule("alpn", "table", { "alpn" },
  "Without it, clients do not get the protocol that they ask for.",
  function(found, wanted, say)
    local there = set_of(found.alpn)
    for _, protocol in ipairs(wanted) do
      if not there[protocol] then
        say("it does not take '%s'", protocol)
      end
    end
    return true
  end)

-- A rule about one boolean of the scan, nil where it has no meaning.
local function flag(name, parts, why, yes, no)
  rule(name, "boolean", parts, why, function(found, wanted, say)
    if found[name] ~= nil and found[name] ~= wanted then
      say(found[name] and yes or no)
    end
    return found[name] ~= nil or nil
  end)
end

flag("secure_renegotiation", { "extensions" },
  "Otherwise an attacker puts his own request before the client's (RFC 5746).",
  "it knows RFC 5746", "it does not know RFC 5746")
flag("client_renegotiation", { "renegotiation" },
  "A client can make the server sign as often as it likes, on one connection.",
  "a client may begin a handshake anew", "no client may begin a handshake anew")
flag("extended_master_secret", { "extensions" },
  "Otherwise two connections can be made to share a secret (RFC 7627).",
  "it knows RFC 7627", "it does not know RFC 7627")
flag("compression", { "extensions" },
  "The size of what is compressed tells what is in it (CRIME).",
  "it compresses", "it does not compress")
flag("heartbeat", { "extensions" },
  "Nobody needs it, and its one famous bug gave memory away (Heartbleed).",
  "it takes heartbeats", "it takes no heartbeats")

rule("downgrade", "boolean", { "downgrade" },
  "An attacker must not be able to talk both sides down to an older version.",
  function(found, wanted, say)
    local by = found.downgrade
    if wanted and by and by.sentinel == false then
      say("its ServerHello of an older version has no mark (RFC 8446, 4.1.3)")
    end
    if wanted and by and not by.scsv then
      say("it lets a client fall back (RFC 7507)")
    end
    return by and true
  end)

rule("rubbish", "boolean", { "rubbish" },
  "What answers bytes that are not TLS lets an attacker mix plain text into a session.",
  function(found, wanted, say)
    for kind, reaction in pairs(found.rubbish) do
      if wanted and reaction == "answer" then
        say("it answers to '%s'", kind)
      end
    end
    return true
  end)

rule("tolerance", "boolean", { "tolerance" },
  "Servers that choke on the unknown keep new versions of TLS from spreading.",
  function(found, wanted, say)
    for kind, fine in pairs(found.tolerates) do
      if wanted and fine == false then
        say("it does not tolerate '%s'", kind)
      end
    end
    return true
  end)

return ruleset
