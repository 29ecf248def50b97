"""A service of ours, the agent, called by who means ill."""
from script import at, error, gets, quiet, sweep
from cases_registry import CALLS as NS_CALLS

AGENT = "$agent"


def call(inner, type="set", attributes="", id="1", to=AGENT):
    return f"<iq type='{type}' id='{id}' to='{to}'><query xmlns='jabber:iq:rpc'{attributes}>{inner}</query></iq>"


def method(name="system.listMethods", params=""):
    return f"<methodCall><methodName>{name}</methodName>{params}</methodCall>"


def params(*values):
    return "<params>" + "".join(f"<param><value>{value}</value></param>" for value in values) + "</params>"


def fault(code):
    return gets("iq", type="result", id="1", from_=AGENT, holds=("faultCode", f">{code}<"))


def with_metadata(text):
    return f" xmlns:x='{NS_CALLS}' {text}"


CALLS = [
    ("agent: answers", "RPC-01", "session", [call(method()), gets("iq", type="result", id="1", from_=AGENT,
        holds="methodResponse")]),
    ("agent: a call by get", "RPC-01", "session", [call(method(), "get"), error("bad-request")]),
    ("agent: an answer in a request", "RPC-26", "session", [call("<methodResponse/>"), error("bad-request")]),
    ("agent: two calls in one request", "RPC-02", "session", [call(method() + method()), error("bad-request")]),
    ("agent: no call in the request", "RPC-02", "session", sweep(["", "hello", "<methodCall xmlns='urn:nobody'/>", "<a/>"],
        lambda inner: [call(inner), error("bad-request")])),
    ("agent: text beside the call", "RPC-02", "session", [call("x" + method()), error("bad-request")]),
    ("agent: a call without a name", "RPC-10", "session",
        sweep(["<methodCall/>", method(""), method("<a/>"), "<methodCall><params/></methodCall>"],
        lambda inner: [call(inner), fault(-32700)])),
    ("agent: a name of forbidden characters", "RPC-10", "session", sweep(["a-b", "a b", "\u00e4", "a;b", "../x?"],
        lambda name: [call(method(name)), fault(-32700)])),
    ("agent: a name of 100,000 letters", "CORE-49", "session",
        [call(method("a" * 100_000)), gets("iq", type="result", holds="-32601")]),
    ("agent: a method that is not there", "RPC-22", "session", [call(method("no.such")), fault(-32601)]),
    ("agent: arguments too many", "RPC-22", "session", [call(method(params=params(*["<int>1</int>"] * 5000))), fault(-32602)]),
    ("agent: arguments of other types", "RPC-22", "session",
        [call(method("system.methodHelp", params("<array><data/></array>"))), fault(-32602)]),
    ("agent: values that are none", "RPC-13", "session",
        sweep(["<int>x</int>", "<int>99999999999</int>", "<boolean>2</boolean>", "<double>inf</double>",
        "<dateTime.iso8601>now</dateTime.iso8601>",
        "<base64>!</base64>", "<struct><a/></struct>", "<array/>", "<array><data/><data/></array>", "<a/>"],
        lambda value: [call(method("system.methodHelp", params(value))), fault(-32700)])),
    ("agent: parameters that are none", "RPC-11", "session",
        sweep(["<params>x</params>", "<params><a/></params>", "<params><param/></params>", "<params/><params/>",
        "<params><param><value/><value/></param></params>"],
        lambda inner: [call(method(params=inner)), fault(-32700)])),
    ("agent: values as deep as a stanza may be", "CORE-49", "session",
        [call(method("system.methodHelp", params("<array><data><value>" * 18 + "x" + "</value></data></array>" * 18))),
        fault(-32602)]),
    ("agent: a hundred thousand members", "CORE-49", "session",
        [call(method("system.methodHelp", params("<array><data>" + "<value/>" * 100_000 + "</data></array>"))), fault(-32602)]),
    ("agent: on behalf of an admin", "CORE-32", "session",
        [call(method(), attributes=with_metadata("x:on-behalf-of='root@localhost/x'")), error("forbidden")]),
    ("agent: on behalf of oneself", "CORE-32", "session",
        [call(method(), attributes=with_metadata("x:on-behalf-of='$mallory'")), error("forbidden")]),
    ("agent: a deadline that is over", "CORE-34", "session",
        [call(method(), attributes=with_metadata("x:deadline='0'")), error("remote-server-timeout")]),
    ("agent: a deadline that is none", "RPC-26", "session", sweep(["x", "-5", ""],
        lambda text: [call(method(), attributes=with_metadata(f"x:deadline='{text}'")), error("bad-request")])),
    ("agent: metadata too large", "CORE-49", "session",
        [call(method(), attributes=with_metadata(f"x:traceparent='{'t' * 5000}'")), error("bad-request")]),
    ("agent: a trace that would begin a line of its log", "CORE-49", "session",
        sweep(["&#10;2026-01-01T00:00:00Z error forged", "\u202eevil", "&#9;&#13;", "\u2028x", "\u009b31m"],
        lambda text: [call(method(), attributes=with_metadata(f"x:traceparent='{text}' x:tracestate='{text}'")),
        gets("iq", type="result", id="1")])),
    ("agent: one key for two calls", "RPC-22", "session",
        [call(method(), attributes=with_metadata("x:key='k'")), gets("iq", type="result", id="1"),
        call(method("system.methodHelp", params("system.listMethods")), attributes=with_metadata("x:key='k'"), id="2"),
        gets("iq", type="result", id="2", holds="-32602")]),
    ("agent: another's key", "CORE-32", "session",
        [at("bob", call(method("system.methodHelp", params("system.listMethods")), attributes=with_metadata("x:key='k$%'")),
        gets("iq", type="result", id="1")),
        call(method(), attributes=with_metadata("x:key='k$%'")), gets("iq", type="result", id="1", holds="<", lacks="-32602")]),
    ("agent: ten thousand keys", "CORE-49", "session",
        ["".join(call(method("no.such"), attributes=with_metadata(f"x:key='key-{n}'"), id=f"k{n}") for n in range(2000)),
        lambda run, wire: [wire.expect("element") for _ in range(2000)], quiet]),
    ("agent: to be drained by a stranger", "RPC-06", "session",
        [call(method("system.drain")), error("forbidden"), call(method(), id="2"), gets("iq", type="result", id="2")]),
    ("agent: its log by a stranger", "RPC-06", "session", [call(method("system.logLevel", params("debug"))), error("forbidden")]),
    ("agent: its counters by a stranger", "RPC-06", "session", [call(method("system.stats")), error("forbidden")]),
    ("agent: to be drained in an admin's name", "CORE-32", "session",
        [call(method("system.drain")).replace("<iq ", "<iq from='root@localhost/x' "), error("forbidden")]),
    ("agent: a payload nobody knows", "RPC-23", "session",
        ["<iq type='set' id='1' to='$agent'><a xmlns='urn:nobody'/></iq>", error("service-unavailable")]),
    ("agent: a roster push", "CORE-32", "session",
        ["<iq type='set' id='1' to='$agent'><query xmlns='jabber:iq:roster'><item jid='evil@localhost' subscription='both'/></query></iq>",
        error("service-unavailable")]),
    ("agent: a node nobody knows", "DISCO-01", "session",
        sweep(["info", "items"],
        lambda what: [f"<iq type='get' id='1' to='$agent'><query xmlns='http://jabber.org/protocol/disco#{what}' node='x'/></iq>",
        error("item-not-found")])),
    ("agent: discovery by set", "CORE-34", "session",
        sweep(["info", "items"],
        lambda what: [f"<iq type='set' id='1' to='$agent'><query xmlns='http://jabber.org/protocol/disco#{what}'/></iq>",
        error("bad-request")])),
    ("agent: answers to calls it never made", "RPC-24", "session",
        ["<iq type='result' id='1' to='$agent'/><iq type='error' id='1' to='$agent'><error type='cancel'/></iq>", quiet,
        call(method()), gets("iq", type="result", id="1")]),
    ("agent: messages it does not know", "CORE-45", "session",
        ["<message to='$agent'><subject>help</subject></message><message to='$agent' type='headline'><cancel xmlns='urn:xbus:call:0' id='1'/></message>",
        quiet,
        call(method()), gets("iq", type="result", id="1")]),
    ("agent: presence of all kinds", "CORE-39", "session",
        ["".join(f"<presence to='$agent' type='{type}'/>" for type in ("unavailable", "probe", "subscribe",
        "subscribed")) + "<presence to='$agent'/>", quiet,
        call(method()), gets("iq", type="result", id="1")]),
    ("agent: its end in its own name", "CORE-32", "session",
        ["<presence type='unavailable' from='$agent' to='agent@services.localhost'/>", quiet, call(method()),
        gets("iq", type="result", id="1")]),
    ("agent: an answer in the registry's name", "CORE-32", "session",
        ["<presence type='error' from='agent@services.localhost' to='$agent'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
        quiet,
        call(method()), gets("iq", type="result", id="1")]),
    ("agent: five thousand calls at once", "CORE-49", "session",
        ["".join(call(method(), id=f"c{n}") for n in range(5000)), lambda run,
        wire: [wire.expect("element") for _ in range(5000)], quiet]),
]

THEMES = [("calls to the agent", CALLS)]
