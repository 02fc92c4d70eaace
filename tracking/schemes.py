"""Schemes of deep links: those of apps, and those that are never one. Imports nothing of Django."""

from __future__ import annotations

import re

SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,39}")
# What browsers run or read themselves, and Android's way to start anything; everything else is handed to an app.
NEVER_APPS = frozenset({
    "about", "blob", "chrome", "content", "data", "file", "filesystem", "ftp", "http", "intent", "jar", "javascript",
    "mailto", "resource", "sms", "tel", "vbscript", "view-source", "ws", "wss",
})  # fmt: skip
