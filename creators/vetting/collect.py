"""Reads what the signals of a creator are computed from: a fixed number of queries per account, however many rows.

Without a brand, public records alone are read: that is what a creator is shown, and what everybody may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from creators.metrics.figures import main_basis, metrics_of
from creators.models import Comment, Creator, FollowerSnapshot, Post, SocialAccount
from creators.vetting.growth import Count
from creators.vetting.pods import SHARED_LEAST, Written
from creators.vetting.standing import Figures
from creators.vetting.talk import Remark
from groundswell.accounts.models import Brand

HISTORY = timedelta(days=400)
POSTS = timedelta(days=365)
MOST_POSTS, MOST_COMMENTS, MOST_PEERS = 120, 1_000, 300  # peers on either side of the account's size
NEAR_SIZE = 10  # peers have a tenth to ten times the followers
MOST_TIED, MOST_AUTHORS = 300, 500

# Accounts that wrote below the posts of some accounts, or below whose posts those wrote, of the same network.
NEIGHBOURS = """
SELECT DISTINCT writer.id FROM creators_socialaccount me
JOIN creators_post p ON p.account_id = me.id AND {post} JOIN creators_comment c ON c.post_id = p.id
JOIN creators_socialaccount writer ON writer.handle = c.author AND writer.network = me.network AND {writer}
WHERE me.id = ANY(%(ids)s) AND writer.handle <> me.handle LIMIT %(most)s
"""
# How many posts of each account had comments by others read, and below how many each of the others wrote.
MATRIX = """
WITH node AS (SELECT id, handle, network FROM creators_socialaccount WHERE id = ANY(%(ids)s))
SELECT node.id, writer.id, count(DISTINCT p.id) FROM node
JOIN creators_post p ON p.account_id = node.id AND {post} JOIN creators_comment c ON c.post_id = p.id
LEFT JOIN node writer ON writer.handle = c.author AND writer.network = node.network AND writer.id <> node.id
WHERE c.author <> node.handle GROUP BY GROUPING SETS ((node.id), (node.id, writer.id))
"""
# Accounts of the network that share commenters with one, and how many commenters they have.
SHARED = """
WITH mine AS (SELECT DISTINCT c.author FROM creators_comment c JOIN creators_post p ON p.id = c.post_id AND {post}
              WHERE p.account_id = %(id)s AND c.author <> %(handle)s LIMIT %(authors)s),
near AS (SELECT p.account_id, count(DISTINCT c.author) AS shared FROM mine
         JOIN creators_comment c ON c.author = mine.author JOIN creators_post p ON p.id = c.post_id AND {post}
         JOIN creators_socialaccount writer ON writer.id = p.account_id AND {writer}
         WHERE p.account_id <> %(id)s AND writer.handle <> %(handle)s AND writer.network = %(network)s
         GROUP BY p.account_id HAVING count(DISTINCT c.author) >= %(least)s ORDER BY shared DESC LIMIT 50)
SELECT a.handle, near.shared, (SELECT count(DISTINCT c.author) FROM creators_comment c
    JOIN creators_post p ON p.id = c.post_id AND {post} WHERE p.account_id = near.account_id)
FROM near JOIN creators_socialaccount a ON a.id = near.account_id
JOIN creators_creator c ON c.id = a.creator_id AND c.leaves_at IS NULL
"""


@dataclass
class AccountFacts:
    """What is known of one account."""

    account: SocialAccount
    snapshots: list[FollowerSnapshot] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    peers: list[Figures] = field(default_factory=list)
    written: Written = field(default_factory=lambda: Written({}, {}))
    names: dict[int, str] = field(default_factory=dict)
    commenters: int = 0
    shared: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def counts(self) -> list[Count]:
        return [Count(row.observed_on, row.followers) for row in self.snapshots]

    @property
    def figures(self) -> Figures:
        metrics = metrics_of(self.account)
        values = [getattr(metrics, name, None) for name in columns(self.account)]
        return figures_of(self.account.followers, *values)

    @property
    def remarks(self) -> list[Remark]:
        posted = {post.pk: post.posted_at for post in self.posts}
        return [Remark(row.author, row.text, between(posted[row.post_id], row.posted_at)) for row in self.comments]

    @property
    def inputs(self) -> dict[str, Any]:
        """What it was computed from, in numbers."""
        return {
            "posts": len(self.posts),
            "comments": len(self.comments),
            "follower_counts": len(self.snapshots),
            "peers": len(self.peers),
        }


def between(posted: datetime | None, written: datetime | None) -> timedelta | None:
    return written - posted if posted and written else None


def figures_of(followers: int | None, *values: Any) -> Figures:
    return Figures(followers, *(None if value is None else float(value) for value in values))


def columns(account: SocialAccount) -> list[str]:
    """Of the metrics: the main rate, likes, comments, views."""
    return [f"rate_{main_basis(account)}", "median_likes", "median_comments", "median_views"]


def accounts_of(creator: Creator, brand: Brand | None) -> list[SocialAccount]:
    rows = creator.accounts.select_related("metrics").largest_first()
    return list(rows.visible_to(brand) if brand else rows)


def posts_visible(brand: Brand | None) -> QuerySet[Post]:
    return Post.objects.visible_to(brand) if brand else Post.objects.filter(owner=None)


def facts_of(creator: Creator, brand: Brand | None, now: datetime) -> list[AccountFacts]:
    """Of every account, the largest first."""
    found = {account.pk: AccountFacts(account) for account in accounts_of(creator, brand)}
    read_history(found, now)
    read_posts(found, brand, now)
    for facts in found.values():
        facts.peers = peers_of(facts.account, brand)
        read_ties(facts, brand)
    return list(found.values())


def read_history(found: dict[int, AccountFacts], now: datetime) -> None:
    rows = FollowerSnapshot.objects.filter(account__in=found, observed_on__gte=(now - HISTORY).date())
    for row in rows.order_by("observed_on"):
        found[row.account_id].snapshots.append(row)


def read_posts(found: dict[int, AccountFacts], brand: Brand | None, now: datetime) -> None:
    """The newest posts and the newest comments below them, the creator's own left out."""
    recent = posts_visible(brand).filter(account__in=found).exclude(posted_at__lt=now - POSTS)
    posts = {post.pk: post for post in recent.order_by("-posted_at", "-pk")[: MOST_POSTS * len(found)]}
    for post in posts.values():
        found[post.account_id].posts.append(post)
    comments = Comment.objects.filter(post__in=posts).order_by("-pk")[: MOST_COMMENTS * len(found)]
    for comment in comments:
        facts = found[posts[comment.post_id].account_id]
        if comment.author != facts.account.handle:
            facts.comments.append(comment)


def peers_of(account: SocialAccount, brand: Brand | None) -> list[Figures]:
    """The accounts next in size on either side, of the same network, with measured figures."""
    size = account.followers
    if not size:
        return []
    rows = SocialAccount.objects.visible_to(brand) if brand else SocialAccount.objects.filter(owner=None)
    rate, *_ = wanted = [f"metrics__{name}" for name in columns(account)]
    known = Q(**{f"{rate}__isnull": False}) | Q(metrics__median_likes__isnull=False)
    rows = rows.filter(known, network=account.network).exclude(handle=account.handle)
    smaller = rows.filter(followers__lt=size, followers__gte=size // NEAR_SIZE).order_by("-followers", "-pk")
    larger = rows.filter(followers__gte=size, followers__lte=size * NEAR_SIZE).order_by("followers", "pk")
    sides = [side.values_list("followers", *wanted)[:MOST_PEERS] for side in (smaller, larger)]
    return [figures_of(*row) for row in sides[0].union(sides[1], all=True)]


def visibility(brand: Brand | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Conditions on posts and on accounts, and their parameters."""
    where = "({0}.owner_id IS NULL OR {0}.owner_id = %(brand)s)" if brand else "{0}.owner_id IS NULL"
    return {"post": where.format("p"), "writer": where.format("writer")}, {"brand": brand.pk if brand else None}


def read_ties(facts: AccountFacts, brand: Brand | None) -> None:
    """Who comments below whom among the account and those two steps away, and who shares its commenters."""
    facts.commenters = len({comment.author for comment in facts.comments})
    if not facts.comments:
        return
    account, (where, parameters) = facts.account, visibility(brand)
    near = neighbours([account.pk], where, parameters)
    ids = sorted({account.pk, *near, *(neighbours(near, where, parameters) if near else [])})[:MOST_TIED]
    facts.written = matrix({*ids, account.pk}, where, parameters)
    named = SocialAccount.objects.filter(pk__in=facts.written.posts, creator__leaves_at=None)
    facts.names = dict(named.values_list("pk", "handle"))
    wanted = {"id": account.pk, "handle": account.handle, "network": account.network, "authors": MOST_AUTHORS}
    found = rows_of(SHARED, where, {**parameters, **wanted, "least": SHARED_LEAST})
    facts.shared = {name: (shared, n) for name, shared, n in found}


def neighbours(ids: Iterable[int], where: dict[str, str], parameters: dict[str, Any]) -> list[int]:
    rows = rows_of(NEIGHBOURS, where, {**parameters, "ids": list(ids), "most": MOST_TIED})
    return [row[0] for row in rows]


def matrix(ids: Iterable[int], where: dict[str, str], parameters: dict[str, Any]) -> Written:
    posts: dict[int, int] = {}
    below: dict[int, dict[int, int]] = defaultdict(dict)
    for account, writer, n in rows_of(MATRIX, where, {**parameters, "ids": list(ids)}):
        if writer is None:
            posts[account] = max(n, posts.get(account, 0))
        else:
            below[account][writer] = n
    return Written(posts, below)


def rows_of(sql: str, where: dict[str, str], parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**where), parameters)
        return list(cursor.fetchall())
