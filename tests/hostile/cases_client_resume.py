"""The library's client, by way of `xbus`, beside a server that manages the stream (XEP-0198) and lies about it."""
from cases_client import hang_up, nowhere
from fake_bus import BIND, HEADER, OPEN, RIGHT, UNIX, features, said, serve, until
from victim import DONE, LOST, SHORT, TIMED_OUT

CALL = ("call", "--idempotent", "calc", "work")  # what may be asked again has a client that comes back
MANAGED = [*UNIX, OPEN, HEADER + features(BIND + "<sm xmlns='urn:xmpp:sm:3'/>"), until("</iq>"),
           "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>victim@localhost/x</jid></bind></iq>"]
ENABLED = "<enabled xmlns='urn:xmpp:sm:3' resume='true' id='x' max='60'/>"
RIGHT_ANSWER = RIGHT["call"]


def ack(count):
    return f"<a xmlns='urn:xmpp:sm:3' h='{count}'/>"


def managed(name, rule, lies, status, says="", **options):
    """The call waits for its answer until the client has asked for management; then come the lies."""
    return nowhere(name, rule, "unix", [*MANAGED, serve(call=[said("<enable "), *lies])], status, says, verb=CALL, **options)


def harmless(name, rule, *lies, **options):
    return managed(name, rule, [*lies, RIGHT_ANSWER], DONE, prints="right", **options)


LIES = [
    harmless("managed: as it should be", "SM-03", ENABLED, "<r xmlns='urn:xmpp:sm:3'/>", said("<a ")),
    managed("managed: more is acknowledged than was sent", "SM-09", [ENABLED, ack(99)], LOST, heard=[b"handled-count-too-high"]),
    managed("managed: a count that goes back", "SM-09", [ENABLED, ack(4294967295)], LOST, heard=[b"handled-count-too-high"]),
    managed("managed: a count that is none", "SM-05", [ENABLED, ack("x")], LOST, heard=[b"bad-format"]),
    managed("managed: a count beyond all counts", "SM-05", [ENABLED, ack(2**32)], LOST, heard=[b"bad-format"]),
    harmless("managed: enabled twice", "SM-02", ENABLED, ENABLED.replace("'x'", "'y'")),
    harmless("managed: refused", "SM-03", "<failed xmlns='urn:xmpp:sm:3'/>", "<r xmlns='urn:xmpp:sm:3'/>"),
    harmless("managed: enabled and refused", "SM-03", ENABLED, "<failed xmlns='urn:xmpp:sm:3'/>"),
    harmless("managed: an id longer than any can be", "SM-18", ENABLED.replace("'x'", f"'{'x' * 5000}'")),
    harmless("managed: a time that is none", "SM-03", ENABLED.replace("'60'", "'-99999999999999999999'")),
    harmless("managed: resumed, and nobody asked", "SM-13", ENABLED, "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='0'/>"),
    harmless("managed: asked ten thousand times", "SM-06", ENABLED, "<r xmlns='urn:xmpp:sm:3'/>" * 10_000),
    harmless("managed: acknowledged ten thousand times", "SM-06", ENABLED, ack(0) * 10_000),
    managed("managed: an end, and no way back", "SM-21", [ENABLED, hang_up], TIMED_OUT, deadline=SHORT),
    managed("managed: a way back to a socket of this host", "SM-03",
        [ENABLED.replace("max=", "location='unix:/tmp/elsewhere' max="), hang_up], TIMED_OUT, deadline=SHORT),
]

THEMES = [("a server's lies about the stream", LIES)]
