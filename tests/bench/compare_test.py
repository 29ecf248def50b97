"""compare.py as a whole, on the smallest run: figures are there and positive, no call failed, and files are whole."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import brokered  # noqa: E402
import call_start  # noqa: E402
import compare  # noqa: E402
import peers  # noqa: E402
import plot  # noqa: E402
import record  # noqa: E402
import tab  # noqa: E402
from harness import process  # noqa: E402

SMALL = ["--servers", "xbusd,nats", "--reps", "1", "--seconds", "0.3", "--warm-up", "0.1", "--calls", "3", "--no-rt"]


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="xbus-compare-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.addCleanup(process.stop_all)

    def compare(self, *words):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(compare.main([*SMALL, "--out", self.folder, *words]), 0)
        return out.getvalue()

    def test_everything_small(self):
        shown = self.compare()
        with open(os.path.join(self.folder, "RESULTS.md"), encoding="utf-8") as f:
            results = f.read()
        for case in brokered.CASES:
            for server in ("xbusd", "nats"):
                cells = next(line for line in results.split("\n") if line.startswith(f"| {case} | {server} |")).split(" | ")
                for cell in cells[2:5]:
                    self.assertGreater(float(cell), 0)
                self.assertGreaterEqual(float(cells[5]), 0)  # so short a run may be less than a tick of the kernel
        self.assertIn("| wall clock ms |", results)
        self.assertIn("## A tab", results)
        self.assertIn("## Compare", shown)
        ElementTree.parse(os.path.join(self.folder, "bench", "compare.svg"))

    def test_idle_sessions(self):
        self.assertRegex(self.compare("--idle", "--sessions", "200"), r"\| 200 plain \| [0-9.]+ \| \d+ \|\n\| 200 TLS \|")

    def test_a_tab_is_quick(self):
        found = tab.run(peers.Bench(self.folder, real_time=False), 15)
        print(tab.text(found))
        for line in tab.LINES:
            self.assertLess(found.median(line), found.limit(line), line)
        self.assertIn("| `xbus call ag` |", tab.text(found))

    def test_a_failed_measurement_is_told(self):
        bench = peers.Bench(self.folder, real_time=False)
        nobody = SimpleNamespace(port=1, plain_port=1, ca_file="/nonexistent", process=SimpleNamespace(pid=os.getpid()))
        peer = peers.Peer.__new__(peers.Peer)
        peer.bench, peer.name, peer.plain, peer.secured = bench, "xbusd", nobody, nobody
        found = brokered.Found()
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            brokered.once(found, peer, "1x1", 0, compare.options(SMALL))
        self.assertFalse(found.good)
        self.assertIn("FAILED: xbus: connect", told.getvalue())

    def test_ratios_are_of_runs_made_in_turn(self):
        def rows(*cpus):
            return [{"cpu": cpu, "p50": 1} for cpu in cpus]

        found = brokered.Found(rows={"1x1": {"xbusd": rows(2, 8, 3), "nats": rows(4, 8, 4)}})
        self.assertEqual(found.ratios("1x1", "xbusd", "cpu"), (0.75, 0.5, 1.0))
        found.neutral = {"1x1": {"xbusd": rows(1), "nats": rows(2)}}
        self.assertIn("+50 %, DIFFER", "\n".join(brokered.neutral_text(found)))
        found.neutral = {"1x1": {"xbusd": rows(0.7), "nats": rows(1)}}
        self.assertIn("+7 %, agree", "\n".join(brokered.neutral_text(found)))

    def test_a_section_stands_once(self):
        first = record.replaced("# Results\n\n## Long run\n\nx\n", "Compare", "## Compare\n\na\n<!-- end of compare -->\n")
        self.assertLess(first.index("## Compare"), first.index("## Long run"))
        second = record.replaced(first, "Compare", "## Compare\n\nb\n<!-- end of compare -->\n")
        self.assertEqual(second, first.replace("\na\n", "\nb\n"))
        self.assertIn("\n## Other", record.replaced(second, "Other", "## Other\n\nc\n<!-- end of other -->\n"))

    def test_the_plot_is_whole_for_any_figures(self):
        for cpus in ((0.01, 1), (3, 3000), (1, 1)):
            rows = {case: {"xbusd": [{"cpu": cpus[0]}], "nats": [{"cpu": cpus[1]}]} for case in brokered.CASES}
            root = ElementTree.fromstring(plot.svg(brokered.Found(rows=rows)))
            self.assertEqual(len(root.findall("{http://www.w3.org/2000/svg}rect")), 8)

    def test_what_fails_is_not_timed(self):
        with self.assertRaises(RuntimeError):
            call_start.timed(["false"], dict(os.environ))


if __name__ == "__main__":
    process.install_cleanup()
    unittest.main(verbosity=2)
