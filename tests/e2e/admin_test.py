"""Looking after services: stats, drain, log-level, scatter and top on a live bus."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402


class Admin(shell.Shell):
    def agents(self, *hosts):
        """An agent each name, all listed."""
        started = [self.start(host, [shell.program("xbus-agent"), "--instance", host, "--log", "json"], env=self.local)
                   for host in hosts]
        self.await_listed("agent", len(hosts))
        return started

    def lines(self, *words, status=0, env=None):
        """What it prints, a JSON object a line, and its errors."""
        done = self.run_xbus(*words, env=env)
        self.assertEqual(done.returncode, status, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    # ---- scatter ----

    def test_all_instances_answer(self):
        self.agents("one", "two", "three")
        answers, errors = self.lines("scatter", "agent", "uptime")
        self.assertEqual(sorted(answer["instance"] for answer in answers), ["one", "three", "two"])
        self.assertIn("kernel", answers[0]["value"])
        self.assertGreater(answers[0]["milliseconds"], 0)
        self.assertEqual(errors, "")
        answers, errors = self.lines("scatter", "agent", "uptime", "--max", "2")
        self.assertEqual(len(answers), 2)
        self.assertEqual(errors, "2 of 3 instances answered\n")
        answers, _ = self.lines("scatter", "agent", "processes", "1", env=self.alice, status=64 + 7)
        self.assertEqual({answer["fault"]["kind"] for answer in answers}, {"forbidden"})
        shown, status = self.at_terminal("scatter", "agent", "processes", "1")
        self.assertEqual(status, 0)
        self.assertIn(b"one", shown)
        self.xbus("scatter", "nobody", "uptime", status=64 + 14)

    def test_a_gap_or_the_whole_time_ends_it(self):
        gate = os.path.join(self.folder, "gate")
        os.mkfifo(gate)
        quick, slow = self.script("quick.sh", "echo quick"), self.script("slow.sh", f"cat {gate}")
        for name, script in (("quick", quick), ("slow", slow)):
            self.start(name, [shell.program("xbus"), "serve", "mixed", "--exec", script, "--methods", "go", "--instance", name],
                       env=self.local)
        self.await_listed("mixed", 2)
        answers, errors = self.lines("scatter", "mixed", "go", "--gap", "0.2", "--timeout", "60")
        self.assertEqual([a["instance"] for a in answers], ["quick"])
        self.assertEqual(errors, "1 of 2 instances answered\n")
        answers, _ = self.lines("scatter", "mixed", "go", "--timeout", "1", status=64 + 4)
        self.assertEqual([a["instance"] for a in answers], ["quick", "slow"])
        self.assertEqual(answers[1]["fault"]["kind"], "timeout")

    # ---- stats, log-level, drain ----

    def test_stats_count_calls_by_method_and_outcome(self):
        self.agents("one", "two")
        for _ in range(3):
            self.xbus("call", "agent", "load", "--instance", "one")
        self.xbus("call", "agent", "processes", "0", "--instance", "one", status=64 + 3)
        (one,) = self.xbus("stats", "agent", "--instance", "one")
        self.assertEqual((one["instance"], one["service"]), ("one", "agent"))
        methods = {method["method"]: method for method in one["methods"]}
        self.assertEqual(methods["load"]["calls"], 3)
        self.assertEqual(methods["load"]["failed"], 0)
        self.assertGreater(methods["load"]["p50"], 0)
        self.assertEqual((methods["processes"]["failed"], methods["processes"]["outcomes"]), (1, {"invalid": 1}))
        self.assertEqual(sorted(each["instance"] for each in self.xbus("stats", "agent")), ["one", "two"])
        self.assertRegex(self.xbus("stats", "agent", "--instance", "one", "-o", "table"), r"one +load +3 +0 ")
        done = self.run_xbus("stats", "agent", "--instance", "one", env=self.alice)
        self.assertEqual(done.returncode, 64 + 7)
        self.assertTrue(done.stderr.startswith("xbus: stats agent one: forbidden"), done.stderr)
        self.xbus("stats", "agent", "--instance", "three", status=64 + 14)

    def test_the_log_level_changes_while_it_runs(self):
        (agent,) = self.agents("one")
        self.assertEqual(self.xbus("log-level", "agent"), [{"instance": "one", "level": "info"}])
        self.assertEqual(self.xbus("log-level", "agent", "error"), [{"instance": "one", "level": "error"}])
        self.assertEqual(self.xbus("log-level", "agent")[0]["level"], "error")
        self.xbus("log-level", "agent", "loud", status=2)
        self.assertEqual(self.run_xbus("log-level", "agent", "debug", env=self.alice).returncode, 64 + 7)
        self.xbus("log-level", "agent", "info")

    def test_drain_sends_one_instance_away(self):
        one, two = self.agents("one", "two")
        self.assertIn("--instance", self.xbus("drain", "agent", status=64 + 3))
        self.assertEqual(self.run_xbus("drain", "agent", "--instance", "one", env=self.alice).returncode, 64 + 7)
        self.assertEqual(self.xbus("drain", "agent", "--instance", "one"), [{"instance": "one", "running": 0}])
        self.assertEqual(one.popen.wait(30), 0)
        self.await_listed("agent", 1)
        self.assertTrue(two.alive())
        self.assertEqual(self.xbus("drain", "agent"), [{"instance": "two", "running": 0}])
        self.assertEqual(two.popen.wait(30), 0)

    # ---- top ----

    def test_top_for_a_pipe_tells_rates(self):
        self.agents("one")
        caller = subprocess.Popen([shell.program("xbus"), "call", "agent", "load", "--every", "0.02"], env=self.local,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(caller.stdout.close)
        self.addCleanup(caller.wait)
        self.addCleanup(caller.terminate)
        caller.stdout.readline()
        (row,), _ = self.lines("top", "--once", "--interval", "1")
        self.assertEqual((row["service"], row["instance"], row["told"]), ("agent", "one", True))
        self.assertGreater(row["calls"], 1)
        self.assertLess(row["calls"], 100)
        self.assertEqual(row["errors"], 0)
        (row,), _ = self.lines("top", "--once", "--interval", "0.05", env=self.alice)
        self.assertEqual((row["told"], row["calls"]), (False, None))
        done = subprocess.run(["/bin/sh", "-c", f"{shell.program('xbus')} top --interval 0.05 | head -n 2"], env=self.local,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((len(done.stdout.splitlines()), done.stderr), (2, ""))

    def test_top_on_a_terminal_is_live_and_leaves_it_as_it_was(self):
        self.agents("one")
        for end in (b"q", b"\x03", signal.SIGTERM):
            with self.subTest(end=end):
                self.live(end)

    def live(self, end):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        before = termios.tcgetattr(slave)
        child = subprocess.Popen([shell.program("xbus"), "top", "--interval", "0.1"], env={**self.local, "TERM": "xterm"},
                                 stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                 preexec_fn=lambda: __import__("fcntl").ioctl(0, termios.TIOCSCTTY, 0))
        self.addCleanup(child.kill)
        shown = b""
        deadline = time.monotonic() + 30
        # Two frames at least.
        while len(re.findall(rb"agent +one", shown)) < 2:
            self.assertTrue(select.select([master], [], [], max(0, deadline - time.monotonic()))[0], shown[-400:])
            shown += os.read(master, 65536)
        self.assertIn(b"\x1b[?1049h", shown)
        self.assertNotEqual(termios.tcgetattr(slave), before)
        if isinstance(end, bytes):
            os.write(master, end)
        else:
            child.send_signal(end)
        while select.select([master], [], [], 0.05)[0] or child.poll() is None:
            self.assertLess(time.monotonic(), deadline + 30)
            if select.select([master], [], [], 0)[0]:
                shown += os.read(master, 65536)
        self.assertEqual(child.wait(30), 0)
        self.assertTrue(shown.endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l"), shown[-200:])
        self.assertEqual(termios.tcgetattr(slave), before)
        os.close(slave)


if __name__ == "__main__":
    shell.main()
