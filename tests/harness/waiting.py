"""Waiting with a deadline: for a condition, or for a port to answer."""
import socket
import threading
import time


class Hopeless(Exception):
    """Raised by a condition that cannot come true any more: poll() passes it on at once."""


def poll(condition, seconds, what, every=0.05):
    """The first true value of condition(); an error that names `what` after so many seconds. An exception of the
    condition's counts as not yet, and the last one is in the message."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = None
        except Hopeless:
            raise
        except Exception as error:  # what is not there yet fails in many ways
            last = error
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{what}: not within {seconds} s" + (f"; last: {last!r}" if last else ""))
        threading.Event().wait(every)


def listening(port, host="127.0.0.1"):
    with socket.create_connection((host, port), timeout=1):
        return True
