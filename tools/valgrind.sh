#!/bin/sh
# Usage: make valgrind [SPEC=...]
# The specs under valgrind: no invalid access, no use of unset memory, nothing
# definitely lost. Child processes run without it.
set -eu
export LSSL_SLOW=1  # specs that time what they do ask for less
exec valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
  --errors-for-leak-kinds=definite --keep-debuginfo=yes --num-callers=30 \
  --suppressions=tools/valgrind.supp "$LUA" tools/busted.lua "$@"
