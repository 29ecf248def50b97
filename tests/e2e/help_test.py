"""Help, its examples and the manual pages: each example is run as it stands."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402
from harness import ports  # noqa: E402

# Those that go on until they are told to end, and what they print when they are under way.
GO_ON = {"xbus serve": "serving", "xbus top": "calls"}

# The pages of the files that programs read.
CONFIGURATION = {"xbus": {"xbus-config.toml.5"}, "xbusd": {"xbusd.toml.5"},
                 "xbus-ticker": {"xbus-ticker.toml.5"}}


def examples(text):
    """The commands under "Examples:"."""
    _, _, tail = text.partition("\nExamples:\n")
    return [line.strip() for line in tail.splitlines() if re.match(r"  \S", line)]


class Help(shell.Shell):
    def setUp(self):
        super().setUp()
        config = os.path.join(self.folder, "config", "xbus")
        os.makedirs(config, exist_ok=True)
        socket = os.path.join(self.server.run_folder, "xbus", "socket")
        with open(os.path.join(config, "config.toml"), "w", encoding="utf-8") as f:
            f.write(f"[context.work]\nbus = \"unix:{socket}\"\n[context.work.as.operator]\n")
        self.env = {**self.local, "XDG_CONFIG_HOME": os.path.dirname(config),
                    "PATH": os.path.dirname(shell.program("xbus")) + ":" + os.environ["PATH"]}

    def verbs(self):
        listed = self.xbus("help").partition("\nSubcommands:\n")[2].partition("\n\n")[0]
        return re.findall(r"^  ([a-z-]+) ", listed, re.M)

    def run_line(self, line):
        """Runs an example as a person pastes it into a shell; operator's password is our own account's."""
        return subprocess.run(["/bin/sh", "-c", line], env=self.env, cwd=self.folder, capture_output=True, text=True,
                              timeout=60)

    def test_every_verb_has_help_that_ends_with_examples(self):
        self.assertGreater(len(self.verbs()), 8)
        for verb in self.verbs():
            with self.subTest(verb=verb):
                text = self.xbus("help", verb)
                self.assertEqual(text, self.xbus(verb, "--help"))
                self.assertGreater(len(examples(text)), 0, text)
        self.assertIn("--new-password-file", self.xbus("help", "account", "add"))
        self.xbus("help", "frobnicate", status=2)

    def test_every_example_runs(self):
        for verb in [None, *self.verbs()]:
            if not self.instances("agent"):  # `xbus drain` has sent it away
                self.start("agent", [shell.program("xbus-agent")], env=self.local)
                self.await_listed("agent")
            for line in examples(self.xbus("help", *[verb] if verb else [])):
                with self.subTest(example=line):
                    if " --as operator " in line:
                        # A unix socket knows who we are: an account that we are not is refused.
                        self.assertIn("operator", self.run_line(line).stderr)
                    elif " --once" not in line and " ".join(line.split()[:2]) in GO_ON:
                        self.goes_on(line, GO_ON[" ".join(line.split()[:2])])
                    else:
                        done = self.run_line(line)
                        self.assertEqual(done.returncode, 0, done.stderr)
                        if verb == "drain":
                            self.await_listed("agent", 0)

    def test_the_service_of_the_example_answers(self):
        (line,) = examples(self.xbus("help", "serve"))
        self.start("example", ["/bin/sh", "-c", "exec " + line], env=self.env)
        self.await_listed("echo")
        self.assertEqual(self.xbus("call", "echo", "say", "hi"), ["hi"])

    def test_every_action_of_a_verb_stands_in_an_example(self):
        for verb in self.verbs():
            text = self.xbus("help", verb)
            actions = re.findall(r"^  ([a-z-]+) ", text.partition("\nSubcommands:\n")[2].partition("\n\n")[0], re.M)
            for action in actions:
                with self.subTest(verb=verb, action=action):
                    self.assertTrue(any(f" {verb} {action}" in line for line in examples(text)) or action == "list", text)

    def test_the_examples_of_the_daemons_run(self):
        # xbus-registry's wants a server beside it: tests/plays_real start it so.
        with tempfile.TemporaryDirectory(prefix="xbus-example-") as home:
            os.mkdir(os.path.join(home, "run"), 0o700)
            own = {**self.env, "HOME": home, "XDG_RUNTIME_DIR": os.path.join(home, "run"), "XDG_STATE_HOME": home}
            for name, word, env in (("xbusd", " ready ", own), ("xbus-agent", " serving ", self.env)):
                done = subprocess.run([shell.program(name), "--help"], env=own, capture_output=True, text=True, check=True)
                self.assertGreater(len(examples(done.stdout)), 0)
                for line in examples(done.stdout):
                    with self.subTest(example=line):
                        self.goes_on(line.replace(":5222", f":{ports.free_port()}").replace("./bus", home + "/bus"), word, env)

    def goes_on(self, line, word, env=None):
        child = self.start("example", ["/bin/sh", "-c", "exec " + line], env=env or self.env)

        def under_way():
            with open(child.log, encoding="utf-8") as f:
                return word in f.read()

        shell.waiting.poll(under_way, 20, f"{line} is under way")
        self.assertIn(child.stop(), (0, -15, 143), child.tail())

    # ---- manual pages ----

    def test_manual_pages_are_made_from_the_same(self):
        for name, verbs in (("xbus", self.verbs()), ("xbusd", []), ("xbus-agent", []), ("xbus-registry", []),
                            ("xbus-ticker", ["run", "watch"])):
            with self.subTest(program=name), tempfile.TemporaryDirectory() as folder:
                done = subprocess.run([shell.program(name), "--man-pages", folder], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
                section = 1 if name == "xbus" else 8
                wanted = {f"{name}.{section}"} | {f"{name}-{verb}.{section}" for verb in verbs}
                wanted |= CONFIGURATION.get(name, set())
                self.assertEqual(set(os.listdir(folder)), wanted)
                for page in wanted:
                    self.formats(os.path.join(folder, page))
                self.assertRegex(self.formats(os.path.join(folder, f"{name}.{section}")), rf"(?s)EXAMPLES\n.* {name}\b")
                if name == "xbus":
                    text = self.formats(os.path.join(folder, "xbus-call.1"))
                    self.assertIn("xbus call agent load --repeat 3 --every 0.1", text)
                    self.assertIn("echo '{\"top\": 5}' | xbus call agent processes --json -", text)

    def formats(self, path):
        """What man(1) shows; it must find nothing to warn about."""
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", path], capture_output=True, text=True,
                              env={**self.env, "MANWIDTH": "120", "MANPAGER": "cat", "PAGER": "cat"}, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), path)
        return re.sub(r".\x08", "", done.stdout)


if __name__ == "__main__":
    shell.main()
