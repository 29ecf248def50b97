"""Presence, rosters and subscriptions: who learns what, and who may change what (RFC 6121)."""
from script import at, error, gets, quiet, skip, sweep

ROSTER = "jabber:iq:roster"
ONLINE = ["<presence/>", gets("presence", from_="$bob", type=None)]
SUBSCRIBED = [  # mallory sees bob's presence, as bob allowed
    at("bob", *ONLINE), "<presence type='subscribe' to='$~bob'/>", quiet, at("bob", gets("presence", type="subscribe"),
    "<presence type='subscribed' to='$~mallory'/>", skip), skip]


def roster(inner, type="set", to="", id="1"):
    return f"<iq type='{type}' id='{id}'{to}><query xmlns='{ROSTER}'>{inner}</query></iq>"


def item(jid="x@localhost", rest="", inner=""):
    return f"<item jid='{jid}' {rest}>{inner}</item>"


LEAKS = [
    ("leak: a stranger's probe", "CORE-39", "session", [at("bob", *ONLINE), "<presence type='probe' to='$~bob'/>", quiet,
        at("bob", quiet)]),
    ("leak: a stranger's probe of a resource", "CORE-39", "session",
        [at("bob", *ONLINE), "<presence type='probe' to='$bob'/>", quiet, at("bob", quiet)]),
    ("leak: a probe in another's name", "CORE-39", "session",
        [at("bob", *ONLINE), "<presence type='probe' from='$~bob' to='$~bob'/>", quiet, at("bob", quiet)]),
    ("leak: a probe of who is not available", "CORE-39", "session",
        ["<presence type='probe' to='$~bob'/>", quiet, at("bob", quiet)]),
    ("leak: a probe of nobody", "CORE-39", "session", ["<presence type='probe' to='nobody$%@localhost'/>", quiet]),
    ("leak: coming and going is not told to strangers", "CORE-39", "session", ["<presence/>", gets("presence"),
        at("bob", *ONLINE, "<presence type='unavailable'/>", skip), quiet]),
    ("leak: a request alone shows nothing", "CORE-39", "session", [at("bob", *ONLINE), "<presence/>", gets("presence"),
        "<presence type='subscribe' to='$~bob'/>", skip,
        at("bob", gets("presence", type="subscribe"), "<presence><show>away</show></presence>", skip), quiet]),
    ("leak: a refused request shows nothing", "CORE-39", "session", [at("bob", *ONLINE), "<presence/>", gets("presence"),
        "<presence type='subscribe' to='$~bob'/>", skip,
        at("bob", gets("presence", type="subscribe"), "<presence type='unsubscribed' to='$~mallory'/>", quiet), skip,
        at("bob", "<presence><show>dnd</show></presence>", skip), quiet]),
    ("leak: a subscription taken back ends it", "CORE-39", "session", ["<presence/>", gets("presence"), *SUBSCRIBED,
        at("bob", "<presence type='unsubscribed' to='$~mallory'/>", skip), skip,
        at("bob", "<presence><show>away</show></presence>", skip), quiet]),
    ("leak: discovery of a stranger", "DISCO-03", "session",
        [at("bob", *ONLINE), "<iq type='get' id='1' to='$~bob'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        error("service-unavailable", from_="$~bob")]),
    ("leak: a stranger's resources", "DISCO-03", "session",
        [at("bob", *ONLINE), "<iq type='get' id='1' to='$~bob'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
        error("service-unavailable")]),
    ("leak: discovery of nobody is the same", "DISCO-03", "session",
        ["<iq type='get' id='1' to='nobody$%@localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
        error("service-unavailable")]),
    ("leak: last activity and the like of a stranger", "CORE-40", "session",
        sweep(["jabber:iq:last", "vcard-temp", "jabber:iq:private", "jabber:iq:privacy", "urn:xmpp:blocking"],
        lambda ns: [f"<iq type='get' id='1' to='pair@localhost'><query xmlns='{ns}'/></iq>", error("service-unavailable")])),
    ("leak: directed presence ends with the session", "CORE-39", "session",
        ["<presence to='$bob'/>", quiet, at("bob", gets("presence", from_="$mallory", type=None)), lambda run, wire: wire.close(),
        at("bob", gets("presence", from_="$mallory", type="unavailable"))]),
]

SPOOFING = [
    ("subscription: approval nobody asked for", "CORE-39", "session",
        [at("bob", *ONLINE), "<presence type='subscribed' to='$~bob'/>", skip, at("bob", quiet, roster("", "get"),
        gets("iq", type="result", lacks="item"))]),
    ("subscription: approval of oneself in another's name", "CORE-32", "session",
        [at("bob", *ONLINE), "<presence type='subscribe' to='$~bob'/>", skip, at("bob", gets("presence", type="subscribe")),
        "<presence type='subscribed' from='$~bob' to='$~mallory'/>", skip,
        at("bob", "<presence><show>away</show></presence>", skip), quiet]),
    ("subscription: end of one that never was", "CORE-39", "session",
        [at("bob", *ONLINE), "<presence type='unsubscribe' to='$~bob'/><presence type='unsubscribed' to='$~bob'/>", skip,
        at("bob", quiet)]),
    ("subscription: ending another's", "CORE-32", "session",
        [*SUBSCRIBED, at("carol", "<presence type='unsubscribed' from='$~bob' to='$~mallory'/>", skip), quiet]),
    ("subscription: to oneself", "CORE-39", "session", ["<presence type='subscribe' to='$~mallory'/>", quiet]),
    ("subscription: to the server", "CORE-39", "session", ["<presence type='subscribe' to='localhost'/>", skip, quiet]),
    ("subscription: to nobody looks like waiting", "CORE-39", "session",
        ["<presence type='subscribe' to='nobody$%@localhost'/>", quiet]),
    ("subscription: to a resource is to the account", "CORE-32", "session",
        [at("bob", *ONLINE), "<presence type='subscribe' to='$bob'/>", skip,
        at("bob", gets("presence", type="subscribe", to="$~bob", from_="$~mallory"))]),
    ("subscription: asked again and again is told once", "CORE-39", "session",
        [at("bob", *ONLINE), "<presence type='subscribe' to='$~bob'/>" * 50, skip,
        at("bob", gets("presence", type="subscribe"), quiet)]),
    ("subscription: presence too large to be kept", "CORE-49", "session",
        [f"<presence id='1'><status>{'p' * 40_000}</status></presence>", error("policy-violation", of="presence"), quiet]),
    ("subscription: a request with a large payload waits without it", "CORE-49", "session",
        [f"<presence type='subscribe' to='$~bob'><status>{'p' * 10_000}</status></presence>", skip,
        at("bob", "<presence/>", gets("presence", from_="$bob"), gets("presence", type="subscribe", lacks="pppp"))]),
    ("roster: another's by set", "CORE-32", "session", [roster(item(), to=" to='$~bob'"), error("forbidden"), at("bob", quiet)]),
    ("roster: another's by get", "CORE-32", "session", [roster("", "get", to=" to='$~bob'"), error("forbidden")]),
    ("roster: another's in the owner's name", "CORE-32", "session",
        [roster(item(), to=" to='$~bob' from='$bob'"), error("forbidden"), at("bob", quiet)]),
    ("roster: a push in the account's name", "CORE-32", "session",
        [roster(item(rest="subscription='both'"), to=" to='$bob' from='$~bob'"), quiet,
        at("bob", gets("iq", from_="$mallory", type="set"), quiet)]),
    ("roster: a push without from", "CORE-32", "session",
        [roster(item(rest="subscription='both'"), to=" to='$bob'"), quiet, at("bob", gets("iq", from_="$mallory", type="set"))]),
    ("roster: at the server", "CORE-35", "session", [roster("", "get", to=" to='localhost'"), error("service-unavailable")]),
    ("roster: a subscription of one's own making", "CORE-39", "session", [at("bob", *ONLINE), roster("", "get"),
        gets("iq", type="result"), roster(item("$~bob", "subscription='both' ask='subscribe' approved='true'")),
        gets("iq", type="set", holds="subscription=\"none\"", lacks=("ask=", "approved=")), gets("iq", type="result"),
        "<presence/>", gets("presence", from_="$mallory"), quiet]),
    ("roster: two items", "CORE-34", "session", [roster(item() + item("y@localhost")), error("bad-request")]),
    ("roster: no item", "CORE-34", "session", [roster(""), error("bad-request")]),
    ("roster: an item that is no address", "JID-01", "session", sweep(["", "@", "a@", "a b@localhost"],
        lambda jid: [roster(item(jid)), error("jid-malformed")])),
    ("roster: a group twice", "CORE-34", "session",
        [roster(item(inner="<group>a</group><group>a</group>")), error("bad-request")]),
    ("roster: an empty group", "CORE-34", "session", [roster(item(inner="<group/>")), error("not-acceptable")]),
    ("roster: a group too long", "CORE-49", "session",
        [roster(item(inner=f"<group>{'g' * 1024}</group>")), error("not-acceptable")]),
    ("roster: too many groups", "CORE-49", "session",
        [roster(item(inner="".join(f"<group>g{n}</group>" for n in range(65)))), error("not-acceptable")]),
    ("roster: a name too long", "CORE-49", "session", [roster(item(rest=f"name='{'n' * 1024}'")), error("not-acceptable")]),
    ("roster: oneself", "CORE-34", "session", [roster(item("$~mallory")), error("not-allowed")]),
    ("roster: removing who is not there", "CORE-34", "session",
        [roster(item("z@localhost", "subscription='remove'")), error("item-not-found")]),
    ("roster: an item by get", "CORE-34", "session", [roster(item(), "get"), gets("iq", type="result"), roster("", "get", id="2"),
        gets("iq", type="result", id="2", lacks="x@localhost")]),
    ("roster: an answer to a push that was none", "CORE-36", "session",
        ["<iq type='result' id='push'/>", "<iq type='error' id='push'><error type='cancel'/></iq>", quiet]),
]

ADMIN = "urn:xbus:admin:0"


def admin(inner, type="set", rest=""):
    return f"<iq type='{type}' id='1' to='localhost'{rest}>{inner}</iq>"


ACCOUNTS = [
    ("account: the list", "RPC-06", "session", [admin(f"<accounts xmlns='{ADMIN}'/>", "get"), error("forbidden")]),
    ("account: a new one", "RPC-06", "session",
        [admin(f"<add xmlns='{ADMIN}' name='eve$%'><password>x</password></add>"), error("forbidden")]),
    ("account: in an admin's name", "CORE-32", "session",
        [admin(f"<accounts xmlns='{ADMIN}'/>", "get", " from='root@localhost/x'"), error("forbidden")]),
    ("account: another's password", "RPC-06", "session",
        [admin(f"<passwd xmlns='{ADMIN}' name='$!bob'><password>x</password></passwd>"), error("forbidden")]),
    ("account: another's password, in other letters", "JID-03", "session",
        [admin(f"<passwd xmlns='{ADMIN}' name='BOB$%'><password>x</password></passwd>"), error("forbidden"), at("bob", quiet)]),
    ("account: the admin's password", "RPC-06", "session",
        [admin(f"<passwd xmlns='{ADMIN}' name='root'><password>x</password></passwd>"), error("forbidden")]),
    ("account: nobody's password looks the same", "RPC-06", "session",
        [admin(f"<passwd xmlns='{ADMIN}' name='nobody$%'><password>x</password></passwd>"), error("forbidden")]),
    ("account: removing another", "RPC-06", "session",
        [admin(f"<remove xmlns='{ADMIN}' name='$!bob'/>"), error("forbidden"), at("bob", quiet)]),
    ("account: removing oneself", "RPC-06", "session",
        [admin(f"<remove xmlns='{ADMIN}' name='$!mallory'/>"), error("forbidden"), quiet]),
    ("account: a name that is none", "JID-01", "session", sweep(["", "a b", "a@b", "x" * 1024],
        lambda name: [admin(f"<add xmlns='{ADMIN}' name='{name}'><password>x</password></add>"), error("jid-malformed")])),
    ("account: one's own password, without one", "CORE-34", "session",
        [admin(f"<passwd xmlns='{ADMIN}' name='$!mallory'/>"), error("bad-request")]),
    ("account: one's own password that cannot be prepared", "CORE-34", "session",
        [admin(f"<passwd xmlns='{ADMIN}' name='$!mallory'><password>\u0378</password></passwd>"), error("not-acceptable")]),
    ("account: a verb nobody knows", "CORE-35", "session",
        [admin(f"<promote xmlns='{ADMIN}' name='$!mallory'/>"), error("service-unavailable")]),
    ("account: a component asks", "RPC-06", "component",
        [f"<iq type='get' id='1' from='$mallory' to='localhost'><accounts xmlns='{ADMIN}'/></iq>", error("forbidden")]),
]

THEMES = [("presence leaks", LEAKS), ("rosters and subscriptions", SPOOFING), ("accounts", ACCOUNTS)]
