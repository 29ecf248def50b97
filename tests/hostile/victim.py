"""`xbus` as the victim of a hostile server: it must end as documented, in time, and with bounded memory."""
import os
import subprocess
import tempfile
import threading
import time

from bus import is_sanitized
from fake_bus import PASSWORD, FakeBus
from harness.authority import Authority, _openssl
from harness.xbusd import program
from script import Wrong

# The exit statuses of `xbus --help`: 64 + gRPC status.
DONE, BAD_ARGUMENTS, TIMED_OUT, FORBIDDEN, LOST, NO_SUCH_METHOD, FAILED, UNAVAILABLE, NOT_LOGGED_IN = 0, 67, 68, 71, 74, 76, 77, 78, 80
SLACK = 8  # seconds that a process may need beyond its deadline on a busy machine
SHORT, LONG = 2, 20  # deadlines: of who must end by it, of who must end by itself
MEMORY_MAX, MEMORY_MAX_ASAN = 96 * 2**20, 512 * 2**20

_lock = threading.Lock()
_made = {}
_keep = []


def certificates():
    """Made once: certificate and key of each kind, and the CA that the victim trusts."""
    with _lock:
        if "expired" not in _made:
            folder = tempfile.TemporaryDirectory(prefix="xbus-hostile-ca-")
            _keep.append(folder)
            for name in ("ours", "theirs", "named", "old"):
                os.makedirs(os.path.join(folder.name, name))
            ours = Authority(os.path.join(folder.name, "ours"))
            _made["ca"] = ours.file
            _made["good"] = ours.certificate(os.path.join(folder.name, "ours"), "localhost")[:2]
            _made["other name"] = ours.certificate(os.path.join(folder.name, "named"), "other.example")[:2]
            _made["other authority"] = Authority(os.path.join(folder.name, "theirs")).certificate(os.path.join(folder.name,
        "theirs"), "localhost")[:2]
            _made["expired"] = _expired(os.path.join(folder.name, "old"))
    return _made


def _expired(folder):
    """A certificate for localhost whose time is over; it is its own authority, so only its time is wrong."""
    path = os.path.join(folder, "server")
    with open(path + ".conf", "w", encoding="utf-8") as f:
        f.write(f"[ca]\ndefault_ca = d\n[d]\nnew_certs_dir = {folder}\ndatabase = {path}.txt\nrand_serial = yes\n"
                "default_md = sha256\npolicy = p\nx509_extensions = e\n[p]\ncommonName = supplied\n"
                "[e]\nsubjectAltName = DNS:localhost\nbasicConstraints = CA:true\n")
    open(path + ".txt", "w", encoding="ascii").close()
    _openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", path + ".key", "-out",
        path + ".csr")
    _openssl("ca", "-batch", "-selfsign", "-config", path + ".conf", "-in", path + ".csr", "-keyfile", path + ".key", "-out",
             path + ".crt", "-notext", "-startdate", "20200101000000Z", "-enddate", "20200102000000Z")
    return path + ".crt", path + ".key"


def victim(kind, script, status, says="", verb=("list",), deadline=LONG, prints=None, never=(), connections=None, ca="ca",
           heard=(), polite=True):
    """One run of `xbus VERB` against the script. `says`: words on standard error; `prints`: on standard output;
    `never`: what the victim must not have sent; `heard`: what it must have; `connections`: how often it may have come."""

    def check(run, _wire):
        made = certificates()
        with tempfile.TemporaryDirectory(prefix="xbus-fake-") as folder:
            bus = FakeBus(folder, kind, script, made, polite)
            try:
                done, seconds, memory = _run(bus, verb, deadline, made[ca] if ca == "ca" else made[ca][0], folder)
            finally:
                bus.close()
            bus.wait()
        told = f"status {done.returncode} after {seconds:.1f} s, stdout {done.stdout[:300]!r}, stderr {done.stderr[:300]!r}"
        if done.returncode != status:
            raise Wrong(f"expected status {status}: {told}")
        if says not in done.stderr:
            raise Wrong(f"expected {says!r}: {told}")
        if prints is not None and prints not in done.stdout:
            raise Wrong(f"expected {prints!r} printed: {told}")
        if status != DONE and len(done.stderr.rstrip("\n").split("\n")) != 1:
            raise Wrong(f"one line tells a failure: {told}")
        for text in done.stdout, done.stderr:
            if any(ord(c) < 32 and c not in "\n\t" or 0x7f <= ord(c) < 0xa0 or c in "\u202e\u2066\u200b" for c in text):
                raise Wrong(f"a terminal would be driven: {told}")
        for words in never:
            if words in bus.heard:
                raise Wrong(f"the victim has sent {words!r}: {bus.heard[:600]!r}")
        for words in heard:
            if words not in bus.heard:
                raise Wrong(f"the victim has not sent {words!r}: {bus.heard[:900]!r}")
        if connections is not None and bus.connections not in connections:
            raise Wrong(f"the victim came {bus.connections} times: {told}")
        if seconds > deadline + SLACK:
            raise Wrong(f"it hung: {told}")
        if memory > (MEMORY_MAX_ASAN if is_sanitized() else MEMORY_MAX):
            raise Wrong(f"it took {memory // 2**20} MiB: {told}")
    return check


def _run(bus, verb, deadline, ca, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XBUS_") or name == "XBUS_BUILD"}
    environment.update(XBUS_BUS=bus.address(), HOME=folder, LC_ALL="C.UTF-8", XBUS_CA=ca,
                       ASAN_OPTIONS="detect_leaks=1:quarantine_size_mb=1", UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
    words = [program("xbus"), "--timeout", str(deadline), *verb]
    if bus.kind != "unix":
        environment["XBUS_PASSWORD"] = PASSWORD
    if bus.kind == "tcp":
        words += ["--account", "victim"]
    began = time.monotonic()
    child = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf-8")
    killer = threading.Timer(deadline + SLACK + 5, child.kill)
    killer.start()
    memory = _Peak(child.pid)
    out, err = child.communicate()
    killer.cancel()
    return subprocess.CompletedProcess(words, child.returncode, out, err), time.monotonic() - began, memory.end()


class _Peak:
    """The most memory that a process held: read while it lives, since the sum over all children says nothing of one."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        while not self.over.wait(0.05):
            try:
                with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
                    for line in f:
                        if line.startswith("VmHWM"):
                            self.most = max(self.most, int(line.split()[1]) * 1024)
            except (OSError, ValueError):
                return

    def end(self):
        self.over.set()
        self.thread.join()
        return self.most
