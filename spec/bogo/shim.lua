-- Usage: lua spec/bogo/shim.lua FLAGS       make bogo RUNNER=...
-- What BoringSSL's test runner starts for each of its tests: a program of ours that
-- connects to it and is the client or the server of one connection or more, as the flags
-- say. It uses what every program can, the public module alone.

local context = require "spec.bogo.context"
local exchange = require "spec.bogo.exchange"
local flags = require "spec.bogo.flags"
local messages = require "spec.bogo.messages"
local report = require "spec.bogo.report"
local ssl = require "ssl"

-- A resumed connection has the context of the first one unless it is configured
-- otherwise: what a connection merely expects makes no difference.
local function same(a, b)
  for _, pair in ipairs{ { a, b }, { b, a } } do
    for name, value in pairs(pair[1]) do
      local other = pair[2][name]
      if type(value) == "table" then
        if type(other) ~= "table" or not same(value, other) then return false end
      elseif value ~= other and not tostring(name):find("^expect_") then
        return false
      end
    end
  end
  return true
end

local function newcontext(config, state)
  local ctx = context.new(config, state)
  messages.watch(ctx, state)
  return ctx
end

-- All contexts of a server have the same keys. A ticket of an old one is renewed.
local function setkeys(ctx, config, keys)
  if not config.server then return end
  if #keys == 0 or config.renew_ticket then table.insert(keys, 1, ssl.RAND_bytes(80)) end
  ctx:set_ticket_keys(keys)
end

-- A session belongs to its context; its bytes belong to whoever has them.
local function moved(session)
  return session and ssl.SSLSession.from_bytes(session:to_bytes())
end

local function connections(configs)
  local state, keys = {}, {}
  local config, ctx, session
  for i = 0, configs.initial.resume_count or 0 do
    local before = config
    config = i == 0 and configs.initial or configs.resume
    if not before or not same(before, config) then
      ctx, session = newcontext(config, state), moved(session)
    end
    setkeys(ctx, config, keys)
    if i > 0 and not config.server and not session then error("no session to offer", 0) end
    state.resumption, state.offered, state.servername = i > 0, session, nil
    state.messages = messages.new()
    session = exchange.run(ctx, config, state)
  end
end

local configs, unknown = flags.parse(arg)
if not configs then report.unimplemented(unknown) end
if configs.initial.is_handshaker_supported then
  print("No")
  report.finish()
end
local ok, err = pcall(connections, configs)
report.finish(not ok and err or nil)
