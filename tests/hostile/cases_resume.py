"""Stream management (XEP-0198): counts that cannot be, other people's sessions, ids that are guessed, peers that resume
again and again, and peers that never say what they have."""
from script import PLACES, Wrong, at, ended, gets, quiet, session, skip, stream_error, sweep
from wire import CLIENT, STREAM, told

SM = "urn:xmpp:sm:3"
ENABLE = f"<enable xmlns='{SM}' resume='true'/>"
COUNTED = f"<enable xmlns='{SM}'/>"
ASK = f"<r xmlns='{SM}'/>"
BIND = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"


def ack(count):
    return f"<a xmlns='{SM}' h='{count}'/>"


def resume(id="none", count=0):
    return f"<resume xmlns='{SM}' previd='{id}' h='{count}'/>"


def failed(condition, lacks=()):
    return gets("failed", holds=condition, lacks=lacks)


def enabled(run, wire):
    """A session that may be resumed; its id is kept."""
    wire.send(ENABLE)
    run.kept["id"] = wire.expect("element", f"{{{SM}}}enabled").get("id")
    if not run.kept["id"]:
        raise Wrong("not to be resumed")


def resumes(condition=None, count=0, change=lambda id: id):
    """Asks for the session whose id was kept: it comes back, or fails so."""
    def step(run, wire):
        wire.send(resume(change(run.kept["id"]), count))
        if condition is None:
            wire.jid = run.kept.get("jid", wire.jid)
            gets("resumed")(run, wire)
        else:
            failed(condition)(run, wire)
    return step


def again(run, wire):
    """Another connection of mallory's, logged in and not bound; what was said before is on the old one."""
    run.kept["old"], run.kept["jid"] = wire, wire.jid
    run.wires["mallory"] = PLACES["unbound"](run, "mallory")


def too_high(run, wire):
    """undefined-condition with <handled-count-too-high/>, and the end (section 6)."""
    kind, element = wire.next()
    while kind == "element" and element.tag != STREAM + "error":
        kind, element = wire.next()
    if kind != "element" or element.find(f"{{{SM}}}handled-count-too-high") is None:
        raise Wrong(f"expected handled-count-too-high, got {told(kind, element)}")
    ended(wire)


def alive(actor):
    """The session of this actor lives, whatever else it has read."""
    return at(actor, skip)


def never_acknowledges(run, wire):
    """What waits for an answer is bounded; then the sender is told, and the others go on."""
    text = run.text(f"<message type='headline' id='q' to='$bob'><body>{'q' * 100_000}</body></message>")
    for number in range(60):
        wire.send(text * 5 + f"<iq type='get' id='sync{number}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        while True:
            element = wire.expect("element")
            if element.get("id") == f"sync{number}":
                break
            if element.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint") is None:
                raise Wrong(f"expected resource-constraint, got {told('element', element)}")
            return skip(run, wire)
    raise Wrong("30 MB that nobody acknowledges, and no resource-constraint")


def resume_storm(run, wire):
    """A session with megabytes that are not acknowledged is resumed again and again by who reads none of it."""
    enabled(run, wire)
    run.kept["jid"] = wire.jid
    bob = run.wires["bob"]
    body = "q" * 100_000
    for _ in range(60):
        bob.send(f"<message type='headline' to='{wire.jid}'><body>{body}</body></message>")
    quiet(run, bob)
    for _ in range(50):
        other = PLACES["unbound"](run, "mallory")
        other.send(resume(run.kept["id"]))
        # The answer is read, and nothing behind it.
        text = b""
        while b"<resumed" not in text:
            text += other.sock.recv(256)
    last = PLACES["unbound"](run, "mallory")
    last.send(resume(run.kept["id"]))
    count = 0
    while count < 60:
        count += last.expect("element").tag == CLIENT + "message"
    last.jid = wire.jid
    skip(run, last)
    last.send("</stream:stream>")
    run.wires["mallory"] = session(run, "mallory")


def many_kept(run, wire):
    """Sessions that may be resumed, left behind by the hundred; each still comes back."""
    ids = []
    for _ in range(100):
        other = session(run, "mallory")
        enabled(run, other)
        ids.append((run.kept["id"], other.jid))
        other.close()
    for id, jid in ids:
        other = PLACES["unbound"](run, "mallory")
        other.send(resume(id))
        gets("resumed")(run, other)
        other.jid = jid
        other.send("</stream:stream>")
        other.close()
    quiet(run, wire)


def late_conflict(run, wire):
    """The connection that was resumed away ends with conflict (section 5)."""
    stream_error("conflict")(run, run.kept["old"])


RESUMPTION = [
    ("sm: before login", "SM-01", "features", [COUNTED, failed("unexpected-request")]),
    ("sm: before a resource", "SM-01", "unbound", [COUNTED, failed("unexpected-request"), BIND, gets("iq", type="result")]),
    ("sm: enabled twice", "SM-02", "session", [COUNTED, gets("enabled"), COUNTED, stream_error("policy-violation")]),
    ("sm: enabled twice, the second to be resumed", "SM-02", "session",
        [enabled, ENABLE, stream_error("policy-violation")]),
    ("sm: a time that is none", "SM-03", "session", sweep(["0", "-1", "x", "99999999999999999999", ""],
        lambda time: [f"<enable xmlns='{SM}' resume='true' max='{time}'/>", gets("enabled"), skip, "</stream:stream>"])),
    ("sm: in another namespace", "SM-01", "session",
        ["<enable xmlns='urn:xmpp:sm:2'/>", stream_error("unsupported-stanza-type")]),
    ("sm: on a component's stream", "SM-01", "component", [COUNTED, stream_error("unsupported-stanza-type")]),
    ("sm: a count that is too high", "SM-09", "session", [COUNTED, gets("enabled"), ack(1), too_high]),
    ("sm: a count that goes back", "SM-09", "session", [at("bob", quiet), COUNTED, gets("enabled"),
        at("bob", "<message to='$mallory'/><message to='$mallory'/>", quiet), gets("message"), gets("message"), ack(2), ack(1),
        too_high]),
    ("sm: a count that is none", "SM-09", "session", sweep(["-1", "x", "", "4294967296", "1e3", " 0"],
        lambda count: [COUNTED, gets("enabled"), ack(count), stream_error("bad-format")])),
    ("sm: an acknowledgement without a count", "SM-09", "session",
        [COUNTED, gets("enabled"), f"<a xmlns='{SM}'/>", stream_error("bad-format")]),
    ("sm: an acknowledgement where nothing counts", "SM-20", "session",
        sweep([ack(0), ASK], lambda text: [text, stream_error("unsupported-stanza-type")])),
    ("sm: ten thousand acknowledgements of nothing", "SM-20", "session", [COUNTED, gets("enabled"), ack(0) * 10_000, skip]),
    ("sm: ten thousand questions", "SM-06", "session", [COUNTED, gets("enabled"), ASK * 10_000,
        lambda run, wire: [gets("a", h="0")(run, wire) for _ in range(10_000)], skip]),
    ("resume: before login", "SM-12", "features", [resume(), failed("unexpected-request")]),
    ("resume: in a session", "SM-12", "session", [resume(), failed("unexpected-request"), quiet]),
    ("resume: one's own, on its own stream", "SM-12", "session", [enabled, resumes("unexpected-request"), skip]),
    ("resume: another's session", "SM-12", "unbound", [at("bob", enabled), resumes("item-not-found"), alive("bob")]),
    ("resume: another's, whose connection is gone", "SM-12", "unbound",
        [at("bob", enabled, lambda run, wire: wire.close()), resumes("item-not-found"),
        lambda run, wire: run.wires.update(bob=PLACES["unbound"](run, "bob")), at("bob", resumes(), skip)]),
    ("resume: another's that has ended says nothing of it", "SM-14", "unbound",
        [at("bob", enabled, "<message to='$bob'/>", gets("message"), "</stream:stream>"),
        lambda run, wire: wire.send(resume(run.kept["id"])), gets("failed", holds="item-not-found", h=None)]),
    ("resume: guessed ids", "SM-18", "unbound", sweep(["x", "0", "$!bob", "A" * 16, "x" * 4000, "&lt;", "../x"],
        lambda id: [resume(id), failed("item-not-found"), BIND, gets("iq", type="result")])),
    ("resume: an id cut short, longer, in other letters", "SM-18", "session", [enabled, again,
        resumes("item-not-found", change=lambda id: id[:-1]), resumes("item-not-found", change=lambda id: id + "A"),
        resumes("item-not-found", change=lambda id: id.swapcase()), resumes(), skip]),
    ("resume: ten guesses end the stream", "SM-18", "unbound",
        [*[resume(), failed("item-not-found")] * 10, stream_error("policy-violation")]),
    ("resume: no id", "SM-12", "unbound", [f"<resume xmlns='{SM}' h='0'/>", failed("bad-request"), BIND,
        gets("iq", type="result")]),
    ("resume: an id longer than any can be", "SM-18", "unbound", [resume("x" * 4001), failed("bad-request")]),
    ("resume: no count", "SM-12", "unbound",
        sweep([f"<resume xmlns='{SM}' previd='x'/>", resume("x", "-1"), resume("x", "x"), resume("x", 2**32)],
        lambda text: [text, failed("bad-request")])),
    ("resume: a count that is too high", "SM-09", "session",
        [enabled, again, lambda run, wire: wire.send(resume(run.kept["id"], 7)), too_high]),
    ("resume: what was ended by its owner", "SM-17", "session",
        [enabled, "</stream:stream>", again, resumes("item-not-found"), BIND, gets("iq", type="result")]),
    ("resume: twice at once, one of them wins", "SM-15", "session", [enabled, again, resumes(), late_conflict,
        lambda run, wire: again(run, run.wires["mallory"]), resumes(), late_conflict, skip]),
    ("resume: in place of a resource that is bound", "SM-12", "unbound",
        [at("bob", enabled), BIND, gets("iq", type="result"), resumes("unexpected-request"), alive("bob")]),
    ("sm: who never acknowledges", "SM-11", "session", [at("bob", COUNTED, gets("enabled")), never_acknowledges]),
    ("resume: a storm by who does not read", "SM-11", "session", [at("bob", quiet), resume_storm,
        lambda run, wire: quiet(run, run.wires["mallory"])]),
    ("resume: a hundred sessions left behind", "CORE-49", "session", many_kept),
]

THEMES = [("stream management", RESUMPTION)]
