"""Named contexts: where the bus is and as whom, from config.toml, on a live bus."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402


class Contexts(shell.Shell):
    accounts = ("alice", "bob")

    def setUp(self):
        super().setUp()
        self.config = os.path.join(self.folder, "config")
        os.makedirs(os.path.join(self.config, "xbus"), exist_ok=True)
        self.env = {**self.local, "XDG_CONFIG_HOME": self.config}
        for account in self.accounts:
            path = os.path.join(self.config, "xbus", f"{account}.password")
            with open(path, "w", encoding="utf-8") as f:
                f.write(self.server.accounts[account] + "\n")
            os.chmod(path, 0o600)

    def write(self, text):
        with open(os.path.join(self.config, "xbus", "config.toml"), "w", encoding="utf-8") as f:
            f.write(text)

    def caller(self, *words, env=None):
        """The account that a service sees."""
        return self.xbus(*words, "call", "who", "me", env=env or self.env).split("/")[0]

    def test_a_context_says_where_and_as_whom(self):
        self.serve("who", 'echo "$XBUS_CALLER"', "me")
        self.write(f"""default = "work"
[context.work]
bus = "xmpp://localhost:{self.server.port}"
account = "alice"
password_file = "alice.password"
ca = "{self.server.ca_file}"
[context.work.as.bob]
password_file = "bob.password"
[context.local]
bus = "unix:{os.path.join(self.server.run_folder, 'xbus', 'socket')}"
""")
        mine = self.caller("--context", "local")
        self.assertEqual(self.caller(), "alice@localhost")
        self.assertEqual(self.caller("--context", "work"), "alice@localhost")
        self.assertEqual(self.caller("--as", "bob"), "bob@localhost")
        self.assertNotIn(mine, ("alice@localhost", "bob@localhost"))
        # Without a file for the account, the environment has its password.
        self.write(f"""[context.work]
bus = "xmpp://localhost:{self.server.port}"
ca = "{self.server.ca_file}"
""")
        by_environment = {**self.env, "XBUS_PASSWORD": self.server.accounts["bob"]}
        self.assertEqual(self.caller("--context", "work", "--as", "bob", env=by_environment), "bob@localhost")
        self.assertEqual(self.caller(), mine)  # no default: the per-user bus
        listed = self.xbus("context", "list", env=self.env)
        self.assertEqual([c["name"] for c in listed], ["work"])
        self.assertEqual(self.xbus("context", env=self.env), listed)

    def test_mistakes_are_named_with_file_and_line(self):
        self.write("[context.work]\nbus = \"unix:/x\"\npasswd = \"y\"\n")
        self.assertIn("config.toml:3: unknown key passwd", self.xbus("list", env=self.env, status=1))
        self.assertIn("config.toml:3: unknown key passwd", self.xbus("context", env=self.env, status=1))
        self.xbus("help", "context", env=self.env)  # needs no bus, so no file
        self.write("[context.work]\n\nbus = \"bus.example\"\n")
        self.assertIn("config.toml:3: bus: \"bus.example\" is no address of a bus", self.xbus("list", env=self.env, status=1))
        self.write("[context.work]\nbus = \"unix:/x\"\npassword = \"secret\"\n")
        line = self.xbus("list", env=self.env, status=1)
        self.assertIn("password_file", line)
        self.assertNotIn("secret", line)
        self.write("[context.work]\nbus = \"unix:/x\"\n")
        self.assertIn("no context wrok", self.xbus("--context", "wrok", "list", env=self.env, status=2))
        self.xbus("--context", "work", "--bus", "unix:/y", "list", env=self.env, status=2)

    def test_a_password_file_for_all_is_refused(self):
        self.write(f"""[context.work]
bus = "xmpp://localhost:{self.server.port}"
account = "alice"
password_file = "open.password"
ca = "{self.server.ca_file}"
""")
        path = os.path.join(self.config, "xbus", "open.password")
        with open(path, "w", encoding="utf-8") as f:
            f.write(self.server.accounts["alice"])
        os.chmod(path, 0o644)
        self.assertIn("chmod 600", self.xbus("--context", "work", "list", env=self.env, status=1))
        os.chmod(path, 0o600)
        self.xbus("--context", "work", "list", env=self.env)


if __name__ == "__main__":
    shell.main()
