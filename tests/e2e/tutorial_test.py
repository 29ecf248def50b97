#!/usr/bin/python3
"""Types README.md's tutorial into a shell at a terminal, as it is printed, against an installed tree; each answer that is
printed must come, and all of it within five minutes."""
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import waiting  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ.get("XBUS_BUILD", str(ROOT / "build/release"))
TUTORIAL = re.search(r"^## A service of your own in five minutes\n(.*?)^## ", (ROOT / "README.md").read_text(), re.M | re.S)[1]
SECONDS = 300
PROMPT = "@here@ "


def files():
    """Name and text of each file that is shown: a block behind a line that ends with its name."""
    return re.findall(r"`([\w.]+)`:\n\n```\w+\n(.*?)^```$", TUTORIAL, re.M | re.S)


def steps():
    """Each command with the lines that are printed below it."""
    out = []
    for block in re.findall(r"^```console\n(.*?)^```$", TUTORIAL, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                out.append((line[2:], []))
            else:
                out[-1][1].append(line)
    return out


class Terminal:
    """bash as a person has it, in a folder."""

    def __init__(self, folder, env):
        self.master, slave = pty.openpty()
        self.shell = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], cwd=folder, env=env, stdin=slave, stdout=slave,
                                      stderr=slave, start_new_session=True)
        os.close(slave)
        self.unread = ""
        self.until(PROMPT, 20)

    def until(self, end, seconds):
        """What is shown before `end`."""
        deadline = time.monotonic() + seconds
        while end not in self.unread:
            ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{end!r} does not come; shown: {self.unread!r}")
            self.unread += os.read(self.master, 65536).decode()
        shown, _, self.unread = self.unread.partition(end)
        return shown

    def type(self, command, seconds=20):
        """The lines that it prints, without those about jobs."""
        os.write(self.master, command.encode() + b"\n")
        self.until("\n", seconds)  # its echo
        lines = self.until(PROMPT, seconds).replace("\r", "").splitlines()
        return [line for line in lines if not re.match(r"\[\d+\]", line)]

    def tab(self, begun, seconds=20):
        """The words that are offered."""
        os.write(self.master, begun.replace("<Tab>", "\t").encode())
        words = []
        try:
            self.until("\n", 2)
            words = self.until(PROMPT, seconds).split()
        except AssertionError:  # nothing is known yet; it is asked for in the background
            pass
        os.write(self.master, b"\x03")
        self.until(PROMPT, seconds)
        return words

    def close(self):
        os.write(self.master, b"\x03\nkill $(jobs -p); wait; exit\n")
        try:
            self.shell.wait(20)
        finally:
            os.close(self.master)


class Tutorial(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="xbus-tutorial-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        prefix = os.path.join(self.folder, "prefix")
        done = subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], text=True, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.completion = os.path.join(prefix, "share/bash-completion/completions/xbus")
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)
        os.mkdir(os.path.join(self.folder, "run"), 0o700)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("XBUS_", "XDG_", "CMAKE_", "BASH"))}
        env.update(PATH=os.path.join(prefix, "bin") + ":" + env["PATH"], HOME=self.folder, CMAKE_PREFIX_PATH=prefix,
                   XDG_RUNTIME_DIR=os.path.join(self.folder, "run"), PS1=PROMPT, TERM="dumb", NO_COLOR="1", LC_ALL="C.UTF-8",
                   INPUTRC=os.devnull, HISTFILE=os.devnull)
        self.terminal = Terminal(self.work, env)
        self.addCleanup(self.terminal.close)
        # What a login shell does, where bash-completion is installed.
        self.terminal.type(f"stty cols 200; bind 'set enable-bracketed-paste off'; source {self.completion}")

    def answer(self, command):
        """What is printed; times are nobody's promise."""
        return [re.sub(r"\d+\.\d+ ms", "0.412 ms", line) for line in self.terminal.type(command, SECONDS)]

    def step(self, command, printed, changed):
        if "<Tab>" in command:
            # The first tabs may be too early for what is asked of the bus in the background.
            waiting.poll(lambda: self.terminal.tab(command) == " ".join(printed).split(), 40, f"{printed} are offered")
        elif changed and printed:  # a person does not type as fast as a program starts and ends
            waiting.poll(lambda: self.answer(command) == printed, 20, f"{command} prints {printed}")
        elif printed:
            self.assertEqual(self.answer(command), printed, command)
        else:
            shown = self.answer(command)
            if not command.endswith("&"):
                self.assertEqual(self.answer("echo $?")[-1:], ["0"], "\n".join(shown))

    def test_it_is_typed_in_five_minutes(self):
        began = time.monotonic()
        shown = files()
        self.assertEqual([name for name, _ in shown], ["CMakeLists.txt", "stock.cpp"])
        for name, text in shown:
            pathlib.Path(self.work, name).write_text(text)
        changed = False
        for command, printed in steps():
            self.step(command, printed, changed)
            changed = command.endswith("&") or command.startswith("kill")
        seconds = time.monotonic() - began
        print(f"typed in {seconds:.0f} s", file=sys.stderr)
        self.assertLess(seconds, SECONDS)

    def test_it_stands_in_the_examples_too(self):
        for name, text in files():
            self.assertEqual((ROOT / "examples/tutorial" / name).read_text(), text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
