#!/bin/sh
# Usage: make lint
# Reads the whole tree and says all it has against it: luacheck, shellcheck,
# cppcheck, a clang build with nearly every warning, the symbols that the module
# shows, the order of includes, whether an installation is whole, and the layout.
set -u
cd "$(dirname "$0")/.." || exit

headers=$1
out=build/lint
rm -rf "$out"
mkdir -p "$out"
failed=

check () {  # name, command
  name=$1; shift
  if "$@" > "$out/log" 2>&1; then
    echo "lint: $name: fine"
  else
    cat "$out/log"
    echo "lint: $name: FAILED"
    failed="$failed $name"
  fi
}

files () { git ls-files -co --exclude-standard -- "$@" | while read -r file; do
  [ -f "$file" ] && echo "$file"; done; }

lua_files () {
  luacheck --quiet --no-cache bin/lua-ssl bin/lua-ssl-cert $(files '*.lua' '*.rockspec' .busted)
}

shell_scripts () {
  shellcheck $(files '*.sh' .ci/run)
}

cppcheck_sources () {
  cppcheck --quiet --std=c99 --error-exitcode=1 --inline-suppr --max-ctu-depth=4 \
    --enable=warning,style,performance,portability --suppressions-list=tools/cppcheck.supp \
    --library=tools/cppcheck.cfg \
    -D_GNU_SOURCE -DLSSL_HAVE_IDN2 -DLUA_VERSION_NUM=504 \
    -DOPENSSL_VERSION_NUMBER=0x30000000L -Isrc -Iinclude src
}

# Left out of -Weverything: what C99, the headers' macros and our own rules make
# unavoidable or useless.
clang_sources () {
  status=0
  for file in src/*.c src/*/*.c; do
    clang -std=c99 -D_GNU_SOURCE -Isrc -Iinclude -fsyntax-only -Werror -Weverything \
      -Wno-unknown-warning-option -Wno-padded -Wno-declaration-after-statement \
      -Wno-disabled-macro-expansion -Wno-covered-switch-default -Wno-switch-enum \
      -Wno-switch-default -Wno-sign-conversion -Wno-unsafe-buffer-usage -Wno-cast-align \
      -Wno-reserved-macro-identifier -Wno-reserved-identifier -Wno-pre-c11-compat \
      -Wno-pre-c2x-compat -Wno-pre-c23-compat -Wno-missing-noreturn -Wno-packed \
      -Wno-c++-compat -Wno-bad-function-cast -Wno-float-equal -Wno-cast-qual \
      -Wno-used-but-marked-unused \
      $(echo "$headers" | sed 's/-I/-isystem/g') "$file" || status=1
  done
  return $status
}

# The other's symbols and ours live in one process: only the entry may show.
shown_symbols () {
  for name in _ssl _ssl_testing; do
    shown=$(nm -D --defined-only build/$name.so | awk '{print $3}' | grep -v '^_\(init\|fini\)$')
    [ "$shown" = luaopen_$name ] || { echo "build/$name.so shows: $shown"; return 1; }
  done
  foreign=$(find build/obj -name '*.o' -exec nm --defined-only {} + |
    awk '$2 ~ /[TDBRC]/ {print $3}' | grep -v '^\(lssl_\|luaopen__ssl\)')
  [ -z "$foreign" ] || { echo "without lssl_ in front: $foreign"; return 1; }
}

# A program in C compiles with what pkg-config says of the installed library.
c_program () {  # root
  sed "s|^prefix=.*|prefix=$1/usr|" "$1/usr/lib/pkgconfig/lssl.pc" > "$out/lssl.pc"
  printf '#include "lssl.h"\nint main (void) {\n  return lssl_version() == -1;\n}\n' > "$out/host.c"
  # shellcheck disable=SC2046 # flags are words
  ${CC:-cc} -o "$out/host" "$out/host.c" $(PKG_CONFIG_PATH="$out:${PKG_CONFIG_PATH-}" \
    pkg-config --cflags --libs --static lssl) && "$out/host"
}

# Every module can be loaded from where `make install` puts it, and nothing is
# left when `make uninstall` is done.
installation () {
  root=$PWD/$out/root
  make -s install DESTDIR="$root" PREFIX=/usr || return 1
  version=$("$LUA" -e 'print(_VERSION:match("%d.%d"))')
  (cd / && LUA_PATH="$root/usr/share/lua/$version/?.lua;${LUA_PATH#*;}" \
    LUA_CPATH="$root/usr/lib/lua/$version/?.so;${LUA_CPATH#*;}" ROOT=$root "$LUA" -e '
      local root = os.getenv("ROOT")
      for _, name in ipairs({ "_ssl", "ssl", "_ssl_testing" }) do
        local _, file = require(name)
        assert(file:sub(1, #root) == root, name .. " came from " .. file)
      end') || return 1
  (cd lua && find . -name '*.lua') | sort > "$out/there"
  (cd "$root/usr/share/lua/$version" && find . -name '*.lua') | sort > "$out/installed"
  diff "$out/there" "$out/installed" || return 1
  diff -r types "$root/usr/share/lssl/types" || return 1
  c_program "$root" || return 1
  make -s uninstall DESTDIR="$root" PREFIX=/usr || return 1
  left=$(find "$root" ! -type d -o -name ssl)
  [ -z "$left" ] || { echo "uninstall left: $left"; return 1; }
}

tab=$(printf '\t')
return_character=$(printf '\r')
layout () {
  # Certificates, recorded bytes and tables are data; a Makefile needs its tabs.
  list=$(files | grep -v '\.\(pem\|der\|bin\|json\|png\|svg\|txt\)$')
  status=0
  complain () { if [ -n "$2" ]; then printf '%s:\n%s\n' "$1" "$2" | head -n 20; status=1; fi; }
  {
    complain "tab before text" "$(grep -nIE "^ *$tab" $(echo "$list" |
      grep -v -e '^Makefile$' -e '^debian/rules$'))"
    complain "tab" "$(grep -nI "$tab" $(echo "$list" |
      grep -v -e '^Makefile$' -e '^debian/rules$' -e '\.[ch]$'))"
    complain "trailing blank" "$(grep -nI ' $' $list)"
    complain "carriage return" "$(grep -nI "$return_character" $list)"
    complain "over 100 columns" "$(grep -nIE '^.{101,}' $(echo "$list" |
      grep -v -e '\.md$' -e '^src/base/reasons\.c$' -e '^types/' -e '^share/'))"  # generated
    complain "no newline at the end" "$(for file in $list; do
      [ -s "$file" ] && [ -n "$(tail -c 1 "$file" | tr -d '\n\0')" ] && echo "$file"; done)"
    sources=$(echo "$list" | grep -E '^(src|include|examples)/.*\.[ch]$')
    complain "// comment" "$(grep -nE '(^|[^:"])//' $sources /dev/null)"
  }
  return $status
}

check luacheck lua_files
check shellcheck shell_scripts
check cppcheck cppcheck_sources
check "clang -Weverything" clang_sources
check symbols shown_symbols
check "include order" "$LUA" tools/includes.lua
check "install and uninstall" installation
check layout layout

[ -z "$failed" ] || { echo "lint: failed:$failed"; exit 1; }
