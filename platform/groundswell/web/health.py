"""`/healthz`, `/metrics`: whether the database, Redis and a worker answer, and what apps above add. Without session."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from groundswell.services import heartbeat


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def redis_answers() -> bool:
    return asked(lambda store: bool(store.ping()))


def worker_answers() -> bool:
    return asked(heartbeat.worker_is_alive)


def asked(question: Callable[[redis.Redis], bool]) -> bool:
    store = heartbeat.client()
    try:
        return question(store)
    except redis.RedisError:
        return False
    finally:
        store.close()


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "redis": redis_answers,
    "worker": worker_answers,
}
Detail = Callable[[], dict[str, Any]]
DETAILS: dict[str, Detail] = {}


def detail(name: str) -> Callable[[Detail], Detail]:
    """Adds figures of an app above to the answer, under a name. They have no say in the status."""

    def add(ask: Detail) -> Detail:
        DETAILS[name] = ask
        return ask

    return add


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all answer, else 503; either way which one does. The details need the database."""
    answers = {name: answers() for name, answers in CHECKS.items()}
    well = all(answers.values())
    parts = {name: "ok" if answer else "no answer" for name, answer in answers.items()}
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    details = {name: ask() for name, ask in DETAILS.items()} if answers["database"] else {}
    return JsonResponse({"status": "ok" if well else "unavailable", **parts, **details}, status=status)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The same as numbers in Prometheus' text format, for who bears METRICS_TOKEN; 404 where none is set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse("A bearer token is needed.\n", status=HTTPStatus.UNAUTHORIZED, content_type="text/plain")
    answers = {name: answers() for name, answers in CHECKS.items()}
    lines = ["# TYPE groundswell_up gauge"]
    lines += [f'groundswell_up{{part="{name}"}} {int(answer)}' for name, answer in answers.items()]
    details = {name: ask() for name, ask in DETAILS.items()} if answers["database"] else {}
    for name, figures in details.items():
        for figure, value in figures.items():
            lines += [f"# TYPE groundswell_{name}_{figure} gauge", f"groundswell_{name}_{figure} {value}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; version=0.0.4; charset=utf-8")
