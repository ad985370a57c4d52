-- ssl/waiter.lua - functions for `SSLContext.waiter`: who waits, so that straight-
-- line code runs in coroutines of a known event loop, or of one of our own.
-- SPDX-License-Identifier: MIT

--@ ssl.waiter.copas(conn, event [, timeout])
-- Waits under copas, old (1.x) or new (4.x). The loop's `socket.select` takes
-- descriptors below 1024 only: waiting for another raises `OSError`. With a copas
-- that has no timers, `copas.step` is replaced by one that returns in time. Outside
-- of copas' threads it blocks.
-- - `conn`: an `SSLSocket`, or anything with `getfd`, such as a LuaSocket object.
-- - `event` (string): `"read"` or `"write"`.
-- - `timeout` (number): seconds; nil for no limit.
-- Returns whether it is ready (boolean). Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local ok, waiter = pcall(require("ssl.waiter").load, "copas")
--     if ok then ctx.waiter = waiter end
--@ ssl.waiter.cqueues(conn, event [, timeout])
-- Waits under cqueues; outside of a loop it blocks.
-- - `conn`, `event`, `timeout`: as for `ssl.waiter.copas`.
-- Returns whether it is ready (boolean). Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local ok, waiter = pcall(require("ssl.waiter").load, "cqueues")
--     if ok then ctx.waiter = waiter end
--@ ssl.waiter.luv(conn, event [, timeout])
-- Waits under luv: in a coroutine, which the loop's callbacks resume; in the main
-- thread it runs the loop until the wait is over. An error that such a coroutine
-- does not catch is one of luv's callback.
-- - `conn`, `event`, `timeout`: as for `ssl.waiter.copas`.
-- Returns whether it is ready (boolean). Raises a string error in a callback, which
-- cannot wait. Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local ok, waiter = pcall(require("ssl.waiter").load, "luv")
--     if ok then ctx.waiter = waiter end
--@ ssl.waiter.scheduler (table)
-- A scheduler for programs that have none, on `poll`: `spawn`, `run`,
-- `sleep`, and `wait`, the waiter. Since: an addition.
--
--     local scheduler = require("ssl.waiter").scheduler
--     ctx.waiter = scheduler.wait
--     scheduler.spawn(function() scheduler.sleep(0.01) end)
--     scheduler.run()
local loops = { copas = true, cqueues = true, luv = true, scheduler = true }

local M = {}

--@ ssl.waiter.load(name)
-- What `ssl.waiter[name]` is: an event loop is loaded when it is first asked for.
-- - `name` (string): `"copas"`, `"cqueues"`, `"luv"` or `"scheduler"`.
-- Returns a function, or the scheduler's table. Raises a string error if there is
-- no such waiter, or if its loop is not installed. Since: an addition.
--
-- Type: fun(name: "copas"|"cqueues"|"luv"): function
-- Type: fun(name: "scheduler"): table
--
--     ctx.waiter = require("ssl.waiter").load("scheduler").wait
function M.load(name)
  if not loops[name] then
    error(("no waiter '%s'"):format(tostring(name)), 2)
  end
  return require("ssl.waiter." .. name)
end

--@ ssl.waiter.plain(sock, wait)
-- Lets a LuaSocket TCP object wait as TLS connections do, for what is to be said
-- before or after TLS: gives an object with its methods, of which `connect`,
-- `accept`, `receive` and `send` wait by `wait`. `wrap_socket` takes it and
-- `unwrap` gives it back.
-- - `sock`: a LuaSocket TCP object. Names are looked up by LuaSocket, which blocks.
-- - `wait` (function): one of this module's, or your own; nil to block.
-- Returns the object. Since: an addition.
--
-- Type: fun(sock: userdata, wait: function?): table
--
--     local socket = require "socket"
--     local waiter = require "ssl.waiter"
--     local tcp = waiter.plain(socket.tcp(), waiter.scheduler.wait)
--     assert(tcp:connect(host, port))
--     local c <close> = ctx:wrap_socket(tcp, { server_hostname = "localhost" })
function M.plain(sock, wait)
  return require("ssl.waiter.plain")(sock, wait)
end

return setmetatable(M, { __index = function(_, name) return M.load(name) end })
