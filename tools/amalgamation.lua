-- Usage: lua5.4 tools/amalgamation.lua OUT
-- Writes OUT/lssl.c, the whole library as one file to compile, and copies its
-- header to OUT/lssl.h. The C sources come in the order of their includes, then
-- the Lua sources as arrays of bytes (tools/embed.lua).
--
-- In one file, names of different sources would meet. So
-- - what sources share (lssl_...) becomes LSSL_INNER, which is static: only what
--   lssl.h declares can be seen from outside;
-- - what a source has for itself gets the source's name in front;
-- - the macros of a source are undefined at its end.

local embed = require "tools.embed"

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

-- Tokens -------------------------------------------------------------------------

local shapes = {
  { "comment", "^/%*.-%*/" }, { "blank", "^%s+" }, { "word", "^[%a_][%w_]*" },
  { "number", "^%.?%d[%w_.]*" }, { "string", '^"[^"\\]*"' }, { "char", "^'[^'\\]*'" },
  { "arrow", "^%->" }, { "other", "^." },
}

-- A quoted text with backslashes in it ends at the first quote without one.
local function quoted(text, at)
  local mark, i = text:sub(at, at), at + 1
  while text:sub(i, i) ~= mark do
    i = i + (text:sub(i, i) == "\\" and 2 or 1)
  end
  return text:sub(at, i)
end

local function next_token(text, at)
  local first = text:sub(at, at)
  if first == '"' or first == "'" then return "string", quoted(text, at) end
  for _, shape in ipairs(shapes) do
    local found = text:match(shape[2], at)
    if found then return shape[1], found end
  end
end

-- A directive is one token, continued lines and all, but for its comments.
local function directive(text, at)
  local last = at
  repeat
    local stop = text:find("\n", last, true) or #text
    local continued = text:sub(stop - 1, stop - 1) == "\\"
    last = stop + 1
  until not continued
  return text:sub(at, last - 2)
end

local function tokens(text)
  local list, at = {}, 1
  while at <= #text do
    local kind, found
    if text:sub(at, at) == "#" and (at == 1 or text:sub(1, at - 1):match("\n[ \t]*$")) then
      kind, found = "directive", directive(text, at)
      local comment = found:find("/*", 1, true)  -- it may go on in later lines
      if comment then found = found:sub(1, comment - 1) end
    else
      kind, found = next_token(text, at)
    end
    list[#list + 1] = { kind = kind, text = found }
    at = at + #found
  end
  return list
end

-- What of a list of tokens says something.
local function solid(list)
  local out = {}
  for _, token in ipairs(list) do
    if token.kind ~= "blank" and token.kind ~= "comment" then out[#out + 1] = token end
  end
  return out
end

-- Names --------------------------------------------------------------------------

local opening = { ["("] = 1, ["{"] = 1, ["["] = 1, [")"] = -1, ["}"] = -1, ["]"] = -1 }

-- Cuts into declarations: a list of tokens up to a semicolon or the end of a
-- function's body, each with its depth.
local function declarations(list)
  local all, now, depth = {}, {}, 0
  for i, token in ipairs(list) do
    if token.kind == "directive" then
      if #now == 0 then all[#all + 1] = { token } end
    else
      local step = opening[token.text] or 0
      if step < 0 then depth = depth - 1 end
      token.depth = depth
      if step > 0 then depth = depth + 1 end
      now[#now + 1] = token
      local following = list[i + 1]
      local ends = depth == 0 and (token.text == ";" or token.text == "}"
        and (not following or following.kind ~= "other")
        and now[1].text ~= "typedef" and now[1].text ~= "struct")
      if ends then
        all[#all + 1] = now
        now = {}
      end
    end
  end
  return all
end

local function has(declaration, word)
  for _, token in ipairs(declaration) do
    if token.depth == 0 and token.text == word then return true end
  end
  return false
end

-- Where a struct's or an enum's body begins and ends.
local function body(declaration)
  local first, last
  for i, token in ipairs(declaration) do
    if token.depth == 0 and token.text == "{" then first = first or i end
    if token.depth == 0 and token.text == "}" then last = i end
  end
  return first, last
end

local function add_enumerators(names, declaration)
  local first, last = body(declaration)
  for i = first or 1, last or 0 do
    local before = declaration[i - 1]
    if declaration[i].kind == "word" and declaration[i].depth == 1
        and (before.text == "{" or before.text == ",") then
      names[declaration[i].text] = true
    end
  end
end

-- The names that a declaration gives: what stands before a bracket, an equals
-- sign, a comma or the end.
local function add_declared(names, declaration)
  local _, last = body(declaration)
  local function ends(i)
    local token = declaration[i]
    return not token or token.text:find("^[%(%[=,;]$")
  end
  local start = (has(declaration, "struct") or has(declaration, "enum")) and last or 0
  local value = false
  for i = start + 1, #declaration do
    local token = declaration[i]
    if token.depth == 0 then
      if token.text == "=" then value = true elseif token.text == "," then value = false end
      if token.kind == "word" and not value and ends(i + 1) and token.text ~= "STACK_OF" then
        names[token.text] = true
        if declaration[i + 1] and declaration[i + 1].text == "(" then return end  -- a function
      end
    end
  end
end

-- What a source has for itself at its outermost level: names and macros.
local function own_names(list)
  local names, macros, guarded, conditions = {}, {}, nil, {}
  for _, declaration in ipairs(declarations(solid(list))) do
    local first = declaration[1]
    if first.kind == "directive" then
      local macro = first.text:match("^#%s*define%s+([%w_]+)")
      local guard = first.text:match("^#%s*if%s+!defined%(([%w_]+)%)")
        or first.text:match("^#%s*ifndef%s+([%w_]+)")
      if first.text:find("^#%s*if") then conditions[#conditions + 1] = first.text end
      if first.text:find("^#%s*endif") then conditions[#conditions] = nil end
      local elsewhere = table.concat(conditions):find("_WIN32", 1, true)  -- others' names
      if macro and macro ~= guarded and not macros[macro] and not elsewhere then
        macros[#macros + 1], macros[macro] = macro, true
      end
      guarded = guard
    else
      guarded = nil
      for i, token in ipairs(declaration) do
        local following = declaration[i + 1]
        if token.depth == 0 and (token.text == "struct" or token.text == "union")
            and following.kind == "word" and declaration[i + 2].text == "{" then
          names[following.text] = true
        end
      end
      if has(declaration, "enum") then add_enumerators(names, declaration) end
      if first.text == "static" or first.text == "typedef" then
        add_declared(names, declaration)
        -- typedef int (*Name) (...)
        for i, token in ipairs(declaration) do
          if first.text == "typedef" and token.text == "(" and token.depth == 0
              and declaration[i + 1].text == "*" then
            names[declaration[i + 2].text] = true
          end
        end
      end
    end
  end
  for name in pairs(names) do
    if name:find("^lssl_") or name:find("^LSSL_") then names[name] = nil end
  end
  return names, macros
end

-- Is a token inside the body of a struct? There, names are of members.
local function mark_members(list)
  local depth, inside, armed = 0, nil, false
  for _, token in ipairs(list) do
    if token.kind == "word" and depth == 0 then
      if token.text == "struct" or token.text == "union" then armed = true end
    elseif token.text == "{" then
      if armed and not inside then inside = depth end
      armed = false
      depth = depth + 1
    elseif token.text == "}" then
      depth = depth - 1
      if inside == depth then inside = nil end
    elseif token.text:find("^[;%(%)=]$") then
      armed = false
    end
    token.member = inside ~= nil
  end
end

-- In a struct's body a word before a name is a type, the name itself a member.
local function istype(list, i)
  local following = list[i + 1]
  while following and following.kind == "blank" do
    i = i + 1
    following = list[i + 1]
  end
  return following and (following.kind == "word" or following.text == "*")
end

local function rename(text, prefix)
  local list = tokens(text)
  local names, macros = own_names(list)
  mark_members(list)
  local before
  for i, token in ipairs(list) do
    if token.kind == "word" then
      local member = before and (before.text == "." or before.text == "->")
      if names[token.text] and not member and (not token.member or istype(list, i)
          or before.text == "[") then
        token.text = prefix .. "_" .. token.text
      end
    elseif token.kind == "directive" and token.text:find("^#%s*define") then
      local head, rest = token.text:match("^(#%s*define%s+[%w_]+)(.*)$")
      token.text = head .. rest:gsub("([%.>]?)([%a_][%w_]*)", function(mark, word)
        return mark == "" and names[word] and prefix .. "_" .. word or nil
      end)
    end
    if token.kind ~= "blank" and token.kind ~= "comment" then before = token end
  end
  local out = {}
  for i, token in ipairs(list) do out[i] = token.text end
  for _, macro in ipairs(macros) do out[#out + 1] = "#undef " .. macro .. "\n" end
  return table.concat(out)
end

-- What the header declares, which stays as it is.
local public = {}
for name in read("include/lssl.h"):gmatch("%f[%w_](lssl_%w+) %(") do public[name] = true end

-- LSSL_INNER before what sources share; arrays are only where they are defined.
local function hide(text)
  text = text:gsub("\nextern [^;]*;", "")
  text = text:gsub("LSSL_EXPORT ", "")
  local declaration = "\n([%a_][%w_ %*%(%)]-[ %*])([%w_]+)( ?[%(%[])"
  return (("\n" .. text):gsub(declaration, function(type, name, rest)
    local shared = name:find("^lssl_") or name:find("^luaopen_")
    if shared and not public[name] and not type:find("^static") and not type:find("^typedef")
        and not type:find("^return") then
      return "\nLSSL_INNER " .. type .. name .. rest
    end
  end):sub(2))
end

-- Files --------------------------------------------------------------------------

local out, seen = {}, {}

local function put(...) out[#out + 1] = string.format(...) end

local function exists(name)
  local file = io.open(name)
  if file then file:close() end
  return file ~= nil
end

-- Replaces includes of our own by what they include, the first time.
local put_header
local function put_text(text)
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local name = line:match('^#include "([%w_/]+%.h)"')
    if not name or name == "lssl.h" then
      out[#out + 1] = line .. "\n"
    elseif not seen[name] then
      put_header(name)
    end
  end
end

function put_header(name)
  seen[name] = true
  put("\n/* {== %s == */\n", name)
  put_text(hide(read("src/" .. name)))
  put("/* }== %s == */\n\n", name)
end

-- A source follows those whose headers it includes.
local done = {}
local function put_source(name)
  if done[name] then return end
  done[name] = true
  local text = read("src/" .. name)
  for header in text:gmatch('#include "([%w_/]+)%.h"') do
    if exists("src/" .. header .. ".c") then put_source(header .. ".c") end
  end
  put("\n/* {== %s == */\n", name)
  put_text(rename(hide(text), name:gsub("%.c$", ""):gsub("/", "_")))
  put("/* }== %s == */\n\n", name)
end

local function sources(pattern)
  local list, pipe = {}, assert(io.popen("LC_ALL=C ls " .. pattern .. " 2>/dev/null"))
  for name in pipe:lines() do list[#list + 1] = name:gsub("^src/", "") end
  pipe:close()
  return list
end

local head = [[
/*
** lssl.c - TLS for programs that embed Lua, as one file: see lssl.h.
** SPDX-License-Identifier: MIT
** Generated from the sources by tools/amalgamation.lua; do not edit.
**
**     cc -c lssl.c
**
** Defined before, these change what is made:
** - LSSL_TESTING: with the module ssl.testing;
** - LSSL_HAVE_IDN2: host names beyond ASCII, by libidn2 (link with -lidn2);
** - LSSL_API static: for an #include of this file in another.
*/
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#if defined(__GNUC__)
#define LSSL_INNER static __attribute__((unused))
#else
#define LSSL_INNER static
#endif

]]

local testing = "^testing/"

local function main(folder)
  out[1] = head
  for _, name in ipairs(sources("src/*/*.c")) do
    if not name:find(testing) and not name:find("^host/") then put_source(name) end
  end
  put("#if defined(LSSL_TESTING)\n")
  for _, name in ipairs(sources("src/testing/*.c")) do put_source(name) end
  put("#endif\n")
  put_source("module.c")
  put_header("host/parts.h")
  out[#out + 1] = "\n/* {== the sources in Lua == */\n" .. embed.text() .. "/* }== */\n"
  for _, name in ipairs(sources("src/host/*.c")) do put_source(name) end
  local text = table.concat(out):gsub("\n\n\n+", "\n\n")
  for name, content in pairs({ ["lssl.c"] = text, ["lssl.h"] = read("include/lssl.h") }) do
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(content)
    file:close()
  end
end

main(... or error("usage: amalgamation.lua OUT"))
