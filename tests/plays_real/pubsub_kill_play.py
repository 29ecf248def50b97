"""xbusd is killed with -9 at random moments while publishers publish, and started again on the same files: no
acknowledged item is lost, none is there twice under one id, and the order of each publisher is kept.
$KILLS says how often; the seed is printed."""
import contextlib
import os
import random
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "hostile")]
from harness import play, process, waiting  # noqa: E402
from harness.xbusd import program  # noqa: E402
from wire import CLIENT, Wire  # noqa: E402

KILLS = int(os.environ.get("KILLS", "20"))
PUBLISHERS, IN_FLIGHT, IDS = 3, 40, 100_000
PUBSUB = "{http://jabber.org/protocol/pubsub}"


def begin(wire):
    wire.open()
    wire.external()
    wire.open()
    wire.bind()
    return wire


def request(type, id, inside):
    return (f"<iq type='{type}' id='{id}' to='events.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"{inside}</pubsub></iq>")


class Publisher(threading.Thread):
    """Publishes numbered items, many without an answer yet, until the wire ends; every seventh again under its id."""

    def __init__(self, socket, name, first):
        super().__init__(daemon=True)
        self.socket, self.name_is = socket, name
        self.sent = first  # the next number
        self.acknowledged = []  # (item id, number)
        self.numbers = {}
        self.problem = None

    def publish(self, wire):
        number = self.sent
        self.sent += 1
        again = number % 7 == 6
        item = f"{self.name_is}-{number - 3 if again else number}"
        self.numbers[f"p{number}"] = (item, number)
        return wire.send(request("set", f"p{number}",
                                 f"<publish node='{self.name_is}'><item id='{item}'><n xmlns='urn:n'>{number}</n></item></publish>"))

    def run(self):
        wire = None
        try:
            wire = Wire.unix(self.socket)
            begin(wire)
            for _ in range(IN_FLIGHT):
                self.publish(wire)
            while True:
                kind, element = wire.next()
                if kind != "element":
                    return
                if element.get("id", "").startswith("p"):
                    if element.get("type") != "result":
                        self.problem = f"{element.get('id')} was refused"
                        return
                    self.acknowledged.append(self.numbers.pop(element.get("id")))
                    self.publish(wire)
        except (OSError, AssertionError, TimeoutError):
            pass  # killed, before it could begin or later
        finally:
            if wire is not None:
                wire.close()


def kept(wire, node):
    """(item id, number) of all that the node keeps, in its order, read page by page from the end."""
    items, before = [], ""
    for page in range(IDS):
        wire.send(request("get", f"k{page}", f"<items node='{node}'/><set xmlns='http://jabber.org/protocol/rsm'>"
                                             f"<max>500</max><before>{before}</before></set>"))
        answer = wire.expect("element", CLIENT + "iq")
        if (answer.get("id"), answer.get("type")) != (f"k{page}", "result"):
            raise AssertionError(f"{node}: {answer.get('id')} {answer.get('type')}")
        got = [(item.get("id"), int(item[0].text)) for item in answer.iter(PUBSUB + "item")]
        if not got:
            break
        items, before = got + items, got[0][0]
    return items


class Kill(unittest.TestCase):
    def test_PS_22_nothing_acknowledged_is_lost_by_a_kill(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        folder = tempfile.TemporaryDirectory(prefix="xbus-kill-")
        self.addCleanup(folder.cleanup)
        process.remove_at_end(folder.name)
        socket = os.path.join(folder.name, "socket")
        config = os.path.join(folder.name, "xbusd.toml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(f'domain = "localhost"\nsocket = "{socket}"\ndata = "{folder.name}/data"\nthreads = 2\n')
        names = [f"node{number}" for number in range(PUBLISHERS)]
        nexts = dict.fromkeys(names, 0)
        latest = {name: {} for name in names}  # of each acknowledged item, the number that was acknowledged last
        sent_later = {name: {} for name in names}  # what was sent and not acknowledged: item id -> numbers
        total = 0
        for cycle in range(KILLS + 1):
            bus = process.Process("xbusd", [program("xbusd"), "--config", config], os.path.join(folder.name, "log"))
            try:
                waiting.poll(lambda: os.path.exists(socket) and reachable(socket), 30, "xbusd listens")
                wire = begin(Wire.unix(socket))
                if cycle == 0:
                    for name in names:
                        wire.send(request("set", name, f"<create node='{name}'/><configure><x xmlns='jabber:x:data' type='submit'>"
                                                       "<field var='pubsub#max_items'><value>max</value></field></x></configure>"))
                        self.assertEqual(wire.expect("element").get("type"), "result")
                else:
                    for name in names:
                        self.check(name, kept(wire, name), latest[name], sent_later[name])
                        if cycle % 10 == 0:  # what is purged stays away, and the lists short
                            wire.send(f"<iq type='set' id='purge' to='events.localhost'><pubsub xmlns='{PUBSUB[1:-1]}#owner'>"
                                      f"<purge node='{name}'/></pubsub></iq>")
                            self.assertEqual(wire.expect("element").get("type"), "result")
                            latest[name], sent_later[name] = {}, {}
                wire.close()
                if cycle == KILLS:
                    break
                publishers = [Publisher(socket, name, nexts[name]) for name in names]
                for publisher in publishers:
                    publisher.start()
                threading.Event().wait(chance.uniform(0.02, 0.35))
            finally:
                bus.kill()
            for publisher in publishers:
                publisher.join(30)
                self.assertFalse(publisher.is_alive())
                self.assertIsNone(publisher.problem)
                name = publisher.name_is
                nexts[name] = (publisher.sent // 7 + 1) * 7  # so that "again" is about an item of the same life
                for item, number in publisher.acknowledged:
                    latest[name][item] = number
                for item, number in publisher.numbers.values():
                    sent_later[name].setdefault(item, set()).add(number)
                total += len(publisher.acknowledged)
        print(f"{KILLS} kills, {total} items acknowledged", file=sys.stderr)
        self.assertGreater(total, KILLS)

    def check(self, name, items, latest, sent_later):
        ids = [item for item, _ in items]
        self.assertEqual(len(ids), len(set(ids)), f"{name}: an id twice")
        numbers = [number for _, number in items]
        self.assertEqual(numbers, sorted(numbers), f"{name}: out of order")
        there = dict(items)
        for item, number in latest.items():
            self.assertIn(item, there, f"{name}: {item} was acknowledged and is lost")
            # The same, or one sent after it that was written and could not be acknowledged any more.
            if there[item] != number:
                self.assertIn(there[item], sent_later.get(item, ()), f"{name}: {item} is as it never was")
                self.assertGreater(there[item], number)
        for item, number in items:
            self.assertTrue(latest.get(item) == number or number in sent_later.get(item, ()), f"{name}: {item} was never sent")


def reachable(socket):
    with contextlib.suppress(OSError):
        Wire.unix(socket).close()
        return True
    return False


if __name__ == "__main__":
    process.install_cleanup()
    unittest.main(verbosity=2)
