"""TCP ports of the demo: the wished one or the next free one, kept from others until its server binds it."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"
TRIES = 200


class NoPortFree(Exception):
    """None of the ports tried is free."""


def reserve(port: int) -> socket.socket:
    """A socket bound, not listening, to `port` or the next free one; 0 takes any.

    The bind fails where somebody listens. Sharing is switched on only afterwards, so that a server of ours
    (which sets SO_REUSEPORT) can join while another program's plain bind is still refused.
    """
    for candidate in range(port, min(port + TRIES, 65536)):
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, candidate))
        except OSError:
            bound.close()
            continue
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return bound
    raise NoPortFree(f"No free port between {port} and {port + TRIES - 1}.")


def number(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])
