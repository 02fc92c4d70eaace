"""Creators whose public numbers show something, and a team that looks at them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from creators.actions.metrics import recompute
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.actions.vetting import (
    answer_item,
    cast_vote,
    decide,
    reply_to_signal,
    set_policy,
    start_vetting_run,
)
from creators.models import (
    ChecklistItem,
    Comment,
    Creator,
    FollowerSnapshot,
    Network,
    Post,
    SocialAccount,
    Source,
    Vetting,
)
from groundswell.demo.brands import House
from groundswell.demo.clock import at

DAYS = 120
GROUP = 5
PRAISE = ["Wow this is amazing 🔥", "so so good", "Love this so much ❤️", "Great content, keep it up!", "🔥🔥🔥", "Nice"]
POLICY = {
    "countries": ["DE", "NL", "SE"],
    "languages": ["de", "en"],
    "ages": ["25-34", "35-44"],
    "niches": ["hiking", "running", "travel"],
    "own_names": ["Northbound"],
    "competitors": ["Fjellvik", "@peakwear"],
    "category": ["rain jacket", "merino", "trail shoes"],
}


def show_signals(rng: Random, house: House, now: datetime) -> None:
    """A step in growth, another that the creator explains, a group of mutual commenting, praise by rote, codes."""
    accounts = lookalike_pool(GROUP + 4)
    grow(rng, accounts[0], now, gain=0.22, back=40)
    grow(rng, accounts[1], now, gain=0.18, back=25)
    praise(rng, accounts[2], now)
    sell(accounts[3], now)
    comment_on_each_other(rng, accounts[4:], now)
    with at(now - timedelta(days=2)):
        reply_to_signal(accounts[1].creator, "growth_step", "We gave away a weekend hut that week.", by=house.owner)
    recompute([account.pk for account in accounts], at=now)
    look(house, [account.creator for account in accounts], now)


def lookalike_pool(number: int) -> list[SocialAccount]:
    """Public Instagram accounts of modest size, always the same ones."""
    rows = SocialAccount.objects.filter(owner=None, network=Network.INSTAGRAM, followers__range=(4_000, 40_000))
    return list(rows.filter(creator__relationships=None).select_related("creator").order_by("pk")[:number])


def grow(rng: Random, account: SocialAccount, now: datetime, *, gain: float, back: int) -> None:
    """Daily counts of four months that end at today's; `gain` of them came within two days, `back` days ago."""
    value, rows = float(account.followers or 0), []
    for days in range(1, DAYS):
        if days in {back, back + 1} and gain:
            value /= 1 + gain / 2
        value /= 1 + rng.gauss(0.0015, 0.001)
        day = (now - timedelta(days=days)).date()
        rows.append(FollowerSnapshot(account=account, followers=int(value), observed_on=day, source=Source.CONNECTOR))
    FollowerSnapshot.objects.bulk_create(rows, ignore_conflicts=True)
    FollowerSnapshot.objects.filter(account=account, source=Source.OPERATOR).delete()


def newest(account: SocialAccount, number: int) -> list[Post]:
    return list(account.posts.filter(owner=None, posted_at__isnull=False).order_by("-posted_at")[:number])


def praise(rng: Random, account: SocialAccount, now: datetime) -> None:
    write(account, [(f"fan{rng.randrange(900):03d}", rng.choice(PRAISE)) for _ in range(48)], now)


def comment_on_each_other(rng: Random, accounts: list[SocialAccount], now: datetime) -> None:
    for account in accounts:
        others = [other.handle for other in accounts if other != account]
        write(account, [(handle, rng.choice(PRAISE)) for handle in others for _ in range(6)], now)


def write(account: SocialAccount, said: list[tuple[str, str]], now: datetime) -> None:
    """Comments, dealt over the newest six posts."""
    posts = newest(account, 6)
    Comment.objects.bulk_create(
        Comment(
            post=posts[place % len(posts)],
            author=author,
            text=text,
            posted_at=min(now, (posts[place % len(posts)].posted_at or now) + timedelta(minutes=2 + place)),
        )
        for place, (author, text) in enumerate(said)
    )


def sell(account: SocialAccount, now: datetime) -> None:
    """Captions with codes, half of them labelled, one for a competitor."""
    for place, post in enumerate(newest(account, 8)):
        post.caption = (
            f"{'Werbung | ' if place % 2 else ''}20 % off with code PEAK{10 + place} at @peakwear: {post.caption}"
        )
        post.is_sponsored = place < 6
        post.save(update_fields=["caption", "is_sponsored"])


def look(house: House, people: list[Creator], now: datetime) -> None:
    """The team sets what it looks for, has a list computed in the background, answers, votes and decides."""
    brand = house.brand
    with at(now - timedelta(days=1)):
        set_policy(brand, by=house.owner, weights={}, **POLICY)
        shortlist = create_shortlist(brand, "To vet", by=house.owner)
        add_to_shortlist(shortlist, people, by=house.owner)
        start_vetting_run(brand, shortlist, by=house.owner)
    team = {row.user.first_name: row.user for row in brand.memberships.select_related("user")}
    with at(now - timedelta(hours=20)):
        for name, creator, answer, comment in (
            ("Ben", people[0], "unsure", "The step in autumn: let us ask."),
            ("Rita", people[0], "reject", "Comments are thin as well."),
            ("Ben", people[1], "approve", "The giveaway explains it, and the photos are great."),
            ("Rita", people[1], "approve", ""),
            ("Rita", people[3], "reject", "Works for a competitor, and half of it unlabelled."),
        ):
            cast_vote(brand, creator, answer, comment=comment, by=team[name])
        for item, answer in zip(ChecklistItem.objects.of(brand).in_use(), ("yes", "yes", "unsure"), strict=False):
            answer_item(people[1], item, answer, by=team["Rita"])
    with at(now - timedelta(hours=3)):
        approve, reject = Vetting.Decision.APPROVED, Vetting.Decision.REJECTED
        decide(brand, people[1], approve, reason="Fits, and answered at once", by=house.owner)
        decide(brand, people[3], reject, reason="Advertises for a competitor", by=house.owner)
