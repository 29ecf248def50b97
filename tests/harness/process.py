"""A program that a play started: its output goes to a log, and it never outlives the play."""
import atexit
import ctypes
import os
import shutil
import signal
import subprocess
import sys

from . import waiting

_running = []
_folders = []
_libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def remove_at_end(folder):
    """The folder goes when this program ends, by whatever signal that can be caught."""
    _folders.append(folder)


def stop_all():
    for process in reversed(_running[:]):
        process.stop()
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)


def _on_signal(number, _frame):
    stop_all()
    os._exit(128 + number)


def install_cleanup():
    """Whatever ends this program, what it started ends too."""
    atexit.register(stop_all)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _on_signal)


class Process:
    """command runs in its own process group, with stdout and stderr in `log` unless stdout is asked for as a pipe."""

    def __init__(self, name, command, log, env=None, cwd=None, pipe=False):
        self.name, self.log = name, log
        self._file = open(log, "ab")
        self.popen = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if pipe else self._file, stderr=self._file,
            env=env, cwd=cwd, start_new_session=True, preexec_fn=_die_with_parent, text=pipe or None)
        _running.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def signal(self, number):
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            pass

    def stop(self, seconds=10):
        """Asks it to end, insists after so many seconds; its exit status."""
        if self.alive():
            self.signal(signal.SIGTERM)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                print(f"{self.name} did not end by SIGTERM in {seconds} s", file=sys.stderr)
        return self.kill()

    def kill(self):
        """Ends it at once, with no chance to say goodbye; also what it left behind in its group."""
        self.signal(signal.SIGKILL)
        status = self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()
        self._file.close()
        if self in _running:
            _running.remove(self)
        return status

    def wait_line(self, beginning, seconds):
        """Waits until the log has a line that begins so; that line."""

        def look():
            if not self.alive() and not self.logged(beginning):
                raise waiting.Hopeless(f"{self.name} ended with {self.popen.returncode}:\n{self.tail()}")
            return self.logged(beginning)

        try:
            return waiting.poll(look, seconds, f"{self.name} says {beginning!r}", every=0.02)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.tail()}") from None

    def wait_logged(self, words, seconds):
        """Waits until a line of the log holds these words."""
        waiting.poll(lambda: words in self.tail(), seconds, f"{self.name} says {words!r}", every=0.02)

    def logged(self, beginning):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return next((line.rstrip("\n") for line in f if line.startswith(beginning)), None)

    def tail(self, count=40):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            lines = f.read().split("\n")
        return f"--- {self.name}, {self.log}\n" + "\n".join(lines[-count:])
