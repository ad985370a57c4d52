-- What the runner names by numbers (IANA's registries of TLS), as OpenSSL names it.

local M = {}

M.groups = {
  [21] = "P-224", [23] = "P-256", [24] = "P-384", [25] = "P-521", [29] = "X25519",
  [514] = "MLKEM1024", [4588] = "X25519MLKEM768",
}

-- What `group()` calls them; before OpenSSL 3.2 by the names of the curves.
M.grouped = {
  [23] = { "secp256r1", "prime256v1", "P-256" }, [24] = { "secp384r1", "P-384" },
  [25] = { "secp521r1", "P-521" }, [29] = { "x25519", "X25519" },
  [514] = { "MLKEM1024" }, [4588] = { "X25519MLKEM768" },
}

M.signatures = {
  [0x0201] = "rsa_pkcs1_sha1", [0x0203] = "ecdsa_sha1",
  [0x0401] = "rsa_pkcs1_sha256", [0x0501] = "rsa_pkcs1_sha384", [0x0601] = "rsa_pkcs1_sha512",
  [0x0403] = "ecdsa_secp256r1_sha256", [0x0503] = "ecdsa_secp384r1_sha384",
  [0x0603] = "ecdsa_secp521r1_sha512",
  [0x0804] = "rsa_pss_rsae_sha256", [0x0805] = "rsa_pss_rsae_sha384",
  [0x0806] = "rsa_pss_rsae_sha512", [0x0807] = "ed25519",
  [0x0904] = "mldsa44", [0x0905] = "mldsa65", [0x0906] = "mldsa87",
}

M.kinds = { [0] = "x509", [2] = "rpk" }

M.versions = {
  [0x0300] = "SSLv3", [0x0301] = "TLSv1", [0x0302] = "TLSv1.1", [0x0303] = "TLSv1.2",
  [0x0304] = "TLSv1.3",
}

-- What `set_client_sigalgs` knows by another name than `client_sigalg` gives.
local settable = { ecdsa_sha1 = "ECDSA+SHA1" }

--- The names of the numbers, with colons between them; nil and the number that has none.
function M.list(names, numbers)
  local list = {}
  for i, number in ipairs(numbers) do
    if not names[number] then return nil, number end
    list[i] = settable[names[number]] or names[number]
  end
  return table.concat(list, ":")
end

return M
