"""Two reports of a brand: one that goes out every Monday, one that an agency reads behind a link with a password."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from groundswell.demo.brands import House
from groundswell.demo.clock import at
from groundswell.demo.programme import DAY
from groundswell.lib.shares import digest_of
from tracking.actions.report_mail import schedule_report
from tracking.actions.reports import create_report, share_report
from tracking.models import ReportShare

SHARED_PASSWORD = "northern-light"  # noqa: S105 - of the demo alone
WEEKLY = ["headline", "series", "creators", "money"]
SHARED = ["text", "headline", "funnel", "series", "creators", "tiers", "formats", "posts", "attribution", "health"]
TEXT = "Thank you for a good quarter. The small creators carried it; the table of creators says who should come again."


def shared_token(brand: Brand, seed: int) -> str:
    """The same for the same seed, so that demo.json can tell it at every start."""
    return sha256(f"{seed}:report:{brand.code}".encode()).hexdigest()[:22]


def write_reports(house: House, seed: int, now: datetime) -> None:
    with at(now - 3 * DAY):
        weekly = create_report(
            house.brand, by=house.owner, name="Every Monday", scope="brand", period="28-days", sections=WEEKLY
        )
        schedule_report(weekly, by=house.owner, users=[house.owner], addresses=["agency@example.com"], hour=8)
        campaign = Campaign.objects.of(house.brand).live().order_by("launched_at", "pk")[0]
        report = create_report(
            house.brand, by=house.owner, campaigns=[campaign], name=f"{campaign.name}: for the agency",
            sections=SHARED, text_title="In short", text=TEXT,
        )  # fmt: skip
        share, _ = share_report(report, by=house.owner, expires_at=now + 90 * DAY, password=SHARED_PASSWORD)
    ReportShare.objects.filter(pk=share.pk).update(digest=digest_of(shared_token(house.brand, seed)))


def shared_reports(brands: list[Brand], seed: int) -> list[dict[str, str]]:
    """Links and passwords for demo.json."""
    found = [(brand, shared_token(brand, seed)) for brand in brands]
    return [
        {"brand": brand.code, "url": ReportShare.url_of(token), "password": SHARED_PASSWORD}
        for brand, token in found
        if ReportShare.objects.behind(token).exists()
    ]
