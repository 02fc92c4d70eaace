"""What a creator's page asks of the whole directory: peers, tiers, signals and lookalikes, at two sizes.

`python benchmarks/peers.py [--creators 200000]` fills a database of its own with a tenth of the invented creators and
then with all, and times each for the same accounts. Beside the place among peers stands the plain count over every peer
in the same run, whose share it has to hit within its own 95 % interval. Time is the server's process on a core.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from _database import backend, on_core, scratch_database
from _discovery_world import World, fill
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from creators.actions.discovery import reindex_all
from creators.actions.tiers import start_tiers
from creators.discovery.alike import Lookalikes
from creators.metrics.figures import main_basis, metrics_of
from creators.metrics.peers import Place, place
from creators.metrics.profiles import profiles_of
from creators.models import SocialAccount, TierScheme
from creators.tiers import tier_filter, tier_of
from creators.vetting.collect import facts_of
from groundswell.accounts.models import Brand

SEED, ACCOUNTS, REPEATS = 7, 8, 3


def cost(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of the server on a core, the median of a few, and what came of it."""
    pid, found, took = backend(), work(), []
    for _ in range(REPEATS):
        start = on_core(pid)
        found = work()
        took.append(on_core(pid) - start)
    return median(took), found


def counted(brand: Brand, account: SocialAccount, scheme: TierScheme) -> float | None:
    """The share of all peers below, by one plain aggregate over every one of them."""
    column, tier = f"metrics__rate_{main_basis(account)}", tier_of(scheme, account.network, account.followers)
    rows = SocialAccount.objects.visible_to(brand).filter(network=account.network, creator__is_listed=True)
    rows = rows.filter(tier_filter(scheme, [tier or ""])).exclude(pk=account.pk).annotate(peer=F(column))
    mine = getattr(metrics_of(account), f"rate_{main_basis(account)}", None)
    counts = rows.filter(peer__isnull=False).aggregate(
        n=Count("pk"), below=Count("pk", filter=Q(peer__lt=mine) if mine is not None else Q(pk=0))
    )
    return counts["below"] / counts["n"] if mine is not None and counts["n"] >= 20 else None


def check(drawn: Place, every: float | None) -> bool:
    """Whether the share told holds the counted one within its interval; an exact one has to be the same."""
    if drawn.share is None or every is None:
        return drawn.share is None and every is None
    return abs(float(drawn.share) - every) <= (1.5 * drawn.margin if drawn.margin is not None else 1e-9)


def stage(brand: Brand, creators: int) -> dict[str, float]:
    scheme = TierScheme.objects.prefetch_related("bands").get(brand=brand)
    rows = SocialAccount.objects.filter(owner=None).exclude(metrics=None).select_related("metrics", "creator")
    accounts = list(rows.order_by("pk")[:: max(1, creators // 100)][:ACCOUNTS])
    took: dict[str, list[float]] = {}
    for account in accounts:
        drawn_cost, drawn = cost(lambda account=account: place(brand, account, scheme))  # type: ignore[misc]
        plain_cost, every = cost(lambda account=account: counted(brand, account, scheme))  # type: ignore[misc]
        if not check(drawn, every):
            raise SystemExit(f"{account}: {drawn.share} ± {drawn.margin} of {drawn.n}, counted {every}")
        took.setdefault("place among peers", []).append(drawn_cost)
        took.setdefault("the same, counted over every peer", []).append(plain_cost)
        asked: list[tuple[str, Callable[[], Any]]] = [
            ("what vetting reads", lambda account=account: facts_of(account.creator, brand, timezone.now())),  # type: ignore[misc]
            ("lookalikes", lambda account=account: Lookalikes(brand, [account.creator]).found()),  # type: ignore[misc]
        ]
        for name, work in asked:
            took.setdefault(name, []).append(cost(work)[0])
    for network in ("instagram", "tiktok", "youtube"):
        one = cost(lambda network=network: profiles_of(brand, network, scheme))[0]  # type: ignore[misc]
        took.setdefault("tiers compared", []).append(one)
    print(f"\n{creators:,} creators, load {os.getloadavg()[0]:.1f}, ms of the server on a core")
    for name, each in took.items():
        print(f"{name:40} p50 {median(each):8.1f}   max {max(each):8.1f}")
    return {name: median(each) for name, each in took.items()}


def derive() -> None:
    reindex_all()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--creators", type=int, default=200_000)
    creators = parser.parse_args().creators
    with scratch_database():
        brand, foreign = (Brand.objects.create(code=f"bench-{name}", name=name) for name in ("ours", "theirs"))
        start_tiers(brand)
        world, smaller = World(SEED), creators // 10
        fill(world, range(1, smaller + 1), foreign.pk)
        derive()
        before = stage(brand, smaller)
        fill(world, range(smaller + 1, creators + 1), foreign.pk)
        derive()
        after = stage(brand, creators)
        print("\nten times the creators")
        for name, each in after.items():
            print(f"{name:40} {each / max(before[name], 0.01):5.1f} times the time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
