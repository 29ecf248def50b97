"""Any chat client is a console: slixmpp and profanity talk to the agent and fill in its forms, on a live bus under TLS."""
import asyncio
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

import slixmpp
from slixmpp.exceptions import IqError

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402
from harness.xbusd import Xbusd  # noqa: E402

SERVICE = "agent@services.localhost"


class Person(slixmpp.ClientXMPP):
    """A chat client that logs in, does `act`, and keeps what `act` returns or raises."""

    def __init__(self, bus, act, account="alice"):
        super().__init__(f"{account}@localhost/phone", bus.accounts[account])
        self.ca_certs = bus.ca_file
        for plugin in ("xep_0030", "xep_0050", "xep_0004"):
            self.register_plugin(plugin)
        self.act, self.result, self.heard = act, None, asyncio.Queue()
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("message", self.heard.put_nowait)
        self.add_event_handler("message_error", self.heard.put_nowait)

    async def begin(self, _):
        try:
            self.send_presence()
            self.result = (await asyncio.wait_for(self.act(self), 40), None)
        except Exception as error:
            self.result = (None, error)
        self.disconnect(wait=1)

    async def say(self, text, to, **more):
        """The answer to a chat message."""
        message = self.make_message(mto=to, mbody=text, mtype="chat")
        for name, value in more.items():
            message[name] = value
        message.send()
        return await asyncio.wait_for(self.heard.get(), 20)

    async def hears_nothing(self):
        """True when nothing comes before the answer to a ping of the server, twice."""
        for _ in range(2):
            await self["xep_0030"].get_info(jid="localhost")
        return self.heard.empty()

    def command(self, to, node, **more):
        return self["xep_0050"].send_command(to, node, **more)


class Chat(shell.Shell):
    accounts = ("alice", "boss")

    @classmethod
    def setUpClass(cls):
        Xbusd.more = 'admins = ["boss"]\n'
        try:
            super().setUpClass()
        finally:
            Xbusd.more = ""

    def setUp(self):
        super().setUp()
        self.start("agent", [shell.program("xbus-agent"), "--instance", "here", "--allow-processes", "*@localhost",
                             "--log-level", "debug"], env=self.local)
        self.await_listed("agent")
        self.instance = self.instances("agent")[0]["jid"]

    def person(self, act, account="alice"):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        person = Person(self.server, act, account)
        person.connect((self.server.host, self.server.port))
        person.process(forever=False)
        self.assertIsNotNone(person.result, "never logged in")
        result, error = person.result
        if error:
            raise error
        return result

    # ---- Messages ----

    def test_the_agent_answers_at_its_own_address_and_at_the_services(self):
        async def act(person):
            for to in (self.instance, SERVICE):
                answer = await person.say("load", to, thread="t-1")
                self.assertEqual(answer["from"].full, to)
                self.assertEqual((answer["type"], answer["thread"]), ("chat", "t-1"))
                self.assertIn('"processors"', answer["body"])
                answer = await person.say("processes 2", to)
                self.assertEqual(answer["body"].count('"pid"'), 2, answer["body"])
            return True
        self.assertTrue(self.person(act))

    def test_help_names_what_one_may_call(self):
        async def act(person):
            return [(await person.say(text, SERVICE))["body"] for text in ("help", "help uptime", "logs x", "nonsense")]
        everything, one, forbidden, unknown = self.person(act)
        self.assertIn("interfaces()", everything)
        self.assertIn("processes(top: int32?)", everything)
        self.assertNotIn("logs(", everything)
        self.assertTrue(one.startswith("uptime() -> "), one)
        self.assertIn("Since when", one)
        self.assertTrue(forbidden.startswith(("forbidden", "no-such-method")), forbidden)
        self.assertEqual(unknown, "no-such-method: nonsense")

    def test_what_is_no_question_gets_no_answer(self):
        async def act(person):
            for to in (self.instance, SERVICE):
                for kind in ("error", "headline", "groupchat"):
                    person.make_message(mto=to, mbody="load", mtype=kind).send()
                person.make_message(mto=to, mtype="chat").send()
                answer = await person.say("uptime", to)
                answer["to"], answer["from"] = to, ""
                del answer["from"]
                person.send_raw(str(answer))  # as a program that answers everything
                self.assertTrue(await person.hears_nothing())
            return True
        self.assertTrue(self.person(act))

    def test_a_flood_ends_in_silence_and_not_in_a_loop(self):
        async def act(person):
            for _ in range(40):
                person.make_message(mto=self.instance, mbody="nonsense", mtype="chat").send()
            await person.hears_nothing()
            while True:
                try:
                    await asyncio.wait_for(person.heard.get(), 1)
                    self.answers += 1
                except asyncio.TimeoutError:
                    return self.answers
        self.answers = 0
        self.assertEqual(self.person(act), 20)
        self.assertTrue(self.xbus("call", "agent", "uptime"))

    def test_nobody_there_is_an_error_message(self):
        async def act(person):
            answer = await person.say("load", "nobody@services.localhost")
            return answer["type"], answer["error"]["condition"]
        self.assertEqual(self.person(act), ("error", "service-unavailable"))

    # ---- Commands ----

    def test_CMD_01_commands_are_listed(self):
        async def act(person):
            info = await person["xep_0030"].get_info(jid=self.instance)
            self.assertIn("http://jabber.org/protocol/commands", info["disco_info"]["features"])
            items = await person["xep_0050"].get_commands(jid=self.instance)
            nodes = {node for _, node, _ in items["disco_items"]["items"]}
            info = await person["xep_0030"].get_info(jid=self.instance, node="processes")
            self.assertIn(("automation", "command-node"), {one[:2] for one in info["disco_info"]["identities"]})
            return nodes
        nodes = self.person(act)
        self.assertLessEqual({"interfaces", "load", "memory", "disks", "uptime", "processes"}, nodes)
        self.assertFalse({"logs", "system.drain", "system.stats"} & nodes)

    def test_a_form_is_filled_in_and_gives_the_value(self):
        async def act(person):
            first = await person.command(self.instance, "processes")
            self.assertEqual(first["command"]["status"], "executing")
            fields = first["command"]["form"].get_fields()
            self.assertFalse(fields["top"]["required"])
            form = person["xep_0004"].make_form("submit")
            form.add_field(var="top", value="two")
            session = first["command"]["sessionid"]
            with self.assertRaises(IqError) as refused:
                await person.command(self.instance, "processes", action="complete", sessionid=session, payload=[form])
            self.assertEqual(refused.exception.condition, "bad-request")
            form = person["xep_0004"].make_form("submit")
            form.add_field(var="top", value="2")
            return await person.command(self.instance, "processes", action="complete", sessionid=session, payload=[form])
        done = self.person(act)["command"]
        self.assertEqual(done["status"], "completed")
        self.assertEqual(len(done["form"].get_items()), 2)
        self.assertIn("pid", done["form"].get_reported())

    def test_a_command_without_parameters_is_done_at_once(self):
        async def act(person):
            return await person.command(self.instance, "uptime")
        done = self.person(act)["command"]
        self.assertEqual(done["status"], "completed")
        self.assertEqual(done["form"]["type"], "result")
        with self.assertRaises(IqError) as refused:
            self.person(lambda person: person.command(self.instance, "system.drain"))
        self.assertEqual(refused.exception.condition, "forbidden")

    def test_the_servers_counters_are_for_its_admins(self):
        node = "urn:xbus:xbusd:counters"

        async def act(person):
            items = await person["xep_0050"].get_commands(jid="localhost")
            nodes = [item[1] for item in items["disco_items"]["items"]]
            return nodes, await person.command("localhost", node)

        nodes, done = self.person(act, "boss")
        self.assertEqual(nodes, [node])
        values = done["command"]["form"].get_values()
        self.assertGreaterEqual(int(values["xbusd_sessions.starttls"]), 1)
        self.assertGreaterEqual(int(values["xbusd_logins_total.ok"]), 2)

        async def list_only(person):
            return (await person["xep_0050"].get_commands(jid="localhost"))["disco_items"]["items"]

        self.assertEqual(len(self.person(list_only)), 0)
        with self.assertRaises(IqError) as refused:
            self.person(act)
        self.assertEqual(refused.exception.condition, "forbidden")

    # ---- profanity ----

    def profanity(self):
        home = os.path.join(self.folder, self._testMethodName)
        config, data = (os.path.join(home, name, "profanity") for name in ("config", "data"))
        for folder in (config, data):
            os.makedirs(folder, exist_ok=True)
        with open(os.path.join(config, "profrc"), "w", encoding="utf-8") as f:
            f.write("[ui]\nsplash=false\n")
        with open(os.path.join(data, "accounts"), "w", encoding="utf-8") as f:
            f.write(f"[alice@localhost]\nenabled=true\njid=alice@localhost\npassword={self.server.accounts['alice']}\n"
                    f"server={self.server.host}\nport={self.server.port}\ntls.policy=force\nresource=prof\n")
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": os.path.dirname(config),
                       "XDG_DATA_HOME": os.path.dirname(data), "TERM": "xterm", "LC_ALL": "C.UTF-8",
                       "SSL_CERT_FILE": self.server.ca_file, "SSL_CERT_DIR": self.server.ca_folder}
        child = subprocess.Popen(["profanity", "-a", "alice@localhost"], env=environment, stdin=slave, stdout=slave,
                                 stderr=slave, start_new_session=True)
        os.close(slave)

        def end():
            if child.poll() is None:
                child.kill()
            child.wait()
            os.close(master)

        self.addCleanup(end)
        return master

    @staticmethod
    def sees(terminal, text, seconds=25):
        """Reads the terminal until it shows the text; all that it has shown, controls taken out."""
        shown, deadline = b"", time.monotonic() + seconds
        plain = ""
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.2)[0]:
                shown += os.read(terminal, 65536)
                plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-B0]|\x1b[=>]|[\x00-\x09\x0b-\x1f]", "",
                               shown.decode(errors="replace"))
                if text in plain:
                    return plain
        raise AssertionError(f"profanity never shows {text!r}:\n{plain[-3000:]}")

    def test_profanity_talks_to_the_agent(self):
        terminal = self.profanity()
        self.sees(terminal, "logged in successfully")
        os.write(terminal, f"/msg {SERVICE} help\n".encode())
        self.sees(terminal, "interfaces()")
        os.write(terminal, b"uptime\n")
        self.sees(terminal, '"kernel"')
        os.write(terminal, f"/cmd list {self.instance}\n/win 1\n".encode())
        self.sees(terminal, "memory")
        os.write(terminal, b"/quit\n")


if __name__ == "__main__":
    shell.main()
