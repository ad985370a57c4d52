---@meta ssl
-- Written by `make manual` from the doc comments of the sources.

---@alias ssl.EarlyDataCallback fun(conn: ssl.Connection, random: string): boolean

---@alias ssl.MessageCallback fun(conn: ssl.Connection, direction: "read"|"write", version: integer, content: integer, message: integer, data: string)

---@alias ssl.Waiter fun(conn: ssl.Connection, event: "read"|"write", timeout?: number): boolean?

---@alias ssl.Connection ssl.SSLSocket|ssl.SSLObject

---@alias ssl.Password string|ssl.bytearray|(fun(): (string|ssl.bytearray))

---@alias ssl.OCSPCallback fun(ok: boolean, code: integer, response: string?, conn: ssl.Connection): boolean?

---@alias ssl.PSKClientCallback fun(hint: string?, identity_size: integer, key_size: integer): string?, (string|ssl.bytearray)

---@alias ssl.PSKServerCallback fun(identity: string?, key_size: integer): (string|ssl.bytearray)

---@alias ssl.ClientHelloCallback fun(conn: ssl.Connection, hello: ssl.ClientHello): integer?

---@alias ssl.CertificateCallback fun(conn: ssl.Connection)

---@alias ssl.ServerNameCallback fun(conn: ssl.Connection, name: string?, context: ssl.SSLContext): integer?

---@alias ssl.Secret string|ssl.bytearray

---@alias ssl.VerifyCallback fun(ok: boolean, error: integer, depth: integer, der: string?, conn: ssl.Connection, key: string?): boolean?

---@alias ssl.Socket integer|table|userdata

---@class ssl
---`verify_mode`: the peer's certificate is not looked at.
---@field CERT_NONE integer
---`verify_mode`: a certificate is verified if there is one.
---@field CERT_OPTIONAL integer
---`verify_mode`: the peer must have a certificate, and it is verified.
---@field CERT_REQUIRED integer
---`verify_flags`: revocation lists are not looked at.
---@field VERIFY_DEFAULT integer
---`verify_flags`: the peer's certificate is sought in its issuer's CRL.
---@field VERIFY_CRL_CHECK_LEAF integer
---`verify_flags`: every certificate of the chain is sought in a CRL.
---@field VERIFY_CRL_CHECK_CHAIN integer
---`verify_flags`: no leniency towards malformed certificates.
---@field VERIFY_X509_STRICT integer
---`verify_flags`: proxy certificates (RFC 3820) are accepted.
---@field VERIFY_ALLOW_PROXY_CERTS integer
---`verify_flags`: trusted certificates come before those the peer sent.
---@field VERIFY_X509_TRUSTED_FIRST integer
---`verify_flags`: a trusted intermediate certificate ends the chain.
---@field VERIFY_X509_PARTIAL_CHAIN integer
---Either role, the newest version both sides know. Deprecated: 3.10.
---@field PROTOCOL_TLS integer
---Clients: verifies certificate and host name unless told otherwise.
---@field PROTOCOL_TLS_CLIENT integer
---Servers.
---@field PROTOCOL_TLS_SERVER integer
---The same as `PROTOCOL_TLS`. Deprecated: 3.6.
---@field PROTOCOL_SSLv23 integer
---SSL 3.0 and nothing else; insecure. Deprecated: 3.6.
---@field PROTOCOL_SSLv3 integer
---TLS 1.0 and nothing else. Deprecated: 3.6.
---@field PROTOCOL_TLSv1 integer
---TLS 1.1 and nothing else. Deprecated: 3.6.
---@field PROTOCOL_TLSv1_1 integer
---TLS 1.2 and nothing else. Deprecated: 3.6.
---@field PROTOCOL_TLSv1_2 integer
---Clients that speak DTLS 1.2, over datagrams; otherwise as `PROTOCOL_TLS_CLIENT`.
---@field PROTOCOL_DTLS_CLIENT integer
---Servers that speak DTLS 1.2, over datagrams.
---@field PROTOCOL_DTLS_SERVER integer
---`options`: workarounds for the bugs of other implementations.
---@field OP_ALL integer
---`options`: no SSL 2.0; 0, since OpenSSL has none. Deprecated: 3.6.
---@field OP_NO_SSLv2 integer
---`options`: no SSL 3.0. Deprecated: 3.6.
---@field OP_NO_SSLv3 integer
---`options`: no TLS 1.0. Deprecated: 3.7.
---@field OP_NO_TLSv1 integer
---`options`: no TLS 1.1. Deprecated: 3.7.
---@field OP_NO_TLSv1_1 integer
---`options`: no TLS 1.2. Deprecated: 3.7.
---@field OP_NO_TLSv1_2 integer
---`options`: no TLS 1.3. Since 3.6.3; deprecated: 3.7.
---@field OP_NO_TLSv1_3 integer
---`options`: no renegotiation of TLS 1.2 and older. Since 3.7.
---@field OP_NO_RENEGOTIATION integer
---`options`: the server's order of ciphers decides, not the client's.
---@field OP_CIPHER_SERVER_PREFERENCE integer
---`options`: a new DH key for each session; always so, hence 0.
---@field OP_SINGLE_DH_USE integer
---`options`: a new ECDH key for each session; always so, hence 0.
---@field OP_SINGLE_ECDH_USE integer
---`options`: the dummy messages that middleboxes want in TLS 1.3.
---@field OP_ENABLE_MIDDLEBOX_COMPAT integer
---`options`: no compression.
---@field OP_NO_COMPRESSION integer
---`options`: the client asks for no session ticket.
---@field OP_NO_TICKET integer
---`options`: an end without closing alert counts as a good one.
---@field OP_IGNORE_UNEXPECTED_EOF integer
---`options`: tickets for early data are not for one use: see `max_early_data`.
---@field OP_NO_ANTI_REPLAY integer
---`options`: the kernel's TLS; not for an `SSLSocket`, which has no BIO for it. Since 3.12.
---@field OP_ENABLE_KTLS integer
---`options`: servers without secure renegotiation are talked to.
---@field OP_LEGACY_SERVER_CONNECT integer
---`options`: a client looks as if it had encrypted its ClientHello. An addition.
---@field OP_ECH_GREASE integer
---Alert 0: the sender will send no more.
---@field ALERT_DESCRIPTION_CLOSE_NOTIFY integer
---Alert 10: a message came that has no place here.
---@field ALERT_DESCRIPTION_UNEXPECTED_MESSAGE integer
---Alert 20: a record was damaged or forged.
---@field ALERT_DESCRIPTION_BAD_RECORD_MAC integer
---Alert 22: a record was too long.
---@field ALERT_DESCRIPTION_RECORD_OVERFLOW integer
---Alert 30: compressed data was not understood.
---@field ALERT_DESCRIPTION_DECOMPRESSION_FAILURE integer
---Alert 40: no parameters that both sides accept.
---@field ALERT_DESCRIPTION_HANDSHAKE_FAILURE integer
---Alert 42: the certificate is damaged.
---@field ALERT_DESCRIPTION_BAD_CERTIFICATE integer
---Alert 43: the certificate is of an unsupported type.
---@field ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE integer
---Alert 44: the certificate was revoked.
---@field ALERT_DESCRIPTION_CERTIFICATE_REVOKED integer
---Alert 45: the certificate has expired.
---@field ALERT_DESCRIPTION_CERTIFICATE_EXPIRED integer
---Alert 46: the certificate is not accepted for another reason.
---@field ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN integer
---Alert 47: a field was out of range or inconsistent.
---@field ALERT_DESCRIPTION_ILLEGAL_PARAMETER integer
---Alert 48: the certificate leads to no trusted authority.
---@field ALERT_DESCRIPTION_UNKNOWN_CA integer
---Alert 49: the certificate is valid, but access is refused.
---@field ALERT_DESCRIPTION_ACCESS_DENIED integer
---Alert 50: a message could not be decoded.
---@field ALERT_DESCRIPTION_DECODE_ERROR integer
---Alert 51: a signature or a key exchange failed.
---@field ALERT_DESCRIPTION_DECRYPT_ERROR integer
---Alert 70: the protocol version is not supported.
---@field ALERT_DESCRIPTION_PROTOCOL_VERSION integer
---Alert 71: the server asks for stronger ciphers.
---@field ALERT_DESCRIPTION_INSUFFICIENT_SECURITY integer
---Alert 80: an error that has nothing to do with the peer.
---@field ALERT_DESCRIPTION_INTERNAL_ERROR integer
---Alert 90: the handshake was given up.
---@field ALERT_DESCRIPTION_USER_CANCELLED integer
---Alert 100: renegotiation is refused.
---@field ALERT_DESCRIPTION_NO_RENEGOTIATION integer
---Alert 110: an extension came that was not asked for.
---@field ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION integer
---Alert 111: no certificate at the URL given (RFC 6066).
---@field ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE integer
---Alert 112: no server of that name here (RFC 6066).
---@field ALERT_DESCRIPTION_UNRECOGNIZED_NAME integer
---Alert 113: the OCSP response is bad (RFC 6066).
---@field ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE integer
---Alert 114: the certificate does not fit its hash (RFC 6066).
---@field ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE integer
---Alert 115: the identity of the pre-shared key is unknown (RFC 4279).
---@field ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY integer
---`errno` of `SSLZeroReturnError`.
---@field SSL_ERROR_ZERO_RETURN integer
---`errno` of `SSLWantReadError`.
---@field SSL_ERROR_WANT_READ integer
---`errno` of `SSLWantWriteError`.
---@field SSL_ERROR_WANT_WRITE integer
---`errno`: a certificate callback wants to be called again.
---@field SSL_ERROR_WANT_X509_LOOKUP integer
---`errno` of `SSLSyscallError`.
---@field SSL_ERROR_SYSCALL integer
---`errno` of an `SSLError` of the protocol.
---@field SSL_ERROR_SSL integer
---`errno`: the transport is not connected yet.
---@field SSL_ERROR_WANT_CONNECT integer
---`errno` of `SSLEOFError`; CPython's own number.
---@field SSL_ERROR_EOF integer
---`errno` of an unknown failure; CPython's own number.
---@field SSL_ERROR_INVALID_ERROR_CODE integer
---Whether `set_alpn_protocols` works (RFC 7301): always.
---@field HAS_ALPN boolean
---Whether `hostname_checks_common_name` can be unset: always. Since 3.7.
---@field HAS_NEVER_CHECK_COMMON_NAME boolean
---Whether there is key exchange by elliptic curves: always.
---@field HAS_ECDH boolean
---Whether there is Server Name Indication (RFC 6066): always.
---@field HAS_SNI boolean
---Whether `set_npn_protocols` works, the forerunner of ALPN.
---@field HAS_NPN boolean
---Whether there is SSL 2.0: never. Since 3.7.
---@field HAS_SSLv2 boolean
---Whether there is SSL 3.0. Since 3.7.
---@field HAS_SSLv3 boolean
---Whether there is TLS 1.0. Since 3.7.
---@field HAS_TLSv1 boolean
---Whether there is TLS 1.1. Since 3.7.
---@field HAS_TLSv1_1 boolean
---Whether there is TLS 1.2. Since 3.7.
---@field HAS_TLSv1_2 boolean
---Whether there is TLS 1.3. Since 3.7.
---@field HAS_TLSv1_3 boolean
---Whether there is DTLS 1.2: `PROTOCOL_DTLS_CLIENT` and `PROTOCOL_DTLS_SERVER`.
---@field HAS_DTLSv1_2 boolean
---Whether there are pre-shared keys. Since 3.13.
---@field HAS_PSK boolean
---Whether there are pre-shared keys in TLS 1.3. Since 3.15.
---@field HAS_PSK_TLS13 boolean
---Whether there is post-handshake authentication. Since 3.14.
---@field HAS_PHA boolean
---Whether there is Encrypted ClientHello (RFC 9849). An addition.
---@field HAS_ECH boolean
---Whether there is certificate compression (RFC 8879). An addition.
---@field HAS_CERTIFICATE_COMPRESSION boolean
---The version of OpenSSL that the program runs on, such as
---`"OpenSSL 3.0.2 15 Mar 2022"`. OpenSSL: `OpenSSL_version`. Since: CPython 3.2.
---@field OPENSSL_VERSION string
---The version of OpenSSL as one number: `0xMNNFFPPS`, where `S` (status) is 0 and `PP` is
---the patch release. OpenSSL: `OpenSSL_version_num`. Since: CPython 3.2.
---@field OPENSSL_VERSION_NUMBER integer
---The version of OpenSSL as `{major, minor, fix, patch, status}`. In OpenSSL 3, `fix` is 0,
---and `patch` is the third number of the version. Since: CPython 3.2.
---@field OPENSSL_VERSION_INFO integer[]
---The same class as `ssl.SSLCertVerificationError`. Since: CPython 2.7.
---@field CertificateError ssl.SSLCertVerificationError
---`shutdown`: no more reading.
---@field SHUT_RD integer
---`shutdown`: no more writing.
---@field SHUT_WR integer
---`shutdown`: neither.
---@field SHUT_RDWR integer
---`getsockopt`, `setsockopt`: the level of the `SO_` options.
---@field SOL_SOCKET integer
---`getsockopt`, `setsockopt`: the level of the `IP_` options.
---@field IPPROTO_IP integer
---`getsockopt`, `setsockopt`: the level of the `IPV6_` options.
---@field IPPROTO_IPV6 integer
---`getsockopt`, `setsockopt`: the level of the `TCP_` options.
---@field IPPROTO_TCP integer
---The type of a stream socket, as `getsockopt` of `SO_TYPE` tells it.
---@field SOCK_STREAM integer
---The type of a datagram socket.
---@field SOCK_DGRAM integer
---Whether the socket listens; to be read only.
---@field SO_ACCEPTCONN integer
---Whether datagrams may go to a broadcast address.
---@field SO_BROADCAST integer
---Whether the protocol records what it does.
---@field SO_DEBUG integer
---The address family; to be read only.
---@field SO_DOMAIN integer
---Whether nobody else may bind the same address; Windows only.
---@field SO_EXCLUSIVEADDRUSE integer
---Whether packets go to directly connected hosts only.
---@field SO_DONTROUTE integer
---The pending error number; reading it clears it.
---@field SO_ERROR integer
---Whether an idle connection is probed.
---@field SO_KEEPALIVE integer
---How closing treats what was not sent; a structure.
---@field SO_LINGER integer
---Whether urgent data stays in the stream.
---@field SO_OOBINLINE integer
---The priority of the packets.
---@field SO_PRIORITY integer
---The protocol number; to be read only.
---@field SO_PROTOCOL integer
---The size of the receive buffer.
---@field SO_RCVBUF integer
---The fewest bytes that count as readable.
---@field SO_RCVLOWAT integer
---The system's own timeout for receiving; a structure.
---@field SO_RCVTIMEO integer
---Whether an address that was in use may be bound again.
---@field SO_REUSEADDR integer
---Whether several sockets may be bound to one port.
---@field SO_REUSEPORT integer
---The size of the send buffer.
---@field SO_SNDBUF integer
---The fewest free bytes that count as writable.
---@field SO_SNDLOWAT integer
---The system's own timeout for sending; a structure.
---@field SO_SNDTIMEO integer
---The type of the socket; to be read only.
---@field SO_TYPE integer
---The type-of-service field of IPv4 packets.
---@field IP_TOS integer
---The time to live of IPv4 packets.
---@field IP_TTL integer
---The hop limit of IPv6 packets.
---@field IPV6_UNICAST_HOPS integer
---Whether an IPv6 socket refuses IPv4.
---@field IPV6_V6ONLY integer
---Whether only full packets are sent.
---@field TCP_CORK integer
---Seconds that `accept` may wait for the first data.
---@field TCP_DEFER_ACCEPT integer
---The queue length of TCP Fast Open (RFC 7413).
---@field TCP_FASTOPEN integer
---How many probes go unanswered before a connection is given up.
---@field TCP_KEEPCNT integer
---Idle seconds before the first probe.
---@field TCP_KEEPIDLE integer
---Seconds between two probes.
---@field TCP_KEEPINTVL integer
---The largest segment.
---@field TCP_MAXSEG integer
---Whether small packets are sent at once (Nagle's algorithm is off).
---@field TCP_NODELAY integer
---Whether acknowledgements are sent at once.
---@field TCP_QUICKACK integer
---Milliseconds that sent data may stay unacknowledged.
---@field TCP_USER_TIMEOUT integer
---The types of `get_channel_binding`: `"tls-unique"` (RFC 5929),
---`"tls-server-end-point"` (RFC 5929) and `"tls-exporter"` (RFC 9266). The last
---two are additions. Since: CPython 3.3.
---@field CHANNEL_BINDING_TYPES string[]
---The version of this module, `"MAJOR.MINOR.PATCH"`; `LSSL_VERSION` in `lssl.h` is the same.
---`ssl._VERSION` is the version of LuaSec whose API is here. Since: an addition.
---@field __version__ string
---What LuaSec's contexts can be given, for programs to choose by: `protocols`,
---`options`, `curves` (name → true), `algorithms` (`ec`) and `capabilities` (`alpn`,
---`psk`, `dane`, `curves_list`, `ecdh_auto`). Also `require "ssl.config"`.
---Since: LuaSec.
---@field config { protocols: table<string, true>, options: table<string, true>, curves: table<string, true>, algorithms: table<string, boolean>, capabilities: table<string, boolean> }
---The version of LuaSec whose API this module has besides its own, for programs that ask.
---Since: LuaSec.
---@field _VERSION string
---Whose module this is, where LuaSec says it. Since: LuaSec.
---@field _COPYRIGHT string
---The line a certificate in PEM begins with. Since: CPython 2.6.
---@field PEM_HEADER string
---The line a certificate in PEM ends with. Since: CPython 2.6.
---@field PEM_FOOTER string
local ssl = {}

---Makes an array of bytes that you can change: Python's `bytearray`, but of a fixed length.
---`#b` is its length. `b[i]` is the byte (integer 0 to 255) at `i`, counted from 1; you may
---set it.
---@class ssl.bytearray
---@field [integer] integer
---@overload fun(size: integer): ssl.bytearray
---@overload fun(string: (string|ssl.bytearray)): ssl.bytearray
local bytearray = {}

---Copies bytes into a string.
---@param i? integer the first and the last byte, counted as for `string.sub`; all bytes by default.
---@param j? integer the first and the last byte, counted as for `string.sub`; all bytes by default.
---@return string # a string
function bytearray:tostring(i, j) end

---Makes a bytearray that shares a part of this bytearray's memory, as Python's `memoryview`
---does. If you change one, the other changes too.
---@param i? integer the first and the last byte, counted as for `string.sub`; all bytes by default.
---@param j? integer the first and the last byte, counted as for `string.sub`; all bytes by default.
---@return ssl.bytearray # a `bytearray`
function bytearray:slice(i, j) end

ssl.bytearray = bytearray

---@class ssl.Counters
---@field contexts integer
---@field connections integer
---@field contexts_made integer
---@field connections_made integer
---@field handshakes integer
---@field resumptions integer
---@field handshakes_failed integer
---@field handshakes_rejected integer
---@field bytes_read integer
---@field bytes_written integer
---@field refusals integer
---@field memory? integer
---@field memory_peak? integer

---The class of all error objects of this module. An error object has a `message`
---(string), which is Python's `str` of the error, and the fields of its class.
---`tostring` puts the caller's `file:line:` before the message.
---@class ssl.Error
---@field message string
---@overload fun(message: string): ssl.Error
local Error = {}

ssl.Error = Error

---A call to the operating system failed. The fields are `errno` (integer), `strerror`
---(string), and for a file its `filename` (string). A subclass of `ssl.Error`.
---Since: CPython 3.2.
---@class ssl.OSError: ssl.Error
---@field errno? integer
---@field strerror? string
---@field filename? string
---@field sent? integer
---@overload fun(message: string): ssl.OSError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.OSError
local OSError = {}

ssl.OSError = OSError

---The timeout of a socket ended before the call did. This is Python's
---`socket.timeout`. A subclass of `ssl.OSError`. Since: CPython 3.2.
---@class ssl.TimeoutError: ssl.OSError
---@overload fun(message: string): ssl.TimeoutError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.TimeoutError
local TimeoutError = {}

ssl.TimeoutError = TimeoutError

---TLS, or OpenSSL's reading of a certificate or key, failed. A subclass of
---`ssl.OSError`. Its fields are:
---@class ssl.SSLError: ssl.OSError
---@field library? string
---@field reason? string
---@field cause? any
---@field ech_retry? string
---@overload fun(message: string): ssl.SSLError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLError
local SSLError = {}

ssl.SSLError = SSLError

---The peer has closed the TLS connection in good order, and there is nothing more to
---read. `recv` and `read` of a socket return nil instead of raising this error. A
---subclass of `ssl.SSLError`. OpenSSL: `SSL_ERROR_ZERO_RETURN`. Since: CPython 3.3.
---@class ssl.SSLZeroReturnError: ssl.SSLError
---@overload fun(message: string): ssl.SSLZeroReturnError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLZeroReturnError
local SSLZeroReturnError = {}

ssl.SSLZeroReturnError = SSLZeroReturnError

---A call that must not wait needs bytes from the peer. Wait until the socket (or the
---incoming `MemoryBIO`) is readable, then make the same call again. A subclass of
---`ssl.SSLError`.
---@class ssl.SSLWantReadError: ssl.SSLError
---@overload fun(message: string): ssl.SSLWantReadError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLWantReadError
local SSLWantReadError = {}

ssl.SSLWantReadError = SSLWantReadError

---A call that must not wait has to send first. Wait until the socket is writable, then
---make the same call again. Otherwise it is like `ssl.SSLWantReadError`.
---OpenSSL: `SSL_ERROR_WANT_WRITE`. Since: CPython 3.3.
---@class ssl.SSLWantWriteError: ssl.SSLError
---@overload fun(message: string): ssl.SSLWantWriteError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLWantWriteError
local SSLWantWriteError = {}

ssl.SSLWantWriteError = SSLWantWriteError

---The system reported an error to OpenSSL, and OpenSSL gives no errno for it. A
---subclass of `ssl.SSLError`. OpenSSL: `SSL_ERROR_SYSCALL`. Since: CPython 3.3.
---@class ssl.SSLSyscallError: ssl.SSLError
---@overload fun(message: string): ssl.SSLSyscallError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLSyscallError
local SSLSyscallError = {}

ssl.SSLSyscallError = SSLSyscallError

---The connection ended without the closing alert of TLS, so somebody may have cut the
---data short. A subclass of `ssl.SSLError`. OpenSSL:
---`SSL_R_UNEXPECTED_EOF_WHILE_READING`. Since: CPython 3.3.
---@class ssl.SSLEOFError: ssl.SSLError
---@overload fun(message: string): ssl.SSLEOFError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLEOFError
local SSLEOFError = {}

ssl.SSLEOFError = SSLEOFError

---The peer's certificate was not accepted. A subclass of `ssl.SSLError` and of
---`ssl.ValueError`. `ssl.CertificateError` is the same class. Its fields are:
---@class ssl.SSLCertVerificationError: ssl.SSLError, ssl.ValueError
---@field verify_code? integer
---@field verify_message? string
---@field rule? string
---@field section? string
---@field depth? integer
---@field certificate? string
---@field chain? string[]
---@overload fun(message: string): ssl.SSLCertVerificationError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.SSLCertVerificationError
local SSLCertVerificationError = {}

ssl.SSLCertVerificationError = SSLCertVerificationError

---A value has the right type, but cannot be used. A subclass of `ssl.Error`.
---Since: CPython 2.6.
---@class ssl.ValueError: ssl.Error
---@overload fun(message: string): ssl.ValueError
local ValueError = {}

ssl.ValueError = ValueError

---The system does not allow the operation, or the host of this Lua state does not, by a
---limit (see docs/embedding.md). A subclass of `ssl.OSError`. `errno` is EPERM (1) or
---EACCES. `limit` (string) names the host's limit: `"files"`, `"sockets"`, `"insecure"`,
---`"processes"`, `"changes"`, `"contexts"`, `"connections"`, `"memory"`.
---Since: CPython 3.3; `limit` is an addition.
---@class ssl.PermissionError: ssl.OSError
---@field limit? string
---@overload fun(message: string): ssl.PermissionError
---@overload fun(errno: integer, strerror: string, filename?: string): ssl.PermissionError
local PermissionError = {}

ssl.PermissionError = PermissionError

---This build, or the OpenSSL that it runs on, does not have the feature. A subclass of
---`ssl.Error`. Since: CPython 2.6.
---@class ssl.NotImplementedError: ssl.Error
---@overload fun(message: string): ssl.NotImplementedError
local NotImplementedError = {}

ssl.NotImplementedError = NotImplementedError

---@class ssl.MemoryBIO.Named
---whether the queue keeps the borders of what is written into it, as DTLS needs it; false by default. Each `write` then adds one datagram, and each `read` takes one. An addition.
---@field datagrams? boolean

---Makes an empty queue of bytes. An `SSLObject` has two of them, one in each direction: see
---`SSLContext:wrap_bio`.
---@class ssl.MemoryBIO
---The number of bytes that wait in the queue, in all. Since: CPython 3.5.
---@field pending integer
---Whether the queue is empty and `write_eof` has been called.
---Since: CPython 3.5.
---@field eof boolean
---@overload fun(datagrams?: boolean): ssl.MemoryBIO
---@overload fun(named: ssl.MemoryBIO.Named): ssl.MemoryBIO
local MemoryBIO = {}

---Takes bytes from the start of the queue; of a queue of datagrams, the first datagram.
---@param n? integer how many bytes to take at most. It takes all if `n` is negative or nil. What is left of a datagram is lost.
---@return string # a string; `""` if the queue is empty
function MemoryBIO:read(n) end

---Adds bytes at the end of the queue; to a queue of datagrams, one datagram.
---@param data (string|ssl.bytearray) the bytes. If they are empty, nothing is added.
---@return integer # the number of bytes written (integer): all of them
function MemoryBIO:write(data) end

---Marks the end of the stream. When the queue is empty, its reader then learns that no more
---bytes will come. From now on, `write` raises `SSLError`.
function MemoryBIO:write_eof() end

ssl.MemoryBIO = MemoryBIO

---A TLS connection without a socket. It reads the peer's bytes from one `MemoryBIO`, and
---writes its own bytes into another. Your program moves the bytes. No method waits: a
---method that lacks bytes raises `SSLWantReadError`. `SSLContext:wrap_bio` makes an
---`SSLObject`. Since: CPython 3.5.
---@class ssl.SSLObject
---The context of the connection.
---@field context ssl.SSLContext
---Whether this is the server's side of the connection. Since: CPython 3.2.
---@field server_side boolean
---The name of the server that you gave, in its ASCII form. On the server's side,
---it is nil. Since: CPython 3.2.
---@field server_hostname string?
---The session of the connection. To resume an earlier connection, a client sets
---the attribute to that connection's session before the handshake. Both
---connections must have the same context.
---@field session ssl.SSLSession?
---Whether the handshake resumed an earlier session. It is nil for a socket that is
---not connected. OpenSSL: `SSL_session_reused`. Since: CPython 3.6.
---@field session_reused boolean?
---The largest datagram that the connection sends, in bytes, without the headers of IP
---and UDP. The default, 1232, passes through every network that carries IPv6. A
---smaller number is needed where something else is wrapped around the datagrams, and a
---larger one saves datagrams where you know the network. The messages of the handshake
---are cut into pieces that fit; they are never larger than 4096 bytes. What you send is
---not cut: see `max_datagram`. For a connection that does not speak DTLS, it is nil.
---@field mtu integer?
---How many bytes `send` can send at once: what is left of a datagram of `mtu` bytes
---after the headers and the checksum of DTLS, 16384 at most. Before the handshake is
---done, and for a connection that does not speak DTLS, it is nil.
---OpenSSL: `DTLS_get_data_mtu`. Since: an addition.
---@field max_datagram integer?
---What became of the client's early data: `"accepted"`; `"rejected"` if the server has
---dropped them, and they have to be sent again; or `"not_sent"`. It is nil as long as
---that is not known: a client knows after the handshake.
---OpenSSL: `SSL_get_early_data_status`. Since: an addition.
---@field early_data_status ("accepted"|"rejected"|"not_sent"|nil)
---Whether the server asked for a second ClientHello in the handshake, and so made it a
---round trip longer: the client guessed a key exchange that the server does not want.
---Put the group that the server wants first in `SSLContext:set_groups`, to avoid that.
---It is false before TLS 1.3. RFC 8446, 4.1.4. Since: an addition.
---@field hello_retry boolean
---How it went with Encrypted ClientHello: `"success"` if the name was encrypted and the
---handshake is the one that was encrypted. Others are OpenSSL's `SSL_ECH_STATUS_*` in
---lower case: `"not_configured"` and `"not_tried"` if there was nothing to encrypt,
---`"grease"` if the client only looked as if it did (`ssl.OP_ECH_GREASE`), `"grease_ech"`
---if the server sent configurations in answer to that, `"failed_ech"` if the server could
---not decrypt and sent newer configurations, `"failed_ech_bad_name"` if it did and has no
---certificate for the public name, `"bad_name"`, `"backend"` and `"failed"`.
---nil before OpenSSL 4.0 (`ssl.HAS_ECH`), and if there is no TLS connection.
---OpenSSL: `SSL_ech_get1_status`. Since: an addition.
---@field ech_status string?
---The configurations (bytes of an ECHConfigList) that the server wants this client to use
---for Encrypted ClientHello from now on, for `set_ech_config`. nil if the server sent
---none, or did not prove that it is the server of the public name.
---OpenSSL: `SSL_ech_get1_retry_config`; RFC 9849, 6.1.6. Since: an addition.
---@field ech_retry string?
---The oldest version of TLS that this connection speaks, one of `ssl.TLSVersion`.
---At first it is its context's. Setting it raises as for
---`SSLContext.minimum_version`, and `OSError` if there is no TLS connection. It
---has to be set before the version is agreed on: before the handshake, or in
---`client_hello_callback`. OpenSSL: `SSL_set_min_proto_version`.
---Since: an addition.
---@field minimum_version integer
---The newest version of TLS that this connection speaks; otherwise as
---`minimum_version`. OpenSSL: `SSL_set_max_proto_version`. Since: an addition.
---@field maximum_version integer
local SSLObject = {}

---@class ssl.SSLObject.peek.Named
---how many bytes to show at most; 1024 by default. One call shows no more than 16384 bytes, and no more than have come. A second call may show no more than the first, so you cannot wait for a whole message by `peek`.
---@field len? integer

---Shows the next bytes without taking them: the next `recv` returns them again. A
---server can tell by them which protocol a client speaks. Like `recv`, `peek` waits
---only if no bytes have come.
---@param len? integer how many bytes to show at most; 1024 by default. One call shows no more than 16384 bytes, and no more than have come. A second call may show no more than the first, so you cannot wait for a whole message by `peek`.
---@return string? # a string, or nil at the end of the stream
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.peek.Named): string?
function SSLObject:peek(len) end

---@class ssl.SSLObject.key_update.Named
---whether to ask the peer to change its key too; false by default.
---@field request? boolean

---Changes the key that this side encrypts with. An attacker who learns the new key
---cannot read what the old key protected. Call it on connections that live long or
---carry much: OpenSSL changes a key by itself only before the key is used up.
---@param request? boolean whether to ask the peer to change its key too; false by default.
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.key_update.Named)
function SSLObject:key_update(request) end

---Tells the peer that this side sends no more data. You can still read: `recv`
---returns the peer's data, and nil at its end. After that, `unwrap` returns at
---once. Writing raises `SSLError` from now on.
function SSLObject:send_close_notify() end

---@return integer # the number of bytes (integer) that are decrypted and wait to be read
function SSLObject:pending() end

---@class ssl.SSLObject.get_channel_binding.Named
---one of `ssl.CHANNEL_BINDING_TYPES`: `"tls-unique"` (the default, but not for TLS 1.3), `"tls-server-end-point"` or `"tls-exporter"`.
---@field cb_type? ("tls-unique"|"tls-server-end-point"|"tls-exporter")

---@param cb_type? ("tls-unique"|"tls-server-end-point"|"tls-exporter") one of `ssl.CHANNEL_BINDING_TYPES`: `"tls-unique"` (the default, but not for TLS 1.3), `"tls-server-end-point"` or `"tls-exporter"`.
---@return string? # bytes that identify the connection
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.get_channel_binding.Named): string?
function SSLObject:get_channel_binding(cb_type) end

---@class ssl.SSLObject.export_keying_material.Named
---what the bytes are for, as registered with IANA.
---@field label? string
---how many bytes, up to 16384.
---@field length? integer
---other data to which to bind the bytes.
---@field context? (string|ssl.bytearray)

---Derives secret bytes from the connection. Both sides get the same bytes, and no
---one else can derive them.
---@param label string what the bytes are for, as registered with IANA.
---@param length integer how many bytes, up to 16384.
---@param context? (string|ssl.bytearray) other data to which to bind the bytes.
---@return string # a string
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.export_keying_material.Named): string
---@overload fun(self: ssl.SSLObject, label: string, named: ssl.SSLObject.export_keying_material.Named): string
---@overload fun(self: ssl.SSLObject, label: string, length: integer, named: ssl.SSLObject.export_keying_material.Named): string
function SSLObject:export_keying_material(label, length, context) end

---Sends what the peer has not answered again, if the time for that has come. DTLS
---repeats what it sends in the handshake until the peer answers, because datagrams get
---lost. Calls that wait do this by themselves. If your program never lets a call wait,
---call this method when the time that `timeout` tells has passed; or call
---`do_handshake`, which does the same.
---@return boolean # whether it has sent something (boolean)
function SSLObject:handle_timeout() end

---Tells which profile of SRTP the peers have agreed on: see
---`SSLContext:set_srtp_profiles`.
---@return string? # its name (string), or nil if there is none
function SSLObject:selected_srtp_profile() end

---Derives a class from `ssl.SSLObject`, as `SSLSocket:extend` does from
---`ssl.SSLSocket`; for a context's `sslobject_class`.
---@param members? table methods and other values, which are copied.
---@return table # the class (table)
function SSLObject:extend(members) end

---@class ssl.SSLObject.read_early_data.Named
---how many bytes to return at most; 16384 by default, and at most.
---@field len? integer

---Reads early data, as a server, in place of the first part of the handshake. Call it
---until it returns nil. Then call `do_handshake`, or go on with `recv`. Anyone could
---have sent early data before: read `SSLContext.max_early_data` first.
---@param len? integer how many bytes to return at most; 16384 by default, and at most.
---@return string? # a string, or nil if there are no more, or none at all
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.read_early_data.Named): string?
function SSLObject:read_early_data(len) end

---@class ssl.SSLObject.write_early_data.Named
---the bytes.
---@field data? (string|ssl.bytearray)

---Sends early data: as a client, before the handshake, to a server whose session the
---connection resumes. The server gets them with the first flight, one round trip
---earlier. They can be replayed: see `SSLContext.max_early_data`. Send nothing that
---does harm if the server acts on it twice.
---@param data (string|ssl.bytearray) the bytes.
---@return integer # their number (integer)
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.write_early_data.Named): integer
function SSLObject:write_early_data(data) end

---Tells which cipher the connection uses.
---@return string? # its name, the version of the protocol that defines it, and the number of its secret bits
---@return string?
---@return integer?
function SSLObject:cipher() end

---The ciphers that both sides offered.
---@return { [1]: string, [2]: string, [3]: integer }[]? # an array of `{name, protocol, bits}`; nil for a client, or before the handshake
function SSLObject:shared_ciphers() end

---Tells which compression the connection uses. This is nil: compressed TLS leaks
---the data that it carries, so OpenSSL is built without it.
---@return string? # a string or nil
function SSLObject:compression() end

---The version of the protocol in use, such as `"TLSv1.3"`.
---@return string? # a string; nil before the handshake is done
function SSLObject:version() end

---Tells which protocol both sides have agreed on: see
---`SSLContext:set_alpn_protocols`.
---@return string? # a string, or nil if they agreed on none
function SSLObject:selected_alpn_protocol() end

---Tells which protocol both sides have agreed on by NPN: see
---`SSLContext:set_npn_protocols`. NPN is the forerunner of ALPN, and TLS 1.3 does
---not have it. Deprecated.
---@return string? # a string, or nil
function SSLObject:selected_npn_protocol() end

---The group (curve) of the key exchange, such as `"x25519"`.
---@return string? # a string; nil before there is one, or if there was no exchange
function SSLObject:group() end

---Tells which algorithm the server signed the handshake with. The names are those
---of RFC 8446, 4.2.3, such as `"ecdsa_secp256r1_sha256"`.
---@return string? # a string, or nil if the server signed nothing, as when a session is resumed
function SSLObject:server_sigalg() end

---Tells which algorithm the client signed the handshake with. The name is as for
---`server_sigalg`.
---@return string? # a string, or nil if the client showed no certificate
function SSLObject:client_sigalg() end

---Goes on with the handshake as far as the bytes in the queues allow.
function SSLObject:do_handshake() end

---@class ssl.SSLObject.read.Named
---how many bytes to read at most; 1024 by default.
---@field len? integer
---where to put the bytes.
---@field buffer? ssl.bytearray

---Reads decrypted bytes.
---@param len? integer how many bytes to read at most; 1024 by default.
---@return string? # a string, or nil at the end of the stream
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.read.Named): string?
---@overload fun(self: ssl.SSLObject, len: integer?, buffer: ssl.bytearray): integer
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.read.Named): integer
---@overload fun(self: ssl.SSLObject, len: integer?, named: ssl.SSLObject.read.Named): integer
function SSLObject:read(len) end

---Encrypts bytes, and writes them into the outgoing queue.
---@param data (string|ssl.bytearray) the bytes.
---@return integer # the number of bytes (integer)
function SSLObject:write(data) end

---Ends TLS in good order. It sends close_notify, and needs the peer's.
function SSLObject:unwrap() end

---Tells when DTLS sends again what the peer has not answered.
---@return number? # the number of seconds until `handle_timeout` has something to do, 0 if it has now; or nil if nothing waits for an answer, as after the handshake, and with TLS
function SSLObject:timeout() end

---Tells a function what the connection sends, receives and keeps secret, from now on.
---`ssl.testing` draws connections with it; programs have no use for it.
---@param f ((fun(kind: "read"|"write"|"secret", data: string))|nil) called with a kind and a string. `"read"` and `"write"` come with the bytes that OpenSSL takes from the network and gives to it; an `SSLObject` has neither, because its owner moves the bytes. `"secret"` comes with a line of the log that `SSLContext.keylog_filename` describes. If the function raises an error, the call in progress raises it. nil ends it.
function SSLObject:_observe(f) end

---@class ssl.SSLObject.load_cert_chain.Named
---paths, as for `SSLContext:load_cert_chain`.
---@field certfile? string
---paths, as for `SSLContext:load_cert_chain`.
---@field keyfile? string
---of an encrypted key, as there.
---@field password? ssl.Password
---the contents instead of a file's name.
---@field certdata? (string|ssl.bytearray)
---the contents instead of a file's name.
---@field keydata? (string|ssl.bytearray)

---Loads the certificate that this connection alone shows to its peer, in place of
---its context's of the same kind of key. Call it before the handshake, or in
---`client_hello_callback` and `certificate_callback`.
---@param certfile string paths, as for `SSLContext:load_cert_chain`.
---@param keyfile? string paths, as for `SSLContext:load_cert_chain`.
---@param password? ssl.Password of an encrypted key, as there.
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.load_cert_chain.Named)
---@overload fun(self: ssl.SSLObject, certfile: string, named: ssl.SSLObject.load_cert_chain.Named)
---@overload fun(self: ssl.SSLObject, certfile: string, keyfile: string, named: ssl.SSLObject.load_cert_chain.Named)
function SSLObject:load_cert_chain(certfile, keyfile, password) end

---@class ssl.SSLObject.set_ech_config.Named
---as for the context; nil for none.
---@field config? (string|ssl.bytearray|nil)

---Has this client's connection alone encrypt its ClientHello, or not: see
---`SSLContext:set_ech_config`. Call it before the handshake: on an `SSLObject`, or on a
---socket that is wrapped with `do_handshake_on_connect = false`.
---@param config (string|ssl.bytearray|nil) as for the context; nil for none.
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.set_ech_config.Named)
function SSLObject:set_ech_config(config) end

---@return string? # the certificate that this side shows to its peer, in DER (string), or nil if it shows none
function SSLObject:get_certificate() end

---@class ssl.SSLObject.set_alpn_protocols.Named
---names, as for `SSLContext:set_alpn_protocols`. An empty array: none.
---@field alpn_protocols? string[]

---Sets the protocols that this connection alone may speak on top of TLS, in place
---of its context's. `strict_alpn` of the context holds for them, too. Call it before
---the handshake; on a server, also in `client_hello_callback`.
---@param alpn_protocols string[] names, as for `SSLContext:set_alpn_protocols`. An empty array: none.
function SSLObject:set_alpn_protocols(alpn_protocols) end

---@class ssl.SSLObject.set_ciphers.Named
---a list, as for `SSLContext:set_ciphers`.
---@field ciphers? string

---Chooses the ciphers of TLS 1.2 and older for this connection alone, in place of its
---context's. Call it before the handshake; on a server, also in
---`client_hello_callback`. If it raises an error, the connection stays as it was.
---@param ciphers string a list, as for `SSLContext:set_ciphers`.
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.set_ciphers.Named)
function SSLObject:set_ciphers(ciphers) end

---@class ssl.SSLObject.set_ciphersuites.Named
---names, as for `SSLContext:set_ciphersuites`. An empty string turns TLS 1.3 off.
---@field ciphersuites? string

---Chooses the ciphers of TLS 1.3 for this connection alone; otherwise as
---`SSLSocket:set_ciphers`.
---@param ciphersuites string names, as for `SSLContext:set_ciphersuites`. An empty string turns TLS 1.3 off.
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.set_ciphersuites.Named)
function SSLObject:set_ciphersuites(ciphersuites) end

---@class ssl.SSLObject.getpeercert.Named
---whether to return the certificate as bytes (DER) instead of a table.
---@field binary_form? false

---@param binary_form? false whether to return the certificate as bytes (DER) instead of a table.
---@return ssl.Certificate? # the certificate that the peer showed
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.getpeercert.Named): ssl.Certificate?
---@overload fun(self: ssl.SSLObject, binary_form: true): string?
---@overload fun(self: ssl.SSLObject, named: ssl.SSLObject.getpeercert.Named): string?
function SSLObject:getpeercert(binary_form) end

---@return string[] # the chain that the check of the peer's certificate has built: from the certificate to the trusted one at its end
function SSLObject:get_verified_chain() end

---@return string[] # the certificates as the peer sent them, its own first, whether they were checked or not
function SSLObject:get_unverified_chain() end

---@return string? # the peer's public key
function SSLObject:get_peer_public_key() end

---@return string? # the OCSP response that the server stapled, without a change
function SSLObject:ocsp_response() end

---Asks the client of a TLS 1.3 server for its certificate after the handshake. The
---certificate comes with the data that the server reads next, and is checked then.
---The client must have set `post_handshake_auth`.
function SSLObject:verify_client_post_handshake() end

ssl.SSLObject = SSLObject

---@class ssl.Certificate
---@field subject? string[][][]
---@field issuer? string[][][]
---@field version? integer
---@field serialNumber? string
---@field notBefore? string
---@field notAfter? string
---@field subjectAltName? string[][]
---@field OCSP? string[]
---@field caIssuers? string[]
---@field crlDistributionPoints? string[]

---@class ssl.Cipher
---@field id integer
---@field name string
---@field protocol string
---@field description string
---@field strength_bits integer
---@field alg_bits integer
---@field aead boolean
---@field symmetric? string
---@field digest? string
---@field kea? string
---@field auth? string

---@class ssl.SSLContext.Named
---`ssl.PROTOCOL_TLS_CLIENT` for a client, which checks the server's certificate and host name; `ssl.PROTOCOL_TLS_SERVER` for a server; `ssl.PROTOCOL_DTLS_CLIENT` and `ssl.PROTOCOL_DTLS_SERVER` for the same over datagrams; `ssl.PROTOCOL_TLS` (the default) for either side, which checks nothing; or one fixed version, such as `ssl.PROTOCOL_TLSv1_2`. The last two kinds are deprecated and `warn`.
---@field protocol? integer

---Makes a context. A context holds the settings, certificates and keys that its
---connections share. In most programs `ssl.create_default_context` is the better
---choice: its context is ready for use.
---@class ssl.SSLContext
---The class of the objects that `wrap_bio` makes. It is `ssl.SSLObject` (the default), or a
---class derived from it by `SSLObject:extend`. nil stands for `ssl.SSLObject`. Setting it
---raises a string error for anything else. Since: CPython 3.7.
---@field sslobject_class table?
---The security level: 0 allows everything, 1 asks for 80 bits of security, 2 for
---112, and so on. To set it, call `set_ciphers("@SECLEVEL=…")`.
---OpenSSL: `SSL_CTX_get_security_level`. Since: CPython 3.10.
---@field security_level integer
---The rules that a peer's certificate has to keep besides OpenSSL's own. nil (the
---default) stands for no more rules, as in CPython. `"webpki"` stands for the rules
---that browsers apply to servers: RFC 5280, as `VERIFY_X509_STRICT` checks it, and
---the Baseline Requirements of the CA/Browser Forum ("BR"), as far as one can see
---from a chain:
---@field certificate_profile string?
---The algorithms by which certificates may be compressed in TLS 1.3, best first:
---`"zlib"`, `"brotli"`, `"zstd"`. A chain of certificates is most of what a server sends
---in a handshake; compressed, it often fits into the first packets.
---@field certificate_compression ("brotli"|"zlib"|"zstd")[]
---The `ssl.PROTOCOL_*` that you made the context with. Since: CPython 3.2.
---@field protocol integer
---The `ssl.OP_*` flags that are on. You may set and clear flags. The flags
---`ssl.OP_NO_SSL*` and `ssl.OP_NO_TLS*` are deprecated: setting one makes a `warn`.
---OpenSSL: `SSL_CTX_set_options`. Since: CPython 3.2.
---@field options integer
---On a client's context: whether the client offers to show its certificate after a
---TLS 1.3 handshake. On a server's context: whether the server may ask for it then,
---by `SSLSocket:verify_client_post_handshake`. OpenSSL:
---`SSL_CTX_set_post_handshake_auth`; RFC 8446, 4.6.2. Since: CPython 3.8.
---@field post_handshake_auth boolean
---The TLSA records of the one server that a client's context is for; nil (the
---default) for no DANE. The server's certificate must then match one of the records.
---You need not trust an authority, but `verify_mode` must be `CERT_REQUIRED`.
---@field dane ssl.Dane?
---How many seconds a DTLS connection waits for the answer to what it sent in the
---handshake, before it sends the same again. Each further wait is twice as long as the
---one before, up to `max_retransmission_timeout`. After 12 waits without an answer the
---handshake fails.
---The default is 1, as RFC 6347 recommends. A smaller number speeds up handshakes on
---networks that are fast and lose datagrams; set it to no less than the time that an
---answer takes. It holds for connections that are made afterwards, and for their next
---flight. On a context for TLS it is nil.
---@field retransmission_timeout number?
---The longest wait, in seconds, to which `retransmission_timeout` grows; 60 by default.
---On a context for TLS it is nil. Setting it raises as for `retransmission_timeout`.
---OpenSSL: `DTLS_set_timer_cb`. Since: an addition.
---@field max_retransmission_timeout number?
---How many bytes of early data a server takes with a connection that resumes a
---session; 0 (the default) for none. A client may send early data ("0-RTT") in its
---first flight, before the handshake: one round trip earlier.
---@field max_early_data integer
---A function that decides whether a server takes the early data of a connection. It
---is called when OpenSSL would take them: the session is known, its ticket is fresh
---(to about ten seconds), and the first flight was not changed. Its arguments are the
---connection and the client's random bytes (string of 32 bytes), which are the same
---if the flight is sent again, and different otherwise.
---@field early_data_callback ssl.EarlyDataCallback?
---A function that is called for each message of the protocol. Its arguments are the
---connection, `"read"` or `"write"`, the version, the content type
---(`ssl._TLSContentType`), the message type (`ssl._TLSAlertType` or
---`ssl._TLSMessageType`, -1 for none), and the bytes. If the function raises an error,
---the call in progress raises it. Set the attribute before you make the connection.
---OpenSSL: `SSL_set_msg_callback`. Since: CPython 3.8.
---@field _msg_callback ssl.MessageCallback?
---A function that waits in place of the system. A connection of this context calls it
---whenever a blocking call has to wait. Its arguments are the connection, `"read"` or
---`"write"`, and the seconds that are left (number, or nil for no limit). The module
---`ssl.waiter` has the functions for well-known schedulers.
---@field waiter ssl.Waiter?
---The file that gets the secrets of new connections, one line each. Programs such as
---Wireshark decrypt captured traffic with them. nil stands for no file.
---@field keylog_filename string?
---The OCSP response (DER) that a server staples to its certificate when a client asks
---for one; nil for none. It may also be a function: it gets the connection, and
---returns a response (string or bytearray) or nil.
---@field ocsp_response (string|(fun(conn: ssl.Connection): (string|ssl.bytearray|nil))|nil)
---Whether a client asks the server to staple an OCSP response. In such a response the
---issuer of the certificate says that the certificate is not revoked.
---@field ocsp_stapling integer
---A function that decides last about a stapled response. A client that asks for
---responses (`ocsp_stapling`) calls it once in each full handshake. Its arguments are:
---@field ocsp_callback ssl.OCSPCallback?
---Whether a server ends the handshake, by the alert `no_application_protocol`, if the
---client offers protocols and the server has none of them. It is false by default, as
---in Python: such a connection then has no protocol. A client that offers no protocols
---is served in both cases. Since: an addition; RFC 7301, 3.2.
---@field strict_alpn boolean
---A function that a server calls first of all in a handshake. Its arguments are the
---connection and what the client has said (`ssl.ClientHello`). The function may take its
---time: it may yield, under a waiter or in any coroutine, and the handshake goes on when
---it returns. So it can ask a database without holding up other connections.
---@field client_hello_callback ssl.ClientHelloCallback?
---A function that gives a connection its certificate. A server calls it before it
---chooses a certificate, and a client when the server has asked for one. Its argument
---is the connection, whose `load_cert_chain` takes the certificate. The function may
---yield, as `client_hello_callback` may. It returns nothing. If it raises an error, the
---handshake ends with the alert `internal_error`, and `do_handshake` raises an error
---whose `cause` is that error. When a session is resumed, no certificate is needed, and
---the function is not called. Set the attribute before you make the connection.
---Setting it raises a string error for something that cannot be called.
---OpenSSL: `SSL_CTX_set_cert_cb`. Since: an addition.
---@field certificate_callback ssl.CertificateCallback?
---The kinds of certificate that a server of this context can show, or that a client of
---it accepts, best first: `"x509"` for certificates (the default), and `"rpk"` for raw
---public keys. Both sides need a kind in common. A server that does not know of kinds
---shows a certificate, which the client checks as always.
---@field server_certificate_types string[]
---The kinds of certificate that a client of this context can show, or that a server of
---it accepts when it asks for one. Kinds and errors are those of
---`server_certificate_types`.
---OpenSSL: `SSL_CTX_set1_client_cert_type`; RFC 7250. Since: an addition.
---@field client_certificate_types string[]
---A function that a server calls when a client's handshake begins. Its arguments are the
---connection (`SSLSocket` or `SSLObject`), the name of the host that the client asks for
---(string in its ASCII form, or nil), and the context. The function may set the
---connection's `context` to another one.
---@field sni_callback ssl.ServerNameCallback?
---Where a server keeps sessions by their ID, so that other processes and machines can resume
---them. Only clients without session tickets need it: those of TLS 1.2 that know none, and all
---clients where `ssl.OP_NO_TICKET` is set. For tickets, share their keys: `ssl.ticket_ring`.
---@field session_store ssl.SessionStore?
---How many session tickets a server sends after a full TLS 1.3 handshake; 2 by default.
---Setting it raises `ValueError` for a negative number, or on a client's context.
---OpenSSL: `SSL_CTX_set_num_tickets`. Since: CPython 3.8.
---@field num_tickets integer
---Whether the context asks for the peer's certificate and checks it:
---@field verify_mode integer
---Whether a client checks that the certificate names the `server_hostname`. You must then
---give a `server_hostname` to each connection. If you set it to true while `verify_mode`
---is `CERT_NONE`, `verify_mode` becomes `CERT_REQUIRED`.
---@field check_hostname boolean
---The `ssl.VERIFY_*` flags of certificate checking. OpenSSL:
---`X509_VERIFY_PARAM_set_flags`. Since: CPython 3.4.
---@field verify_flags integer
---Whether the common name of a certificate may name the host, if the certificate has no
---subjectAltName. OpenSSL: `X509_CHECK_FLAG_NEVER_CHECK_SUBJECT`. Since: CPython 3.7.
---@field hostname_checks_common_name boolean
---A function that is called for each certificate of the chain while the chain is checked,
---and again for each error that OpenSSL finds. Its arguments are:
---@field verify_callback ssl.VerifyCallback?
---The oldest version that the context speaks, one of `ssl.TLSVersion`.
---`MINIMUM_SUPPORTED` stands for the oldest version that OpenSSL has. Setting a version
---before TLS 1.2 makes a `warn`. Setting it raises `ValueError` for another number, and on
---a context whose protocol is one fixed version.
---OpenSSL: `SSL_CTX_set_min_proto_version`. Since: CPython 3.7.
---@field minimum_version integer
---The newest version that the context speaks, one of `ssl.TLSVersion`.
---`MAXIMUM_SUPPORTED` stands for the newest version that OpenSSL has. Warnings and errors
---are those of `minimum_version`.
---OpenSSL: `SSL_CTX_set_max_proto_version`. Since: CPython 3.7.
---@field maximum_version integer
---The class of the sockets that `wrap_socket` and `accept` make. It is `ssl.SSLSocket` (the
---default), or a class derived from it by `SSLSocket:extend`. nil stands for
---`ssl.SSLSocket`. Connections that exist keep their class. Setting it raises a string error
---for anything else. Since: CPython 3.7.
---@field sslsocket_class table?
---@overload fun(protocol?: integer): ssl.SSLContext
---@overload fun(named: ssl.SSLContext.Named): ssl.SSLContext
local SSLContext = {}

---@class ssl.SSLContext.wrap_bio.Named
---the queues. A context for DTLS needs queues that keep the borders of datagrams: `ssl.MemoryBIO({ datagrams = true })`.
---@field incoming? ssl.MemoryBIO
---the queues. A context for DTLS needs queues that keep the borders of datagrams: `ssl.MemoryBIO({ datagrams = true })`.
---@field outgoing? ssl.MemoryBIO
---whether this is the server; false by default.
---@field server_side? boolean
---for a client, the name or IP address of the server. You must give it if the context checks host names.
---@field server_hostname? string
---for a client, an earlier session to resume.
---@field session? ssl.SSLSession

---Makes a connection without a socket. It reads the peer's bytes from one queue and
---writes its own bytes into another. Your program moves the bytes between the
---queues and the peer.
---@param incoming ssl.MemoryBIO the queues. A context for DTLS needs queues that keep the borders of datagrams: `ssl.MemoryBIO({ datagrams = true })`.
---@param outgoing ssl.MemoryBIO the queues. A context for DTLS needs queues that keep the borders of datagrams: `ssl.MemoryBIO({ datagrams = true })`.
---@param server_side? boolean whether this is the server; false by default.
---@param server_hostname? string for a client, the name or IP address of the server. You must give it if the context checks host names.
---@param session? ssl.SSLSession for a client, an earlier session to resume.
---@return ssl.SSLObject # an `SSLObject`, which has not made its handshake yet
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.wrap_bio.Named): ssl.SSLObject
---@overload fun(self: ssl.SSLContext, incoming: ssl.MemoryBIO, named: ssl.SSLContext.wrap_bio.Named): ssl.SSLObject
---@overload fun(self: ssl.SSLContext, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, named: ssl.SSLContext.wrap_bio.Named): ssl.SSLObject
---@overload fun(self: ssl.SSLContext, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: boolean, named: ssl.SSLContext.wrap_bio.Named): ssl.SSLObject
---@overload fun(self: ssl.SSLContext, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_side: boolean, server_hostname: string, named: ssl.SSLContext.wrap_bio.Named): ssl.SSLObject
function SSLContext:wrap_bio(incoming, outgoing, server_side, server_hostname, session) end

---@class ssl.SSLContext.set_ciphers.Named
---a list in OpenSSL's form, such as `"ECDHE+AESGCM:!aNULL"`. `@SECLEVEL=n` in the list sets the security level.
---@field ciphers? string

---Chooses the ciphers of TLS 1.2 and older. For TLS 1.3 see `set_ciphersuites`. If it
---raises an error, the context stays as it was.
---@param ciphers string a list in OpenSSL's form, such as `"ECDHE+AESGCM:!aNULL"`. `@SECLEVEL=n` in the list sets the security level.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_ciphers.Named)
function SSLContext:set_ciphers(ciphers) end

---@class ssl.SSLContext.set_ciphersuites.Named
---names with colons between them, best first. An empty string turns TLS 1.3 off.
---@field ciphersuites? string

---Chooses the ciphers of TLS 1.3. If it raises an error, the context stays as it was.
---@param ciphersuites string names with colons between them, best first. An empty string turns TLS 1.3 off.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_ciphersuites.Named)
function SSLContext:set_ciphersuites(ciphersuites) end

---Lists the ciphers that are chosen, best first.
---@return ssl.Cipher[] # an array of tables: `id` (integer), `name`, `protocol` (the oldest version that has it), `description` (strings), `strength_bits`, `alg_bits` (integers), `aead` (boolean), and as far as the cipher has one `symmetric`, `digest`, `kea`, `auth` (strings)
function SSLContext:get_ciphers() end

---@class ssl.SSLContext.set_client_sigalgs.Named
---names with colons between them, best first.
---@field sigalgs? string

---Chooses the signature algorithms that a client may use to prove that its
---certificate is its own. If it raises an error, the context stays as it was.
---@param sigalgs string names with colons between them, best first.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_client_sigalgs.Named)
function SSLContext:set_client_sigalgs(sigalgs) end

---@class ssl.SSLContext.set_server_sigalgs.Named
---names with colons between them, best first.
---@field sigalgs? string

---Chooses the signature algorithms that a server may sign its handshake with. On a
---client's context these are the algorithms that it offers; on a server's context,
---those that it accepts from the offer. If it raises an error, the context stays as
---it was.
---@param sigalgs string names with colons between them, best first.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_server_sigalgs.Named)
function SSLContext:set_server_sigalgs(sigalgs) end

---Lists the certificates that the context shows, one chain for each kind of key. A server
---that staples OCSP responses needs them: see `ssl.stapler`.
---@return string[][] # an array of chains
function SSLContext:get_cert_chains() end

---@class ssl.SSLContext.verify_certificate.Named
---the peer's own certificate, then those of authorities that may be needed; PEM or DER.
---@field certificates? (string|ssl.bytearray|string[])
---the name that the certificate must have: a host, an IP address, or a mailbox (`"user@example.org"`). nil accepts any name.
---@field name? string
---`SERVER_AUTH` for a server's certificate, and `CLIENT_AUTH` for a client's. By default the purpose of the context.
---@field purpose? ssl.Purpose
---the time at which the certificate must be valid, in seconds since 1970; now by default.
---@field time? integer
---the certificate that is at fault. The depth of the peer's own is 0.
---@field depth? integer

---Checks certificates without a connection, as a handshake of this context would. It
---uses the context's trusted certificates, revocation lists, `verify_flags`, security
---level and `certificate_profile`. It does not use `verify_mode`, and does not call
---`verify_callback`.
---@param certificates (string|ssl.bytearray|string[]) the peer's own certificate, then those of authorities that may be needed; PEM or DER.
---@param name? string the name that the certificate must have: a host, an IP address, or a mailbox (`"user@example.org"`). nil accepts any name.
---@param purpose? ssl.Purpose `SERVER_AUTH` for a server's certificate, and `CLIENT_AUTH` for a client's. By default the purpose of the context.
---@param time? integer the time at which the certificate must be valid, in seconds since 1970; now by default.
---@param depth? integer the certificate that is at fault. The depth of the peer's own is 0.
---@return string[] # the chain: an array of strings (DER), from the peer's certificate to the trusted one
---@overload fun(self: ssl.SSLContext, certificates: (string|ssl.bytearray|string[]), named: ssl.SSLContext.verify_certificate.Named): string[]
---@overload fun(self: ssl.SSLContext, certificates: (string|ssl.bytearray|string[]), name: string, purpose: ssl.Purpose, named: ssl.SSLContext.verify_certificate.Named): string[]
---@overload fun(self: ssl.SSLContext, certificates: (string|ssl.bytearray|string[]), name: string, purpose: ssl.Purpose, time: integer, named: ssl.SSLContext.verify_certificate.Named): string[]
function SSLContext:verify_certificate(certificates, name, purpose, time, depth) end

---@class ssl.SSLContext.replace_crl.Named
---one list, in PEM or DER.
---@field data? (string|ssl.bytearray)

---Adds a certificate revocation list in the place of the one that this method has added
---before for the same authority, so that a program which runs for long can keep its lists
---current; `ssl.crl_keeper` does that. Lists of `load_crl` and `load_verify_locations` stay.
---The context uses the lists only if `verify_flags` has `ssl.VERIFY_CRL_CHECK_LEAF` or
---`ssl.VERIFY_CRL_CHECK_CHAIN`.
---@param data (string|ssl.bytearray) one list, in PEM or DER.
---@return integer # since when and until when the list holds (integers, seconds since 1970; the second is nil if the list does not say)
---@return integer?
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.replace_crl.Named): integer, integer?
function SSLContext:replace_crl(data) end

---@class ssl.SSLContext.set_srtp_profiles.Named
---names of profiles, best first, such as `"SRTP_AEAD_AES_128_GCM"` and `"SRTP_AES128_CM_SHA1_80"`.
---@field profiles? string[]

---Has the connections of a DTLS context agree on a profile of SRTP, as WebRTC does.
---After the handshake, `SSLSocket:selected_srtp_profile` tells the profile, and
---`SSLSocket:export_keying_material` gives the keys for the label
---`"EXTRACTOR-dtls_srtp"`.
---@param profiles string[] names of profiles, best first, such as `"SRTP_AEAD_AES_128_GCM"` and `"SRTP_AES128_CM_SHA1_80"`.
function SSLContext:set_srtp_profiles(profiles) end

---Sets the keys with which a server decrypts the ClientHellos of Encrypted ClientHello.
---A client whose ClientHello no key decrypts gets the configurations of the first key,
---to try again with them.
---@param keys (string|ssl.bytearray)[] PEM texts from `ssl.generate_ech_key`, 64 at most. With an empty array, the server has no keys: it then knows nothing of Encrypted ClientHello.
function SSLContext:set_ech_keys(keys) end

---@class ssl.SSLContext.set_ech_config.Named
---what the server publishes: the `ech` parameter of its HTTPS record, in base64 or as bytes; or `ech_retry`. With nil, the clients encrypt nothing.
---@field config? (string|ssl.bytearray|nil)

---Has the clients of the context encrypt their ClientHello, so that observers do not see
---which name they ask for. They see the public name of the configuration. The call does
---not weaken anything: a handshake in which the server could not decrypt fails
---(`reason` `"ECH_REQUIRED"`), and the error's `ech_retry` has the configurations that
---the server wants instead, if it proved that it is the server of the public name. Set
---these, and connect again, once.
---@param config (string|ssl.bytearray|nil) what the server publishes: the `ech` parameter of its HTTPS record, in base64 or as bytes; or `ech_retry`. With nil, the clients encrypt nothing.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_ech_config.Named)
function SSLContext:set_ech_config(config) end

---@class ssl.SSLContext.set_ecdh_curve.Named
---OpenSSL's short name, such as `"prime256v1"` or `"X25519"`.
---@field curve_name? string

---Chooses the one elliptic curve for the key agreement. To choose more than one, call
---`set_groups`.
---@param curve_name string OpenSSL's short name, such as `"prime256v1"` or `"X25519"`.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_ecdh_curve.Named)
function SSLContext:set_ecdh_curve(curve_name) end

---@class ssl.SSLContext.set_groups.Named
---names with colons between them, best first, such as `"X25519:P-256"`.
---@field groups? string

---Chooses the groups for the key agreement. If it raises an error, the context stays
---as it was.
---@param groups string names with colons between them, best first, such as `"X25519:P-256"`.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_groups.Named)
function SSLContext:set_groups(groups) end

---@class ssl.SSLContext.get_groups.Named
---whether to list other names of the groups too; false by default.
---@field include_aliases? boolean

---Lists the groups that OpenSSL has for the context's versions of TLS.
---@param include_aliases? boolean whether to list other names of the groups too; false by default.
---@return string[] # an array of strings
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.get_groups.Named): string[]
function SSLContext:get_groups(include_aliases) end

---@class ssl.SSLContext.load_dh_params.Named
---a file in PEM, as `openssl dhparam` makes it.
---@field dhfile? string
---the contents, instead of a file's name.
---@field dhdata? (string|ssl.bytearray)

---Loads the parameters of Diffie-Hellman. A server needs them for the ciphers `DHE-…`
---of TLS 1.2; without them, it has none of these ciphers.
---@param dhfile string a file in PEM, as `openssl dhparam` makes it.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_dh_params.Named)
function SSLContext:load_dh_params(dhfile) end

---@class ssl.SSLContext.load_cert_chain.Named
---a file in PEM: the certificate, then the certificates that lead to the authority's.
---@field certfile? string
---a file in PEM with the private key; `certfile` by default.
---@field keyfile? string
---the password of an encrypted key, at most 1024 bytes. A function is called without arguments, once, and only if the key is encrypted; if it raises an error, so does `load_cert_chain`. An encrypted key without a password is an `SSLError`: nobody is asked at the terminal.
---@field password? ssl.Password
---the contents, instead of a file's name, in PEM, or in DER if the first byte is 0x30.
---@field certdata? (string|ssl.bytearray)
---the contents, instead of a file's name, in PEM, or in DER if the first byte is 0x30.
---@field keydata? (string|ssl.bytearray)

---Loads the certificate that the context shows to its peers, and its private key. A
---server needs one: without it, every handshake fails with `NO_SHARED_CIPHER`.
---@param certfile string a file in PEM: the certificate, then the certificates that lead to the authority's.
---@param keyfile? string a file in PEM with the private key; `certfile` by default.
---@param password? ssl.Password the password of an encrypted key, at most 1024 bytes. A function is called without arguments, once, and only if the key is encrypted; if it raises an error, so does `load_cert_chain`. An encrypted key without a password is an `SSLError`: nobody is asked at the terminal.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_cert_chain.Named)
---@overload fun(self: ssl.SSLContext, certfile: string, named: ssl.SSLContext.load_cert_chain.Named)
---@overload fun(self: ssl.SSLContext, certfile: string, keyfile: string, named: ssl.SSLContext.load_cert_chain.Named)
function SSLContext:load_cert_chain(certfile, keyfile, password) end

---@class ssl.SSLContext.load_key_uri.Named
---`"file:/path/key.pem"`, or a URI of a provider, such as `"pkcs11:object=server;type=private"` (RFC 7512).
---@field uri? string
---the password or PIN; see `load_cert_chain`.
---@field password? ssl.Password
---the certificate and its chain, in PEM. By default the key has to belong to the certificate that was loaded last.
---@field certfile? string
---the same, from memory.
---@field certdata? (string|ssl.bytearray)

---Loads the private key that a URI names. The key may be in a file, or in a hardware
---module that a provider of OpenSSL talks to; such a key never leaves the module. If
---it raises an error, the context stays as it was.
---@param uri string `"file:/path/key.pem"`, or a URI of a provider, such as `"pkcs11:object=server;type=private"` (RFC 7512).
---@param password? ssl.Password the password or PIN; see `load_cert_chain`.
---@param certfile? string the certificate and its chain, in PEM. By default the key has to belong to the certificate that was loaded last.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_key_uri.Named)
---@overload fun(self: ssl.SSLContext, uri: string, named: ssl.SSLContext.load_key_uri.Named)
---@overload fun(self: ssl.SSLContext, uri: string, password: ssl.Password, named: ssl.SSLContext.load_key_uri.Named)
function SSLContext:load_key_uri(uri, password, certfile) end

---@class ssl.SSLContext.load_private_key.Named
---a file in PEM with the private key.
---@field keyfile? string
---see `load_cert_chain`.
---@field password? ssl.Password
---the contents, instead of a file's name, in PEM, or in DER if the first byte is 0x30.
---@field keydata? (string|ssl.bytearray)

---Loads a private key that has no certificate. The context then shows the public key
---alone, to peers that accept this: see `server_certificate_types` and
---`client_certificate_types`. If it raises an error, the context stays as it was.
---@param keyfile string a file in PEM with the private key.
---@param password? ssl.Password see `load_cert_chain`.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_private_key.Named)
---@overload fun(self: ssl.SSLContext, keyfile: string, named: ssl.SSLContext.load_private_key.Named)
function SSLContext:load_private_key(keyfile, password) end

---@class ssl.SSLContext.load_pkcs12.Named
---the contents of such a file.
---@field data? (string|ssl.bytearray)
---see `load_cert_chain`; without NUL.
---@field password? ssl.Password
---whether OpenSSL's legacy provider may decrypt `data`; false by default. Files from before 2022 or so are often encrypted by RC2 with keys of 40 bits, which no one should rely on. The provider serves this call alone: nothing else in the program gets its algorithms.
---@field legacy? boolean

---Loads a certificate, its private key and its chain from PKCS#12 (`.p12`, `.pfx`). If
---it raises an error, the context stays as it was.
---@param data (string|ssl.bytearray) the contents of such a file.
---@param password? ssl.Password see `load_cert_chain`; without NUL.
---@param legacy? boolean whether OpenSSL's legacy provider may decrypt `data`; false by default. Files from before 2022 or so are often encrypted by RC2 with keys of 40 bits, which no one should rely on. The provider serves this call alone: nothing else in the program gets its algorithms.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_pkcs12.Named)
---@overload fun(self: ssl.SSLContext, data: (string|ssl.bytearray), named: ssl.SSLContext.load_pkcs12.Named)
---@overload fun(self: ssl.SSLContext, data: (string|ssl.bytearray), password: ssl.Password, named: ssl.SSLContext.load_pkcs12.Named)
function SSLContext:load_pkcs12(data, password, legacy) end

---@class ssl.SSLContext.set_alpn_protocols.Named
---names such as `"h2"` and `"http/1.1"`, of 1 to 255 bytes each. An empty array switches ALPN off.
---@field alpn_protocols? string[]

---Sets the protocols that connections may speak on top of TLS, best first. A client
---offers its protocols. A server takes the first of its own protocols that the client
---offers. If both have none in common, the connection has no protocol, unless
---`strict_alpn` is set.
---@param alpn_protocols string[] names such as `"h2"` and `"http/1.1"`, of 1 to 255 bytes each. An empty array switches ALPN off.
function SSLContext:set_alpn_protocols(alpn_protocols) end

---@class ssl.SSLContext.set_npn_protocols.Named
---names of 1 to 255 bytes. An empty array switches NPN off.
---@field npn_protocols? string[]

---Sets the protocols for NPN, the forerunner of ALPN. TLS 1.3 does not have NPN. The
---server offers its protocols. The client takes the first of them that it has too, or
---else its own first one. Deprecated: makes a `warn`.
---@param npn_protocols string[] names of 1 to 255 bytes. An empty array switches NPN off.
function SSLContext:set_npn_protocols(npn_protocols) end

---@class ssl.SSLContext.set_psk_client_callback.Named
---its arguments are the server's hint (string or nil; TLS 1.3 has no hints), and the largest sizes of identity and key in bytes (integers). It returns the client's identity (string, or nil for none, which TLS 1.3 does not allow) and the key (string or bytearray; empty for no key). It must not yield: get the key before you make the handshake. If it raises an error or returns another type, the handshake ends with an `SSLError`, whose `cause` is that error. nil removes the function.
---@field callback? ssl.PSKClientCallback?

---Sets the function that gives a client the key that it shares with the server. The
---server then needs no certificate. Before TLS 1.3, you also have to choose the ciphers,
---with `set_ciphers("PSK")`.
---@param callback ssl.PSKClientCallback? its arguments are the server's hint (string or nil; TLS 1.3 has no hints), and the largest sizes of identity and key in bytes (integers). It returns the client's identity (string, or nil for none, which TLS 1.3 does not allow) and the key (string or bytearray; empty for no key). It must not yield: get the key before you make the handshake. If it raises an error or returns another type, the handshake ends with an `SSLError`, whose `cause` is that error. nil removes the function.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_psk_client_callback.Named)
function SSLContext:set_psk_client_callback(callback) end

---@class ssl.SSLContext.set_psk_server_callback.Named
---its arguments are the client's identity (string, or nil for an empty one), and the largest size of the key in bytes (integer). It returns the key (string or bytearray), or an empty one to refuse the client. It must not yield. If it raises an error or returns another type, the handshake ends with an `SSLError`, whose `cause` is that error. nil removes the function.
---@field callback? ssl.PSKServerCallback?
---a text that the server sends before TLS 1.3, by which clients can choose their identity.
---@field identity_hint? string

---Sets the function that gives a server the key that it shares with a client.
---@param callback ssl.PSKServerCallback? its arguments are the client's identity (string, or nil for an empty one), and the largest size of the key in bytes (integer). It returns the key (string or bytearray), or an empty one to refuse the client. It must not yield. If it raises an error or returns another type, the handshake ends with an `SSLError`, whose `cause` is that error. nil removes the function.
---@param identity_hint? string a text that the server sends before TLS 1.3, by which clients can choose their identity.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_psk_server_callback.Named)
---@overload fun(self: ssl.SSLContext, callback: ssl.PSKServerCallback?, named: ssl.SSLContext.set_psk_server_callback.Named)
function SSLContext:set_psk_server_callback(callback, identity_hint) end

---@class ssl.SSLContext.set_servername_callback.Named
---see `sni_callback`.
---@field server_name_callback? ssl.ServerNameCallback?

---Sets `sni_callback` to a function that gets the name of the host in Unicode (UTF-8)
---instead of its ASCII form.
---@param server_name_callback ssl.ServerNameCallback? see `sni_callback`.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.set_servername_callback.Named)
function SSLContext:set_servername_callback(server_name_callback) end

---@class ssl.SSLContext.set_ticket_keys.Named
---a ring of keys, from `ssl.ticket_ring`, changes them by itself. Or keys of 80 random bytes each, from `ssl.RAND_bytes(80)`: 16 for the name, 32 for AES-256, 32 for HMAC-SHA256. The first key encrypts, and all decrypt. An empty array goes back to keys that OpenSSL makes for this context alone.
---@field keys? ((string|ssl.bytearray)[]|ssl.TicketRing)

---Sets the keys that a server encrypts its session tickets with. Processes and machines
---with the same keys can resume each other's sessions.
---@param keys ((string|ssl.bytearray)[]|ssl.TicketRing) a ring of keys, from `ssl.ticket_ring`, changes them by itself. Or keys of 80 random bytes each, from `ssl.RAND_bytes(80)`: 16 for the name, 32 for AES-256, 32 for HMAC-SHA256. The first key encrypts, and all decrypt. An empty array goes back to keys that OpenSSL makes for this context alone.
function SSLContext:set_ticket_keys(keys) end

---Counts what the connections of the context did with sessions.
---@return ssl.SessionStats # a table of integers: `number` (sessions in the cache), `connect`, `connect_good`, `connect_renegotiate`, `accept`, `accept_good`, `accept_renegotiate`, `hits`, `misses`, `timeouts`, `cache_full`
function SSLContext:session_stats() end

---@class ssl.SSLContext.load_verify_locations.Named
---a file of certificates (and CRLs) in PEM.
---@field cafile? string
---a folder of such files, named by `openssl rehash` after the hash of the subject. The folder is read only when a certificate is checked, so it need not exist yet.
---@field capath? string
---the certificates themselves. They are DER, one after the other, if the first byte is 0x30 or if it is a bytearray; otherwise PEM.
---@field cadata? (string|ssl.bytearray)

---Makes the context trust more authorities. Give at least one argument. If one of them
---cannot be read, none is added.
---@param cafile? string a file of certificates (and CRLs) in PEM.
---@param capath? string a folder of such files, named by `openssl rehash` after the hash of the subject. The folder is read only when a certificate is checked, so it need not exist yet.
---@param cadata? (string|ssl.bytearray) the certificates themselves. They are DER, one after the other, if the first byte is 0x30 or if it is a bytearray; otherwise PEM.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_verify_locations.Named)
---@overload fun(self: ssl.SSLContext, cafile: string, named: ssl.SSLContext.load_verify_locations.Named)
---@overload fun(self: ssl.SSLContext, cafile: string, capath: string, named: ssl.SSLContext.load_verify_locations.Named)
function SSLContext:load_verify_locations(cafile, capath, cadata) end

---@class ssl.SSLContext.load_crl.Named
---the lists. They are DER, one after the other, if the first byte is 0x30 or if it is a bytearray; otherwise PEM.
---@field data? (string|ssl.bytearray)

---Adds certificate revocation lists. The context uses the lists only if `verify_flags`
---has `ssl.VERIFY_CRL_CHECK_LEAF` or `ssl.VERIFY_CRL_CHECK_CHAIN`. If one of the lists
---cannot be read, none is added.
---@param data (string|ssl.bytearray) the lists. They are DER, one after the other, if the first byte is 0x30 or if it is a bytearray; otherwise PEM.
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.load_crl.Named)
function SSLContext:load_crl(data) end

---Makes the context trust the system's authorities: those in the file and the folder that
---OpenSSL was built with. The environment variables `SSL_CERT_FILE` and `SSL_CERT_DIR` can
---name others. A file or folder that does not exist is passed over. The file is parsed once
---for all contexts, until it changes.
function SSLContext:set_default_verify_paths() end

---@class ssl.SSLContext.load_default_certs.Named
---which certificates you are going to check: `ssl.Purpose.SERVER_AUTH` (the default) or `ssl.Purpose.CLIENT_AUTH`. It makes no difference if the system keeps one set for both.
---@field purpose? ssl.Purpose

---Makes the context trust the authorities that the system trusts: see
---`set_default_verify_paths`. On Windows, these include the system's stores `"CA"` and
---`"ROOT"`, as far as the system trusts their certificates for the purpose.
---@param purpose? ssl.Purpose which certificates you are going to check: `ssl.Purpose.SERVER_AUTH` (the default) or `ssl.Purpose.CLIENT_AUTH`. It makes no difference if the system keeps one set for both.
function SSLContext:load_default_certs(purpose) end

---Counts the certificates that the context trusts. A certificate in `capath` counts once
---it has been used.
---@return { x509: integer, x509_ca: integer, crl: integer } # a table of integers: `x509` (certificates), `x509_ca` (those of authorities) and `crl` (revocation lists)
function SSLContext:cert_store_stats() end

---@class ssl.SSLContext.get_ca_certs.Named
---whether to return each certificate as DER; false by default.
---@field binary_form? false

---Lists the certificates of authorities that the context trusts. A certificate in
---`capath` is in the list once it has been used.
---@param binary_form? false whether to return each certificate as DER; false by default.
---@return ssl.Certificate[] # an array of tables, with the fields of `SSLSocket:getpeercert`, or of strings
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.get_ca_certs.Named): ssl.Certificate[]
---@overload fun(self: ssl.SSLContext, binary_form: true): string[]
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.get_ca_certs.Named): string[]
function SSLContext:get_ca_certs(binary_form) end

---@class ssl.SSLContext.wrap_datagram.Named
---a LuaSocket UDP object, an object with a method `getfd`, or a descriptor (integer).
---@field sock? ssl.Socket
---whether this is the server; false by default.
---@field server_side? boolean
---whether to make the handshake at once; true by default.
---@field do_handshake_on_connect? boolean
---for a client, the name or IP address of the server. You must give it if the context checks host names.
---@field server_hostname? string
---for a client, an earlier session to resume.
---@field session? ssl.SSLSession
---seconds for each call. By default it is the timeout of the LuaSocket object; for other sockets there is none.
---@field timeout? number
---the largest datagram to send: see `SSLSocket.mtu`.
---@field mtu? integer

---Makes a DTLS connection of a socket of datagrams that is connected to its peer, and
---makes the handshake. The context has to be one for DTLS: `ssl.PROTOCOL_DTLS_CLIENT`
---or `ssl.PROTOCOL_DTLS_SERVER`.
---@param sock ssl.Socket a LuaSocket UDP object, an object with a method `getfd`, or a descriptor (integer).
---@param server_side? boolean whether this is the server; false by default.
---@param do_handshake_on_connect? boolean whether to make the handshake at once; true by default.
---@param server_hostname? string for a client, the name or IP address of the server. You must give it if the context checks host names.
---@param session? ssl.SSLSession for a client, an earlier session to resume.
---@param timeout? number seconds for each call. By default it is the timeout of the LuaSocket object; for other sockets there is none.
---@param mtu? integer the largest datagram to send: see `SSLSocket.mtu`.
---@return ssl.SSLSocket # an `SSLSocket`
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, server_hostname: string, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, server_hostname: string, session: ssl.SSLSession, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, server_hostname: string, session: ssl.SSLSession, timeout: number, named: ssl.SSLContext.wrap_datagram.Named): ssl.SSLSocket
function SSLContext:wrap_datagram(sock, server_side, do_handshake_on_connect, server_hostname, session, timeout, mtu) end

---@class ssl.SSLContext.wrap_socket.Named
---a LuaSocket TCP object, an object with a method `getfd`, or a descriptor (integer). The object must not have bytes in its own buffer (`dirty`). For TLS inside of TLS use `wrap_bio`: `sock` cannot be an `SSLSocket`.
---@field sock? ssl.Socket
---whether this is the server; false by default.
---@field server_side? boolean
---whether to make the handshake at once; true by default.
---@field do_handshake_on_connect? boolean
---whether `recv` accepts an end without close_notify as the end of the stream; true by default.
---@field suppress_ragged_eofs? boolean
---for a client, the name or IP address of the server. You must give it if the context checks host names.
---@field server_hostname? string
---for a client, an earlier session to resume.
---@field session? ssl.SSLSession
---seconds for each call. By default it is the timeout of the LuaSocket object; for other sockets there is none. An addition.
---@field timeout? number

---Makes a TLS connection of a socket, and makes the handshake if the socket is
---connected. If it is not connected yet, call `connect` later (client), or `bind`,
---`listen` and `accept` (server).
---@param sock ssl.Socket a LuaSocket TCP object, an object with a method `getfd`, or a descriptor (integer). The object must not have bytes in its own buffer (`dirty`). For TLS inside of TLS use `wrap_bio`: `sock` cannot be an `SSLSocket`.
---@param server_side? boolean whether this is the server; false by default.
---@param do_handshake_on_connect? boolean whether to make the handshake at once; true by default.
---@param suppress_ragged_eofs? boolean whether `recv` accepts an end without close_notify as the end of the stream; true by default.
---@param server_hostname? string for a client, the name or IP address of the server. You must give it if the context checks host names.
---@param session? ssl.SSLSession for a client, an earlier session to resume.
---@param timeout? number seconds for each call. By default it is the timeout of the LuaSocket object; for other sockets there is none. An addition.
---@return ssl.SSLSocket # an `SSLSocket`
---@overload fun(self: ssl.SSLContext, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, suppress_ragged_eofs: boolean, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, suppress_ragged_eofs: boolean, server_hostname: string, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
---@overload fun(self: ssl.SSLContext, sock: ssl.Socket, server_side: boolean, do_handshake_on_connect: boolean, suppress_ragged_eofs: boolean, server_hostname: string, session: ssl.SSLSession, named: ssl.SSLContext.wrap_socket.Named): ssl.SSLSocket
function SSLContext:wrap_socket(sock, server_side, do_handshake_on_connect, suppress_ragged_eofs, server_hostname, session, timeout) end

---Sets what else there is about checking certificates, as LuaSec's contexts do.
---@param ... string
---@return boolean # true; or false and a text
---@return string?
function SSLContext:setverifyext(...) end

ssl.SSLContext = SSLContext

---@class ssl.Dane
---@field [integer] { [1]: integer, [2]: integer, [3]: integer, [4]: string|ssl.bytearray }
---@field no_ee_namechecks? boolean

---@class ssl.SessionStore
---@field get (fun(id: string, wait: ssl.Waiter?): (string|ssl.bytearray|nil))
---@field put (fun(id: string, bytes: string, seconds: integer))
---@field remove (fun(id: string))
---@field ring? ssl.TicketRing

---A ring of ticket keys; `ssl.ticket_ring` makes one. Contexts that use the ring heed its
---changes at once, and so do their connections. The ring wipes its secrets and its keys when
---nobody uses it any longer. Since: an addition.
---@class ssl.TicketRing
---The seconds for which a key encrypts. Since: an addition.
---@field period integer
---How many periods before the present one have keys that still decrypt. Since: an addition.
---@field keep integer
---The seconds by which the clocks of two machines may differ. Since: an addition.
---@field skew integer
---How many secrets the ring has now. Since: an addition.
---@field secrets integer
local TicketRing = {}

---@class ssl.TicketRing.rotate.Named
---at least 32 random bytes.
---@field secret? ssl.Secret
---the seconds after which the new secret begins to encrypt, 0 by default. It decrypts at once. Give other machines at least this time to learn it.
---@field delay? number

---Gives the ring another secret, which encrypts from now on. The secret that has encrypted so
---far still decrypts, until the last ticket that it made has run out; then the ring wipes it.
---So no session is lost.
---@param secret ssl.Secret at least 32 random bytes.
---@param delay? number the seconds after which the new secret begins to encrypt, 0 by default. It decrypts at once. Give other machines at least this time to learn it.
---@overload fun(self: ssl.TicketRing, named: ssl.TicketRing.rotate.Named)
---@overload fun(self: ssl.TicketRing, secret: ssl.Secret, named: ssl.TicketRing.rotate.Named)
function TicketRing:rotate(secret, delay) end

---Reads the secrets anew from `secretfile`, or asks the function that `secret` was. What is
---no longer among them does not decrypt any longer: leave the old secret behind the new one
---for as long as its tickets live.
function TicketRing:reload() end

ssl.TicketRing = TicketRing

---@class ssl.SessionStats
---@field number integer
---@field connect integer
---@field connect_good integer
---@field connect_renegotiate integer
---@field accept integer
---@field accept_good integer
---@field accept_renegotiate integer
---@field hits integer
---@field misses integer
---@field timeouts integer
---@field cache_full integer

---A TLS connection over a socket, or a listening socket that accepts such
---connections. It owns the descriptor of the socket. `SSLContext:wrap_socket`
---makes one.
---@class ssl.SSLSocket
---The context of the connection.
---@field context ssl.SSLContext
---Whether this is the server's side of the connection. Since: CPython 3.2.
---@field server_side boolean
---The name of the server that you gave, in its ASCII form. On the server's side,
---it is nil. Since: CPython 3.2.
---@field server_hostname string?
---The session of the connection. To resume an earlier connection, a client sets
---the attribute to that connection's session before the handshake. Both
---connections must have the same context.
---@field session ssl.SSLSession?
---Whether the handshake resumed an earlier session. It is nil for a socket that is
---not connected. OpenSSL: `SSL_session_reused`. Since: CPython 3.6.
---@field session_reused boolean?
---The largest datagram that the connection sends, in bytes, without the headers of IP
---and UDP. The default, 1232, passes through every network that carries IPv6. A
---smaller number is needed where something else is wrapped around the datagrams, and a
---larger one saves datagrams where you know the network. The messages of the handshake
---are cut into pieces that fit; they are never larger than 4096 bytes. What you send is
---not cut: see `max_datagram`. For a connection that does not speak DTLS, it is nil.
---@field mtu integer?
---How many bytes `send` can send at once: what is left of a datagram of `mtu` bytes
---after the headers and the checksum of DTLS, 16384 at most. Before the handshake is
---done, and for a connection that does not speak DTLS, it is nil.
---OpenSSL: `DTLS_get_data_mtu`. Since: an addition.
---@field max_datagram integer?
---What became of the client's early data: `"accepted"`; `"rejected"` if the server has
---dropped them, and they have to be sent again; or `"not_sent"`. It is nil as long as
---that is not known: a client knows after the handshake.
---OpenSSL: `SSL_get_early_data_status`. Since: an addition.
---@field early_data_status ("accepted"|"rejected"|"not_sent"|nil)
---Whether the server asked for a second ClientHello in the handshake, and so made it a
---round trip longer: the client guessed a key exchange that the server does not want.
---Put the group that the server wants first in `SSLContext:set_groups`, to avoid that.
---It is false before TLS 1.3. RFC 8446, 4.1.4. Since: an addition.
---@field hello_retry boolean
---How it went with Encrypted ClientHello: `"success"` if the name was encrypted and the
---handshake is the one that was encrypted. Others are OpenSSL's `SSL_ECH_STATUS_*` in
---lower case: `"not_configured"` and `"not_tried"` if there was nothing to encrypt,
---`"grease"` if the client only looked as if it did (`ssl.OP_ECH_GREASE`), `"grease_ech"`
---if the server sent configurations in answer to that, `"failed_ech"` if the server could
---not decrypt and sent newer configurations, `"failed_ech_bad_name"` if it did and has no
---certificate for the public name, `"bad_name"`, `"backend"` and `"failed"`.
---nil before OpenSSL 4.0 (`ssl.HAS_ECH`), and if there is no TLS connection.
---OpenSSL: `SSL_ech_get1_status`. Since: an addition.
---@field ech_status string?
---The configurations (bytes of an ECHConfigList) that the server wants this client to use
---for Encrypted ClientHello from now on, for `set_ech_config`. nil if the server sent
---none, or did not prove that it is the server of the public name.
---OpenSSL: `SSL_ech_get1_retry_config`; RFC 9849, 6.1.6. Since: an addition.
---@field ech_retry string?
---The oldest version of TLS that this connection speaks, one of `ssl.TLSVersion`.
---At first it is its context's. Setting it raises as for
---`SSLContext.minimum_version`, and `OSError` if there is no TLS connection. It
---has to be set before the version is agreed on: before the handshake, or in
---`client_hello_callback`. OpenSSL: `SSL_set_min_proto_version`.
---Since: an addition.
---@field minimum_version integer
---The newest version of TLS that this connection speaks; otherwise as
---`minimum_version`. OpenSSL: `SSL_set_max_proto_version`. Since: an addition.
---@field maximum_version integer
---Whether `recv` and `read` accept an end without close_notify as the end of the
---stream. If it is false, such an end is an `SSLEOFError`. Since: CPython 2.6.
---@field suppress_ragged_eofs boolean
---Whether `connect` and `accept` make the handshake. Since: CPython 2.6.
---@field do_handshake_on_connect boolean
local SSLSocket = {}

---@class ssl.SSLSocket.peek.Named
---how many bytes to show at most; 1024 by default. One call shows no more than 16384 bytes, and no more than have come. A second call may show no more than the first, so you cannot wait for a whole message by `peek`.
---@field len? integer

---Shows the next bytes without taking them: the next `recv` returns them again. A
---server can tell by them which protocol a client speaks. Like `recv`, `peek` waits
---only if no bytes have come.
---@param len? integer how many bytes to show at most; 1024 by default. One call shows no more than 16384 bytes, and no more than have come. A second call may show no more than the first, so you cannot wait for a whole message by `peek`.
---@return string? # a string, or nil at the end of the stream
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.peek.Named): string?
function SSLSocket:peek(len) end

---@class ssl.SSLSocket.key_update.Named
---whether to ask the peer to change its key too; false by default.
---@field request? boolean

---Changes the key that this side encrypts with. An attacker who learns the new key
---cannot read what the old key protected. Call it on connections that live long or
---carry much: OpenSSL changes a key by itself only before the key is used up.
---@param request? boolean whether to ask the peer to change its key too; false by default.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.key_update.Named)
function SSLSocket:key_update(request) end

---Tells the peer that this side sends no more data. You can still read: `recv`
---returns the peer's data, and nil at its end. After that, `unwrap` returns at
---once. Writing raises `SSLError` from now on.
function SSLSocket:send_close_notify() end

---@return integer # the number of bytes (integer) that are decrypted and wait to be read
function SSLSocket:pending() end

---@class ssl.SSLSocket.get_channel_binding.Named
---one of `ssl.CHANNEL_BINDING_TYPES`: `"tls-unique"` (the default, but not for TLS 1.3), `"tls-server-end-point"` or `"tls-exporter"`.
---@field cb_type? ("tls-unique"|"tls-server-end-point"|"tls-exporter")

---@param cb_type? ("tls-unique"|"tls-server-end-point"|"tls-exporter") one of `ssl.CHANNEL_BINDING_TYPES`: `"tls-unique"` (the default, but not for TLS 1.3), `"tls-server-end-point"` or `"tls-exporter"`.
---@return string? # bytes that identify the connection
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.get_channel_binding.Named): string?
function SSLSocket:get_channel_binding(cb_type) end

---@class ssl.SSLSocket.export_keying_material.Named
---what the bytes are for, as registered with IANA.
---@field label? string
---how many bytes, up to 16384.
---@field length? integer
---other data to which to bind the bytes.
---@field context? (string|ssl.bytearray)

---Derives secret bytes from the connection. Both sides get the same bytes, and no
---one else can derive them.
---@param label string what the bytes are for, as registered with IANA.
---@param length integer how many bytes, up to 16384.
---@param context? (string|ssl.bytearray) other data to which to bind the bytes.
---@return string # a string
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.export_keying_material.Named): string
---@overload fun(self: ssl.SSLSocket, label: string, named: ssl.SSLSocket.export_keying_material.Named): string
---@overload fun(self: ssl.SSLSocket, label: string, length: integer, named: ssl.SSLSocket.export_keying_material.Named): string
function SSLSocket:export_keying_material(label, length, context) end

---Sends what the peer has not answered again, if the time for that has come. DTLS
---repeats what it sends in the handshake until the peer answers, because datagrams get
---lost. Calls that wait do this by themselves. If your program never lets a call wait,
---call this method when the time that `timeout` tells has passed; or call
---`do_handshake`, which does the same.
---@return boolean # whether it has sent something (boolean)
function SSLSocket:handle_timeout() end

---Tells which profile of SRTP the peers have agreed on: see
---`SSLContext:set_srtp_profiles`.
---@return string? # its name (string), or nil if there is none
function SSLSocket:selected_srtp_profile() end

---Derives a class from `ssl.SSLSocket`, or from a class derived from it. To get
---connections of your class, set a context's `sslsocket_class` to it.
---@param members? table methods and other values, which are copied. You may add more to the class later. `__name` (string) is the name that `tostring` shows.
---@return table # the class (table)
function SSLSocket:extend(members) end

---@class ssl.SSLSocket.read_early_data.Named
---how many bytes to return at most; 16384 by default, and at most.
---@field len? integer

---Reads early data, as a server, in place of the first part of the handshake. Call it
---until it returns nil. Then call `do_handshake`, or go on with `recv`. Anyone could
---have sent early data before: read `SSLContext.max_early_data` first.
---@param len? integer how many bytes to return at most; 16384 by default, and at most.
---@return string? # a string, or nil if there are no more, or none at all
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.read_early_data.Named): string?
function SSLSocket:read_early_data(len) end

---@class ssl.SSLSocket.write_early_data.Named
---the bytes.
---@field data? (string|ssl.bytearray)

---Sends early data: as a client, before the handshake, to a server whose session the
---connection resumes. The server gets them with the first flight, one round trip
---earlier. They can be replayed: see `SSLContext.max_early_data`. Send nothing that
---does harm if the server acts on it twice.
---@param data (string|ssl.bytearray) the bytes.
---@return integer # their number (integer)
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.write_early_data.Named): integer
function SSLSocket:write_early_data(data) end

---Tells which cipher the connection uses.
---@return string? # its name, the version of the protocol that defines it, and the number of its secret bits
---@return string?
---@return integer?
function SSLSocket:cipher() end

---The ciphers that both sides offered.
---@return { [1]: string, [2]: string, [3]: integer }[]? # an array of `{name, protocol, bits}`; nil for a client, or before the handshake
function SSLSocket:shared_ciphers() end

---Tells which compression the connection uses. This is nil: compressed TLS leaks
---the data that it carries, so OpenSSL is built without it.
---@return string? # a string or nil
function SSLSocket:compression() end

---The version of the protocol in use, such as `"TLSv1.3"`.
---@return string? # a string; nil before the handshake is done
function SSLSocket:version() end

---Tells which protocol both sides have agreed on: see
---`SSLContext:set_alpn_protocols`.
---@return string? # a string, or nil if they agreed on none
function SSLSocket:selected_alpn_protocol() end

---Tells which protocol both sides have agreed on by NPN: see
---`SSLContext:set_npn_protocols`. NPN is the forerunner of ALPN, and TLS 1.3 does
---not have it. Deprecated.
---@return string? # a string, or nil
function SSLSocket:selected_npn_protocol() end

---The group (curve) of the key exchange, such as `"x25519"`.
---@return string? # a string; nil before there is one, or if there was no exchange
function SSLSocket:group() end

---Tells which algorithm the server signed the handshake with. The names are those
---of RFC 8446, 4.2.3, such as `"ecdsa_secp256r1_sha256"`.
---@return string? # a string, or nil if the server signed nothing, as when a session is resumed
function SSLSocket:server_sigalg() end

---Tells which algorithm the client signed the handshake with. The name is as for
---`server_sigalg`.
---@return string? # a string, or nil if the client showed no certificate
function SSLSocket:client_sigalg() end

---Tells a function what the connection sends, receives and keeps secret, from now on.
---`ssl.testing` draws connections with it; programs have no use for it.
---@param f ((fun(kind: "read"|"write"|"secret", data: string))|nil) called with a kind and a string. `"read"` and `"write"` come with the bytes that OpenSSL takes from the network and gives to it; an `SSLObject` has neither, because its owner moves the bytes. `"secret"` comes with a line of the log that `SSLContext.keylog_filename` describes. If the function raises an error, the call in progress raises it. nil ends it.
function SSLSocket:_observe(f) end

---@class ssl.SSLSocket.load_cert_chain.Named
---paths, as for `SSLContext:load_cert_chain`.
---@field certfile? string
---paths, as for `SSLContext:load_cert_chain`.
---@field keyfile? string
---of an encrypted key, as there.
---@field password? ssl.Password
---the contents instead of a file's name.
---@field certdata? (string|ssl.bytearray)
---the contents instead of a file's name.
---@field keydata? (string|ssl.bytearray)

---Loads the certificate that this connection alone shows to its peer, in place of
---its context's of the same kind of key. Call it before the handshake, or in
---`client_hello_callback` and `certificate_callback`.
---@param certfile string paths, as for `SSLContext:load_cert_chain`.
---@param keyfile? string paths, as for `SSLContext:load_cert_chain`.
---@param password? ssl.Password of an encrypted key, as there.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.load_cert_chain.Named)
---@overload fun(self: ssl.SSLSocket, certfile: string, named: ssl.SSLSocket.load_cert_chain.Named)
---@overload fun(self: ssl.SSLSocket, certfile: string, keyfile: string, named: ssl.SSLSocket.load_cert_chain.Named)
function SSLSocket:load_cert_chain(certfile, keyfile, password) end

---@class ssl.SSLSocket.set_ech_config.Named
---as for the context; nil for none.
---@field config? (string|ssl.bytearray|nil)

---Has this client's connection alone encrypt its ClientHello, or not: see
---`SSLContext:set_ech_config`. Call it before the handshake: on an `SSLObject`, or on a
---socket that is wrapped with `do_handshake_on_connect = false`.
---@param config (string|ssl.bytearray|nil) as for the context; nil for none.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.set_ech_config.Named)
function SSLSocket:set_ech_config(config) end

---@return string? # the certificate that this side shows to its peer, in DER (string), or nil if it shows none
function SSLSocket:get_certificate() end

---@class ssl.SSLSocket.set_alpn_protocols.Named
---names, as for `SSLContext:set_alpn_protocols`. An empty array: none.
---@field alpn_protocols? string[]

---Sets the protocols that this connection alone may speak on top of TLS, in place
---of its context's. `strict_alpn` of the context holds for them, too. Call it before
---the handshake; on a server, also in `client_hello_callback`.
---@param alpn_protocols string[] names, as for `SSLContext:set_alpn_protocols`. An empty array: none.
function SSLSocket:set_alpn_protocols(alpn_protocols) end

---@class ssl.SSLSocket.set_ciphers.Named
---a list, as for `SSLContext:set_ciphers`.
---@field ciphers? string

---Chooses the ciphers of TLS 1.2 and older for this connection alone, in place of its
---context's. Call it before the handshake; on a server, also in
---`client_hello_callback`. If it raises an error, the connection stays as it was.
---@param ciphers string a list, as for `SSLContext:set_ciphers`.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.set_ciphers.Named)
function SSLSocket:set_ciphers(ciphers) end

---@class ssl.SSLSocket.set_ciphersuites.Named
---names, as for `SSLContext:set_ciphersuites`. An empty string turns TLS 1.3 off.
---@field ciphersuites? string

---Chooses the ciphers of TLS 1.3 for this connection alone; otherwise as
---`SSLSocket:set_ciphers`.
---@param ciphersuites string names, as for `SSLContext:set_ciphersuites`. An empty string turns TLS 1.3 off.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.set_ciphersuites.Named)
function SSLSocket:set_ciphersuites(ciphersuites) end

---@class ssl.SSLSocket.getpeercert.Named
---whether to return the certificate as bytes (DER) instead of a table.
---@field binary_form? false

---@param binary_form? false whether to return the certificate as bytes (DER) instead of a table.
---@return ssl.Certificate? # the certificate that the peer showed
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.getpeercert.Named): ssl.Certificate?
---@overload fun(self: ssl.SSLSocket, binary_form: true): string?
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.getpeercert.Named): string?
function SSLSocket:getpeercert(binary_form) end

---@return string[] # the chain that the check of the peer's certificate has built: from the certificate to the trusted one at its end
function SSLSocket:get_verified_chain() end

---@return string[] # the certificates as the peer sent them, its own first, whether they were checked or not
function SSLSocket:get_unverified_chain() end

---@return string? # the peer's public key
function SSLSocket:get_peer_public_key() end

---@return string? # the OCSP response that the server stapled, without a change
function SSLSocket:ocsp_response() end

---Asks the client of a TLS 1.3 server for its certificate after the handshake. The
---certificate comes with the data that the server reads next, and is checked then.
---The client must have set `post_handshake_auth`.
function SSLSocket:verify_client_post_handshake() end

---Tells the address of the peer.
---@return string # the host (string, as a number) and the port (integer), or the path of a Unix-domain socket (string)
---@return integer?
function SSLSocket:getpeername() end

---Tells the address of this side.
---@return string # the host (string, as a number) and the port (integer), or the path of a Unix-domain socket (string)
---@return integer?
function SSLSocket:getsockname() end

---@class ssl.SSLSocket.recv.Named
---how many bytes to return at most; 1024 by default. One call returns no more than 16384.
---@field bufsize? integer
---0.
---@field flags? integer

---Receives bytes. It returns the bytes that have come, and waits only if there are
---none.
---@param bufsize? integer how many bytes to return at most; 1024 by default. One call returns no more than 16384.
---@param flags? integer 0.
---@return string? # a string, or nil at the end of the stream
---@return integer?
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.recv.Named): string?, integer?
---@overload fun(self: ssl.SSLSocket, bufsize: integer, named: ssl.SSLSocket.recv.Named): string?, integer?
function SSLSocket:recv(bufsize, flags) end

---@class ssl.SSLSocket.recv_into.Named
---where to put the bytes.
---@field buffer? ssl.bytearray
---how many bytes to receive at most. By default, or if it is 0, the size of the buffer.
---@field nbytes? integer
---0.
---@field flags? integer

---Receives bytes into a bytearray. Unlike `recv`, it makes no garbage.
---@param buffer ssl.bytearray where to put the bytes.
---@param nbytes? integer how many bytes to receive at most. By default, or if it is 0, the size of the buffer.
---@param flags? integer 0.
---@return integer # the number of bytes; 0 at the end of the stream
---@return integer?
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.recv_into.Named): integer, integer?
---@overload fun(self: ssl.SSLSocket, buffer: ssl.bytearray, named: ssl.SSLSocket.recv_into.Named): integer, integer?
---@overload fun(self: ssl.SSLSocket, buffer: ssl.bytearray, nbytes: integer, named: ssl.SSLSocket.recv_into.Named): integer, integer?
function SSLSocket:recv_into(buffer, nbytes, flags) end

---@class ssl.SSLSocket.read.Named
---how many bytes to read at most; 1024 by default.
---@field len? integer
---where to put the bytes.
---@field buffer? ssl.bytearray

---Does the same as `recv`, or as `recv_into` with a `buffer`. Deprecated since
---CPython 3.6: use these methods.
---@param len? integer how many bytes to read at most; 1024 by default.
---@return string? # a string or nil; with `buffer` the number of bytes
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.read.Named): string?
---@overload fun(self: ssl.SSLSocket, len: integer?, buffer: ssl.bytearray): integer
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.read.Named): integer
---@overload fun(self: ssl.SSLSocket, len: integer?, named: ssl.SSLSocket.read.Named): integer
function SSLSocket:read(len) end

---@class ssl.SSLSocket.send.Named
---the bytes.
---@field data? (string|ssl.bytearray)
---0.
---@field flags? integer

---Sends bytes.
---@param data (string|ssl.bytearray) the bytes.
---@param flags? integer 0.
---@return integer # the number of bytes sent (integer), which is all of them
---@overload fun(self: ssl.SSLSocket, data: (string|ssl.bytearray), named: ssl.SSLSocket.send.Named): integer
function SSLSocket:send(data, flags) end

---@class ssl.SSLSocket.sendall.Named
---the bytes.
---@field data? (string|ssl.bytearray)
---0.
---@field flags? integer

---Sends all the bytes.
---@param data (string|ssl.bytearray) the bytes.
---@param flags? integer 0.
---@overload fun(self: ssl.SSLSocket, data: (string|ssl.bytearray), named: ssl.SSLSocket.sendall.Named)
function SSLSocket:sendall(data, flags) end

---Does the same as `send`. Deprecated since CPython 3.6: use `send`.
---@param data (string|ssl.bytearray) the bytes.
---@return integer # the number of bytes sent
function SSLSocket:write(data) end

---Raises `NotImplementedError`: one TLS connection cannot be two.
---Since: CPython 3.2.
function SSLSocket:dup() end

---Raises `NotImplementedError`: TLS has no such thing. Since: CPython 3.3.
---@param ... any
function SSLSocket:sendmsg(...) end

---Raises `NotImplementedError`: TLS has no such thing. Since: CPython 3.3.
---@param ... any
function SSLSocket:recvmsg(...) end

---Raises `NotImplementedError`: TLS has no such thing. Since: CPython 3.3.
---@param ... any
function SSLSocket:recvmsg_into(...) end

---Raises `ValueError`: the peer of a connection is fixed. Before there is a
---connection it raises `OSError` (ENOTCONN). Since: CPython 3.2.
---@param ... any
function SSLSocket:sendto(...) end

---Raises `ValueError`: the peer of a connection is fixed. Before there is a
---connection it raises `OSError` (ENOTCONN). Since: CPython 3.2.
---@param ... any
function SSLSocket:recvfrom(...) end

---Raises `ValueError`: the peer of a connection is fixed. Before there is a
---connection it raises `OSError` (ENOTCONN). Since: CPython 3.2.
---@param ... any
function SSLSocket:recvfrom_into(...) end

---@class ssl.SSLSocket.makefile.Named
---`"r"` (the default), `"w"` or `"rw"`. A `"b"` changes nothing.
---@field mode? string
---0 for no buffer, 1 for a buffer of one line, more for the size of the buffer in bytes. By default, or if it is negative, the C library chooses. A file for both directions writes without a buffer.
---@field buffering? integer

---Makes a Lua file of the connection. The file has all methods of Lua's files:
---`lines`, `read` with every format, `write`, `setvbuf`. The connection stays open
---until you have closed the connection and all its files.
---@param mode? string `"r"` (the default), `"w"` or `"rw"`. A `"b"` changes nothing.
---@param buffering? integer 0 for no buffer, 1 for a buffer of one line, more for the size of the buffer in bytes. By default, or if it is negative, the C library chooses. A file for both directions writes without a buffer.
---@return file* # a file
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.makefile.Named): file*
---@overload fun(self: ssl.SSLSocket, mode: string, named: ssl.SSLSocket.makefile.Named): file*
function SSLSocket:makefile(mode, buffering) end

---Sets how many seconds a call may take as a whole.
---@param seconds number? nil for no limit, 0 for calls that never wait.
function SSLSocket:settimeout(seconds) end

---Tells how many seconds a call may take as a whole.
---@return number? # a number, or nil if there is no limit
function SSLSocket:gettimeout() end

---`setblocking(true)` is `settimeout(nil)`, `setblocking(false)` is
---`settimeout(0)`.
---@param flag boolean whether to wait.
function SSLSocket:setblocking(flag) end

---Tells whether calls wait: whether the timeout is not 0.
---@return boolean # a boolean
function SSLSocket:getblocking() end

---@return integer # the descriptor (integer)
function SSLSocket:fileno() end

---The same as `fileno`, under the name that `socket.select` asks for.
---@return integer # an integer
function SSLSocket:getfd() end

---Tells whether bytes wait inside the connection. `select` and `poll` cannot see
---such bytes on the descriptor, so ask `dirty` before you wait. LuaSocket's
---`select` asks it by itself.
---@return boolean # a boolean
function SSLSocket:dirty() end

---@return integer # the descriptor (integer) to wait for
function SSLSocket:pollfd() end

---Tells which event to wait for after a call that raised a want-error. cqueues
---calls this method.
---@return ("r"|"w") # `"r"` or `"w"`; before any such call `"r"`
function SSLSocket:events() end

---Tells how many seconds an event loop may let this connection wait. cqueues calls
---this method.
---@return number? # the connection's timeout (number), or nil if it has none or never waits
function SSLSocket:timeout() end

---Reads an option of the socket: `getsockopt(2)`.
---@param level integer for example `ssl.SOL_SOCKET` and `ssl.SO_KEEPALIVE`. Instead of both, you may give LuaSocket's name of an option (string), such as `"keepalive"`.
---@param option integer for example `ssl.SOL_SOCKET` and `ssl.SO_KEEPALIVE`. Instead of both, you may give LuaSocket's name of an option (string), such as `"keepalive"`.
---@return integer # an integer; with `size` a string; for LuaSocket's name, what LuaSocket's `getoption` returns
---@overload fun(self: ssl.SSLSocket, level: integer, option: integer, size: integer): string
---@overload fun(self: ssl.SSLSocket, option: string): any
function SSLSocket:getsockopt(level, option) end

---Sets an option of the socket: `setsockopt(2)`.
---@param level integer for example `ssl.IPPROTO_TCP` and `ssl.TCP_NODELAY`. Instead of both, you may give LuaSocket's name of an option (string), such as `"tcp-nodelay"`.
---@param option integer for example `ssl.IPPROTO_TCP` and `ssl.TCP_NODELAY`. Instead of both, you may give LuaSocket's name of an option (string), such as `"tcp-nodelay"`.
---@param value (integer|boolean|string) the new value.
---@overload fun(self: ssl.SSLSocket, option: string, value: any)
function SSLSocket:setsockopt(level, option, value) end

---Ends the traffic of the socket below TLS, in one direction or in both. The peer
---gets no message of TLS. Afterwards you can only close the connection.
---@param how (integer|"receive"|"send"|"both") `ssl.SHUT_RD`, `ssl.SHUT_WR` or `ssl.SHUT_RDWR`, or LuaSocket's `"receive"`, `"send"` or `"both"`.
function SSLSocket:shutdown(how) end

---Closes the connection and its descriptor at once, without telling the peer. To
---end TLS in good order, call `unwrap` first.
function SSLSocket:close() end

---Gives up the descriptor: TLS does not end, and the descriptor stays open.
---@return any # the object that you wrapped, with its descriptor back, or the descriptor (integer) if you wrapped a descriptor
function SSLSocket:detach() end

---Ends TLS in good order and gives the socket back, for plain text that may follow.
---It sends close_notify, and waits for the peer's.
---@return any # the object that you wrapped, with its descriptor back, or the descriptor (integer) if you wrapped a descriptor
function SSLSocket:unwrap() end

---@class ssl.SSLSocket.do_handshake.Named
---whether to wait although the timeout is 0.
---@field block? boolean

---Makes the TLS handshake, which checks the peer's certificate. `wrap_socket`,
---`connect` and `accept` call it for you, unless `do_handshake_on_connect` is
---false. If the handshake is done already, nothing happens.
---@param block? boolean whether to wait although the timeout is 0.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.do_handshake.Named)
function SSLSocket:do_handshake(block) end

---@class ssl.SSLSocket.connect.Named
---`{host, port}`. You may also give the host (string) and the port (integer) as two arguments.
---@field address? ssl.Address
---@field host? string
---@field port? integer

---Connects a client's socket to a server. If `do_handshake_on_connect` is set, it
---then makes the handshake. The socket must have been wrapped before it was
---connected.
---@param address ssl.Address `{host, port}`. You may also give the host (string) and the port (integer) as two arguments.
---@overload fun(self: ssl.SSLSocket, host: string, port: integer)
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.connect.Named)
---@overload fun(self: ssl.SSLSocket, host: string, named: ssl.SSLSocket.connect.Named)
function SSLSocket:connect(address) end

---@class ssl.SSLSocket.connect_ex.Named
---see `connect`.
---@field address? ssl.Address
---@field host? string
---@field port? integer

---Connects as `connect` does, but returns the number of an error instead of
---raising it. Errors of the handshake are still raised.
---@param address ssl.Address see `connect`.
---@return integer # 0 for success, or the errno (integer)
---@overload fun(self: ssl.SSLSocket, host: string, port: integer): integer
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.connect_ex.Named): integer
---@overload fun(self: ssl.SSLSocket, host: string, named: ssl.SSLSocket.connect_ex.Named): integer
function SSLSocket:connect_ex(address) end

---@class ssl.SSLSocket.bind.Named
---`{host, port}`, or the two as arguments. The host `""` stands for all addresses, and the port 0 for any free port.
---@field address? ssl.Address
---@field host? string
---@field port? integer

---Gives the socket an address of this machine: `bind(2)`.
---@param address ssl.Address `{host, port}`, or the two as arguments. The host `""` stands for all addresses, and the port 0 for any free port.
---@overload fun(self: ssl.SSLSocket, host: string, port: integer)
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.bind.Named)
---@overload fun(self: ssl.SSLSocket, host: string, named: ssl.SSLSocket.bind.Named)
function SSLSocket:bind(address) end

---@class ssl.SSLSocket.listen.Named
---how many may wait to be accepted; 128 by default.
---@field backlog? integer

---Lets a bound socket accept connections: `listen(2)`.
---@param backlog? integer how many may wait to be accepted; 128 by default.
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.listen.Named)
function SSLSocket:listen(backlog) end

---Waits for a client of a listening socket, and accepts its connection. If
---`do_handshake_on_connect` is set, it then makes the handshake.
---@return ssl.SSLSocket # an `SSLSocket` that has no timeout, and the client's address as an array `{host, port}`
---@return ssl.Address
function SSLSocket:accept() end

---@class ssl.SSLSocket.sendfile.Named
---a file that is open for reading, in binary mode if the system knows the difference. A pipe is sent until its writer ends.
---@field file? file*
---where to begin, in bytes from the start of the file; 0 by default. A pipe begins where it is.
---@field offset? integer
---how many bytes to send at most; all by default.
---@field count? integer

---Sends the contents of a file.
---@param file file* a file that is open for reading, in binary mode if the system knows the difference. A pipe is sent until its writer ends.
---@param offset? integer where to begin, in bytes from the start of the file; 0 by default. A pipe begins where it is.
---@param count? integer how many bytes to send at most; all by default.
---@return integer # the number of bytes sent (integer)
---@overload fun(self: ssl.SSLSocket, named: ssl.SSLSocket.sendfile.Named): integer
---@overload fun(self: ssl.SSLSocket, file: file*, named: ssl.SSLSocket.sendfile.Named): integer
---@overload fun(self: ssl.SSLSocket, file: file*, offset: integer, named: ssl.SSLSocket.sendfile.Named): integer
function SSLSocket:sendfile(file, offset, count) end

ssl.SSLSocket = SSLSocket

---@class ssl.OCSPAnswer
---@field status string
---@field this_update integer
---@field next_update? integer
---@field revocation_time? integer
---@field reason? string

---A session of a connection. A later connection with the same server can resume it: see the
---attribute `session` of connections. You may compare sessions by `==`.
---Since: CPython 3.6.
---@class ssl.SSLSession
---The identifier of the session, up to 32 bytes. For a TLS 1.3 client, OpenSSL has made it
---up. OpenSSL: `SSL_SESSION_get_id`. Since: CPython 3.6.
---@field id string
---The time at which the session was made, in seconds since 1970.
---OpenSSL: `SSL_SESSION_get_time`. Since: CPython 3.6.
---@field time integer
---How many seconds after `time` the session can be resumed.
---OpenSSL: `SSL_SESSION_get_timeout`. Since: CPython 3.6.
---@field timeout integer
---How many seconds the server says that it accepts the ticket; 0 if it did not say.
---OpenSSL: `SSL_SESSION_get_ticket_lifetime_hint`. Since: CPython 3.6.
---@field ticket_lifetime_hint integer
---Whether the session has a ticket. With a ticket, the server need not remember the session.
---OpenSSL: `SSL_SESSION_has_ticket`. Since: CPython 3.6.
---@field has_ticket boolean
---How many bytes of early data the server takes with this session; 0 for none. See
---`SSLSocket:write_early_data`. OpenSSL: `SSL_SESSION_get_max_early_data`.
---Since: an addition.
---@field max_early_data integer
local SSLSession = {}

---@return string # the session as bytes
function SSLSession:to_bytes() end

---Makes a session from the bytes of `SSLSession:to_bytes`. The session belongs to no context,
---so a connection of any context may try to resume it. Give it only to a context that trusts
---the same servers as the session's first connection did.
---@param bytes (string|ssl.bytearray) the session.
---@return ssl.SSLSession # an `SSLSession`
function SSLSession.from_bytes(bytes) end

ssl.SSLSession = SSLSession

---@class ssl.CRLKeeperOptions
---@field context ssl.SSLContext
---@field urls? string[]
---@field clock? (fun(): integer)
---@field random? (fun(): number)
---@field fetch? (fun(url: string): string?)

---The class of what `ssl.crl_keeper` returns. Since: an addition.
---@class ssl.CRLKeeper
local CRLKeeper = {}

---Fetches the lists that are due, at the times that `Stapler:tick` tells.
---@return number # the number of seconds until the next one is due
function CRLKeeper:tick() end

---Fetches all lists now.
---@return boolean? # true; or nil and a text, if one could not be had
---@return string?
function CRLKeeper:refresh() end

---Tells how things stand, for a page of counters or a log.
---@return ssl.CRLKeeperStatus[] # an array with a table for each list: `url`, `until` (integer: when the list is out of date; nil before the first), `failures` (integer: how many times in a row the last fetches failed) and `problem` (string or nil: why)
function CRLKeeper:status() end

ssl.CRLKeeper = CRLKeeper

---@class ssl.CRLKeeperStatus
---@field url string
---@field until? integer
---@field failures integer
---@field problem? string

---Looks up an object identifier in OpenSSL's table. `_ASN1Object.fromnid(nid)` looks it up
---by its number, and `_ASN1Object.fromname(name)` by its name. The two purposes are such
---objects.
---@class ssl._ASN1Object
---@field nid integer
---@field shortname string
---@field longname string
---@field oid string
---@field fromnid (fun(nid: integer): ssl._ASN1Object)
---@field fromname (fun(name: string): ssl._ASN1Object)
---@overload fun(oid: string): ssl._ASN1Object
local _ASN1Object = {}

ssl._ASN1Object = _ASN1Object

---The class of the two purposes. Since: CPython 3.4.
---@class ssl.Purpose: ssl._ASN1Object
---The purpose of a client's context: to check that a server is who it says it is. It has
---the fields `nid` (integer), `shortname`, `longname` and `oid` (strings).
---Since: CPython 3.4.
---@field SERVER_AUTH ssl.Purpose
---The purpose of a server's context, which may ask clients for certificates. It has the
---fields of `ssl.Purpose.SERVER_AUTH`. Since: CPython 3.4.
---@field CLIENT_AUTH ssl.Purpose
local Purpose = {}

ssl.Purpose = Purpose

---What a client has said first (RFC 8446, 4.1.2), for a `client_hello_callback`. Nothing of
---it is proven. The fields are there as the client gave them, in its order, and not one is
---needed to be there: a field is empty, or nil where that is said, if the client left it out.
---@class ssl.ClientHello
---@field name? string
---@field versions integer[]
---@field ciphers integer[]
---@field groups integer[]
---@field signature_algorithms integer[]
---@field alpn string[]
---@field session_offered boolean
---@field psk_identities string[]
---@field extensions { type: integer, data: string }[]
---@field legacy_version integer
---@field random string
---@field session_id string
---@field cipher_bytes string
---@field compression_methods string
---@field ja3 string
---@field ja4_r string
---@field extension (fun(self: ssl.ClientHello, type: integer): string?)

---@class ssl.StaplerOptions
---@field context ssl.SSLContext
---@field url? string
---@field clock? (fun(): integer)
---@field random? (fun(): number)
---@field fetch? (fun(url: string, request: string): string?)

---The class of what `ssl.stapler` returns. Since: an addition.
---@class ssl.Stapler
local Stapler = {}

---Fetches the responses that are due. The first call fetches all. A response is fetched again
---halfway to its end, and at least once an hour; after a failure, in a minute, then in two,
---four, up to an hour, with a random part.
---@return number # the number of seconds until the next one is due
function Stapler:tick() end

---Fetches all responses now.
---@return boolean? # true; or nil and a text, if one could not be had
---@return string?
function Stapler:refresh() end

---Tells how things stand, for a page of counters or a log.
---@return ssl.StaplerStatus[] # an array with a table for each certificate: `certificate` (DER), `url`, `stapled` (boolean: whether there is a response to staple now), `status` (string or nil: of the last answer), `until` (integer: when the response is out of date), `failures` (integer: how many times in a row the last fetches failed) and `problem` (string or nil: why)
function Stapler:status() end

ssl.Stapler = Stapler

---@class ssl.StaplerStatus
---@field certificate string
---@field url string
---@field stapled boolean
---@field status? string
---@field until? integer
---@field failures integer
---@field problem? string

---@class ssl.LuaSecParams
---@field mode ("client"|"server")
---@field protocol string
---@field key? string
---@field certificate? string
---@field certificates? table[]
---@field password? (string|(fun(): string?))
---@field cafile? string
---@field capath? string
---@field verify? (string|string[])
---@field verifyext? (string|string[])
---@field options? (string|string[])
---@field ciphers? string
---@field ciphersuites? string
---@field depth? integer
---@field curve? string
---@field curveslist? string
---@field dhparam? function
---@field alpn? (string|string[]|(fun(offered: string[]): (string|string[]|nil)))
---@field psk? (function|table)
---@field dane? (true|string[])
---@field host? string
---@field session? ssl.SSLSession

---@class ssl.Address
---@field [1] string
---@field [2] integer

---@class ssl.MemoryStore: ssl.SessionStore
---@field count (fun(): integer)

---@class ssl.NetworkStoreOptions
---@field host? string
---@field port? integer
---@field path? string
---@field ring? ssl.TicketRing
---@field unsealed? boolean
---@field prefix? string
---@field timeout? number
---@field connections? integer
---@field tls? ssl.SSLContext
---@field server_hostname? string

---@class ssl.RedisOptions: ssl.NetworkStoreOptions
---@field user? string
---@field password? string
---@field database? integer

---@class ssl.NetworkStore: ssl.SessionStore
---@field failures (fun(): integer)
---@field close (fun())

---@class ssl.luasec.certificate
local certificate = {}

---@return string # the certificate in PEM
function certificate:pem() end

---@return string? # the public key of the certificate
---@return string?
---@return integer?
function certificate:pubkey() end

---@param algorithm? string `"sha1"` by default. `"sha256"` and `"sha512"` are better.
---@return string? # the fingerprint of the certificate
---@return string?
function certificate:digest(algorithm) end

---@return string # the serial number
function certificate:serial() end

---@return string # the name of the algorithm that signed the certificate
function certificate:getsignaturename() end

---@return string # the time from which the certificate is valid
function certificate:notbefore() end

---@return string # the time until which the certificate is valid
function certificate:notafter() end

---Tells whether the certificate is valid at a time.
---@param time integer seconds since 1970, as `os.time` gives them.
---@return boolean # a boolean
function certificate:validat(time) end

---Tells whether this certificate has issued another one. It trusts this certificate alone for
---the check.
---@param cert ssl.luasec.certificate the other one.
---@param ... ssl.luasec.certificate
---@return true? # true; or nil and a text
---@return string?
function certificate:issued(cert, ...) end

---@return { oid: string, name: string, value: string }[] # the name of the certificate's owner
function certificate:subject() end

---@return { oid: string, name: string, value: string }[] # the name of the authority that has signed the certificate
function certificate:issuer() end

---Sets how `subject`, `issuer` and `extensions` write texts.
---@param encoding ("ai5"|"utf8") `"ai5"`, the encoding at first, leaves texts as they are in the certificate. `"utf8"` converts them to UTF-8.
---@return boolean # true, or false if there is no such encoding
function certificate:setencode(encoding) end

---@return table<string, table> # the other names that the certificate is for (subjectAltName)
function certificate:extensions() end

---@class ssl.luasec.connection
local connection = {}

---Makes the TLS handshake. If the context has a `verify` mode, the handshake checks the peer's
---certificate.
---@return boolean # true; or false and a text
---@return string?
---@return string?
function connection:dohandshake() end

---@return string? # the name of the host that the client asks for: see `sni`
function connection:getsniname() end

---@return string? # the protocol that both sides agreed on by ALPN
function connection:getalpn() end

---@return string? # the last Finished message that this side has sent
---@return string?
function connection:getfinished() end

---@return string? # the last Finished message that the peer has sent
---@return string?
function connection:getpeerfinished() end

---Closes the connection. It tells the peer by close_notify, if the socket takes that at once:
---`close` never waits. From then on every other method fails with `"closed"`. You may call
---`close` more than once. A variable `local conn <close>` calls it for you.
function connection:close() end

---Ends one direction of the connection, or both. The connection stays open until you call
---`close`.
---@param mode? ("send"|"receive"|"both") `"send"` sends close_notify, if the socket takes it at once, and then the end of the stream. `"receive"` stops reading. `"both"`, the default, does both.
---@return integer? # 1; or nil and the reason
---@return string?
function connection:shutdown(mode) end

---Limits how long a call may take. When the time is up, the call returns `"wantread"` or
---`"wantwrite"`.
---@param seconds? number the limit. Nil or a negative number means no limit. With 0, calls never wait.
---@param mode? ("b"|"t"|"r") which of two limits to set: `"b"` (the default) or `"t"` (also `"r"`). The shorter one limits the whole call.
---@return integer # 1
function connection:settimeout(seconds, mode) end

---@return number # the limits that `settimeout` has set
---@return number
function connection:gettimeout() end

---Tells whether received bytes wait inside the connection. `socket.select` cannot see these
---bytes, so call `receive` before you wait for the descriptor.
---@return boolean # a boolean
function connection:dirty() end

---Tells what the last unfinished call waits for.
---@return ("nothing"|"read"|"write"|"x509lookup") # `"nothing"`, `"read"`, `"write"` or `"x509lookup"`
function connection:want() end

---@return integer # the descriptor of the socket, so that you can wait for it
function connection:getfd() end

---Tells how much the connection has carried.
---@return integer # three numbers: the bytes received, the bytes sent, and the seconds since the connection was made
---@return integer
---@return number
function connection:getstats() end

---Sets the numbers that `getstats` returns.
---@param received? number bytes.
---@param sent? number bytes.
---@param age? number seconds. An argument that is nil changes nothing.
---@return integer # 1
function connection:setstats(received, sent, age) end

---@param n? integer which one. 1, the default, is the peer's own; 2 is the next one of its chain, and so on.
---@return ssl.luasec.certificate? # a certificate that the peer has shown
---@return string?
function connection:getpeercertificate(n) end

---@return ssl.luasec.certificate[]? # all certificates that the peer has shown
---@return string?
function connection:getpeerchain() end

---@param n? integer which one, as for `getpeercertificate`.
---@return ssl.luasec.certificate? # a certificate that this side has shown
---@return string?
function connection:getlocalcertificate(n) end

---@return ssl.luasec.certificate[]? # all certificates that this side has shown
---@return string?
function connection:getlocalchain() end

---Tells what came of the check of the peer's certificate. With `verify = "none"`, the handshake
---goes on whatever the check finds, and this method still tells the result.
---@return boolean # true; or false and a text that says what is wrong
---@return (string|string[][])?
function connection:getpeerverification() end

---Makes the connection check the peer's certificate by TLSA records, which you add by `settlsa`,
---and not by trusted authorities. Call it on a client before the handshake. The context needs
---`dane`.
---@param host string the name of the host that the records are for.
---@return boolean # true; or false if the context has no `dane`, or the connection is not a client's before its handshake
function connection:setdane(host) end

---Adds a TLSA record. Get the records from DNS, and check them by DNSSEC: whoever can forge the
---records can pretend to be the server.
---@param usage integer the three numbers of the record.
---@param selector integer the three numbers of the record.
---@param matchingtype integer the three numbers of the record.
---@param data string the bytes of the record.
---@return boolean # true; or false if OpenSSL cannot use the record, or if you have not called `setdane`
function connection:settlsa(usage, selector, matchingtype, data) end

---Receives bytes. It waits until all the bytes that you ask for have come.
---@param pattern? (string|number) `"*l"`, the default, receives a line, and returns it without its line feed and without carriage returns. `"*a"` receives everything until the peer ends the connection. A number receives so many bytes.
---@param prefix? string bytes to put in front of the result. After a call that has failed, pass its third result to go on. The prefix counts in the number of bytes.
---@return string? # the bytes, nil, nil, and how many seconds the call took
---@return string?
---@return string?
---@return number
function connection:receive(pattern, prefix) end

---Sends a string, or the part of it from byte `i` to byte `j`.
---@param data (string|number) the bytes.
---@param i? integer the first and the last byte; 1 and -1 by default. A negative number counts from the end, as in `string.sub`.
---@param j? integer the first and the last byte; 1 and -1 by default. A negative number counts from the end, as in `string.sub`.
---@return integer? # the index of the last byte sent, nil, nil, and how many seconds the call took
---@return string?
---@return integer?
---@return number
function connection:send(data, i, j) end

---Names the host before the handshake.
---@param name string the host. The client does not send an IP address, but checks it.
---@overload fun(self: ssl.luasec.connection, map: table<string, ssl.SSLContext>, strict?: boolean)
function connection:sni(name) end

---Tells what both sides agreed on.
---@return { protocol: string, cipher: string, key: string, authentication: string, encryption: string, mac: string, bits: integer, algbits: integer, export: boolean, compression?: string }? # a table with the fields `protocol`, `cipher`, `key`, `authentication`, `encryption`, `mac` (strings), `bits`, `algbits` (integers), `export` (boolean) and `compression` (string or nil)
---@return string?
---@overload fun(self: ssl.luasec.connection, field: string): any, string?
function connection:info() end

---Makes a key for another protocol out of the keys of the connection. Both sides get the same
---key.
---@param label string what the key is for.
---@param length integer its size in bytes.
---@param context? string more bytes that the key depends on.
---@return string? # a string
---@return string?
function connection:exportkeyingmaterial(label, length, context) end

---@return ssl.SSLSession? # the session of the connection
function connection:getsession() end

---Makes a client offer to resume a session. Call it before the handshake.
---@param session ssl.SSLSession a session of a connection whose context was made from the same table, or that trusts the same authorities. The server of a resumed session shows no certificate again.
function connection:setsession(session) end

---@return string? # the address of the peer
---@return (integer|string)
---@return string?
function connection:getpeername() end

---@return string? # the address of this side
---@return (integer|string)
---@return string?
function connection:getsockname() end

---Reads an option of the socket.
---@param name string LuaSocket's name of the option, such as `"tcp-nodelay"`.
---@return any # the value; or nil and a text
---@return string?
function connection:getoption(name) end

---Sets an option of the socket.
---@param name string LuaSocket's name of the option, such as `"tcp-nodelay"`.
---@param value? any the value, as LuaSocket takes it.
---@return integer? # 1; or nil and a text
---@return string?
function connection:setoption(name, value) end

---@class ssl.Enum
local Enum = {}

---The name of a constant.
---@param number integer its value.
---@return string? # `name` (string), or nil if no constant of this enum has the value
function Enum:name(number) end

---The names of the constants that make up a combination.
---@param flags integer constants combined by `|`.
---@return string[] # an array of strings in the order of the numbers
function Enum:names(flags) end

---The `CERT_*` constants, from name to integer. `ssl.VerifyMode:name(n)` returns the name
---of a number. Like all enums, the table is read-only, and `pairs` works on it.
---Since: CPython 3.6.
---@class ssl.VerifyMode: ssl.Enum
---@field CERT_NONE integer
---@field CERT_OPTIONAL integer
---@field CERT_REQUIRED integer
local VerifyMode = {}

ssl.VerifyMode = VerifyMode

---The `VERIFY_*` constants. `ssl.VerifyFlags:names(flags)` lists the names of the flags
---that are set. Since: CPython 3.6.
---@class ssl.VerifyFlags: ssl.Enum
---@field VERIFY_DEFAULT integer
---@field VERIFY_CRL_CHECK_LEAF integer
---@field VERIFY_CRL_CHECK_CHAIN integer
---@field VERIFY_X509_STRICT integer
---@field VERIFY_ALLOW_PROXY_CERTS integer
---@field VERIFY_X509_TRUSTED_FIRST integer
---@field VERIFY_X509_PARTIAL_CHAIN integer
local VerifyFlags = {}

ssl.VerifyFlags = VerifyFlags

---The `OP_*` constants. `ssl.Options:names(ctx.options)` lists the names of the options
---that are set. Since: CPython 3.6.
---@class ssl.Options: ssl.Enum
---@field OP_ALL integer
---@field OP_NO_SSLv2 integer
---@field OP_NO_SSLv3 integer
---@field OP_NO_TLSv1 integer
---@field OP_NO_TLSv1_1 integer
---@field OP_NO_TLSv1_2 integer
---@field OP_NO_TLSv1_3 integer
---@field OP_NO_RENEGOTIATION integer
---@field OP_CIPHER_SERVER_PREFERENCE integer
---@field OP_SINGLE_DH_USE integer
---@field OP_SINGLE_ECDH_USE integer
---@field OP_ENABLE_MIDDLEBOX_COMPAT integer
---@field OP_NO_COMPRESSION integer
---@field OP_NO_TICKET integer
---@field OP_IGNORE_UNEXPECTED_EOF integer
---@field OP_NO_ANTI_REPLAY integer
---@field OP_ENABLE_KTLS integer
---@field OP_LEGACY_SERVER_CONNECT integer
---@field OP_ECH_GREASE integer
local Options = {}

ssl.Options = Options

---The `ALERT_DESCRIPTION_*` constants. Since: CPython 3.6.
---@class ssl.AlertDescription: ssl.Enum
---@field ALERT_DESCRIPTION_CLOSE_NOTIFY integer
---@field ALERT_DESCRIPTION_UNEXPECTED_MESSAGE integer
---@field ALERT_DESCRIPTION_BAD_RECORD_MAC integer
---@field ALERT_DESCRIPTION_RECORD_OVERFLOW integer
---@field ALERT_DESCRIPTION_DECOMPRESSION_FAILURE integer
---@field ALERT_DESCRIPTION_HANDSHAKE_FAILURE integer
---@field ALERT_DESCRIPTION_BAD_CERTIFICATE integer
---@field ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE integer
---@field ALERT_DESCRIPTION_CERTIFICATE_REVOKED integer
---@field ALERT_DESCRIPTION_CERTIFICATE_EXPIRED integer
---@field ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN integer
---@field ALERT_DESCRIPTION_ILLEGAL_PARAMETER integer
---@field ALERT_DESCRIPTION_UNKNOWN_CA integer
---@field ALERT_DESCRIPTION_ACCESS_DENIED integer
---@field ALERT_DESCRIPTION_DECODE_ERROR integer
---@field ALERT_DESCRIPTION_DECRYPT_ERROR integer
---@field ALERT_DESCRIPTION_PROTOCOL_VERSION integer
---@field ALERT_DESCRIPTION_INSUFFICIENT_SECURITY integer
---@field ALERT_DESCRIPTION_INTERNAL_ERROR integer
---@field ALERT_DESCRIPTION_USER_CANCELLED integer
---@field ALERT_DESCRIPTION_NO_RENEGOTIATION integer
---@field ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION integer
---@field ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE integer
---@field ALERT_DESCRIPTION_UNRECOGNIZED_NAME integer
---@field ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE integer
---@field ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE integer
---@field ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY integer
local AlertDescription = {}

ssl.AlertDescription = AlertDescription

---The `SSL_ERROR_*` constants, which are the `errno` of an `SSLError`.
---Since: CPython 3.6.
---@class ssl.SSLErrorNumber: ssl.Enum
---@field SSL_ERROR_ZERO_RETURN integer
---@field SSL_ERROR_WANT_READ integer
---@field SSL_ERROR_WANT_WRITE integer
---@field SSL_ERROR_WANT_X509_LOOKUP integer
---@field SSL_ERROR_SYSCALL integer
---@field SSL_ERROR_SSL integer
---@field SSL_ERROR_WANT_CONNECT integer
---@field SSL_ERROR_EOF integer
---@field SSL_ERROR_INVALID_ERROR_CODE integer
local SSLErrorNumber = {}

ssl.SSLErrorNumber = SSLErrorNumber

---The `PROTOCOL_*` constants. Python's private name for the table, `_SSLMethod`, works
---too. Since: CPython 3.6.
---@class ssl.Protocol: ssl.Enum
---@field PROTOCOL_TLS integer
---@field PROTOCOL_TLS_CLIENT integer
---@field PROTOCOL_TLS_SERVER integer
---@field PROTOCOL_SSLv23 integer
---@field PROTOCOL_SSLv3 integer
---@field PROTOCOL_TLSv1 integer
---@field PROTOCOL_TLSv1_1 integer
---@field PROTOCOL_TLSv1_2 integer
---@field PROTOCOL_DTLS_CLIENT integer
---@field PROTOCOL_DTLS_SERVER integer
local Protocol = {}

ssl.Protocol = Protocol

---The values for a context's `minimum_version` and `maximum_version`:
---`MINIMUM_SUPPORTED`, `SSLv3`, `TLSv1`, `TLSv1_1`, `TLSv1_2`, `TLSv1_3`,
---`MAXIMUM_SUPPORTED`. Since: CPython 3.7.
---@class ssl.TLSVersion: ssl.Enum
---@field MINIMUM_SUPPORTED integer
---@field SSLv3 integer
---@field TLSv1 integer
---@field TLSv1_1 integer
---@field TLSv1_2 integer
---@field TLSv1_3 integer
---@field MAXIMUM_SUPPORTED integer
local TLSVersion = {}

ssl.TLSVersion = TLSVersion

---The content types that `_msg_callback` is given (RFC 8446, B.1), and two of
---OpenSSL's own: `HEADER` and `INNER_CONTENT_TYPE`. Since: CPython 3.8.
---@class ssl._TLSContentType: ssl.Enum
---@field CHANGE_CIPHER_SPEC integer
---@field ALERT integer
---@field HANDSHAKE integer
---@field APPLICATION_DATA integer
---@field HEADER integer
---@field INNER_CONTENT_TYPE integer
local _TLSContentType = {}

ssl._TLSContentType = _TLSContentType

---The alerts that `_msg_callback` is given (RFC 8446, B.2). Since: CPython 3.8.
---@class ssl._TLSAlertType: ssl.Enum
---@field CLOSE_NOTIFY integer
---@field UNEXPECTED_MESSAGE integer
---@field BAD_RECORD_MAC integer
---@field DECRYPTION_FAILED integer
---@field RECORD_OVERFLOW integer
---@field DECOMPRESSION_FAILURE integer
---@field HANDSHAKE_FAILURE integer
---@field NO_CERTIFICATE integer
---@field BAD_CERTIFICATE integer
---@field UNSUPPORTED_CERTIFICATE integer
---@field CERTIFICATE_REVOKED integer
---@field CERTIFICATE_EXPIRED integer
---@field CERTIFICATE_UNKNOWN integer
---@field ILLEGAL_PARAMETER integer
---@field UNKNOWN_CA integer
---@field ACCESS_DENIED integer
---@field DECODE_ERROR integer
---@field DECRYPT_ERROR integer
---@field EXPORT_RESTRICTION integer
---@field PROTOCOL_VERSION integer
---@field INSUFFICIENT_SECURITY integer
---@field INTERNAL_ERROR integer
---@field INAPPROPRIATE_FALLBACK integer
---@field USER_CANCELED integer
---@field NO_RENEGOTIATION integer
---@field MISSING_EXTENSION integer
---@field UNSUPPORTED_EXTENSION integer
---@field CERTIFICATE_UNOBTAINABLE integer
---@field UNRECOGNIZED_NAME integer
---@field BAD_CERTIFICATE_STATUS_RESPONSE integer
---@field BAD_CERTIFICATE_HASH_VALUE integer
---@field UNKNOWN_PSK_IDENTITY integer
---@field CERTIFICATE_REQUIRED integer
---@field NO_APPLICATION_PROTOCOL integer
local _TLSAlertType = {}

ssl._TLSAlertType = _TLSAlertType

---The handshake messages that `_msg_callback` is given (RFC 8446, B.3).
---Since: CPython 3.8.
---@class ssl._TLSMessageType: ssl.Enum
---@field HELLO_REQUEST integer
---@field CLIENT_HELLO integer
---@field SERVER_HELLO integer
---@field HELLO_VERIFY_REQUEST integer
---@field NEWSESSION_TICKET integer
---@field END_OF_EARLY_DATA integer
---@field HELLO_RETRY_REQUEST integer
---@field ENCRYPTED_EXTENSIONS integer
---@field CERTIFICATE integer
---@field SERVER_KEY_EXCHANGE integer
---@field CERTIFICATE_REQUEST integer
---@field SERVER_DONE integer
---@field CERTIFICATE_VERIFY integer
---@field CLIENT_KEY_EXCHANGE integer
---@field FINISHED integer
---@field CERTIFICATE_URL integer
---@field CERTIFICATE_STATUS integer
---@field SUPPLEMENTAL_DATA integer
---@field KEY_UPDATE integer
---@field NEXT_PROTO integer
---@field MESSAGE_HASH integer
---@field CHANGE_CIPHER_SPEC integer
local _TLSMessageType = {}

ssl._TLSMessageType = _TLSMessageType

---Tells whether `value` is an object of `class`, or of a class derived from it.
---@param value any for example an error, or an object of this module.
---@param class table an error class such as `ssl.SSLError`, or `ssl.SSLContext`, `ssl.SSLSocket`, `ssl.SSLObject`, `ssl.SSLSession`, `ssl.MemoryBIO`, `ssl.bytearray`.
---@return boolean # a boolean
function ssl.isinstance(value, class) end

---Counts what the module has done in this Lua state, and what it holds now. Show these
---numbers on a page of metrics.
---@return ssl.Counters # a table of integers: - `contexts`, `connections`: how many exist now; - `contexts_made`, `connections_made`: how many were made so far; - `handshakes`: how many succeeded, and `resumptions`: how many of these resumed a session; - `handshakes_failed`: how many failed, and `handshakes_rejected`: how many of these failed because of the peer's certificate; - `bytes_read`, `bytes_written`: bytes of plaintext; - `refusals`: how often a host's limits refused something; - `store_hits`, `store_misses`: how often a `session_store` had the session that a client wanted to resume, and how often it had not; - `store_failures`: how often a call of the store failed, and `store_rejections`: how often the store gave something that was not the session
function ssl.counters() end

---Makes random bytes that are strong enough for cryptography.
---@param num integer how many; 0 or more.
---@return string # a string of `num` bytes
function ssl.RAND_bytes(num) end

---Makes random bytes that need not be strong. OpenSSL has one generator for both, so these
---bytes are as good as those of `ssl.RAND_bytes`. Use `ssl.RAND_bytes`.
---@param num integer how many; 0 or more.
---@return string # `bytes` (string) and `is_cryptographic` (boolean): true
---@return boolean
function ssl.RAND_pseudo_bytes(num) end

---Tells whether the generator has been seeded with enough randomness.
---@return boolean # a boolean
function ssl.RAND_status() end

---Mixes bytes into the state of the random generator. This never makes the generator
---worse.
---@param bytes (string|ssl.bytearray) the bytes.
---@param entropy number at least how many bytes of randomness are in `bytes`. 0.0 is always safe.
function ssl.RAND_add(bytes, entropy) end

---Reads 256 bytes of randomness from an entropy-gathering daemon. The function exists only
---if OpenSSL is built with it; by default OpenSSL is not.
---@param path string the daemon's socket.
---@return integer # the number of bytes read (integer)
function ssl.RAND_egd(path) end

---Lists the signature algorithms that OpenSSL has for TLS.
---@return string[] # an array of strings
function ssl.get_sigalgs() end

---@class ssl.generate_ech_key.Named
---the name that everybody may see. The server needs a certificate for this name too: a client whose configuration is out of date checks it to trust the newer configuration that the server sends.
---@field public_name? string
---the length of the longest name that hides behind the key, from 0 to 255. Clients pad shorter names to this length. With 0, the default, they choose.
---@field maximum_name_length? integer

---Makes a server's key for Encrypted ClientHello. Clients that know its public part send
---the name that they want in encrypted form; an observer sees `public_name` alone.
---@param public_name string the name that everybody may see. The server needs a certificate for this name too: a client whose configuration is out of date checks it to trust the newer configuration that the server sends.
---@param maximum_name_length? integer the length of the longest name that hides behind the key, from 0 to 255. Clients pad shorter names to this length. With 0, the default, they choose.
---@return string # `key` (string): PEM text for `set_ech_keys`, with the private key and the configuration, to be kept secret
---@return string
---@overload fun(named: ssl.generate_ech_key.Named): string, string
---@overload fun(public_name: string, named: ssl.generate_ech_key.Named): string, string
function ssl.generate_ech_key(public_name, maximum_name_length) end

---@class ssl.ticket_ring.Named
---at least 32 random bytes (string or bytearray), for example from `ssl.RAND_bytes(48)`; or an array of them; or a function that returns one of these. The first secret encrypts, all decrypt, at most 8. To change the secret of many machines without losing a session, first give all of them `{old, new}`, then `{new, old}`.
---@field secret? (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[])))
---in place of `secret`, the path of a file that has a secret of at least 32 characters in each line, such as `openssl rand -base64 48` prints.
---@field secretfile? string
---the seconds for which a key encrypts; 12 hours by default.
---@field period? integer
---how many periods before the present one count; 3 by default.
---@field keep? integer
---the seconds by which the clocks of two machines may differ, at most half a period; a tenth of a period by default.
---@field skew? integer
---returns the seconds since 1970, for tests; the system's clock by default. It is called when a connection is made.
---@field clock? (fun(): number)

---Makes a ring of ticket keys, for `SSLContext:set_ticket_keys`. The keys come from a secret
---and the clock: every process and every machine that has the secret has the same keys, and
---resumes the sessions of all others. Nobody has to distribute keys or write them anywhere.
---@param secret? (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[]))) at least 32 random bytes (string or bytearray), for example from `ssl.RAND_bytes(48)`; or an array of them; or a function that returns one of these. The first secret encrypts, all decrypt, at most 8. To change the secret of many machines without losing a session, first give all of them `{old, new}`, then `{new, old}`.
---@param secretfile? string in place of `secret`, the path of a file that has a secret of at least 32 characters in each line, such as `openssl rand -base64 48` prints.
---@param period? integer the seconds for which a key encrypts; 12 hours by default.
---@param keep? integer how many periods before the present one count; 3 by default.
---@param skew? integer the seconds by which the clocks of two machines may differ, at most half a period; a tenth of a period by default.
---@param clock? (fun(): number) returns the seconds since 1970, for tests; the system's clock by default. It is called when a connection is made.
---@return ssl.TicketRing # an `ssl.TicketRing`
---@overload fun(named: ssl.ticket_ring.Named): ssl.TicketRing
---@overload fun(secret: (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[]))), named: ssl.ticket_ring.Named): ssl.TicketRing
---@overload fun(secret: (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[]))), secretfile: string, named: ssl.ticket_ring.Named): ssl.TicketRing
---@overload fun(secret: (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[]))), secretfile: string, period: integer, named: ssl.ticket_ring.Named): ssl.TicketRing
---@overload fun(secret: (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[]))), secretfile: string, period: integer, keep: integer, named: ssl.ticket_ring.Named): ssl.TicketRing
---@overload fun(secret: (ssl.Secret|ssl.Secret[]|(fun(): (ssl.Secret|ssl.Secret[]))), secretfile: string, period: integer, keep: integer, skew: integer, named: ssl.ticket_ring.Named): ssl.TicketRing
function ssl.ticket_ring(secret, secretfile, period, keep, skew, clock) end

---Reads a certificate. It does not check the certificate: neither its signature nor its
---dates.
---@param pem_or_der (string|ssl.bytearray) DER if its first byte is 0x30, otherwise PEM. Of several certificates in PEM the first is decoded, but the others have to be well formed too.
---@return ssl.Certificate # the table that `SSLSocket:getpeercert` returns, with these fields: - `subject`, `issuer` (arrays of RDNs, each an array of `{name, value}`); - `version` (integer), `serialNumber` (string, hexadecimal); - `notBefore`, `notAfter` (strings, see `ssl.cert_time_to_seconds`); - if the certificate has them: `subjectAltName` (array of `{kind, value}`), `OCSP`, `caIssuers` and `crlDistributionPoints` (arrays of URIs)
function ssl.decode_certificate(pem_or_der) end

---@class ssl.ocsp_request.Named
---the certificate and after it the certificate of its issuer, as PEM or DER.
---@field chain? (string|ssl.bytearray|string[])

---Makes a question to the issuer of a certificate: is the certificate revoked? Send the
---request by HTTP POST, with the type `application/ocsp-request`, to one of the URLs that
---`ssl.decode_certificate` lists as `OCSP`. `ssl.read_ocsp_response` reads the answer, and
---`ssl.stapler` does all of it again and again for a server.
---@param chain (string|ssl.bytearray|string[]) the certificate and after it the certificate of its issuer, as PEM or DER.
---@return string # the request in DER (string)
function ssl.ocsp_request(chain) end

---@class ssl.read_ocsp_response.Named
---the answer, in DER.
---@field response? (string|ssl.bytearray)
---the certificate and its issuer's, as for `ssl.ocsp_request`.
---@field chain? (string|ssl.bytearray|string[])

---Reads what the issuer of a certificate answered to `ssl.ocsp_request`.
---@param response (string|ssl.bytearray) the answer, in DER.
---@param chain (string|ssl.bytearray|string[]) the certificate and its issuer's, as for `ssl.ocsp_request`.
---@return ssl.OCSPAnswer # a table: - `status` (string): `"good"`, `"revoked"`, or `"unknown"` to the issuer; - `this_update` (integer): when this was so, in seconds since 1970, and `next_update` (integer or nil): until when it holds
---@overload fun(named: ssl.read_ocsp_response.Named): ssl.OCSPAnswer
function ssl.read_ocsp_response(response, chain) end

---Reads the certificates of a system store. Windows only.
---@param store_name string `"CA"`, `"ROOT"`, `"MY"` or another store's name.
---@return { cert_bytes: string, encoding_type: "x509_asn"|"pkcs_7_asn", trust: true|table<string, true> }[] # an array of entries `{cert_bytes, encoding_type, trust}`, which have these as fields too: `cert_bytes` (string), `encoding_type` (string: `"x509_asn"` or `"pkcs_7_asn"`) and `trust` (true for every purpose, or a table whose keys are the OIDs it is trusted for)
function ssl.enum_certificates(store_name) end

---Reads the revocation lists of a system store. Windows only.
---@param store_name string as for `ssl.enum_certificates`.
---@return { cert_bytes: string, encoding_type: string }[] # an array of entries `{cert_bytes, encoding_type}`, which have these as fields too: both strings, as for `ssl.enum_certificates`
function ssl.enum_crls(store_name) end

---Tells the name of a protocol number.
---@param protocol integer a `PROTOCOL_*` constant.
---@return string # a string; `"<unknown>"` for any other number
function ssl.get_protocol_name(protocol) end

---Keeps the certificate revocation lists of a context current: it fetches each list again
---before the list is out of date, and gives it to `SSLContext:replace_crl`. Turn the check on by
---`verify_flags`. If a list cannot be had any more, the old one ends at its time, and the
---context then refuses the certificates of that authority.
---@param options ssl.CRLKeeperOptions its fields are the following.
---@return ssl.CRLKeeper # an `ssl.CRLKeeper`
function ssl.crl_keeper(options) end

---@class ssl.create_default_context.Named
---`ssl.Purpose.SERVER_AUTH` (the default) for a client, `ssl.Purpose.CLIENT_AUTH` for a server.
---@field purpose? ssl.Purpose
---path of a file of trusted certificates in PEM.
---@field cafile? string
---path of a folder of them, made by `openssl rehash`.
---@field capath? string
---the certificates themselves, PEM or DER. If you give none of the three, a client trusts the authorities of the system.
---@field cadata? (string|ssl.bytearray)

---Makes a context with good settings for a purpose. The settings may become stricter in
---later versions. If your program needs certain settings, make an `SSLContext` yourself.
---@param purpose? ssl.Purpose `ssl.Purpose.SERVER_AUTH` (the default) for a client, `ssl.Purpose.CLIENT_AUTH` for a server.
---@param cafile? string path of a file of trusted certificates in PEM.
---@param capath? string path of a folder of them, made by `openssl rehash`.
---@param cadata? (string|ssl.bytearray) the certificates themselves, PEM or DER. If you give none of the three, a client trusts the authorities of the system.
---@return ssl.SSLContext # an `SSLContext`
---@overload fun(named: ssl.create_default_context.Named): ssl.SSLContext
---@overload fun(purpose: ssl.Purpose, named: ssl.create_default_context.Named): ssl.SSLContext
---@overload fun(purpose: ssl.Purpose, cafile: string, named: ssl.create_default_context.Named): ssl.SSLContext
---@overload fun(purpose: ssl.Purpose, cafile: string, capath: string, named: ssl.create_default_context.Named): ssl.SSLContext
function ssl.create_default_context(purpose, cafile, capath, cadata) end

---@class ssl._create_unverified_context.Named
---a `PROTOCOL_*` constant; by default that of `purpose`.
---@field protocol? integer
---a `CERT_*` constant; `ssl.CERT_NONE` by default.
---@field cert_reqs? integer
---false by default; true needs `cert_reqs` too.
---@field check_hostname? boolean
---`ssl.Purpose.SERVER_AUTH` by default.
---@field purpose? ssl.Purpose
---see `SSLContext:load_cert_chain`.
---@field certfile? string
---see `SSLContext:load_cert_chain`.
---@field keyfile? string
---see `create_default_context`.
---@field cafile? string
---see `create_default_context`.
---@field capath? string
---see `create_default_context`.
---@field cadata? (string|ssl.bytearray)

---Makes a context that trusts everybody, unless you say otherwise. Use it for tests, and
---for peers that you know by other means. The function is private in CPython, but widely
---used.
---@param protocol? integer a `PROTOCOL_*` constant; by default that of `purpose`.
---@return ssl.SSLContext # an `SSLContext`
---@overload fun(named: ssl._create_unverified_context.Named): ssl.SSLContext
function ssl._create_unverified_context(protocol) end

---@class ssl._create_default_https_context.Named
---@field purpose? ssl.Purpose
---@field cafile? string
---@field capath? string
---@field cadata? (string|ssl.bytearray)

---What programs replace by `_create_unverified_context` to turn verification off;
---in the beginning the same as `create_default_context`. `purpose`, `options`: as
---there. Since: CPython 2.7.9.
---@param purpose? ssl.Purpose
---@param cafile? string
---@param capath? string
---@param cadata? (string|ssl.bytearray)
---@return ssl.SSLContext
---@overload fun(named: ssl._create_default_https_context.Named): ssl.SSLContext
---@overload fun(purpose: ssl.Purpose, named: ssl._create_default_https_context.Named): ssl.SSLContext
---@overload fun(purpose: ssl.Purpose, cafile: string, named: ssl._create_default_https_context.Named): ssl.SSLContext
---@overload fun(purpose: ssl.Purpose, cafile: string, capath: string, named: ssl._create_default_https_context.Named): ssl.SSLContext
function ssl._create_default_https_context(purpose, cafile, capath, cadata) end

---@class ssl._create_stdlib_context.Named
---@field protocol? integer
---@field cert_reqs? integer
---@field check_hostname? boolean
---@field purpose? ssl.Purpose
---@field certfile? string
---@field keyfile? string
---@field cafile? string
---@field capath? string
---@field cadata? (string|ssl.bytearray)

---The same as `_create_unverified_context`, with its `options`. Since: CPython 3.4.
---@param protocol? integer
---@return ssl.SSLContext
---@overload fun(named: ssl._create_stdlib_context.Named): ssl.SSLContext
function ssl._create_stdlib_context(protocol) end

---Tells where OpenSSL looks for trusted certificates.
---@return { cafile?: string, capath?: string, openssl_cafile_env: string, openssl_cafile: string, openssl_capath_env: string, openssl_capath: string } # a table with these fields: - `cafile`, `capath` (strings): the file and the folder that `load_default_certs` uses; nil if there is no such file or folder
function ssl.get_default_verify_paths() end

---Keeps the OCSP responses current that a server staples to its certificates. A client that
---asks for stapling then learns, without a question to anybody, that the certificate is not
---revoked.
---@param options ssl.StaplerOptions its fields are the following.
---@return ssl.Stapler # an `ssl.Stapler`
function ssl.stapler(options) end

---Makes a TLS connection of a LuaSocket object, as LuaSec does: `dohandshake` is still
---to come. It takes the object's descriptor over.
---@param sock ssl.Socket a connected LuaSocket object.
---@param params (ssl.LuaSecParams|ssl.SSLContext) as for `newcontext`, which is called for a table; with `session` (SSLSession, an addition) a client offers to resume that.
---@return ssl.luasec.connection? # a connection; or nil and a text
---@return string?
function ssl.wrap(sock, params) end

---The other view of LuaSec's objects: what this module's own API has of the same
---connection. Both may be used, by turns.
---@param object ssl.luasec.connection a connection of `ssl.wrap`; or a context, which is one already.
---@return ssl.SSLSocket # an `SSLSocket` or `SSLContext`
---@overload fun(object: ssl.SSLContext): ssl.SSLContext
function ssl.python(object) end

---LuaSec's view of a connection of this module's own API, for programs that expect
---LuaSec's methods. Both may be used, by turns.
---@param conn ssl.SSLSocket a connected one.
---@return ssl.luasec.connection # a connection as `ssl.wrap` does
function ssl.luasec(conn) end

---Reads a certificate.
---@param pem string the certificate in PEM.
---@return ssl.luasec.certificate? # a certificate with LuaSec's methods; nil for anything else
function ssl.loadcertificate(pem) end

---Makes a context as LuaSec does: with OpenSSL's own settings, and what the table says.
---It checks no certificate unless told to; a client's then makes a `warn`, once in a
---process. `host` does all that a client needs.
---@param params ssl.LuaSecParams `mode` (`"client"` or `"server"`) and `protocol` (`"any"`, `"tlsv1_2"`, `"tlsv1_3"`, …) have to be there. The others: `key`, `certificate`, `password` (string or function); `certificates`, an array of tables with these three; `cafile`, `capath`; `verify` and `options` (string, or array of strings); `verifyext`; `ciphers`, `ciphersuites`, `depth`, `curve`, `curveslist`, `dhparam` (function); `alpn` (a client's: string or array; a server's: array, or function that gets the client's array and returns a string, an array, or nil); `psk` (a function, or `{hint =, callback =}`); `dane` (true, or `{"no_ee_namechecks"}`). The module `ssl.context` describes each. Where LuaSec takes the name of a file, the PEM itself will do. Other fields are left alone.
---@return ssl.SSLContext? # an `SSLContext`; or nil and a text, which names what was wrong
---@return string?
function ssl.newcontext(params) end

---@class ssl.get_server_certificate.Named
---`{host, port}`, or host and port as two arguments.
---@field addr? ssl.Address
---`ssl.PROTOCOL_TLS_CLIENT` by default.
---@field ssl_version? integer
---path of trusted certificates in PEM. The server's certificate must lead to one of them. The host name is not compared.
---@field ca_certs? string
---seconds for the connection, and then again for the handshake. By default there is no limit.
---@field timeout? number
---@field host? string
---@field port? integer

---Fetches the certificate of a TLS server. Without `ca_certs` it verifies nothing: the
---certificate is that of whoever answers.
---@param addr ssl.Address `{host, port}`, or host and port as two arguments.
---@param ssl_version? integer `ssl.PROTOCOL_TLS_CLIENT` by default.
---@param ca_certs? string path of trusted certificates in PEM. The server's certificate must lead to one of them. The host name is not compared.
---@param timeout? number seconds for the connection, and then again for the handshake. By default there is no limit.
---@return string # the certificate in PEM (string)
---@overload fun(addr: ssl.Address, named: ssl.get_server_certificate.Named): string
---@overload fun(addr: ssl.Address, ssl_version: integer, named: ssl.get_server_certificate.Named): string
---@overload fun(addr: ssl.Address, ssl_version: integer, ca_certs: string, named: ssl.get_server_certificate.Named): string
---@overload fun(host: string, port: integer, ssl_version?: integer, ca_certs?: string, timeout?: number): string
---@overload fun(named: ssl.get_server_certificate.Named): string
---@overload fun(host: string, named: ssl.get_server_certificate.Named): string
---@overload fun(host: string, port: integer, named: ssl.get_server_certificate.Named): string
---@overload fun(host: string, port: integer, ssl_version: integer, named: ssl.get_server_certificate.Named): string
---@overload fun(host: string, port: integer, ssl_version: integer, ca_certs: string, named: ssl.get_server_certificate.Named): string
function ssl.get_server_certificate(addr, ssl_version, ca_certs, timeout) end

---@class ssl.wrap_socket.Named
---see `SSLContext:wrap_socket`.
---@field sock? ssl.Socket
---paths, as for `load_cert_chain`. A server needs them. Here and below, an empty string is the same as nil.
---@field keyfile? string
---paths, as for `load_cert_chain`. A server needs them. Here and below, an empty string is the same as nil.
---@field certfile? string
---false by default.
---@field server_side? boolean
---a `CERT_*` constant; `ssl.CERT_NONE` by default.
---@field cert_reqs? integer
---a `PROTOCOL_*` constant; `ssl.PROTOCOL_TLS` by default.
---@field ssl_version? integer
---path of trusted certificates in PEM.
---@field ca_certs? string
---see `SSLContext:wrap_socket`; true by default.
---@field do_handshake_on_connect? boolean
---see `SSLContext:wrap_socket`; true by default.
---@field suppress_ragged_eofs? boolean
---see `SSLContext:set_ciphers`.
---@field ciphers? string

---Wraps a socket by a context that is made for it alone. By default this function
---verifies nothing, does not compare the host name, and does not send it. Use
---`SSLContext:wrap_socket` with a context of `create_default_context` instead.
---@param sock ssl.Socket see `SSLContext:wrap_socket`.
---@param keyfile? string paths, as for `load_cert_chain`. A server needs them. Here and below, an empty string is the same as nil.
---@param certfile? string paths, as for `load_cert_chain`. A server needs them. Here and below, an empty string is the same as nil.
---@param server_side? boolean false by default.
---@param cert_reqs? integer a `CERT_*` constant; `ssl.CERT_NONE` by default.
---@param ssl_version? integer a `PROTOCOL_*` constant; `ssl.PROTOCOL_TLS` by default.
---@param ca_certs? string path of trusted certificates in PEM.
---@param do_handshake_on_connect? boolean see `SSLContext:wrap_socket`; true by default.
---@param suppress_ragged_eofs? boolean see `SSLContext:wrap_socket`; true by default.
---@param ciphers? string see `SSLContext:set_ciphers`.
---@return ssl.SSLSocket # an `SSLSocket`
---@overload fun(sock: ssl.Socket, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, server_side: boolean, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, server_side: boolean, cert_reqs: integer, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, server_side: boolean, cert_reqs: integer, ssl_version: integer, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, server_side: boolean, cert_reqs: integer, ssl_version: integer, ca_certs: string, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, server_side: boolean, cert_reqs: integer, ssl_version: integer, ca_certs: string, do_handshake_on_connect: boolean, named: ssl.wrap_socket.Named): ssl.SSLSocket
---@overload fun(sock: ssl.Socket, keyfile: string, certfile: string, server_side: boolean, cert_reqs: integer, ssl_version: integer, ca_certs: string, do_handshake_on_connect: boolean, suppress_ragged_eofs: boolean, named: ssl.wrap_socket.Named): ssl.SSLSocket
function ssl.wrap_socket(sock, keyfile, certfile, server_side, cert_reqs, ssl_version, ca_certs, do_handshake_on_connect, suppress_ragged_eofs, ciphers) end

---@class ssl.match_hostname.Named
---what `getpeercert` or `decode_certificate` returns.
---@field cert? ssl.Certificate
---a DNS name in ASCII, or an IPv4 or IPv6 address.
---@field hostname? string

---Checks that a certificate names a host (RFC 2818 and RFC 6125). If the context has
---`check_hostname`, as a client's has by default, the handshake has done this already.
---@param cert ssl.Certificate what `getpeercert` or `decode_certificate` returns.
---@param hostname string a DNS name in ASCII, or an IPv4 or IPv6 address.
---@overload fun(cert: ssl.Certificate, named: ssl.match_hostname.Named)
function ssl.match_hostname(cert, hostname) end

---@class ssl.DER_cert_to_PEM_cert.Named
---the certificate in DER. The function does not look at its contents.
---@field der_cert_bytes? (string|ssl.bytearray)

---Turns a certificate from DER into PEM.
---@param der_cert_bytes (string|ssl.bytearray) the certificate in DER. The function does not look at its contents.
---@return string # the certificate in PEM (string), with lines of 64 characters and a newline at the end
---@overload fun(named: ssl.DER_cert_to_PEM_cert.Named): string
function ssl.DER_cert_to_PEM_cert(der_cert_bytes) end

---@class ssl.PEM_cert_to_DER_cert.Named
---one certificate in PEM. It must begin with the first character; blanks may follow it.
---@field pem_cert_string? string

---Turns a certificate from PEM into DER.
---@param pem_cert_string string one certificate in PEM. It must begin with the first character; blanks may follow it.
---@return string # the certificate in DER (string)
---@overload fun(named: ssl.PEM_cert_to_DER_cert.Named): string
function ssl.PEM_cert_to_DER_cert(pem_cert_string) end

---@class ssl.cert_time_to_seconds.Named
---`notBefore` or `notAfter` of `getpeercert`, such as `"Jan  5 09:34:43 2018 GMT"`; always in GMT, the month in English.
---@field cert_time? string

---Turns a date of a certificate into a number.
---@param cert_time string `notBefore` or `notAfter` of `getpeercert`, such as `"Jan  5 09:34:43 2018 GMT"`; always in GMT, the month in English.
---@return integer # the seconds since 1970-01-01 00:00:00 UTC (integer), as `os.time` gives them
---@overload fun(named: ssl.cert_time_to_seconds.Named): integer
function ssl.cert_time_to_seconds(cert_time) end

return ssl
