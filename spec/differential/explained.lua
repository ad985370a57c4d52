-- The differences that are meant: explained.reason(scenario, {major, minor, openssl},
-- theirs) gives the reason, or nil. `openssl` is OPENSSL_VERSION_NUMBER there.

local ssl = require "ssl"

local M = {}

-- A list of ciphers that is refused leaves the earlier one in force; with CPython
-- it leaves none but those of TLS 1.3.
local kept = "set_ciphers is all or nothing"

-- CPython's codec says what is wrong with a name that is no host name, in its words.
local worded = "a name is refused in other words"

-- After a failure every call raises that failure again; with CPython what OpenSSL
-- makes of a connection that it has given up.
local first = "the first fatal error is kept"

-- The session of a connection that was dropped without unwrap stays in the server's
-- cache; with CPython OpenSSL takes it out of there.
local cached = "a connection that is dropped does not spoil its session"

-- A fatal alert that comes instead of close_notify is an error of unwrap; CPython
-- takes it for a good end.
local alerted = "unwrap tells of a fatal alert"

-- Since 4.0 OpenSSL refuses some names, and does not say why; CPython has "unknown
-- error" for it.
local refused = "OpenSSL 4.0 refuses the name"

-- OpenSSL 4.0 gave SSL 3.0 up; a Python that runs on an older one still takes it.
local given_up = "OpenSSL 4.0 has no SSL 3.0"

local titles = {
  ["A ragged end, TLSv1_2"] = alerted, ["A ragged end, TLSv1_3"] = alerted,
  ["After a ragged end, TLSv1_2"] = first, ["After a ragged end, TLSv1_3"] = first,
  ["A session resumed without tickets, TLSv1_2"] = cached,
  ["A session resumed without tickets, TLSv1_3"] = cached,
  ["set_ciphers('')"] = kept, ["set_ciphers('nonsense')"] = kept, ["set_ciphers('!ALL')"] = kept,
  ["set_ciphers('TLS_AES_128_GCM_SHA256')"] = kept,
  ["The host name '.localhost'"] = worded,
  ["The host name 'xxxxxxxxxxxxxxxxxxxx'"] = worded,
}

-- Before 3.7 defaults were others, CPython compared the host name itself after the
-- handshake, and it did not know the error numbers of OpenSSL 3.
local function older(scenario, theirs)
  if theirs == "unsupported" then return nil end
  return scenario.title == "RAND_status" or scenario.kind == "context" or scenario.kind ==
    "handshake"
    and (theirs[1] or next(theirs.answers) or theirs.log[1]) and "3.7 changed it" or nil
end

local function newer(scenario, openssl)
  local title = scenario.title
  if title == "The host name 'localhost.'" or title == "The host name '*.localhost'" then
    return refused
  end
  return openssl < 0x40000000 and title:find("m_version = @TLSVersion.SSLv3", 1, true) and given_up
end

function M.reason(scenario, version, theirs)
  -- 3.14 reads an empty name as none at all
  if version[1] == 3 and version[2] >= 14 and scenario.title == "The host name ''" then
    return worded
  end
  if version[1] == 3 and version[2] < 7 and older(scenario, theirs) then return "3.7 changed it" end
  return titles[scenario.title]
    or ssl.OPENSSL_VERSION_NUMBER >= 0x40000000 and newer(scenario, version[3]) or nil
end

-- What goes wrong with a file, with the data of a certificate or in a handshake may
-- have a message that tells more than CPython's, behind the same text.
function M.advised(scenario)
  return scenario.title:find("load_", 1, true) or scenario.kind == "handshake"
end

-- Do the two say the same? OpenSSL 4.0 says "tls alert", older ones "ssl/tls alert";
-- the module and the Python may run on different ones.
function M.sametext(theirs, ours)
  return type(theirs) == "string" and type(ours) == "string"
    and theirs:gsub("ssl/tls alert", "tls alert") == ours:gsub("ssl/tls alert", "tls alert")
end

return M
