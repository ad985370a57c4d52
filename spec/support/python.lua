-- Runs Python code and gives back what it found out, to hold this module
-- against Python's own ssl. PYTHON names another interpreter than python3.

local json = require "dkjson"
local system = require "support.system"

local M = {}

local interpreter = os.getenv("PYTHON") or "python3"

-- Bytes travel as {"__bytes__": hex}, since JSON has only text.
local bootstrap = [[
import json, sys, traceback

def inward(o):
    return bytes.fromhex(o["__bytes__"]) if "__bytes__" in o else o

def outward(o):
    if isinstance(o, (bytes, bytearray, memoryview)):
        return {"__bytes__": bytes(o).hex()}
    if isinstance(o, (set, frozenset)):
        return sorted(o)
    return str(o)

out, sys.stdout = sys.stdout, sys.stderr
job = json.load(sys.stdin, object_hook=inward)
scope = {"__name__": "__main__", "data": job.get("data"), "result": None}
try:
    exec(compile(job["code"], "<spec>", "exec"), scope)
    answer = {"result": scope["result"]}
except BaseException:
    answer = {"error": traceback.format_exc()}
json.dump(answer, out, default=outward)
]]

local function hex(s)
  return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function unhex(s)
  return (s:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
end

--- Marks a string that is to be `bytes` in Python even where it is valid UTF-8.
function M.bytes(s) return { __bytes__ = hex(s) } end

local function outward(value)
  if type(value) == "string" and not utf8.len(value) then return M.bytes(value) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, item in pairs(value) do copy[key] = outward(item) end
  return copy
end

local function inward(value)
  if type(value) ~= "table" then return value end
  if value.__bytes__ then return unhex(value.__bytes__) end
  for key, item in pairs(value) do value[key] = inward(item) end
  return value
end

-- -I: neither the folder nor the environment may bring in another `_ssl`.
local function quoted(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

--- Runs `code`, which finds `input` in `data` and leaves its answer in `result`:
--     local names = python.run("result = [n.upper() for n in data]", { "a", "b" })
-- Strings that are no UTF-8, and those of `python.bytes`, are bytes there; bytes
-- and text both come back as strings, tuples as arrays, None as nil. What the
-- code raises is raised here, traceback and all. `other` is another interpreter.
function M.run(code, input, other)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write(json.encode({ code = code, data = outward(input) }))
  file:close()
  local command = ("%s -I -c %s < %s"):format(other or interpreter, quoted(bootstrap), name)
  local pipe = assert(io.popen(command))
  local text = pipe:read("a")
  local ok, how, status = pipe:close()
  os.remove(name)
  local answer = json.decode(text, 1, nil, nil, nil)
  if not answer then
    error(("%s: %s %s, and no answer"):format(interpreter, how, ok and 0 or status), 2)
  end
  if answer.error then error(answer.error, 2) end
  return inward(answer.result)
end

local version, asked

--- {major, minor, micro} of the interpreter, its OpenSSL's text; nil if there is none.
function M.version()
  if not asked then
    asked = true
    local command = ("command -v %s >/dev/null 2>&1"):format(quoted(interpreter))
    if not system.windows and os.execute(command) then
      version = M.run("import sys, ssl; result = [list(sys.version_info[:3]), ssl.OPENSSL_VERSION]")
    end
  end
  if version then return version[1], version[2] end
end

--- Is its OpenSSL of the same major version as `text`? What another one does is
-- nothing to hold this module to where the two differ.
function M.samemajor(text)
  local _, theirs = M.version()
  return theirs ~= nil and theirs:match("^OpenSSL %d+") == text:match("^OpenSSL %d+")
end

local own

--- Has the interpreter CPython's own default ciphers and minimum version? Debian's
-- leaves them to OpenSSL and its configuration.
function M.owndefaults()
  if own == nil then
    own = M.run([[
import sysconfig
result = sysconfig.get_config_var("PY_SSL_DEFAULT_CIPHERS") in (None, 1)]])
  end
  return own
end

--- Is there a Python of at least this version?
function M.atleast(major, minor)
  local v = M.version()
  return v ~= nil and (v[1] > major or v[1] == major and v[2] >= minor)
end

return M
