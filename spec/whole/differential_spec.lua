local _ssl = require "_ssl"
local drive = require "differential.driver"
local explained = require "differential.explained"
local files = require "ssl.testing.files"
local scenarios = require "differential.scenarios"
local testing = require "ssl.testing"
local python = require "support.python"
local read = require "support.read"

-- The files that scenarios name, in a folder; its `close` removes them.
local function material()
  local ca, now = testing.CA({ common_name = "Root" }), os.time()
  local good = ca:issue("localhost", "127.0.0.1", "*.wild.test", "xn--bcher-kva.test",
    { common_name = "localhost" })
  local other = testing.CA({ common_name = "Other" })
  local identities = {
    old = ca:issue("localhost", { not_before = now - 9000, not_after = now - 5000 }),
    future = ca:issue("localhost", { not_before = now + 50000, not_after = now + 90000 }),
    selfsigned = testing.broken.self_signed(ca, "localhost"),
    usage = ca:issue("localhost", { extended_key_usage = { "clientAuth" } }),
    names = ca:issue("a.test", "*.b.test", "user@c.test", "http://d.test/x", "10.1.2.3", "fe80::1"),
    subject = ca:issue("localhost", { subject = { { "C", "DE" }, { "O", "Größe" }, { "CN", "a" },
      { "CN", "b" } } }),
    serial = ca:issue("localhost", { serial = "0123456789abcdef0123456789abcdef01234567" }),
    rsa = ca:issue("localhost", { key_type = "RSA" }),
    addresses = ca:issue("localhost", { ocsp = "http://o.test/", ca_issuers = "http://i.test/",
      crl = "http://c.test/crl" }),
  }
  local contents = {
    cert = good.cert.pem, key = good.key.pem, chain = good.chain.pem, ca = ca.cert.pem,
    other = other:issue("localhost").key.pem, otherca = other.cert.pem, crl = ca:crl().pem,
    locked = good.key:encrypted("secret"), empty = "", junk = "neither PEM nor DER\n",
  }
  for name, identity in pairs(identities) do
    contents[name], contents[name .. "_key"] = identity.chain.pem, identity.key.pem
  end
  local folder = files.folder()
  local paths = folder:write(contents)
  paths.missing, paths.folder = folder.path .. "/missing", folder.path
  return folder, paths
end

-- nil, nothing and an empty table are the same: Python has None, b"" and [].
local function isempty(value)
  return value == nil or value == "" or type(value) == "table" and next(value) == nil
end

-- Where two answers differ: "place: theirs | ours" for each.
local function compare(theirs, ours, place, list)
  if isempty(theirs) and isempty(ours) or theirs == ours or theirs == "unsupported"
    or explained.sametext(theirs, ours) then
    return list
  end
  if type(theirs) == "table" and type(ours) == "table" then
    for key, value in pairs(theirs) do
      compare(value, ours[key], place .. "." .. tostring(key), list)
    end
    for key, value in pairs(ours) do
      if theirs[key] == nil and key ~= "text" and key ~= "advice" then
        compare(nil, value, place .. "." .. tostring(key), list)
      end
    end
    return list
  end
  local function show(value)
    if type(value) ~= "table" then return tostring(value) end
    local error = value.error or value
    return ("{class=%s message=%s text=%s value=%s}"):format(error.class, error.message, error.text,
      tostring(value.value))
  end
  list[#list + 1] = ("%s: %s | %s"):format(place:sub(2), show(theirs), show(ours))
  return list
end

-- Does an error in this answer have advice?
local function hasadvice(answer)
  if type(answer) ~= "table" then return false end
  if answer.advice then return true end
  for _, value in pairs(answer) do
    if hasadvice(value) then return true end
  end
  return false
end

-- Interpreters: python3 (PYTHON), and those of LSSL_PYTHONS, separated by blanks
-- or colons, by default the ones that stand in PATH under these names.
local function interpreters()
  local list = { os.getenv("PYTHON") or "python3" }
  for name in (os.getenv("LSSL_PYTHONS") or "python3.6 python3.13"):gmatch("[^%s:]+") do
    if os.execute(name .. " -c 'import ssl' >/dev/null 2>&1") then list[#list + 1] = name end
  end
  return list
end

for _, interpreter in ipairs(interpreters()) do
  describe("As " .. interpreter, function()
    local ours, theirs, version = nil, nil, nil

    lazy_setup(function()
      local folder <close>, paths = material()
      version = python.run([[
import ssl, sys
result = list(sys.version_info[:2]) + [ssl.OPENSSL_VERSION_NUMBER] ]], nil, interpreter)
      theirs = python.run(read("spec/differential/driver.py"),
        { scenarios = scenarios, files = paths, ciphers = _ssl._DEFAULT_CIPHERS }, interpreter)
      ours = drive(scenarios, paths)
      assert(folder)
    end)

    lazy_teardown(function() ours, theirs = nil, nil end)

    it("carries out at least 150 scenarios", function()
      assert.equal(#scenarios, #theirs)
      assert.is_true(#scenarios >= 150)
    end)

    it("gets no more advice than is explained", function()
      local advised = 0
      for i, scenario in ipairs(scenarios) do
        if hasadvice(ours[i]) then
          assert(explained.advised(scenario), scenario.title)
          advised = advised + 1
        end
      end
      assert.is_true(advised >= 10)
    end)

    for i, scenario in ipairs(scenarios) do
      it(scenario.title, function()
        local reason = explained.reason(scenario, version, theirs[i])
        if reason then return pending(reason) end
        local differences = compare(theirs[i], ours[i], "", {})
        table.sort(differences)
        assert(#differences == 0, table.concat(differences, "\n"))
      end)
    end
  end)
end
