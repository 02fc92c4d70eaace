"""The whole demo world, in the order in which it happened. The same seed and moment give the same world."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random

from celery import current_app
from django.core.management import call_command
from django.db import connection, transaction

from campaigns.models import BriefTemplate
from creators.actions.metrics import recompute_all
from creators.models import Benchmark
from groundswell.accounts.models import Brand
from groundswell.demo import files
from groundswell.demo.brands import House, make_houses, make_rates
from groundswell.demo.clock import at
from groundswell.demo.commerce import trade
from groundswell.demo.connections import make_connections
from groundswell.demo.crowd import make_crowd
from groundswell.demo.ledger import settle_accounts, try_rules
from groundswell.demo.links import dress_links
from groundswell.demo.portal import open_portals
from groundswell.demo.programme import DRAFT, LUMEN, NORTHBOUND, Plan, Play
from groundswell.demo.relationships import tend
from groundswell.demo.reports import write_reports
from groundswell.demo.searches import save_searches
from groundswell.demo.shops import open_shops
from groundswell.demo.vetting import show_signals
from groundswell.events.actions import record
from groundswell.events.models import Event

logger = logging.getLogger(__name__)
STARTED, LOADED = "demo.started", "demo.loaded"


class Half(Exception):
    """An earlier load was cut off, and people have used the database since."""


def load_world(seed: int, creators: int, now: datetime) -> int | None:
    """Load the world unless it is there; returns its seed, or None where the database is somebody else's.

    A load that was cut off is wiped and done again: until it is finished nobody can have worked in it.
    """
    loaded = Event.objects.filter(name=LOADED).first()
    if loaded:
        return int(loaded.data["seed"])
    if Event.objects.filter(name=STARTED).exists():
        logger.info("An earlier load was cut off; starting again")
        wipe()
    elif Brand.objects.exists():
        return None
    with garbage_kept():
        build_world(seed, creators, now)
    return seed


@contextmanager
def garbage_kept() -> Iterator[None]:
    """The world's 60,000 rows live until the end anyway; looking for garbage among them is a sixth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def wipe() -> None:
    """Empty every table, except for the brief templates and benchmarks that come with the product."""
    templates, benchmarks = list(BriefTemplate.objects.filter(brand=None)), list(Benchmark.objects.filter(owner=None))
    call_command("flush", interactive=False, verbosity=0)
    BriefTemplate.objects.bulk_create(templates)
    Benchmark.objects.bulk_create(benchmarks)


def build_world(seed: int, creators: int, now: datetime) -> None:
    """Subscribers run at once and in this process, so that they see the moment they react to."""
    current_app.conf.task_always_eager = True
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    houses = make_houses(seed)
    record(None, STARTED, houses[0].brand, seed=seed)
    make_rates(Random(f"{seed}:rates"), now.date())
    northbound, lumen = houses
    make_crowd(Random(f"{seed}:crowd"), now, creators - files.CREATED, [(0.09, northbound.brand), (0.05, lumen.brand)])
    plays = [*play(seed, northbound, NORTHBOUND, now), *play(seed, lumen, LUMEN, now)]
    Play(Random(f"{seed}:draft"), northbound, DRAFT, now).run()
    trade(seed, plays, now)
    open_shops(Random(f"{seed}:shops"), northbound, now)
    dress_links(plays[0], now)
    make_connections(northbound, now)
    open_portals(Random(f"{seed}:portals"), [house.brand for house in houses], now)
    recompute_all(at=now)
    show_signals(Random(f"{seed}:vetting"), northbound, now)
    for house in houses:
        save_searches(house, now)
        tend(Random(f"{seed}:relationships:{house.brand.code}"), house, now)
    files.bring_in(northbound, now)
    settle_accounts(houses, now)
    try_rules(northbound, now)
    write_reports(northbound, seed, now)
    with transaction.atomic(), at(now):
        record(None, LOADED, houses[0].brand, seed=seed, creators=creators)


def play(seed: int, house: House, plans: list[Plan], now: datetime) -> list[Play]:
    return [Play(Random(f"{seed}:{plan.name}"), house, plan, now).run() for plan in plans]
