#!/bin/sh
# Usage: make sanitize [SPEC=...] [JOBS=2] [STACKS=1]
# The specs under AddressSanitizer, LeakSanitizer and UBSan in the system's own
# Lua, which is not instrumented: the sanitizer comes in by LD_PRELOAD. Only
# Lua gets it, our children included, as `lua` and by $LUA: other programs
# (python3, openssl) leak on purpose, and their leaks are not ours to see.
set -eu

out=build/sanitize
bin=$PWD/$out/bin
stock=$(command -v "$LUA")
asan=$(${CC:-cc} -print-file-name=libasan.so)
case $asan in /*) ;; *)
  echo "sanitize: this compiler has no libasan.so; make sanitize CC=gcc" >&2; exit 1;; esac

mkdir -p "$bin"
cat > "$out/unpreload.c" <<'EOF'
#include <stdlib.h>
__attribute__((constructor)) static void unpreload (void) {
  unsetenv("LD_PRELOAD");
}
EOF
${CC:-cc} -shared -fPIC -o "$out/unpreload.so" "$out/unpreload.c"
cat > "$bin/$(basename "$LUA")" <<EOF
#!/bin/sh
LD_PRELOAD="$asan $PWD/$out/unpreload.so" exec $stock "\$@"
EOF
chmod +x "$bin/$(basename "$LUA")"

LUA=$bin/$(basename "$LUA")
export LUA
export LSSL_SLOW=1  # specs that time what they do ask for less
export PATH="$bin:$PATH"
# OpenSSL is built without frame pointers: to see who called it takes the slow
# unwinder, at many times the time. STACKS=1 asks for it.
slow=${STACKS:+0}
unwinder=fast_unwind_on_malloc=${slow:-1}
export ASAN_OPTIONS="detect_leaks=1:$unwinder:abort_on_error=0:${ASAN_OPTIONS:-}"
export LSAN_OPTIONS="suppressions=$PWD/tools/leaks.supp:print_suppressions=0:${LSAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export LIMIT="${LIMIT:-1200}"
exec sh tools/suite.sh "$@"
