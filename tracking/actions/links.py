"""Giving a creator a link and a code, and changing what brands may change about them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify

from campaigns.models import Campaign, Collaboration
from creators.models import SocialAccount, TierScheme
from creators.tiers import bands_of, tier_in
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.actions.codes import issue_code
from tracking.actions.destinations import Allowed, LinkRefusedError
from tracking.models import DiscountCode, LinkAlias, LinkDomain, LinkTemplate, TrackingLink
from tracking.utm import NAMES, filled, handle_value, value_of

SLUG_LENGTH = 60
LENGTHS = {name: 80 if name in {"utm_source", "utm_medium"} else 120 for name in NAMES}


class PlacementTakenError(LinkRefusedError):
    """The creator has a link for this placement already."""


class AddressTakenError(LinkRefusedError):
    """The address leads elsewhere already."""


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
    campaign = collaboration.campaign
    make_links(campaign, [collaboration], ["", *template_of(campaign).placements], by=by)
    code = collaboration.codes.order_by("pk").first() or issue_code(collaboration, account_of(collaboration), by=by)
    return collaboration.links.get(placement=""), code


@transaction.atomic
def issue_links(campaign: Campaign, placements: list[str], *, by: User | None = None) -> list[TrackingLink]:
    """Links for these placements to every creator who agreed and has none there. Any number, in a few statements."""
    Brand.objects.select_for_update(no_key=True).get(pk=campaign.brand_id)
    agreed = campaign.collaborations.agreed().select_related("relationship__creator").order_by("pk")
    return make_links(campaign, list(agreed), [" ".join(one.split()) for one in placements], by=by)


def make_links(
    campaign: Campaign, collaborations: list[Collaboration], placements: list[str], *, by: User | None
) -> list[TrackingLink]:
    """The links that are missing, made from the campaign's template; the brand's row must be locked."""
    there = TrackingLink.objects.filter(collaboration__in=collaborations)
    taken = {(pk, placement.lower()) for pk, placement in there.values_list("collaboration", "placement")}
    template, maker = template_of(campaign), Maker(campaign, collaborations)
    made = []
    for collaboration in collaborations:
        for placement in dict.fromkeys(placements):
            if (collaboration.pk, placement.lower()) not in taken:
                taken.add((collaboration.pk, placement.lower()))
                made.append(maker.link(collaboration, placement, template))
    give_addresses(campaign.brand, made)
    for link in made:
        facts = {"slug": link.slug, "collaboration": link.collaboration.code}
        record(campaign.brand, "link.issued", link, by=by, **facts)
    return made


class Maker:
    """Fills a template for the creators of a campaign, with what they share read once."""

    def __init__(self, campaign: Campaign, collaborations: list[Collaboration]) -> None:
        self.campaign = campaign
        creators = [collaboration.relationship.creator_id for collaboration in collaborations]
        visible = SocialAccount.objects.visible_to(campaign.brand).filter(creator__in=creators)
        self.accounts: dict[int, list[SocialAccount]] = {}
        for account in visible.order_by(F("followers").desc(nulls_last=True), "pk"):
            self.accounts.setdefault(account.creator_id, []).append(account)
        self.bands = bands_of(TierScheme.objects.of(campaign.brand).first())

    def account(self, collaboration: Collaboration) -> SocialAccount | None:
        """The account the creator was chosen for, else the largest one the brand may see."""
        ranked = self.accounts.get(collaboration.relationship.creator_id, [])
        chosen = [one for one in ranked if one.network == collaboration.network_when_added]
        return next(iter([*chosen, *ranked]), None)

    def values(self, collaboration: Collaboration, placement: str) -> dict[str, str]:
        """What the variables of a template stand for."""
        account = self.account(collaboration)
        tier = tier_in(self.bands, account.network, account.followers) if account else ""
        return {
            "handle": handle_value(account.handle) if account else collaboration.relationship.creator.code,
            "network": account.network if account else "creator",
            "placement": value_of(placement),
            "campaign": value_of(self.campaign.name) or self.campaign.code,
            "tier": value_of(tier or ""),
        }

    def link(self, collaboration: Collaboration, placement: str, template: LinkTemplate) -> TrackingLink:
        """A link without its address yet; `slug` holds the words it is wanted with: handle, campaign, placement."""
        account, values = self.account(collaboration), self.values(collaboration, placement)
        handle = account.handle if account else collaboration.relationship.creator.code
        return TrackingLink(
            collaboration=collaboration,
            placement=placement,
            domain=template.domain if template.domain and template.domain.verified_at else None,
            slug=slug_words(handle, self.campaign.name, placement) or collaboration.code,
            destination=self.campaign.landing_url,
            has_page=template.has_page,
            **{name: filled(getattr(template, name), values, LENGTHS[name]) for name in NAMES},
        )


def give_addresses(brand: Brand, links: list[TrackingLink]) -> None:
    """Save links under free slugs: as wanted, or with -2, -3 …; again when another brand was faster."""
    wanted = [link.slug for link in links]
    for last in (False, False, True):
        taken = taken_slugs(brand, wanted)
        for link, words in zip(links, wanted, strict=True):
            numbered = chain([words], (f"{words}-{number}" for number in count(2)))
            link.slug = next(slug for slug in numbered if slug not in taken)
            taken.add(link.slug)
        try:
            with transaction.atomic():
                TrackingLink.objects.bulk_create(links)
        except IntegrityError:
            if last:
                raise
        else:
            return


def taken_slugs(brand: Brand, wanted: list[str]) -> set[str]:
    """Of the wanted slugs those that lead somewhere, and what is numbered after them or after one wanted twice.

    On our own host those of every brand count, on domains the brand's own.
    """
    exact = slugs_like(brand, Q(slug__in=wanted))
    clashing = {words for words, times in Counter(wanted).items() if times > 1 or words in exact}
    numbered = Q(pk=None)
    for words in clashing:
        numbered |= Q(slug__regex=rf"^{re.escape(words)}-\d+$")
    return exact | (slugs_like(brand, numbered) if clashing else set())


def slugs_like(brand: Brand, like: Q) -> set[str]:
    links = TrackingLink.objects.filter(like).filter(Q(domain=None) | Q(collaboration__campaign__brand=brand))
    return {*links.values_list("slug", flat=True), *LinkAlias.objects.filter(like).values_list("slug", flat=True)}


def template_of(campaign: Campaign) -> LinkTemplate:
    """The campaign's template, else the brand's, else the usual one."""
    rows = LinkTemplate.objects.filter(brand=campaign.brand_id).select_related("domain")
    found = rows.filter(Q(campaign=campaign) | Q(campaign=None)).order_by(F("campaign").asc(nulls_last=True)).first()
    return found or LinkTemplate(brand=campaign.brand)


def account_of(collaboration: Collaboration) -> SocialAccount | None:
    """The account the creator was chosen for, else the largest one the brand may see."""
    return Maker(collaboration.campaign, [collaboration]).account(collaboration)


def slug_words(*words: str) -> str:
    """Lower-case ASCII words with hyphens: dana-field-spring-launch. Never an e-mail address."""
    parts = [slugify(re.sub(r"[._]", "-", word.partition("@")[0])).replace("_", "-") for word in words]
    return "-".join(filter(None, parts))[: SLUG_LENGTH - 5].strip("-")


# Changing


def check_destination(link: TrackingLink, url: str) -> None:
    """Refuse what is not HTTPS on one of the brand's own sites: links never lead elsewhere."""
    Allowed(link.collaboration.campaign).check(url)


@transaction.atomic
def change_destination(link: TrackingLink, url: str, *, by: User | None, **targets: Any) -> None:
    """Lead a link elsewhere on the brand's sites; works within a second. Raises ForeignDestinationError.

    `targets` may give `ios_destination`, `android_destination`, `fallback` (URLs or empty), `expires_at`, `has_page`.
    """
    allowed = Allowed(link.collaboration.campaign)
    allowed.check(url)
    for name in ("ios_destination", "android_destination"):
        if targets.get(name):
            allowed.check_app(targets[name])
    if targets.get("fallback"):
        allowed.check(targets["fallback"])
    wanted = {"destination": url, **targets}
    before = {name: getattr(link, name) for name, value in wanted.items() if getattr(link, name) != value}
    if before:
        save(link, **{name: wanted[name] for name in before})
        changes = {name: [said(old), said(wanted[name])] for name, old in before.items()}
        moved = {"before": before["destination"], "after": url} if "destination" in before else {}
        brand = link.collaboration.campaign.brand
        record(brand, "link.redirected", link, by=by, slug=link.slug, changes=changes, **moved)


def save(link: TrackingLink, **fields: Any) -> None:
    TrackingLink.objects.filter(pk=link.pk).update(**fields, updated_at=timezone.now())
    for name, value in fields.items():
        setattr(link, name, value)


def said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@transaction.atomic
def change_address(link: TrackingLink, slug: str, domain: LinkDomain | None, *, by: User | None) -> None:
    """Give a link another address; the old one goes on leading. Raises AddressTakenError."""
    brand = Brand.objects.select_for_update(no_key=True).get(pk=link.collaboration.campaign.brand_id)
    if (slug, domain) == (link.slug, link.domain):
        return
    if domain and not domain.verified_at:
        raise LinkRefusedError(f"{domain} is not verified yet.")
    others = TrackingLink.objects.exclude(pk=link.pk).filter(slug=slug)
    aliases = LinkAlias.objects.exclude(link=link).filter(slug=slug, domain=domain)
    if aliases.exists() or others.filter(Q(domain=domain) | Q(collaboration__campaign__brand=brand)).exists():
        raise AddressTakenError(f"“{slug}” leads elsewhere already.")
    LinkAlias.objects.filter(link=link, slug=slug, domain=domain).delete()
    LinkAlias.objects.create(link=link, slug=link.slug, domain=link.domain)
    before = link.address
    save(link, slug=slug, domain=domain)
    record(brand, "link.readdressed", link, by=by, before=before, after=link.address)


@transaction.atomic
def pause_link(link: TrackingLink, *, by: User | None) -> None:
    """Stop counting: visitors go to the brand's website, or read that the link has ended."""
    turn(link, active=False, by=by)


@transaction.atomic
def resume_link(link: TrackingLink, *, by: User | None) -> None:
    turn(link, active=True, by=by)


def turn(link: TrackingLink, *, active: bool, by: User | None) -> None:
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
    made = make_links(collaboration.campaign, [collaboration], [placement], by=by)
    if not made:
        raise PlacementTakenError(f"There is a link for “{placement}” already.")
    return made[0]
