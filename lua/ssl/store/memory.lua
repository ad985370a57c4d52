-- ssl/store/memory.lua - a session store in the process's memory.
-- SPDX-License-Identifier: MIT

local prelude = require "ssl.base.prelude"

local SIZE = 20480  -- as many as OpenSSL's own cache has by default

--@ ssl.store.memory([size [, clock]])
-- Makes a session store in the process's memory: for several contexts of one process,
-- and for tests. It forgets sessions when their time is over, and the oldest ones when it
-- is full.
-- - `size` (integer): the most sessions that it keeps; 20480 by default.
-- - `clock` (function): returns the time in seconds; `os.time` by default.
-- Returns the store (table): its functions `get`, `put` and `remove` are those of
-- `SSLContext.session_store`, and `count()` returns the number of sessions. Raises
-- `ValueError` for a size below 1. Since: an addition.
-- Type: named fun(size?: integer, clock?: fun(): number): MemoryStore
-- Type: MemoryStore: SessionStore = { count: (fun(): integer) }
--
--     server_ctx.session_store = require("ssl.store").memory()
return function(...)
  local size, clock = prelude.arguments("memory", "size clock", ...)
  size, clock = size or SIZE, clock or os.time
  if math.type(size) ~= "integer" then
    prelude.typeerror(1, "memory", "integer", size)
  elseif size < 1 then
    prelude.valueerror("size must be at least 1, not %d", size)
  end
  local sessions, count = {}, 0
  local order, first, last = {}, 1, 0  -- the IDs by age, those that are gone among them

  local function remove(id)
    if sessions[id] then
      sessions[id], count = nil, count - 1
    end
  end

  -- Forgets the oldest ones, as long as their time is over or there are too many. An ID
  -- whose session was removed leaves the order here.
  local function shrink()
    while first <= last do
      local id = order[first]
      local session = sessions[id]
      if session and session.place == first then
        if count <= size and session.till > clock() then return end
        remove(id)
      end
      order[first], first = nil, first + 1
    end
  end

  local store = { remove = remove }

  function store.get(id)
    local session = sessions[id]
    if session and session.till > clock() then return session.bytes end
    remove(id)
    return nil
  end

  function store.put(id, bytes, seconds)
    local place = sessions[id] and sessions[id].place
    if not place then
      count, last = count + 1, last + 1
      order[last], place = id, last
    end
    sessions[id] = { bytes = bytes, till = clock() + seconds, place = place }
    shrink()
  end

  function store.count() return count end

  return store
end
