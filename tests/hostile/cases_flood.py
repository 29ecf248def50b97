"""Too much of everything: connections, logins, stanzas, queues, and peers that do not read."""
import base64
import ssl
import threading
import time

from cases_before_login import auth
from script import PLACES, Wrong, at, error, gets, quiet, session, stream_error
from harness import waiting
from wire import CLIENT, HEADER, SASL, STREAM, Scram, Wire, b64, told

PING = "<iq type='get' id='{}' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>"
INFO = "http://jabber.org/protocol/disco#info"


def strangers(run, count, port="plain_port"):
    """Connections from so many addresses."""
    for number in range(count):
        source = f"127.{210 + number // 250}.{run.case.index % 250 + 1}.{number % 250 + 1}"
        yield run.keep(Wire.tcp(getattr(run.bus, port), source))


def in_threads(count, work):
    """The same work by some at once; the first thing that went wrong."""
    wrong = []

    def one(number):
        try:
            work(number)
        except Exception as error:  # told below
            wrong.append(error)
    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def silent_connections(run, wire):
    list(strangers(run, 400))
    quiet(run, session(run, "mallory"))


def one_address(run, wire):
    """So many connections of one address may wait without a login; others are served, and who logs in makes room."""
    source = f"127.218.{run.case.index % 250 + 1}.1"

    def come():
        return run.keep(Wire.tcp(run.bus.plain_port, source))
    others = [come() for _ in range(64)]
    for other in others:
        other.open()
    for _ in range(3):
        stream_error("resource-constraint")(run, come())
    quiet(run, session(run, "mallory"))
    others[0].log_in(run.account("mallory"), run.bus.password)
    others[0].open()
    others[0].bind()
    come().open()
    stream_error("resource-constraint")(run, come())
    quiet(run, others[0])


def headers_and_away(run, wire):
    for other in strangers(run, 400):
        other.send(HEADER)
        other.close()


def half_handshakes(run, wire):
    """ClientHellos, and nothing more."""
    for other in strangers(run, 200, "tls_port"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            context.wrap_bio(incoming, outgoing).do_handshake()
        except ssl.SSLWantReadError:
            other.send(outgoing.read())


def scram_storm(run, wire):
    """Wrong passwords from everywhere: each is refused as any other is."""
    def one(number):
        source = f"127.{215}.{run.case.index % 250 + 1}.{number + 1}"
        other = Wire.tcp(run.bus.plain_port, source)
        try:
            other.open()
            for _ in range(2):
                scram = Scram("pair", f"guess {number}")
                other.send(auth("SCRAM-SHA-256", b64(scram.first())))
                text = base64.b64decode(other.expect("element", SASL + "challenge").text).decode()
                other.send(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{b64(scram.final(text))}</response>")
                other.expect("element", SASL + "failure")
        finally:
            other.close()
    for begin in range(0, 200, 20):
        in_threads(20, lambda number: one(begin + number))


def plain_storm(run, wire):
    """Passwords that must be hashed to be refused, from everywhere."""
    def one(number):
        other = Wire.tcp(run.bus.tls_port, f"127.216.{run.case.index % 250 + 1}.{number + 1}")
        try:
            other.secure(run.bus.ca_file)
            other.open()
            other.send(auth("PLAIN", b64(f"\0pair\0guess {number}")))
            other.expect("element", SASL + "failure", 30)
        finally:
            other.close()
    for begin in range(0, 100, 20):
        in_threads(20, lambda number: one(begin + number))


def sessions_come_and_go(run, wire):
    for number in range(60):
        other = session(run, "mallory")
        other.send("<presence/>")
        other.close()
    quiet(run, wire)


def answered(count):
    def step(run, wire):
        for _ in range(count):
            element = wire.expect("element")
            if element.get("type") not in ("result", "error"):
                raise Wrong("no answer")
    return step


def never_reads(run, wire):
    """Asks and asks, and reads nothing: what waits for it is bounded, the rest is not sent."""
    request = f"<iq type='get' id='x' to='localhost'><query xmlns='{INFO}'/></iq>" * 200
    wire.sock.settimeout(20)
    try:
        for _ in range(400):
            wire.sock.sendall(request.encode())
    except OSError:
        pass  # the server stops reading, or ends it
    quiet(run, session(run, "mallory"))


def queue_over(stanza, condition, of):
    """Bob does not read; what is for him waits up to its bound, then the sender is told."""
    def step(run, wire):
        text = run.text(stanza)
        for _ in range(60):
            wire.send(text * 5)
            wire.send(PING.format("sync", "localhost"))
            while True:
                element = wire.expect("element")
                if element.get("id") == "sync":
                    break
                if element.get("type") == "error":
                    if element.find(f".//{{urn:ietf:params:xml:ns:xmpp-stanzas}}{condition}") is None:
                        raise Wrong(f"another error than {condition}")
                    wire.send(PING.format("end", "localhost"))
                    while wire.expect("element").get("id") != "end":
                        pass
                    return
        raise Wrong(f"30 MB for somebody who does not read, and no {condition}")
    return step


def offline_full(run, wire):
    """Messages for somebody who is away are kept up to their bound; for the rest the sender is told."""
    account = run.text("$~bob")
    run.wires["bob"].send("</stream:stream>")
    while run.wires["bob"].next()[0] != "eof":
        pass
    wire.send("".join(f"<message id='m{n}' type='chat' to='{account}'><body>x</body></message>" for n in range(1050)))
    wire.send(PING.format("end", "localhost"))
    refused = []
    while True:
        element = wire.expect("element")
        if element.get("id") == "end":
            break
        refused.append(element)
    if len(refused) != 50 or any(e.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}service-unavailable") is None for e in refused):
        raise Wrong(f"{len(refused)} of 1050 messages refused")


def one_refused_of(count, stanza, of):
    """The last of so many is one too many."""
    def step(run, wire):
        wire.send("".join(run.text(stanza).replace("{n}", str(n)) for n in range(count)) + PING.format("end", "localhost"))
        refused = []
        while True:
            element = wire.expect("element", seconds=60)
            if element.get("id") == "end":
                break
            if element.tag == CLIENT + of and element.get("type") == "error":
                refused.append(element)
        wanted = [e for e in refused if e.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint") is not None]
        if len(wanted) != 1 or len(refused) != 1:
            raise Wrong(f"{len(refused)} of {count} refused, {len(wanted)} for resource-constraint")
    return step


def asks_all_the_same(run, wire):
    """What is for mallory waits up to its bound, and mallory asks on: all of it is answered once mallory reads again."""
    bob = run.wires["bob"]
    text = run.text(f"<message type='headline' id='q' to='$mallory'><body>{'q' * 100_000}</body></message>")
    for _ in range(60):
        bob.send(text * 5 + PING.format("sync", "localhost"))
        element = bob.expect("element")
        full = element.get("type") == "error"
        while element.get("id") != "sync":
            element = bob.expect("element")
        if full:
            break
    else:
        raise Wrong("the queue has no bound")
    wire.send("".join(PING.format(f"n{n}", "localhost") for n in range(300)))
    owed = {f"n{n}" for n in range(300)}
    while owed:
        element = wire.expect("element", seconds=30)
        if element.tag == CLIENT + "iq":
            owed.remove(element.get("id"))
            if element.get("type") != "result":
                raise Wrong(told("element", element))


def bytes_of(text, total):
    def step(run, wire):
        block = text.encode() * max(1, 65536 // len(text))
        for _ in range(total // len(block)):
            wire.sock.sendall(block)
    return step


FLOODS = [
    ("flood: four hundred connections that say nothing", "CORE-49", "nowhere", silent_connections),
    ("flood: an address that never logs in", "CORE-49", "nowhere", one_address),
    ("flood: four hundred headers", "CORE-49", "nowhere", headers_and_away),
    ("flood: two hundred half handshakes", "CORE-20", "nowhere", half_handshakes),
    ("flood: a storm of wrong logins", "CORE-24", "nowhere", scram_storm),
    ("flood: a storm of wrong passwords to hash", "CORE-24", "nowhere", plain_storm),
    ("flood: sessions that come and go", "CORE-29", "session", sessions_come_and_go),
    ("flood: requests to the server", "CORE-49", "session",
        ["".join(PING.format(n, "localhost") for n in range(10_000)), answered(10_000), quiet]),
    ("flood: requests to the registry", "CORE-49", "session",
        ["".join(PING.format(n, "services.localhost") for n in range(10_000)), answered(10_000), quiet]),
    ("flood: calls to nobody", "CORE-41", "session",
        ["".join(PING.format(n, "nobody@localhost/x") for n in range(10_000)), answered(10_000), quiet]),
    ("flood: lists of the registry", "CORE-49", "session",
        ["<iq type='get' id='1' to='services.localhost'><services xmlns='urn:xbus:registry:0'/></iq>" * 500, answered(500),
        quiet]),
    ("flood: addresses that are hard to prepare", "JID-01", "session",
        ["".join(PING.format(n, "\u1e9b\u0323" * 500 + "@localhost") for n in range(1000)), answered(1000), quiet]),
    ("flood: a quarter of a million elements", "CORE-44", "session",
        [f"<iq type='get' id='1' to='localhost'><query xmlns='{INFO}'>{'<a/>' * 250_000}</query></iq>" * 3, answered(3), quiet]),
    ("flood: large stanzas to nobody", "CORE-44", "session",
        [f"<message id='1' to='nobody@localhost'><body>{'x' * 1_000_000}</body></message>" * 10,
        lambda run, wire: [error("service-unavailable", of="message")(run, wire) for _ in range(10)], quiet]),
    ("flood: presence that changes and changes", "CORE-49", "session",
        ["<presence/><presence type='unavailable'/>" * 2000, lambda run, wire: [wire.expect("element") for _ in range(4000)],
        quiet]),
    ("flood: white space in a session", "CORE-14", "session", [bytes_of(" \n", 30_000_000), quiet]),
    ("flood: white space before login", "CORE-14", "features", [bytes_of(" ", 10_000_000), "</stream:stream>"]),
    ("flood: a session that never reads", "CORE-49", "session", never_reads),
    ("flood: who does not read asks all the same", "CORE-34", "session", [at("bob", quiet), asks_all_the_same, quiet]),
    ("flood: calls to who does not read", "CORE-49", "session",
        [at("bob", quiet), queue_over(f"<iq type='set' id='q' to='$bob'><a xmlns='u'>{'q' * 100_000}</a></iq>",
        "resource-constraint", "iq")]),
    ("flood: headlines to who does not read", "CORE-49", "session",
        [at("bob", quiet), queue_over(f"<message type='headline' id='q' to='$bob'><body>{'q' * 100_000}</body></message>",
        "resource-constraint", "message")]),
    ("flood: messages to who is away", "CORE-49", "session", [at("bob", quiet), offline_full]),
    ("flood: presence to more than can be remembered", "CORE-49", "session",
        one_refused_of(4097, "<presence id='p{n}' to='nobody{n}@localhost/x'/>", "presence")),
    ("flood: a roster of more than it may hold", "CORE-49", "session",
        one_refused_of(4097, "<iq type='set' id='r{n}'><query xmlns='jabber:iq:roster'><item jid='c{n}@localhost'/></query></iq>",
        "iq")),
    ("flood: a component's messages to nobody", "CORE-49", "component",
        ["".join(f"<message id='{n}' from='$mallory' to='nobody@localhost'><body>x</body></message>" for n in range(5000)),
        answered(5000), quiet]),
    ("flood: errors that answer nothing", "CORE-36", "session",
        ["<message type='error' id='1' to='nobody@localhost'><error type='cancel'/></message>" * 10_000, quiet]),
    ("flood: subscriptions from many resources", "CORE-49", "session", [at("bob", "<presence/>", gets("presence")), lambda run,
        wire: [wire.send(run.text("<presence type='subscribe' to='$~bob'/>")) for _ in range(300)],
        quiet, at("bob", gets("presence", type="subscribe"), quiet)]),
]

# ---- An xbusd whose times are short: see hostile_test.py ----

LOGIN_SECONDS, STALL_SECONDS, CONNECTIONS, FAILURES, BAN_SECONDS = 4, 3, 3, 6, 4
SLACK = 8  # seconds that a busy machine may take
SLOW_CONFIGURATION = f"""login_seconds_max = {LOGIN_SECONDS}
stall_seconds_max = {STALL_SECONDS}
connections_per_account_max = {CONNECTIONS}
login_failures_max = {FAILURES}
login_ban_seconds = {BAN_SECONDS}
"""


def dripped(text, ends):
    """One byte a quarter second, until the server has had enough; then what must come comes."""
    def step(run, wire):
        over = threading.Event()

        def drip():
            for character in run.text(text):
                if over.wait(0.25) or not wire.send(character):
                    return
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            ends(run, wire)
        finally:
            over.set()
            thread.join()
    return step


def in_time(ends):
    """It ends after the time there is for a login, and not much later."""
    def step(run, wire):
        began = time.monotonic()
        ends(run, wire)
        if time.monotonic() - began > LOGIN_SECONDS + SLACK:
            raise Wrong(f"it took {time.monotonic() - began:.1f} s")
    return step


def socket_closed(run, wire):
    """The bare connection ends; what comes before is TLS's."""
    wire.sock.settimeout(15)
    try:
        while wire.sock.recv(4096):
            pass
    except ConnectionResetError:
        pass


def does_not_read(run, wire):
    """Who takes nothing for too long is let go, and the sender goes on."""
    text = run.text(f"<message type='headline' to='$bob'><body>{'q' * 100_000}</body></message>")
    for _ in range(60):
        wire.send(text)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        wire.send(run.text(PING.format("there", "$bob")))
        wire.send(PING.format("end", "localhost"))
        gone = False
        while True:
            element = wire.expect("element")
            if element.get("id") == "end":
                break
            if element.get("id") == "there" and element.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}service-unavailable") is not None:
                gone = True
        if gone:
            return
        threading.Event().wait(0.3)
    raise Wrong("a session that does not read stays for ever")


def turned_away(run, wire):
    """An address with too many failed logins is turned away for a time, whoever it asks for; others are not."""
    source = f"127.217.{run.case.index % 250 + 1}.1"

    def greeted():
        other = run.keep(Wire.tcp(run.bus.plain_port, source))
        other.send(HEADER)
        other.expect("header")
        return other, other.expect("element")
    for tries in range(FAILURES + 3):
        other, said = greeted()
        if said.tag == STREAM + "error":
            break
        scram = Scram("pair", "guess")
        other.send(auth("SCRAM-SHA-256", b64(scram.first())))
        text = base64.b64decode(other.expect("element", SASL + "challenge").text).decode()
        other.send(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{b64(scram.final(text))}</response>")
        other.expect("element")  # the failure, or the end of all that the address has open
        other.close()
    else:
        raise Wrong(f"{tries + 1} failed logins, and it is not turned away")
    if said.find("{urn:ietf:params:xml:ns:xmpp-streams}policy-violation") is None:
        raise Wrong(f"turned away otherwise than by policy-violation: {told('element', said)}")
    quiet(run, session(run, "mallory"))
    waiting.poll(lambda: greeted()[1].tag == STREAM + "features", 30, "the ban ends", every=0.5)


def too_many_sessions(run, wire):
    for _ in range(CONNECTIONS - 1):
        session(run, "mallory")
    other = PLACES["unbound"](run, "mallory")
    other.send("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
    error("resource-constraint")(run, other)
    quiet(run, wire)


TIMEOUT = in_time(stream_error("connection-timeout"))
SLOW = [
    ("slow: says nothing", "CORE-49", "plain", TIMEOUT),
    ("slow: one byte at a time, header", "CORE-49", "plain", dripped(HEADER, TIMEOUT)),
    ("slow: white space before the header", "CORE-49", "plain", dripped(" " * 100, TIMEOUT)),
    ("slow: nothing behind the header", "CORE-49", "features", TIMEOUT),
    ("slow: one byte at a time, login", "CORE-49", "features",
        dripped("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + "A" * 100, TIMEOUT)),
    ("slow: white space between the steps", "CORE-49", "features", dripped(" " * 100, TIMEOUT)),
    ("slow: a challenge is not answered", "CORE-49", "features",
        [auth("SCRAM-SHA-256", b64("n,,n=pair,r=abcdefgh")), lambda run, wire: wire.expect("element"), TIMEOUT]),
    ("slow: no header after login", "CORE-49", "logged in", TIMEOUT),
    ("slow: no binding after login", "CORE-49", "unbound", TIMEOUT),
    ("slow: no TLS after proceed", "CORE-49", "tcp features",
        ["<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", lambda run, wire: wire.expect("element"),
        in_time(socket_closed)]),
    ("slow: nothing on the TLS port", "CORE-49", "tls socket", in_time(socket_closed)),
    ("slow: half a handshake", "CORE-49", "tls socket",
        [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", in_time(socket_closed)]),
    ("slow: nothing behind TLS", "CORE-49", "tls", TIMEOUT),
    ("slow: a component says nothing", "CORE-49", "component socket", TIMEOUT),
    ("slow: a component without handshake", "CORE-49", "component header", TIMEOUT),
    ("slow: a component's handshake, one byte at a time", "CORE-49", "component header",
        dripped("<handshake>" + "0" * 100, TIMEOUT)),
    ("slow: a unix socket that says nothing", "CORE-49", "unix", TIMEOUT),
    ("slow: one byte at a time in a session is let be", "CORE-14", "session",
        [at("bob", quiet), dripped("<message to='$bob'/>", lambda run,
        wire: gets("message", from_="$mallory")(run, run.wires["bob"]))]),
    ("slow: a session that does not read is let go", "CORE-49", "session", [at("bob", quiet), does_not_read]),
    ("slow: who is asked what it has and does not say", "SM-11", "session",
        [at("bob", quiet), "<enable xmlns='urn:xmpp:sm:3'/>", gets("enabled"), at("bob", "<message to='$mallory'/>", quiet),
        gets("message"), gets("r"), stream_error("resource-constraint")]),
    ("slow: an address of many failed logins", "CORE-24", "nowhere", turned_away),
    ("slow: more sessions than an account may have", "CORE-49", "session", too_many_sessions),
]

THEMES = [("floods", FLOODS), ("slow peers", SLOW, "slow")]
