"""`manage.py import_creators FILE --brand CODE [--network N] [--dry-run]`: the upload page from the shell."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from creators.actions.imports import import_now
from creators.actions.uploads import ImportRefusedError
from creators.importing.columns import header_notes
from creators.importing.files import look_at
from creators.importing.lines import UnreadableFileError
from creators.models import Network
from groundswell.accounts.models import Brand


class Command(BaseCommand):
    help = "Import a file of creators into a brand's directory and print a JSON summary."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--brand", required=True, help="the brand's code")
        parser.add_argument("--network", choices=Network.values, default="", help="for a file that doesn't say")
        parser.add_argument("--sheet", default="", help="of a workbook; the longest one when left out")
        parser.add_argument("--dry-run", action="store_true", help="read and count everything, keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = Brand.objects.filter(code=options["brand"]).first()
        if brand is None:
            raise CommandError(f"There is no brand “{options['brand']}”.")
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                for note in header_notes(look_at(file, options["sheet"]).header):
                    self.stderr.write(note)
                result = import_now(
                    brand,
                    file,
                    path.name,
                    network=options["network"],
                    sheet=options["sheet"],
                    keep=not options["dry_run"],
                )
        except OSError as error:
            raise CommandError(f"{path} can't be opened: {error.strerror}.") from error
        except ImportRefusedError as problem:
            raise CommandError(f"{path.name}: {problem} (--network names it)") from problem
        except UnreadableFileError as problem:
            raise CommandError(f"{path.name}: {problem}") from problem
        self.stdout.write(json.dumps(asdict(result), ensure_ascii=False, indent=2))
