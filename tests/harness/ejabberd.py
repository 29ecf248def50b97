"""ejabberd from Debian on loopback, without its system service, epmd or Erlang distribution."""
import os
import shutil
import sysconfig

from . import ports
from .process import Process
from .server import Server


def _binary(text):
    return f'<<"{text}">>'


class Ejabberd(Server):
    name = "ejabberd"

    def configure(self):
        # One listener each: a connection is given all the hosts of the listener that it came by.
        for name in list(self.components)[1:]:
            self.component_ports[name] = ports.free_port()
        components = "".join(f"""  - port: {self.component_ports[name]}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    hosts:
      "{name}": {{password: "{secret}"}}
""" for name, secret in self.components.items())
        plain = (f"  - {{port: {self.plain_port}, ip: \"127.0.0.1\", module: ejabberd_c2s, max_stanza_size: 262144, "
                 "access: all}\n" if self.plain else "")
        self.config = self.write("ejabberd.yml", f"""
loglevel: info
hosts: ["{self.domain}"]
certfiles: ["{self.both}"]
auth_method: internal
auth_password_format: plain
listen:
  - {{port: {self.port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true, starttls_required: true,
     max_stanza_size: 262144, access: all}}
  - {{port: {self.tls_port}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true, max_stanza_size: 262144, access: all}}
{plain}{components}modules:
  mod_disco: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_stream_mgmt: {{}}
  mod_time: {{}}
  mod_version: {{}}
""")
        for folder in ("mnesia", "log.d"):
            os.mkdir(os.path.join(self.folder, folder))

    def launch(self):
        ready = os.path.join(self.folder, "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        register = ", ".join(f"ejabberd_auth:try_register({_binary(name)}, {_binary(self.domain)}, {_binary(password)})"
                             for name, password in self.accounts.items())
        erl = shutil.which("erl") or "/usr/lib/erlang/bin/erl"
        environment = {**os.environ, "HOME": self.folder, "ERL_LIBS": os.path.join("/usr/lib", sysconfig.get_config_var("MULTIARCH")),
                       "EJABBERD_CONFIG_PATH": self.config, "ERL_CRASH_DUMP": os.path.join(self.folder, "crash.dump"),
                       "EJABBERD_LOG_PATH": os.path.join(self.folder, "log.d", "ejabberd.log"),
                       "ERL_MAX_PORTS": "8000"}
        return Process(self.name, [
            *self.prefix, erl, "-noinput", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none",
            "-mnesia", "dir", f'"{self.folder}/mnesia"', "-s", "ejabberd", "-eval",
            f'application:ensure_all_started(ejabberd), {register}, file:write_file("{ready}", <<>>).',
        ], self.log, env=environment, cwd=self.folder)

    def ready(self):
        return os.path.exists(os.path.join(self.folder, "ready")) and super().ready()
