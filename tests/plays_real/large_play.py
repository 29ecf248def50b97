"""Calls and answers larger than a stanza, through each server; and a service that is a component with a domain of its
own."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world  # noqa: E402

BYTES = 10 * 1024 * 1024
OWN = "store.localhost"


class Large(world.World):
    components = (world.REGISTRY, OWN)

    def call(self, to=""):
        """What the caller says, by its first words."""
        caller = self.own("large_caller", "caller", to=to, bytes=BYTES)
        caller.wait_line("done", 120)
        with open(caller.log, encoding="utf-8") as f:
            return dict(line.rstrip("\n").split(" ", 1) for line in f if " " in line)

    def failure(self, *words, status):
        """What `xbus WORDS` says on standard error when it fails."""
        done = subprocess.run([world.program("xbus"), "--ca", self.server.ca_file, *words], env=self.credentials("alice"),
                              text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        return done.stderr

    def check(self, said):
        self.assertTrue(said["who"].startswith("caller@localhost/"), said)
        self.assertEqual(said["size"], str(BYTES))
        self.assertEqual(said["text"], str(BYTES))
        self.assertEqual(said["beyond"], "too-big")
        self.assertEqual(said["after"], "10")

    def test_the_details_of_a_fault_reach_the_shell(self):
        self.own("large_service", "worker", resource="one").wait_line("ready ", 30)
        self.await_listed("store", {"one"})
        for to in ("store", f"store@{world.REGISTRY}"):
            with self.subTest(to=to):
                told = self.failure("--json", "call", to, "no", status=66)
                self.assertEqual({**json.loads(told), "doing": ""},
                                 {"doing": "", "kind": "custom", "code": 17, "status": 66, "message": "out of paper",
                                  "details": {"tray": "2"}, "advice": ""})
                self.assertIn("custom 17: out of paper (tray: 2)", self.failure("call", to, "no", status=66))

    def test_large_calls_and_answers_travel_in_pieces(self):
        self.own("large_service", "worker", resource="one").wait_line("ready ", 30)
        self.await_listed("store", {"one"})
        self.check(self.call())

    def test_a_component_is_called_by_its_own_domain(self):
        component = {"PEER_BUS": f"tcp://127.0.0.1:{self.server.component_ports[OWN]}", "PEER_DOMAIN": OWN,
                     "PEER_SECRET": self.server.components[OWN]}
        service = self.start("component", [world.program("play_large_service")], env={**os.environ, **component})
        self.assertEqual(service.wait_line("ready ", 30).strip(), f"ready {OWN}")
        self.check(self.call(OWN))
        # Any address of the domain is its own.
        self.assertEqual(self.xbus("call", f"any@{OWN}", "size", "hello"), 5)
        service.stop()
        # Prosody says that it may come back: remote-server-timeout.
        self.xbus("call", f"any@{OWN}", "size", "hello", status=64 + (4 if self.server.name == "prosody" else 14))
        self.start("component", [world.program("play_large_service")], env={**os.environ, **component}).wait_line("ready ", 30)
        self.assertEqual(self.xbus("call", f"any@{OWN}", "size", "hello"), 5)


if __name__ == "__main__":
    world.main()
