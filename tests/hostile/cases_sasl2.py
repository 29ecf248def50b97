"""SASL2 and Bind 2 (XEP-0388, XEP-0386): logins in one turn, with what travels inside them."""
import base64

from fake_bus import BIND as BIND_1, HEADER as SERVER_HEADER, OPEN, SASL_NS, features as offers, until
from script import PLACES, Wrong, at, features, quiet, stream_error, sweep, told
from victim import NOT_LOGGED_IN, SHORT, UNAVAILABLE, victim
from wire import HEADER, STREAM, Scram, b64

SASL2_NS = "xmlns='urn:xmpp:sasl:2'"
SASL2 = "{urn:xmpp:sasl:2}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
SM = "{urn:xmpp:sm:3}"
BIND2 = "{urn:xmpp:bind:0}"
BIND = "<bind xmlns='urn:xmpp:bind:0'/>"
MANAGED = "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>"


def authenticate(mechanism, initial=None, inside=""):
    first = "" if initial is None else f"<initial-response>{initial}</initial-response>"
    return f"<authenticate {SASL2_NS} mechanism='{mechanism}'>{first}{inside}</authenticate>"


def begin(inside="", gs2="n,,", user="$!mallory"):
    """The first message of a SCRAM login, kept for prove()."""
    def step(run, wire):
        scram = Scram(run.text(user), run.bus.password, gs2=run.text(gs2))
        run.kept["scram"] = scram
        wire.send(authenticate("SCRAM-SHA-256", b64(scram.first()), run.text(inside).replace("ID", run.kept.get("id", ""))))
    return step


def challenged(run, wire):
    run.kept["challenge"] = base64.b64decode(wire.expect("element", SASL2 + "challenge").text).decode()


def prove(password=None):
    def step(run, wire):
        challenged(run, wire)
        if password is not None:
            run.kept["scram"].password = password
        wire.send(f"<response {SASL2_NS}>{b64(run.kept['scram'].final(run.kept['challenge']))}</response>")
    return step


def failure(condition):
    def check(run, wire):
        element = wire.expect("element", SASL2 + "failure")
        if element[0].tag != SASL + condition:
            raise Wrong(f"expected the SASL failure {condition}, got {told('element', element)}")
    return check


def success(*holds, lacks=(), then_features=True):
    """<success/> that holds these elements and not those; the features follow unless a session goes on."""
    def check(run, wire):
        element = wire.expect("element", SASL2 + "success")
        tags = [e.tag for e in element.iter()]
        missing = [tag for tag in holds if tag not in tags] + [tag for tag in lacks if tag in tags]
        if missing:
            raise Wrong(f"{missing} in {told('element', element)}")
        wire.jid = element.find(SASL2 + "authorization-identifier").text
        enabled = element.find(f".//{SM}enabled")
        if enabled is not None:
            run.kept["id"] = enabled.get("id")
        if then_features:
            wire.expect("element", STREAM + "features")
    return check


def resource_is(check_it):
    def check(run, wire):
        resource = wire.jid.partition("/")[2]
        if not check_it(resource):
            raise Wrong(f"the resource is {resource[:80]!r}")
    return check


def honest(inside=BIND):
    """A whole login of mallory's."""
    return [begin(inside), prove()]


def elsewhere(run, wire):
    """Mallory goes on over a new connection."""
    run.wires["mallory"] = PLACES["tls features"](run, "mallory")


WRONG = [authenticate("SCRAM-SHA-256", b64("nonsense")), failure("malformed-request")]
OTHER_SESSION = [at("bob", "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
                    lambda run, wire: run.kept.update(id=wire.expect("element", SM + "enabled").get("id")))]

LOGIN = [
    ("sasl2: not offered in clear", "CORE-30", "plain", [HEADER, features("SCRAM-SHA-256", without=("sasl:2",))]),
    ("sasl2: used where it is not offered", "CORE-07", "features",
        [authenticate("SCRAM-SHA-256"), stream_error("unsupported-stanza-type")]),
    ("sasl2: before TLS", "CORE-16", "tcp features", [authenticate("SCRAM-SHA-256"), stream_error("unsupported-stanza-type")]),
    ("sasl2: a mechanism nobody knows", "CORE-21", "tls features",
        [authenticate("KERBEROS_V4", inside=BIND), failure("invalid-mechanism")]),
    ("sasl2: no mechanism named", "CORE-21", "tls features", [f"<authenticate {SASL2_NS}/>", failure("invalid-mechanism")]),
    ("sasl2: initial response is no base64", "CORE-22", "tls features", sweep(
        ["!", "=", "====", "YQ", "Y\nQ==", " YQ=="],
        lambda text: [authenticate("SCRAM-SHA-256", text), failure("incorrect-encoding")])),
    ("sasl2: an element too large before login", "CORE-49", "tls features",
        [authenticate("SCRAM-SHA-256", "YWFh" * 5000), stream_error("policy-violation")]),
    ("sasl2: a tag too large before login", "CORE-49", "tls features",
        [authenticate("SCRAM-SHA-256", "", BIND.replace("/>", f"><tag>{'x' * 17000}</tag></bind>")), stream_error("policy-violation")]),
    ("sasl2: wrong password", "CORE-27", "tls features", [begin(MANAGED), prove("wrong"), failure("not-authorized")]),
    ("sasl2: nobody's account", "CORE-27", "tls features", [begin(user="nobody$%"), prove(), failure("not-authorized")]),
    ("sasl2: the offer of binding was stripped", "CORE-25", "tls features", [begin(gs2="y,,"), failure("not-authorized")]),
    ("sasl2: to act as another", "CORE-23", "tls features",
        [begin(BIND, gs2="n,a=pair@localhost,"), prove(), failure("invalid-authzid")]),
    ("sasl2: the header names another", "CORE-30", "tls",
        [HEADER.replace("to=", "from='pair@localhost' to="), features(), begin(BIND), prove(), failure("invalid-authzid")]),
    ("sasl2: a second authenticate under way", "CORE-24", "tls features",
        [begin(), challenged, authenticate("SCRAM-SHA-256", b64("n,,n=a,r=b")), stream_error("policy-violation")]),
    ("sasl2: something else under way", "CORE-24", "tls features", sweep(
        [f"<auth {SASL_NS} mechanism='PLAIN'>AGEAYg==</auth>", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
         "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>", "<x xmlns='urn:x'/>"],
        lambda text: [begin(), challenged, text, stream_error("policy-violation")])),
    ("sasl2: a stanza under way", "CORE-07", "tls features",
        [begin(BIND), challenged, "<message to='$~bob'><body>x</body></message>", stream_error("not-authorized"), at("bob", quiet)]),
    ("sasl2: response before authenticate", "CORE-24", "tls features",
        [f"<response {SASL2_NS}>YQ==</response>", failure("malformed-request")]),
    ("sasl2: a client that says success", "CORE-13", "tls features",
        [f"<success {SASL2_NS}/>", stream_error("unsupported-stanza-type")]),
    ("sasl2: abort in the middle, then an honest login", "CORE-24", "tls features",
        [begin(), challenged, f"<abort {SASL2_NS}/>", failure("aborted"), *honest(), success(BIND2 + "bound"), quiet]),
    ("sasl2: five failures end the stream", "CORE-24", "tls features", [*WRONG * 5, stream_error("policy-violation")]),
    ("sasl2: login after login", "CORE-30", "tls features",
        [*honest(""), success(lacks=(BIND2 + "bound",)), authenticate("SCRAM-SHA-256"), stream_error("unsupported-stanza-type")]),
    ("sasl2: login in a session", "CORE-30", "tls features",
        [*honest(), success(BIND2 + "bound"), authenticate("SCRAM-SHA-256"), stream_error("unsupported-stanza-type")]),
    # What it says of itself counts for nothing: no token hangs on it.
    ("sasl2: a user agent that is none", "CORE-30", "tls features", sweep(["", "id=''", "id='x'", f"id='{'x' * 9000}'"],
        lambda id: [*honest(f"<user-agent {id}><software>&#x202e;</software></user-agent>" + BIND), success(BIND2 + "bound"), quiet])),
    ("fast: no token is offered", "CORE-31", "tls", [HEADER, features("sasl:2", without=("urn:xmpp:fast:0", "HT-SHA"))]),
    ("fast: a token is asked for", "CORE-31", "tls features",
        [*honest("<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/>" + BIND),
         success(BIND2 + "bound", lacks=("{urn:xmpp:fast:0}token",)), quiet]),
    ("fast: a login with a token", "CORE-31", "tls features", sweep(["HT-SHA-256-EXPR", "HT-SHA-256-NONE", "HT-SHA-512-ENDP"],
        lambda mechanism: [authenticate(mechanism, b64("pair\0" + "x" * 32), "<fast xmlns='urn:xmpp:fast:0' count='1'/>" + BIND),
                           failure("invalid-mechanism")])),
    ("sasl2: the header of a restart", "CORE-28", "tls features",
        [*honest(), success(BIND2 + "bound"), HEADER, stream_error("restricted-xml")]),
]

INLINE = [
    ("bind2: without a tag", "SM-19", "tls features",
        [*honest(), success(BIND2 + "bound"), resource_is(lambda text: len(text) >= 12 and "/" not in text), quiet]),
    ("bind2: a tag that is no part of a resource", "JID-01", "tls features", sweep(["a&#x9;b", "x" * 1100, "\u200e"],
        lambda text: [*honest(f"<bind xmlns='urn:xmpp:bind:0'><tag>{text}</tag></bind>"), success(BIND2 + "bound"),
                      resource_is(lambda resource: len(resource) < 60 and "/" not in resource), quiet])),
    ("bind2: a tag that is another's resource", "CORE-29", "tls features",
        [*honest("<bind xmlns='urn:xmpp:bind:0'><tag>desk</tag></bind>"), success(BIND2 + "bound"),
         resource_is(lambda text: text.startswith("desk/") and len(text) >= 17), quiet]),
    ("bind2: nothing of a failed login is done", "CORE-30", "tls features",
        [begin(MANAGED), prove("wrong"), failure("not-authorized"), *honest(""), success(lacks=(BIND2 + "bound", SM + "enabled"))]),
    ("bind2: enable again", "SM-02", "tls features",
        [*honest(MANAGED), success(SM + "enabled"), "<enable xmlns='urn:xmpp:sm:3'/>", stream_error("policy-violation")]),
    ("resume inline: another's session", "SM-12", "tls features",
        [*OTHER_SESSION, *honest("<resume xmlns='urn:xmpp:sm:3' previd='ID' h='0'/>" + MANAGED),
         success(SM + "failed", BIND2 + "bound", lacks=(SM + "resumed",)), quiet, at("bob", quiet)]),
    ("resume inline: a session nobody had", "SM-14", "tls features",
        [*honest("<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>"), success(SM + "failed", lacks=(BIND2 + "bound",))]),
    ("resume inline: no count", "SM-12", "tls features", sweep(["previd='x'", "h='0'", "previd='x' h='-1'", "previd='x' h='4294967296'"],
        lambda text: [*honest(f"<resume xmlns='urn:xmpp:sm:3' {text}/>" + BIND), success(SM + "failed", BIND2 + "bound"), quiet])),
    ("resume inline: more than was sent", "SM-09", "tls features",
        [*honest(MANAGED), success(SM + "enabled"),
         elsewhere,
         *honest("<resume xmlns='urn:xmpp:sm:3' previd='ID' h='99'/>"), stream_error("undefined-condition")]),
]

OFFER = ("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>EXTERNAL</mechanism><inline><sm xmlns='urn:xmpp:sm:3'/>"
         "<bind xmlns='urn:xmpp:bind:0'/></inline></authentication>")


def told_success(inner):
    return f"<success {SASL2_NS}>{inner}</success>"


def answered(name, rule, answer, status, *arguments, **options):
    """The client, whose login by SASL2 is answered so."""
    script = [OPEN, SERVER_HEADER + offers(OFFER), until("</authenticate>"), *([answer] if isinstance(answer, str) else answer)]
    return (name, rule, "nowhere", victim("unix", script, status, *arguments, **options))


WHO = "<authorization-identifier>victim@localhost/x</authorization-identifier>"
SERVERS = [
    answered("server, sasl2: a success that says not whose", "SM-19", told_success("<bound xmlns='urn:xmpp:bind:0'/>"), UNAVAILABLE,
        heard=[b"bad-format"]),
    answered("server, sasl2: a success of no JID", "SM-19", told_success("<authorization-identifier>a@b@c</authorization-identifier>"),
        UNAVAILABLE, heard=[b"bad-format"]),
    answered("server, sasl2: bound to no resource", "SM-19",
        told_success("<authorization-identifier>victim@localhost</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/>"), UNAVAILABLE,
        "no full JID"),
    answered("server, sasl2: the other profile's success", "CORE-13", f"<success {SASL_NS}/>", UNAVAILABLE,
        heard=[b"unsupported-stanza-type"]),
    answered("server, sasl2: a further step", "SM-19", f"<continue {SASL2_NS}><tasks><task>TOTP</task></tasks></continue>", NOT_LOGGED_IN),
    answered("server, sasl2: refused", "SM-19",
        f"<failure {SASL2_NS}><not-authorized {SASL_NS}/></failure>", NOT_LOGGED_IN, "not-authorized"),
    answered("server, sasl2: a session that nobody asked for", "SM-13",
        told_success(WHO + "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='5'/>") + offers(""), UNAVAILABLE, "no resource binding"),
    answered("server, sasl2: features never come", "CORE-49", told_success(WHO + "<bound xmlns='urn:xmpp:bind:0'/>"), UNAVAILABLE,
        "no login within", deadline=SHORT),
    answered("server, sasl2: success twice", "CORE-13",
        [told_success(WHO), told_success(WHO) + offers(BIND_1)], UNAVAILABLE, heard=[b"unsupported-stanza-type"]),
]

THEMES = [("SASL2", LOGIN), ("what travels inside a login", INLINE), ("a server's lies about a login", SERVERS)]
