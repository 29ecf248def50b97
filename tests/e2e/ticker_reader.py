"""A subscriber of slixmpp: ticker_reader.py JID PASSWORD PORT CA SERVICE NODE [publish]; prints the titles that a topic
keeps, or how a try to publish ended."""
import asyncio
import sys
import xml.etree.ElementTree as ET

import slixmpp

jid, password, port, ca, service, node, *more = sys.argv[1:]
ATOM = "{http://www.w3.org/2005/Atom}"


async def main():
    client = slixmpp.ClientXMPP(jid, password)
    client.register_plugin("xep_0060")
    client.ca_certs = ca
    online = asyncio.get_event_loop().create_future()
    client.add_event_handler("session_start", lambda _: online.done() or online.set_result(True))
    client.connect(("127.0.0.1", int(port)))
    await asyncio.wait_for(online, 20)
    pubsub = client["xep_0060"]
    if more:
        entry = ET.fromstring('<entry xmlns="http://www.w3.org/2005/Atom"><id>urn:x:own</id><title>own</title></entry>')
        try:
            await pubsub.publish(service, node, id="urn:x:own", payload=entry)
            print("publish ok", flush=True)
        except slixmpp.exceptions.IqError as error:
            print("publish", error.condition, flush=True)
    else:
        await pubsub.subscribe(service, node)
        answer = await pubsub.get_items(service, node)
        for item in answer["pubsub"]["items"]:
            for name in ("id", "title", "updated", "author"):
                assert item["payload"].find(ATOM + name) is not None, name
            print("entry", item["payload"].find(ATOM + "title").text, flush=True)
    client.disconnect()


asyncio.get_event_loop().run_until_complete(main())
