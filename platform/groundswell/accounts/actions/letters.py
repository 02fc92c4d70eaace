"""E-mail that the product itself sends, about sign-ins and invitations (brands' own outreach is another matter)."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string


def write_letter(template: str, to: str, context: dict[str, Any]) -> EmailMessage:
    """A plain-text e-mail of `<template>_subject.txt` and `<template>_message.txt`."""
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    return EmailMessage(subject, render_to_string(f"{template}_message.txt", context), to=[to])
