#!/usr/bin/env bash
# The programs that the tests run beside Node.js: installs the missing ones where it may, else says what to type. Nothing is skipped.
# RabbitMQ and ejabberd are installed where the package lists have them; where they have not, it says so, and so does the test.
# No service of what is installed here is started, now or at the next boot: the tests start processes of their own.
# Further programs that a long run needs are arguments; their packages have the same names.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"

packages=()
wanted=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
want() { command -v "$1" >/dev/null 2>&1 || wanted+=("$2"); }
need mosquitto mosquitto
need mosquitto_sub mosquitto-clients
need tshark tshark
need openssl openssl
need gnutls-cli gnutls-bin
need coap-client-openssl libcoap3-bin
need coap-client-gnutls libcoap3-bin
need socat socat
need strace strace
need systemd-notify systemd
need cc build-essential
need dpkg-deb dpkg
need unshare util-linux
need nsenter util-linux
need chromium chromium
need promtool prometheus
need ser2net ser2net
need ip iproute2
need curl curl
need jq jq
need text2pcap wireshark-common
for program in "$@"; do need "$program" "$program"; done
want rabbitmq-server rabbitmq-server
want ejabberdctl ejabberd
[ $((${#packages[@]} + ${#wanted[@]})) -eq 0 ] && exit 0

install="apt-get install -y --no-install-recommends"
if ! command -v apt-get >/dev/null 2>&1; then
  [ ${#wanted[@]} -eq 0 ] || echo "Not tested with, for there is no apt here to bring them: ${wanted[*]}"
  [ ${#packages[@]} -eq 0 ] && exit 0
  echo "The tests need these programs, which are missing here: ${packages[*]}. Please install them." >&2
  exit 1
fi
may_install=true
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo -n)
  command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || may_install=false
fi

! $may_install || "${as_root[@]}" apt-get update -qq
for package in "${wanted[@]}"; do
  if [[ "$(LC_ALL=C apt-cache policy "$package")" =~ Candidate:\ [0-9] ]]; then
    packages+=("$package")
  else
    echo "Not tested with $package: the package lists of this machine do not have it."
  fi
done
[ ${#packages[@]} -eq 0 ] && exit 0
if ! $may_install; then
  echo "The tests need programs that are missing here. Please type:  sudo apt-get update && sudo $install ${packages[*]}" >&2
  exit 1
fi

units=(mosquitto.service ser2net.service rabbitmq-server.service ejabberd.service epmd.service epmd.socket prometheus.service)
new_units=()
for unit in "${units[@]}"; do
  [ -e "/lib/systemd/system/$unit" ] || [ -e "/usr/lib/systemd/system/$unit" ] || new_units+=("$unit")
done

# invoke-rc.d asks this program whether it may start a service; one that is there already stays as it is.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
  restore() { "${as_root[@]}" rm -f "$policy"; }
  trap restore EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

echo "Installing what the tests need: ${packages[*]}"
if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $install "${packages[@]}" >/tmp/mqtt-sn-gateway-apt.log 2>&1; then
  tail -n 20 /tmp/mqtt-sn-gateway-apt.log >&2
  echo "That failed. Please type:  sudo apt-get update && sudo $install ${packages[*]}" >&2
  exit 1
fi
if command -v systemctl >/dev/null 2>&1 && [ ${#new_units[@]} -gt 0 ]; then
  "${as_root[@]}" systemctl disable "${new_units[@]}" >/dev/null 2>&1 || true
fi
