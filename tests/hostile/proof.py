"""What holds while strangers attack: the honest pair keeps its rate, and what the attack took comes back."""
import base64
import os
import time
import unicodedata

from bus import PAIR, is_sanitized
from harness import process, waiting
from harness.server import COMPONENT_SECRET, PASSWORD

RATE = 100            # calls a second of the pair
SECONDS_MIN = 2       # over which its rate beside a theme is taken
KEPT_MIN = 0.9        # of the rate without attack
SLOWER = 5            # times, with sanitizers
MIB = 1024 * 1024
SECRETS = (PASSWORD, COMPONENT_SECRET, base64.b64encode(PASSWORD.encode()).decode().rstrip("="))
MEMORY_MORE_MAX = 16 * MIB     # resident after a theme, over what it was when warm
# AddressSanitizer's size classes keep the pages of what was freed, and each new stack trace stays: what is told there is
# growth without bound. The line is held without sanitizers; what is lost, LeakSanitizer tells at the end.
MEMORY_MORE_MAX_ASAN = 256 * MIB
PEAK_MORE_MAX = 256 * MIB      # at the worst moment of a theme
PEAK_MORE_MAX_ASAN = 512 * MIB


def longest_of(lines, before):
    """When the longest call was told of and how long it took, less what server and pair waited for a processor meanwhile:
    the machine may have much else to do."""
    told_at, longest, at = 0.0, 0.0, [before, *lines]
    for line in lines:
        since = [other for other in at if other[0] <= line[0] - line[3]] or at[:1]
        seconds = max(line[3] - (line[4] - since[-1][4]), 0.0)
        if seconds >= longest:
            told_at, longest = line[0], seconds
    return told_at, longest


def shown(character):
    return character.isprintable() or unicodedata.category(character) == "Zs"


class Proof:
    def __init__(self, bus, folder):
        self.bus = bus
        here = os.path.dirname(os.path.abspath(__file__))
        self.log = os.path.join(folder, "pair.log")
        self.pair = process.Process("pair", ["/usr/bin/python3", os.path.join(here, "pair.py"), str(bus.plain_port),
                                             PAIR[0], PASSWORD, str(RATE), str(bus.process.pid)], self.log)
        self.pair.wait_line("at ", 30)
        # The rate without attack, and memory when warm.
        first = self.wait_lines(2)
        time_is = first[-1][0]
        last = waiting.poll(lambda: [line for line in self.lines() if line[0] >= time_is + 2] or None, 30, "2 s of calls")
        self.rate = (last[-1][1] - first[-1][1]) / (last[-1][0] - first[-1][0])
        _, self.longest = longest_of(last, first[-1])
        self.sanitized = is_sanitized()
        self.warm, _ = bus.memory()
        self.descriptors = bus.descriptors()

    def lines(self):
        """(time, ended, failed, longest, queued) of each line so far: see pair.py."""
        out = []
        with open(self.log, encoding="ascii") as f:
            for line in f:
                words = line.split()
                if len(words) == 6 and words[0] == "at":
                    out.append((float(words[1]), int(words[2]), int(words[3]), float(words[4]), float(words[5])))
        return out

    def wait_lines(self, more):
        count = len(self.lines())
        return waiting.poll(lambda: self.lines() if len(self.lines()) >= count + more else None, 30,
                            "the pair goes on")

    def begin(self):
        self.bus.memory()
        self.before = self.wait_lines(1)[-1]

    def end(self, times):
        """What was found, in a few words, and what is wrong; `times` says when each case ran."""
        wrong = []
        if not self.pair.alive():
            return "", ["the honest pair has lost its sessions: " + self.pair.tail(5)]
        until = max(time.monotonic(), self.before[0] + SECONDS_MIN)
        waiting.poll(lambda: self.lines()[-1][0] >= until, 30, "the pair goes on")
        lines = [line for line in self.lines() if line[0] > self.before[0]]
        seconds = lines[-1][0] - self.before[0]
        rate = (lines[-1][1] - self.before[1]) / seconds
        failed = lines[-1][2] - self.before[2]
        told_at, longest = longest_of(lines, self.before)
        during = [name for name, (began, ended) in times.items() if began < told_at and ended > told_at - longest]
        if failed:
            wrong.append(f"{failed} calls of the honest pair failed")
        if rate < KEPT_MIN * self.rate:
            wrong.append(f"the honest pair made {rate:.0f} calls a second, {self.rate:.0f} without attack")
        if longest > self.bus.call_seconds_max * (SLOWER if self.sanitized else 1):
            wrong.append(f"a call of the honest pair took {longest:.1f} s, {self.longest:.2f} without attack, beside {', '.join(during)}")
        wrong += [f"{process.name} has ended: {process.tail(5)}" for process, _ in self.bus.programs.values() if not process.alive()]
        memory = self.memory_back(wrong)
        return (f"pair {rate:.0f}/s of {self.rate:.0f}, longest call {longest * 1000:.0f} ms "
                f"({max(line[3] for line in lines) * 1000:.0f} with the wait for a processor), {memory}"), wrong

    def memory_back(self, wrong):
        more_max = MEMORY_MORE_MAX_ASAN if self.sanitized else MEMORY_MORE_MAX
        _, peak = self.bus.memory()
        try:
            waiting.poll(lambda: self.bus.memory()[0] <= self.warm + more_max, 15, "memory comes back")
            waiting.poll(lambda: self.bus.descriptors() <= self.descriptors + len(self.bus.programs), 15,
        "connections are let go")
        except TimeoutError as late:
            wrong.append(str(late))
        now, _ = self.bus.memory()
        if peak > self.warm + (PEAK_MORE_MAX_ASAN if self.sanitized else PEAK_MORE_MAX):
            wrong.append(f"at the worst moment xbusd held {peak // MIB} MiB, {self.warm // MIB} when warm")
        return (f"memory {now // MIB} MiB of {self.warm // MIB} when warm, {peak // MIB} at most, "
                f"{self.bus.descriptors()} descriptors of {self.descriptors}")

    def logs(self):
        """What is wrong with what was logged: a secret, or a character that drives a terminal or begins a line."""
        wrong = []
        for process_ in (self.bus.process, *(program for program, _ in self.bus.programs.values())):
            with open(process_.log, encoding="utf-8", errors="backslashreplace") as f:
                for line in f.read().split("\n"):
                    if any(secret in line for secret in SECRETS) or any(not shown(character) for character in line):
                        wrong.append(f"{process_.name} has logged {ascii(line)[:300]}")
        return wrong

    def close(self):
        self.pair.stop()
