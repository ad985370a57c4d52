-- The same scripts on LuaSec and on this module say the same, but for what is listed here
-- with its reason. LUASEC=folder names another LuaSec than the system's.

local testing = require "ssl.testing"
local files = require "ssl.testing.files"
local process = require "support.process"

local lua = process.lua
local folder = os.getenv("LUASEC")
local theirs = folder
  and ("LUA_PATH='%s/?.lua;;' LUA_CPATH='%s/?.so;;' %s"):format(folder, folder, lua)
  or ("env -u LUA_PATH -u LUA_CPATH %s"):format(lua)
local there = process.shell("%s -e 'print(require\"ssl\"._VERSION, package.loaded[\"ssl.core\"] "
  .. "and package.searchpath(\"_ssl\", package.cpath))'", theirs)
there = there:find("^%d+%.%d+") ~= nil and there:find("nil%s*$") ~= nil

-- The libssl that a module's file takes: a LuaSec on another one has other texts and
-- preferences. LuaSec's ssl.core is in ssl.so, or in a file of its own.
local function libssl(interpreter, ...)
  for _, module in ipairs { ... } do
    local path = process.shell("%s -e 'io.write(tostring(package.searchpath(\"%s\", "
      .. "package.cpath)))'", interpreter, module)
    local library = process.shell("ldd %s", process.quoted(path)):match("libssl[%w.]+")
    if library then return library end
  end
end
local same = there and libssl(lua, "_ssl") == libssl(theirs, "ssl.core", "ssl")

-- By topic and name: why the two differ. "before 1.3" LuaSec did what ours does not.
local differences = {
  receive = {},
  send = {
    ["to nobody"] = "EPIPE is an end as well, \"closed\"; LuaSec says \"Broken pipe\"",
  },
  life = {
    ["before: getpeerfinished"] = "nil and \"closed\" as getfinished; LuaSec forgets them",
    ["before: exportkeyingmaterial"] = "the same",
    ["after: getpeerfinished"] = "the same",
    ["after: exportkeyingmaterial"] = "the same",
  },
  info = {},
  contexts = {
    ["unknown mode"] = "nil and a text; LuaSec gives a context that nothing can be made of",
  },
  certificates = {},
  verification = {},
  names = {},
  alpn = {},
  psk = {},
  modules = {},
  dane = {},
  differences = {
    ["no close_notify: *a"] = "\"closed\", with what came: LuaSec has OpenSSL's own text",
    ["no close_notify: *l"] = "the same",
    ["no close_notify: 100"] = "the same",
    ["a group that is no curve"] = "OpenSSL agrees on keys by it; LuaSec looks among curves",
    ["PEM in place of a file"] = "what LuaSec's users ask for",
    ["a file that is not there"] = "named, with the reason",
    ["no mode that there is"] = "nil and a text, not a context that nothing can be made of",
    ["dhparam is asked by newcontext"] = "OpenSSL asks for parameters once since 3.0",
    ["another kind of key"] = "has its name; LuaSec says \"Unknown\"",
    ["the handshake after that"] = "before 1.3: failed for good; in LuaSec it comes to be done",
    ["refused"] = "a third result says what is wrong with the certificate",
    ["why"] = "the same",
  },
}

local function parse(text)
  local lines, order = {}, {}
  for line in text:gmatch("[^\n]+") do
    local name, values = line:match("^([^\t]*)\t(.*)$")
    if name then
      lines[name] = values
      order[#order + 1] = name
    else
      order[#order + 1] = line
    end
  end
  return lines, order
end

describe("What was written for LuaSec", function()
  local certificates

  setup(function()
    local ca, stranger = testing.CA(), testing.CA()
    local mine = ca:issue("localhost", "127.0.0.1", { common_name = "mine",
      extended_key_usage = { "serverAuth" } })
    local other = ca:issue("other.test", { common_name = "other" })
    local names = ca:issue("localhost", "127.0.0.1", "::1", "user@example.test",
      "https://example.test/", { common_name = "names", organization = "Of names" })
    local foreign = stranger:issue("localhost")
    certificates = files.folder()
    certificates:write({
      ["ca.pem"] = ca.cert.pem, ["chain.pem"] = mine.chain.pem, ["key.pem"] = mine.key.pem,
      ["encrypted.pem"] = mine.key:encrypted("secret"), ["other.pem"] = other.chain.pem,
      ["otherkey.pem"] = other.key.pem, ["stranger.pem"] = stranger.cert.pem,
      ["strangerkey.pem"] = foreign.key.pem, ["names.pem"] = names.cert.pem,
      ["ed.pem"] = testing.CA({ key_type = "Ed25519" }).cert.pem,
    })
  end)

  teardown(function() certificates:close() end)

  for topic, listed in pairs(differences) do
    it(("runs unchanged: %s"):format(topic), function()
      local script = ("spec/support/luasec_lab.lua %s %s"):format(topic, certificates.path)
      local ours, order = parse((process.shell("%s %s", lua, script)))
      assert.is_true(#order > 3, table.concat(order, "\n"))
      if not there then return pending("LuaSec is not there to compare with") end
      if not same then return pending("LuaSec runs on another OpenSSL") end
      local expected = parse((process.shell("%s %s", theirs, script)))
      assert(next(expected) or topic == "psk", topic)  -- since LuaSec 1.3
      local unlike = {}
      for name, values in pairs(expected) do
        local reason, equal = listed[name], ours[name] == values
        local fixed = equal and reason and reason:find("^before")
        if equal == (reason ~= nil) and not fixed then
          unlike[#unlike + 1] = ("%s\n  LuaSec: %s\n  ours:   %s"):format(name, values,
            tostring(ours[name]))
        end
      end
      table.sort(unlike)
      assert(#unlike == 0, table.concat(unlike, "\n"))
    end)
  end
end)
