local lfs = require "lfs"
local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local ssl = require "_ssl"
local process = require "support.process"

-- Runs code with SSL_CERT_FILE set, or not; `stats()` in it prints what a new context
-- that loads the defaults has.
local function run(certfile, code)
  local prelude = [[
    local ssl = require "_ssl"
    function stats()
      local ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
      ctx:load_default_certs()
      local n = ctx:cert_store_stats()
      io.write(n.x509, " ", n.crl, " ")
      return ctx
    end
  ]]
  return (process.run_lua(prelude .. code, "SSL_CERT_DIR=/nonexistent "
    .. (certfile and "SSL_CERT_FILE=" .. process.quoted(certfile) or "env -u SSL_CERT_FILE")))
end

-- The system's own bundle, which nobody has changed of late; nil if there is none.
local function system()
  local _, cafile = ssl.get_default_verify_paths()
  for _, path in ipairs { cafile, "/etc/ssl/certs/ca-certificates.crt" } do
    if (lfs.attributes(path, "size") or 0) > 50000 then return path end
  end
end

describe("The default file of trusted certificates", function()
  local folder, ca, other, path
  before_each(function()
    folder, ca, other = files.folder(), testing.CA(), testing.CA()
    path = folder:write({ ["ca.pem"] = ca.cert.pem,
      ["more.pem"] = ca.cert.pem .. other.cert.pem .. ca:crl().pem, ["junk"] = "junk" })
  end)
  after_each(function()
    folder:close()
    folder, ca, other, path = nil, nil, nil, nil
  end)

  it("is the one that SSL_CERT_FILE names, CRLs included", function()
    assert.equal("1 0 ", run(path["ca.pem"], "stats()"))
    assert.equal("2 1 2 1 ", run(path["more.pem"], "stats() stats()"))
  end)

  it("is OpenSSL's own where there is no SSL_CERT_FILE", function()
    local _, cafile = ssl.get_default_verify_paths()
    local text = run(nil, "io.write(tostring(os.getenv('SSL_CERT_FILE')), ' ') stats()")
    assert.equal("nil " .. run(cafile, "stats()"), text)
    assert.equal(lfs.attributes(cafile, "mode") == "file", text ~= "nil 0 0 ")
  end)

  it("may be missing, a folder, or no such file", function()
    for _, name in ipairs { "/nonexistent", folder.path, path["junk"], "", "/dev/null" } do
      assert.equal("0 0 0 0 0", run(name, "stats() stats() io.write(ssl._counterrors())"))
    end
  end)

  it("is read anew when it has just been written", function()
    assert.equal("1 0 2 1 ", run(path["ca.pem"], ([[stats()
      local from, to = io.open(%q), io.open(%q, "w")
      to:write(from:read("a"))
      to:close()
      stats()]]):format(path["more.pem"], path["ca.pem"])))
  end)

  it("is read anew when another has taken its place", function()
    local bundle = system()
    if not bundle then return pending("no bundle here") end
    local link = folder.path .. "/link"
    lfs.link(bundle, link, true)
    local out = run(link, ([[stats() stats() os.remove(%q)
      os.execute("ln -s %s %s") stats()]]):format(link, path["ca.pem"], link))
    os.remove(link)
    local first, second, third = out:match("^(%d+) %d+ (%d+) %d+ (%d+) 0 $")
    assert.is_true(tonumber(first) > 10, out)
    assert.equal(first, second)
    assert.equal("1", third)
  end)

  it("gives each context a store of its own", function()
    local bundle = system() or path["ca.pem"]
    local n = run(bundle, "stats()")
    assert.equal(n .. n, run(bundle, ([[local ctx = stats()
      ctx:load_verify_locations(%q)
      ctx = nil
      collectgarbage()
      stats()]]):format(path["more.pem"])))
  end)

  it("is parsed once", function()
    local bundle = system()
    if not bundle then return pending("no bundle here") end
    local out = run(bundle, [[io.output("/dev/null")
      local t = os.clock()
      stats()
      local first, best = os.clock() - t, math.huge
      for _ = 1, 5 do
        t = os.clock()
        stats()
        best = math.min(best, os.clock() - t)
      end
      print(first > 4 * best)]])
    assert.equal("true\n", out)
  end)
end)
