"""Sign of life of the Celery workers, in Redis, written from the loop that also takes the tasks."""

from __future__ import annotations

import logging
from typing import Any

import redis
from celery import bootsteps
from django.conf import settings

KEY = "groundswell:worker-alive"
EVERY, LASTS = 1.0, 5.0  # seconds; a killed worker is missed after LASTS at the latest
logger = logging.getLogger(__name__)


class Heartbeat(bootsteps.StartStopStep):
    """Runs while the worker is connected to the broker and its loop turns."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.client = client()
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        self.beat()
        self.timer = consumer.timer.call_repeatedly(EVERY, self.beat)

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()

    def beat(self) -> None:
        try:
            self.client.set(KEY, "1", px=int(LASTS * 1000))
        except redis.RedisError:
            logger.warning("Redis does not take the worker's sign of life", exc_info=True)


def client() -> redis.Redis:
    """A Redis client that never waits longer than a second."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def worker_is_alive(store: redis.Redis) -> bool:
    return bool(store.exists(KEY))
