"""What a tab takes in bash: from the call of the completion function to its candidates, on a bus that is known already.

Beside it, in turn, the same function with /bin/true in the place of xbus: what the shell and the kernel take for any
program, so that a machine under load is told apart from a slow completion."""
import os
import re
import statistics
import subprocess
from dataclasses import dataclass

from harness.process import Process
from harness.waiting import poll
from harness.xbusd import Xbusd, program

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "..", "..", "services", "xbus", "completion", "xbus.bash")
AIM_MS = 50
# Each line is typed up to where the tab is hit; the candidates that must come.
LINES = {"xbus call ag": "agent", "xbus call agent lo": "load", "xbus des": "describe"}
SHELL = r"""
source "$1"; line=$2; runs=$3; word=${line##* }
[ "$word" ] || word=
tab() { COMP_LINE=$line COMP_POINT=${#line}; local begun=${EPOCHREALTIME/[.,]/}; _xbus xbus "$word" ""; took=$((${EPOCHREALTIME/[.,]/} - begun)); }
for ((i = 0; i < runs; i++)); do
  tab; echo "$took ${COMPREPLY[*]}"
  xbus() { /bin/true; }; tab; echo "$took"; unset -f xbus
done
"""


@dataclass
class Found:
    """Milliseconds of each tab, in turn with those of the program that does nothing; by line."""

    tabs: dict
    nothing: dict

    def median(self, line):
        return statistics.median(self.tabs[line])

    def limit(self, line):
        """The aim, or on a machine under load so much more as that program takes longer than a quiet machine's 2 ms."""
        return AIM_MS * max(1, statistics.median(self.nothing[line]) / 2)


def measured(env, line, runs):
    """Of one line: the tabs, and those that do nothing. Raises where a candidate is missing."""
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", SHELL, "bash", SCRIPT, line, str(runs)], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, timeout=300)
    rows = done.stdout.splitlines()
    for row in rows[0::2]:
        if LINES[line] not in row.split()[1:]:
            raise RuntimeError(f"a tab behind {line!r} gives {row!r}")
    return [int(row.split()[0]) / 1000 for row in rows[0::2]], [int(row) / 1000 for row in rows[1::2]]


def run(bench, runs):
    server = bench.started(Xbusd, "tab")
    env = {name: value for name, value in os.environ.items() if not re.match("XBUS_(?!BUILD)", name)}
    env.update(XDG_RUNTIME_DIR=server.run_folder, XDG_CONFIG_HOME=server.folder, XDG_CACHE_HOME=server.folder,
               PATH=os.path.dirname(program("xbus")) + ":" + os.environ["PATH"])
    Process("agent", [*bench.for_servers, program("xbus-agent")], os.path.join(server.folder, "agent.log"), env=env)

    def warm():
        try:
            return all(measured(env, line, 1) for line in LINES)
        except RuntimeError:
            return False

    poll(warm, 20, "what is on the bus is known")
    found = Found({}, {})
    with bench.as_load():
        for line in LINES:
            found.tabs[line], found.nothing[line] = measured(env, line, runs)
    return found


def text(found):
    lines = [f"bash's completion on a known bus, medians of {len(next(iter(found.tabs.values())))} tabs, in turn with the same "
             f"function around /bin/true. The aim is {AIM_MS} ms.", "",
             "| line, then a tab | ms | slowest | /bin/true ms |", "|---|---|---|---|"]
    for line, tabs in found.tabs.items():
        lines.append(f"| `{line}` | {statistics.median(tabs):.1f} | {max(tabs):.1f} | {statistics.median(found.nothing[line]):.1f} |")
    return "\n".join(lines) + "\n"
