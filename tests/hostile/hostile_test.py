"""Hostile peers against a live xbusd, a component connection, the registry and the library's client.

    hostile_test.py [WORD...]    runs the cases whose theme or name holds one of the words, or all

The cases are data: see script.py for what a row means. While a theme runs, an honest pair on the same xbusd goes on
calling; after each theme its rate must have held, none of its calls may have failed, and xbusd's memory and
descriptors must be back.
"""
import concurrent.futures
import os
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
import proof  # noqa: E402
from beside import BesideBus  # noqa: E402
from bus import FewBus, HostileBus  # noqa: E402
from harness import process  # noqa: E402
from script import Case, Run  # noqa: E402
import cases_before_login  # noqa: E402
import cases_beside  # noqa: E402
import cases_client  # noqa: E402
import cases_client_resume  # noqa: E402
import cases_client_session  # noqa: E402
import cases_component  # noqa: E402
import cases_doors  # noqa: E402
import cases_flood  # noqa: E402
import cases_monitor  # noqa: E402
import cases_presence  # noqa: E402
import cases_registry  # noqa: E402
import cases_sasl2  # noqa: E402
import cases_resume  # noqa: E402
import cases_service  # noqa: E402
import cases_stanza  # noqa: E402
import cases_storms  # noqa: E402
import cases_topics  # noqa: E402
import cases_trouble  # noqa: E402
import cases_xml  # noqa: E402

CASES_MIN = 250
KINDS = {
    "usual": (HostileBus, ""),
    "slow": (HostileBus, cases_flood.SLOW_CONFIGURATION),
    "full": (HostileBus, ""),  # its disk becomes full
    "few": (FewBus, ""),
    "beside": (BesideBus, ""),  # Prosody, with the registry as a component
}
THEMES = [
    *cases_before_login.THEMES,
    *cases_sasl2.THEMES,
    *cases_xml.THEMES,
    *cases_stanza.THEMES,
    *cases_presence.THEMES,
    *cases_monitor.THEMES,
    *cases_topics.THEMES,
    *cases_component.THEMES,
    *cases_registry.THEMES,
    *cases_service.THEMES,
    *cases_doors.THEMES,
    *cases_resume.THEMES,
    *cases_flood.THEMES,
    *cases_storms.THEMES,
    *cases_trouble.THEMES,
    *cases_beside.THEMES,
    *cases_client.THEMES,
    *cases_client_session.THEMES,
    *cases_client_resume.THEMES,
]
AT_ONCE = 6


def chosen(words):
    """The themes with their cases, each numbered, and the kind of xbusd that each needs."""
    out, index = [], 0
    for title, rows, *kind in THEMES:
        cases = [Case(*row) for row in rows]
        for case in cases:
            case.index = index
            index += 1
        if words:
            cases = [case for case in cases if any(word in title or word in case.name for word in words)]
        if cases:
            out.append((title, cases, kind[0] if kind else "usual"))
    names = [case.name for _, cases, _ in out for case in cases]
    doubles = {name for name in names if names.count(name) > 1}
    assert not doubles, f"two cases of one name: {doubles}"
    return out, index


def play(bus, case):
    """Nothing, or why it failed."""
    run = Run(bus, case)
    try:
        run.play()
    except Exception as error:  # whatever goes wrong is the case's
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{run.doing}: {type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"
    return None


def run_theme(bus, title, cases, failures):
    """When it and each of its cases ran."""
    def timed(case):
        began = time.monotonic()
        return play(bus, case), began, time.monotonic()

    times = {}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for case, (why, *its) in zip(cases, pool.map(timed, cases)):
            times[case.name] = its
            if why:
                failures.append(f"{title}: {case.name} [{case.rule}, {case.place}]: {why}")
                print(f"FAILED {failures[-1]}", flush=True)
    return times


def run_themes(folder, make, configuration, themes):
    """The themes against a server of their own; what went wrong."""
    failures = []
    os.makedirs(folder)
    bus = make(folder, [case for _, cases in themes for case in cases], configuration).start()
    proofs = proof.Proof(bus, folder)
    for title, cases in themes:
        if not bus.process.alive():
            break
        proofs.begin()
        times = run_theme(bus, title, cases, failures)
        found, wrong = proofs.end(times)
        seconds = max(end for _, end in times.values()) - min(began for began, _ in times.values())
        failures += [f"{title}: {line}" for line in wrong]
        for line in wrong:
            print(f"FAILED {title}: {line}", flush=True)
        print(f"{len(cases):4d} cases in {seconds:5.1f} s  {title}; {found}", flush=True)
    failures += (logged := proofs.logs())
    for line in logged:
        print(f"FAILED {line}", flush=True)
    proofs.close()
    if not bus.process.alive():
        failures.append(f"{bus.process.name} has ended")
    elif status := bus.stop():
        failures.append(f"{bus.process.name}, or the agent on it, ended with {status}")
    if failures:
        print(bus.process.tail(100))
    return failures


def main():
    themes, in_all = chosen(sys.argv[1:])
    process.install_cleanup()
    failures = []
    with tempfile.TemporaryDirectory(prefix="xbus-hostile-") as folder:
        process.remove_at_end(folder)
        began = time.monotonic()
        for kind, (make, configuration) in KINDS.items():
            of_kind = [(title, cases) for title, cases, its in themes if its == kind]
            if of_kind:
                failures += run_themes(os.path.join(folder, kind), make, configuration, of_kind)
    count = sum(len(cases) for _, cases, _ in themes)
    print(f"{count} cases in {time.monotonic() - began:.0f} s, {len(failures)} failed")
    for line in failures:
        print(f"  {line}")
    if in_all < CASES_MIN:
        failures.append("too few")
        print(f"there must be at least {CASES_MIN} cases, there are {in_all}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
