-- Carries scenarios out in Lua, as driver.py does in Python: run(scenarios,
-- files) gives one answer for each, made of what JSON knows.

local ssl = require "ssl"

local files

local function constant(text)
  local value = 0
  for name in text:gmatch("[^|]+") do
    local here = ssl
    for part in name:gmatch("[^.]+") do here = here[part] end
    value = math.type(here) == "integer" and value | here or here
  end
  return value
end

local function contents(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

-- "@NAME|NAME" is a constant, "$name" a file, "%name" the contents of one.
local function resolve(value)
  if type(value) == "table" then
    local copy = {}
    for key, item in pairs(value) do copy[key] = resolve(item) end
    return copy
  elseif type(value) ~= "string" then
    return value
  end
  local sigil, rest = value:sub(1, 1), value:sub(2)
  return sigil == "@" and constant(rest) or sigil == "$" and files[rest]
    or sigil == "%" and contents(files[rest]) or value
end

local classes = { "SSLCertVerificationError", "SSLZeroReturnError", "SSLWantReadError",
  "SSLWantWriteError", "SSLSyscallError", "SSLEOFError", "SSLError", "TimeoutError", "OSError",
  "NotImplementedError", "ValueError" }

-- CPython's text, which `strerror` keeps, and the advice that `message` adds to it.
local function split(err)
  local text = err.strerror
  if text and err.message:sub(1, #text + 2) == text .. ": " then
    return { message = text, advice = err.message:sub(#text + 3) }
  end
  return { message = err.message }
end

local function failure(err)
  if not ssl.isinstance(err, ssl.Error) then
    return { error = { class = "TypeError", text = tostring(err) } }
  end
  local out = split(err)
  for _, name in ipairs(classes) do
    if ssl.isinstance(err, ssl[name]) then
      out.class = name
      break
    end
  end
  for _, name in ipairs({ "library", "reason", "errno", "verify_code", "verify_message" }) do
    out[name] = err[name]
  end
  return { error = out }
end

local function plain(value)
  if type(value) == "userdata" then return ssl.isinstance(value, ssl.MemoryBIO) and "MemoryBIO" end
  return value
end

-- Several results are a tuple.
local function attempt(f, ...)
  local results = table.pack(pcall(f, ...))
  if not results[1] then return failure(results[2]) end
  local value = plain(results[2])
  if results.n > 2 then value = table.pack(table.unpack(results, 2, results.n)) end
  if type(value) == "table" then value.n = nil end
  return { value = value }
end

local function get(target, name) return target[name] end
local function set(target, name, value) target[name] = value end

local function apply(target, step)
  local what, name = step[1], step[2]
  if what == "set" then return attempt(set, target, name, resolve(step[3])) end
  if what == "get" then return attempt(get, target, name) end
  local args = resolve(step[3] or {})
  local options = resolve(step[4] or {})
  if next(options) ~= nil then args[#args + 1] = options end
  if target == ssl then return attempt(ssl[name], table.unpack(args)) end
  return attempt(function() return target[name](target, table.unpack(args)) end)
end

local function context(protocol, steps, log)
  local ctx = ssl.SSLContext(constant(protocol))
  for _, step in ipairs(steps or {}) do
    local answer = apply(ctx, step)
    if answer.error or step[1] ~= "set" then log[#log + 1] = answer end
  end
  return ctx
end

local runners = {}

runners["context"] = function(s)
  local log = {}
  local ok, ctx = pcall(context, s.protocol, s.steps, log)
  if not ok then return { failure(ctx) } end
  for _, name in ipairs(s.ask or {}) do log[#log + 1] = attempt(get, ctx, name) end
  return log
end

runners["function"] = function(s)
  return apply(ssl, { "call", s.name, s.args, s.options })
end

function runners.certificate(s)
  return attempt(ssl.decode_certificate, contents(files[s.file]))
end

local function servername(ctx, rule, log)
  ctx:set_servername_callback(function(_, name, first)
    log[#log + 1] = { name = name, same = first == ctx }
    if rule ~= "" then return constant(rule) end
  end)
end

local function side_facts(conn)
  local function ask(name) return attempt(conn[name], conn) end
  return {
    version = ask("version"), cipher = ask("cipher"), alpn = ask("selected_alpn_protocol"),
    compression = ask("compression"), cert = ask("getpeercert"), pending = ask("pending"),
    reused = attempt(get, conn, "session_reused"),
    hostname = attempt(get, conn, "server_hostname"),
    server_side = attempt(get, conn, "server_side"),
    has_session = attempt(function() return conn.session ~= nil end),
  }
end

local function handshake(sides, answers)
  local waiting = { client = true, server = true }
  for _ = 1, 50 do
    for _, name in ipairs({ "client", "server" }) do
      if waiting[name] then
        local ok, err = pcall(sides[name].do_handshake, sides[name])
        if ok or not ssl.isinstance(err, ssl.SSLWantReadError) then
          waiting[name] = nil
          answers[name] = not ok and failure(err) or nil
        end
      end
    end
  end
  for name in pairs(waiting) do answers[name] = "waits" end
end

local function connect(client, server, s, session)
  local up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
  return {
    client = client:wrap_bio(down, up, { server_hostname = s.hostname, session = session }),
    server = server:wrap_bio(up, down, { server_side = true }), up = up, down = down,
  }
end

function runners.handshake(s)
  local log, sni = {}, {}
  local client = context(s.client_protocol or "PROTOCOL_TLS_CLIENT", s.client, log)
  local server = context(s.server_protocol or "PROTOCOL_TLS_SERVER", s.server, log)
  if s.sni then servername(server, s.sni, sni) end
  local answers, sides, session
  for turn = 1, s.turns or 1 do
    local ok, made = pcall(connect, client, server, s, session)
    if not ok then return { failure(made) } end
    answers, sides = {}, made
    collectgarbage()  -- Python frees the former connections at once
    handshake(sides, answers)
    if next(answers) == nil and turn < (s.turns or 1) then
      sides.server:write("x")
      sides.client:read(1)
      session = sides.client.session
    end
  end
  for _, step in ipairs(s["then"] or {}) do
    local direct = step[2] == "get" or step[2] == "set"
    log[#log + 1] = apply(sides[step[1]], direct and { table.unpack(step, 2) }
      or { "call", table.unpack(step, 2) })
  end
  local facts = {}
  if next(answers) == nil then
    facts = { client = side_facts(sides.client), server = side_facts(sides.server) }
  end
  return { answers = answers, log = log, sni = sni, facts = facts }
end

return function(scenarios, paths)
  files = paths
  local out = {}
  for i, s in ipairs(scenarios) do out[i] = runners[s.kind](s) end
  return out
end
