"""Components (XEP-0114): the handshake, addresses, conflicts, what a component may not do."""
from script import PLACES, Wrong, component_domain, at, error, gets, quiet, stream_error, sweep
from wire import COMPONENT, COMPONENT_HEADER, HEADER, Wire, handshake

CALL = "<query xmlns='jabber:iq:rpc'><methodCall><methodName>a</methodName></methodCall></query>"


def header(to, content="jabber:component:accept"):
    return COMPONENT_HEADER.format(to).replace("jabber:component:accept", content)


def shake(change=lambda text: text, secret=None):
    def step(run, wire):
        wire.send(f"<handshake>{change(handshake(wire.stream_id, secret or run.bus.component_secret))}</handshake>")
    return step


def replayed(run, wire):
    """The handshake of another stream is worth nothing on this one."""
    other = run.keep(Wire.tcp(run.bus.component_port, run.source))
    other.send(COMPONENT_HEADER.format(component_domain(run)))
    wire.send(f"<handshake>{handshake(other.expect('header').get('id'), run.bus.component_secret)}</handshake>")


def second(run, wire):
    """Another connection for the same name is refused; the first goes on."""
    run.kept["first"] = wire
    other = PLACES["component header"](run, "mallory")
    shake()(run, other)
    stream_error("conflict")(run, other)


def first_goes_on(run, wire):
    run.wires["bob"].send(f"<iq type='get' id='c' to='{wire.jid}'><ping xmlns='urn:xmpp:ping'/></iq>")
    element = wire.expect("element", COMPONENT + "iq")
    if element.get("from") != run.wires["bob"].jid:
        raise Wrong("from another")
    quiet(run, wire)


def gone_is_gone(run, wire):
    """Once its connection has ended the name is free, and a call to it is answered at once."""
    wire.send("</stream:stream>")
    while wire.next()[0] != "eof":
        pass
    run.wires["bob"].send(f"<iq type='set' id='1' to='{wire.jid}'>{CALL}</iq>")
    error("service-unavailable", error_type="wait")(run, run.wires["bob"])
    run.wires["mallory"] = PLACES["component"](run, "mallory")


def message(source, to="pair@localhost"):
    return f"<message from='{source}' to='{to}'><body>x</body></message>"


HANDSHAKE = [
    ("component: content namespace of clients", "COMP-02", "component socket",
        [header("c0.localhost", "jabber:client"), stream_error("invalid-namespace")]),
    ("component: a client's header", "COMP-02", "component socket", [HEADER, stream_error("invalid-namespace")]),
    ("component: on a client's port", "COMP-02", "plain", [header("c0.localhost"), stream_error("invalid-namespace")]),
    ("component: a name nobody has allowed", "COMP-01", "component socket",
        [header("evil.localhost"), stream_error("host-unknown")]),
    ("component: the server's own name", "COMP-01", "component socket", [header("localhost"), stream_error("host-unknown")]),
    ("component: the registry's name", "COMP-01", "component socket",
        [header("services.localhost"), stream_error("host-unknown")]),
    ("component: below a name that is allowed", "COMP-01", "component socket",
        [header("a.c0.localhost"), stream_error("host-unknown")]),
    ("component: no name", "COMP-02", "component socket", [header("").replace(" to=''", ""), stream_error("host-unknown")]),
    ("component: a name that is none", "COMP-02", "component socket", sweep(["", "@", "a@c0.localhost", "c0.localhost/x",
        "c0..localhost"], lambda name: [header(name), stream_error("host-unknown")])),
    ("component: wrong secret", "COMP-01", "component header", [shake(secret="guess"), stream_error("not-authorized")]),
    ("component: empty handshake", "COMP-01", "component header", ["<handshake/>", stream_error("not-authorized")]),
    ("component: the digest in capitals", "COMP-01", "component header", [shake(str.upper), stream_error("not-authorized")]),
    ("component: the digest cut short", "COMP-01", "component header",
        [shake(lambda text: text[:39]), stream_error("not-authorized")]),
    ("component: the digest and more", "COMP-01", "component header",
        [shake(lambda text: text + " "), stream_error("not-authorized")]),
    ("component: the secret itself", "COMP-01", "component header",
        [shake(lambda text: "secret of a component"), stream_error("not-authorized")]),
    ("component: the handshake of another stream", "COMP-01", "component header", [replayed, stream_error("not-authorized")]),
    ("component: the handshake in another namespace", "COMP-01", "component header",
        ["<handshake xmlns='jabber:client'/>", stream_error("not-authorized")]),
    ("component: a stanza instead", "CORE-07", "component header", [message("c0.localhost"), stream_error("not-authorized")]),
    ("component: SASL instead", "COMP-01", "component header",
        ["<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>", stream_error("not-authorized")]),
    ("component: no second try", "COMP-01", "component header", [lambda run,
        wire: (shake(secret="guess")(run, wire), shake()(run, wire)), stream_error("not-authorized")]),
    ("component: a second handshake", "COMP-01", "component",
        ["<handshake>x</handshake>", stream_error("unsupported-stanza-type")]),
    ("component: the name is taken", "COMP-01", "component", [second, at("bob", quiet), first_goes_on]),
    ("component: the name is free again", "COMP-04", "component", [at("bob", quiet), gone_is_gone, quiet]),
]


def foreign(name, source):
    return [(f"component: a message from {name}", "COMP-03", "component", [message(source), stream_error("invalid-from")]),
            (f"component: a call from {name}", "COMP-03", "component",
        [f"<iq type='set' id='1' from='{source}' to='pair@localhost'>{CALL}</iq>", stream_error("invalid-from")])]


RIGHTS = [
    *foreign("the server", "localhost"),
    *foreign("an account", "$~bob"),
    *foreign("the registry", "agent@services.localhost"),
    *foreign("another component", "absent.localhost"),
    *foreign("below its own name", "a.$mallory"),
    *foreign("another domain", "x@other.example"),
    *foreign("what is no address", "@"),
    *foreign("the empty address", ""),
    ("component: no from", "COMP-03", "component", ["<message to='pair@localhost'/>", stream_error("improper-addressing")]),
    ("component: no to", "COMP-03", "component", ["<message from='$mallory'/>", stream_error("improper-addressing")]),
    ("component: presence of an account", "COMP-03", "component",
        ["<presence from='$~bob/x' to='pair@localhost'/>", stream_error("invalid-from")]),
    ("component: a subscription in an account's name", "COMP-03", "component",
        ["<presence type='subscribed' from='$~bob' to='pair@localhost'/>", stream_error("invalid-from")]),
    ("component: any mailbox of its own may speak", "COMP-03", "component",
        [message("any.body@$mallory/x", "$bob"), quiet, at("bob", gets("message", from_="any.body@$mallory/x"))]),
    ("component: its own name in other letters is told prepared", "JID-03", "component",
        [lambda run, wire: wire.send(run.text(message("X@" + wire.jid.upper(), "$bob"))), quiet,
        at("bob", gets("message", from_="x@$mallory"))]),
    ("component: stanzas of the clients' namespace", "CORE-11", "component",
        ["<message xmlns='jabber:client' from='$mallory' to='pair@localhost'/>", stream_error("unsupported-stanza-type")]),
    ("component: what it sends arrives in the receiver's namespace", "CORE-11", "component",
        [message("$mallory", "$bob"), quiet, at("bob", gets("message", holds="jabber:client", lacks="component:accept"))]),
    ("component: iq without an id", "CORE-34", "component",
        [f"<iq type='get' from='$mallory' to='$bob'>{CALL}</iq>", error("bad-request", id=""), at("bob", quiet)]),
    ("component: iq of a type nobody knows", "CORE-34", "component",
        [f"<iq type='x' id='1' from='$mallory' to='$bob'>{CALL}</iq>", error("bad-request"), at("bob", quiet)]),
    ("component: to what is no address", "JID-01", "component",
        ["<iq type='get' id='1' from='$mallory' to='@'><ping xmlns='urn:xmpp:ping'/></iq>", error("jid-malformed")]),
    ("component: to another domain", "CORE-43", "component",
        ["<iq type='get' id='1' from='$mallory' to='other.example'><ping xmlns='urn:xmpp:ping'/></iq>",
        error("remote-server-not-found")]),
    ("component: an error to an error", "CORE-36", "component",
        ["<message type='error' id='1' from='$mallory' to='nobody@localhost'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        quiet]),
    ("component: an answer to a call never made", "RPC-24", "component",
        ["<iq type='result' id='call1' from='$mallory' to='$bob'/>", quiet, at("bob", gets("iq", type="result", from_="$mallory"),
        quiet)]),
    ("component: an account's roster", "CORE-32", "component",
        ["<iq type='get' id='1' from='$mallory' to='$~bob'><query xmlns='jabber:iq:roster'/></iq>", error("forbidden")]),
    ("component: an account's resources", "DISCO-03", "component",
        ["<iq type='get' id='1' from='$mallory' to='$~bob'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
        error("service-unavailable")]),
    ("component: a stranger's probe", "CORE-39", "component",
        ["<presence type='probe' from='x@$mallory' to='$~bob'/>",
        gets("presence", type="unsubscribed", from_="$~bob", to="x@$mallory")]),
    ("component: a name of a service", "COMP-03", "component",
        ["<presence id='1' from='$mallory' to='svc$%@services.localhost'/>", error("forbidden", of="presence")]),
    ("component: features and other elements", "CORE-13", "component",
        ["<stream:features/>", stream_error("unsupported-stanza-type")]),
    ("component: the end of the stream inside a stanza", "CORE-48", "component",
        ["<message from='$mallory'></stream:stream>", stream_error("not-well-formed")]),
]

THEMES = [("component handshake", HANDSHAKE), ("component rights", RIGHTS)]
