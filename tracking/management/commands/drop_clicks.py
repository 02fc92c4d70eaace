from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tracking.actions.retention import drop_old_clicks


class Command(BaseCommand):
    help = "Drops whole months of single clicks beyond the last so many; the sums of each day stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=settings.CLICK_MONTHS, help="default: CLICK_MONTHS")

    def handle(self, *args: Any, **options: Any) -> None:
        dropped = drop_old_clicks(months=options["months"])
        self.stdout.write(f"Dropped: {', '.join(f'{month:%B %Y}' for month in dropped) or 'nothing'}")
