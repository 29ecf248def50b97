"""Installs the build into a temporary prefix and builds a consumer against it, once with find_package(xbus) and once
with pkg-config: headers, library, package files and what they say about each other are complete."""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["XBUS_BUILD"]
with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as cache:
    RELEASE = "CMAKE_BUILD_TYPE:STRING=Release" in cache.read()
TOP = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = ("xbusd", "xbus", "xbus-agent", "xbus-registry", "xbus-ticker")
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(consumer CXX)
find_package(xbus REQUIRED)
add_executable(consumer {source})
target_link_libraries(consumer xbus::xbus)
"""


def text_of(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as f:
        return f.read()


VERSION = re.search(r"\bproject\(xbus VERSION ([0-9.]+)", text_of("CMakeLists.txt"))[1]


def run(*command, **options):
    """Its output; what it said is in the message when it fails."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        raise AssertionError(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="xbus-install-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.top = cls.folder.name
        cls.prefix = os.path.join(cls.top, "prefix")
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.lib = os.path.dirname(cls.find("libxbus.a"))

    @classmethod
    def find(cls, name):
        for folder, _, names in os.walk(cls.prefix):
            if name in names:
                return os.path.join(folder, name)
        raise AssertionError(f"{name} is not installed")

    def prints_five(self, program):
        self.assertEqual(run(program), "2 + 3 = 5\n")

    def test_find_package(self):
        folder = os.path.join(self.top, "by_cmake")
        os.mkdir(folder)
        with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as f:
            f.write(CMAKE.format(source=os.path.join(HERE, "consumer.cpp")))
        build = os.path.join(folder, "build")
        run("cmake", "-S", folder, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        self.prints_five(os.path.join(build, "consumer"))

    def test_pkg_config(self):
        path = os.path.join(self.lib, "pkgconfig")
        flags = run("pkg-config", "--define-prefix", "--cflags", "--libs", "xbus",
                    env={**os.environ, "PKG_CONFIG_PATH": path}).split()
        program = os.path.join(self.top, "consumer")
        run("g++", os.path.join(HERE, "consumer.cpp"), "-o", program, *flags)
        self.prints_five(program)

    def test_programs_say_their_version(self):
        for name in PROGRAMS:
            with self.subTest(program=name):
                self.assertIn(VERSION, run(os.path.join(self.prefix, "bin", name), "--version"))

    def test_the_packages_have_the_version_and_name_the_abi(self):
        self.assertTrue(text_of("debian", "changelog").startswith(f"xbus ({VERSION}) "))
        self.assertIn(f"\nPackage: libxbus{VERSION.rpartition('.')[0]}\n", text_of("debian", "control"))

    def test_every_program_and_file_has_its_manual_page(self):
        pages = ["xbus.1", "xbusd.8", "xbus-agent.8", "xbus-registry.8", "xbusd.toml.5", "xbus-config.toml.5"]
        help_text = run(os.path.join(self.prefix, "bin", "xbus"), "help")
        verbs = re.findall(r"^  ([a-z][a-z-]*)  ", help_text[help_text.index("Subcommands"):], re.M)
        self.assertIn("call", verbs)
        for page in pages + [f"xbus-{verb}.1" for verb in verbs]:
            with self.subTest(page=page):
                path = os.path.join(self.prefix, "share", "man", "man" + page[-1], page)
                with open(path, encoding="utf-8") as f:
                    self.assertIn('.SH "NAME"', f.read())

    def test_the_file_with_every_key_is_one_that_xbusd_reads(self):
        with open(self.find("xbusd.toml"), encoding="utf-8") as f:
            text = f.read()
        self.assertEqual(text, run(os.path.join(self.prefix, "bin", "xbusd"), "--print-config"))
        self.assertIn('\n#domain = "localhost"\n', text)

    def test_the_units_name_the_installed_programs_and_their_users(self):
        for name in ("xbusd", "xbus-agent", "xbus-registry"):
            with self.subTest(unit=name):
                with open(self.find(f"{name}.service"), encoding="utf-8") as f:
                    unit = f.read()
                self.assertRegex(unit, rf"\nExecStart=/\S+/bin/{name}\b")
                self.assertNotIn("@CMAKE", unit)
                user = re.search(r"\nUser=(\S+)\n", unit)[1]
                users = os.path.join(self.prefix, "lib", "sysusers.d", f"{name}.conf")
                with open(users, encoding="utf-8") as f:
                    self.assertRegex(f.read(), rf"\nu {user} ")


class Hardened(unittest.TestCase):
    """What the compiler and the linker do against a bug of ours, in release builds."""

    def test_programs(self):
        for name in PROGRAMS if RELEASE else ():  # other builds are for finding bugs, not for strangers
            with self.subTest(program=name):
                told = run("readelf", "-W", "-h", "-l", "-d", "--dyn-syms", os.path.join(BUILD, "bin", name))
                self.assertRegex(told, r"Type: +DYN")  # position-independent
                self.assertIn("GNU_RELRO", told)
                self.assertRegex(told, r"BIND_NOW|FLAGS.* NOW")
                self.assertIn("__stack_chk_fail", told)
                self.assertRegex(told, r"__\w+_chk@")  # _FORTIFY_SOURCE
                self.assertRegex(told, r"GNU_STACK +\S+ +\S+ +\S+ +\S+ +\S+ +RW ")


if __name__ == "__main__":
    sys.exit(unittest.main())
