#!/bin/sh
# Usage: tools/findlua.sh [INTERPRETER]
# Prints "interpreter version pkg-config-name" of the Lua to build for: the one
# named, or the first of the usual names that is Lua 5.4 or newer. A part that
# is not to be found is printed as "-". The Makefile and setup.sh both ask here.
set -u

[ "${1:--}" != - ] || set -- lua5.4 lua-5.4 lua54 lua5.5 lua-5.5 lua55 lua
interpreters=$*
major='local a, b = _VERSION:match("(%d+)%.(%d+)"); a, b = tonumber(a), tonumber(b)'
test="$major; if a == 5 and b >= 4 then print(a .. '.' .. b) end"

lua=- version=- package=-
for name in $interpreters; do
  version=$("$name" -e "$test" 2>/dev/null </dev/null)
  if [ -n "$version" ]; then lua=$name; break; fi
done
[ "$lua" != - ] || version=-

if [ "$version" != - ]; then
  digits=$(echo "$version" | tr -d .)
  for name in "lua$version" "lua-$version" "lua$digits" lua; do
    found=$(pkg-config --modversion "$name" 2>/dev/null) || continue
    case $found in "$version"|"$version".*) package=$name; break;; esac
  done
fi
echo "$lua $version $package"
