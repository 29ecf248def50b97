"""`xbus` as a person and as a script run it, against xbusd: what the tests of this folder have in common."""
import json
import os
import pty
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from harness import play, process, waiting  # noqa: E402
from harness.xbusd import program  # noqa: E402

main = play.main


class Shell(play.Play):
    """On the unix socket we are an admin of the bus; alice logs in over TLS and is none."""

    accounts = ("alice",)
    components = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.local = {**os.environ, "XDG_RUNTIME_DIR": cls.server.run_folder, "LC_ALL": "C.UTF-8",
                     "XDG_CONFIG_HOME": os.path.join(cls.folder, "no-config"),
                     "XDG_CACHE_HOME": os.path.join(cls.folder, "cache")}
        for name in ("XBUS_BUS", "XBUS_PASSWORD", "XBUS_CA", "NO_COLOR", "COLUMNS"):
            cls.local.pop(name, None)
        cls.alice = {**cls.local, "XBUS_BUS": f"xmpp://alice@localhost:{cls.server.port}",
                     "XBUS_PASSWORD": cls.server.accounts["alice"], "XBUS_CA": cls.server.ca_file}

    def run_xbus(self, *words, env=None, text=None, seconds=30):
        """The finished process of `xbus WORDS`, with `text` on its standard input."""
        return subprocess.run([program("xbus"), *words], env=env or self.local, input=text or "", encoding="utf-8",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds)

    def xbus(self, *words, status=0, env=None, text=None, seconds=30):
        """What it prints, as JSON where it is; its exit status must be as said."""
        done = self.run_xbus(*words, env=env, text=text, seconds=seconds)
        self.assertEqual(done.returncode, status, f"xbus {' '.join(words)}: {done.stdout}{done.stderr}")
        if status != 0:
            lines = done.stderr.rstrip("\n").split("\n")
            self.assertEqual(len(lines), 1, f"one line tells a failure: {done.stderr!r}")
            self.assertTrue(lines[0].startswith("xbus: "), lines[0])
            return lines[0]
        self.assertEqual(done.stderr, "")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def at_terminal(self, *words, env=None):
        """What a person sees: the output of `xbus WORDS` on a terminal, and its exit status."""
        master, slave = pty.openpty()
        try:
            child = subprocess.Popen([program("xbus"), *words], env={**(env or self.local), "TERM": "xterm"},
                                     stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        finally:
            os.close(slave)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the last who had it open has gone
                break
            if not piece:
                break
            shown += piece
        os.close(master)
        return shown, child.wait(30)

    def script(self, name, text):
        """A command of the test's own; its path."""
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + text)
        os.chmod(path, stat.S_IRWXU)
        return path

    def serve(self, name, script, methods, *options, env=None):
        """`xbus serve` of a script, listed; stopped at the end of the test."""
        command = self.script(f"{name}.sh", script)
        serving = self.start(name, [program("xbus"), "serve", name, "--exec", command, "--methods", methods, *options],
                             env=env or self.local)
        self.await_listed(name)
        return serving

    def instances(self, service):
        for entry in self.xbus("list"):
            if entry["name"] == service:
                return entry["instances"]
        return []

    def await_listed(self, service, count=1, seconds=20):
        waiting.poll(lambda: len(self.instances(service)) == count, seconds, f"{count} of {service} listed")


__all__ = ["Shell", "main", "process", "program", "waiting"]
