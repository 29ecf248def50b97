"""A disk that takes nothing more: what is refused has no effect, what is acknowledged is there after kill -9."""
import os
import resource
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402

INTERNAL = 64 + 13
FULL = 8192  # bytes that a file may have: more than the log has, less than the store's


class Disk(shell.Shell):
    def limit(self, bytes_max):
        _, hard = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (bytes_max, hard))

    def kept_accounts(self):
        return {entry["name"] for entry in self.xbus("account")}

    def names(self):
        return {entry["name"]: entry["owner"] for entry in self.xbus("name")}

    def manage(self, verb, account, status=0):
        password = ["--new-password-file", "-"] if verb != "remove" else []
        return self.xbus("account", verb, account, *password, text="a long secret\n", status=status)

    def log(self):
        return self.server.process.tail(400)

    def test_a_full_disk_refuses_and_forgets_nothing(self):
        self.manage("add", "a1")
        self.xbus("name", "give", "kept", "a1")
        before = self.names(), self.kept_accounts()
        self.limit(FULL)
        self.xbus("name", "give", "nn", "a1", status=INTERNAL)
        self.xbus("name", "release", "kept", status=INTERNAL)
        self.manage("add", "b1", status=INTERNAL)
        self.manage("passwd", "a1", status=INTERNAL)
        self.manage("remove", "a1", status=INTERNAL)
        self.assertEqual((self.names(), self.kept_accounts()), before)
        told = self.log()
        self.assertIn("store cannot write", told)
        self.assertIn("xbus.db", told)
        for event in ("account_added account=b1", "password_changed", "account_removed"):
            self.assertNotIn(event, told)
        self.limit(resource.RLIM_INFINITY)
        self.xbus("name", "give", "nn", "a1")
        self.manage("add", "b1")
        after = self.names(), self.kept_accounts()
        self.assertIn("nn", after[0])
        self.assertIn("b1", after[1])
        self.server.kill()
        self.server.start()
        self.assertEqual((self.names(), self.kept_accounts()), after)


if __name__ == "__main__":
    shell.main()
