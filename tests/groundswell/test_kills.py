"""Parts of a running Groundswell are killed under load, one at a time and all together. Counted from outside: every
click answered with 302 and every order answered with 2xx is there exactly once, and the results equal the rows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from groundswell.services import ports
from tests.demos import ROOT, Running, running_demo, within

pytestmark = pytest.mark.services

PARTS = {
    "web": "granian",
    "worker": "groundswell.celery worker",
    "redis": "redis-server",
    "postgresql": "/bin/postgres",
}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148"
SETUP = """
import django; django.setup()
import json
from tests import factories as make
collaboration = make.collaboration(make.campaign(make.brand()), status="accepted")
make.discount_code(collaboration, "ANNA10")
slugs = [make.link(collaboration, placement=str(number)).slug for number in range(5)]
print(json.dumps({"slugs": slugs, "key": make.api_key(collaboration.campaign.brand)}))
"""
RESULTS = ("dailyresult", "collaborationresult", "campaignday")
ADDED_UP = "SELECT sum(clicks + bot_clicks), sum(orders), sum(revenue) FROM tracking_{}"
CHECK = "import django; django.setup(); from tracking.actions.rollups import check_rollups; print(check_rollups())"


@dataclass
class Crowd:
    """People who click and a shop that sells, until told to stop. Keeps what was answered."""

    port: int
    slugs: list[str]
    key: str
    clicks: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    stop: Event = field(default_factory=Event)
    numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        people = [Thread(target=self.repeat, args=(self.click, 0.005)) for _ in range(4)]
        threads = [*people, *(Thread(target=self.repeat, args=(self.buy, 0.15)) for _ in range(2))]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()

    def repeat(self, act: Callable[[HTTPConnection], None], pause: float) -> None:
        """One connection after the other, until it breaks; what is not answered is not counted."""
        while not self.stop.is_set():
            link = HTTPConnection("127.0.0.1", self.port, timeout=10)
            with suppress(OSError, HTTPException):
                while not self.stop.wait(pause):
                    act(link)
            link.close()
            self.broken.append(act.__name__)
            self.stop.wait(0.05)

    def click(self, link: HTTPConnection) -> None:
        number = next(self.numbers)
        headers = {"User-Agent": IPHONE, "X-Forwarded-For": f"203.0.113.{number % 250}"}
        link.request("GET", f"/r/{self.slugs[number % len(self.slugs)]}", headers=headers)
        answer = link.getresponse()
        answer.read()
        if answer.status == 302:
            self.clicks.append(parse_qs(urlsplit(answer.getheader("Location") or "").query)["icid"][0])

    def buy(self, link: HTTPConnection) -> None:
        name = f"order-{next(self.numbers)}"
        order = {"external_id": name, "currency": "EUR", "net": "10.00", "codes": [{"code": "ANNA10"}]}
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.sent.add(name)
        link.request("POST", "/api/v1/orders/", json.dumps(order), headers)
        answer = link.getresponse()
        answer.read()
        if answer.status in {200, 201}:
            self.orders.append(name)

    def goes_on(self, seconds: float = 120) -> None:
        """Wait until more clicks and orders are answered than are now."""
        clicks, orders = len(self.clicks) + 50, len(self.orders) + 5
        assert within(seconds, lambda: len(self.clicks) >= clicks and len(self.orders) >= orders), "nothing is answered"


def environment(demo: Running) -> dict[str, str]:
    """That of the demo's own processes."""
    said = Path(f"/proc/{demo.processes('groundswell.celery worker')[0]}/environ").read_text()
    return dict(line.partition("=")[::2] for line in said.split("\0") if "=" in line)


def ran(script: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def health(demo: Running) -> dict[str, Any]:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/healthz", timeout=5) as answer:
        return dict(json.load(answer))
    return {}


def is_well(demo: Running) -> bool:
    return health(demo).get("status") == "ok"


def kill(demo: Running, *names: str) -> None:
    """SIGKILL every process of these parts at once, and wait for others in their place."""
    before = {name: set(demo.processes(PARTS[name])) - {demo.process.pid} for name in names}
    for pid in [pid for pids in before.values() for pid in pids]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for name in names:
        assert within(120, lambda name=name: set(demo.processes(PARTS[name])) - before[name])  # type: ignore[misc]
    assert within(120, lambda: is_well(demo)), f"not well after {names} were killed"


def all_settled(demo: Running, connection: psycopg.Connection[Any]) -> bool:
    """Whether the spool is in the table, and added up."""
    stale = connection.execute("SELECT count(*) FROM tracking_staleday").fetchone()
    return health(demo).get("clicks", {}).get("bytes_waiting") == 0 and stale == (0,)


def test_nothing_answered_is_lost_or_doubled_whatever_is_killed() -> None:
    with running_demo(ports.reserve(0).number) as demo:
        env = {**os.environ, **environment(demo), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}"}
        crowd = Crowd(demo.port, **json.loads(ran(SETUP, env).splitlines()[-1]))
        with crowd.at_work():
            crowd.goes_on()
            for name in PARTS:
                kill(demo, name)
                crowd.goes_on()
            kill(demo, *PARTS)
            crowd.goes_on()
        with psycopg.connect(env["DATABASE_URL"], autocommit=True) as connection:
            assert within(120, lambda: all_settled(demo, connection))
            clicks = [row[0] for row in connection.execute("SELECT id FROM tracking_click")]
            orders = [row[0] for row in connection.execute("SELECT external_id FROM tracking_order")]
            credited = connection.execute("SELECT count(*), count(DISTINCT order_id) FROM tracking_credit").fetchone()
            results = [connection.execute(ADDED_UP.format(table)).fetchone() for table in RESULTS]
        assert len(crowd.clicks) == len(set(crowd.clicks)) >= 300
        assert (len(clicks), len(orders)) == (len(set(clicks)), len(set(orders)))
        assert set(crowd.clicks) <= set(clicks)
        assert set(crowd.orders) <= set(orders) <= crowd.sent
        assert credited == (len(orders), len(orders))
        assert results == 3 * [(len(clicks), len(orders), 10 * len(orders))]
        assert len(clicks) - len(crowd.clicks) <= crowd.broken.count("click"), "more than went unanswered"
        assert ran(CHECK, env).splitlines()[-1] == "[]"
