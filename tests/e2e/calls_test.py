"""Many calls, requests to fill in, and calls to all instances, on a live bus."""
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402

SIGNATURE = ("f(b: bool, n: int32, w: int64, d: double, s: string, raw: bytes, t: timestamp, e: duration) -> any, "
             "g(l: list<list<int32>>, m: map<string>, x: any, o: string?) -> any")


class Calls(shell.Shell):
    def agent(self, *options):
        self.start("agent", [shell.program("xbus-agent"), *options], env=self.local)

    # ---- again and again ----

    def test_repeat_prints_each_and_a_summary(self):
        self.serve("count", "cat", "f(n: int32) -> any")
        done = self.run_xbus("call", "count", "f", "7", "--repeat", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()], [[7]] * 3)
        self.assertRegex(done.stderr, r"^3 calls: 3 done; [\d.]+ ms fastest, [\d.]+ median, [\d.]+ 95 %, [\d.]+ slowest\n$")

    def test_failures_of_a_row_are_told_and_counted(self):
        marks = os.path.join(self.folder, "marks")
        self.serve("flaky", f"echo x >>{marks}; test $(wc -l <{marks}) -ne 2 || exit 69; echo fine", "go")
        done = self.run_xbus("call", "flaky", "go", "--repeat", "3", "--every", "0.05")
        self.assertEqual(done.returncode, 64 + 5)
        self.assertEqual(done.stdout, '"fine"\n' * 2)
        first, summary = done.stderr.splitlines()
        self.assertTrue(first.startswith("xbus: call flaky go: not-found"), first)
        self.assertTrue(summary.startswith("3 calls: 2 done, 1 not-found; "), summary)
        self.xbus("call", "flaky", "go", "--repeat", "2", "--key", "k", status=2)

    def test_every_goes_on_until_interrupted(self):
        self.serve("tick", "echo tick", "go")
        child = subprocess.Popen([shell.program("xbus"), "call", "tick", "go", "--every", "0.05"], env=self.local,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.kill)
        for _ in range(3):
            self.assertEqual(child.stdout.readline(), '"tick"\n')
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
        self.assertEqual(child.returncode, 0)
        self.assertRegex(errors, r"^\d+ calls: \d+ done; ")
        # In the middle of a pause too.
        child = subprocess.Popen([shell.program("xbus"), "call", "tick", "go", "--every", "3600"], env=self.local,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.kill)
        self.assertEqual(child.stdout.readline(), '"tick"\n')
        child.terminate()
        self.assertTrue(child.communicate(timeout=20)[1].startswith("1 call: 1 done; "))

    def test_idempotent_finds_another_instance_and_does_the_work_once(self):
        begun, gate = os.path.join(self.folder, "begun"), os.path.join(self.folder, "gate")
        os.mkfifo(gate)
        first = self.serve("pay", f"echo $XBUS_KEY >>{begun}; cat {gate}", "go")
        caller = subprocess.Popen([shell.program("xbus"), "call", "pay", "go", "--idempotent", "--timeout", "60"],
                                  env=self.local, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(caller.kill)
        shell.waiting.poll(lambda: os.path.exists(begun) and os.path.getsize(begun), 20, "it is under way")
        other = self.script("other.sh", f"echo $XBUS_KEY >>{begun}; echo paid")
        self.start("pay2", [shell.program("xbus"), "serve", "pay", "--exec", other, "--methods", "go"], env=self.local)
        self.await_listed("pay", 2)
        first.kill()
        out, errors = caller.communicate(timeout=60)
        self.assertEqual((caller.returncode, out), (0, '"paid"\n'), errors)
        with open(begun, encoding="ascii") as f:
            keys = f.read().split()
        self.assertEqual(len(keys), 2)
        self.assertEqual(keys[0], keys[1])
        self.assertGreaterEqual(len(keys[0]), 20)

    def test_without_it_a_lost_call_stays_lost(self):
        begun, gate = os.path.join(self.folder, "begun-once"), os.path.join(self.folder, "gate-once")
        os.mkfifo(gate)
        serving = self.serve("pay-once", f"echo x >>{begun}; cat {gate}", "go")
        caller = subprocess.Popen([shell.program("xbus"), "call", "pay-once", "go", "--timeout", "60"],
                                  env=self.local, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(caller.kill)
        shell.waiting.poll(lambda: os.path.exists(begun), 20, "it is under way")
        serving.kill()
        self.assertIn("lost", caller.communicate(timeout=60)[1])
        self.assertEqual(caller.returncode, 64 + 10)

    # ---- requests to fill in ----

    def test_a_template_is_a_request_that_is_accepted(self):
        self.serve("typed", "cat", SIGNATURE)
        wanted = {"f": [False, 0, 0, 0.0, "", "", "1970-01-01T00:00:00Z", 0.0], "g": [[[0]], {"key": ""}, None, None]}
        for method, values in wanted.items():
            done = self.run_xbus("template", "typed", method)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(list(json.loads(done.stdout).values()), values)
            self.assertEqual(self.xbus("call", "typed", method, "--json", "-", text=done.stdout), values)

    def test_a_template_for_a_shell_can_be_pasted(self):
        self.serve("typed", "cat", SIGNATURE)
        env = {**self.local, "PATH": os.path.dirname(shell.program("xbus")) + ":" + os.environ["PATH"]}
        for method, values in (("f", [False, 0, 0, 0.0, ""]), ("g", [[[0]], {"key": ""}, None, None])):
            command = self.xbus("template", "typed", method, "--as", "command")
            done = subprocess.run(["/bin/sh", "-c", command], env=env, capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, command + done.stderr)
            self.assertEqual(json.loads(done.stdout)[:5], values)

    def test_templates_for_other_clients(self):
        self.serve("lab.Typed", "cat", SIGNATURE)
        stanza = xml.fromstring(self.xbus("template", "lab.Typed", "g", "--as", "xml"))
        self.assertEqual(stanza.get("to"), "lab.typed@services.localhost")
        rpc = "{jabber:iq:rpc}"
        self.assertEqual(stanza.findtext(f"{rpc}query/{rpc}methodCall/{rpc}methodName"), "g")
        self.assertEqual(len(stanza.findall(f".//{rpc}params/{rpc}param")), 3)
        line = self.xbus("template", "lab.Typed", "f", "--as", "grpcurl")
        self.assertTrue(line.startswith("grpcurl -plaintext -d '{\"b\":false,"), line)
        self.assertTrue(line.endswith(" localhost:50051 lab.Typed/f\n"), line)
        self.xbus("template", "lab.Typed", "h", status=64 + 12)
        self.xbus("template", "nobody", "g", status=64 + 14)
        self.xbus("template", "lab.Typed", "f", "--as", "soup", status=2)


if __name__ == "__main__":
    shell.main()
