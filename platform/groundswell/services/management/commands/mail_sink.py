"""`manage.py mail_sink`: receives mail on a local SMTP port and shows it on a web page."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from groundswell.services.mail_sink.server import serve


class Command(BaseCommand):
    help = "Receives every mail sent to the SMTP port and shows it on a web page of this machine."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--smtp-port", type=int, default=settings.EMAIL_PORT)
        parser.add_argument("--port", type=int, default=8025, help="the web page")
        parser.add_argument("--folder", type=Path, default=settings.DATA_DIR / "mail", help="where mails are kept")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Mail to 127.0.0.1:{options['smtp_port']} shows at http://127.0.0.1:{options['port']}/")
        self.stdout.flush()
        serve(options["folder"], smtp_port=options["smtp_port"], http_port=options["port"])
