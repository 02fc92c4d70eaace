"""Giving a creator a link and a code, and changing what brands may change about them."""

from __future__ import annotations

import re
from itertools import count
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify

from campaigns.models import Collaboration
from creators.models import SocialAccount
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.actions.codes import issue_code
from tracking.models import DiscountCode, TrackingLink

SLUG_LENGTH = 60


class LinkRefusedError(Exception):
    """A change to a link that is not allowed; the message says what to do."""


class ForeignDestinationError(LinkRefusedError):
    """A destination that is not on the campaign's own site."""


class PlacementTakenError(LinkRefusedError):
    """The creator has a link for this placement already."""


# Issuing


@transaction.atomic
def issue_tracking(collaboration: Collaboration, *, by: User | None = None) -> tuple[TrackingLink, DiscountCode]:
    """The link and the code of an agreed collaboration, made when missing. Safe to call any number of times.

    Waits for other issues of the brand, so that two creators never get the same code.
    """
    collaboration = Collaboration.objects.select_related("campaign__brand", "relationship__creator").get(
        pk=collaboration.pk
    )
    Brand.objects.select_for_update(no_key=True).get(pk=collaboration.campaign.brand_id)
    link = collaboration.links.filter(placement="").first() or add_link(collaboration, "", by=by)
    code = collaboration.codes.order_by("pk").first() or issue_code(collaboration, account_of(collaboration), by=by)
    return link, code


def add_link(collaboration: Collaboration, placement: str, *, by: User | None = None) -> TrackingLink:
    """A link with a free slug, readable: handle, campaign, placement."""
    campaign, account = collaboration.campaign, account_of(collaboration)
    handle = account.handle if account else collaboration.relationship.creator.code
    link = create_with_free_slug(
        TrackingLink(
            collaboration=collaboration,
            placement=placement,
            destination=campaign.landing_url,
            utm_source=account.network if account else "creator",
            utm_campaign=slugify(campaign.name)[:120] or campaign.code,
            utm_content="-".join(filter(None, [handle, slugify(placement)]))[:120],
        ),
        slug_words(handle, campaign.name, placement) or collaboration.code,
    )
    record(campaign.brand, "link.issued", link, by=by, slug=link.slug, collaboration=collaboration.code)
    return link


def account_of(collaboration: Collaboration) -> SocialAccount | None:
    """The account the creator was chosen for, else the largest one the brand may see."""
    visible = SocialAccount.objects.visible_to(collaboration.campaign.brand)
    accounts = visible.filter(creator=collaboration.relationship.creator)
    ranked = accounts.order_by(F("followers").desc(nulls_last=True), "pk")
    return ranked.filter(network=collaboration.network_when_added).first() or ranked.first()


def slug_words(*words: str) -> str:
    """Lower-case ASCII words with hyphens: dana-field-spring-launch. Never an e-mail address."""
    parts = [slugify(re.sub(r"[._]", "-", word.partition("@")[0])).replace("_", "-") for word in words]
    return "-".join(filter(None, parts))[: SLUG_LENGTH - 5].strip("-")


def create_with_free_slug(link: TrackingLink, words: str) -> TrackingLink:
    for number in count(1):
        link.slug = words if number == 1 else f"{words}-{number}"
        if TrackingLink.objects.filter(slug=link.slug).exists():
            continue
        try:
            with transaction.atomic():
                link.save(force_insert=True)
        except IntegrityError:
            if TrackingLink.objects.filter(collaboration=link.collaboration_id, placement=link.placement).exists():
                raise
        else:
            break
    return link


# Changing


def check_destination(link: TrackingLink, url: str) -> None:
    """Refuse what is not HTTPS on the host of the campaign's landing page or below it: links never lead elsewhere."""
    home = (urlsplit(link.collaboration.campaign.landing_url).hostname or "").removeprefix("www.")
    try:
        parts = urlsplit(url)
        host, odd = parts.hostname or "", bool(parts.username or parts.port not in {None, 443} or "\\" in url)
    except ValueError:
        host, parts, odd = "", None, True
    if not parts or parts.scheme != "https" or odd or not home or not (host == home or host.endswith(f".{home}")):
        raise ForeignDestinationError(f"A link must lead to a page on {home} and start with https://.")


@transaction.atomic
def change_destination(link: TrackingLink, url: str, *, by: User) -> None:
    """Lead a link elsewhere on the campaign's site; works within a second. Raises ForeignDestinationError."""
    check_destination(link, url)
    before = link.destination
    if before != url:
        TrackingLink.objects.filter(pk=link.pk).update(destination=url, updated_at=timezone.now())
        link.destination = url
        brand = link.collaboration.campaign.brand
        record(brand, "link.redirected", link, by=by, slug=link.slug, before=before, after=url)


@transaction.atomic
def pause_link(link: TrackingLink, *, by: User) -> None:
    """Stop counting: visitors go to the brand's website, or read that the link has ended."""
    turn(link, active=False, by=by)


@transaction.atomic
def resume_link(link: TrackingLink, *, by: User) -> None:
    turn(link, active=True, by=by)


def turn(link: TrackingLink, *, active: bool, by: User) -> None:
    rows = TrackingLink.objects.filter(Q(pk=link.pk) & ~Q(is_active=active))
    if rows.update(is_active=active, updated_at=timezone.now()):
        name = "link.resumed" if active else "link.paused"
        record(link.collaboration.campaign.brand, name, link, by=by, slug=link.slug)
    link.is_active = active


@transaction.atomic
def add_placement(collaboration: Collaboration, placement: str, *, by: User) -> TrackingLink:
    """One more link of a creator, for a place of its own (a story, the bio). Raises PlacementTakenError."""
    placement = " ".join(placement.split())
    Brand.objects.select_for_update(no_key=True).get(pk=collaboration.campaign.brand_id)
    if collaboration.links.filter(placement__iexact=placement).exists():
        raise PlacementTakenError(f"There is a link for “{placement}” already.")
    return add_link(collaboration, placement, by=by)
