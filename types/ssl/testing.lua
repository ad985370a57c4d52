---@meta ssl.testing
-- Written by `make manual` from the doc comments of the sources.

---@alias ssl.testing.Answer string|{ status?: integer, headers?: table<string, string>, body?: string }

---@alias ssl.testing.Handler fun(request: { method: string, path: string, headers: table<string, string>, body: string }, conn: ssl.SSLSocket): ssl.testing.Answer

---@alias ssl.testing.Tap fun(record: ssl.testing.Record): (string|{ [integer]: string, eof?: boolean }|nil)

---@alias ssl.testing.What table|(fun(record: ssl.testing.Record): boolean?)

---@alias ssl.testing.Change fun(message: ssl.testing.Message): (nil|false|string|ssl.testing.Message|table)

---@class ssl.testing
---The assertions as plain functions, for frameworks other than busted and for none:
---`ssl.testing.expect.tls_error(f, expected)` is `assert.tls_error(f, expected)`, and
---likewise `negotiated`, `certificate`, `handshake_fails` and `tls_policy`. They return
---what the assertions return, and raise a string error that says what was expected and
---what was found. Since: an addition.
---@field expect table<string, function>
---Identities that a client must refuse, by what is wrong with them:
---`ssl.testing.broken.expired(ca, host)` and so on: `expired`, `not_yet_valid`,
---`wrong_host`, `self_signed`, `untrusted_root`, `revoked`, `stale_crl`,
---`no_san`, `common_name_only`, `nul_in_name`, `wildcard_too_wide`,
---`partial_wildcard`, `ip_as_dns`, `weak_key`, `sha1`, `bad_signature`,
---`wrong_usage`, `not_a_ca`, `no_cert_sign`, `path_too_long`,
---`name_constraint`, `excluded_name`, `expired_intermediate`,
---`missing_intermediate`, `unknown_critical_extension`, `huge_chain`,
---`many_names`, `revoked_staple`, `unknown_staple`, `stale_staple`,
---`forged_staple`, `must_staple`; and what breaks the rules of
---`SSLContext.certificate_profile` alone: `old_version`, `serial_zero`,
---`serial_too_long`, `odd_digest`, `odd_key`, `rare_key`, `malformed_extension`,
---`unknown_signer`, `signer_by_serial`, `foreign_root`, `authority_as_server`,
---`any_purpose`, `critical_purpose`, `root_with_purpose`,
---`uncritical_policy_constraints`, `uncritical_inhibition`, `constrained_server`,
---`empty_constraints`, `dotted_constraint`, `excluded_wildcard`, `critical_names`,
---`odd_name` and `other_common_name`.
---@field broken table<string, fun(ca: ssl.testing.CA, host: string): ssl.testing.BrokenIdentity>
local testing = {}

---@class ssl.testing.ExpectedError
---@field class? string
---@field message? string
---@field [string] any

---@class ssl.testing.AttackOptions
---@field version? ("TLSv1.3"|"TLSv1.2")
---@field server_name? string
---@field ciphers? (string|integer)[]
---@field groups? string[]
---@field protocols? string[]
---@field alter? (table|(fun(message: ssl.testing.Message, peer: ssl.testing.Peer): any))
---@field script? (fun(peer: ssl.testing.Peer): any)
---@field talk? (fun(peer: ssl.testing.Peer): any)
---@field timeout? number

---@class ssl.testing.AttackOutcome
---@field ok boolean
---@field alert? (string|integer)
---@field ended? string
---@field error? string
---@field value? any
---@field messages table[]
---@field wire ssl.testing.Wire

---The end of a connection that an attack plays: what the functions `script` and `talk`
---of `ssl.testing.attack` get. It keeps the keys as any end does, and does what you say,
---in any order. `peer.version` and `peer.cipher` are what ServerHello has chosen;
---`peer.wire` is its `ssl.testing.Wire`. Since: an addition.
---@class ssl.testing.Peer
---@field version? string
---@field cipher? string
---@field wire ssl.testing.Wire
local Peer = {}

---Makes the ClientHello of an honest client, to change and send.
---@param options? { version?: string, server_name?: string, ciphers?: (string|integer)[], groups?: string[], protocols?: string[] } `version` (`"TLSv1.3"` or `"TLSv1.2"`), `server_name` (string), `ciphers`, `groups` and `protocols` (arrays of names); those of the attack by default.
---@return ssl.testing.Message # a `ssl.testing.Message`
function Peer:client_hello(options) end

---Makes the Finished of this side, for all that was sent and received so far. As long as
---this side has no keys, it is of zeros.
---@return ssl.testing.Message # a `ssl.testing.Message`
function Peer:finished() end

---Makes the whole handshake of an honest end, as the attack's options say, with
---`alter` applied to each message. It is what happens if there is no `script`.
function Peer:handshake() end

---Sends bytes as they are, below TLS.
---@param bytes string
---@return boolean # whether the other side could take them
function Peer:write(bytes) end

---Sends a record, encrypted if this side has come so far.
---@param type (string|integer) its content type, such as `"application_data"` or 99.
---@param content string up to 65000 bytes, although TLS has 16384 at most.
---@param options? { plain?: boolean, version?: integer, length?: integer } `plain` (boolean: not encrypted), `version` (integer), `length` (integer: what the record says of its length, without encryption).
---@return boolean # whether the other side could take it
function Peer:send_record(type, content, options) end

---Sends messages of the handshake, each in a record of its own.
---@param message (ssl.testing.Message|table|string) a `ssl.testing.Message`, or a table with `name` and its fields, or the bytes of a message.
---@param ... (ssl.testing.Message|table|string)
function Peer:send(message, ...) end

---Sends application data.
---@param data string
function Peer:send_data(data) end

---Sends an alert.
---@param name (string|integer) such as `"close_notify"`.
---@param level? (string|integer) `"fatal"` by default, but for close_notify.
function Peer:send_alert(name, level) end

---Sends ChangeCipherSpec. With TLS 1.2, this side encrypts from here on, if it has keys.
function Peer:send_change_cipher_spec() end

---Takes the next message of the other side.
---@return (ssl.testing.Message|table|nil) # a table with its `name`: a `ssl.testing.Message`; or `"alert"`, with `alert` and `level`; `"application_data"`, with `data`; `"change_cipher_spec"`; `"encrypted"` for a record that the keys do not open; `"bytes"`, with `bytes`, for what is no TLS
---@return ("end"|"reset"|"timeout"|"flood"|nil)
function Peer:receive() end

---Takes the next bytes of the other side as they are, before TLS begins.
---@return string? # a string, or nil and `"end"`, `"reset"` or `"timeout"`
---@return string?
function Peer:read() end

---Takes messages of the other side up to the one of that name.
---@param name string
---@return (ssl.testing.Message|table) # that message
function Peer:expect(name) end

---Makes the ServerHello of an honest server, for the client's ClientHello.
---@return ssl.testing.Message # a `ssl.testing.Message`
function Peer:server_hello() end

---Makes the Certificate of an honest server: its identity's chain.
---@return ssl.testing.Message # a `ssl.testing.Message`
function Peer:certificate() end

---Makes the CertificateVerify of a server of TLS 1.3: a signature of all that was said.
---@return ssl.testing.Message # a `ssl.testing.Message`
function Peer:certificate_verify() end

---Makes the ServerKeyExchange of a server of TLS 1.2, signed.
---@return ssl.testing.Message # a `ssl.testing.Message`
function Peer:server_key_exchange() end

---Makes a certificate authority. Nobody trusts its root certificate until you call
---`ca:configure_trust`.
---@class ssl.testing.CA: ssl.testing.Identity
---@overload fun(options?: ssl.testing.CAOptions): ssl.testing.CA
local CA = {}

---Makes an authority below this one. What the new authority issues comes with the chain.
---@param options? ssl.testing.CAOptions as for `ssl.testing.CA`.
---@return ssl.testing.CA # a `ssl.testing.CA`
function CA:create_child_ca(options) end

---Issues a certificate with a new key. Servers and clients can use it.
---@param name string a host name, an IP address, an e-mail address or a URI; the form tells which. A host name may be a wildcard such as `"*.example.test"`, and may have letters beyond ASCII.
---@param ... (string|ssl.testing.IssueOptions)
---@return ssl.testing.Identity # a `ssl.testing.Identity`
function CA:issue(name, ...) end

---Makes a context trust the certificates that the authority issues. If the authority is a child,
---the context gets the root above it.
---@param ctx ssl.SSLContext the context.
function CA:configure_trust(ctx) end

---Revokes a certificate. From then on `ca:crl` and `ca:ocsp` say so.
---@param identity ssl.testing.Identity one that this authority has issued.
---@param reason? string a reason of RFC 5280, 5.3.1, such as `"keyCompromise"`.
function CA:revoke(identity, reason) end

---Makes the authority's list of revoked certificates.
---@param options? ssl.testing.CRLOptions `this_update` and `next_update` (numbers: seconds since 1970; by default the list is an hour old, and holds for a week), `number` (integer; 1 by default), `digest` (string).
---@return { pem: string, der: string } # a table with the strings `pem` and `der`
function CA:crl(options) end

---Gives a context the authority's list of revoked certificates, and makes the context look up
---the peer's certificate in it.
---@param ctx ssl.SSLContext the context.
---@param options? ssl.testing.CRLOptions as for `ca:crl`.
function CA:configure_crl(ctx, options) end

---Makes an OCSP response about a certificate. The authority signs it.
---@param identity ssl.testing.Identity one that this authority has issued.
---@param options? ssl.testing.OCSPOptions `status` (string: `"good"`, `"revoked"` or `"unknown"`; by default what `ca:revoke` was told), `this_update` and `next_update` (numbers: seconds since 1970; by default the response is an hour old, and holds for a day), `digest` (string), `signer` (`ssl.testing.Identity`: who signs instead).
---@return string # the response in DER (string)
function CA:ocsp(identity, options) end

testing.CA = CA

---@class ssl.testing.CAOptions
---@field key_type? string
---@field key? ssl.testing.Key
---@field not_before? integer
---@field not_after? integer
---@field common_name? string
---@field organization? string
---@field subject? string[][]
---@field serial? (integer|string)
---@field digest? string
---@field path_length? integer
---@field name_constraints? { permitted?: string[], excluded?: string[] }
---@field key_usage? string[]
---@field extended_key_usage? string[]
---@field ocsp? string
---@field ca_issuers? string
---@field crl? string
---@field must_staple? boolean
---@field extensions? { oid: string, critical?: boolean, value?: string, omit?: boolean }[]

---@class ssl.testing.IssueOptions
---@field key_type? string
---@field key? ssl.testing.Key
---@field not_before? integer
---@field not_after? integer
---@field common_name? string
---@field organization? string
---@field subject? string[][]
---@field serial? (integer|string)
---@field digest? string
---@field path_length? integer
---@field key_usage? string[]
---@field extended_key_usage? string[]
---@field ocsp? string
---@field ca_issuers? string
---@field crl? string
---@field must_staple? boolean
---@field extensions? { oid: string, critical?: boolean, value?: string, omit?: boolean }[]
---@field names? string[][]
---@field ca? boolean

---What the functions of `ssl.testing.broken` return: an `ssl.testing.Identity` for the server,
---and what a client should make of it.
---@class ssl.testing.BrokenIdentity: ssl.testing.Identity
---@field name string
---@field why string
---@field host string
---@field expect ssl.testing.ExpectedError
---@field needs? string
---@field anchor? ssl.testing.CA
---@field prepare (fun(self: ssl.testing.BrokenIdentity, ctx: ssl.SSLContext))

---What `ssl.testing.gauntlet` gives. `result.rows` is an array of tables, one for each
---trial: `name`, `why` (strings), `kind` (`"identity"` or `"wire"`), `must` (what a
---client has to do: `"accept"`, `"refuse"`, or `"may"` for what a client refuses only if
---it is told to), `needs` (string or nil: what it has to be told), `outcome`
---(`"accepted"`, `"refused"`, `"hung"` or `"left out"`), `detail` (string: the client's
---last line, or the error that it raised) and `ok` (boolean). `result.ok` (boolean)
---tells whether all rows are; `result.accepted` is the array of the names of what was
---accepted and must not be; `tostring(result)` is the table as text. Since: an addition.
---@class ssl.testing.GauntletResult
---@field ok boolean
---@field rows ssl.testing.GauntletRow[]
---@field accepted string[]

---@class ssl.testing.GauntletRow
---@field name string
---@field why string
---@field kind string
---@field must string
---@field needs? string
---@field outcome string
---@field detail? string
---@field ok boolean

---@class ssl.testing.Key
---@field pem string
---@field der string
local Key = {}

---Encrypts a private key with AES-256 under a password.
---@param password string
---@return string # the PEM of the encrypted key (a string)
function Key:encrypted(password) end

---What `ca:issue` returns: a certificate, its private key, and the chain that a server sends.
---These fields are strings: `identity.cert.pem`, `identity.cert.der`, `identity.key.pem` (PKCS
---#8), `identity.key.der`, and `identity.chain.pem` (the certificate and the intermediate ones,
---without the root). `identity.issuer` is the authority. Since: an addition.
---@class ssl.testing.Identity
---@field cert { pem: string, der: string }
---@field key ssl.testing.Key
---@field chain { pem: string }
---@field issuer? ssl.testing.CA
local Identity = {}

---Gives a context the certificate, its chain and its private key. A server needs them, and so
---does a client whose server asks for a certificate.
---@param ctx ssl.SSLContext the context.
function Identity:configure_cert(ctx) end

---Writes four files into a folder: `cert.pem`, `key.pem` (which only its owner can read),
---`chain.pem` and `ca.pem` (the root). It makes the folder if there is none.
---@param folder string the path of the folder.
---@return ssl.testing.Paths # a table with the paths `cert`, `key`, `chain` and `ca`
function Identity:write(folder) end

---Writes the files of `identity:write` into a new folder. Under busted, the folder vanishes when
---the test ends; otherwise when you close the result, or when it is collected.
---@return ssl.testing.Files # a table with the paths `cert`, `key`, `chain` and `ca`
function Identity:files() end

---Packs key, certificate and chain into a PKCS #12 file.
---@param password string
---@return string # the bytes of the file (a string)
function Identity:pkcs12(password) end

---@class ssl.testing.Paths
---@field cert string
---@field key string
---@field chain string
---@field ca string

---@class ssl.testing.Files: ssl.testing.Paths
---@field close (fun(self: ssl.testing.Files))

---One message of a handshake, as `wire:messages`, `ssl.testing.tap.message` and an
---attack have it: a table of `name` (such as `"ClientHello"`) and the fields of the
---message, by the names of RFC 8446 or near to them: a ClientHello has
---`legacy_version`, `random`, `session_id`, `ciphers`, `compressions` and
---`extensions`. Versions, ciphers, groups, algorithms and extensions are names;
---numbers without a name stay integers. Each extension is a table of `type` and
---`value`, or of `type` and `data` (string) if its form is unknown.
---@class ssl.testing.Message
---@field name string
---@field extensions? ssl.testing.Extension[]
---@field length? integer
---@field body? string
---@field malformed? string
---@field from? string
---@field encrypted? boolean
---@field bytes? string
local Message = {}

---Finds an extension of a message.
---@param type (string|integer) such as `"key_share"`.
---@return ssl.testing.Extension? # its table, or nil if the message has none
function Message:extension(type) end

---Takes an extension out of a message.
---@param type (string|integer)
---@return ssl.testing.Extension? # its table, or nil if the message had none
function Message:drop(type) end

---Puts an extension into a message, in place of one of the same type, if there is one.
---@param type (string|integer)
---@param value? any as the extension's `value`; a string is its `data`. Without it, the extension is empty.
---@param place? integer where in the list; the end by default.
---@return ssl.testing.Message # the message
function Message:add(type, value, place) end

---@class ssl.testing.Extension
---@field type (string|integer)
---@field value? any
---@field data? string
---@field length? integer

---What `ssl.testing.pair` gives. `pair.client` and `pair.server` are the
---`SSLObject`s, for whatever a test wants to ask them; `pair.records` is the
---array of all records seen on the wire, as taps get them; `pair.wire` is the
---`ssl.testing.Wire`, which draws them. Since: an addition.
---@class ssl.testing.Pair
---@field client ssl.SSLObject
---@field server ssl.SSLObject
---@field records ssl.testing.Record[]
---@field wire ssl.testing.Wire
local Pair = {}

---Delivers all bytes that are on the wire. Neither side reads them yet.
function Pair:pump() end

---Puts bytes on the wire as if the other side had sent them.
---@param side ("client"|"server") the side that receives them: `"client"` or `"server"`.
---@param bytes string the bytes.
function Pair:inject(side, bytes) end

---Ends the stream that a side reads, as if the connection had broken.
---@param side ("client"|"server") `"client"` or `"server"`.
function Pair:cut(side) end

---Makes the handshake, and delivers what follows it: session tickets and alerts.
---With DTLS it waits until a side sends again what got lost. To make that quick, set the
---contexts' `retransmission_timeout` to a small number such as 0.05.
---@return { ok: boolean, client: ssl.testing.Outcome, server: ssl.testing.Outcome } # a table
function Pair:handshake() end

---Sends data from one side to the other.
---@param data string the data.
---@param from? ("client"|"server") the side that sends: `"client"` (the default) or `"server"`.
---@return string? # the data that arrived (string)
function Pair:transfer(data, from) end

---Closes the connection in good order. One side begins, and the other answers.
---@param side? ("client"|"server") the side that begins; `"client"` by default.
---@return boolean # whether each side got the close_notify of the other (boolean)
function Pair:unwrap(side) end

---@class ssl.testing.Outcome
---@field ok? boolean
---@field error? ssl.Error
---@field alert? string

---What `ssl.testing.policy.check` gives. `report.ok` (boolean) tells whether the server
---keeps the whole policy. `report.lines` is an array, one table for each rule: `rule`
---(its name), `ok` (boolean), `faults` (array of strings), `why` (string: why the rule
---matters), `applies` (boolean: false where the rule has no meaning for this server).
---`report.found` is what `ssl.scan.server` has found. `tostring(report)` is a text of
---all lines, `report:failures()` one of those that failed. Since: an addition.
---@class ssl.testing.PolicyReport
---@field ok boolean
---@field lines ssl.testing.PolicyLine[]
---@field title string
---@field target? string
---@field found ssl.scan.Result
local PolicyReport = {}

---@return string # the rules that the server breaks, how, and why they matter (a string)
function PolicyReport:failures() end

---@class ssl.testing.PolicyLine
---@field rule string
---@field ok boolean
---@field applies boolean
---@field faults string[]
---@field why string

---@class ssl.testing.Policy
---@field profile? string
---@field source? string
---@field versions? string[]
---@field required_versions? string[]
---@field ciphers? string[]
---@field forward_secrecy? boolean
---@field faultless_ciphers? boolean
---@field server_order? boolean
---@field groups? string[]
---@field required_groups? string[]
---@field dh_bits? number
---@field signatures? string[]
---@field names? string[]
---@field days_left? number
---@field lifetime_days? number
---@field chain_order? boolean
---@field key_types? string[]
---@field rsa_bits? number
---@field curves? string[]
---@field certificate_signatures? string[]
---@field trusted_by? ssl.SSLContext
---@field stapling? (boolean|string)
---@field resumption? boolean
---@field ticket_lifetime? number
---@field tickets? number
---@field alpn? string[]
---@field secure_renegotiation? boolean
---@field client_renegotiation? boolean
---@field extended_master_secret? boolean
---@field compression? boolean
---@field heartbeat? boolean
---@field downgrade? boolean
---@field rubbish? boolean
---@field tolerance? boolean

---What `ssl.testing.wire_proxy` gives: `proxy.port` (integer) and `proxy.host`
---(`"127.0.0.1"`), where clients connect. It may be a `<close>` variable.
---Since: an addition.
---@class ssl.testing.Proxy
---@field port integer
---@field host string
local Proxy = {}

---Tells what happens to a connection.
---@param n integer its number, from 1.
---@return ssl.testing.BothFaults # a table of `client` and `server`: the faults of what each side sends, or nil
function Proxy:faults(n) end

---Waits until connections have ended.
---@param count? integer how many since the last call; 1 by default.
---@param timeout? number seconds; 10 by default.
---@return { n: integer, client: integer, server: integer, ended: string } ... # that many tables: `n` (the connection's number), `client` and `server` (the bytes of each side that were passed on), `ended` (`"closed"`, `"cut"`, `"reset"` or `"lost"`)
function Proxy:wait(count, timeout) end

---Ends the proxy and all its connections. Under busted the end of the test does it.
function Proxy:close() end

---@class ssl.testing.Faults
---@field delay? number
---@field piece? integer
---@field rate? number
---@field cut? integer
---@field reset? integer
---@field lose? integer

---@class ssl.testing.BothFaults
---@field client? ssl.testing.Faults
---@field server? ssl.testing.Faults

---@class ssl.testing.CRLOptions
---@field this_update? integer
---@field next_update? integer
---@field number? integer
---@field digest? string

---@class ssl.testing.OCSPOptions
---@field status? ("good"|"revoked"|"unknown")
---@field this_update? integer
---@field next_update? integer
---@field digest? string
---@field signer? ssl.testing.Identity

---What `ssl.testing.scope` gives. It may be a `<close>` variable. Since: an addition.
---@class ssl.testing.Scope
local Scope = {}

---Ends all that was made since the scope began, the last first. A scope that began
---later, and is still open, ends too. You may call it more than once.
function Scope:close() end

---What `ssl.testing.server` returns. Its fields are `server.port` (integer), `server.host`
---(`"localhost"`), `server.url` (`"https://localhost:PORT"`), `server.ca`, `server.identity`,
---`server.context` (the server's own context) and `server.client_context` (a context for
---clients, which trusts the server). It may be a `<close>` variable. Since: an addition.
---@class ssl.testing.Server
---@field port integer
---@field host string
---@field url string
---@field ca ssl.testing.CA
---@field identity ssl.testing.Identity
---@field context ssl.SSLContext
---@field client_context ssl.SSLContext
local Server = {}

---Connects a client to the server, and makes the handshake.
---@param ctx? ssl.SSLContext `server.client_context` by default. If the server runs in this process and the context has no `waiter`, `connect` calls `server:attach` for it.
---@return ssl.SSLSocket # an `SSLSocket`
function Server:connect(ctx) end

---Fetches a page from a server of `ssl.testing.https`.
---@param path string the path of the page.
---@param ctx? ssl.SSLContext `server.client_context` by default.
---@return string # the body (string), the status (integer) and the head (string)
---@return integer
---@return string
function Server:get(path, ctx) end

---Lets a server that runs in this process go on whenever a connection of `ctx` waits. It sets
---the context's `waiter`.
---@param ctx ssl.SSLContext the context of a client.
function Server:attach(ctx) end

---Tells what was said on one of the server's connections, as far as the server has come
---with it. The server keeps this of its last 16 connections.
---@param n? integer which connection, counted from 1; the last by default.
---@return ssl.testing.Wire? # a `ssl.testing.Wire`, or nil if there is none
function Server:wire(n) end

---Waits until the server has finished connections, and reports on them.
---@param count? integer how many connections to wait for; 1 by default. Connections of earlier reports do not count.
---@param timeout? number seconds; 10 by default.
---@return ssl.testing.Report ... # a table for each of these connections, with the field `ok` (boolean)
function Server:wait(count, timeout) end

---Ends the server and all its connections. Under busted, the end of the test does this for you.
function Server:close() end

---@class ssl.testing.ServerOptions
---@field identity? ssl.testing.Identity
---@field ca? ssl.testing.CA
---@field context? ssl.SSLContext
---@field client_ca? ssl.testing.CA
---@field handler? (fun(conn: ssl.SSLSocket): any)
---@field in_process? boolean
---@field stall? ("connect"|"handshake"|"data")
---@field reset? ("connect"|"handshake"|"data")
---@field garbage? ("connect"|"handshake"|"data")
---@field plain? string
---@field drip? number
---@field ragged? boolean
---@field tap? ssl.testing.Tap

---@class ssl.testing.Report
---@field ok boolean
---@field version? string
---@field value? any
---@field stage? ("handshake"|"handler")
---@field error? string
---@field message? string
---@field reason? string
---@field verify_code? integer

---@class ssl.testing.Record
---@field from ("client"|"server")
---@field n integer
---@field type integer
---@field type_name string
---@field version integer
---@field length integer
---@field payload string
---@field bytes string
---@field connection any
---@field datagram? boolean
---@field epoch? integer
---@field sequence? integer

---What was said between a client and a server: `pair.wire`, what `server:wire` and
---`ssl.testing.watch` return. A wire keeps the first MiB of the records of a
---connection. Since: an addition.
---@class ssl.testing.Wire
local Wire = {}

---Draws what was said, as text: an arrow for each record, and below it what the
---messages say that matters. Encrypted records have a double line; they are decrypted
---where the secrets are known. The numbers in brackets are the bytes of the data alone.
---The diagram has no secret and no data unless you ask for them.
---@param options? { times?: boolean, width?: integer, all?: boolean, data?: boolean, secrets?: boolean } `times` (boolean: the times since the first record; true by default); `width` (integer: of a line; 80 by default); `all` (boolean: long lists whole); `data` (boolean: the first bytes of data); `secrets` (boolean: the lines of a log of secrets, at the end).
---@return string # a string of several lines
function Wire:draw(options) end

---Writes what was said as a capture (pcapng), which Wireshark and tshark open. The
---secrets are inside, so they show it decrypted, without another file. The packets'
---addresses and ports are made up; their times, order and contents are real. A record
---that a tap changed is in the capture as it was sent.
---@param file string its path; a file of that name is replaced.
---@param options? { secrets?: boolean } `secrets` (boolean: whether they are inside; true by default).
function Wire:pcap(file, options) end

---Reads the handshake messages, decrypted.
---@param from? ("client"|"server") `"client"` or `"server"`; both by default.
---@return ssl.testing.Message[] # an array of `ssl.testing.Message`s, each with `from`, `encrypted` (boolean) and `bytes` (string: all of the message as it was sent, before encryption)
function Wire:messages(from) end

---Draws what was said as a picture, for a report or a page. Encrypted records have a
---thick line. Like `wire:draw`, it shows no secret and no data unless asked.
---@param options? { times?: boolean, all?: boolean, data?: boolean } `times`, `all` and `data`, as for `wire:draw`.
---@return string # a string: an SVG document
function Wire:svg(options) end

---@class luassert
local assert = {}

---Asserts that a function raises an error of `ssl`. For luassert (busted), there
---once `ssl.testing` is required.
---@param f function called without arguments.
---@param expected? (ssl.testing.ExpectedError|string) fields that the error must have, such as `reason`, `verify_code` and `errno`; `class`, the name of its class; `message`, a pattern. A string is the `reason`.
---@return ssl.Error # the error
function assert.tls_error(f, expected) end

---Asserts what a connection has agreed on with its peer.
---@param conn ssl.Connection
---@param expected { version?: string, cipher?: string, alpn?: string|false, group?: string, resumed?: boolean } of `version` (`"TLSv1.3"`), `cipher` (its name), `alpn` (string, or false for none), `group` (string), `resumed` (boolean).
function assert.negotiated(conn, expected) end

---Asserts what a certificate says.
---@param certificate (ssl.Connection|ssl.Certificate|string|ssl.testing.Identity) a connection (then its peer's), what `getpeercert` gave, PEM, DER, or a `ssl.testing.Identity`.
---@param expected { names?: string[], issuer?: string|ssl.testing.CA, subject?: string, serial?: string } of `names` (array: all in subjectAltName, in any order), `issuer` (its common name, or a `ssl.testing.CA`), `subject` (its common name), `serial` (hexadecimal, as in `getpeercert`).
function assert.certificate(certificate, expected) end

---Asserts that a client and a server cannot agree, by a handshake in memory.
---@param client ssl.SSLContext
---@param server ssl.SSLContext
---@param expected? { client?: ssl.testing.ExpectedError|string, server?: ssl.testing.ExpectedError|string, alert?: string, server_hostname?: string } `client` and `server`: what each raises, as for `assert.tls_error`; `alert` (string: the name of the alert that one sent); `server_hostname` (string, `"localhost"` by default).
function assert.handshake_fails(client, server, expected) end

---Asserts that a server keeps a policy: any server, a test's server, or a context. A
---failure names each rule that is broken, how, and why the rule matters.
---@param target (string|ssl.SSLContext|ssl.testing.Server|{ host?: string, port: integer }) as for `ssl.testing.policy.check`.
---@param wanted (string|ssl.testing.Policy) as for `ssl.testing.policy.check`.
---@param options? ssl.scan.Options as for `ssl.testing.policy.check`.
---@return ssl.testing.PolicyReport # the `ssl.testing.PolicyReport`
function assert.tls_policy(target, wanted, options) end

---@class ssl.testing.policy
---The profiles, from name to table of rules, for your own to start from. `source` tells
---whose they are. Both of Mozilla's also get rules that no document argues about:
---`chain_order`, no `compression`, no `heartbeat`, `secure_renegotiation`, no
---`client_renegotiation`, `downgrade`, `rubbish`, and `stapling` where the certificate
---names an OCSP responder. Since: an addition.
---@field profiles table<string, ssl.testing.Policy>
local policy = {}

---Holds a server to a policy. It looks at the server by `ssl.scan.server`; only at what
---the rules ask for.
---@param target (string|ssl.SSLContext|ssl.testing.Server|{ host?: string, port: integer }) `"host:port"`, a table of `host` and `port`, a server's context (which is asked in memory), or a test's server.
---@param wanted (string|ssl.testing.Policy) a profile, `"modern"` or `"intermediate"` (Mozilla's, version 6.0), or a table of rules. With a field `profile`, the table's rules are added to the profile's, and replace those of the same name.
---@param options? ssl.scan.Options `host` (string: the name to ask for), `timeout`, `deadline`, `prepare`: as for `ssl.scan.server`.
---@return ssl.testing.PolicyReport # a `ssl.testing.PolicyReport`
function policy.check(target, wanted, options) end

---@class ssl.testing.tap
local tap = {}

---Loses records. Returns a tap. Since: an addition.
---@param what? ssl.testing.What
---@return ssl.testing.Tap # a tap
function tap.drop(what) end

---Flips bits of one byte.
---@param what? ssl.testing.What
---@param offset? integer which byte of the record, from 1; from its end if it is negative; the last by default.
---@param mask? integer the bits to flip; 1 by default.
---@return ssl.testing.Tap # a tap
function tap.alter(what, offset, mask) end

---Delivers records twice. Returns a tap. Since: an addition.
---@param what? ssl.testing.What
---@return ssl.testing.Tap # a tap
function tap.duplicate(what) end

---Delivers records in pieces.
---@param what? ssl.testing.What
---@param size? integer bytes in each; 1 by default.
---@return ssl.testing.Tap # a tap
function tap.split(what, size) end

---Ends the stream in the middle of a record.
---@param what? ssl.testing.What
---@param size? integer how many of its bytes still come; 0 by default.
---@return ssl.testing.Tap # a tap
function tap.truncate(what, size) end

---Puts bytes of its own before a record.
---@param what ssl.testing.What?
---@param bytes string for example a record from `ssl.testing.tap.record`.
---@return ssl.testing.Tap # a tap
function tap.inject(what, bytes) end

---Delivers other bytes instead of a record. Returns a tap. Since: an addition.
---@param what ssl.testing.What?
---@param bytes string
---@return ssl.testing.Tap # a tap
function tap.replace(what, bytes) end

---Changes messages of the handshake on their way, encrypted ones too: the kit knows the
---keys of its pairs and servers. The records are encrypted anew, so the other side can
---decrypt them, and meets the change in the message.
---@param what (string|table|(fun(message: ssl.testing.Message): boolean?)|nil) the name of a message, such as `"Certificate"`; or fields, such as `{ name = "Finished", from = "client" }`; or a function of the message; nil means all.
---@param change ssl.testing.Change called with the `ssl.testing.Message`, which it may change. It returns nil to send it on; false to drop it; or what to send instead: a message, bytes, or an array of these (the same one twice repeats it).
---@return ssl.testing.Tap # a tap
function tap.message(what, change) end

---Makes a TLS record, not encrypted.
---@param type (integer|string) its content type, such as 22 or `"handshake"`.
---@param payload string
---@param version? integer 0x0303 by default.
---@return string # its bytes (a string)
function tap.record(type, payload, version) end

---Does to datagrams what networks do: loses some, delivers some twice, and some after
---the next one. Which ones, depends on the numbers of the datagrams and on the seed.
---@param options { loss?: number, duplication?: number, reordering?: number, seed?: integer } `loss`, `duplication` and `reordering` (numbers from 0 to 1: the share of the datagrams; 0 by default), and `seed` (integer; 1 by default).
---@return ssl.testing.Tap # a tap, for one pair
function tap.unreliable(options) end

---Joins taps: the first that changes a record decides. Returns a tap. Since: an
---addition.
---@param tap ssl.testing.Tap
---@param ... ssl.testing.Tap
---@return ssl.testing.Tap # a tap
function tap.chain(tap, ...) end

---Plays a client of TLS 1.3 or 1.2 that says what you want, against a server of any
---program. Without options it makes an honest handshake and closes the connection in
---good order. It trusts every certificate, and looks at none.
---@param host string the server.
---@param port integer the server.
---@param options? ssl.testing.AttackOptions `version` (`"TLSv1.3"`, the default, or `"TLSv1.2"`), `server_name` (string; none by default), `ciphers` (array of names or integers), `groups` and `protocols` (arrays of names): what the client offers; `alter` (function, or table from the name of a message to a function): called with each message before it is sent, and the `ssl.testing.Peer`; what it returns is what `ssl.testing.tap.message` says; `script` (function: called with the peer in place of the handshake), `talk` (function: called with the peer after the handshake), `timeout` (number: seconds to wait for the server each time; 5 by default).
---@return ssl.testing.AttackOutcome # a table: `ok` (boolean: whether the handshake went to its end), `alert` (string: the name of the alert that the server sent), `ended` (`"end"`, `"reset"`, `"timeout"` if the server said nothing and did not end the connection, or `"flood"` if it did not stop to say something), `error` (string: what the attack expected in vain), `value` (what `script` or `talk` returned), `messages` (array: all that the server sent) and `wire` (`ssl.testing.Wire`)
function testing.attack(host, port, options) end

---Makes an authority from a certificate and a private key that you have already, so that you can
---add to a folder of certificates.
---@param cert string in PEM or DER.
---@param key string in PEM or DER.
---@return ssl.testing.CA # a `ssl.testing.CA`
function testing.load_ca(cert, key) end

---Goes through all identities of `ssl.testing.broken`, in the order of the manual.
---@param ca ssl.testing.CA as for `ssl.testing.broken`.
---@param host string as for `ssl.testing.broken`.
---@return (fun(): ssl.testing.BrokenIdentity?) # an iterator over `ssl.testing.BrokenIdentity`
function testing.each_broken(ca, host) end

---Sends a client through every broken identity of `ssl.testing.broken` and every way in
---which a test's server can misbehave, and tells what the client accepted. The client
---may be of any language. Each server is an HTTPS server whose only page is `/`, with
---the body `hello`.
---@param client (string|(fun(host: string, port: integer, cafile: string): any)) a command, or a function. A command is one program with its arguments; `{host}`, `{port}`, `{cafile}` and `{url}` stand for what it has to connect to, and for a file with the authority to trust. It has accepted the server if its exit status is 0. A function gets `host`, `port` and `cafile`, runs in a process of its own, and returns true if it has accepted the server; if it returns false or raises an error, it has refused.
---@param options? { deadline?: number, jobs?: integer, only?: string[] } `deadline` (number: seconds for each trial, 10 by default; a client that takes longer has `"hung"`), `jobs` (integer: trials at a time, 4 by default), `only` (array: names of trials; all by default).
---@return ssl.testing.GauntletResult # a `ssl.testing.GauntletResult`
function testing.gauntlet(client, options) end

---Joins a client and a server in memory: by a stream, or by datagrams if the contexts are for
---DTLS. They need no port and no second process, and each run takes the same steps.
---@param options { client: ssl.SSLContext, server: ssl.SSLContext, server_hostname?: string, session?: ssl.SSLSession, tap?: ssl.testing.Tap } `client` and `server` (`SSLContext`s), `server_hostname` (string: the name that the client asks for), `session` (`SSLSession` to resume), `tap` (function: see `ssl.testing.tap`).
---@return ssl.testing.Pair # a `ssl.testing.Pair`
function testing.pair(options) end

---Runs a proxy between any two programs until the test ends. It carries TCP, whatever is
---in it, and does to each direction what a bad network does, always in the same way.
---@param target (integer|string|ssl.testing.Server) where the bytes go: a port of this machine, `"host:port"`, or a test's server.
---@param options? { client?: ssl.testing.Faults, server?: ssl.testing.Faults, script?: (fun(n: integer): ssl.testing.BothFaults?), seed?: integer } `client` and `server` (tables: the faults of what that side sends), `script` (function: gets the number of a connection, from 1, and returns a table of `client` and `server` for it; it runs in a process of its own), or `seed` (integer: each connection has one fault, which the seed and its number choose).
---@return ssl.testing.Proxy # a `ssl.testing.Proxy`
function testing.wire_proxy(target, options) end

---Begins a scope: what the kit makes from now on (servers, folders of files) ends when
---the scope does. Busted needs none, since each of its tests is one. Under other
---frameworks, begin one in `setUp` and close it in `tearDown`.
---@return ssl.testing.Scope # a `ssl.testing.Scope`
function testing.scope() end

---Chooses what the kit takes for random, so that a run can be repeated: with the same
---seed, the same calls make the same keys, serial numbers, signatures and certificates,
---and a server in the test's own process wakes its connections in the same order. The
---connections' own random bytes stay OpenSSL's: nothing makes TLS itself predictable.
---@param n? (integer|false) the seed. By default it is that of the variable `SSL_TESTING_SEED` of the environment, or a new one.
---@return integer? # the seed
function testing.seed(n) end

---A random number of the seed's stream, as `math.random` gives: a float from 0 to 1, an
---integer from 1 to `m`, or one from `m` to `n`. Without a seed it is `math.random`'s.
---@param m? integer
---@param n? integer
---@return number
function testing.random(m, n) end

---Starts a TLS server on a free port of 127.0.0.1. It runs in a child process, so your client
---may block, or be another program. Under busted the server ends with the test; otherwise when
---you close it, or when it is collected.
---@param options? ssl.testing.ServerOptions any of the following fields.
---@return ssl.testing.Server # a `ssl.testing.Server`
function testing.server(options) end

---Starts an HTTPS server for a test.
---@param routes table<string, ssl.testing.Answer|ssl.testing.Handler> the answers, by paths. An answer is a string (the body), a table with `status` (integer), `headers` (table) and `body` (string), or a function. The function gets the request (a table with `method`, `path`, `headers` and `body`) and the `SSLSocket`, and returns an answer.
---@param options? ssl.testing.ServerOptions as for `ssl.testing.server`, without `handler`.
---@return ssl.testing.Server # a `ssl.testing.Server`
function testing.https(routes, options) end

---Runs a server of TLS 1.3 or 1.2 that says what you want, for clients of any program.
---Without options it makes an honest handshake and waits for the client to end the
---connection.
---@param options? { identity?: ssl.testing.Identity, ca?: ssl.testing.CA, in_process?: boolean, version?: "TLSv1.3"|"TLSv1.2", alter?: table|(fun(message: ssl.testing.Message, peer: ssl.testing.Peer): any), script?: (fun(peer: ssl.testing.Peer): any), talk?: (fun(peer: ssl.testing.Peer): any), timeout?: number } `identity`, `ca` and `in_process`, as for `ssl.testing.server`; `version`, `alter`, `script`, `talk` and `timeout`, as for `ssl.testing.attack`. With `version = "TLSv1.2"` the server speaks that even if the client offers more.
---@return ssl.testing.Server # a `ssl.testing.Server`
function testing.attacker_server(options) end

---Stands for a value in a message, of any kind, which is written as these bytes, with no
---length before them.
---@param bytes string
---@return table # a value for a field of a `ssl.testing.Message`
function testing.raw(bytes) end

---Keeps what a connection of yours says from now on: to see how your program talks to
---any server.
---@param conn ssl.SSLSocket wrap it with `do_handshake_on_connect = false` to see its handshake too.
---@return ssl.testing.Wire # a `ssl.testing.Wire`
function testing.watch(conn) end

testing.policy = policy

testing.tap = tap

return testing
