-- Usage: lua spec/bogo/older.lua       tools/bogo.sh
-- Prints the tests that an OpenSSL before 3.6 ends otherwise than config.json says, as the
-- runner's -skip takes them; nothing for newer ones. Seen with 3.0.

local ssl = require "ssl"

local older = {
  ["answers a hello without null compression by decode_error"] = { "NoNullCompression-*" },
  ["answers an empty OCSP response by internal_error"] = { "RejectEmptyOCSPResponse-*" },
  ["answers a wrong binder by illegal_parameter"] = { "Resume-Server-InvalidPSKBinder*" },
  ["cannot read a key of ML-DSA, and ends with internal_error"] = {
    "*-VerifyDefault-ML-DSA-*-TLS12" },
  ["has no ML-KEM among its groups"] = { "PostQuantumEnabledByDefault*" },
  ["takes its own first group after a retry"] = { "SendHelloRetryRequest-2-TLS13" },
  ["knows nothing of kinds of certificate, and reads a raw key as a certificate"] = {
    "ServerCertificateType-Client-RequestsDefaultOnly-ServerPickedRPKInError-*" },
}

if ssl.OPENSSL_VERSION_NUMBER < 0x30600000 then
  local patterns = {}
  for _, list in pairs(older) do table.move(list, 1, #list, #patterns + 1, patterns) end
  print(table.concat(patterns, ";"))
end
