"""slixmpp publishes and subscribes on xbusd's pubsub service."""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402


class Pubsub(peers.PeerPlay):
    accounts = ("publisher", "subscriber")

    def test_PS_01_slixmpp_publishes_subscribes_receives_and_retrieves(self):
        told = {"to": "events.localhost", "node": "news", "calls": "5"}
        publisher = self.peer("slixmpp_pubsub", "publisher", "publisher", **told)
        self.assertEqual(publisher.wait_line("service ", 30), "service True")
        self.assertEqual(publisher.wait_line("again ", 15), "again conflict")
        self.assertEqual(publisher.wait_line("title ", 15), "title News")
        publisher.wait_line("ready", 15)
        subscriber = self.peer("slixmpp_pubsub", "subscriber", "subscriber", **told)
        self.assertEqual(subscriber.wait_line("subscribed ", 30), "subscribed subscribed")
        self.assertEqual(subscriber.wait_line("subscriptions ", 15), "subscriptions news")
        for number in range(5):
            subscriber.wait_line(f"heard item{number}: title {number} < ü", 15)
            publisher.wait_line(f"published item{number}", 15)
        publisher.wait_line("done", 15)
        subscriber.wait_line("retracted item4", 15)
        subscriber.signal(signal.SIGUSR1)
        self.assertEqual(subscriber.wait_line("kept ", 15), "kept item2=title 2 < ü item3=title 3 < ü")
        self.assertEqual(subscriber.wait_line("nodes ", 15), "nodes news")
        subscriber.wait_line("unsubscribed", 15)


if __name__ == "__main__":
    peers.main()
