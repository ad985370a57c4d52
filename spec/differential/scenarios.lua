-- What driver.py and driver.lua carry out: each scenario has a title, a kind and
-- what that kind needs. @NAME is a constant, $name a file, %name its contents.

local list = {}

local function add(kind, title, fields)
  fields.kind, fields.title = kind, title
  list[#list + 1] = fields
end

local protocols = { "PROTOCOL_TLS", "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER", "PROTOCOL_SSLv23",
  "PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_TLSv1_2" }

local attributes = { "protocol", "options", "verify_mode", "verify_flags", "check_hostname",
  "minimum_version", "maximum_version", "num_tickets", "post_handshake_auth", "security_level",
  "hostname_checks_common_name", "keylog_filename" }

for _, protocol in ipairs(protocols) do
  for _, name in ipairs(attributes) do
    add("context", protocol .. " begins with its " .. name, { protocol = protocol, ask = { name } })
  end
  add("context", protocol .. " begins with its ciphers",
    { protocol = protocol, steps = { { "call", "get_ciphers" } } })
  add("context", protocol .. " begins with an empty store and no statistics", { protocol = protocol,
    steps = { { "call", "cert_store_stats" }, { "call", "session_stats" }, { "call",
      "get_ca_certs" } } })
end

local CLIENT, SERVER, TLS = "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER", "PROTOCOL_TLS"

-- Ciphers.
for _, ciphers in ipairs({ "ALL", "HIGH", "ECDHE+AESGCM", "AES128-SHA", "kRSA", "DEFAULT:!AES", "",
                           "nonsense", "ALL:@STRENGTH", "!ALL", "ECDHE-ECDSA-AES256-GCM-SHA384",
                           "aNULL", "ALL:@SECLEVEL=3", "TLS_AES_128_GCM_SHA256" }) do
  add("context", ("set_ciphers('%s')"):format(ciphers), { protocol = CLIENT,
    steps = { { "call", "set_ciphers", { ciphers } }, { "call", "get_ciphers" } } })
end

-- Settings, and what they do to each other.
local settings = {
  { "verify_mode", "@CERT_NONE" }, { "verify_mode", "@CERT_OPTIONAL" }, { "verify_mode", 7 },
  { "verify_mode", "text" }, { "check_hostname", true }, { "check_hostname", false },
  { "options", "@OP_ALL" }, { "options", 0 }, { "options", "@OP_NO_TLSv1_3|OP_NO_TICKET" },
  { "options", "text" }, { "verify_flags", "@VERIFY_CRL_CHECK_LEAF" }, { "verify_flags", 0 },
  { "verify_flags", "@VERIFY_X509_STRICT|VERIFY_CRL_CHECK_CHAIN" }, { "verify_flags", "text" },
  { "minimum_version", "@TLSVersion.TLSv1_3" }, { "minimum_version",
    "@TLSVersion.MINIMUM_SUPPORTED" },
  { "minimum_version", "@TLSVersion.MAXIMUM_SUPPORTED" }, { "minimum_version", 99 },
  { "maximum_version", "@TLSVersion.TLSv1_2" }, { "maximum_version", "@TLSVersion.SSLv3" },
  { "maximum_version", "@TLSVersion.MINIMUM_SUPPORTED" }, { "maximum_version", "text" },
  { "num_tickets", 0 }, { "num_tickets", 5 }, { "num_tickets", -1 },
  { "post_handshake_auth", true }, { "hostname_checks_common_name", false },
  { "protocol", 1 }, { "security_level", 2 }, { "keylog_filename", "/nonexistent/keylog" },
}
for _, protocol in ipairs({ CLIENT, SERVER, TLS }) do
  for _, setting in ipairs(settings) do
    add("context", ("%s with %s = %s"):format(protocol, setting[1], setting[2]), { protocol =
      protocol,
      steps = { { "set", setting[1], setting[2] } }, ask = attributes })
  end
end
for _, protocol in ipairs({ "PROTOCOL_TLSv1_2", "PROTOCOL_TLSv1" }) do
  for _, name in ipairs({ "minimum_version", "maximum_version" }) do
    add("context", protocol .. " with " .. name, { protocol = protocol,
      steps = { { "set", name, "@TLSVersion.TLSv1_2" } }, ask = attributes })
  end
end
add("context", "check_hostname cannot stand without verification", { protocol = CLIENT,
  steps = { { "set", "verify_mode", "@CERT_NONE" } }, ask = { "verify_mode", "check_hostname" } })
add("context", "check_hostname brings verification", { protocol = TLS,
  steps = { { "set", "check_hostname", true } }, ask = { "verify_mode", "check_hostname" } })

-- Files.
local calls = {
  { "load_cert_chain", "$missing" }, { "load_cert_chain", "$empty" }, { "load_cert_chain",
    "$junk" },
  { "load_cert_chain", "$key" }, { "load_cert_chain", "$cert" }, { "load_cert_chain", "$cert",
    "$key" },
  { "load_cert_chain", "$cert", "$missing" }, { "load_cert_chain", "$cert", "$other" },
  { "load_cert_chain", "$cert", "$cert" }, { "load_cert_chain", "$cert", "$empty" },
  { "load_cert_chain", "$key", "$cert" }, { "load_cert_chain", "$folder" },
  { "load_cert_chain", "$cert", "$locked", "wrong" }, { "load_cert_chain", "$cert", "$locked",
    "secret" },
  { "load_cert_chain", "$cert", "$locked", "" }, { "load_cert_chain", "$cert", "$key", "needless" },
  { "load_cert_chain", "$cert", "$locked", ("x"):rep(1025) },
  { "load_cert_chain", "$cert", "$locked", ("x"):rep(1024) }, { "load_cert_chain", 1 },
  { "load_verify_locations", "$missing" }, { "load_verify_locations", "$empty" },
  { "load_verify_locations", "$junk" }, { "load_verify_locations", "$ca" },
  { "load_verify_locations", "$key" }, { "load_verify_locations", "$folder" },
  { "load_verify_locations" }, { "load_verify_locations", 1 }, { "load_verify_locations", "$crl" },
  { "load_dh_params", "$missing" }, { "load_dh_params", "$empty" }, { "load_dh_params", "$cert" },
  { "load_dh_params", 1 }, { "set_ecdh_curve", "prime256v1" }, { "set_ecdh_curve", "nonsense" },
  { "set_ecdh_curve", "X25519" }, { "set_ecdh_curve", 1 }, { "set_ciphers", 1 },
  { "get_ca_certs", true }, { "set_alpn_protocols", { "" } }, { "set_alpn_protocols", {
    ("x"):rep(256) } },
  { "set_alpn_protocols", { "h2" } }, { "set_alpn_protocols", {} }, { "set_servername_callback",
    1 },
}
for _, call in ipairs(calls) do
  local text = {}
  for i = 2, #call do text[#text + 1] = type(call[i]) ==
    "table" and "{...}" or tostring(call[i]):sub(1, 20) end
  add("context", ("%s(%s)"):format(call[1], table.concat(text, ", ")), { protocol = SERVER,
    steps = {
    { "call", call[1], { table.unpack(call, 2) } }, { "call", "cert_store_stats" },
    { "call", "get_ca_certs" } } })
end
for title, options in pairs({
  ["in PEM"] = { cadata = "%ca" }, ["that is empty"] = { cadata = "" },
  ["that is no certificate"] = { cadata = "junk" }, ["that is a key"] = { cadata = "%key" },
  ["with a folder"] = { capath = "$folder" }, ["with a missing folder"] = { capath = "$missing" },
  ["of a wrong type"] = { cadata = 1 },
}) do
  add("context", "load_verify_locations by name, " .. title, { protocol = CLIENT, steps = {
    { "call", "load_verify_locations", {}, options }, { "call", "cert_store_stats" } } })
end

-- Functions of the module.
for _, date in ipairs({ "Jan  5 09:34:43 2018 GMT", "Jan 05 09:34:43 2018 GMT",
  "Feb 29 00:00:00 2016 GMT",
                        "Jan  5 09:34:60 2018 GMT", "Dec 31 23:59:59 9999 GMT",
                          "Jan  5 09:34 2018 GMT",
                        "Jan  5 09:34:43 2018", "Foo  5 09:34:43 2018 GMT", "",
                          "Jan  5 24:34:43 2018 GMT",
                        "Jan 35 09:34:43 2018 GMT", "jan  5 09:34:43 2018 GMT" }) do
  add("function", ("cert_time_to_seconds('%s')"):format(date),
    { name = "cert_time_to_seconds", args = { date } })
end
add("function", "PEM_cert_to_DER_cert of junk", { name = "PEM_cert_to_DER_cert", args = {
  "junk" } })
add("function", "PEM_cert_to_DER_cert without end",
  { name = "PEM_cert_to_DER_cert", args = { "-----BEGIN CERTIFICATE-----\nAAAA" } })
add("function", "RAND_bytes of a negative number", { name = "RAND_bytes", args = { -1 } })
add("function", "RAND_status", { name = "RAND_status" })
add("function", "RAND_bytes of a string", { name = "RAND_bytes", args = { "x" } })
add("function", "create_default_context with a missing file",
  { name = "create_default_context", options = { cafile = "$missing" } })
add("function", "create_default_context with a wrong purpose",
  { name = "create_default_context", args = { 1 } })

for _, case in ipairs({ { "a.test", "a.test" }, { "a.test", "b.test" }, { "*.a.test", "b.a.test" },
    { "*.a.test", "c.b.a.test" }, { "*.a.test", "a.test" }, { "f*.a.test", "foo.a.test" },
    { "*", "a" }, { "A.TEST", "a.test" }, { "xn--*.a.test", "xn--b.a.test" }, { "*.*.test",
      "a.b.test" } }) do
  add("function", ("match_hostname of %s and %s"):format(case[1], case[2]), { name =
    "match_hostname",
    args = { { subject = {}, subjectAltName = { { "DNS", case[1] } } }, case[2] } })
  add("function", ("match_hostname of the common name %s and %s"):format(case[1], case[2]), {
    name = "match_hostname", args = { { subject = { { { "commonName", case[1] } } } }, case[2] } })
end
add("function", "match_hostname of an address", { name = "match_hostname",
  args = { { subject = {}, subjectAltName = { { "IP Address", "10.0.0.1" } } }, "10.0.0.1" } })
add("function", "match_hostname of another address", { name = "match_hostname",
  args = { { subject = {}, subjectAltName = { { "IP Address", "10.0.0.1" } } }, "10.0.0.2" } })
add("function", "match_hostname of no certificate", { name = "match_hostname", args = { {},
  "a.test" } })
add("function", "wrap_socket of a server without certificate",
  { name = "wrap_socket", args = { 0 }, options = { server_side = true } })
add("function", "wrap_socket with a key and no certificate",
  { name = "wrap_socket", args = { 0 }, options = { keyfile = "$key" } })
for _, protocol in ipairs(protocols) do
  add("function", "get_protocol_name of " .. protocol, { name = "get_protocol_name", args = {
    "@" .. protocol } })
end

-- Certificates.
for _, name in ipairs({ "cert", "ca", "names", "subject", "old", "serial", "rsa", "addresses" }) do
  add("certificate", "The certificate '" .. name .. "'", { file = name })
end

-- Handshakes.
local trust = { "call", "load_verify_locations", { "$ca" } }
local show = { "call", "load_cert_chain", { "$chain", "$key" } }
local function with(base, ...) return { base, ... } end
local function add_handshake(title, fields)
  fields.client = fields.client or { trust }
  fields.server = fields.server or { show }
  fields.hostname = fields.hostname or "localhost"
  add("handshake", title, fields)
end

add_handshake("A handshake", {})
for _, version in ipairs({ "TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3" }) do
  add_handshake("A handshake of " .. version, { client = with(trust,
    { "set", "minimum_version", "@TLSVersion." .. version },
    { "set", "maximum_version", "@TLSVersion." .. version }) })
  add_handshake("A client of TLS 1.2 and a server of " .. version, {
    client = with(trust, { "set", "maximum_version", "@TLSVersion.TLSv1_2" }),
    server = with(show, { "set", "minimum_version", "@TLSVersion." .. version }) })
end
for _, name in ipairs({ "elsewhere.test", "127.0.0.1", "::1", "LOCALHOST", "localhost.",
  ".localhost",
                        "", "*.localhost", "sub.localhost", "a.wild.test", "a.b.wild.test",
                        "wild.test", "10.0.0.1", ("x"):rep(300), "xn--bcher-kva.test" }) do
  add_handshake(("The host name '%s'"):format(name:sub(1, 20)), { hostname = name })
end
add_handshake("A client that trusts nobody", { client = {} })
add_handshake("A client that trusts another authority",
  { client = { { "call", "load_verify_locations", { "$otherca" } } } })
add_handshake("A client that verifies nothing", { client = { { "set", "check_hostname", false },
  { "set", "verify_mode", "@CERT_NONE" } } })
add_handshake("A server without certificate", { server = {} })
for _, name in ipairs({ "old", "future", "selfsigned", "usage" }) do
  add_handshake("The certificate '" .. name .. "' in a handshake",
    { server = { { "call", "load_cert_chain", { "$" .. name, "$" .. name .. "_key" } } } })
end
add_handshake("A CRL that is asked for and missing",
  { client = { trust, { "set", "verify_flags", "@VERIFY_CRL_CHECK_LEAF" } } })
add_handshake("A CRL that is there", { client = { trust, { "call", "load_verify_locations", {
  "$crl" } },
  { "set", "verify_flags", "@VERIFY_CRL_CHECK_LEAF" } } })
add_handshake("A CRL of which only the leaf's authority has one, for the chain",
  { client = { trust, { "call", "load_verify_locations", { "$crl" } },
    { "set", "verify_flags", "@VERIFY_CRL_CHECK_CHAIN" } } })
for _, mode in ipairs({ "CERT_OPTIONAL", "CERT_REQUIRED" }) do
  for _, max in ipairs({ "TLSv1_2", "TLSv1_3" }) do
    for title, client in pairs({ without = with(trust), with = with(trust, show),
        ["with a wrong"] = { trust, { "call", "load_cert_chain", { "$selfsigned",
          "$selfsigned_key" } } } }) do
      add_handshake(("%s of a client %s certificate, %s"):format(mode, title, max), { client =
        client,
        server = { show, trust, { "set", "verify_mode", "@" .. mode },
          { "set", "maximum_version", "@TLSVersion." .. max } },
        -- in TLS 1.3 the client is through when the server refuses it
        ["then"] = max == "TLSv1_3" and { { "client", "read", { 1 } } } or nil })
    end
  end
end
for _, pair in ipairs({ { { "h2", "http/1.1" }, { "http/1.1", "h2" } }, { { "h2" }, {
  "http/1.1" } },
    { { "h2" }, nil }, { nil, { "h2" } }, { { "a" }, { "aa", "a" } }, { { "aa" }, { "a" } } }) do
  add_handshake(("ALPN of %s and %s"):format(table.concat(pair[1] or { "none" }, ","),
      table.concat(pair[2] or { "none" }, ",")), {
    client = { trust, pair[1] and { "call", "set_alpn_protocols", { pair[1] } } },
    server = { show, pair[2] and { "call", "set_alpn_protocols", { pair[2] } } } })
end
for _, rule in ipairs({ "", "ALERT_DESCRIPTION_UNRECOGNIZED_NAME",
  "ALERT_DESCRIPTION_ACCESS_DENIED",
    "ALERT_DESCRIPTION_HANDSHAKE_FAILURE", "ALERT_DESCRIPTION_INTERNAL_ERROR",
      "ALERT_DESCRIPTION_UNKNOWN_CA" }) do
  add_handshake(("A server name callback that returns '%s'"):format(rule), { sni = rule })
end
add_handshake("A server name callback for a client that names no server", { sni = "", hostname =
  "127.0.0.1" })
add_handshake("No cipher in common", {
  client = { trust, { "set", "maximum_version", "@TLSVersion.TLSv1_2" },
    { "call", "set_ciphers", { "ECDHE-ECDSA-AES256-GCM-SHA384" } } },
  server = { show, { "call", "set_ciphers", { "ECDHE-ECDSA-AES128-GCM-SHA256" } } } })
for _, max in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  local client = with(trust, { "set", "maximum_version", "@TLSVersion." .. max })
  add_handshake("A session resumed, " .. max, { client = client, turns = 2 })
  add_handshake("A session resumed without tickets, " .. max, { client = client, turns = 2,
    server = { show, { "set", "options", "@OP_NO_TICKET" } } })
  add_handshake("Data and an orderly end, " .. max, { client = client, ["then"] = {
    { "client", "write", { "hello" } }, { "server", "read", { 3 } }, { "server", "pending" },
    { "server", "read", { 10 } }, { "server", "read", { 10 } }, { "client", "unwrap" },
    { "server", "read", { 10 } }, { "server", "unwrap" }, { "client", "unwrap" },
    { "client", "write", { "late" } }, { "server", "write", { "late" } }, { "client", "read", {
      1 } } } })
  add_handshake("A ragged end, " .. max, { client = client, ["then"] = {
    { "up", "write_eof" }, { "down", "write_eof" }, { "server", "read", { 1 } },
    { "client", "unwrap" } } })
  add_handshake("After a ragged end, " .. max, { client = client, ["then"] = {
    { "up", "write_eof" }, { "server", "read", { 1 } }, { "server", "read", { 1 } },
    { "server", "write", { "x" } }, { "server", "unwrap" } } })
  add_handshake("Junk after the handshake, " .. max, { client = client, ["then"] = {
    { "up", "write", { "GET / HTTP/1.0\r\n\r\n" } }, { "server", "read", { 1 } },
    { "client", "read", { 1 } } } })
  add_handshake("Zero bytes, " .. max, { client = client, ["then"] = {
    { "client", "write", { "" } }, { "server", "read", { 0 } }, { "server", "read", { -1 } } } })
  add_handshake("Channel bindings, " .. max, { client = client, ["then"] = {
    { "client", "get_channel_binding", { "nonsense" } } } })
end
add_handshake("What cannot be set", { ["then"] = {
  { "client", "set", "server_hostname", "x" }, { "client", "set", "session", 1 },
  { "server", "set", "session", 1 }, { "client", "set", "server_side", true },
  { "client", "set", "session_reused", true }, { "client", "set", "context", 1 } } })

return list
