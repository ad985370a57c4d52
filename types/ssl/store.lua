---@meta ssl.store
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.store
local store = {}

---What `ssl.store[name]` is: a store's code is loaded when it is first asked for.
---@param name string `"memory"`, `"redis"` or `"memcached"`.
---@return function # the function that makes the store
function store.load(name) end

---Makes a session store in memcached, for `SSLContext.session_store`. It is used as
---`ssl.store.redis` is, and takes the same arguments but for those of `AUTH` and `SELECT`.
---@param options ssl.NetworkStoreOptions
---@return ssl.NetworkStore # the store (table)
function store.memcached(options) end

---@class ssl.store.memory.Named
---the most sessions that it keeps; 20480 by default.
---@field size? integer
---returns the time in seconds; `os.time` by default.
---@field clock? (fun(): number)

---Makes a session store in the process's memory: for several contexts of one process,
---and for tests. It forgets sessions when their time is over, and the oldest ones when it
---is full.
---@param size? integer the most sessions that it keeps; 20480 by default.
---@param clock? (fun(): number) returns the time in seconds; `os.time` by default.
---@return ssl.MemoryStore # the store (table): its functions `get`, `put` and `remove` are those of `SSLContext.session_store`, and `count()` returns the number of sessions
---@overload fun(named: ssl.store.memory.Named): ssl.MemoryStore
---@overload fun(size: integer, named: ssl.store.memory.Named): ssl.MemoryStore
function store.memory(size, clock) end

---Makes a session store in Redis, for `SSLContext.session_store`. It connects when it is
---first needed, and keeps its connections. `get` waits by the server context's `waiter`.
---@param options ssl.RedisOptions
---@return ssl.NetworkStore # the store (table)
function store.redis(options) end

return store
