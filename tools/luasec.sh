#!/bin/sh
# Usage: tools/luasec.sh [BUILD_FOLDER]      make luasec
# Runs programs that were written for LuaSec, on LuaSec and on this module, and prints a
# table of what each made of it. Programs come from the system (LuaRocks, LuaSocket,
# Prosody, mosquitto, PostgreSQL), or from folders named by variables:
#   LUASEC   LuaSec itself: ssl.lua, ssl/https.lua, ssl.so; the system's by default
#   SAMPLES  LuaSec's samples
#   COPAS    copas 4 as a checkout; COPAS_PATH: a package.path for what it requires
#   LUAMQTT  luamqtt as a checkout;  PGMOON  pgmoon as a checkout
# What is not there is left out, and said so. The logs stay in BUILD_FOLDER/luasec.
# ONLY='samples copas' runs some of them.
set -u
LUA=${LUA:-lua5.4}
top=$(pwd)
build=$top/${1:-build}
case ${1:-build} in /*) build=$1;; esac
logs=$build/luasec
tools=$top/tools/luasec
unlike=0 rows=0 number=0
rm -rf "$logs"
mkdir -p "$logs"
export LUA tools
# shellcheck source=tools/luasec/common.sh disable=SC1091
. "$tools/common.sh"

# Where each side's modules are, for a program that adds its own path before them.
version=$("$LUA" -e 'io.write((_VERSION:match("%d.%d")))')
system_path="/usr/share/lua/$version/?.lua;/usr/share/lua/$version/?/init.lua"
system_path="$system_path;/usr/share/lua/5.3/?.lua"  # what is in Lua alone
system_cpath=$(env -u LUA_CPATH "$LUA" -e 'io.write(package.cpath)')
our_path="$top/lua/?.lua;$system_path" our_cpath="$build/?.so;$system_cpath"
their_path="${LUASEC:+$LUASEC/?.lua;}$system_path"
their_cpath="${LUASEC:+$LUASEC/?.so;}$system_cpath"

# Certificates for all, by this module.
certs=$logs/certs
export certs
LUA_PATH=$our_path LUA_CPATH=$our_cpath "$LUA" bin/lua-ssl-cert --ca --dir "$certs" \
  --names localhost,127.0.0.1,other.localhost,one.example,two.example > "$logs/certs.log" 2>&1 ||
  { cat "$logs/certs.log"; exit 1; }
LUA_PATH=$our_path LUA_CPATH=$our_cpath "$LUA" bin/lua-ssl-cert --ca --dir "$logs/stranger" \
  --names other.localhost,two.example > "$logs/stranger.log" 2>&1

wanted () { case " ${ONLY:-$1} " in *" $1 "*) ;; *) return 1;; esac; }
left_out () { printf '%-12s %-46s %s\n' "$1" "" "left out: $2"; }
there () { command -v "$2" >/dev/null 2>&1 || { left_out "$1" "no $2 is installed"; return 1; }; }
named () { [ -n "$2" ] && return; left_out "$1" "$3 names no folder"; return 1; }

# side, path, cpath, command: runs it in a folder of its own; its status.
run () {
  mkdir -p "$here/$1"
  side=$1 LUA_PATH="./?.lua;$EXTRA$2" LUA_CPATH=$3
  shift 3
  (cd "$here/$side" && export side LUA_PATH LUA_CPATH &&
    timeout 120 "$@" > log 2>&1 < /dev/null)
}

verdict () { if [ "$1" = 0 ]; then echo passes; else echo "fails ($1)"; fi; }

# program, what is tried, command. It ends with 0 where all went well, and may leave what
# it has said, but for what differs each time, in the file "said".
EXTRA=
try () {
  program=$1 what=$2 number=$((number + 1)) rows=$((rows + 1))
  here=$logs/$number-$(echo "$what" | tr -cd 'a-z0-9')
  shift 2
  run theirs "$their_path" "$their_cpath" "$@"; on_theirs=$?
  run ours "$our_path" "$our_cpath" "$@"; on_ours=$?
  ours=$(verdict $on_ours) note=
  if [ $on_theirs = 0 ] && [ $on_ours != 0 ]; then
    note="<-- see $here/ours/log"
  elif [ $on_ours = 0 ] && [ $on_theirs = 0 ] && [ -f "$here/theirs/said" ] &&
       ! diff "$here/theirs/said" "$here/ours/said" > "$here/diff"; then
    ours="says otherwise" note="<-- see $here/diff"
  fi
  [ -z "$note" ] || unlike=$((unlike + 1))
  printf '%-12s %-46s %-14s %-14s %s\n' "$program" "$what" "$(verdict $on_theirs)" "$ours" "$note"
}

# Each side has what it is to have: ours may be installed where LuaSec is looked for.
here=$logs/sides
mine='assert((require("ssl").create_default_context ~= nil) == (os.getenv("side") == "ours"))'
for side in theirs ours; do
  if [ $side = ours ]; then run ours "$our_path" "$our_cpath" "$LUA" -e "$mine"
  else run theirs "$their_path" "$their_cpath" "$LUA" -e "$mine"; fi ||
    { echo "luasec.sh: no LuaSec found, or another module in its place: LUASEC=folder"; exit 1; }
done

printf '%-12s %-46s %-14s %-14s\n' program tried "on LuaSec" "on ours"

for part in "$tools"/*.part; do
  name=$(basename "$part" .part)
  # shellcheck source=/dev/null
  wanted "${name#*-}" && . "$part"
done

echo "$rows tried, $unlike unlike LuaSec"
[ "$unlike" = 0 ] && [ "$rows" -gt 0 ]
