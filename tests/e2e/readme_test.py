#!/usr/bin/python3
"""Runs every command of README.md: the `console` blocks as one session, the C++ blocks through the compiler's eyes
(each stands in examples/ as it is), and the two commands by their names."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("XBUS_BUILD", ROOT / "build/release")) / "bin"
# The tutorial is typed by tutorial_test.py.
README = re.sub(r"^## A service of your own.*?^(?=## )", "", (ROOT / "README.md").read_text(), flags=re.M | re.S)

def blocks(language, text=README):
    return re.findall(r"^```" + language + r"\n(.*?)^```$", text, re.M | re.S)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Session:
    """One shell's worth of commands in a folder and on a bus of their own, each typed as soon as the one before has ended."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="xbus-readme-")
        runtime = os.path.join(self.home.name, "run")
        os.mkdir(runtime, 0o700)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("XBUS_", "XDG_"))}
        self.env.update(PATH=f"{BIN}:{self.env['PATH']}", HOME=self.home.name, XDG_RUNTIME_DIR=runtime)
        self.started = []

    def run(self, command):
        if command.endswith("&"):
            return self.start(command[:-1].strip())
        done = subprocess.run(["bash", "-c", command], cwd=self.home.name, env=self.env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode, done.stdout

    def start(self, command):
        """In the background, and the next command is typed at once."""
        log = open(os.path.join(self.home.name, f"log{len(self.started)}"), "w+")
        self.started.append((subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.home.name, env=self.env,
                                              stdin=subprocess.DEVNULL, stdout=log, stderr=log), log))
        return 0, ""

    def said(self):
        """What those in the background have said."""
        for _, log in self.started:
            log.flush()
            log.seek(0)
        return "\n".join(log.read() for _, log in self.started)

    def close(self):
        for process, _ in reversed(self.started):
            process.terminate()
        for process, log in self.started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()
        self.home.cleanup()


class Readme(unittest.TestCase):
    def test_every_command_of_the_tour_works(self):
        # The README names a port of its own; whether that is free here is not what is tested.
        text = README.replace("15299", str(free_port()))
        commands = [line[2:] for block in blocks("console", text) for line in block.splitlines() if line.startswith("$ ")]
        self.assertGreater(len(commands), 10)
        session = Session()
        try:
            for command in commands:
                with self.subTest(command=command):
                    status, output = session.run(command)
                    self.assertEqual(status, 0, output + session.said())
                    if "test $?" not in command:  # a pipe hides how its first command ended
                        self.assertNotRegex(output, r"(?m)^xbus: ")
        finally:
            session.close()

    def test_every_command_of_the_first_screen_works(self):
        screen = re.search(r"^```\n(\$ .*?)^```$", README, re.M | re.S)[1]
        session = Session()
        greet = pathlib.Path(session.home.name, "greet.sh")
        greet.write_text("#!/bin/sh\necho hello\n")
        greet.chmod(0o755)
        try:
            for line in screen.splitlines():
                command = re.sub(r"\s+#.*", "", line.removeprefix("$ "))
                command += " &" if command.startswith("xbus serve") else ""
                with self.subTest(command=command):
                    status, output = session.run(command)
                    self.assertEqual(status, 0, output + session.said())
            self.assertEqual(session.run("xbus ping greet --wait 10")[0], 0, session.said())
        finally:
            session.close()

    def test_code_is_an_example_that_the_tests_compile_and_run(self):
        code = blocks("cpp")
        self.assertTrue(code)
        examples = [path.read_text() for path in sorted((ROOT / "examples").glob("[0-9]*.cpp"))]
        for block in code:
            self.assertTrue(any(block.strip() in example for example in examples), block)

    def test_the_two_commands_are_there(self):
        for command in ("examples/quickstart.sh", "tests/run.sh"):
            self.assertIn(command, README)
            self.assertTrue(os.access(ROOT / command, os.X_OK), command)


if __name__ == "__main__":
    if not (BIN / "xbus").exists():
        sys.exit(f"no programs in {BIN}; set XBUS_BUILD")
    unittest.main()
