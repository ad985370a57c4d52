-- ssl/context/stapler.lua - ssl.stapler: keeps the OCSP responses current that a server
-- staples.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local keeping = require "ssl.context.keeper"
local prelude = require "ssl.base.prelude"

local M = {}

-- A response that tells no end is stapled for this long: clients of this module accept it
-- for as long.
local DAY = 86400

-- Seconds that clocks may differ.
local SKEW = 300

local Stapler = { __name = "ssl.Stapler" }
Stapler.__index = Stapler

-- Where to ask: the first URL that LuaSocket can reach.
local function responder(der)
  for _, url in ipairs(_ssl.decode_certificate(der).OCSP or {}) do
    if url:find("^https?://") then return url end
  end
end

-- Asks for one chain's response, and keeps it if it may be stapled.
local function ask(self, one)
  local body, problem = self.fetch(one.url, _ssl.ocsp_request(one.chain))
  if type(body) ~= "string" then
    return nil, ("%s: %s"):format(one.url, tostring(problem or "no answer"))
  end
  local answer = _ssl.read_ocsp_response(body, one.chain)
  local till = answer.next_update or answer.this_update + DAY
  one.status = answer.status
  if answer.status ~= "good" then
    one.response = nil
    return nil, "the certificate is " .. answer.status
  elseif till <= self.clock() then
    return nil, "the answer is out of date"
  elseif answer.this_update > self.clock() + SKEW then
    return nil, "the answer is of the future: is the clock right?"
  end
  one.response, one.till = body, till
  return answer.this_update, answer.next_update
end

-- What to staple for a certificate; nil when that is out of date.
local function current(self, der)
  local one = self.chains[der]
  if one and one.response and self.clock() < one.till then
    return one.response
  end
  return nil
end

local function add(self, chain, url)
  if not chain[2] then
    prelude.valueerror("the context knows no issuer of its certificate: load the whole chain")
  end
  local one = { chain = { chain[1], chain[2] }, url = url or responder(chain[1]) }
  if not one.url then
    prelude.valueerror("the certificate names no OCSP responder: give 'url'")
  end
  one.keeper = keeping.new(function() return ask(self, one) end, self)
  self.chains[chain[1]] = one
  self.keepers[#self.keepers + 1] = one.keeper
end

--@ ssl.stapler(options)
-- Keeps the OCSP responses current that a server staples to its certificates. A client that
-- asks for stapling then learns, without a question to anybody, that the certificate is not
-- revoked.
--
-- The stapler sets `ocsp_response` of the context. A response that is out of date is never
-- stapled, nor one that says anything but `good`: the handshake then goes on without. The
-- stapler does nothing on its own: call `stapler:tick()` in your loop, or in a coroutine of
-- your scheduler.
-- - `options` (table): its fields are the following.
-- - `context` (`SSLContext`): a server's, with its certificates and their issuers loaded.
-- - `fetch` (function): gets the URL and the request (string), and returns the body of the
--   answer, or nil and a text. It may yield. By default LuaSocket's `http` sends a POST, for 10
--   seconds at most in each step.
-- - `url` (string): the responder, if the certificate names none or you have a nearer one.
-- - `clock`, `random` (functions): `os.time` and `math.random` by default; for tests.
-- Returns an `ssl.Stapler`. Raises `ValueError` if the context has no certificate, or one whose
-- issuer or responder is not known, and for another option.
-- RFC 6066, 8; RFC 6960. Since: an addition.
--
-- Type: fun(options: StaplerOptions): Stapler
-- Type: StaplerOptions = { context: SSLContext, url?: string, clock?: fun(): integer,
--   random?: fun(): number, fetch?: fun(url: string, request: string): string? }
--
--     server_ctx:load_verify_locations(cafile)  -- the issuer
--     local stapler = ssl.stapler{ context = server_ctx, url = "http://ocsp.example/",
--       fetch = function(url, request) return nil, "nobody is there" end }
--     local seconds = stapler:tick()  -- in your loop: socket.sleep(stapler:tick())
--     assert(seconds > 0)
function M.stapler(options)
  options = keeping.options("stapler", options, "context fetch url clock random")
  if not _ssl.isinstance(options.context, _ssl.SSLContext) then
    prelude.valueerror("option 'context' of 'stapler' has to be an SSLContext")
  end
  local self = setmetatable({ fetch = options.fetch or keeping.fetch,
    clock = options.clock or os.time, random = options.random, chains = {}, keepers = {} }, Stapler)
  for _, chain in ipairs(options.context:get_cert_chains()) do add(self, chain, options.url) end
  if #self.keepers == 0 then
    prelude.valueerror("the context has no certificate to staple a response to")
  end
  options.context.ocsp_response = function(conn) return current(self, conn:get_certificate()) end
  return self
end

--@ ssl.Stapler
-- The class of what `ssl.stapler` returns. Since: an addition.
--
-- Type: Stapler = {}
--
--     assert(ssl.Stapler.tick)
M.Stapler = Stapler

--@ Stapler:tick()
-- Fetches the responses that are due. The first call fetches all. A response is fetched again
-- halfway to its end, and at least once an hour; after a failure, in a minute, then in two,
-- four, up to an hour, with a random part.
-- Returns the number of seconds until the next one is due. It raises nothing: `Stapler:status`
-- tells of failures. Since: an addition.
--
-- Type: fun(): number
--
--     server_ctx:load_verify_locations(cafile)
--     local stapler = ssl.stapler{ context = server_ctx, url = "http://127.0.0.1:1/",
--       fetch = function(url, request) return nil, "nobody is there" end }
--     assert(stapler:tick() > 0)
function Stapler:tick() return keeping.tick(self.keepers) end

--@ Stapler:refresh()
-- Fetches all responses now.
-- Returns true; or nil and a text, if one could not be had. Since: an addition.
--
-- Type: fun(): boolean?, string?
--
--     server_ctx:load_verify_locations(cafile)
--     local stapler = ssl.stapler{ context = server_ctx, url = "http://127.0.0.1:1/",
--       fetch = function(url, request) return nil, "nobody is there" end }
--     assert(stapler:refresh() == nil)
function Stapler:refresh() return keeping.refresh(self.keepers) end

--@ Stapler:status()
-- Tells how things stand, for a page of counters or a log.
-- Returns an array with a table for each certificate: `certificate` (DER), `url`, `stapled`
-- (boolean: whether there is a response to staple now), `status` (string or nil: of the last
-- answer), `until` (integer: when the response is out of date), `failures` (integer: how many
-- times in a row the last fetches failed) and `problem` (string or nil: why).
-- Since: an addition.
--
-- Type: fun(): StaplerStatus[]
-- Type: StaplerStatus = { certificate: string, url: string, stapled: boolean, status?: string,
--   until?: integer, failures: integer, problem?: string }
--
--     server_ctx:load_verify_locations(cafile)
--     local stapler = ssl.stapler{ context = server_ctx, url = "http://127.0.0.1:1/",
--       fetch = function(url, request) return nil, "nobody is there" end }
--     stapler:tick()
--     assert(stapler:status()[1].problem:find("nobody is there"))
function Stapler:status()
  local list = {}
  for der, one in pairs(self.chains) do
    list[#list + 1] = { certificate = der, url = one.url, status = one.status,
      stapled = current(self, der) ~= nil, ["until"] = one.till,
      failures = one.keeper.failures, problem = one.keeper.problem }
  end
  return list
end

return M
