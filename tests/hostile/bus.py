"""The xbusd that is attacked: every kind of listener, accounts for each case, components that may connect."""
import concurrent.futures
import os
import resource
import threading

from harness import waiting
from harness.process import Process
from harness.server import COMPONENT_SECRET, PASSWORD
from harness.xbusd import Xbusd, program
from wire import Wire

PAIR = ("pair",)


# What the kiosk runs: a number that is never the same, its arguments, or nothing for a while.
KIOSK = """#!/bin/sh
case "$1" in
once) cat /proc/sys/kernel/random/uuid ;;
wait) sleep 3 ;;
*) cat ;;
esac
"""


def kiosk(folder):
    """A command that is a service."""
    path = os.path.join(folder, "kiosk.sh")
    with open(path, "w", encoding="ascii") as f:
        f.write(KIOSK)
    os.chmod(path, 0o755)
    return [program("xbus"), "serve", "kiosk", "--exec", path, "--methods",
            "say(text: string) -> any, once() -> string, wait(text: string)"]


SERVICES = {"agent": lambda folder: [program("xbus-agent"), "--log-level", "debug"], "kiosk": kiosk}


def is_sanitized():
    """Whether xbusd runs under AddressSanitizer, which keeps freed memory and is slow."""
    with open(program("xbusd"), "rb") as f:
        return b"__asan_init" in f.read()


class HostileBus(Xbusd):
    plain = True
    start_seconds = 120
    component_count = 64
    call_seconds_max = 1  # the longest a call of the honest pair may take beside an attack
    password = PASSWORD
    guard_loopback = "true"  # each connection has an address of its own
    component_secret = COMPONENT_SECRET
    # What AddressSanitizer keeps of what was freed would look like memory that did not come back.
    sanitizers = {"ASAN_OPTIONS": ("quarantine_size_mb=1:thread_local_quarantine_size_kb=16:"
                                   "allocator_release_to_os_interval_ms=500:detect_leaks=1"),
                  "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}

    def __init__(self, folder, cases, more=""):
        self.lock = threading.Lock()
        # What it starts ends with this thread, so not with the one that a case runs on.
        self.starter = concurrent.futures.ThreadPoolExecutor(1)
        self.programs = {}  # the services beside xbusd that cases have asked for: (process, full JID)
        self.before = {}  # limits of the process
        self.more = more
        accounts = list(PAIR) + [f"{actor}{case.index}" for case in cases for actor in case.actors()]
        super().__init__(folder, accounts,
        [f"c{number}.localhost" for number in range(self.component_count)] + ["absent.localhost"])
        self.environment.update(self.sanitizers)

    def start(self):
        super().start()
        waiting.poll(lambda: waiting.listening(self.plain_port), 20, "the plain listener")
        return self

    def service_jid(self, name):
        """The full JID of the service, which is started when it is first asked for."""
        with self.lock:
            if name not in self.programs:
                process = self.starter.submit(Process, name, SERVICES[name](self.folder), os.path.join(self.folder, f"{name}.log"),
                                              env=self.environment).result()
                self.programs[name] = process, waiting.poll(lambda: self.listed(name), 60, f"{name} is listed")
        return self.programs[name][1]

    def listed(self, name):
        wire = Wire.unix(os.path.join(self.run_folder, "xbus", "socket"))
        try:
            wire.open()
            wire.external()
            wire.open()
            wire.bind()
            wire.send(f"<iq type='get' id='1' to='{name}@services.localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")
            items = [item.get("jid") for item in wire.expect("element").iter() if item.tag.endswith("}item")]
            return items and items[0]
        finally:
            wire.close()

    def stop(self):
        """How xbusd ended, or else a service beside it: what a sanitizer found shows there."""
        wrong = 0
        for process, _ in self.programs.values():
            if status := process.stop():
                print(process.tail(100))
                wrong = status
        self.starter.shutdown()
        return self.process.stop() or wrong

    def limit(self, what, most=None):
        """How many descriptors xbusd may have (RLIMIT_NOFILE), how large its files may be (RLIMIT_FSIZE); None: as before."""
        soft, hard = resource.prlimit(self.process.pid, what)
        self.before.setdefault(what, soft)
        resource.prlimit(self.process.pid, what, (self.before[what] if most is None else most, hard))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Resident bytes now, and the most since the last call."""
        said = {}
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            for line in f:
                name, _, value = line.partition(":")
                said[name] = value.split()[0] if value.split() else ""
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as f:
            f.write("5")
        return int(said["VmRSS"]) * 1024, int(said["VmHWM"]) * 1024


class FewBus(HostileBus):
    """Comes to an end of its descriptors. UBSan asks by a pipe whether it may look at an object's type: where none is to be had
    it takes every object for a wrong one. That, and no other finding, is passed over."""

    def __init__(self, folder, cases, more=""):
        super().__init__(folder, cases, more)
        self.environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=0"

    def stop(self):
        status = super().stop()
        found = [line for line in self.process.tail(100_000).splitlines()
                 if ": runtime error: " in line and "which does not point to an object of type" not in line]
        print("".join(f"{line}\n" for line in found), end="")
        return status or len(found)
