-- ssl/command/chain.lua - a chain of certificates as a tree, with what is wrong with each.
-- SPDX-License-Identifier: MIT

local json = require "ssl.command.json"
local keys = require "ssl.command.keys"
local objects = require "ssl.command.objects"
local problems = require "ssl.command.problems"
local signs = require "ssl.command.signs"
local terminal = require "ssl.command.terminal"
local times = require "ssl.command.times"

local M = {}

-- The certificate at a place of the chain; one that cannot be read has only a problem.
local function read(der)
  local ok, object = pcall(objects.certificate, der)
  return ok and object or { subject = "(a certificate that cannot be read)", issuer = "?",
    problem = object, key = { kind = "?" } }
end

--- The chain of a `ssl.command.verification`, from the server's certificate up: an array of
--- certificates with `problems`, an array of {code =, text =, mend =}.
function M.build(verification, host, message)
  local chain = json.array()
  while verification.chain[#chain] do
    local cert = read(verification.chain[#chain])
    cert.depth, cert.problems = #chain, json.array()
    chain[#chain + 1] = cert
  end
  for _, problem in ipairs(problems.without_echoes(verification.problems)) do
    local cert = chain[problem.depth + 1] or chain[1]
    if cert then
      local text, mend = problems.explain(problem, cert, host, message)
      table.insert(cert.problems, { code = problem.code, text = text, mend = mend })
    end
  end
  return chain
end

local function print_problem(screen, sign, indent, problem)
  for i, line in ipairs(terminal.wrap(problem.text, 76 - #indent)) do
    screen:line("%s%s %s", indent, i == 1 and screen:paint("red", sign.bad)
      or (" "):rep(utf8.len(sign.bad)), screen:paint("red", line))
  end
  indent = indent .. (" "):rep(utf8.len(sign.bad) + 1)
  for i, line in ipairs(terminal.wrap(problem.mend, 68 - #indent)) do
    screen:line("%s%s%s", indent, i == 1 and "To mend: " or "         ", line)
  end
end

-- What people know a certificate by: a server's names, an authority's subject.
local function title(cert, top)
  if top and cert.self_issued and #cert.problems == 0 then
    return cert.subject .. ", trusted"
  elseif cert.names and not cert.authority then
    local known = {}
    for i, name in ipairs(cert.names) do known[i] = i <= 3 and name[2] or nil end
    return table.concat(known, ", ") .. (#cert.names > 3 and ", ..." or "")
      .. " (" .. cert.subject .. ")"
  end
  return cert.subject
end

local function print_one(screen, sign, cert, level, top)
  local indent = ("   "):rep(level)
  screen:line("  %s%s", level > 0 and ("   "):rep(level - 1) .. sign.branch or "",
    screen:paint("bold", title(cert, top)))
  indent = "  " .. indent
  if cert.not_after then
    screen:line("%s%s, until %s", indent, keys.line(cert.key), times.day(cert.not_after))
  end
  for _, problem in ipairs(cert.problems) do
    print_problem(screen, sign, indent, problem)
  end
end

local function missing_issuer(chain)
  local last = chain[#chain]
  for _, problem in ipairs(last.problems) do
    if problem.code == 20 or problem.code == 2 then return last.issuer end
  end
end

--- Prints the tree: the authority at its top, the server's certificate at its foot.
function M.print(screen, chain)
  local sign, level = signs(), 0
  local missing = missing_issuer(chain)
  if missing then
    screen:line("  %s", screen:paint("red", missing .. ", missing"))
    level = 1
  end
  for i = #chain, 1, -1 do
    print_one(screen, sign, chain[i], level, i == #chain)
    level = level + 1
  end
end

return M
