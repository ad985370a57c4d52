local ssl = require "ssl"
local testing = require "ssl.testing"
local errors = require "support.errors"
local files = require "ssl.testing.files"
local process = require "support.process"

local badargument, raises = errors.badargument, errors.raises

local ca = testing.CA()
local leaf, other = ca:issue("localhost"), ca:issue("other.test")
local chain = leaf.cert.pem .. ca.cert.pem
local HOUR = 3600

describe("ssl.ocsp_request", function()
  it("is a question that openssl understands", function()
    local path = files.folder():write({ ["request.der"] = ssl.ocsp_request(chain) })["request.der"]
    local text = process.run({ "openssl", "ocsp", "-reqin", path, "-req_text" })
    assert.matches("Requestor List", text)
    assert.matches("Serial Number: " .. ssl.decode_certificate(leaf.cert.pem).serialNumber, text)
  end)

  it("takes PEM, DER and arrays of DER", function()
    local leaf_der = ssl.PEM_cert_to_DER_cert(leaf.cert.pem)
    local ca_der = ssl.PEM_cert_to_DER_cert(ca.cert.pem)
    local request = ssl.ocsp_request(chain)
    for _, form in ipairs { leaf_der .. ca_der, ssl.bytearray(leaf_der .. ca_der),
        { leaf_der, ca_der }, { leaf.cert.pem, ca.cert.pem } } do
      assert.equal(request, ssl.ocsp_request(form))
    end
  end)

  it("needs the issuer, and no other", function()
    assert.matches("issuer has to follow", raises(ssl.ValueError, ssl.ocsp_request,
      leaf.cert.pem).message)
    assert.matches("not the issuer", raises(ssl.ValueError, ssl.ocsp_request,
      leaf.cert.pem .. other.cert.pem).message)
    assert.matches("not the issuer", raises(ssl.ValueError, ssl.ocsp_request,
      leaf.cert.pem .. testing.CA().cert.pem).message)
    raises(ssl.SSLError, ssl.ocsp_request, "rubbish")
    badargument(ssl.ocsp_request)
    badargument(ssl.ocsp_request, 5)
    badargument(ssl.ocsp_request, { 5 })
  end)
end)

describe("ssl.read_ocsp_response", function()
  it("tells the status and the times", function()
    local now = os.time()
    for _, status in ipairs { "good", "unknown" } do
      local response = ca:ocsp(leaf, { status = status, this_update = now - HOUR,
        next_update = now + HOUR })
      assert.same({ status = status, this_update = now - HOUR, next_update = now + HOUR },
        ssl.read_ocsp_response(response, chain))
    end
  end)

  it("tells of a revocation", function()
    local theirs = testing.CA()
    local gone = theirs:issue("gone.test")
    theirs:revoke(gone, "keyCompromise")
    local answer = ssl.read_ocsp_response(theirs:ocsp(gone), gone.cert.pem .. theirs.cert.pem)
    assert.equal("revoked", answer.status)
    assert.equal("keyCompromise", answer.reason)
    assert.is_true(math.abs(answer.revocation_time - os.time()) < HOUR)
  end)

  it("leaves it to the program what is too old", function()
    local response = ca:ocsp(leaf, { this_update = 1000000000, next_update = 1000003600 })
    assert.equal(1000003600, ssl.read_ocsp_response(response, chain).next_update)
  end)

  it("takes a signer whom the issuer has charged, and no other", function()
    local charged = ca:issue("responder.test", { extended_key_usage = { "OCSPSigning" } })
    assert.equal("good",
      ssl.read_ocsp_response(ca:ocsp(leaf, { signer = charged }), chain).status)
    for _, signer in ipairs { other, leaf, testing.CA() } do
      local response = ca:ocsp(leaf, { signer = signer })
      assert.matches("not signed", raises(ssl.SSLError, ssl.read_ocsp_response, response,
        chain).message)
    end
  end)

  it("refuses what is about another, damaged, cut short or longer", function()
    local good = ca:ocsp(leaf)
    assert.matches("another certificate", raises(ssl.SSLError, ssl.read_ocsp_response,
      ca:ocsp(other), chain).message)
    for _, rubbish in ipairs { "", "rubbish", good:sub(1, -2), good .. "x", ("\0"):rep(100) } do
      raises(ssl.SSLError, ssl.read_ocsp_response, rubbish, chain)
    end
    for at = 1, #good, 7 do  -- no bit of it may be another
      local byte = good:byte(at) ~ 1
      local damaged = good:sub(1, at - 1) .. string.char(byte) .. good:sub(at + 1)
      local ok, answer = pcall(ssl.read_ocsp_response, damaged, chain)
      assert.is_true(not ok or answer.status == "good")
    end
  end)

  it("names the failure of a responder", function()
    local tryagain = "\x30\x03\x0a\x01\x03"
    assert.matches("trylater",
      raises(ssl.SSLError, ssl.read_ocsp_response, tryagain, chain).message)
  end)
end)
