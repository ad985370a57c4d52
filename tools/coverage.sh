#!/bin/sh
# Usage: make coverage [SPEC=...] [STRIDE=10]
# Prints the lines that neither the specs nor failing allocations ever run, and
# the share that they do, for C (gcov) and for Lua (tools/linecount.lua). C's are
# also in build/coverage/*.gcov, each line with its count. A line of C that never
# ran needs its reason in tools/uncovered.txt.
set -eu

out=build/coverage
rm -rf "$out/lines" "$out"/*.gcov
mkdir -p "$out/lines"
find "$out" -name '*.gcda' -exec rm -f {} +

status=0
LUA_INIT=@$PWD/tools/linecount.lua LINECOUNT=$PWD/$out/lines LIMIT=${LIMIT:-1200} \
  sh tools/suite.sh "$@" || status=$?
# Every allocation where there are few of them, and samples of the rest.
LUA_PATH="$PWD/?.lua;$LUA_PATH"
"$LUA" tools/memfail.lua -m openssl objects contexts certificates issuing settings sockets ||
  status=$?
"$LUA" tools/memfail.lua -s "${STRIDE:-10}" || status=$?

gcov -b -c -p -r -s "$PWD" "$out"/obj/*.gcda "$out"/obj/*/*.gcda > /dev/null
mv ./*.gcov "$out/"
"$LUA" tools/uncovered.lua tools/uncovered.txt "$out"/*.gcov || status=$?
"$LUA" tools/linecount.lua "$out/lines" "${LUAC:-$(echo "$LUA" | sed 's/lua/luac/')}" \
  $(find lua -name '*.lua' | sort)
exit $status
