-- Usage: lua5.4 tools/command.lua [--check]
-- Writes the man page of lua-ssl and its completion for bash and zsh into share/, from what
-- the modules in lua/ssl/command/ say of their options; --check only says whether these
-- files are up to date. As a module it gives the texts by the names of the files, for the
-- spec.

local main = require "ssl.command.main"
local options = require "ssl.command.options"

local M = {}

local function commands()
  local out = {}
  for i, name in ipairs(main.NAMES) do out[i] = main.find(name) end
  return out
end

-- Man page -----------------------------------------------------------------------

local function roff(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"))
end

local function man_command(out, command)
  out[#out + 1] = (".SS \"lua\\-ssl %s %s\""):format(command.name, roff(command.arguments))
  for i, paragraph in ipairs(command.text) do
    if i > 1 then out[#out + 1] = ".PP" end
    out[#out + 1] = roff(paragraph)
  end
  for _, option in ipairs(options.all(command)) do
    out[#out + 1] = ".TP"
    out[#out + 1] = (".B %s%s"):format(roff("--" .. option.name),
      option.value and " \\fI" .. roff(option.value) .. "\\fR" or "")
    out[#out + 1] = roff(options.explained(option))
  end
end

local function man(version)
  local out = {
    (".TH LUA\\-SSL 1 \"\" \"lua\\-ssl %s\" \"User Commands\""):format(version),
    ".SH NAME", "lua\\-ssl \\- look at TLS, its certificates and keys, and use them",
    ".SH SYNOPSIS", ".B lua\\-ssl", "\\fICOMMAND\\fR [\\fIoption\\fR ...] [\\fIargument\\fR ...]",
    ".SH DESCRIPTION",
    "Connects to TLS servers and tells what is wrong with them, serves files, makes",
    "certificates for development, and shows what is in files of certificates and keys.",
    "Options may be written \\-\\-name value or \\-\\-name=value.",
    ".SH COMMANDS",
  }
  for _, command in ipairs(commands()) do man_command(out, command) end
  for _, line in ipairs({
    ".SH EXIT STATUS", "0 if all is well, 1 if something is wrong, 2 for a wrong command line.",
    ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "If set, no colours are used without \\-\\-colour.",
    ".TP", ".BR SSL_CERT_FILE \", \" SSL_CERT_DIR", "Where trusted authorities are.",
    ".TP", ".B SSLKEYLOGFILE", "A file that keys are written to, for Wireshark.",
    ".SH SEE ALSO", ".BR openssl (1)",
  }) do out[#out + 1] = line end
  return table.concat(out, "\n") .. "\n"
end

-- Completion ---------------------------------------------------------------------

-- What the values of an option are: "file", "folder", words, or nothing known.
local function values_of(option)
  if option.choices then return table.concat(option.choices, " ") end
  return ({ FILE = "file", FOLDER = "folder" })[option.value]
end

local function words(command)
  local out = {}
  for i, option in ipairs(options.all(command)) do out[i] = "--" .. option.name end
  return table.concat(out, " ")
end

local function bash_values(out, command)
  for _, option in ipairs(command.options) do
    local values = option.value and (values_of(option) or "none")
    local reply = ({ file = "compgen -f", folder = "compgen -d", none = "compgen -W ''" })[values]
      or values and ("compgen -W '%s'"):format(values)
    if reply then
      out[#out + 1] = ("    %s:--%s) _lua_ssl_reply %s ;;"):format(command.name, option.name, reply)
    end
  end
end

local function bash()
  local out = {
    "# Completion of lua-ssl for bash. Made by tools/command.lua.", "",
    "_lua_ssl_reply () {  # compgen and its arguments",
    "  mapfile -t COMPREPLY < <(\"$@\" -- \"$current\")", "}", "",
    "_lua_ssl () {", "  local current=${COMP_WORDS[COMP_CWORD]}", "  COMPREPLY=()",
    "  if [ \"$COMP_CWORD\" -eq 1 ]; then",
    ("    _lua_ssl_reply compgen -W '%s help --help --version'"):format(
      table.concat(main.NAMES, " ")),
    "    return", "  fi",
    "  case ${COMP_WORDS[1]}:${COMP_WORDS[COMP_CWORD - 1]} in",
  }
  for _, command in ipairs(commands()) do bash_values(out, command) end
  for _, command in ipairs(commands()) do
    out[#out + 1] = ("    %s:*)"):format(command.name)
    out[#out + 1] = "      case $current in"
    out[#out + 1] = ("        -*) _lua_ssl_reply compgen -W '%s' ;;"):format(words(command))
    out[#out + 1] = "        *) _lua_ssl_reply compgen -f ;;"
    out[#out + 1] = "      esac ;;"
  end
  table.move({ "  esac", "}", "", "complete -o filenames -F _lua_ssl lua-ssl" }, 1, 4, #out + 1,
    out)
  return table.concat(out, "\n") .. "\n"
end

local function zsh_text(text)
  return (text:gsub("'", "'\\''"):gsub("[%[%]:]", "\\%0"))
end

local function zsh_option(option)
  local values = values_of(option)
  local action = option.value and ((":%s:"):format(option.value:lower())
    .. (values == "file" and "_files" or values == "folder" and "_files -/"
      or values and "(" .. values .. ")" or "")) or ""
  return ("        '--%s[%s]%s' \\"):format(option.name, zsh_text(option.help), action)
end

local function zsh()
  local out = { "#compdef lua-ssl", "# Completion of lua-ssl for zsh. Made by tools/command.lua.",
    "", "local -a commands", "commands=(" }
  for _, command in ipairs(commands()) do
    out[#out + 1] = ("  '%s:%s'"):format(command.name, zsh_text(command.summary))
  end
  table.move({ ")", "", "if (( CURRENT == 2 )); then", "  _describe command commands",
    "  return", "fi", "", "case $words[2] in" }, 1, 8, #out + 1, out)
  for _, command in ipairs(commands()) do
    out[#out + 1] = ("  %s)"):format(command.name)
    out[#out + 1] = "    shift words"
    out[#out + 1] = "    (( CURRENT-- ))"
    out[#out + 1] = "    _arguments \\"
    for _, option in ipairs(options.all(command)) do out[#out + 1] = zsh_option(option) end
    out[#out + 1] = ("        '*:argument:_files' ;;"):format()
  end
  out[#out + 1] = "esac"
  return table.concat(out, "\n") .. "\n"
end

--- The texts, by the names of their files.
function M.texts()
  return {
    ["share/man/man1/lua-ssl.1"] = man(require("ssl").__version__),
    ["share/man/man1/lua-ssl-cert.1"] = ".so man1/lua-ssl.1\n",
    ["share/bash-completion/completions/lua-ssl"] = bash(),
    ["share/zsh/site-functions/_lua-ssl"] = zsh(),
  }
end

--- The names of the files that are not up to date.
function M.outdated()
  local out = {}
  for name, text in pairs(M.texts()) do
    local file = io.open(name, "rb")
    local there = file and file:read("a")
    if file then file:close() end
    if there ~= text then out[#out + 1] = name end
  end
  table.sort(out)
  return out
end

if ... == "tools.command" then
  return M
elseif arg[1] == "--check" then
  local outdated = M.outdated()
  for _, name in ipairs(outdated) do print(name .. " is out of date: make manual") end
  os.exit(#outdated == 0, true)
end
for name, text in pairs(M.texts()) do
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end
