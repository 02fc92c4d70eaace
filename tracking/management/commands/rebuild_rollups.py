from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracking.actions.rollups import check_rollups, rebuild


class Command(BaseCommand):
    help = "Sums every daily result again from clicks and credits; --check only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail when a result is not its sum.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"{rebuild()} days summed.")
        differences = check_rollups()
        for difference in differences[:50]:
            self.stdout.write(
                f"{difference.collaboration} {difference.day}: {difference.stored} is not {difference.raw}"
            )
        if differences:
            raise CommandError(f"{len(differences)} days differ from the sum of their rows.")
        self.stdout.write("Every result is the sum of its rows.")
