"""`xbus serve`: a command as a service, within its bounds, and every row of the error table as an exit status."""
import json
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402

ESCAPES = "\\033[2J\\033]0;title\\007\\302\\2332J"  # for printf: clear, set the title, a C1 control


class Serve(shell.Shell):
    def test_json_and_text_come_back(self):
        self.serve("echo", 'case $1 in args) cat;; text) echo Hello, world;; *) echo "{\\"method\\": \\"$1\\"}";; esac',
                   "args,text,other")
        self.assertEqual(self.xbus("call", "echo", "text"), "Hello, world")
        self.assertEqual(self.xbus("call", "echo", "other"), {"method": "other"})
        self.assertEqual(self.xbus("call", "echo", "args"), [])
        self.assertEqual(self.xbus("call", "echo", "args", "1", "-5", "two words", '{"a": [true, 2.5]}', "$(id)"),
                         [1, -5, "two words", {"a": [True, 2.5]}, "$(id)"])
        self.assertEqual(self.xbus("call", "echo", "args", "--json", '["7", 7]'), ["7", 7])
        self.assertEqual(self.xbus("call", "echo", "args", "--json", "-", text='[{"deep": ["ü"]}]'), [{"deep": ["ü"]}])

    def test_arguments_follow_the_signature(self):
        self.serve("typed", "cat", "f(n: int32, s: string, o: list<int64>?) -> any")
        self.assertEqual(self.xbus("call", "typed", "f", "7", "7"), [7, "7"])
        self.assertEqual(self.xbus("call", "typed", "f", "--json", '{"s": "x", "n": 1, "o": [9007199254740993]}'),
                         [1, "x", [9007199254740993]])
        for words in (["x", "y"], ["1"], ["1", "2", "3"], ["1", "2", "[1]", "4"], ["99999999999", "x"],
                      ["--json", '{"n": 1}'], ["--json", "{"], ["--json", '{"n": 1, "s": "x", "z": 1}']):
            with self.subTest(words=words):
                self.assertIn("invalid", self.xbus("call", "typed", "f", *words, status=64 + 3))
        described = self.xbus("describe", "typed", "f")
        self.assertEqual(described["signature"], "f(n: int32, s: string, o: list<int64>?) -> any")

    def test_each_row_of_the_error_table_has_its_exit_status(self):
        self.serve("rows", "cat >/dev/null; echo 'the reason' >&2; exit ${1#s}", ",".join(f"s{64 + n}" for n in range(17)))
        for n in range(1, 17):
            with self.subTest(status=n):
                line = self.xbus("call", "rows", f"s{64 + n}", status=64 + n)
                self.assertIn("the reason", line)
        self.xbus("call", "rows", "s64", status=64 + 13)  # 64 + OK is no outcome

    def test_what_can_never_work_is_refused_at_the_start(self):
        plain = self.script("plain.sh", "true")
        os.chmod(plain, 0o600)
        for words in (["e", "--exec", os.path.join(self.folder, "nosuch"), "--methods", "go"],
                      ["e", "--exec", self.folder, "--methods", "go"], ["e", "--exec", "", "--methods", "go"],
                      ["e", "--exec", plain, "--methods", "go"], ["e", "--exec", "/bin/cat -n", "--methods", "go"],
                      ["e", "--exec", "/bin/cat", "--methods", "go", "--allow", "@@"],
                      ["e", "--exec", "/bin/cat", "--methods", "go", "--admin", "a@b@c"],
                      ["e", "--exec", "/bin/cat", "--methods", "system.describe"],
                      ["x y/z@", "--exec", "/bin/cat", "--methods", "go"]):
            with self.subTest(words=words):
                self.xbus("serve", *words, status=2)
        for words in (["--allow", "@@"], ["--admin", "a@b@c"], ["--allow-logs", ""], ["--allow", ""], ["--name", "a/b"]):
            with self.subTest(words=words):
                agent = subprocess.run([shell.program("xbus-agent"), *words], env=self.local, timeout=30,
                                       stderr=subprocess.PIPE, encoding="utf-8")
                self.assertEqual(agent.returncode, 2, agent.stderr)
                self.assertEqual(agent.stderr.count("\n"), 1, agent.stderr)
        line = self.xbus("serve", "e", "--exec", "/bin/cat -n", "--methods", "go", status=2)
        self.assertIn("arguments of the command go behind --", line)

    def test_a_failed_run_is_in_the_log(self):
        serving = self.serve("breaks", "echo 'the disk is on fire' >&2; exit 3", "go")
        self.xbus("call", "breaks", "go", status=64 + 13)
        shell.waiting.poll(lambda: "the disk is on fire" in serving.tail(60), 10, "the log has it")
        self.assertIn('"warn"', serving.tail(60))
        self.assertIn("status 3", serving.tail(60))

    def test_no_digit_of_a_whole_number_is_lost(self):
        self.serve("echo", "case $1 in huge) echo 99999999999999999999;; *) cat;; esac", "huge,back")
        self.assertEqual(self.xbus("call", "echo", "back", "99999999999999999999"), ["99999999999999999999"])
        line = self.xbus("call", "echo", "back", "--json", "[99999999999999999999]", status=64 + 3)
        self.assertIn("-9223372036854775808 to 9223372036854775807", line)
        self.assertIn("out of range", self.xbus("call", "echo", "huge", status=64 + 13))

    def test_the_reason_of_a_failure_is_for_admins(self):
        self.serve("fails", "echo first >&2; echo 'secret path' >&2; exit 3", "go")
        self.assertIn("status 3: secret path", self.xbus("call", "fails", "go", status=64 + 13))
        line = self.xbus("call", "fails", "go", env=self.alice, status=64 + 13)
        self.assertIn("status 3", line)
        self.assertNotIn("secret", line)

    def test_what_is_not_served_is_unimplemented(self):
        self.serve("few", "echo ran", "one")
        self.assertIn("no-such-method", self.xbus("call", "few", "two", status=64 + 12))
        self.xbus("call", "few", "two", "with", "arguments", status=64 + 12)
        self.xbus("call", "nobody", "one", status=64 + 14)

    def test_the_caller_is_known_and_secrets_are_not_handed_on(self):
        self.serve("who", 'echo "$XBUS_CALLER|$XBUS_METHOD|${XBUS_PASSWORD-none}"', "me",
                   env={**self.local})
        caller, method, password = self.xbus("call", "who", "me", env=self.alice).split("|")
        self.assertTrue(caller.startswith("alice@localhost/"), caller)
        self.assertEqual((method, password), ("me", "none"))

    def test_the_deadline_kills_the_process_group(self):
        pids = os.path.join(self.folder, "pids")
        self.serve("slow", f"(trap '' TERM; echo $$ >>{pids}; exec sleep 600) & echo $$ >>{pids}; wait", "go")
        self.xbus("call", "slow", "go", "--timeout", "0.7", status=64 + 4)

        def gone():
            with open(pids, encoding="ascii") as f:
                return not any(os.path.exists(f"/proc/{pid.strip()}") for pid in f)

        shell.waiting.poll(gone, 10, "the group is gone")

    def test_a_command_in_a_session_of_its_own_does_not_escape(self):
        pids = os.path.join(self.folder, "pids-of-sessions")
        serving = self.serve("daemon", f"(setsid sh -c 'echo $$ >>{pids}; exec sleep 600' &)\n"
                             f"until test -s {pids}; do :; done\ntest $1 = end || exec sleep 600", "end,stay")

        def gone():
            with open(pids, encoding="ascii") as f:
                return not any(os.path.exists(f"/proc/{pid.strip()}") for pid in f)

        self.assertEqual(self.xbus("call", "daemon", "end"), "")
        self.assertTrue(gone())
        os.truncate(pids, 0)
        caller = subprocess.Popen([shell.program("xbus"), "call", "daemon", "stay"], env=self.local,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shell.waiting.poll(lambda: os.path.getsize(pids), 20, "the session is there")
        serving.popen.kill()  # no chance to clean up
        shell.waiting.poll(gone, 20, "it ended with xbus")
        caller.wait(30)

    def test_a_caller_that_goes_away_stops_the_run(self):
        pids = os.path.join(self.folder, "pids-of-run-time")
        self.serve("bounded", f"echo $$ >>{pids}; exec sleep 600", "go", "--run-time", "0.5")
        self.xbus("call", "bounded", "go", "--timeout", "20", status=64 + 4)

    def test_output_is_bounded(self):
        self.serve("loud", "head -c $((${1#b})) /dev/zero | tr '\\0' x", "b100,b101", "--output-bytes", "100")
        self.assertEqual(self.xbus("call", "loud", "b100"), "x" * 100)
        self.xbus("call", "loud", "b101", status=64 + 8)

    def test_runs_at_once_are_bounded(self):
        gate = os.path.join(self.folder, "gate")
        begun = os.path.join(self.folder, "begun")
        os.mkfifo(gate)
        self.serve("narrow", f"echo x >>{begun}; cat {gate}", "go", "--runs", "2")
        done = []
        callers = [threading.Thread(target=lambda: done.append(self.run_xbus("call", "narrow", "go", "--timeout", "30")))
                   for _ in range(2)]
        for caller in callers:
            caller.start()
        shell.waiting.poll(lambda: os.path.exists(begun) and os.path.getsize(begun) == 4, 20, "both have begun")
        self.assertIn("busy", self.xbus("call", "narrow", "go", status=64 + 8))
        with open(gate, "w", encoding="ascii") as f:
            f.write("open")
        for caller in callers:
            caller.join()
        self.assertEqual([d.returncode for d in done], [0, 0], [d.stderr for d in done])

    def test_nothing_of_a_service_acts_on_the_terminal(self):
        self.serve("evil", f"""case $1 in
json) printf '{{"\\\\u001b[1m": "\\\\u202e\\\\u001b[2J"}}';;
row) printf '{ESCAPES}' >&2; exit 69;;
bytes) printf '\\377\\376';;
text) printf '\\342\\200\\256 bidi \\302\\233 c1';;
esac""", "json,row,bytes,text", "--doc", "evil \x9b2J \u202e doc")
        quiet = {**self.local, "NO_COLOR": "1"}
        for words in (["call", "evil", "text"], ["call", "evil", "row"], ["describe", "evil"], ["list"],
                      ["call", "evil", "json"], ["call", "evil", "bytes"], ["call", "evil", "text", "--explain"]):
            with self.subTest(words=words):
                shown, _ = self.at_terminal(*words, env=quiet)
                text = shown.decode("utf-8").replace("\r\n", "\n")
                hostile = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u200b"]
                self.assertEqual(hostile, [], text)
        self.xbus("call", "evil", "row", status=64 + 5)
        self.xbus("call", "evil", "bytes", status=64 + 13)
        # XML has no word for an escape, so no peer can even send one; bidi controls it can.
        self.assertEqual(self.xbus("call", "evil", "text"), "\u202e bidi \x9b c1")
        done = self.run_xbus("call", "evil", "text")
        self.assertEqual(done.stdout, '"\\u202e bidi \\u009b c1"\n')

    def test_it_drains_and_leaves_when_told(self):
        gate, begun = os.path.join(self.folder, "gate2"), os.path.join(self.folder, "begun2")
        os.mkfifo(gate)
        serving = self.serve("leaving", f"echo x >>{begun}; cat {gate}", "go")
        done = []
        caller = threading.Thread(target=lambda: done.append(self.run_xbus("call", "leaving", "go", "--timeout", "30")))
        caller.start()
        shell.waiting.poll(lambda: os.path.exists(begun), 20, "the call has begun")
        serving.popen.terminate()
        shell.waiting.poll(lambda: [i["state"] for i in self.instances("leaving")] == ["away"], 10, "it drains")
        self.xbus("call", "leaving", "go", status=64 + 14)
        with open(gate, "w", encoding="ascii") as f:
            f.write("last words")
        caller.join()
        self.assertEqual(done[0].stdout, '"last words"\n', done[0].stderr)
        self.assertEqual(serving.popen.wait(20), 0)
        self.await_listed("leaving", 0)

    def test_bad_methods_and_names_are_usage(self):
        for methods in ("", "a b", "-x", "a,a", "f(x)", "system.x;y"):
            with self.subTest(methods=methods):
                self.xbus("serve", "x", "--exec", "/bin/true", "--methods", methods, status=2)

    def test_one_way_calls_run_too(self):
        marker = os.path.join(self.folder, "marker")
        self.serve("note", f"cat >{marker}.part; mv {marker}.part {marker}", "take")
        self.assertEqual(self.xbus("call", "note", "take", "hello", "--one-way"), "")
        shell.waiting.poll(lambda: os.path.exists(marker), 10, "it ran")
        with open(marker, encoding="utf-8") as f:
            self.assertEqual(json.load(f), ["hello"])

    def test_a_closed_pipe_is_no_trouble(self):
        self.serve("long", "head -c 200000 /dev/zero | tr '\\0' y", "go")
        done = subprocess.run(["/bin/sh", "-c", f"{shell.program('xbus')} call long go | head -c 10"], env=self.local,
                              capture_output=True, timeout=30)
        self.assertEqual(done.stdout, b'"yyyyyyyyy')
        self.assertEqual(done.stderr, b"")


if __name__ == "__main__":
    shell.main()
