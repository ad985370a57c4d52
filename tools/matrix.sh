#!/bin/sh
# Usage: tools/matrix.sh [patches|oldest|newest|trixie|sid|experimental ...]
#        tools/matrix.sh --clean                             (make matrix ONLY=...)
# Runs `make test` on other patch releases of the installed OpenSSL, or on the oldest or
# the newest of them only: see tools/patches.sh. Then on other releases of Debian, each a
# bare system in a folder under build/matrix/ that holds nothing but make: what `make
# test` needs beyond it, it has to install; this needs root. The folders are kept for the
# next run. With BENCH='ROWS=handshake PEERS=plain,ours' it runs `make bench` with these
# variables in Debian's releases, and not `make test`.
set -eu
cd "$(dirname "$0")/.."

# trixie: OpenSSL 3.5; sid: 3.6; experimental, on top of sid: 4.0.
luas_of () {
  case $1 in
    trixie) echo lua5.4;;
    sid|experimental) echo lua5.4 lua5.5;;
    *) echo "matrix: no release '$1' here" >&2; return 1;;
  esac
}

folders=$PWD/build/matrix
if [ "${1:-}" = --clean ]; then rm -rf --one-file-system "$folders"; exit; fi
mkdir -p "$folders"

# The mirror that this machine installs from; MIRROR=... elsewhere.
mirror () {
  cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
    awk '$1 == "URIs:" {print $2; exit}
         $1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:/) {print $i; exit}}'
}
MIRROR=${MIRROR:-$(mirror)}
[ -n "$MIRROR" ] || { echo "matrix: give MIRROR=..., a mirror of Debian" >&2; exit 1; }

inside () {  # folder, command: processes and mounts are gone when it ends
  folder=$1; shift
  unshare --mount --pid --fork --kill-child --mount-proc="$folder/proc" \
    chroot "$folder" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

make_folder () {  # release: a new folder, renamed when it is whole
  new=$folders/$1.new
  rm -rf --one-file-system "$new"
  if [ "$1" = experimental ]; then
    ensure sid
    cp -a "$folders/sid" "$new"
    echo "deb $MIRROR experimental main" > "$new/etc/apt/sources.list.d/experimental.list"
  else
    sh tools/setup.sh matrix
    debootstrap --variant=minbase "$1" "$new" "$MIRROR"
    cp /etc/apt/apt.conf.d/*proxy* "$new/etc/apt/apt.conf.d/" 2>/dev/null || true
    # As Debian's installer writes it; debootstrap does not.
    printf '127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n' > "$new/etc/hosts"
    # A frozen mirror's lists are out of date, and no worse for it here.
    echo 'Acquire::Check-Valid-Until "false";' > "$new/etc/apt/apt.conf.d/90frozen"
  fi
  inside "$new" apt-get -q update
  inside "$new" apt-get -qy install --no-install-recommends make
  if [ "$1" = experimental ]; then
    inside "$new" apt-get -qy install --no-install-recommends -t experimental libssl-dev openssl
  fi
  mv "$new" "$folders/$1"
}
ensure () {
  if [ "$(id -u)" != 0 ]; then echo "matrix: chroot needs root" >&2; return 1; fi
  [ -d "$folders/$1" ] || make_folder "$1" > "$folders/$1.log" 2>&1 || {
    tail -n 20 "$folders/$1.log" >&2
    echo "matrix: no folder for $1" >&2
    return 1
  }
}

copy_tree () {  # release
  folder=$folders/$1
  rm -rf "$folder/root/lua-ssl"
  mkdir "$folder/root/lua-ssl"
  git ls-files -coz --exclude-standard |
    tar -c --null --ignore-failed-read -T - 2>/dev/null | tar -x -C "$folder/root/lua-ssl"
}

run_bench () {  # release, lua
  copy_tree "$1"
  log=$folders/$1-$2-bench.log
  # A shell, since the first process inherits children that make would not know.
  inside "$folder" sh -c "make -C /root/lua-ssl bench LUA=$2 $BENCH; exit \$?" > "$log" 2>&1 || {
    tail -n 20 "$log"
    return 1
  }
  printf '%s, %s, %s\n' "$1" "$2" "$(inside "$folder" openssl version | cut -d' ' -f1,2)"
  sed -n '/^median, /,$p' "$log"
}

run_suite () {  # release, lua
  copy_tree "$1"
  log=$folders/$1-$2.log
  outcome=passed
  inside "$folder" make -C /root/lua-ssl test LUA="$2" > "$log" 2>&1 || outcome=failed
  [ $outcome = passed ] || {
    sed -n '/^spec\//,$p' "$log" | grep -av ' passed, 0 failed, ' || tail -n 40 "$log"; }
  printf '%s, %s, %s: %s, %s\n' "$1" "$2" \
    "$(inside "$folder" openssl version 2>/dev/null | cut -d' ' -f1,2)" $outcome \
    "$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)"
  [ $outcome = passed ]
}

status=0
for release in ${*:-patches trixie sid experimental}; do
  case $release in
    patches) sh tools/patches.sh || status=1; continue;;
    oldest|newest) sh tools/patches.sh "$release" || status=1; continue;;
  esac
  luas=$(luas_of "$release")
  ensure "$release" || { status=1; continue; }
  for lua in $luas; do
    if [ -n "${BENCH:-}" ]; then run_bench "$release" "$lua" || status=1
    else run_suite "$release" "$lua" || status=1; fi
  done
done
exit $status
