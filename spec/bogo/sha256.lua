-- SHA-256 (FIPS 180-4), by which the runner names public keys. The module has no digests.

-- The first 32 bits of the fractional parts of the n-th roots of the first `count` primes.
local function fractions(n, count)
  local words, candidate = {}, 2
  while #words < count do
    local prime = true
    for divisor = 2, candidate - 1 do
      if candidate % divisor == 0 then prime = false break end
    end
    if prime then
      local root = candidate ^ (1 / n)
      words[#words + 1] = math.floor((root - math.floor(root)) * 2 ^ 32)
    end
    candidate = candidate + 1
  end
  return words
end

local start, constants = fractions(2, 8), fractions(3, 64)

local function rotated(word, bits)
  return (word >> bits | word << 32 - bits) & 0xffffffff
end

local function schedule(block)
  local words = { (">I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4"):unpack(block) }
  for i = 17, 64 do
    local early, late = words[i - 15], words[i - 2]
    local a = rotated(early, 7) ~ rotated(early, 18) ~ early >> 3
    local b = rotated(late, 17) ~ rotated(late, 19) ~ late >> 10
    words[i] = words[i - 16] + a + words[i - 7] + b & 0xffffffff
  end
  return words
end

local function compress(state, block)
  local words = schedule(block)
  local a, b, c, d, e, f, g, h = table.unpack(state)
  for i = 1, 64 do
    local first = h + (rotated(e, 6) ~ rotated(e, 11) ~ rotated(e, 25)) + (e & f ~ ~e & g)
      + constants[i] + words[i]
    local second = (rotated(a, 2) ~ rotated(a, 13) ~ rotated(a, 22)) + (a & b ~ a & c ~ b & c)
    h, g, f, e = g, f, e, d + first & 0xffffffff
    d, c, b, a = c, b, a, first + second & 0xffffffff
  end
  local sums = {}
  for i, word in ipairs{ a, b, c, d, e, f, g, h } do sums[i] = state[i] + word & 0xffffffff end
  return sums
end

return function(text)
  local padded = text .. "\x80" .. ("\0"):rep((55 - #text) % 64) .. (">I8"):pack(8 * #text)
  local state = start
  for i = 1, #padded, 64 do state = compress(state, padded:sub(i, i + 63)) end
  return (">I4I4I4I4I4I4I4I4"):pack(table.unpack(state))
end
