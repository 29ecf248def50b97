"""Binding, sessions and the stanzas of who has logged in: addresses, ids, types, answers nobody asked for."""
from script import PLACES, at, closed, error, gets, goodbye, quiet, stream_error, sweep

BIND = "urn:ietf:params:xml:ns:xmpp-bind"
PING = "<ping xmlns='urn:xmpp:ping'/>"
CALL = "<query xmlns='jabber:iq:rpc'><methodCall><methodName>a</methodName></methodCall></query>"
NOT_FOUND = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def bind(inner="", attributes="type='set' id='1'"):
    return f"<iq {attributes}><bind xmlns='{BIND}'>{inner}</bind></iq>"


def second_session(run, wire):
    """The same account once more, with the same resource."""
    run.kept["old"] = wire
    other = run.wires["mallory"] = PLACES["features"](run, "mallory")
    other.log_in(run.account("mallory"), run.bus.password)
    other.open()
    other.bind("desk")


def spoofed(name, source, rule="CORE-32"):
    return [
        (f"from: a message from {name}", rule, "session",
        [f"<message from='{source}' to='$bob' id='1'><body>x</body></message>", quiet,
            at("bob", gets("message", from_="$mallory", id="1"), quiet)]),
        (f"from: a request from {name}", rule, "session", [f"<iq type='get' from='{source}' to='$bob' id='1'>{PING}</iq>", quiet,
            at("bob", gets("iq", from_="$mallory", type="get"), quiet)]),
        (f"from: presence from {name}", rule, "session", [f"<presence from='{source}' to='$bob'/>", quiet,
            at("bob", gets("presence", from_="$mallory"), quiet)]),
    ]


def small(run, wire):
    element = wire.expect("element")
    if element.get("type") != "error" or "z" * 600 in "".join(element.itertext()):
        raise AssertionError("the payload came back")


BINDING = [
    ("bind: a message before it", "CORE-07", "unbound",
        ["<message to='pair@localhost'><body>x</body></message>", stream_error("not-authorized")]),
    ("bind: presence before it", "CORE-07", "unbound", ["<presence/>", stream_error("not-authorized")]),
    ("bind: a call before it", "CORE-07", "unbound",
        [f"<iq type='set' id='1' to='pair@localhost'>{CALL}</iq>", stream_error("not-authorized")]),
    ("bind: an answer before it", "CORE-07", "unbound", ["<iq type='result' id='1'/>", stream_error("not-authorized")]),
    ("bind: the roster before it", "CORE-07", "unbound",
        ["<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>", stream_error("not-authorized")]),
    ("bind: a session before it", "CORE-07", "unbound",
        ["<iq type='set' id='1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>", stream_error("not-authorized")]),
    ("bind: before login", "CORE-07", "features", [bind(), stream_error("not-authorized")]),
    ("bind: by a get", "CORE-29", "unbound", [bind(attributes="type='get' id='1'"), error("bad-request")]),
    ("bind: without an id", "CORE-34", "unbound", [bind(attributes="type='set'"), error("bad-request", id="")]),
    ("bind: without a type", "CORE-34", "unbound", [bind(attributes="id='1'"), error("bad-request")]),
    ("bind: two payloads", "CORE-34", "unbound",
        [f"<iq type='set' id='1'><bind xmlns='{BIND}'/><bind xmlns='{BIND}'/></iq>", error("bad-request")]),
    ("bind: a resource that cannot be prepared", "JID-01", "unbound", sweep(["x" * 1024, "\u00e4" * 512, "a\u0378b", "\u2028"],
        lambda resource: [bind(f"<resource>{resource}</resource>"), error("bad-request")])),
    ("bind: ten refused resources end the stream", "CORE-29", "unbound",
        [*[bind(f"<resource>{'x' * 1024}</resource>"), error("bad-request")] * 10, stream_error("policy-violation")]),
    ("bind: once more in a session", "CORE-29", "session", [bind(), error("service-unavailable"), quiet]),
    ("bind: another's address instead of a resource", "CORE-29", "unbound",
        [bind("<jid>$~bob/x</jid>"), gets("iq", type="result", holds="$!mallory@localhost/", lacks="$!bob"), at("bob", quiet)]),
    ("bind: the end of the stream instead", "CORE-08", "unbound", ["</stream:stream>", goodbye]),
    ("session: the same resource ends the older one", "CORE-29", "unbound",
        [bind("<resource>desk</resource>"), gets("iq", type="result", holds="/desk"),
        second_session,
        lambda run, wire: stream_error("conflict")(run, run.kept["old"]), lambda run, wire: quiet(run, run.wires["mallory"])]),
    ("session: stanzas behind the end of the stream", "CORE-08", "session",
        ["</stream:stream><message to='$bob'><body>x</body></message>", goodbye, at("bob", quiet)]),
    ("session: a stream error of its own", "CORE-09", "session",
        ["<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>", closed]),
    ("session: a second header", "CORE-13", "session",
        ["<stream:stream to='localhost' version='1.0'></stream:stream>", stream_error("unsupported-stanza-type")]),
]

ADDRESSES = [
    *spoofed("the receiver itself", "$bob"),
    *spoofed("the receiver's account", "$~bob"),
    *spoofed("the server", "localhost"),
    *spoofed("the registry", "services.localhost"),
    *spoofed("a component", "c0.localhost"),
    *spoofed("another resource of its own", "$~mallory/other"),
    *spoofed("another domain", "mallory@other.example/x"),
    *spoofed("what is no address", "@@//"),
    ("from: a subscription is from the account", "CORE-32", "session",
        ["<presence type='subscribe' from='pair@localhost' to='$~bob'/>", quiet,
        at("bob", "<presence/>", gets("presence", from_="$bob"), gets("presence", from_="$~mallory", type="subscribe"))]),
    ("to: what is no address, iq", "JID-01", "session", sweep(["@", "/", "bob@", "bob@localhost/", "@localhost", "a b@localhost",
        "bob@@localhost", ".", "", "\u00e4\u0378@localhost", "x" * 1024 + "@localhost"],
        lambda to: [f"<iq type='get' id='1' to='{to}'>{PING}</iq>", error("jid-malformed", to="$mallory")])),
    ("to: what is no address, message", "JID-01", "session", sweep(["@", "bob@", "a\u0085b@localhost", "localhost/"],
        lambda to: [f"<message id='1' to='{to}'><body>x</body></message>", error("jid-malformed", of="message")])),
    ("to: what is no address, presence", "JID-01", "session", sweep(["@", "bob@", "&lt;@localhost"],
        lambda to: [f"<presence id='1' to='{to}'/>", error("jid-malformed", of="presence")])),
    ("to: an address longer than any can be", "JID-01", "session",
        [f"<iq type='get' id='1' to='{'x' * 100000}@localhost'>{PING}</iq>", error("jid-malformed")]),
    ("to: a domain that is not here, iq", "CORE-43", "session",
        [f"<iq type='get' id='1' to='other.example'>{PING}</iq>", error("remote-server-not-found", from_="other.example")]),
    ("to: a domain that is not here, message", "CORE-43", "session",
        ["<message id='1' to='a@other.example'><body>x</body></message>",
        error("remote-server-not-found", of="message", from_="a@other.example")]),
    ("to: a domain that is not here, answer", "CORE-36", "session", ["<iq type='result' id='1' to='other.example'/>", quiet]),
    ("to: a component that is not connected", "CORE-43", "session",
        [f"<iq type='get' id='1' to='absent.localhost'>{PING}</iq>", error("service-unavailable", error_type="wait")]),
    ("to: nobody here, iq", "CORE-40", "session",
        [f"<iq type='get' id='1' to='nobody$%@localhost'>{PING}</iq>", error("service-unavailable", from_="nobody$%@localhost")]),
    ("to: nobody here, message", "CORE-39", "session",
        ["<message id='1' to='nobody$%@localhost'><body>x</body></message>", error("service-unavailable", of="message")]),
    ("to: nobody here, presence", "CORE-39", "session", ["<presence to='nobody$%@localhost'/>", quiet]),
    ("to: no such resource, iq", "CORE-41", "session",
        [f"<iq type='set' id='1' to='$~bob/none'>{CALL}</iq>", error("service-unavailable", from_="$~bob/none"),
        at("bob", quiet)]),
    ("to: no such resource, presence", "CORE-39", "session", ["<presence to='$~bob/none'/>", quiet, at("bob", quiet)]),
    ("to: a resource in other letters", "JID-03", "session",
        [f"<iq type='set' id='1' to='$~bob/NONE'>{CALL}</iq>", error("service-unavailable")]),
    ("to: an account, a call is not passed on", "CORE-40", "session",
        [f"<iq type='set' id='1' to='$~bob'>{CALL}</iq>", error("service-unavailable"), at("bob", quiet)]),
    ("to: a resource of the server", "CORE-35", "session",
        [f"<iq type='get' id='1' to='localhost/x'>{PING}</iq>", error("service-unavailable")]),
    ("to: nobody there looks like an account that is not connected", "CORE-39", "session", [
        f"<iq type='get' id='1' to='nobody$%@localhost/x'>{PING}</iq>", error("service-unavailable"),
        f"<iq type='get' id='2' to='$~bob/x'>{PING}</iq>", error("service-unavailable", id="2")]),
    ("to: an account in other letters is the same", "JID-03", "session",
        [f"<iq type='get' id='1' to='BOB$%@LocalHost'>{PING}</iq>", gets("iq", type="result", id="1"), at("bob", quiet)]),
    ("to: an account as references is the same", "JID-03", "session",
        [f"<iq type='get' id='1' to='&#98;ob$%@localhost'>{PING}</iq>", gets("iq", type="result", id="1"), at("bob", quiet)]),
    ("to: an account in wide letters is the same", "JID-03", "session",
        [f"<iq type='get' id='1' to='\uff42ob$%@localhost'>{PING}</iq>", gets("iq", type="result", id="1"), at("bob", quiet)]),
    ("to: a look-alike is another", "JID-03", "session",
        [f"<iq type='get' id='1' to='b\u043eb$%@localhost'>{PING}</iq>", error("service-unavailable"), at("bob", quiet)]),
    ("to: the first slash splits", "JID-02", "session",
        [f"<iq type='get' id='1' to='localhost/$~bob'>{PING}</iq>", error("service-unavailable"), at("bob", quiet)]),
    ("to: a domain that ends in a dot is the same", "JID-01", "session",
        [f"<iq type='get' id='1' to='$~bob.'>{PING}</iq>", gets("iq", type="result", id="1"), at("bob", quiet)]),
]

MEANING = [
    ("iq: no id", "CORE-34", "session", [f"<iq type='get' to='$bob'>{PING}</iq>", error("bad-request", id=""), at("bob", quiet)]),
    ("iq: no type", "CORE-34", "session", [f"<iq id='1' to='$bob'>{PING}</iq>", error("bad-request"), at("bob", quiet)]),
    ("iq: a type nobody knows", "CORE-34", "session", sweep(["", "GET", "query", "subscribe"],
        lambda type: [f"<iq id='1' type='{type}' to='localhost'>{PING}</iq>", error("bad-request")])),
    ("iq: a request without payload", "CORE-34", "session",
        ["<iq id='1' type='get' to='$bob'/>", error("bad-request"), at("bob", quiet)]),
    ("iq: a request with two payloads", "CORE-34", "session",
        [f"<iq id='1' type='set' to='$bob'>{CALL}{PING}</iq>", error("bad-request"), at("bob", quiet)]),
    ("iq: a request that is only text", "CORE-34", "session",
        ["<iq id='1' type='set' to='$bob'>hello</iq>", error("bad-request"), at("bob", quiet)]),
    ("iq: an answer with two payloads", "CORE-34", "session",
        [f"<iq id='1' type='result' to='$bob'>{CALL}{PING}</iq>", quiet, at("bob", quiet)]),
    ("iq: an error without an error", "CORE-36", "session", ["<iq id='1' type='error' to='$bob'/>", quiet, at("bob", quiet)]),
    ("iq: a payload nobody knows, server", "CORE-35", "session",
        ["<iq id='1' type='get' to='localhost'><a xmlns='urn:nobody'/></iq>", error("service-unavailable")]),
    ("iq: a payload nobody knows, own account", "CORE-35", "session",
        ["<iq id='1' type='get'><a xmlns='urn:nobody'/></iq>", error("service-unavailable")]),
    ("iq: a payload nobody knows, another's account", "CORE-40", "session",
        ["<iq id='1' type='get' to='$~bob'><a xmlns='urn:nobody'/></iq>", error("service-unavailable"), at("bob", quiet)]),
    ("iq: a payload without a namespace", "CORE-35", "session",
        ["<iq id='1' type='get' to='localhost'><a xmlns=''/></iq>", error("service-unavailable")]),
    ("iq: a known namespace, another name", "CORE-35", "session",
        ["<iq id='1' type='get' to='localhost'><pong xmlns='urn:xmpp:ping'/></iq>", error("service-unavailable")]),
    ("iq: a known payload by set", "CORE-35", "session",
        sweep(["<ping xmlns='urn:xmpp:ping'/>", "<query xmlns='jabber:iq:version'/>", "<time xmlns='urn:xmpp:time'/>",
        "<query xmlns='http://jabber.org/protocol/disco#info'/>"],
        lambda payload: [f"<iq id='1' type='set' to='localhost'>{payload}</iq>", error("service-unavailable")])),
    ("iq: the error keeps an id of any kind", "CORE-36", "session",
        ["<iq id='&lt;&amp;&apos;&quot;&#10;\u20ac' type='get' to='localhost'><a xmlns='urn:nobody'/></iq>",
        error("service-unavailable", id="<&'\"\n\u20ac")]),
    ("iq: an id of 100,000 bytes", "CORE-46", "session",
        [f"<iq id='{'i' * 100000}' type='get' to='localhost'><a xmlns='urn:nobody'/></iq>",
        error("service-unavailable", id="i" * 100000)]),
    ("iq: one id twice is answered twice", "CORE-46", "session",
        ["<iq id='1' type='get' to='localhost'><a xmlns='urn:nobody'/></iq>" * 2, error("service-unavailable"),
        error("service-unavailable"), quiet]),
    ("iq: the error does not carry a large payload back", "CORE-36", "session",
        [f"<iq id='1' type='get' to='localhost'><a xmlns='urn:nobody'>{'z' * 50000}</a></iq>",
        small]),
    ("error: to an error, iq to nobody", "CORE-36", "session",
        [f"<iq id='1' type='error' to='nobody$%@localhost'>{NOT_FOUND}</iq>", quiet]),
    ("error: to an error, message to nobody", "CORE-36", "session",
        [f"<message id='1' type='error' to='nobody$%@localhost'>{NOT_FOUND}</message>", quiet]),
    ("error: to an error, presence to nobody", "CORE-36", "session",
        [f"<presence id='1' type='error' to='nobody$%@localhost'>{NOT_FOUND}</presence>", quiet]),
    ("error: to an error for another domain", "CORE-36", "session",
        [f"<message id='1' type='error' to='a@other.example'>{NOT_FOUND}</message>", quiet]),
    ("error: to an error for no address", "CORE-36", "session", [f"<iq id='1' type='error' to='@'>{NOT_FOUND}</iq>", quiet]),
    ("error: an answer to nobody", "CORE-36", "session", ["<iq id='1' type='result' to='nobody$%@localhost/x'/>", quiet]),
    ("error: a message error without an error", "CORE-36", "session",
        ["<message id='1' type='error' to='$bob'/>", quiet, at("bob", quiet)]),
    ("error: to the server", "CORE-36", "session", [f"<iq id='1' type='error' to='localhost'>{NOT_FOUND}</iq>", quiet]),
    ("error: to oneself ends there", "CORE-36", "session",
        [f"<message id='1' type='error' to='$mallory'>{NOT_FOUND}</message>", gets("message", type="error", id="1"), quiet]),
    ("error: a bounce does not come back", "CORE-36", "session",
        [f"<iq id='1' type='error' to='$~mallory/none'>{NOT_FOUND}</iq>", quiet]),
    ("message: a type nobody knows is normal", "CORE-45", "session",
        ["<message id='1' type='shout' to='$bob'><body>x</body></message>", quiet, at("bob", gets("message", id="1"))]),
    ("message: to the server", "CORE-45", "session", ["<message id='1' to='localhost'><body>x</body></message>", quiet]),
    ("message: unknown children pass unchanged", "CORE-45", "session",
        ["<message to='$bob'><a xmlns='urn:nobody'><b c='d'/></a></message>", quiet,
        at("bob", gets("message", holds="urn:nobody"))]),
    ("message: groupchat to an account", "CORE-39", "session",
        ["<message id='1' type='groupchat' to='$~bob'><body>x</body></message>", error("service-unavailable", of="message"),
        at("bob", quiet)]),
    ("presence: a type nobody knows", "CORE-34", "session", sweep(["", "available", "away", "Subscribe"],
        lambda type: [f"<presence id='1' type='{type}' to='pair@localhost/x'/>", error("bad-request", of="presence")])),
    ("presence: an error without an error", "CORE-36", "session",
        ["<presence type='error' to='$bob'/>", quiet, at("bob", quiet)]),
    ("presence: a priority out of range", "CORE-45", "session", sweep(["128", "-129", "x", "", "99999999999999999999"],
        lambda number: [f"<presence><priority>{number}</priority></presence>", gets("presence"), quiet])),
    ("answer: to a call never made", "RPC-24", "session", ["<iq type='result' id='call1' to='$bob'/>", quiet,
        at("bob", gets("iq", type="result", from_="$mallory", id="call1"), quiet)]),
    ("answer: to another's call, under the caller's id", "RPC-24", "session",
        [at("bob", f"<iq type='set' id='c1' to='$carol'>{CALL}</iq>"), at("carol", gets("iq", id="c1")),
        "<iq type='result' id='c1' from='$carol' to='$bob'/>", quiet, at("bob",
        gets("iq", type="result", id="c1", from_="$mallory")),
        at("carol", "<iq type='result' id='c1' to='$bob'/>"), at("bob", gets("iq", type="result", id="c1", from_="$carol"))]),
    ("answer: from the account instead of the resource", "RPC-24", "session",
        ["<iq type='result' id='1' from='$~mallory' to='$bob'/>", quiet, at("bob", gets("iq", from_="$mallory"))]),
]


THEMES = [("binding and sessions", BINDING), ("addresses", ADDRESSES), ("what stanzas mean", MEANING)]
