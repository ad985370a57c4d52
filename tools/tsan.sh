#!/bin/sh
# Usage: make tsan
# Lua states in two threads under ThreadSanitizer, which sees our code; then a
# thousand states, one after the other.
set -eu

out=build/tsan
program=$out/threads
# shellcheck disable=SC2086 # flags are words
${CC:-cc} -O1 -g -fsanitize=thread -pthread $1 -o "$program" spec/native/threads.c $2
export TSAN_OPTIONS="halt_on_error=1:exitcode=66:${TSAN_OPTIONS:-}"
"$program" "${THREADS:-2}" "${ROUNDS:-5}" spec/native/thread.lua

# The same of the static library in a host, whose accounts of memory threads share.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$out/key.pem" -out "$out/cert.pem" 2>/dev/null
cat "$out/cert.pem" "$out/key.pem" > "$out/identity.pem"
"$out/states" "${THREADS:-2}" "${ROUNDS:-5}" 0 spec/native/states.lua "$out/identity.pem" \
  "$out/cert.pem"
