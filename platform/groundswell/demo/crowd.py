"""Creators with accounts, posts, comments and follower history: tier-typical numbers, some of them missing."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from creators.actions.discovery import reindex_all
from creators.models import (
    Basis,
    Comment,
    Creator,
    FollowerSnapshot,
    Network,
    Post,
    PostFormat,
    SocialAccount,
    Source,
)
from groundswell.accounts.models import Brand
from groundswell.demo.bulk import copy_in
from groundswell.demo.vocabulary import COMMENTS, COUNTRIES, COUNTRY_WEIGHTS, NEIGHBOURS, NICHES
from groundswell.lib.codes import ALPHABET

NETWORKS = [Network.INSTAGRAM, Network.TIKTOK, Network.YOUTUBE]
NETWORK_WEIGHTS = [58, 30, 12]
FORMATS = {
    Network.INSTAGRAM: [PostFormat.REEL, PostFormat.IMAGE],
    Network.TIKTOK: [PostFormat.VIDEO],
    Network.YOUTUBE: [PostFormat.SHORT, PostFormat.VIDEO],
}
# Share of creators by size, and the bounds of followers within which sizes are log-uniform.
SIZES = [(68, 1_000, 10_000), (25, 10_000, 100_000), (6, 100_000, 1_000_000), (1, 1_000_000, 3_500_000)]
# Engagement at 10,000 followers and how it falls with size. TikTok and YouTube are measured by views.
RATE_AT_10K = {Network.INSTAGRAM: 0.021, Network.TIKTOK: 0.062, Network.YOUTUBE: 0.038}
DECLINE = -0.16
POSTS_PER_ACCOUNT = 8
WITH_COMMENTS = 0.2


@dataclass
class Crowd:
    """What was made, in order; rows get their keys when they are saved."""

    rng: Random
    now: datetime
    creators: list[Creator] = field(default_factory=list)
    accounts: list[SocialAccount] = field(default_factory=list)
    snapshots: list[FollowerSnapshot] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    handles: set[str] = field(default_factory=set)


def make_crowd(rng: Random, now: datetime, number: int, owners: list[tuple[float, Brand]]) -> Crowd:
    """`number` creators; each of `owners` (share, brand) privately owns that share, the rest is public."""
    crowd = Crowd(rng, now)
    for _ in range(number):
        add_creator(crowd, pick_owner(rng, owners))
    save(crowd)
    return crowd


def pick_owner(rng: Random, owners: list[tuple[float, Brand]]) -> Brand | None:
    draw = rng.random()
    for share, brand in owners:
        if draw < share:
            return brand
        draw -= share
    return None


def code_of(rng: Random) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(10))


def add_creator(crowd: Crowd, owner: Brand | None) -> None:
    rng = crowd.rng
    country = rng.choices(list(COUNTRIES), COUNTRY_WEIGHTS)[0]
    place = COUNTRIES[country]
    niche = rng.choice(list(NICHES))
    niches = [niche, *rng.sample(NEIGHBOURS[niche], rng.randrange(2))]
    creator = Creator(
        code=code_of(rng),
        owner=owner,
        name=f"{rng.choice(place['first'])} {rng.choice(place['last'])}",
        bio=f"{rng.choice(NICHES[niche]['bio'])}. {rng.choice(place['cities'])}.",
        country=country if rng.random() > 0.04 else "",
        city=rng.choice(place["cities"]),
        language=str(place["language"]),
        niches=niches,
        source=Source.IMPORT if owner else Source.OPERATOR,
    )
    crowd.creators.append(creator)
    handle = unique_handle(crowd, creator.name, niche)
    followers = draw_followers(rng)
    first = rng.choices(NETWORKS, NETWORK_WEIGHTS)[0]
    others = [network for network in NETWORKS if network != first and rng.random() < 0.22]
    for place_in_list, network in enumerate([first, *others]):
        share = 1 if place_in_list == 0 else rng.uniform(0.15, 0.8)
        add_account(crowd, creator, network, handle, max(300, int(followers * share)))


def unique_handle(crowd: Crowd, name: str, niche: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    first, _, last = plain.partition(" ")
    last = re.sub(r"\W", "", last)
    patterns = [f"{first}.{last}", f"{first}_{niche}", f"{last}.{first}", f"{first}{last}", f"the.{first}.{last}"]
    base = crowd.rng.choice(patterns)
    handle, suffix = base, 2
    while handle in crowd.handles:
        handle, suffix = f"{base}{suffix}", suffix + 1
    crowd.handles.add(handle)
    return handle


def draw_followers(rng: Random) -> int:
    low, high = rng.choices([bounds[1:] for bounds in SIZES], [bounds[0] for bounds in SIZES])[0]
    return int(math.exp(rng.uniform(math.log(low), math.log(high))))


def add_account(crowd: Crowd, creator: Creator, network: Network, handle: str, followers: int) -> None:
    rng = crowd.rng
    rate = RATE_AT_10K[network] * (followers / 10_000) ** DECLINE * rng.lognormvariate(0, 0.45)
    views = None if network == Network.INSTAGRAM else followers * rng.lognormvariate(-0.6, 0.5)
    hidden = rng.random() < 0.06
    base = views if views is not None else followers
    account = SocialAccount(
        creator=creator,
        owner=creator.owner,
        network=network,
        handle=handle,
        url=url_of(network, handle),
        followers=followers if rng.random() > 0.03 else None,
        following=int(rng.lognormvariate(6.2, 0.6)),
        posts_count=int(rng.lognormvariate(5.2, 0.7)),
        engagement_rate=None if hidden else Decimal(f"{rate:.6f}"),
        engagement_basis=Basis.FOLLOWERS if views is None else Basis.VIEWS,
        average_likes=None if hidden else Decimal(f"{base * rate * 0.95:.2f}"),
        average_comments=Decimal(f"{base * rate * 0.05:.2f}"),
        average_views=None if views is None else Decimal(f"{views:.2f}"),
        is_verified=followers > 100_000 and rng.random() < 0.6,
        source=creator.source,
        observed_at=crowd.now - timedelta(days=rng.randrange(1, 12)),
    )
    crowd.accounts.append(account)
    add_history(crowd, account, followers)
    for place in range(POSTS_PER_ACCOUNT):
        add_post(crowd, account, creator, place, followers, rate=rate, views=views, hidden=hidden)


def url_of(network: Network, handle: str) -> str:
    return {
        Network.INSTAGRAM: f"https://www.instagram.com/{handle}/",
        Network.TIKTOK: f"https://www.tiktok.com/@{handle}",
        Network.YOUTUBE: f"https://www.youtube.com/@{handle}",
    }[network]


def add_history(crowd: Crowd, account: SocialAccount, followers: int) -> None:
    """Seven monthly counts that end at today's; growth of a month lies around 2 %."""
    value = float(followers)
    for months in range(7):
        crowd.snapshots.append(
            FollowerSnapshot(
                account=account,
                followers=int(value),
                observed_on=(crowd.now - timedelta(days=30 * months)).date(),
                source=account.source,
            )
        )
        value /= 1 + crowd.rng.gauss(0.02, 0.025)


def add_post(
    crowd: Crowd,
    account: SocialAccount,
    creator: Creator,
    place: int,
    followers: int,
    *,
    rate: float,
    views: float | None,
    hidden: bool,
) -> None:
    rng = crowd.rng
    luck = rng.lognormvariate(0, 0.5)
    seen = None if views is None else int(views * luck)
    engagements = (seen if seen is not None else followers * luck) * rate
    words = NICHES[creator.niches[0]]
    network = Network(account.network)
    post = Post(
        account=account,
        url=post_url(network, account.handle, crowd.rng),
        format=rng.choice(FORMATS[network]),
        caption=f"{rng.choice(words['caption'])} {' '.join(words['tags'])}",
        posted_at=crowd.now - timedelta(days=place * 6 + rng.uniform(0.5, 6)),
        followers_at_post=followers,
        likes=None if hidden else int(engagements * 0.95),
        comments_count=int(engagements * 0.05),
        shares=int(engagements * 0.03) if network == Network.TIKTOK else None,
        views=seen,
        is_sponsored=rng.random() < 0.12,
        source=account.source,
        observed_at=account.observed_at,
    )
    crowd.posts.append(post)
    if place < 2 and rng.random() < WITH_COMMENTS:
        crowd.comments += [
            Comment(
                post=post,
                author=f"user{rng.randrange(10_000):04d}",
                text=rng.choice(COMMENTS),
                posted_at=crowd.now - timedelta(days=place * 6 + rng.uniform(0, 0.5)),
            )
            for _ in range(rng.randrange(2, 9))
        ]


def post_url(network: Network, handle: str, rng: Random) -> str:
    ident = code_of(rng)
    return {
        Network.INSTAGRAM: f"https://www.instagram.com/p/{ident}/",
        Network.TIKTOK: f"https://www.tiktok.com/@{handle}/video/{rng.randrange(10**18, 10**19)}",
        Network.YOUTUBE: f"https://www.youtube.com/watch?v={ident}",
    }[network]


def save(crowd: Crowd) -> None:
    """Parents before children, in batches."""
    Creator.objects.bulk_create(crowd.creators, batch_size=1000)
    SocialAccount.objects.bulk_create(crowd.accounts, batch_size=1000)
    copy_in(crowd.snapshots)
    commented = {id(comment.post) for comment in crowd.comments}
    Post.objects.bulk_create([post for post in crowd.posts if id(post) in commented], batch_size=1000)
    copy_in([post for post in crowd.posts if id(post) not in commented])
    copy_in(crowd.comments)
    reindex_all()
