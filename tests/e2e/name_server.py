"""A host with a name server of the test's own: `name_server.py nothing|silence COMMAND...` runs the command in a network
of its own, whose name server says that no name is there, or says nothing at all. The exit status is the command's.

It begins outside, enters the namespaces by unshare(1) and goes on inside."""
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def nothing(query):
    """The question, with NXDOMAIN."""
    return query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + query[12:query.index(b"\0", 12) + 5]


def serve(server, mode):
    while True:
        query, peer = server.recvfrom(4096)
        if mode == "nothing":
            server.sendto(nothing(query), peer)


def inside(mode, command):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(server, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    server.bind(("127.0.0.1", 53))
    threading.Thread(target=serve, args=(server, mode), daemon=True).start()
    with tempfile.NamedTemporaryFile("w", prefix="resolv.conf.") as file:
        file.write("nameserver 127.0.0.1\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
        return subprocess.run(command).returncode


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        sys.exit(inside(sys.argv[2], sys.argv[3:]))
    as_root = [] if os.getuid() == 0 else ["--map-root-user"]
    os.execvp("unshare", ["unshare", *as_root, "--net", "--mount", sys.executable, __file__, "--inside", *sys.argv[1:]])
