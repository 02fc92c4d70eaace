"""`manage.py rebuild_lifecycles`: reckon every relationship's collaborations anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns.actions.work import push_all_work


class Command(BaseCommand):
    help = "Reckon anew what the lifecycle of each relationship is told from; prints how many changed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{push_all_work()} relationships changed.")
