"""A receiver of the relay play on slixmpp: `relay_slixmpp.py client|component`, told by PEER_ variables. Says each
message as slixmpp's parser read it; slixmpp itself answers pings."""
import asyncio
import os
import signal
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath


def told(name):
    return os.environ.get("PEER_" + name, "")


def say(*words):
    print(*words, flush=True)


def main():
    if sys.argv[1] == "client":
        peer = slixmpp.ClientXMPP(told("JID"), told("PASSWORD"))
        peer.ca_certs = told("CA_FILE")
    else:
        peer = slixmpp.ComponentXMPP(told("DOMAIN"), told("SECRET"), "127.0.0.1", int(told("PORT")))
    peer.whitespace_keepalive = False
    peer.register_plugin("xep_0030")
    peer.register_plugin("xep_0199")
    ending = []

    def give_up(why):
        if not ending:
            say("failed", why)
            os._exit(1)

    def end():
        ending.append(True)
        asyncio.ensure_future(peer.disconnect(wait=2))

    peer.register_handler(Callback("all", MatchXPath(f"{{{peer.default_ns}}}message"), lambda stanza: say(
        "stanza", ElementTree.tostring(stanza.xml, encoding="utf-8").hex())))
    peer.add_event_handler("session_start", lambda _: say("ready", peer.boundjid.full))
    peer.add_event_handler("failed_all_auth", lambda _: give_up("login refused"))
    peer.add_event_handler("stream_error", lambda error: give_up(f"stream error {error['condition']}"))
    peer.add_event_handler("disconnected", lambda why: give_up(f"disconnected: {why}"))
    peer.loop.add_signal_handler(signal.SIGTERM, end)
    if sys.argv[1] == "client":
        peer.connect(("127.0.0.1", int(told("PORT"))))
    else:
        peer.connect()
    peer.process(forever=False)


if __name__ == "__main__":
    main()
