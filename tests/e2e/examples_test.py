#!/usr/bin/python3
"""Runs every numbered example: each is a program in the build's examples folder, on a bus of the test's own."""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from harness import ports  # noqa: E402

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
        cls.component_port = ports.free_port()
        config = pathlib.Path(cls.home.name) / "xbusd.toml"
        config.write_text(f'component_listen = ["127.0.0.1:{cls.component_port}"]\n'
                          '[components]\n"clock.localhost" = "secret of an example"\n')
        config.chmod(0o600)
        cls.bus = cls.start(BUILD / "bin/xbusd", "--config", config)
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
    def start(cls, program, *words, **more):
        return subprocess.Popen([program, *words], env={**cls.env, **more}, stdin=subprocess.DEVNULL)

    @classmethod
    def example(cls, name, runner, *words, **more):
        cls.tried.add(name)
        return runner(BUILD / "examples" / name, *words, **more)

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

    def test_callers_spread_over_instances_and_leave_the_one_that_leaves(self):
        self.assertEqual(self.example("05_instances", self.output), "ann bob cleo \nann cleo \n")

    def test_a_component_is_called_by_its_domain(self):
        clock = self.example("06_component", self.start, "--bus", f"tcp://127.0.0.1:{self.component_port}", "--component",
                             "clock.localhost", XBUS_COMPONENT_SECRET="secret of an example")
        self.addCleanup(clock.wait, 20)
        self.addCleanup(clock.terminate)
        call = [BUILD / "bin/xbus", "call", "any@clock.localhost", "year"]
        self.until(call)
        done = subprocess.run(call, env=self.env, text=True, capture_output=True, timeout=DEADLINE)
        self.assertEqual(int(done.stdout), time.gmtime().tm_year)

    def test_a_handler_may_block(self):
        self.assertEqual(self.example("11_blocking", self.output), "")

    def test_zz_every_example_has_been_run(self):
        self.assertEqual(self.tried, {path.stem for path in (ROOT / "examples").glob("[0-9]*.cpp")})


if __name__ == "__main__":
    unittest.main()
