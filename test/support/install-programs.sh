#!/usr/bin/env bash
# The programs that the tests run beside Node.js: installs the missing ones where it may, else says what to type. Nothing is skipped.
# Further programs that a long run needs are arguments; their packages have the same names.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
need mosquitto mosquitto
need tshark tshark
need openssl openssl
need socat socat
need strace strace
need unshare util-linux
need nsenter util-linux
for program in "$@"; do need "$program" "$program"; done
[ ${#packages[@]} -eq 0 ] && exit 0

command="apt-get install -y --no-install-recommends ${packages[*]}"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The tests need these programs, which are missing here: ${packages[*]}. Please install them." >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "The tests need programs that are missing here. Please type:  sudo apt-get update && sudo $command" >&2
  exit 1
fi
echo "Installing what the tests need: ${packages[*]}"
"${as_root[@]}" apt-get update -qq
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $command >/tmp/mqtt-sn-gateway-apt.log 2>&1; then
  tail -n 20 /tmp/mqtt-sn-gateway-apt.log >&2
  echo "That failed. Please type:  sudo apt-get update && sudo $command" >&2
  exit 1
fi
