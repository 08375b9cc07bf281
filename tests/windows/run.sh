#!/usr/bin/env bash
# Builds lotbridge.dll and lotbridge.exe for 64-bit Windows and runs them under Wine: what they import and export, the C
# tests of the header, two processes over the named pipe, a whole replay compared with Linux's, installing.
#
# It needs root (for a Debian 13 in a folder of its own, with compiler and Wine: 3.5 GB, made once, by debootstrap) and
# the network for that. Users need none of this: on Windows `cargo build --release` is enough.
#
#   LOTBRIDGE_WINDOWS=0       leaves this tier out, and says so
#   LOTBRIDGE_WINDOWS=1       fails where it cannot run; so does CI. Otherwise it is left out, and says so
#   LOTBRIDGE_WINDOWS_ROOT    that Debian's folder
#   LOTBRIDGE_WINDOWS_PROFILE the cargo profile: quick unless told, `release` for what users get
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '\n== %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

cannot() {
  if [ -n "${CI:-}" ] || [ "${LOTBRIDGE_WINDOWS:-}" = 1 ]; then
    printf '\nThe Windows tier cannot run: %s\n  LOTBRIDGE_WINDOWS=0 leaves it out.\n' "$1" >&2
    exit 1
  fi
  printf '\n!! LEFT OUT: the Windows tier (DLL and named pipe, under Wine): %s\n' "$1"
  exit 0
}

if [ "${LOTBRIDGE_WINDOWS:-}" = 0 ]; then
  printf '\n!! LEFT OUT: the Windows tier (DLL and named pipe, under Wine): LOTBRIDGE_WINDOWS=0\n'
  exit 0
fi
[ "$(uname -sm)" = "Linux x86_64" ] || cannot "it runs on Linux on x86-64 only"
[ "$(id -u)" -eq 0 ] || cannot "it needs root, for a Debian in a folder of its own: sudo tests/windows/run.sh"

PACKAGES=ca-certificates,gcc,libc6-dev,gcc-mingw-w64-x86-64,rustc-web,cargo-web,rust-web-src,wine64,wine
# The number changes with the packages: an earlier folder is not taken for the present one.
ROOT=${LOTBRIDGE_WINDOWS_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/lotbridge-windows/trixie-1}
if [ ! -e "$ROOT/complete" ]; then
  if ! has debootstrap; then
    has apt-get || cannot "debootstrap is missing: install your distribution's package of it"
    say "installing debootstrap"
    apt-get update -qq </dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap </dev/null ||
      cannot "debootstrap is missing: apt-get install debootstrap"
  fi
  say "making $ROOT: Debian 13 with rustc, mingw-w64 and Wine, once"
  mkdir -p "$(dirname "$ROOT")"
  rm -rf "$ROOT.new"
  log=$(mktemp)
  if ! debootstrap --variant=minbase --include="$PACKAGES" trixie "$ROOT.new" http://deb.debian.org/debian \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    cannot "debootstrap could not make $ROOT (its last words are above)"
  fi
  rm -f "$log"
  touch "$ROOT.new/complete"
  rm -rf "$ROOT"
  mv "$ROOT.new" "$ROOT"
fi

# Linux's report of the same history, for comparison: of a shared one, or of the bundled sample where there is none.
target=$(cargo metadata --locked --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
mkdir -p "$target/windows"
cargo build --locked --bin lotbridge </dev/null
history=()
if [ -f ../shared/data/signal-gold-positions.csv ]; then history=(--history ../shared/data/signal-gold-positions.csv); fi
say "replay of ${history[1]:-the bundled sample} on Linux"
"$target/debug/lotbridge" replay "${history[@]}" --report "$target/windows/linux.json" </dev/null 2>/dev/null | tail -n 2

export ROOT HOST_TARGET="$target" HOST_CARGO="${CARGO_HOME:-$HOME/.cargo}" PROFILE="${LOTBRIDGE_WINDOWS_PROFILE:-quick}"
# Mounts of this process's own: they are gone with it, whatever happens.
exec unshare --mount --pid --fork --kill-child tests/windows/enter.sh
