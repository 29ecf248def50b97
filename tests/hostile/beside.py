"""The registry as a component beside Prosody: what a hostile session meets there is what it meets on xbusd."""
import os

from bus import PAIR, HostileBus
from harness.process import Process
from harness.prosody import Prosody
from harness.server import COMPONENT_SECRET, PASSWORD
from harness.xbusd import program

REGISTRY = "services.localhost"


class BesideBus(Prosody):
    """What is watched is the registry's process: Prosody's own memory is its own affair."""

    plain = True
    start_seconds = 120
    password = PASSWORD
    component_secret = COMPONENT_SECRET
    component_count = 1
    programs = {}
    call_seconds_max = 5  # Prosody works off what it has read from others first

    def __init__(self, folder, cases, more=""):
        accounts = list(PAIR) + [f"{actor}{case.index}" for case in cases for actor in case.actors()]
        super().__init__(folder, accounts)
        self.before = {}

    def start(self):
        super().start()
        self.prosody = self.process
        self.process = Process(
            "xbus-registry", [program("xbus-registry"), "--server", f"tcp://127.0.0.1:{self.component_port}", "--domain", REGISTRY,
                              "--claim", "first", "--data", os.path.join(self.folder, "registry.db")],
            os.path.join(self.folder, "registry.log"),
            env={**os.environ, **HostileBus.sanitizers, "XBUS_COMPONENT_SECRET": self.components[REGISTRY]})
        self.process.wait_logged("registry is up", 60)
        return self

    def stop(self):
        status = self.process.stop()
        self.prosody.stop()
        return status

    descriptors = HostileBus.descriptors
    memory = HostileBus.memory
