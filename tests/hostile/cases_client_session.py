"""The library's client, by way of `xbus`, in a session with a server or a service that lies."""
from cases_client import endless, hang_up, nowhere, stream_error
from fake_bus import INFO, LIST, REGISTRY, SESSION, iq, response, said, serve, value
from victim import DONE, FAILED, LOST, SHORT, TIMED_OUT, UNAVAILABLE

CALL = ("call", "calc", "work")
REG, SVC = "services.localhost", "calc@localhost/1"
PUSH = "<query xmlns='jabber:iq:roster'><item jid='evil@localhost' subscription='both'/></query>"
GONE = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
WRONG_LIST = f"<services xmlns='{REGISTRY}'><service name='evil'><instance jid='evil@localhost/1' id='1'/></service></services>"
LISTED = iq(LIST, REG)


def listing(name, rule, answer, status, says="", **options):
    return nowhere(name, rule, "unix", [*SESSION, serve(services=answer)], status, says, **options)


def calling(name, rule, status, says="", instead=None, **options):
    return nowhere(name, rule, "unix", [*SESSION, serve(**(instead or {}))], status, says, verb=CALL, **options)


def lies_first(name, rule, lie):
    """The lie changes nothing: the right answer behind it counts."""
    return listing(name, rule, [lie, LISTED], DONE, prints="calc")


ANSWERS = [
    listing("answer: never", "RPC-24", None, TIMED_OUT, deadline=SHORT),
    listing("answer: the right one", "RPC-24", LISTED, DONE, prints="calc"),
    lies_first("answer: from a stranger", "RPC-24", iq(WRONG_LIST, "evil@localhost/1")),
    lies_first("answer: from the server instead of the registry", "RPC-24", iq(WRONG_LIST, "localhost")),
    lies_first("answer: from below the registry", "RPC-24", iq(WRONG_LIST, "x.services.localhost")),
    lies_first("answer: from a resource of the registry", "RPC-24", iq(WRONG_LIST, "services.localhost/x")),
    lies_first("answer: from a mailbox of the registry", "RPC-24", iq(WRONG_LIST, "x@services.localhost")),
    lies_first("answer: without from", "RPC-24", iq(WRONG_LIST, "x").replace(" from='x'", "")),
    lies_first("answer: from what is no address", "JID-01", iq(WRONG_LIST, "@")),
    lies_first("answer: with another id", "RPC-24", iq(WRONG_LIST, REG, id="{id}x")),
    lies_first("answer: without an id", "RPC-24", iq(WRONG_LIST, REG).replace(" id='{id}'", "")),
    lies_first("answer: as a request with the same id", "CORE-34", iq(WRONG_LIST, REG, type="set")),
    lies_first("answer: as a message with the same id", "RPC-24",
        f"<message type='normal' id='{{id}}' from='{REG}'>{WRONG_LIST}</message>"),
    lies_first("answer: an error from a stranger", "RPC-24", iq(GONE, "evil@localhost/1", type="error")),
    lies_first("answer: ten thousand to calls never made", "RPC-24",
        "".join(iq(WRONG_LIST, REG, id=f"n{n}") for n in range(10_000))),
    listing("answer: and the server does not say goodbye", "CORE-08", LISTED, DONE, prints="calc", polite=False),
    listing("answer: twice", "RPC-24", [LISTED, LISTED], DONE, prints="calc"),
    listing("answer: empty", "CORE-34", iq("", REG), UNAVAILABLE),
    listing("answer: something else", "CORE-35", iq("<a xmlns='urn:nobody'/>", REG), UNAVAILABLE),
    listing("answer: an error of a kind nobody knows", "CORE-36",
        iq("<error type='sulk'><tired xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", REG, type="error"), FAILED),
    listing("answer: an error without an error", "CORE-36", iq("", REG, type="error"), FAILED),
    listing("answer: a list of instances that are none", "JID-01", iq(LIST.replace("calc@localhost/1", "@/"), REG), DONE),
    listing("answer: a list with a name that drives the terminal", "CORE-47",
        iq(LIST.replace("name='calc'", "name='&#x9b;2J&#x202e;cal&#x200b;c'"), REG), DONE),
    listing("answer: just below a megabyte", "CORE-44",
        iq(LIST, REG).replace("name='calc'", f"name='calc' mixed='{'x' * 1_000_000}'"), DONE, prints="calc"),
    listing("answer: two megabytes", "CORE-44", iq(LIST.replace("name='calc'", f"name='{'x' * 2_000_000}'"), REG), UNAVAILABLE,
        heard=[b"policy-violation"]),
    listing("answer: without end", "CORE-44", ["<iq type='result' from='services.localhost'>", endless("<a/>")], UNAVAILABLE),
    listing("answer: too deep", "CORE-49", iq("<a>" * 100 + "</a>" * 100, REG), UNAVAILABLE, heard=[b"policy-violation"]),
    listing("answer: not well-formed", "CORE-48", iq("<a></b>", REG), UNAVAILABLE, heard=[b"not-well-formed"]),
    listing("answer: with an entity", "CORE-47", iq("&evil;", REG), UNAVAILABLE, heard=[b"restricted-xml"]),
    listing("answer: a stream error", "CORE-09", stream_error("system-shutdown"), UNAVAILABLE),
    listing("answer: the end of the stream", "CORE-08", "</stream:stream>", UNAVAILABLE),
    listing("answer: the end of the connection", "CORE-08", hang_up, UNAVAILABLE),
    listing("answer: a redirection in a session", "CORE-10", stream_error("see-other-host", "192.0.2.1"), UNAVAILABLE,
        connections=[1]),
]

UNASKED = [
    listing("unasked: a roster push from a stranger", "CORE-32", [iq(PUSH, "evil@localhost/1", type="set", id="push"),
        said("service-unavailable"), LISTED], DONE, prints="calc", heard=[b"id='push'"]),
    listing("unasked: a roster push in the account's name", "CORE-32", [iq(PUSH, "victim@localhost", type="set", id="push"),
        said("service-unavailable"), LISTED], DONE, prints="calc"),
    listing("unasked: a roster push without from", "CORE-32", [iq(PUSH, "x", type="set", id="push").replace(" from='x'", ""),
        said("service-unavailable"), LISTED], DONE, prints="calc"),
    listing("unasked: a call to who serves nothing", "RPC-23",
        [iq("<query xmlns='jabber:iq:rpc'><methodCall><methodName>a</methodName></methodCall></query>", "evil@localhost/1",
        type="set", id="rpc"),
        said("service-unavailable"), LISTED], DONE, prints="calc"),
    listing("unasked: a request nobody knows", "CORE-35", [iq("<a xmlns='urn:nobody'/>", "evil@localhost/1", type="get", id="q"),
        said("service-unavailable"), LISTED], DONE, prints="calc"),
    listing("unasked: a request without payload", "CORE-34", [iq("", "evil@localhost/1", type="get", id="q"),
        said("bad-request"), LISTED], DONE, prints="calc"),
    listing("unasked: a request of a type nobody knows", "CORE-34",
        [iq("<a xmlns='urn:nobody'/>", "evil@localhost/1", type="steal", id="q"), said("bad-request"), LISTED], DONE,
        prints="calc"),
    listing("unasked: an error is not answered", "CORE-36", [iq(GONE, "evil@localhost/1", type="error", id="unasked-error"),
        LISTED], DONE, prints="calc", never=[b"unasked-error"]),
    listing("unasked: a result is not answered", "CORE-36", [iq(LIST, "evil@localhost/1", id="unasked-result"), LISTED], DONE,
        prints="calc", never=[b"unasked-result"]),
    listing("unasked: ten thousand messages", "CORE-49",
        [*["<message from='evil@localhost/1'><body>x</body></message>" * 1000] * 10, LISTED], DONE, prints="calc"),
    listing("unasked: presence of ten thousand", "CORE-49",
        [*["".join(f"<presence from='p{n}@localhost/{k}'/>" for n in range(1000)) for k in range(10)], LISTED], DONE,
        prints="calc"),
    listing("unasked: two thousand requests", "CORE-49",
        [*[iq("<a xmlns='urn:nobody'/>", "evil@localhost/1", type="get", id="q") * 200] * 10, LISTED], DONE, prints="calc"),
    listing("unasked: elements of no stanza", "CORE-13",
        ["<hello/><r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='99'/>", LISTED], DONE, prints="calc"),
    listing("unasked: stanzas of another namespace", "CORE-11",
        ["<message xmlns='jabber:server' from='evil@localhost'/>", LISTED], DONE, prints="calc"),
]


def watch(*instances):
    return iq(f"<watch xmlns='{REGISTRY}'><service name='calc'>" + "".join(instances) + "</service></watch>", REG)


def fault(inner):
    return iq(response(f"<fault><value>{inner}</value></fault>"), SVC)


def says(inner):
    return {"call": iq(response(inner), SVC)}


def moved(condition, uri):
    """The instance says that it is elsewhere now."""
    error = f"<error type='modify'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>{uri}</{condition}></error>"
    return {"call": iq(error, SVC, type="error")}


STRUCT = "<struct><member><name>faultCode</name><value><int>{}</int></value></member><member><name>faultString</name><value>{}</value></member></struct>"

CALLS = [
    calling("call: answered", "RPC-01", DONE, prints="right"),
    calling("call: never answered", "RPC-24", TIMED_OUT, instead={"call": None}, deadline=SHORT),
    calling("call: the registry never answers", "RPC-24", TIMED_OUT, instead={"watch": None}, deadline=SHORT),
    calling("call: the instance never says what it is", "DISCO-01", DONE, prints="right", instead={"info": None}),
    calling("call: nobody offers it", "RPC-23", UNAVAILABLE, instead={"watch": watch()}),
    calling("call: instances that are none", "JID-01", UNAVAILABLE,
        instead={"watch": watch("<instance jid='@' id='1'/>", "<instance id='2'/>", "<evil/>")}),
    calling("call: ten thousand instances", "CORE-49", DONE, prints="right",
        instead={"watch": watch(*["<instance jid='calc@localhost/1' id='1'/>"] * 10_000)}),
    calling("call: an answer from a stranger", "RPC-24", DONE, prints="right",
        instead={"call": [iq(value("wrong"), "evil@localhost/1"), iq(value("right"), SVC)]}),
    calling("call: an answer from the account", "RPC-24", DONE, prints="right",
        instead={"call": [iq(value("wrong"), "calc@localhost"), iq(value("right"), SVC)]}),
    calling("call: an answer from another instance", "RPC-24", DONE, prints="right",
        instead={"call": [iq(value("wrong"), "calc@localhost/2"), iq(value("right"), SVC)]}),
    calling("call: an answer from the server", "RPC-24", DONE, prints="right",
        instead={"call": [iq(value("wrong"), "localhost"), iq(value("right"), SVC)]}),
    calling("call: an answer without from", "RPC-24", DONE, prints="right",
        instead={"call": [iq(value("wrong"), "x").replace(" from='x'", ""), iq(value("right"), SVC)]}),
    calling("call: an error from a stranger", "RPC-24", DONE, prints="right",
        instead={"call": [iq(GONE, "evil@localhost/1", type="error"), iq(value("right"), SVC)]}),
    calling("call: the end of an instance told by a stranger", "CORE-32", DONE, prints="right",
        instead={"call": ["<presence type='unavailable' from='evil@localhost/1'/><presence type='unavailable' from='calc@services.localhost/2'/>",
        iq(value("right"), SVC)]}),
    # Nobody is followed to where somebody says: it is told, and the caller decides.
    calling("call: moved for good", "CORE-38", UNAVAILABLE, instead=moved("gone", "xmpp:evil@localhost/1"), never=[b"evil@localhost"]),
    calling("call: moved for a time", "CORE-38", UNAVAILABLE, instead=moved("redirect", "xmpp:evil@localhost/1"), never=[b"evil@localhost"]),
    calling("call: moved to where no address is", "CORE-38", UNAVAILABLE, instead=moved("redirect", "http://192.0.2.1/&#x202e;"),
        never=[b"192.0.2.1"]),
    calling("call: the instance goes", "RPC-24", LOST,
        instead={"call": f"<presence type='unavailable' from='calc@services.localhost/1'><instance xmlns='{REGISTRY}' jid='{SVC}' id='1'/></presence>"}),
    calling("call: the connection ends", "RPC-24", LOST, instead={"call": hang_up}),
    calling("call: the stream ends", "RPC-24", LOST, instead={"call": "</stream:stream>"}),
    calling("call: a fault", "RPC-12", FAILED, instead={"call": fault(STRUCT.format(-32603, "broken"))}),
    calling("call: a fault that drives the terminal", "RPC-12", FAILED,
        instead={"call": fault(STRUCT.format(-32603, "&#x9b;2J&#x202e;&#10;xbus: done"))}),
    calling("call: a fault without its members", "RPC-12", FAILED, instead={"call": fault("<struct/>")}),
    calling("call: a fault that is text", "RPC-12", FAILED, instead={"call": fault("broken")}),
    calling("call: a fault code out of range", "RPC-13", FAILED, instead={"call": fault(STRUCT.format(99999999999, "x"))}),
    calling("call: a value and a fault", "RPC-11", FAILED,
        instead=says("<params><param><value>a</value></param></params><fault><value>b</value></fault>")),
    calling("call: neither a value nor a fault", "RPC-11", FAILED, instead=says("")),
    calling("call: two values", "RPC-11", FAILED,
        instead=says("<params><param><value>a</value></param><param><value>b</value></param></params>")),
    calling("call: an answer that is a call", "RPC-26", FAILED,
        instead={"call": iq("<query xmlns='jabber:iq:rpc'><methodCall><methodName>a</methodName></methodCall></query>", SVC)}),
    calling("call: an answer without payload", "RPC-02", FAILED, instead={"call": iq("", SVC)}),
    calling("call: an answer of another namespace", "RPC-02", FAILED,
        instead={"call": iq("<methodResponse xmlns='urn:nobody'/>", SVC)}),
    calling("call: an integer out of range", "RPC-13", FAILED, instead={"call": iq(value("<int>2147483648</int>"), SVC)}),
    calling("call: an integer with a space", "RPC-13", FAILED, instead={"call": iq(value("<int> 1</int>"), SVC)}),
    calling("call: a double that is none", "RPC-14", FAILED, instead={"call": iq(value("<double>nan</double>"), SVC)}),
    calling("call: a boolean that is none", "RPC-15", FAILED, instead={"call": iq(value("<boolean>true</boolean>"), SVC)}),
    calling("call: a time that is none", "RPC-16", FAILED,
        instead={"call": iq(value("<dateTime.iso8601>20260231T25:61:61</dateTime.iso8601>"), SVC)}),
    calling("call: base64 that is none", "RPC-09", FAILED, instead={"call": iq(value("<base64>!!</base64>"), SVC)}),
    calling("call: a type nobody knows", "RPC-21", FAILED, instead={"call": iq(value("<quantum>1</quantum>"), SVC)}),
    calling("call: an array without data", "RPC-20", FAILED, instead={"call": iq(value("<array/>"), SVC)}),
    calling("call: a struct member without a name", "RPC-19", FAILED,
        instead={"call": iq(value("<struct><member><value>a</value></member></struct>"), SVC)}),
    calling("call: a value in a value, as deep as a stanza may be", "CORE-49", DONE, prints="x",
        instead={"call": iq(value("<array><data><value>" * 18 + "x" + "</value></data></array>" * 18), SVC)}),
    calling("call: a value in a value, deeper", "CORE-49", LOST,
        instead={"call": iq(value("<array><data><value>" * 22 + "x" + "</value></data></array>" * 22), SVC)},
        heard=[b"policy-violation"]),
    calling("call: an answer of two megabytes", "CORE-44", LOST, instead={"call": iq(value("x" * 2_000_000), SVC)}),
    calling("call: a hundred thousand members", "CORE-49", DONE,
        instead={"call": iq(value("<array><data>" + "<value/>" * 100_000 + "</data></array>"), SVC)}),
    calling("call: text that drives the terminal", "CORE-47", DONE, instead={"call": iq(value("&#x9b;2J&#x202e;&#x200b;"), SVC)}),
    calling("call: a description of ten thousand features", "CORE-49", DONE, prints="right",
        instead={"info": iq(INFO.replace("<feature", "".join(f"<feature var='f{n}'/>" for n in range(10_000)) + "<feature", 1),
        SVC)}),
]

THEMES = [("answers that lie", ANSWERS), ("what nobody asked for", UNASKED), ("calls to a hostile service", CALLS)]
