"""What happened at the brand, newest first."""

from __future__ import annotations

from django.http import HttpResponse

from groundswell.accounts.models import Membership
from groundswell.events.models import Event
from groundswell.events.people import named
from groundswell.events.wording import KINDS, sentence
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import render_page
from groundswell.web.paging import key_of

PAGE = 50


@brand_page("manage")
def activity(request: BrandRequest) -> HttpResponse:
    """The brand's log; `?before=` continues below a row, `?kind=` and `?by=` narrow it."""
    kind, by, before = (request.GET.get(name, "") for name in ("kind", "by", "before"))
    feed = Event.objects.of(request.brand).feed(before=key_of(before))
    feed = feed.kind(kind) if kind in KINDS else feed
    team = Membership.objects.of(request.brand).select_related("user").order_by("user__name", "pk")
    feed = feed.filter(actor__memberships__in=[row for row in team if row.code == by]) if by else feed
    rows = list(feed[: PAGE + 1])
    following = request.GET.copy()
    following["before"] = str(rows[PAGE - 1].pk) if len(rows) > PAGE else ""
    names = named(request.brand, [event.creator_id for event in rows])
    context = {
        "events": [(event, sentence(event), names.get(event.creator_id or 0)) for event in rows[:PAGE]],
        "next_url": f"?{following.urlencode()}" if len(rows) > PAGE else "",
        "kinds": KINDS.items(),
        "kind": kind,
        "team": team,
        "by": by,
    }
    return render_page(request, "accounts/activity.html", context, part="rows")
