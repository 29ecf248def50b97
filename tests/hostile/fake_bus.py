"""A hostile server for one victim: it listens as the client demands, and plays each connection by a script.

A step of a script is text to send (`{id}` is the last id that the victim wrote), until(TEXT), or a function of the
connection. What the victim wrote is kept for the test to look at.
"""
import base64
import hashlib
import hmac
import os
import re
import socket
import ssl
import threading

SECONDS = 20  # for a victim that should have said something
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "from='localhost' id='stream-1' version='1.0' xml:lang='en'>")
SASL_NS = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
PASSWORD = "the victim's secret"


class Over(Exception):
    """The victim has ended the connection, or says nothing."""


class HungUp(Over):
    """We have ended the connection."""


class Connection:
    def __init__(self, sock, server):
        self.sock, self.server = sock, server
        self.heard = b""
        self.looked = 0
        sock.settimeout(SECONDS)

    def send(self, data):
        try:
            self.sock.sendall(data if isinstance(data, bytes) else data.replace("{id}", self.last_id()).encode())
        except (OSError, ssl.SSLError):
            raise Over() from None

    def last_id(self):
        found = re.findall(rb"""\sid=['"]([^'"]*)['"]""", self.heard)
        return found[-1].decode() if found else ""

    def until(self, text):
        """Reads until the text has come, behind what was looked at before."""
        wanted = text.encode()
        while True:
            at = self.heard.find(wanted, self.looked)
            if at >= 0:
                self.looked = at + len(wanted)
                return
            self.read()

    def read(self):
        try:
            data = self.sock.recv(65536)
        except (OSError, ssl.SSLError):
            data = b""
        if not data:
            raise Over()
        self.heard += data
        self.server.heard += data
        if self.server.polite and self.heard.endswith(b"</stream:stream>"):
            raise HungUp()

    def rest(self):
        """Whatever else comes, until the victim ends."""
        while True:
            self.read()


def until(text):
    return lambda connection: connection.until(text)


def said(text):
    """Waits until the victim has said it, and passes over nothing: other requests may stand before it."""
    def step(connection):
        while text.encode() not in connection.heard:
            connection.read()
    return step


def features(inner):
    return f"<stream:features>{inner}</stream:features>"


def mechanisms(*names):
    return f"<mechanisms {SASL_NS}>" + "".join(f"<mechanism>{name}</mechanism>" for name in names) + "</mechanisms>"


STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"


def starttls(certificate):
    def step(connection):
        connection.until("<starttls")
        connection.send("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        secure(certificate)(connection)
    return step


def secure(certificate):
    def step(connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*connection.server.certificates[certificate])
        try:
            connection.sock = context.wrap_socket(connection.sock, server_side=True)
        except (OSError, ssl.SSLError):
            raise Over() from None
    return step


def scram(change_first=lambda text: text, change_final=lambda text: text, salt=b"salt of victim", count=4096, final=True):
    """The server's side of SCRAM-SHA-256, which knows the password, with its messages changed on the way."""
    def step(connection):
        connection.until("<auth ")
        connection.until("</auth>")
        auth = re.search(rb"<auth [^>]*>([^<]*)</auth>", connection.heard[connection.heard.rfind(b"<auth "):])
        first = base64.b64decode(auth.group(1)).decode()
        bare = first.split(",", 2)[2]
        nonce = dict(part.split("=", 1) for part in bare.split(","))["r"] + "server"
        said = change_first(f"r={nonce},s={base64.b64encode(salt).decode()},i={count}")
        connection.send(f"<challenge {SASL_NS}>{base64.b64encode(said.encode()).decode()}</challenge>")
        connection.until("<response ")
        connection.until("</response>")
        response = re.search(rb"<response [^>]*>([^<]*)</response>", connection.heard).group(1)
        without = base64.b64decode(response).decode().rpartition(",p=")[0]
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, count)
        text = ",".join((bare, said, without)).encode()
        signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), text, "sha256")
        message = change_final("v=" + base64.b64encode(signature).decode())
        if final:
            connection.send(f"<success {SASL_NS}>{base64.b64encode(message.encode()).decode()}</success>")
    return step


# The honest beginnings, by how the victim connects.
OPEN = until("version=")
SUCCESS = [until("<auth "), until(">"), f"<success {SASL_NS}/>"]
BOUND = [OPEN, HEADER + features(BIND), until("</iq>"),
         "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>victim@localhost/x</jid></bind></iq>"]
UNIX = [OPEN, HEADER + features(mechanisms("EXTERNAL")), *SUCCESS]
SESSION = [*UNIX, *BOUND]
PLAIN = [OPEN, HEADER + features(mechanisms("SCRAM-SHA-256"))]


class FakeBus:
    def __init__(self, folder, kind, script, certificates, polite=True):
        # polite: the victim's end of the stream ends the connection, once everything before it is dealt with.
        self.kind, self.script, self.certificates, self.polite = kind, script, certificates, polite
        self.heard = b""
        self.connections = 0
        self.threads = []
        self.listener = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
        if kind == "unix":
            self.path = os.path.join(folder, f"s{id(self):x}")
            self.listener.bind(self.path)
        else:
            self.listener.bind(("127.0.0.1", 0))
            self.port = self.listener.getsockname()[1]
        self.listener.listen(16)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def address(self):
        return {"unix": lambda: f"unix:{self.path}", "tcp": lambda: f"tcp://127.0.0.1:{self.port}",
                "starttls": lambda: f"xmpp://victim@localhost:{self.port}",
                "tls": lambda: f"xmpps://victim@localhost:{self.port}"}[self.kind]()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self.play, args=(Connection(sock, self),), daemon=True)
            self.threads.append(thread)
            thread.start()

    def play(self, connection):
        try:
            for step in self.script:
                if callable(step):
                    step(connection)
                else:
                    connection.send(step)
            connection.rest()
        except HungUp:
            pass
        except Over:
            try:
                connection.rest()  # what it said before it ended
            except Over:
                pass
        finally:
            connection.sock.close()

    def wait(self):
        """The victim has ended: what it said last is read."""
        for thread in self.threads:
            thread.join(5)

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()


REGISTRY = "urn:xbus:registry:0"
LIST = f"<services xmlns='{REGISTRY}'><service name='calc'><instance jid='calc@localhost/1' id='1'/></service></services>"
WATCH = f"<watch xmlns='{REGISTRY}'><service name='calc'><instance jid='calc@localhost/1' id='1'/></service></watch>"
INFO = "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='automation' type='rpc'/><feature var='jabber:iq:rpc'/></query>"


def iq(payload, source, type="result", id="{id}"):
    return f"<iq type='{type}' id='{id}' from='{source}' to='victim@localhost/x'>{payload}</iq>"


def response(inner):
    return f"<query xmlns='jabber:iq:rpc'><methodResponse>{inner}</methodResponse></query>"


def value(text):
    return response(f"<params><param><value>{text}</value></param></params>")


RIGHT = {"services": iq(LIST, "services.localhost"), "watch": iq(WATCH, "services.localhost"),
    "info": iq(INFO, "calc@localhost/1"),
         "call": iq(value("right"), "calc@localhost/1")}


def serve(**instead):
    """Answers each request of the victim; `instead` says how for some: a text, a list of steps, or None for silence."""
    def step(connection):
        while True:
            connection.until("</iq>")
            text = connection.heard[:connection.looked]
            text = text[text.rfind(b"<iq "):].decode()
            kind = ("watch" if "<watch" in text else "services" if "<services" in text else "info" if "disco#info" in text
                    else "call" if "<methodCall" in text else "other")
            id = re.search(r"""\sid=['"]([^'"]*)['"]""", text).group(1)
            answer = instead[kind] if kind in instead else RIGHT.get(kind)
            for part in answer if isinstance(answer, list) else [answer]:
                if callable(part):
                    part(connection)
                elif part is not None:
                    connection.send(part.replace("{id}", id) if isinstance(part, str) else part)
    return step
