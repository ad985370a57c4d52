# shellcheck shell=sh disable=SC1091,SC2154
# Makes a rock and a manifest of it in this folder, for luarocks.sh to fetch.
cat > told-1.0-1.rockspec <<'ROCK'
rockspec_format = "3.0"
package, version = "told", "1.0-1"
source = { url = "git+file://." }
build = { type = "builtin", modules = { told = "told.lua" } }
ROCK
echo 'return "told by a rock"' > told.lua
set -e
version=$("$LUA" -e 'io.write((_VERSION:match("%d.%d")))')
unset LUA_PATH LUA_CPATH
luarocks --lua-version="$version" --tree="$PWD/tree" make --deps-mode=none told-1.0-1.rockspec
luarocks --lua-version="$version" --tree="$PWD/tree" pack told
luarocks-admin --lua-version="$version" make-manifest "$PWD"
