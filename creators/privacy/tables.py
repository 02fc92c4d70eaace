"""What this app knows of people."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from creators.models import (
    AudienceSlice,
    Claim,
    Comment,
    Connection,
    ContactChannel,
    Creator,
    DataRequest,
    Evidence,
    FollowerSnapshot,
    MediaKit,
    Merge,
    MergeProposal,
    Note,
    Post,
    RateCard,
    Relationship,
    SocialAccount,
)
from creators.privacy.holdings import ERASED, Holding, Person, hold
from creators.privacy.words import Words


def of_creator(person: Person) -> Q:
    return Q(creator__in=person.creators)


def of_user(person: Person) -> Q:
    return Q(user__in=person.users)


def of_account(person: Person) -> Q:
    return Q(account__in=person.accounts)


def of_relationship(person: Person) -> Q:
    return Q(relationship__in=person.relationships)


def written_by(person: Person) -> Q:
    """The same handle on another network is somebody else's."""
    found = Q(pk__in=[])
    for network, handle in SocialAccount.objects.filter(pk__in=person.accounts).values_list("network", "handle"):
        found |= Q(author=handle, post__account__network=network)
    return found


def nameless_post(row: Any, words: Words) -> dict[str, Any]:
    return {"url": f"https://erased.invalid/{row.pk}"}


def nameless_account(row: Any, words: Words) -> dict[str, Any]:
    return {"handle": f"erased-{row.pk}", "is_verified": None}


def nameless(row: Any, words: Words) -> dict[str, Any]:
    gone = {"birth_year": None, "accepts_product_only": None, "gender": "", "user": None, "is_listed": False}
    return {"name": ERASED, **gone}


hold(
    Holding(Connection, of_user, "connections", ("network", "name", "scopes", "created_at")),
    Holding(
        Claim,
        of_user,
        "claims",
        ("network", "handle", "status", "reason", "message", "created_at", "decided_at"),
    ),
    Holding(DataRequest, lambda person: of_user(person) & Q(kind="copy"), file="file"),
    Holding(MediaKit, of_creator, "media kit", ("slug", "is_on", "updated_at")),
    Holding(
        Evidence,
        of_account,
        "evidence",
        ("account__network", "account__handle", "filename", "observed_on", "reach", "views", "period_days",
         "created_at"),
        file="file",
    ),
    Holding(Comment, written_by, "comments you wrote", ("post__url", "text", "posted_at")),
    Holding(
        Comment,
        lambda person: Q(post__account__in=person.accounts),
        "comments below your posts",
        ("post__url", "author", "text", "posted_at"),
    ),
    Holding(
        Post,
        of_account,
        "posts",
        ("url", "format", "caption", "posted_at", "likes", "comments_count", "shares", "saves", "views", "reach",
         "is_sponsored", "is_disclosed", "hashtags", "mentions", "source", "observed_at"),
        left=nameless_post,
    ),
    Holding(
        FollowerSnapshot,
        of_account,
        "followers",
        ("account__network", "account__handle", "followers", "observed_on", "source"),
    ),
    Holding(
        AudienceSlice,
        of_account,
        "audience",
        ("account__network", "account__handle", "kind", "key", "share", "source", "observed_at"),
    ),
    Holding(
        RateCard,
        lambda person: Q(creator__in=person.creators, owner=None),
        "prices",
        ("network", "format", "amount", "currency", "source", "observed_at"),
    ),
    Holding(RateCard, lambda person: Q(creator__in=person.creators, owner__isnull=False)),
    Holding(ContactChannel, of_creator, "contacts", ("kind", "value", "source", "observed_at")),
    Holding(Note, of_relationship),
    Holding(MergeProposal, lambda person: Q(first__in=person.creators) | Q(second__in=person.creators)),
    Holding(Merge, lambda person: Q(kept__in=person.creators)),
    Holding(
        Relationship,
        lambda person: Q(pk__in=person.relationships),
        "brands",
        ("brand__name", "email", "phone", "address", "created_at"),
        left={"user": None, "owner": None, "price": None},
    ),
    Holding(
        SocialAccount,
        lambda person: Q(pk__in=person.accounts),
        "accounts",
        ("network", "handle", "url", "followers", "following", "posts_count", "engagement_rate", "engagement_basis",
         "average_likes", "average_comments", "average_shares", "average_views", "is_verified", "account_type",
         "credibility", "audience_country", "source", "observed_at"),
        left=nameless_account,
        needed_by=("posts",),
    ),
    Holding(
        Creator,
        lambda person: Q(pk__in=person.creators),
        "profile",
        ("name", "bio", "country", "city", "language", "niches", "gender", "birth_year", "accepts_product_only",
         "source", "created_at", "updated_at"),
        left=nameless,
        needed_by=("relationships", "accounts"),
    ),
)  # fmt: skip
