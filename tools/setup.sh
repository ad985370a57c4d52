#!/bin/sh
# Usage: tools/setup.sh [build|demo|test|lint|valgrind|matrix ...]
# Installs what is missing for these targets with the system's package manager,
# and prints the command before it runs it. Where all is there it says nothing,
# changes nothing and needs no root. LUA=lua5.5 chooses the Lua to look for.
set -u
here=$(dirname "$0")

# need: the target cannot do without. wish: some specs or features are left out.
# Tests: command NAME, package NAME (pkg-config), module NAME (of this Lua),
# lua, headers (Lua's). Several names with "/": any of them.
# @ stands for the version of Lua; "-" is not packaged there.
table='
for     |kind|what                     |test                  |apt           |dnf               |apk          |pacman    |brew
build   |need|a C compiler             |command cc            |gcc libc6-dev |gcc glibc-devel   |gcc musl-dev |gcc       |-
build   |need|pkg-config               |command pkg-config    |pkg-config    |pkgconf-pkg-config|pkgconf      |pkgconf   |pkgconf
build   |need|Lua 5.4 or newer         |lua                   |lua@          |lua               |lua@         |lua       |lua
build   |need|the headers of Lua       |headers               |liblua@-dev   |lua-devel         |lua@-dev     |lua       |lua
build   |need|the headers of OpenSSL 3 |package openssl       |libssl-dev    |openssl-devel     |openssl-dev  |openssl   |openssl@3
build   |wish|the headers of libidn2   |package libidn2       |libidn2-dev   |libidn2-devel     |libidn2-dev  |libidn2   |libidn2
demo    |need|LuaSocket                |module socket         |lua-socket    |lua-socket        |lua@-socket  |lua-socket|-
test    |need|busted                   |module busted.runner  |lua-busted    |lua-busted        |lua@-busted  |busted    |-
test    |need|the openssl command      |command openssl       |openssl       |openssl           |openssl      |openssl   |openssl@3
test    |wish|curl                     |command curl          |curl          |curl              |curl         |curl      |curl
test    |wish|Python 3                 |command python3       |python3       |python3           |python3      |python    |python3
test    |wish|copas                    |module copas          |lua-copas     |lua-copas         |lua@-copas   |-         |-
test    |wish|cqueues                  |module cqueues        |lua-cqueues   |lua-cqueues       |lua@-cqueues |-         |-
test    |wish|luv                      |module luv            |lua-luv       |lua-luv           |lua@-luv     |lua-luv   |-
test    |wish|LuaSec                   |module ssl.core       |lua-sec       |lua-sec           |lua@-sec     |lua-sec   |-
test    |wish|luaossl                  |module _openssl       |lua-luaossl   |lua-luaossl       |lua@-ossl    |-         |-
lint    |need|luacheck                 |command luacheck      |lua-check     |-                 |luacheck     |luacheck  |luacheck
lint    |need|cppcheck                 |command cppcheck      |cppcheck      |cppcheck          |cppcheck     |cppcheck  |cppcheck
lint    |need|clang                    |command clang         |clang         |clang             |clang        |clang     |-
valgrind|need|valgrind                 |command valgrind      |valgrind      |valgrind          |valgrind     |valgrind  |valgrind
matrix  |need|debootstrap              |command debootstrap   |debootstrap   |debootstrap       |debootstrap  |debootstrap|-
'

say () { echo "setup: $*" >&2; }

targets=${*:-build}
case " $targets " in *" test "*|*" lint "*|*" valgrind "*) targets="build demo test $targets";; esac
case " $targets " in *" demo "*) targets="build $targets";; esac
case " $targets " in *" matrix "*) ;; *) targets="build $targets";; esac

find_lua () {
  # shellcheck disable=SC2046
  set -- $(sh "$here/findlua.sh" "${wanted}")
  lua=$1 version=$2 package=$3
  [ "$version" != - ] || version=$(echo "$wanted" | tr -cd '0-9.')
  version=${version:-5.4}
}
wanted=${LUA:--}
find_lua

there () {  # kind of test, name
  case $1 in
    command) command -v "$2" >/dev/null 2>&1;;
    package) pkg-config --exists "$2" 2>/dev/null;;
    module) [ "$lua" != - ] && "$lua" -e "require '$2'" >/dev/null 2>&1 </dev/null;;
    lua) [ "$lua" != - ];;
    headers) [ "$package" != - ];;
    *) say "unknown test '$1'"; return 1;;
  esac
}

# What tells the package managers apart: is NAME installed, does it exist, and
# how it is installed.
manager=-
for name in apt-get dnf apk pacman brew; do
  if command -v $name >/dev/null 2>&1; then manager=$name; break; fi
done
case $manager in
  apt-get) column=5
    installed () { dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$'; }
    refresh () { run apt-get update; }
    known () { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }
    install="apt-get install -y --no-install-recommends";;
  dnf) column=6
    installed () { rpm -q "$1" >/dev/null 2>&1; }
    refresh () { :; }
    known () { dnf -q info "$1" >/dev/null 2>&1; }
    install="dnf install -y";;
  apk) column=7
    installed () { apk info -e "$1" >/dev/null 2>&1; }
    refresh () { run apk update; }
    known () { [ -n "$(apk search -x "$1" 2>/dev/null)" ]; }
    install="apk add";;
  pacman) column=8
    installed () { pacman -Q "$1" >/dev/null 2>&1; }
    refresh () { run pacman -Sy; }
    known () { pacman -Si "$1" >/dev/null 2>&1; }
    install="pacman -S --noconfirm --needed";;
  brew) column=9
    installed () { brew list --versions "$1" >/dev/null 2>&1; }
    refresh () { :; }
    known () { brew info "$1" >/dev/null 2>&1; }
    install="brew install";;
  *) column=5
    installed () { false; }
    known () { false; };;
esac

root=
if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then root=sudo; fi

run () {
  if [ -n "$root" ] && ! command -v sudo >/dev/null 2>&1; then
    say "not root and no sudo; as root run: $*"
    return 1
  fi
  say "$root${root:+ }$*"
  DEBIAN_FRONTEND=noninteractive $root "$@" >&2 </dev/null
}

# The rows of these targets whose test fails: "kind|what|packages".
missing () {
  echo "$table" | while IFS='|' read -r row_for kind what test rest; do
    row_for=$(echo $row_for)
    case " $targets " in *" ${row_for:-none} "*) ;; *) continue;; esac
    # shellcheck disable=SC2086
    there $test && continue
    # shellcheck disable=SC2086
    echo $kind "|" $what "|" $(echo "-|-|-|-|$rest" | cut -d'|' -f$column) |
      sed "s/ | /|/g; s/@3/%3/; s/@/$version/g; s/%3/@3/"
  done
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0

if [ "$manager" = - ]; then
  say "no package manager known here (apt, dnf, apk, pacman, brew); missing:"
  echo "$lacking" | cut -d'|' -f2 >&2
  ! echo "$lacking" | grep -q '^need'
  exit
fi

# Lists that were never loaded know no package at all.
fresh=
unknown () {
  known "$1" && return 1
  if [ -z "$fresh" ]; then fresh=yes; refresh || exit 1; fi
  ! known "$1"
}

packages=
while IFS='|' read -r kind what names; do
  for name in $names; do
    if [ "$name" = - ]; then say "$what: not packaged for $manager"
    elif installed "$name"; then :  # there, but not for this Lua: told below
    elif unknown "$name"; then say "$what: $manager has no package '$name'"
    else packages="$packages $name"
    fi
  done
done <<EOF
$lacking
EOF

# Lists that are too old name versions that are gone.
install_packages () {
  # shellcheck disable=SC2086
  run $install $packages && return
  [ -z "$fresh" ] && refresh && run $install $packages
}
if [ -n "$packages" ]; then install_packages || exit 1; fi

find_lua
lacking=$(missing)
[ -n "$lacking" ] || exit 0
status=0
while IFS='|' read -r kind what names; do
  if [ "$kind" = need ]; then say "still missing, needed: $what"; status=1
  else say "going on without $what (for Lua $version)"
  fi
done <<EOF
$lacking
EOF
exit $status
