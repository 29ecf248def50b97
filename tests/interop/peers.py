"""How plays start foreign programs: every one is told by the same PEER_ variables and says what it did line by line."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from harness import play, server  # noqa: E402
from harness.xbusd import program  # noqa: E402

COMMANDS = {
    "slixmpp": ["/usr/bin/python3", os.path.join(HERE, "slixmpp_peer.py")],
    "slixmpp_resume": ["/usr/bin/python3", os.path.join(HERE, "slixmpp_resume_peer.py")],
    "slixmpp_pubsub": ["/usr/bin/python3", os.path.join(HERE, "slixmpp_pubsub_peer.py")],
    "xmpp4r": ["ruby", os.path.join(HERE, "xmpp4r_peer.rb")],
    "qxmpp": [program("peer_qxmpp")],
    "strophe": [program("peer_strophe")],
    "gloox": [program("peer_gloox")],
}


class PeerPlay(play.Play):
    """A play with foreign programs. Each role of a peer gets an account of its own."""

    def peer(self, library, role, account, resource="peer", **told):
        bus = self.server
        variables = {
            "JID": f"{account}@{bus.domain}/{resource}", "PASSWORD": bus.accounts[account], "HOST": bus.host,
            "PORT": str(bus.port), "CA_FILE": bus.ca_file, "CA_FOLDER": bus.ca_folder,
            **{key.upper(): value for key, value in told.items()},
        }
        environment = {**os.environ, **{"PEER_" + key: value for key, value in variables.items()},
                       "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        return self.start(f"{library}_{role}", COMMANDS[library] + [role], env=environment)

    def service(self, library, account, **told):
        """A running service of a library; its full JID."""
        return self.peer(library, "service", account, **told).wait_line("ready ", 30).split(" ", 1)[1]

    def call(self, library, account, to, method, *arguments):
        """What the library's caller gets: {"value": V}, {"fault": [CODE, TEXT]} or {"error": CONDITION}."""
        caller = self.peer(library, "caller", account, to=to, method=method, arguments=json.dumps(arguments))
        said = json.loads(caller.wait_line("answer ", 30).split(" ", 1)[1])
        caller.stop()
        return said


main = play.main
PASSWORD = server.PASSWORD
