"""Foreign callers and foreign services over a server: each calls each, with what XEP-0009 lets them say."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402

LIBRARIES = ("slixmpp", "xmpp4r", "qxmpp")
NESTED = {"name": "ünïcode <&>\"'", "on": True, "ratio": 0.5, "list": [1, "two", [3]], "inner": {"x": -7}}


class Calls(peers.PeerPlay):
    accounts = ("caller", "slixmpp", "xmpp4r", "qxmpp")

    def each_caller(self, library):
        to = self.service(library, library)
        for caller in LIBRARIES:
            with self.subTest(caller=caller, service=library):
                self.assertEqual(self.call(caller, "caller", to, "calc.add", 2, 40), {"value": 42})
                self.assertEqual(self.call(caller, "caller", to, "calc.concat", "1 < 2", " & ü"), {"value": "1 < 2 & ü"})
                self.assertEqual(self.call(caller, "caller", to, "calc.total", [1, 2, 3]), {"value": 6})
        return to

    def test_slixmpp_serves(self):
        to = self.each_caller("slixmpp")
        for caller in LIBRARIES:
            with self.subTest(caller=caller):
                self.assertEqual(self.call(caller, "caller", to, "calc.echo", NESTED), {"value": NESTED})

    def test_xmpp4r_serves(self):
        to = self.each_caller("xmpp4r")
        for caller in LIBRARIES:
            with self.subTest(caller=caller):
                self.assertEqual(self.call(caller, "caller", to, "calc.echo", NESTED), {"value": NESTED})

    def test_qxmpp_serves(self):
        self.each_caller("qxmpp")

    def test_RPC_04_a_fault_is_a_result(self):
        for library in ("slixmpp", "xmpp4r"):
            to = self.service(library, library)
            for caller in LIBRARIES:
                with self.subTest(caller=caller, service=library):
                    self.assertEqual(self.call(caller, "caller", to, "calc.fail"), {"fault": [42, "no"]})

    def test_CORE_41_nobody_there_is_said_at_once(self):
        for caller in LIBRARIES:
            with self.subTest(caller=caller):
                self.assertEqual(self.call(caller, "caller", "slixmpp@localhost/gone", "calc.add", 1, 2),
                                 {"error": "service-unavailable"})


if __name__ == "__main__":
    peers.main()
