local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local process = require "support.process"

-- What `openssl verify` says to a certificate that a server with this identity
-- sends: the number of the error, or 0.
local function openssl_verdict(ca, identity)
  local folder <close> = files.folder()
  local paths <close> = identity:files()
  local flags = "-x509_strict -purpose sslserver -auth_level 1"
  if identity.needs == "revocation list" then
    local crl = folder:write({ ["crl.pem"] = ca:crl(identity.crl_options).pem })
    flags = flags .. " -crl_check -CRLfile " .. crl["crl.pem"]
  end
  if identity.anchor then
    local anchor = folder:write({ ["anchor.pem"] = identity.anchor.cert.pem })
    flags = ("%s -partial_chain -CAfile %s"):format(flags, anchor["anchor.pem"])
  end
  local check = identity.host:find("^%d") and "-verify_ip" or "-verify_hostname"
  local out, ok = process.shell("openssl verify -CAfile %s %s -untrusted %s %s %s %s", paths.ca,
    flags, paths.chain, check, identity.host, paths.cert)
  return ok and 0 or math.tointeger(out:match("error (%d+) ")), out
end

-- What the openssl command does not check: it knows no limit of size, takes
-- common names and partial wildcards; and it sees no OCSP response.
local passes = { common_name_only = true, partial_wildcard = true, many_names = true }

describe("A broken identity", function()
  it("is refused by openssl for the reason that it names", function()
    local ca, count = testing.CA(), 0
    for identity in testing.each_broken(ca, "localhost") do
      local code, out = openssl_verdict(ca, identity)
      local passes_it = passes[identity.name] or identity.needs == "OCSP stapling"
        or identity.needs == "certificate profile"
      local expected = passes_it and 0 or identity.expect.verify_code
      assert.equal(expected, code, identity.name .. ": " .. out)
      assert.matches("%.$", identity.why)
      count = count + 1
    end
    assert.is_true(count >= 20)
  end)

  it("is wrong about an address too", function()
    local ca = testing.CA()
    for _, name in ipairs({
      "wrong_host", "no_san", "nul_in_name", "wildcard_too_wide", "ip_as_dns", "name_constraint",
      "excluded_name",
    }) do
      local identity = testing.broken[name](ca, "127.0.0.1")
      assert.equal("127.0.0.1", identity.host)
      local code, out = openssl_verdict(ca, identity)
      assert.equal(identity.expect.verify_code, code, name .. ": " .. out)
    end
  end)

  it("is made of an authority and a host, and of nothing else", function()
    assert.error_matches(function() testing.broken.expired("ca", "localhost") end,
      "bad argument #1 to 'expired' %(ssl.testing.CA expected%)")
    assert.error_matches(function() testing.broken.expired(testing.CA()) end,
      "bad argument #2 to 'expired' %(string expected, got nil%)")
  end)
end)
