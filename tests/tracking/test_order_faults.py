"""The web process is killed while orders come in: every answered one is there exactly once. Counted from outside."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
from base64 import b64encode
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Sum

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from tests import factories as make
from tests.demos import within
from tests.webs import free_port, web
from tracking.actions.rollups import check_rollups, roll_up
from tracking.models import Credit, DailyResult, Order, StaleDay, WebhookDelivery

INSTALLATION = {"REDIS_URL": settings.REDIS_URL, "SECRET_KEY": settings.SECRET_KEY, "API_RATE": "1000000/min"}
SECRET = "hush"
type_of_call = tuple[str, bytes, dict[str, str]]

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def call(port: int, message: type_of_call) -> int | None:
    """The status of a POST; None when no answer arrived."""
    path, body, headers = message
    link = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        link.request("POST", path, body, {"Content-Type": "application/json", **headers})
        return link.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        link.close()


def api_call(number: int, key: str) -> type_of_call:
    order = {"external_id": f"api-{number}", "currency": "EUR", "net": "10.00", "codes": [{"code": "ANNA10"}]}
    return "/api/v1/orders/", json.dumps(order).encode(), {"Authorization": f"Bearer {key}"}


def shop_call(number: int, store: str) -> type_of_call:
    order: dict[str, Any] = {
        "id": number,
        "currency": "EUR",
        "created_at": "2026-05-04T12:00:00Z",
        "line_items": [{"quantity": 1, "price": "10.00"}],
        "discount_codes": [{"code": "ANNA10", "amount": "1.00"}],
    }
    body = json.dumps(order).encode()
    signature = b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": f"d-{number}"}
    return f"/webhooks/shopify/{store}/", body, {**headers, "X-Shopify-Hmac-Sha256": signature}


class Senders:
    """Threads that post each message until it is answered, and stop at the first that is not."""

    def __init__(self, port: int, messages: list[type_of_call]) -> None:
        self.port, self.todo = port, messages
        self.answered: list[int] = []
        self.unanswered: list[type_of_call] = []
        self.lock, self.stop = Lock(), Event()

    def reached(self, count: int) -> bool:
        return len(self.answered) >= count

    def run(self, threads: int = 6) -> list[Thread]:
        started = [Thread(target=self.send) for _ in range(threads)]
        for thread in started:
            thread.start()
        return started

    def send(self) -> None:
        while not self.stop.is_set():
            with self.lock:
                if not self.todo:
                    return
                message = self.todo.pop()
            status = call(self.port, message)
            with self.lock:
                if status is None:
                    self.unanswered.append(message)
                    self.stop.set()
                else:
                    self.answered.append(status)


def test_a_kill_while_orders_come_in_loses_and_doubles_nothing(acme: Brand, campaign: Campaign, tmp_path: Path) -> None:
    make.discount_code(make.collaboration(campaign, status="accepted"), "ANNA10")
    store, key = make.store(acme, secret=SECRET).code, make.api_key(acme)
    messages = [api_call(number, key) for number in range(60)] + [shop_call(number, store) for number in range(60)]
    messages = messages[::2] + messages[1::2]
    total, port = len(messages), free_port()
    answered: list[int] = []
    for goal in (20, 60, None):
        with web(port, tmp_path / "spool", **INSTALLATION) as server:
            senders = Senders(port, messages)
            threads = senders.run()
            if goal is not None:
                assert within(60, partial(senders.reached, goal - len(answered)))
                os.killpg(server.pid, signal.SIGKILL)
            for thread in threads:
                thread.join(60)
        answered += senders.answered
        messages = senders.todo + senders.unanswered
        assert Order.objects.count() >= len(answered), "an answered order is missing"
    assert messages == []
    assert set(answered) <= {200, 201}
    assert len(answered) == total
    assert (Order.objects.count(), Credit.objects.count(), WebhookDelivery.objects.count()) == (120, 120, 60)
    while StaleDay.objects.exists():
        roll_up()
    assert DailyResult.objects.aggregate(sum=Sum("revenue"))["sum"] == 1200
    assert check_rollups() == []
