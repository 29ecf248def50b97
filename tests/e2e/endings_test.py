"""How programs end: by a signal at any moment, by a connection that is gone for good, by output that goes nowhere."""
import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
import termios

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402

LONG = (["top", "--interval", "0.2"], ["scatter", "agent", "load", "--timeout", "60"],
        ["call", "agent", "load", "--every", "0.2", "--timeout", "60"])


class Endings(shell.Shell):
    def agent(self, *options):
        return self.start("agent", [shell.program("xbus-agent"), *options], env=self.local)

    def silent_socket(self):
        """A socket that takes connections and never answers; what was accepted can be awaited."""
        path = os.path.join(self.folder, f"silent{len(os.listdir(self.folder))}")
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(path)
        server.listen(8)
        server.settimeout(20)
        return path, server

    def begin(self, *words, env=None):
        child = subprocess.Popen([shell.program("xbus"), *words], env=env or self.local, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.kill)
        return child

    # ---- signals ----

    def test_a_signal_while_connecting_ends_it_at_once(self):
        for words in LONG:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(words=words, number=number):
                    path, server = self.silent_socket()
                    child = self.begin(*words, env={**self.local, "XBUS_BUS": "unix:" + path})
                    peer, _ = server.accept()
                    with contextlib.closing(peer):
                        peer.settimeout(20)
                        self.assertTrue(peer.recv(1))  # it speaks: its signals are in place
                        child.send_signal(number)
                        _, told = child.communicate(timeout=20)
                    self.assertEqual((child.returncode, told), (128 + number, b""))

    def test_a_signal_at_any_moment_of_the_start_is_no_crash(self):
        self.agent()
        self.await_listed("agent")
        for words in LONG:
            for step in range(12):
                with self.subTest(words=words, step=step):
                    child = self.begin(*words)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(0.004 * step)
                    child.send_signal(signal.SIGINT)
                    child.send_signal(signal.SIGINT)
                    _, told = child.communicate(timeout=20)
                    # Before it has a handler the signal itself ends it.
                    self.assertIn(child.returncode, (-signal.SIGINT, 0, 128 + signal.SIGINT), told)
                    self.assertNotIn(b"remote-server-timeout", told)

    def test_under_nohup_a_hangup_is_none(self):
        self.agent()
        self.await_listed("agent")
        child = subprocess.Popen(["nohup", shell.program("xbus"), "call", "agent", "load", "--every", "0.05"],
                                 env=self.local, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(child.kill)
        self.assertTrue(child.stdout.readline())
        child.send_signal(signal.SIGHUP)
        self.assertTrue(all(child.stdout.readline() for _ in range(20)))
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=20)
        self.assertEqual(child.returncode, 0)

    def test_a_signal_at_the_prompt_leaves_the_terminal_as_it_was(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                master, slave = pty.openpty()
                before = termios.tcgetattr(slave)
                child = subprocess.Popen(
                    [shell.program("xbus"), "--bus", f"xmpp://alice@localhost:{self.server.port}", "list"],
                    env=self.local, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                    preexec_fn=lambda fd=slave: __import__("fcntl").ioctl(fd, termios.TIOCSCTTY, 0))
                self.addCleanup(child.kill)
                shell.waiting.poll(lambda fd=slave: not termios.tcgetattr(fd)[3] & termios.ECHO, 20, "it asks in silence")
                child.send_signal(number)
                self.assertEqual(child.wait(20), -number)
                self.assertEqual(termios.tcgetattr(slave), before)
                os.close(master)
                os.close(slave)

    # ---- gone for good ----

    def ended(self, serving, status):
        self.assertEqual(serving.popen.wait(20), status)
        with open(serving.log, encoding="utf-8") as log:
            return log.read()

    def test_another_session_in_its_place_ends_a_service_and_says_so(self):
        first = self.agent()
        self.await_listed("agent")
        second = self.start("agent2", [shell.program("xbus-agent")], env=self.local)
        told = self.ended(first, 64 + 14)
        self.assertIn("another session of the account has taken this one's place", told)
        self.await_listed("agent")
        second.popen.terminate()
        self.assertEqual(second.popen.wait(20), 0)

    def test_an_account_that_is_removed_ends_its_service(self):
        self.xbus("account", "add", "eve", env={**self.local, "XBUS_NEW_PASSWORD": "secret of eve"})
        self.xbus("name", "give", "hers", "eve")
        eve = {**self.local, "XBUS_BUS": f"xmpp://eve@localhost:{self.server.port}", "XBUS_PASSWORD": "secret of eve",
               "XBUS_CA": self.server.ca_file}
        serving = self.serve("hers", "echo 1", "one", env=eve)
        self.xbus("account", "remove", "eve")
        told = self.ended(serving, 64 + 14)
        self.assertIn("closed", told)
        self.assertIn("not-authorized", told)
        self.xbus("name", "release", "hers")

    def test_a_service_waits_for_its_bus_and_says_why(self):
        path = os.path.join(self.folder, "later")
        agent = self.agent("--bus", "unix:" + path)

        def log():
            with open(agent.log, encoding="utf-8") as text:
                return text.read()

        shell.waiting.poll(lambda: "No such file" in log(), 20, "it says why")
        self.assertIsNone(agent.popen.poll())
        bus = self.start("later", [shell.program("xbusd"), "--socket", path, "--data", "memory"], env=self.local)
        shell.waiting.poll(lambda: "serving" in log(), 30, "it serves")
        agent.popen.terminate()
        self.assertEqual(agent.popen.wait(20), 0)
        bus.popen.terminate()
        bus.popen.wait(20)
        done = subprocess.run([shell.program("xbus-agent"), "--bus", "bogus"], env=self.local, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("bogus", done.stdout)

    # ---- output and input that are none ----

    def test_output_that_cannot_be_written_is_local_trouble(self):
        for words in (["--help"], ["--version"], ["call", "--help"], ["help"], ["list"]):
            with self.subTest(words=words), open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run([shell.program("xbus"), *words], env=self.local, stdout=full,
                                      stderr=subprocess.PIPE, timeout=30)
                self.assertEqual(done.returncode, 1)

    def test_no_number_is_no_time(self):
        for words in (["--timeout", "nan", "list"], ["--timeout", "inf", "list"], ["top", "--interval", "nan"],
                      ["call", "a", "b", "--every", "nan"]):
            with self.subTest(words=words):
                self.xbus(*words, status=2)

    def test_json_without_a_text_asks_for_json_and_an_empty_text_is_none(self):
        self.agent()
        self.await_listed("agent")
        self.assertIn("one_minute", self.xbus("call", "agent", "load", "--json"))
        self.assertIn("one_minute", self.xbus("scatter", "agent", "load", "--json")["value"])
        self.assertIn("JSON", self.xbus("call", "agent", "load", "--json", "", status=64 + 3))

    def test_a_configuration_that_is_a_folder_is_named(self):
        config = os.path.join(self.folder, "odd")
        os.makedirs(os.path.join(config, "xbus", "config.toml"))
        line = self.xbus("list", env={**self.local, "XDG_CONFIG_HOME": config}, status=1)
        self.assertIn("is a folder", line)
        done = subprocess.run([shell.program("xbusd"), "--config", config], env=self.local, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        self.assertEqual(done.returncode, 2)
        self.assertIn("is a folder", done.stdout)


if __name__ == "__main__":
    shell.main()
