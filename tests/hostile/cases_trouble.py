"""A server whose disk is full, and one that has no descriptor left: it says so, goes on, and recovers by itself."""
import resource
import threading
import time

from cases_registry import lists
from script import Wrong, at, error, gets, quiet, session
from wire import CLIENT, HEADER, STREAM, Wire, told

ROSTER = "jabber:iq:roster"
GET = f"<iq type='get' id='get' to='$~mallory'><query xmlns='{ROSTER}'/></iq>"


def contact(jid, id="1", rest=""):
    return f"<iq type='set' id='{id}'><query xmlns='{ROSTER}'><item jid='{jid}'{rest}/></query></iq>"


def roster(holds=(), lacks=()):
    """The whole roster, whatever was pushed before it."""
    def step(run, wire):
        wire.send(run.text(GET))
        element = wire.expect("element")
        while element.get("id") != "get":
            element = wire.expect("element")
        whole = told("element", element)
        if any(word not in whole for word in holds) or any(word in whole for word in lacks):
            raise Wrong(f"the roster is {whole}")
    return step


def disk(most):
    return lambda run, wire: run.bus.limit(resource.RLIMIT_FSIZE, most)


def away(run, wire):
    """Bob logs out."""
    run.wires["bob"].send("</stream:stream>")
    while run.wires["bob"].next()[0] != "eof":
        pass


def back(run, wire):
    """Bob comes back and is given what waited."""
    run.wires["bob"] = session(run, "bob")
    run.wires["bob"].send("<presence/>")
    for _ in range(2):
        element = run.wires["bob"].expect("element")
        if element.tag == CLIENT + "message" and element.get("id") == "kept":
            return
    raise Wrong("the message is lost")


def all_refused(count):
    def step(run, wire):
        for _ in range(count):
            error("internal-server-error", id="1")(run, wire)
    return step


CHAT = "<message id='kept' type='chat' to='$~bob'><body>x</body></message>"
FILLS = [("disk: it fills", "CORE-49", "session",
    [contact("before@localhost"), gets("iq", type="result", id="1"), disk(0), contact("after@localhost"),
    error("internal-server-error"), roster(holds=["before@"], lacks=["after@"])])]
FULL = [
    ("disk: a contact cannot be kept", "CORE-49", "session",
        [roster(), contact("x@localhost"), gets("iq", type="set", holds="x@localhost"),
        gets("iq", type="set", holds="remove"), error("internal-server-error"), roster(lacks=["x@"])]),
    ("disk: a thousand contacts cannot be kept", "CORE-49", "session",
        ["".join(contact(f"c{n}@localhost") for n in range(1000)), all_refused(1000), roster(lacks=["@localhost' subs"]), quiet]),
    ("disk: a message to who is away cannot be kept", "CORE-49", "session",
        [at("bob", quiet), away, CHAT, error("internal-server-error", id="kept", of="message"), quiet]),
    ("disk: sessions come and go", "CORE-29", "session", lambda run, wire: [quiet(run, session(run, "mallory")) for _ in range(20)]),
    ("disk: calls go on", "RPC-24", "session", [at("bob", quiet), "<iq type='set' id='c' to='$bob'><a xmlns='u'/></iq>",
        at("bob", gets("iq", id="c", from_="$mallory"), "<iq type='result' id='c' to='$mallory'/>"),
        gets("iq", type="result", id="c", from_="$bob")]),
    ("disk: the registry answers", "RPC-23", "session", lists(name="none")),
]
ROOM = [
    ("disk: there is room again", "CORE-49", "session", [at("bob", quiet), disk(None), contact("x@localhost"),
        gets("iq", type="result", id="1"), roster(holds=["x@"]), away, CHAT, quiet, back]),
]


def without_descriptors(run, wire):
    """Those who come wait in the kernel's queue and cost nothing; when there is room they are served."""
    bus = run.bus
    bus.limit(resource.RLIMIT_NOFILE, bus.descriptors() + 20)
    wires = []
    for number in range(60):
        other = run.keep(Wire.tcp(bus.plain_port, f"127.219.{run.case.index % 250 + 1}.{number + 1}"))
        other.send(HEADER)
        wires.append(other)
    served = []
    try:
        for other in wires:
            other.expect("header", seconds=3)
            served.append(other)
    except TimeoutError:
        pass
    if not 10 <= len(served) <= 20:
        raise Wrong(f"{len(served)} served with 20 descriptors left")
    quiet(run, wire)
    began, cpu = time.monotonic(), bus.cpu_seconds()
    for _ in range(20):
        quiet(run, wire)
        threading.Event().wait(0.1)
    share = (bus.cpu_seconds() - cpu) / (time.monotonic() - began)
    if share > 0.3:
        raise Wrong(f"without descriptors xbusd takes {share:.0%} of a core")
    for other in served:
        other.close()
    for other in wires[len(served):len(served) + 5]:
        if other.expect("header").get("from") != "localhost":
            raise Wrong("not served when there is room")
    bus.limit(resource.RLIMIT_NOFILE)
    for other in wires[len(served) + 5:]:
        other.expect("header")
        other.expect("element", STREAM + "features")
    quiet(run, session(run, "mallory"))


FEW = [("descriptors: none left", "CORE-49", "session", [without_descriptors, quiet])]

THEMES = [("the disk fills", FILLS, "full"), ("a full disk", FULL, "full"), ("the disk has room again", ROOM, "full"),
          ("no descriptors left", FEW, "few")]
