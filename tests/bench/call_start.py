"""A whole `xbus call` beside a whole `busctl call`: from the start of the process to its end, on unix sockets.

Each calls a service, a process of its own, through a bus, a process of its own: xbusd with xbus-agent, dbus-daemon
with dbus-test-tool."""
import os
import re
import statistics
import time
from dataclasses import dataclass

from harness.process import Process
from harness.waiting import Hopeless, poll
from harness.xbusd import Xbusd, program

DBUS_NAME = "com.example.Echo"


@dataclass
class Found:
    """Milliseconds of each run, in turn; the CPU of the process itself likewise."""

    xbus: list
    busctl: list
    xbus_cpu: list
    busctl_cpu: list

    def ratio(self):
        pairs = [mine / theirs for mine, theirs in zip(self.xbus, self.busctl)]
        return statistics.median(pairs), statistics.quantiles(pairs, n=20)[0], statistics.quantiles(pairs, n=20)[-1]


def timed(command, env):
    """Milliseconds of wall clock and of CPU that the program takes; it must succeed."""
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        begun = time.perf_counter()
        pid = os.posix_spawnp(command[0], command, env, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, out) for out in (1, 2)])
        _, status, usage = os.wait4(pid, 0)
        took = time.perf_counter() - begun
    finally:
        os.close(nothing)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return took * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def start_dbus(bench, folder):
    """A message bus of our own with an echo service; the environment that finds it."""
    os.makedirs(folder, exist_ok=True)
    config = os.path.join(folder, "bus.conf")
    with open(config, "w", encoding="utf-8") as f:
        f.write(f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={folder}/socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
""")
    env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/socket"}
    daemon = Process("dbus-daemon", [*bench.for_servers, "dbus-daemon", f"--config-file={config}", "--nofork"],
                     os.path.join(folder, "log"))
    poll(lambda: os.path.exists(os.path.join(folder, "socket")), 20, "dbus-daemon listens")
    Process("echo", [*bench.for_servers, "dbus-test-tool", "echo", "--session", f"--name={DBUS_NAME}"],
            os.path.join(folder, "echo.log"), env=env)
    command = ["busctl", "--user", "call", DBUS_NAME, "/", DBUS_NAME, "Echo"]

    def answers():
        if not daemon.alive():
            raise Hopeless(daemon.tail())
        return timed(command, env)

    poll(answers, 20, "the echo service answers")
    return command, env


def start_xbus(bench):
    server = bench.started(Xbusd, "call")
    env = {name: value for name, value in os.environ.items() if not re.match("XBUS_(?!BUILD)", name)}
    env.update(XDG_RUNTIME_DIR=server.run_folder, XDG_CONFIG_HOME=server.folder, XDG_CACHE_HOME=server.folder)
    Process("agent", [*bench.for_servers, program("xbus-agent")], os.path.join(server.folder, "agent.log"), env=env)
    command = [program("xbus"), "call", "agent", "uptime"]
    poll(lambda: timed(command, env), 20, "the agent answers")
    return command, env


def run(bench, count):
    xbus, busctl = start_xbus(bench), start_dbus(bench, os.path.join(bench.folder, "dbus"))
    with bench.as_load():
        rows = [timed(command, env) for _ in range(count) for command, env in (xbus, busctl)]
    return Found([row[0] for row in rows[0::2]], [row[0] for row in rows[1::2]],
                 [row[1] for row in rows[0::2]], [row[1] for row in rows[1::2]])


def text(found):
    median = statistics.median
    return "\n".join([
        f"Whole processes on unix sockets, medians of {len(found.xbus)} runs in turn: `xbus call agent uptime` through xbusd, `busctl call`",
        "of dbus-test-tool's echo through dbus-daemon. The spread is from the 5th to the 95th of 100.", "",
        "| | xbus call | busctl call | ratio (spread) |", "|---|---|---|---|",
        "| wall clock ms | {:.2f} | {:.2f} | {:.2f} ({:.2f} to {:.2f}) |".format(
            median(found.xbus), median(found.busctl), *found.ratio()),
        "| CPU of the process ms | {:.2f} | {:.2f} | {:.2f} |".format(
            median(found.xbus_cpu), median(found.busctl_cpu), median(found.xbus_cpu) / max(median(found.busctl_cpu), 1e-3)),
    ]) + "\n"
