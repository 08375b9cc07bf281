#!/usr/bin/env bash
# The tier itself, in the Debian that run.sh has made. Started by enter.sh.
set -euo pipefail
cd /project

TARGET=x86_64-pc-windows-gnu
OUT=/target/$TARGET/$PROFILE
WORK=/tmp/work
export XDG_RUNTIME_DIR=/tmp WINEPREFIX=/tmp/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
# Wine keeps its server for a while: one for the whole tier.
mkdir -p "$WORK"
trap 'wineserver -k 2>/dev/null || true' EXIT

began=$SECONDS
say() { printf '\n== windows: %s\n' "$*"; }
fail() {
  printf '\nFAILED (windows): %s\n' "$*" >&2
  exit 1
}
# A program that hangs fails, rather than the whole run.
within() { timeout --kill-after=5 "$@" </dev/null; }

# cargo_build [OPTION…]
cargo_build() {
  # The standard library is built as well: Debian has it as source only. The C runtime goes into the DLL.
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --profile "$PROFILE" \
    -Zbuild-std=std,panic_unwind --target "$TARGET" "$@" </dev/null
}

build() {
  say "building for $TARGET, profile $PROFILE (what users get is \`cargo build --release\`)"
  cargo_build
}

# Only what every Windows has; a user without some runtime would see "error 126".
SYSTEM="kernel32 ntdll advapi32 bcrypt bcryptprimitives ws2_32 userenv user32 msvcrt ole32 oleaut32 shell32 dbghelp combase"

imports() {
  say "what the DLL and the program import and export"
  local file name
  for file in lotbridge.dll lotbridge.exe; do
    x86_64-w64-mingw32-objdump -p "$OUT/$file" >"$WORK/$file.txt"
    sed -n 's/^\tDLL Name: //p' "$WORK/$file.txt" | tr '[:upper:]' '[:lower:]' | sort -u >"$WORK/$file.imports"
    [ -s "$WORK/$file.imports" ] || fail "$file imports nothing at all: objdump was not understood"
    while read -r name; do
      case "$name" in
      api-ms-win-crt-*) fail "$file imports $name: the C runtime is to be linked statically" ;;
      api-ms-win-*) ;;
      *) [[ " $SYSTEM " == *" ${name%.dll} "* ]] || fail "$file imports $name, which is no system DLL" ;;
      esac
    done <"$WORK/$file.imports"
    printf '%s: %s bytes, imports %s\n' "$file" "$(stat -c %s "$OUT/$file")" "$(paste -sd' ' "$WORK/$file.imports")"
  done
  cp "$OUT/lotbridge.dll" "$WORK/stripped.dll"
  x86_64-w64-mingw32-strip "$WORK/stripped.dll"
  printf 'lotbridge.dll without debug information: %s bytes\n' "$(stat -c %s "$WORK/stripped.dll")"

  # The table of exports has exactly the header's functions.
  sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/p' "$WORK/lotbridge.dll.txt" |
    sed -n 's/^[[:space:]]*\[.*[[:space:]]\([A-Za-z_][A-Za-z0-9_]*\)$/\1/p' | sort >"$WORK/exports"
  sed -n 's/^int32_t \(lb_[a-z_]*\)(.*/\1/p' include/lotbridge.h | sort >"$WORK/header"
  [ -s "$WORK/header" ] || fail "no function was found in the header"
  diff "$WORK/header" "$WORK/exports" || fail "the DLL's exports (>) are not the header's functions (<)"
  printf 'exports: %s\n' "$(paste -sd' ' "$WORK/exports")"
}

# compile NAME SOURCE [OPTION…]
compile() {
  local program=$1 source=$2
  shift 2
  x86_64-w64-mingw32-gcc -std=c99 -Wall -Wextra -Werror -D__USE_MINGW_ANSI_STDIO=1 -O1 -DLOADED -Iinclude -Itests/c_abi \
    "$source" -o "$WORK/$program.exe" -static -lpthread "$@"
}

c_test() {
  local name=$1
  compile "$name" "tests/c_abi/$name.c" -lm
  mkdir -p "$WORK/c/$name"
  within 120 wine "$WORK/$name.exe" "Z:$OUT/lotbridge.dll" "Z:$WORK/c/$name" >"$WORK/$name.out" 2>&1 || {
    cat "$WORK/$name.out" >&2
    fail "$name"
  }
  printf 'ok: %s\n' "$name"
}

c_tests() {
  say "the C tests of the header, which load the DLL as a terminal does"
  for name in whole_trade bad_calls bad_values bad_opens; do c_test "$name"; done
}

# Last: the DLL that has the function which panics takes the place of the other.
a_panic() {
  say "a defect in the DLL comes back as a code"
  cargo_build --lib --features test-panic
  c_test panic
}

pipe() {
  say "two processes over the named pipe: access, reconnect, kill, wrong secret, an unloaded DLL"
  compile pipe tests/windows/pipe.c -ladvapi32
  within 240 wine "$WORK/pipe.exe" "Z:$OUT/lotbridge.dll" "Z:$WORK" || fail "pipe"
}

# What a replay's report has but for the times that the copies took.
timeless() {
  sed '/"latency_us": {/,/}/d' "$1"
}

replay() {
  local history=() what="the bundled sample"
  if [ -f /shared/data/signal-gold-positions.csv ]; then
    history=(--history /shared/data/signal-gold-positions.csv)
    what=signal-gold-positions.csv
  fi
  say "replay of $what: a process to each account, the report equal to Linux's"
  within 900 wine "$OUT/lotbridge.exe" replay "${history[@]}" --report "Z:$WORK/windows.json" \
    >"$WORK/windows.out" 2>"$WORK/windows.err" || {
    tail -n 20 "$WORK/windows.out" "$WORK/windows.err" >&2
    fail "the replay"
  }
  timeless /target/linux.json >"$WORK/linux.same"
  timeless "$WORK/windows.json" >"$WORK/windows.same"
  [ "$(wc -l <"$WORK/linux.same")" -gt 1000 ] || fail "Linux's report is too short to compare anything"
  cmp -s /target/linux.json "$WORK/linux.same" && fail "no times were found in the report"
  diff "$WORK/linux.same" "$WORK/windows.same" >"$WORK/diff" || {
    head -n 40 "$WORK/diff" >&2
    fail "the reports of Linux (<) and Windows (>) differ"
  }
  printf 'equal: %s lines\n' "$(wc -l <"$WORK/linux.same")"
}

# installs CODE WORDS ARGUMENT…: lotbridge.exe ends with this code and says these words.
installs() {
  local code=$1 words=$2 ended=0
  shift 2
  within 120 wine "$OUT/lotbridge.exe" "$@" >"$WORK/said" 2>&1 || ended=$?
  tr -d '\r' <"$WORK/said" >"$WORK/said.txt"
  [ "$ended" -eq "$code" ] || { cat "$WORK/said.txt" >&2; fail "lotbridge $*: exit code $ended, not $code"; }
  grep -qF -- "$words" "$WORK/said.txt" || { cat "$WORK/said.txt" >&2; fail "lotbridge $*: no \"$words\""; }
}

install() {
  say "init, install and doctor on a made-up terminal with a made-up MetaEditor"
  local roaming terminals data program="$WINEPREFIX/drive_c/Program Files/MetaTrader 5"
  roaming=$(wine cmd /c 'echo %APPDATA%' 2>/dev/null | tr -d '\r')
  roaming="$WINEPREFIX/drive_c/$(printf '%s' "${roaming#?:\\}" | tr '\134' /)"
  terminals="$roaming/MetaQuotes/Terminal"
  data="$terminals/0123456789ABCDEF0123456789ABCDEF"
  mkdir -p "$data/MQL5/Experts" "$program"
  { printf '\xff\xfe' && printf '%s' 'C:\Program Files\MetaTrader 5' | sed 's/./&\x00/g'; } >"$data/origin.txt"
  compile metaeditor tests/windows/metaeditor.c -municode
  cp "$WORK/metaeditor.exe" "$program/MetaEditor64.exe"

  installs 1 'is not there' doctor
  installs 0 'is written' init --master 1001 --currency USD --slave 2001 --method multiplier
  [ -s "$terminals/Common/Files/LotBridge/lotbridge.json" ] || fail "init wrote where no program looks"
  installs 1 'left as it is' init --master 1001 --currency USD --slave 2001 --method multiplier
  installs 0 'of the terminal in C:\Program Files\MetaTrader 5' install --dry-run
  [ ! -e "$data/MQL5/Libraries" ] || fail "a dry run wrote something"
  installs 0 'compiled   MQL5\Experts\LotBridge\LotBridgeMaster.ex5' install
  cmp "$OUT/lotbridge.dll" "$data/MQL5/Libraries/lotbridge.dll"
  diff -r mql5/Include "$data/MQL5/Include"
  installs 0 'unchanged' install
  installs 1 'nobody listens at \\.\pipe\lotbridge-' doctor
  grep -qF '3 programs compiled' "$WORK/said.txt" || fail "doctor does not see the programs"

  # A terminal runs and has the DLL loaded: a new one cannot be put there, and nothing is changed.
  wine "$WORK/pipe.exe" hold "Z:$data/MQL5/Libraries/lotbridge.dll" "Z:$WORK/held" "Z:$WORK/free" &
  local holder=$! patience=200
  until [ -e "$WORK/held" ] || [ $((patience--)) -eq 0 ]; do sleep 0.1; done
  [ -e "$WORK/held" ] || fail "the DLL could not be loaded from its place"
  cp "$OUT/lotbridge.dll" "$WORK/next.dll"
  printf 'next' >>"$WORK/next.dll"
  installs 1 'Close that terminal' install --library "Z:$WORK/next.dll"
  installs 1 'Close that terminal' install --uninstall
  cmp "$OUT/lotbridge.dll" "$data/MQL5/Libraries/lotbridge.dll"
  touch "$WORK/free"
  wait "$holder"
  installs 0 'updated    MQL5\Libraries\lotbridge.dll' install --library "Z:$WORK/next.dll"
  cmp "$WORK/next.dll" "$data/MQL5/Libraries/lotbridge.dll"

  # An error in a program is shown as MetaEditor says it.
  touch "$program/fails"
  rm "$data/MQL5/Experts/LotBridge/LotBridgeSlave.ex5"
  installs 1 "error 256: undeclared identifier" install --library "Z:$WORK/next.dll"
  installs 0 'removed' install --uninstall
  [ -z "$(find "$data/MQL5" -type f)" ] || fail "left behind: $(find "$data/MQL5" -type f)"
  printf 'ok\n'
}

for step in build imports c_tests pipe replay install a_panic; do
  start=$SECONDS
  "$step"
  printf -- '-- %s s\n' "$((SECONDS - start))"
done
printf '\nwindows: all passed in %s s\n' "$((SECONDS - began))"
