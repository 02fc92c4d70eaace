"""/healthz: open to everybody, says which part does not answer and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import OperationalError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from groundswell.services import heartbeat
from groundswell.services.heartbeat import Heartbeat

CLICKS = {
    "segments_waiting": 0,
    "bytes_waiting": 0,
    "seconds_behind": 0.0,
    "unreadable": 0,
    "in_memory": 0,
    "lost": 0,
}
WELL = {"status": "ok", "database": "ok", "redis": "ok", "worker": "ok", "clicks": CLICKS}


@pytest.fixture(autouse=True)
def spool(settings: Settings, tmp_path: Path) -> None:
    settings.SPOOL_DIR = tmp_path


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, worker_id: str) -> Iterator[redis.Redis]:
    """Redis with a key of this test process, so that no real worker answers for it."""
    monkeypatch.setattr(heartbeat, "KEY", f"test-worker-alive-{worker_id}")
    monkeypatch.setattr(heartbeat, "LASTS", 60.0)  # a slow machine is not what is tested
    client = heartbeat.client()
    yield client
    client.delete(heartbeat.KEY)


def test_healthz_is_well_while_a_worker_beats(db: None, store: redis.Redis, client: Client) -> None:
    Heartbeat(None).beat()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, WELL)
    assert 0 < store.pttl(heartbeat.KEY) <= heartbeat.LASTS * 1000


def test_healthz_names_a_missing_worker(db: None, store: redis.Redis, client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {**WELL, "status": "unavailable", "worker": "no answer"}


def test_healthz_names_a_missing_redis(db: None, settings: Settings, client: Client) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {**WELL, "status": "unavailable", "redis": "no answer", "worker": "no answer"}


def test_healthz_names_a_missing_database(store: redis.Redis, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("connection to 10.0.0.5 as secret-user failed")

    monkeypatch.setattr(connection, "cursor", refuse)
    Heartbeat(None).beat()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable", "database": "no answer", "redis": "ok", "worker": "ok",
    }  # fmt: skip
    assert b"secret" not in answer.content


def test_healthz_takes_no_post_and_is_never_cached(db: None, client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert "no-store" in client.get("/healthz").headers["Cache-Control"]


def test_metrics_are_for_those_with_the_token(db: None, client: Client, settings: Settings) -> None:
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "only-for-the-collector"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer nearly"}).status_code == 401


def test_metrics_tell_who_answers_and_how_far_clicks_are_behind(
    db: None, store: redis.Redis, client: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN = "only-for-the-collector"
    Heartbeat(None).beat()
    answer = client.get("/metrics", headers={"Authorization": "Bearer only-for-the-collector"})
    lines = answer.content.decode().splitlines()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert {'groundswell_up{part="database"} 1', 'groundswell_up{part="worker"} 1'} <= set(lines)
    assert {f"groundswell_clicks_{name} {value}" for name, value in CLICKS.items()} <= set(lines)
