---@meta ssl.context
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.context
local context = {}

---Makes a context with OpenSSL's own settings, which checks no certificates.
---@param protocol string `"any"`; or the only one: `"tlsv1"`, `"tlsv1_1"`, `"tlsv1_2"`, `"tlsv1_3"`.
---@return ssl.SSLContext? # an `SSLContext`; or nil and a text for another protocol
---@return string?
function context.create(protocol) end

---Sets the side that connections of the context are on.
---@param ctx ssl.SSLContext
---@param mode ("client"|"server") `"client"` or `"server"`.
---@return boolean # true; or false and a text
---@return string?
function context.setmode(ctx, mode) end

---Loads the private key.
---@param ctx ssl.SSLContext
---@param key string a file in PEM; or the PEM itself.
---@param password? (string|(fun(): string?)) of an encrypted key; a function is called without arguments, and only if the key is encrypted. No string from it is no password.
---@return boolean # true; or false and a text, which names the file and the reason
---@return string?
function context.loadkey(ctx, key, password) end

---Loads the certificate that is shown to peers, and what leads to its authority.
---@param ctx ssl.SSLContext
---@param certificate string a file in PEM; or the PEM itself.
---@return boolean # true; or false and a text, which names the file and the reason
---@return string?
function context.loadcert(ctx, certificate) end

---Tells whether the private key is that of the certificate.
---@param ctx ssl.SSLContext
---@return boolean # a boolean
function context.checkkey(ctx) end

---Loads the certificates of trusted authorities.
---@param ctx ssl.SSLContext
---@param cafile? string a file in PEM; or the PEM itself.
---@param capath? string a folder of them, made by `openssl rehash`.
---@return boolean # true; or false and a text, which names the file and the reason
---@return string?
function context.locations(ctx, cafile, capath) end

---Sets the ciphers up to TLS 1.2.
---@param ctx ssl.SSLContext
---@param list string in OpenSSL's notation.
---@return boolean # true; or false and a text
---@return string?
function context.setcipher(ctx, list) end

---Sets the cipher suites of TLS 1.3.
---@param ctx ssl.SSLContext
---@param list string names, separated by colons.
---@return boolean # true; or false and a text
---@return string?
function context.setciphersuites(ctx, list) end

---Sets how many certificates may lead from the peer's to a trusted one.
---@param ctx ssl.SSLContext
---@param depth integer their number.
---@return boolean # true
function context.setdepth(ctx, depth) end

---Sets whether the peer's certificate is checked.
---@param ctx ssl.SSLContext
---@param ... string
---@return boolean # true; or false and a text
---@return string?
function context.setverify(ctx, ...) end

---Sets options of OpenSSL.
---@param ctx ssl.SSLContext
---@param ... string
---@return boolean # true; or false and a text
---@return string?
function context.setoptions(ctx, ...) end

---Sets the parameters of Diffie-Hellman that a server's ciphers `DHE-…` need.
---@param ctx ssl.SSLContext
---@param callback (fun(export: boolean, bits: integer): string?) called at once with false and 2048, the size that OpenSSL takes today; it returns the parameters in PEM (string), or nil for none.
---@return boolean # true; or false and a text
---@return string?
function context.setdhparam(ctx, callback) end

---Sets the only group that keys are agreed on with.
---@param ctx ssl.SSLContext
---@param name string one of `ssl.config.curves`, or another group of OpenSSL's.
---@return boolean # true; or false and a text
---@return string?
function context.setcurve(ctx, name) end

---Sets the groups that keys are agreed on with.
---@param ctx ssl.SSLContext
---@param list string names, separated by colons, the best first.
---@return boolean # true; or false and a text
---@return string?
function context.setcurveslist(ctx, list) end

---Sets the protocols that a client offers by ALPN.
---@param ctx ssl.SSLContext
---@param list string as they are sent: each name after a byte with its length.
---@return boolean # true; or false and a text
---@return string?
function context.setalpn(ctx, list) end

---Sets what chooses a server's protocol by ALPN.
---@param ctx ssl.SSLContext
---@param callback (fun(offered: string): string?) called with the client's protocols, it returns the server's, both as they are sent; or nil for none.
---@return boolean # true
function context.setalpncb(ctx, callback) end

---Sets what a server tells clients to find their identity by, before TLS 1.3.
---@param ctx ssl.SSLContext
---@param hint string the hint.
---@return boolean # true; or false and a text
---@return string?
function context.setpskhint(ctx, hint) end

---Sets what gives a server the keys that it shares with clients.
---@param ctx ssl.SSLContext
---@param callback (fun(identity: string, most: integer): string?) called with a client's identity (string) and the most bytes that a key may have, it returns the key (string); anything else is none.
---@return boolean # true; or false and a text
---@return string?
function context.setserverpskcb(ctx, callback) end

---Sets what gives a client the key that it shares with the server.
---@param ctx ssl.SSLContext
---@param callback (fun(hint: string?, identity_size: integer, key_size: integer): string?, string?) called with the server's hint (string or nil) and the most bytes that identity and key may have, it returns both (strings); anything else is no key.
---@return boolean # true; or false and a text
---@return string?
function context.setclientpskcb(ctx, callback) end

---Has a client's connections be checked by TLSA records, which `setdane` and `settlsa` of
---each give.
---@param ctx ssl.SSLContext
---@param ... "no_ee_namechecks"
---@return boolean # whether that is possible (boolean)
function context.setdane(ctx, ...) end

return context
