"""Before anybody has logged in: stream headers, TLS, SASL."""
import base64
import ssl

from script import Wrong, challenge, features, goodbye, quiet, sasl_failure, stream_error, sweep, tls_failure
from wire import HEADER, SASL, Scram, Wire, b64

SASL_NS = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
TLS_NS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
STARTTLS = f"<starttls {TLS_NS}/>"


def header(content="xmlns='jabber:client'", stream="xmlns:stream='http://etherx.jabber.org/streams'", name="stream:stream",
           rest="to='localhost' version='1.0'"):
    return f"<?xml version='1.0'?><{name} {content} {stream} {rest}>"


def auth(mechanism, initial="", attribute="mechanism"):
    return f"<auth {SASL_NS} {attribute}='{mechanism}'>{initial}</auth>"


def scram_auth(user="$!mallory", gs2="n,,", rest="", mechanism="SCRAM-SHA-256"):
    """The first message of a SCRAM login, kept for scram_response()."""
    def step(run, wire):
        scram = Scram(run.text(user), run.bus.password, gs2=run.text(gs2))
        scram.bare += rest
        run.kept["scram"] = scram
        wire.send(auth(mechanism, b64(scram.first())))
    return step


def scram_response(change=lambda text: text, password=None):
    def step(run, wire):
        scram = run.kept["scram"]
        if password is not None:
            scram.password = password
        challenge(run, wire)
        final = scram.final(base64.b64decode(run.kept["challenge"]).decode())
        wire.send(f"<response {SASL_NS}>{b64(change(final))}</response>")
    return step


def log_in(run, wire):
    """An honest login, still possible after what came before."""
    wire.log_in(run.account("mallory"), run.bus.password)
    wire.open()
    wire.bind()


def plain(text):
    return lambda run, wire: wire.send(auth("PLAIN", b64(run.text(text))))


def right_plain(authzid):
    return lambda run, wire: wire.send(auth("PLAIN", b64(f"{run.text(authzid)}\0{run.account('mallory')}\0{run.bus.password}")))


def tls_too_old(run, wire):
    """A ClientHello that offers TLS 1.1 at most gets an alert and no stream."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        wire.secure(context=context)
    except (ssl.SSLError, ConnectionResetError):
        return
    raise Wrong("TLS 1.1 was accepted")


def no_tls_answer(run, wire):
    """What is no TLS ends the connection; nothing of a stream comes in clear."""
    while True:
        data = wire.sock.recv(4096)
        if not data:
            return
        if b"<" in data[:1]:
            raise Wrong(f"in clear: {data!r}")


def ids_differ(run, wire):
    ids = set()
    for _ in range(30):
        other = run.keep(Wire.tcp(run.bus.plain_port, run.source))
        other.send(HEADER)
        ids.add(other.expect("header").get("id"))
        other.close()
    if len(ids) != 30 or min(len(id) for id in ids) < 16:
        raise Wrong(f"ids can be guessed: {sorted(ids)[:3]}")


def same_for_nobody(run, wire):
    """An account that is not there has a salt and an iteration count like any other, and the same each time."""
    said = []
    for user in ("nobody$%", "nobody$%", "$!mallory"):
        other = run.keep(Wire.tcp(run.bus.plain_port, run.source))
        other.open()
        scram = Scram(run.text(user), "wrong")
        other.send(auth("SCRAM-SHA-256", b64(scram.first())))
        text = base64.b64decode(other.expect("element", SASL + "challenge").text).decode()
        parts = dict(part.split("=", 1) for part in text.split(","))
        said.append((parts["s"], parts["i"], len(parts["r"])))
        other.send(f"<response {SASL_NS}>{b64(scram.final(text))}</response>")
        sasl_failure("not-authorized")(run, other)
    if said[0] != said[1] or said[0][1:] != said[2][1:] or len(said[0][0]) != len(said[2][0]):
        raise Wrong(f"an account that is not there is told apart: {said}")


def says(name, value):
    """The header that answers has this attribute."""
    def check(run, wire):
        header = wire.expect("header")
        if header.get(name) != value:
            raise Wrong(f"expected {name}={value!r} in the header, got {header.attrib}")
    return check


HEADERS = [
    ("header: foreign stream namespace", "CORE-05", "plain",
        [header(stream="xmlns:stream='urn:other'"), stream_error("invalid-namespace")]),
    ("header: content namespace of servers", "CORE-11", "plain",
        [header(content="xmlns='jabber:server'"), stream_error("invalid-namespace")]),
    ("header: content namespace of components", "CORE-11", "plain",
        [header(content="xmlns='jabber:component:accept'"), stream_error("invalid-namespace")]),
    ("header: no content namespace", "CORE-11", "plain", [header(content=""), stream_error("invalid-namespace")]),
    ("header: root is no stream", "CORE-05", "plain", [header(name="stream:flow"), stream_error("bad-format")]),
    ("header: version below 1.0 or none", "CORE-04", "plain", sweep(
        ["", "version='0.9'", "version=''", "version='x'", "version='-1.0'", "version='1'", "version='.1'", "version='1.x'"],
        lambda version: [header(rest=f"to='localhost' {version}"), stream_error("unsupported-version")])),
    ("header: version above ours is answered by ours", "CORE-04", "plain", [header(rest="to='localhost' version='10.3'"),
        says("version", "1.0"), features()]),
    ("header: for another host", "CORE-05", "plain",
        [header(rest="to='other.example' version='1.0'"), stream_error("host-unknown")]),
    ("header: no to", "CORE-03", "plain", [header(rest="version='1.0'"), stream_error("improper-addressing")]),
    ("header: to is a mailbox", "CORE-05", "plain",
        [header(rest="to='mallory@localhost' version='1.0'"), stream_error("host-unknown")]),
    ("header: to is no address", "JID-01", "plain", sweep(["", "@", "/", "a@", "localhost/", "&#x1F4A9;"],
        lambda to: [header(rest=f"to='{to}' version='1.0'"), stream_error("host-unknown")])),
    ("header: the answer names the domain", "CORE-05", "plain", [header(rest="to='other.example' version='1.0'"),
        says("from", "localhost"), stream_error("host-unknown")]),
    ("header: larger than its bound", "CORE-49", "plain",
        [header(rest="to='localhost' x='" + "x" * 5000 + "'"), stream_error("policy-violation")]),
    ("header: never ends", "CORE-49", "plain", ["<stream:stream " + "x" * 5000, stream_error("policy-violation")]),
    ("header: too many prefixes", "CORE-49", "plain", [header(rest="to='localhost' version='1.0' " + " ".join(
        f"xmlns:p{n}='u{n}'" for n in range(40))), stream_error("policy-violation")]),
    ("header: a megabyte of white space before it", "CORE-49", "plain", [" " * 2**20, HEADER.partition("?>")[2], features()]),
    ("header: the end tag comes first", "CORE-48", "plain", ["</stream:stream>", stream_error("not-well-formed")]),
    ("header: text before it", "CORE-48", "plain", ["hello", stream_error("not-well-formed")]),
    ("header: a line of HTTP", "CORE-48", "plain",
        ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", stream_error("not-well-formed")]),
    ("header: undeclared prefix", "CORE-48", "plain",
        ["<stream:stream xmlns='jabber:client' to='localhost' version='1.0'>", stream_error("not-well-formed")]),
    ("header: attribute twice", "CORE-48", "plain",
        [header(rest="to='localhost' to='localhost' version='1.0'"), stream_error("not-well-formed")]),
    ("header: an empty element begins no stream", "CORE-48", "plain", [HEADER[:-1] + "/>", stream_error("not-well-formed")]),
    ("header: another inside the stream", "CORE-13", "features",
        ["<stream:stream xmlns='jabber:client' to='localhost'></stream:stream>", stream_error("unsupported-stanza-type")]),
    ("header: ids cannot be guessed", "CORE-04", "plain", ids_differ),
    ("header: encoding in the declaration", "CORE-47", "plain", sweep(["ISO-8859-1", "UTF-16", "us-ascii"],
        lambda name: [f"<?xml version='1.0' encoding='{name}'?>" + HEADER.partition("?>")[2],
        stream_error("unsupported-encoding")])),
    ("header: UTF-16 on the wire", "CORE-47", "plain", [HEADER.encode("utf-16-le"), stream_error("not-well-formed")]),
    ("header: XML 1.1", "CORE-48", "plain",
        ["<?xml version='1.1'?>" + HEADER.partition("?>")[2], stream_error("not-well-formed")]),
    ("header: closed at once", "CORE-08", "plain", [HEADER, features(), "</stream:stream>", goodbye]),
]

TLS = [
    ("tls: nothing but STARTTLS is offered", "CORE-15", "tcp",
        [HEADER, features("xmpp-tls}starttls", "required", without=("mechanism", "bind"))]),
    ("tls: login before TLS", "CORE-21", "tcp features", [auth("PLAIN", b64("\0a\0b")), sasl_failure("encryption-required")]),
    ("tls: SCRAM before TLS", "CORE-21", "tcp features", [scram_auth(), sasl_failure("encryption-required")]),
    ("tls: a stanza before TLS", "CORE-07", "tcp features",
        ["<message to='pair@localhost'><body>x</body></message>", stream_error("not-authorized")]),
    ("tls: binding before TLS", "CORE-07", "tcp features",
        ["<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", stream_error("not-authorized")]),
    ("tls: a header behind starttls", "CORE-16", "tcp features", [STARTTLS + HEADER, stream_error("policy-violation")]),
    ("tls: white space behind starttls", "CORE-16", "tcp features", [STARTTLS + "\n", stream_error("policy-violation")]),
    ("tls: a login smuggled behind starttls", "CORE-16", "tcp features",
        [STARTTLS + auth("PLAIN", b64("\0a\0b")), stream_error("policy-violation")]),
    ("tls: starttls with features not awaited", "CORE-16", "tcp", [HEADER + STARTTLS + HEADER, stream_error("policy-violation")]),
    ("tls: garbage where the handshake should be", "CORE-20", "tcp features",
        [STARTTLS, lambda run, wire: wire.expect("element"), "x" * 600, no_tls_answer]),
    ("tls: a stream in clear on the TLS port", "CORE-20", "tls socket", [HEADER, no_tls_answer]),
    ("tls: a handshake on the port in clear", "CORE-48", "tcp",
        [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, stream_error("not-well-formed")]),
    ("tls: TLS 1.1 at most", "CORE-20", "tls socket", tls_too_old),
    ("tls: starttls under TLS", "CORE-15", "tcp secured", [HEADER, features(without=("starttls",)), STARTTLS, tls_failure]),
    ("tls: starttls on direct TLS", "CORE-15", "tls features", [STARTTLS, tls_failure]),
    ("tls: starttls where none is offered", "CORE-15", "features", [STARTTLS, tls_failure]),
    ("tls: starttls after login", "CORE-15", "unbound", [STARTTLS, tls_failure]),
    ("tls: starttls in a session", "CORE-13", "session", [STARTTLS, stream_error("unsupported-stanza-type")]),
    ("tls: starttls in another namespace", "CORE-13", "tcp features", ["<starttls/>", stream_error("unsupported-stanza-type")]),
    ("tls: proceed from a client", "CORE-13", "tcp features", [f"<proceed {TLS_NS}/>", stream_error("unsupported-stanza-type")]),
    ("tls: the connection ends in the handshake", "CORE-20", "tcp features",
        [STARTTLS, lambda run, wire: wire.expect("element"), lambda run, wire: wire.close()]),
    ("tls: the header of before is no header of after", "CORE-06", "tcp secured",
        ["<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        stream_error("invalid-namespace")]),
]


PLAIN_WRONG = [plain("\0$!mallory\0wrong"), sasl_failure("not-authorized")]

LOGIN = [
    ("sasl: a mechanism nobody knows", "CORE-21", "features", [auth("KERBEROS_V4"), sasl_failure("invalid-mechanism")]),
    ("sasl: no mechanism named", "CORE-21", "features", [f"<auth {SASL_NS}/>", sasl_failure("invalid-mechanism")]),
    ("sasl: mechanism in lower case", "CORE-21", "features", [auth("scram-sha-256", "="), sasl_failure("invalid-mechanism")]),
    ("sasl: PLAIN in clear", "CORE-21", "features", [auth("PLAIN", b64("\0a\0b")), sasl_failure("encryption-required")]),
    ("sasl: no PLAIN is offered in clear", "CORE-21", "plain", [HEADER,
        features("SCRAM-SHA-256", without=("PLAIN", "EXTERNAL", "-PLUS"))]),
    ("sasl: EXTERNAL without a certificate", "CORE-21", "tls features",
        [auth("EXTERNAL", "="), sasl_failure("invalid-mechanism")]),
    ("sasl: binding mechanism in clear", "CORE-26", "features",
        [scram_auth(gs2="p=tls-exporter,,", mechanism="SCRAM-SHA-256-PLUS"), sasl_failure("encryption-required")]),
    ("sasl: initial response is no base64", "CORE-22", "features", sweep(
        ["!", "====", "YQ", "YQ=", "YQ==YQ==", "Y Q=="[:3] + "Q==", "Y\nQ==", "YR==", "YWI=\n"],
        lambda text: [auth("SCRAM-SHA-256", text), sasl_failure("incorrect-encoding")])),
    ("sasl: response is no base64", "CORE-22", "features",
        [scram_auth(), challenge, f"<response {SASL_NS}>*</response>", sasl_failure("incorrect-encoding")]),
    ("sasl: a message too large", "CORE-49", "features",
        [auth("SCRAM-SHA-256", "YWFh" * 3000), sasl_failure("malformed-request")]),
    ("sasl: an element too large before login", "CORE-49", "features",
        [auth("SCRAM-SHA-256", "YWFh" * 5000), stream_error("policy-violation")]),
    ("sasl: SCRAM that is none", "CORE-25", "features", sweep(
        ["n", "n,", "n,,", "n,,n=a", "n,,r=abc", "x,,n=a,r=abc", "n,,r=abc,n=a", "n,,n=a,r=", "n,,m=ext,n=a,r=abc",
        "n,,n=a=2,r=abc", "n,,n=,r=abc", "\0\0\0"],
        lambda text: [auth("SCRAM-SHA-256", b64(text)), sasl_failure("malformed-request")])),
    ("sasl: wrong password", "CORE-27", "features",
        [scram_auth(), scram_response(password="wrong"), sasl_failure("not-authorized")]),
    ("sasl: nobody's account", "CORE-27", "features",
        [scram_auth(user="nobody$%"), scram_response(), sasl_failure("not-authorized")]),
    ("sasl: nobody's account looks like any", "CORE-27", "features", same_for_nobody),
    ("sasl: a name that cannot be prepared", "JID-01", "features",
        [scram_auth(user="no body"), scram_response(), sasl_failure("not-authorized")]),
    ("sasl: nonce cut short", "CORE-25", "features",
        [scram_auth(), scram_response(lambda text: text.replace(",r=", ",r=x")), sasl_failure("not-authorized")]),
    ("sasl: other gs2 header in the proof", "CORE-25", "features",
        [scram_auth(), scram_response(lambda text: text.replace("c=biws", "c=eSws")), sasl_failure("not-authorized")]),
    ("sasl: proof left out", "CORE-25", "features",
        [scram_auth(), scram_response(lambda text: text.partition(",p=")[0]), sasl_failure("malformed-request")]),
    ("sasl: proof of another length", "CORE-25", "features",
        [scram_auth(), scram_response(lambda text: text.partition(",p=")[0] + ",p=YWJj"), sasl_failure("malformed-request")]),
    ("sasl: binding claimed without -PLUS", "CORE-25", "tls features",
        [scram_auth(gs2="p=tls-exporter,,"), sasl_failure("not-authorized")]),
    ("sasl: the offer of binding was stripped", "CORE-25", "tls features",
        [scram_auth(gs2="y,,"), sasl_failure("not-authorized")]),
    ("sasl: binding of a kind nobody knows", "CORE-26", "tls features",
        [scram_auth(gs2="p=tls-unique,,", mechanism="SCRAM-SHA-256-PLUS"), sasl_failure("not-authorized")]),
    ("sasl: binding to another channel", "CORE-26", "tls features",
        [scram_auth(gs2="p=tls-exporter,,", mechanism="SCRAM-SHA-256-PLUS"), scram_response(), sasl_failure("not-authorized")]),
    ("sasl: -PLUS without binding", "CORE-26", "tls features",
        [scram_auth(gs2="n,,", mechanism="SCRAM-SHA-256-PLUS"), sasl_failure("not-authorized")]),
    ("sasl: to act as another", "CORE-23", "features",
        [scram_auth(gs2="n,a=pair@localhost,"), scram_response(), sasl_failure("invalid-authzid")]),
    ("sasl: to act as an account elsewhere", "CORE-23", "features",
        [scram_auth(gs2="n,a=$!mallory@other.example,"), scram_response(), sasl_failure("invalid-authzid")]),
    ("sasl: to act as the server", "CORE-23", "features",
        [scram_auth(gs2="n,a=localhost,"), scram_response(), sasl_failure("invalid-authzid")]),
    ("sasl: PLAIN, to act as another", "CORE-23", "tls features",
        [right_plain("pair@localhost"), sasl_failure("invalid-authzid")]),
    ("sasl: PLAIN, wrong password", "CORE-27", "tls features", PLAIN_WRONG),
    ("sasl: PLAIN, nobody's account", "CORE-27", "tls features", [plain("\0nobody$%\0wrong"), sasl_failure("not-authorized")]),
    ("sasl: PLAIN that is none", "CORE-22", "tls features", sweep(["a", "\0a", "a\0b", "\0\0b", "\0a\0", "\0a\0b\0c"],
        lambda text: [plain(text), sasl_failure("malformed-request")])),
    ("sasl: PLAIN in no UTF-8", "CORE-22", "tls features",
        [auth("PLAIN", b64(b"\0\xff\xfe\0x")), sasl_failure("not-authorized")]),
    ("sasl: PLAIN in the middle of SCRAM", "CORE-24", "tls features", [scram_auth(), challenge, *PLAIN_WRONG, log_in, quiet]),
    ("sasl: response before auth", "CORE-24", "features",
        [f"<response {SASL_NS}>YQ==</response>", sasl_failure("malformed-request")]),
    ("sasl: response after failure", "CORE-24", "features",
        [scram_auth(), scram_response(password="wrong"), sasl_failure("not-authorized"),
        f"<response {SASL_NS}>YQ==</response>", sasl_failure("malformed-request")]),
    ("sasl: two responses", "CORE-24", "features",
        [scram_auth(), scram_response(password="wrong"), f"<response {SASL_NS}>YQ==</response>",
        sasl_failure("not-authorized"), sasl_failure("malformed-request")]),
    ("sasl: a client that says success", "CORE-13", "features",
        [f"<success {SASL_NS}/>", stream_error("unsupported-stanza-type")]),
    ("sasl: a client that says challenge", "CORE-13", "features",
        [f"<challenge {SASL_NS}/>", stream_error("unsupported-stanza-type")]),
    ("sasl: abort of nothing", "CORE-24", "features", [f"<abort {SASL_NS}/>", sasl_failure("aborted")]),
    ("sasl: abort in the middle", "CORE-24", "features", [scram_auth(), challenge, f"<abort {SASL_NS}/>", sasl_failure("aborted"),
        log_in, quiet]),
    ("sasl: a new auth cancels the old", "CORE-24", "features", [scram_auth(user="pair"), challenge, log_in, quiet]),
    ("sasl: five failures end the stream", "CORE-24", "tls features", [*PLAIN_WRONG * 5, stream_error("policy-violation")]),
    ("sasl: five aborts end the stream", "CORE-24", "features",
        [*[f"<abort {SASL_NS}/>", sasl_failure("aborted")] * 5, stream_error("policy-violation")]),
    ("sasl: failures of all kinds count together", "CORE-24", "tls features",
        [*PLAIN_WRONG, auth("X"), sasl_failure("invalid-mechanism"), auth("PLAIN", "!"),
        sasl_failure("incorrect-encoding"), f"<abort {SASL_NS}/>", sasl_failure("aborted"), *PLAIN_WRONG,
        stream_error("policy-violation")]),
    ("sasl: login after login", "CORE-24", "unbound", [auth("PLAIN", b64("\0a\0b")), stream_error("unsupported-stanza-type")]),
    ("sasl: login in a session", "CORE-24", "session", [auth("PLAIN", b64("\0a\0b")), stream_error("unsupported-stanza-type")]),
    ("sasl: a stanza where the new header should be", "CORE-06", "logged in",
        ["<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        stream_error("invalid-namespace")]),
    ("sasl: the end of the old stream", "CORE-06", "logged in", ["</stream:stream>", stream_error("not-well-formed")]),
    ("sasl: another's from after login", "CORE-03", "logged in",
        [header(rest="from='pair@localhost' to='localhost' version='1.0'"), stream_error("invalid-from")]),
    ("sasl: another domain's from after login", "CORE-03", "logged in",
        [header(rest="from='$!mallory@other.example' to='localhost' version='1.0'"), stream_error("invalid-from")]),
    ("sasl: another's from before login", "CORE-03", "plain",
        [header(rest="from='pair@localhost' to='localhost' version='1.0'"), features(),
        scram_auth(), scram_response(), stream_error("invalid-from")]),
    ("sasl: other host after login", "CORE-06", "logged in",
        [header(rest="to='other.example' version='1.0'"), stream_error("host-unknown")]),
    ("sasl: kernel identity, to act as another", "CORE-23", "unix features",
        [auth("EXTERNAL", b64("pair@localhost")), sasl_failure("invalid-authzid")]),
    ("sasl: kernel identity, full JID asked for", "CORE-23", "unix features",
        [auth("EXTERNAL", b64("root@localhost/x")), sasl_failure("invalid-authzid")]),
    ("sasl: kernel identity, elsewhere", "CORE-23", "unix features",
        [auth("EXTERNAL", b64("root@other.example")), sasl_failure("invalid-authzid")]),
    ("sasl: kernel identity, no address", "CORE-23", "unix features",
        [auth("EXTERNAL", b64("\0")), sasl_failure("invalid-authzid")]),
    ("sasl: the connection ends in the middle", "CORE-24", "features", [scram_auth(), challenge, lambda run, wire: wire.close()]),
]

THEMES = [("headers", HEADERS), ("TLS", TLS), ("SASL", LOGIN)]
