"""Logins with a client certificate: whom one stands for, and whom not (XEP-0178)."""
import base64
import os
import re
import socket
import ssl
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402
from harness.authority import Authority  # noqa: E402
from harness.xbusd import Xbusd  # noqa: E402

HEADER = ("<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "version='1.0'>")


class Certificates(shell.Shell):
    accounts = ("alice", "bob")

    @classmethod
    def setUpClass(cls):
        own = tempfile.TemporaryDirectory(prefix="xbus-clients-")
        cls.addClassCleanup(own.cleanup)
        cls.own = own.name
        cls.clients = Authority(cls.own)
        Xbusd.more = f'client_ca = "{cls.clients.file}"\n'
        try:
            super().setUpClass()
        finally:
            Xbusd.more = ""

    def given(self, name, *accounts):
        return self.clients.client(self.own, name, *accounts)

    def login(self, certificate, authzid=""):
        """What the server says to EXTERNAL; None where it does not offer that."""
        context = ssl.create_default_context(cafile=self.server.ca_file)
        context.load_cert_chain(*certificate)
        with socket.create_connection(("127.0.0.1", self.server.tls_port), timeout=10) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as stream:
            stream.sendall(HEADER.encode())
            if "<mechanism>EXTERNAL</mechanism>" not in self.read(stream, "</stream:features>"):
                return None
            data = base64.b64encode(authzid.encode()).decode() or "="
            stream.sendall(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>{data}</auth>".encode())
            said = self.read(stream, "</failure>|<success[^>]*/>")
            return "success" if "<success" in said else re.search("<failure[^>]*><([a-z-]+)/>", said)[1]

    @staticmethod
    def read(stream, wanted):
        text = ""
        while not re.search(wanted, text):
            more = stream.recv(65536).decode()
            if not more:
                raise AssertionError(f"no {wanted} in {text}")
            text += more
        return text

    def test_CORE_18_one_address_is_the_account(self):
        alice = self.given("alice", "alice@localhost")
        self.assertEqual(self.login(alice), "success")
        self.assertEqual(self.login(alice, "alice@localhost"), "success")
        self.assertEqual(self.login(alice, "bob@localhost"), "invalid-authzid")
        self.assertEqual(self.login(self.given("upper", "ALICE@LOCALHOST")), "success")

    def test_CORE_18_of_several_one_is_named(self):
        both = self.given("both", "alice@localhost", "bob@localhost")
        self.assertEqual(self.login(both), "invalid-authzid")
        self.assertEqual(self.login(both, "bob@localhost"), "success")
        # Accounts of another domain, or that are not there, are none.
        self.assertEqual(self.login(self.given("one", "bob@elsewhere", "nobody@localhost", "bob@localhost")), "success")

    def test_CORE_18_what_is_nobody_s(self):
        for name, accounts in (("ghost", ["nobody@localhost"]), ("elsewhere", ["alice@elsewhere"]),
                               ("full", ["alice@localhost/r"]), ("alice2", [])):
            self.assertEqual(self.login(self.given(name, *accounts)), "not-authorized", name)
        strangers = os.path.join(self.own, "strangers")
        os.mkdir(strangers)
        mallory = Authority(strangers).client(strangers, "mallory", "alice@localhost")
        self.assertIsNone(self.login(mallory))

    def test_a_program_logs_in_with_a_certificate(self):
        certificate, key = self.given("program", "alice@localhost", "bob@localhost")
        bus = {**self.local, "XBUS_BUS": f"xmpps://localhost:{self.server.tls_port}", "XBUS_CA": self.server.ca_file}
        for account in ("alice", "bob"):
            self.xbus("--account", account, "--certificate", certificate, "--key", key, "list", env=bus)
        self.assertIn("login account=bob mechanism=EXTERNAL", self.server.process.tail(400))


if __name__ == "__main__":
    shell.main()
