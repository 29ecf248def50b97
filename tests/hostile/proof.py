"""What holds while strangers attack: the honest pair keeps its rate, and what the attack took comes back."""
import os

from bus import PAIR, is_sanitized
from harness import process, waiting
from harness.server import PASSWORD

RATE = 100            # calls a second of the pair
KEPT_MIN = 0.7        # of the rate without attack
CALL_SECONDS_MAX = 10  # the longest a call of the pair may take, on a machine with much else to do
MIB = 1024 * 1024
MEMORY_MORE_MAX = 48 * MIB     # resident after a theme, over what it was when warm
MEMORY_MORE_MAX_ASAN = 96 * MIB
PEAK_MORE_MAX = 256 * MIB      # at the worst moment of a theme
PEAK_MORE_MAX_ASAN = 512 * MIB


class Proof:
    def __init__(self, bus, folder):
        self.bus = bus
        here = os.path.dirname(os.path.abspath(__file__))
        self.log = os.path.join(folder, "pair.log")
        self.pair = process.Process("pair", ["/usr/bin/python3", os.path.join(here, "pair.py"), str(bus.plain_port),
                                             PAIR[0], PASSWORD, str(RATE)], self.log)
        self.pair.wait_line("at ", 30)
        # The rate without attack, and memory when warm.
        first = self.wait_lines(2)
        time_is = first[-1][0]
        last = waiting.poll(lambda: [line for line in self.lines() if line[0] >= time_is + 2] or None, 30, "2 s of calls")
        self.rate = (last[-1][1] - first[-1][1]) / (last[-1][0] - first[-1][0])
        self.sanitized = is_sanitized()
        self.warm, _ = bus.memory()
        self.descriptors = bus.descriptors()

    def lines(self):
        """(time, ended, failed, longest) of each line so far."""
        out = []
        with open(self.log, encoding="ascii") as f:
            for line in f:
                words = line.split()
                if len(words) == 5 and words[0] == "at":
                    out.append((float(words[1]), int(words[2]), int(words[3]), float(words[4])))
        return out

    def wait_lines(self, more):
        count = len(self.lines())
        return waiting.poll(lambda: self.lines() if len(self.lines()) >= count + more else None, 30,
                            "the pair goes on")

    def begin(self):
        self.bus.memory()
        self.before = self.wait_lines(1)[-1]

    def end(self):
        """What was found, in a few words, and what is wrong."""
        wrong = []
        if not self.pair.alive():
            return "", ["the honest pair has lost its sessions: " + self.pair.tail(5)]
        lines = [line for line in self.wait_lines(2) if line[0] > self.before[0]]
        seconds = lines[-1][0] - self.before[0]
        rate = (lines[-1][1] - self.before[1]) / seconds
        failed = lines[-1][2] - self.before[2]
        longest = max(line[3] for line in lines)
        if failed:
            wrong.append(f"{failed} calls of the honest pair failed")
        if rate < KEPT_MIN * self.rate:
            wrong.append(f"the honest pair made {rate:.0f} calls a second, {self.rate:.0f} without attack")
        if longest > CALL_SECONDS_MAX:
            wrong.append(f"a call of the honest pair took {longest:.1f} s")
        memory = self.memory_back(wrong)
        return f"pair {rate:.0f}/s of {self.rate:.0f}, longest call {longest * 1000:.0f} ms, {memory}", wrong

    def memory_back(self, wrong):
        more_max = MEMORY_MORE_MAX_ASAN if self.sanitized else MEMORY_MORE_MAX
        _, peak = self.bus.memory()
        try:
            waiting.poll(lambda: self.bus.memory()[0] <= self.warm + more_max, 15, "memory comes back")
            waiting.poll(lambda: self.bus.descriptors() <= self.descriptors + (self.bus.agent is not None), 15,
        "connections are let go")
        except TimeoutError as late:
            wrong.append(str(late))
        now, _ = self.bus.memory()
        if peak > self.warm + (PEAK_MORE_MAX_ASAN if self.sanitized else PEAK_MORE_MAX):
            wrong.append(f"at the worst moment xbusd held {peak // MIB} MiB, {self.warm // MIB} when warm")
        return (f"memory {now // MIB} MiB of {self.warm // MIB} when warm, {peak // MIB} at most, "
                f"{self.bus.descriptors()} descriptors of {self.descriptors}")

    def close(self):
        self.pair.stop()
