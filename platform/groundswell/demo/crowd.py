"""Creators with accounts, posts, comments and follower history: tier-typical numbers, some of them missing."""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from creators.captions import hashtags, mentions
from creators.importing.columns import AGES
from creators.models import (
    AccountType,
    AudienceSlice,
    Basis,
    Comment,
    ContactChannel,
    Creator,
    FollowerSnapshot,
    Gender,
    Network,
    Post,
    PostFormat,
    RateCard,
    SocialAccount,
    Source,
)
from groundswell.accounts.models import Brand
from groundswell.demo.bulk import copy_in
from groundswell.demo.vocabulary import COMMENTS, COUNTRIES, COUNTRY_WEIGHTS, LABELS, NEIGHBOURS, NICHES, REPLIES
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
ELDER = 7  # each such creator who tells is a generation older, and so is a part of each such audience
# Engagement at 10,000 followers and how it falls with size. TikTok and YouTube are measured by views.
RATE_AT_10K = {Network.INSTAGRAM: 0.021, Network.TIKTOK: 0.062, Network.YOUTUBE: 0.038}
DECLINE = -0.16
POSTS_PER_ACCOUNT = 12
WITH_COMMENTS = 0.25
CONNECTED = 0.15  # share of Instagram accounts whose creator let us see reach and saves
TOLD_AUDIENCE = 0.55
PRICE_PER_POST = {Network.INSTAGRAM: 0.011, Network.TIKTOK: 0.008, Network.YOUTUBE: 0.02}  # EUR per follower


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
    slices: list[AudienceSlice] = field(default_factory=list)
    prices: list[RateCard] = field(default_factory=list)
    contacts: list[ContactChannel] = field(default_factory=list)
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
        gender=rng.choices([Gender.FEMALE, Gender.MALE, Gender.OTHER, ""], [34, 22, 2, 42])[0],
        birth_year=rng.randrange(1975, 2006) if rng.random() < 0.4 else None,
        accepts_product_only=rng.choices([True, False, None], [25, 30, 45])[0],
        source=Source.IMPORT if owner else Source.OPERATOR,
    )
    if creator.birth_year and len(crowd.creators) % ELDER == 0:
        creator.birth_year -= 35
    crowd.creators.append(creator)
    handle = unique_handle(crowd, creator.name, niche)
    followers = draw_followers(rng)
    first = rng.choices(NETWORKS, NETWORK_WEIGHTS)[0]
    others = [network for network in NETWORKS if network != first and rng.random() < 0.22]
    for place_in_list, network in enumerate([first, *others]):
        share = 1 if place_in_list == 0 else rng.uniform(0.15, 0.8)
        add_account(crowd, creator, network, handle, max(300, int(followers * share)))
    add_terms(crowd, creator, first, handle, followers)


def add_terms(crowd: Crowd, creator: Creator, network: Network, handle: str, followers: int) -> None:
    """What some creators ask for a post, and a public address of some."""
    rng, seen = crowd.rng, crowd.now - timedelta(days=rng_days(crowd.rng))
    if rng.random() < 0.4:
        price = Decimal(max(10, round(followers * PRICE_PER_POST[network] * rng.lognormvariate(0, 0.4), -1)))
        facts = {"network": network, "currency": "EUR", "source": Source.CREATOR, "observed_at": seen}
        crowd.prices.append(RateCard(creator=creator, amount=price, **facts))
        if rng.random() < 0.5:
            piece = FORMATS[network][0]
            crowd.prices.append(RateCard(creator=creator, amount=price * 2, format=piece, **facts))
    if rng.random() < 0.3:
        address = f"{handle.replace('_', '.')}@mail.example"
        kind, source = ContactChannel.Kind.EMAIL, Source.CONNECTOR
        crowd.contacts.append(
            ContactChannel(creator=creator, kind=kind, value=address, source=source, observed_at=seen)
        )


def rng_days(rng: Random) -> int:
    """How many days ago something was seen."""
    return rng.randrange(1, 40)


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
        account_type=rng.choices([AccountType.CREATOR, AccountType.PERSONAL, AccountType.BUSINESS], [60, 30, 10])[0],
        credibility=Decimal(f"{min(0.99, rng.gauss(0.82, 0.08)):.4f}")
        if creator.owner and rng.random() < 0.5
        else None,
        source=creator.source,
        observed_at=crowd.now - timedelta(days=rng.randrange(1, 12)),
    )
    crowd.accounts.append(account)
    add_history(crowd, account, followers)
    add_audience(crowd, account, creator)
    is_connected = network == Network.INSTAGRAM and rng.random() < CONNECTED
    for place in range(POSTS_PER_ACCOUNT):
        post = add_post(crowd, account, creator, place, followers, rate=rate, views=views, hidden=hidden)
        if is_connected:
            see_inside(rng, post, followers)


def see_inside(rng: Random, post: Post, followers: int) -> None:
    """Reach, saves, shares and views as the network tells them to a creator alone."""
    post.reach = int(followers * rng.lognormvariate(-1.1, 0.35))
    post.views = int(post.reach * rng.uniform(1.1, 1.6))
    post.saves, post.shares = int(post.reach * rng.uniform(0.002, 0.02)), int(post.reach * rng.uniform(0.001, 0.01))
    post.source = Source.CREATOR


def add_audience(crowd: Crowd, account: SocialAccount, creator: Creator) -> None:
    """Where, how old and of which gender the followers are, as a tool or the creator said."""
    rng = crowd.rng
    if rng.random() > TOLD_AUDIENCE:
        return
    home = creator.country or rng.choice(list(COUNTRIES))
    account.audience_country = home
    others = rng.sample([code for code in COUNTRIES if code != home], 3)
    at_home, women = rng.uniform(0.4, 0.85), rng.uniform(0.25, 0.85)
    town = rng.choice(COUNTRIES[home]["cities"])
    parts: dict[str, dict[str, float]] = {
        AudienceSlice.Kind.COUNTRY: split(rng, [home, *others], at_home),
        AudienceSlice.Kind.CITY: {f"{home}/{town.lower()}": rng.uniform(0.05, 0.3)},
        AudienceSlice.Kind.AGE: split(rng, [*rng.sample(AGES[1:4], 3), AGES[0], *AGES[4:6]], rng.uniform(0.3, 0.5)),
        AudienceSlice.Kind.GENDER: {Gender.FEMALE: women, Gender.MALE: 0.98 - women},
        AudienceSlice.Kind.LANGUAGE: {str(COUNTRIES[home]["language"]): at_home},
    }
    if len(crowd.creators) % ELDER == 0:
        ages = parts[AudienceSlice.Kind.AGE]
        parts[AudienceSlice.Kind.AGE] = {key: share * 0.85 for key, share in ages.items()} | {AGES[-1]: 0.13}
    crowd.slices += [
        AudienceSlice(
            account=account,
            kind=kind,
            key=key,
            share=Decimal(f"{share:.4f}"),
            source=account.source if account.source == Source.IMPORT else Source.CREATOR,
            observed_at=account.observed_at,
        )
        for kind, shares in parts.items()
        for key, share in shares.items()
    ]


def split(rng: Random, keys: list[str], first: float) -> dict[str, float]:
    """The first has `first`; the others share most of the rest, each less than the one before."""
    shares, rest = {keys[0]: first}, 0.97 - first
    for key in keys[1:]:
        shares[key] = rest * rng.uniform(0.4, 0.6)
        rest -= shares[key]
    return shares


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
) -> Post:
    rng = crowd.rng
    luck = rng.lognormvariate(0, 0.5)
    seen = None if views is None else int(views * luck)
    engagements = (seen if seen is not None else followers * luck) * rate
    words = NICHES[creator.niches[0]]
    network = Network(account.network)
    is_sponsored = rng.random() < 0.12
    is_disclosed = rng.random() < 0.8 if is_sponsored else None
    label = rng.choice(LABELS)
    brand = label[1] if is_sponsored or rng.random() < 0.05 else ""
    tags = [*words["tags"], *([label[0]] if is_disclosed else [])]
    caption = " ".join(filter(None, [rng.choice(words["caption"]), brand and f"@{brand}", *tags]))
    post = Post(
        account=account,
        url=post_url(network, account.handle, crowd.rng),
        format=rng.choice(FORMATS[network]),
        caption=caption,
        hashtags=hashtags(caption),
        mentions=mentions(caption),
        posted_at=crowd.now - timedelta(days=place * 6 + rng.uniform(0.5, 6)),
        followers_at_post=followers if rng.random() < 0.7 else None,
        likes=None if hidden else int(engagements * 0.95),
        comments_count=int(engagements * 0.05),
        shares=int(engagements * 0.03) if network == Network.TIKTOK else None,
        views=seen,
        is_sponsored=is_sponsored,
        is_disclosed=is_disclosed,
        is_pinned=place > 8 and rng.random() < 0.1,
        source=account.source,
        observed_at=account.observed_at,
    )
    crowd.posts.append(post)
    if place < 5 and account.network != Network.OTHER and talks(account):
        add_comments(crowd, post, account)
    return post


def talks(account: SocialAccount) -> bool:
    """Whether comments of the account were read: the same answer for all its posts."""
    return zlib.crc32(account.handle.encode()) % 100 < WITH_COMMENTS * 100


def add_comments(crowd: Crowd, post: Post, account: SocialAccount) -> None:
    """A few readers, some of whom come back, and now and then the creator's answer."""
    rng, at = crowd.rng, post.posted_at or crowd.now
    first = zlib.crc32(account.handle.encode()) % 9_000
    for _ in range(rng.randrange(2, 8)):
        author = f"user{first + rng.randrange(40):04d}"
        crowd.comments.append(
            Comment(
                post=post, author=author, text=rng.choice(COMMENTS), posted_at=at + timedelta(hours=rng.random() * 9)
            )
        )
    if rng.random() < 0.5:
        answer = Comment(post=post, author=account.handle, is_reply=True, text=rng.choice(REPLIES), posted_at=at)
        crowd.comments.append(answer)


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
    for rows in (crowd.comments, crowd.slices, crowd.prices, crowd.contacts):
        copy_in(rows)
