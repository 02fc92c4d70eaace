"""Looking regularly whether the pages that links lead to still answer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from groundswell.accounts.models import User
from groundswell.events.actions import record
from tracking.models import DestinationCheck, TrackingLink
from tracking.probe import Finding, Probe

FRESH = timedelta(hours=20)
AT_ONCE, LIMIT = 8, 1000
Wanted = tuple[int, str]  # brand and URL
TARGETS = ("destination", "ios_destination", "android_destination", "fallback")


def check_due(probe: Probe | None = None, *, limit: int = LIMIT) -> int:
    """Look at every page that live links lead to and that was not looked at for 20 hours; returns how many."""
    fresh = DestinationCheck.objects.filter(checked_at__gt=timezone.now() - FRESH).values_list("brand_id", "url")
    wanted = wanted_by(TrackingLink.objects.filter(is_active=True)) - set(fresh)
    return look_at(sorted(wanted)[:limit], probe or Probe())


def check_link(link: TrackingLink, probe: Probe | None = None, *, by: User | None = None) -> int:
    """Look at the pages of one link now."""
    return look_at(sorted(wanted_by(TrackingLink.objects.filter(pk=link.pk))), probe or Probe(), by=by)


def wanted_by(links: QuerySet[TrackingLink]) -> set[Wanted]:
    """Every page, once a brand, however many links lead there. Apps are not asked."""
    rows: set[Wanted] = set()
    for name in TARGETS:
        found = links.values_list("collaboration__campaign__brand", name).distinct()
        rows |= {(brand, url) for brand, url in found if url.startswith("https://")}
    return rows


def look_at(wanted: list[Wanted], probe: Probe, *, by: User | None = None) -> int:
    with ThreadPoolExecutor(AT_ONCE, "link-check") as pool:
        for (brand, url), finding in zip(wanted, pool.map(probe.look, [url for _, url in wanted]), strict=True):
            note_finding(brand, url, finding, by=by)
    return len(wanted)


@transaction.atomic
def note_finding(brand: int, url: str, finding: Finding, *, by: User | None) -> None:
    """Keep what was found; tell when a page broke or came back."""
    now = timezone.now()
    before = DestinationCheck.objects.select_for_update().filter(brand=brand, url=url).first()
    was_broken, is_broken = bool(before and before.broken_since), finding.state == "broken"
    since = (before.broken_since if before and was_broken else now) if is_broken else None
    facts = {"state": finding.state, "http_status": finding.status, "note": finding.note}
    DestinationCheck.objects.update_or_create(
        brand_id=brand, url=url, defaults={**facts, "checked_at": now, "broken_since": since}
    )
    if was_broken != is_broken:
        for link in leading_to(brand, url):
            name = "link.broken" if is_broken else "link.mended"
            record(link.collaboration.campaign.brand, name, link, by=by, url=url, note=finding.note)


def leading_to(brand: int, url: str) -> list[TrackingLink]:
    there = Q()
    for name in TARGETS:
        there |= Q(**{name: url})
    rows = TrackingLink.objects.filter(there, collaboration__campaign__brand=brand, is_active=True)
    return list(rows.select_related("collaboration__campaign__brand").order_by("pk")[:1])


def checks_of(link: TrackingLink) -> Iterator[tuple[str, DestinationCheck | None]]:
    """Each page of a link with the last look at it, None when there was none yet."""
    urls = [url for name in TARGETS if (url := getattr(link, name)).startswith("https://")]
    rows = DestinationCheck.objects.filter(brand=link.collaboration.campaign.brand_id, url__in=urls)
    known = {row.url: row for row in rows}
    return ((url, known.get(url)) for url in dict.fromkeys(urls))
