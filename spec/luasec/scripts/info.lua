-- What info tells.
local lab = ...
for _, protocol in ipairs({ "tlsv1_2", "tlsv1_3" }) do
  local conn, peer = lab.pair(lab.client({ protocol = protocol }))
  local info = conn:info()
  lab.say(protocol .. " fields", lab.keys(info))
  for key in ("protocol cipher key authentication encryption mac bits algbits export compression"
      .. " nonsense"):gmatch("%a+") do
    lab.say(protocol .. " " .. key, info[key], conn:info(key))
  end
  lab.say(protocol .. " server", peer:info("cipher"))
  lab.say(protocol .. " finished", conn:getfinished() == peer:getpeerfinished(),
    peer:getfinished() == conn:getpeerfinished(), #conn:getfinished())
  local key = conn:exportkeyingmaterial("EXPERIMENTAL", 20)
  lab.say(protocol .. " keys", #key, key == peer:exportkeyingmaterial("EXPERIMENTAL", 20),
    key == peer:exportkeyingmaterial("EXPERIMENTAL", 20, "context"))
  conn:close()
  peer:close()
end
