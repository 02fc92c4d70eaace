"""Writing down what a network said: each number with its source and time, and what it hides as unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from creators.actions.metrics import mark_stale, recompute
from creators.captions import hashtags, mentions
from creators.connectors.protocol import CommentFacts, PostFacts, Profile
from creators.models import Comment, Creator, FollowerSnapshot, Post, SocialAccount, Source
from groundswell.accounts.models import Brand

NUMBERS = ("followers", "following", "posts_count", "is_verified", "account_type")
OTHERS = (
    "engagement_rate",
    "average_likes",
    "average_comments",
    "average_shares",
    "average_views",
    "credibility",
    "audience_country",
)
POST_NUMBERS = ("likes", "comments_count", "shares", "saves", "views", "reach")
POST_FACTS = ("format", "caption", "posted_at", "is_sponsored", "is_disclosed")
FILLED = ("bio", "country")


@transaction.atomic
def observe(
    account: SocialAccount,
    profile: Profile,
    posts: Sequence[PostFacts],
    comments: dict[str, list[CommentFacts]],
    at: datetime,
) -> SocialAccount:
    """Write what a network says about an account, its posts, and the comments by the id of their post.

    Metrics and search rows follow in the same transaction.
    """
    held = SocialAccount.objects.select_for_update(of=("self",)).select_related("creator").get(pk=account.pk)
    note_numbers(held, profile, at)
    note_creator(held.creator, profile)
    note_followers(held, profile, at)
    rows = save_posts(held, held.owner, posts, at)
    for post_id, written in comments.items():
        if post_id in rows:
            save_comments(rows[post_id], written)
    recompute([held.pk], at=at)
    return held


def note_numbers(account: SocialAccount, profile: Profile, at: datetime) -> None:
    """What the network says replaces what was known; a number it hides becomes unknown if it came from there.

    Numbers that it doesn't speak of keep the source and time they had.
    """
    said = {name: getattr(profile, name) for name in NUMBERS if getattr(profile, name) not in {None, ""}}
    gone = {name for name in profile.hidden if account.source_of(name)[0] == Source.CONNECTOR}
    kept = [name for name in (*NUMBERS, *OTHERS) if name not in said and name not in gone]
    account.provenance = {
        name: written(account.source_of(name)) for name in kept if getattr(account, name) not in {None, ""}
    }
    for name, value in [*said.items(), *((name, None) for name in gone)]:
        setattr(account, name, value)
    account.source, account.observed_at = Source.CONNECTOR, at
    follow_rename(account, profile.handle)
    account.save(update_fields=[*NUMBERS, "handle", "url", "source", "observed_at", "provenance"])


def written(origin: tuple[str, datetime | None]) -> list[str | None]:
    source, at = origin
    return [source, at.isoformat() if at else None]


def follow_rename(account: SocialAccount, handle: str) -> None:
    """An account that calls itself otherwise by now, unless the new name is taken in the same directory."""
    taken = SocialAccount.objects.filter(owner=account.owner, network=account.network, handle=handle)
    if handle and handle != account.handle and not taken.exists():
        account.handle, account.url = handle, ""


def note_creator(creator: Creator, profile: Profile) -> None:
    """Fill in what nobody has said yet."""
    new = {name: getattr(profile, name) for name in FILLED if getattr(profile, name) and not getattr(creator, name)}
    for name, value in new.items():
        setattr(creator, name, value)
    if new:
        creator.save(update_fields=[*new, "updated_at"])


def note_followers(account: SocialAccount, profile: Profile, at: datetime) -> None:
    if profile.followers is not None:
        FollowerSnapshot.objects.update_or_create(
            account=account,
            observed_on=at.astimezone(UTC).date(),
            defaults={"followers": profile.followers, "source": Source.CONNECTOR},
        )


def save_posts(
    account: SocialAccount, owner: Brand | None, posts: Sequence[PostFacts], at: datetime, *, tagging: str = ""
) -> dict[str, Post]:
    """Update the posts we have under one of their addresses, add the others; the rows by the network's ids.

    `tagging`: a handle that the posts tag without naming it in the caption.
    """
    every = [url for facts in posts for url in (facts.url, *facts.aliases)]
    known = {post.url: post for post in Post.objects.filter(account=account, owner=owner, url__in=every)}
    rows: dict[str, Post] = {}
    for facts in posts:
        found = next((known[url] for url in (facts.url, *facts.aliases) if url in known), None)
        post = found or Post(account=account, owner=owner, url=facts.url)
        known[facts.url] = rows[facts.post_id] = post
        note_post(post, facts, at, tagging)
    unique = list({id(post): post for post in rows.values()}.values())
    Post.objects.bulk_create([post for post in unique if post.pk is None])
    changed = [*POST_NUMBERS, *POST_FACTS, "hashtags", "mentions", "source", "observed_at"]
    Post.objects.bulk_update([post for post in unique if post.pk], changed, batch_size=200)
    return rows


def note_post(post: Post, facts: PostFacts, at: datetime, tagging: str) -> None:
    """What is hidden now is unknown now, where it was the network who had said it."""
    was_theirs = post.source == Source.CONNECTOR
    for name in POST_NUMBERS:
        if getattr(facts, name) is not None or was_theirs:
            setattr(post, name, getattr(facts, name))
    for name in POST_FACTS:
        if getattr(facts, name) not in {None, ""}:
            setattr(post, name, getattr(facts, name))
    post.hashtags = hashtags(post.caption)
    post.mentions = list(dict.fromkeys([*mentions(post.caption), *filter(None, [tagging])]))
    post.source, post.observed_at = Source.CONNECTOR, at


def save_comments(post: Post, found: Iterable[CommentFacts]) -> None:
    """The comments as the network shows them now, in place of those we had."""
    names = [field.name for field in fields(CommentFacts)]
    post.comments.all().delete()
    Comment.objects.bulk_create(
        Comment(post=post, **values(comment, names)) for comment in found if comment.author and comment.text
    )


def values(comment: CommentFacts, names: list[str]) -> dict[str, Any]:
    return {name: getattr(comment, name) for name in names}


@transaction.atomic
def observe_mentions(brand: Brand, network: str, name: str, posts: Sequence[PostFacts], at: datetime) -> int:
    """Keep posts that tag the brand, where their author is in its directory; how many.

    They belong to the brand: a sample of posts about one brand says nothing about an account's usual numbers. Only
    those of its own records count for these.
    """
    authors = {facts.author for facts in posts}
    accounts = SocialAccount.objects.visible_to(brand).filter(network=network, handle__in=authors)
    by_handle = {account.handle: account for account in accounts.order_by("owner_id")}  # the public one last
    kept = 0
    for handle, account in by_handle.items():
        theirs = [facts for facts in posts if facts.author == handle]
        kept += len(save_posts(account, brand, theirs, at, tagging=name))
    mark_stale(account.pk for account in by_handle.values() if account.owner_id == brand.pk)
    return kept
