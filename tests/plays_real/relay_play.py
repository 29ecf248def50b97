"""What a hostile client sends through xbusd must reach its receiver whole and break no stream: not slixmpp's, as client
and as component, not our own client's or component's, and not ejabberd's, which reads the bytes that xbusd relays to a
component and passes them to a component of its own.

ejabberd is no component itself: it only accepts them. So a bridge stands between the two servers: a component of xbusd
whose every byte goes, as it came, onto a component stream of ejabberd; a second component of ejabberd is the receiver.
What is shown is that ejabberd's parser takes what xbusd relays under a plain header, that its stream lives, and that what
is inside arrives. ejabberd 23 writes a message anew from what it knows of one: other attributes of its start tag are lost,
its children stand in another order, and declarations are lost too, so what used a prefix that was declared there is
well-formed no more, whoever sent it. Of those stanzas (LOST) it is shown that ejabberd takes them, not what it makes of them.

Each receiver tells what its parser made of a stanza. That is compared with what expat makes of the sender's own stream."""
import os
import queue
import sys
import tempfile
import threading
import unittest
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "hostile")]
from harness import process, waiting  # noqa: E402
from harness.ejabberd import Ejabberd  # noqa: E402
from harness.xbusd import Xbusd, program  # noqa: E402
import wire  # noqa: E402

CONTENT = ("{jabber:client}", "{jabber:component:accept}")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
STREAMS = "xmlns:stream='http://etherx.jabber.org/streams'"


def header(more="", streams=STREAMS, prefix="stream"):
    return f"<{prefix}:stream xmlns='jabber:client' {streams} {more} to='localhost' version='1.0'>"


RENAMED = "xmlns:s='http://etherx.jabber.org/streams'"
PREFIXED = ("<stream xmlns='http://etherx.jabber.org/streams' xmlns:c='jabber:client' to='localhost' version='1.0'>")
DECLARED = " ".join(f"xmlns:p{i}='urn:p:{i}'" for i in range(28))
ATTRIBUTES = " ".join(f"a{i}=''" for i in range(60))

# What is sent: a name, the header of the stream, the message with TO in place of its address.
RELAYED = [
    ("a prefix from the header", header("xmlns:p='urn:p'"), "<message to='TO'><p:x p:y='1'/></message>"),
    ("a prefix on an attribute only", header("xmlns:p='urn:p'"), "<message to='TO'><x xmlns='urn:x' p:y='1'/></message>"),
    ("a prefix on the stanza's own attribute", header("xmlns:p='urn:p'"), "<message p:from='eve' p:to='x' to='TO'/>"),
    ("every prefix of a long header", header(DECLARED),
     "<message to='TO'>" + "".join(f"<p{i}:x/>" for i in range(28)) + "</message>"),
    ("as many attributes as there may be", header("xml:lang='de'"), f"<message to='TO' {ATTRIBUTES}/>"),
    ("a renamed stream prefix", header(streams=RENAMED, prefix="s"), "<message to='TO'><s:features/></message>"),
    ("the prefix stream meaning something else", header("xmlns:stream='urn:other'", RENAMED, "s"),
     "<message to='TO'><stream:error/></message>"),
    ("a prefix declared again inside", header("xmlns:p='urn:p'"),
     "<message to='TO'><x xmlns='urn:x' xmlns:p='urn:inner'><p:y/></x><p:z/></message>"),
    ("a stanza with a prefix", PREFIXED, "<c:message to='TO'><c:body>x</c:body><y xmlns='urn:y'/></c:message>"),
    ("a language on the header", header("xml:lang='x-a-b'"), "<message to='TO'><body>x</body></message>"),
    ("a language on both", header("xml:lang='de'"), "<message xml:lang='fr' to='TO'><body>x</body></message>"),
    ("a namespace name that needs escaping", header("xmlns:p='urn:&quot;&apos;&lt;&amp;'"), "<message to='TO'><p:x/></message>"),
    ("nested forwarded stanzas", header(),
     "<message to='TO'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='eve@x'>"
     "<body>&lt;/stream:stream&gt;</body><forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client'/></forwarded>"
     "</message></forwarded></message>"),
    ("CDATA that looks like the end", header(),
     "<message to='TO'><body><![CDATA[</message></stream:stream>]]></body></message>"),
    ("an attribute that looks like the end", header(), "<message to='TO' id='>&lt;/stream:stream>'><body>x</body></message>"),
    ("quotes around the address", header(), "<message from=\"it's\" to=\"TO\"><body>x</body></message>"),
    ("the content namespace declared again", header(),
     "<message xmlns='jabber:client' to='TO'><body xmlns='jabber:client'>x</body></message>"),
    ("characters beyond the first plane", header(), "<message to='TO'><body>&#x1F600;\U0001F600&#9;&#xA;</body></message>"),
]

# What needs a declaration on the start tag, which ejabberd does not write again.
LOST = ("a prefix from the header", "a prefix on an attribute only", "every prefix of a long header", "a renamed stream prefix",
        "the prefix stream meaning something else", "a prefix declared again inside", "a namespace name that needs escaping")

# What ends its sender's stream and reaches nobody.
REFUSED = [
    ("a name of the fifth edition alone", header(), "<message to='TO'><\u037f xmlns='urn:x'/></message>", "not-well-formed"),
    ("an attribute of the fifth edition alone", header(), "<message to='TO'><x xmlns='urn:x' a\u2070=''/></message>",
     "not-well-formed"),
    ("an undeclared prefix", header(), "<message to='TO'><p:x/></message>", "not-well-formed"),
    ("a reference to no character", header(), "<message to='TO'><body>&#0;</body></message>", "not-well-formed"),
    ("an entity", header(), "<message to='TO'><body>&x;</body></message>", "restricted-xml"),
]


def canonical(element, level=0):
    """The meaning of a stanza: the content namespace is the stream's own, as it is of the children that XMPP defines;
    without the addresses, which the server stamps."""
    tag = element.tag
    if level <= 1 and tag.startswith(CONTENT):
        tag = "{content}" + tag.rpartition("}")[2]
    attributes = {name: value for name, value in element.attrib.items() if level or name not in ("from", "to")}
    children = [(canonical(child, level + 1), child.tail or "") for child in element]
    return tag, sorted(attributes.items()), element.text or "", children


def sent(stream_header, stanza):
    """What expat makes of the sender's own stream, with the language that the server must hand on."""
    parser = ET.XMLPullParser(("start", "end"))
    parser.feed(stream_header + stanza)
    events = list(parser.read_events())
    root, element = events[0][1], events[-1][1]
    if LANG in root.attrib and LANG not in element.attrib:
        element.set(LANG, root.get(LANG))
    return element


class Receiver:
    """What arrived, one by one. `lines` of a program's log, or what a thread reads from a wire."""

    def __init__(self, name, jid, ping, next_stanza, behind_ejabberd=False):
        self.name, self.jid, self.ping, self.next = name, jid, ping, next_stanza
        self.behind_ejabberd = behind_ejabberd


class Bridge:
    """Two components of ejabberd: what xbusd sends its component `bridge.localhost` goes onto the first one's stream
    byte by byte; the second receives. Its parser is expat."""

    def __init__(self, xbusd, ejabberd):
        self.got = queue.Queue()
        self.ejabberd = ejabberd
        self.source = self.attach("source.localhost")
        self.sink = self.attach("bridge.localhost")
        self.relay = wire.Wire.tcp(xbusd.component_port).attach("bridge.localhost", xbusd.components["bridge.localhost"])
        self.ended = []
        for work in (self.carry, self.watch, self.receive):
            threading.Thread(target=work, daemon=True).start()

    def attach(self, domain):
        """A component of ejabberd."""
        return wire.Wire.tcp(self.ejabberd.component_ports[domain]).attach(domain, self.ejabberd.components[domain])

    def carry(self):
        self.relay.sock.settimeout(None)
        try:
            while data := self.relay.sock.recv(65536):
                self.source.sock.sendall(data)
        except OSError:
            return  # it is over
        self.ended.append("xbusd ended the bridge's stream")

    def watch(self):
        try:
            while True:
                kind, element = self.source.next(3600)
                if kind in ("eof", "close") or (element is not None and element.tag == wire.STREAM + "error"):
                    self.ended.append("ejabberd ended the stream: " + wire.told(kind, element))
                    return
        except OSError:
            return

    def receive(self):
        try:
            while True:
                try:
                    kind, element = self.sink.next(3600)
                except ET.ParseError as error:
                    # What ejabberd wrote; it is another stream's turn, and for the play to judge.
                    self.sink.close()
                    self.sink = waiting.poll(lambda: self.attach("bridge.localhost"), 20, "the receiver attaches again")
                    self.got.put(error)
                    continue
                if kind != "element":
                    self.ended.append(f"ejabberd ended the receiver's stream: {kind}")
                    return
                if element.tag == wire.COMPONENT + "message":
                    self.got.put(element)
                elif element.tag == wire.COMPONENT + "iq" and element.get("type") == "get":
                    # The way back: as the component of xbusd that was asked.
                    self.relay.send(f"<iq type='result' id='{element.get('id')}' from='{element.get('to')}' "
                                    f"to='{element.get('from')}'/>")
        except OSError:
            return

    def next(self, seconds):
        element = self.got.get(timeout=seconds)
        if self.ended:
            raise AssertionError(self.ended[0])
        if isinstance(element, ET.ParseError):
            raise element
        return element

    def close(self):
        for each in (self.relay, self.source, self.sink):
            each.close()


class EjabberdBehind(Ejabberd):
    """It takes what the bridge sends on behalf of xbusd's users."""

    def configure(self):
        super().configure()
        with open(self.config, encoding="utf-8") as f:
            text = f.read()
        text = text.replace("module: ejabberd_service\n", "module: ejabberd_service\n    check_from: false\n")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)


class Relay(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="xbus-relay-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        process.remove_at_end(cls.folder)
        cls.xbusd = Xbusd(cls.folder, ["eve", "control", "slix", "own"],
                          ["slix.localhost", "own.localhost", "bridge.localhost"])
        cls.ejabberd = EjabberdBehind(cls.folder, ["nobody"], ["source.localhost", "bridge.localhost"])
        for server in (cls.xbusd, cls.ejabberd):
            cls.addClassCleanup(lambda server=server: server.process and server.stop())
            server.start()
        cls.programs = []
        cls.addClassCleanup(lambda: [each.stop() for each in cls.programs])
        cls.bridge = Bridge(cls.xbusd, cls.ejabberd)
        cls.addClassCleanup(cls.bridge.close)
        bus = cls.xbusd
        slixmpp = ["/usr/bin/python3", os.path.join(HERE, "relay_slixmpp.py")]
        own = [program("play_relay_receiver")]
        cls.receivers = [
            cls.program("slixmpp client", slixmpp + ["client"], jid="slix@localhost/r", port=bus.port,
                        password=bus.accounts["slix"], ca_file=bus.ca_file),
            cls.program("slixmpp component", slixmpp + ["component"], domain="slix.localhost", port=bus.component_port,
                        secret=bus.components["slix.localhost"]),
            cls.program("our client", own, bus=f"xmpp://localhost:{bus.port}", domain="localhost", account="own",
                        password=bus.accounts["own"], resource="r", ca_file=bus.ca_file),
            cls.program("our component", own, bus=f"tcp://127.0.0.1:{bus.component_port}", domain="own.localhost",
                        secret=bus.components["own.localhost"]),
            Receiver("a component of ejabberd", "r@bridge.localhost", "r@bridge.localhost", cls.bridge.next, True),
        ]
        cls.control = cls.log_in("control", wire.HEADER)
        cls.addClassCleanup(cls.control.close)

    @classmethod
    def program(cls, name, command, **told):
        log = os.path.join(cls.folder, name.replace(" ", "_") + ".log")
        environment = {**os.environ, **{"PEER_" + key.upper(): str(value) for key, value in told.items()},
                       "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        started = process.Process(name, command, log, env=environment)
        cls.programs.append(started)
        jid = started.wait_line("ready ", 30).split(" ", 1)[1]
        seen = [0]

        def lines():
            with open(log, encoding="utf-8", errors="replace") as f:
                return [line for line in f if line.startswith(("stanza ", "failed ")) and line.endswith("\n")]

        def next_stanza(seconds):
            waiting.poll(lambda: len(lines()) > seen[0], seconds, f"{name} receives")
            word, said = lines()[seen[0]].split(" ", 1)
            seen[0] += 1
            if word == "failed":
                raise AssertionError(f"{name}: {said}")
            return ET.fromstring(f"<x xmlns='jabber:client'>{bytes.fromhex(said.strip()).decode()}</x>")[0]

        return Receiver(name, jid if "@" in jid else f"r@{jid}", jid, next_stanza)

    @classmethod
    def log_in(cls, account, stream_header):
        """A session over STARTTLS whose last stream has that header."""
        connection = wire.Wire.tcp(cls.xbusd.port)
        connection.open()
        connection.starttls(cls.xbusd.ca_file)
        connection.open()
        connection.log_in(account, cls.xbusd.accounts[account])
        connection.open(stream_header)
        connection.send("<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        connection.expect("element", wire.CLIENT + "iq")
        return connection

    def alive(self, receiver):
        """Its stream lives: it answers a ping."""
        self.control.send(f"<iq type='get' id='alive' to='{receiver.ping}'><ping xmlns='urn:xmpp:ping'/></iq>")
        answer = self.control.expect("element", wire.CLIENT + "iq")
        self.assertEqual((answer.get("id"), answer.get("type")), ("alive", "result"), wire.told("element", answer))

    def behind_ejabberd(self, receiver, name, meant):
        try:
            got = receiver.next(20)
        except ET.ParseError as error:
            self.assertIn(name, LOST)
            self.assertIn("unbound prefix", str(error))
            return
        tag, _, text, children = canonical(got)
        wanted_tag, _, wanted_text, wanted = canonical(meant)
        self.assertEqual((tag, text), (wanted_tag, wanted_text))
        if name not in LOST:
            self.assertEqual(sorted(map(repr, children)), sorted(map(repr, wanted)))

    def test_every_stanza_arrives_as_it_was_meant(self):
        for name, stream_header, stanza in RELAYED:
            eve = self.log_in("eve", stream_header)
            for receiver in self.receivers:
                with self.subTest(stanza=name, receiver=receiver.name):
                    text = stanza.replace("TO", receiver.jid)
                    eve.send(text)
                    if receiver.behind_ejabberd:
                        self.behind_ejabberd(receiver, name, sent(stream_header, text))
                    else:
                        got = receiver.next(20)
                        self.assertEqual(canonical(got), canonical(sent(stream_header, text)))
                        self.assertTrue(got.get("from", "").startswith("eve@localhost/"), got.get("from"))
                        self.assertEqual(got.get("to"), receiver.jid)
                    self.alive(receiver)
            eve.close()

    def test_what_is_no_stream_reaches_nobody(self):
        for name, stream_header, stanza, condition in REFUSED:
            for receiver in self.receivers:
                with self.subTest(stanza=name, receiver=receiver.name):
                    eve = self.log_in("eve", stream_header)
                    eve.send(stanza.replace("TO", receiver.jid))
                    error = eve.expect("element", wire.STREAM + "error")
                    self.assertIn(condition, [child.tag.rpartition("}")[2] for child in error])
                    eve.close()
                    # The next thing that it receives is an honest message.
                    self.control.send(f"<message to='{receiver.jid}' id='honest'/>")
                    self.assertEqual(receiver.next(20).get("id"), "honest")
                    self.alive(receiver)


if __name__ == "__main__":
    process.install_cleanup()
    unittest.main(verbosity=2)
