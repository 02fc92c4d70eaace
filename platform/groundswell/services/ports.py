"""TCP ports of the demo: the wished one or the next free one, agreed between installations on one machine."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass

HOST = "127.0.0.1"
TRIES = 200


class NoPortFree(Exception):
    """None of the ports tried is free."""


@dataclass
class Port:
    """A free port, promised to us. Another Groundswell keeps away from it until `promise` is closed."""

    number: int
    promise: socket.socket


def reserve(wished: int) -> Port:
    """`wished` or the next free port; 0 takes any.

    The promise is a name in the kernel's list of abstract sockets: it goes with the process that made it, however
    that ends. A TCP socket cannot serve: held open it would take the server's place or its connections.
    """
    for number in range(wished, min(wished + TRIES, 65536)):
        with contextlib.suppress(OSError):
            free = free_number(number)
            return Port(free, promised(free))
    raise NoPortFree(f"No free port between {wished} and {wished + TRIES - 1}.")


def free_number(number: int) -> int:
    """The port's number if nobody listens there. Raises OSError if somebody does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, number))
        return int(probe.getsockname()[1])


def promised(number: int) -> socket.socket:
    """Raises OSError where another Groundswell has taken the number."""
    promise = socket.socket(socket.AF_UNIX)
    try:
        promise.bind(f"\0groundswell-port-{number}")
    except OSError:
        promise.close()
        raise
    return promise
