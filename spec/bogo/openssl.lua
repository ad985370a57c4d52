-- Usage: make bogo RUNNER=... SHIM=spec/bogo/openssl.lua ARGS=-include-disabled TESTS=...
-- The counterpart of shim.lua that shows what is OpenSSL's doing and not ours: the same
-- flags, but `openssl s_client` or `s_server` makes the connection. This program moves
-- bytes between it and the runner, and turns the data around.
--
-- The openssl program has to be of the library that the module uses. Its plaintext goes
-- through a socket, by bash's /dev/tcp, so that nobody has to wait for a pipe.

local socket = require "socket"
local flags = require "spec.bogo.flags"
local report = require "spec.bogo.report"
local settings = require "spec.bogo.settings"
local transport = require "spec.bogo.transport"

local folder = os.getenv("TMPDIR") or "/tmp"

-- The program's words -----------------------------------------------------------

local function quoted(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

local versions = { [0x0301] = "TLSv1", [0x0302] = "TLSv1.1", [0x0303] = "TLSv1.2",
  [0x0304] = "TLSv1.3" }

local function protocols(wire)
  local list, i = {}, 1
  while i <= #wire do list[#list + 1], i = ("s1"):unpack(wire, i) end
  return table.concat(list, ",")
end

-- What both programs understand.
local function common(config)
  local words = {}
  local function add(...)
    for _, word in ipairs{ ... } do words[#words + 1] = quoted(word) end
  end
  local chosen = settings.of(config)
  add("-quiet", "-min_protocol", versions[chosen.oldest], "-cipher", chosen.ciphers,
    "-ciphersuites", chosen.ciphersuites, "-sigalgs", chosen.server_signatures,
    "-client_sigalgs", chosen.client_signatures)
  if chosen.newest then add("-max_protocol", versions[chosen.newest] or "TLSv1.2") end
  if chosen.groups then add("-groups", chosen.groups) end
  for flag, word in pairs{ no_tls1 = "-no_tls1", no_tls11 = "-no_tls1_1", no_tls12 = "-no_tls1_2",
      no_tls13 = "-no_tls1_3", no_ticket = "-no_ticket" } do
    if config[flag] then add(word) end
  end
  if not config.renegotiate_freely then add("-no_renegotiation") end
  if config.psk then add("-psk", (config.psk:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))) end
  if config.psk and config.psk_identity then
    add(config.server and "-psk_hint" or "-psk_identity", config.psk_identity)
  end
  local credential = config.credentials[1] or config
  if credential.cert_file then
    add("-cert", credential.cert_file, "-cert_chain", credential.cert_file)
  end
  if credential.key_file then add("-key", credential.key_file) end
  if config.export_keying_material then report.unimplemented("exported keys") end
  return words, add
end

local function clientwords(config, port, session)
  local words, add = common(config)
  add("-connect", "127.0.0.1:" .. port, "-ign_eof", "-nocommands", "-legacy_server_connect")
  if config.host_name then add("-servername", config.host_name) else add("-noservername") end
  if config.advertise_alpn then add("-alpn", protocols(config.advertise_alpn)) end
  if config.select_next_proto then add("-nextprotoneg", config.select_next_proto) end
  if config.enable_ocsp_stapling then add("-status") end
  if config.accepted_peer_cert_types then add("-enable_server_rpk") end
  if config.available_client_cert_types then add("-enable_client_rpk") end
  add("-sess_out", session)
  local old = io.open(session)
  if old then
    old:close()
    add("-sess_in", session)
  end
  return "s_client " .. table.concat(words, " ")
end

local function serverwords(config, port, count)
  local words, add = common(config)
  add("-accept", "127.0.0.1:" .. port, "-naccept", count)
  if settings.of(config).serverchooses then add("-serverpref") end
  if config.require_any_client_certificate then add("-Verify", 9)
  elseif config.verify_peer then add("-verify", 9) end
  if config.select_alpn then add("-alpn", config.select_alpn) end
  if config.advertise_npn then add("-nextprotoneg", protocols(config.advertise_npn)) end
  if config.accepted_peer_cert_types then add("-enable_client_rpk") end
  if (config.credentials[1] or {}).raw then add("-enable_server_rpk") end
  return "s_server " .. table.concat(words, " ")
end

-- Moving bytes ------------------------------------------------------------------

local function listener()
  local listening = assert(socket.bind("127.0.0.1", 0))
  listening:settimeout(10)
  local _, port = listening:getsockname()
  return listening, tonumber(port)
end

local function turned(data)
  return (data:gsub(".", function(byte) return string.char(byte:byte() ~ 0xff) end))
end

-- What has come, or nil at the end.
local function received(sock)
  sock:settimeout(0)
  local data, err, part = sock:receive(65536)
  sock:settimeout(10)
  data = data or part
  if data == "" and err ~= "timeout" then return nil end
  return data
end

-- Until the runner, or the program, has closed its end.
local function move(runner, program, plain)
  while true do
    local ready = socket.select({ runner, program, plain }, nil, 20)
    if #ready == 0 then return end
    for _, from in ipairs(ready) do
      local data = received(from)
      if not data then return end
      if from == runner then program:send(data)
      elseif from == program then runner:send(data)
      else plain:send(turned(data)) end
    end
  end
end

local function finish(runner, ...)
  for _, sock in ipairs{ ... } do sock:close() end
  runner:shutdown("send")
  repeat until not received(runner) or #socket.select({ runner }, nil, 1) == 0
  runner:close()
end

-- Starts the program with its input and output on a connection to `port`.
local function start(words, port, log)
  os.execute(("bash -c %s &"):format(quoted(
    ("exec 3<>/dev/tcp/127.0.0.1/%d; exec openssl %s <&3 >&3 2>%s"):format(port, words, log))))
end

-- What the program says of its errors, for the runner to look at.
local function failed(log)
  local file = io.open(log)
  local text = file and file:read("a") or ""
  if file then file:close() end
  os.remove(log)
  return text:find(":error:", 1, true) and text or nil
end

local function client(config, session, log)
  local tls, port = listener()
  local plain, plainport = listener()
  start(clientwords(config, port, session), plainport, log)
  local data = assert(plain:accept())
  local program = assert(tls:accept())
  local runner = transport.connect(config)
  if config.shim_writes_first then data:send(config.shim_initial_write or "hello") end
  move(runner, program, data)
  finish(runner, program, data, tls, plain)
end

-- One s_server for all connections of a test: it keeps its tickets and sessions.
local function reach(port)
  for _ = 1, 100 do
    local sock = socket.connect("127.0.0.1", port)
    if sock then return sock end
    socket.sleep(0.05)
  end
  error("s_server does not listen", 0)
end

local function server(config, port, data)
  local program = reach(port)
  local runner = transport.connect(config)
  if config.shim_writes_first then data:send(config.shim_initial_write or "hello") end
  move(runner, program, data)
  finish(runner, program)
end

local function connections(configs)
  local count = (configs.initial.resume_count or 0) + 1
  local name = ("%s/bogo-%d-%s"):format(folder, configs.initial.shim_id,
    tostring(configs):match("%w+$"))
  local session, log = name .. ".session", name .. ".log"
  local data, port
  if configs.initial.server then
    local probe
    probe, port = listener()
    probe:close()
    local plain, plainport = listener()
    start(serverwords(configs.initial, port, count), plainport, log)
    data = assert(plain:accept())
  end
  for i = 1, count do
    local config = i == 1 and configs.initial or configs.resume
    if config.server then server(config, port, data) else client(config, session, log) end
  end
  os.remove(session)
  return failed(log)
end

local configs, unknown = flags.parse(arg)
if not configs then report.unimplemented(unknown) end
if configs.initial.is_handshaker_supported then
  print("No")
  report.finish()
end
local _, err = pcall(connections, configs)
report.finish(err)
