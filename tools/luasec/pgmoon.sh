# shellcheck shell=sh disable=SC1091,SC2154
# Usage: pgmoon.sh     pgmoon and a PostgreSQL of its own in this folder
set -u
. "$tools/common.sh"
port=$(free_port)
data=$(mktemp -d)
cp "$certs/chain.pem" "$certs/key.pem" "$data"
chmod 600 "$data/key.pem"
chown -R postgres "$data"
as () { runuser -u postgres -- "$@"; }
as "$postgres/initdb" -D "$data/db" -A trust > initdb.log 2>&1 || { cat initdb.log; exit 1; }
as "$postgres/postgres" -D "$data/db" -p "$port" -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= -c ssl=on -c ssl_cert_file="$data/chain.pem" \
  -c ssl_key_file="$data/key.pem" > postgres.log 2>&1 &
server=$!
listening "$port" $server && timeout 60 "$LUA" "$tools/pgmoon.lua" "$port"
status=$?
kill $server
wait $server
rm -rf "$data"
[ $status = 0 ] || cat postgres.log
exit $status
