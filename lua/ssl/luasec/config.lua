-- ssl/luasec/config.lua - what there is to choose from: `ssl.config`.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"

local luasec = _ssl._luasec

local curves = luasec.curves()
for name, curve in pairs({ ["P-256"] = "prime256v1", ["P-384"] = "secp384r1",
    ["P-521"] = "secp521r1" }) do
  curves[name] = curves[curve]
end
curves.X25519, curves.X448 = true, true

--@ ssl.config (table)
-- What LuaSec's contexts can be given, for programs to choose by: `protocols`,
-- `options`, `curves` (name → true), `algorithms` (`ec`) and `capabilities` (`alpn`,
-- `psk`, `dane`, `curves_list`, `ecdh_auto`). Also `require "ssl.config"`.
-- Since: LuaSec.
--
-- Type: { protocols: table<string, true>, options: table<string, true>,
--   curves: table<string, true>, algorithms: table<string, boolean>,
--   capabilities: table<string, boolean> }
--
--     assert(ssl.config.protocols.tlsv1_3 and ssl.config.options.no_ticket)
return {
  protocols = { tlsv1 = true, tlsv1_1 = true, tlsv1_2 = true, tlsv1_3 = true },
  options = luasec.options(),
  algorithms = { ec = true },
  curves = curves,
  capabilities = {
    alpn = true,
    psk = _ssl.HAS_PSK or nil,
    dane = { no_ee_namechecks = true },
    curves_list = true,
    ecdh_auto = true,
  },
}
