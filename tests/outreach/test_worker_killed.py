"""SIGKILL of a real worker in the middle of sending: counted at the mail server, each mail is there exactly once."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection

from groundswell.accounts.models import Brand
from outreach.models import Message
from tests import factories as make

ROOT = Path(__file__).resolve().parents[2]
NUMBER = 30
WORKER = """
import django; django.setup()
from django.conf import settings
import time
from outreach.tasks import send_queued
print("ready", flush=True)
while True:
    send_queued()
    time.sleep(0.1)
"""


class SlowSink:
    """Keeps a mail after a while, and answers a while later: time to be killed before, in between, and after."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(0.06)
        content = envelope.content
        assert isinstance(content, bytes)
        self.ids.append(str(message_from_bytes(content)["Message-ID"]))
        await asyncio.sleep(0.06)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[SlowSink, int]]:
    handler, port = SlowSink(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def log_url(sink: tuple[SlowSink, int]) -> Iterator[str]:
    """The mail server's log over HTTP."""

    class Log(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = parse_qs(urlsplit(self.path).query)["message_id"][0]
            found = '{"messages": [1]}' if wanted in sink[0].ids else '{"messages": []}'
            self.send_response(200)
            self.end_headers()
            self.wfile.write(found.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Log)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def start_worker(port: int, log_url: str) -> subprocess.Popen[str]:
    facts = connection.settings_dict
    host = f"host={facts['HOST']} port={facts['PORT']}" if facts["PORT"] else f"host={facts['HOST']}"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "groundswell.settings",
        "DATABASE_URL": f"{host} dbname={facts['NAME']} user={facts['USER']} password='{facts['PASSWORD']}'",
        "SECRET_KEY": settings.SECRET_KEY,
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port),
        "MAIL_LOOKUP_URL": log_url,
        "OUTBOX_PATIENCE": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
    }
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def wait_until(reached: Callable[[], bool], seconds: float) -> None:
    ends_at = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends_at, "took too long"
        time.sleep(0.01)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_kill_the_worker_again_and_again(acme: Brand, sink: tuple[SlowSink, int], log_url: str) -> None:
    made = {make.message(make.relationship(acme)).message_id for _ in range(NUMBER)}
    handler, port = sink
    for kill_at, pause in ((4, 0.0), (9, 0.03), (14, 0.07), (19, 0.1)):
        worker = start_worker(port, log_url)
        wait_until(lambda at=kill_at: len(handler.ids) >= at, 60)  # type: ignore[misc]
        time.sleep(pause)
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        assert Message.objects.exclude(status="sent").exists()
    last = start_worker(port, log_url)
    try:
        wait_until(lambda: not Message.objects.exclude(status="sent").exists(), 60)
    finally:
        last.kill()
        last.wait(10)
    assert Counter(handler.ids) == dict.fromkeys(made, 1)
