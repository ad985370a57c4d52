-- The settings of one instance: lua5.4 examples/fleet/master.lua examples/fleet/config.lua

return {
  name = "one",                         -- in the page of counters
  address = "0.0.0.0", port = 8443,     -- where clients, or HAProxy, connect; 0 for any port
  metrics = 9443,                       -- the port of the counters' page, on the loopback interface
  workers = 4,                          -- one for each processor
  certfile = "/etc/fleet/chain.pem", keyfile = "/etc/fleet/key.pem",
  -- The same on all machines: `openssl rand -base64 48`, a secret in each line. Without it,
  -- each worker resumes its own sessions alone.
  secretfile = "/etc/fleet/secrets",
  period = 12 * 3600,                   -- the seconds for which a ticket key encrypts
  -- What ssl.store.redis takes; nil for no store. Only clients without tickets need it.
  redis = { host = "127.0.0.1", port = 6379 },
  drain = 10,                           -- seconds that open connections have to end
  grace = 500,                          -- milliseconds that a balancer has to see the end coming
}
