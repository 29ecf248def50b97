"""The frame of a play: `play.py --server ejabberd [TEST...]` runs its tests against one server."""
import os
import sys
import tempfile
import unittest

from . import process
from .ejabberd import Ejabberd
from .prosody import Prosody
from .xbusd import Xbusd

SERVERS = {kind.name: kind for kind in (Xbusd, Ejabberd, Prosody)}
_chosen = ["xbusd"]


class Play(unittest.TestCase):
    """One server for all tests of a class. Subclasses name their accounts; `self.server` is running in every test."""

    accounts = ("alice", "bob")
    components = ("services.localhost",)

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix=f"xbus-{cls.__name__.lower()}-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        process.remove_at_end(cls.folder)
        cls.server = SERVERS[_chosen[0]](cls.folder, cls.accounts, cls.components)
        cls.addClassCleanup(lambda: cls.server.process and cls.server.stop())
        cls.server.start()

    def setUp(self):
        self.started = []
        self.addCleanup(self._stop_started)

    def _stop_started(self):
        for peer in reversed(self.started):
            peer.stop()
        if not self._outcome.success:
            for peer in self.started + [self.server.process]:
                print(peer.tail(60), file=sys.stderr)

    def start(self, name, command, env=None):
        """Starts a program that is stopped when the test ends; its output is in a log of the play's folder."""
        log = os.path.join(self.folder, f"{self._testMethodName}.{name}.{len(self.started)}.log")
        started = process.Process(name, command, log, env=env)
        self.started.append(started)
        return started


def main():
    if "--server" in sys.argv:
        at = sys.argv.index("--server")
        _chosen[0] = sys.argv[at + 1]
        del sys.argv[at:at + 2]
    if _chosen[0] not in SERVERS:
        sys.exit(f"--server must be one of {', '.join(SERVERS)}")
    process.install_cleanup()
    unittest.main(module="__main__", verbosity=2)
