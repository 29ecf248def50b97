"""The registry beside Prosody: the cases of the registry inside xbusd, but for what the server itself answers, and
floods."""
from cases_registry import CALL, DISCOVERY, DISPATCH, NAMES, REGISTRY, SVC, lists, registers, settled
from script import Wrong, at, error, gets, quiet, session
from wire import CLIENT

OF_XBUSD = ("server", "own account", "bomb:")  # cases of xbusd's own disco; stanzas larger than Prosody takes


def beside(rows):
    for name, rule, place, steps in rows:
        if not any(word in name for word in OF_XBUSD):
            yield (f"beside: {name}", rule, place, steps)


def answers(count, condition, of):
    """So many errors of this condition, whatever else comes."""
    def step(run, wire):
        left = count
        while left:
            element = wire.expect("element", seconds=60)
            if element.get("type") == "error" and element.tag == CLIENT + of:
                if element.find(f".//{{urn:ietf:params:xml:ns:xmpp-stanzas}}{condition}") is None:
                    raise Wrong(f"another error than {condition}")
                left -= 1
    return step


def drained(run, wire):
    """All that was asked is answered: this comes last."""
    wire.send("<iq type='get' id='drained' to='services.localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    while wire.expect("element", seconds=60).get("id") != "drained":
        pass


FLOODS = [
    ("beside: five hundred names", "CORE-49", "session",
        ["".join(f"<presence id='p{n}' to='flood{n}-$%@services.localhost'/>" for n in range(500)),
        answers(400, "resource-constraint", "presence"), drained, lambda run, wire: lists()(run, session(run, "mallory"))]),
    ("beside: there and not there, five hundred times", "CORE-49", "session",
        [f"<presence to='{SVC}'/><presence type='unavailable' to='{SVC}'/>" * 500, drained,
        lambda run, wire: lists(lacks="$!mallory")(run, session(run, "mallory"))]),
    ("beside: calls to a service nobody offers", "RPC-23", "session",
        [f"<iq type='set' id='c' to='none$%@services.localhost'>{CALL}</iq>" * 500, answers(500, "service-unavailable", "iq"),
        quiet]),
    ("beside: watches of everything", "CORE-49", "session",
        [f"<iq type='set' id='w' to='services.localhost'><watch xmlns='{REGISTRY}'><service name='w$%'/></watch></iq>" * 500,
        drained, quiet]),
    ("beside: errors that answer errors", "CORE-36", "session",
        [f"<presence type='error' to='{SVC}'><error type='cancel'/></presence>"
        "<iq type='error' id='1' to='services.localhost'><error type='cancel'/></iq>"
        f"<message type='error' to='{SVC}'><error type='cancel'/></message>" * 500, settled, quiet]),
    ("beside: a push of a watch by who is not the registry", "CORE-32", "session",
        [at("bob", "<presence/>", gets("presence")),
        f"<presence from='{SVC}/x' to='$bob'><instance xmlns='{REGISTRY}' jid='$mallory' id='x'/></presence>",
        at("bob", gets("presence", from_="$mallory"))]),
    ("beside: an instance that answers others' calls", "RPC-24", "session",
        [at("bob", registers()), at("carol", f"<iq type='set' id='c' to='{SVC}'>{CALL}</iq>"),
        at("bob", lambda run, wire: run.kept.update(call=wire.expect("element"))),
        *[lambda run, wire: wire.send(f"<iq type='result' id='{run.kept['call'].get('id')}' to='{run.kept['call'].get('from')}'/>")]
        * 100, settled, at("carol", quiet),
        at("bob", lambda run, wire: wire.send(
        f"<iq type='result' id='{run.kept['call'].get('id')}' to='{run.kept['call'].get('from')}'/>")),
        at("carol", gets("iq", type="result", id="c", from_=SVC))]),
]

THEMES = [
    ("names, beside Prosody", list(beside(NAMES)), "beside"),
    ("calls, beside Prosody", list(beside(DISPATCH)), "beside"),
    ("discovery, beside Prosody", list(beside(DISCOVERY)), "beside"),
    ("floods, beside Prosody", FLOODS, "beside"),
]
