---@meta ssl.waiter
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.waiter
local waiter = {}

---@class ssl.waiter.scheduler
local scheduler = {}

---The waiter: lets other tasks run until `conn` is ready. Outside of tasks it blocks.
---@param conn (table|userdata) as for `ssl.waiter.copas`.
---@param event ("read"|"write") as for `ssl.waiter.copas`.
---@param timeout? number as for `ssl.waiter.copas`.
---@return boolean # whether it is ready (boolean)
function scheduler.wait(conn, event, timeout) end

---Lets other tasks run for some time.
---@param seconds number 0 for one turn of each.
function scheduler.sleep(seconds) end

---Makes a task: a coroutine that `run` runs.
---@param f function called with the other arguments.
---@param ... any
---@return thread # the coroutine; `coroutine.close` ends it while it waits
function scheduler.spawn(f, ...) end

---Runs the tasks until all have ended.
---@param done? (fun(): any) called before each turn; a true result of it ends `run`.
function scheduler.run(done) end

---Waits under copas, old (1.x) or new (4.x). The loop's `socket.select` takes
---descriptors below 1024 only: waiting for another raises `OSError`. With a copas
---that has no timers, `copas.step` is replaced by one that returns in time. Outside
---of copas' threads it blocks.
---@param conn (table|userdata) an `SSLSocket`, or anything with `getfd`, such as a LuaSocket object.
---@param event ("read"|"write") `"read"` or `"write"`.
---@param timeout? number seconds; nil for no limit.
---@return boolean # whether it is ready (boolean)
function waiter.copas(conn, event, timeout) end

---Waits under cqueues; outside of a loop it blocks.
---@param conn (table|userdata) as for `ssl.waiter.copas`.
---@param event ("read"|"write") as for `ssl.waiter.copas`.
---@param timeout? number as for `ssl.waiter.copas`.
---@return boolean # whether it is ready (boolean)
function waiter.cqueues(conn, event, timeout) end

---Waits under luv: in a coroutine, which the loop's callbacks resume; in the main
---thread it runs the loop until the wait is over. An error that such a coroutine
---does not catch is one of luv's callback.
---@param conn (table|userdata) as for `ssl.waiter.copas`.
---@param event ("read"|"write") as for `ssl.waiter.copas`.
---@param timeout? number as for `ssl.waiter.copas`.
---@return boolean # whether it is ready (boolean)
function waiter.luv(conn, event, timeout) end

---What `ssl.waiter[name]` is: an event loop is loaded when it is first asked for.
---@param name ("copas"|"cqueues"|"luv") `"copas"`, `"cqueues"`, `"luv"` or `"scheduler"`.
---@return function # a function, or the scheduler's table
---@overload fun(name: "scheduler"): table
function waiter.load(name) end

---Lets a LuaSocket TCP object wait as TLS connections do, for what is to be said
---before or after TLS: gives an object with its methods, of which `connect`,
---`accept`, `receive` and `send` wait by `wait`. `wrap_socket` takes it and
---`unwrap` gives it back.
---@param sock userdata a LuaSocket TCP object. Names are looked up by LuaSocket, which blocks.
---@param wait function? one of this module's, or your own; nil to block.
---@return table # the object
function waiter.plain(sock, wait) end

waiter.scheduler = scheduler

return waiter
