"""Completion of what is typed: `xbus complete`, and the scripts of bash, zsh and fish on a live bus."""
import os
import pty
import re
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "services", "xbus", "completion")
TAB_SECONDS = 0.05   # what a tab may take on a quiet machine
TAB_SECONDS_BUSY = 0.5  # what fails this test, which does not run alone


class Completion(shell.Shell):
    def setUp(self):
        super().setUp()
        cache = tempfile.TemporaryDirectory(prefix="xbus-cache-")
        self.addCleanup(cache.cleanup)
        self.env = {**self.local, "XDG_CACHE_HOME": cache.name, "XDG_CONFIG_HOME": cache.name, "HOME": cache.name,
                    "PATH": os.path.dirname(shell.program("xbus")) + ":" + os.environ["PATH"]}

    def complete(self, *words, env=None):
        """The candidates, without what is said about them."""
        done = self.run_xbus("complete", "--", *words, env=env or self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def lamp(self):
        self.serve("lamp", "cat", "switch(on: bool), dim(level: int32)", "--instance", "hall", "--doc", "Lights.")

    # ---- xbus complete ----

    def test_what_is_live_is_found_without_any_verb_before(self):
        self.lamp()
        # A tab waits only for a moment, so on a machine under load the first one may come too early.
        shell.waiting.poll(lambda: self.complete("call", "la") == ["lamp"], 20, "the service is offered")
        shell.waiting.poll(lambda: self.complete("call", "lamp", "") == ["dim", "switch"], 20, "its methods are")
        self.assertEqual(self.complete("call", "lamp", "switch", ""), ["true", "false"])
        self.assertEqual(self.complete("call", "lamp", "--instance", ""), ["hall"])
        self.assertEqual(self.complete("bench", "la"), ["lamp"])
        self.assertEqual(self.complete("bench", "lamp", ""), ["dim", "switch"])
        self.assertEqual(self.complete("bench", "lamp", "switch", ""), ["true", "false"])
        self.assertEqual(self.complete("desc"), ["describe"])

    def test_ordinary_verbs_teach_it(self):
        self.lamp()
        self.xbus("list", env=self.env)
        nowhere = os.path.join(self.folder, "nothing-listens-here")
        self.xbus("call", "lamp", "dim", "1", env=self.env)
        shell.waiting.poll(lambda: self.complete("call", "la") == ["lamp"], 20, "it was learnt")
        for root, folders, files in os.walk(os.path.join(self.env["XDG_CACHE_HOME"], "xbus")):
            self.assertEqual(os.stat(root).st_mode & 0o777, 0o700)
            for name in files:
                self.assertEqual(os.stat(os.path.join(root, name)).st_mode & 0o777, 0o600)
        # Another bus is another file.
        self.assertEqual(self.complete("--bus", f"unix:{nowhere}", "call", ""), [])

    def test_a_bus_that_is_not_there_or_hangs_holds_nobody_up(self):
        import socket
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as hung:
            hung.bind(os.path.join(folder, "socket"))
            hung.listen()
            for bus in (f"unix:{folder}/nothing", f"unix:{folder}/socket"):
                before = time.monotonic()
                self.assertEqual(self.complete("--bus", bus, "call", ""), [])
                self.assertLess(time.monotonic() - before, 2)

    def test_a_tab_is_quick(self):
        for number in range(3):
            self.serve(f"service{number}", "cat", ",".join(f"method{i}" for i in range(20)))
        shell.waiting.poll(lambda: len(self.complete("call", "service")) == 3, 20, "all are known")
        for words in (["call", "ser"], ["call", "service1", "me"], ["call", "--inst"], [""]):
            times = []
            worked = resource.getrusage(resource.RUSAGE_CHILDREN)
            for _ in range(20):
                before = time.perf_counter()
                subprocess.run([shell.program("xbus"), "complete", "--", *words], env=self.env, check=True,
                               stdout=subprocess.DEVNULL)
                times.append(time.perf_counter() - before)
            median = statistics.median(times)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = (after.ru_utime + after.ru_stime - worked.ru_utime - worked.ru_stime) / len(times)
            print(f"xbus complete {words}: median of 20 {median * 1000:.1f} ms, slowest {max(times) * 1000:.1f} ms, "
                  f"{cpu * 1000:.1f} ms of CPU; aim {TAB_SECONDS * 1000:.0f} ms")
            self.assertLess(median, TAB_SECONDS_BUSY)

    # ---- the shells ----

    def at_prompt(self, command, setup, typed, wanted, seconds=30):
        """Starts a shell on a terminal, sends `setup`, waits for its prompt, types, and waits for what the shell makes
        of it."""
        pid, master = pty.fork()
        if pid == 0:
            os.execvpe(command[0], command, {**self.env, "TERM": "dumb", "PS1": "", "LC_ALL": "C.UTF-8"})
        self.addCleanup(os.close, master)
        self.addCleanup(self.end, pid)
        shown = ""

        def until(pattern):
            nonlocal shown
            deadline = time.monotonic() + seconds
            while not re.search(pattern, shown):
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([master], [], [], left)[0]:
                    self.fail(f"{command[0]} does not show {pattern!r}: {shown!r}")
                try:
                    shown += os.read(master, 65536).decode("utf-8", "replace")
                except OSError:
                    self.fail(f"{command[0]} ended: {shown!r}")

        os.write(master, setup.encode() + b"\necho rea''dy\n")
        until(r"ready\r?\n")
        shown = ""
        os.write(master, typed.encode())
        until(wanted)

    @staticmethod
    def end(pid):
        os.kill(pid, 9)
        os.waitpid(pid, 0)

    def known_lamp(self):
        self.lamp()
        shell.waiting.poll(lambda: self.complete("call", "lamp", "") == ["dim", "switch"], 20, "the lamp is known")

    def test_bash_completes_a_method_of_a_live_service(self):
        self.known_lamp()
        setup = f"source {SCRIPTS}/xbus.bash; bind 'set enable-bracketed-paste off'"
        self.at_prompt(["bash", "--norc", "--noprofile", "-i"], setup, "xbus call lamp sw\t", r"sw\x07?itch ")
        self.at_prompt(["bash", "--norc", "--noprofile", "-i"], setup, "xbus list --output=js\t", r"js\x07?on ")

    def test_zsh_completes_a_method_of_a_live_service(self):
        self.known_lamp()
        setup = f"PROMPT=; unsetopt zle_bracketed_paste; fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D"
        self.at_prompt(["zsh", "-f", "-i"], setup, "xbus call lamp sw\t", r"switch ")

    def test_fish_completes_a_method_of_a_live_service(self):
        self.known_lamp()
        script = f"source {SCRIPTS}/xbus.fish; complete -C 'xbus call lamp sw'; complete -C 'xbus call lamp switch '"
        done = subprocess.run(["fish", "--no-config", "-c", script], env=self.env, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], ["switch", "false", "true"],
                         done.stderr)  # fish sorts


if __name__ == "__main__":
    shell.main()
