-- ssl/waiter.lua - functions for `SSLContext.waiter`: who waits, so that straight-
-- line code runs in coroutines of a known event loop, or of one of our own.
-- SPDX-License-Identifier: MIT

--@ ssl.waiter.copas(conn, event [, timeout])
-- Waits under copas, old (1.x) or new (4.x). Set it as `ctx.waiter`. Outside of the threads of
-- copas, it blocks.
--
-- The loop of copas uses `socket.select`, which takes descriptors below 1024 only: waiting for
-- another one raises `OSError`. If copas has no timers, this module replaces `copas.step` by one
-- that returns in time.
-- - `conn`: an `SSLSocket`, or anything with the method `getfd`, such as a LuaSocket object.
-- - `event` (string): `"read"` or `"write"`.
-- - `timeout` (number): seconds; nil for no limit.
-- Returns whether the connection is ready (boolean). Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local ok, waiter = pcall(require("ssl.waiter").load, "copas")
--     if ok then ctx.waiter = waiter end
--@ ssl.waiter.cqueues(conn, event [, timeout])
-- Waits under cqueues. Set it as `ctx.waiter`. Outside of a loop, it blocks.
-- - `conn`, `event`, `timeout`: as for `ssl.waiter.copas`.
-- Returns whether the connection is ready (boolean). Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local ok, waiter = pcall(require("ssl.waiter").load, "cqueues")
--     if ok then ctx.waiter = waiter end
--@ ssl.waiter.luv(conn, event [, timeout])
-- Waits under luv. Set it as `ctx.waiter`. In a coroutine, it yields, and a callback of the loop
-- resumes the coroutine. In the main thread, it runs the loop until the wait is over. If a
-- coroutine does not catch an error, the error appears in the callback that has resumed the
-- coroutine.
-- - `conn`, `event`, `timeout`: as for `ssl.waiter.copas`.
-- Returns whether the connection is ready (boolean). Raises a string error inside a callback of
-- the loop, where nothing can wait. Since: an addition.
--
-- Type: fun(conn: table|userdata, event: "read"|"write", timeout?: number): boolean
--
--     local ok, waiter = pcall(require("ssl.waiter").load, "luv")
--     if ok then ctx.waiter = waiter end
--@ ssl.waiter.scheduler (table)
-- A scheduler for programs that have no event loop. It uses `poll`, and has the functions
-- `spawn`, `run` and `sleep`, and the waiter `wait`. Since: an addition.
--
--     local scheduler = require("ssl.waiter").scheduler
--     ctx.waiter = scheduler.wait
--     scheduler.spawn(function() scheduler.sleep(0.01) end)
--     scheduler.run()
local loops = { copas = true, cqueues = true, luv = true, scheduler = true }

local M = {}

--@ ssl.waiter.load(name)
-- Returns the waiter with this name, like `ssl.waiter[name]`. It loads the event loop at the
-- first use.
-- - `name` (string): `"copas"`, `"cqueues"`, `"luv"` or `"scheduler"`.
-- Returns a function; for `"scheduler"` its table. Raises a string error if there is no such
-- waiter, or if its event loop is not installed. Since: an addition.
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
-- Makes a LuaSocket TCP object wait like a TLS connection. Use it for what you say before or
-- after TLS. The new object has the methods of the old one; its `connect`, `accept`, `receive`
-- and `send` wait by `wait`. `wrap_socket` takes it, and `unwrap` gives it back.
-- - `sock`: a LuaSocket TCP object. LuaSocket looks up names, which blocks.
-- - `wait` (function): a waiter of this module, or your own; nil to block.
-- Returns the new object. Since: an addition.
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
