"""The embedded bus, from the build folder in $XBUS_BUILD."""
import os

from .process import Process
from .server import Server

BUILD = os.environ.get("XBUS_BUILD", "build/release")


def program(name):
    return os.path.join(BUILD, "bin", name)


class Xbusd(Server):
    name = "xbusd"
    start_seconds = 20
    guard_loopback = "false"  # all peers of a play have one address
    more = ""  # lines of the configuration that a play adds

    def configure(self):
        self.run_folder = os.path.join(self.folder, "run")
        os.makedirs(self.run_folder, mode=0o700)
        self.environment = {key: value for key, value in os.environ.items() if key != "XBUS_BUS"}
        self.environment.update(HOME=self.folder, XDG_RUNTIME_DIR=self.run_folder,
                                XDG_STATE_HOME=os.path.join(self.folder, "state"),
                                XDG_DATA_HOME=os.path.join(self.folder, "data"),
                                XDG_CONFIG_HOME=os.path.join(self.folder, "config"))
        secrets = "".join(f'"{name}" = "{secret}"\n' for name, secret in self.components.items()
                          if not name.startswith("services."))  # the registry is inside
        accounts = self.write("accounts.toml", "".join(f'"{name}" = "{password}"\n'
                                                       for name, password in self.accounts.items()))
        os.chmod(accounts, 0o600)
        self.config = self.write("xbusd.toml", f"""
domain = "{self.domain}"
listen = ["127.0.0.1:{self.port}"]
listen_tls = ["127.0.0.1:{self.tls_port}"]
plain_loopback_listen = [{f'"127.0.0.1:{self.plain_port}"' if self.plain else ""}]
component_listen = ["127.0.0.1:{self.component_port}"]
certificate = "{self.certificate}"
key = "{self.key}"
data = "{self.folder}/data"
accounts_file = "{accounts}"
claim = "first"
guard_loopback = {self.guard_loopback}
{self.more}[components]
{secrets}""")

    def launch(self):
        return Process(self.name, [*self.prefix, program("xbusd"), "--config", self.config], self.log, env=self.environment,
                       cwd=self.folder)
