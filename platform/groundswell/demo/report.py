"""What a script or a person needs to use the demo: sign-ins, creators' links, keys, tracked links."""

from __future__ import annotations

from typing import Any

from campaigns.models import Campaign, Collaboration
from creators.actions.portal import portal_url
from groundswell.accounts.models import Brand, Membership, User
from groundswell.demo.brands import BRANDS, OPERATOR, PASSWORD, PEOPLE, demo_key
from groundswell.demo.reports import shared_reports
from tracking.models import TrackingLink

SHOWN_STATUSES = ["offered", "offered", "countered", "accepted", "posted"]


def report_of(seed: int) -> dict[str, list[Any]]:
    """Accounts of the brands, the operator, creators with a fresh portal link, API keys, shared reports, link paths."""
    brands = list(Brand.objects.filter(code__in=[facts["code"] for facts in BRANDS]).order_by("pk"))
    return {
        "accounts": [account_of(row) for row in memberships_of(brands)],
        "operators": operators(),
        "creators": [creator_of(row) for brand in brands for row in shown_collaborations(brand)],
        "api_keys": [{"brand": brand.code, "key": demo_key(brand, seed)} for brand in brands],
        "reports": shared_reports(brands, seed),
        "links": [str(link) for link in TrackingLink.objects.filter(is_active=True).order_by("pk")[:20]],
    }


def operators() -> list[dict[str, str]]:
    rows = User.objects.filter(email=OPERATOR[0], is_superuser=True)
    return [{"email": row.email, "password": PASSWORD} for row in rows]


def memberships_of(brands: list[Brand]) -> list[Membership]:
    rows = Membership.objects.filter(brand__in=brands, user__email__in=demo_addresses())
    return list(rows.select_related("user", "brand").order_by("pk"))


def demo_addresses() -> list[str]:
    return [email for people in PEOPLE.values() for email, _, _ in people]


def account_of(row: Membership) -> dict[str, str]:
    return {"email": row.user.email, "password": PASSWORD, "role": row.role, "brand": row.brand.code}


def shown_collaborations(brand: Brand) -> list[Collaboration]:
    """A few creators in different states of live campaigns."""
    live = Campaign.objects.of(brand).live()
    rows = Collaboration.objects.filter(campaign__in=live).exclude(relationship__email="").order_by("-campaign", "pk")
    shown: dict[int, Collaboration] = {}
    for status in SHOWN_STATUSES:
        row = rows.filter(status=status).exclude(relationship__in=shown).select_related("relationship").first()
        if row:
            shown[row.relationship_id] = row
    return list(shown.values())


def creator_of(row: Collaboration) -> dict[str, str]:
    return {"email": row.relationship.email, "portal_url": portal_url(row.relationship), "status": row.status}
