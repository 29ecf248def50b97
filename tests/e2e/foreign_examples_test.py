#!/usr/bin/python3
"""Runs the numbered examples in other languages: each logs in over STARTTLS and SCRAM at a bus that made its certificate
itself, with an account that `xbus account add` made, and trusts the authority that the bus's log names."""
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import ports, process, waiting  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"  # npm trusts what the system trusts
EXAMPLES = ROOT / "examples"
BUILD = pathlib.Path(os.environ.get("XBUS_BUILD", ROOT / "build/release"))
XBUS = str(BUILD / "bin/xbus")
RUN = {".py": ["/usr/bin/python3"], ".mjs": ["node"], ".rb": ["ruby"]}
PASSWORD = "correct, horse = ünïcode"
DEADLINE = 60


NO_REGISTRY = re.compile(r"code (ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|SELF_SIGNED_CERT_IN_CHAIN|"
                         r"UNABLE_TO_\w+|ERR_SOCKET_TIMEOUT)")


class Foreign(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tried = set()
        folder = tempfile.TemporaryDirectory(prefix="xbus-foreign-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "run").mkdir(mode=0o700)
        cls.env = {k: v for k, v in os.environ.items() if not k.startswith(("XBUS_", "XDG_"))}
        cls.env.update(HOME=folder.name, XDG_RUNTIME_DIR=str(cls.folder / "run"), LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")
        cls.port = ports.free_port()
        bus = cls.begin("xbusd", [str(BUILD / "bin/xbusd"), "--listen", f"127.0.0.1:{cls.port}"])
        cls.authority = cls.said(bus, r"\bca=(\S+)")
        cls.until("ping")
        cls.xbus("name", "give", "calc", pwd.getpwuid(os.getuid()).pw_name)  # on a network nobody owns a name unasked
        cls.calc = cls.begin("calc", [str(BUILD / "examples/01_service")])
        cls.until("describe", "calc")
        password = cls.folder / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        for account in ("python", "javascript", "ruby"):
            cls.xbus("account", "add", account, "--new-password-file", str(password))

    @classmethod
    def begin(cls, name, command, **more):
        started = process.Process(name, command, str(cls.folder / f"{name}.log"), env={**cls.env, **more})
        cls.addClassCleanup(started.stop)
        return started

    @classmethod
    def said(cls, started, pattern):
        """What the group of the pattern is in what a program has said."""
        def look():
            if started.popen.poll() is not None:
                raise waiting.Hopeless(f"{started.name} ended:\n{started.tail()}")
            found = re.search(pattern, pathlib.Path(started.log).read_text(encoding="utf-8"), re.M)
            return found and found[1]
        return waiting.poll(look, DEADLINE, f"{started.name} says {pattern}")

    @classmethod
    def xbus(cls, *words, status=0):
        done = subprocess.run([XBUS, *words], env=cls.env, stdin=subprocess.DEVNULL, text=True, capture_output=True,
                              timeout=DEADLINE)
        assert done.returncode == status, f"xbus {' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}"
        return done.stdout

    @classmethod
    def until(cls, *words):
        waiting.poll(lambda: cls.xbus(*words) or True, DEADLINE, f"xbus {' '.join(words)}")

    def command(self, name, account, folder=EXAMPLES):
        self.tried.add(name)
        return RUN[pathlib.Path(name).suffix] + [str(folder / name), f"{account}@localhost", f"127.0.0.1:{self.port}"]

    def told(self, authority=None, password=PASSWORD):
        authority = str(authority or self.authority)
        return {"XBUS_PASSWORD": password, "XBUS_CA": authority, "NODE_EXTRA_CA_CERTS": authority}

    def output(self, command, authority=None, password=PASSWORD):
        return subprocess.run(command, env={**self.env, **self.told(authority, password)}, stdin=subprocess.DEVNULL,
                              text=True, capture_output=True, timeout=DEADLINE)

    def check_call(self, command):
        done = self.output(command)
        self.assertEqual((done.returncode, done.stdout), (0, "2 + 3 = 5\nnobody: service-unavailable\n"), done.stderr)

    def check_refused(self, command):
        """Neither a wrong password nor a bus that another authority vouches for is taken."""
        wrong = self.output(command, password="wrong")
        self.assertNotEqual(wrong.returncode, 0, wrong.stdout)
        self.assertNotIn("2 + 3", wrong.stdout)
        other = self.folder / "other.pem"
        if not other.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-subj", "/CN=another", "-keyout", os.devnull, "-out", str(other)], check=True, capture_output=True)
        command = ["timeout", "5", *command]  # slixmpp tries again for ever
        stranger = self.output(command, authority=other)
        self.assertNotEqual(stranger.returncode, 0, stranger.stdout)
        self.assertNotIn("2 + 3", stranger.stdout)

    def serve(self, name, account, service):
        """The service of an example, listed; first it is told that the name is not its own."""
        command = self.command(name, account)
        refused = self.output(command)
        self.assertIn("not listed: forbidden", refused.stderr)
        self.assertNotEqual(refused.returncode, 0)
        self.xbus("name", "give", service, account)
        started = self.begin(name, command, **self.told())
        self.said(started, r"^(listed)$")
        return started

    def leaves(self, started, service):
        started.stop()
        waiting.poll(lambda: service not in self.xbus("list"), DEADLINE, f"{service} has left")

class Debian(Foreign):
    """What Debian packages run."""

    def test_07_a_service_in_python(self):
        started = self.serve("07_slixmpp_service.py", "python", "greeter")
        self.assertEqual(json.loads(self.xbus("call", "greeter", "greet", "ünïcode <&>")), "hello, ünïcode <&>")
        self.assertEqual(json.loads(self.xbus("call", "greeter", "total", "--json", "[[1, 2, 3]]")), 6)
        self.xbus("call", "greeter", "nothing", status=76)
        self.xbus("call", "greeter", "greet", status=67)
        self.leaves(started, "greeter")

    def test_08_a_caller_in_python(self):
        self.check_call(self.command("08_slixmpp_call.py", "python"))
        self.check_refused(self.command("08_slixmpp_call.py", "python"))

    def test_10_a_service_in_ruby(self):
        started = self.serve("10_xmpp4r_service.rb", "ruby", "words")
        self.assertEqual(json.loads(self.xbus("call", "words", "count", "one ünïcode 1 < 2 & 3")), 7)
        self.assertEqual(json.loads(self.xbus("call", "words", "turned", "ünïcode <&>")), ">&< edocïnü")
        self.assertIn("How many words a text has.", self.xbus("describe", "words"))
        self.xbus("call", "words", "nothing", status=66)  # the library has a number of its own for it
        self.leaves(started, "words")

    def test_zy_a_caller_ends_where_its_service_is_not_there(self):
        self.leaves(self.calc, "calc")
        done = self.output(self.command("08_slixmpp_call.py", "python"))
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn("calc: service-unavailable", done.stderr)

    def test_zz_every_example_has_been_run(self):
        there = {path.name for path in EXAMPLES.glob("[0-9]*") if path.suffix in RUN}
        self.assertEqual(self.tried | {path.name for path in EXAMPLES.glob("[0-9]*.mjs")}, there)


class Npm(Foreign):
    """What needs packages of the npm registry. Where that cannot be reached this ends with 77, which ctest tells as not run."""

    unreachable = ""

    def test_09_a_caller_in_javascript(self):
        folder = self.folder / "javascript"
        folder.mkdir()
        for name in ("package.json", "09_xmpp_client_call.mjs"):
            shutil.copy(EXAMPLES / name, folder)
        install = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"], cwd=folder, text=True,
                                 env={"NODE_EXTRA_CA_CERTS": SYSTEM_CA, **os.environ, "npm_config_cache": str(self.folder / "npm")},
                                 stdin=subprocess.DEVNULL, capture_output=True, timeout=180)
        if NO_REGISTRY.search(install.stderr):
            type(self).unreachable = install.stderr
            return
        self.assertEqual(install.returncode, 0, install.stderr)
        self.check_call(self.command("09_xmpp_client_call.mjs", "javascript", folder))
        self.check_refused(self.command("09_xmpp_client_call.mjs", "javascript", folder))


if __name__ == "__main__":
    process.install_cleanup()
    ended = unittest.main(exit=False).result
    if Npm.unreachable:
        print("not run: the npm registry cannot be reached:\n" + Npm.unreachable)
    sys.exit(77 if Npm.unreachable else not ended.wasSuccessful())
