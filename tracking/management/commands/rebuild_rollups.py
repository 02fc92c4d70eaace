from typing import Any

from django.core.management.base import BaseCommand

from tracking.actions.rollups import rebuild


class Command(BaseCommand):
    help = "Sums every result again from clicks and credits."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} days summed.")
