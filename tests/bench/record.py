"""The sections of tests/RESULTS.md that compare.py writes: each stands between its title and its end mark."""
import os
import platform
import re
import subprocess
import time


def machine(bench):
    """One line on where and when."""
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    here = os.path.dirname(os.path.abspath(__file__))
    commit = subprocess.run(["git", "-C", here, "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True).stdout.strip() or "unknown"
    return (f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit}, {model}, {os.cpu_count()} cores, "
            f"{platform.system()} {platform.release()}; {bench.conditions()}.")


class Results:
    def __init__(self, path, head):
        self.path, self.head = path, head

    def write(self, title, text):
        """Prints the section, and puts it in place of the one of this title."""
        print(f"\n## {title}\n\n{text}", flush=True)
        old = ""
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as f:
                old = f.read()
        body = f"## {title}\n\n{self.head} Made by `tests/bench/compare.py`.\n\n{text}\n<!-- end of {title.lower()} -->\n"
        with open(self.path + ".new", "w", encoding="utf-8") as f:
            f.write(replaced(old or "# Results\n", title, body))
        os.replace(self.path + ".new", self.path)


def replaced(old, title, body):
    """The file with the section in its place, or before the long run, which its own program moves to the end."""
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?^<!-- end of {re.escape(title.lower())} -->\n", re.M | re.S)
    if pattern.search(old):
        return pattern.sub(lambda _: body, old, count=1)
    before, long_run, after = old.partition("## Long run\n")
    return before.rstrip("\n") + "\n\n" + body + ("\n" if long_run else "") + long_run + after
