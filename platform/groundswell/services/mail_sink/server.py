"""Runs the SMTP server and the web page of the mail sink in one process."""

from __future__ import annotations

import asyncio
import signal
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, socket

from aiosmtpd.smtp import SMTP, Envelope, Session

from groundswell.services.mail_sink.mailbox import Mailbox
from groundswell.services.mail_sink.pages import Handler
from groundswell.services.ports import HOST

SIZE_LIMIT = 25 * 1024 * 1024


class Delivery:
    """What aiosmtpd calls with each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        try:
            self.mailbox.add(content.encode() if isinstance(content, str) else content, envelope.rcpt_tos)
        except OSError as error:
            return f"451 Could not store the mail: {error.strerror}"
        return "250 Stored"


def serve(folder: Path, *, smtp_port: int, http_port: int) -> None:
    """Serve until SIGTERM or SIGINT. Mails are kept in `folder`."""
    mailbox = Mailbox(folder)
    pages = web_server(mailbox, http_port)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    asyncio.run(receive(mailbox, smtp_port))
    pages.shutdown()


def web_server(mailbox: Mailbox, port: int) -> ThreadingHTTPServer:
    handler = type("MailboxHandler", (Handler,), {"mailbox": mailbox})
    server = ThreadingHTTPServer((HOST, port), handler, bind_and_activate=False)
    server.daemon_threads = True
    server.socket = listening(port)
    return server


async def receive(mailbox: Mailbox, port: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    delivery = Delivery(mailbox)
    server = await loop.create_server(
        lambda: SMTP(delivery, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, loop=loop), sock=listening(port)
    )
    await stop.wait()
    server.close()


def listening(port: int) -> socket:
    """A listening socket that may follow right after another one on the same port."""
    server = socket()
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    server.bind((HOST, port))
    server.listen(64)
    return server
