#!/usr/bin/env bash
# Installs the Debian package in a throw-away root, upgrades it, removes and purges it: `npm run test:install`. Needs root and the network of Debian;
# touches nothing of this system but a folder under /tmp. Debian 12 has no Node.js that is new enough, so that of this machine stands in for it, as a package.
set -euo pipefail
cd "$(dirname "$0")/../.."

root="$(mktemp -d /tmp/debian-root-XXXXXX)"
chmod 755 "$root"
work="$(mktemp -d /tmp/debian-work-XXXXXX)"
finish() {
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root" "$work"
}
trap finish EXIT
step() { echo "== $*"; }
fails() { echo "FAILED: $*" >&2; exit 1; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }

step "a small Debian"
mirror="$(sed -nE 's/^deb (\[[^]]*\] )?(http[^ ]+) .*/\2/p; s/^URIs: (http[^ ]+).*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1 || true)"
debootstrap --variant=minbase --include=adduser "${DEBIAN_RELEASE:-bookworm}" "$root" "${mirror:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
  { tail -5 "$work/debootstrap.log" >&2; fails "debootstrap"; }
mount -t proc proc "$root/proc"

step "Node.js of this machine as a package"
node="$(readlink -f "$(command -v node)")"
mkdir -p "$work/nodejs/usr/bin" "$work/nodejs/DEBIAN"
cp "$node" "$work/nodejs/usr/bin/node"
printf 'Package: nodejs\nVersion: %s\nArchitecture: %s\nMaintainer: test <test@localhost>\nDescription: Node.js of the machine\n' \
  "$(node -p process.versions.node)" "$(dpkg --print-architecture)" >"$work/nodejs/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work/nodejs" "$root/nodejs.deb" >/dev/null
# What that binary is linked with.
for library in $(ldd "$node" | sed -nE 's/.*=> ([^ ]*lib(stdc\+\+|gcc_s|atomic)[^ ]*) .*/\1/p'); do cp -n "$library" "$root/usr/lib/"; done
inside dpkg -i /nodejs.deb >/dev/null

step "install"
node .ci/deb.mjs "$work" --fast >/dev/null
cp "$work"/mqtt-sn-gateway_*_all.deb "$root/gateway.deb"
inside dpkg -i /gateway.deb >"$work/install.log" 2>&1 || { cat "$work/install.log" >&2; fails "dpkg -i"; }
inside id mqtt-sn-gateway | grep -q dialout || fails "the user is not in the group dialout"
[ "$(inside stat -c '%a %U:%G' /etc/mqtt-sn-gateway)" = '750 root:mqtt-sn-gateway' ] || fails "rights of /etc/mqtt-sn-gateway"
inside mqtt-sn-gateway --version | grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$' || fails "--version"
inside su -s /bin/sh mqtt-sn-gateway -c 'mqtt-sn-gateway check-config /etc/mqtt-sn-gateway/gateway.yaml' | grep -q 'no problems' || fails "check-config as the user of the service"

step "run, and carry a message"
inside su -s /bin/sh mqtt-sn-gateway -c 'cd / && MQTTSN_SESSIONS_PATH=memory MQTTSN_HTTP_ENABLED=false MQTTSN_UPSTREAM_URL= MQTTSN_TRANSPORTS_0_HOST=127.0.0.1 MQTTSN_TRANSPORTS_0_PORT=41884 MQTTSN_BROKER_PORT=41883 exec mqtt-sn-gateway' >"$work/run.log" 2>&1 &
gateway=$!
for _ in $(seq 300); do grep -q 'gateway ready' "$work/run.log" && break; sleep 0.1; done
grep -q 'gateway ready' "$work/run.log" || { cat "$work/run.log" >&2; fails "not ready"; }
inside mqtt-sn-gateway pub -p 41884 -t a/b -m x -q 1 || fails "pub"
kill "$gateway"
wait "$gateway" || true

step "upgrade keeps settings and sessions"
echo '# mine' >>"$root/etc/mqtt-sn-gateway/gateway.yaml"
mkdir -p "$root/var/lib/mqtt-sn-gateway" && touch "$root/var/lib/mqtt-sn-gateway/kept"
dpkg-deb -R "$work"/mqtt-sn-gateway_*_all.deb "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
echo '# another default' >>"$work/next/etc/mqtt-sn-gateway/gateway.yaml"
dpkg-deb --root-owner-group -Znone --build "$work/next" "$root/next.deb" >/dev/null
inside dpkg --force-confold -i /next.deb >"$work/upgrade.log" 2>&1 || { cat "$work/upgrade.log" >&2; fails "upgrade"; }
grep -q '# mine' "$root/etc/mqtt-sn-gateway/gateway.yaml" || fails "the settings were written over"
[ -e "$root/var/lib/mqtt-sn-gateway/kept" ] || fails "the sessions are gone"

step "remove keeps them, purge does not"
inside dpkg -r mqtt-sn-gateway >/dev/null 2>&1 || fails "dpkg -r"
[ -e "$root/var/lib/mqtt-sn-gateway/kept" ] && [ -e "$root/etc/mqtt-sn-gateway/gateway.yaml" ] || fails "remove took settings or sessions"
inside dpkg -P mqtt-sn-gateway >/dev/null 2>&1 || fails "dpkg -P"
[ ! -e "$root/var/lib/mqtt-sn-gateway" ] && [ ! -e "$root/etc/mqtt-sn-gateway/gateway.yaml" ] || fails "purge left something"
echo "The package is installed, runs, is upgraded, removed and purged."
