"""The whole of Groundswell on one machine: stores, mail sink, web, worker and beat under one supervisor."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from groundswell.services import ports
from groundswell.services.children import Child
from groundswell.services.folder import DataFolder
from groundswell.services.stores import start_stores
from groundswell.services.supervisor import Failed, Supervisor

ROOT: Path = settings.BASE_DIR
MANAGE = [sys.executable, str(ROOT / "manage.py")]
CELERY = [sys.executable, "-m", "celery", "-A", "groundswell.celery"]
MAIL_PORT, SMTP_PORT = 8025, 1025
WEB_THREADS = 8
REPORT_LASTS = 7 * 24 * 3600  # seconds


@dataclass
class Demo:
    """One run of the demo. `wanted` is whether an empty database gets the demo data; `report` is what `load_demo`
    said of the people, keys and links it made.
    """

    supervisor: Supervisor
    folder: DataFolder
    wished_port: int
    seed: int | None = None
    wanted: bool = True
    report: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        """Start everything and return when `/healthz` says 200."""
        self.announcement.unlink(missing_ok=True)
        self.hold_ports()
        self.stores = start_stores(self.supervisor, self.folder)
        self.environment = self.settings_of_children()
        self.start_mail_sink()
        self.prepare_files()
        self.prepare_database()
        self.start_application()
        self.write_announcement()

    @property
    def announcement(self) -> Path:
        return self.folder.path / "demo.json"

    def hold_ports(self) -> None:
        self.held = {
            "web": ports.reserve(self.wished_port),
            "mail": ports.reserve(MAIL_PORT),
            "smtp": ports.reserve(SMTP_PORT),
        }
        if self.wished_port and self.port("web") != self.wished_port:
            self.supervisor.say(f"Port {self.wished_port} is in use; taking {self.port('web')}.")

    def port(self, name: str) -> int:
        return self.held[name].number

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self.port('web')}"

    @property
    def mail_url(self) -> str:
        return f"http://{ports.HOST}:{self.port('mail')}/"

    def settings_of_children(self) -> dict[str, str]:
        return {
            **self.stores.environment,
            "DJANGO_SETTINGS_MODULE": "groundswell.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
            "PYTHONUNBUFFERED": "1",
            "DEBUG": "0",
            "DATA_DIR": str(self.folder.path),
            "SECRET_KEY": self.folder.secret_key(),
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "EMAIL_HOST": ports.HOST,
            "EMAIL_PORT": str(self.port("smtp")),
            "MAIL_LOOKUP_URL": f"{self.mail_url}api/messages",
        }

    def child(self, name: str, command: list[str], **options: Any) -> Child:
        log = self.folder.log(name.replace(" ", "-"))
        held = (self.folder.leftovers,)
        return Child(name, command, env=self.environment, folder=ROOT, log=log, keep_open=held, **options)

    def start_mail_sink(self) -> None:
        group = self.supervisor.group(seconds=1)
        ports_of_sink = [str(self.port("smtp")), str(self.port("mail"))]
        command = [
            sys.executable,
            "-m",
            "groundswell.services.mail_sink",
            str(self.folder.path / "mail"),
            *ports_of_sink,
        ]
        self.supervisor.start(group, self.child("mail sink", command))

    def prepare_files(self) -> None:
        """Collect the static files, unless that was done after the last of them was built."""
        collected = settings.STATIC_ROOT / "staticfiles.json"
        if not collected.exists() or collected.stat().st_mtime < last_change(settings.STATICFILES_DIRS):
            self.run("collectstatic", "--noinput", "--ignore", "redoc")

    def prepare_database(self) -> None:
        with psycopg.connect(self.stores.addresses["DATABASE_URL"]) as connection:
            if missing_migrations(connection):
                self.supervisor.say("Bringing the database up to date …")
                self.run("migrate", "--noinput")
            empty, self.database = is_empty(connection), identity_of(connection)
        if empty and self.wanted:
            self.supervisor.say("Making the demo's world …")
            self.load()
        elif self.seed is not None:
            self.supervisor.say("The database has data already; the seed is not used.")
        self.report = self.fresh_report()

    @property
    def report_file(self) -> Path:
        return self.folder.path / "demo-report.json"

    def load(self) -> None:
        """Load the demo's world, or have it only report when it is there. A database that is somebody else's gets a
        report of nothing, so that it isn't asked again. Notes the address and the database in the report.
        """
        self.report_file.unlink(missing_ok=True)
        seed = [] if self.seed is None else ["--seed", str(self.seed)]
        self.run("load_demo", "--report", str(self.report_file), *seed)
        told = json.loads(self.report_file.read_text()) if self.report_file.exists() else {}
        self.report_file.write_text(json.dumps({"url": self.url, "database": self.database, **told}))
        self.report_file.chmod(0o600)

    def fresh_report(self) -> dict[str, Any]:
        """The report of this database's load, asked for again after a week, when creators' links in it expire. None
        is asked for where no demo data are wanted.
        """
        if not self.has_current_report():
            if not self.wanted:
                return {}
            self.load()
        return dict(json.loads(self.report_file.read_text()))

    def has_current_report(self) -> bool:
        if not self.report_file.exists() or time.time() - self.report_file.stat().st_mtime > REPORT_LASTS:
            return False
        return bool(json.loads(self.report_file.read_text()).get("database") == self.database)

    def run(self, command: str, *options: str) -> None:
        """Run one management command to its end; its output goes to a log."""
        child = self.child(command, [*MANAGE, command, *options])
        if self.supervisor.run_to_end(child):
            raise Failed(f"manage.py {command} failed:\n{child.last_words()}")

    def start_application(self) -> None:
        """Web and worker together; beat when both answer, so that it does not hold them up on a small machine."""
        group = self.supervisor.group(seconds=4)
        web = self.supervisor.start(group, self.child("web", self.web_command()))
        firmer = (signal.SIGTERM, signal.SIGQUIT)
        self.supervisor.start(group, self.child("worker", self.worker_command(), stop_signals=firmer))
        self.supervisor.wait_until(lambda: answers(f"{self.url}/healthz"), "Groundswell", seconds=90, child=web)
        self.supervisor.start(group, self.child("beat", self.beat_command()))

    def worker_command(self) -> list[str]:
        pool = ["--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle"]
        return [*CELERY, "worker", *pool, "--loglevel", "INFO"]

    def beat_command(self) -> list[str]:
        schedule = str(self.folder.path / "beat-schedule")
        return [*CELERY, "beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "INFO"]

    def web_command(self) -> list[str]:
        threads = ["--blocking-threads", str(WEB_THREADS), "--backpressure", str(WEB_THREADS * 16)]
        return [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"),
            *("--host", ports.HOST, "--port", str(self.port("web"))),
            *("--workers", str(min(2, os.cpu_count() or 1)), *threads),
            *("--respawn-failed-workers", "--workers-kill-timeout", "3", "groundswell.services.web:application"),
        ]

    def write_announcement(self) -> None:
        """Write demo.json, whole or not at all."""
        made_for = self.report.get("url", self.url)
        report = json.loads(json.dumps(self.report).replace(made_for, self.url))
        parts = {name: report.get(name, []) for name in ("accounts", "creators", "api_keys", "reports", "links")}
        content = {"url": self.url, "pid": os.getpid(), "mail_url": self.mail_url, **parts}
        fresh = self.announcement.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=2) + "\n")
        fresh.chmod(0o600)
        fresh.replace(self.announcement)


def missing_migrations(connection: psycopg.Connection) -> bool:
    """Whether a migration on the disk has not been applied to the database."""
    known = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    if known is None or known[0] is None:
        return True
    applied = set(connection.execute("SELECT app, name FROM django_migrations"))
    return not set(MigrationLoader(None).disk_migrations or ()) <= applied


def identity_of(connection: psycopg.Connection) -> str:
    """What no other database has, on this server or another: the cluster's own number and the database's in it."""
    query = "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
    cluster, number = connection.execute(query).fetchone() or ("", "")
    return f"{cluster}/{number}"


def is_empty(connection: psycopg.Connection) -> bool:
    """Whether the database holds no brand."""
    table = apps.get_model("accounts", "Brand")._meta.db_table
    return connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() is None  # noqa: S608


def last_change(folders: Iterable[Path]) -> float:
    """The time of the newest file in the folders, in seconds; 0 without any."""
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return max((file.stat().st_mtime for file in files), default=0)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
