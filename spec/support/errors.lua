-- What calls raise.

local ssl = require "_ssl"

local M = {}

--- What f(...) raises; that it raises nothing is a failure.
function M.raised(f, ...)
  local ok, err = pcall(f, ...)
  if ok then error("nothing was raised", 2) end
  return err
end

--- The same, of an error object of `class`.
function M.raises(class, f, ...)
  local ok, err = pcall(f, ...)
  if ok then error("nothing was raised", 2) end
  if not ssl.isinstance(err, class) then error("another error: " .. tostring(err), 2) end
  return err
end

--- What f(...) raises for an argument of a wrong type: a text, as Lua's own functions do.
function M.badargument(f, ...)
  local ok, err = pcall(f, ...)
  if ok then error("nothing was raised", 2) end
  if type(err) ~= "string" or not err:find("bad argument #", 1, true) then
    error("another error: " .. tostring(err), 2)
  end
  return err
end

--- Assigns an attribute; a call, for those above.
function M.set(object, name, value) object[name] = value end

--- What assigning an attribute raises, which keeps its value.
function M.kept(object, name, value)
  local before = object[name]
  local ok, err = pcall(M.set, object, name, value)
  if ok then error("nothing was raised", 2) end
  if object[name] ~= before then error("the value has changed", 2) end
  return err
end

-- Each before those that it derives from.
local classes = {
  "SSLCertVerificationError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError",
  "SSLSyscallError", "SSLEOFError", "SSLError", "TimeoutError", "OSError", "ValueError",
}

--- The most derived class of an error object; nil for what is none.
function M.classname(err)
  for _, name in ipairs(classes) do
    if ssl.isinstance(err, ssl[name]) then return name end
  end
end

--- Is an error object what OpenSSL's TLS refuses, and has it a reason? Which one is up to
--- OpenSSL: releases differ in it.
function M.protocolerror(err)
  return M.classname(err) == "SSLError" and err.library == "SSL" and err.reason ~= nil
end

return M
