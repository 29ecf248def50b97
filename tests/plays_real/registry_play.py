"""Registry, server and instance are killed in every order: within 40 s the list is true again without help.
`registry_play.py --server S Orders.test_one` is the short part."""
import itertools
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world  # noqa: E402

SECONDS = 40


class Orders(world.World):
    def kill(self, what, workers):
        """Ends it with no chance to say goodbye. Server and registry are started again, as a supervisor does."""
        if what == "server":
            self.server.kill()
        elif what == "registry":
            type(self).registry_process.kill()
        else:
            workers.pop().kill()

    def start_again(self, what):
        if what == "server":
            self.server.start()
        elif what == "registry":
            type(self).start_registry()

    def parts(self):
        # Inside xbusd the registry dies with the server.
        return ("server", "instance") if self.server.name == "xbusd" else ("registry", "server", "instance")

    def play(self, orders):
        alive, number = [], 0
        for order in orders:
            with self.subTest(order=order):
                while len(alive) < 3:
                    number += 1
                    alive.append(self.worker(f"w{number}"))
                self.await_listed("work", {self.instance(worker) for worker in alive}, SECONDS)
                for what in order:
                    self.kill(what, alive)
                for what in order:
                    self.start_again(what)
                begun = time.monotonic()
                self.await_listed("work", {self.instance(worker) for worker in alive}, SECONDS)
                print(f"{', '.join(order)}: true again after {time.monotonic() - begun:.1f} s", file=sys.stderr)

    @staticmethod
    def instance(worker):
        return worker.logged("ready ").rsplit("/", 1)[1]

    def test_one(self):
        self.play([self.parts()])

    def test_every_order(self):
        parts = self.parts()
        if os.environ.get("ORDER"):  # one, by hand
            return self.play([tuple(os.environ["ORDER"].split(","))])
        self.play([order for count in range(1, len(parts) + 1) for order in itertools.permutations(parts, count)])


if __name__ == "__main__":
    world.main()
