-- The trials of ssl.testing.gauntlet: servers with every broken identity, and servers
-- that misbehave on the wire. Each says what a client must do.

local _ssl = require "_ssl"
local broken = require "ssl.testing.broken"
local server = require "ssl.testing.server"
local tap = require "ssl.testing.tap"

local PAGE = { ["/"] = "hello" }

local trials = {}

-- Servers on the wire, in the order of the table. `make(ca)` returns a server; `must`
-- is "accept" or "refuse".
local wire = {}

local function trial(name, must, why, make)
  wire[#wire + 1] = { name = name, kind = "wire", must = must, why = why, make = make }
end

-- A server that has a good identity, and these options.
local function misbehaving(options)
  return function(ca)
    local copy = { ca = ca }
    for key, value in pairs(options) do
      copy[key] = value
    end
    return server.https(PAGE, copy)
  end
end

-- A server whose handler sends `text` whatever it is asked; `ragged` as for a server.
local function saying(text, ragged)
  return function(ca)
    return server.server({ ca = ca, ragged = ragged, handler = function(conn)
      local asked = ""
      repeat
        local data = conn:recv(4096)
        asked = asked .. (data or "")
      until not data or asked:find("\r\n\r\n", 1, true)
      conn:sendall(text)
    end })
  end
end

-- A server of this version alone.
local function of_version(version)
  return function(ca)
    local context = _ssl.SSLContext(_ssl.PROTOCOL_TLS_SERVER)
    context:set_ciphers("ALL:@SECLEVEL=0")
    ca:issue("localhost", "127.0.0.1", { key_type = "RSA" }):configure_cert(context)
    context.options = context.options | _ssl.OP_NO_TLSv1_3 | _ssl.OP_NO_TLSv1_2
      | (version == "TLSv1" and _ssl.OP_NO_TLSv1_1 or _ssl.OP_NO_TLSv1)
    context.minimum_version = -2
    return server.https(PAGE, { context = context, ca = ca })
  end
end

trial("good", "accept", "Nothing is wrong.", misbehaving({}))
trial("single_bytes", "accept", "It sends its bytes one by one.",
  misbehaving({ tap = tap.split({ from = "server" }, 1) }))
trial("old_tls_1_0", "refuse", "It speaks nothing newer than TLS 1.0 (RFC 8996).",
  of_version("TLSv1"))
trial("old_tls_1_1", "refuse", "It speaks nothing newer than TLS 1.1 (RFC 8996).",
  of_version("TLSv1.1"))
trial("plain_text", "refuse", "It answers in plain text.",
  misbehaving({ plain = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello" }))
trial("garbage_handshake", "refuse", "It answers with garbage.",
  misbehaving({ garbage = "handshake" }))
trial("garbage_data", "refuse", "After the handshake it sends garbage.",
  misbehaving({ garbage = "data" }))
trial("altered_record", "refuse", "A bit of what it sends is flipped on the way.",
  misbehaving({ tap = tap.alter(function(record)
    return record.from == "server" and record.type_name == "application_data"
  end) }))
trial("reset_handshake", "refuse", "It resets the connection in the handshake.",
  misbehaving({ reset = "handshake" }))
trial("reset_data", "refuse", "It resets the connection instead of an answer.",
  misbehaving({ reset = "data" }))
trial("cut_stream", "refuse", "An attacker cuts its answer, which tells no length.",
  saying("HTTP/1.0 200 OK\r\n\r\nhello", true))
trial("short_body", "refuse", "It closes before its answer is as long as it says.",
  saying("HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\nhello"))
trial("stall_handshake", "refuse", "It falls silent in the handshake.",
  misbehaving({ stall = "handshake" }))
trial("stall_data", "refuse", "It falls silent instead of an answer.",
  misbehaving({ stall = "data" }))

-- A server with a broken identity.
local function of_identity(identity)
  return { name = identity.name, kind = "identity", why = identity.why, needs = identity.needs,
    must = identity.needs and "may" or "refuse", host = identity.host, anchor = identity.anchor,
    make = function() return server.https(PAGE, { identity = identity }) end }
end

-- A client cannot be sent to a host whose name it cannot resolve.
local REACHABLE = { localhost = true, ["127.0.0.1"] = true }

local function of_broken(ca, name)
  local one = of_identity(broken.broken[name](ca, "localhost"))
  one.left_out = not REACHABLE[one.host] and ("no client resolves '%s'"):format(one.host) or nil
  return one
end

--- The trials for an authority that the client trusts, those that `only` (array of names
-- or nil) has, or all: an array, or nil and a name that no trial has. A trial has
-- `name`, `kind` ("wire" or "identity"), `why`, `must` ("accept", "refuse", or "may" for
-- what a client refuses only if it is told to), `needs`, `host`, `anchor` (the authority
-- to trust, if it is not `ca`), and `make(ca)`, which starts the server. Those that no
-- client can be sent to have `left_out`, with the reason.
function trials.list(ca, only)
  local by_name, names, list = {}, {}, {}
  for i, one in ipairs(wire) do
    by_name[one.name], names[i] = one, one.name
  end
  table.move(broken.names, 1, #broken.names, #names + 1, names)
  for i, name in ipairs(only or names) do
    local one = by_name[name]
    if one then
      list[i] = { name = name, kind = one.kind, must = one.must, why = one.why, make = one.make }
    elseif broken.broken[name] then
      list[i] = of_broken(ca, name)
    else
      return nil, name
    end
  end
  return list
end

return trials
