"""What a session that does nothing costs a new xbusd: resident memory, in clear and under TLS."""
import os
from dataclasses import dataclass

import peers
from harness.server import PASSWORD
from harness.xbusd import Xbusd, program


@dataclass
class Row:
    name: str
    sessions: int
    kib: float
    resident_mib: float


def run(bench, sessions):
    rows = []
    for name, tls in (("plain", False), ("TLS", True)):
        server = bench.started(Xbusd, "idle-" + name.lower())
        env = {**os.environ, "XBUS_PASSWORD": PASSWORD}
        env.pop("XBUS_BUS", None)
        found = peers.run_json(
            [*bench.for_load, program("xbus"), "bench", *peers.bench_address("xbusd", server, tls),
             "--idle", str(sessions), "--time", "3", "--timeout", "60", "--server-pid", str(server.process.pid)],
            env, 540)
        server.stop()
        rows.append(Row(name, found["sessions"], found["server"]["kib_per_session"], found["server"]["resident_kib"] / 1024))
    return rows


def text(rows):
    return "\n".join(["Resident memory of xbusd with so many idle sessions, less that before the first, a session.", "",
                      "| idle sessions | xbusd KiB each | xbusd MiB |", "|---|---|---|",
                      *(f"| {row.sessions} {row.name} | {row.kib:.2f} | {row.resident_mib:.0f} |" for row in rows)]) + "\n"
