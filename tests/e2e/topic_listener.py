"""slixmpp as a subscriber: `topic_listener.py JID HOST PORT CA_FILE SERVICE TOPIC...`, with the password in $PASSWORD. Says
"subscribed" once, and a line of JSON for each item that is kept or comes and each message with a body, with the monotonic
time of its arrival."""
import json
import os
import sys
import time

import slixmpp
from slixmpp.exceptions import IqError

RPC = "{jabber:iq:rpc}"
KEPT = "{http://jabber.org/protocol/pubsub}"
EVENT = "{http://jabber.org/protocol/pubsub#event}"


def say(**what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


def value_of(element):
    """What a <value/> of XML-RPC says; elements that this does not know are text."""
    if len(element) == 0:
        return element.text or ""
    kind, name = element[0], element[0].tag.rpartition("}")[2]
    if name == "struct":
        return {member.find(RPC + "name").text: value_of(member.find(RPC + "value")) for member in kind}
    if name == "array":
        return [value_of(value) for value in kind.find(RPC + "data")]
    if name in ("int", "i4", "i8"):
        return int(kind.text)
    if name == "double":
        return float(kind.text)
    if name == "boolean":
        return kind.text == "1"
    return None if name == "nil" else kind.text or ""


class Listener(slixmpp.ClientXMPP):
    def __init__(self, jid, ca_file, service, topics):
        super().__init__(jid, os.environ["PASSWORD"])
        self.ca_certs = ca_file
        self.service, self.topics = service, topics
        for plugin in ("xep_0030", "xep_0060"):
            self.register_plugin(plugin)
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("failed_all_auth", lambda _: os._exit(1))
        # Raw: what the library makes of an item loses what it does not know.
        self.register_handler(slixmpp.xmlstream.handler.Callback(
            "all", slixmpp.xmlstream.matcher.MatchXPath("{jabber:client}message"), self.hear))

    def hear(self, message):
        now = time.monotonic()
        self.tell_items(message.xml, EVENT, now)
        body = message.xml.find("{jabber:client}body")
        if body is not None and message.xml.find(EVENT + "event") is None:
            say(body=body.text, time=now, beside=[child.tag for child in message.xml if child is not body])

    @staticmethod
    def tell_items(stanza, ns, now):
        for items in stanza.iter(ns + "items"):
            for item in items.findall(ns + "item"):
                payload = item[0]
                value = payload.find(RPC + "value")
                say(topic=items.get("node"), id=item.get("id"), time=now, payload=payload.tag,
                    attributes=dict(payload.attrib), value=value_of(value) if value is not None else None,
                    text="".join(payload.itertext()) if value is None else None)

    async def begin(self, _):
        self.send_presence()
        for topic in self.topics:
            while True:  # the agent may be about to make it
                try:
                    await self["xep_0060"].subscribe(self.service, topic, bare=False)
                    break
                except IqError as error:
                    if error.condition != "item-not-found":
                        say(failed=error.condition, topic=topic)
                        os._exit(1)
            self.tell_items((await self["xep_0060"].get_items(self.service, topic)).xml, KEPT, time.monotonic())
        say(subscribed=True)


def main():
    jid, host, port, ca_file, service, *topics = sys.argv[1:]
    listener = Listener(jid, ca_file, service, topics)
    listener.connect((host, int(port)))
    listener.process(forever=True)


if __name__ == "__main__":
    main()
