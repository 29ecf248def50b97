"""Bytes that are no XML, no XMPP or too much of it: before login, in a session, on a component's stream."""
from script import at, gets, quiet, sasl_failure, stream_error, sweep
from wire import HEADER

# What is around the bad bytes at each place: INNER stands inside the element, ATTRIBUTES in its start tag.
FRAMES = {
    "features": "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' ATTRIBUTES>INNER</auth>",
    "session": "<message to='pair@localhost' ATTRIBUTES>INNER</message>",
    "component": "<message from='x@$mallory' to='pair@localhost' ATTRIBUTES>INNER</message>",
}
WHERE = {"features": "before login", "session": "in a session", "component": "on a component's stream"}
DEPTH, ATTRIBUTES, NAME, NAMESPACE, DECLARATIONS, STANZA, FIRST = 64, 64, 256, 512, 256, 2**20, 16 * 1024


def step(place, inner, attributes=""):
    """Sends the element with these bytes in it; text that begins with FIRST stands at the first level instead."""
    if isinstance(inner, str) and inner.startswith("FIRST"):
        return lambda run, wire: wire.send(run.text(inner[5:]))
    before, _, after = FRAMES[place].replace(" ATTRIBUTES", " " + attributes if attributes else "").partition("INNER")

    def send(run, wire):
        data = inner if isinstance(inner, bytes) else inner.encode()
        wire.send(run.text(before).encode() + data + after.encode())
    return send


NOT_WELL_FORMED = [
    ("crossed elements", "CORE-48", ["<a><b></a></b>"]),
    ("end tag of another name", "CORE-48", ["<a></b>"]),
    ("end tag without a start", "CORE-48", ["FIRST</body>"]),
    ("end tag with an attribute", "CORE-48", ["<a></a b='c'>"]),
    ("no quotes", "CORE-48", ["<a b=c/>", "<a b='c\"/>'<", "<a b/>"]),
    ("no space between attributes", "CORE-48", ["<a b='c'd='e'/>"]),
    ("attribute twice", "CORE-48", ["<a b='c' b='d'/>", "<a xmlns='u' xmlns='u'/>"]),
    ("attribute twice by namespace", "CORE-48", ["<a xmlns:p='u' xmlns:q='u' p:b='c' q:b='d'/>"]),
    ("less-than in a value", "CORE-48", ["<a b='<'/>"]),
    ("undeclared prefix of an element", "CORE-48", ["<p:a/>"]),
    ("undeclared prefix of an attribute", "CORE-48", ["<a p:b='c'/>"]),
    ("prefix of a sibling", "CORE-48", ["<a xmlns:p='u'/><p:b/>"]),
    ("prefix taken back", "CORE-48", ["<a xmlns:p=''/>"]),
    ("prefix xmlns", "CORE-48", ["<a xmlns:xmlns='u'/>", "<xmlns:a/>", "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>"]),
    ("prefix xml bound to something else", "CORE-48",
        ["<a xmlns:xml='u'/>", "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>"]),
    ("names with colons where none may be", "CORE-48", ["<a:/>", "<:a/>", "<a b:c:d='e'/>", "<a xmlns:='u'/>"]),
    ("names that are none", "CORE-48", ["<1a/>", "<-a/>", "<a 2='b'/>", "< a/>", "<\u00d7/>"]),
    ("bare ampersand", "CORE-48", ["a & b", "&", "<a b='&'/>", "&lt", "&#;", "&#x;", "&#xZ;"]),
    ("references to what is no character", "CORE-48", ["&#0;", "&#1;", "&#xD800;", "&#xFFFE;", "&#x110000;", "<a b='&#0;'/>",
        "&#4294967297;"]),
    ("control characters", "CORE-48", [b"\x01", b"\x00", b"\x0b", b"\x1b[2J", b"<a b='\x02'/>", b"<a\x00/>"]),
    ("end of CDATA in text", "CORE-48", ["a ]]> b"]),
    ("CDATA that is none", "CORE-48", ["<![cdata[x]]>", "<![CDATA x]]>", "<![CDAT"[:7] + "<"]),
    ("markup that is none", "CORE-48", ["<>", "</>", "<a/ >", "<a<b/>", "<a//>"]),
    ("text between elements", "CORE-48", ["FIRSThello<a/>", "FIRST&lt;<a/>", "FIRST<![CDATA[ ]]><a/>"]),
    ("overlong UTF-8", "CORE-48", [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xc1\xbf"]),
    ("surrogates in UTF-8", "CORE-48", [b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80"]),
    ("UTF-8 cut short", "CORE-48", [b"\xc3 ", b"\xe2\x82 ", b"\xf0\x9f\x98 "]),
    ("UTF-8 that continues nothing", "CORE-48", [b"\x80", b"\xbf", b"a\xa0"]),
    ("bytes that UTF-8 never has", "CORE-48", [b"\xfe", b"\xff", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80"]),
    ("UTF-8 above the last character", "CORE-48", [b"\xf4\x90\x80\x80", b"\xf7\xbf\xbf\xbf"]),
    ("characters that XML does not have", "CORE-48", [b"\xef\xbf\xbe", b"\xef\xbf\xbf"]),
    ("bad UTF-8 in a value and in a name", "CORE-48",
        [b"<a b='\xc0\xaf'/>", b"<a\xed\xa0\x80/>", b"<a \xffb='c'/>", b"<a b='\xe2\x82'/>"]),
]
RESTRICTED = [
    ("comment", "CORE-47", ["<!-- a -->", "FIRST<!-- a --><a/>", "<!---->"]),
    ("processing instruction", "CORE-47", ["<?php a ?>", "FIRST<?php a ?><a/>"]),
    ("document type", "CORE-47",
        ["<!DOCTYPE a>", "<!ELEMENT a>", "FIRST<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
        "FIRST<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"]),
    ("entity", "CORE-47", ["&nbsp;", "<a b='&x;'/>", "&lol9;"]),
]
TOO_MUCH = [
    ("too deep", "CORE-49", ["<a>" * (DEPTH + 1)]),
    ("too many attributes", "CORE-49", ["<a " + " ".join(f"b{n}=''" for n in range(ATTRIBUTES + 1)) + "/>"]),
    ("name too long", "CORE-49", [f"<{'a' * (NAME + 1)}/>", f"<a {'b' * (NAME + 1)}=''/>", f"<{'a' * (NAME + 1)}"]),
    ("namespace name too long", "CORE-49", [f"<a xmlns='{'u' * (NAMESPACE + 1)}'/>"]),
    ("too many declarations in scope", "CORE-49", ["".join(
        f"<a {' '.join(f'''xmlns:p{level}x{n}='u{n}{level}' ''' for n in range(30))}>" for level in range(DECLARATIONS // 30 + 2))]),
]


def rows_of(kind, rows, condition):
    for place, where in WHERE.items():
        for name, rule, inners in rows:
            yield (f"{kind}: {name}, {where}", rule, place,
                   sweep(inners, lambda inner, place=place: [step(place, inner), stream_error(condition)]))


SIZES = [
    ("size: one element too large before login", "CORE-49", "features",
        [step("features", "x" * (FIRST + 1)), stream_error("policy-violation")]),
    ("size: one element that never ends before login", "CORE-49", "features",
        ["<auth " + "x" * (FIRST + 10), stream_error("policy-violation")]),
    ("size: a stanza too large between login and binding", "CORE-49", "unbound",
        ["<iq type='set' id='1'>" + "x" * (FIRST + 10), stream_error("policy-violation")]),
    ("size: a stanza too large in a session", "CORE-44", "session",
        [step("session", "<body>" + "x" * STANZA + "</body>"), stream_error("policy-violation")]),
    ("size: a stanza that never ends", "CORE-44", "session",
        ["<message><body>" + "x" * (STANZA + 10), stream_error("policy-violation")]),
    ("size: a start tag that never ends", "CORE-44", "session",
        ["<message a='" + "x" * (STANZA + 10), stream_error("policy-violation")]),
    ("size: CDATA that never ends", "CORE-44", "session",
        ["<message><body><![CDATA[" + "x" * (STANZA + 10), stream_error("policy-violation")]),
    ("size: too large on a component's stream", "CORE-44", "component",
        [step("component", "<body>" + "x" * STANZA + "</body>"), stream_error("policy-violation")]),
    ("size: too large before the handshake", "CORE-49", "component header",
        ["<handshake>" + "x" * (FIRST + 10), stream_error("policy-violation")]),
    ("size: a component's header without end", "CORE-49", "component socket",
        ["<stream:stream " + "x" * 5000, stream_error("policy-violation")]),
    ("size: just below the bound passes", "CORE-44", "session",
        ["<message to='$bob' type='chat'><body>" + "y" * (STANZA - 400) + "</body></message>", quiet,
        at("bob", gets("message", holds="yyyy", from_="$mallory"))]),
    ("size: just as deep as allowed passes", "CORE-49", "session",
        ["<message to='$bob'>" + "<a>" * (DEPTH - 1) + "</a>" * (DEPTH - 1) + "</message>", quiet,
        at("bob", gets("message", from_="$mallory"))]),
    ("size: just as many attributes as allowed pass", "CORE-49", "session",
        ["<message to='$bob'><a " + " ".join(f"b{n}=''" for n in range(ATTRIBUTES)) + "/></message>", quiet,
        at("bob", gets("message", from_="$mallory"))]),
    ("size: the end of the connection inside a stanza", "CORE-48", "session",
        ["<message to='$bob'><body>half", lambda run, wire: wire.close(), at("bob", quiet)]),
    ("size: the end of the stream inside a stanza", "CORE-48", "session",
        ["<message to='$bob'><body>half</stream:stream>", stream_error("not-well-formed"), at("bob", quiet)]),
]

# What passes the scanner must not break, or become something else on, the stream of who gets it: bob's parser is expat.
PREFIXED = HEADER.replace(" to=", " xmlns:evil='urn:evil' to=")


def own_header(header):
    """Mallory's session, begun with a header of its own making."""
    def steps(run, wire):
        wire.log_in(run.account("mallory"), run.bus.password)
        wire.open(header)
        wire.bind()
    return steps


SMUGGLING = [
    ("smuggled: end tags in CDATA", "CORE-50", "session",
        ["<message to='$bob'><body><![CDATA[</body></message><iq type='set'/>]]></body></message>", quiet,
        at("bob", gets("message", holds="&lt;/body&gt;&lt;/message&gt;", from_="$mallory"), quiet)]),
    ("smuggled: end tags as references", "CORE-50", "session",
        ["<message to='$bob'><body>&#60;/message&#62;</body></message>", quiet,
        at("bob", gets("message", holds="&lt;/message&gt;"), quiet)]),
    ("smuggled: a prefix of the sender's header", "CORE-12", "features",
        [own_header(PREFIXED), "<message to='$bob'><evil:a/></message>", quiet,
        at("bob", gets("message", holds="urn:evil"), quiet)]),
    ("smuggled: a prefix of the sender's header on an attribute", "CORE-12", "features",
        [own_header(PREFIXED), "<message to='$bob'><a xmlns='u' evil:b='c'/></message>", quiet,
        at("bob", gets("message", holds="urn:evil"), quiet)]),
    ("smuggled: stanzas in a prefixed content namespace", "CORE-11", "features",
        [own_header(HEADER.replace(" to=", " xmlns:c='jabber:client' to=")),
        "<c:message to='$bob'><c:body>x</c:body></c:message>", quiet,
        at("bob", gets("message", from_="$mallory", holds="jabber:client"), quiet)]),
    ("smuggled: the receiver's prefix stream means something else", "CORE-12", "session",
        ["<message to='$bob'><stream:error xmlns:stream='urn:other'/></message>", quiet,
        at("bob", gets("message", holds="urn:other"), quiet)]),
    ("smuggled: a stream error inside a message", "CORE-09", "session",
        ["<message to='$bob'><stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></message>",
        quiet, at("bob", gets("message"), quiet)]),
    ("smuggled: a stanza inside a stanza", "CORE-11", "session",
        ["<message to='$bob'><iq type='set' id='9' from='localhost'><query xmlns='jabber:iq:roster'/></iq></message>", quiet,
        at("bob", gets("message", from_="$mallory"), quiet)]),
    ("smuggled: a stanza of another namespace", "CORE-13", "session",
        sweep(["jabber:server", "jabber:component:accept", "urn:other", ""],
        lambda ns: [f"<message xmlns='{ns}' to='pair@localhost'/>", stream_error("unsupported-stanza-type")])),
    ("smuggled: a first-level element nobody knows", "CORE-13", "session", ["<hello/>", stream_error("unsupported-stanza-type")]),
    ("smuggled: quotes and line ends in an address", "CORE-32", "session",
        ["<message to='$bob' id='&apos; from=&apos;localhost&#10;'><body>x</body></message>", quiet,
        at("bob", gets("message", from_="$mallory", id="' from='localhost\n"), quiet)]),
    ("smuggled: xml:lang that breaks out of its attribute", "CORE-12", "features",
        [own_header(HEADER.replace(" to=", " xml:lang=\"x' from='localhost\" to=")),
        "<message to='$bob'><body>x</body></message>", quiet, at("bob", gets("message", from_="$mallory"), quiet)]),
    ("smuggled: U+FEFF is a character", "CORE-47", "session",
        ["<message to='$bob'><body>\ufeffx</body></message>", quiet, at("bob", gets("message", holds="\ufeffx"), quiet)]),
    ("smuggled: a byte order mark before the header", "CORE-47", "plain",
        [b"\xef\xbb\xbf" + HEADER.encode(), stream_error("not-well-formed")]),
    ("smuggled: a second XML declaration", "CORE-47", "session",
        ["<?xml version='1.0'?><message/>", stream_error("restricted-xml")]),
    ("smuggled: white space is no stanza", "CORE-14", "session", [" \t\r\n" * 5000, quiet]),
    ("smuggled: white space inside SASL", "CORE-22", "features",
        [" \n <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'> YQ== </auth>",
        sasl_failure("incorrect-encoding")]),
]

THEMES = [
    ("not well-formed", list(rows_of("xml", NOT_WELL_FORMED, "not-well-formed"))),
    ("restricted XML", list(rows_of("restricted", RESTRICTED, "restricted-xml"))),
    ("too much XML", list(rows_of("limit", TOO_MUCH, "policy-violation")) + SIZES),
    ("smuggling", SMUGGLING),
]
