#!/usr/bin/env bash
# Every test, on a machine that may have nothing installed. `tests/run.sh` runs what each change must pass: the core's
# tests, the plays and the hostile peers under ASan and UBSan, each fuzzer for FUZZ_SECONDS (20 unless set), and every test of the
# release build; `tests/run.sh --long [PART...]` runs what takes longer, or some parts of it, and records the figures in
# tests/RESULTS.md. Ends with ctest's summary, and with a status other than 0 if any part failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 LC_ALL=C.UTF-8
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

if [ "${1-}" = --long ]; then
  shift
  # shellcheck source=tests/run_long.sh
  . tests/run_long.sh
  exit
elif [ $# != 0 ]; then
  echo "usage: tests/run.sh [--long [PART...]]" >&2
  exit 2
fi

# shellcheck source=tests/run_steps.sh
. tests/run_steps.sh
fuzz_seconds=${FUZZ_SECONDS:-20}

mkdir -p build
step "install what is missing" debian/install_build_deps.sh || exit 1
step "asan: build the core's tests" build_core asan && step "asan: run them" run_core asan
if step "asan: build what plays and hostile peers drive" build_driven asan; then
  step "asan: play" run_plays asan
  step "asan: attack it" run_hostile asan
fi
step "fuzz: build" build_fuzz && step "fuzz: $fuzz_seconds s each" run_fuzzers "$fuzz_seconds"
step "release: build everything" build_all release
report
printf '\n==== release: run every test\n'
ctest --test-dir build/release -j"$jobs" --output-on-failure --no-tests=error || exit
((${#failed[@]} == 0))
