-- ssl/context/crlkeeper.lua - ssl.crl_keeper: keeps the revocation lists of a context current.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local keeping = require "ssl.context.keeper"
local prelude = require "ssl.base.prelude"

local M = {}

local Keeper = { __name = "ssl.CRLKeeper" }
Keeper.__index = Keeper

-- Adds the URLs of a certificate that are not in the list yet.
local function gather(urls, der)
  for _, url in ipairs(_ssl.decode_certificate(der).crlDistributionPoints or {}) do
    if url:find("^https?://") and not urls[url] then
      urls[url], urls[#urls + 1] = true, url
    end
  end
end

-- Where the context's own certificates and its authorities say that lists are.
local function known_urls(context)
  local urls = {}
  for _, chain in ipairs(context:get_cert_chains()) do
    for _, der in ipairs(chain) do gather(urls, der) end
  end
  for _, der in ipairs(context:get_ca_certs(true)) do gather(urls, der) end
  return urls
end

-- Fetches one list, and gives it to the context.
local function fetch(self, one)
  local body, problem = self.fetch(one.url)
  if type(body) ~= "string" then
    return nil, ("%s: %s"):format(one.url, tostring(problem or "no answer"))
  end
  local since, till = self.context:replace_crl(body)
  one.till = till
  return since, till
end

--@ ssl.crl_keeper(options)
-- Keeps the certificate revocation lists of a context current: it fetches each list again
-- before the list is out of date, and gives it to `SSLContext:replace_crl`. Turn the check on by
-- `verify_flags`. If a list cannot be had any more, the old one ends at its time, and the
-- context then refuses the certificates of that authority.
--
-- The keeper does nothing on its own: call `keeper:tick()` in your loop, or in a coroutine of
-- your scheduler.
-- - `options` (table): its fields are the following.
-- - `context` (`SSLContext`): one that trusts the authorities.
-- - `urls` (array of strings): where the lists are; by default the distribution points that
--   the context's own certificates and its authorities name.
-- - `fetch` (function): gets a URL, and returns the body, or nil and a text. It may yield. By
--   default LuaSocket's `http` sends a GET.
-- - `clock`, `random` (functions): `os.time` and `math.random` by default; for tests.
-- Returns an `ssl.CRLKeeper`. Raises `ValueError` if there is no URL, and for another option.
-- RFC 5280, 5. Since: an addition.
--
-- Type: fun(options: CRLKeeperOptions): CRLKeeper
-- Type: CRLKeeperOptions = { context: SSLContext, urls?: string[], clock?: fun(): integer,
--   random?: fun(): number, fetch?: fun(url: string): string? }
--
--     local keeper = ssl.crl_keeper{ context = ctx, urls = { "http://crl.example/ca.crl" },
--       fetch = function(url) return crl end }
--     assert(keeper:refresh())
--     ctx.verify_flags = ctx.verify_flags | ssl.VERIFY_CRL_CHECK_LEAF
function M.crl_keeper(options)
  options = keeping.options("crl_keeper", options, "context urls fetch clock random")
  if not _ssl.isinstance(options.context, _ssl.SSLContext) then
    prelude.valueerror("option 'context' of 'crl_keeper' has to be an SSLContext")
  end
  local self = setmetatable({ context = options.context, fetch = options.fetch or keeping.fetch,
    lists = {}, keepers = {} }, Keeper)
  for i, url in ipairs(options.urls or known_urls(options.context)) do
    if type(url) ~= "string" then prelude.valueerror("'urls' has to be an array of strings") end
    local one = { url = url }
    one.keeper = keeping.new(function() return fetch(self, one) end, options)
    self.lists[i], self.keepers[i] = one, one.keeper
  end
  if #self.lists == 0 then
    prelude.valueerror("no certificate of the context names a revocation list: give 'urls'")
  end
  return self
end

--@ ssl.CRLKeeper
-- The class of what `ssl.crl_keeper` returns. Since: an addition.
--
-- Type: CRLKeeper = {}
--
--     assert(ssl.CRLKeeper.tick)
M.CRLKeeper = Keeper

--@ CRLKeeper:tick()
-- Fetches the lists that are due, at the times that `Stapler:tick` tells.
-- Returns the number of seconds until the next one is due. It raises nothing:
-- `CRLKeeper:status` tells of failures. Since: an addition.
--
-- Type: fun(): number
--
--     local keeper = ssl.crl_keeper{ context = ctx, urls = { "http://crl.example/ca.crl" },
--       fetch = function(url) return nil, "nobody is there" end }
--     assert(keeper:tick() > 0)
function Keeper:tick() return keeping.tick(self.keepers) end

--@ CRLKeeper:refresh()
-- Fetches all lists now.
-- Returns true; or nil and a text, if one could not be had. Since: an addition.
--
-- Type: fun(): boolean?, string?
--
--     local keeper = ssl.crl_keeper{ context = ctx, urls = { "http://crl.example/ca.crl" },
--       fetch = function(url) return nil, "nobody is there" end }
--     assert(keeper:refresh() == nil)
function Keeper:refresh() return keeping.refresh(self.keepers) end

--@ CRLKeeper:status()
-- Tells how things stand, for a page of counters or a log.
-- Returns an array with a table for each list: `url`, `until` (integer: when the list is out of
-- date; nil before the first), `failures` (integer: how many times in a row the last fetches
-- failed) and `problem` (string or nil: why). Since: an addition.
--
-- Type: fun(): CRLKeeperStatus[]
-- Type: CRLKeeperStatus = { url: string, until?: integer, failures: integer, problem?: string }
--
--     local keeper = ssl.crl_keeper{ context = ctx, urls = { "http://crl.example/ca.crl" },
--       fetch = function(url) return nil, "nobody is there" end }
--     keeper:tick()
--     assert(keeper:status()[1].failures == 1)
function Keeper:status()
  local list = {}
  for i, one in ipairs(self.lists) do
    list[i] = { url = one.url, ["until"] = one.till, failures = one.keeper.failures,
      problem = one.keeper.problem }
  end
  return list
end

return M
