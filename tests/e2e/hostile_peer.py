"""A service that says whatever the test wants, through a raw stream: names, methods, docs, values and faults."""
import os
import socket
import sys
import threading
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hostile"))
from wire import HEADER, Wire  # noqa: E402

RPC = "{jabber:iq:rpc}"
CLIENT = "{jabber:client}"
DISCO = "{http://jabber.org/protocol/disco#info}"


def escaped_name(name):
    """A localpart by XEP-0106, in which our names travel."""
    table = {" ": "\\20", '"': "\\22", "&": "\\26", "'": "\\27", "/": "\\2f", ":": "\\3a", "<": "\\3c", ">": "\\3e",
             "@": "\\40", "\\": "\\5c"}
    return "".join(table.get(c, c) for c in name)


class Refused(Exception):
    """The server takes no such resource."""


class HostilePeer:
    """Serves on a thread until close(). `answers` maps a method to the XML inside <methodResponse/>; introspection
    tells `methods` and `doc`."""

    def __init__(self, socket_path, name, resource, methods, doc, answers):
        self.methods, self.doc, self.answers = methods, doc, answers
        self.wire = Wire.unix(socket_path)
        self.wire.open(HEADER)
        self.wire.external()
        self.wire.open(HEADER)
        try:
            self.wire.bind(escape(resource))
        except (AttributeError, AssertionError) as error:  # an error in place of a JID, or the end of the stream
            self.wire.close()
            raise Refused(repr(resource)) from error
        self.wire.send(f"<presence to={quoteattr(escaped_name(name) + '@services.localhost')}/>")
        self.refused = None
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                kind, stanza = self.wire.next(3600)
            except (OSError, ValueError):
                return
            if kind != "element":
                return
            if stanza.tag == CLIENT + "presence" and stanza.get("type") == "error":
                self.refused = ET.tostring(stanza, encoding="unicode")
            if stanza.tag != CLIENT + "iq" or stanza.get("type") not in ("get", "set"):
                continue
            ends = f"id={quoteattr(stanza.get('id'))} to={quoteattr(stanza.get('from'))}"
            if stanza.find(DISCO + "query") is not None:
                self.wire.send(f"<iq type='result' {ends}>{self.info()}</iq>")
                continue
            call = stanza.find(f"{RPC}query/{RPC}methodCall")
            if call is None:
                self.wire.send(f"<iq type='error' {ends}><error type='cancel'><service-unavailable "
                               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
                continue
            inside = self.answer(call.findtext(f"{RPC}methodName"))
            self.wire.send(f"<iq type='result' {ends}><query xmlns='jabber:iq:rpc'><methodResponse>{inside}"
                           "</methodResponse></query></iq>")

    def info(self):
        """A strict service, whose form says hostile things too."""
        fields = {"FORM_TYPE": ["urn:xbus:interface:0"], "name": [self.doc], "version": [self.doc], "methods": self.methods}
        form = "".join(f"<field var='{name}'>" + "".join(f"<value>{escape(v)}</value>" for v in values) + "</field>"
                       for name, values in fields.items())
        return (f"<query xmlns='http://jabber.org/protocol/disco#info'><identity category='automation' type='rpc' "
                f"name={quoteattr(self.doc)}/><feature var='jabber:iq:rpc'/><x xmlns='jabber:x:data' type='result'>{form}"
                "</x></query>")

    def answer(self, method):
        if method == "system.listMethods":
            values = "".join(f"<value><string>{escape(m)}</string></value>" for m in self.methods)
            return f"<params><param><value><array><data>{values}</data></array></value></param></params>"
        if method == "system.methodHelp":
            return f"<params><param><value><string>{escape(self.doc)}</string></value></param></params>"
        if method == "system.methodSignature":
            return ("<params><param><value><array><data><value><array><data><value><string>string</string></value>"
                    "</data></array></value></data></array></value></param></params>")
        return self.answers.get(method, fault(-32601, "no " + str(method)))

    def close(self):
        try:
            self.wire.sock.shutdown(socket.SHUT_RDWR)  # which wakes the thread; closing alone does not
        except OSError:
            pass
        self.thread.join(10)
        self.wire.close()


def text(value):
    return f"<params><param><value><string>{escape(value)}</string></value></param></params>"


def structure(name, value):
    return (f"<params><param><value><array><data><value><struct><member><name>{escape(name)}</name><value><string>"
            f"{escape(value)}</string></value></member></struct></value></data></array></value></param></params>")


def fault(code, message):
    return ("<fault><value><struct><member><name>faultCode</name><value><int>" + str(code) + "</int></value></member>"
            "<member><name>faultString</name><value><string>" + escape(message) +
            "</string></value></member></struct></value></fault>")
