#!/usr/bin/env bash
# Installs what a build needs and the machine lacks, by debian/control: `install_build_deps.sh [nocheck]`, where nocheck
# leaves out what only the tests need. Does nothing, and needs no root, when all is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=()
[ "${1-}" = nocheck ] && profile=(-P nocheck)

if command -v dpkg-checkbuilddeps >/dev/null && dpkg-checkbuilddeps "${profile[@]}" 2>/dev/null; then
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  root=(env)
else
  command -v sudo >/dev/null || { echo "build dependencies are missing; run this as root or install sudo" >&2; exit 1; }
  root=(sudo env)
fi

# The servers that tests start on free ports must not also come up as services of this machine.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${root[@]}" chmod 755 /usr/sbin/policy-rc.d
  trap '"${root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
fi
"${root[@]}" apt-get update -qq
"${root[@]}" DEBIAN_FRONTEND=noninteractive \
  apt-get build-dep -y -qq -o Dpkg::Use-Pty=0 "${profile[@]}" ./ >&2
