#!/usr/bin/env bash
# Every test, on a machine that may have nothing installed. `tests/run.sh` runs what each change must pass, in at most 40
# minutes on 2 cores with a cold cache; `tests/run.sh --long [PART...]` runs what takes longer, or some parts of it, and records
# the figures in tests/RESULTS.md. Ends with ctest's summary, and with a status other than 0 if any part failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 LC_ALL=C.UTF-8
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
jobs=$(nproc)
failed=()
times=()

# step NAME COMMAND...: runs it, notes how long it took, and whether it failed.
step() {
  local name=$1 from=$SECONDS
  shift
  printf '\n==== %s\n' "$name"
  if "$@"; then
    times+=("$(printf '%5d s  %s' $((SECONDS - from)) "$name")")
  else
    times+=("$(printf '%5d s  %s  FAILED' $((SECONDS - from)) "$name")")
    failed+=("$name")
    return 1
  fi
}

report() {
  printf '\n==== Time of each step\n'
  printf '%s\n' "${times[@]}"
  ((${#failed[@]} == 0)) || printf 'FAILED: %s\n' "${failed[@]}"
}

# The programs of the core's tests, which the sanitizers run: no services, no scripts.
core_tests() {
  ninja -C "$1" -t targets all | sed -n 's/^\(test_bus[a-z_]*\|test_rpc[a-z_]*\|test_plays\|test_sim\): phony$/\1/p'
}

build_core() {  # build_core PRESET
  local targets
  cmake --preset "$1" -DXBUS_PROGRAMS=OFF -DXBUS_TESTS=ON >"build/configure_$1.log" 2>&1 ||
    { cat "build/configure_$1.log"; return 1; }
  mapfile -t targets < <(core_tests "build/$1")
  ((${#targets[@]})) || { echo "no tests of the core found"; return 1; }
  cmake --build "build/$1" -j"$jobs" -- -k 0 "${targets[@]}"
}

run_core() {  # run_core PRESET
  ctest --test-dir "build/$1" -L unit -R '^(bus.*|rpc.*|plays|sim)$' -j"$jobs" --output-on-failure --no-tests=error
}

build_all() {  # build_all PRESET
  cmake --preset "$1" -DXBUS_TESTS=ON -DXBUS_PROGRAMS=ON >"build/configure_$1.log" 2>&1 ||
    { cat "build/configure_$1.log"; return 1; }
  cmake --build "build/$1" -j"$jobs" -- -k 0
}

if [ "${1-}" = --long ]; then
  shift
  # shellcheck source=tests/run_long.sh
  . tests/run_long.sh
  exit
elif [ $# != 0 ]; then
  echo "usage: tests/run.sh [--long [PART...]]" >&2
  exit 2
fi

mkdir -p build
step "install what is missing" debian/install_build_deps.sh || exit 1
step "asan: build the core's tests" build_core asan && step "asan: run them" run_core asan
step "release: build everything" build_all release
report
printf '\n==== release: run every test\n'
ctest --test-dir build/release -j"$jobs" --output-on-failure --no-tests=error || exit
((${#failed[@]} == 0))
