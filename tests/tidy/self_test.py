"""Plants each violation that tidy.py looks for in a small clean tree, and sees it caught by the check meant for it."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tidy  # noqa: E402

CLEAN = {
    "bus/limits.hpp": "// Every limit.\n#pragma once\ninline constexpr int depth_max = 4;\n",
    "bus/xml/scanner.hpp": '// The scanner finds stanzas.\n#pragma once\n#include "bus/limits.hpp"\n',
    "bus/xml/scanner.cpp": '#include "bus/xml/scanner.hpp"\n',
    "bus/net/tcp.cpp": "#include <boost/asio/ip/tcp.hpp>\n#include <openssl/ssl.h>\n",
    "bus/server/session.cpp": '#include "bus/router/routes.hpp"\nint stanza_max = limits::depth_max;\n',
    "rpc/local_bus.cpp": '#include "bus/server/session.hpp"\n',
    "services/xbus/call.cpp": '#include <fmt/format.h>\n#include "services/common/text.hpp"\n#include <xbus/xbus.hpp>\n',
    "tests/bus/xml/scanner_test.cpp": "#include <gtest/gtest.h>\nTEST(Jid, JID_01_parts_are_short) {}\n",
    "tests/RULES.md": "| id | from | rule |\n|---|---|---|\n| JID-01 | RFC 7622 section 3 | Parts are short. |\n",
    tidy.COVERED: "# header test\nbus/limits.hpp tests/bus/xml/scanner_test.cpp\n",
}

# The check, the file planted, its text.
PLANTED = [
    (tidy.check_arrows, "bus/xml/element.cpp", '#include "bus/net/tcp.hpp"\n'),
    (tidy.check_arrows, "bus/xmpp/x.cpp", '#include "bus/net/tcp.hpp"\n'),
    (tidy.check_arrows, "bus/router/routes.cpp", '#include "bus/server/session.hpp"\n'),
    (tidy.check_arrows, "bus/server/x.cpp", '#include "rpc/value.hpp"\n'),
    (tidy.check_arrows, "rpc/value.cpp", '#include "bus/server/session.hpp"\n'),
    (tidy.check_arrows, "services/xbus/x.cpp", '#include "services/agent/load.hpp"\n'),
    (tidy.check_arrows, "examples/x.cpp", '#include "rpc/value.hpp"\n'),
    (tidy.check_arrows, "rpc/x.cpp", '#include "services/common/text.hpp"\n'),
    (tidy.check_libraries, "bus/xmpp/jid.cpp", "#include <unicode/uchar.h>\n"),
    (tidy.check_libraries, "bus/client/x.cpp", "#include <boost/asio/io_context.hpp>\n"),
    (tidy.check_libraries, "bus/net/x.cpp", "#include <openssl/sha.h>\n"),
    (tidy.check_libraries, "bus/server/x.cpp", "#include <sqlite3.h>\n"),
    (tidy.check_libraries, "rpc/value.cpp", "#include <nlohmann/json.hpp>\n"),
    (tidy.check_libraries, "bus/x.cpp", "#include <gtest/gtest.h>\n"),
    (tidy.check_libraries, "rpc/service.cpp", "#include <google/protobuf/message.h>\n"),
    (tidy.check_names, "bus/xml/TokenTape.cpp", "\n"),
    (tidy.check_names, "tests/bus-e2e/x.py", "\n"),
    (tidy.check_tests_exist, "bus/xml/element.hpp", "// An element is a tree.\n#pragma once\n"),
    (tidy.check_tests_exist, tidy.COVERED, "bus/limits.hpp tests/nowhere_test.cpp\n"),
    (tidy.check_lengths, "bus/xml/long.cpp", "int x;\n" * 501),
    (tidy.check_limits, "rpc/value.cpp", "constexpr size_t members_max = 64;\n"),
    (tidy.check_limits, "rpc/value.cpp", "struct Options {\n  int members_max = 64;\n};\n"),
    (tidy.check_limits, "rpc/value.cpp", "static constexpr auto depth_limit = 3;\n"),
    (tidy.check_leftovers, "bus/x.cpp", "// TO" "DO: finish\n"),
    (tidy.check_leftovers, "README.md", "see ../sha" "red/design.md\n"),
    (tidy.check_leftovers, "tests/x.sh", "cd /wor" "k/main\n"),
    (tidy.check_waiting, "tests/x.py", "import time\ntime.sl" "eep(1)\n"),
    (tidy.check_waiting, "tests/bus/x_test.cpp", "std::this_thread::sleep_for(1s);\n"),
    (tidy.check_waiting, "examples/x.sh", "sl" "eep 1\n"),
    (tidy.check_waiting, "tests/bus/x_test.cpp", "GTEST_SK" "IP();\n"),
    (tidy.check_headers, "bus/xml/scanner.hpp", "#pragma once\n"),
    (tidy.check_headers, "bus/xml/scanner.hpp", "// The scanner finds stanzas.\n"),
    (tidy.check_headers, "bus/xml/scanner.hpp", "// scanner\n#pragma once\n"),
    (tidy.check_rules, "tests/rpc/x_test.cpp", "TEST(Codec, RPC_09_base64_is_lower_case) {}\n"),
    (tidy.check_rules, "tests/bus/xml/scanner_test.cpp", "TEST(Jid, nothing) {}\n"),
]


def caught_in(files):
    with tempfile.TemporaryDirectory() as top:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
            with open(os.path.join(top, path), "w", encoding="utf-8") as f:
                f.write(text)
        return [(check, path, text) for check, path, _, text in tidy.findings(tidy.Tree(top))]


class SelfTest(unittest.TestCase):
    def test_the_clean_tree_is_clean(self):
        self.assertEqual(caught_in(CLEAN), [])

    def test_each_violation_is_caught(self):
        for check, path, text in PLANTED:
            with self.subTest(check=check.__name__, path=path, text=text):
                found = caught_in({**CLEAN, path: text})
                self.assertIn(check, [c for c, _, _ in found], found)

    def test_every_check_has_a_violation(self):
        self.assertEqual({c for c, _, _ in PLANTED}, set(tidy.CHECKS))


if __name__ == "__main__":
    unittest.main()
