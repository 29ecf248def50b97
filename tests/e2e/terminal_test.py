"""Nothing that a peer sends acts on the terminal: hostile text in every place, through every verb."""
import itertools
import os
import random
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile_peer  # noqa: E402
import shell  # noqa: E402

# What XML lets through and a terminal or a reader may trip over: C1 controls (CSI, OSC, DCS), bidirectional and
# zero-width controls, line separators, tags, a BOM. Escape itself has no place in XML.
PIECES = ["\x9b2J", "\x9d0;owned\x9c", "\x90q", "\u202e", "\u2066", "\u200b", "\u200f", "\u2028", "\ufeff", "\U000e0041",
          "\x85", "\x7f", "\t", "\r\n", "\u00ad", "\u061c"]


def hidden(shown):
    """What in the output acts instead of being seen."""
    return [hex(ord(c)) for c in shown
            if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"))]


class Terminal(shell.Shell):
    def peer(self, name, resource, hostile):
        """A peer that serves `name`; closed at the end of the test."""
        path = os.path.join(self.server.run_folder, "xbus", "socket")
        peer = hostile_peer.HostilePeer(
            path, name, resource, ["text", "rows", "own", "gone", "m" + hostile.strip()], hostile,
            {"text": hostile_peer.text(hostile), "rows": hostile_peer.structure(hostile, hostile),
             "own": hostile_peer.fault(7, hostile), "gone": hostile_peer.fault(-32005, hostile)})
        self.addCleanup(peer.close)
        return peer

    def shown(self, *words):
        """What a person sees without colours, and a pipe with both of its ends."""
        quiet = {**self.local, "NO_COLOR": "1"}
        on_terminal, _ = self.at_terminal(*words, env=quiet)
        done = self.run_xbus(*words, env=quiet)
        return on_terminal.decode("utf-8").replace("\r\n", "\n"), done.stdout + done.stderr

    def check(self, *words):
        for text in self.shown(*words):
            self.assertEqual(hidden(text), [], f"xbus {words}: {text!r}")

    def test_values_faults_docs_and_methods(self):
        seed = random.randrange(1 << 30)
        pick = random.Random(seed)
        for number in range(4):
            hostile = "".join(pick.choice(PIECES) + pick.choice(["a", "ü", "漢", " "]) for _ in range(12))
            name = f"evil{number}"
            peer = self.peer(name, f"place{number}", hostile)
            self.await_listed(name)
            with self.subTest(seed=seed, number=number, hostile=hostile):
                for words in (["call", name, "text"], ["call", name, "rows"], ["call", name, "own"],
                              ["call", name, "gone"], ["call", name, "m" + hostile], ["describe", name],
                              ["describe", name, "m" + hostile.strip()], ["list"], ["scatter", name, "text"],
                              ["scatter", name, "own"], ["template", name, "text", "--as", "command"],
                              ["template", name, "text", "--as", "xml"], ["stats", name], ["log-level", name],
                              ["drain", name], ["top", "--once", "--interval", "0.05"], ["call", name, "text", "--explain"],
                              ["call", name, "own", "--repeat", "2"]):
                    self.check(*words)
            peer.close()

    def test_every_piece_alone_in_a_value_and_a_fault(self):
        for number, piece in enumerate(PIECES):
            name = f"piece{number}"
            peer = self.peer(name, f"place{number}", piece)
            self.await_listed(name)
            with self.subTest(piece=piece):
                for method in ("text", "rows", "own"):
                    self.check("call", name, method)
            peer.close()

    def test_names_of_services_and_instances(self):
        listed = 0
        for number, piece in enumerate(PIECES):
            # What PRECIS or XEP-0106 has no room for is refused, and that is fine: then the name alone is tried, or
            # nothing.
            try:
                peer = self.peer(f"n{number}{piece}x", f"r{number}{piece}y", piece)
            except hostile_peer.Refused:
                peer = self.peer(f"n{number}{piece}x", f"r{number}y", piece)
            shell.waiting.poll(lambda: peer.refused or any(e["name"].startswith(f"n{number}") for e in self.xbus("list")),
                               20, f"{piece!r} is listed or refused")
            listed += not peer.refused
            with self.subTest(piece=piece):
                for words in (["list"], ["name", "list"], ["top", "--once", "--interval", "0.05"],
                              ["describe", f"n{number}{piece}x"], ["complete", "--", "call", f"n{number}"]):
                    text = "".join(self.shown(*words)).replace("\t", "") if words[0] == "complete" else "".join(self.shown(*words))
                    self.assertEqual(hidden(text), [], f"xbus {words}: {text!r}")
            peer.close()
        print(f"{listed} of {len(PIECES)} hostile names were listed")

    def test_what_the_person_types_comes_back_written_out_too(self):
        for verb, hostile in itertools.product(("call", "describe", "scatter", "template", "ping", "stats", "drain"),
                                               ("\x1b[2J", "\x9b2J\u202e")):
            with self.subTest(verb=verb):
                self.check(verb, hostile, hostile)
        for words in (["\x1b[2J"], ["help", "\x1b[2J"], ["--bus", "\x1b[2J", "list"], ["--context", "\x1b[2J", "list"],
                      ["--\x1b[2J"], ["name", "give", "\x1b[2J", "x"], ["call", "a", "b", "--json", "\x1b[2J"],
                      ["serve", "\x1b[2J", "--exec", "/bin/true", "--methods", "\x1b[2J"],
                      ["--password-file", "\x1b[2J", "list"], ["account", "remove", "\x1b[2J"]):
            with self.subTest(words=words):
                self.check(*words)


if __name__ == "__main__":
    shell.main()
