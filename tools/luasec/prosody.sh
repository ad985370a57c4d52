# shellcheck shell=sh disable=SC1091,SC2154
# Usage: prosody.sh check|WHAT      a Prosody of its own in this folder, and xmpp.py's WHAT
set -u
. "$tools/common.sh"
here=$(pwd)
c2s=$(free_port) direct=$(free_port) s2s=$(free_port)
mkdir -p data/localhost/accounts certs/localhost
cp "$certs/chain.pem" certs/localhost/fullchain.pem
cp "$certs/key.pem" certs/localhost/privkey.pem
echo 'return { ["password"] = "secret" };' > data/localhost/accounts/user.dat
cat > prosody.cfg.lua <<CONFIG
run_as_root = true
daemonize = false
pidfile = "$here/prosody.pid"
data_path = "$here/data"
certificates = "$here/certs"
interfaces = { "127.0.0.1" }
c2s_ports, c2s_direct_tls_ports, s2s_ports = { $c2s }, { $direct }, { $s2s }
modules_enabled = { "saslauth", "tls", "dialback", "disco", "roster", "ping" }
modules_disabled = { "admin_shell", "http", "offline" }
authentication = "internal_plain"
c2s_require_encryption, s2s_require_encryption, s2s_secure_auth = true, true, true
allow_unencrypted_plain_auth = false
ssl = { cafile = "$certs/ca.pem" }
log = { debug = "*console" }
VirtualHost "localhost"
CONFIG
if [ "$1" = check ]; then
  "$LUA" "$(command -v prosodyctl)" --config prosody.cfg.lua check certs | tee check.log
  grep -q 'All checks passed' check.log && echo passed > said
  exit $?
fi
timeout 60 "$LUA" "$(command -v prosody)" --config prosody.cfg.lua -F > prosody.log 2>&1 &
server=$!
listening "$c2s" $server && listening "$direct" $server && listening "$s2s" $server &&
  python3 "$tools/xmpp.py" "$1" "$c2s" "$direct" "$s2s" "$certs"
status=$?
[ $status = 0 ] && echo passed > said
kill $server
grep -i 'traceback\|error  ' prosody.log && exit 2
[ $status = 0 ] || tail -n 40 prosody.log
exit $status
