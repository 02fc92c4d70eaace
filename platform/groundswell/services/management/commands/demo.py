"""`manage.py demo`: the whole of Groundswell with its demo data, until Ctrl-C."""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from groundswell.services.demo import Demo
from groundswell.services.folder import DataFolder
from groundswell.services.supervisor import Failed, Stopped, Supervisor

DEFAULT_FOLDER = Path(os.environ.get("DATA_DIR") or settings.BASE_DIR / "var" / "demo")


class Command(BaseCommand):
    help = "Starts database, Redis, mail sink, web, worker and beat, loads demo data and prints the sign-ins."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the web pages; 0 takes any free one")
        parser.add_argument("--data-dir", type=Path, default=DEFAULT_FOLDER)
        parser.add_argument("--seed", type=int, help="of the demo data, when the database is empty")
        parser.add_argument("--empty", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        folder = DataFolder(options["data_dir"])
        try:
            folder.open()
            with Supervisor(self.say) as supervisor:
                demo = Demo(supervisor, folder, options["port"], options["seed"], not options["empty"])
                try:
                    demo.start()
                    self.present(demo, time.monotonic() - began)
                    supervisor.run_for_ever()
                finally:
                    demo.announcement.unlink(missing_ok=True)
                    self.say("Stopping …")
        except Stopped:
            self.say(f"Stopped. The data stay in {folder.path}.")
        except Failed as failure:
            raise CommandError(str(failure)) from failure

    def present(self, demo: Demo, seconds: float) -> None:
        """Say where everything is and how to sign in."""
        for line in demo.stores.origin + demo.folder.notes:
            self.say(line)
        self.say(f"\nGroundswell is ready after {seconds:.1f} s: {demo.url}/")
        self.say(f"Its mail lands at {demo.mail_url}\n")
        for account in demo.report.get("accounts", []):
            self.say("  {email}  password {password}  ({role} at {brand})".format_map(account))
        for operator in demo.report.get("operators", []):
            self.say("  {email}  password {password}  (operator, at %s/operator/)".format_map(operator) % demo.url)
        for creator in demo.report.get("creators", [])[:1]:
            self.say(f"  The creator {creator['email']} enters at {creator['portal_url']}")
        self.say(f"\nData and logs: {demo.folder.path}. Ctrl-C stops everything and keeps the data.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
