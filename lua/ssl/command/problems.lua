-- ssl/command/problems.lua - what is wrong with a certificate, in words, and how to mend
-- it; by OpenSSL's numbers (X509_V_ERR_*).
-- SPDX-License-Identifier: MIT

local keys = require "ssl.command.keys"
local times = require "ssl.command.times"

local M = {}

-- Each function gets the certificate (of `ssl.command.objects`) and the host that was asked
-- for, and returns what is wrong and how to mend it.
local words = {}

local function plain(code, text, mend)
  words[code] = function() return text, mend end
end

local function all_names(cert)
  local out = {}
  for i, name in ipairs(cert.names or {}) do out[i] = i < 12 and name[2] or nil end
  local more = #(cert.names or {}) - #out
  return #out == 0 and "nobody" or table.concat(out, ", ")
    .. (more > 0 and (" and %d more"):format(more) or "")
end

words[10] = function(cert)
  local _, over = times.validity(cert.not_before, cert.not_after)
  return ("it is expired: it %s, on %s"):format(over, times.day(cert.not_after)),
    "renew the certificate. If this surprises you, check the clock: today is "
      .. times.day(os.time()) .. "."
end

words[9] = function(cert)
  return ("it is not valid yet, but from %s on"):format(times.written(cert.not_before)),
    "check the clock here: now is " .. times.written(os.time()) .. "."
end

plain(18, "it is self-signed: nobody else vouches for it",
  "get a certificate from an authority. If the server is yours, trust this very certificate: "
  .. "--cafile FILE.")
plain(19, "the chain ends in this root, which is not trusted here",
  "if you trust this authority, name its certificate: --cafile FILE. 'lua-ssl trust' shows "
  .. "whom this computer trusts.")

words[20] = function(cert)
  local mend = "let the server send the certificate of that issuer after its own (the file that "
    .. "is often called chain or fullchain)."
  if cert.ca_issuers then mend = mend .. " It is said to be at " .. cert.ca_issuers[1] end
  return ("its issuer is missing: the server does not send '%s', and it is not trusted here")
    :format(cert.issuer_short or cert.issuer), mend
end
words[2] = words[20]

local function mismatch(cert, host)
  return ("it is not for '%s'. It is for %s"):format(host, all_names(cert)),
    "ask for the server by a name that the certificate has (--servername NAME), or get a "
      .. "certificate that has this name."
end
words[62], words[64] = mismatch, mismatch

local function weak_key(cert)
  return ("its key is too weak: %s"):format(keys.line(cert.key)),
    "make a new key (EC P-256, or RSA of 2048 bits or more) and have it certified."
end
words[66], words[67] = weak_key, weak_key

words[68] = function(cert)
  return ("it is signed with an algorithm that is broken or weak: %s"):format(cert.signature),
    "have the certificate issued anew, with SHA-256."
end

words[47] = function(_, host)
  return "an authority above it may not speak for this name: " .. tostring(host),
    "get a certificate from another authority."
end
words[48] = words[47]

plain(7, "its signature is wrong: it was damaged or forged", "install the certificate anew.")
plain(23, "it is revoked", "replace the certificate, and find out why it was revoked.")
plain(3, "no revocation list of its issuer is at hand", "load one that is up to date.")
plain(12, "the revocation list of its issuer is out of date", "load one that is up to date.")
plain(22, "the chain is too long", "let the server send only the authorities that are needed.")
plain(24, "it signs another certificate, but it is no authority's",
  "let the server send the chain of its own certificate.")
plain(79, "it signs another certificate, but it may not",
  "let the server send the chain of its own certificate.")
plain(25, "there are more authorities below it than it allows",
  "get a certificate from another authority.")
plain(26, "it is not for servers: its purposes do not name them",
  "get a certificate for servers (extended key usage serverAuth).")
plain(34, "it has a critical extension that OpenSSL does not know",
  "have the certificate issued without this extension.")
plain(73, "it promises a stapled OCSP response, and the server staples none",
  "turn OCSP stapling on at the server.")
plain(74, "the stapled OCSP response is bad: out of date, or not of its issuer",
  "let the server fetch a new response.")
plain(75, "its issuer does not know it, says the stapled OCSP response",
  "ask the authority; the certificate may be forged.")

-- OpenSSL's second word on a missing issuer.
local FOLLOWS = { [21] = 20 }

--- What is wrong with a certificate and how to mend it, as two texts. `message` is OpenSSL's
--- own text, if there is one.
function M.explain(problem, cert, host, message)
  local explain = words[problem.code]
  if explain then
    return explain(cert, host)
  end
  return ("OpenSSL refuses it: %s (error %d)"):format(message or "no more is known", problem.code),
    "'lua-ssl show' shows the whole certificate."
end

--- The problems without those that only follow from others.
function M.without_echoes(list)
  local there, out = {}, {}
  for _, problem in ipairs(list) do there[problem.code] = true end
  for _, problem in ipairs(list) do
    if not there[FOLLOWS[problem.code]] then out[#out + 1] = problem end
  end
  return out
end

return M
