"""slixmpp with its own stream management (xep_0198): `slixmpp_resume_peer.py listener|talker`, told by the PEER_
variables of peers.py. A listener comes back by itself when its connection is lost, and says what it hears."""
import asyncio
import os
import signal
import sys

import slixmpp

WHO = {key: os.environ.get("PEER_" + key, "") for key in ("JID", "PASSWORD", "HOST", "PORT", "CA_FILE", "TO", "CALLS")}


def say(*words):
    print(*words, flush=True)


class Peer(slixmpp.ClientXMPP):
    def __init__(self):
        super().__init__(WHO["JID"], WHO["PASSWORD"])
        self.ca_certs = WHO["CA_FILE"]
        self.whitespace_keepalive = False
        self.ending = False
        self.add_event_handler("failed_all_auth", lambda _: self.give_up("login refused"))

    @staticmethod
    def give_up(why):
        say("failed", why)
        os._exit(1)

    def begin_to_connect(self):
        self.connect((WHO["HOST"], int(WHO["PORT"])))


class Listener(Peer):
    def __init__(self):
        super().__init__()
        self.register_plugin("xep_0198")
        self.add_event_handler("session_start", lambda _: say("ready", self.boundjid.full))
        self.add_event_handler("session_resumed", lambda _: say("resumed"))
        self.add_event_handler("message", lambda message: say("heard", message["body"]))
        self.add_event_handler("disconnected", lambda _: self.ending or self.loop.call_later(0.3, self.begin_to_connect))


class Talker(Peer):
    def __init__(self):
        super().__init__()
        self.add_event_handler("session_start", self.talk)

    async def talk(self, _):
        for number in range(int(WHO["CALLS"])):
            self.send_message(WHO["TO"], str(number), mtype="chat")
            await asyncio.sleep(0.08)
        say("done")


def main():
    peer = {"listener": Listener, "talker": Talker}[sys.argv[1]]()
    peer.loop.add_signal_handler(signal.SIGTERM, lambda: os._exit(0))
    peer.begin_to_connect()
    peer.process(forever=True)


if __name__ == "__main__":
    main()
