#!/bin/sh
# Usage: make coverage [SPEC=...]
# Prints the lines that the specs never run, and the share that they do, for C
# (gcov) and for Lua (tools/linecount.lua). C's are also in
# build/coverage/*.gcov, each line with its count.
set -eu

out=build/coverage
rm -rf "$out/lines" "$out"/*.gcov
mkdir -p "$out/lines"
find "$out" -name '*.gcda' -exec rm -f {} +

status=0
LUA_INIT=@$PWD/tools/linecount.lua LINECOUNT=$PWD/$out/lines "$LUA" tools/busted.lua "$@" ||
  status=$?

gcov -p -r -s "$PWD" "$out"/obj/*.gcda > /dev/null
mv ./*.gcov "$out/"
awk -F: '
  function flush() {if (first) row = row " " first (last > first ? "-" last : ""); first = 0}
  function finish() {flush(); if (row) print name " never ran:" row; row = ""}
  FNR == 1 {finish(); name = FILENAME; sub(".*/", "", name); sub("\\.gcov$", "", name)
    gsub("#", "/", name)}
  {count = $1; gsub(/ /, "", count)}
  count == "-" || $2 + 0 == 0 {next}
  {all++}
  count ~ /^[#=]/ {if (!first) first = $2 + 0; last = $2 + 0; next}
  {hit++; flush()}
  END {finish(); printf "C: %.1f%% of %d lines ran\n", all ? 100 * hit / all : 0, all}
  ' "$out"/*.gcov
"$LUA" tools/linecount.lua "$out/lines" "${LUAC:-$(echo "$LUA" | sed 's/lua/luac/')}" \
  $(find lua -name '*.lua' | sort)
exit $status
