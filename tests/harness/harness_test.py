"""The harness on itself: a server starts, answers, restarts with its data on the same ports, and leaves nothing behind."""
import os
import socket
import ssl
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import play, ports, waiting  # noqa: E402


class Harness(play.Play):
    def test_the_certificate_is_what_the_ca_says(self):
        context = ssl.create_default_context(cafile=self.server.ca_file)
        with socket.create_connection(("127.0.0.1", self.server.tls_port), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secured:
                self.assertIn(secured.version(), ("TLSv1.2", "TLSv1.3"))

    def test_restart_keeps_the_ports(self):
        before = self.server.process.pid
        self.server.restart()
        self.assertNotEqual(self.server.process.pid, before)
        self.assertTrue(waiting.listening(self.server.port))

    def test_a_killed_server_is_gone(self):
        self.server.kill()
        with self.assertRaises(OSError):
            waiting.listening(self.server.port)
        self.server.start()

    def test_poll_names_what_did_not_come(self):
        with self.assertRaisesRegex(TimeoutError, "the moon: not within"):
            waiting.poll(lambda: False, 0.05, "the moon")

    def test_ports_are_not_given_twice(self):
        given = [ports.free_port() for _ in range(50)]
        self.assertEqual(len(set(given)), 50)

    def test_what_was_started_ends_with_the_program_that_started_it(self):
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        for how in ("os.kill(os.getpid(), signal.SIGTERM)", "os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(0)"):
            with self.subTest(how=how), tempfile.TemporaryDirectory() as folder:
                made = os.path.join(folder, "made by the child")
                os.mkdir(made)
                child = subprocess.run([sys.executable, "-c", f"""
import os, signal, sys
sys.path.insert(0, {here!r})
from harness import process
process.install_cleanup()
process.remove_at_end({made!r})
child = process.Process("sleeper", ["tail", "-f", "/dev/null"], {folder!r} + "/log")
print(child.pid, flush=True)
{how}
"""], stdout=subprocess.PIPE, text=True)
                pid = int(child.stdout)
                waiting.poll(lambda: not alive(pid), 5, f"process {pid} ends")
                self.assertEqual(os.path.exists(made), "SIGKILL" in how)

    def test_a_log_line_is_waited_for(self):
        said = self.start("speaker", ["sh", "-c", "echo hello; tail -f /dev/null"])
        self.assertEqual(said.wait_line("hel", 5), "hello")
        ended = self.start("ender", ["sh", "-c", "echo bye"])
        with self.assertRaisesRegex(waiting.Hopeless, "ended with 0"):
            ended.wait_line("never", 5)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    play.main()
