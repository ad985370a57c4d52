# shellcheck shell=sh disable=SC1091,SC2154
# Usage: luarocks.sh [refused]     fetches the rock `told` by LuaRocks from `pages_url`
export HOME="$PWD" LUAROCKS_CONFIG="$PWD/config.lua"
version=$("$LUA" -e 'io.write((_VERSION:match("%d.%d")))')
echo "local_cache = '$PWD/cache'" > config.lua
rocks () {
  "$LUA" "$(command -v luarocks)" --lua-version="$version" --tree="$PWD/tree" \
    --only-server="$pages_url/rocks" "$@" 2>&1
}
if [ "${1:-}" = refused ]; then
  ! rocks download told
  exit
fi
rocks search told | tee search.log
grep -q '1.0-1' search.log || exit 1
rocks download told || exit 1
[ -s told-1.0-1.all.rock ] || exit 1
rocks install told || exit 1
LUA_PATH="$PWD/tree/share/lua/$version/?.lua" "$LUA" -e 'print((require "told"))' | tee said
grep -q "told by a rock" said
