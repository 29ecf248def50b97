"""A caller whose connection is cut again and again gets the answer to each call exactly once, and each call runs once
(XEP-0198): our own client on each server, and slixmpp on xbusd."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world  # noqa: E402
from harness.cutter import Cutter  # noqa: E402

RATE, SECONDS, CUTS = 20, 12, 6


class Cut(world.World):
    def setUp(self):
        super().setUp()
        self.cutter = Cutter(self.server.port)
        self.addCleanup(self.cutter.close)


class Resume(Cut):
    def test_SM_13_each_answer_comes_once_over_a_wire_that_is_cut(self):
        self.worker("w1")
        caller = self.own("work_caller", "caller", bus=f"xmpp://localhost:{self.cutter.port}", id="r", rate=RATE,
                          calls=RATE * SECONDS, milliseconds=150, timeout=20)
        caller.wait_line("ready ", 30)
        for cut in range(CUTS):
            enough = RATE * (cut + 1) * SECONDS // (CUTS + 1)
            world.waiting.poll(lambda: len(world.calls_of(caller)) >= enough, 60, f"{enough} calls have ended")
            self.cutter.cut()
        caller.wait_line("done", 60)
        calls = world.calls_of(caller)
        self.assertGreater(self.cutter.connections, CUTS // 2)
        self.assertEqual(len(calls), RATE * SECONDS)
        self.assertEqual([call for call in calls if call.outcome != "ok"], [])
        counts = self.runs()
        self.assertEqual({counts.get(call.id) for call in calls}, {1})


class Foreign(Cut):
    """For xbusd: what slixmpp and other servers do with each other is theirs."""

    accounts = world.World.accounts + ("talker", "listener")

    def test_SM_13_slixmpp_resumes(self):
        listener = self.peer("slixmpp_resume", "listener", "listener", port=str(self.cutter.port))
        to = listener.wait_line("ready ", 30).split(" ", 1)[1]
        talker = self.peer("slixmpp_resume", "talker", "talker", to=to, calls="100")
        for number in (20, 45, 70):
            listener.wait_line(f"heard {number}", 30)
            self.cutter.cut()
        talker.wait_line("done", 60)
        listener.wait_line("heard 99", 30)
        with open(listener.log, encoding="utf-8") as f:
            lines = f.read().splitlines()
        self.assertEqual([line for line in lines if line.startswith("heard ")], [f"heard {n}" for n in range(100)])
        self.assertEqual(lines.count("resumed"), 3)
        self.assertEqual(sum(line.startswith("ready ") for line in lines), 1)


if __name__ == "__main__":
    world.main()
