-- ssl/command/verification.lua - the check of a server's certificate, with all that is wrong
-- with it and not only the first thing.
-- SPDX-License-Identifier: MIT

local ssl = require "ssl"

local Verification = {}
Verification.__index = Verification

local function note(self, depth, code)
  for _, problem in ipairs(self.problems) do
    if problem.depth == depth and problem.code == code then return end
  end
  self.problems[#self.problems + 1] = { depth = depth, code = code }
end

-- OpenSSL's word comes last for the server's own certificate, once all others are checked:
-- there the connection is refused for what was found on the way. What comes later still is
-- refused at once. So nothing is told to a server that is not trusted.
function Verification:judge(ok, code, depth, der)
  self.chain[depth] = der
  if not ok then
    note(self, depth, code)
    return self.insecure or not self.over
  elseif depth == 0 then
    self.over = true
    return self.insecure or #self.problems == 0
  end
end

function Verification:judge_staple(ok, code, response)
  self.stapled = response ~= nil
  if not ok then note(self, 0, code) end
  return self.insecure or ok
end

--- Has the connections of a context checked by this object.
function Verification:watch(ctx)
  ctx.verify_callback = function(...) return self:judge(...) end
  ctx.ocsp_stapling = ssl.CERT_OPTIONAL
  ctx.ocsp_callback = function(...) return self:judge_staple(...) end
end

--- A new one: `problems` (array of {depth =, code =}), `chain` (DER by depth), `stapled`.
return function(insecure)
  return setmetatable({ insecure = insecure, problems = {}, chain = {} }, Verification)
end
