"""Derive the search index of creators anew, or see whether it is what the records say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from creators.actions.discovery import differences, forget_words, reindex_all


class Command(BaseCommand):
    help = "Derive the search index of creators anew while searches go on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail where index and records differ.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            self.check_index()
            return
        self.stdout.write(f"{reindex_all():,} creators are indexed; {forget_words():,} unused values are forgotten.")

    def check_index(self) -> None:
        found = differences()
        if found:
            shown = ", ".join(map(str, found[:20]))
            raise CommandError(f"{len(found):,} creators differ from the index, the first by key: {shown}.")
        self.stdout.write("The index is what the records say.")
