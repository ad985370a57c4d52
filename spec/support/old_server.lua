-- A toy server that no library makes any more: it speaks SSL 2.0, SSL 3.0 and export
-- ciphers as far as a ServerHello goes. For specs of ssl.scan.

local M = {}

local pack, unpack = string.pack, string.unpack

-- The first cipher that the client offers and the server has.
local function common(plan, bytes)
  local version, _, _, offered = unpack(">I2c32s1s2", bytes, 10)
  for at = 1, #offered, 2 do
    for _, code in ipairs(plan.ciphers) do
      if unpack(">I2", offered, at) == code then
        return math.min(version, plan.version), code
      end
    end
  end
  return math.min(version, plan.version)
end

local function alert(number)
  return "\21\3\0\0\2\2" .. string.char(number)
end

-- The answer to the bytes of a ClientHello.
local function answer(plan, bytes)
  if bytes:byte() >= 0x80 then
    local list = ""
    for _, code in ipairs(plan.ssl2 or {}) do
      list = list .. pack(">I3", code)
    end
    local body = pack(">I1I1I1I2I2I2I2", 4, 0, 1, 2, 4, #list, 16) .. "cert" .. list
      .. ("x"):rep(16)
    return plan.ssl2 and pack(">I2", 0x8000 | #body) .. body or nil
  elseif bytes:byte() ~= 22 then
    return nil
  end
  local version, code = common(plan, bytes)
  if not code or version < plan.version then
    return alert(code and 70 or 40)
  end
  local hello = pack(">I2c32s1I2I1", version, ("r"):rep(32), "", code, plan.compression or 0)
  return pack(">I1I2s2", 22, version, "\2" .. pack(">s3", hello))
    .. pack(">I1I2s2", 22, version, "\14\0\0\0")
end

--- A function that opens streams to such a server. `plan` has `version` (the only one),
-- `ciphers` (array of numbers), `ssl2` (array of numbers, or nil), `compression`.
function M.open(plan)
  return function()
    local said
    local stream = {}
    function stream.write(_, bytes)
      said = answer(plan, bytes)
      return true
    end
    function stream.read()
      local bytes = said
      said = nil
      return bytes, "closed"
    end
    function stream.patience() end
    function stream.close() end
    return setmetatable(stream, { __close = stream.close })
  end
end

return M
