-- A wire that cuts, drips, swaps, repeats, loses and corrupts, at every byte or
-- record of a whole connection. HOSTILE=all visits every byte.

local ssl = require "ssl"
local tap = require "ssl.testing.tap"
local contexts = require "support.contexts"
local errors = require "support.errors"
local exchange = require "support.exchange"

local raised = errors.raised

local other = { client = "server", server = "client" }

for _, version in ipairs({ "TLSv1_2", "TLSv1_3" }) do
  describe("A hostile wire under " .. version, function()
    local client, server, sizes, records

    setup(function()
      client, server = contexts.new(ssl.TLSVersion[version])
      sizes, records = exchange.sizes(client, server)
    end)
    teardown(function() client, server, records = nil, nil, nil end)

    -- Each byte of the stream: visit(from, offset).
    local function each_byte(visit)
      for from, size in pairs(sizes) do
        for offset = 0, size - 1, exchange.stride do visit(from, offset) end
      end
    end

    local function each_record(visit)
      for _, record in ipairs(records) do visit(record.from, record.n) end
    end

    it("that drips changes nothing", function()
      for size = 1, 7, 3 do
        local sides = exchange.run(client, server, tap.split(nil, size))
        assert.is_true(sides.client.done and sides.server.done)
        exchange.check(sides, "drip")
      end
    end)

    it("cannot make a cut look like an end, whichever byte is the last", function()
      local cuts, bytes = 0, 0
      each_byte(function(from, offset)
        local what = ("%s cut after %d bytes"):format(from, offset)
        local cut
        local sides = exchange.run(client, server, exchange.at(from, offset, function(record, n)
          cut = true
          return { record.bytes:sub(1, n - 1), eof = true }
        end))
        exchange.check(sides, what)
        bytes = bytes + 1
        if cut then  -- signatures vary in length
          cuts = cuts + 1
          local victim = sides[other[from]]
          assert(not victim.done, what)
          assert.equal("SSLEOFError", errors.classname(victim.error), what)
        end
      end)
      assert.is_true(cuts > bytes * 0.9)
    end)

    it("cannot change a byte of what is received", function()
      each_byte(function(from, offset)
        local byte
        local what = ("%s corrupted at %d"):format(from, offset)
        local mask = 1 << offset % 8
        local sides = exchange.run(client, server, exchange.at(from, offset, function(record, n)
          byte = n
          return tap.alter(nil, n, mask)(record)
        end))
        exchange.check(sides, what)
        -- Nothing protects the version in the header of a record in plain.
        local free = byte == nil or byte == 2 or byte == 3
        assert(free or not (sides.client.done and sides.server.done), what)
      end)
    end)

    it("cannot lose a record unnoticed", function()
      each_record(function(from, n)
        local sides = exchange.run(client, server, tap.drop({ from = from, n = n }))
        exchange.check(sides, ("%s loses %d"):format(from, n))
      end)
    end)

    it("cannot repeat a record unnoticed", function()
      each_record(function(from, n)
        local sides = exchange.run(client, server, tap.duplicate({ from = from, n = n }))
        exchange.check(sides, ("%s repeats %d"):format(from, n))
      end)
    end)

    it("cannot swap two records unnoticed", function()
      each_record(function(from, n)
        local held
        local sides = exchange.run(client, server, function(record)
          if record.from == from and record.n == n then
            held = record.bytes
            return ""
          elseif record.from == from and held then
            local late = held
            held = nil
            return { record.bytes, late }
          end
        end)
        exchange.check(sides, ("%s swaps %d"):format(from, n))
      end)
    end)

    it("cannot send a side its own records back", function()
      each_record(function(from, n)
        local kept = ""
        local sides = exchange.run(client, server, function(record)
          if record.from == from and record.n <= n then
            kept = record.bytes
          elseif record.from ~= from and kept ~= "" then
            return { kept, record.bytes }
          end
        end)
        exchange.check(sides, ("%s gets %d back"):format(from, n))
      end)
    end)

    it("cannot replay a connection's records in another", function()
      local old = {}
      for _, record in ipairs(records) do old[record.from .. record.n] = record.bytes end
      for _, from in ipairs({ "client", "server" }) do
        local sides = exchange.run(client, server, function(record)
          return record.from == from and old[from .. record.n] or nil
        end)
        exchange.check(sides, from .. " replayed")
        assert.equal("", sides[other[from]].data)
        assert.is_true(ssl.isinstance(sides[other[from]].error, ssl.SSLError))
      end
    end)

    it("gets the same error from a side that broke, however often it is asked", function()
      local sides = exchange.run(client, server, tap.alter({ from = "server", n = 1 }))
      local first = sides.client.error
      for _ = 1, 3 do
        for _, method in ipairs({ "do_handshake", "read", "unwrap" }) do
          local err = raised(sides.client.object[method], sides.client.object)
          assert.equal(first, err)
        end
        local err = raised(sides.client.object.write, sides.client.object, "secret")
        assert.equal(first, err)
      end
    end)
  end)
end
