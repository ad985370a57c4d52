#!/bin/sh
# Usage: make mingw
# Compiles what only Windows has (src/x509/wincerts.c) with the MinGW-w64 compiler,
# where that is installed; exits with 77 where it is not.
set -eu
compiler=x86_64-w64-mingw32-gcc
command -v $compiler >/dev/null 2>&1 || {
  echo "mingw: no $compiler (Debian: gcc-mingw-w64-x86-64)" >&2; exit 77; }

# The headers beside OpenSSL's are this system's C library: only those that
# common.h asks for may be seen.
out=build/mingw
mkdir -p $out/include/openssl
include=$(pkg-config --variable=includedir openssl)
for name in opensslv macros opensslconf configuration; do
  find "$include" "$include/$(${CC:-cc} -print-multiarch)" -maxdepth 2 \
    -path "*/openssl/$name.h" -exec cp {} $out/include/openssl/ \;
done
# shellcheck disable=SC2086
$compiler -std=c99 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wcast-qual -Wconversion \
  -Wstrict-prototypes -Wmissing-prototypes -Wno-sign-conversion -Werror \
  $(echo "$1" | sed 's/-I/-isystem/g') -isystem $out/include -Isrc \
  -c -o $out/wincerts.o src/x509/wincerts.c
echo "mingw: $out/wincerts.o"
