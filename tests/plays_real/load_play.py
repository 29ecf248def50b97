"""Three instances under load, one of them killed: only the calls that were on it fail, named, within a second, and a new
instance gets calls."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world  # noqa: E402

RATE, CALLS, BUSY = 50, 400, 200  # calls a second, in all, and milliseconds that each works


class UnderLoad(world.World):
    def play(self, caller, lost):
        workers = {name: self.worker(name) for name in ("w1", "w2", "w3")}
        self.await_listed("work", workers)
        caller = caller()
        # In the middle of it, as the calls themselves show.
        world.waiting.poll(lambda: len(world.calls_of(caller)) > CALLS // 4, 30, "a quarter of the calls has ended")
        killed = time.monotonic()
        workers["w2"].kill()
        self.await_listed("work", {"w1", "w3"}, 5)
        self.worker("w4")
        self.await_listed("work", {"w1", "w3", "w4"}, 5)
        caller.wait_line("done", 60)

        calls = world.calls_of(caller)
        self.assertEqual(len(calls), CALLS)
        failed = [call for call in calls if call.outcome != "ok"]
        self.assertTrue(failed, "none was on the instance that was killed")
        self.assertEqual({call.outcome for call in failed}, {lost}, failed)
        for call in failed:
            self.assertLess(call.started, killed + 0.1, f"{call} began after the kill at {killed:.3f}")
            self.assertLess(call.ended, killed + 1, f"{call} was told late of the kill at {killed:.3f}")
        for name in ("w1", "w2", "w3", "w4"):
            self.assertTrue([call for call in calls if call.instance == name], f"{name} got no call")
        self.assertEqual(max(self.runs().values()), 1, "a call ran twice")

    def test_our_caller_balances_by_itself(self):
        self.play(lambda: self.own("work_caller", "caller", id="a", rate=RATE, calls=CALLS, milliseconds=BUSY, timeout=10),
                  lost="lost")

    def test_a_strict_caller_goes_through_the_registry(self):
        self.play(lambda: self.peer("slixmpp", "load", "caller", to="work@services.localhost", id="b", rate=str(RATE),
                                    calls=str(CALLS), milliseconds=str(BUSY)), lost="undefined-condition/lost")


if __name__ == "__main__":
    world.main()
