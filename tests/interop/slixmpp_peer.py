"""slixmpp on the bus: `slixmpp_peer.py service|caller|load|canceller|client|partner`, told by the PEER_ variables of peers.py."""
import asyncio
import json
import os
import signal
import sys
import time
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.plugins.xep_0009 import binding

WHO = {key: os.environ.get("PEER_" + key, "") for key in
       ("JID", "PASSWORD", "HOST", "PORT", "CA_FILE", "TO", "METHOD", "ARGUMENTS", "REGISTER", "PARTNER", "ID", "RATE", "CALLS", "MILLISECONDS")}


def say(*words):
    print(*words, flush=True)


class Peer(slixmpp.ClientXMPP):
    """Logs in over STARTTLS with the CA checked, then runs `act`."""

    def __init__(self, act):
        super().__init__(WHO["JID"], WHO["PASSWORD"])
        self.ca_certs = WHO["CA_FILE"]
        self.whitespace_keepalive = False
        for plugin in ("xep_0009", "xep_0030", "xep_0199", "xep_0115"):
            self.register_plugin(plugin)
        self.act = act
        self.secured = False
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("tls_success", self.note_tls)
        self.add_event_handler("failed_all_auth", lambda _: self.give_up("login refused"))
        self.add_event_handler("stream_error", lambda error: self.give_up(f"stream error {error['condition']}"))
        self.add_event_handler("disconnected", lambda why: self.give_up(f"disconnected: {why}"))
        self.ending = False

    def note_tls(self, _):
        self.secured = True

    def give_up(self, why):
        if not self.ending:
            say("failed", why)
            os._exit(1)

    async def begin(self, _):
        if not self.secured:
            self.give_up("not under TLS")
        try:
            await self.act(self)
        except Exception as error:
            self.give_up(repr(error))

    async def leave(self):
        self.ending = True
        await self.disconnect(wait=2)


# ---- service ----

METHODS = {
    "calc.add": lambda a, b: a + b,
    "calc.concat": lambda a, b: a + b,
    "calc.total": lambda numbers: sum(numbers),
    "calc.echo": lambda value: value,
}


def answer(peer, iq):
    rpc = peer["xep_0009"]
    name = iq["rpc_query"]["method_call"]["method_name"]
    parameters = iq["rpc_query"]["method_call"]["params"]
    values = binding.xml2py(parameters) if parameters is not None else []

    def fault(code, text):
        rpc.make_iq_method_response_fault(iq["id"], iq["from"], binding.fault2xml({"code": code, "string": text})).send()

    if name == "calc.fail":
        fault(42, "no")
    elif name not in METHODS:
        fault(-32601, "no such method")
    else:
        rpc.make_iq_method_response(iq["id"], iq["from"], binding.py2xml(METHODS[name](*values))).send()


async def service(peer):
    peer.add_event_handler("jabber_rpc_method_call", lambda iq: answer(peer, iq))
    peer.send_presence()
    if WHO["REGISTER"]:
        listed = asyncio.get_running_loop().create_future()
        at = slixmpp.JID(WHO["REGISTER"])

        def heard(presence):
            if presence["from"].bare == at.bare and not listed.done():
                listed.set_result(presence["type"])

        peer.add_event_handler("presence", heard)
        peer.send_presence(pto=WHO["REGISTER"])
        say("registered", await asyncio.wait_for(listed, 10))
    say("ready", peer.boundjid.full)


# ---- caller ----

def plain(value):
    """A value of the binding as JSON shows it."""
    if isinstance(value, (binding.rpcbase64, binding.rpctime)):
        return str(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


async def call(peer, to, method, arguments, give_up=False):
    iq = peer["xep_0009"].make_iq_method_call(to, method, binding.py2xml(*arguments))
    # The plugin answers responses itself, which no caller wants; iq.send() waits for the one that fits the request.
    while peer.remove_handler("RPC Call"):
        pass
    answer_comes = iq.send(timeout=15)
    if give_up:
        cancel = peer.make_message(mto=to, mtype="headline")
        cancel.append(ET.Element("{urn:xbus:call:0}cancel", id=iq["id"]))
        cancel.send()
    try:
        got = await answer_comes
    except IqError as error:
        # What an application says beside undefined-condition (RFC 6120 section 8.3.4) is a child of another namespace.
        own = [child.tag.rpartition("}")[2] for child in error.iq["error"].xml
               if not child.tag.startswith("{urn:ietf:params:xml:ns:xmpp-stanzas}")]
        return {"error": "/".join([error.condition] + own)}
    response = got["rpc_query"]["method_response"]
    if response["fault"] is not None:
        fault = binding.xml2fault(response["fault"])
        return {"fault": [fault["code"], fault["string"]]}
    return {"value": plain(binding.xml2py(response["params"])[0])}


async def caller(peer):
    peer.send_presence()
    say("answer", json.dumps(await call(peer, WHO["TO"], WHO["METHOD"], json.loads(WHO["ARGUMENTS"])), sort_keys=True))
    await peer.leave()


async def canceller(peer):
    """Calls `work` twice and gives the first, long call up."""
    peer.send_presence()
    begun = time.monotonic()
    long, short = await asyncio.gather(call(peer, WHO["TO"], "work", ["long", 8000], give_up=True),
                                       call(peer, WHO["TO"], "work", ["short", 200]))
    say("answer", json.dumps({"long": long, "short": short, "seconds": time.monotonic() - begun}))
    await peer.leave()


async def load(peer):
    """A strict caller under load: so many calls of `work` a second, each said with its times and outcome."""
    peer.send_presence()
    rate, total = int(WHO["RATE"]), int(WHO["CALLS"])
    say("ready", peer.boundjid.full)

    async def one(number):
        started = time.monotonic()
        try:
            got = await call(peer, WHO["TO"], "work", [f"{WHO['ID']}{number}", int(WHO["MILLISECONDS"])])
        except IqTimeout:
            got = {"error": "no-answer"}
        outcome = "ok" if "value" in got else got["error"] if "error" in got else f"fault{got['fault'][0]}"
        say("call", f"{WHO['ID']}{number} {started:.4f} {time.monotonic():.4f} {outcome} {got.get('value', '-')}")

    begun = time.monotonic()
    calls = []
    for number in range(total):
        await asyncio.sleep(max(0, begun + number / rate - time.monotonic()))
        calls.append(asyncio.ensure_future(one(number)))
    await asyncio.gather(*calls)
    say("done")
    await peer.leave()


# ---- client and its partner ----

async def client(peer):
    """What any chat client does first; each step is said, and the play reads it."""
    domain = peer.boundjid.domain
    say("login", peer.boundjid.full)
    found = await peer["xep_0030"].get_info(domain)
    say("disco", "http://jabber.org/protocol/disco#info" in found["disco_info"]["features"])
    await peer["xep_0199"].ping(domain, timeout=10)
    say("ping ok")
    await peer.get_roster()
    peer.send_presence()
    subscribed, echoed = (asyncio.get_running_loop().create_future() for _ in range(2))
    peer.add_event_handler("presence_subscribed", lambda p: subscribed.done() or subscribed.set_result(p["from"].bare))
    peer.add_event_handler("message", lambda m: echoed.done() or echoed.set_result(m["body"]))
    peer.update_roster(WHO["PARTNER"], name="the partner")
    peer.send_presence_subscription(WHO["PARTNER"])
    say("subscribed", await asyncio.wait_for(subscribed, 10))
    peer.send_message(WHO["PARTNER"], "1 < 2 & ünïcode", mtype="chat")
    say("message", await asyncio.wait_for(echoed, 10))
    say("roster", ",".join(f"{jid}:{peer.client_roster[jid]['subscription']}" for jid in sorted(peer.client_roster)
                           if jid != peer.boundjid.bare))
    await peer.leave()


async def partner(peer):
    """Agrees to every subscription and sends every message back."""
    peer.auto_authorize, peer.auto_subscribe = True, False
    peer.add_event_handler("message", lambda m: m["type"] == "chat" and m.reply("echo: " + m["body"]).send())
    await peer.get_roster()
    peer.send_presence()
    say("ready", peer.boundjid.full)


def main():
    peer = Peer({"service": service, "caller": caller, "load": load, "canceller": canceller, "client": client,
                 "partner": partner}[sys.argv[1]])
    peer.loop.add_signal_handler(signal.SIGTERM, lambda: asyncio.ensure_future(peer.leave()))
    peer.connect((WHO["HOST"], int(WHO["PORT"])))
    peer.process(forever=False)


if __name__ == "__main__":
    main()
