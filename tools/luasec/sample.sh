# shellcheck shell=sh disable=SC1091,SC2154
# Usage: sample.sh NAME SERVER CLIENT     one of LuaSec's samples, in this folder
set -u
. "$tools/common.sh"
port=$(free_port)
cp -r "$samples" tree
find tree -name '*.lua' -exec sed -i "s/8888/$port/" {} +
here=$(pwd)
cd "tree/$1" || exit 1
timeout 40 "$LUA" "$2" > "$here/server.out" 2>&1 &
server=$!
listening "$port" $server && timeout "${4:-20}" "$LUA" "$3" > "$here/client.out" 2>&1
status=$?
sleep 0.3
kill $server 2>/dev/null
cat "$here/server.out" "$here/client.out"
# Addresses and seconds differ each time; those that go on for ever say more or less.
if [ $status = 124 ]; then exit 0; fi
# With OpenSSL 3, dhparam is asked for by newcontext here, and late or never by LuaSec.
cat "$here/server.out" "$here/client.out" | grep -vE '^(---|DH Callback|Export|Key length)' |
  sed 's/0x[0-9a-f]*//g; s/\.0$//; s/\t[0-9.]*\(e-[0-9]*\)\{0,1\}$//' | sort -u > "$here/said"
exit $status
