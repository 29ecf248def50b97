"""Monitors: filters that are none, taps by the thousand, and eyes on what is not theirs."""
from script import Wrong, at, error, gets, quiet, session, sweep
from wire import told

TAP = "urn:xbus:monitor:0"
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
PING = "<iq type='get' id='{}' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>"


def start(attributes="", inner="", to="localhost", kind="set", id="1"):
    return f"<iq type='{kind}' id='{id}' to='{to}'><start xmlns='{TAP}' {attributes}>{inner}</start></iq>"


STARTED = gets("iq", type="result", id="1", holds="started")


def answer(wire, id):
    """Whether the request was granted; what monitors are sent meanwhile is let be."""
    while True:
        kind, element = wire.next()
        if kind != "element":
            raise Wrong(f"no answer but {told(kind, element)}")
        if element.get("id") != id:
            continue
        if element.get("type") == "result":
            return "result"
        return next(child.tag.removeprefix(STANZAS) for child in element.iter() if child.tag.startswith(STANZAS))


def a_thousand_of_one_session(run, wire):
    """Each takes the place of the one before: what passes is shown once."""
    wire.send("".join(start(id=f"t{n}") for n in range(1000)))
    for n in range(1000):
        if answer(wire, f"t{n}") != "result":
            raise Wrong(f"the tap {n} was refused")
    other = session(run, "mallory")
    other.send("<message id='once' to='$nobody@localhost'/>".replace("$nobody", run.account("mallory") + "x"))
    for what in ("once", "once"):  # and its error
        kind, element = wire.next()
        if kind != "element" or what not in "".join(child.get("id") or "" for child in element.iter()):
            raise Wrong(f"expected the message, got {told(kind, element)}")
    quiet(run, wire)


def a_thousand_sessions(run, wire):
    """Eight of an account; the others are told, and a place that becomes free is taken."""
    given = []
    for n in range(1000):
        other = session(run, "mallory") if n < 12 else given[n % len(given)]
        other.send(start(id=f"s{n}"))
        got = answer(other, f"s{n}")
        if n < 8:
            given.append(other)
        wanted = "resource-constraint" if 8 <= n < 12 else "result"
        if got != wanted:
            raise Wrong(f"tap {n}: {got}")
    given[0].close()
    # The server hears of it when it reads that connection: each look is a request of its own.
    for n in range(200):
        wire.send(start(id=f"w{n}"))
        if answer(wire, f"w{n}") == "result":
            return
    raise Wrong("no place became free")


def never_reads(run, wire):
    """A monitor that does not read: its account's other sessions go on."""
    wire.send(start(id="tap"))
    answer(wire, "tap")
    talker, listener = session(run, "mallory"), session(run, "mallory")
    text = f"<message to='{listener.jid}'><body>{'x' * 60000}</body></message>"
    for n in range(100):
        talker.send(text + PING.format(n, "localhost"))
        listener.expect("element")
        if talker.expect("element").get("id") != str(n):
            raise Wrong("the sender was told of an error")


def component_asks(run, wire):
    wire.send(f"<iq type='set' id='1' from='{wire.jid}' to='localhost'><start xmlns='{TAP}'/></iq>")


def changes_password(run, wire):
    """Another session of the account asks; whatever becomes of it."""
    other = session(run, "mallory")
    other.send("<iq type='set' id='p' to='localhost'><passwd xmlns='urn:xbus:admin:0' name='nobody'><password>guess</password>"
               "</passwd></iq>")
    other.expect("element")


MALFORMED = [
    "kinds=''", "kinds='iq,message'", "kinds='iq iq'", "kinds='IQ'", "kinds='stream'", "scope=''", "scope='everything'",
    "from='@'", "from=''", "to='a@b@c'", f"to='{'x' * 1024}'", "payload=''", f"payload='{'u' * 513}'", "name=''",
    "errors='yes'", "errors=''", "unknown='1'", "xmlns:x='urn:x' x:kinds='iq'",
]

ASKING = [
    ("monitor: filters that are none", "CORE-35", "session",
        sweep(MALFORMED, lambda attributes: [start(attributes), error("bad-request")])),
    ("monitor: what stands inside", "CORE-35", "session",
        sweep(["text", "<with/>", "<with>@</with>", "<with>a<with>b</with></with>", "<without>a</without>",
               "<with xmlns='urn:other'>a</with>", "<with>localhost</with>" * 65],
              lambda inner: [start(inner=inner), error("bad-request")])),
    ("monitor: another request of the namespace", "CORE-35", "session",
        [f"<iq type='set' id='1' to='localhost'><begin xmlns='{TAP}'/></iq>", error("bad-request")]),
    ("monitor: got and not set", "CORE-35", "session", [start(kind="get"), error("bad-request")]),
    ("monitor: a request of two", "CORE-34", "session",
        [f"<iq type='set' id='1' to='localhost'><start xmlns='{TAP}'/><start xmlns='{TAP}'/></iq>", error("bad-request")]),
    ("monitor: a filter beyond what the server answers", "CORE-49", "session",
        [start(inner="<with>localhost</with>" * 4000), error("policy-violation")]),
    ("monitor: an end without a beginning", "CORE-35", "session",
        [f"<iq type='set' id='1' to='localhost'><stop xmlns='{TAP}'/></iq>", error("item-not-found")]),
    ("monitor: asked of an account", "CORE-35", "session",
        [start(to="$~mallory"), error("service-unavailable"), start(to="$~bob"), error("service-unavailable")]),
    ("monitor: asked of a resource of the domain", "CORE-35", "session", [start(to="localhost/x"), error("service-unavailable")]),
]

EYES = [
    ("monitor: all of the bus, by a stranger", "CORE-32", "session", [start("scope='all'"), error("forbidden")]),
    ("monitor: by a component", "CORE-32", "component", [component_asks, error("forbidden")]),
    ("monitor: of others' stanzas", "CORE-32", "session",
        [start(), STARTED, at("bob", "<message id='1' to='$carl'><body>$!mallory $~mallory</body></message>", quiet),
         at("carl", gets("message", from_="$bob"), "<presence to='$bob'/>", quiet), quiet]),
    ("monitor: a filter that names another", "CORE-32", "session",
        [start("from='$~bob'"), STARTED, at("bob", "<message id='1' to='$carl'/>", quiet), quiet,
         start("to='$carl' kinds='message'"), STARTED, at("bob", "<message id='2' to='$carl'/>", quiet), quiet,
         start(inner="<with>$~bob</with><with>$~carl</with>"), STARTED, at("bob", "<message id='3' to='$carl'/>", quiet), quiet]),
    ("monitor: of the whole domain", "CORE-32", "session",
        [start("from='localhost'"), STARTED, at("bob", "<message id='1' to='$carl'/>", quiet), quiet]),
    ("monitor: one's own password is not shown", "CORE-27", "session",
        [start("kinds='iq'"), STARTED, changes_password, gets("message", type="headline", holds="omitted", lacks="guess"),
         gets("message", type="headline", holds="forwarded", lacks="guess"), quiet]),
    ("monitor: what it is shown is answered with errors", "CORE-36", "session",
        [start("kinds='message'"), STARTED,
         "<message id='1' type='error' to='localhost'><error type='cancel'/></message>" * 50, quiet]),
    ("monitor: a headline that pretends to be one", "CORE-32", "session",
        [f"<message id='1' type='headline' from='localhost' to='$bob'><tapped xmlns='{TAP}' missed='9'/></message>", quiet,
         at("bob", gets("message", from_="$mallory"))]),
]

MANY = [
    ("monitor: a thousand of one session", "CORE-49", "session", a_thousand_of_one_session),
    ("monitor: a thousand of one account", "CORE-49", "session", a_thousand_sessions),
    ("monitor: one that does not read", "CORE-49", "session", never_reads),
]

THEMES = [("monitors", ASKING), ("what monitors see", EYES), ("many monitors", MANY)]
