-- This module on one side, and CPython on the other.

local peer = require "support.python_peer"

for _, interpreter in ipairs(peer.interpreters()) do
  describe("CPython " .. interpreter[2], function()
    for _, tls12 in ipairs({ false, true }) do
      local version = tls12 and "TLS 1.2" or "TLS 1.3"
      for _, unwrap in ipairs({ "python", "lua" }) do
        local how = (" over %s, with ALPN, a session, client certificates, ended by %s"):format(
          version, unwrap)
        local function options()
          return { tls12 = tls12, unwrap = unwrap, megabytes = 0, name = "localhost",
            alpn = { "h2", "http/1.1" }, client_cert = true }
        end
        it("is served" .. how, function() peer.serve(interpreter[1], options()) end)
        it("serves us" .. how, function() peer.connect(interpreter[1], options()) end)
      end
    end

    it("understands our names in other alphabets, and we its", function()
      local function options()
        return { tls12 = false, unwrap = "lua", megabytes = 0, name = "b\u{fc}cher.test" }
      end
      peer.connect(interpreter[1], options())
      -- 3.6 compares the name in its other form
      if interpreter[2] ~= "(3, 6)" then peer.serve(interpreter[1], options()) end
    end)
  end)
end
