"""The servers that are compared, started alike, and how the load generators reach them."""
import contextlib
import json
import os
import shutil
import subprocess

from harness.ejabberd import Ejabberd
from harness.nats import Nats, NatsTls
from harness.prosody import Prosody
from harness.server import PASSWORD
from harness.xbusd import Xbusd, program

ACCOUNTS = 10  # u0 to u9; connections take them in turn
KINDS = {"xbusd": Xbusd, "nats": Nats, "ejabberd": Ejabberd, "prosody": Prosody}
PACKAGES = {"nats": "nats-server", "ejabberd": "ejabberd", "prosody": "prosody"}


class Failed(Exception):
    """A measurement that gave no figures."""


class Bench:
    """Where servers and load run, and with what priority."""

    def __init__(self, folder, real_time=True):
        self.folder = folder
        self.cpus = sorted(os.sched_getaffinity(0))
        self.real_time = real_time and self._real_time_works()

    def _real_time_works(self):
        return os.geteuid() == 0 and subprocess.run(["chrt", "-r", "5", "true"], stdout=subprocess.DEVNULL,
                                                    stderr=subprocess.DEVNULL).returncode == 0

    def _prefix(self, cpu):
        pinned = ["taskset", "-c", str(cpu)] if len(self.cpus) > 1 else []
        return (["chrt", "-r", "5"] if self.real_time else []) + pinned

    @property
    def for_servers(self):
        return self._prefix(self.cpus[0])

    @property
    def for_load(self):
        return self._prefix(self.load_cpu)

    @property
    def load_cpu(self):
        return self.cpus[min(1, len(self.cpus) - 1)]

    @contextlib.contextmanager
    def as_load(self):
        """This program itself, and what it starts, runs as load: without the time that chrt and taskset take."""
        os.sched_setaffinity(0, {self.load_cpu})
        if self.real_time:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
        try:
            yield
        finally:
            if self.real_time:
                os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
            os.sched_setaffinity(0, set(self.cpus))

    def conditions(self):
        """For the reader of the figures."""
        where = "servers on one processor, the load on another" if len(self.cpus) > 1 else "all on one processor"
        return where + (", real-time priority" if self.real_time else ", no real-time priority")

    def started(self, kind, name=None):
        """A new server of this kind, running; its folder bears the name."""
        base = os.path.join(self.folder, name or kind.name)
        os.makedirs(base, exist_ok=True)
        plain = type(kind.__name__, (kind,), {"plain": True})
        server = plain(base, [f"u{i}" for i in range(ACCOUNTS)])
        server.prefix = self.for_servers
        return server.start()


class Peer:
    """A server in clear and under TLS. NATS is two processes for that, the others are one."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        kind = KINDS[name]
        self.plain = bench.started(kind)
        self.secured = bench.started(NatsTls) if kind is Nats else self.plain

    def server(self, tls):
        return self.secured if tls else self.plain

    def load(self, case, seconds, warm_up):
        """What `xbus bench` finds. Raises Failed, which any failed call is too."""
        server = self.server(case.tls)
        env = {**os.environ, "XBUS_PASSWORD": PASSWORD}
        for name in ("XBUS_BUS", "XBUS_CA", "XBUS_PIN"):
            env.pop(name, None)
        command = [*self.bench.for_load, program("xbus"), "bench", *bench_address(self.name, server, case.tls),
                   "--callers", str(case.callers), "--outstanding", str(case.outstanding),
                   "--echoes", str(case.echoes), "--time", str(seconds), "--warm-up", str(warm_up),
                   "--server-pid", str(server.process.pid)]
        found = run_json(command, env, seconds)
        if found["errors"] or found["stopped"] or not found["calls"]:
            raise Failed(f"{found['errors']} errors of {found['calls']} calls: {found['outcomes']}")
        return {"rate": found["rate"], "p50": found["latency_us"]["p50"], "p99": found["latency_us"]["p99"],
                "cpu": found["server"]["cpu_us_per_call"], "load_cpu": found["own_cpu_us_per_call"]}

    def neutral_load(self, folder, case, seconds, warm_up):
        """The same by the neutral generator."""
        server = self.server(case.tls)
        nats = self.name == "nats"
        port = server.port if nats or case.tls else server.plain_port
        who = [] if nats else ["--domain", "localhost", "--user", "u%d", "--users", str(ACCOUNTS), "--password", PASSWORD]
        command = [*self.bench.for_load, os.path.join(folder, "build", "xload"), "--proto", "nats" if nats else "xmpp",
                   "--host", "127.0.0.1", "--port", str(port), *who, "--label", self.name, "--mode", "rpc",
                   "--pids", str(server.process.pid), "--seconds", str(seconds), "--warmup", str(warm_up),
                   "--callers", str(case.callers), "--responders", str(case.echoes), "--outstanding",
                   str(case.outstanding), "--tls", "starttls" if case.tls else "none"]
        found = run_json(command, None, seconds)
        if found["errors"]:
            raise Failed(f"{found['errors']} errors by xload")
        return {"cpu": found["server_us_per_op"], "p50": found["p50_us"]}

    def version(self):
        if self.name == "xbusd":
            return subprocess.run([program("xbusd"), "--version"], stdout=subprocess.PIPE, text=True).stdout.strip()
        package = PACKAGES[self.name]
        told = subprocess.run(["dpkg-query", "-Wf", "${Version}", package], stdout=subprocess.PIPE, text=True).stdout
        return f"{package} {told}".strip()

    def stop(self):
        for server in {id(s): s for s in (self.plain, self.secured)}.values():
            server.stop()


def bench_address(name, server, tls):
    """The options of `xbus bench` for this server."""
    if name == "nats":
        return ["--nats", f"tls://localhost:{server.port}", "--ca", server.ca_file] if tls \
            else ["--nats", f"nats://127.0.0.1:{server.port}"]
    where = ["--bus", f"xmpp://localhost:{server.port}", "--ca", server.ca_file] if tls \
        else ["--bus", f"tcp://127.0.0.1:{server.plain_port}"]
    return [*where, "--account", "u", "--accounts", str(ACCOUNTS)]


def run_json(command, env, seconds):
    try:
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=seconds + 60)
    except subprocess.TimeoutExpired:
        raise Failed("it did not end") from None
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Failed(done.stderr.strip() or f"status {done.returncode}") from None


def missing(names):
    """Of these servers, those that are not installed."""
    programs = {"xbusd": program("xbusd"), "nats": "/usr/sbin/nats-server", "prosody": "prosody", "ejabberd": "erl"}
    return [name for name in names if not shutil.which(programs[name])]
