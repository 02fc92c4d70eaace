"""Whom a campaign may write to: each collaboration with its posts, its values, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.db.models import F, Max, Prefetch

from campaigns.models import Campaign, Collaboration, Offer
from creators.models import Creator, Post, SocialAccount
from groundswell.accounts.models import Brand, User
from groundswell.lib.money import rounded
from outreach.addresses import digests_of
from outreach.models import Message, Suppression

POSTS_SHOWN = 5


@dataclass
class Addressee:
    """One collaboration as the write page and the action see it. `obstacle` is empty when it can be written to."""

    collaboration: Collaboration
    obstacle: str
    is_first: bool
    written_at: datetime | None
    posts: list[Post] = field(default_factory=list)
    account: SocialAccount | None = None

    @property
    def creator(self) -> Creator:
        return self.collaboration.relationship.creator

    @property
    def offer(self) -> Offer | None:
        return newest_offer(self.collaboration)


def addressees_of(brand: Brand, collaborations: Iterable[Collaboration]) -> list[Addressee]:
    """The brand's addressees in the order of primary keys; a fixed number of queries however many there are."""
    rows = list(loaded(brand, [row.pk for row in collaborations]))
    silent = suppressed_among(brand, rows)
    written = last_written(rows)
    return [
        Addressee(
            collaboration=row,
            obstacle=obstacle(row, silent),
            is_first=row.relationship_id not in written,
            written_at=written.get(row.relationship_id),
            posts=posts_of(row),
            account=largest_account(row),
        )
        for row in rows
    ]


def loaded(brand: Brand, keys: list[int]) -> Iterable[Collaboration]:
    recent = Post.objects.visible_to(brand).order_by(F("posted_at").desc(nulls_last=True), "-pk")[:POSTS_SHOWN]
    accounts = SocialAccount.objects.order_by(F("followers").desc(nulls_last=True), "pk").prefetch_related(
        Prefetch("posts", queryset=recent, to_attr="recent_posts")
    )
    return (
        Collaboration.objects.filter(pk__in=keys)
        .select_related("campaign__brand", "relationship__creator")
        .with_newest_offer()
        .prefetch_related(Prefetch("relationship__creator__accounts", queryset=accounts, to_attr="largest_first"))
        .order_by("pk")
    )


def accounts_of(collaboration: Collaboration) -> list[SocialAccount]:
    return cast("list[SocialAccount]", getattr(collaboration.relationship.creator, "largest_first", []))


def largest_account(collaboration: Collaboration) -> SocialAccount | None:
    return next(iter(accounts_of(collaboration)), None)


def posts_of(collaboration: Collaboration) -> list[Post]:
    """The creator's newest known posts on any network, newest first; those without a date last."""
    posts = [post for account in accounts_of(collaboration) for post in getattr(account, "recent_posts", [])]
    return sorted(posts, key=lambda post: post.posted_at.timestamp() if post.posted_at else 0.0, reverse=True)[
        :POSTS_SHOWN
    ]


def newest_offer(collaboration: Collaboration) -> Offer | None:
    offers: list[Offer] = getattr(collaboration, "current_offers", [])
    return next(iter(offers), None)


def suppressed_among(brand: Brand, rows: list[Collaboration]) -> set[str]:
    """Digests on the lists that the brand must respect."""
    digests = [digest for row in rows for digest in digests_of(row.relationship.email)]
    found = Suppression.objects.of(brand).filter(digest__in=digests)
    return set(found.values_list("digest", flat=True))


def last_written(rows: list[Collaboration]) -> dict[int, datetime]:
    """When each relationship was last written to by e-mail, by the relationship's key."""
    messages = Message.objects.live().filter(
        channel=Message.Channel.EMAIL, conversation__relationship__in=[row.relationship_id for row in rows]
    )
    latest = messages.values_list("conversation__relationship").annotate(at=Max("created_at"))
    return dict(latest.order_by())


def obstacle(row: Collaboration, silent: set[str]) -> str:
    """Why this creator can't be written to about this campaign, in plain words; empty when they can."""
    reasons = (
        (row.campaign.status != Campaign.Status.LIVE, "The campaign isn't live. Launch it first."),
        (row.relationship.is_blocked, "You blocked this creator."),
        (not row.relationship.email, "No e-mail address. Add one on the creator's profile."),
        (bool(silent.intersection(digests_of(row.relationship.email))), "Doesn't want e-mail from you any more."),
        (row.status not in {"selected", "offered"}, f"{row.get_status_display()}: write from the conversation."),
        (not has_terms(newest_offer(row)), "No offer yet. Set a fee, a product or a commission first."),
    )
    return next((reason for holds, reason in reasons if holds), "")


def has_terms(offer: Offer | None) -> bool:
    """An offer that is out, or a draft that gives something."""
    if offer is None or offer.status not in {Offer.Status.DRAFT, Offer.Status.SENT}:
        return False
    return bool(offer.fee or offer.product or offer.commission_percent)


def values_of(addressee: Addressee, post: str, by: User | None) -> dict[str, str]:
    """What the template's variables stand for; an unknown one is empty. The secret link is filled while sending."""
    row, account = addressee.collaboration, addressee.account
    return {
        "first_name": row.relationship.creator.name.strip().split(" ")[0],
        "name": row.relationship.creator.name,
        "handle": f"@{account.handle}" if account else "",
        "network": account.get_network_display() if account else "",
        "referenced_post": post,
        "campaign": row.campaign.name,
        "brand": row.campaign.brand.name,
        "offer": offer_line(addressee.offer),
        "sender_name": sender_name(row.campaign.brand, by),
    }


def sender_name(brand: Brand, by: User | None) -> str:
    return brand.sender_name or (by.name if by else "") or brand.name


def offer_line(offer: Offer | None) -> str:
    """The terms in one line, such as “120.00 EUR, a product (Rain jacket) and 10% of the sales through you”."""
    if offer is None:
        return ""
    parts = [
        f"{rounded(offer.fee, offer.currency):,} {offer.currency}" if offer.fee else "",
        offer.product,
        f"{offer.commission_percent.normalize():f}% of the sales you bring" if offer.commission_percent else "",
    ]
    known = [part for part in parts if part]
    return " and ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)
