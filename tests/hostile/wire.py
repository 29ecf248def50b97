"""One raw connection: it sends whatever bytes it is told, and reads what comes through expat, an independent parser."""
import base64
import hashlib
import hmac
import os
import socket
import ssl
import time
import xml.etree.ElementTree as ET

STREAM = "{http://etherx.jabber.org/streams}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
TLS = "{urn:ietf:params:xml:ns:xmpp-tls}"
CLIENT, COMPONENT = "{jabber:client}", "{jabber:component:accept}"
SECONDS = 15  # for any one answer: generous, since nothing waits for it in vain

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "to='localhost' version='1.0'>")
COMPONENT_HEADER = ("<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' "
                    "to='{}'>")


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def handshake(stream_id, secret):
    return hashlib.sha1((stream_id + secret).encode()).hexdigest()


class Scram:
    """The client's side of SCRAM-SHA-256 without channel binding (RFC 5802)."""

    def __init__(self, user, password, gs2="n,,"):
        self.user, self.password, self.gs2 = user, password, gs2
        self.nonce = base64.b64encode(os.urandom(18)).decode()
        self.bare = f"n={user},r={self.nonce}"

    def first(self):
        return self.gs2 + self.bare

    def final(self, challenge):
        said = dict(part.split("=", 1) for part in challenge.split(","))
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(said["s"]), int(said["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        without = f"c={b64(self.gs2)},r={said['r']}"
        text = ",".join((self.bare, challenge, without)).encode()
        proof = bytes(a ^ b for a, b in zip(key, hmac.digest(hashlib.sha256(key).digest(), text, "sha256")))
        return f"{without},p={b64(proof)}"


class Wire:
    """`next()` gives ("header", element), ("element", element), ("close", None) for </stream:stream>, ("eof", None)."""

    def __init__(self, sock):
        self.sock = sock
        self.jid = None
        self.bytes_read = 0
        self.restart()

    @classmethod
    def tcp(cls, port, source=None):
        sock = socket.create_connection(("127.0.0.1", port), timeout=SECONDS, source_address=source and (source, 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock)

    @classmethod
    def unix(cls, path):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(SECONDS)
        sock.connect(path)
        return cls(sock)

    def restart(self):
        """A new stream on the same connection."""
        self.parser = ET.XMLPullParser(("start", "end"))
        self.depth = 0
        self.root = None
        self.waiting = []
        self.begun = b""

    def secure(self, ca_file=None, name="localhost", context=None):
        if context is None:
            context = ssl.create_default_context(cafile=ca_file)
        self.sock = context.wrap_socket(self.sock, server_hostname=name)
        self.restart()

    def send(self, data):
        """False where the peer has ended the connection: that is for next() to tell."""
        try:
            self.sock.sendall(data if isinstance(data, bytes) else data.encode())
            return True
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            return False

    def _parse(self):
        for event, element in self.parser.read_events():
            if event == "start":
                self.depth += 1
                if self.depth == 1:
                    self.root = element
                    self.waiting.append(("header", element))
            else:
                self.depth -= 1
                if self.depth == 1:
                    self.root.remove(element)
                    self.waiting.append(("element", element))
                elif self.depth == 0:
                    self.waiting.append(("close", None))

    def next(self, seconds=SECONDS):
        until = time.monotonic() + seconds
        while not self.waiting:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"nothing came within {seconds} s")
            self.sock.settimeout(left)
            try:
                data = self.sock.recv(65536)
            except (socket.timeout, ssl.SSLWantReadError):
                continue
            except (ConnectionResetError, ssl.SSLError):
                data = b""
            if not data:
                return "eof", None
            self.bytes_read += len(data)
            self._feed(data)
        return self.waiting.pop(0)

    def _feed(self, data):
        """Up to the last tag that is whole: an expat with the mend of CVE-2023-52425 that has seen part of a large tag
        looks at it again only when as much has come again."""
        whole, end, rest = (self.begun + data).rpartition(b">")
        self.begun = rest
        self.parser.feed(whole + end)
        self._parse()

    def expect(self, kind, tag=None, seconds=SECONDS):
        """The next thing, which must be of this kind and name."""
        got, element = self.next(seconds)
        if got != kind or (tag is not None and element.tag != tag):
            raise AssertionError(f"expected {kind} {tag or ''}, got {told(got, element)}")
        return element

    # ---- The steps of an honest client, which many attacks begin with ----

    def open(self, header=HEADER):
        self.send(header)
        self.expect("header")
        return self.expect("element", STREAM + "features")

    def starttls(self, ca_file):
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.expect("element", TLS + "proceed")
        self.secure(ca_file)

    def log_in(self, user, password):
        scram = Scram(user, password)
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>{b64(scram.first())}</auth>")
        challenge = base64.b64decode(self.expect("element", SASL + "challenge").text).decode()
        self.send(f"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{b64(scram.final(challenge))}</response>")
        self.expect("element", SASL + "success")
        self.restart()

    def external(self):
        self.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>")
        self.expect("element", SASL + "success")
        self.restart()

    def bind(self, resource=None):
        wanted = f"<resource>{resource}</resource>" if resource else ""
        self.send(f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{wanted}</bind></iq>")
        answer = self.expect("element", CLIENT + "iq")
        self.jid = answer.find(".//{urn:ietf:params:xml:ns:xmpp-bind}jid").text
        return self

    def attach(self, domain, secret):
        self.send(COMPONENT_HEADER.format(domain))
        stream_id = self.expect("header").get("id")
        self.send(f"<handshake>{handshake(stream_id, secret)}</handshake>")
        self.expect("element", COMPONENT + "handshake")
        self.jid = domain
        return self

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass


def told(kind, element):
    """What came, for a message."""
    if element is None:
        return kind
    if kind == "header":
        return f"header {dict(element.attrib)}"
    return ET.tostring(element, encoding="unicode")[:600]
