"""Starts children, restarts the ones that die, stops them in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

from groundswell.services.children import Child, stop_together

TICK = 0.05


class Stopped(Exception):
    """Somebody asked the supervisor to stop (SIGTERM, SIGINT or SIGHUP)."""


class Failed(Exception):
    """A service cannot be started; the message says which and why."""


class Supervisor:
    """Children by the group they stop with: groups stop in the reverse order of their first child.

    Use as a context manager: leaving it stops everything, whatever happened.
    """

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self.say = say
        self.groups: list[tuple[list[Child], float]] = []
        self.asked_to_stop = False

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def group(self, *, seconds: float) -> list[Child]:
        """A new group of children that is given `seconds` to stop."""
        children: list[Child] = []
        self.groups.append((children, seconds))
        return children

    def start(self, group: list[Child], child: Child) -> Child:
        group.append(child)
        child.start()
        return child

    def tick(self) -> None:
        """One look at every child: collect and plan anew the dead, start those whose time has come."""
        if self.asked_to_stop:
            raise Stopped
        for children, _ in self.groups:
            for child in children:
                self.look_after(child)

    def look_after(self, child: Child) -> None:
        if child.running:
            return
        if child.process is not None:
            code = child.reap()
            child.process = None
            child.schedule_restart()
            self.say(f"{child.name} ended with code {code}; starting it again.")
        elif time.monotonic() >= child.due_at:
            child.start()

    def wait_until(self, ready: Callable[[], bool], what: str, *, seconds: float, child: Child | None = None) -> None:
        """Look after the children until `ready()`. Fails when time is up or when `child` cannot stay up."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.tick()
            if time.monotonic() > deadline:
                words = f"\n{child.last_words()}" if child else ""
                raise Failed(f"{what} was not ready after {seconds:.0f} s.{words}")
            time.sleep(TICK / 2)

    def run_to_end(self, child: Child) -> int:
        """Run a child that is expected to end, looking after the others. Returns its exit code."""
        child.start()
        try:
            while child.running:
                self.tick()
                time.sleep(TICK)
        finally:
            stop_together([child], 5)
        return child.reap()

    def run_for_ever(self) -> None:
        """Look after the children until asked to stop."""
        while True:
            self.tick()
            time.sleep(TICK)

    def stop(self) -> None:
        """Stop the groups, the last one first. A group that does not finish in its time is killed."""
        for children, seconds in reversed(self.groups):
            stop_together(children, seconds)
        self.groups.clear()
