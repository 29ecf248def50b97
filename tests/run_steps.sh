# shellcheck shell=bash
# What tests/run.sh and tests/run_long.sh are made of: both source it, from the top of the tree.
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

configure() {  # configure PRESET OPTIONS...
  cmake --preset "$@" >"build/configure_$1.log" 2>&1 || { cat "build/configure_$1.log"; return 1; }
}

# One configuration of a folder, whatever is built in it: another one would have what it does not know built again.
configure_all() { configure "$1" -DXBUS_PROGRAMS=ON -DXBUS_TESTS=ON; }  # configure_all PRESET

# The programs of the core's tests, which the sanitizers run: no services, no scripts.
core_tests() {
  ninja -C "$1" -t targets all | sed -n 's/^\(test_bus[a-z_]*\|test_rpc[a-z_]*\): phony$/\1/p'
}

build_core() {  # build_core PRESET
  local targets
  configure_all "$1" || return
  mapfile -t targets < <(core_tests "build/$1")
  ((${#targets[@]})) || { echo "no tests of the core found"; return 1; }
  cmake --build "build/$1" -j"$jobs" -- -k 0 "${targets[@]}"
}

run_core() {  # run_core PRESET
  ctest --test-dir "build/$1" -L unit -R '^(bus|rpc).*$' -j"$jobs" --output-on-failure --no-tests=error
}

build_all() {  # build_all PRESET
  configure_all "$1" || return
  cmake --build "build/$1" -j"$jobs" -- -k 0
}

# What the plays and the hostile peers drive: the same objects as the core's tests, and the programs'.
build_driven() {  # build_driven PRESET
  local targets
  configure_all "$1" || return
  mapfile -t targets < <(ninja -C "build/$1" -t targets all | sed -n 's/^\(\(play\|peer\)_[a-z_]*\): phony$/\1/p')
  cmake --build "build/$1" -j"$jobs" --target xbusd xbus-cli xbus-agent xbus-registry xbus-ticker "${targets[@]}"
}

# The plays on xbusd: callers, services and foreign programs, kills, restarts and lost connections.
run_plays() {  # run_plays PRESET
  ctest --test-dir "build/$1" -L play -j"$jobs" --output-on-failure --no-tests=error
}

run_hostile() {  # run_hostile PRESET
  XBUS_BUILD=$PWD/build/$1 PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/hostile/hostile_test.py
}

build_fuzz() {
  configure fuzz || return
  cmake --build build/fuzz -j"$jobs" -- -k 0
}

run_fuzzer() {  # run_fuzzer PROGRAM SECONDS
  local name corpora
  name=$(basename "$1")
  corpora=("build/corpus/$name" "tests/fuzz/corpus/${name%_fuzz}")  # what the fuzzer finds goes into the first
  mkdir -p "${corpora[0]}"
  if "$1" -max_total_time="$2" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/" \
    "${corpora[@]}" >"build/fuzz/$name.log" 2>&1; then
    printf '%-24s %9s inputs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")"
  else
    printf '%-24s FAILED\n' "$name"
    tail -n 60 "build/fuzz/$name.log"
    return 1
  fi
}

# Every fuzzer, as many at a time as there are cores.
run_fuzzers() {  # run_fuzzers SECONDS
  export -f run_fuzzer
  compgen -G 'build/fuzz/bin/*_fuzz' >build/fuzzers || { echo "no fuzzers found"; return 1; }
  xargs -P "$jobs" -I{} bash -c 'run_fuzzer "$@"' bash {} "$1" <build/fuzzers
}
