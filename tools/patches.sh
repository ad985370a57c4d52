#!/bin/sh
# Usage: tools/patches.sh [oldest] [newest] [VERSION ...]     (make matrix ONLY=patches)
# Runs `make test` with the libraries of other patch releases of the OpenSSL that is
# installed, as far as Debian's mirror has them: a module must run on each of them,
# whichever it was built for. Without arguments, on all of them. Each package is
# unpacked under build/matrix/patches/; none is installed.
set -eu
cd "$(dirname "$0")/.."
folders=$PWD/build/matrix/patches

fail () { echo "patches: $*" >&2; exit 1; }

# libssl3 and 3.0.19-1~deb12u2, say.
major=$(openssl version | sed 's/^OpenSSL //; s/\..*//')
package=$(dpkg-query -S "*/libssl.so.$major" 2>/dev/null | sed 's/[:,].*//; q')
[ -n "$package" ] || fail "no package of Debian's has OpenSSL's libraries here"
installed=$(dpkg-query -W -f '${Version}\n' "$package" | sed q)

# Those of the same minor release that the mirror has, oldest first.
versions () {
  apt-cache madison "$package" | awk '{print $3}' | grep "^$major\.$minor\." | sort -uV
}
minor=${installed#*.} minor=${minor%%.*}
known=$(versions)
[ -n "$known" ] || { apt-get -q update >&2 && known=$(versions); }
[ -n "$known" ] || fail "no package $package $major.$minor on the mirror"

unpack () {  # version: its folder, made if there is none
  [ ! -d "$folders/$1" ] || return 0
  mkdir -p "$folders/$1.new"
  (
    cd "$folders/$1.new"
    apt-get -q download "$package=$1" || { apt-get -q update && apt-get -q download "$package=$1"; }
    dpkg-deb -x ./*.deb .
    rm ./*.deb
  ) > "$folders/$1.log" 2>&1 || {
    cat "$folders/$1.log" >&2
    rm -rf "$folders/$1.new"
    fail "cannot get $package $1"
  }
  mv "$folders/$1.new" "$folders/$1"
}

# Programs that the specs start, openssl and Python's interpreters, take the same libraries.
with () {  # folder of libraries, command
  libraries=$1; shift
  env LD_LIBRARY_PATH="$libraries" OPENSSL_MODULES="$libraries/ossl-modules" "$@"
}

run_suite () {  # version
  log=$folders/$1.log
  unpack "$1"
  libraries=$(dirname "$(find "$folders/$1" -name 'libssl.so.*' | sed q)")
  text=$(with "$libraries" openssl version)
  case $text in
    *"Library: OpenSSL ${1%%-*} "*) ;;
    *) fail "the libraries of $1 are not those that programs get: $text";;
  esac
  outcome=passed
  with "$libraries" make --no-print-directory test > "$log" 2>&1 || outcome=failed
  [ $outcome = passed ] || {
    sed -n '/^spec\//,$p' "$log" | grep -av ' passed, 0 failed, ' || tail -n 40 "$log"; }
  printf '%s, %s, OpenSSL %s: %s, %s\n' "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" \
    "$(basename "${LUA:-lua}")" "${1%%-*}" $outcome \
    "$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)"
  [ $outcome = passed ]
}

chosen=
for version in ${*:-$known}; do
  case $version in
    oldest) version=$(echo "$known" | sed q);;
    newest) version=$(echo "$known" | sed -n '$p');;
  esac
  chosen="$chosen $version"
done

status=0
for version in $chosen; do
  if [ "$version" = "$installed" ]; then
    echo "patches: $version is installed; make test runs on it"
    continue
  fi
  run_suite "$version" || status=1
done
exit $status
