# What takes longer than a change can wait for: sourced by `tests/run.sh --long`. Its figures replace the section "Long run"
# of tests/RESULTS.md, with date and commit. FUZZ_SECONDS is the time of each fuzzer, 600 unless set.
results=$(mktemp)
trap 'rm -f "$results"' EXIT
fuzz_seconds=${FUZZ_SECONDS:-600}

note() { printf '%s\n' "$*" >>"$results"; }

# noted NAME COMMAND...: a step whose outcome is a row of the results.
noted() {
  local from=$SECONDS outcome=passed name=$1
  step "$@" || outcome=FAILED
  note "| $name | $outcome | $((SECONDS - from)) s |"
  [ $outcome = passed ]
}

run_preset() { ctest --test-dir "build/$1" -L unit -j"$jobs" --output-on-failure --no-tests=error; }

# What decides by memory that nobody has written: ASan does not see that.
run_valgrind() {
  local name
  for name in bus_xml bus_xmpp bus_client rpc; do
    XBUS_MUTATIONS=500 valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
      "build/release/bin/test_$name" --gtest_brief=1 >"build/valgrind_$name.log" 2>&1 ||
      { tail -n 60 "build/valgrind_$name.log"; return 1; }
  done
}

note_fuzzers() {
  local name
  for name in $(xargs -n 1 basename <build/fuzzers); do
    note "| | $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log") inputs | |"
  done
}

run_benches() {
  local bench found=
  for bench in build/release/bin/bench_*; do
    [ -x "$bench" ] || continue
    found=1
    "$bench" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true 2>&1 | tee -a build/bench.txt ||
      return 1
  done
  [ "$found" ] || { echo "no benchmarks found"; return 1; }
}

record() {
  local file=tests/RESULTS.md kept
  [ -f "$file" ] || printf '# Results\n' >"$file"
  kept=$(sed '/^## Long run$/,/^<!-- end of long run -->$/d' "$file")
  {
    printf '%s\n\n## Long run\n\n' "$kept"
    printf '%s, commit %s, %s, %s cores. Made by `tests/run.sh --long`.\n\n' "$(date -u +%F)" \
      "$(git rev-parse --short HEAD)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$jobs"
    printf '| step | outcome | time |\n|---|---|---|\n'
    cat "$results"
    if [ -s build/bench.txt ]; then
      # shellcheck disable=SC2016  # literal backticks of the fence
      printf '\n```\n%s\n```\n' "$(cat build/bench.txt)"
    fi
    printf '\n<!-- end of long run -->\n'
  } >"$file.new"
  mv "$file.new" "$file"
}

mkdir -p build/fuzz
: >build/bench.txt
step "install what is missing" debian/install_build_deps.sh || exit 1
noted "release: build everything" build_all release
noted "bench" run_benches
noted "clang: build everything" build_all clang && noted "clang: unit tests" run_preset clang
noted "tsan: build the core's tests" build_core tsan && noted "tsan: run them" run_core tsan
noted "valgrind: unit tests" run_valgrind
noted "asan: build what is attacked" build_attacked asan && noted "asan: hostile peers" run_hostile asan
if noted "fuzz: build" build_fuzz; then
  noted "fuzz: $fuzz_seconds s each" run_fuzzers "$fuzz_seconds"
  note_fuzzers
fi
printf '\n==== long plays\n'
ctest --test-dir build/release -C Long -L long --output-on-failure --no-tests=error
plays=$?
note "| long plays | $([ $plays = 0 ] && echo passed || echo FAILED) | |"
record
report
((plays == 0 && ${#failed[@]} == 0))
