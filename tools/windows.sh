#!/bin/sh
# Usage: tools/windows.sh build                      (make windows)
#        tools/windows.sh test [FILES OF SPECS]      (make windows-test SPEC=...)
#        tools/windows.sh run ARGUMENTS OF LUA
# Builds the module for Windows with the MinGW-w64 compiler, and runs it under wine.
#
# OpenSSL, Lua, LuaSocket and LuaFileSystem are built from Debian's sources into
# the folder $LSSL_WINDOWS (build/windows/kept), which is kept: what is there is
# not built again, and a build that was interrupted goes on where it was. The
# module goes to build/windows/module. Their archives are taken from
# $LSSL_WINDOWS/sources where they are there already: the way without apt.
set -eu
cd "$(dirname "$0")/.."

kept=${LSSL_WINDOWS:-build/windows/kept}
mkdir -p "$kept/sources" "$kept/bin/socket" "$kept/bin/mime" build/windows
kept=$(cd "$kept" && pwd)
bin=$kept/bin module=build/windows/module
host=x86_64-w64-mingw32
compiler=$host-gcc
say () { echo "windows: $*"; }

# --- Sources -----------------------------------------------------------------

# The lines "deb-src" for what this Debian installs from.
source_lists () {
  codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n "s/^deb \(.* ${codename}[^ ]* .*\)/deb-src \1/p"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$file" ] || awk -v RS= -v codename="$codename" '{
      uri = suites = key = ""; components = "main"
      n = split($0, lines, "\n")
      for (i = 1; i <= n; i++) {
        value = lines[i]; sub(/^[^:]*: */, "", value)
        if (lines[i] ~ /^URIs:/) uri = value
        if (lines[i] ~ /^Suites:/) suites = value
        if (lines[i] ~ /^Components:/) components = value
        if (lines[i] ~ /^Signed-By: *\//) key = "[signed-by=" value "] "
      }
      n = split(suites, list, " ")
      for (i = 1; i <= n; i++)
        if (index(list[i], codename) == 1) print "deb-src " key uri, list[i], components
    }' "$file"
  done
}

apt () {
  apt-get -q -o Dir::Etc::sourcelist="$kept/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::Lists="$kept/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root "$@"
}

# Debian's own part of a package may be missing on a mirror, and is not needed.
fetch () {  # package
  ls "$kept/sources/$1"_*.orig.tar.* >/dev/null 2>&1 && return
  command -v apt-get >/dev/null ||
    { say "no apt here: put $1's archive, $1_VERSION.orig.tar.gz, into $kept/sources"; return 1; }
  if [ ! -d "$kept/lists" ]; then
    source_lists > "$kept/sources.list"
    mkdir -p "$kept/lists/partial"
    apt update
  fi
  (cd "$kept/sources" && apt source --download-only "$1") || :
  ls "$kept/sources/$1"_*.orig.tar.* >/dev/null ||
    { rm -rf "$kept/lists"; say "no sources of $1"; return 1; }
}

unpack () {  # package: prints its folder
  for archive in "$kept/sources/$1"_*.orig.tar.[gx]z; do :; done
  folder=$kept/$1
  [ -d "$folder" ] || {
    rm -rf "$folder.new"
    mkdir "$folder.new"
    tar -x -f "$archive" -C "$folder.new" --strip-components=1
    mv "$folder.new" "$folder"
  }
  echo "$folder"
}

# --- What is not ours --------------------------------------------------------

once () {  # package, function that builds it in its folder
  [ -e "$kept/$1.done" ] && return
  say "$1"
  if fetch "$1" > "$kept/$1.log" 2>&1 && folder=$(unpack "$1") &&
      (cd "$folder" && "$2") >> "$kept/$1.log" 2>&1; then
    touch "$kept/$1.done"
  else
    tail -n 20 "$kept/$1.log"
    say "$1 failed: see $kept/$1.log"
    exit 1
  fi
}

# Where it looks for its files: where OpenSSL for Windows is commonly installed.
build_openssl () {
  [ -e Makefile ] || ./Configure mingw64 --cross-compile-prefix=$host- shared no-tests \
    --libdir=lib --prefix='C:/Program Files/OpenSSL' \
    --openssldir='C:/Program Files/Common Files/SSL' || return
  make build_generated || return
  make -j "$(getconf _NPROCESSORS_ONLN)" libcrypto.dll.a libssl.dll.a providers/legacy.dll || return
  cp libcrypto-3-x64.dll libssl-3-x64.dll providers/legacy.dll "$bin"
}

build_lua () {
  make -C src CC=$compiler SYSCFLAGS=-DLUA_BUILD_AS_DLL SYSLIBS= SYSLDFLAGS=-s \
    LUA_A=lua54.dll LUA_T=lua.exe AR="$compiler -shared -static-libgcc -o" \
    RANLIB="$host-strip --strip-unneeded" lua.exe || return
  cp src/lua54.dll src/lua.exe "$bin"
}

shared () {  # DLL, sources
  dll=$1; shift
  $compiler -O2 -s -shared -static-libgcc -D_WIN32_WINNT=0x0601 -I"$kept/lua5.4/src" \
    -o "$bin/$dll" "$@" "$bin/lua54.dll" -lws2_32
}

# Of its own accord, select would take 64 sockets at most.
build_luasocket () {
  cd src
  shared socket/core.dll -DFD_SETSIZE=4096 -DLUASOCKET_NODEBUG luasocket.c timeout.c buffer.c \
    io.c auxiliar.c compat.c options.c inet.c except.c select.c tcp.c udp.c wsocket.c &&
    shared mime/core.dll mime.c compat.c
}

build_luafilesystem () { shared lfs.dll src/lfs.c; }

build () {
  sh tools/setup.sh test windows
  once openssl build_openssl
  once lua5.4 build_lua
  once luasocket build_luasocket
  once lua-filesystem build_luafilesystem
  make --no-print-directory system=Windows CC=$compiler OUT=$module IDN_CFLAGS= IDN_LIBS= \
    LUA_CFLAGS=-I"$kept/lua5.4/src" LUA_LIBS="$bin/lua54.dll" \
    SSL_CFLAGS=-I"$kept/openssl/include" SSL_LIBS="-L$kept/openssl -lssl -lcrypto"
  $compiler -std=c99 -Wall -Wextra -Werror -O2 -shared -static-libgcc -I"$kept/lua5.4/src" \
    -o $module/wincertstore.dll spec/native/wincertstore.c "$bin/lua54.dll" -lcrypt32
}

# --- Running it --------------------------------------------------------------

# Wine's drive Z is this system's root.
wine_path () { echo "Z:$1" | sed 's,/,\\,g'; }

# Lua's modules in pure Lua, busted among them, are this system's.
prepare () {
  if [ ! -e "$bin/lua.exe" ] || [ ! -e $module/_ssl.dll ]; then
    say "make windows first"
    exit 1
  fi
  host_lua=${LUA:-lua}
  others=$(wine_path "$("$host_lua" -e '
    print((package.searchpath("busted", package.path):gsub("busted%.lua$", "")))')")
  OPENSSL_MODULES=$(wine_path "$bin")
  LUA=$OPENSSL_MODULES\\lua.exe
  LUA_PATH="lua\\?.lua;tools\\windows\\?.lua;$others?.lua;$others?\\init.lua"
  LUA_CPATH="build\\windows\\module\\?.dll;$OPENSSL_MODULES\\?.dll"
  WINEPREFIX=$kept/wine WINEDEBUG=-all LSSL_BUILD=$module LSSL_WINDOWS=$kept
  LSSL_SLOW=1  # specs that time what they do ask for less
  export host_lua OPENSSL_MODULES LUA LUA_PATH LUA_CPATH
  export WINEPREFIX WINEDEBUG LSSL_BUILD LSSL_SLOW LSSL_WINDOWS
  unset LUA_PATH_5_4 LUA_CPATH_5_4 LUA_INIT LUA_INIT_5_4 SSL_CERT_FILE SSL_CERT_DIR
  [ -e "$kept/wine/system.reg" ] || {
    say "wine's folder"
    wine wineboot -i >/dev/null 2>&1 </dev/null
  }
}

under_wine () { timeout --kill-after=5 "${LIMIT:-300}" wine "$bin/lua.exe" "$@"; }

# One line for each file of specs, and what it wrote if it failed.
run_file () {
  reason=$("$host_lua" -e "local reasons = dofile('spec/windows.lua')
    print(reasons['$1'] or reasons['${1%/*}/'] or '')")
  [ -z "$reason" ] || { echo "$1: does not apply: $reason"; return; }
  status=0
  under_wine tools/busted.lua -o plainTerminal "$1" > "$work/$$" 2>&1 </dev/null || status=$?
  summary=$(grep -aE '^[0-9]+ success.* / .* / .* / .* : ' "$work/$$" | tail -n 1 | tr -d '\r')
  if [ $status = 0 ] && [ -n "$summary" ]; then
    echo "$1: passed: $summary"
    grep -a -A 2 '^Pending' "$work/$$" | grep -av -e '^--' -e '^Pending' | tr -d '\r' |
      sed 's/^/    left out: /'
  else
    echo "$1: FAILED: status $status: $summary"
    cat "$work/$$"
  fi
}

test_demo () {
  say "the demo"
  under_wine examples/demo.lua </dev/null
}

test_specs () {
  export work
  for file in "$@"; do
    if [ -d "$file" ]; then find "$file" -name '*_spec.lua'; else echo "$file"; fi
  done | LC_ALL=C sort > "$work/files"
  xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh tools/windows.sh one < "$work/files" |
    tee "$work/lines"
  awk '
    / passed: / {pass++; good += $3; skipped += $12}
    / FAILED: / {failed[++fail] = $0; good += $5; bad += $8 + $11 > 0 ? $8 + $11 : 1}
    / does not apply: / {none++}
    END {
      for (i = 1; i <= fail; i++) print failed[i]
      printf "files of specs: %d pass, %d fail, %d do not apply\n", pass, fail, none
      printf "%d passed, %d failed, %d skipped\n", good, bad, skipped
      exit fail > 0
    }' "$work/lines"
}

command=${1:-build}
[ $# = 0 ] || shift
case $command in
  build) build;;
  run) prepare; under_wine "$@";;
  one) run_file "$1";;
  test)
    prepare
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    test_demo
    test_specs "${@:-spec}";;
  *) sed -n '2,4s/^# *//p' "$0" >&2; exit 2;;
esac
