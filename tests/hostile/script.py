"""A hostile case as data: a name, the rule, the place where the peer stands when it begins, and its steps.

A step is text or bytes to send, a check of what must come, or at(ACTOR, STEP...): the steps of somebody else, who is
an honest client and logged in before the case begins. In texts `$bob` is the full JID of the actor bob, `$~bob` the
bare one, `$!bob` the localpart, `$agent` the agent on the bus, `$%` the number of the case, which makes names its own.
"""
import os
import re
import xml.etree.ElementTree as ET

from bus import SERVICES
from wire import COMPONENT_HEADER, SASL, SECONDS, STREAM, TLS, Wire, told

STREAM_ERRORS = "{urn:ietf:params:xml:ns:xmpp-streams}"
STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
PING = "<iq type='get' id='{0}'{1}><ping xmlns='urn:xmpp:ping'/></iq>"
# The type that goes with each condition (RFC 6120 section 8.3.3).
TYPE_OF = {
    "bad-request": "modify", "conflict": "cancel", "feature-not-implemented": "cancel", "forbidden": "auth",
    "internal-server-error": "cancel", "item-not-found": "cancel", "jid-malformed": "modify",
    "not-acceptable": "modify", "not-allowed": "cancel", "not-authorized": "auth", "policy-violation": "modify",
    "recipient-unavailable": "wait", "remote-server-not-found": "cancel", "remote-server-timeout": "wait",
    "resource-constraint": "wait", "service-unavailable": "cancel", "unexpected-request": "wait",
}


NAME = re.compile(r"\$([~!]?)([a-z]+)")


class Wrong(AssertionError):
    pass


def at(actor, *steps):
    return ("at", actor, steps)


def actors_of(steps):
    out = []
    for step in steps:
        if isinstance(step, tuple):
            out += [step[1]] + actors_of(step[2])
        elif isinstance(step, str):
            out += [actor for _, actor in NAME.findall(step) if actor not in SERVICES]
    return out


class Case:
    def __init__(self, name, rule, place, steps):
        self.name, self.rule, self.place = name, rule, place
        self.steps = steps if isinstance(steps, (list, tuple)) and steps[:1] != ("at",) else [steps]
        self.index = None

    def actors(self):
        return sorted(set(actors_of(self.steps)) | {"mallory"})


class Run:
    """One case being run: its connections and its names."""

    def __init__(self, bus, case):
        self.bus, self.case = bus, case
        self.wires = {}
        self.opened = []
        self.kept = {}  # what a step leaves for a later one
        self.doing = "the login"

    def account(self, actor):
        return f"{actor}{self.case.index}"

    @property
    def source(self):
        """Each connection comes from an address of its own, so that none suffers for another's failed logins."""
        return f"127.{10 + len(self.opened) % 200}.{self.case.index // 250}.{self.case.index % 250 + 1}"

    def keep(self, wire):
        self.opened.append(wire)
        return wire

    def text(self, text):
        """The text with the names of this run in it."""
        if isinstance(text, bytes):
            return text
        def name(found):
            kind, actor = found.groups()
            if actor in SERVICES:
                return self.bus.service_jid(actor)
            if kind == "!":
                return self.account(actor)
            if kind == "~":
                return f"{self.account(actor)}@localhost"
            return self.wires[actor].jid
        return NAME.sub(name, text.replace("$%", str(self.case.index)))

    def play(self):
        try:
            for actor in self.case.actors():
                if actor != "mallory":
                    self.wires[actor] = self.keep(session(self, actor))
            self.wires["mallory"] = PLACES[self.case.place](self, "mallory")
            self.steps("mallory", self.case.steps)
        finally:
            for wire in self.opened:
                wire.close()

    def steps(self, actor, steps):
        for number, step in enumerate(steps, 1):
            self.doing = f"{actor}, step {number}"
            if isinstance(step, tuple):
                self.steps(step[1], step[2])
            elif callable(step):
                step(self, self.wires[actor])
            else:
                self.wires[actor].send(self.text(step))


# ---- Where a case begins ----

def _tcp(port):
    return lambda run, actor: run.keep(Wire.tcp(getattr(run.bus, port), run.source))


def _then(before, *after):
    def open_it(run, actor):
        wire = PLACES[before](run, actor)
        for step in after:
            step(run, actor, wire)
        return wire
    return open_it


def _secure(run, actor, wire):
    wire.secure(run.bus.ca_file)


def _open(run, actor, wire):
    wire.open()


def _log_in(run, actor, wire):
    wire.log_in(run.account(actor), run.bus.password)


def _bind(run, actor, wire):
    wire.bind()


def _starttls(run, actor, wire):
    wire.starttls(run.bus.ca_file)


def component_domain(run):
    return f"c{run.case.index % run.bus.component_count}.localhost"


def _component_header(run, actor, wire):
    wire.send(COMPONENT_HEADER.format(component_domain(run)))
    wire.stream_id = wire.expect("header").get("id")


def _attach(run, actor, wire):
    wire.attach(component_domain(run), run.bus.component_secret)


def session(run, actor):
    return PLACES["session"](run, actor)


PLACES = {
    "nowhere": lambda run, actor: None,           # the client is the victim: no connection of ours
    "tcp": _tcp("port"),                          # the STARTTLS listener, nothing said
    "tcp features": _then("tcp", _open),
    "tcp secured": _then("tcp features", _starttls),
    "tls": _then("tls socket", _secure),          # direct TLS
    "tls socket": _tcp("tls_port"),
    "tls features": _then("tls", _open),
    "tls session": _then("tls features", _log_in, _open, _bind),
    "plain": _tcp("plain_port"),                  # no TLS, loopback only
    "features": _then("plain", _open),
    "logged in": _then("features", _log_in),      # success came, the header is not sent yet
    "unbound": _then("logged in", _open),
    "session": _then("unbound", _bind),
    "unix": lambda run, actor: run.keep(Wire.unix(os.path.join(run.bus.run_folder, "xbus", "socket"))),
    "unix features": _then("unix", _open),
    "component socket": _tcp("component_port"),
    "component header": _then("component socket", _component_header),
    "component": _then("component socket", _attach),
}


# ---- What must come ----

def _next(wire, seconds=SECONDS):
    kind, element = wire.next(seconds)
    if kind == "header":
        kind, element = wire.next(seconds)
    return kind, element


def ended(wire):
    kind, element = wire.next()
    if kind == "close":
        kind, element = wire.next()
        if kind == "eof":
            return
    raise Wrong(f"after the end of the stream came {told(kind, element)}")


def stream_error(condition, seconds=SECONDS):
    """The stream error, </stream:stream>, the end of the connection (RFC 6120 section 4.9); features before it are let be."""
    def check(run, wire):
        kind, element = _next(wire, seconds)
        while kind == "element" and element.tag == STREAM + "features":
            kind, element = _next(wire, seconds)
        if kind != "element" or element.tag != STREAM + "error":
            raise Wrong(f"expected the stream error {condition}, got {told(kind, element)}")
        found = [child.tag for child in element if child.tag.startswith(STREAM_ERRORS) and not child.tag.endswith("}text")]
        if found != [STREAM_ERRORS + condition]:
            raise Wrong(f"expected the stream error {condition}, got {told(kind, element)}")
        ended(wire)
    return check


def sasl_failure(condition):
    def check(run, wire):
        kind, element = _next(wire)
        if kind != "element" or element.tag != SASL + "failure" or element[0].tag != SASL + condition:
            raise Wrong(f"expected the SASL failure {condition}, got {told(kind, element)}")
    return check


def challenge(run, wire):
    element = wire.expect("element", SASL + "challenge")
    run.kept["challenge"] = element.text or ""


def tls_failure(run, wire):
    wire.expect("element", TLS + "failure")
    ended(wire)


def closed(run, wire):
    """The connection ends and nothing is said but the end of the stream."""
    kind, element = wire.next()
    while kind in ("header", "close"):
        kind, element = wire.next()
    if kind != "eof":
        raise Wrong(f"expected the end of the connection, got {told(kind, element)}")


def goodbye(run, wire):
    """Our end tag is answered by theirs, and the connection ends (RFC 6120 section 4.4)."""
    ended(wire)


def features(*tags, without=()):
    """The header, then the features, which hold these and not those."""
    def check(run, wire):
        kind, element = _next(wire)
        if kind != "element" or element.tag != STREAM + "features":
            raise Wrong(f"expected features, got {told(kind, element)}")
        held = " ".join(e.tag + " " + (e.text or "") for e in element.iter())
        for tag in tags:
            if tag not in held:
                raise Wrong(f"{tag} is not in {told(kind, element)}")
        for tag in without:
            if tag in held:
                raise Wrong(f"{tag} is in {told(kind, element)}")
    return check


def _local(element):
    return element.tag.rpartition("}")[2]


def error(condition, id="1", of="iq", **attributes):
    """A stanza error of this condition, with the type that goes with it and the id of what it answers."""
    def check(run, wire):
        kind, element = wire.next()
        if kind != "element" or _local(element) != of or element.get("type") != "error":
            raise Wrong(f"expected the error {condition}, got {told(kind, element)}")
        errors = [child for child in element if _local(child) == "error"]
        conditions = [child.tag for child in errors[0] if child.tag.startswith(STANZA_ERRORS) and not child.tag.endswith("}text")]
        if len(errors) != 1 or conditions != [STANZA_ERRORS + condition]:
            raise Wrong(f"expected the error {condition}, got {told(kind, element)}")
        wanted = {"id": id, **{name.rstrip("_"): value for name, value in attributes.items() if name != "error_type"}}
        for name, value in wanted.items():
            value = value if value is None else run.text(value)
            if element.get(name) != value:
                raise Wrong(f"expected {name}={value!r}, got {told(kind, element)}")
        as_type = attributes.get("error_type", TYPE_OF.get(condition))
        if as_type and errors[0].get("type") != as_type:
            raise Wrong(f"expected an error of type {as_type}, got {told(kind, element)}")
    return check


def gets(of, holds=(), lacks=(), **attributes):
    """The next stanza is of this kind, with these attributes (None: absent) and these words in it."""
    def check(run, wire):
        kind, element = wire.next()
        text = told(kind, element)
        whole = ET.tostring(element, encoding="unicode") if element is not None else ""
        if kind != "element" or _local(element) != of:
            raise Wrong(f"expected {of} {attributes}, got {text}")
        for name, value in attributes.items():
            value = value if value is None else run.text(value)
            if element.get(name.rstrip("_")) != value:
                raise Wrong(f"expected {name}={value!r}, got {text}")
        for word in (holds,) if isinstance(holds, str) else holds:
            if run.text(word) not in whole:
                raise Wrong(f"{word!r} is not in {text}")
        for word in (lacks,) if isinstance(lacks, str) else lacks:
            if run.text(word) in whole:
                raise Wrong(f"{word!r} is in {text}")
    return check


def quiet(run, wire):
    """Nothing has come, the stream stands, and everything sent before is dealt with: a ping is the next thing answered."""
    run.kept["pings"] = run.kept.get("pings", 0) + 1
    id = f"quiet{run.kept['pings']}"
    component = wire.root is not None and wire.jid and "@" not in wire.jid
    wire.send(PING.format(id, f" from='{wire.jid}' to='localhost'" if component else " to='localhost'"))
    kind, element = wire.next()
    if kind != "element" or element.get("id") != id or element.get("type") != "result":
        raise Wrong(f"expected nothing, got {told(kind, element)}")


def skip(run, wire):
    """Whatever comes until a ping is answered."""
    id = "skip"
    component = wire.jid and "@" not in wire.jid
    wire.send(PING.format(id, f" from='{wire.jid}' to='localhost'" if component else " to='localhost'"))
    for _ in range(10000):
        kind, element = wire.next()
        if kind == "eof":
            raise Wrong("the connection ended")
        if kind == "element" and element.get("id") == id:
            return
    raise Wrong("no end of it")


def sweep(rows, step):
    """One case over many values: for each of them the steps that `step(row)` gives, on a new connection."""
    def check(run, wire):
        for number, row in enumerate(rows):
            if number:
                wire = PLACES[run.case.place](run, "mallory")
                run.wires["mallory"] = wire
            try:
                run.steps("mallory", step(row))
            except (AssertionError, TimeoutError) as wrong:
                raise Wrong(f"at {row!r}: {wrong}") from None
            wire.close()
    return check

