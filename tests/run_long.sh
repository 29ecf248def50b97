# shellcheck shell=bash
# What takes longer than a change can wait for, in parts: sourced by `tests/run.sh --long [PART...]`, which runs the parts that
# are named, or all. Each step becomes a row of "Long run" in tests/RESULTS.md with date and commit, in place of the rows that
# its part had. FUZZ_SECONDS is the time of each fuzzer, 600 unless set.
# shellcheck source=tests/run_steps.sh
. tests/run_steps.sh
parts=(bench clang tsan valgrind hostile fuzz plays packages)
fuzz_seconds=${FUZZ_SECONDS:-600}
results=tests/RESULTS.md

# noted PART STEP COMMAND...: a step whose outcome is a row of the results.
noted() {
  local from=$SECONDS outcome=passed part=$1
  shift
  step "$part: $1" "${@:2}" || outcome=FAILED
  row "$part" "$1" "$outcome" "$((SECONDS - from)) s"
  [ $outcome = passed ]
}

row() {  # row PART STEP OUTCOME TIME
  printf '| %s | %s | %s | %s | %s %s |\n' "$@" "$(date -u +%F)" "$(git rev-parse --short HEAD)" >>build/long_rows
}

run_preset() { ctest --test-dir "build/$1" -L unit -j"$jobs" --output-on-failure --no-tests=error; }

run_benches() {
  local bench found=
  : >build/bench.txt
  for bench in build/release/bin/bench_*; do
    [ -x "$bench" ] || continue
    found=1
    "$bench" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true 2>&1 | tee -a build/bench.txt ||
      return 1
  done
  [ "$found" ] || { echo "no benchmarks found"; return 1; }
}

long_bench() {
  noted bench "release build" build_all release && noted bench "microbenchmarks" run_benches &&
    { printf '```\n'; cat build/bench.txt; printf '```\n'; } | put_section "Microbenchmarks"
}

long_clang() { noted clang "build everything" build_all clang && noted clang "unit tests" run_preset clang; }

long_tsan() { noted tsan "build the core's tests" build_core tsan && noted tsan "run them" run_core tsan; }

# What decides by memory that nobody has written: ASan does not see that. How blocks are freed it does, and valgrind not where a
# test has operators new and delete of its own. The test that is left out hashes for longer than it waits.
run_valgrind() {
  local name
  for name in bus_xml bus_xmpp bus_client rpc; do
    XBUS_MUTATIONS=500 valgrind --quiet --error-exitcode=9 --show-mismatched-frees=no --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
      "build/release/bin/test_$name" --gtest_brief=1 --gtest_filter=-RealConnection.the_loop_goes_on_while_a_password_is_hashed \
      >"build/valgrind_$name.log" 2>&1 ||
      { tail -n 60 "build/valgrind_$name.log"; return 1; }
  done
}

long_valgrind() {
  noted valgrind "release build" build_all release && noted valgrind "unit tests" run_valgrind
}

long_hostile() {
  noted hostile "build what is attacked, with ASan" build_driven asan && noted hostile "attack it" run_hostile asan
}

# The inputs that a fuzzer has tried, by its log; one that found something, or never came to its end, has FAILED.
fuzzer_outcome() {  # fuzzer_outcome LOG
  local inputs
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$1" 2>/dev/null | tail -n 1)
  if [ -z "$inputs" ] || grep -qE '^SUMMARY: |ERROR: (Address|Undefined|Leak|libFuzzer)|runtime error:' "$1"; then
    echo "FAILED${inputs:+ after $inputs inputs}"
  else
    echo "$inputs inputs"
  fi
}

long_fuzz() {
  local name
  mkdir -p build/fuzz
  noted fuzz "build" build_fuzz || return
  noted fuzz "$fuzz_seconds s each" run_fuzzers "$fuzz_seconds"
  for name in $(xargs -n 1 basename <build/fuzzers); do
    row fuzz "$name" "$(fuzzer_outcome "build/fuzz/$name.log")" ""
  done
}

run_long_plays() {  # run_long_plays CTEST_OPTIONS...
  ctest --test-dir build/release -C Long -L long --output-on-failure --no-tests=error "$@"
}

long_plays() {
  noted plays "release build" build_all release && noted plays "kills and soaks on three servers" run_long_plays -E '^packages$'
}

long_packages() {
  noted packages "release build" build_all release &&
    noted packages "build twice, install, upgrade, purge" run_long_plays -R '^packages$'
}

# The text of standard input becomes the section TITLE of the results.
put_section() {  # put_section TITLE
  local kept
  kept=$(sed "/^## $1\$/,/^<!-- end of $1 -->\$/d" "$results" | cat -s)
  printf '%s\n\n## %s\n\n%s\n\n<!-- end of %s -->\n' "$kept" "$1" "$(cat)" "$1" >build/results.md
  mv build/results.md "$results"
}

# shellcheck disable=SC2016  # the backticks are Markdown's
record() {  # record PART...: what was there of these parts goes
  local part old
  old=$(sed -n '/^## Long run$/,/^<!-- end of Long run -->$/p' "$results")
  {
    printf '%s, %s cores. Made by `tests/run.sh --long`, part by part.\n\n' \
      "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$jobs"
    printf '| part | step | outcome | time | commit |\n|---|---|---|---|---|\n'
    for part in "${parts[@]}"; do
      case " $* " in
        *" $part "*) grep "^| $part |" build/long_rows ;;
        *) grep "^| $part |" <<<"$old" ;;
      esac
    done
  } | put_section "Long run"
}

for part in "$@"; do
  case " ${parts[*]} " in
    *" $part "*) ;;
    *) echo "tests/run.sh --long: no part $part; there are ${parts[*]}" >&2; exit 2 ;;
  esac
done
(($#)) || set -- "${parts[@]}"

mkdir -p build
step "install what is missing" debian/install_build_deps.sh || exit 1
for part in "$@"; do
  : >build/long_rows
  "long_$part"
  record "$part"
done
report
((${#failed[@]} == 0))
