#!/bin/sh
# Usage: make valgrind [SPEC=...] [JOBS=2]
# The specs under valgrind: no invalid access, no use of unset memory, nothing
# definitely lost. Child processes run without it.
set -eu
export LSSL_SLOW=1  # specs that time what they do ask for less
export LIMIT="${LIMIT:-3600}"
export UNDER="valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
  --errors-for-leak-kinds=definite --keep-debuginfo=yes --num-callers=30
  --suppressions=tools/valgrind.supp"
exec sh tools/suite.sh "$@"
