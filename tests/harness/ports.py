"""Ports for servers that must be told theirs before they start."""
import random
import socket

# Below what the kernel gives to outgoing connections, so that nobody takes one between the choice and the start.
FIRST, LAST = 20000, 32000
_given = set()


def free_port():
    """A loopback port that nothing listens on; not given twice by one process."""
    for _ in range(1000):
        port = random.randrange(FIRST, LAST)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no free port")
