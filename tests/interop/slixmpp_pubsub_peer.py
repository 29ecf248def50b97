"""slixmpp with its xep_0060: `slixmpp_pubsub_peer.py publisher|subscriber`, told by the PEER_ variables of peers.py. A
publisher makes the node and publishes; a subscriber says what it hears and what it retrieves, until it is stopped."""
import asyncio
import os
import signal
import sys
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError

WHO = {key: os.environ.get("PEER_" + key, "") for key in ("JID", "PASSWORD", "HOST", "PORT", "CA_FILE", "TO", "NODE", "CALLS")}
ENTRY = "{http://www.w3.org/2005/Atom}"


def say(*words):
    print(*words, flush=True)


def entry(title):
    payload = ET.Element(ENTRY + "entry")
    ET.SubElement(payload, ENTRY + "title").text = title
    return payload


def title_of(item):
    return item["payload"].findtext(ENTRY + "title")


class Peer(slixmpp.ClientXMPP):
    def __init__(self, act):
        super().__init__(WHO["JID"], WHO["PASSWORD"])
        self.ca_certs = WHO["CA_FILE"]
        self.whitespace_keepalive = False
        for plugin in ("xep_0004", "xep_0030", "xep_0059", "xep_0060"):
            self.register_plugin(plugin)
        self.act = act
        self.pubsub = self["xep_0060"]
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("failed_all_auth", lambda _: self.give_up("login refused"))

    @staticmethod
    def give_up(why):
        say("failed", why)
        os._exit(1)

    async def begin(self, _):
        try:
            await self.act(self)
        except Exception as error:
            self.give_up(repr(error))


async def publish(peer):
    info = await peer["xep_0030"].get_info(jid=WHO["TO"])
    say("service", ("pubsub", "service") in {(one[0], one[1]) for one in info["disco_info"]["identities"]})
    form = peer["xep_0004"].make_form(ftype="submit")
    form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#node_config")
    form.add_field(var="pubsub#title", value="News")
    form.add_field(var="pubsub#max_items", value="3")
    await peer.pubsub.create_node(WHO["TO"], WHO["NODE"], config=form)
    try:
        await peer.pubsub.create_node(WHO["TO"], WHO["NODE"])
    except IqError as error:
        say("again", error.condition)
    config = await peer.pubsub.get_node_config(WHO["TO"], WHO["NODE"])
    say("title", config["pubsub_owner"]["configure"]["form"].get_values()["pubsub#title"])
    say("ready")
    while True:  # until somebody listens
        owners = await peer.pubsub.get_node_subscriptions(WHO["TO"], WHO["NODE"])
        if len(owners["pubsub_owner"]["subscriptions"]) > 0:
            break
        await asyncio.sleep(0.05)
    for number in range(int(WHO["CALLS"])):
        done = await peer.pubsub.publish(WHO["TO"], WHO["NODE"], id=f"item{number}", payload=entry(f"title {number} < ü"))
        say("published", done["pubsub"]["publish"]["item"]["id"])
    await peer.pubsub.retract(WHO["TO"], WHO["NODE"], "item0" if int(WHO["CALLS"]) < 4 else f"item{int(WHO['CALLS']) - 1}",
                              notify=True)
    say("done")


async def subscribe(peer):
    # The library iterates the items while it calls, so that a handler must not.
    peer.add_event_handler("pubsub_publish", lambda message: say("heard", "{id}: {title}".format(
        id=message["pubsub_event"]["items"]["item"]["id"], title=title_of(message["pubsub_event"]["items"]["item"]))))
    peer.add_event_handler("pubsub_retract",
                           lambda message: say("retracted", message["pubsub_event"]["items"]["retract"]["id"]))
    done = await peer.pubsub.subscribe(WHO["TO"], WHO["NODE"], bare=False)
    say("subscribed", done["pubsub"]["subscription"]["subscription"])
    mine = await peer.pubsub.get_subscriptions(WHO["TO"])
    say("subscriptions", *(one["node"] for one in mine["pubsub"]["subscriptions"]))
    peer.asked = asyncio.Event()
    peer.loop.add_signal_handler(signal.SIGUSR1, peer.asked.set)
    while True:
        await peer.asked.wait()
        peer.asked.clear()
        kept = await peer.pubsub.get_items(WHO["TO"], WHO["NODE"])
        say("kept", *(item["id"] + "=" + title_of(item) for item in kept["pubsub"]["items"]))
        nodes = await peer.pubsub.get_nodes(WHO["TO"])
        say("nodes", *(one[1] for one in nodes["disco_items"]["items"]))
        await peer.pubsub.unsubscribe(WHO["TO"], WHO["NODE"], bare=False)
        say("unsubscribed")


def main():
    peer = Peer({"publisher": publish, "subscriber": subscribe}[sys.argv[1]])
    peer.loop.add_signal_handler(signal.SIGTERM, lambda: os._exit(0))
    peer.connect((WHO["HOST"], int(WHO["PORT"])))
    peer.process(forever=True)


if __name__ == "__main__":
    main()
