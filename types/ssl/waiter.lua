---@meta ssl.waiter
-- Written by `make manual` from the doc comments of the sources.

---@class ssl.waiter
local waiter = {}

---@class ssl.waiter.scheduler
local scheduler = {}

---Lets other tasks run until the connection is ready. Set it as `ctx.waiter`. Outside of tasks,
---it blocks.
---@param conn (table|userdata) as for `ssl.waiter.copas`.
---@param event ("read"|"write") as for `ssl.waiter.copas`.
---@param timeout? number as for `ssl.waiter.copas`.
---@return boolean # whether the connection is ready (boolean)
function scheduler.wait(conn, event, timeout) end

---Lets other tasks run for a while.
---@param seconds number for how long. With 0, each of the other tasks gets one turn.
function scheduler.sleep(seconds) end

---Makes a task: a coroutine that `run` will run.
---@param f function the task's function. It gets the other arguments.
---@param ... any
---@return thread # the coroutine
function scheduler.spawn(f, ...) end

---Runs the tasks until all have ended.
---@param done? (fun(): any) is called before each turn. If it returns a true value, `run` ends.
function scheduler.run(done) end

---Waits under copas, old (1.x) or new (4.x). Set it as `ctx.waiter`. Outside of the threads of
---copas, it blocks.
---@param conn (table|userdata) an `SSLSocket`, or anything with the method `getfd`, such as a LuaSocket object.
---@param event ("read"|"write") `"read"` or `"write"`.
---@param timeout? number seconds; nil for no limit.
---@return boolean # whether the connection is ready (boolean)
function waiter.copas(conn, event, timeout) end

---Waits under cqueues. Set it as `ctx.waiter`. Outside of a loop, it blocks.
---@param conn (table|userdata) as for `ssl.waiter.copas`.
---@param event ("read"|"write") as for `ssl.waiter.copas`.
---@param timeout? number as for `ssl.waiter.copas`.
---@return boolean # whether the connection is ready (boolean)
function waiter.cqueues(conn, event, timeout) end

---Waits under luv. Set it as `ctx.waiter`. In a coroutine, it yields, and a callback of the loop
---resumes the coroutine. In the main thread, it runs the loop until the wait is over. If a
---coroutine does not catch an error, the error appears in the callback that has resumed the
---coroutine.
---@param conn (table|userdata) as for `ssl.waiter.copas`.
---@param event ("read"|"write") as for `ssl.waiter.copas`.
---@param timeout? number as for `ssl.waiter.copas`.
---@return boolean # whether the connection is ready (boolean)
function waiter.luv(conn, event, timeout) end

---@param name ("copas"|"cqueues"|"luv") `"copas"`, `"cqueues"`, `"luv"` or `"scheduler"`.
---@return function # the waiter with this name, like `ssl.waiter[name]`
---@overload fun(name: "scheduler"): table
function waiter.load(name) end

---Makes a LuaSocket TCP object wait like a TLS connection. Use it for what you say before or
---after TLS. The new object has the methods of the old one; its `connect`, `accept`, `receive`
---and `send` wait by `wait`. `wrap_socket` takes it, and `unwrap` gives it back.
---@param sock userdata a LuaSocket TCP object. LuaSocket looks up names, which blocks.
---@param wait function? a waiter of this module, or your own; nil to block.
---@return table # the new object
function waiter.plain(sock, wait) end

waiter.scheduler = scheduler

return waiter
