"""Every verb of `xbus` and the agent on a live bus."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402


class Verbs(shell.Shell):
    def agent(self, *options, env=None):
        agent = self.start("agent", [shell.program("xbus-agent"), *options], env=env or self.local)
        self.await_listed("agent")
        return agent

    # ---- without a bus, and mistakes ----

    def test_without_a_bus_the_line_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as empty:
            line = self.xbus("list", env={**self.local, "XBUS_BUS": f"unix:{empty}/socket"}, status=64 + 14)
            self.assertIn("start xbusd", line)
            self.assertIn("connect", line)

    def test_without_any_address_the_line_names_every_place_that_was_tried(self):
        with tempfile.TemporaryDirectory() as runtime:
            env = {**self.local, "XDG_RUNTIME_DIR": runtime}
            if os.path.exists("/run/xbus/socket"):  # a host with a bus: then there is nothing to say
                return
            own = os.path.join(runtime, "xbus", "socket")
            line = self.xbus("list", env=env, status=64 + 14)
            self.assertIn(f"there is no {own}, and cannot connect to /run/xbus/socket", line)
            self.assertIn("start xbusd", line)
            self.assertIn("xbus ping --wait", line)
            os.mkdir(os.path.dirname(own), 0o700)
            line = self.xbus("list", env=env, status=64 + 14)
            self.assertIn(f"cannot connect to {own}: No such file", line)
            self.assertIn("cannot connect to /run/xbus/socket", line)

    def test_an_address_that_is_none_is_usage_and_the_forms_are_named(self):
        for address in ("bus.example:5222", "http://bus.example", "xmpp://", "xmpp://h:99999", "unix:", "xmpp://a b"):
            for verb in (["list"], ["ping"], ["call", "a", "b"], ["doctor"], ["serve", "x", "--exec", "/bin/true", "--methods", "m"]):
                with self.subTest(address=address, verb=verb):
                    line = self.xbus("--bus", address, *verb, status=2)
                    self.assertIn(f"--bus: \"{address}\" is no address of a bus: ", line)
                    self.assertIn("unix:PATH, xmpp://[USER@]HOST[:PORT]", line)
        self.assertIn("$XBUS_BUS: \"x\"", self.xbus("list", env={**self.local, "XBUS_BUS": "x"}, status=2))
        done = subprocess.run([shell.program("xbus-agent"), "--bus", "x"], env=self.local, capture_output=True, text=True,
                              timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertIn("unix:PATH", done.stderr)

    def test_usage_is_2(self):
        for words in (["frobnicate"], ["call"], ["call", "agent"], ["list", "--nothing"], ["list", "extra"],
                      ["serve", "x"], ["--timeout", "0", "list"], ["account", "add"]):
            with self.subTest(words=words):
                self.xbus(*words, status=2)
        self.xbus("call", "a", "b", "1", "--json", "[1]", status=2)

    def test_help_and_version_need_no_bus(self):
        nowhere = {**self.local, "XBUS_BUS": "unix:/nonexistent"}
        self.assertRegex(self.xbus("--version", env=nowhere), r"^xbus \d")
        self.assertIn("Exit status", self.xbus("--help", env=nowhere))
        self.assertIn("--one-way", self.xbus("call", "--help", env=nowhere))

    def test_a_wrong_password_is_not_logged_in(self):
        line = self.xbus("list", env={**self.alice, "XBUS_PASSWORD": "wrong"}, status=64 + 16)
        self.assertNotIn("wrong;", line.replace("wrong-credentials", ""))

    def test_a_failure_is_an_object_for_a_program_that_asks_for_json(self):
        done = self.run_xbus("--json", "ping", "nobody@localhost/nowhere")
        self.assertEqual(done.returncode, 64 + 14)
        told = json.loads(done.stderr)
        self.assertEqual((told["kind"], told["status"], told["code"]), ("unavailable", 64 + 14, -32014))
        self.assertEqual(told["details"], {"condition": "service-unavailable"})
        self.assertTrue(self.run_xbus("ping", "nobody@localhost/nowhere").stderr.startswith("xbus: ping"))

    # ---- list, describe, ping ----

    def test_list_is_json_for_a_pipe_and_a_table_for_a_person(self):
        self.agent()
        (entry,) = [e for e in self.xbus("list") if e["name"] == "agent"]
        (instance,) = entry["instances"]
        self.assertEqual(instance["id"], socket.gethostname())
        self.assertEqual(instance["state"], "available")
        self.assertRegex(instance["since"], r"^\d{4}-\d\d-\d\dT")
        self.assertEqual(self.xbus(), self.xbus("list"))  # no verb is list
        shown, status = self.at_terminal("list")
        self.assertEqual(status, 0)
        self.assertIn(b"\x1b[1mSERVICE", shown)
        shown, _ = self.at_terminal("list", env={**self.local, "NO_COLOR": "1"})
        self.assertNotIn(b"\x1b", shown)
        self.assertRegex(shown.decode(), r"agent +" + re.escape(socket.gethostname()) + " +available")

    def test_describe_shows_methods_types_and_one_method(self):
        self.agent()
        described = self.xbus("describe", "agent")
        methods = {method["name"]: method for method in described["methods"]}
        self.assertLessEqual({"interfaces", "load", "memory", "disks", "uptime", "processes"}, set(methods))
        self.assertEqual(methods["load"]["signature"], "load() -> Load")
        self.assertIn("Interface", [t["name"] for t in described["types"]])
        one = self.xbus("describe", "agent", "processes")
        self.assertEqual(one["params"], [{"name": "top", "type": "int32?"}])
        self.assertIn("load() -> Load", self.xbus("describe", "agent", "-o", "table"))
        self.xbus("describe", "agent", "nothing", status=64 + 12)
        self.xbus("describe", "nobody", status=64 + 14)

    def test_a_description_in_a_file_stands_in_for_the_services_own(self):
        self.agent()
        kept = os.path.join(self.folder, "agent.pb")
        self.assertEqual(self.xbus("describe", "agent", "--save", kept), "")
        nowhere = {**self.local, "XBUS_BUS": "unix:/nonexistent"}
        of_file = self.xbus("describe", "agent", "--idl", kept, env=nowhere)
        self.assertEqual(of_file["methods"], self.xbus("describe", "agent")["methods"])
        self.xbus("describe", "agent", "nothing", "--idl", kept, env=nowhere, status=64 + 12)
        self.assertEqual(len(self.xbus("call", "agent", "processes", "2", "--idl", kept)), 2)
        self.assertIn("top", self.xbus("call", "agent", "processes", "x", "--idl", kept, status=64 + 3))
        self.assertIn("top", self.xbus("template", "agent", "processes", "--idl", kept))
        for verb in ("describe", "template", "call", "scatter"):
            words = ("agent",) if verb == "describe" else ("agent", "load")
            self.assertIn("/nonexistent: No such file", self.xbus(verb, *words, "--idl", "/nonexistent", status=1))

    def test_a_slip_of_the_finger_is_named(self):
        self.agent()
        self.assertIn("(did you mean: agent)", self.xbus("call", "agnet", "load", status=64 + 14))
        self.assertIn("(did you mean: load)", self.xbus("call", "agent", "laod", status=64 + 12))
        self.assertIn("(did you mean: uptime)", self.xbus("describe", "agent", "uptimes", status=64 + 12))
        self.assertIn("(did you mean: memory)", self.xbus("template", "agent", "memry", status=64 + 12))
        for words in (["describe", "agnet"], ["stats", "agnet"], ["drain", "agnet"], ["log-level", "agnet"],
                      ["scatter", "agnet", "load"]):
            line = self.xbus(*words, status=64 + 14)
            self.assertIn("(did you mean: agent); `xbus list` shows who is there", line)
        self.assertIn("`xbus list` shows who is there", self.xbus("describe", "nobody-like-it", status=64 + 14))
        self.assertIn("no instance of nobody", self.xbus("bench", "nobody", "x", "--time", "60", status=64 + 14))
        self.assertNotIn("did you mean", self.xbus("call", "agent", "frobnicate", status=64 + 12))
        self.assertIn("there is no verb lst; did you mean list?", self.xbus("lst", status=2))
        self.assertIn("there is no verb frobnicate; see", self.xbus("frobnicate", status=2))
        self.assertIn("xbus: list: there is no option --jsno; did you mean --json?", self.xbus("list", "--jsno", status=2))
        self.assertIn("there is no option --idempotnet; did you mean --idempotent?",
                      self.xbus("call", "agent", "load", "--idempotnet", status=2))
        self.assertIn('"more" is one word too many', self.xbus("list", "more", status=2))

    def test_ping_says_who_answers(self):
        self.assertEqual(self.xbus("ping")["jid"], "localhost")
        self.agent()
        (instance,) = self.instances("agent")
        self.assertLess(self.xbus("ping", instance["jid"])["milliseconds"], 5000)
        self.assertEqual(self.xbus("ping", "agent")["jid"], instance["jid"])  # a service by its name
        self.assertRegex(self.xbus("ping", "-o", "table"), r"^localhost answers in \d+\.\d+ ms\n$")
        self.xbus("ping", "nobody@localhost/nowhere", status=64 + 14)
        self.assertIn("there is no service of this name", self.xbus("ping", "nobody", status=64 + 14))
        self.xbus("ping", "@", status=64 + 3)

    def test_ping_waits_for_what_is_starting(self):
        with tempfile.TemporaryDirectory(prefix="xbus-wait-") as home:
            os.mkdir(os.path.join(home, "run"), 0o700)
            env = {**self.local, "HOME": home, "XDG_RUNTIME_DIR": os.path.join(home, "run"), "XDG_STATE_HOME": home}
            waiting = subprocess.Popen([shell.program("xbus"), "ping", "agent", "--wait", "60"], env=env, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                self.assertIn("there is no", self.xbus("ping", "--wait", "0.2", env=env, status=64 + 14))
                self.start("late bus", [shell.program("xbusd")], env=env)
                self.assertEqual(self.xbus("ping", "--wait", "60", env=env, seconds=90)["jid"], "localhost")
                self.assertIn("no service of this name", self.xbus("ping", "agent", "--wait", "0.2", env=env, status=64 + 14))
                self.start("late agent", [shell.program("xbus-agent")], env=env)
                out, err = waiting.communicate(timeout=90)
                self.assertEqual((waiting.returncode, err, out.count("\n")), (0, "", 1))
                self.assertRegex(json.loads(out)["jid"], "/" + re.escape(socket.gethostname()) + "$")
            finally:
                waiting.kill()
                waiting.wait()
        # What waiting does not mend is told at once.
        line = self.xbus("ping", "--wait", "60", env={**self.alice, "XBUS_PASSWORD": "wrong"}, status=64 + 16, seconds=20)
        self.assertIn("not-logged-in", line)
        self.xbus("ping", "@", "--wait", "60", status=64 + 3, seconds=20)

    # ---- the agent ----

    def test_the_agent_tells_what_the_kernel_says(self):
        self.agent()
        interfaces = {i["name"]: i for i in self.xbus("call", "agent", "interfaces")}
        self.assertEqual(set(interfaces), set(os.listdir("/sys/class/net")))
        self.assertIn("127.0.0.1/8", interfaces["lo"]["addresses"])
        with open("/sys/class/net/lo/mtu", encoding="ascii") as f:
            self.assertEqual(interfaces["lo"]["mtu"], int(f.read()))
        memory = self.xbus("call", "agent", "memory")
        with open("/proc/meminfo", encoding="ascii") as f:
            self.assertEqual(memory["total"], int(f.readline().split()[1]) * 1024)
        self.assertEqual(self.xbus("call", "agent", "load")["processors"], os.cpu_count())
        for disk in self.xbus("call", "agent", "disks"):
            real = os.statvfs(disk["mount_point"])
            self.assertEqual(disk["total"], real.f_blocks * real.f_frsize)
        self.assertEqual(self.xbus("call", "agent", "uptime")["kernel"].split()[1], os.uname().release)
        shown, _ = self.at_terminal("call", "agent", "interfaces")
        self.assertIn(b"127.0.0.1/8", shown)

    def test_processes_are_for_admins_and_arguments_too(self):
        agent = self.agent()
        mine = {p["pid"]: p for p in self.xbus("call", "agent", "processes", "200")}
        self.assertIn(shell.program("xbus-agent"), mine[agent.pid]["arguments"])
        self.assertEqual(len(self.xbus("call", "agent", "processes", "--json", "[1]")), 1)
        self.xbus("call", "agent", "processes", "0", status=64 + 3)
        self.xbus("call", "agent", "processes", "many", status=64 + 3)
        self.xbus("call", "agent", "interfaces", env=self.alice)
        self.xbus("call", "agent", "processes", env=self.alice, status=64 + 7)
        self.assertNotIn("processes", [m["name"] for m in self.xbus("describe", "agent", env=self.alice)["methods"]])

    def test_an_open_processes_still_keeps_arguments_from_others(self):
        self.agent("--allow-processes", "*@localhost")
        for process in self.xbus("call", "agent", "processes", env=self.alice):
            self.assertNotIn("arguments", process)

    def test_logs_are_those_of_a_unit_and_for_admins(self):
        folder = os.path.join(self.folder, "journal")
        os.mkdir(folder)
        exported = "".join(
            f"__CURSOR=s=0123456789abcdef0123456789abcdef;i={i};b=0123456789abcdef0123456789abcdef;m=1;t=1;x=1\n"
            f"__REALTIME_TIMESTAMP={1_700_000_000_000_000 + i}\n__MONOTONIC_TIMESTAMP={i}\n"
            f"_BOOT_ID=0123456789abcdef0123456789abcdef\n_SYSTEMD_UNIT={unit}.service\n_PID=77\n"
            f"SYSLOG_IDENTIFIER={unit}\nPRIORITY=3\nMESSAGE=line {i} of {unit}\n\n"
            for i, unit in enumerate(["mail", "web", "mail", "mail"], 1))
        subprocess.run(["/lib/systemd/systemd-journal-remote", f"--output={folder}/host.journal", "-"], input=exported,
                       text=True, check=True, capture_output=True, timeout=60)
        self.agent("--journal", folder)
        lines = self.xbus("call", "agent", "logs", "mail", "2")
        self.assertEqual([line["message"] for line in lines], ["line 3 of mail", "line 4 of mail"])
        self.assertEqual((lines[0]["priority"], lines[0]["pid"], lines[0]["program"]), ("err", 77, "mail"))
        self.assertEqual(lines[0]["time"], "2023-11-14T22:13:20.000003Z")
        self.assertEqual(self.xbus("call", "agent", "logs", "nothing", "2"), [])
        for words in (["mail; id", "2"], ["../mail", "2"], ["mail", "0"], ["mail", "201"], ["-mail", "1"]):
            with self.subTest(words=words):
                self.xbus("call", "agent", "logs", "--json", json.dumps([words[0], int(words[1])]), status=64 + 3)
        self.xbus("call", "agent", "logs", "mail", "2", env=self.alice, status=64 + 7)

    def test_one_instance_is_addressed_by_its_host(self):
        self.agent("--instance", "host-one")
        second = self.start("agent2", [shell.program("xbus-agent"), "--instance", "host-two"], env=self.local)
        self.await_listed("agent", 2)
        self.assertEqual({i["id"] for i in self.instances("agent")}, {"host-one", "host-two"})
        for host in ("host-one", "host-two"):
            self.xbus("call", "agent", "load", "--instance", host)
        self.xbus("call", "agent", "load", "--instance", "host-three", status=64 + 14)
        self.assertEqual(second.stop(), 0)
        self.await_listed("agent", 1)
        self.xbus("call", "agent", "load", "--instance", "host-two", status=64 + 14)

    def test_the_agent_logs_what_it_does_and_leaves_when_told(self):
        agent = self.agent("--log", "json")
        self.assertEqual(agent.stop(), 0)
        with open(agent.log, encoding="utf-8") as f:
            events = [json.loads(line) for line in f]
        self.assertIn("serving", [event["event"] for event in events])
        self.await_listed("agent", 0, 5)

    # ---- explain ----

    def test_explain_shows_the_stanzas_of_a_call(self):
        self.agent()
        done = self.run_xbus("call", "agent", "load", "--explain")
        self.assertEqual(done.returncode, 0)
        self.assertIn("jabber:iq:rpc", done.stderr)
        self.assertIn("--> ", done.stderr)
        self.assertIn("<-- ", done.stderr)
        self.assertIn("<methodName>load</methodName>", done.stderr)
        json.loads(done.stdout)
        done = self.run_xbus("call", "agent", "load", "--explain", env=self.alice)
        self.assertNotIn(self.alice["XBUS_PASSWORD"], done.stderr)

    # ---- accounts and names ----

    def secret(self, text):
        path = os.path.join(self.folder, "secret")
        with open(path, "w", encoding="utf-8") as f:
            os.chmod(path, 0o600)
            f.write(text + "\n")
        return path

    def test_accounts_are_made_changed_and_removed(self):
        self.xbus("account", "add", "carol", "--new-password-file", self.secret("first pass"))
        self.assertIn("carol", [a["name"] for a in self.xbus("account", "list") if a["password"]])
        carol = {**self.alice, "XBUS_BUS": self.alice["XBUS_BUS"].replace("alice@", "carol@"),
                 "XBUS_PASSWORD": "first pass"}
        self.xbus("ping", env=carol)
        self.xbus("account", "add", "carol", "--new-password-file", self.secret("x"), status=64 + 6)
        self.xbus("account", "passwd", "carol", "--new-password-file", "-", text="second pass\n")
        self.xbus("ping", env=carol, status=64 + 16)
        carol["XBUS_PASSWORD"] = "second pass"
        self.xbus("ping", env=carol)
        self.xbus("account", "passwd", "carol", env={**self.local, "XBUS_NEW_PASSWORD": "by the environment"})
        carol["XBUS_PASSWORD"] = "by the environment"
        self.xbus("ping", env=carol)
        # One's own password needs no admin; anything else does.
        self.xbus("account", "passwd", "carol", "--new-password-file", self.secret("third pass"), env=carol)
        carol["XBUS_PASSWORD"] = "third pass"
        self.xbus("account", "list", env=carol, status=64 + 7)
        self.xbus("account", "remove", "alice", env=carol, status=64 + 7)
        self.xbus("account", "remove", "carol")
        self.xbus("ping", env=carol, status=64 + 16)
        self.xbus("account", "remove", "carol", status=64 + 5)
        self.xbus("account", "passwd", "nobody-there", "--new-password-file", self.secret("x"), status=64 + 5)
        self.xbus("account", "add", "a b", "--new-password-file", self.secret("x"), status=64 + 3)

    def test_a_password_never_comes_from_argv_or_a_file_for_all(self):
        path = self.secret("open to all")
        os.chmod(path, 0o644)
        self.assertIn("chmod 600", self.xbus("account", "add", "dave", "--new-password-file", path, status=1))
        # Without a terminal there is nobody to ask.
        done = subprocess.run([shell.program("xbus"), "account", "add", "dave"], env=self.local, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--new-password-file", done.stderr)

    def test_names_are_listed_given_and_released(self):
        self.xbus("name", "give", "billing", "alice")
        self.assertIn({"name": "billing", "owner": "alice@localhost", "live": False}, self.xbus("name", "list"))
        self.assertEqual(self.xbus("name"), self.xbus("name", "list"))
        self.xbus("name", "give", "other", "alice", env=self.alice, status=64 + 7)
        # The name is another's now.
        serving = self.start("thief", [shell.program("xbus"), "serve", "billing", "--exec", "/bin/true", "--methods", "x"],
                             env=self.local)
        self.assertEqual(shell.waiting.poll(lambda: not serving.alive() and serving.popen.returncode, 20, "it is refused"),
                         64 + 6)
        self.xbus("name", "release", "billing", env=self.alice)
        self.assertNotIn("billing", [n["name"] for n in self.xbus("name", "list")])
        self.xbus("name", "release", "billing", status=64 + 5)


if __name__ == "__main__":
    shell.main()
