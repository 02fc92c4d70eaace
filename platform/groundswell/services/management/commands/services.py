"""`manage.py services [-- COMMAND …]`: PostgreSQL and Redis as children, for as long as COMMAND runs."""

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from groundswell.services.children import Child
from groundswell.services.folder import DataFolder
from groundswell.services.stores import Stores, start_stores
from groundswell.services.supervisor import Failed, Stopped, Supervisor


class Command(BaseCommand):
    help = "Starts PostgreSQL and Redis, and runs a command with DATABASE_URL and REDIS_URL set."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data-dir", type=Path, default=settings.DATA_DIR, help="where their files live")
        parser.add_argument(
            "--throwaway", action="store_true", help="a new folder, gone at the end, no fsync: for tests"
        )
        parser.add_argument("command", nargs="*", help="after --: the command to run; without one, wait for Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        throwaway = options["throwaway"]
        path = Path(tempfile.mkdtemp(prefix="groundswell-")) if throwaway else options["data_dir"]
        if throwaway:
            path.chmod(0o711)
        try:
            code = self.serve(path, options["command"], durable=not throwaway)
        except Failed as failure:
            raise CommandError(str(failure)) from failure
        finally:
            if throwaway:
                forget(path)
        sys.exit(code)

    def serve(self, path: Path, command: list[str], *, durable: bool) -> int:
        folder = DataFolder(path)
        folder.open()
        try:
            with Supervisor(self.say) as supervisor:
                stores = start_stores(supervisor, folder, durable=durable)
                for line in stores.origin + folder.notes:
                    self.say(line)
                return self.run(supervisor, stores, command)
        except Stopped:
            return 128 + signal.SIGTERM if command else 0
        finally:
            folder.close()

    def run(self, supervisor: Supervisor, stores: Stores, command: list[str]) -> int:
        if command:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends Ctrl-C to the command as well
            code = supervisor.run_to_end(Child(command[0], command, env=stores.environment, foreground=True))
            return code if code >= 0 else 128 - code
        for name, value in stores.addresses.items():
            self.stdout.write(f"export {name}='{value}'")
        self.stdout.flush()
        supervisor.run_for_ever()
        return 0

    def say(self, line: str) -> None:
        self.stderr.write(line, self.style.NOTICE)
        self.stderr.flush()


def forget(path: Path) -> None:
    """Remove a throw-away data folder and its private place elsewhere."""
    pointer = path / "private-place"
    if pointer.exists():
        shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
