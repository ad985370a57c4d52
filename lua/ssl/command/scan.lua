-- ssl/command/scan.lua - lua-ssl scan: what a TLS server offers, and what of it is amiss.
-- SPDX-License-Identifier: MIT

local findings = require "ssl.command.findings"
local json = require "ssl.command.json"
local names = require "ssl.command.names"
local options = require "ssl.command.options"
local signs = require "ssl.command.signs"
local socket = require "socket"
local ssl = require "ssl"
local starttls = require "ssl.command.starttls"
local terminal = require "ssl.command.terminal"

local PARTS = { "versions", "ciphers", "groups", "signatures", "certificates", "trust", "alpn",
  "resumption", "renegotiation", "extensions", "downgrade", "rubbish", "tolerance" }

local M = {
  name = "scan",
  summary = "list what a server offers: versions, ciphers, groups, habits",
  arguments = "HOST[:PORT]",
  text = {
    "Connects to a TLS server some hundred times, and lists what it offers: versions, ciphers, "
      .. "groups, signature algorithms, certificates, stapling, resumption, renegotiation, and "
      .. "how it takes what is not TLS. Each line has a mark: whether it is good, weak or bad. "
      .. "Scan only servers whose owners allow it.",
    "With --policy, the server is held to one of Mozilla's profiles, and each rule that it "
      .. "breaks is explained.",
    "The exit status is 1 if something is bad, a rule is broken, or the server does not speak "
      .. "TLS.",
  },
  options = {
    { name = "policy", value = "PROFILE", choices = { "modern", "intermediate" },
      help = "hold the server to this profile" },
    { name = "only", value = "LIST", help = "look only at these, separated by commas: "
      .. table.concat(PARTS, ", ") },
    { name = "starttls", value = "PROTOCOL", choices = starttls.NAMES,
      help = "speak this protocol until TLS begins; it has a default port, too" },
    { name = "servername", value = "NAME", help = "the name to ask for; HOST by default" },
    { name = "cafile", value = "FILE", help = "trust the authorities in this file, and not "
      .. "those of the system" },
    { name = "timeout", value = "SECONDS", number = true, default = 5,
      help = "for each connection" },
    { name = "deadline", value = "SECONDS", number = true, default = 300, help = "for all" },
    { name = "json", help = "print JSON, for programs" },
    options.COLOUR,
  },
}

-- The parts in a list, or nil and the one that there is not.
local function parts_in(list)
  local known, out = {}, {}
  for _, part in ipairs(PARTS) do known[part] = true end
  for part in list:gmatch("[^,]+") do
    if not known[part] then return nil, part end
    out[#out + 1] = part
  end
  return out
end

function M.check(values)
  if not values[1] then
    return "which host?"
  elseif values[2] then
    return ("'%s' is not expected"):format(values[2])
  elseif not names.address(values[1], 443) then
    return ("'%s' is neither HOST nor HOST:PORT"):format(values[1])
  elseif values.only and values.policy then
    return "--policy decides what to look at: leave out --only"
  elseif values.only then
    local _, unknown = parts_in(values.only)
    return unknown and ("--only knows no '%s'"):format(unknown)
  end
end

local function options_of(values, host)
  local name = values.servername or host
  return {
    host = name, timeout = values.timeout, deadline = values.deadline,
    prepare = values.starttls and function(sock)
      starttls.start(values.starttls, sock, name, socket.gettime() + values.timeout)
    end,
  }
end

local COLOURS = { good = "green", weak = "yellow", bad = "red" }

local function print_findings(screen, list)
  local sign, last = signs(), nil
  for _, one in ipairs(list) do
    if one.topic ~= last then
      screen:line("%s", screen:paint("bold", one.topic))
      last = one.topic
    end
    screen:line("  %s %s", one.mark and screen:paint(COLOURS[one.mark], sign[one.mark])
      or (" "):rep(utf8.len(sign.good)), one.text)
  end
end

-- The exit status: 1 if something is bad.
local function status_of(list)
  for _, one in ipairs(list) do
    if one.mark == "bad" then return 1 end
  end
  return 0
end

-- The result as JSON has it: its lists are arrays although they are empty, and bytes are in
-- PEM alone.
local function plain(result)
  for _, suites in pairs(result.ciphers or {}) do
    for _, suite in ipairs(suites) do json.array(suite.faults) end
  end
  for _, field in ipairs({ "ciphers", "groups", "signatures" }) do
    for _, list in pairs(result[field] or {}) do json.array(list) end
  end
  for _, chain in ipairs(json.array(result.chains)) do
    for _, cert in ipairs(chain) do
      cert.der, cert.raw_issuer, cert.raw_subject = nil, nil, nil
      json.array(cert.names)
    end
  end
  json.array(result.alpn)
  result.staple = result.staple and true or nil
  return result
end

local function look(values, host, port, screen)
  local wanted = options_of(values, host)
  wanted.parts = values.only and parts_in(values.only)
  wanted.context = ssl.create_default_context({ cafile = values.cafile })
  local result = require("ssl.scan").server(host, port, wanted)
  local list = findings.of(result)
  if values.json then
    screen:write(json.encode({ host = host, port = port, found = plain(result),
      findings = json.array(list) }), "\n")
  else
    screen:line("%s", screen:paint("bold", ("%s:%d, by %d connections"):format(host, port,
      result.probes or 0)))
    print_findings(screen, list)
  end
  return status_of(list)
end

-- The rules of a profile as findings.
local function of_rules(report)
  local list = json.array()
  for _, line in ipairs(report.lines) do
    if line.ok then
      list[#list + 1] = { topic = "Rules kept", mark = "good", text = line.rule }
    end
  end
  for _, line in ipairs(report.lines) do
    for _, fault in ipairs(line.faults) do
      list[#list + 1] = { topic = "Rules broken", mark = "bad", text = line.rule .. ": " .. fault
        .. " (" .. line.why:gsub("%.$", "") .. ")" }
    end
  end
  return list
end

local function judge(values, host, port, screen)
  local policy = require "ssl.testing.policy"
  local wanted = { profile = values.policy,
    trusted_by = ssl.create_default_context({ cafile = values.cafile }) }
  local report = policy.check({ host = host, port = port }, wanted, options_of(values, host))
  local list = of_rules(report)
  if values.json then
    screen:write(json.encode({ host = host, port = port, policy = values.policy, ok = report.ok,
      findings = list }), "\n")
  else
    screen:line("%s", screen:paint("bold", ("%s:%d, %s"):format(host, port, report.title)))
    print_findings(screen, list)
  end
  return report.ok and 0 or 1
end

function M.run(values)
  local host, port = names.address(values[1], starttls.PORTS[values.starttls] or 443)
  local screen = terminal.screen(1, values.colour)
  return (values.policy and judge or look)(values, host, port, screen)
end

return M
