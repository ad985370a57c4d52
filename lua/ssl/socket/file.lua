-- ssl/socket/file.lua - a connection as an object with the methods of Lua's files,
-- for SSLSocket.makefile where the C library cannot make a file of functions.
-- SPDX-License-Identifier: MIT
--
-- What has come and was not asked for yet is `data` from `place` on. A read takes
-- its bytes only when it has all of them, so that one that fails loses none.

local _ssl = require "_ssl"
local prelude = require "ssl.base.prelude"

local methods = _ssl._methods("SSLSocket")

-- What is read at once; how much is gathered before it is sent, if nobody says.
local AHEAD, BUFFER = 16384, 4096

-- The largest buffer that may be asked for.
local MOST = 1 << 30

local File = { __name = "ssl.File" }
File.__index = File

-- Errors --------------------------------------------------------------------

-- nil, text and number, as Lua's files tell what failed.
local function problem(posix)
  local code, text = _ssl._errornumber(posix)
  return { code = code, text = text }
end

local function tell(failure)
  return nil, failure.text, failure.code
end

-- An error of a connection as a file tells it.
local function understood(err)
  if _ssl.isinstance(err, _ssl.TimeoutError) then
    return problem("Connection timed out")
  elseif _ssl.isinstance(err, _ssl.SSLWantReadError)
      or _ssl.isinstance(err, _ssl.SSLWantWriteError) then
    return problem("Resource temporarily unavailable")
  elseif err.reason == "BAD_WRITE_RETRY" or err.reason == "BAD_LENGTH" then
    return problem("Device or resource busy")
  elseif _ssl.isinstance(err, _ssl.SSLError) then
    return problem("Protocol error")
  elseif _ssl.isinstance(err, _ssl.OSError) then
    return { code = err.errno, text = err.strerror }
  elseif _ssl.isinstance(err, _ssl.ValueError) then
    return problem("Device or resource busy")
  end
  return error(err, 0)
end

local function checkopen(file)
  if file.closed then
    error("attempt to use a closed file", 3)
  end
end

-- Reading -------------------------------------------------------------------

-- Bytes of the connection; nil at the end; nil and the failure.
local function receive(file)
  if not file.reads then
    return nil, problem("Bad file descriptor")
  end
  local ok, data = pcall(methods.recv, file.conn, AHEAD)
  if ok then
    return data
  end
  return nil, understood(data)
end

-- Gives bytes back, to be read again.
local function restore(file, text)
  file.data, file.place = text .. file.data:sub(file.place), 1
end

-- Receives until `enough(bytes that came last, number of all)` says so, or the end.
-- Returns the failure if there was one; what came is kept all the same.
local function gather(file, enough)
  local parts = { file.data:sub(file.place) }
  local have = #parts[1]
  while true do
    local data, failure = receive(file)
    parts[#parts + 1] = data
    have = have + #(data or "")
    if not data or enough(data, have) then
      file.data, file.place = table.concat(parts), 1
      return failure
    end
  end
end

-- At most `count` bytes; nil at the end, or nil and the failure.
local function take(file, count)
  if #file.data - file.place + 1 < count then
    local failure = gather(file, function(_, have) return have >= count end)
    if failure then
      return nil, failure
    end
  end
  local text = file.data:sub(file.place, file.place + count - 1)
  file.place = file.place + #text
  return text ~= "" and text or nil
end

-- The next line, with its end if `keep`.
local function takeline(file, keep)
  local stop = file.data:find("\n", file.place, true)
  if not stop then
    local failure = gather(file, function(data) return data:find("\n", 1, true) end)
    if failure then
      return nil, failure
    end
    stop = file.data:find("\n", 1, true)
    if not stop then
      return take(file, #file.data)
    end
  end
  local line = file.data:sub(file.place, keep and stop or stop - 1)
  file.place = stop + 1
  return line
end

-- A number, in as many characters as Lua's own files take for one.
local LONGEST = 200

-- Reads the characters of a number one by one, as Lua does.
local Numeral = {}
Numeral.__index = Numeral

-- Takes the next character if it is one of `set`. Returns whether it did.
function Numeral:accept(set)
  if self.failure or #self.text >= LONGEST then
    return false
  end
  local char, failure = take(self.file, 1)
  self.failure = failure
  if not char then
    return false
  elseif not char:find(set) then
    restore(self.file, char)
    return false
  end
  self.text = self.text .. char
  return true
end

function Numeral:digits(set)
  local count = 0
  while self:accept(set) do count = count + 1 end
  return count
end

local function spell(numeral)
  numeral:accept("[-+]")
  local set, exponent, count = "%d", "[eE]", 0
  if numeral:accept("0") then
    if numeral:accept("[xX]") then
      set, exponent = "%x", "[pP]"
    else
      count = 1
    end
  end
  count = count + numeral:digits(set)
  if numeral:accept("%.") then
    count = count + numeral:digits(set)
  end
  if count > 0 and numeral:accept(exponent) then
    numeral:accept("[-+]")
    numeral:digits("%d")
  end
end

local function takenumber(file)
  local blanks = setmetatable({ file = file, text = "" }, Numeral)
  while blanks:accept("%s") do blanks.text = "" end
  local numeral = setmetatable({ file = file, text = "", failure = blanks.failure }, Numeral)
  spell(numeral)
  if numeral.failure then
    restore(file, numeral.text)
    return nil, numeral.failure
  end
  return math.tointeger(numeral.text) or tonumber(numeral.text)
end

local function takenothing(file)
  local text, failure = take(file, 1)
  if not text then
    return nil, failure
  end
  restore(file, text)
  return ""
end

local formats = {
  l = function(file) return takeline(file, false) end,
  L = function(file) return takeline(file, true) end,
  n = takenumber,
  a = function(file)
    local text, failure = take(file, math.maxinteger)
    return text or not failure and "" or nil, failure
  end,
}

local function takeformat(file, format, arg)
  if math.type(format) == "integer" then
    if format == 0 then return takenothing(file) end
    return take(file, format)
  end
  local name = type(format) == "string" and format:gsub("^%*", ""):sub(1, 1)
  if not formats[name] then
    error(("bad argument #%d to 'read' (invalid format)"):format(arg), 4)
  end
  return formats[name](file)
end

-- The values that the formats ask for, up to the first that is not there.
local function read(file, ...)
  local list = table.pack(...)
  if list.n == 0 then list = { "l", n = 1 } end
  local values = {}
  for i = 1, list.n do
    local value, failure = takeformat(file, list[i], i)
    values[i] = value
    if failure then
      return tell(failure)
    elseif values[i] == nil then
      return table.unpack(values, 1, i)
    end
  end
  return table.unpack(values, 1, list.n)
end

function File:read(...)
  checkopen(self)
  return read(self, ...)
end

function File:lines(...)
  checkopen(self)
  local list = table.pack(...)
  return function()
    if self.closed then
      error("file is already closed", 2)
    end
    local values = table.pack(read(self, table.unpack(list, 1, list.n)))
    if values[1] == nil and values[2] then
      error(values[2], 2)
    end
    return table.unpack(values, 1, values.n)
  end
end

-- Writing -------------------------------------------------------------------

-- Sends what was gathered. After a failure it is not known what has arrived, so
-- that every later write fails too.
local function flush(file)
  local text = table.concat(file.waiting)
  file.waiting, file.size = {}, 0
  if not file.failure and text ~= "" then
    local ok, err = pcall(methods.sendall, file.conn, text)
    file.failure = not ok and understood(err) or nil
  end
  return file.failure == nil
end

local function isfull(file, text)
  return file.size >= file.most or file.bylines and text:find("\n", 1, true)
end

function File:write(...)
  checkopen(self)
  if not self.writes then
    return tell(problem("Bad file descriptor"))
  end
  for i = 1, select("#", ...) do
    local text = select(i, ...)
    if type(text) == "number" then
      text = math.type(text) == "integer" and tostring(text) or ("%.14g"):format(text)
    elseif type(text) ~= "string" then
      error(("bad argument #%d to 'write' (string expected, got %s)"):format(i, type(text)), 2)
    end
    self.waiting[#self.waiting + 1] = text
    self.size = self.size + #text
    if isfull(self, text) and not flush(self) then
      return tell(self.failure)
    end
  end
  return self
end

function File:flush()
  checkopen(self)
  if not flush(self) then
    return tell(self.failure)
  end
  return self
end

local modes = { no = true, full = true, line = true }

function File:setvbuf(mode, size)
  checkopen(self)
  if not modes[mode] then
    error(("bad argument #1 to 'setvbuf' (invalid option '%s')"):format(tostring(mode)), 2)
  end
  self.most = mode == "no" and 0 or size or BUFFER
  self.bylines = mode == "line"
  return true
end

-- The rest ------------------------------------------------------------------

function File:seek()
  checkopen(self)
  return tell(problem("Illegal seek"))
end

function File:close()
  checkopen(self)
  local whole = flush(self)
  self.closed = true
  methods._release(self.conn)
  if not whole then
    return tell(self.failure)
  end
  return true
end

function File:__close()
  if not self.closed then
    self:close()
  end
end

-- The collector waits for nobody.
function File:__gc()
  if self.closed then
    return
  end
  pcall(function()
    local timeout = methods.gettimeout(self.conn)
    methods.settimeout(self.conn, 0)
    flush(self)
    methods.settimeout(self.conn, timeout)
  end)
  self.closed = true
  methods._release(self.conn)
end

function File:__tostring()
  return self.closed and "file (closed)" or ("file (%p)"):format(self)
end

-- Opening -------------------------------------------------------------------

-- How much is gathered: Python's `buffering`.
local function capacity(buffering)
  if buffering == nil or buffering < 0 or buffering == 1 then
    return BUFFER
  elseif buffering > MOST then
    error(_ssl._oserror((_ssl._errornumber("Cannot allocate memory"))))
  end
  return buffering
end

-- As SSLSocket:makefile, with its arguments.
local function open(conn, ...)
  local mode, buffering = prelude.arguments("makefile", "mode buffering", ...)
  mode = prelude.checkstring(mode == nil and "r" or mode, 1, "makefile")
  if buffering ~= nil and math.type(buffering) ~= "integer" then
    prelude.typeerror(2, "makefile", "integer", buffering)
  elseif mode:find("[^rwb]") then
    prelude.valueerror("invalid mode '%s' (only r, w, b allowed)", mode)
  end
  local writes = mode:find("w") ~= nil
  local reads = mode:find("r") ~= nil or not writes
  local file = {
    conn = conn, reads = reads, writes = writes, data = "", place = 1, waiting = {}, size = 0,
    most = reads and writes and 0 or capacity(buffering), bylines = buffering == 1,
  }
  methods._hold(conn)
  return setmetatable(file, File)
end

methods.makefile = methods.makefile or open

-- As io.type, for files of both kinds.
local function type_of(file)
  if type(file) == "table" and getmetatable(file) == File then
    return file.closed and "closed file" or "file"
  end
  return io.type(file)
end

return { open = open, type = type_of }
