#!/usr/bin/env bash
# Passes all checks and tests of the project, in a fresh clone as well. Installs the C compilers when it may (root, with
# apt-get); else says what to install. Needs the network once, for the crates.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }
fail() {
  printf '\nmissing: %s\n' "$1" >&2
  shift
  printf '  %s\n' "$@" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# rustup puts cargo where a shell finds it after the next login only.
if ! has cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
  PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
fi
has cargo || fail "cargo (Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or later)" \
  "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal -c rustfmt -c clippy"

for tool in fmt clippy; do
  if ! cargo "$tool" --version >/dev/null 2>&1; then
    component=${tool/fmt/rustfmt}
    has rustup || fail "cargo $tool" "rustup component add $component (or your distribution's package of it)"
    say "installing $component"
    rustup component add "$component"
  fi
done

# The C ABI is tested from C and from C++; the linker comes with them. CC and CXX may name others, with options.
cc=${CC:-cc} cxx=${CXX:-c++}
if ! has "${cc%% *}" || ! has "${cxx%% *}"; then
  if [ -z "${CC:-}${CXX:-}" ] && [ "$(id -u)" -eq 0 ] && has apt-get; then
    say "installing gcc and g++"
    apt-get update -qq </dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc g++ libc6-dev </dev/null
  else
    fail "a C and a C++ compiler ($cc, $cxx)" "sudo apt-get install -y gcc g++" "(or name yours in CC and CXX)"
  fi
fi

if [ -n "${CI:-}" ]; then
  # Nothing is built twice there: smaller and faster without what a second build or a debugger would use.
  export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=line-tables-only
fi

step() {
  local start=$SECONDS
  say "$*"
  "$@" </dev/null
  printf -- '-- %s s\n' "$((SECONDS - start))"
}

step cargo --version
step cargo fmt --check
step cargo fmt --check --manifest-path fuzz/Cargo.toml
step cargo clippy --locked --all-targets --all-features -- -D warnings
# Every test of the library, the command line, the C ABI and the documents. The library under test has the function that
# panics on purpose (feature test-panic); a build has not. What the fuzzers run (fuzz/run.sh) is among the tests, on their
# corpora and seeded mutations of them: cargo-fuzz and its build would take longer than all the rest.
step cargo test --locked --no-fail-fast
# The same for Windows: the DLL, lotbridge.exe and the named pipe, under Wine. LOTBRIDGE_WINDOWS=0 leaves it out.
step tests/windows/run.sh

printf '\nall passed in %s s\n' "$SECONDS"
