-- A patch release of OpenSSL may refuse the same thing by another reason. A spec or an
-- example that holds one fails on the next machine.

-- Reasons that stay: alerts, which have numbers in RFC 8446, the two by which programs
-- tell what is wrong with a peer's certificate, and the one of RFC 9849.
local function stays(name)
  return name:find("^SSLV3_ALERT_") or name:find("^TLSV1") or name == "CERTIFICATE_VERIFY_FAILED"
    or name == "PEER_DID_NOT_RETURN_A_CERTIFICATE" or name == "ECH_REQUIRED"
end

-- Those that the module's own C code gives or looks for, by their names. If OpenSSL changed
-- one of them, the code would have to change too.
local function used()
  local names = {}
  local pipe <close> = io.popen("grep -rhoE '[A-Z0-9]+_R_[A-Z0-9_]+' --include=*.c "
    .. "--exclude=reasons.c src")
  for line in pipe:lines() do names[line:match("_R_(.*)")] = true end
  return names
end

local function reasons()
  local names, ours = {}, used()
  for line in io.lines("src/base/reasons.c") do
    local name = line:match('^  {ERR_LIB_[%w_]+, [%w_]+, "(%w+_[%w_]+)"},$')
    if name and not stays(name) and not ours[name] then names[name] = true end
  end
  return names
end

describe("The specs and the examples", function()
  it("hold no reason that is OpenSSL's to choose", function()
    local names, found = reasons(), {}
    assert.is_true(next(names) ~= nil)
    local pipe <close> = io.popen("find spec docs README.md -name '*.lua' -o -name '*.md'")
    for path in pipe:lines() do
      local number = 0
      for line in io.lines(path) do
        number = number + 1
        for word in line:gmatch('[":] ?([%u%d_]+)["%]]') do
          if names[word] then found[#found + 1] = ("%s:%d: %s"):format(path, number, word) end
        end
      end
    end
    assert.same({}, found)
  end)
end)
