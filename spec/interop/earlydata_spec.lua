-- Early data between this module and OpenSSL's commands.

local files = require "ssl.testing.files"
local socket = require "socket"
local ssl = require "ssl"
local contexts = require "support.contexts"
local loopback = require "support.loopback"
local process = require "support.process"
local raises = require "support.errors".raises

local identity = contexts.identity()
local paths = identity:files()

describe("OpenSSL's s_server", function()
  -- Starts one that takes a hundred bytes of early data; its port.
  local function start(folder)
    local pipe = folder:write({ pipe = "" }).pipe  -- what it reads never ends, and says nothing
    assert(os.remove(pipe) and os.execute("mkfifo " .. process.quoted(pipe)))
    local server = process.start({ "sh", "-c", ("exec timeout 30 openssl s_server -tls1_3 "
      .. "-accept 127.0.0.1:0 -naccept 3 -cert '%s' -key '%s' -early_data -max_early_data 100 "
      .. "0<>'%s'"):format(paths.cert, paths.key, pipe) })
    return server, server:expect("^ACCEPT .*:(%d+)$")
  end

  it("takes our early data, once for each ticket", function()
    local folder <close> = files.folder()
    local process_of, port = start(folder)
    local server <close> = process_of
    local ctx = ssl.create_default_context({ cafile = paths.ca })

    local function visit(session, early)
      local tcp = assert(socket.connect("127.0.0.1", port))
      tcp:settimeout(10)
      local conn <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost", session = session,
        do_handshake_on_connect = false })
      if early then assert.equal(#early, conn:write_early_data(early)) end
      conn:do_handshake()
      conn:sendall("later\n")
      server:expect("^later$")
      conn:settimeout(0)
      raises(ssl.SSLWantReadError, conn.recv, conn)  -- takes the tickets, which have come
      conn:settimeout(10)
      conn:send_close_notify()
      return conn.early_data_status, conn.session
    end

    local status, session = visit()
    assert.equal("not_sent", status)
    assert.equal(100, session.max_early_data)
    assert.equal("accepted", visit(session, "early words\n"))
    assert.equal("rejected", visit(session, "early words\n"))
  end)
end)

describe("OpenSSL's s_client", function()
  it("sends us early data, once with each ticket", function()
    local net <close> = loopback.new()
    local folder <close> = files.folder()
    local early = folder:write({ early = "early words\n" }).early
    local kept = folder:write({ session = "" }).session
    local listener, port = net:listener()
    local _, ctx = contexts.new(ssl.TLSVersion.TLSv1_3)
    ctx.max_early_data = 1000

    -- Serves one s_client: the early data, what came of them, and what the client says.
    local function serve(arguments)
      local pipe <close> = assert(io.popen(("timeout 20 openssl s_client -connect 127.0.0.1:%d "
        .. "-servername localhost -CAfile '%s' -ign_eof %s </dev/null 2>&1"):format(port, paths.ca,
          arguments)))
      local conn <close> = ctx:wrap_socket(assert(listener:accept()), { server_side = true,
        do_handshake_on_connect = false, timeout = 10 })
      local parts = {}
      for part in function() return conn:read_early_data() end do parts[#parts + 1] = part end
      conn:do_handshake()
      conn:sendall("answer\n")
      local status = conn.early_data_status
      conn:unwrap():close()
      return table.concat(parts), status, pipe:read("a")
    end

    local data, status, said = serve("-sess_out '" .. kept .. "'")
    assert.same({ "", "not_sent" }, { data, status })
    assert.matches("answer", said)
    local again = ("-sess_in '%s' -early_data '%s'"):format(kept, early)
    data, status, said = serve(again)
    assert.same({ "early words\n", "accepted" }, { data, status })
    assert.matches("Early data was accepted", said)
    data, status, said = serve(again)
    assert.same({ "", "rejected" }, { data, status })
    assert.matches("Early data was rejected", said)
  end)
end)
