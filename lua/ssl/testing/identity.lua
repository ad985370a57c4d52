-- A certificate with its key, as an authority issues them: in every form that
-- a program may want.

local low = require "_ssl_testing"
local files = require "ssl.testing.files"

-- Forms are made when they are asked for, and kept: encoding a key takes
-- longer than making it.
local function lazy(name, forms)
  local class = { __name = name, methods = {} }
  function class.__index(self, field)
    local form = forms[field]
    if not form then
      return class.methods[field]
    end
    local made = form(self)
    rawset(self, field, made)
    return made
  end
  return class
end

local Cert = lazy("ssl.testing.Cert", {
  pem = function(self) return self.handle:pem() end,
  der = function(self) return self.handle:der() end,
})

local Key = lazy("ssl.testing.Key", {
  pem = function(self) return self.handle:pem() end,
  der = function(self) return self.handle:der() end,
  type = function(self) return self.handle:type() end,
})

--@ key:encrypted(password)
-- Encrypts a private key with AES-256 under a password.
-- - `password` (string).
-- Returns the PEM of the encrypted key (a string). RFC 8018. Since: an addition.
--
-- Type: fun(password: string): string
-- Type: ssl.testing.Key = { pem: string, der: string }
--
--     local testing = require "ssl.testing"
--     local pem = testing.CA():issue("localhost").key:encrypted("secret")
--     assert(pem:find("BEGIN ENCRYPTED PRIVATE KEY", 1, true))
function Key.methods:encrypted(password)
  if type(password) ~= "string" then
    error(("bad argument #1 to 'encrypted' (string expected, got %s)"):format(type(password)), 2)
  end
  return self.handle:pem(password)
end

local Chain = lazy("ssl.testing.Chain", {
  pem = function(self)
    local out = {}
    for i, cert in ipairs(self) do
      out[i] = cert.pem
    end
    return table.concat(out)
  end,
})

--@ ssl.testing.Identity
-- What `ca:issue` returns: a certificate, its private key, and the chain that a server sends.
-- These fields are strings: `identity.cert.pem`, `identity.cert.der`, `identity.key.pem` (PKCS
-- #8), `identity.key.der`, and `identity.chain.pem` (the certificate and the intermediate ones,
-- without the root). `identity.issuer` is the authority. Since: an addition.
--
-- Type: ssl.testing.Identity = { cert: { pem: string, der: string }, key: ssl.testing.Key,
--   chain: { pem: string }, issuer?: ssl.testing.CA }
--
--     local testing = require "ssl.testing"
--     local identity = testing.CA():issue("localhost")
--     assert(identity.cert.pem:find("^%-%-%-%-%-BEGIN CERTIFICATE"))
local Identity = { __name = "ssl.testing.Identity" }
Identity.__index = Identity

local function new_cert(handle)
  return setmetatable({ handle = handle }, Cert)
end

local function new_key(handle)
  return setmetatable({ handle = handle }, Key)
end

-- `chain` is an array of certs, the leaf's first.
local function new(class, cert, key, chain, issuer)
  return setmetatable({
    cert = cert, key = key, chain = setmetatable(chain, Chain), issuer = issuer,
  }, class)
end

--@ identity:configure_cert(ctx)
-- Gives a context the certificate, its chain and its private key. A server needs them, and so
-- does a client whose server asks for a certificate.
-- - `ctx` (`SSLContext`): the context.
-- Returns nothing. OpenSSL: `SSL_CTX_use_certificate`. Since: an addition.
--
-- Type: fun(ctx: SSLContext)
--
--     local testing = require "ssl.testing"
--     testing.CA():issue("localhost"):configure_cert(server_ctx)
function Identity:configure_cert(ctx)
  ctx:load_cert_chain({ certdata = self.chain.pem, keydata = self.key.pem })
end

-- The contents of the files by their names, and which of them are private.
function Identity:contents()
  local root = self:root()
  return {
    ["cert.pem"] = self.cert.pem, ["key.pem"] = self.key.pem, ["chain.pem"] = self.chain.pem,
    ["ca.pem"] = root and root.cert.pem or self.cert.pem,
  }, { ["key.pem"] = true }
end

-- The authority at the top of the chain; nil for who signed itself. A broken
-- identity has the one that its client trusts.
function Identity:root()
  local authority = self.trusted or self.issuer
  while authority and authority.issuer do
    authority = authority.issuer
  end
  return authority
end

--@ identity:write(folder)
-- Writes four files into a folder: `cert.pem`, `key.pem` (which only its owner can read),
-- `chain.pem` and `ca.pem` (the root). It makes the folder if there is none.
-- - `folder` (string): the path of the folder.
-- Returns a table with the paths `cert`, `key`, `chain` and `ca`. Raises `OSError` if it cannot
-- write a file. Since: an addition.
--
-- Type: fun(folder: string): ssl.testing.Paths
-- Type: ssl.testing.Paths = { cert: string, key: string, chain: string, ca: string }
--
--     local testing = require "ssl.testing"
--     local paths = testing.CA():issue("localhost"):write(os.tmpname() .. ".d")
--     server_ctx:load_cert_chain(paths.chain, paths.key)
--     for _, path in pairs(paths) do os.remove(path) end
--     os.remove(paths.cert:match("(.*)/"))
function Identity:write(folder)
  if type(folder) ~= "string" then
    error(("bad argument #1 to 'write' (string expected, got %s)"):format(type(folder)), 2)
  end
  return self:named(files.write(folder, self:contents()))
end

-- "cert.pem" becomes "cert".
function Identity:named(paths)
  local out = {}
  for name, path in pairs(paths) do
    out[name:match("^[^.]+")] = path
  end
  return out
end

--@ identity:files()
-- Writes the files of `identity:write` into a new folder. Under busted, the folder vanishes when
-- the test ends; otherwise when you close the result, or when it is collected.
-- Returns a table with the paths `cert`, `key`, `chain` and `ca`. The table has a `close`
-- method, and may be a `<close>` variable. Since: an addition.
--
-- Type: fun(): ssl.testing.Files
-- Type: ssl.testing.Files: ssl.testing.Paths = { close: fun(self: ssl.testing.Files) }
--
--     local testing = require "ssl.testing"
--     local files <close> = testing.CA():issue("localhost"):files()
--     server_ctx:load_cert_chain(files.chain, files.key)
function Identity:files()
  local folder = files.folder()
  local paths = self:named(folder:write(self:contents()))
  local function close()
    folder:close()
  end
  return setmetatable(paths, { __index = { close = close, folder = folder.path }, __close = close })
end

--@ identity:pkcs12(password)
-- Packs key, certificate and chain into a PKCS #12 file.
-- - `password` (string).
-- Returns the bytes of the file (a string). RFC 7292. Since: an addition.
--
-- Type: fun(password: string): string
--
--     local testing = require "ssl.testing"
--     local bytes = testing.CA():issue("localhost"):pkcs12("secret")
--     assert(bytes:byte() == 0x30)
function Identity:pkcs12(password)
  local others = {}
  for i = 2, #self.chain do
    others[i - 1] = self.chain[i].handle
  end
  local root = self:root()
  if root then
    others[#others + 1] = root.cert.handle
  end
  return low.pkcs12(password, self.key.handle, self.cert.handle, others)
end

-- The digest of a signature by `key`: none for those algorithms that have their own.
local function digest_for(key, wanted)
  local kind = key:type()
  if kind:find("^ED") or kind:find("^ML%-DSA") or kind:find("^SLH%-DSA") then
    return nil
  end
  return wanted or "SHA256"
end

return { Identity = Identity, new = new, new_cert = new_cert, new_key = new_key,
  digest_for = digest_for }
