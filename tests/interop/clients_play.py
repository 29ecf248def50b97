"""Chat clients over STARTTLS: login, disco, ping, roster, subscription and a message there and back."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402


class Clients(peers.PeerPlay):
    accounts = ("slixmpp", "strophe", "gloox", "partner")

    def does_what_clients_do(self, library):
        partner = self.peer("slixmpp", "partner", "partner")
        partner.wait_line("ready ", 30)
        client = self.peer(library, "client", library, partner="partner@localhost")
        # Each step is waited for by its own line, so that a failure names the step.
        self.assertEqual(client.wait_line("login ", 30), f"login {library}@localhost/peer")
        self.assertEqual(client.wait_line("disco ", 15), "disco True")
        client.wait_line("ping ok", 15)
        self.assertEqual(client.wait_line("subscribed ", 15), "subscribed partner@localhost")
        self.assertEqual(client.wait_line("message ", 15), "message echo: 1 < 2 & ünïcode")
        self.assertEqual(client.wait_line("roster ", 15), "roster partner@localhost:to")

    def test_slixmpp(self):
        self.does_what_clients_do("slixmpp")

    def test_libstrophe(self):
        self.does_what_clients_do("strophe")

    def test_gloox(self):
        self.does_what_clients_do("gloox")

    def test_CORE_27_a_wrong_password_is_refused(self):
        self.server.accounts["slixmpp"], right = "wrong", self.server.accounts["slixmpp"]
        try:
            client = self.peer("slixmpp", "client", "slixmpp", partner="partner@localhost")
        finally:
            self.server.accounts["slixmpp"] = right
        # The library tries every mechanism in turn; a server may end the stream before it has no more.
        self.assertIn(client.wait_line("failed ", 30), ("failed login refused", "failed stream error policy-violation"))


if __name__ == "__main__":
    peers.main()
