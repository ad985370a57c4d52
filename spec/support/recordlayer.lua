-- Since 3.2 OpenSSL names all failures of its record layer alike, and what it
-- found only below that in its queue, of which `reason` tells the last, as
-- CPython does.

local ssl = require "_ssl"

--- The reason that a failure of the record layer has here; `name` is its name
-- before 3.2.
return function(name)
  return ssl.OPENSSL_VERSION_NUMBER >= 0x30200000 and "RECORD_LAYER_FAILURE" or name
end
