"""`xbus monitor`: what it shows of a live bus and to whom, captures, replays, and servers that lack it."""
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import unicodedata
import unittest
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile_peer  # noqa: E402
import shell  # noqa: E402
from harness.prosody import Prosody  # noqa: E402

RPC = ("--payload", "jabber:iq:rpc")
FORWARDED = "{urn:xmpp:forward:0}forwarded"


class Watcher:
    """A running `xbus monitor`, from when the server has begun to show it things."""

    def __init__(self, test, *words, env=None, marker="<started"):
        self.output = os.path.join(test.folder, f"{test._testMethodName}.{len(test.started)}.out")
        self.process = test.start("monitor", ["sh", "-c", 'exec "$@" > "$0"', self.output, shell.program("xbus"), "monitor",
                                              "--explain", *words], env=env or test.local)

        shell.waiting.poll(lambda: marker in self.explained() + self.text(), 20, "the monitor has begun")

    def explained(self):
        with open(self.process.log, encoding="utf-8") as f:
            return f.read()

    def jid(self):
        """Its address: whom the server answers."""
        return re.search(r" to='(\S+@localhost/[^']+)'", self.explained()).group(1)

    def text(self):
        if not os.path.exists(self.output):
            return ""
        with open(self.output, encoding="utf-8") as f:
            return f.read()

    def lines(self, count=0, seconds=20):
        """All its lines as JSON, when there are so many."""
        shell.waiting.poll(lambda: self.text().count("\n") >= count, seconds, f"{count} lines")
        return [json.loads(line) for line in self.text().splitlines(True) if line.endswith("\n")]

    def exchange(self, method):
        """The one call of that method and its one answer."""
        def found():
            lines = self.lines()
            asked = [line for line in lines if line.get("method") == method]
            answered = [line for line in lines if asked and line["id"] == asked[0]["id"] and line["type"] == "result"
                        and line["to"] == asked[0]["from"]]
            return (asked, answered) if answered else None
        asked, answered = shell.waiting.poll(found, 20, f"{method} and its answer")
        assert len(asked) == len(answered) == 1, (asked, answered)
        return asked[0], answered[0]

    def end(self, status=0):
        """Its output, once it has ended by itself."""
        code = shell.waiting.poll(lambda: self.process.popen.poll() is not None and [self.process.popen.returncode], 20,
                                  "the monitor ends")
        assert code == [status], (code, self.process.tail())
        return self.text()


class Monitor(shell.Shell):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        agent = shell.process.Process("agent", [shell.program("xbus-agent")], os.path.join(cls.folder, "agent.log"),
                                      env=cls.local)
        cls.addClassCleanup(agent.stop)

    def setUp(self):
        super().setUp()
        self.await_listed("agent")

    def test_a_call_of_another_process_is_seen_once_with_its_answer(self):
        for service in ((), ("--service", "agent"), ("--service", "Agent", "--kind", "iq")):
            with self.subTest(service=service):
                watcher = Watcher(self, *RPC, *service)
                self.xbus("call", "agent", "processes", "1")
                asked, answered = watcher.exchange("processes")
                self.xbus("call", "agent", "load")
                watcher.exchange("load")
                watcher.exchange("processes")
                watcher.process.popen.send_signal(signal.SIGINT)
                watcher.end()
                self.assertEqual((asked["type"], asked["method"], asked["arguments"]), ("set", "processes", [1]))
                self.assertEqual((answered["type"], answered["id"], answered["from"], answered["to"]),
                                 ("result", asked["id"], asked["to"], asked["from"]))
                self.assertEqual(len(answered["value"]), 1)
                self.assertGreater(answered["milliseconds"], 0)
                self.assertLess(answered["milliseconds"], 10_000)

    def test_filters(self):
        watcher = Watcher(self, "--errors", "--count", "1")
        self.xbus("call", "agent", "load")
        self.xbus("ping", "nobody@localhost/x", status=64 + 14)
        (line,) = watcher.end().splitlines()
        self.assertEqual((json.loads(line)["type"], json.loads(line)["condition"]), ("error", "service-unavailable"))
        watcher = Watcher(self, "--to", "agent@services.localhost", "--for", "1")
        self.xbus("call", "agent", "load")
        for line in watcher.end().splitlines():
            self.assertTrue(json.loads(line)["to"].startswith("agent@services.localhost"), line)
        for words in (["--from", "@"], ["--kind", "stream"], ["--speed", "2"], ["--resend"], ["--replay", "x", "--own"],
                      ["--count", "0"]):
            self.assertEqual(self.run_xbus("monitor", *words).returncode, 2, words)

    def test_an_account_sees_its_own_and_an_admin_all(self):
        alice, admin = Watcher(self, *RPC, env=self.alice), Watcher(self, *RPC)
        self.xbus("call", "agent", "load")
        self.xbus("call", "agent", "uptime", env=self.alice)
        admin.exchange("load")
        admin.exchange("uptime")
        alice.exchange("uptime")
        for line in alice.lines():
            self.assertNotEqual(line.get("method"), "load")
            self.assertIn("alice@localhost", line["from"] + line["to"])
        with open(self.server.log, encoding="utf-8") as f:
            self.assertIn("monitor_started", f.read())

    def test_passwords_are_left_out(self):
        watcher = Watcher(self, "--kind", "iq", "--xml")
        self.xbus("account", "add", "dora", "--new-password-file", "-", text="geheim\n")
        self.xbus("account", "remove", "dora")
        shell.waiting.poll(lambda: watcher.text().count("urn:xbus:admin:0") == 2, 20, "both requests")
        self.assertNotIn("geheim", watcher.text())
        self.assertIn("reason='secret'", watcher.text())

    def test_a_capture_is_whole_at_any_time_and_replays_the_same_lines(self):
        path = os.path.join(self.folder, "seen.xml")
        watcher = Watcher(self, "--capture", path, "--kind", "iq")
        self.xbus("call", "agent", "load")
        watcher.exchange("load")
        root = ET.parse(path).getroot()
        self.assertEqual((root.tag, root.get("version"), root.get("from")), ("{urn:xbus:capture:0}capture", "1", "localhost"))
        self.xbus("call", "agent", "processes", "1")
        self.xbus("ping", "the-end@localhost/x", status=64 + 14)
        shell.waiting.poll(lambda: "condition" in watcher.text(), 20, "the end")
        watcher.process.popen.send_signal(signal.SIGKILL)
        watcher.end(-9)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        lines = watcher.text().splitlines()
        self.assertEqual(len(ET.parse(path).getroot().findall(FORWARDED)), len(lines))
        replayed = self.run_xbus("monitor", "--replay", path)
        self.assertEqual((replayed.returncode, replayed.stderr, replayed.stdout.splitlines()), (0, "", lines))
        # The same filters and views.
        calls = self.run_xbus("monitor", "--replay", path, *RPC, "--service", "agent").stdout.splitlines()
        self.assertEqual(calls, [line for line in lines if json.loads(line).get("payload") == "jabber:iq:rpc"])
        self.assertEqual(self.run_xbus("monitor", "--replay", path, *RPC, "--count", "3").stdout.splitlines(), calls[:3])
        table = self.run_xbus("monitor", "--replay", path, *RPC, "-o", "table").stdout
        self.assertRegex(table, r"(?m)^\d\d:\d\d:\d\d\.\d{3} iq set \S+ -> \S+ load\(\)$")
        self.assertRegex(table, r"(?m)^\d\d:\d\d:\d\d\.\d{3} iq result \S+ -> \S+ = \{.* \d+\.\d ms$")
        self.assertEqual(self.run_xbus("monitor", "--replay", path, "--speed", "1000").stdout.splitlines(), lines)
        self.assertIn("<methodName>load</methodName>", self.run_xbus("monitor", "--replay", path, "--xml").stdout)
        # And again: the calls are made once more, and each outcome is told.
        done = self.run_xbus("monitor", "--replay", path, *RPC, "--resend")
        self.assertEqual(done.returncode, 0, done.stderr)
        outcomes = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(line["method"], line["outcome"]) for line in outcomes if line["method"] in ("load", "processes")],
                         [("load", "result"), ("processes", "result")])
        self.assertTrue(all("value" in line for line in outcomes), outcomes)

    def test_nothing_that_administers_is_sent_again(self):
        path = os.path.join(self.folder, "admin.xml")
        watcher = Watcher(self, "--capture", path, "--kind", "iq", "--payload", "urn:xbus:admin:0", "--count", "1")
        self.xbus("account", "add", "emil", "--new-password-file", "-", text="geheim\n")
        watcher.end()
        with open(path, encoding="utf-8") as f:
            text = f.read()
        self.assertNotIn("geheim", text)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text[:text.index("<omitted")] + "<remove xmlns='urn:xbus:admin:0' name='emil'/>" +
                    text[text.index("</iq>"):])
        (line,) = self.run_xbus("monitor", "--replay", path, "--resend").stdout.splitlines()
        self.assertEqual(json.loads(line)["outcome"], "left out")
        self.assertIn("emil", [account["name"] for account in self.xbus("account")])

    def test_a_broken_capture_says_where(self):
        path = os.path.join(self.folder, "broken.xml")
        head = "<capture xmlns='urn:xbus:capture:0' version='1'>"
        for text, at, why in (("", 0, "no capture"), (head, len(head), "in the middle"), (head + "<x/>", len(head), "no capture holds"),
                              (head + "<!DOCTYPE x>", len(head), "DTD"), (head + "\x01", len(head), "not well-formed")):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            for words in ((), ("--resend",)):
                told = self.xbus("monitor", "--replay", path, *words, status=1)
                self.assertTrue(told.startswith(f"xbus: monitor: {path}:{at}: "), told)
                self.assertIn(why, told)
        self.assertIn("cannot be read", self.xbus("monitor", "--replay", path + ".none", status=1))
        self.assertIn("is no file", self.xbus("monitor", "--capture", "/dev/null", "--for", "1", status=1))

    def test_what_peers_say_does_not_act_on_the_terminal(self):
        hostile = "\x9b2J\x9d0;owned\x9c\u202e\u2066\u200b\u2028\x85\x7f"
        path = os.path.join(self.server.run_folder, "xbus", "socket")
        peer = hostile_peer.HostilePeer(path, "evil", "place", ["text", "own"], hostile,
                                        {"text": hostile_peer.text(hostile), "own": hostile_peer.fault(7, hostile)})
        self.addCleanup(peer.close)
        self.await_listed("evil")
        capture = os.path.join(self.folder, "evil.xml")
        watcher = Watcher(self, "--capture", capture, "--service", "evil")
        self.run_xbus("call", "evil", "text")
        self.run_xbus("call", "evil", "own")
        peer.wire.send(f"<message to='{peer.wire.jid}'><body>{hostile}</body><x xmlns='urn:{hostile}'/></message>")
        shell.waiting.poll(lambda: '"body"' in watcher.text(), 20, "the message")
        for words in ([], ["--xml"], ["--json"]):
            shown, status = self.at_terminal("monitor", "--replay", capture, *words, env={**self.local, "NO_COLOR": "1", "COLUMNS": "400"})
            text = shown.decode("utf-8").replace("\r\n", "\n")
            self.assertEqual(status, 0, text)
            self.assertIn("owned", text)
            acting = [hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
            self.assertEqual(acting, [], text)

    def test_own_is_this_connection(self):
        watcher = Watcher(self, "--own", "--count", "3", marker='"presence"')
        path = os.path.join(self.server.run_folder, "xbus", "socket")
        peer = hostile_peer.HostilePeer(path, "friend", "friend", [], "", {})
        self.addCleanup(peer.close)
        jid = watcher.lines(2)[0]["from"]
        peer.wire.send(f"<message to='{jid}'><body>hello</body></message>")
        sent, came_back, message = [json.loads(line) for line in watcher.end().splitlines()]
        self.assertEqual((sent["kind"], came_back["from"], came_back["to"]), ("presence", jid, jid))
        self.assertEqual(message["body"], "hello")

    def test_a_headline_of_another_is_not_believed(self):
        watcher = Watcher(self, "--kind", "message", "--payload", "urn:told")
        path = os.path.join(self.server.run_folder, "xbus", "socket")
        peer = hostile_peer.HostilePeer(path, "liar", "liar", [], "", {})
        self.addCleanup(peer.close)
        told = "<message xmlns='jabber:client' from='a@b' to='c@d'><t xmlns='urn:told'/></message>"
        peer.wire.send(f"<message type='headline' to='{watcher.jid()}'><forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' "
                       f"stamp='2026-01-01T00:00:00Z'/>{told}</forwarded></message>")
        peer.wire.send(f"<message to='{peer.wire.jid}' id='true'><t xmlns='urn:told'/></message>")
        self.assertEqual([line["id"] for line in watcher.lines(1)], ["true"])

    def test_a_bus_that_goes_ends_it(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            env = {**self.local, "XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "XDG_DATA_HOME": folder,
                   "HOME": folder}
            bus = self.start("xbusd", [shell.program("xbusd")], env=env)
            shell.waiting.poll(lambda: os.path.exists(os.path.join(folder, "xbus", "socket")), 20, "the bus")
            watcher = Watcher(self, env=env)
            bus.stop()
            watcher.end(64 + 10)
            self.assertIn("xbus: monitor: lost", watcher.process.tail())


class OnProsody(unittest.TestCase):
    """A server that knows nothing of monitors."""

    def test_what_it_lacks_is_named(self):
        with tempfile.TemporaryDirectory(prefix="xbus-monitor-") as folder:
            server = Prosody(folder, ("alice", "bob"))
            server.start()
            self.addCleanup(server.stop)
            env = {**os.environ, "XBUS_BUS": f"xmpp://alice@localhost:{server.port}", "XBUS_PASSWORD": server.accounts["alice"],
                   "XBUS_CA": server.ca_file, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}

            def run(*words):
                return subprocess.run([shell.program("xbus"), *words], env=env, capture_output=True, text=True, timeout=30)
            lacking = run("monitor", "--for", "5")
            self.assertEqual((lacking.returncode, lacking.stdout), (64 + 12, ""))
            self.assertEqual(lacking.stderr, "xbus: monitor: localhost lacks monitors (urn:xbus:monitor:0); --own shows what goes "
                                             "over this connection\n")
            own = run("monitor", "--own", "--count", "1", "--kind", "presence")
            self.assertEqual(own.returncode, 0, own.stderr)
            self.assertIn("alice@localhost", json.loads(own.stdout)["from"])


if __name__ == "__main__":
    shell.main()
