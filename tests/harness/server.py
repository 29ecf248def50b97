"""What plays know of a server, whichever it is: its ports, its accounts, its CA, and how to stop and start it."""
import os
import sys

from . import ports, waiting
from .authority import Authority

DOMAIN = "localhost"
PASSWORD = "secret of a play"
COMPONENT_SECRET = "secret of a component"


class Server:
    """Subclasses write their configuration in configure() and start in launch(). Data survives stop() and start()."""

    name = None
    start_seconds = 60
    plain = False  # logins without TLS on loopback too, by SCRAM, at plain_port

    def __init__(self, folder, accounts, components=(f"services.{DOMAIN}",)):
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder)
        self.domain = DOMAIN
        self.host = "127.0.0.1"
        self.accounts = {name: PASSWORD for name in accounts}
        self.components = {name: COMPONENT_SECRET for name in components}
        self.port, self.tls_port, self.component_port = (ports.free_port() for _ in range(3))
        self.component_ports = {name: self.component_port for name in components}  # where each connects
        self.plain_port = ports.free_port() if self.plain else None
        self.prefix = []  # of the program's command: priority, processors
        self.log = os.path.join(self.folder, "log")
        self.authority = Authority(self.folder)
        self.certificate, self.key, self.both = self.authority.certificate(self.folder, DOMAIN)
        self.process = None
        self.configure()

    @property
    def ca_file(self):
        return self.authority.file

    @property
    def ca_folder(self):
        return self.authority.folder

    def configure(self):
        raise NotImplementedError

    def launch(self):
        """Starts the program; the Process."""
        raise NotImplementedError

    def ready(self):
        """True once everything the server offers is there."""
        return all(waiting.listening(port) for port in (self.port, self.tls_port, self.component_port))

    def start(self):
        self.process = self.launch()

        def look():
            if not self.process.alive():
                raise waiting.Hopeless(f"{self.name} has ended")
            return self.ready()

        try:
            waiting.poll(look, self.start_seconds, f"{self.name} starts")
        except (TimeoutError, waiting.Hopeless):
            print(self.process.tail(100), file=sys.stderr)
            self.process.kill()
            raise
        return self

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def restart(self):
        self.stop()
        self.start()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path
