#!/usr/bin/env bash
# Enters the Debian that run.sh has made, with the project and cargo's downloads in it. Started by run.sh.
set -euo pipefail
: "${ROOT:?}" "${HOST_TARGET:?}" "${HOST_CARGO:?}" "${PROFILE:?}"

mkdir -p "$ROOT/project" "$ROOT/target" "$ROOT/cargo" "$ROOT/shared"
mount --bind "$PWD" "$ROOT/project"
mount -o remount,bind,ro "$ROOT/project"
mount --bind "$HOST_TARGET/windows" "$ROOT/target"
mount --bind "$HOST_CARGO" "$ROOT/cargo"
if [ -d ../shared/data ]; then
  mount --bind ../shared "$ROOT/shared"
  mount -o remount,bind,ro "$ROOT/shared"
fi
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs tmpfs "$ROOT/tmp"
cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
# Whom this machine trusts: some have a proxy with a certificate of its own.
if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
  mount --bind /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/ca-certificates.crt"
fi
proxies=()
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  if [ -n "${!name:-}" ]; then proxies+=("$name=${!name}"); fi
done
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp CARGO_HOME=/cargo CARGO_TARGET_DIR=/target PROFILE="$PROFILE" \
  "${proxies[@]}" chroot "$ROOT" /project/tests/windows/inside.sh
