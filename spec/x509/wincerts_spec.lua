local ssl = require "_ssl"

local windows = package.config:sub(1, 1) == "\\"

describe("enum_certificates and enum_crls", function()
  it("are there on Windows alone", function()
    assert.equal(windows and "function" or "nil", type(ssl.enum_certificates))
    assert.equal(windows and "function" or "nil", type(ssl.enum_crls))
  end)

  it("compile without a warning for Windows", function()
    local _, _, status = os.execute("command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1")
    if status ~= 0 then return pending("no MinGW-w64 compiler") end
    local pipe = io.popen("make -s mingw 2>&1; echo $?")
    local output = pipe:read("a")
    pipe:close()
    assert.equal("0", output:match("(%d+)%s*$"), output)
  end)
end)
