local ssl = require "ssl"
local contexts = require "support.contexts"
local errors = require "support.errors"
local joined = require "support.joined"
local memory = require "ssl.store".memory

describe("ssl.store.memory", function()
  it("keeps bytes for their time", function()
    local now = 100
    local store = memory({ clock = function() return now end })
    store.put("a", "1", 10)
    store.put("b", "2", 20)
    assert.same({ "1", "2", 2 }, { store.get("a"), store.get("b"), store.count() })
    now = 110
    assert.is_nil(store.get("a"))
    assert.same({ "2", 1 }, { store.get("b"), store.count() })
    store.remove("b")
    store.remove("c")
    assert.is_nil(store.get("b"))
    assert.equal(0, store.count())
  end)

  it("forgets the oldest when it is full", function()
    local store = memory({ size = 3 })
    for i = 1, 1000 do store.put("id" .. i, tostring(i), 100) end
    assert.equal(3, store.count())
    assert.is_nil(store.get("id997"))
    assert.same({ "998", "999", "1000" },
      { store.get("id998"), store.get("id999"), store.get("id1000") })
    store.put("id1000", "new", 100)
    assert.same({ "new", 3 }, { store.get("id1000"), store.count() })
    store.remove("id999")
    store.put("id1", "again", 100)
    assert.same({ "998", "again", 3 }, { store.get("id998"), store.get("id1"), store.count() })
    store.put("id2", "2", 100)
    assert.is_nil(store.get("id998"))
  end)

  it("forgets those that are over, though nobody asks for them", function()
    local now = 100
    local store = memory({ clock = function() return now end })
    store.put("a", "1", 10)
    store.put("b", "2", 10)
    now = 110
    store.put("c", "3", 10)
    assert.equal(1, store.count())
  end)

  it("counts one that comes back after it was removed among the newest", function()
    local store = memory({ size = 2 })
    store.put("a", "1", 100)
    store.put("b", "2", 100)
    store.remove("a")
    store.put("a", "again", 100)
    store.put("c", "3", 100)
    assert.is_nil(store.get("b"))
    assert.same({ "again", "3" }, { store.get("a"), store.get("c") })
  end)

  it("serves several contexts", function()
    local store = memory()
    local client_ctx, first = contexts.new()
    local _, second = contexts.new()
    for _, ctx in ipairs({ first, second }) do
      ctx.options = ctx.options | ssl.OP_NO_TICKET
      ctx.session_store = store
    end
    local session = joined.connect(client_ctx, first).session
    assert.is_true(joined.connect(client_ctx, second, session).session_reused)
  end)

  it("refuses a size that is none", function()
    errors.raises(ssl.ValueError, memory, { size = 0 })
    assert.equal("string", type(errors.raised(memory, { size = "1" })))
  end)
end)
