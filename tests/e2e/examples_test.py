#!/usr/bin/python3
"""Runs every numbered example: each is a program in the build's examples folder, on a bus of the test's own."""
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("XBUS_BUILD", ROOT / "build/release"))
DEADLINE = 30


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory(prefix="xbus-examples-")
        run = pathlib.Path(cls.home.name) / "run"
        run.mkdir(mode=0o700)
        cls.env = {k: v for k, v in os.environ.items() if not k.startswith(("XBUS_", "XDG_"))}
        cls.env.update(HOME=cls.home.name, XDG_RUNTIME_DIR=str(run))
        cls.tried = set()
        cls.bus = cls.start(BUILD / "bin/xbusd")
        cls.until([BUILD / "bin/xbus", "ping"])
        cls.service = cls.example("01_service", cls.start)
        cls.until([BUILD / "bin/xbus", "describe", "calc"])

    @classmethod
    def tearDownClass(cls):
        for process in (cls.service, cls.bus):
            process.terminate()
            process.wait(20)
        cls.home.cleanup()

    @classmethod
    def start(cls, program):
        return subprocess.Popen([program], env=cls.env, stdin=subprocess.DEVNULL)

    @classmethod
    def example(cls, name, runner):
        cls.tried.add(name)
        return runner(BUILD / "examples" / name)

    @classmethod
    def until(cls, command):
        end = time.monotonic() + DEADLINE
        while subprocess.run(command, env=cls.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            assert time.monotonic() < end, f"not ready: {command}"

    def output(self, program):
        done = subprocess.run([program], env=self.env, text=True, capture_output=True, timeout=DEADLINE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_call_is_answered(self):
        self.assertEqual(self.example("02_call", self.output), "5\n")

    def test_types_travel_and_wrong_ones_are_the_callers_fault(self):
        self.assertEqual(self.example("03_types", self.output),
                         "a day in Berlin: dry\nanother: rain\ninvalid\n")

    def test_a_handler_may_call_another_service(self):
        self.assertEqual(self.example("04_coroutine", self.output), "")

    def test_zz_every_example_has_been_run(self):
        self.assertEqual(self.tried, {path.stem for path in (ROOT / "examples").glob("[0-9]*.cpp")})


if __name__ == "__main__":
    unittest.main()
