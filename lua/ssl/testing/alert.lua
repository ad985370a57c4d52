-- Names of alerts, as RFC 8446 has them: "unknown_ca".

local enums = require "ssl.base.enums"

local alert = {}

-- Reasons of alerts that have no ALERT in their names.
local others = {
  TLSV1_UNRECOGNIZED_NAME = "unrecognized_name",
  TLSV1_UNSUPPORTED_EXTENSION = "unsupported_extension",
  TLSV1_CERTIFICATE_UNOBTAINABLE = "certificate_unobtainable",
  TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE = "bad_certificate_status_response",
  TLSV1_BAD_CERTIFICATE_HASH_VALUE = "bad_certificate_hash_value",
}

-- The alert that made `err` happen here; nil if it was none of the peer's.
function alert.of_error(err)
  local reason = type(err) == "table" and err.reason
  if type(reason) ~= "string" then
    return nil
  end
  local name = reason:match("^SSLV3_ALERT_(.+)$") or reason:match("^TLSV1_ALERT_(.+)$")
    or reason:match("^TLSV13_ALERT_(.+)$")
  return name and name:lower() or others[reason]
end

-- The alert in a record that is not encrypted; nil if it is none, or says that
-- all is well.
function alert.of_record(record)
  if record.type ~= 21 or record.length ~= 2 then
    return nil
  end
  local number = record.payload:byte(2)
  local name = enums.AlertDescription:name(number)
  name = name and name:match("([^.]+)$"):gsub("^ALERT_DESCRIPTION_", ""):lower()
  return name ~= "close_notify" and (name or tostring(number)) or nil
end

return alert
