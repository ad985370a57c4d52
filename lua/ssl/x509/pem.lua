-- ssl/x509/pem.lua - certificates between DER and PEM, and their dates as numbers.
-- SPDX-License-Identifier: MIT

local _ssl = require "_ssl"
local prelude = require "ssl.base.prelude"

local M = {}

--@ ssl.PEM_HEADER (string)
-- The line a certificate in PEM begins with. Since: CPython 2.6.
--
--     assert(ssl.PEM_HEADER == "-----BEGIN CERTIFICATE-----")
M.PEM_HEADER = "-----BEGIN CERTIFICATE-----"

--@ ssl.PEM_FOOTER (string)
-- The line a certificate in PEM ends with. Since: CPython 2.6.
--
--     assert(ssl.PEM_FOOTER == "-----END CERTIFICATE-----")
M.PEM_FOOTER = "-----END CERTIFICATE-----"

--@ ssl.DER_cert_to_PEM_cert(der_cert_bytes)
-- Turns a certificate from DER into PEM.
-- - `der_cert_bytes` (string or bytearray): the certificate in DER. The function does not
--   look at its contents.
-- Returns the certificate in PEM (string), with lines of 64 characters and a newline at
-- the end. Raises a string error ("bad argument #1 ... (a bytes-like object is required,
-- not 'number')") for anything else. RFC 7468. Since: CPython 2.6.
--
-- Type: named fun(der_cert_bytes: string|bytearray): string
--
--     local der = conn:getpeercert(true)
--     local pem = ssl.DER_cert_to_PEM_cert(der)
--     assert(ssl.PEM_cert_to_DER_cert(pem) == der)
function M.DER_cert_to_PEM_cert(...)
  local der = prelude.arguments("DER_cert_to_PEM_cert", "der_cert_bytes", ...)
  if type(der) ~= "string" and not _ssl.isinstance(der, _ssl.bytearray) then
    _ssl._argerror(1, "DER_cert_to_PEM_cert",
      ("a bytes-like object is required, not '%s'"):format(type(der)))
  end
  local text, lines = _ssl._base64encode(der), { M.PEM_HEADER }
  for i = 1, #text, 64 do
    lines[#lines + 1] = text:sub(i, i + 63)
  end
  lines[#lines + 1] = M.PEM_FOOTER .. "\n"
  return table.concat(lines, "\n")
end

local function notascii(text)
  local at = text:find("[\x80-\xff]")
  if at then
    prelude.valueerror("'ascii' codec can't encode byte 0x%02x in position %d: "
      .. "ordinal not in range(128)", text:byte(at), at - 1)
  end
end

--@ ssl.PEM_cert_to_DER_cert(pem_cert_string)
-- Turns a certificate from PEM into DER.
-- - `pem_cert_string` (string): one certificate in PEM. It must begin with the first
--   character; blanks may follow it.
-- Returns the certificate in DER (string). Raises `ValueError`: "Invalid PEM
-- encoding; must start with -----BEGIN CERTIFICATE-----", "Invalid PEM encoding;
-- must end with -----END CERTIFICATE-----", or "Incorrect padding" and the like if the
-- text in between is not base64. RFC 7468. Since: CPython 2.6.
--
-- Type: named fun(pem_cert_string: string): string
--
--     local pem = ssl.DER_cert_to_PEM_cert(conn:getpeercert(true))
--     assert(ssl.PEM_cert_to_DER_cert(pem) == conn:getpeercert(true))
function M.PEM_cert_to_DER_cert(...)
  local pem = prelude.arguments("PEM_cert_to_DER_cert", "pem_cert_string", ...)
  prelude.checkstring(pem, 1, "PEM_cert_to_DER_cert")
  if pem:sub(1, #M.PEM_HEADER) ~= M.PEM_HEADER then
    prelude.valueerror("Invalid PEM encoding; must start with %s", M.PEM_HEADER)
  end
  local stripped = pem:match("^(.-)[%s\x1c-\x1f]*$")
  if stripped:sub(-#M.PEM_FOOTER) ~= M.PEM_FOOTER then
    prelude.valueerror("Invalid PEM encoding; must end with %s", M.PEM_FOOTER)
  end
  local body = stripped:sub(#M.PEM_HEADER + 1, -#M.PEM_FOOTER - 1)
  notascii(body)
  return _ssl._base64decode(body)
end

local months = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Days from 1970-01-01 to the first of a month of the Gregorian calendar.
local function days(year, month)
  if month < 3 then
    year, month = year - 1, month + 12
  end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 - 719468
end

-- The numbers in the text after the month, or nil.
local function fields(text)
  local day, hour, minute, second, year, rest = text:match(
    "^%s+(%d%d?)%s+(%d%d?):(%d%d?):(%d%d?)%s+(%d%d%d%d)%s+[Gg][Mm][Tt](.*)$")
  if not day then return nil end
  day, hour, minute = tonumber(day), tonumber(hour), tonumber(minute)
  second, year = tonumber(second), tonumber(year)
  -- a leap second, and the second one that C once allowed
  if day < 1 or day > 31 or hour > 23 or minute > 59 or second > 61 then return nil end
  return day, hour, minute, second, year, rest
end

--@ ssl.cert_time_to_seconds(cert_time)
-- Turns a date of a certificate into a number.
-- - `cert_time` (string): `notBefore` or `notAfter` of `getpeercert`, such as
--   `"Jan  5 09:34:43 2018 GMT"`; always in GMT, the month in English.
-- Returns the seconds since 1970-01-01 00:00:00 UTC (integer), as `os.time` gives
-- them. Raises `ValueError`: "time data '...' does not match format '...'",
-- "unconverted data remains: ...", "year 0 is out of range".
-- RFC 5280, 4.1.2.5. Since: CPython 2.6.
--
-- Type: named fun(cert_time: string): integer
--
--     assert(ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 GMT") == 1515144883)
--     local cert = conn:getpeercert()
--     assert(ssl.cert_time_to_seconds(cert.notAfter) > os.time())
function M.cert_time_to_seconds(...)
  local text = prelude.arguments("cert_time_to_seconds", "cert_time", ...)
  prelude.checkstring(text, 1, "cert_time_to_seconds")
  local month = months[text:sub(1, 1):upper() .. text:sub(2, 3):lower()]
  if not month then
    prelude.valueerror('time data %s does not match format "%%b %%d %%H:%%M:%%S %%Y GMT"',
      prelude.repr(text))
  end
  local day, hour, minute, second, year, rest = fields(text:sub(4))
  if not day then
    prelude.valueerror("time data %s does not match format ' %%d %%H:%%M:%%S %%Y GMT'",
      prelude.repr(text:sub(4)))
  elseif rest ~= "" then
    prelude.valueerror("unconverted data remains: %s", rest)
  elseif year == 0 then
    prelude.valueerror("year 0 is out of range")
  end
  return ((days(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second
end

return M
