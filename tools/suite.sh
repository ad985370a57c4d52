#!/bin/sh
# Usage: make test [SPEC="folders and files"] [JOBS=2] [LIMIT=150]
# Runs one busted per spec file, JOBS at a time (the number of processors): in a
# single process each whole collection would walk the objects of all files. Of a
# file that passes it prints one line, and what it wrote to stderr; of one that
# fails all that it wrote, and names it again before the sum. A file fails, too,
# that crashes, runs for more than LIMIT seconds, or has no specs. The words of
# $UNDER go before the interpreter: valgrind, say.
# One file alone, or options of busted's among the words, make it busted itself.
set -eu

become_busted () {
  # shellcheck disable=SC2086
  exec ${UNDER:-} "${LUA:-lua}" tools/busted.lua "$@"
}

spec_files () {
  for name in "$@"; do
    if [ -d "$name" ]; then find "$name" -name '*_spec.lua'; else echo "$name"; fi
  done
}

# Those that took longest in the last run come first; of a file that has not run
# yet, 4 KB are taken for a second.
order () {
  for file in "$@"; do
    wc -c "$file" 2>/dev/null || echo "0 $file"
  done | LC_ALL=C awk 'FILENAME != "-" {took[$2] = $1; next}
    {print ($2 in took ? took[$2] : $1 / 4096), $2}' "$times" - |
    LC_ALL=C sort -rn | cut -d' ' -f2
}

# Each file in a process group of its own, by which all of it can be ended; dash
# has such groups only where there is a terminal.
setsid=$(command -v setsid) || setsid=
start () {  # file, folder for what becomes of it
  echo "$now $1" > "$2/job"
  (
    [ -n "$setsid" ] || set -m
    UNDER="$setsid ${UNDER:-}"
    become_busted "$1" 3>&- &
    echo $! > "$2/group"
    status=0
    wait $! || status=$?
    echo $status > "$2/status"
    echo ended >&3
  ) > "$2/out" 2> "$2/err" < /dev/null &
  running="$running $2" active=$((active + 1))
}

stop () {  # folder
  read -r group < "$1/group" || return 0
  kill -s KILL -- "-$group" || kill -s KILL "$group" || :
} 2>/dev/null

# Reads "1 success / 0 failures / 0 errors / 0 pending : 0.1 seconds", in words.
count () {
  good=$1 bad=$(($4 + $7)) skipped=${10} seconds=${13}
}

# Why a file failed of which busted counts no failure; nothing if it passed.
trouble () {  # folder, exit status
  if [ -e "$1/late" ]; then echo ": more than $limit s"
  elif [ $bad != 0 ]; then :
  elif [ "$2" -gt 128 ]; then echo ": signal $(($2 - 128))"
  elif [ "$2" != 0 ]; then echo ": exit status $2"
  elif [ -z "$summary" ]; then echo ": ended early"
  elif [ $((good + skipped)) = 0 ]; then echo ": no specs"
  fi
}

report () {  # file, folder, exit status, seconds
  good=0 bad=0 skipped=0 seconds=$4
  summary=$(grep -aE '^[0-9]+ success.* / .* / .* / .* : ' "$2/out" | head -n 1)
  # shellcheck disable=SC2086
  [ -z "$summary" ] || count $summary
  why=$(trouble "$2" "$3")
  [ -z "$why" ] || [ $bad != 0 ] || bad=1
  line=$(printf '%s: %d passed, %d failed, %d skipped, %.5s s' "$1" "$good" "$bad" "$skipped" \
    "$seconds")$why
  echo "$line"
  if [ $bad != 0 ]; then cat "$2/out"; echo "$line" >> "$work/failures"; fi
  cat "$2/err"
  echo "$seconds $1" >> "$work/times"
  all_good=$((all_good + good)) all_bad=$((all_bad + bad)) all_skipped=$((all_skipped + skipped))
}

# Reports those that have ended, and ends those whose time is over.
collect () {
  # shellcheck disable=SC2086
  set -- $running
  running=
  for folder in "$@"; do
    read -r began file < "$folder/job"
    if [ -s "$folder/status" ]; then
      read -r status < "$folder/status"
      active=$((active - 1))
      report "$file" "$folder" "$status" $((now - began))
      continue
    elif [ $((now - began)) -gt "$limit" ]; then
      touch "$folder/late"
      stop "$folder"
    fi
    running="$running $folder"
  done
}

# shellcheck disable=SC2046
set -- $(spec_files "${@:-spec}")
case "$# $*" in "1 "* | *" -"*) become_busted "$@"; esac

limit=${LIMIT:-150} jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
[ "$limit" -gt 0 ] && [ "$jobs" -gt 0 ]
times=${LSSL_BUILD:-build}/times
touch "$times"
work=$(mktemp -d)
now=0 active=0 running='' all_good=0 all_bad=0 all_skipped=0

# What there is to look at: a file that ended, or a second more.
mkfifo "$work/news"
exec 3<>"$work/news"
(while sleep 1 && kill -0 $$; do echo second; done) >&3 2>/dev/null &
clock=$!

finish () {
  kill $clock || :
  for folder in $running; do stop "$folder"; done
  rm -rf "$work"
} 2>/dev/null
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck disable=SC2046
set -- $(order "$@")
files=$#
while [ $# != 0 ] || [ -n "$running" ]; do
  while [ $# != 0 ] && [ $active -lt "$jobs" ]; do
    mkdir "$work/$#"
    start "$1" "$work/$#"
    shift
  done
  read -r news <&3 || continue
  [ "$news" != second ] || now=$((now + 1))
  collect
done

cat "$work/times" "$times" | awk '!seen[$2]++' > "$work/merged"
cat "$work/merged" > "$times"
printf '\n%d files in %d s, %d at a time\n' $files $now "$jobs"
[ $all_bad = 0 ] || sed 's/^/FAILED /' "$work/failures"
echo "$all_good passed, $all_bad failed, $all_skipped skipped"
[ $all_bad = 0 ]
