"""Metrics of live programs: the list of METRICS.md and nothing else, in the format of Prometheus, true after known calls."""
import os
import re
import socket
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402
from harness.xbusd import Xbusd  # noqa: E402

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "METRICS.md")
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(" + LABEL + "(?:," + LABEL + r")*)\})? ([-+0-9.eE]+|NaN)\Z")


def listed():
    """{section: {name: (type, {labels})}} of METRICS.md."""
    found, section = {}, None
    with open(LIST, encoding="utf-8") as f:
        for line in f:
            if line.startswith("## "):
                section = found.setdefault(line[3:].strip(), {})
            row = re.match(r"\| (\w+) \| (counter|gauge|histogram) \| ([\w, ]*)\|", line)
            if row:
                section[row[1]] = (row[2], {label for label in re.split("[, ]+", row[3]) if label})
    return found


def read(text):
    """A strict reader of the text format, version 0.0.4: {family: (type, {(sample, labels): value})}."""
    families, name, kind = {}, None, None
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, text_of_it = line.split(" ", 3)
            assert name not in families and text_of_it, line
            kind = None
        elif line.startswith("# TYPE "):
            _, _, of, kind = line.split(" ")
            assert of == name and kind in ("counter", "gauge", "histogram"), line
            families[name] = (kind, {})
        else:
            sample = SAMPLE.match(line)
            assert sample and kind, line
            base = re.sub("_(bucket|sum|count)$", "", sample[1]) if kind == "histogram" else sample[1]
            assert base == name, line
            labels = tuple(sorted(re.findall(LABEL, sample[2] or "")))
            assert len({label for label, _ in labels}) == len(labels), line
            assert (sample[1], labels) not in families[name][1], f"twice: {line}"
            families[name][1][(sample[1], labels)] = float(sample.groups()[-1])
    return families


class Metrics(shell.Shell):
    @classmethod
    def setUpClass(cls):
        Xbusd.more = 'metrics = "0"\n'
        try:
            super().setUpClass()
        finally:
            Xbusd.more = ""
        cls.bus_url = cls.url_of(cls.server.process)

    @staticmethod
    def url_of(process):
        def look():
            with open(process.log, encoding="utf-8", errors="replace") as f:
                return re.search(r"http://127\.0\.0\.1:\d+/metrics", f.read())
        return shell.waiting.poll(look, 20, "the address of the metrics")[0]

    def families(self, url):
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            families = read(answer.read().decode())
        self.check_shape(families)
        return families

    def check_shape(self, families):
        for name, (kind, samples) in families.items():
            self.assertEqual(kind == "counter", name.endswith("_total"), name)
            for (sample, labels), value in samples.items():
                self.assertTrue(value >= 0, (sample, labels))
            if kind == "histogram":
                rows = {}
                for (sample, labels), value in samples.items():
                    key = tuple(label for label in labels if label[0] != "le")
                    rows.setdefault(key, {})[(sample[len(name):], dict(labels).get("le"))] = value
                for row in rows.values():
                    counts = sorted((float(le), value) for (part, le), value in row.items() if part == "_bucket")
                    self.assertEqual([value for _, value in counts], sorted(value for _, value in counts))
                    self.assertEqual(counts[-1], (float("inf"), row[("_count", None)]))

    def value(self, url, sample, **labels):
        for _, samples in self.families(url).values():
            if (sample, tuple(sorted(labels.items()))) in samples:
                return samples[(sample, tuple(sorted(labels.items())))]
        return None

    def is_listed(self, families, *sections, registry_alone=False):
        wanted = {}
        for section in sections:
            wanted.update(listed()[section])
        if not registry_alone:
            wanted.pop("xbus_registry_connected", None)
        self.assertEqual({name: kind for name, (kind, _) in families.items()},
                         {name: kind for name, (kind, _) in wanted.items()})
        for name, (_, samples) in families.items():
            for (_, labels) in samples:
                self.assertEqual({label for label, _ in labels} - {"le"}, wanted[name][1], name)

    def agent(self):
        process = self.start("agent", [shell.program("xbus-agent"), "--instance", "here", "--metrics", "0"], env=self.local)
        self.await_listed("agent")
        return self.url_of(process)

    def test_the_bus_serves_what_is_listed_and_counts_right(self):
        before = self.value(self.bus_url, "xbusd_logins_total", result="ok")
        self.agent()
        self.xbus("call", "agent", "load")
        self.xbus("call", "agent", "load", env={**self.alice, "XBUS_PASSWORD": "wrong"}, status=64 + 16)
        families = self.families(self.bus_url)
        self.is_listed(families, "xbusd", "The registry, in xbusd and in xbus-registry", "Every program")
        one = lambda name, *labels: families[name][1][(name, labels)]  # noqa: E731
        self.assertGreaterEqual(one("xbusd_logins_total", ("result", "ok")), before + 2)
        self.assertGreaterEqual(one("xbusd_logins_total", ("result", "failed")), 1)
        self.assertGreaterEqual(one("xbusd_sessions", ("kind", "unix")), 1)
        self.assertGreater(one("xbusd_accepted_total", ("kind", "starttls")), 0)
        self.assertGreater(one("xbusd_stanzas_received_total", ("kind", "iq")), 2)
        self.assertGreater(one("xbusd_received_bytes_total"), 1000)
        self.assertGreater(one("xbusd_sent_bytes_total"), 1000)
        self.assertEqual(one("xbus_registry_services"), 1)
        self.assertEqual(one("xbus_registry_instances", ("state", "available")), 1)
        self.assertGreater(one("process_resident_memory_bytes"), 1 << 20)

    def test_a_service_counts_calls_by_outcome(self):
        url = self.agent()
        for _ in range(3):
            self.xbus("call", "agent", "load")
        self.xbus("call", "agent", "nothing.here", status=64 + 12)
        self.xbus("call", "agent", "processes", env=self.alice, status=64 + 7)
        families = self.families(url)
        self.is_listed(families, "Every service", "Every program")
        calls = families["xbus_calls_total"][1]
        count = lambda method, outcome: calls[("xbus_calls_total", (  # noqa: E731
            ("method", method), ("outcome", outcome), ("service", "agent")))]
        self.assertEqual(count("load", "ok"), 3)
        self.assertEqual(count("-", "no-such-method"), 1)
        self.assertEqual(count("processes", "forbidden"), 1)
        load = (("method", "load"), ("service", "agent"))
        histogram = families["xbus_call_duration_seconds"][1]
        self.assertEqual(histogram[("xbus_call_duration_seconds_count", load)], 3)
        self.assertGreater(histogram[("xbus_call_duration_seconds_sum", load)], 0)
        self.assertEqual(families["xbus_service_connected"][1][("xbus_service_connected", (("service", "agent"),))], 1)
        told = self.xbus("call", "agent", "system.stats")
        methods = {method["method"]: method for method in told["methods"]}
        self.assertEqual(methods["load"]["outcomes"], {"ok": 3})
        self.assertEqual(sum(methods["load"]["latency"]), 3)
        self.xbus("call", "agent", "system.stats", env=self.alice, status=64 + 7)

    def test_the_registry_alone_serves_what_is_listed(self):
        process = self.start("registry", [shell.program("xbus-registry"), "--server", "tcp://127.0.0.1:1", "--domain", "reg.localhost",
                                          "--data", os.path.join(self.folder, "registry.db"), "--metrics", "0"],
                             env={**self.local, "XBUS_COMPONENT_SECRET": "of nobody"})
        families = self.families(self.url_of(process))
        self.is_listed(families, "The registry, in xbusd and in xbus-registry", "Every program", registry_alone=True)
        self.assertEqual(families["xbus_registry_connected"][1], {("xbus_registry_connected", ()): 0})

    def test_a_served_command_has_metrics_too(self):
        served = self.serve("echo", "echo 1", "one", "--metrics", "localhost:0")
        self.xbus("call", "echo", "one")
        self.assertEqual(self.value(self.url_of(served), "xbus_calls_total", service="echo", method="one", outcome="ok"), 1)

    def test_an_agent_is_drained_and_its_log_level_changed(self):
        agent = self.start("agent", [shell.program("xbus-agent")], env=self.local)
        self.await_listed("agent")
        self.assertEqual(self.xbus("call", "agent", "system.logLevel"), "info")
        self.assertEqual(self.xbus("call", "agent", "system.logLevel", "debug"), "debug")
        self.xbus("call", "agent", "system.drain", env=self.alice, status=64 + 7)
        self.assertEqual(self.xbus("call", "agent", "system.drain"), 0)
        self.assertEqual(agent.popen.wait(20), 0)
        with open(agent.log, encoding="utf-8") as f:
            said = f.read()
        self.assertRegex(said, "debug bus message=.*call system.drain from .*: ok in")
        self.assertIn("left the bus", said)

    def test_the_bus_must_be_able_to_listen(self):
        port = self.bus_url.split(":")[2].split("/")[0]
        for address in (port, "nonsense", "127.0.0.1:", "127.0.0.1:70000"):
            with self.subTest(address=address):
                done = shell.subprocess.run(
                    [shell.program("xbusd"), "--data", "memory", "--socket", "none", "--plain-loopback", "127.0.0.1:0",
                     "--metrics", address],
                    env=self.local, stdout=shell.subprocess.PIPE, stderr=shell.subprocess.STDOUT, timeout=20)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(b"metrics", done.stdout)

    # ---- What is no request ----

    def raw(self, request, shut=True):
        """The first line that comes back to these bytes."""
        host, port = self.bus_url.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=15) as connection:
            connection.sendall(request)
            if shut:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while True:
                try:
                    piece = connection.recv(65536)
                except ConnectionResetError:
                    break
                if not piece:
                    break
                answer += piece
        return answer.split(b"\r\n")[0].decode()

    def test_bad_requests_get_4xx_and_stop_nothing(self):
        host = b"Host: x\r\n\r\n"
        for request, status in (
                (b"GET / HTTP/1.1\r\n" + host, "404"), (b"GET /metrics/ HTTP/1.1\r\n" + host, "404"),
                (b"POST /metrics HTTP/1.1\r\nContent-Length: 2\r\n" + host + b"ab", "405"),
                (b"DELETE /metrics HTTP/1.1\r\n" + host, "405"),
                (b"GET metrics HTTP/1.1\r\n" + host, "400"), (b"hello\r\n\r\n", "400"), (b"\x16\x03\x01\x00\xff\x01\r\n\r\n", "400"),
                (b"GET /metrics HTTP/9.9\r\n" + host, "400"), (b"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n", "400"),
                (b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 20000 + b"\r\n" + host, "431"),
                (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + host, "431")):
            with self.subTest(request=request[:40]):
                self.assertRegex(self.raw(request), f"^HTTP/1.1 {status} ")
                self.assertIsNotNone(self.value(self.bus_url, "xbusd_loops"))
        self.assertRegex(self.raw(b"HEAD /metrics HTTP/1.0\r\n\r\n"), "^HTTP/1.1 200 ")
        self.assertRegex(self.raw(b"GET /metrics?x=1 HTTP/1.1\r\n" + host), "^HTTP/1.1 200 ")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self.bus_url.replace("metrics", "else"), timeout=10)
        self.assertEqual(refused.exception.code, 404)

    def test_idle_connections_are_bounded_and_end(self):
        host, port = self.bus_url.split("/")[2].split(":")
        held = [socket.create_connection((host, int(port)), timeout=20) for _ in range(16)]
        try:
            for connection in held:
                connection.sendall(b"GET /met")

            def turned_away():
                return "503" in self.raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")

            shell.waiting.poll(turned_away, 8, "one more is turned away")
            for connection in held:  # the time of each ends
                told = b""
                while piece := connection.recv(4096):
                    told += piece
                self.assertIn(told.split(b" ")[1:2], ([], [b"408"], [b"503"]))  # too late, or one too many
        finally:
            for connection in held:
                connection.close()
        self.assertIsNotNone(self.value(self.bus_url, "xbusd_loops"))


if __name__ == "__main__":
    shell.main()
