"""What brands did with their links: a template, placements, a creator's page, an address of its own, a broken page."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaigns.models import Collaboration
from groundswell.demo.clock import at
from groundswell.demo.programme import Play
from tracking.actions.checks import note_finding
from tracking.actions.domains import add_domain
from tracking.actions.link_templates import change_template
from tracking.actions.links import change_address, change_destination, issue_links
from tracking.models import TrackingLink
from tracking.probe import Finding

DAY = timedelta(days=1)


def dress_links(play: Play, now: datetime) -> None:
    """A campaign's links, the way a team would have set them up."""
    brand, by = play.house.brand, play.by
    campaign = Collaboration.objects.select_related("campaign__brand").get(pk=next(iter(play.live))).campaign
    rows = TrackingLink.objects.select_related("collaboration__campaign__brand", "domain")
    with at(now - 20 * DAY):
        add_domain(brand, f"go.{brand.code}.example", by=by)
        change_template(brand, campaign, by=by, utm_medium="creator", utm_term="{tier}", placements=["Story"])
    links = list(rows.filter(collaboration__campaign=campaign).order_by("pk")[:2])
    with at(now - 9 * DAY):
        issue_links(campaign, ["Story"], by=by)
        for link in links[:1]:
            change_destination(link, link.destination, by=by, has_page=True, expires_at=now + 30 * DAY)
            change_address(link, f"{link.slug.split('-')[0]}-picks", None, by=by)
        for link in links[1:2]:
            change_destination(link, f"{link.destination}/bundle", by=by)
    with at(now - DAY / 2):
        for link in links[:1]:
            note_finding(brand.pk, link.destination, Finding("fine", 200, ""), by=None)
        for link in links[1:2]:
            note_finding(brand.pk, link.destination, Finding("broken", 404, "The page answers 404."), by=None)
