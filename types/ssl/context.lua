---@meta ssl.context
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.context
local context = {}

---Makes a context with the default settings of OpenSSL. Such a context checks no certificates.
---@param protocol string `"any"`, or the only version to speak: `"tlsv1"`, `"tlsv1_1"`, `"tlsv1_2"` or `"tlsv1_3"`.
---@return ssl.SSLContext? # an `SSLContext`; or nil and a text for another protocol
---@return string?
function context.create(protocol) end

---Sets on which side the connections of the context are.
---@param ctx ssl.SSLContext
---@param mode ("client"|"server") `"client"` or `"server"`.
---@return boolean # true; or false and a text
---@return string?
function context.setmode(ctx, mode) end

---Loads the private key.
---@param ctx ssl.SSLContext
---@param key string the name of a file in PEM, or the PEM text.
---@param password? (string|(fun(): string?)) the password of an encrypted key. A function is called without arguments, and only if the key is encrypted. If it does not return a string, there is no password.
---@return boolean # true; or false and a text that names the file and the reason
---@return string?
function context.loadkey(ctx, key, password) end

---Loads the certificate that the context shows to peers, and the certificates that lead from it
---to its authority.
---@param ctx ssl.SSLContext
---@param certificate string the name of a file in PEM, or the PEM text.
---@return boolean # true; or false and a text that names the file and the reason
---@return string?
function context.loadcert(ctx, certificate) end

---Tells whether the private key belongs to the certificate.
---@param ctx ssl.SSLContext
---@return boolean # a boolean
function context.checkkey(ctx) end

---Loads the certificates of the authorities to trust.
---@param ctx ssl.SSLContext
---@param cafile? string the name of a file in PEM, or the PEM text.
---@param capath? string a folder of such files, prepared by `openssl rehash`.
---@return boolean # true; or false and a text that names the file and the reason
---@return string?
function context.locations(ctx, cafile, capath) end

---Sets the ciphers for TLS 1.2 and older.
---@param ctx ssl.SSLContext
---@param list string the ciphers, in OpenSSL's notation.
---@return boolean # true; or false and a text
---@return string?
function context.setcipher(ctx, list) end

---Sets the cipher suites for TLS 1.3.
---@param ctx ssl.SSLContext
---@param list string their names, with colons between them.
---@return boolean # true; or false and a text
---@return string?
function context.setciphersuites(ctx, list) end

---Sets how many certificates may stand between the peer's certificate and a trusted one.
---@param ctx ssl.SSLContext
---@param depth integer their number.
---@return boolean # true
function context.setdepth(ctx, depth) end

---Sets whether to check the peer's certificate.
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

---Sets the parameters of Diffie-Hellman, which a server needs for the ciphers `DHE-…`.
---@param ctx ssl.SSLContext
---@param callback (fun(export: boolean, bits: integer): string?) returns the parameters in PEM (string), or nil for none. It is called at once, with false and 2048, the size that OpenSSL uses today.
---@return boolean # true; or false and a text
---@return string?
function context.setdhparam(ctx, callback) end

---Allows one group only for the key exchange.
---@param ctx ssl.SSLContext
---@param name string one of `ssl.config.curves`, or another group of OpenSSL's.
---@return boolean # true; or false and a text
---@return string?
function context.setcurve(ctx, name) end

---Sets the groups for the key exchange.
---@param ctx ssl.SSLContext
---@param list string their names, with colons between them, best first.
---@return boolean # true; or false and a text
---@return string?
function context.setcurveslist(ctx, list) end

---Sets the protocols that a client offers by ALPN.
---@param ctx ssl.SSLContext
---@param list string the protocols in the form of the wire. Each name follows a byte with its length.
---@return boolean # true; or false and a text
---@return string?
function context.setalpn(ctx, list) end

---Sets the function by which a server chooses a protocol (ALPN).
---@param ctx ssl.SSLContext
---@param callback (fun(offered: string): string?) gets the client's protocols, and returns the one that the server chooses, both in the form of the wire. If it returns nil, no protocol is chosen.
---@return boolean # true
function context.setalpncb(ctx, callback) end

---Sets the hint that a server sends to clients, so that they know which identity to use. TLS 1.3
---has no such hint.
---@param ctx ssl.SSLContext
---@param hint string the hint.
---@return boolean # true; or false and a text
---@return string?
function context.setpskhint(ctx, hint) end

---Sets the function that gives a server the key that it shares with a client.
---@param ctx ssl.SSLContext
---@param callback (fun(identity: string, most: integer): string?) gets the client's identity (string) and how many bytes the key may have at most. It returns the key (string). If it returns something else, there is no key.
---@return boolean # true; or false and a text
---@return string?
function context.setserverpskcb(ctx, callback) end

---Sets the function that gives a client the key that it shares with the server.
---@param ctx ssl.SSLContext
---@param callback (fun(hint: string?, identity_size: integer, key_size: integer): string?, string?) gets the server's hint (string or nil), and how many bytes the identity and the key may have at most. It returns both (strings). If it returns something else, there is no key.
---@return boolean # true; or false and a text
---@return string?
function context.setclientpskcb(ctx, callback) end

---Makes the clients of the context check servers by TLSA records. Each connection gets its
---records by `setdane` and `settlsa`.
---@param ctx ssl.SSLContext
---@param ... "no_ee_namechecks"
---@return boolean # true, or false if OpenSSL has no DANE
function context.setdane(ctx, ...) end

return context
