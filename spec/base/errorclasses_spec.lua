local ssl = require "ssl"
local raised = require "support.errors".raised

local bases = {
  OSError = { "Error" }, TimeoutError = { "OSError" }, SSLError = { "OSError" },
  SSLZeroReturnError = { "SSLError" }, SSLWantReadError = { "SSLError" },
  SSLWantWriteError = { "SSLError" }, SSLSyscallError = { "SSLError" },
  SSLEOFError = { "SSLError" }, SSLCertVerificationError = { "SSLError", "ValueError" },
  ValueError = { "Error" }, NotImplementedError = { "Error" },
}

local function derives(name, base)
  if name == base then return true end
  for _, parent in ipairs(bases[name] or {}) do
    if derives(parent, base) then return true end
  end
  return false
end

-- The one object of SSLWantReadError or SSLWantWriteError: user value 2 of the
-- state's data is the array that has both at its end.
local function shared(class)
  for _, object in ipairs((debug.getuservalue(require("_ssl")._state(), 2))) do
    local meta = getmetatable(object)
    if meta and meta.class == class then return object end
  end
end

describe("The error classes", function()
  it("derive from each other as CPython's do", function()
    local names = { "Error" }
    for name in pairs(bases) do names[#names + 1] = name end
    for _, name in ipairs(names) do
      local err = ssl[name]("text")
      for _, base in ipairs(names) do
        assert.equal(derives(name, base), ssl.isinstance(err, ssl[base]), name .. " " .. base)
      end
    end
  end)

  it("have CertificateError for a second name", function()
    assert.equal(ssl.SSLCertVerificationError, ssl.CertificateError)
  end)

  it("show their names", function()
    assert.equal("class: SSLError", tostring(ssl.SSLError))
  end)

  it("are told from everything else by isinstance", function()
    for _, value in ipairs { 1, "text", true, {}, print, io.stdout,
        setmetatable({}, { class = 5 }) } do
      assert.is_false(ssl.isinstance(value, ssl.Error))
    end
    assert.is_false(ssl.isinstance(nil, ssl.Error))
    assert.is_false(ssl.isinstance(ssl.SSLError, ssl.SSLError))
    assert.matches("bad argument #2 to 'isinstance' %(class expected, got string%)",
      raised(ssl.isinstance, 1, "SSLError"))
  end)

  it("are searched for in rings of classes, with an end", function()
    local ring = {}
    ring.bases = { ring, ring, ring }
    local object = setmetatable({}, { class = ring })
    assert.is_false(ssl.isinstance(object, ssl.Error))
    assert.is_true(ssl.isinstance(object, ring))
  end)
end)

describe("An error object", function()
  it("is made of a message", function()
    local err = ssl.SSLError("text")
    assert.equal("text", err.message)
    assert.is_nil(err.errno)
    assert.matches("errorclasses_spec.lua:%d+: text$", tostring(err))
    err = ssl.OSError(2)  -- no errno without its text, as in CPython
    assert.equal("2", err.message)
    assert.is_nil(err.errno)
  end)

  it("is made of an errno and its text, which the message of an OSError shows", function()
    local err = ssl.OSError(2, "No such file or directory", "a.pem")
    assert.equal("[Errno 2] No such file or directory", err.message)
    assert.same({ 2, "No such file or directory", "a.pem" },
      { err.errno, err.strerror, err.filename })
    assert.matches("directory: 'a.pem'$", tostring(err))
    err = ssl.SSLError(1, "text")
    assert.equal("text", err.message)
    assert.same({ 1, "text" }, { err.errno, err.strerror })
  end)

  it("names a file whose name is part of the message", function()
    local err = ssl.OSError(2, "No such file or directory", "file")
    assert.matches("directory: 'file'$", tostring(err))
    err.message = "cannot open 'file'"
    assert.matches("cannot open 'file'$", tostring(err))
  end)

  it("can be given fields of the program's own", function()
    local err = ssl.ValueError("text")
    err.note = "more"
    assert.equal("more", err.note)
  end)
end)

describe("The objects of SSLWantReadError and SSLWantWriteError", function()
  for name, code in pairs { SSLWantReadError = 2, SSLWantWriteError = 3 } do
    it("are read-only: " .. name, function()
      local object = shared(ssl[name])
      assert.is_true(ssl.isinstance(object, ssl[name]))
      assert.is_true(ssl.isinstance(object, ssl.OSError))
      assert.equal(code, object.errno)
      assert.matches("^The operation did not complete %(", object.message)
      assert.equal(object.message, object.strerror)
      assert.equal(object.message, tostring(object))
      assert.matches("shared and read%-only", raised(function() object.errno = 1 end))
      assert.matches("shared and read%-only", raised(function() object.extra = 1 end))
      assert.equal(code, object.errno)
      assert.is_nil(next(object))
    end)
  end
end)
