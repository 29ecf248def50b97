"""The library's client, by way of `xbus`, against servers that lie, up to the moment it is logged in."""
import base64
import threading

from fake_bus import (BIND, HEADER, OPEN, PASSWORD, PLAIN, SASL_NS, STARTTLS, UNIX, HungUp, features, mechanisms, scram, secure,
                      starttls, until)
from victim import NOT_LOGGED_IN, SHORT, UNAVAILABLE, victim

SECRET = [PASSWORD.encode(), base64.b64encode(f"\0victim\0{PASSWORD}".encode())]
AUTH = [b"<auth", *SECRET]


def drip(text, seconds):
    """One byte after the other."""
    def step(connection):
        for byte in text:
            connection.send(byte)
            threading.Event().wait(seconds)
    return step


def endless(text, times=100_000):
    def step(connection):
        block = text * max(1, 65536 // len(text))
        for _ in range(times):
            connection.send(block)
    return step


def hang_up(connection):
    raise HungUp()


def stream_error(condition, inner=""):
    return (f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{inner}</{condition}></stream:error>"
            "</stream:stream>")


def redirect(connection):
    """To ourselves, for ever."""
    connection.until("version=")
    connection.send(HEADER + stream_error("see-other-host", f"127.0.0.1:{connection.server.port}"))


def to(host):
    return [OPEN, HEADER + stream_error("see-other-host", host)]


def header(change):
    return [OPEN, HEADER.replace(*change), features(mechanisms("EXTERNAL"))]


def nowhere(name, rule, *arguments, **options):
    return (name, rule, "nowhere", victim(*arguments, **options))


BEGINNINGS = [
    nowhere("server: says nothing", "CORE-49", "unix", [], UNAVAILABLE, "no login within", deadline=SHORT),
    nowhere("server: hangs up at once", "CORE-09", "unix", [hang_up], UNAVAILABLE),
    nowhere("server: hangs up after the header", "CORE-09", "unix", [OPEN, HEADER, hang_up], UNAVAILABLE),
    nowhere("server: speaks HTTP", "CORE-48", "unix", [OPEN, "HTTP/1.1 400 Bad Request\r\n\r\n"], UNAVAILABLE,
        heard=[b"not-well-formed"]),
    nowhere("server: other stream namespace", "CORE-05", "unix", header(("http://etherx.jabber.org/streams", "urn:other")),
        UNAVAILABLE, heard=[b"invalid-namespace"]),
    nowhere("server: other content namespace", "CORE-11", "unix", header(("jabber:client", "jabber:server")), UNAVAILABLE,
        heard=[b"invalid-namespace"]),
    nowhere("server: root is no stream", "CORE-05", "unix", [OPEN, HEADER.replace("<stream:stream", "<stream:flow")], UNAVAILABLE,
        heard=[b"bad-format"]),
    nowhere("server: no version", "CORE-04", "unix",
        [OPEN, "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='localhost' id='1'>",
        features(mechanisms("EXTERNAL"))], UNAVAILABLE, heard=[b"unsupported-version"]),
    nowhere("server: header without end", "CORE-49", "unix", [OPEN, "<stream:stream ", endless("x")], UNAVAILABLE,
        heard=[b"policy-violation"]),
    nowhere("server: document type", "CORE-47", "unix", [OPEN, "<!DOCTYPE a [<!ENTITY b 'c'>]>" + HEADER], UNAVAILABLE,
        heard=[b"restricted-xml"]),
    nowhere("server: comment", "CORE-47", "unix", [OPEN, HEADER + "<!-- a -->"], UNAVAILABLE, heard=[b"restricted-xml"]),
    nowhere("server: bad UTF-8", "CORE-48", "unix", [OPEN, HEADER, b"<stream:features>\xc0\xaf</stream:features>"], UNAVAILABLE,
        heard=[b"not-well-formed"]),
    nowhere("server: undeclared prefix", "CORE-48", "unix", [OPEN, HEADER, "<stream:features><x:y/></stream:features>"],
        UNAVAILABLE, heard=[b"not-well-formed"]),
    nowhere("server: one byte at a time", "CORE-49", "unix", [OPEN, drip(HEADER, 0.2)], UNAVAILABLE, "no login within",
        deadline=SHORT),
    nowhere("server: white space for ever", "CORE-49", "unix", [OPEN, HEADER, drip(" " * 1000, 0.05)], UNAVAILABLE,
        "no login within", deadline=SHORT),
    nowhere("server: features never come", "CORE-49", "unix", [OPEN, HEADER], UNAVAILABLE, "no login within", deadline=SHORT),
    nowhere("server: features without end", "CORE-49", "unix", [OPEN, HEADER + "<stream:features>", endless("<a/>")], UNAVAILABLE,
        heard=[b"policy-violation"]),
    nowhere("server: features too deep", "CORE-49", "unix", [OPEN, HEADER + "<stream:features>" + "<a>" * 100], UNAVAILABLE,
        heard=[b"policy-violation"]),
    nowhere("server: a stanza before login", "CORE-07", "unix", [OPEN, HEADER + "<message><body>x</body></message>"],
        UNAVAILABLE),
    nowhere("server: features twice", "CORE-13", "unix",
        [OPEN, HEADER + features(mechanisms("EXTERNAL")), until("<auth "), features(mechanisms("EXTERNAL"))], UNAVAILABLE),
    nowhere("server: success before login", "CORE-24", "unix", [OPEN, HEADER + f"<success {SASL_NS}/>"], UNAVAILABLE),
    nowhere("server: nothing to log in with", "CORE-21", "unix", [OPEN, HEADER + features("")], NOT_LOGGED_IN, never=AUTH),
    nowhere("server: mechanisms nobody knows", "CORE-21", "unix", [OPEN, HEADER + features(mechanisms("X-1", "X-2"))],
        NOT_LOGGED_IN, never=AUTH),
    nowhere("server: ten thousand mechanisms", "CORE-49", "unix",
        [OPEN, HEADER + features(mechanisms(*[f"X-{n}" for n in range(10_000)]))], UNAVAILABLE, heard=[b"policy-violation"]),
    nowhere("server: each stream error there is", "CORE-09", "unix", [OPEN, HEADER + stream_error("host-unknown")], UNAVAILABLE,
        "host-unknown"),
    nowhere("server: a stream error nobody knows", "CORE-09", "unix", [OPEN, HEADER + stream_error("out-of-cheese")], UNAVAILABLE,
        "undefined-condition"),
    nowhere("server: a stream error without a reason", "CORE-09", "unix", [OPEN, HEADER + "<stream:error/></stream:stream>"],
        UNAVAILABLE),
    nowhere("server: a stream error that drives the terminal", "CORE-09", "unix",
        [OPEN, HEADER + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>&#x9b;2J&#x202e;evil&#10;xbus: done</text></stream:error></stream:stream>"],
        UNAVAILABLE),
]

REDIRECTS = [
    nowhere("redirect: to itself for ever", "CORE-10", "tcp", [redirect], UNAVAILABLE, connections=range(2, 8)),
    nowhere("redirect: nowhere", "CORE-10", "tcp", to(""), UNAVAILABLE, connections=[1]),
    nowhere("redirect: to what is no host", "CORE-10", "tcp", to("a b:c/d@e"), UNAVAILABLE, connections=[1]),
    nowhere("redirect: to a socket of this host", "CORE-10", "tcp", to("unix:/run/xbus/socket"), UNAVAILABLE, connections=[1]),
    nowhere("redirect: in clear to another host", "CORE-10", "tcp", to("192.0.2.1:5222"), UNAVAILABLE, connections=[1]),
    nowhere("redirect: on a unix socket", "CORE-10", "unix", to("127.0.0.1:5222"), UNAVAILABLE, connections=[1]),
    nowhere("redirect: under TLS the other host proves itself too", "CORE-10", "starttls",
        [OPEN, HEADER + features(STARTTLS), starttls("good"), OPEN, HEADER,
        lambda connection: connection.send(stream_error("see-other-host", f"localhost:{connection.server.port}"))],
        UNAVAILABLE, connections=range(2, 8), never=AUTH),
]

TLS = [
    nowhere("trust: no TLS is offered", "CORE-15", "starttls", [OPEN, HEADER + features(mechanisms("SCRAM-SHA-256", "PLAIN"))],
        NOT_LOGGED_IN, "TLS", never=AUTH),
    nowhere("trust: TLS is refused", "CORE-15", "starttls",
        [OPEN, HEADER + features(STARTTLS), until("<starttls"),
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"], NOT_LOGGED_IN, "TLS", never=AUTH),
    nowhere("trust: more behind proceed", "CORE-16", "starttls",
        [OPEN, HEADER + features(STARTTLS), until("<starttls"),
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + HEADER + features(mechanisms("PLAIN"))],
        UNAVAILABLE, never=AUTH),
    nowhere("trust: proceed in another namespace", "CORE-15", "starttls",
        [OPEN, HEADER + features(STARTTLS), until("<starttls"), "<proceed/>"], UNAVAILABLE, never=AUTH),
    nowhere("trust: no TLS behind proceed", "CORE-20", "starttls",
        [OPEN, HEADER + features(STARTTLS), until("<starttls"), "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        until("\x16"), HEADER], UNAVAILABLE, never=AUTH),
    nowhere("trust: silence behind proceed", "CORE-20", "starttls",
        [OPEN, HEADER + features(STARTTLS), until("<starttls"), "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
        UNAVAILABLE, deadline=SHORT, never=AUTH),
    nowhere("trust: a certificate of another authority", "CORE-19", "starttls",
        [OPEN, HEADER + features(STARTTLS), starttls("other authority")], NOT_LOGGED_IN, never=AUTH),
    nowhere("trust: a certificate for another name", "CORE-17", "starttls",
        [OPEN, HEADER + features(STARTTLS), starttls("other name")], NOT_LOGGED_IN, never=AUTH),
    nowhere("trust: a certificate that has expired", "CORE-17", "starttls",
        [OPEN, HEADER + features(STARTTLS), starttls("expired")], NOT_LOGGED_IN, never=AUTH, ca="expired"),
    nowhere("trust: another authority, TLS from the start", "CORE-19", "tls", [secure("other authority")], NOT_LOGGED_IN,
        never=AUTH),
    nowhere("trust: another name, TLS from the start", "CORE-17", "tls", [secure("other name")], NOT_LOGGED_IN, never=AUTH),
    nowhere("trust: no TLS where it was asked for", "CORE-20", "tls", [HEADER + features(mechanisms("PLAIN"))], UNAVAILABLE,
        never=AUTH),
    nowhere("trust: the features of before TLS are forgotten", "CORE-06", "starttls",
        [OPEN, HEADER + features(STARTTLS + mechanisms("PLAIN")), starttls("good"), OPEN, HEADER + features(mechanisms("X-1"))],
        NOT_LOGGED_IN, never=AUTH),
]

LOGIN = [
    nowhere("login: only PLAIN, in clear", "CORE-21", "tcp", [OPEN, HEADER + features(mechanisms("PLAIN"))], NOT_LOGGED_IN,
        never=AUTH),
    nowhere("login: the weaker mechanism comes first in the list", "CORE-25", "tcp",
        [OPEN, HEADER + features(mechanisms("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256")), until("SCRAM-SHA-256"), hang_up],
        UNAVAILABLE, never=SECRET),
    nowhere("login: success without proof", "CORE-25", "tcp", [*PLAIN, until("<auth "), f"<success {SASL_NS}/>"], NOT_LOGGED_IN),
    nowhere("login: success without a signature", "CORE-25", "tcp", [*PLAIN, scram(final=False), f"<success {SASL_NS}/>"],
        NOT_LOGGED_IN),
    nowhere("login: wrong signature", "CORE-25", "tcp",
        [*PLAIN, scram(change_final=lambda text: "v=" + base64.b64encode(b"x" * 32).decode())], NOT_LOGGED_IN),
    nowhere("login: signature of another length", "CORE-25", "tcp", [*PLAIN, scram(change_final=lambda text: "v=YQ==")],
        NOT_LOGGED_IN),
    nowhere("login: an error instead of a signature", "CORE-25", "tcp",
        [*PLAIN, scram(change_final=lambda text: "e=other-error")], NOT_LOGGED_IN),
    nowhere("login: nonce that is not ours", "CORE-25", "tcp",
        [*PLAIN, scram(change_first=lambda text: "r=theirs," + text.partition(",")[2])], UNAVAILABLE),
    nowhere("login: nonce that adds nothing", "CORE-25", "tcp",
        [*PLAIN, scram(change_first=lambda text: text.replace("server,", ",", 1))], UNAVAILABLE),
    nowhere("login: no nonce", "CORE-25", "tcp", [*PLAIN, scram(change_first=lambda text: text.partition(",")[2])], UNAVAILABLE),
    nowhere("login: one iteration", "CORE-25", "tcp", [*PLAIN, scram(count=1)], UNAVAILABLE),
    nowhere("login: a billion iterations", "CORE-25", "tcp",
        [*PLAIN, scram(change_first=lambda text: text.replace("i=4096", "i=1000000000"))], UNAVAILABLE),
    nowhere("login: iterations that are no number", "CORE-25", "tcp",
        [*PLAIN, scram(change_first=lambda text: text.replace("i=4096", "i=many"))], UNAVAILABLE),
    nowhere("login: no salt", "CORE-25", "tcp", [*PLAIN, scram(change_first=lambda text: text.replace(",s=", ",x=", 1))],
        UNAVAILABLE),
    nowhere("login: an extension one must know", "CORE-25", "tcp", [*PLAIN, scram(change_first=lambda text: "m=new," + text)],
        UNAVAILABLE),
    nowhere("login: another list of mechanisms was offered", "CORE-26", "tcp",
        [*PLAIN, scram(change_first=lambda text: text + ",h=" + base64.b64encode(b"x" * 32).decode())], NOT_LOGGED_IN),
    nowhere("login: a challenge that is no base64", "CORE-22", "tcp",
        [*PLAIN, until("</auth>"), f"<challenge {SASL_NS}>!</challenge>"], UNAVAILABLE),
    nowhere("login: challenges for ever", "CORE-24", "tcp",
        [*PLAIN, scram(final=False), f"<challenge {SASL_NS}>YQ==</challenge>" * 10], UNAVAILABLE),
    nowhere("login: the challenge never comes", "CORE-24", "tcp", PLAIN, UNAVAILABLE, "no login within", deadline=SHORT),
    nowhere("login: refused", "CORE-24", "tcp", [*PLAIN, until("</auth>"), f"<failure {SASL_NS}><not-authorized/></failure>"],
        NOT_LOGGED_IN, "not-authorized"),
    nowhere("login: refused for a reason nobody knows", "CORE-24", "tcp",
        [*PLAIN, until("</auth>"), f"<failure {SASL_NS}><bad-hair-day/></failure>"], NOT_LOGGED_IN, "not-authorized"),
    nowhere("login: refused without a reason", "CORE-24", "tcp", [*PLAIN, until("</auth>"), f"<failure {SASL_NS}/>"],
        NOT_LOGGED_IN),
    nowhere("login: something else instead of an answer", "CORE-13", "tcp", [*PLAIN, until("</auth>"), "<iq type='result'/>"],
        UNAVAILABLE),
    nowhere("login: the old stream goes on after success", "CORE-06", "unix", [*UNIX, features(BIND)], UNAVAILABLE),
    nowhere("login: nothing after success", "CORE-28", "unix", UNIX, UNAVAILABLE, "no login within", deadline=SHORT),
    nowhere("login: a second login is asked for", "CORE-21", "unix", [*UNIX, OPEN, HEADER + features(mechanisms("PLAIN"))],
        UNAVAILABLE, never=SECRET),
]


def bound(answer):
    return [*UNIX, OPEN, HEADER + features(BIND), until("</iq>"), answer]


def bind_result(inner, rest="type='result' id='{id}'"):
    return f"<iq {rest}><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{inner}</bind></iq>"


BINDING = [
    nowhere("binding: is not offered", "CORE-29", "unix", [*UNIX, OPEN, HEADER + features("")], UNAVAILABLE),
    nowhere("binding: is never answered", "CORE-29", "unix", [*UNIX, OPEN, HEADER + features(BIND)], UNAVAILABLE, deadline=SHORT),
    nowhere("binding: the answer has another id", "RPC-24", "unix",
        bound(bind_result("<jid>victim@localhost/x</jid>", "type='result' id='other'")), UNAVAILABLE),
    nowhere("binding: no address", "CORE-29", "unix", bound(bind_result("")), UNAVAILABLE),
    nowhere("binding: an address that is none", "JID-01", "unix", bound(bind_result("<jid>@/</jid>")), UNAVAILABLE),
    nowhere("binding: a bare address", "CORE-29", "unix", bound(bind_result("<jid>victim@localhost</jid>")), UNAVAILABLE),
    nowhere("binding: the answer is a request", "CORE-34", "unix",
        bound(bind_result("<jid>victim@localhost/x</jid>", "type='set' id='{id}'")), UNAVAILABLE),
    nowhere("binding: refused", "CORE-29", "unix",
        bound("<iq type='error' id='{id}'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"),
        NOT_LOGGED_IN, "conflict"),
    nowhere("binding: refused without a reason", "CORE-36", "unix", bound("<iq type='error' id='{id}'/>"), NOT_LOGGED_IN),
    nowhere("binding: a message instead", "CORE-07", "unix", bound("<message><body>x</body></message>"), UNAVAILABLE),
]

THEMES = [("a hostile server's beginnings", BEGINNINGS), ("redirections", REDIRECTS), ("trust in a server", TLS),
    ("a hostile login", LOGIN), ("a hostile binding", BINDING)]
