"""`xbus doctor` names the fault of each set-up: every one is made here, with real servers wherever there is one."""
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402
from harness import ports  # noqa: E402
from harness.prosody import Prosody  # noqa: E402
from harness.xbusd import Xbusd  # noqa: E402

NOBODY = 65534
UNAVAILABLE, TIMEOUT, NOT_LOGGED_IN = 64 + 14, 64 + 4, 64 + 16
BEHIND_LOGIN = ["limits", "registry", "services", "call"]


class Listener:
    """A port of the test's own; `serve` has each connection in a thread."""

    def __init__(self, case, serve):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.kept = []
        case.addCleanup(self.close)
        threading.Thread(target=self.accept, args=(serve,), daemon=True).start()

    def accept(self, serve):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.kept.append(connection)
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def close(self):
        for each in [self.socket, *self.kept]:
            each.close()


class Doctor(shell.Shell):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = 0

    def other(self, kind, prepare=lambda server: None, accounts=("alice",), components=("other.localhost",)):
        """A server beside the one of the class, that `prepare` has changed before it starts; stopped at the end."""
        type(self).others += 1
        folder = os.path.join(self.folder, f"other{self.others}")
        os.mkdir(folder)
        server = kind(folder, accounts, components)
        prepare(server)
        server.start()
        self.addCleanup(server.stop)
        return server

    def as_alice(self, server, scheme="xmpp", host="localhost", **more):
        port = server.port if scheme == "xmpp" else server.tls_port
        return {**self.local, "XBUS_BUS": f"{scheme}://alice@{host}:{port}",
                "XBUS_PASSWORD": server.accounts["alice"], "XBUS_CA": server.ca_file, **more}

    def doctor(self, *words, status=0, env=None, command=()):
        """The findings, as the objects that a pipe gets; the exit status must be as said."""
        done = subprocess.run([*command, shell.program("xbus"), *words], env=env or self.local, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def names_fault(self, step, cause, says, advice, status, *words, env=None, command=()):
        """Exactly this step has failed, for this cause, in these words; the rest was passed or not reached."""
        findings = self.doctor("--timeout", "4", "doctor", *words, status=status, env=env, command=command)
        (failed,) = [f for f in findings if f["result"] == "failed"]
        self.assertEqual((failed["step"], failed["status"]), (step, status), failed)
        self.assertIn(failed["cause"], (cause,) if isinstance(cause, str) else cause, failed)
        self.assertRegex(failed["says"], says)
        self.assertRegex(failed["advice"], advice)
        self.assertGreaterEqual(failed["milliseconds"], 0)
        at = findings.index(failed)
        self.assertNotIn("not reached", [f["says"] for f in findings[:at]])
        self.assertEqual({(f["result"], f["says"]) for f in findings[at + 1:]} - {("skipped", "not reached")}, set())
        self.assertIn(findings[-1]["step"], (step, "call"))
        return findings

    def is_well(self, *words, env=None):
        findings = self.doctor("doctor", *words, env=env)
        self.assertEqual([f for f in findings if f["result"] == "failed"], [])
        done = [f["step"] for f in findings if f["result"] == "ok"]
        self.assertEqual([step for step in done if step in BEHIND_LOGIN], BEHIND_LOGIN, findings)
        return {f["step"]: f for f in findings}

    # ---- all is well ----

    def test_a_healthy_bus_on_a_unix_socket(self):
        self.serve("echo", "cat", "say(text: string)", "--instance", "one")
        steps = self.is_well("echo")
        self.assertRegex(steps["socket"]["says"], r"/xbus/socket belongs to \S+, mode 0\d00")
        self.assertTrue(steps["sasl"]["says"].startswith("EXTERNAL of "))
        self.assertRegex(steps["call"]["says"], r"^echo/one: \d+ methods$")
        for step in ("srv", "host", "starttls", "certificate", "tls"):
            self.assertEqual((steps[step]["result"], steps[step]["says"]), ("skipped", "a unix socket"))
        shown, status = self.at_terminal("doctor", "echo")
        self.assertEqual(status, 0)
        self.assertRegex(shown.decode(), r"(?m)^ok       login +\d+\.\d ms")
        self.assertNotIn("FAILED", shown.decode())

    def test_a_healthy_bus_by_starttls_and_by_direct_tls(self):
        self.serve("echo", "cat", "say(text: string)")
        by_starttls = self.is_well(env=self.as_alice(self.server))
        self.assertEqual(by_starttls["starttls"]["result"], "ok")
        self.assertRegex(by_starttls["certificate"]["says"], r"^localhost, 127\.0\.0\.1, from the CA of one play, until \d{4}-")
        self.assertEqual(by_starttls["tls"]["says"], "TLSv1.3")
        self.assertTrue(by_starttls["sasl"]["says"].startswith("SCRAM-SHA-256-PLUS of "))
        self.assertTrue(by_starttls["bind"]["says"].startswith("alice@localhost/"))
        self.assertRegex(by_starttls["connect"]["says"], rf"127\.0\.0\.1:{self.server.port}$")
        direct = self.is_well("echo", env=self.as_alice(self.server, "xmpps"))
        self.assertEqual((direct["starttls"]["result"], direct["starttls"]["says"]), ("skipped", "direct TLS"))
        order = list(direct)
        self.assertLess(order.index("tls"), order.index("stream"))

    def test_a_healthy_prosody_with_the_registry_beside_it(self):
        prosody = self.other(Prosody, accounts=("alice", "worker"), components=("services.localhost",))
        environment = {**os.environ, "XBUS_COMPONENT_SECRET": prosody.components["services.localhost"]}
        self.start("registry", [shell.program("xbus-registry"), "--server", f"tcp://127.0.0.1:{prosody.component_port}",
                                "--domain", "services.localhost", "--claim", "first", "--data", prosody.folder + "/names"],
                   env=environment)
        worker = {**self.as_alice(prosody), "XBUS_BUS": f"xmpp://worker@localhost:{prosody.port}"}
        command = self.script("echo.sh", "cat")
        self.start("echo", [shell.program("xbus"), "serve", "echo", "--exec", command, "--methods", "say(text: string)"],
                   env=worker)
        alice = self.as_alice(prosody)
        shell.waiting.poll(lambda: self.run_xbus("doctor", "echo", env=alice).returncode == 0, 30, "echo is listed")
        self.assertEqual(self.is_well("echo", env=alice)["registry"]["says"], "services.localhost")
        self.is_well("echo", env=self.as_alice(prosody, "xmpps"))

    # ---- the way to the server ----

    def with_name_server(self, mode):
        """A command before ours that gives it a name server of its own."""
        return [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "name_server.py"), mode]

    def with_host(self, name):
        """A command before ours to which the name is this host."""
        path = os.path.join(self.folder, "hosts")
        with open(path, "w", encoding="ascii") as f:
            f.write(f"127.0.0.1 localhost {name}\n")
        as_root = [] if os.getuid() == 0 else ["--map-root-user"]
        return ["unshare", *as_root, "--mount", "sh", "-c", f"mount --bind {path} /etc/hosts && exec \"$@\"", "sh"]

    def test_a_name_that_nobody_knows(self):
        command = self.with_name_server("nothing")
        bus = {**self.alice, "XBUS_BUS": "xmpp://alice@no-such-host.example:5222"}
        self.names_fault("host", "no-such-name", "there is no host no-such-host.example", "spelling", UNAVAILABLE,
                         env=bus, command=command)
        bus["XBUS_BUS"] = "xmpp://alice@no-such-host.example"
        findings = self.names_fault("host", "no-such-name", "there is no host", "spelling", UNAVAILABLE,
                                    env=bus, command=command)
        self.assertEqual({f["says"] for f in findings if f["step"] == "srv"},
                         {f"_{kind}._tcp.no-such-host.example: none; the host itself is asked"
                          for kind in ("xmpp-client", "xmpps-client")})

    def test_name_servers_that_do_not_answer(self):
        command = self.with_name_server("silence")
        bus = {**self.alice, "XBUS_BUS": "xmpp://alice@bus.example:5222"}
        self.names_fault("host", "no-answer", "no name server answers for bus.example", "resolv.conf", UNAVAILABLE,
                         env=bus, command=command)

    def test_a_port_that_is_closed(self):
        port = ports.free_port()
        self.names_fault("connect", "refused", f"nobody listens at 127.0.0.1:{port}", "start the bus", UNAVAILABLE,
                         env={**self.alice, "XBUS_BUS": f"xmpp://alice@127.0.0.1:{port}"})

    def test_an_address_that_is_none(self):
        line = self.xbus("doctor", env={**self.alice, "XBUS_BUS": "bus.example"}, status=2)
        self.assertIn("$XBUS_BUS: \"bus.example\" is no address of a bus", line)
        self.assertIn("xmpp://", line)

    def test_a_server_that_takes_connections_and_says_nothing(self):
        silent = Listener(self, lambda connection: None)
        for scheme, step in (("xmpp", "stream"), ("xmpps", "tls")):
            with self.subTest(scheme=scheme):
                self.names_fault(step, "silent", "no word from the server within 4 s", "hangs", UNAVAILABLE,
                                 env={**self.alice, "XBUS_BUS": f"{scheme}://alice@127.0.0.1:{silent.port}"})

    def test_a_server_that_hangs_up(self):
        def hang_up(connection):
            connection.recv(4096)
            connection.close()

        port = Listener(self, hang_up).port
        self.names_fault("stream", "closed", "closed the connection", "log", UNAVAILABLE,
                         env={**self.alice, "XBUS_BUS": f"xmpp://alice@127.0.0.1:{port}"})

    def test_a_port_that_speaks_http(self):
        class Http(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

        class WithStatus(Http):
            default_request_version = "HTTP/1.1"  # else it answers what is no request without a status line

        for handler in (Http, WithStatus):
            with self.subTest(handler=handler):
                server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
                server.daemon_threads = True
                self.addCleanup(server.server_close)
                self.addCleanup(server.shutdown)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                bus = f"xmpp://alice@127.0.0.1:{server.server_port}"
                self.names_fault("stream", "http", "a web server answers here", "port", UNAVAILABLE,
                                 env={**self.alice, "XBUS_BUS": bus})

    def test_what_a_stranger_says_does_not_reach_the_terminal(self):
        port = Listener(self, lambda connection: connection.sendall(b"220 \x1b[2J\x1b]0;owned\x07\xe2\x80\xae\r\n")).port
        bus = {**self.alice, "XBUS_BUS": f"xmpp://alice@127.0.0.1:{port}", "NO_COLOR": "1"}
        self.names_fault("stream", "not-xmpp", "speaks no XMPP", "port", UNAVAILABLE, env=bus)
        shown, status = self.at_terminal("doctor", env=bus)
        self.assertEqual(status, UNAVAILABLE)
        self.assertNotIn(b"\x1b", shown)
        self.assertNotIn("\u202e".encode(), shown)
        self.assertRegex(shown.decode(), r"FAILED   stream +\d+\.\d ms  what answers here speaks no XMPP")

    # ---- TLS and certificates ----

    def test_tls_is_absent(self):
        def in_clear(server):
            with open(server.config, encoding="utf-8") as f:
                text = f.read()
            server.write("xbusd.toml", "plain_loopback = true\n" + text)

        xbusd = self.other(Xbusd, in_clear)
        self.names_fault("starttls", "tls-not-offered", "offers no TLS", "switch TLS on", NOT_LOGGED_IN,
                         env=self.as_alice(xbusd))

        def without_tls(server):
            with open(server.config, encoding="utf-8") as f:
                text = f.read()
            server.write("prosody.cfg.lua", text.replace('"tls", ', "").replace(
                "c2s_require_encryption = true", "c2s_require_encryption = false\nmodules_disabled = { \"tls\", \"s2s\" }"))

        prosody = self.other(Prosody, without_tls)
        self.names_fault("starttls", "tls-not-offered", "offers no TLS", "switch TLS on", NOT_LOGGED_IN,
                         env=self.as_alice(prosody))

    def test_the_wrong_kind_of_tls(self):
        crossed = f"xmpp://alice@localhost:{self.server.tls_port}"
        self.names_fault("stream", "closed", "closed the connection", "direct TLS wants xmpps://", UNAVAILABLE,
                         env={**self.alice, "XBUS_BUS": crossed})
        crossed = f"xmpps://alice@localhost:{self.server.port}"
        self.names_fault("tls", "handshake", "handshake fails", "STARTTLS", UNAVAILABLE,
                         env={**self.alice, "XBUS_BUS": crossed})

    def with_certificate(self, days, *names):
        """A server whose certificate is for these names and these days, from its own CA."""
        def change(server):
            base = server.certificate[:-len(".crt")]
            with open(base + ".ext", "w", encoding="utf-8") as f:
                f.write("subjectAltName=" + ",".join("DNS:" + name for name in names) + "\n")
            authority = os.path.join(server.ca_folder, "ca")
            subprocess.run(["openssl", "x509", "-req", "-in", base + ".csr", "-CA", authority + ".pem", "-CAkey",
                            authority + ".key", "-CAcreateserial", "-days", str(days), "-extfile", base + ".ext", "-out",
                            server.certificate], check=True, capture_output=True)

        return self.other(Xbusd, change)

    def test_a_certificate_that_has_expired(self):
        server = self.with_certificate(-1, "localhost")
        for scheme in ("xmpp", "xmpps"):
            findings = self.names_fault("certificate", "expired", r"the certificate for localhost expired on \d{4}-\d\d-\d\dT",
                                        "renew it at the server .issuer: the CA of one play", NOT_LOGGED_IN,
                                        env=self.as_alice(server, scheme))
            self.assertNotIn("ok", [f["result"] for f in findings if f["step"] == "tls"])

    def test_a_certificate_for_another_name(self):
        server = self.with_certificate(2, "other.example", "third.example")
        self.names_fault("certificate", "other-name", "for other.example, third.example is not for localhost", "own name",
                         NOT_LOGGED_IN, env=self.as_alice(server))

    def test_a_ca_that_nobody_knows_and_another_fingerprint(self):
        alice = {**self.alice}
        del alice["XBUS_CA"]
        findings = self.names_fault("certificate", "unknown-issuer", "from the CA of one play, whom nothing here trusts",
                                    "--ca FILE trusts its CA; --pin [0-9a-f]{64} ", NOT_LOGGED_IN, env=alice)
        (failed,) = [f for f in findings if f["result"] == "failed"]
        pin = re.search("--pin ([0-9a-f]{64})", failed["advice"])[1]
        self.serve("echo", "cat", "say(text: string)")
        self.is_well(env={**alice, "XBUS_PIN": pin})  # what it says to do helps
        self.names_fault("certificate", "other-pin", f"fingerprint {pin}, which is not the pinned one", "replaced",
                         NOT_LOGGED_IN, env={**alice, "XBUS_PIN": "00" * 32})
        self.names_fault("certificate", "trust", "nothing-there.pem", "--ca", NOT_LOGGED_IN,
                         env={**alice, "XBUS_CA": os.path.join(self.folder, "nothing-there.pem")})

    # ---- the login ----

    def test_a_wrong_password(self):
        for scheme in ("xmpp", "xmpps"):
            self.names_fault("login", "not-authorized", "alice is not let in: not-authorized", "password", NOT_LOGGED_IN,
                             env=self.as_alice(self.server, scheme, XBUS_PASSWORD="wrong"))

    def test_no_common_mechanism(self):
        def only_others(server):
            with open(server.config, encoding="utf-8") as f:
                text = f.read()
            server.write("prosody.cfg.lua", text.replace('"internal_plain"', '"anonymous"'))

        prosody = self.other(Prosody, only_others)
        self.names_fault("sasl", "no-common-mechanism", "the server offers only ANONYMOUS", "switch SCRAM-SHA-256 on",
                         NOT_LOGGED_IN, env=self.as_alice(prosody))

    def test_a_domain_that_the_server_does_not_serve(self):
        self.names_fault("stream", "host-unknown", "does not serve bus.example", "domain", UNAVAILABLE,
                         env={**self.alice, "XBUS_BUS": f"xmpp://alice@bus.example:{self.server.port}"},
                         command=self.with_host("bus.example"))

    # ---- unix sockets ----

    def test_there_is_no_socket(self):
        with tempfile.TemporaryDirectory() as empty:
            self.names_fault("socket", "missing", f"there is no {empty}/socket", "start xbusd", UNAVAILABLE,
                             env={**self.local, "XBUS_BUS": f"unix:{empty}/socket"})

    def test_a_socket_whose_bus_has_ended(self):
        path = os.path.join(self.folder, "left-behind")
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(path)
        self.names_fault("connect", "refused", "nobody listens at " + path, "its bus has ended: start xbusd", UNAVAILABLE,
                         env={**self.local, "XBUS_BUS": f"unix:{path}"})
        with open(path + ".file", "w", encoding="ascii"):
            pass
        self.names_fault("socket", "no-socket", "it is no socket", "--bus", UNAVAILABLE,
                         env={**self.local, "XBUS_BUS": f"unix:{path}.file"})

    def test_a_socket_that_is_closed_to_us(self):
        """As root, whom nothing is closed to, the program runs as nobody."""
        root = os.getuid() == 0
        folder = tempfile.mkdtemp(prefix="xbus-closed-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "socket")
        listening = socket.socket(socket.AF_UNIX)
        self.addCleanup(listening.close)
        listening.bind(path)
        listening.listen()
        os.chmod(path, 0o600 if root else 0)
        copy = shutil.copy(shell.program("xbus"), folder)
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []
        done = subprocess.run([*command, copy, "doctor"], text=True, capture_output=True, timeout=60,
                              env={"XBUS_BUS": f"unix:{path}", "PATH": os.environ["PATH"]})
        self.assertEqual((done.returncode, done.stderr), (UNAVAILABLE, ""), done.stdout)
        (failed,) = [f for f in map(json.loads, done.stdout.splitlines()) if f["result"] == "failed"]
        self.assertEqual((failed["step"], failed["cause"]), ("socket", "permission"))
        self.assertRegex(failed["says"], r"belongs to \S+, mode 0\d00: you may not connect")
        self.assertIn("ask its owner", failed["advice"])

    def test_a_folder_of_sockets_that_is_not_our_own(self):
        run = tempfile.mkdtemp(prefix="xbus-run-")
        self.addCleanup(shutil.rmtree, run)
        os.mkdir(os.path.join(run, "xbus"), 0o700)
        env = {**self.local, "XDG_RUNTIME_DIR": run}
        os.chmod(os.path.join(run, "xbus"), 0o755)
        self.names_fault("address", "address", "xbus is open to other users", "0700", UNAVAILABLE, env=env)
        if os.getuid() == 0:  # only root gives folders away
            os.chmod(os.path.join(run, "xbus"), 0o700)
            os.chown(os.path.join(run, "xbus"), NOBODY, NOBODY)
            self.names_fault("address", "address", "xbus is another user's", "0700", UNAVAILABLE, env=env)

    # ---- behind the login ----

    def test_the_registry_is_absent(self):
        # Unknown to the server, which does not federate; and known but not connected.
        for component, cause in (("other.localhost", ("forbidden", "not-allowed")), ("services.localhost", "remote-server-timeout")):
            with self.subTest(component=component):
                prosody = self.other(Prosody, components=(component,))
                self.names_fault("registry", cause, "nobody at services.localhost: ", "start xbus-registry", UNAVAILABLE,
                                 env=self.as_alice(prosody))

    def test_a_service_that_is_not_listed(self):
        self.names_fault("services", "not-listed", "nobody-here is not listed", "xbus list", UNAVAILABLE, "nobody-here")
        self.serve("echo", "cat", "say(text: string)")
        self.names_fault("services", "not-listed", "ehco is not listed", "did you mean echo", UNAVAILABLE, "ehco")

    def test_a_service_that_hangs(self):
        hung = self.serve("hung", "cat", "say(text: string)", "--instance", "stopped")
        self.serve("well", "cat", "say(text: string)", "--instance", "running")
        hung.signal(signal.SIGSTOP)
        self.addCleanup(hung.signal, signal.SIGCONT)
        for words in (("hung",), ()):
            with self.subTest(words=words):
                findings = self.doctor("doctor", *words, status=TIMEOUT)
                (failed,) = [f for f in findings if f["result"] == "failed"]
                self.assertEqual((failed["step"], failed["cause"], failed["status"]), ("call", "timeout", TIMEOUT))
                self.assertRegex(failed["says"], r"^hung/stopped does not answer within 3 s$")
                self.assertIn("hangs or is stopped", failed["advice"])
                others = [f["says"] for f in findings if f["step"] == "call" and f["result"] == "ok"]
                self.assertEqual(len(others), 0 if words else 1)  # one that hangs holds up no other
        shown, status = self.at_terminal("doctor", "hung")
        self.assertEqual(status, TIMEOUT)
        self.assertIn(b"\x1b[31mFAILED   call", shown)


if __name__ == "__main__":
    shell.main()
