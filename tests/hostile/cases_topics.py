"""Topics (XEP-0060): other people's nodes, items and subscriptions, forms that are none, floods of all of them."""
from script import PLACES, Wrong, at, error, gets, quiet, session, sweep
from wire import CLIENT, told

PS = "http://jabber.org/protocol/pubsub"
EVENTS = "events.localhost"
NODE = "node$%"


def iq(inner, type="set", id="1", to=EVENTS, ns=PS):
    return f"<iq type='{type}' id='{id}' to='{to}'><pubsub xmlns='{ns}'>{inner}</pubsub></iq>"


def owner(inner, type="set", id="1"):
    return iq(inner, type, id, ns=PS + "#owner")


def config(fields, kind="node_config", type="submit"):
    inside = "".join(f"<field var='pubsub#{name}'><value>{value}</value></field>" for name, value in fields.items())
    return (f"<x xmlns='jabber:x:data' type='{type}'><field var='FORM_TYPE' type='hidden'><value>{PS}#{kind}</value></field>"
            f"{inside}</x>")


def creates(node=NODE, **fields):
    return [iq(f"<create node='{node}'/>" + (f"<configure>{config(fields)}</configure>" if fields else "")), DONE]


def publish(item="i", node=NODE, payload="<a xmlns='urn:x'>secret</a>", id="1", more=""):
    name = f" id='{item}'" if item else ""
    return iq(f"<publish node='{node}'><item{name}>{payload}</item></publish>{more}", id=id)


def subscribe(jid="$~mallory", node=NODE, more="", id="1"):
    return iq(f"<subscribe node='{node}' jid='{jid}'/>{more}", id=id)


def archive(inner="", more=""):
    return f"<iq type='set' id='1' to='{EVENTS}'><query xmlns='urn:xmpp:mam:2' node='{NODE}'{more}>{inner}</query></iq>"


DONE = gets("iq", type="result", id="1", from_=EVENTS)
OURS = at("bob", *creates(), publish(), DONE)
CLOSED = at("bob", *creates(access_model="whitelist"), publish(), DONE)
SUBSCRIBED = at("bob", subscribe("$~bob"), DONE, "<presence/>", gets("presence"))


def refused(condition):
    return error(condition, from_=EVENTS)


# What only an owner may ask, by who is none.
OWNERS = [
    (owner(f"<configure node='{NODE}'/>", "get")), owner(f"<configure node='{NODE}'>{config({'max_items': 1})}</configure>"),
    owner(f"<delete node='{NODE}'/>"), owner(f"<purge node='{NODE}'/>"), owner(f"<subscriptions node='{NODE}'/>", "get"),
    owner(f"<affiliations node='{NODE}'/>", "get"),
    owner(f"<affiliations node='{NODE}'><affiliation jid='$~mallory' affiliation='owner'/></affiliations>"),
    owner(f"<subscriptions node='{NODE}'><subscription jid='$~bob' subscription='none'/></subscriptions>"),
    owner(f"<subscriptions node='{NODE}'><subscription jid='$~mallory' subscription='subscribed'/></subscriptions>"),
]

THEIRS = [
    ("topic: what only its owner may", "CORE-32", "session",
        [OURS, sweep(OWNERS, lambda text: [text, refused("forbidden"), quiet])]),
    ("topic: published by who may not", "CORE-32", "session",
        [OURS, SUBSCRIBED, publish("j"), refused("forbidden"), at("bob", quiet)]),
    ("topic: retracted by who may not", "CORE-32", "session",
        [OURS, iq(f"<retract node='{NODE}' notify='1'><item id='i'/></retract>"), refused("forbidden")]),
    ("topic: of a service that is another's", "RPC-07", "session",
        [at("bob", "<presence to='own$%@services.localhost'/>", gets("presence", type=None), gets("iq", type="get")),
        iq("<create node='own$%/x'/>"), refused("forbidden"), iq("<create node='OWN$%/x'/>"), refused("forbidden"),
        publish(node="own$%/y"), refused("forbidden")]),
    ("topic: another is subscribed", "CORE-32", "session",
        [OURS, sweep(["$~bob", "$bob", "localhost", "root@localhost", "$~mallory@x", ""],
        lambda jid: [subscribe(jid), refused("bad-request")])]),
    ("topic: another is unsubscribed", "CORE-32", "session",
        [OURS, SUBSCRIBED, iq(f"<unsubscribe node='{NODE}' jid='$~bob'/>"), refused("forbidden"),
        iq(f"<options node='{NODE}' jid='$~bob'/>", "get"), refused("forbidden")]),
    ("topic: in its owner's name", "CORE-32", "session",
        [OURS, owner(f"<delete node='{NODE}'/>").replace("<iq ", "<iq from='$bob' "), refused("forbidden")]),
    ("topic: closed, and read", "CORE-32", "session",
        [CLOSED, iq(f"<items node='{NODE}'/>", "get"), gets("iq", type="error", id="1", lacks="secret"),
        iq(f"<items node='{NODE}'><item id='i'/></items>", "get"), gets("iq", type="error", id="1", lacks="secret"),
        subscribe(), gets("iq", type="error", id="1", lacks="secret"),
        f"<iq type='get' id='1' to='{EVENTS}'><query xmlns='http://jabber.org/protocol/disco#items' node='{NODE}'/></iq>",
        gets("iq", id="1", lacks="secret"), quiet]),
    ("topic: an event in the service's name", "CORE-32", "session",
        [at("bob", quiet), f"<message to='$bob' from='{EVENTS}'><event xmlns='{PS}#event'><items node='x'><item/></items></event></message>",
        at("bob", gets("message", from_="$mallory"))]),
    ("topic: errors to events nobody was sent", "CORE-36", "session",
        [OURS, SUBSCRIBED, f"<message type='error' to='{EVENTS}' id='1'><event xmlns='{PS}#event'/><error type='cancel'/></message>" * 50,
        quiet, at("bob", publish("j"), DONE, gets("message", holds="secret"))]),
]

FORMS = ["<x xmlns='jabber:x:data' type='submit'>" + "<field>" * 40 + "</field>" * 40 + "</x>",
         config({f"f{n}": n for n in range(2000)}), config({"max_items": "-1"}), config({"max_items": "99999999999999999999"}),
         config({"max_items": "x"}), config({"access_model": "everybody"}),
         config({"item_expire": "-1"}), config({"title": "t" * 2000}), config({"max_payload_size": "99999999999"})]

SHAPES = [
    ("topic: forms that are none", "CORE-34", "session",
        sweep(FORMS, lambda form: [iq(f"<create node='f$%'/><configure>{form}</configure>"), gets("iq", type="error", id="1"), quiet])),
    ("topic: names that are none", "CORE-49", "session",
        sweep(["n" * 1024, "n" * 100_000], lambda name: [iq(f"<create node='{name}'/>"), gets("iq", type="error", id="1"), quiet])),
    ("topic: requests that are none", "CORE-34", "session",
        sweep([iq(""), iq("<create/><create/>"), iq("<publish/>"), iq("<publish node='x'><item/><thing/></publish>"), iq("<nothing/>"),
        iq(f"<subscribe node='{NODE}'/>"), iq("<subscribe jid='$~mallory'/>"), iq(f"<retract node='{NODE}'/>"), owner("<delete/>"),
        iq("<items/>", "get"), iq("<create node='x'/>", "get"), iq("<items node='x'/>", "set")],
        lambda text: [text, gets("iq", type="error", id="1", from_=EVENTS), quiet])),
    ("topic: an id of a thousand letters and one", "CORE-49", "session", [*creates(), publish("i" * 1024), gets("iq", type="error", id="1")]),
    ("topic: a payload beyond its size", "CORE-49", "session",
        [*creates(), publish(payload=f"<a xmlns='urn:x'>{'x' * 70_000}</a>"), refused("not-acceptable")]),
    ("topic: a thousand items and one at once", "CORE-49", "session",
        [*creates(), iq(f"<publish node='{NODE}'>" + "".join(f"<item id='{n}'><a xmlns='u'/></item>" for n in range(1001)) + "</publish>"),
        gets("iq", type="error", id="1")]),
    ("topic: one item twice at once", "CORE-34", "session",
        [*creates(), iq(f"<publish node='{NODE}'><item id='a'><a xmlns='u'/></item><item id='a'><a xmlns='u'/></item></publish>"),
        refused("bad-request")]),
    ("topic: pages that are none", "CORE-49", "session", [*creates(), sweep(
        ["<max>x</max>", "<max>-1</max>", "<after>nothing</after>", "<max>99999999999999999999</max>", "<index>5</index>"],
        lambda inner: [iq(f"<items node='{NODE}'/><set xmlns='http://jabber.org/protocol/rsm'>{inner}</set>", "get"),
        gets("iq", id="1"), quiet])]),
    ("topic: archive queries that are none", "CORE-49", "session", [*creates(), publish(), DONE, sweep(
        [("start", "yesterday"), ("end", "2026-13-40T99:00:00Z"), ("with", "@"), ("after-id", "nothing"), ("before-id", "x" * 5000),
         ("ids", "nothing"), ("include-groupchat", "1"), ("start", "")],
        lambda field: [archive("<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
                               f"<field var='{field[0]}'><value>{field[1]}</value></field></x>"),
        gets("iq", type="error", id="1"), quiet])]),
    ("topic: an archive query with a long name of its own", "CORE-49", "session", [*creates(), publish(), DONE,
        archive(more=f" queryid='{'q' * 60_000}'"), refused("not-acceptable")]),
]


def answered(count, id_prefix):
    def step(run, wire):
        while count_left(run, id_prefix, count):
            element = wire.expect("element", seconds=60)
            if (element.get("id") or "").startswith(id_prefix):
                run.kept[id_prefix] = run.kept.get(id_prefix, 0) + 1
    return step


def count_left(run, id_prefix, count):
    return run.kept.get(id_prefix, 0) < count


def of_many_resources(run, wire):
    """Subscriptions of resources that are not there, by the thousand: what is published goes to nobody, fast."""
    base = wire.jid.split("/")[0]
    wire.send("".join(run.text(subscribe(f"{base}/r{n}", id=f"s{n}")) for n in range(3000)))
    answered(3000, "s")(run, wire)
    wire.send("".join(run.text(publish("", id=f"p{n}")) for n in range(300)))
    answered(300, "p")(run, wire)
    wire.send(run.text(owner(f"<delete node='{NODE}'/>", id="d")))
    answered(1, "d")(run, wire)


def does_not_read(run, wire):
    """A subscriber that does not read misses events; who publishes is not held up."""
    other = session(run, "carol")
    other.send("<presence/>" + run.text(subscribe(run.wires["carol"].jid.split("/")[0], id="c")))
    wire.send("".join(run.text(publish("", payload=f"<a xmlns='urn:x'>{'x' * 60_000}</a>", id=f"p{n}")) for n in range(600)))
    answered(600, "p")(run, wire)
    wire.send(run.text(owner(f"<delete node='{NODE}'/>", id="d")))
    answered(1, "d")(run, wire)


FLOODS = [
    ("topics: ten thousand items", "CORE-49", "session", [*creates(max_items=100),
        lambda run, wire: wire.send("".join(run.text(publish("", id=f"p{n}")) for n in range(10_000))), answered(10_000, "p"),
        owner(f"<delete node='{NODE}'/>", id="d"), answered(1, "d"), quiet]),
    ("topics: two thousand of them, made and deleted", "CORE-49", "session",
        [lambda run, wire: wire.send("".join(run.text(iq(f"<create node='many$%-{n}'/>", id=f"c{n}") + owner(f"<delete node='many$%-{n}'/>", id=f"c-{n}"))
        for n in range(2000))), answered(4000, "c"), quiet]),
    ("topics: subscriptions of resources that are not there", "CORE-49", "session", [*creates(), of_many_resources, quiet]),
    ("topics: a subscriber that does not read", "CORE-49", "session", [*creates(), at("carol", quiet), does_not_read, quiet]),
    ("topics: lists asked for and not read", "CORE-49", "session",
        [OURS, lambda run, wire: [PLACES["session"](run, "mallory").send(run.text(iq(f"<items node='{NODE}'/>", "get") * 2000)) for _ in range(5)],
        quiet]),
]

THEMES = [("other people's topics", THEIRS), ("topics that are none", SHAPES), ("many topics", FLOODS)]
