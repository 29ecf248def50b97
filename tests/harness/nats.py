"""nats-server from Debian on loopback: in clear, or with TLS, which it has for all of its port or not at all."""
import os

from . import waiting
from .process import Process
from .server import Server


class Nats(Server):
    name = "nats"
    start_seconds = 20
    tls = False

    def configure(self):
        secured = ["--tls", "--tlscert", self.certificate, "--tlskey", self.key] if self.tls else []
        self.command = ["/usr/sbin/nats-server", "-a", "127.0.0.1", "-p", str(self.port), *secured]

    def launch(self):
        return Process(self.name, [*self.prefix, *self.command], self.log,
                       env={**os.environ, "HOME": self.folder}, cwd=self.folder)

    def ready(self):
        return waiting.listening(self.port)


class NatsTls(Nats):
    name = "nats-tls"
    tls = True
