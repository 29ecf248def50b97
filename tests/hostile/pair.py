"""The honest pair in the background: one session calls another at a fixed rate; a line every quarter second says how
many calls have ended, how many failed, and the longest that one took since the line before.

    pair.py PORT ACCOUNT PASSWORD RATE
"""
import os
import selectors
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import Wire  # noqa: E402

CALL = ("<iq type='set' id='{}' to='{}'><query xmlns='jabber:iq:rpc'><methodCall><methodName>pair.add</methodName><params>"
        "<param><value><int>1</int></value></param></params></methodCall></query></iq>")
ANSWER = ("<iq type='result' id='{}' to='{}'><query xmlns='jabber:iq:rpc'><methodResponse><params><param><value><int>2</int>"
          "</value></param></params></methodResponse></query></iq>")
LATE = 20.0  # seconds after which a call counts as failed


def session(port, account, password):
    wire = Wire.tcp(port, "127.0.0.2")
    wire.open()
    wire.log_in(account, password)
    wire.open()
    return wire.bind()


def main(port, account, password, rate):
    caller, callee = (session(int(port), account, password) for _ in range(2))
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
            sent += 1
            caller.send(CALL.format(id, callee.jid))
        for key, _ in ready.select(max(0.0, min(begun + sent * gap, told_at + 0.25) - time.monotonic())):
            wire = key.data
            kind, element = wire.next()
            while True:
                if kind == "eof" or kind == "close":
                    print("ended", flush=True)
                    return
                if wire is callee:
                    callee.send(ANSWER.format(element.get("id"), element.get("from")))
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
            print(f"at {now:.3f} {ended} {failed} {max(longest, oldest):.4f}", flush=True)
            longest, told_at = 0.0, now


if __name__ == "__main__":
    main(*sys.argv[1:])
