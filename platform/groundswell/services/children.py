"""Processes that never outlive whoever started them, and that come back when they die."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 0.2, 10.0, 15.0
LOG_LIMIT = 10 * 1024 * 1024


def die_with_parent(death_signal: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Have the kernel send this process `death_signal` when its parent dies, however it dies (Linux)."""
    expected = os.getppid() if parent is None else parent
    with contextlib.suppress(AttributeError):  # no prctl outside Linux
        LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != expected:
        os._exit(1)


@dataclass(frozen=True)
class Account:
    """The unprivileged user that a child runs as."""

    name: str
    uid: int
    gid: int


@dataclass
class Child:
    """One program under supervision. Start it from the main thread: the death signal is tied to the thread.

    A child gets a session of its own unless it is in the `foreground`; what is left of that session is killed
    before the dead leader is reaped, so a process id can never mean somebody else's process.
    """

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
    log: Path | None = None
    account: Account | None = None
    stop_signals: tuple[int, ...] = (signal.SIGTERM,)
    death_signal: int = signal.SIGTERM
    foreground: bool = False
    keep_open: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self) -> None:
        parent = os.getpid()
        identity = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        with self.output() as output:
            self.process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
                self.command,
                env=self.env,
                cwd=self.folder,
                stdin=None if self.foreground else subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=not self.foreground,
                pass_fds=self.keep_open,
                preexec_fn=lambda: die_with_parent(self.death_signal, parent),  # noqa: PLW1509  # no threads here
                **identity,
            )
        self.started_at = time.monotonic()

    @contextlib.contextmanager
    def output(self) -> Iterator[IO[bytes] | None]:
        """The open log file; None (the terminal) where there is none. A log over 10 MB is put aside first."""
        if self.log is None:
            yield None
            return
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as stream:
            yield stream

    @property
    def running(self) -> bool:
        """Whether the process lives. A dead one stays unreaped here, so its id cannot be given away."""
        if self.process is None or self.process.returncode is not None:
            return False
        ended = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is None

    def reap(self) -> int:
        """Kill what the dead process left in its session, then collect it. Returns its exit code."""
        if self.process is None:
            return 0
        if self.process.returncode is None and not self.foreground:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def send(self, number: int) -> None:
        if self.process is not None and self.running:
            self.process.send_signal(number)

    def schedule_restart(self) -> None:
        """Note when to start again: at once-ish first, then twice as late each time up to ten seconds."""
        now = time.monotonic()
        if now - self.started_at > HEALTHY_AFTER:
            self.pause = FIRST_PAUSE
        self.due_at, self.pause = now + self.pause, min(self.pause * 2, LONGEST_PAUSE)

    def last_words(self, lines: int = 15) -> str:
        """The end of the log, for error messages."""
        if self.log is None or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop_together(children: list[Child], seconds: float) -> None:
    """Ask all to stop, more firmly in equal steps of the time given, and kill what is left."""
    running = [child for child in children if child.running]
    rounds = max((len(child.stop_signals) for child in running), default=0)
    for step in range(rounds):
        for child in running:
            child.send(child.stop_signals[min(step, len(child.stop_signals) - 1)])
        await_end(running, seconds / rounds)
    for child in children:
        child.send(signal.SIGKILL)
        child.reap()


def await_end(children: list[Child], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(child.running for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
