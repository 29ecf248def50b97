"""What the agent publishes by itself, with a real kernel: the agent runs in a network namespace of its own, and a stranger's
library subscribes."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402
from harness.xbusd import Xbusd  # noqa: E402

LISTENER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "topic_listener.py")
UNSHARE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]


class AgentTopics(shell.Shell):
    accounts = ("alice", "boss")

    @classmethod
    def setUpClass(cls):
        Xbusd.more = 'admins = ["boss"]\n'
        try:
            super().setUpClass()
        finally:
            Xbusd.more = ""

    def agent(self, *options):
        """The agent, alone in a network of its own; the bus is reached by its socket."""
        possible = subprocess.run([*UNSHARE, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.assertEqual(possible.returncode, 0,
                         f"network namespaces are not permitted here, and without one this cannot be tested: {possible.stderr}")
        agent = self.start("agent", [*UNSHARE, shell.program("xbus-agent"), "--log-level", "debug", *options], env=self.local)
        self.await_listed("agent")
        return agent

    def ip(self, agent, *words):
        enter = ["nsenter", "--target", str(agent.pid), "--net"]
        if os.geteuid() != 0:
            enter += ["--user", "--preserve-credentials"]
        subprocess.run([*enter, "ip", *words], check=True)

    def listener(self, *topics, account="alice"):
        env = {**self.local, "PASSWORD": self.server.accounts[account]}
        listener = self.start("listener", ["/usr/bin/python3", LISTENER, f"{account}@localhost", "127.0.0.1", str(self.server.port),
                                           self.server.ca_file, "events.localhost", *topics], env=env)
        listener.wait_line('{"subscribed"', 30)
        return listener

    @staticmethod
    def heard(listener):
        with open(listener.log, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.startswith("{") and line.endswith("}\n")]

    def await_heard(self, listener, wanted, what, seconds=20):
        def look():
            return next((one for one in self.heard(listener) if wanted(one)), None)
        try:
            return shell.waiting.poll(look, seconds, what, every=0.02)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.heard(listener)}") from None

    def await_change(self, listener, change, name, **more):
        def wanted(one):
            value = one.get("value") or {}
            return value.get("change") == change and value.get("name") == name and more.items() <= value.items()
        return self.await_heard(listener, wanted, f"{name} {change}")

    def test_an_interface_that_goes_down_is_told_at_once(self):
        agent = self.agent("--instance", "web1", "--alert", "alice@localhost")
        listener = self.listener("agent/link")
        agent.wait_logged("watching the network", 20)
        self.ip(agent, "link", "add", "va", "type", "veth", "peer", "name", "vb")
        self.ip(agent, "link", "set", "vb", "up")
        self.ip(agent, "link", "set", "va", "up")
        self.await_change(listener, "up", "va")
        self.ip(agent, "address", "add", "192.0.2.1/24", "dev", "va")
        told = self.await_change(listener, "address_added", "va", address="192.0.2.1/24")
        self.assertEqual(told["value"]["host"], "web1")
        self.assertEqual(told["value"]["missed"], 0)
        self.ip(agent, "route", "add", "198.51.100.0/24", "via", "192.0.2.9")
        self.await_change(listener, "route_added", "va", route="198.51.100.0/24", gateway="192.0.2.9")
        begun = time.monotonic()
        self.ip(agent, "link", "set", "va", "down")
        down = self.await_change(listener, "down", "va", enabled=False)
        took = down["time"] - begun
        print(f"from `ip link set va down` to the subscriber: {took * 1000:.1f} ms (aim 100)", file=sys.stderr)
        self.assertLess(took, 2)
        self.await_change(listener, "down", "vb", enabled=True)
        # Not a word of the kernel's about it.
        self.await_change(listener, "route_removed", "va", route="198.51.100.0/24")
        alert = self.await_heard(listener, lambda one: one.get("body") == "web1: va is down, switched off", "alert")
        self.assertIn("{urn:xbus:event:0}event", alert["beside"])
        self.ip(agent, "link", "delete", "va")
        self.await_change(listener, "removed", "va")
        self.assertEqual(agent.stop(), 0)

    def test_several_hosts_publish_on_one_topic(self):
        first, second = self.agent("--instance", "web1"), None
        second = self.start("agent", [*UNSHARE, shell.program("xbus-agent"), "--instance", "web2", "--log-level", "debug"],
                            env=self.local)
        self.await_listed("agent", count=2)
        listener = self.listener("agent/link")
        for agent, host in ((first, "web1"), (second, "web2")):
            agent.wait_logged("watching the network", 20)
            self.ip(agent, "link", "set", "lo", "up")
            self.await_change(listener, "up", "lo", host=host)

    def test_events_outlive_a_bus_that_was_away(self):
        agent = self.agent("--instance", "web7")
        listener = self.listener("agent/link")
        agent.wait_logged("watching the network", 20)
        self.server.process.kill()
        listener.kill()
        self.ip(agent, "link", "set", "lo", "up")
        self.server.start()
        self.await_listed("agent", seconds=60)
        listener = self.listener("agent/link")
        self.await_change(listener, "up", "lo", host="web7")  # it is kept if it was published before
        self.ip(agent, "link", "set", "lo", "down")
        self.await_change(listener, "down", "lo", host="web7")
        ids = [one["id"] for one in self.heard(listener) if one.get("topic") and (one["value"]["host"], one["value"]["change"]) == ("web7", "up")]
        self.assertEqual(len(set(ids)), 1)

    def test_what_is_high_is_told_and_described(self):
        agent = self.agent("--instance", "web1", "--push", "memory", "--memory-high", "1", "--alert", "alice@localhost")
        described = json.dumps(self.xbus("describe", "agent"))
        self.assertIn("MemoryEvent", described)
        self.assertNotIn("LinkEvent", described)
        listener = self.listener("agent/memory")
        told = self.await_heard(listener, lambda one: one.get("topic") == "agent/memory", "event")
        self.assertEqual((told["value"]["level"], told["value"]["limit"]), ("high", 0.01))
        self.await_heard(listener, lambda one: (one.get("body") or "").startswith("web1: memory is"), "alert")
        self.assertEqual(agent.stop(), 0)

    def test_lines_of_the_journal_are_for_owners(self):
        agent = self.agent("--instance", "web1", "--push", "none", "--push-logs", "err", "--journal", self.journal(1, "before"))
        agent.wait_logged("watching the journal", 20)
        env = {**self.local, "PASSWORD": self.server.accounts["alice"]}
        refused = self.start("stranger", ["/usr/bin/python3", LISTENER, "alice@localhost", "127.0.0.1", str(self.server.port),
                                          self.server.ca_file, "events.localhost", "agent/log"], env=env)
        refused.wait_line('{"failed": "not-allowed"', 30)
        listener = self.listener("agent/log", account="boss")
        self.journal(2, "the disk < is on fire")
        told = self.await_heard(listener, lambda one: one.get("topic") == "agent/log", "line")
        self.assertEqual(told["payload"], "{urn:xmpp:eventlog}log")
        self.assertEqual(told["attributes"]["type"], "Error")
        self.assertEqual(told["attributes"]["object"], "fire.service")
        self.assertIn("the disk < is on fire", told["text"])
        self.assertEqual(len([one for one in self.heard(listener) if one.get("topic")]), 1)

    def journal(self, number, message):
        """One more file with this line in the test's journal, made by systemd's own tool; the folder."""
        folder = os.path.join(self.folder, "journal")
        os.makedirs(folder, exist_ok=True)
        boot = "0123456789abcdef0123456789abcdef"
        exported = (f"__CURSOR=s={boot};i={number};b={boot};m=1;t=1;x=1\n__REALTIME_TIMESTAMP={1_700_000_000_000_000 + number}\n"
                    f"__MONOTONIC_TIMESTAMP={number}\n_BOOT_ID={boot}\n_SYSTEMD_UNIT=fire.service\nSYSLOG_IDENTIFIER=alarm\n"
                    f"PRIORITY=3\nMESSAGE={message}\n\n")
        subprocess.run(["/lib/systemd/systemd-journal-remote", f"--output={folder}/{number}.journal", "-"], check=True,
                       input=exported, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return folder

    def test_what_cannot_be_pushed_is_named_at_the_start(self):
        for words, told in ((["--push", "nothing-such"], "no such topic"), (["--alert", "@"], "no JID"),
                            (["--disk-high", "101"], "100")):
            with self.subTest(words=words):
                done = subprocess.run([shell.program("xbus-agent"), *words], env=self.local, timeout=30,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(told, done.stdout)


if __name__ == "__main__":
    shell.main()
