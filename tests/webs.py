"""The web process as it runs in production, on the test database, for the tests that kill it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests import factories as make
from tests.demos import ROOT, within


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web(port: int, spool: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Our wsgi entry under granian with two workers, in a process group of its own."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--no-ws"]
    where = ["--host", "127.0.0.1", "--port", str(port), "groundswell.wsgi:application"]
    env = {
        **os.environ,
        "SPOOL_DIR": str(spool),
        "DATABASE_URL": make.database_url(),
        "DJANGO_SETTINGS_MODULE": "groundswell.settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        **environment,
    }
    server = subprocess.Popen([*command, *where], env=env, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        assert within(60, lambda: answers(port)), "the web process does not answer"
        yield server
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(20)


def answers(port: int) -> bool:
    with suppress(OSError, HTTPException):
        link = HTTPConnection("127.0.0.1", port, timeout=5)
        link.request("GET", "/r/nobody")
        return link.getresponse().status == 404
    return False
