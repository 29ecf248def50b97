"""The honest pair in the background: one session calls another at a fixed rate, every second time through the registry; a
line every quarter second says how many calls have ended, how many failed, the longest that one took since the line
before, and how long this program and the server had to wait for a processor since the beginning.

    pair.py PORT ACCOUNT PASSWORD RATE PID
"""
import os
import selectors
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import CLIENT, Wire  # noqa: E402

SERVICE = "pair@services.localhost"
INFO = "http://jabber.org/protocol/disco#info"
CALL = ("<iq type='set' id='{}' to='{}'><query xmlns='jabber:iq:rpc'><methodCall><methodName>pair.add</methodName><params>"
        "<param><value><int>1</int></value></param></params></methodCall></query></iq>")
ANSWER = ("<iq type='result' id='{}' to='{}'><query xmlns='jabber:iq:rpc'><methodResponse><params><param><value><int>2</int>"
          "</value></param></params></methodResponse></query></iq>")
WHAT = (f"<iq type='result' id='{{}}' to='{{}}'><query xmlns='{INFO}'><identity category='automation' type='rpc'/>"
        "<feature var='jabber:iq:rpc'/></query></iq>")
DONE = "<iq type='result' id='{}' to='{}'/>"
LATE = 20.0  # seconds after which a call counts as failed


def session(port, account, password):
    wire = Wire.tcp(port, "127.0.0.2")
    wire.open()
    wire.log_in(account, password)
    wire.open()
    return wire.bind()


def listed(callee):
    """The callee offers the service; the registry answers that it is there, and asks what it is."""
    callee.send(f"<presence to='{SERVICE}'/>")
    while True:
        element = callee.expect("element")
        if element.tag == CLIENT + "iq":
            serve(callee, element)
        elif element.get("from", "").startswith("pair@services."):
            return


def serve(callee, element):
    """The answer to whatever is asked: a call, what it offers, whether it is there."""
    if element.tag != CLIENT + "iq" or element.get("type") not in ("get", "set"):
        return
    answer = ANSWER if element.get("type") == "set" else WHAT if element.find(f"{{{INFO}}}query") is not None else DONE
    callee.send(answer.format(element.get("id"), element.get("from")))


class Queued:
    """Time in the run queue: of this program, and of the server's thread that had to wait longest in each interval."""

    def __init__(self, pid):
        self.pid, self.before, self.seconds = pid, {}, 0.0
        self.look()

    def look(self):
        now = {}
        for pid in (self.pid, os.getpid()):
            for thread in os.listdir(f"/proc/{pid}/task"):
                try:
                    with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as f:
                        now[pid, thread] = int(f.read().split()[1])
                except (OSError, IndexError):
                    pass  # it has ended
        more = {key: value - self.before[key] for key, value in now.items() if key in self.before}
        self.before = now
        for pid in (self.pid, os.getpid()):
            self.seconds += max((value for (of, _), value in more.items() if of == pid), default=0) / 1e9
        return self.seconds


def main(port, account, password, rate, pid):
    queued = Queued(int(pid))
    caller, callee = (session(int(port), account, password) for _ in range(2))
    listed(callee)
    ready = selectors.DefaultSelector()
    for wire in (caller, callee):
        ready.register(wire.sock, selectors.EVENT_READ, wire)
    gap = 1 / float(rate)
    begun, sent, ended, failed, longest = time.monotonic(), 0, 0, 0, 0.0
    waiting, told_at = {}, begun
    while True:
        now = time.monotonic()
        # What is due is sent however late it is, so the rate does not fall because this program got no time.
        while begun + sent * gap <= now and len(waiting) < 1000:
            id = f"call{sent}"
            waiting[id] = now
            caller.send(CALL.format(id, SERVICE if sent % 2 else callee.jid))
            sent += 1
        for key, _ in ready.select(max(0.0, min(begun + sent * gap, told_at + 0.25) - time.monotonic())):
            wire = key.data
            kind, element = wire.next()
            while True:
                if kind == "eof" or kind == "close":
                    print("ended", flush=True)
                    return
                if wire is callee:
                    serve(callee, element)
                else:
                    began = waiting.pop(element.get("id"), None)
                    if began is not None:
                        longest = max(longest, time.monotonic() - began)
                        ended += 1
                        failed += element.get("type") != "result"
                if not wire.waiting:
                    break
                kind, element = wire.waiting.pop(0)
        now = time.monotonic()
        for id in [id for id, since in waiting.items() if now - since > LATE]:
            del waiting[id]
            failed += 1
        if now - told_at >= 0.25:
            oldest = max((now - since for since in waiting.values()), default=0.0)
            print(f"at {now:.3f} {ended} {failed} {max(longest, oldest):.4f} {queued.look():.3f}", flush=True)
            longest, told_at = 0.0, now


if __name__ == "__main__":
    main(*sys.argv[1:])
