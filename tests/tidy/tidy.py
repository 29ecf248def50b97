"""Holds the part of the style that a program can hold: `tidy.py [TREE]` prints each finding as path:line: text.

Each check is a function from a Tree to findings; self_test.py plants each violation and sees it caught.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tables  # noqa: E402

SOURCE = (".cpp", ".hpp", ".h", ".cc")
TEXT = SOURCE + (".py", ".sh", ".rb", ".cmake", ".txt", ".md", ".toml", ".in", ".json", ".yml", ".service", ".proto")
LINES_MAX = 500
RULE_PREFIXES = ("RPC", "SOAP", "PS", "SM", "CORE", "JID", "COMP", "DISCO", "CMD")
NOT_A_HEADER_OF_OURS = ("rpc/public/",)  # tried by the install test
COVERED = "tests/tidy/covered_elsewhere.txt"


class Tree:
    """The text files of a source tree, by path relative to its top."""

    def __init__(self, top):
        self.files = {}
        for folder, folders, names in os.walk(top):
            folders[:] = [f for f in folders if f not in (".git", "build", "__pycache__")]
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), top)
                if name.endswith(TEXT) or "." not in name:
                    with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as f:
                        self.files[path] = f.read()

    def under(self, *beginnings, ends=SOURCE):
        return [(p, t) for p, t in sorted(self.files.items()) if p.startswith(beginnings) and p.endswith(ends)]


def lines_matching(text, pattern):
    for number, line in enumerate(text.split("\n"), 1):
        found = re.search(pattern, line)
        if found:
            yield number, found


def includes(text):
    for number, found in lines_matching(text, r'^\s*#\s*include\s*([<"])([^>"]+)[>"]'):
        yield number, found.group(2)


OURS = ("bus/", "rpc/", "adapters/", "idl/", "services/", "examples/", "tests/", "xbus/")


def check_arrows(tree):
    """Includes point one way."""
    for path, text in tree.under("bus/", "rpc/", "adapters/", "idl/", "services/", "examples/"):
        room = tables.room_of(path)
        for number, target in includes(text):
            if not target.startswith(OURS):
                continue
            wanted = tables.room_of("rpc/public/" + target if target.startswith("xbus/") else target)
            if wanted not in tables.may_include(room) and target not in tables.EXCEPTIONS.get(room, ()):
                yield path, number, f"{room} may not include {target}"


def check_libraries(tree):
    """Each third-party library is included only from its folders."""
    for path, text in tree.under("bus/", "rpc/", "adapters/", "idl/", "services/", "examples/"):
        for number, target in includes(text):
            for library, pattern, folders in tables.LIBRARIES:
                if re.match(pattern, target) and not target.startswith(OURS):
                    if not any(path.startswith(folder) for folder in folders):
                        yield path, number, f"{library} ({target}) belongs in {', '.join(folders) or 'tests'}"
                    break


def check_names(tree):
    """Folders and files are snake_case."""
    for path in sorted(tree.files):
        if path.startswith(OURS[:-1]) and path.endswith(SOURCE + (".py", ".sh", ".rb")):
            for part in path.split("/"):
                if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", part):
                    yield path, 1, f"{part} is not snake_case"


def check_tests_exist(tree):
    """Each header has its test beside it in the mirror, or names another that tries it."""
    elsewhere = {}
    for number, line in enumerate(tree.files.get(COVERED, "").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        header, _, test = line.partition(" ")
        elsewhere[header] = test.strip()
        if header not in tree.files:
            yield COVERED, number, f"{header} is not there"
        elif test.strip() not in tree.files:
            yield COVERED, number, f"{header} is said to be tested by {test.strip()}, which is not there"
    for path, _ in tree.under("bus/", "rpc/", "adapters/", "services/", ends=(".hpp",)):
        if path.startswith(NOT_A_HEADER_OF_OURS):
            continue
        test = "tests/" + path[: -len(".hpp")] + "_test.cpp"
        if test in tree.files and path in elsewhere:
            yield COVERED, 1, f"{path} has a test of its own, {test}"
        elif test not in tree.files and path not in elsewhere:
            yield path, 1, f"no {test}; write it, or say in {COVERED} what tests it"


def check_lengths(tree):
    """No file is longer than 500 lines."""
    for path, text in tree.under(*OURS, ends=SOURCE + (".py", ".sh", ".rb")):
        count = text.count("\n")
        if count > LINES_MAX:
            yield path, count, f"{count} lines; more than {LINES_MAX} hold two nouns"


def check_limits(tree):
    """Limits stand in bus/limits.hpp and its kin; elsewhere they are only referred to."""
    constant = r"\b(?:constexpr|#\s*define|static\s+const|inline\s+const)\b[^=;{]*\b\w*(?:_max|_limit)\b\s*(?:[={]|\s\d)"
    number_given = r"\b\w+_max_?\s*(?:=|\{)\s*\d"
    for path, text in tree.under("bus/", "rpc/", "adapters/", "services/"):
        if re.fullmatch(r"bus/limits(_\w+)?\.hpp", path):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            code = line.split("//")[0]
            if "limits::" not in code and (re.search(constant, code) or re.search(number_given, code)):
                yield path, number, "a limit belongs in bus/limits.hpp"


def check_leftovers(tree):
    """Nothing is left open, and nothing speaks of the machine it was written on."""
    left_open = r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"
    machine = r"(^|[\s\"'=(<`])/(wor" + r"k|far" + r"m|ro" + r"ot)/"
    shared = r"\.\./sha" + "red"
    for path, text in sorted(tree.files.items()):
        for pattern, why in ((left_open, "left open"), (machine, "a path of somebody's machine"),
                             (shared, "the repository stands alone")):
            for number, found in lines_matching(text, pattern):
                yield path, number, f"{why}: {found.group(0).strip()}"


def check_waiting(tree):
    """Tests wait for the event, or poll with a deadline; none sleeps, none is skipped."""
    sleeps = r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|\btime\.sl" + r"eep\b|^\s*sl" + r"eep\s+[0-9.$]"
    skips = r"\b(GTEST_SK" + r"IP|skipT" + r"est|skip(If|Unless)|DISA" + r"BLED_\w+)\b"
    for path, text in tree.under("tests/", "examples/", ends=SOURCE + (".py", ".sh", ".rb")):
        if path.startswith("tests/tidy/"):
            continue
        for number, found in lines_matching(text, sleeps):
            yield path, number, f"waits by the clock: {found.group(0).strip()}"
        for number, found in lines_matching(text, skips):
            yield path, number, f"a skipped test is not a passed one: {found.group(0)}"


def check_headers(tree):
    """A header opens with a sentence that says what it is, then #pragma once."""
    for path, text in tree.under("bus/", "rpc/", "adapters/", "services/", "tests/", ends=(".hpp",)):
        opening = re.match(r"(//[^\n]*\n)+", text)
        if not opening or not re.search(r"\w+ \w+.*[.:]", re.sub(r"^// ?", "", opening.group(0), flags=re.M), re.S):
            yield path, 1, "does not open with a sentence that says what it is"
        if not re.search(r"^#pragma once$", text, re.M):
            yield path, 1, "no #pragma once"


def rules_in_use(tree):
    """Rule id -> the first place in the tests that names it; JID_01 in a test's name is JID-01."""
    used = {}
    for path, text in tree.under("tests/", ends=SOURCE + (".py", ".rb", ".sh")):
        if path.startswith("tests/tidy/"):  # its own planted violations
            continue
        for found in re.finditer(r"(?<![A-Za-z0-9])(" + "|".join(RULE_PREFIXES) + r")[-_](\d\d)(?![0-9])", text):
            number = text.count("\n", 0, found.start()) + 1
            used.setdefault(f"{found.group(1)}-{found.group(2)}", (path, number))
    return used


def check_rules(tree):
    """tests/RULES.md lists exactly the rule ids that tests name."""
    listed = {}
    for number, line in enumerate(tree.files.get("tests/RULES.md", "").split("\n"), 1):
        found = re.match(r"\| ([A-Z]+-\d\d) \| \S.* \| \S.* \|$", line)
        if found:
            if found.group(1) in listed:
                yield "tests/RULES.md", number, f"{found.group(1)} is listed twice"
            listed[found.group(1)] = number
    used = rules_in_use(tree)
    for rule in sorted(used.keys() - listed.keys()):
        yield (*used[rule], f"{rule} is not in tests/RULES.md")
    for rule in sorted(listed.keys() - used.keys()):
        yield "tests/RULES.md", listed[rule], f"no test names {rule}"


CHECKS = [check_arrows, check_libraries, check_names, check_tests_exist, check_lengths, check_limits, check_leftovers,
          check_waiting, check_headers, check_rules]


def findings(tree):
    for check in CHECKS:
        for path, number, text in check(tree):
            yield check, path, number, text


def main():
    top = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    count = 0
    for _, path, number, text in findings(Tree(top)):
        print(f"{path}:{number}: {text}")
        count += 1
    print(f"tidy: {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
