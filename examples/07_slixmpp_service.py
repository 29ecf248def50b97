#!/usr/bin/python3
"""A service in Python: slixmpp logs in, registers a name by its presence, and answers calls (XEP-0009).

    XBUS_PASSWORD=... XBUS_CA=ca.pem ./07_slixmpp_service.py alice@localhost 127.0.0.1:5222

Whoever is on the bus calls it: `xbus call greeter greet Berlin`.
"""
import os
import signal
import sys

import slixmpp
from slixmpp.plugins.xep_0009 import binding

NAME = "greeter"
METHODS = {
    "greet": lambda name: f"hello, {name}",
    "total": lambda numbers: sum(numbers),
}


class Service(slixmpp.ClientXMPP):
    def __init__(self, account):
        super().__init__(f"{account}/python", os.environ["XBUS_PASSWORD"], sasl_mech="SCRAM-SHA-256")
        self.ca_certs = os.environ["XBUS_CA"]
        # Its one way to bind the login to the channel is not there under TLS 1.3 (RFC 9266): it shall not say it has one.
        mechanisms = self["feature_mechanisms"]
        ask = mechanisms.sasl_callback
        mechanisms.sasl_callback = lambda *wanted: {**ask(*wanted), "channel_binding": b""}
        for plugin in ("xep_0009", "xep_0030", "xep_0199"):  # calls, "what are you?" and pings
            self.register_plugin(plugin)
        self.listing = slixmpp.JID(f"{NAME}@services.{self.boundjid.domain}")
        self.add_event_handler("session_start", lambda _: self.send_presence(pto=self.listing))
        self.add_event_handler("presence_available", self.heard)
        self.add_event_handler("presence_error", self.heard)
        self.add_event_handler("jabber_rpc_method_call", self.answer)
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("the bus refuses this account"))

    def heard(self, presence):
        """The registry says available when the name is listed, else an error that tells why."""
        if presence["from"].bare != self.listing.bare:
            return
        if presence["type"] == "error":
            sys.exit(f"not listed: {presence['error']['condition']}")
        print("listed", flush=True)

    def answer(self, iq):
        rpc, call = self["xep_0009"], iq["rpc_query"]["method_call"]
        try:
            arguments = binding.xml2py(call["params"]) if call["params"] is not None else []
            value = METHODS[call["method_name"]](*arguments)
        except KeyError:
            fault = {"code": -32601, "string": "no such method"}
            rpc.make_iq_method_response_fault(iq["id"], iq["from"], binding.fault2xml(fault)).send()
        except TypeError as wrong:
            fault = {"code": -32602, "string": str(wrong)}
            rpc.make_iq_method_response_fault(iq["id"], iq["from"], binding.fault2xml(fault)).send()
        else:
            rpc.make_iq_method_response(iq["id"], iq["from"], binding.py2xml(value)).send()


account, address = sys.argv[1:]
host, _, port = address.rpartition(":")
service = Service(account)
service.loop.add_signal_handler(signal.SIGTERM, lambda: sys.exit(0))  # the bus hears it from the socket
service.connect((host, int(port)))
service.process(forever=False)
sys.exit("the bus has gone, or is not to be trusted")
