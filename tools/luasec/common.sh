# shellcheck shell=sh disable=SC1091,SC2154
# For the scripts beside it.

free_port () {
  "$LUA" -e 'local s = require("socket").bind("127.0.0.1", 0) print((select(2, s:getsockname())))'
}

# port, process: waits until the process listens to the port; fails if it ends before.
listening () {
  hex=$(printf ':%04X' "$1")
  while ! grep -q "$hex [0-9A-F:]* 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null; do
    kill -0 "$2" 2>/dev/null || { echo "nobody listens to port $1"; return 1; }
    sleep 0.1
  done
}
