"""Topics from the shell: publish, watch and topic on a live bus, also one that is killed and started again."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402


class Events(shell.Shell):
    def publish(self, topic, *values):
        for value in values:
            self.xbus("publish", topic, json.dumps(value))

    def watch(self, *words, env=None):
        """`xbus watch`, which goes on; what it prints is in its log."""
        return self.start("watch", [shell.program("xbus"), "watch", *words], env=env or self.local)

    def lines(self, watching):
        with open(watching.log, encoding="utf-8") as f:
            return [json.loads(line) for line in f if line.startswith("{")]

    def values(self, watching):
        return [line["item"] for line in self.lines(watching)]

    def await_values(self, watching, expected, seconds=20):
        try:
            shell.waiting.poll(lambda: len(self.values(watching)) >= len(expected), seconds, f"{len(expected)} items",
                               every=0.02)
        except TimeoutError:
            print(watching.tail(), file=sys.stderr)
        self.assertEqual(self.values(watching), expected)

    def subscribers(self, topic):
        return int(self.xbus("topic", "describe", topic)["num_subscribers"])

    def await_subscribers(self, topic, count):
        shell.waiting.poll(lambda: self.subscribers(topic) == count, 20, f"{count} subscribers of {topic}")

    # ---- publish ----

    def test_an_item_is_acknowledged_with_its_id_PS_22(self):
        said = self.xbus("publish", "one", '{"a": [1, 2.5, "x", null, true]}')
        self.assertEqual(said["topic"], "one")
        self.assertEqual(self.xbus("publish", "one", "2", "--id", "mine")["id"], "mine")
        first, second = self.xbus_lines("watch", "one", "--since", "all", "--count", "2")
        self.assertEqual(first["item"], {"a": [1, 2.5, "x", None, True]})
        self.assertEqual(first["id"], said["id"])
        self.assertEqual((second["id"], second["item"]), ("mine", 2))
        self.assertEqual(second["publisher"].partition("@")[2], "localhost")
        self.assertEqual(self.xbus_lines("watch", "one", "--since", said["id"], "--count", "1"), [second])

    def xbus_lines(self, *words, status=0, **how):
        done = self.run_xbus(*words, **how)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_lines_of_standard_input_are_published_in_order_and_counted(self):
        text = "".join(f'{{"n": {n}}}\n' for n in range(500)) + "\n" + '{"n": 500}'
        self.assertEqual(self.xbus("publish", "many", "-", text=text), {"topic": "many", "acknowledged": 501})
        got = self.xbus_lines("watch", "many", "--since", "all", "--count", "501")
        self.assertEqual([each["item"]["n"] for each in got], list(range(501)))
        self.assertEqual(self.xbus("publish", "many", "-", text="")["acknowledged"], 0)
        shown, status = self.at_terminal("publish", "many", "7")
        self.assertEqual(status, 0, shown)

    def test_the_first_line_that_fails_is_named_and_the_count_told(self):
        done = self.run_xbus("publish", "some", "-", text="1\n2\nnonsense\n4\n")
        self.assertEqual(done.returncode, 64 + 3)
        self.assertEqual(json.loads(done.stdout), {"topic": "some", "acknowledged": 2})
        self.assertIn("line 3: no JSON", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertIn("no JSON", self.xbus("publish", "some", "{", status=64 + 3))
        self.xbus("publish", "some", "-", "--id", "x", status=2)
        self.assertIn("payload-too-big", self.xbus("publish", "some", json.dumps("x" * 100_000), status=64 + 8))

    def test_json_travels_as_json_where_that_is_asked_for(self):
        self.xbus("publish", "forms", '{"b": 1}', "--form", "json")
        self.xbus("publish", "forms", '{"b": 1}', "--type", "urn:example:form")
        first, second = self.xbus_lines("watch", "forms", "--since", "all", "--count", "2")
        self.assertEqual(first["item"], second["item"])

    def test_a_topic_of_a_service_is_its_owners(self):
        self.xbus("publish", "mine/load", "1", env=self.alice)
        self.xbus("name", "give", "theirs", "bob")
        self.assertIn("describe", self.xbus("publish", "theirs/load", "1", env=self.alice, status=64 + 7))
        self.xbus("topic", "purge", "mine/load")  # an admin may
        self.xbus("topic", "create", "mine/load", env=self.alice)

    # ---- watch ----

    def test_what_comes_is_printed_and_the_subscription_goes_with_the_watcher_PS_43(self):
        self.publish("live", 0)
        watching = self.watch("live")
        self.await_subscribers("live", 1)
        self.publish("live", 1, {"two": 2})
        self.await_values(watching, [1, {"two": 2}])
        self.assertEqual(watching.stop(), 0)
        self.await_subscribers("live", 0)

    def test_a_topic_that_is_not_there_is_not_found(self):
        self.assertIn("xbus topic", self.xbus("watch", "nothing", status=64 + 5))
        self.publish("short", 1)
        watching = self.watch("short")
        self.await_subscribers("short", 1)
        self.xbus("topic", "delete", "short")
        self.assertEqual(watching.popen.wait(20), 64 + 5)
        self.assertIn("deleted", watching.tail())

    def test_the_bus_is_killed_and_started_again_and_nothing_is_lost_or_doubled(self):
        self.publish("kept", 0)
        watching = self.watch("kept")
        self.await_subscribers("kept", 1)
        self.publish("kept", 1)
        self.await_values(watching, [1])
        for round_ in range(3):
            self.server.kill()
            self.server.start()
            self.publish("kept", *range(10 * round_ + 10, 10 * round_ + 13))
        self.await_values(watching, [1, 10, 11, 12, 20, 21, 22, 30, 31, 32], seconds=60)
        self.publish("kept", 99)
        self.await_values(watching, [1, 10, 11, 12, 20, 21, 22, 30, 31, 32, 99])

    def test_a_subscriber_with_a_state_goes_on_where_it_was_also_after_a_kill(self):
        state = os.path.join(self.folder, "durable.last")
        self.publish("durable", 1, 2)
        self.assertEqual([each["item"] for each in self.xbus_lines("watch", "durable", "--since", "all", "--state", state,
                                                                   "--count", "2")], [1, 2])
        watching = self.watch("durable", "--state", state)
        self.await_subscribers("durable", 1)
        self.publish("durable", 3)
        self.await_values(watching, [3])
        shell.waiting.poll(lambda: self.kept_id(state) == self.lines(watching)[-1]["id"], 10, "the id is kept")
        watching.kill()
        self.publish("durable", 4, 5)
        self.assertEqual([each["item"] for each in self.xbus_lines("watch", "durable", "--state", state, "--count", "2")],
                         [4, 5])
        with open(state, "w", encoding="utf-8") as f:
            f.write("nonsense")
        self.assertIn("begin anew", self.xbus("watch", "durable", "--state", state, status=1))

    def kept_id(self, state):
        with open(state, encoding="utf-8") as f:
            return json.load(f)["durable"]

    def test_items_that_the_topic_forgot_are_told_as_a_gap(self):
        self.xbus("topic", "create", "brief", "--max-items", "2")
        first = self.xbus("publish", "brief", "1")["id"]
        self.publish("brief", 2, 3, 4)
        done = self.run_xbus("watch", "brief", "--since", first, "--count", "2")
        self.assertEqual([json.loads(line)["item"] for line in done.stdout.splitlines()], [3, 4])
        self.assertIn(f"does not keep items that were published after {first}", done.stderr)

    def test_a_program_is_run_for_each_item_without_a_shell(self):
        command = self.script("each.sh", 'read -r line; echo "$XBUS_TOPIC $1 $line"; [ "$1" = "a;b" ]\n')
        self.publish("jobs", 1, "$(false)")
        done = self.run_xbus("watch", "jobs", "--since", "all", "--count", "2", "--exec", command, "--arg", "a;b")
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = done.stdout.splitlines()
        self.assertTrue(shown[0].startswith("jobs a;b {"), shown)
        self.assertEqual([json.loads(line.removeprefix("jobs a;b "))["item"] for line in shown], [1, "$(false)"])
        done = self.run_xbus("watch", "jobs", "--since", "all", "--count", "2", "--exec", command)
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (1, 2))
        self.assertEqual(len([line for line in done.stderr.splitlines() if line.startswith("xbus: watch jobs: ")]), 2)
        self.xbus("watch", "jobs", "--exec", "/nonexistent", status=2)
        self.xbus("watch", "jobs", "--arg", "x", status=2)

    def test_patterns_take_topics_in_that_come_later(self):
        self.publish("net/a/link", 0)
        watching = self.watch("net/#", "net/+/link")
        self.await_subscribers("net/a/link", 1)
        self.publish("net/a/link", 1)
        self.await_values(watching, [1])
        self.publish("net/b/link", 2)
        self.publish("other", 9)
        self.await_values(watching, [1, 2])
        self.assertEqual([line["topic"] for line in self.lines(watching)], ["net/a/link", "net/b/link"])

    # ---- topic ----

    def test_topics_are_made_described_changed_and_taken_away(self):
        self.xbus("topic", "create", "shelf", "--max-items", "5", "--title", "A shelf", "--access", "whitelist")
        self.assertIn("shelf", self.xbus("topic"))
        self.assertEqual(self.xbus("topic"), self.xbus("topic", "list"))
        self.assertNotIn("shelf", self.xbus("topic", env=self.alice))
        described = self.xbus("topic", "describe", "shelf")
        self.assertEqual((described["max_items"], described["title"], described["access_model"], described["publish_model"]),
                         ("5", "A shelf", "whitelist", "publishers"))
        self.xbus("topic", "configure", "shelf", "--access", "open", "--publish", "open", "--set", "notify_retract=1",
                  "--keep", "no")
        described = self.xbus("topic", "describe", "shelf", env=self.alice)
        self.assertEqual((described["max_items"], described["access_model"], described["notify_retract"],
                          described["persist_items"]), ("5", "open", "1", "0"))
        self.xbus("topic", "configure", "shelf", "--max-items", "7", env=self.alice, status=64 + 7)
        self.assertIn("owners", self.xbus("topic", "create", "shelf", env=self.alice, status=64 + 6))
        self.xbus("topic", "configure", "shelf", "--set", "max_items=many", status=64 + 3)
        self.xbus("topic", "configure", "shelf", "--set", "nonsense", status=64 + 3)
        self.xbus("topic", "configure", "shelf", "--keep", "yes")
        self.publish("shelf", 1, 2)
        self.assertEqual(self.xbus("topic", "describe", "shelf")["num_items"], "2")
        self.xbus("topic", "purge", "shelf")
        self.assertEqual(self.xbus("topic", "describe", "shelf")["num_items"], "0")
        self.xbus("topic", "delete", "shelf")
        self.assertIn("xbus topic", self.xbus("topic", "describe", "shelf", status=64 + 5))
        self.assertIn("TOPIC", self.xbus("topic", "list", "-o", "table"))

    def test_topics_are_completed(self):
        self.publish("ready/one", 1)
        offered = lambda: self.xbus("complete", "--shell", "fish", "--", "watch", "ready")  # noqa: E731
        shell.waiting.poll(lambda: "ready/one" in offered(), 20, "the topic is offered")

    def test_without_a_pubsub_service_the_line_says_so(self):
        self.assertIn("--pubsub", self.xbus("publish", "x", "1", "--pubsub", "services.localhost", status=64 + 14))
        self.xbus("topic", "list", "--pubsub", "@", status=64 + 3)


if __name__ == "__main__":
    shell.main()
