"""`manage.py demo --empty` as a process of its own, for the tests that need the whole of Groundswell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "GROUNDSWELL_SERVICES")


@dataclass
class Running:
    """A demo without data in a folder of its own."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> dict[str, Any]:
        """Start it as somebody would on an empty machine; what it announces once it is ready."""
        environment = {key: value for key, value in os.environ.items() if key not in OURS}
        command = ["demo", "--empty", "--port", str(self.port), "--data-dir", str(self.folder)]
        with (self.folder / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, stdout=said, stderr=said
            )
        assert within(300, self.announcement.exists), (self.folder / "said").read_text()
        return self.announced()

    @property
    def announcement(self) -> Path:
        return self.folder / "demo.json"

    def announced(self) -> dict[str, Any]:
        return dict(json.loads(self.announcement.read_text()))

    def processes(self, part: str = "") -> list[int]:
        """Live processes of this demo whose command line contains `part`."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                inside = (entry / "cwd").readlink().is_relative_to(self.folder)
                named = f"DATA_DIR={self.folder}\0".encode() in (entry / "environ").read_bytes()
                if (inside or named) and part in (entry / "cmdline").read_text().replace("\0", " "):
                    found.append(int(entry.name))
        return sorted(found)


@contextmanager
def running_demo(port: int = 0) -> Iterator[Running]:
    """One that is ready; at the end it is stopped hard, and nothing of it may be left."""
    with tempfile.TemporaryDirectory(prefix="groundswell-test-") as name:
        Path(name).chmod(0o711)
        running = Running(Path(name), port)
        try:
            running.start()
            yield running
        finally:
            running.process.kill()
            running.process.wait()
        assert within(10, lambda: not running.processes())


def within(seconds: float, condition: Callable[[], object]) -> bool:
    """Whether the condition comes true in that time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
