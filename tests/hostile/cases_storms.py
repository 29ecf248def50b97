"""Little that is sent and much that comes of it: presence to many, watches of many, names that come and go."""
import os
import resource
import socket
import threading

from bus import is_sanitized
from cases_registry import CALL, REGISTRY, ask
from script import Wrong, at, gets, quiet, session, stream_error
from wire import CLIENT, Wire, told

PING = "<iq type='get' id='{}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"


def until(wire, id, seconds=60):
    """Reads up to the answer to a ping of that id."""
    wire.send(PING.format(id))
    while wire.expect("element", seconds=seconds).get("id") != id:
        pass


def to_the_last(run, wire):
    """Presence to as many as are remembered, then to the last of them again and again."""
    wire.send("".join(f"<presence to='nobody{n}@localhost/x'/>" for n in range(4096)))
    until(wire, "first")
    for _ in range(2):
        wire.send("<presence to='nobody4095@localhost/x'/>" * 5000)
    until(wire, "last")


def there_and_away(run, wire):
    """Remembered and forgotten, the last first."""
    wire.send("".join(f"<presence to='nobody{n}@localhost/x'/>" for n in range(4095)))
    for _ in range(3):
        wire.send("<presence to='nobody@localhost/x'/><presence to='nobody@localhost/x' type='unavailable'/>" * 2500)
    until(wire, "last")


def own_resources(run, wire):
    """Fifty resources of one account, each of which says again and again that it is there."""
    others = [session(run, "mallory") for _ in range(50)]
    for other in others:
        other.send("<presence/>")
    for other in others:
        other.send("<presence><status>x</status></presence>" * 40)
    for other in others[:5]:
        until(other, "there")
    for other in others:
        other.close()
    quiet(run, session(run, "mallory"))


def crowd_of_resources(run, wire):
    """Three hundred: each word of one is three hundred deliveries, and they say fifteen thousand at once. With sanitizers, where
    a second's worth of deliveries takes ten, fewer."""
    others = [session(run, "mallory") for _ in range(40 if is_sanitized() else 300)]
    for other in others:
        other.send("<presence/>")
    for other in others:
        other.send("<presence><status>x</status></presence>" * 50)
    threading.Event().wait(1)  # while the pair is watched
    for other in others:
        other.close()
    for _ in range(4):  # what they have left is given back first: the account's own queue may be full until then
        try:
            return quiet(run, session(run, "mallory"))
        except TimeoutError:
            pass
    raise Wrong("the account is not served again")


def watched_by_many(run, wire):
    """A hundred sessions watch an instance that comes and goes."""
    name = run.text("watched$%")
    others = [session(run, "mallory") for _ in range(100)]
    for other in others:
        other.send("<presence to='services.localhost'/>" + ask(f"<watch xmlns='{REGISTRY}'><service name='{name}'/></watch>", "set"))
    for other in others[:3]:
        until(other, "watching")
    wire.send(f"<presence to='{name}@services.localhost'/><presence type='unavailable' to='{name}@services.localhost'/>" * 500)
    until(wire, "gone")
    for other in others[:3]:
        until(other, "there")
    for other in others:
        other.close()


def watches_of_many(run, wire):
    """All the names that one may watch, from one session, again and again."""
    names = "".join(f"<service name='n{n}'/>" for n in range(1000))
    for _ in range(30):
        wire.send(ask(f"<watch xmlns='{REGISTRY}'>{names}</watch>", "set", ).replace("id='1'", "id='w'"))
    for _ in range(30):
        if wire.expect("element", seconds=60).get("id") != "w":
            raise Wrong("something else came")
    quiet(run, wire)


def contacts(run, wire):
    """Contacts by the thousand, each of them subscribed to, and presence that changes."""
    wire.send("<presence/>")
    wire.send("".join(f"<presence type='subscribe' to='nobody{n}@localhost'/>" for n in range(3000)))
    until(wire, "asked")
    wire.send("<presence><status>x</status></presence><presence type='unavailable'/>" * 300)
    until(wire, "said")


def subscribed_by_many(run, wire):
    """A component's mailboxes ask bob by the thousand for his presence; his roster is his own."""
    wire.send("".join(f"<presence type='subscribe' from='u{n}@{wire.jid}' to='{run.text('$~bob')}'/>" for n in range(9000)))
    quiet(run, wire)
    bob = run.wires["bob"]
    until(bob, "asked")
    for _ in range(200):  # the changes that others make of it have to be written first
        bob.send("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='friend@localhost'/></query></iq>")
        while (answer := bob.expect("element")).get("id") != "r":
            pass
        if answer.get("type") == "result":
            break
    else:
        raise Wrong(f"his roster is full of others: {told('element', answer)}")
    last = session(run, "bob")
    last.send("<presence/>")
    until(last, "there")
    bob.send("<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>")
    while (answer := bob.expect("element")).get("id") != "g":
        pass
    if len(answer[0]) != 1:
        raise Wrong(f"{len(answer[0])} contacts")


def calls_of_the_dead(run, wire):
    """A thousand calls through the registry to an instance that never answers; then it goes."""
    name = run.text("deaf$%")
    bob = run.wires["bob"]
    bob.send(f"<presence to='{name}@services.localhost'/>")
    gets("presence", type=None)(run, bob)
    asked = bob.expect("element", CLIENT + "iq")
    bob.send(f"<iq type='result' id='{asked.get('id')}' to='{asked.get('from')}'><query xmlns='http://jabber.org/protocol/disco#info'>"
             "<identity category='automation' type='rpc'/><feature var='jabber:iq:rpc'/></query></iq>")
    quiet(run, bob)
    wire.send("".join(f"<iq type='set' id='c{n}' to='{name}@services.localhost'>{CALL}</iq>" for n in range(1000)))
    until(wire, "sent")
    bob.close()
    for _ in range(1000):
        if wire.expect("element", seconds=30).get("type") != "error":
            raise Wrong("an answer of the dead")
    quiet(run, wire)


def one_id_for_all(run, wire):
    """Requests of one id to many at once: each is answered by whom it went to."""
    bob = run.wires["bob"]
    wire.send((f"<iq type='get' id='same' to='{bob.jid}'><a xmlns='urn:x'/></iq>" + PING.format("same")) * 500)
    for _ in range(500):
        gets("iq", from_="$mallory", id="same")(run, bob)
        bob.send(f"<iq type='result' id='same' to='{wire.jid}'/>")
    froms = [wire.expect("element").get("from") for _ in range(1000)]
    if froms.count(bob.jid) != 500 or froms.count("localhost") != 500:
        raise Wrong(f"{froms.count(bob.jid)} of bob, {froms.count('localhost')} of the server")
    quiet(run, wire)


def long_addresses(run, wire):
    """Addresses as long as they may be: what is remembered of them is bounded in bytes too."""
    other = f"{'a' * 1000}@localhost/{'r' * 1000}"
    wire.send("".join(f"<presence id='p{n}' to='{other}{n:04}'/>" for n in range(1000)) + PING.format("end"))
    refused = {}
    while (element := wire.expect("element")).get("id") != "end":
        refused[element.get("id")] = element
    of_it = [e for e in refused.values() if e.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint") is not None]
    if not 400 < len(of_it) < 700:
        raise Wrong(f"{len(of_it)} of 1000 refused: {told('element', refused.popitem()[1]) if refused else ''}")


def locked_out(run, wire):
    """Two addresses hold what they can before login: others on the network come in. So many that they hold all: who is on this
    host still does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = []

    def hold(address, count):
        nonlocal held
        held += [socket.create_connection(("127.0.0.1", run.bus.plain_port), timeout=15, source_address=(address, 0)) for _ in range(count)]
    try:
        for address in ("127.220.0.1", "127.220.0.2"):
            hold(address, 2100)
        other = run.keep(Wire.tcp(run.bus.plain_port, "127.220.0.3"))
        other.open()
        other.log_in(run.account("mallory"), run.bus.password)
        other.open()
        other.bind()
        quiet(run, other)
        for number in range(4, 60):
            hold(f"127.220.0.{number}", 64)
        over = run.keep(Wire.tcp(run.bus.plain_port, "127.220.0.60"))
        stream_error("resource-constraint")(run, over)
        admin = run.keep(Wire.unix(os.path.join(run.bus.run_folder, "xbus", "socket")))
        admin.open()
        admin.external()
        admin.open()
        quiet(run, admin.bind())
    finally:
        for other in held:
            other.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


STORMS = [
    ("storm: presence to long addresses", "CORE-49", "session", [long_addresses, quiet]),
    ("storm: presence to the last of many", "CORE-49", "session", [to_the_last, quiet]),
    ("storm: presence to one more than many, there and away", "CORE-49", "session", [there_and_away, quiet]),
    ("storm: fifty resources that change", "CORE-49", "session", own_resources),
    ("storm: three hundred resources that change", "CORE-49", "session", crowd_of_resources),
    ("storm: an instance that a hundred watch", "CORE-49", "session", watched_by_many),
    ("storm: watches of a thousand names, again and again", "CORE-49", "session", watches_of_many),
    ("storm: presence to three thousand who have not answered", "CORE-49", "session", contacts),
    ("storm: subscriptions by nine thousand mailboxes", "CORE-49", "component", [at("bob", "<presence/>", gets("presence")), subscribed_by_many]),
    ("storm: calls to the deaf, who goes", "RPC-24", "session", [at("bob", quiet), calls_of_the_dead]),
    ("storm: one id for all", "RPC-24", "session", [at("bob", quiet), one_id_for_all]),
]

# Alone, since nobody else on the network could log in beside it.
LOCKED = [("storm: connections of some addresses that do not log in", "CORE-49", "nowhere", locked_out)]

THEMES = [("storms", STORMS), ("who is locked out", LOCKED)]
