-- ssl.testing: what tests of TLS need, made in the process and gone with it:
-- authorities and certificates, right and wrong; pairs of connections joined in
-- memory; servers on the loopback interface; attacks on those of others; assertions.

local assertions = require "ssl.testing.assertions"
local attack = require "ssl.testing.attack.attack"
local authority = require "ssl.testing.authority"
local broken = require "ssl.testing.broken"
local codec = require "ssl.testing.messages.codec"
local gauntlet = require "ssl.testing.gauntlet"
local pair = require "ssl.testing.pair"
local policy = require "ssl.testing.policy"
local proxy = require "ssl.testing.proxy"
local scope = require "ssl.testing.scope"
local seed = require "ssl.testing.seed"
local server = require "ssl.testing.server"
local tap = require "ssl.testing.tap"
local watch = require "ssl.testing.view.watch"
require "ssl.testing.view.draw"
require "ssl.testing.view.pcap"
require "ssl.testing.view.svg"

return {
  CA = authority.CA,
  load_ca = authority.load_ca,
  broken = broken.broken,
  each_broken = broken.each_broken,
  expect = assertions,
  scope = scope.open,
  seed = seed.seed,
  random = seed.random,
  wire_proxy = proxy.wire_proxy,
  gauntlet = gauntlet.gauntlet,
  pair = pair.pair,
  policy = policy,
  tap = tap,
  server = server.server,
  https = server.https,
  attack = attack.attack,
  attacker_server = server.attacker_server,
  watch = watch,
  raw = codec.raw,
}
