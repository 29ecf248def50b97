"""Calls from connection to connection through each server: its CPU a call, and how long a call takes."""
import statistics
import sys
from dataclasses import dataclass, field

import peers

BASELINE = "nats"
AGREEMENT = 0.15  # that the ratios of both generators may differ by


@dataclass(frozen=True)
class Case:
    callers: int
    outstanding: int
    echoes: int
    tls: bool


CASES = {"1x1": Case(1, 1, 1, False), "8x16": Case(8, 16, 2, False),
         "1x1-tls": Case(1, 1, 1, True), "8x16-tls": Case(8, 16, 2, True)}


@dataclass
class Found:
    """rows[case][server]: one dictionary a repetition; neutral likewise, by the neutral generator."""

    rows: dict = field(default_factory=dict)
    neutral: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    good: bool = True

    def median(self, case, server, key, rows=None):
        return statistics.median(row[key] for row in (rows or self.rows)[case][server])

    def ratios(self, case, server, key, rows=None):
        """Median, least and most of server / baseline, of runs made in turn; None without a baseline."""
        table = (rows or self.rows).get(case, {})
        pairs = zip(table.get(server, ()), table.get(BASELINE, ()))
        found = [mine[key] / base[key] for mine, base in pairs if base[key] > 0]
        return (statistics.median(found), min(found), max(found)) if found else None


def run(bench, chosen):
    names, cases = chosen.servers.split(","), chosen.cases.split(",")
    absent = peers.missing(names)
    if absent:
        raise SystemExit(f"not installed or not built: {', '.join(absent)}")
    found = Found()
    started = []
    try:
        for name in names:
            started.append(peers.Peer(bench, name))
            found.versions[name] = started[-1].version()
        for rep in range(chosen.reps):
            for case in cases:
                for peer in started:
                    once(found, peer, case, rep, chosen)
    finally:
        for peer in started:
            peer.stop()
    return found


def once(found, peer, case, rep, chosen):
    try:
        row = peer.load(CASES[case], chosen.seconds, chosen.warm_up)
        found.rows.setdefault(case, {}).setdefault(peer.name, []).append(row)
        told = f"{row['rate']:9.0f} calls/s, {row['cpu']:8.2f} us CPU a call, p50 {row['p50']:7.1f} us"
        if chosen.xload:
            row = peer.neutral_load(chosen.xload, CASES[case], chosen.seconds, chosen.warm_up)
            found.neutral.setdefault(case, {}).setdefault(peer.name, []).append(row)
            told += f"; xload {row['cpu']:.2f}, {row['p50']:.0f}"
    except peers.Failed as failure:
        found.good = False
        told = f"FAILED: {failure}"
    print(f"{rep + 1}/{chosen.reps} {case:9} {peer.name:9} {told}", file=sys.stderr, flush=True)


def spread(ratio):
    return "{:.2f} ({:.2f} to {:.2f})".format(*ratio) if ratio else "-"


def text(found, chosen):
    """The section of RESULTS.md, which is printed too."""
    lines = [f"Servers: {', '.join(found.versions.values())}. Medians of {chosen.reps} runs of {chosen.seconds:g} s in turn, calls of",
             "100 bytes there and back; a case is callers x calls in flight of each. Ratios are of runs made in turn, least to most.", "",
             "| case | server | calls/s | p50 us | p99 us | server CPU us a call | CPU / NATS | p50 / NATS |",
             "|---|---|---|---|---|---|---|---|"]
    for case, servers in found.rows.items():
        for name in servers:
            cells = [case, name, *(form.format(found.median(case, name, key)) for key, form in
                                   (("rate", "{:.0f}"), ("p50", "{:.1f}"), ("p99", "{:.1f}"), ("cpu", "{:.2f}"))),
                     *("1" if name == BASELINE else spread(found.ratios(case, name, key)) for key in ("cpu", "p50"))]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines + neutral_text(found)) + "\n"


def neutral_text(found):
    """Whether the neutral generator says the same of xbusd and NATS."""
    lines = []
    for case in found.neutral:
        for key, name in (("cpu", "server CPU"), ("p50", "p50")):
            ours, theirs = (found.ratios(case, "xbusd", key, rows) for rows in (found.rows, found.neutral))
            if not ours or not theirs:
                continue
            difference = ours[0] / theirs[0] - 1
            verdict = "agree" if abs(difference) <= AGREEMENT else "DIFFER"
            lines.append(f"| {case} | {name} | {spread(ours)} | {spread(theirs)} | {round(difference * 100):+d} %, {verdict} |")
    if not lines:
        return []
    return ["", f"xbusd / NATS by `xbus bench` and by xload, the neutral generator; they agree within {AGREEMENT:.0%} or differ.", "",
            "| case | what | xbus bench | xload | |", "|---|---|---|---|---|", *lines]
