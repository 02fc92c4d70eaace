"""Load the demo world into an empty database, and say how to use it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from groundswell.demo.report import report_of
from groundswell.demo.world import load_world


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Load the demo world if the database has no brands, and write how to use it to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=7, help="another seed, another world")
        parser.add_argument("--creators", type=int, default=1200, help="how many creators (at least 300)")
        parser.add_argument("--now", type=datetime.fromisoformat, help="the moment the world ends; default: now")
        parser.add_argument("--report", type=Path, help="write accounts, creators, keys and links here as JSON")

    def handle(self, **options: Any) -> None:
        if options["creators"] < 300:
            raise CommandError("The demo's campaigns need at least 300 creators to choose from.")
        now = options["now"] or timezone.now()
        seed = load_world(options["seed"], options["creators"], now if now.tzinfo else timezone.make_aware(now))
        if seed is None:
            self.stderr.write("The database has brands of its own; the demo was not loaded.")
            return
        report = json.dumps(report_of(seed), indent=2)
        if options["report"]:
            options["report"].write_text(report)
        else:
            self.stdout.write(report)
