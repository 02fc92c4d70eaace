"""Recompute metrics from posts: of every account, or of one creator."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from creators.actions.metrics import AlreadyRunningError, recompute, recompute_all
from creators.models import Creator, SocialAccount


class Command(BaseCommand):
    help = "Compute the metrics of all accounts from their posts, or with --creator those of one creator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--creator", metavar="CODE", help="only the accounts of this creator")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = self.one(options["creator"]) if options["creator"] else recompute_all().total
        except AlreadyRunningError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Recomputed {done:,} accounts.")

    def one(self, code: str) -> int:
        if not Creator.objects.filter(code=code).exists():
            raise CommandError(f"There is no creator with the code “{code}”.")
        return recompute(SocialAccount.objects.filter(creator__code=code).values_list("pk", flat=True))
