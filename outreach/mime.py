"""Building the e-mail of a queued message: headers, text with footer, and the same as simple HTML. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.utils.html import escape, format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

THREAD_LENGTH = 20  # References longer than this are cut in the middle, as RFC 5322 lets us


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything an e-mail is made of; plain values, so that a preview and the real thing are built by one function."""

    message_id: str
    sender_name: str
    sender: str
    recipient_name: str
    recipient: str
    reply_to: str
    subject: str
    body: str
    brand: str
    postal_address: str
    unsubscribe_url: str
    erasure_url: str = ""
    thread: tuple[str, ...] = ()
    written_at: datetime | None = None


def compose(letter: Letter) -> EmailMessage:
    """A multipart/alternative message ready for the wire. Raises ValueError when a header can't hold its value."""
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = letter.message_id
    if letter.written_at:
        mail["Date"] = format_datetime(letter.written_at)
    mail["From"] = mailbox(f"{letter.sender_name} via Groundswell", letter.sender)
    mail["To"] = mailbox(letter.recipient_name, letter.recipient)
    if letter.reply_to:
        mail["Reply-To"] = mailbox("", letter.reply_to)
    mail["Subject"] = letter.subject
    mail["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if letter.thread:
        mail["In-Reply-To"] = letter.thread[-1]
        mail["References"] = " ".join(shortened(letter.thread))
    mail.set_content(f"{letter.body.rstrip()}\n\n-- \n{footer(letter)}\n", cte="quoted-printable")
    mail.add_alternative(html_of(letter), subtype="html", cte="quoted-printable")
    return mail


def mailbox(name: str, address: str) -> Address:
    """An address with an international domain in its ASCII form. Raises ValueError for what isn't an address."""
    local, _, domain = parseaddr(address)[1].rpartition("@")
    if not local or not domain:
        raise ValueError(f"“{address}” is no e-mail address.")
    return Address(" ".join(name.split()), local, domain.encode("idna").decode("ascii"))


def shortened(thread: tuple[str, ...]) -> tuple[str, ...]:
    """The first and the last Message-IDs of a long thread."""
    return thread if len(thread) <= THREAD_LENGTH else (thread[0], *thread[1 - THREAD_LENGTH :])


def footer(letter: Letter) -> str:
    """Who writes, from where, and how to make it stop: what the law on commercial e-mail asks for."""
    lines = [
        f"{letter.brand} wrote to you because of the posts you publish, and keeps your address only for this.",
        letter.postal_address,
        f"What is kept about you, and how to have it erased: {letter.erasure_url}" if letter.erasure_url else "",
        f"You don't want e-mail from {letter.brand}? {letter.unsubscribe_url}",
    ]
    return "\n".join(line for line in lines if line)


def html_of(letter: Letter) -> str:
    return format_html(
        '<!doctype html><html><body style="font-family:sans-serif;font-size:16px;line-height:1.5;color:#1f2937">'
        '{}<p style="font-size:12px;color:#6b7280;border-top:1px solid #e5e7eb;padding-top:12px">{}</p></body></html>',
        linked(letter.body),
        small_print(letter),
    )


def linked(text: str) -> SafeString:
    """Paragraphs with clickable addresses; whatever looks like markup is shown, not obeyed."""
    return mark_safe(urlize(linebreaks(text, autoescape=True), nofollow=False))  # noqa: S308


def small_print(letter: Letter) -> SafeString:
    lines = footer(letter).removesuffix(letter.unsubscribe_url).rstrip().splitlines()
    link = format_html('<a href="{}">Unsubscribe with one click</a>', letter.unsubscribe_url)
    return mark_safe("<br>".join(escape(line) for line in lines) + " " + link)  # noqa: S308
