"""`xbus trace` on xbusd and on prosody: where a stanza goes, and the hop at which it stops.

`trace_test.py --server prosody` runs the same tests there."""
import json
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "plays_real"), HERE]
import world  # noqa: E402
from harness import waiting  # noqa: E402
from harness.xbusd import program  # noqa: E402

UNAVAILABLE, TIMEOUT, FORBIDDEN = 64 + 14, 64 + 4, 64 + 7
COMPONENT = "calc.localhost"


class Trace(world.World):
    accounts = ("alice", "bob", "worker", "second")
    components = (world.REGISTRY, COMPONENT)

    def trace(self, *words, status=0, account="alice"):
        """The hops, as the objects that a pipe gets; the exit status must be as said."""
        done = subprocess.run([program("xbus"), "--ca", self.server.ca_file, "--timeout", "8", "trace", *words],
                              env=self.credentials(account), text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stops(self, hops, hop, conditions, means):
        """The way ends at this hop, the last one, for one of these conditions."""
        self.assertEqual([h["hop"] for h in hops if h["result"] == "failed"], [hop], hops)
        self.assertEqual(hops[-1]["hop"], hop)
        self.assertIn(hops[-1]["condition"], conditions)
        self.assertRegex(hops[-1]["means"], means)

    def echo(self, account, instance):
        path = os.path.join(self.folder, "echo.sh")
        with open(path, "w", encoding="ascii") as f:
            f.write("#!/bin/sh\ncat\n")
        os.chmod(path, 0o700)
        return self.start(f"echo-{instance}", [program("xbus"), "--ca", self.server.ca_file, "serve", "echo", "--exec", path,
                                               "--methods", "say(text: string)", "--instance", instance],
                          env=self.credentials(account))

    # ---- services ----

    def test_a_live_service(self):
        self.echo("worker", "one")
        self.await_listed("echo", {"one"})
        hops = self.trace("echo", "--count", "3")
        self.assertEqual([h["hop"] for h in hops], ["server", "registry", "service", "instance"])
        self.assertEqual([h["jid"] for h in hops],
                         ["localhost", "services.localhost", "echo@services.localhost", "worker@localhost/one"])
        self.assertIn("server/im", hops[0]["is"])
        self.assertEqual(hops[1]["is"], 'component/generic "xbus registry"')
        self.assertEqual(hops[2]["is"], 'automation/rpc "echo"')
        self.assertIn("automation/rpc", hops[3]["is"])
        self.assertEqual((hops[3]["asked"], hops[3]["answered"]), (3, 3))
        self.assertLessEqual(hops[3]["least"], hops[3]["milliseconds"])
        self.assertLessEqual(hops[3]["milliseconds"], hops[3]["most"])
        # By its addresses too.
        self.assertEqual([h["jid"] for h in self.trace("echo@services.localhost")], [h["jid"] for h in hops])
        self.assertEqual([h["hop"] for h in self.trace("worker@localhost/one")], ["server", "resource"])
        text = self.xbus("trace", "echo", "-o", "table")
        self.assertRegex(text, r"(?m)^ok      instance  worker@localhost/one +\d+\.\d ms  ")

    def test_one_instance_hangs_and_the_other_does_not(self):
        # On xbusd a name has one owner, on prosody's registry too: two sessions of one account.
        hung = self.echo("worker", "stopped")
        self.echo("worker", "running")
        self.await_listed("echo", {"stopped", "running"})
        hung.signal(signal.SIGSTOP)
        self.addCleanup(hung.signal, signal.SIGCONT)
        hops = self.trace("echo", status=TIMEOUT)
        by_jid = {h["jid"]: h for h in hops if h["hop"] == "instance"}
        stopped, running = by_jid["worker@localhost/stopped"], by_jid["worker@localhost/running"]
        self.assertEqual((stopped["result"], stopped["condition"], stopped["answered"]), ("failed", "timeout", 0))
        self.assertIn("hangs or is stopped", stopped["means"])
        self.assertEqual((running["result"], running["answered"]), ("ok", 1))

    def test_a_name_that_nobody_has(self):
        self.stops(self.trace("nobody-here", status=UNAVAILABLE), "service", ["item-not-found"], "no instance of it is listed")

    # ---- addresses ----

    def test_a_domain_that_is_not_there(self):
        for target in ("somebody@nowhere.example", "nowhere.example"):
            with self.subTest(target=target):
                # Prosody without federation knows no difference between absent and not allowed.
                xbusd = self.server.name == "xbusd"
                hops = self.trace(target, status=UNAVAILABLE if xbusd else FORBIDDEN)
                self.stops(hops, "domain", ["remote-server-not-found"] if xbusd else ["forbidden", "not-allowed"], "does not federate")
                self.assertEqual(hops[-1]["jid"], "nowhere.example")

    def test_an_account_that_nobody_is_logged_in_to(self):
        for target, hop in (("bob@localhost", "account"), ("bob@localhost/away", "resource")):
            with self.subTest(target=target):
                self.stops(self.trace(target, status=UNAVAILABLE), hop, ["service-unavailable", "recipient-unavailable"],
                           "nobody (logged in|is connected)")

    def test_the_resources_of_an_account_that_shows_its_presence(self):
        self.peer("slixmpp", "partner", "second", resource="desk").wait_line("ready ", 30)
        # alice subscribes, as any chat client does; bob does not.
        self.peer("slixmpp", "client", "alice", partner="second@localhost").wait_line("roster ", 30)
        hops = self.trace("second@localhost")
        self.assertEqual([(h["hop"], h["jid"]) for h in hops],
                         [("server", "localhost"), ("account", "second@localhost"), ("resource", "second@localhost/desk")])
        self.assertIn("account/registered", hops[1]["is"])
        self.assertEqual(hops[2]["answered"], 1)
        self.stops(self.trace("second@localhost", status=UNAVAILABLE, account="bob"), "account", ["service-unavailable"],
                   "does not show you its presence")

    def test_a_component_that_is_down_and_one_that_is_there(self):
        xbusd = self.server.name == "xbusd"
        self.stops(self.trace(COMPONENT, status=UNAVAILABLE if xbusd else TIMEOUT), "domain",
                   ["service-unavailable"] if xbusd else ["remote-server-timeout"],
                   "a component that is down" if xbusd else "the component, cannot be reached")
        hops = self.trace(world.REGISTRY)
        self.assertEqual([(h["hop"], h["result"]) for h in hops], [("server", "ok"), ("registry", "ok")])

    def test_how_fast_the_server_answers(self):
        hops = self.trace("localhost", "--count", "5")
        self.assertEqual([h["hop"] for h in hops], ["server", "server"])
        self.assertEqual(hops[1]["answered"], 5)


if __name__ == "__main__":
    world.main()
