"""A restart of the server under 20 calls a second: every call ends in a value or a named outcome within its deadline, none
runs twice, and 30 s after the restart all succeed without help. SOAK_SECONDS is how long it lasts after those 30 s."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world  # noqa: E402

RATE, TIMEOUT = 20, 10
BEFORE, RECOVERY = 5, 30
AFTER = int(os.environ.get("SOAK_SECONDS", "10"))
NAMED = {"ok", "lost", "unavailable", "timeout", "busy"}


class Soak(world.World):
    def test_a_restart_in_the_middle(self):
        for name in ("w1", "w2"):
            self.worker(name)
        caller = self.own("work_caller", "caller", id="s", rate=RATE, calls=RATE * (BEFORE + RECOVERY + AFTER + 5),
                          milliseconds=50, timeout=TIMEOUT)
        world.waiting.poll(lambda: len(world.calls_of(caller)) > RATE * BEFORE, 30, "the soak is under way")
        self.server.restart()
        restarted = time.monotonic()
        caller.wait_line("done", BEFORE + RECOVERY + AFTER + TIMEOUT + 30)

        calls = world.calls_of(caller)
        self.assertEqual(len(calls), RATE * (BEFORE + RECOVERY + AFTER + 5))
        self.assertLessEqual({call.outcome for call in calls}, NAMED)
        late = [call for call in calls if call.ended - call.started > TIMEOUT + 0.5]
        self.assertEqual(late, [])
        self.assertEqual([call for call in calls if call.started > restarted + RECOVERY and call.outcome != "ok"], [])
        counts = self.runs()
        self.assertEqual([name for name, count in counts.items() if count > 1], [])
        for call in calls:
            if call.outcome == "ok":
                self.assertEqual(counts.get(call.id), 1, call)
            if call.outcome == "unavailable":
                self.assertNotIn(call.id, counts, f"{call} was said not to have happened")


if __name__ == "__main__":
    world.main()
