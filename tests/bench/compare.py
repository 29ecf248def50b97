#!/usr/bin/python3
"""Measures xbusd beside nats-server, ejabberd and prosody in one run, with `xbus bench` as the load.

    tests/bench/compare.py                  # brokered calls on each server, the start of `xbus call`, and a tab in bash
    tests/bench/compare.py --idle           # memory of idle sessions
    tests/bench/compare.py --xload FOLDER   # with the neutral generator, which is built in that folder, beside ours

Every repetition visits all servers in turn, so a ratio is of runs made seconds apart. As root, servers and load have
real-time priority; with two processors or more the servers have the first and the load the second. The figures
replace their sections of tests/RESULTS.md, and the plot tests/bench/compare.svg, or those below --out. A run with a
failed call records nothing and ends with 1."""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import brokered  # noqa: E402
import call_start  # noqa: E402
import idle  # noqa: E402
import peers  # noqa: E402
import plot  # noqa: E402
import record  # noqa: E402
import tab  # noqa: E402
from harness import process  # noqa: E402


def options(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", default=",".join(peers.KINDS), help="of the brokered calls, by comma")
    parser.add_argument("--cases", default=",".join(brokered.CASES), help="likewise")
    parser.add_argument("--reps", type=int, default=5, help="repetitions of each case")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    parser.add_argument("--warm-up", type=float, default=0.5, help="seconds before each")
    parser.add_argument("--xload", metavar="FOLDER", help="measure by the neutral generator too")
    parser.add_argument("--calls", type=int, default=40, help="runs of `xbus call` and `busctl call` each, and of each tab")
    parser.add_argument("--sessions", type=int, default=10_000, help="of --idle")
    parser.add_argument("--brokered", action="store_true", help="only the brokered calls")
    parser.add_argument("--call", action="store_true", help="only the start of `xbus call`")
    parser.add_argument("--idle", action="store_true", help="only idle sessions")
    parser.add_argument("--tab", action="store_true", help="only a tab of bash's completion")
    parser.add_argument("--no-rt", action="store_true", help="no real-time priority, even as root")
    parser.add_argument("--out", default=os.path.dirname(HERE), help="the folder with RESULTS.md and bench/compare.svg")
    chosen = parser.parse_args(words)
    if not (chosen.brokered or chosen.call or chosen.idle or chosen.tab):
        chosen.brokered = chosen.call = chosen.tab = True
    return chosen


def measure(chosen, folder):
    """Prints and records what was asked for; True when no call failed."""
    bench = peers.Bench(folder, real_time=not chosen.no_rt)
    results = record.Results(os.path.join(chosen.out, "RESULTS.md"), record.machine(bench))
    if chosen.brokered:
        found = brokered.run(bench, chosen)
        if not found.good:
            return False
        results.write("Compare", brokered.text(found, chosen))
        path = os.path.join(chosen.out, "bench", "compare.svg")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(plot.svg(found))
    if chosen.call:
        results.write("Start of a call", call_start.text(call_start.run(bench, chosen.calls)))
    if chosen.tab:
        results.write("A tab", tab.text(tab.run(bench, chosen.calls)))
    if chosen.idle:
        results.write("Idle sessions", idle.text(idle.run(bench, chosen.sessions)))
    return True


def main(words=None):
    chosen = options(words)
    process.install_cleanup()
    with tempfile.TemporaryDirectory(prefix="xbus-compare-") as folder:
        process.remove_at_end(folder)
        try:
            return 0 if measure(chosen, folder) else 1
        finally:
            process.stop_all()


if __name__ == "__main__":
    sys.exit(main())
