local ssl = require "ssl"
local errors = require "support.errors"
local python = require "support.python"

local raised, raises = errors.raised, errors.raises

local function valueerror(message, f, ...)
  local err = raises(ssl.ValueError, function(...) f(...) end, ...)
  assert.equal(message, err.message)
  assert.matches("pem_spec.lua:%d+: ", tostring(err))
end

local function pem(body, after)
  return ssl.PEM_HEADER .. "\n" .. body .. "\n" .. ssl.PEM_FOOTER .. (after or "\n")
end

describe("DER_cert_to_PEM_cert", function()
  it("writes lines of 64 characters, as CPython does, for every length", function()
    local input = {}
    for n = 0, 100 do input[n + 1] = python.bytes(("\0\xffxyz"):rep(20):sub(1, n)) end
    input[#input + 1] = python.bytes(ssl.RAND_bytes(5000))
    local function unhex(b)
      return (b.__bytes__:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end))
    end
    local expected = python.run("import ssl; result = [ssl.DER_cert_to_PEM_cert(d) for d in data]",
      input)
    for i, der in ipairs(input) do
      local text = ssl.DER_cert_to_PEM_cert(unhex(der))
      assert.equal(expected[i], text)
      assert.equal(unhex(der), ssl.PEM_cert_to_DER_cert(text))
    end
  end)

  it("takes bytearrays and a named argument", function()
    local expected = ssl.DER_cert_to_PEM_cert("abc")
    assert.equal(expected, ssl.DER_cert_to_PEM_cert(ssl.bytearray("abc")))
    assert.equal(expected, ssl.DER_cert_to_PEM_cert({ der_cert_bytes = "abc" }))
  end)

  it("refuses what is no bytes", function()
    for _, value in ipairs { 1, true, print } do
      assert.matches("bad argument #1 to 'DER_cert_to_PEM_cert' %(a bytes%-like object is "
        .. "required, not '" .. type(value) .. "'%)", raised(ssl.DER_cert_to_PEM_cert, value))
    end
    assert.matches("not 'nil'", raised(ssl.DER_cert_to_PEM_cert))
    assert.matches("unexpected keyword argument 'der'",
      raised(ssl.DER_cert_to_PEM_cert, { der = "x" }))
  end)
end)

describe("PEM_cert_to_DER_cert", function()
  it("wants the markers where CPython wants them", function()
    local first = "Invalid PEM encoding; must start with -----BEGIN CERTIFICATE-----"
    local last = "Invalid PEM encoding; must end with -----END CERTIFICATE-----"
    valueerror(first, ssl.PEM_cert_to_DER_cert, "")
    valueerror(first, ssl.PEM_cert_to_DER_cert, "\n" .. pem("YWJj"))
    valueerror(first, ssl.PEM_cert_to_DER_cert, "junk " .. pem("YWJj"))
    valueerror(last, ssl.PEM_cert_to_DER_cert, ssl.PEM_HEADER .. "\nYWJj\n")
    valueerror(last, ssl.PEM_cert_to_DER_cert, pem("YWJj", "\njunk"))
    assert.equal("abc", ssl.PEM_cert_to_DER_cert(pem("YWJj", " \r\n\t\n")))
    assert.equal("abc", ssl.PEM_cert_to_DER_cert(ssl.PEM_HEADER .. "YWJj" .. ssl.PEM_FOOTER))
  end)

  it("reads base64 as leniently as CPython, and fails with its words", function()
    local bodies = { "", "YWJj", "YW\nJj", "Y W*J\tj", "YWI=", "YWI", "YQ==", "YQ=", "YQ", "Y",
      "YWJjY", "=YWJj", "YW=Jj", "YWI=YWJj", "YWI==", "====", "YQ=Q", "A\0B", "__--", "YWJjZA",
      "Y=Q==", "Y===", "YW==YW==" }
    local input = {}
    for i, body in ipairs(bodies) do input[i] = pem(body) end
    local expected = python.run([[
import ssl
result = []
for text in data:
    try:
        result.append(["", ssl.PEM_cert_to_DER_cert(text).hex()])
    except ValueError as e:
        result.append([str(e), ""])
]], input)
    -- CPython 3.13.0 ends at the padding, of which later ones read on.
    local settled = { ["YWI=YWJj"] = { "", "6162" }, ["YW==YW=="] = { "", "61" } }
    for i, text in ipairs(input) do
      local ok, got = pcall(ssl.PEM_cert_to_DER_cert, text)
      if ok then
        got = { "", (got:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) }
      else
        assert.is_true(ssl.isinstance(got, ssl.ValueError))
        got = { got.message, "" }
      end
      assert.same(settled[bodies[i]] or expected[i], got, bodies[i])
    end
  end)

  it("refuses text that is not ASCII", function()
    local err = raises(ssl.ValueError, ssl.PEM_cert_to_DER_cert, pem("YW\xc3\xa4Jj"))
    assert.matches("^'ascii' codec can't encode", err.message)
  end)

  it("refuses what is no string", function()
    assert.matches("bad argument #1 to 'PEM_cert_to_DER_cert' %(string expected, got number%)",
      raised(ssl.PEM_cert_to_DER_cert, 1))
    assert.matches("string expected, got ssl.bytearray",
      raised(ssl.PEM_cert_to_DER_cert, ssl.bytearray(3)))
  end)
end)

describe("cert_time_to_seconds", function()
  it("agrees with CPython, messages included", function()
    local input = {
      "May  9 00:00:00 2007 GMT", "Jan  5 09:34:43 2018 GMT", "Jan 05 09:34:43 2018 GMT",
      "JaN  5 09:34:43 2018 GmT", "Jan  5 09:34 2018 GMT", "Jan  5 09:34:43 2018",
      "Jan  5 09:34:43 2018 UTC", "Jan 35 09:34:43 2018 GMT", "Jon  5 09:34:43 2018 GMT",
      "Jan  5 24:00:00 2018 GMT", "Jan  5 09:60:43 2018 GMT", "Dec 31 23:59:60 2008 GMT",
      "Jan  1 00:00:00 2009 GMT", "Jan  5 09:34:59 2018 GMT", "Jan  5 09:34:60 2018 GMT",
      "Jan  5 09:34:61 2018 GMT", "Jan  5 09:34:62 2018 GMT", "Dec 31 23:59:59 9999 GMT",
      "Feb 30 00:00:00 2018 GMT", "Feb 29 00:00:00 2000 GMT", "Feb 29 12:00:00 1900 GMT",
      "Jan  1 00:00:00 1970 GMT", "Dec 31 23:59:59 1969 GMT", "Jan  1 00:00:00 0001 GMT",
      "Jan  1 00:00:00 0000 GMT", "Jan  0 00:00:00 2018 GMT", "Jan 00 00:00:00 2018 GMT",
      "Jan 31 1:2:3 2018 GMT", "Jan\t1\n00:00:00   2018 GMT", "Jan1 00:00:00 2018 GMT",
      "Jan  5 09:34:43 2018 GMT ", "Jan  5 09:34:43 2018 GMTx", " Jan  5 09:34:43 2018 GMT",
      "Jan  5 09:34:43 20181 GMT", "Jan  5 09:34:43 18 GMT", "", "J", "'Jan'", "it's \"x\"\n\\",
      "Mar  1 00:00:00 2100 GMT", "Bad time value", "Jan  5 9:4:3 2018 GMT",
      "Jan  5 009:34:43 2018 GMT",
    }
    local expected = python.run([[
import ssl
result = []
for text in data:
    try:
        result.append(ssl.cert_time_to_seconds(text))
    except ValueError as e:
        result.append(str(e))
]], input)
    for i, text in ipairs(input) do
      local ok, got = pcall(ssl.cert_time_to_seconds, text)
      if not ok then
        assert.is_true(ssl.isinstance(got, ssl.ValueError), text)
        got = got.message
      else
        assert.equal("integer", math.type(got))
      end
      -- CPython 3.14's datetime says it in other words
      local theirs = expected[i] == "year must be in 1..9999, not 0" and "year 0 is out of range"
        or expected[i]
      assert.equal(theirs, got, text)
    end
  end)

  it("counts each day of four hundred years once", function()
    local length = { Jan = 31, Feb = 28, Mar = 31, Apr = 30, May = 31, Jun = 30, Jul = 31,
      Aug = 31, Sep = 30, Oct = 31, Nov = 30, Dec = 31 }
    local order = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
      "Dec" }
    for year = 1900, 2299, 7 do
      local previous = ssl.cert_time_to_seconds(("Dec 31 00:00:00 %d GMT"):format(year - 1))
      local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
      for _, month in ipairs(order) do
        for day = 1, length[month] + (leap and month == "Feb" and 1 or 0) do
          local now = ssl.cert_time_to_seconds(("%s %d 00:00:00 %d GMT"):format(month, day, year))
          assert.equal(86400, now - previous)
          previous = now
        end
      end
    end
  end)

  it("takes its argument by name, and nothing but a string", function()
    assert.equal(0, ssl.cert_time_to_seconds({ cert_time = "Jan  1 00:00:00 1970 GMT" }))
    assert.matches("bad argument #1 to 'cert_time_to_seconds' %(string expected, got number%)",
      raised(ssl.cert_time_to_seconds, 5))
  end)
end)
