# shellcheck shell=sh disable=SC1091,SC2154
# Usage: prosody2.sh dialback|external     two Prosodys in this folder, with each other
set -u
. "$tools/common.sh"
here=$(pwd) c2s=$(free_port) one=$(free_port) two=$(free_port)
python3 "$tools/names.py" one.example="$one" two.example="$two" > names.port 2> names.log &
begun=$!
until [ -s names.port ]; do sleep 0.1; done

# name, port for servers, certificates
serve () {
  mkdir -p "$1/certs/$1" "$1/data/one%2eexample/accounts"
  cp "$3/chain.pem" "$1/certs/$1/fullchain.pem"
  cp "$3/key.pem" "$1/certs/$1/privkey.pem"
  echo 'return { ["password"] = "secret" };' > "$1/data/one%2eexample/accounts/user.dat"
  cat > "$1/prosody.cfg.lua" <<CONFIG
run_as_root = true
pidfile, data_path, certificates = "$here/$1/pid", "$here/$1/data", "$here/$1/certs"
interfaces, s2s_ports, c2s_ports = { "127.0.0.1" }, { $2 }, { ${4:-} }
modules_enabled = { "saslauth", "tls", "dialback", "disco", "ping" }
modules_disabled = { "admin_shell", "http", "offline" }
authentication = "internal_plain"
c2s_require_encryption, s2s_require_encryption, s2s_secure_auth = true, true, false
ssl = { cafile = "$certs/ca.pem" }
unbound = { resolvconf = false, hoststxt = false, forward = "127.0.0.1@$(cat names.port)",
  options = { ["do-not-query-localhost:"] = "no" } }
log = { debug = "*console" }
VirtualHost "$1"
CONFIG
  timeout 60 "$LUA" "$(command -v prosody)" --config "$1/prosody.cfg.lua" -F > "$1.log" 2>&1 &
  begun="$begun $!"
  listening "$2" $!
}

other=$certs
[ "$1" = dialback ] && other=$certs/../stranger
serve two.example "$two" "$other" && serve one.example "$one" "$certs" "$c2s" &&
  python3 "$tools/xmpp.py" ping "$c2s" 0 0 "$certs"
status=$?
for pid in $begun; do kill "$pid"; done
grep -ohE 'SASL EXTERNAL with [a-z.]* succeeded|verified dialback key|certificate error.*' \
  ./*.log | sort -u | tee said
case $1 in
  dialback) grep -q 'verified dialback key' said || status=2;;
  external) grep -q 'EXTERNAL with one.example' said || status=2;;
esac
[ $status = 0 ] || tail -n 40 ./*.log
exit $status
