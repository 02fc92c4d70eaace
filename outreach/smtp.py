"""Handing mails to a server step by step, so that the caller can note the moment before the content leaves.

After `before_content` returned nobody can know from here whether the server kept the mail until it answers:
that is the one window in which a crash leaves a question, and the outbox records it as such.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Refused(Exception):
    """The server said no; `temporary` means that it may say yes later."""

    def __init__(self, words: str, *, temporary: bool) -> None:
        super().__init__(words)
        self.temporary = temporary


class Uncertain(Exception):
    """The content left, and the connection ended before the server's answer."""


class Transport(Protocol):
    def send(self, mail: EmailMessage, before_content: Callable[[], None]) -> None:
        """Hand over one mail; calls `before_content` right before its content. Raises Refused or Uncertain."""
        ...

    def close(self) -> None: ...


class SmtpTransport:
    """One connection, opened when first needed and kept for the next mail."""

    def __init__(self) -> None:
        self.server: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage, before_content: Callable[[], None]) -> None:
        try:
            server = self.opened(mail)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise refusal(error) from error
        try:
            before_content()
        except BaseException:
            self.close()  # in the middle of DATA: only the end of the connection takes it back
            raise
        self.transmit(server, mail)

    def opened(self, mail: EmailMessage) -> smtplib.SMTP:
        """A server that waits for this mail's content; a connection that went stale meanwhile is made anew once."""
        if self.server is not None:
            with suppress(smtplib.SMTPServerDisconnected, OSError):
                return self.greet(self.server, mail)
            self.close()
        self.server = connect()
        return self.greet(self.server, mail)

    def greet(self, server: smtplib.SMTP, mail: EmailMessage) -> smtplib.SMTP:
        expect(server.mail(mail["From"].addresses[0].addr_spec), 250)
        expect(server.rcpt(mail["To"].addresses[0].addr_spec), 250, 251)
        expect(server.docmd("DATA"), 354)
        return server

    def transmit(self, server: smtplib.SMTP, mail: EmailMessage) -> None:
        try:
            server.send(on_the_wire(mail))
            answer = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Uncertain(words_of(error)) from error
        try:
            expect(answer, 250)
        except smtplib.SMTPResponseException as error:
            self.close()
            raise refusal(error) from error

    def close(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.close()


class BackendTransport:
    """Any other Django mail backend (memory in tests, a provider's API): one call, so the window is the whole call."""

    def send(self, mail: EmailMessage, before_content: Callable[[], None]) -> None:
        before_content()
        try:
            get_connection().send_messages([as_django(mail)])
        except (smtplib.SMTPException, OSError) as error:
            raise Uncertain(words_of(error)) from error

    def close(self) -> None:
        pass


def configured_transport() -> Transport:
    return SmtpTransport() if settings.EMAIL_BACKEND == SMTP_BACKEND else BackendTransport()


def connect() -> smtplib.SMTP:
    """A greeted and signed-in connection as the settings say. Raises SMTPException or OSError."""
    server = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT)
    try:
        server.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BaseException:
        server.close()
        raise
    return server


def expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise smtplib.SMTPResponseException(answer[0], answer[1])


def refusal(error: Exception) -> Refused:
    """5xx answers are final; 4xx, broken or refused connections are worth another try."""
    final = isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600
    return Refused(words_of(error), temporary=not final)


def words_of(error: Exception) -> str:
    """What the server or the system said, for people to read."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__


def on_the_wire(mail: EmailMessage) -> bytes:
    """The content with CRLF line ends, leading dots doubled, and the final dot (RFC 5321, 4.5.2)."""
    lines = mail.as_bytes().splitlines()
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def as_django(mail: EmailMessage) -> EmailMultiAlternatives:
    """The same mail for backends that take Django's own kind."""
    own = {"from", "to", "subject", "reply-to", "content-type", "mime-version", "content-transfer-encoding"}
    text, html = (part.get_content() for part in mail.iter_parts())
    copy = EmailMultiAlternatives(
        subject=mail["Subject"],
        body=text,
        from_email=mail["From"],
        to=[mail["To"]],
        reply_to=[mail["Reply-To"]] if mail["Reply-To"] else None,
        headers={name: value for name, value in mail.items() if name.lower() not in own},
    )
    copy.attach_alternative(html, "text/html")
    return copy
