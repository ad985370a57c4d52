---@meta ssl.scan
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.scan
local scan = {}

---@class ssl.scan.Options
---@field timeout? number
---@field deadline? number
---@field host? string
---@field context? ssl.SSLContext
---@field alpn? string[]
---@field parts? string[]
---@field prepare? (fun(sock: any))
---@field progress? (fun(part: string))

---@class ssl.scan.Suite
---@field code integer
---@field name string
---@field key_exchange string
---@field encryption string
---@field bits integer
---@field forward_secret boolean
---@field aead boolean
---@field faults string[]

---@class ssl.scan.Chain
---@field [integer] ssl.scan.Certificate
---@field in_order boolean

---@class ssl.scan.Certificate
---@field subject string
---@field issuer string
---@field names string[]
---@field not_before integer
---@field not_after integer
---@field lifetime_days integer
---@field days_left integer
---@field key_type string
---@field key_bits? integer
---@field curve? string
---@field signature string
---@field serial string
---@field self_signed boolean
---@field ocsp? string
---@field der string
---@field pem string

---@class ssl.scan.Result
---@field speaks_tls boolean
---@field versions? table<string, boolean>
---@field ciphers? table<string, ssl.scan.Suite[]>
---@field server_order? table<string, boolean>
---@field groups? table<string, string[]>
---@field dh_bits? integer
---@field signatures? table<string, string[]>
---@field chains? ssl.scan.Chain[]
---@field staple? string
---@field trusted? boolean
---@field trust_error? string
---@field verify_code? integer
---@field alpn? string[]
---@field resumption? { session_id?: boolean, ticket?: boolean, psk?: boolean, lifetime?: integer, tickets?: integer }
---@field client_renegotiation? boolean
---@field compression? boolean
---@field heartbeat? boolean
---@field secure_renegotiation? boolean
---@field extended_master_secret? boolean
---@field encrypt_then_mac? boolean
---@field downgrade? { sentinel?: boolean, scsv?: boolean }
---@field rubbish? table<string, string>
---@field tolerates? { grease?: boolean, long_hello?: boolean, future_version?: boolean }
---@field probes integer
---@field seconds number

---Looks at a TLS server: connects to it some hundred times, and tells what it offers.
---It offers the server what OpenSSL cannot offer too, such as SSL 2.0 and export
---ciphers, by ClientHellos that it writes itself. Scan only servers whose owners allow
---it.
---@param target string the host's name or address; or a server's context, which is asked in memory; or a test's server.
---@param port integer with a host.
---@param options? ssl.scan.Options `timeout` (number: seconds for each connection, 5 by default), `deadline` (number: seconds in all, 300 by default), `host` (string: the name to ask for, the target by default), `context` (`SSLContext`: a client's, which decides whether the server can be trusted), `alpn` (array of strings: protocols to ask for, `"h2"` and `"http/1.1"` by default), `parts` (array of strings: all by default; `"versions"`, `"ciphers"`, `"groups"`, `"signatures"`, `"certificates"`, `"trust"`, `"alpn"`, `"resumption"`, `"renegotiation"`, `"extensions"`, `"downgrade"`, `"rubbish"`, `"tolerance"`), `prepare` (function: gets each LuaSocket object before TLS begins, for STARTTLS), `progress` (function: gets the name of each part before it begins).
---@return ssl.scan.Result # a table
---@overload fun(target: (ssl.SSLContext|ssl.testing.Server), port?: nil, options?: ssl.scan.Options): ssl.scan.Result
function scan.server(target, port, options) end

return scan
