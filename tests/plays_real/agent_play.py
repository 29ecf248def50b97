"""The agent on a real server: registered, listed, described and called by our own programs and by strangers."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import world  # noqa: E402


def names(interfaces):
    return sorted(interface["name"] for interface in interfaces)


class Agent(world.World):
    def serving_agent(self, scheme="xmpp"):
        agent = self.agent(scheme)
        world.waiting.poll(lambda: self.listed("agent"), 40, "the agent is listed", every=0.2)
        return agent

    def test_it_is_listed_described_and_called_over_starttls(self):
        self.serving_agent()
        described = self.xbus("describe", "agent")
        self.assertIn("interfaces", str(described))
        interfaces = self.xbus("call", "agent", "interfaces")
        self.assertIn("lo", names(interfaces))
        # What the kernel says without any bus.
        self.assertEqual(names(interfaces), sorted(os.listdir("/sys/class/net")))

    def test_it_is_called_over_direct_tls(self):
        self.serving_agent("xmpps")
        self.assertIn("lo", names(self.xbus("call", "agent", "interfaces", scheme="xmpps")))

    def test_strangers_get_the_same_values(self):
        self.serving_agent()
        ours = self.xbus("call", "agent", "interfaces")
        for library in ("slixmpp", "xmpp4r", "qxmpp"):
            with self.subTest(caller=library):
                theirs = self.call(library, "caller", "agent@services.localhost", "interfaces")
                self.assertEqual(names(theirs["value"]), names(ours))

    def test_it_leaves_when_it_is_told_to(self):
        agent = self.serving_agent()
        self.assertEqual(agent.stop(), 0)
        self.await_listed("agent", (), 5)

    def test_nobody_there_has_its_own_exit_status(self):
        self.xbus("call", "nobody", "anything", status=64 + 14)

    def test_a_call_through_the_registry_is_given_up(self):
        self.worker("w1")
        self.await_listed("work", {"w1"})
        said = self.peer("slixmpp", "canceller", "caller", to="work@services.localhost").wait_line("answer ", 30)
        answers = json.loads(said.split(" ", 1)[1])
        self.assertEqual(answers["long"]["fault"][0], -32001)  # cancelled
        self.assertEqual(answers["short"], {"value": "w1"})
        self.assertLess(answers["seconds"], 7)  # the long call takes 8

    def test_a_foreign_service_is_listed_and_called(self):
        to = self.service("slixmpp", "worker", register="calc@services.localhost")
        self.assertTrue(to.startswith("worker@localhost/"))
        self.await_listed("calc", {"peer"})
        self.assertEqual(self.xbus("call", "calc", "calc.concat", "1 < 2", " & ü"), "1 < 2 & ü")


if __name__ == "__main__":
    world.main()
