"""Saved searches of the demo's teams: some with alerts that have found somebody since."""

from __future__ import annotations

from datetime import datetime, timedelta

from creators.actions.searches import look_for_matches, save_search, tell_matches
from creators.lists import search_of
from creators.models import SearchMatch, Shortlist
from groundswell.demo.brands import House
from groundswell.demo.clock import at

# Name, filters, alerts; how many of those it finds count as found since the team last looked.
SEARCHES = [
    ("Nano hikers who engage", "niche=hiking&tier=nano&er_from=3", True, 4),
    ("German outdoors, public contact", "country=DE&niche=hiking&niche=running&contact=any", True, 2),
    ("Rising small accounts", "followers_to=50k&growth_90_from=5&sort=-growth_90", False, 0),
    ("Never contacted, works for product", "stage=none&product_only=yes&stage_not=blocked", False, 0),
]


def save_searches(house: House, now: datetime) -> None:
    for name, query, alerts, new in SEARCHES:
        with at(now - timedelta(days=9)):
            row = save_search(house.brand, name, query, by=house.owner, alerts=alerts)
        if new:
            find_again(row, new, now)
    with at(now - timedelta(hours=2)):
        tell_matches(house.brand)


def find_again(row: Shortlist, new: int, now: datetime) -> None:
    """The last ones it finds are forgotten and found anew this morning."""
    latest = search_of(row).rows().order_by("-creator").values_list("creator", flat=True)[:new]
    SearchMatch.objects.filter(shortlist=row, creator__in=list(latest)).delete()
    with at(now - timedelta(hours=3)):
        look_for_matches(row)
