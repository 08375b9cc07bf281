#!/usr/bin/env bash
# Runs every fuzzer for so many seconds (60), or the one that is named: fuzz/run.sh 180 frames
# Needs cargo-fuzz (cargo install cargo-fuzz --locked) and a C++ compiler; stable Rust will do. What it finds lies in
# fuzz/artifacts: mend it, and put the input into fuzz/corpus, where tests/fuzz_corpus.rs meets it from then on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v cargo-fuzz >/dev/null 2>&1; then
  printf 'missing: cargo-fuzz\n  cargo install cargo-fuzz --locked\n' >&2
  exit 1
fi
seconds=${1:-60}
shift || true
[ $# -gt 0 ] || set -- frames config history structs

# libFuzzer's coverage is all that is asked of the compiler: no sanitizer, for the library has no unsafe code below the
# C ABI and the sockets, and SQLite takes many minutes to build with one.
export RUSTC_BOOTSTRAP=1
cargo fuzz build --fuzz-dir . -s none
for target in "$@"; do
  printf '\n== %s, %s s\n' "$target" "$seconds"
  mkdir -p "corpus-found/$target"
  cargo fuzz run --fuzz-dir . -s none "$target" "corpus-found/$target" "corpus/$target" -- \
    -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
