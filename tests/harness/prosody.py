"""Prosody from Debian on loopback, without its system service."""
import os

from .process import Process
from .server import Server


class Prosody(Server):
    name = "prosody"

    def configure(self):
        data = os.path.join(self.folder, "data")
        accounts = os.path.join(data, self.domain, "accounts")
        os.makedirs(accounts)
        for account, password in self.accounts.items():
            with open(os.path.join(accounts, account + ".dat"), "w", encoding="utf-8") as f:
                f.write(f'return {{ ["password"] = "{password}"; }};\n')
        components = "".join(f'Component "{name}"\n  component_secret = "{secret}"\n'
                             for name, secret in self.components.items())
        self.config = self.write("prosody.cfg.lua", f"""
daemonize = false
run_as_root = true
pidfile = "{self.folder}/prosody.pid"
data_path = "{data}"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port}{f", {self.plain_port}" if self.plain else ""} }}
c2s_direct_tls_ports = {{ {self.tls_port} }}
component_ports = {{ {self.component_port} }}
component_interfaces = {{ "127.0.0.1" }}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "posix", "ping", "time", "version", "smacks", "offline" }}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = {"false" if self.plain else "true"}
authentication = "internal_plain"
ssl = {{ key = "{self.key}", certificate = "{self.certificate}" }}
c2s_direct_tls_ssl = {{ key = "{self.key}", certificate = "{self.certificate}" }}
component_conflict_resolve = "kick_old"
VirtualHost "{self.domain}"
{components}""")

    def launch(self):
        return Process(self.name, [*self.prefix, "prosody", "-F", "--config", self.config], self.log,
                       env={**os.environ, "HOME": self.folder}, cwd=self.folder)
