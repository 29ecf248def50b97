#!/usr/bin/env bash
# From a bare Debian 12 to a typed call: installs what a build needs, builds the programs, starts a bus and the agent in
# a folder of its own, lists, describes and calls it, and stops both. Ends with 0 if the call was answered.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }

step "1. What the build needs"
debian/install_build_deps.sh nocheck

step "2. Build: xbusd, xbus, xbus-agent"
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
cmake --preset release -DXBUS_TESTS=OFF >&2
cmake --build --preset release --target xbusd xbus-cli xbus-agent >&2
PATH=$PWD/build/release/bin:$PATH

# A bus of its own: nothing of this user's own bus, if there is one, is touched.
home=$(mktemp -d)
export XDG_RUNTIME_DIR=$home/run XDG_STATE_HOME=$home/state XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config
mkdir -m 700 "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME"
unset XBUS_BUS
pids=()
stop() {
  local status=$?
  trap - EXIT
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ "$status" != 0 ]; then
    for log in "$home"/*.log; do [ -f "$log" ] && { echo "--- $(basename "$log")"; tail -n 40 "$log"; } >&2; done
  fi
  rm -rf "$home"
  exit "$status"
}
trap stop EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# until_ok SECONDS COMMAND...: asks again until COMMAND succeeds, at most for so long, or until a program has ended.
until_ok() {
  local deadline=$((SECONDS + $1)) pid
  shift
  until "$@" >/dev/null 2>&1; do
    for pid in "${pids[@]}"; do
      kill -0 "$pid" 2>/dev/null || { echo "a program ended early" >&2; return 1; }
    done
    ((SECONDS < deadline)) || { echo "not ready in time: $*" >&2; return 1; }
    read -rt 0.05 <> <(:) || true
  done
}

step "3. Start the bus and a service"
xbusd 2>"$home/xbusd.log" &
pids+=($!)
until_ok 20 xbus ping
xbus-agent 2>"$home/agent.log" &
pids=("$!" "${pids[@]}")
until_ok 20 xbus describe agent

step "4. Who is on the bus?  xbus list"
xbus list
step "5. What does it offer?  xbus describe agent"
xbus describe agent
step "6. A typed call:        xbus call agent interfaces"
xbus call agent interfaces
