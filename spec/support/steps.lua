-- Calls of connections that do not wait, SSLSockets and SSLObjects.

local ssl = require "_ssl"

local M = {}

--- Is it an error that only says what the call needs to go on: "read" or "write"?
function M.wants(err)
  return ssl.isinstance(err, ssl.SSLWantReadError) and "read"
    or ssl.isinstance(err, ssl.SSLWantWriteError) and "write" or nil
end

--- Calls conn[method](conn, ...): "want" if it wants to wait; else true and its results,
--- or false and the error.
function M.try(conn, method, ...)
  local results = table.pack(pcall(conn[method], conn, ...))
  if not results[1] and M.wants(results[2]) then return "want" end
  return table.unpack(results, 1, results.n)
end

--- Steps two connections by turns until both have done `method`, or one fails: its error,
--- and whether it was the first.
function M.both(one, other, method)
  local done = {}
  for _ = 1, 1000 do
    for i, conn in ipairs({ one, other }) do
      if not done[i] then
        local ok, err = M.try(conn, method)
        if ok == false then return err, i == 1 end
        done[i] = ok == true
      end
    end
    if done[1] and done[2] then return end
  end
  error("neither side gets any further")
end

--- Makes the handshake of two connections; raises the error of the one that fails.
function M.handshake(one, other)
  local err = M.both(one, other, "do_handshake")
  if err then error(err, 0) end
end

return M
