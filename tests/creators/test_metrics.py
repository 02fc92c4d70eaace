"""Metrics of accounts: the statement against a plain reference, to the digit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from creators.actions.metrics import mark_stale, recompute, recompute_all, recompute_stale
from creators.models import (
    AccountMetrics,
    Comment,
    Creator,
    FollowerSnapshot,
    MetricsRun,
    Network,
    PeerGroup,
    Post,
    SocialAccount,
    StaleAccount,
)
from groundswell.accounts.models import Brand
from tests import factories as make
from tests.creators.metrics_reference import Reference

AT = datetime(2026, 5, 20, 12, tzinfo=UTC)
FORMATS = ["reel", "image", "video", "short", "story", ""]

counts = st.one_of(st.none(), st.integers(0, 400), st.integers(0, 10**7), st.just(10**15))
texts = st.sampled_from(
    ["🔥🔥", "Nice!", "Where is this? Looks like a dream", "love this so much 😍", "Love this so much", "!!!",
     "Which size did you take?", "日本語 です", "¿Cuánto cuesta?", "so \u00a0 so\tgood", "1 2 3 four", "danke dir"]
)  # fmt: skip
posts = st.fixed_dictionaries(
    {
        "days": st.floats(-1, 200, allow_nan=False).map(lambda days: round(days, 3)),
        "format": st.sampled_from(FORMATS),
        "followers_at_post": st.one_of(st.none(), st.integers(0, 50_000)),
        "likes": counts,
        "comments_count": counts,
        "shares": counts,
        "saves": counts,
        "views": counts,
        "reach": counts,
        "is_sponsored": st.sampled_from([None, True, False]),
        "is_disclosed": st.sampled_from([None, True, False]),
        "is_pinned": st.sampled_from([False, False, False, True]),
        "owner": st.sampled_from([None, None, "acme", "globex"]),
        "url": st.integers(1, 30).map(lambda number: f"https://x.example/{number}"),
        "source": st.sampled_from(["import", "connector"]),
        "comments": st.lists(st.tuples(st.sampled_from(["ann", "bo", "cy", "self"]), texts), max_size=4),
    }
)
accounts = st.fixed_dictionaries(
    {
        "network": st.sampled_from(Network.values),
        "owner": st.sampled_from([None, "acme"]),
        "followers": st.one_of(st.none(), st.integers(0, 10**6)),
        "observed": st.one_of(st.none(), st.integers(0, 60)),
        "snapshots": st.dictionaries(st.integers(-3, 340), st.integers(0, 60_000), max_size=9),
        "posts": st.lists(posts, max_size=26, unique_by=lambda post: (post["url"], post["owner"])),
    }
)


def build(facts: dict[str, Any], brands: dict[str | None, Brand | None]) -> SocialAccount:
    owner = brands[facts["owner"]]
    observed = facts["observed"]
    account = make.account(
        Creator.objects.create(name="Somebody", owner=owner),
        network=facts["network"],
        followers=facts["followers"],
        observed_at=None if observed is None else AT - timedelta(days=observed),
    )
    FollowerSnapshot.objects.bulk_create(
        FollowerSnapshot(account=account, followers=value, observed_on=(AT - timedelta(days=days)).date())
        for days, value in facts["snapshots"].items()
    )
    for post in facts["posts"]:
        kept = {name: value for name, value in post.items() if name not in {"days", "comments", "owner"}}
        row = Post.objects.create(
            account=account, owner=brands[post["owner"]], posted_at=AT - timedelta(days=post["days"]), **kept
        )
        Comment.objects.bulk_create(
            Comment(post=row, author=account.handle if author == "self" else author, text=text)
            for author, text in post["comments"]
        )
    return account


def capped(account: SocialAccount) -> None:
    """Counts past belief are unknown, which the reference leaves to its caller."""
    for name in ("likes", "comments_count", "shares", "saves", "views", "reach"):
        Post.objects.filter(**{"account": account, f"{name}__gte": 10**12}).update(**{name: None})


@settings(
    max_examples=20, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(facts=st.lists(accounts, min_size=1, max_size=2))
def test_statement_and_reference_agree_to_the_digit(acme: Brand, globex: Brand, facts: list[dict[str, Any]]) -> None:
    brands: dict[str | None, Brand | None] = {None: None, "acme": acme, "globex": globex}
    with transaction.atomic():
        for one in facts:
            account = build(one, brands)
            recompute([account.pk], at=AT)
            capped(account)
            row = AccountMetrics.objects.get(pk=account.pk)
            wanted = Reference(account, AT).figures()
            assert {name: getattr(row, name) for name in wanted} == wanted
        transaction.set_rollback(True)


def settled(creator: Creator, number: int, **fields: Any) -> None:
    """Posts of the last weeks, the newest three days old."""
    for place in range(number):
        facts = {"likes": 90, "comments_count": 10, "followers_at_post": 1000, **fields}
        make.post(creator, posted_at=AT - timedelta(days=3 + place), **facts)


def row_of(creator: Creator) -> AccountMetrics:
    return AccountMetrics.objects.get(account__creator=creator)


def test_hidden_likes_are_unknown_and_not_zero(db: None) -> None:
    hidden, open_ = make.creator(), make.creator()
    settled(hidden, 6, likes=None)
    settled(open_, 6)
    recompute_all(at=AT)
    assert (row_of(hidden).rate_followers, row_of(hidden).rate_followers_n, row_of(hidden).posts_n) == (None, 0, 6)
    assert row_of(hidden).median_likes is None
    assert (row_of(open_).rate_followers, row_of(open_).rate_followers_n) == (Decimal("0.1"), 6)


def test_too_few_posts_give_no_rate(db: None) -> None:
    creator = make.creator()
    settled(creator, 4)
    recompute_all(at=AT)
    assert (row_of(creator).rate_followers, row_of(creator).rate_followers_n) == (None, 4)


def test_creator_without_posts_is_unknown_throughout(db: None) -> None:
    creator = make.creator()
    recompute_all(at=AT)
    row = row_of(creator)
    assert (row.posts_n, row.rate_followers, row.last_post_at, row.standing) == (0, None, None, None)


def test_one_viral_post_moves_the_mean_and_not_the_median(db: None) -> None:
    creator = make.creator()
    for likes in (80, 85, 90, 95, 100, 105):
        make.post(creator, likes=likes, comments_count=0, followers_at_post=1000, posted_at=AT - timedelta(days=likes))
    make.post(creator, likes=9000, comments_count=0, followers_at_post=1000, posted_at=AT - timedelta(days=5))
    recompute_all(at=AT)
    row = row_of(creator)
    assert row.outliers_n == 1
    assert row.rate_followers == Decimal("0.095")
    assert row.rate_followers_mean == Decimal("1.365")
    assert row.rate_followers_mean_kept == Decimal("0.0925")


def test_another_brands_posts_never_enter_a_public_number(acme: Brand, globex: Brand) -> None:
    public, private = make.creator(), make.creator(owner=acme)
    for creator in (public, private):
        settled(creator, 6, owner=acme, likes=990)
        settled(creator, 6, owner=globex, likes=5)
    recompute_all(at=AT)
    assert row_of(public).posts_n == 0
    assert row_of(private).rate_followers == 1


def test_recompute_writes_only_the_accounts_asked_for(db: None) -> None:
    one, other = make.creator(), make.creator()
    settled(one, 6)
    settled(other, 6)
    recompute_all(at=AT)
    Post.objects.update(likes=190)
    recompute([one.accounts.get().pk], at=AT)
    assert row_of(one).rate_followers == Decimal("0.2")
    assert row_of(other).rate_followers == Decimal("0.1")


def test_marked_accounts_are_recomputed_once(db: None) -> None:
    creator = make.creator()
    settled(creator, 6)
    mark_stale([creator.accounts.get().pk] * 2)
    mark_stale([creator.accounts.get().pk])
    assert recompute_stale() == 1
    assert recompute_stale() == 0
    assert not StaleAccount.objects.exists()
    assert AccountMetrics.objects.filter(account__creator=creator).exists()


def test_standing_is_the_share_of_public_peers_below(acme: Brand) -> None:
    peers = [make.creator(followers=2000) for _ in range(40)]
    unknown, small, mine = (
        make.creator(followers=2000),
        make.creator(followers=50),
        make.creator(owner=acme, followers=2000),
    )
    for rank, creator in enumerate(peers):
        settled(creator, 5, likes=10 * rank, comments_count=0)
    settled(small, 5)
    settled(mine, 5, likes=1000, comments_count=0)
    run = recompute_all(at=AT)
    assert (run.done, run.total) == (43, 43)
    standings = [row_of(creator).standing for creator in peers]
    assert standings == [Decimal(100 * below // 40) / 100 for below in range(40)]
    assert row_of(mine).standing == Decimal("0.99")
    assert row_of(unknown).standing is None
    assert row_of(small).standing is None
    assert PeerGroup.objects.get(network="instagram", size_band=1).n == 40
    assert MetricsRun.objects.get().ended_at
    recompute([peers[20].accounts.get().pk], at=AT)
    assert row_of(peers[20]).standing == Decimal("0.5")
