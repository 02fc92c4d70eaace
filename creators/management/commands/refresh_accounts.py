"""`manage.py refresh_accounts [--network N] [--brand CODE] [--most 50]`: what the worker does, from the shell."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from creators.actions.connections import operator_key
from creators.actions.refreshes import run_connection
from creators.models import Connection, Network
from groundswell.accounts.models import Brand


class Command(BaseCommand):
    help = "Refresh accounts that are due, through every usable connection, and print what came of it as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--network", choices=Network.values, default="")
        parser.add_argument("--brand", default="", help="only this brand's connections; its code")
        parser.add_argument("--most", type=int, default=50, help="accounts for each connection")

    def handle(self, *args: Any, **options: Any) -> None:
        operator_key()
        rows = Connection.objects.with_work(timezone.now()).select_related("brand", "user").order_by("pk")
        if options["network"]:
            rows = rows.filter(network=options["network"])
        if options["brand"]:
            rows = rows.of(self.brand(options["brand"]))
        said = {row.code: {"name": str(row), **asdict(run_connection(row, options["most"]))} for row in rows}
        self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))

    def brand(self, code: str) -> Brand:
        found = Brand.objects.filter(code=code).first()
        if found is None:
            raise CommandError(f"There is no brand “{code}”.")
        return found
