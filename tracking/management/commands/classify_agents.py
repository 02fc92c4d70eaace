import sys
from typing import Any

from django.core.management.base import BaseCommand

from tracking.agents import classify


class Command(BaseCommand):
    help = "Reads user agents, one a line, from standard input; prints human, bot or preview for each. No database."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for line in sys.stdin.buffer:
            self.stdout.write(classify(line.decode("utf-8", "replace").rstrip("\r\n")).kind)
