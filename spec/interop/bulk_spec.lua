-- Many bytes to CPython and back.

local peer = require "support.python_peer"

-- Fewer where all is slow, as under valgrind.
local MEGABYTES = os.getenv("LSSL_SLOW") and 2 or 50

describe("CPython", function()
  local interpreter = (peer.interpreters()[1] or {})[1]
  for _, tls12 in ipairs({ false, true }) do
    it("gets many megabytes, and sends us as many, over TLS 1." .. (tls12 and 2 or 3), function()
      if not interpreter then pending("no Python") return end
      peer.connect(interpreter, { tls12 = tls12, unwrap = "lua", megabytes = MEGABYTES,
        name = "localhost" })
    end)

    it("is served megabytes, and sends us as many, over TLS 1." .. (tls12 and 2 or 3), function()
      if not interpreter then pending("no Python") return end
      peer.serve(interpreter, { tls12 = tls12, unwrap = "lua", megabytes = MEGABYTES,
        name = "localhost" })
    end)
  end
end)
