rockspec_format = "3.0"
package = "lua-ssl"
version = "scm-1"

-- From a checkout: luarocks make rockspec/lua-ssl-scm-1.rockspec
source = { url = "git+file://." }

description = {
  summary = "TLS with the API of Python's ssl module",
  detailed = [[
    What Python's ssl module offers, on OpenSSL 3.0 and newer: sockets, in-memory connections,
    sessions, ALPN, SNI, PSK, and coroutine schedulers. Certificates are checked and host names
    matched by default.]],
  license = "MIT",
  labels = { "ssl", "tls", "openssl", "network" },
}

dependencies = {
  "lua >= 5.4, < 5.6",
  "luasocket >= 3.0",
}

external_dependencies = {
  OPENSSL = { header = "openssl/ssl.h", library = "ssl" },
}

-- libidn2 is no dependency here, since LuaRocks knows no optional one. With it:
-- luarocks make CFLAGS="-O2 -fPIC -DLSSL_HAVE_IDN2" \
--   LIBFLAG="-shared -Wl,--no-as-needed -lidn2"
build = {
  type = "builtin",
  install = { bin = { ["lua-ssl-cert"] = "bin/lua-ssl-cert" } },
  modules = {
    ["_ssl"] = {
      sources = {
        "src/address.c",
        "src/algorithms.c",
        "src/arguments.c",
        "src/asn1.c",
        "src/base64.c",
        "src/binding.c",
        "src/bundle.c",
        "src/bytearray.c",
        "src/callback.c",
        "src/certificate.c",
        "src/class.c",
        "src/connection.c",
        "src/constants.c",
        "src/context.c",
        "src/details.c",
        "src/environment.c",
        "src/errors.c",
        "src/fifo.c",
        "src/groups.c",
        "src/handlers.c",
        "src/hostname.c",
        "src/identity.c",
        "src/io.c",
        "src/issuer.c",
        "src/issuer_files.c",
        "src/issuer_key.c",
        "src/issuer_pkcs12.c",
        "src/makefile.c",
        "src/memorybio.c",
        "src/module.c",
        "src/object.c",
        "src/ocsp.c",
        "src/outcome.c",
        "src/password.c",
        "src/peer.c",
        "src/process.c",
        "src/protocols.c",
        "src/psk.c",
        "src/random.c",
        "src/reasons.c",
        "src/resumption.c",
        "src/revocation.c",
        "src/session.c",
        "src/sockconstants.c",
        "src/socket.c",
        "src/socketio.c",
        "src/state.c",
        "src/testing.c",
        "src/ticketkeys.c",
        "src/tickets.c",
        "src/transport.c",
        "src/trust.c",
        "src/verify.c",
        "src/versions.c",
        "src/wait.c",
        "src/wincerts.c",
      },
      defines = { "_GNU_SOURCE" },
      libraries = { "ssl", "crypto" },
      incdirs = { "$(OPENSSL_INCDIR)" },
      libdirs = { "$(OPENSSL_LIBDIR)" },
    },
    ["ssl"] = "lua/ssl.lua",
    ["ssl.client"] = "lua/ssl/client.lua",
    ["ssl.defaults"] = "lua/ssl/defaults.lua",
    ["ssl.enums"] = "lua/ssl/enums.lua",
    ["ssl.hostname"] = "lua/ssl/hostname.lua",
    ["ssl.pem"] = "lua/ssl/pem.lua",
    ["ssl.prelude"] = "lua/ssl/prelude.lua",
    ["ssl.socket"] = "lua/ssl/socket.lua",
    ["ssl.testing"] = "lua/ssl/testing.lua",
    ["ssl.testing.alert"] = "lua/ssl/testing/alert.lua",
    ["ssl.testing.assertions"] = "lua/ssl/testing/assertions.lua",
    ["ssl.testing.authority"] = "lua/ssl/testing/authority.lua",
    ["ssl.testing.broken"] = "lua/ssl/testing/broken.lua",
    ["ssl.testing.command"] = "lua/ssl/testing/command.lua",
    ["ssl.testing.der"] = "lua/ssl/testing/der.lua",
    ["ssl.testing.extensions"] = "lua/ssl/testing/extensions.lua",
    ["ssl.testing.files"] = "lua/ssl/testing/files.lua",
    ["ssl.testing.http"] = "lua/ssl/testing/http.lua",
    ["ssl.testing.identity"] = "lua/ssl/testing/identity.lua",
    ["ssl.testing.loop"] = "lua/ssl/testing/loop.lua",
    ["ssl.testing.options"] = "lua/ssl/testing/options.lua",
    ["ssl.testing.pair"] = "lua/ssl/testing/pair.lua",
    ["ssl.testing.report"] = "lua/ssl/testing/report.lua",
    ["ssl.testing.scope"] = "lua/ssl/testing/scope.lua",
    ["ssl.testing.serve"] = "lua/ssl/testing/serve.lua",
    ["ssl.testing.server"] = "lua/ssl/testing/server.lua",
    ["ssl.testing.tap"] = "lua/ssl/testing/tap.lua",
    ["ssl.testing.wire"] = "lua/ssl/testing/wire.lua",
    ["ssl.waiter"] = "lua/ssl/waiter.lua",
    ["ssl.waiter.copas"] = "lua/ssl/waiter/copas.lua",
    ["ssl.waiter.cqueues"] = "lua/ssl/waiter/cqueues.lua",
    ["ssl.waiter.luv"] = "lua/ssl/waiter/luv.lua",
    ["ssl.waiter.pause"] = "lua/ssl/waiter/pause.lua",
    ["ssl.waiter.plain"] = "lua/ssl/waiter/plain.lua",
    ["ssl.waiter.scheduler"] = "lua/ssl/waiter/scheduler.lua",
  },
}
