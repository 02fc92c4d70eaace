from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracking.actions.rollups import check_rollups


class Command(BaseCommand):
    help = "Proves that every result is the sum of its clicks and credits, or fails naming those that aren't."

    def handle(self, *args: Any, **options: Any) -> None:
        differences = check_rollups()
        for difference in differences[:50]:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(f"{len(differences)} results differ from the sum of their rows.")
        self.stdout.write("Every result is the sum of its rows.")
