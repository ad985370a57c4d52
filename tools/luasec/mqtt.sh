# shellcheck shell=sh disable=SC1091,SC2154
# Usage: mqtt.sh VERSION     luamqtt and a mosquitto of its own in this folder
set -u
. "$tools/common.sh"
port=$(free_port)
cp "$certs/chain.pem" "$certs/key.pem" "$certs/ca.pem" .
chmod a+r key.pem
cat > mosquitto.conf <<CONFIG
listener $port 127.0.0.1
allow_anonymous true
certfile $PWD/chain.pem
keyfile $PWD/key.pem
user root
CONFIG
mosquitto -c mosquitto.conf > mosquitto.log 2>&1 &
broker=$!
listening "$port" $broker && timeout 60 "$LUA" "$tools/mqtt.lua" "$port" "$1"
status=$?
kill $broker
[ $status = 0 ] || cat mosquitto.log
exit $status
