"""The registry: other people's names, answers that are nobody's to give, bombs in what services say of themselves."""
import xml.etree.ElementTree as ET

from script import PLACES, Wrong, at, error, gets, quiet, sweep
from wire import CLIENT, told

REGISTRY = "urn:xbus:registry:0"
CALLS = "urn:xbus:call:0"
INFO, ITEMS = "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items"
SVC = "svc$%@services.localhost"
CALL = "<query xmlns='jabber:iq:rpc'><methodCall><methodName>work</methodName></methodCall></query>"
DONE = ("<query xmlns='jabber:iq:rpc'><methodResponse><params><param><value>{}</value></param></params></methodResponse></query>")


def info(features="<feature var='jabber:iq:rpc'/>", methods=("work",), more=""):
    fields = "".join(f"<value>{method}</value>" for method in methods)
    return (f"<query xmlns='{INFO}'><identity category='automation' type='rpc'/>{features}<x xmlns='jabber:x:data' type='result'>"
            f"<field var='FORM_TYPE' type='hidden'><value>urn:xbus:interface:0</value></field><field var='name'><value>svc$%</value></field>"
            f"<field var='methods'>{fields}</field>{more}</x></query>")


def registers(payload=None, name=SVC):
    """The actor offers the service and answers the registry's question what it is; listed when it is through."""
    def step(run, wire):
        wire.send(run.text(f"<presence to='{name}'/>"))
        listed = wire.expect("element", CLIENT + "presence")
        if listed.get("type"):
            raise Wrong(f"not listed: {told('element', listed)}")
        asked = wire.expect("element", CLIENT + "iq")
        wire.send(run.text(f"<iq type='result' id='{asked.get('id')}' to='{asked.get('from')}'>{payload or info()}</iq>"))
        quiet(run, wire)
        settled(run, wire)
    return step


def settled(run, wire):
    """The registry has dealt with what it was sent: it answers a ping."""
    wire.send("<iq type='get' id='settled' to='services.localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    element = wire.expect("element")
    if element.get("id") != "settled":
        raise Wrong(f"expected nothing, got {told('element', element)}")


def takes_call(run, wire):
    """A call comes from the registry under a token."""
    call = wire.expect("element", CLIENT + "iq")
    source = call.get("from")
    if not source.startswith(run.text(SVC) + "/") or call.get("type") != "set":
        raise Wrong(f"no call by the registry: {told('element', call)}")
    run.kept["token"], run.kept["id"] = source, call.get("id")
    run.kept["call"] = told("element", call)


def answers(value="right", id=None, to=None, type="result"):
    """An answer to the call of takes_call(), whoever sends it."""
    def step(run, wire):
        wire.send(f"<iq type='{type}' id='{id or run.kept['id']}' to='{run.text(to) if to else run.kept['token']}'>{DONE.format(value)}</iq>")
    return step


def call_does_not_hold(*words):
    def step(run, wire):
        for word in words:
            if run.text(word) in run.kept["call"]:
                raise Wrong(f"{word} is in {run.kept['call']}")
    return step


def lists(holds=(), lacks=(), name="svc$%"):
    """Anybody can still ask who is there; what the list says of this service holds these words and not those."""
    def step(run, wire):
        wire.send(f"<iq type='get' id='list' to='services.localhost'><services xmlns='{REGISTRY}'/></iq>")
        answer = wire.expect("element")
        if answer.get("id") != "list" or answer.get("type") != "result":
            raise Wrong(f"no list: {told('element', answer)}")
        said = " ".join(ET.tostring(entry, encoding="unicode") for entry in answer[0] if entry.get("name") == run.text(name))
        for word in (holds,) if isinstance(holds, str) else holds:
            if run.text(word) not in said:
                raise Wrong(f"{run.text(word)!r} is not in {said[:300]!r}")
        for word in (lacks,) if isinstance(lacks, str) else lacks:
            if run.text(word) in said:
                raise Wrong(f"{run.text(word)!r} is in {said[:300]!r}")
    return step


def ask(inner, type="get", to="services.localhost"):
    return f"<iq type='{type}' id='1' to='{to}'>{inner}</iq>"


def own(verb, rest="name='svc$%'"):
    return ask(f"<{verb} xmlns='{REGISTRY}' {rest}/>", "set")


def one_refused(run, wire):
    """100 names are listed, one is refused; the registry asks about each of them."""
    refused = listed = 0
    while refused + listed < 101:
        element = wire.expect("element")
        if element.tag == CLIENT + "presence":
            refused += element.get("type") == "error"
            listed += element.get("type") is None
    if refused != 1:
        raise Wrong(f"{listed} listed, {refused} refused")
    # Its questions are still coming.
    wire.send("<iq type='get' id='end' to='services.localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    while wire.expect("element").get("id") != "end":
        pass


def answer_info(payload, type="result"):
    def step(run, wire):
        asked = wire.expect("element", CLIENT + "iq")
        wire.send(f"<iq type='{type}' id='{asked.get('id')}' to='services.localhost'>{payload}</iq>")
        settled(run, wire)
    return step


def small_list(run, wire):
    """What anybody gets who asks for the list stays below what any client takes (XEP-0478: 256 KiB is assumed)."""
    before = wire.bytes_read
    lists()(run, wire)
    if wire.bytes_read - before > 256 * 1024:
        raise Wrong(f"the list has {wire.bytes_read - before} bytes")


CALLED = [at("bob", registers()), at("carol", f"<iq type='set' id='c' to='{SVC}'>{CALL}</iq>"), at("bob", takes_call)]
RIGHT = [at("bob", answers()), at("carol", gets("iq", type="result", id="c", from_=SVC, holds="right"), quiet)]

NAMES = [
    ("name: another's", "RPC-07", "session", [at("bob", registers()), f"<presence id='1' to='{SVC}'/>",
        error("conflict", of="presence"), lists(holds="$bob", lacks="$mallory")]),
    ("name: another's, in other letters", "JID-03", "session",
        [at("bob", registers()), "<presence id='1' to='SVC$%@services.localhost'/>", error("conflict", of="presence"),
        lists(lacks="$mallory")]),
    ("name: another's, escaped", "JID-04", "session",
        [at("bob", registers()), "<presence id='1' to='&#115;vc$%@services.localhost'/>", error("conflict", of="presence")]),
    ("name: another's, with a resource", "RPC-07", "session",
        [at("bob", registers()), f"<presence id='1' to='{SVC}/x'/>", error("conflict", of="presence")]),
    ("name: another's, in the owner's name", "CORE-32", "session",
        [at("bob", registers()), f"<presence id='1' from='$bob' to='{SVC}'/>", error("conflict", of="presence"),
        lists(holds="$bob", lacks="$mallory")]),
    ("name: another's, when it is not there", "RPC-07", "session",
        [at("bob", registers(), f"<presence type='unavailable' to='{SVC}'/>", settled), f"<presence id='1' to='{SVC}'/>",
        error("conflict", of="presence")]),
    ("name: another's instance in one's own presence", "CORE-32", "session",
        [at("bob", quiet), f"<presence to='{SVC}'><instance xmlns='{REGISTRY}' jid='$bob' id='bob'/></presence>",
        gets("presence", holds="$mallory", lacks="$bob"), gets("iq", type="get"),
        at("bob", lists(holds="$mallory", lacks="$bob"))]),
    ("name: ending another's instance", "CORE-32", "session",
        [at("bob", registers()), f"<presence type='unavailable' to='{SVC}'/>", settled, lists(holds="$bob")]),
    ("name: ending another's instance in its name", "CORE-32", "session",
        [at("bob", registers()), f"<presence type='unavailable' from='$bob' to='{SVC}'/>", settled, lists(holds="$bob")]),
    ("name: an error in an instance's name", "CORE-32", "session",
        [at("bob", registers()), f"<presence type='error' from='$bob' to='{SVC}'><error type='cancel'/></presence>", settled,
        lists(holds="$bob")]),
    ("name: giving away another's", "RPC-06", "session", [at("bob", registers()), own("give", "name='svc$%' owner='$~mallory'"),
        error("forbidden"), lists(holds="$bob")]),
    ("name: giving away nobody's", "RPC-06", "session", [own("give", "name='free$%' owner='$~mallory'"), error("forbidden")]),
    ("name: releasing another's", "RPC-06", "session", [at("bob", registers()), own("release"), error("forbidden"),
        lists(holds="$bob")]),
    ("name: releasing nobody's", "RPC-06", "session", [own("release", "name='free$%'"), error("forbidden")]),
    ("name: giving by get", "CORE-35", "session",
        [ask(f"<give xmlns='{REGISTRY}' name='svc$%' owner='$~mallory'/>"), error("service-unavailable")]),
    ("name: one that is none", "JID-01", "session", sweep(["", "name=''", f"name='{'n' * 1100}'"],
        lambda rest: [own("release", rest), error("bad-request")])),
    ("name: too many", "CORE-49", "session",
        ["".join(f"<presence id='p{n}' to='many{n}-$%@services.localhost'/>" for n in range(101)),
        one_refused, lists()]),
    ("name: the registry itself", "RPC-07", "session", ["<presence to='services.localhost'/>", settled, lists(lacks="$mallory")]),
    ("name: by a subscription", "RPC-07", "session",
        [f"<presence type='subscribe' to='{SVC}'/>", settled, lists(lacks="$mallory")]),
    ("name: weights and states that are none", "CORE-45", "session",
        sweep(["weight='-1'", "weight='999999999999'", "weight='x' state='gone'", "load='-5'", "id=''"],
        lambda rest: [f"<presence to='w$%@services.localhost'><instance xmlns='{REGISTRY}' {rest}/></presence>",
        gets("presence", type=None), gets("iq", type="get"), settled, lists(holds="$mallory", name="w$%")])),
]


DISPATCH = [
    ("dispatch: the answer comes from another JID", "RPC-24", "session", [*CALLED, answers("wrong"), settled, at("carol", quiet),
        *RIGHT]),
    ("dispatch: the answer comes from another session of the callee", "RPC-24", "session",
        [*CALLED, lambda run, wire: run.wires.update(desk=PLACES["session"](run, "bob")),
        lambda run, wire: (answers("wrong")(run, run.wires["desk"]), settled(run, run.wires["desk"])), at("carol", quiet),
        *RIGHT]),
    ("dispatch: the answer comes in the callee's name", "CORE-32", "session", [*CALLED,
        lambda run, wire: wire.send(f"<iq type='result' from='{run.wires['bob'].jid}' id='{run.kept['id']}' to='{run.kept['token']}'>{DONE.format('wrong')}</iq>"),
        settled, at("carol", quiet), *RIGHT]),
    ("dispatch: the answer has another id", "RPC-24", "session", [*CALLED, at("bob", answers("wrong", id="other"), settled),
        at("carol", quiet), *RIGHT]),
    ("dispatch: the answer has another token", "RPC-24", "session", [*CALLED,
        at("bob", answers("wrong", to=SVC + "/0000"), settled), at("carol", quiet), *RIGHT]),
    ("dispatch: the answer goes to the service, without a token", "RPC-24", "session",
        [*CALLED, at("bob", answers("wrong", to=SVC), settled), at("carol", quiet), *RIGHT]),
    ("dispatch: the answer goes past the registry", "RPC-24", "session", [*CALLED,
        at("bob", answers("wrong", id="c", to="$carol"), quiet),
        at("carol", gets("iq", from_="$bob", id="c", holds="wrong")), *RIGHT]),
    ("dispatch: two answers", "RPC-24", "session", [*CALLED, *RIGHT, at("bob", answers("again"), settled), at("carol", quiet)]),
    ("dispatch: a token used for something else", "RPC-24", "session",
        [*CALLED, lambda run, wire: wire.send(f"<iq type='set' id='1' to='{run.kept['token']}'>{CALL}</iq>"),
        error("service-unavailable"), at("bob", quiet), *RIGHT]),
    ("dispatch: an error without a reason is passed on as it is", "CORE-36", "session",
        [*CALLED, at("bob", lambda run, wire: wire.send(
        f"<iq type='error' id='{run.kept['id']}' to='{run.kept['token']}'><error type='cancel'><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")),
        at("carol", error("undefined-condition", id="c", from_=SVC))]),
    ("dispatch: the callee leaves with the call", "RPC-24", "session", [*CALLED, at("bob", lambda run, wire: wire.close()),
        at("carol", error("undefined-condition", id="c", from_=SVC))]),
    ("dispatch: whoever calls is not who it says", "CORE-32", "session",
        [at("bob", registers(info("<feature var='jabber:iq:rpc'/><feature var='urn:xbus:call:0'/>"))),
        f"<iq type='set' id='c' to='{SVC}'><query xmlns='jabber:iq:rpc' xmlns:x='{CALLS}' x:on-behalf-of='root@localhost/x'><methodCall><methodName>work</methodName></methodCall></query></iq>",
        at("bob", takes_call, call_does_not_hold("root@localhost"), answers()),
        gets("iq", type="result", id="c", holds="right")]),
    ("dispatch: a strict instance sees no word of ours", "RPC-25", "session", [at("bob", registers()),
        f"<iq type='set' id='c' to='{SVC}'><query xmlns='jabber:iq:rpc' xmlns:x='{CALLS}' x:on-behalf-of='root@localhost/x' x:key='k'><methodCall><methodName>work</methodName></methodCall></query></iq>",
        at("bob", takes_call, call_does_not_hold("root@localhost", CALLS), answers()),
        gets("iq", type="result", id="c", holds="right")]),
    ("dispatch: metadata that is none", "RPC-26", "session", [at("bob", registers()),
        *[step for text in ("x", "-1", "", "1e3") for step in (
        f"<iq type='set' id='1' to='{SVC}'><query xmlns='jabber:iq:rpc' xmlns:x='{CALLS}' x:deadline='{text}'><methodCall><methodName>work</methodName></methodCall></query></iq>",
        error("bad-request"))], at("bob", quiet)]),
    ("dispatch: metadata too large", "CORE-49", "session", [at("bob", registers()),
        f"<iq type='set' id='1' to='{SVC}'><query xmlns='jabber:iq:rpc' xmlns:x='{CALLS}' x:key='{'k' * 5000}'><methodCall><methodName>work</methodName></methodCall></query></iq>",
        error("bad-request"), at("bob", quiet)]),
    ("dispatch: a call by get", "RPC-01", "session",
        [at("bob", registers()), f"<iq type='get' id='1' to='{SVC}'>{CALL}</iq>", error("bad-request"), at("bob", quiet)]),
    ("dispatch: a service that is not there", "RPC-23", "session",
        [ask(CALL, "set", "none$%@services.localhost"), error("service-unavailable")]),
    ("dispatch: another payload", "CORE-35", "session", [at("bob", registers()), ask("<a xmlns='urn:nobody'/>", "set", SVC),
        error("service-unavailable"), at("bob", quiet)]),
    ("dispatch: a call to the registry itself", "CORE-35", "session", [ask(CALL, "set"), error("service-unavailable")]),
    ("dispatch: a call in the registry's name", "CORE-32", "session",
        [at("bob", registers()), f"<iq type='set' id='1' from='{SVC}/token' to='$bob'>{CALL}</iq>", quiet,
        at("bob", gets("iq", from_="$mallory"))]),
    ("dispatch: an answer in the registry's name", "CORE-32", "session",
        [*CALLED, lambda run,
        wire: wire.send(run.text(f"<iq type='result' from='{SVC}' id='c' to='$carol'>{DONE.format('wrong')}</iq>")), quiet,
        at("carol", gets("iq", from_="$mallory", id="c")), *RIGHT]),
    ("dispatch: a message to the registry", "CORE-45", "session",
        ["<message to='services.localhost'><body>x</body></message>", settled]),
    ("dispatch: an answer to nothing", "RPC-24", "session",
        ["<iq type='result' id='ping-1' to='services.localhost'/>", f"<iq type='result' id='1' to='{SVC}/x'/>", settled]),
]

DISCOVERY = [
    ("disco: a node nobody knows, server", "DISCO-01", "session",
        sweep([INFO, ITEMS], lambda ns: [ask(f"<query xmlns='{ns}' node='x'/>", to="localhost"), error("item-not-found")])),
    ("disco: a node nobody knows, registry", "DISCO-01", "session",
        sweep([INFO, ITEMS], lambda ns: [ask(f"<query xmlns='{ns}' node='x'/>"), error("item-not-found")])),
    ("disco: a node nobody knows, own account", "DISCO-01", "session",
        sweep([INFO, ITEMS], lambda ns: [f"<iq type='get' id='1'><query xmlns='{ns}' node='x'/></iq>", error("item-not-found")])),
    ("disco: a service nobody offers", "DISCO-01", "session",
        sweep([INFO, ITEMS], lambda ns: [ask(f"<query xmlns='{ns}'/>", to="none$%@services.localhost"),
        error("item-not-found")])),
    ("disco: by set", "CORE-35", "session", sweep([INFO, ITEMS],
        lambda ns: [ask(f"<query xmlns='{ns}'/>", "set"), error("service-unavailable")])),
    ("watch: a name that is none", "JID-01", "session",
        [ask(f"<watch xmlns='{REGISTRY}'><service name='{'n' * 1100}'/></watch>", "set"), error("jid-malformed")]),
    ("watch: ten thousand names in one request", "CORE-49", "session",
        [ask(f"<watch xmlns='{REGISTRY}'>" + "".join(f"<service name='n{n}'/>" for n in range(10_001)) + "</watch>", "set"),
        error("resource-constraint"), lists()]),
    ("bomb: ten thousand methods", "CORE-49", "session",
        [registers(info(methods=[f"method{n}" for n in range(10_000)])), at("bob", lists(holds="$mallory"))]),
    ("bomb: a megabyte of methods, listed by others", "CORE-49", "session",
        [registers(info(methods=[f"m{n}.{'m' * 900}" for n in range(1000)])), at("bob", lists(holds="$mallory"), small_list)]),
    ("bomb: many services of many methods, listed by others", "CORE-49", "session",
        [*[registers(info(methods=[f"m{n}.{'m' * 90}" for n in range(600)]),
        name=f"bomb{k}-$%@services.localhost") for k in range(20)],
        at("bob", small_list)]),
    ("bomb: a version of a megabyte", "CORE-49", "session",
        [registers(info(more=f"<field var='version'><value>{'v' * 900_000}</value></field>")),
        at("bob", lists(holds="$mallory"), small_list)]),
    ("bomb: ten thousand features", "CORE-49", "session",
        [registers(info("".join(f"<feature var='f{n}'/>" for n in range(10_000)))), at("bob", lists(holds="$mallory"))]),
    ("bomb: a form in a form in a form", "CORE-49", "session",
        [registers(info(more="<field>" * 50 + "</field>" * 50)), at("bob", lists(holds="$mallory"))]),
    ("bomb: an error instead of a description", "DISCO-01", "session",
        [f"<presence to='{SVC}'/>", gets("presence", type=None),
        answer_info("<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "error"),
        lists()]),
    ("bomb: a description that is something else", "DISCO-01", "session",
        [f"<presence to='{SVC}'/>", gets("presence", type=None),
        answer_info("<query xmlns='jabber:iq:roster'><item jid='x'/></query>"), lists(holds="$mallory")]),
    ("bomb: a description that another gives", "RPC-24", "session",
        [at("bob", f"<presence to='{SVC}'/>", gets("presence", type=None), lambda run,
        wire: run.kept.update(asked=wire.expect("element"))),
        lambda run, wire: wire.send(run.text(f"<iq type='result' id='{run.kept['asked'].get('id')}' to='services.localhost'>{info(methods=['forged'])}</iq>")),
        settled,
        at("bob", lists(holds="$bob", lacks="forged"))]),
    ("bomb: a name that is another's in the description", "RPC-07", "session",
        [at("bob", registers()), registers(info().replace("svc$%", "SVC$%"), name="other$%@services.localhost"),
        at("carol", f"<iq type='set' id='c' to='{SVC}'>{CALL}</iq>"), at("bob", takes_call, answers()),
        at("carol", gets("iq", type="result", id="c"))]),
]


THEMES = [("names of services", NAMES), ("calls through the registry", DISPATCH), ("discovery", DISCOVERY)]
