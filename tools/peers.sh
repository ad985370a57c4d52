#!/bin/sh
# Usage: tools/peers.sh [BUILD_FOLDER]      make peers
# Holds other people's programs against the default contexts, server and client,
# over the loopback interface: openssl, gnutls, curl, sslscan, testssl.sh and, if
# TLSFUZZER names a checkout of it (and PYTHONPATH finds tlslite-ng), all its scripts.
# What is not installed is left out, and said so. The logs stay in BUILD_FOLDER/peers.
set -u
LUA=${LUA:-lua5.4}
logs=${1:-build}/peers
mkdir -p "$logs/certs"
passed=0 failed=0 begun=

# Ends what it started, by number.
finish () {
  for pid in $begun; do kill "$pid" 2>/dev/null; done
  rm -f "$logs/stop"
}
trap finish EXIT

good () { passed=$((passed + 1)); echo "ok       $1"; }
bad () { failed=$((failed + 1)); echo "FAILED   $1: see $logs/$log"; }

there () {
  command -v "$1" >/dev/null 2>&1 && return
  echo "left out $1: it is not installed"
  return 1
}

# what, log, pattern that the log must have, pattern that it must not, command
expect () {
  what=$1 log=$2 wanted=$3 unwanted=$4
  shift 4
  timeout 300 "$@" > "$logs/$log" 2>&1 </dev/null
  if grep -Eq -- "$wanted" "$logs/$log" &&
     ! { [ -n "$unwanted" ] && grep -Eq -- "$unwanted" "$logs/$log"; }
  then good "$what"; else bad "$what"; fi
}

# Lines to send, a blink apart, for programs that read commands.
talk () {
  lines=$1
  shift
  { sleep 0.5; printf '%b' "$lines"; sleep 1; } | timeout 20 "$@"
}

rm -f "$logs/stop" && mkfifo "$logs/stop"
sleep 3600 > "$logs/stop" &
begun="$begun $!"
"$LUA" tools/peers.lua serve "$logs/certs" < "$logs/stop" > "$logs/server.log" 2>&1 &
begun="$begun $!"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  port=$(head -n 1 "$logs/server.log")
  [ -n "$port" ] && break
  sleep 0.5
done
ca=$logs/certs/ca.pem
here=localhost:$port

# --- Clients against our server ------------------------------------------------

if there openssl; then
  client="openssl s_client -connect $here -servername localhost -CAfile $ca -verify_return_error"
  for version in tls1_2 tls1_3; do
    # shellcheck disable=SC2086
    expect "openssl s_client -$version" "s_client-$version.log" 'Verify return code: 0' '' \
      $client -$version
  done
  # shellcheck disable=SC2086
  expect "openssl s_client -tls1_1 is refused" s_client-tls1_1.log \
    'alert protocol version|no protocols available|unsupported protocol' '' \
    $client -tls1_1 -cipher DEFAULT@SECLEVEL=0
  # shellcheck disable=SC2086
  expect "openssl s_client -reconnect resumes" s_client-reconnect.log 'Reused, TLSv1.2' '' \
    $client -tls1_2 -reconnect
  log=s_client-renegotiation.log
  # shellcheck disable=SC2086
  talk 'R\n' $client -tls1_2 > "$logs/$log" 2>&1
  if grep -q RENEGOTIATING "$logs/$log" && grep -Eq 'no renegotiation|alert' "$logs/$log"
  then good "openssl s_client may not renegotiate"
  else bad "openssl s_client may not renegotiate"; fi
fi
there gnutls-cli && expect gnutls-cli gnutls-cli.log 'Handshake was completed' '' \
  gnutls-cli --x509cafile "$ca" -p "$port" localhost
there curl && expect curl curl.log '^hello' '' \
  curl -sS --cacert "$ca" "https://$here/"
there sslscan && expect sslscan sslscan.log 'TLSv1.3 +enabled' \
  '(SSLv[23]|TLSv1\.[01]) +enabled|is vulnerable|[Ii]nsecure| (40|56|112) bits' \
  sslscan --no-colour --no-groups "$here"
if there testssl; then
  # Set aside: no revocation in test certificates; CBC ciphers, which CPython has too.
  expect testssl.sh testssl.log 'TLS 1.3 +offered' '' \
    testssl --color 0 --warnings off --quiet --add-ca "$ca" --ip 127.0.0.1 "$here"
  log=testssl.log
  if grep -E 'NOT ok|VULNERABLE' "$logs/$log" | grep -vE 'neither CRL nor OCSP|LUCKY13' \
    | grep -q .
  then bad "testssl.sh finds no weakness"; else good "testssl.sh finds no weakness"; fi
fi
# Each script against servers of its own, which spec/tlsfuzzer/ starts.
if [ -n "${TLSFUZZER:-}" ]; then
  LUA_PATH="./spec/?.lua;${LUA_PATH:-;}" && export LUA_PATH
  "$LUA" spec/tlsfuzzer/run.lua list "$TLSFUZZER" | xargs -P "${JOBS:-3}" -I NUMBER \
    "$LUA" spec/tlsfuzzer/run.lua row "$TLSFUZZER" "$logs" NUMBER | tee "$logs/tlsfuzzer.txt"
  passed=$((passed + $(grep -Ec '^(ok|explained) ' "$logs/tlsfuzzer.txt")))
  failed=$((failed + $(grep -Evc '^(ok|explained|left out) ' "$logs/tlsfuzzer.txt")))
fi

# --- Our client against servers ------------------------------------------------

free_port () {
  "$LUA" -e 'local s = require("socket").bind("127.0.0.1", 0)
    print((select(2, s:getsockname())))'
}

# what, log, port, pattern of the client's output
fetch () {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    expect_log=$("$LUA" tools/peers.lua fetch "$3" "$ca" 2>&1)
    case $expect_log in *refused\ *|*"connection refused"*) sleep 0.3;; *) break;; esac
  done
  echo "$expect_log" > "$logs/$2"
  log=$2
  if echo "$expect_log" | grep -Eq -- "$4"; then good "$1"; else bad "$1"; fi
}

serve () {  # what, log, pattern, command with @ for the port
  port=$(free_port)
  what=$1 name=$2 wanted=$3
  shift 3
  # shellcheck disable=SC2046
  sleep 60 | "$@" "$port" > "$logs/$name.log" 2>&1 &
  begun="$begun $!"
  fetch "$what" "$name-client.log" "$port" "$wanted"
}

chain=$logs/certs/chain.pem key=$logs/certs/key.pem
if there openssl; then
  serve "openssl s_server, TLS 1.3" s_server-tls1_3 '^TLSv1.3' \
    openssl s_server -www -cert "$chain" -key "$key" -tls1_3 -accept
  serve "openssl s_server, TLS 1.2" s_server-tls1_2 '^TLSv1.2' \
    openssl s_server -www -cert "$chain" -key "$key" -tls1_2 -accept
  serve "openssl s_server, TLS 1.1, is refused" s_server-tls1_1 'UNSUPPORTED_PROTOCOL|ALERT' \
    openssl s_server -www -cert "$chain" -key "$key" -tls1_1 -cipher DEFAULT@SECLEVEL=0 -accept
  serve "openssl s_server with RSA key transport is refused" s_server-rsa 'ALERT' \
    openssl s_server -www -cert "$chain" -key "$key" -tls1_2 -cipher AES128-SHA -accept
fi
if there gnutls-serv; then
  serve gnutls-serv gnutls-serv '^TLSv1.3' \
    gnutls-serv --http --x509certfile "$chain" --x509keyfile "$key" -p
  serve "gnutls-serv, TLS 1.2" gnutls-serv-tls1_2 '^TLSv1.2' \
    gnutls-serv --http --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.2' \
    --x509certfile "$chain" --x509keyfile "$key" -p
fi

log=server.log
if grep -q FAILED "$logs/server.log"; then bad "our server"; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
