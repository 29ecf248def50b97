"""A server with a registry, services and callers on it: what the plays about real services have in common."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "interop")]
import peers  # noqa: E402
from harness import waiting  # noqa: E402
from harness.xbusd import program  # noqa: E402

main = peers.main
REGISTRY = "services.localhost"


class World(peers.PeerPlay):
    """On xbusd the registry is inside; beside another server it is the component xbus-registry."""

    accounts = ("agent", "worker", "alice", "caller")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_process = None
        cls.addClassCleanup(lambda: cls.registry_process and cls.registry_process.stop())
        cls.start_registry()

    @classmethod
    def start_registry(cls):
        if cls.server.name == "xbusd":
            return
        folder = os.path.join(cls.folder, "registry")
        os.makedirs(folder, exist_ok=True)
        cls.registry_process = peers.play.process.Process(
            "xbus-registry",
            [program("xbus-registry"), "--server", f"tcp://127.0.0.1:{cls.server.component_port}", "--domain", REGISTRY,
             "--claim", "first", "--data", os.path.join(folder, "registry.db")],
            os.path.join(folder, "log"),
            env={**os.environ, "XBUS_COMPONENT_SECRET": cls.server.components[REGISTRY]})

    # ---- who may speak to the bus, and how ----

    def credentials(self, account, scheme="xmpp"):
        """The environment in which an xbus program logs in as `account` by SCRAM under TLS."""
        port = self.server.port if scheme == "xmpp" else self.server.tls_port
        return {**os.environ, "XBUS_BUS": f"{scheme}://{account}@localhost:{port}",
                "XBUS_PASSWORD": self.server.accounts[account],
                "HOME": self.folder, "LC_ALL": "C.UTF-8"}

    def xbus(self, *words, account="alice", scheme="xmpp", status=0, seconds=30):
        """What `xbus WORDS` prints, as JSON where it is; its exit status must be as said."""
        done = subprocess.run([program("xbus"), "--ca", self.server.ca_file, *words], env=self.credentials(account, scheme), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds)
        self.assertEqual(done.returncode, status, f"xbus {' '.join(words)}: {done.stdout}{done.stderr}")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def agent(self, scheme="xmpp"):
        return self.start("agent", [program("xbus-agent"), "--ca", self.server.ca_file], env=self.credentials("agent", scheme))

    def worker(self, instance):
        """One more instance of the service `work`, listed."""
        worker = self.own("work_service", "worker", resource=instance, runs=os.path.join(self.folder, "runs"))
        worker.wait_line("ready ", 30)
        return worker

    def own(self, name, account, **told):
        """A play's own program, told as the peers are."""
        variables = {"BUS": f"xmpp://localhost:{self.server.port}", "ACCOUNT": account, "DOMAIN": "localhost",
                     "PASSWORD": self.server.accounts[account], "CA_FILE": self.server.ca_file,
                     **{key.upper(): str(value) for key, value in told.items()}}
        return self.start(name, [program("play_" + name)],
                          env={**os.environ, **{"PEER_" + key: value for key, value in variables.items()}})

    # ---- what is true ----

    def listed(self, service):
        """The ids of the live instances, as `xbus list` says."""
        for entry in self.xbus("list"):
            if entry["name"] == service:
                return {instance["id"] for instance in entry["instances"]}
        return set()

    def await_listed(self, service, expected, seconds=40):
        def look():
            self.assertEqual(self.listed(service), set(expected))
            return True

        waiting.poll(look, seconds, f"{service} is listed with {sorted(expected)}", every=0.5)

    def runs(self):
        """How often each call ran."""
        counts = {}
        with open(os.path.join(self.folder, "runs"), encoding="ascii") as f:
            for line in f:
                counts[line.strip()] = counts.get(line.strip(), 0) + 1
        return counts


class CallLine:
    """A caller's line of one call; times are of the monotonic clock."""

    def __init__(self, line):
        _, self.id, started, ended, self.outcome, self.instance = line.split()
        self.started, self.ended = float(started), float(ended)

    def __repr__(self):
        return f"{self.id} {self.started:.3f}-{self.ended:.3f} {self.outcome} {self.instance}"


def calls_of(caller):
    with open(caller.log, encoding="utf-8") as f:
        return [CallLine(line) for line in f if line.startswith("call ")]
