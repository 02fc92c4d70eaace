from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from groundswell.accounts.models import Brand
from tracking.actions.retention import stored_months
from tracking.archive import ParquetMissing, write_month


def month_of(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no month, expected one such as 2026-05") from error


class Command(BaseCommand):
    help = "Writes single clicks as Parquet, one file a month; months that are over and not written yet, by default."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--month", type=month_of, action="append", help="such as 2026-05; also the current one")
        parser.add_argument("--brand", help="code of a brand; without it all of them")
        parser.add_argument("--again", action="store_true", help="write over files that are there")

    def handle(self, *args: Any, **options: Any) -> None:
        brand = self.brand(options["brand"])
        for month in self.months(options["month"]):
            try:
                done = write_month(month, options["folder"], brand=brand, again=options["again"])
            except (ParquetMissing, OSError) as problem:
                raise CommandError(str(problem)) from problem
            told = "there already" if done.clicks is None else f"{done.clicks:,} clicks, {size_of(done.path)}"
            self.stdout.write(f"{month:%Y-%m}: {done.path.name}, {told}")

    def brand(self, code: str | None) -> Brand | None:
        found = Brand.objects.filter(code=code).first() if code else None
        if code and found is None:
            raise CommandError(f"No brand has the code {code}.")
        return found

    def months(self, wanted: list[date] | None) -> list[date]:
        stored = stored_months()
        if missing := sorted(set(wanted or ()) - set(stored)):
            raise CommandError(f"No clicks of {missing[0]:%Y-%m} are stored.")
        this = datetime.now(UTC).date().replace(day=1)
        return sorted(set(wanted)) if wanted else [month for month in stored if month < this]


def size_of(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"
