#!/bin/sh
# Usage: tools/bogo.sh BUILD_FOLDER RUNNER [PATTERNS [FLAG ...]]
#        make bogo RUNNER=path [TESTS="Basic-*;Resume-*"] [ARGS=-include-disabled]
# Goes through the tests of BoringSSL's runner, a program that is not part of this
# project, with spec/bogo/shim.lua, or SHIM, at the other end. spec/bogo/config.json says
# which tests do not apply, or differ, and why. The log stays in BUILD_FOLDER/bogo.
set -u
[ -x "${2:-}" ] || { echo "bogo: RUNNER=... names BoringSSL's runner, built" >&2; exit 2; }
LUA=${LUA:-lua5.4}
folder=$PWD/$1/bogo runner=$2 tests=${3:-}
shift 2
[ $# -eq 0 ] || shift
mkdir -p "$folder"

# The runner starts one program, without words of ours.
{
  echo '#!/bin/sh'
  echo "LUA_PATH='$PWD/?.lua;'\"\$LUA_PATH\" exec $LUA $PWD/${SHIM:-spec/bogo/shim.lua} \"\$@\""
} > "$folder/shim"
chmod +x "$folder/shim"

skip=$("$LUA" spec/bogo/older.lua) || exit 2
"$runner" -test.timeout 0 -shim-path "$folder/shim" -shim-config spec/bogo/config.json \
  -skip "$skip" -num-workers "${JOBS:-2}" -allow-unimplemented -pipe -test "$tests" "$@" \
  > "$folder/log" 2>&1 </dev/null
status=$?

outcomes () { grep -ac "^$1 (" "$folder/log"; }
grep -a '^FAILED (' "$folder/log"
echo "$(outcomes PASSED) passed, $(outcomes FAILED) failed," \
  "$(outcomes UNIMPLEMENTED) not implemented: $folder/log"
exit $status
