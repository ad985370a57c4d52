#!/bin/sh
# Usage: make fuzz [TIME=60] [TARGETS='certificate rules ...'] [SEED=1]
# Builds the module with libFuzzer and the sanitizers inside (clang), and runs
# each target of fuzz/targets.lua for its share of TIME seconds. What crashed is
# left in build/fuzz/TARGET.*; the inputs found on the way in build/fuzz/TARGET/.
set -eu

out=build/fuzz
targets=${TARGETS:-certificate rules load client server datagrams session options calls}
flags=${1:-$(pkg-config --cflags lua5.4)}
libs=${2:-$(pkg-config --libs lua5.4)}
mkdir -p "$out"
if [ "${FUZZ_CC:-clang}" = clang ] && ! command -v clang > /dev/null; then
  echo "fuzz: this needs clang" >&2
  exit 1
fi

newest=$(find src fuzz/target.c -newer "$out/fuzz" 2> /dev/null | head -n 1)
if [ ! -x "$out/fuzz" ] || [ -n "$newest" ]; then
  # shellcheck disable=SC2046,SC2086 # flags and files are words
  ${FUZZ_CC:-clang} -std=c99 -D_GNU_SOURCE -O1 -g -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=all $flags -o "$out/fuzz" -Isrc -Iinclude fuzz/target.c \
    $(find src -name '*.c' ! -path 'src/host/*') $libs -lssl -lcrypto -lm
fi

count=$(echo "$targets" | wc -w)
each=$(( (${TIME:-60} + count - 1) / count ))
LUA_PATH="./lua/?.lua;./?.lua;${LUA_PATH:-;}"
export LUA_PATH
status=0
for target in $targets; do
  mkdir -p "$out/$target"
  "$LUA" fuzz/seeds.lua "$target" "$out/$target"
  export FUZZ_TARGET="$target"
  # Leaks are looked for at the end: what Lua has not collected yet looks like one
  # after each input, and a look takes longer than the input.
  if "$out/fuzz" -max_total_time="$each" -seed="${SEED:-1}" -max_len=8192 -timeout=20 \
      -detect_leaks=0 -rss_limit_mb=2048 -artifact_prefix="$out/$target." -print_final_stats=1 \
      "$out/$target" > "$out/$target.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
    echo "fuzz: $target: fine, ${runs:-no} runs in $each s"
  else
    tail -n 40 "$out/$target.log"
    echo "fuzz: $target: FAILED"
    status=1
  fi
done
exit $status
