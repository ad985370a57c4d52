-- One connection with the runner: handshake, data, end.

local expect = require "spec.bogo.expect"
local transport = require "spec.bogo.transport"

local M = {}

-- The runner wants back what it sends with all bits turned.
local function turned(data)
  return (data:gsub(".", function(byte) return string.char(byte:byte() ~ 0xff) end))
end

local function handshake(way, config, is)
  if config.implicit_handshake then return end
  way:handshake()
  expect.handshake(way.tls, config, is)
  if config.handshake_twice or config.no_op_extra_handshake then way:handshake() end
end

local function export(way, config)
  if config.export_keying_material then
    way:write(way.tls:export_keying_material(config.export_label,
      config.export_keying_material, config.use_export_context and config.export_context or nil))
  end
  if config.tls_unique then way:write(way.tls:get_channel_binding("tls-unique")) end
end

-- What the runner expects before it has sent anything.
local function speakfirst(way, config)
  if not config.shim_writes_first then return end
  for _ = 1, config.repeat_shim_initial_write or 1 do
    way:write(config.shim_initial_write or "hello")
  end
end

-- What is peeked at is what is read next.
local function read(way, config)
  if config.key_update_before_read then way:update() end
  local size = config.read_size or 512
  if not config.peek_then_read then return way:read(size) end
  local ahead = way:peek(size)
  if ahead then
    assert(way:peek(#ahead) == ahead, "peek shows something else than before")
    assert(way:read(#ahead) == ahead, "read gives something else than peek showed")
  end
  return ahead
end

local function echo(way, config)
  while true do
    local data = read(way, config)
    if config.use_exporter_between_reads then way.tls:export_keying_material("some label", 1) end
    if not data then return end
    if config.key_update then way:update() end
    way:write(turned(data))
  end
end

local function writesizes(way)
  for _, size in ipairs{ 0, 1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769 } do
    way:write(("B"):rep(size))
  end
end

local function talk(way, config)
  export(way, config)
  if config.write_different_record_sizes then return writesizes(way) end
  speakfirst(way, config)
  if not config.shim_shuts_down then echo(way, config) end
end

-- Returns the client's session, if one came.
local function converse(way, config, is)
  handshake(way, config, is)
  talk(way, config)
  expect.exchange(way.tls, config, is)
  local session = not config.server and way.tls.session or nil
  if config.check_close_notify then
    if config.shim_shuts_down then way:finishfirst() else way:finish() end
  end
  return session
end

--- Connects to the runner and goes through a test with it, as `config` says. `is` tells what
--- the checks want to know. Returns the session of a client; raises what went wrong.
function M.run(ctx, config, is)
  local tcp = transport.connect(config)
  is.renegotiations = ctx:session_stats().connect_renegotiate
  local way = transport.wrap(ctx, config, tcp, is.offered)
  local ok, result = pcall(converse, way, config, is)
  way:close()
  if not ok then error(result, 0) end
  expect.ended(ctx, config, is)
  return result
end

return M
