-- Serves the connections of a test's server, or misbehaves as its plan says.

local _ssl = require "_ssl"
local report = require "ssl.testing.report"
local wire = require "ssl.testing.wire"

local GARBAGE = ("\x80\0garbage\xFF"):rep(20)

-- Sends what is no TLS, and has the connection's wire keep it.
local function send(record, sock, text)
  record:bytes("server", text)
  wire.send(sock, text)
end

-- What goes wrong before TLS begins. Returns whether something did.
local function misbehave_before(plan, sock, record)
  if plan.reset == "connect" then
    wire.reset(sock)
  elseif plan.stall == "connect" then
    wire.drain(sock)
  elseif plan.garbage == "connect" then
    send(record, sock, GARBAGE)
    wire.drain(sock)
  else
    local text = plan.plain or plan.garbage == "handshake" and GARBAGE
      or plan.stall == "handshake" and "\22\3\3\0\x7A\2"  -- how a ServerHello begins
    if not text and plan.reset ~= "handshake" then
      return false
    end
    record:bytes("client", wire.receive(sock) or "")
    if plan.reset == "handshake" then
      wire.reset(sock)
      return true
    end
    send(record, sock, text)
    if not plan.plain then
      wire.drain(sock)
    end
  end
  return true
end

-- What goes wrong once the client has sent its first data. Returns whether
-- something did.
local function misbehave_after(plan, conn)
  if plan.stall == "data" then
    repeat
      local data = conn:recv(16384)
    until not data
  elseif plan.reset == "data" or plan.garbage == "data" then
    conn:recv(1)
    local guard <close> = wire.guard(conn:detach())
    if plan.reset then
      wire.reset(guard.socket)
    else
      wire.send(guard.socket, GARBAGE)
      wire.drain(guard.socket)
    end
  else
    return false
  end
  return true
end

-- The peer may be gone without a word, which is its affair.
local function end_connection(conn)
  local ok, sock = pcall(conn.unwrap, conn)
  if ok and sock then
    sock:close()
  end
end

-- Plays a server that attacks. Returns its report.
local function attack(plan, sock, record)
  local ok, outcome = pcall(plan.attack, sock, record)
  if ok then
    return {
      ok = outcome.ok, alert = outcome.alert, ended = outcome.ended, error = outcome.error,
      value = report.plain(outcome.value),
    }
  end
  io.stderr:write("ssl.testing: attack: ", tostring(outcome), "\n")
  return report.error("attack", outcome)
end

-- Serves one connection; `tell` gets its report, before the client is done.
local function one(plan, sock, tell)
  local guard <close> = wire.guard(sock)
  sock:setoption("tcp-nodelay", true)  -- an alert that waits is lost with the connection
  local record <close> = plan.record()
  if plan.attack then
    return tell(attack(plan, guard.socket, record))
  elseif misbehave_before(plan, guard.socket, record) then
    return tell({ ok = true, stage = "before" })
  end
  sock:settimeout(nil)  -- the connection's, from here on
  local made, result = pcall(plan.context.wrap_socket, plan.context, sock,
    { server_side = true, do_handshake_on_connect = false })
  if not made then  -- the client has reset the connection already
    return tell(report.error("handshake", result))
  end
  local conn <close> = result
  record:try_observe("server", conn)
  local ok, err = pcall(conn.do_handshake, conn)
  if not ok then
    return tell(report.error("handshake", err))
  end
  local entry = report.success(conn)
  if misbehave_after(plan, conn) then
    return tell(entry)
  end
  local value
  ok, value = pcall(plan.handler, conn)
  if not ok then
    if not _ssl.isinstance(value, _ssl.Error) then
      io.stderr:write("ssl.testing: handler: ", tostring(value), "\n")
    end
    return tell(report.error("handler", value))
  end
  entry.value = report.plain(value)
  tell(entry)
  if not plan.ragged then
    end_connection(conn)
  end
end

-- Serves `listener` by tasks of `tasks`. The plan has the `context`, the
-- `handler`, how the server misbehaves, and `record`, which returns a connection's
-- wire; `tell` gets the reports. A relay puts its second listener into the plan, as
-- `inner`.
return function(tasks, listener, plan, tell)
  local function serve(sock)
    one(plan, sock, tell)
  end
  if plan.tap or plan.drip then
    local inner, port = wire.listen()
    plan.inner = inner
    tasks:spawn(wire.accept, tasks, inner, serve)
    serve = wire.relay(tasks, port, plan)
  end
  tasks:spawn(wire.accept, tasks, listener, serve)
end
