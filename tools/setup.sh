#!/bin/sh
# Usage: tools/setup.sh [build|demo|test|lint|valgrind|matrix|windows|site|diagrams ...]
# Installs what is missing for these targets with the system's package manager,
# and prints the command before it runs it. Where all is there it says nothing,
# changes nothing and needs no root. LUA=lua5.5 chooses the Lua to look for.
set -u
here=$(dirname "$0")

# Under each target its rows. "?" marks what it can do without: a feature or
# some specs are then left out. What to test for: bin NAME (a command), cross NAME (a
# compiler for that system), lib NAME (by pkg-config), mod NAME (of this Lua), lua,
# headers (Lua's). @ stands for the version of Lua. "-" says that a package is missing there.
table='
what           |test           |apt          |dnf               |apk         |pacman     |brew
=build
C compiler     |bin cc         |gcc libc6-dev|gcc glibc-devel   |gcc musl-dev|gcc        |-
pkg-config     |bin pkg-config |pkg-config   |pkgconf-pkg-config|pkgconf     |pkgconf    |pkgconf
Lua 5.4 and up |lua            |lua@         |lua               |lua@        |lua        |lua
Lua headers    |headers        |liblua@-dev  |lua-devel         |lua@-dev    |lua        |lua
OpenSSL headers|lib openssl    |libssl-dev   |openssl-devel     |openssl-dev |openssl    |openssl@3
?libidn2       |lib libidn2    |libidn2-dev  |libidn2-devel     |libidn2-dev |libidn2    |libidn2
=demo
LuaSocket      |mod socket     |lua-socket   |lua-socket        |lua@-socket |lua-socket |-
=test
busted         |mod busted.core|lua-busted   |lua-busted        |lua@-busted |busted     |-
openssl command|bin openssl    |openssl      |openssl           |openssl     |openssl    |openssl@3
?curl          |bin curl       |curl         |curl              |curl        |curl       |curl
?man           |bin man        |man-db       |man-db            |man-db      |man-db     |-
?bash          |bin bash       |bash         |bash              |bash        |bash       |-
?sslscan       |bin sslscan    |sslscan      |sslscan           |sslscan     |sslscan    |sslscan
?GnuTLS        |bin gnutls-cli |gnutls-bin   |gnutls-utils      |gnutls-utils|gnutls    |gnutls
?Python 3      |bin python3    |python3      |python3           |python3     |python     |python3
?LuaUnit       |mod luaunit    |lua-unit     |-                 |-           |-          |-
?copas         |mod copas      |lua-copas    |lua-copas         |lua@-copas  |-          |-
?cqueues       |mod cqueues    |lua-cqueues  |lua-cqueues       |lua@-cqueues|-          |-
?luv           |mod luv        |lua-luv      |lua-luv           |lua@-luv    |lua-luv    |-
?redis-server  |bin redis-server|redis-server|redis          |redis       |redis      |redis
?memcached     |bin memcached  |memcached    |memcached         |memcached   |memcached  |memcached
?LuaSec        |mod ssl.core   |lua-sec      |lua-sec           |lua@-sec    |lua-sec    |-
?luaossl       |mod _openssl   |lua-luaossl  |lua-luaossl       |lua@-ossl   |-          |-
=lint
luacheck       |bin luacheck   |lua-check    |-                 |luacheck    |luacheck   |luacheck
cppcheck       |bin cppcheck   |cppcheck     |cppcheck          |cppcheck    |cppcheck   |cppcheck
clang          |bin clang      |clang        |clang             |clang       |clang      |-
shellcheck     |bin shellcheck |shellcheck   |ShellCheck        |shellcheck  |shellcheck |shellcheck
=valgrind
valgrind       |bin valgrind   |valgrind     |valgrind          |valgrind    |valgrind   |valgrind
=windows
MinGW-w64      |cross mingw32  |gcc-mingw-w64-x86-64|mingw64-gcc|mingw-w64-gcc|mingw-w64-gcc|-
wine           |bin wine       |wine wine64  |wine              |wine        |wine       |-
perl           |bin perl       |perl         |perl              |perl        |perl       |perl
LuaSocket      |mod socket     |lua-socket   |lua-socket        |lua@-socket |lua-socket |-
=site
pandoc         |bin pandoc     |pandoc       |pandoc            |pandoc-cli  |pandoc-cli |pandoc
?Chromium      |bin chromium   |chromium     |chromium          |chromium    |chromium   |-
=diagrams
graphviz       |bin dot        |graphviz     |graphviz          |graphviz    |graphviz   |graphviz
mscgen         |bin mscgen     |mscgen       |mscgen            |mscgen      |mscgen     |-
=matrix
debootstrap    |bin debootstrap|debootstrap  |debootstrap       |debootstrap |debootstrap|-
'

say () { echo "setup: $*" >&2; }

targets=${*:-build}
case " $targets " in *" test "*) targets="demo $targets";; esac
case $targets in matrix|site|diagrams) ;; *) targets="build $targets";; esac

find_lua () {
  set -- $(sh "$here/findlua.sh" "${wanted}")
  lua=$1 version=$2 package=$3
  [ "$version" != - ] || version=$(echo "$wanted" | tr -cd '0-9.')
  version=${version:-5.4}
}
wanted=${LUA:--}
find_lua

there () {  # kind of test, name
  case $1 in
    cross) command -v "x86_64-w64-$2-gcc" >/dev/null 2>&1;;
    bin) command -v "$2" >/dev/null 2>&1;;
    lib) pkg-config --exists "$2" 2>/dev/null;;
    mod) [ "$lua" != - ] && "$lua" -e "require '$2'" >/dev/null 2>&1 </dev/null;;
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
  apt-get) column=3
    installed () { dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$'; }
    refresh () { run apt-get update; }
    known () { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }
    install="apt-get install -y --no-install-recommends";;
  dnf) column=4
    installed () { rpm -q "$1" >/dev/null 2>&1; }
    refresh () { :; }
    known () { dnf -q info "$1" >/dev/null 2>&1; }
    install="dnf install -y";;
  apk) column=5
    installed () { apk info -e "$1" >/dev/null 2>&1; }
    refresh () { run apk update; }
    known () { [ -n "$(apk search -x "$1" 2>/dev/null)" ]; }
    install="apk add";;
  pacman) column=6
    installed () { pacman -Q "$1" >/dev/null 2>&1; }
    refresh () { run pacman -Sy; }
    known () { pacman -Si "$1" >/dev/null 2>&1; }
    install="pacman -S --noconfirm --needed";;
  brew) column=7
    installed () { brew list --versions "$1" >/dev/null 2>&1; }
    refresh () { :; }
    known () { brew info "$1" >/dev/null 2>&1; }
    install="brew install";;
  *) column=3
    installed () { false; }
    known () { false; };;
esac

root="" able=yes
if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then
  root=sudo
  command -v sudo >/dev/null 2>&1 || able=
fi

run () {
  say "$root${root:+ }$*"
  DEBIAN_FRONTEND=noninteractive $root "$@" >&2 </dev/null
}

# The rows of these targets whose test fails: "kind|what|packages".
missing () {
  echo "$table" | while IFS= read -r row; do
    case $row in
      =*) target=${row#=}; continue;;
      what*|'') continue;;
      \?*) kind=wish row=${row#?};;
      *) kind=need;;
    esac
    case " $targets " in *" $target "*) ;; *) continue;; esac
    test=$(echo "$row" | cut -d'|' -f2)
    there $test && continue
    names=$(echo "$row" | cut -d'|' -f$column | sed "s/@3/%3/g; s/@/$version/g; s/%3/@3/g")
    echo "$kind|$(echo ${row%%|*})|$(echo $names)"
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
  if [ -n "$able" ] && [ -z "$fresh" ]; then fresh=yes; refresh; fi
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
  run $install $packages && return
  [ -z "$fresh" ] && refresh && run $install $packages
}
if [ -n "$packages" ] && [ -z "$able" ]; then
  say "not root, and there is no sudo; as root run: $install$packages"
elif [ -n "$packages" ]; then
  install_packages || say "the installation failed"
fi

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
