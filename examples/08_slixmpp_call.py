#!/usr/bin/python3
"""A caller in Python: one iq to the address of a service, here 01_service, and slixmpp waits for its answer (XEP-0009).

    XBUS_PASSWORD=... XBUS_CA=ca.pem ./08_slixmpp_call.py alice@localhost 127.0.0.1:5222
"""
import os
import sys

import slixmpp
from slixmpp.exceptions import IqError, XMPPError
from slixmpp.plugins.xep_0009 import binding


class Caller(slixmpp.ClientXMPP):
    def __init__(self, account):
        super().__init__(account, os.environ["XBUS_PASSWORD"], sasl_mech="SCRAM-SHA-256")
        self.ca_certs = os.environ["XBUS_CA"]
        # Its one way to bind the login to the channel is not there under TLS 1.3 (RFC 9266): it shall not say it has one.
        mechanisms = self["feature_mechanisms"]
        ask = mechanisms.sasl_callback
        mechanisms.sasl_callback = lambda *wanted: {**ask(*wanted), "channel_binding": b""}
        self.register_plugin("xep_0009")
        while self.remove_handler("RPC Call"):  # the plugin would answer answers
            pass
        self.ended = "the bus has gone, or is not to be trusted"
        self.add_event_handler("session_start", self.run)
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("the bus refuses this account"))

    async def call(self, service, method, *arguments):
        to = f"{service}@services.{self.boundjid.domain}"
        iq = self["xep_0009"].make_iq_method_call(to, method, binding.py2xml(*arguments))
        response = (await iq.send(timeout=10))["rpc_query"]["method_response"]
        if response["fault"] is not None:  # the service said no
            raise RuntimeError(binding.xml2fault(response["fault"])["string"])
        return binding.xml2py(response["params"])[0]

    async def run(self, _):
        try:
            print("2 + 3 =", await self.call("calc", "add", 2, 3))
            try:
                await self.call("nobody", "add", 2, 3)
            except IqError as error:  # the bus said no
                print("nobody:", error.condition)
            self.ended = None
        except XMPPError as error:  # nobody there, not allowed, no answer in time
            self.ended = f"calc: {error.condition}"
        except RuntimeError as fault:
            self.ended = f"calc: {fault}"
        self.disconnect()


account, address = sys.argv[1:]
host, _, port = address.rpartition(":")
caller = Caller(account)
caller.connect((host, int(port)))
caller.process(forever=False)
sys.exit(caller.ended)
