"""What the benchmarks share: Django set up, and a migrated database of their own beside the one in DATABASE_URL."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
os.environ["DJANGO_SETTINGS_MODULE"] = "groundswell.settings"
os.environ["LOG_LEVEL"] = "ERROR"
os.environ.update(DEBUG="0", SECRET_KEY="benchmark" * 6)  # with DEBUG every statement would be kept

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402


@contextmanager
def scratch_database() -> Iterator[None]:
    """An empty database with every table, dropped afterwards. The one named in DATABASE_URL is not touched."""
    connection.settings_dict["TEST"]["NAME"] = f"bench_{connection.settings_dict['NAME']}"
    created = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(created, verbosity=0)


def backend() -> int:
    """The process of the server that works for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def on_core(pid: int) -> float:
    """Milliseconds that the server's process spent on a core; not a number where that can't be read."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return float("nan")
