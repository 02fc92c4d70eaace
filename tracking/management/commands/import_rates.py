import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracking.actions.rates import BadRates, import_rates


class Command(BaseCommand):
    help = "Stores exchange rates from a CSV with the columns day, base, quote, rate; credits orders that waited."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=argparse.FileType(encoding="utf-8-sig"))

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            done = import_rates(file, source=Path(file.name).name[:80])
        except BadRates as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.rates} rates stored, {done.orders_matched} waiting orders credited.")
