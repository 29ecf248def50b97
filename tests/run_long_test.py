#!/usr/bin/python3
"""The row that tests/run_long.sh makes of a fuzzer's log: what failed says so."""
import pathlib
import re
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("run_long.sh")
ENDED = "stat::number_of_executed_units: 12\n"


class FuzzerRow(unittest.TestCase):
    def outcome(self, log):
        function = re.search(r"^fuzzer_outcome\(\) \{.*?^\}$", SCRIPT.read_text(encoding="utf-8"), re.M | re.S)[0]
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write(log)
            file.flush()
            return subprocess.run(["bash", "-c", f'{function}\nfuzzer_outcome "$1"', "bash", file.name], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout

    def test_a_run_to_the_end_is_its_inputs(self):
        self.assertEqual(self.outcome(ENDED), "12 inputs\n")

    def test_a_finding_and_an_early_end_have_failed(self):
        self.assertEqual(self.outcome("SUMMARY: AddressSanitizer: heap-use-after-free\n" + ENDED), "FAILED after 12 inputs\n")
        self.assertEqual(self.outcome("x.cpp:1: runtime error: overflow\n"), "FAILED\n")
        self.assertEqual(self.outcome(""), "FAILED\n")


if __name__ == "__main__":
    unittest.main()
