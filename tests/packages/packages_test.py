"""Builds the Debian packages twice, in two places, and compares them; asks lintian; then installs, uses, upgrades and
purges them in a bare Debian of its own. Needs root, debootstrap and lintian; part of `tests/run.sh --long`."""
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests"))
from harness import waiting
with open(os.path.join(SOURCE, "debian", "changelog"), encoding="utf-8") as changelog:
    VERSION = re.match(r"xbus \(([^)]+)\)", changelog.readline())[1]
ABI = VERSION.rpartition(".")[0]
CONSUMER = os.path.join(SOURCE, "tests", "install", "consumer.cpp")
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(consumer CXX)
find_package(xbus REQUIRED)
add_executable(consumer consumer.cpp)
target_link_libraries(consumer xbus::xbus)
"""
NAMES = (f"libxbus{ABI}", "libxbus-dev", "xbus", "xbusd", "xbus-agent", "xbus-registry", "xbus-ticker")
# What a bare Debian needs to reach the archive as this machine does.
APT = ("etc/apt/sources.list", "etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/apt/auth.conf.d", "etc/resolv.conf",
       "etc/hosts", "etc/ssl/certs", "usr/share/ca-certificates", "usr/local/share/ca-certificates")
# Folders whose content is the package manager's or the kernel's own.
NOT_OURS = ("/proc", "/sys", "/dev", "/tmp", "/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/run/lock")


def run(*command, **options):
    """Its output; what it said is in the message when it fails."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-8000:]}")
    return done.stdout


def built(folder, umask):
    """The packages of HEAD, built in a clone in `folder`: file name to path."""
    os.makedirs(folder)
    clone = os.path.join(folder, "xbus")
    run("git", "clone", "-q", SOURCE, clone)
    run("dpkg-buildpackage", "-b", "-us", "-uc", "-Pnocheck", f"-j{os.cpu_count()}", cwd=clone, umask=umask)
    return {os.path.basename(p): p for p in glob.glob(os.path.join(folder, "*.deb"))}


class Root:
    """A bare Debian in a folder, with /proc and the devices that debootstrap makes, and what runs in it."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []

    def make(self):
        folder = self.folder
        run("debootstrap", "--variant=minbase", "bookworm", folder)
        for path in APT:
            source, target = os.path.join("/", path), os.path.join(folder, path)
            if os.path.isdir(source):
                shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
            elif os.path.exists(source):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy(source, target)
            elif os.path.isfile(target):  # debootstrap's sources.list would be asked beside this machine's
                os.unlink(target)
        run("mount", "-t", "proc", "proc", os.path.join(folder, "proc"))
        with open(os.path.join(folder, "usr/sbin/policy-rc.d"), "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexit 101\n")
        os.chmod(f.name, 0o755)
        self.apt("update")

    def command(self, *command):
        return ("chroot", self.folder, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
                "XDG_CACHE_HOME=/tmp/cache", *command)  # a person's own files are no package's to remove

    def run(self, *command):
        return run(*self.command(*command))

    def apt(self, *words):
        return self.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confold", *words)

    def start(self, *command):
        log = open(os.path.join(self.folder, "tmp", f"{len(self.started)}.log"), "w+", encoding="utf-8")
        self.started.append((subprocess.Popen(self.command(*command), stdout=log, stderr=log), log))

    def stop_all(self):
        for process, log in reversed(self.started):
            process.terminate()
            process.wait(20)
            log.close()
        self.started = []

    def until_ok(self, *command):
        try:
            return waiting.poll(lambda: self.run(*command) or "done", 20, " ".join(command))
        except TimeoutError as error:
            logs = [pathlib.Path(log.name).read_text(encoding="utf-8") for _, log in self.started]
            raise TimeoutError("\n".join([str(error), "What was started says:", *logs])) from None

    def files(self):
        found = set()
        for folder, folders, names in os.walk(self.folder):
            here = folder[len(self.folder):]
            folders[:] = [d for d in folders if not (here + "/" + d).startswith(NOT_OURS)]
            found.update(here + "/" + name for name in names + folders)
        return found

    def close(self):
        self.stop_all()
        if os.path.ismount(os.path.join(self.folder, "proc")):
            run("umount", "-l", os.path.join(self.folder, "proc"))
        shutil.rmtree(self.folder, ignore_errors=True)


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp(prefix="xbus-packages-")
        cls.addClassCleanup(shutil.rmtree, cls.top, ignore_errors=True)
        cls.debs = built(os.path.join(cls.top, "first"), 0o022)

    def deb(self, name):
        (path,) = [p for f, p in self.debs.items() if f.startswith(name + "_")]
        return path

    def test_1_the_same_again_elsewhere(self):
        again = built(os.path.join(self.top, "second", "deeper"), 0o027)
        self.assertEqual(sorted(again), sorted(self.debs))
        for name in sorted(again):
            with self.subTest(package=name):
                with open(again[name], "rb") as one, open(self.debs[name], "rb") as other:
                    self.assertTrue(one.read() == other.read(), f"{again[name]} differs from {self.debs[name]}")

    def test_2_lintian_has_no_error(self):
        (changes,) = glob.glob(os.path.join(self.top, "first", "*.changes"))
        run("lintian", "--allow-root", "--fail-on", "error", changes)

    def test_3_the_abi_is_named(self):
        listed = run("dpkg-deb", "-c", self.deb(f"libxbus{ABI}"))
        self.assertIn(f"libxbus.so.{ABI} -> libxbus.so.{VERSION}\n", listed)

    def test_3_a_removal_stops_what_an_upgrade_restarts(self):
        for name in ("xbusd", "xbus-agent", "xbus-registry"):
            with self.subTest(package=name):
                self.assertIn(f"stop '{name}.service'", run("dpkg-deb", "-I", self.deb(name), "prerm"))
                self.assertIn("_dh_action=restart", run("dpkg-deb", "-I", self.deb(name), "postinst"))

    def newer(self, folder):
        """The packages again under a higher version."""
        os.makedirs(folder)
        paths = []
        for name in NAMES:
            tree = os.path.join(folder, name)
            run("dpkg-deb", "-R", self.deb(name), tree)
            control = os.path.join(tree, "DEBIAN", "control")
            with open(control, encoding="utf-8") as f:
                text = f.read().replace(VERSION, VERSION + "+1")
            with open(control, "w", encoding="utf-8") as f:
                f.write(text)
            run("dpkg-deb", "--root-owner-group", "-b", tree, folder)
            paths += glob.glob(os.path.join(folder, f"{name}_*.deb"))
        return paths

    def a_consumer_is_built(self, root):
        """With what libxbus-dev brings and a compiler, by find_package(xbus) and by pkg-config; both run."""
        folder = os.path.join(root.folder, "tmp", "consumer")
        os.makedirs(folder)
        shutil.copy(CONSUMER, folder)
        with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as f:
            f.write(CMAKE)
        root.run("sh", "-c", "cd /tmp/consumer && cmake -S . -B build && cmake --build build")
        self.assertEqual(root.run("/tmp/consumer/build/consumer"), "2 + 3 = 5\n")
        root.run("sh", "-c", "cd /tmp/consumer && g++ consumer.cpp -o by_pkg_config $(pkg-config --cflags --libs xbus)")
        self.assertEqual(root.run("/tmp/consumer/by_pkg_config"), "2 + 3 = 5\n")
        self.assertIn(f"libxbus.so.{ABI}", root.run("sh", "-c", "ldd /tmp/consumer/by_pkg_config"))

    def test_4_install_use_upgrade_purge(self):
        root = Root(os.path.join(self.top, "root"))
        self.addCleanup(root.close)  # also when it is made in part only
        root.make()
        inside = os.path.join(root.folder, "tmp", "debs")
        os.makedirs(inside)

        def install(paths):
            paths = list(paths)
            for path in paths:
                shutil.copy(path, inside)
            return root.apt("install", *(f"/tmp/debs/{os.path.basename(p)}" for p in paths))

        # What the packages need is installed first, so that a purge of ours alone must bring back what was there.
        install(self.debs[f] for f in sorted(self.debs) if "dbgsym" not in f)
        root.apt("install", "--no-install-recommends", "g++", "make", "cmake", "pkg-config")
        root.apt("purge", *NAMES)
        before = root.files()
        self.assertEqual(sorted(path for path in before if "xbus" in path), [], "a purge leaves nothing")

        install(self.debs[f] for f in sorted(self.debs) if "dbgsym" not in f)
        root.run("sh", "-c", "dpkg -i /tmp/debs/*.deb")  # again: the scripts find everything done
        self.assertIn("xbus:x:", root.run("getent", "passwd", "xbus"))
        self.assertTrue(os.path.exists(root.folder + "/lib/systemd/system/xbusd.service"))

        def as_units_do():
            for user, mode, folder in (("xbus", "0755", "/run/xbus"), ("xbus", "0700", "/var/lib/xbus"),
                                       ("xbus-registry", "0700", "/var/lib/xbus-registry")):
                root.run("install", "-d", "-o", user, "-g", user, "-m", mode, folder)
            root.start("setpriv", "--reuid=xbus", "--regid=xbus", "--init-groups", "xbusd", "--system")
            root.until_ok("xbus", "ping")
            root.start("setpriv", "--reuid=xbus-agent", "--regid=xbus-agent", "--init-groups", "xbus-agent")

        as_units_do()
        root.until_ok("xbus", "describe", "agent")
        self.assertIn("agent", root.run("xbus", "list"))
        # Somebody without any right on this host may call, and is told who may not.
        uptime = root.run("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "xbus", "call", "agent", "uptime")
        self.assertGreater(json.loads(uptime)["seconds"], 0)
        root.run("sh", "-c", "umask 077; echo correct-horse >/tmp/p; xbus account add alice --new-password-file /tmp/p")
        with open(root.folder + "/etc/xbus/xbusd.toml", "a", encoding="utf-8") as f:
            f.write('admins = ["alice"]\n')
        root.stop_all()
        self.a_consumer_is_built(root)

        install(self.newer(os.path.join(self.top, "newer")))
        self.assertIn(VERSION + "+1", root.run("dpkg-query", "-W", "xbusd"))
        with open(root.folder + "/etc/xbus/xbusd.toml", encoding="utf-8") as f:
            self.assertTrue(f.read().endswith('admins = ["alice"]\n'), "an upgrade keeps what the administrator wrote")
        as_units_do()
        self.assertIn("alice", root.run("xbus", "account", "list"), "an upgrade keeps the accounts")
        root.stop_all()

        root.apt("purge", *NAMES)
        left = sorted(root.files() - before)
        self.assertEqual(left, [], "a purge leaves nothing")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
