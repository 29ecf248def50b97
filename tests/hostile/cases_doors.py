"""The other doors of a service: the forms of its commands (XEP-0050), chat with it, and calls that come in pieces."""
import base64
import time

from cases_service import call, method, params, with_metadata
from script import PLACES, Wrong, at, error, gets, quiet, session, sweep
from wire import CLIENT, told

COMMANDS, PIECES, OURS = "http://jabber.org/protocol/commands", "urn:xbus:pieces:0", "urn:xbus:call:0"
KIOSK = "$kiosk"


def command(inner="", rest="", id="1", node="say", to=KIOSK, type="set"):
    return f"<iq type='{type}' id='{id}' to='{to}'><command xmlns='{COMMANDS}' node='{node}' {rest}>{inner}</command></iq>"


def form(fields="", type="submit"):
    return f"<x xmlns='jabber:x:data' type='{type}'>{fields}</x>"


def field(value="hello", var="text"):
    return f"<field var='{var}'><value>{value}</value></field>"


def begins(run, wire):
    """A form to fill in; the session it belongs to is kept."""
    wire.send(run.text(command()))
    answer = wire.expect("element")
    executing = answer.find(f"{{{COMMANDS}}}command")
    if executing is None or executing.get("status") != "executing":
        raise Wrong(f"no form: {told('element', answer)}")
    run.kept["session"] = executing.get("sessionid")


def fills(inner=None, rest="", node="say"):
    """The next step of the session that was kept."""
    def step(run, wire):
        wire.send(run.text(command(form(field()) if inner is None else inner, f"sessionid='{run.kept['session']}' {rest}", node=node)))
    return step


COMPLETED = gets("iq", type="result", id="1", holds=("completed", "hello"))


def many_forms(run, wire):
    """Forms that are never filled in: whoever opens them is told when they are too many, and others still get theirs."""
    wire.send("".join(run.text(command(id=f"f{n}")) for n in range(600)))
    refused = [element for element in (wire.expect("element") for _ in range(600)) if element.get("type") == "error"]
    if not refused or any(e.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint") is None for e in refused):
        raise Wrong(f"{len(refused)} of 600 forms refused: {told('element', refused[0]) if refused else ''}")


# What is no form, or not this one.
BOMBS = [
    form("<field>" * 40 + "</field>" * 40), form("".join(field(var=f"v{n}") for n in range(2000))),
    form("<field var='text'>" + "<value>x</value>" * 10_000 + "</field>"), form(field(var="other")),
    form("<item>" + field() + "</item>"), form("<field var='text'><option><value>x</value></option></field>"),
    form(field(), "form"), form(field(), "result"), form(field(), "nonsense"), form(), "<x xmlns='jabber:x:data'/>", "text",
]

FORMS = [
    ("form: filled in", "CMD-01", "session", [begins, fills(), COMPLETED]),
    ("form: another's session", "CMD-02", "session", [at("bob", begins), fills(), error("bad-request"), at("bob", fills(), COMPLETED)]),
    ("form: another resource's session", "CMD-02", "session", [begins,
        lambda run, wire: run.wires.update(desk=session(run, "mallory")),
        lambda run, wire: (fills()(run, run.wires["desk"]), error("bad-request")(run, run.wires["desk"])), fills(), COMPLETED]),
    ("form: a session for another command", "CMD-02", "session", [begins, fills(node="once"), error("bad-request"), fills(), COMPLETED]),
    ("form: filled in twice", "CMD-02", "session", [begins, fills(), COMPLETED, fills(), error("bad-request")]),
    ("form: sessions that are none", "CMD-02", "session",
        sweep(["x", "-1", "y" * 4000, "&#8238;"], lambda id: [command(form(field()), f"sessionid='{id}'"), error("bad-request")])),
    ("form: steps that are none", "CMD-03", "session",
        [*[step for action in ("next", "prev", "finish", "") for step in (begins, fills(rest=f"action='{action}'"), error("bad-request"))],
        begins, fills(rest="action='cancel'"), gets("iq", type="result", holds="canceled"), fills(), error("bad-request")]),
    ("form: bombs", "CMD-03", "session", sweep(BOMBS, lambda inner: [begins, fills(inner), error("bad-request"), quiet])),
    ("form: a word of half a megabyte", "CORE-49", "session",
        [begins, fills(form(field("w" * 500_000))), gets("iq", type="result", holds="completed"), quiet]),
    ("form: a command nobody has", "CMD-01", "session",
        sweep(["none", "n" * 2000, "../say"], lambda node: [command(node=node), error("item-not-found")])),
    ("form: of an admin's commands", "RPC-06", "session",
        sweep(["system.drain", "system.logLevel", "system.stats", "processes"],
        lambda node: [command(node=node, to="$agent"), error("forbidden")])),
    ("form: of an admin's commands, in its name", "CORE-32", "session",
        [command(node="system.drain", to="$agent").replace("<iq ", "<iq from='root@localhost/x' "), error("forbidden")]),
    ("form: of the bus's counters", "RPC-06", "session",
        [command(node="urn:xbus:xbusd:counters", to="localhost"), error("forbidden")]),
    ("form: more than one may have open", "CORE-49", "session", [many_forms, at("bob", begins, fills(), COMPLETED), quiet]),
]


def say(text, more="", id="c1"):
    return f"<message type='chat' id='{id}' to='{KIOSK}'><body>{text}</body>{more}</message>"


def told_in_chat(*holds, id="c1", lacks=()):
    return gets("message", from_=KIOSK, id=id, holds=holds, lacks=lacks)


def at_most(count):
    """The answers of one chat_time: so many, and the last question is heard again later."""
    def step(run, wire):
        began = time.monotonic()
        wire.send("".join(run.text(say("help", id=f"h{n}")) for n in range(500)))
        quiet_at, answers = run.text(call(method(), id="end", to=KIOSK)), 0
        wire.send(quiet_at)
        while True:
            element = wire.expect("element")
            if element.get("id") == "end":
                break
            answers += 1
        if answers > count and time.monotonic() - began < 9:
            raise Wrong(f"{answers} answers")
    return step


def a_crowd(run, wire):
    """As many people as a component can invent ask all at once, and again."""
    who = [f"p{n}@{wire.jid}" for n in range(3000)]
    wire.send("".join(run.text(say("once").replace("<message ", f"<message from='{each}' ")) for each in who))
    quiet(run, wire)


PEOPLE = [
    ("chat: a question", "CORE-45", "session", [say("say hello"), told_in_chat("hello")]),
    ("chat: on behalf of an admin", "CORE-32", "session",
        [say("system.drain", f"<chat xmlns='{OURS}' on-behalf-of='root@localhost/x'/>").replace(KIOSK, "$agent"),
        gets("message", from_="$agent", id="c1", lacks="done"), call(method(), id="2"), gets("iq", type="result", id="2")]),
    ("chat: of an admin's methods", "RPC-06", "session",
        [say("processes 3").replace(KIOSK, "$agent"), gets("message", from_="$agent", holds="forbidden")]),
    ("chat: words that drive a terminal", "CORE-49", "session",
        [say("say \u202eevil\u2066\u009b31m"), told_in_chat(lacks=("\u202e", "\u2066", "\u009b"))]),
    ("chat: quotes that never end", "CORE-45", "session", sweep(["say \"x", "say 'x", "say \\", "say {", "say [1,"],
        lambda line: [say(line), gets("message", from_=KIOSK, id="c1"), quiet])),
    ("chat: a line of a megabyte", "CORE-49", "session", [say("say " + "x" * 900_000), told_in_chat("too long")]),
    ("chat: a question five hundred times", "CORE-49", "session", [at_most(20), at("bob", say("say hello"), told_in_chat("hello"))]),
    ("chat: answers that are answered", "CORE-36", "session",
        [say("say hello", f"<answer xmlns='{OURS}'/>") * 50, call(method(), id="2", to=KIOSK), gets("iq", type="result", id="2")]),
    ("chat: errors that are answered", "CORE-36", "session",
        ["<message type='error' id='c1' to='$kiosk'><body>say hello</body><error type='cancel'/></message>" * 50,
        call(method(), id="2", to=KIOSK), gets("iq", type="result", id="2")]),
    ("chat: a crowd that a component invents", "CORE-49", "component",
        [a_crowd, at("bob", say("say hello"), told_in_chat("hello"))]),
]


def piece(text="x" * 100, seq=0, rest="for='call' size='100'", id="m$%", of="1"):
    data = text if isinstance(text, str) and text.startswith("!") else base64.b64encode(text.encode()).decode()
    return f"<iq type='set' id='{of}' to='{KIOSK}'><piece xmlns='{PIECES}' id='{id}' seq='{seq}' {rest}>{data}</piece></iq>"


def whole(id="m$%", of="1"):
    return f"<iq type='set' id='{of}' to='{KIOSK}'><whole xmlns='{PIECES}' id='{id}' deadline='5000'/></iq>"


TAKEN = gets("iq", type="result", id="1", from_=KIOSK)


def many_messages(run, wire):
    """Messages that begin and never end: what one account may hold is bounded, and others begin theirs."""
    wire.send("".join(run.text(piece(id=f"b{n}", of=f"b{n}", rest="for='call' size='1000000'")) for n in range(1000)))
    refused = [element for element in (wire.expect("element") for _ in range(1000)) if element.get("type") == "error"]
    if not 900 < len(refused) < 1000 or any(e.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint") is None
                                           for e in refused):
        raise Wrong(f"{len(refused)} of 1000 messages refused: {told('element', refused[0]) if refused else ''}")


IN_PIECES = [
    ("pieces: none that is one", "RPC-26", "session",
        sweep([piece(rest="for='call'"), piece(rest="for='call' size='-1'"), piece(rest="for='call' size='x'"),
        piece(rest="for='thing' size='100'"), piece(rest="size='100'"), piece("!", rest="for='call' size='100'"), piece("", rest="for='call' size='100'"),
        piece(seq="x"), piece(seq="-1"), piece(id=""), piece(id="i" * 5000), piece("x" * 49_153, rest="for='call' size='49153'"),
        piece(rest="for='call' size='99'"), piece().replace("<piece ", "<thing ").replace("</piece>", "</thing>")],
        lambda text: [text, error("bad-request", from_=KIOSK), quiet])),
    ("pieces: larger than any message", "CORE-49", "session",
        [piece(rest="for='call' size='16777217'"), error("policy-violation", from_=KIOSK)]),
    ("pieces: an answer nobody waits for", "RPC-24", "session", [piece(rest="for='answer' size='100'"), error("forbidden", from_=KIOSK)]),
    ("pieces: of who may call nothing", "RPC-06", "component",
        [piece().replace("<iq ", "<iq from='$mallory' "), error("forbidden", from_=KIOSK)]),
    ("pieces: the second first", "RPC-26", "session", [piece(seq=1, rest=""), error("item-not-found", from_=KIOSK)]),
    ("pieces: out of order", "RPC-26", "session", [piece(rest="for='call' size='1000'"), TAKEN, piece(seq=2, rest=""),
        error("unexpected-request", from_=KIOSK), piece(seq=1, rest=""), error("item-not-found", from_=KIOSK)]),
    ("pieces: more than was said", "RPC-26", "session", [piece(rest="for='call' size='150'"), TAKEN, piece(seq=1, rest=""),
        error("bad-request", from_=KIOSK), whole(), error("item-not-found", from_=KIOSK)]),
    ("pieces: called before it is whole", "RPC-26", "session",
        [piece(rest="for='call' size='150'"), TAKEN, whole(), error("item-not-found", from_=KIOSK)]),
    ("pieces: another's message", "CORE-32", "session", [at("bob", piece(), TAKEN), whole(), error("item-not-found", from_=KIOSK),
        at("bob", whole(), gets("iq", id="1", holds="error"))]),
    ("pieces: another's message is dropped", "CORE-32", "session", [at("bob", piece(rest="for='call' size='150'"), TAKEN),
        f"<message to='$kiosk'><drop xmlns='{PIECES}' id='m$%'/></message>", call(method(), to=KIOSK), gets("iq", type="result"),
        at("bob", piece("x" * 50, seq=1, rest=""), TAKEN)]),
    ("pieces: a message that is no call", "RPC-02", "session", [piece(), TAKEN, whole(), error("bad-request", from_=KIOSK)]),
    ("pieces: more than one may hold", "CORE-49", "session", [many_messages, at("bob", piece(), TAKEN), quiet]),
]


def once(attributes, id="1"):
    return call(method("once"), attributes=with_metadata(attributes), id=id, to=KIOSK)


def uuid_of(element):
    return "".join(element.itertext()).strip()


def many_keys(count):
    def step(run, wire):
        for begin in range(0, count, 1000):
            wire.send("".join(run.text(call(method(), attributes=with_metadata(f"x:key='{n}'"), id=f"k{n}", to=KIOSK))
                              for n in range(begin, begin + 1000)))
            for _ in range(1000):
                wire.expect("element")
    return step


def keeps(name):
    def step(run, wire):
        run.kept[name] = uuid_of(wire.expect("element", CLIENT + "iq"))
    return step


def as_kept(name):
    def step(run, wire):
        got = uuid_of(wire.expect("element", CLIENT + "iq"))
        if got != run.kept[name]:
            raise Wrong(f"the work was done twice: {run.kept[name]!r}, then {got!r}")
    return step


def one_key_for_ever(run, wire):
    """Calls with the key of one that runs wait for its answer: so many, the others are told that it is busy."""
    text = run.text(call(method("wait", params("x")), attributes=with_metadata("x:key='one'"), id="{n}", to=KIOSK))
    wire.send("".join(text.replace("{n}", f"w{n}") for n in range(2000)))
    ends = [wire.expect("element") for _ in range(2000)]
    refused = [end for end in ends if end.find(".//{urn:ietf:params:xml:ns:xmpp-stanzas}resource-constraint") is not None]
    if not 1000 < len(refused) < 2000 or any(end.get("type") != "result" for end in ends if end not in refused):
        raise Wrong(f"{len(refused)} of 2000 calls refused")


KEYS = [
    ("key: the same again", "RPC-22", "session", [once("x:key='a'"), keeps("first"), once("x:key='a'", "2"), as_kept("first")]),
    ("key: a stranger's ten thousand push out nobody's", "CORE-49", "session",
        [at("bob", once("x:key='a'"), keeps("first")), many_keys(11_000), at("bob", once("x:key='a'", "2"), as_kept("first")), quiet]),
    ("key: calls without end wait for one", "CORE-49", "session", one_key_for_ever),
    ("deadline: beyond all time", "RPC-26", "session",
        sweep(["9223372036854775807", "18446744073709551616", "99999999999999999999999", "+5", " 5", "5 ", "0x5", "1.5"],
        lambda text: [once(f"x:deadline='{text}'"), gets("iq", id="1"), quiet])),
]

THEMES = [("forms of commands", FORMS), ("chat with a service", PEOPLE), ("calls in pieces", IN_PIECES), ("keys and deadlines", KEYS)]
