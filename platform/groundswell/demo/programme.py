"""Campaigns played through the real actions, each at the moment it happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from campaigns.actions.campaigns import create_campaign, launch_campaign, set_deliverables, use_template, write_brief
from campaigns.actions.collaborations import add_creators
from campaigns.actions.contracts import agree_contract
from campaigns.actions.costs import add_cost, log_time
from campaigns.actions.offers import accept_counter, accept_offer, counter_offer, decline_offer, set_offer
from campaigns.actions.submissions import approve_submission, record_metrics, submit_post
from campaigns.models import BriefTemplate, Campaign, Collaboration, Cost, Submission
from creators.actions.portal import enter_portal, portal_url
from creators.actions.relationships import relate
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.models import Creator, Network, Post, PostFormat, SocialAccount
from groundswell.accounts.models import User
from groundswell.demo.brands import House
from groundswell.demo.clock import at
from groundswell.demo.crowd import post_url
from outreach.actions.messages import write_from_portal
from outreach.actions.writing import write_to
from outreach.models import EmailTemplate, Message

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
DAY = timedelta(days=1)
QUESTIONS = [
    "I sent you other terms. Could the post go live a week later?",
    "Would you also take a carousel instead of the reel?",
    "My fee includes two rounds of changes. Does that work for you?",
]
NEWS = [
    "The parcel is here, I'm filming on Saturday.",
    "Could I have the set one size smaller?",
    "Draft is nearly done. Is it fine to show the dog?",
]


@dataclass
class Plan:
    """A campaign to play: what it is, whom it asks, and how many of each story it gets.

    `lasts` is in days. `steady` is what its posts pull every day, as long as it lasts, beside what fades.
    """

    name: str
    template: str
    facts: dict[str, Any]
    brief: dict[str, str]
    product: tuple[str, int, int]
    network: Network
    formats: list[PostFormat]
    niches: set[str]
    launched: int
    stories: dict[str, int]
    hours_per_week: int = 5
    lasts: int = 120
    steady: float = 0.0


NORTHBOUND = [
    Plan(
        name="Autumn trails",
        template="Reel with product",
        facts={
            "objective": Campaign.Objective.SALES,
            "budget": Decimal(14_000),
            "markets": ["DE", "NL", "FR", "GB"],
            "landing_url": "https://northbound.example/trails",
            "discount_percent": Decimal(10),
            "margin_percent": Decimal(55),
        },
        brief={
            "benefits": "Keeps ten hours of rain out\nWeighs 310 g, packs into its own pocket\nRepaired free for life",
            "must_mention": "Northbound\nfree repairs",
        },
        product=("Ridge rain jacket", 149, 52),
        network=Network.INSTAGRAM,
        formats=[PostFormat.REEL],
        niches={"hiking", "running", "travel", "family", "sustainability"},
        launched=118,
        stories={"posted": 30, "haggled": 4, "silent": 1, "declined": 6, "offered": 3},
    ),
    Plan(
        name="Winter layers",
        template="Reel with product",
        facts={
            "objective": Campaign.Objective.TRAFFIC,
            "budget": Decimal(9_000),
            "markets": ["DE", "SE", "NL"],
            "landing_url": "https://northbound.example/winter",
            "discount_percent": Decimal(12),
            "margin_percent": Decimal(55),
        },
        brief={
            "benefits": "Merino that does not itch\nWarm at minus ten under a shell\nMade in Portugal",
            "must_mention": "Northbound\nmerino",
        },
        product=("Merino base layer set", 119, 41),
        network=Network.INSTAGRAM,
        formats=[PostFormat.REEL, PostFormat.IMAGE],
        niches={"hiking", "running", "fitness", "travel", "tech"},
        launched=16,
        stories={"posted": 4, "accepted": 6, "countered": 4, "offered": 8, "declined": 2, "selected": 12},
    ),
    Plan(
        name="Trail ambassadors",
        template="Reel with product",
        facts={
            "objective": Campaign.Objective.SALES,
            "budget": Decimal(6_000),
            "markets": ["DE", "NL", "FR", "GB", "SE"],
            "landing_url": "https://northbound.example/ambassadors",
            "discount_percent": Decimal(10),
            "margin_percent": Decimal(55),
        },
        brief={
            "benefits": "New gear before it is in shops\nA commission all year\nRepaired free for life",
            "must_mention": "Northbound",
        },
        product=("Day pack, 22 l", 119, 38),
        network=Network.INSTAGRAM,
        formats=[PostFormat.REEL],
        niches={"hiking", "running", "travel", "fitness"},
        launched=352,
        stories={"posted": 6},
        hours_per_week=2,
        lasts=500,
        steady=0.008,
    ),
]
DRAFT = Plan(
    name="Spring preview",
    template="Local visit",
    facts={
        "objective": Campaign.Objective.LOCAL,
        "budget": Decimal(4_000),
        "markets": ["DE"],
        "landing_url": "https://northbound.example/spring",
    },
    brief={"benefits": "Try the spring range before it is in shops"},
    product=("Trail shoes", 129, 48),
    network=Network.INSTAGRAM,
    formats=[PostFormat.REEL],
    niches={"hiking", "running"},
    launched=0,
    stories={"selected": 5},
)
LUMEN = [
    Plan(
        name="Barrier basics",
        template="Unboxing and review",
        facts={
            "objective": Campaign.Objective.SALES,
            "budget": Decimal(8_000),
            "markets": ["GB", "US"],
            "landing_url": "https://lumenskin.example/barrier",
            "discount_percent": Decimal(15),
            "margin_percent": Decimal(68),
        },
        brief={
            "benefits": "Repairs a dry barrier in two weeks\nNo perfume\nRefill pouch",
            "must_mention": "Lumen\nno perfume",
        },
        product=("Barrier set", 54, 14),
        network=Network.TIKTOK,
        formats=[PostFormat.VIDEO],
        niches={"skincare", "beauty", "family", "sustainability", "fitness"},
        launched=74,
        stories={"posted": 18, "haggled": 2, "accepted": 2, "declined": 4, "offered": 3},
        hours_per_week=4,
    ),
]


@dataclass
class Play:
    """One campaign being played; afterwards the rows that agreed and when each post went live."""

    rng: Random
    house: House
    plan: Plan
    now: datetime
    agreed: dict[int, datetime] = field(default_factory=dict)
    live: dict[int, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = self.now - self.plan.launched * DAY
        self.by = self.house.owner

    def run(self) -> Play:
        """Set the campaign up, launch it, and let each creator's story happen."""
        with at(self.start - 6 * DAY):
            self.campaign = self.set_up()
            collaborations = self.choose_creators(self.campaign)
        if self.plan.launched:
            with at(self.start - DAY):
                launch_campaign(self.campaign, by=self.by)
            stories = [story for story, number in self.plan.stories.items() for _ in range(number)]
            told = [(row, story) for row, story in zip(collaborations, stories, strict=False) if story != "selected"]
            written = self.write_to_all([row for row, _ in told])
            for row, story in told:
                self.tell(row, story, written[row.pk])
            self.log_hours()
        return self

    def set_up(self) -> Campaign:
        start = self.start.date()
        campaign = create_campaign(
            self.house.brand,
            by=self.by,
            name=self.plan.name,
            starts_on=start,
            ends_on=start + timedelta(days=self.plan.lasts),
            **self.plan.facts,
        )
        use_template(campaign, BriefTemplate.objects.of(self.house.brand).get(name=self.plan.template), by=self.by)
        due = start + timedelta(days=24)
        write_brief(campaign, by=self.by, post_due_on=due, draft_due_on=due - timedelta(days=7), **self.plan.brief)
        pieces = [
            {"network": self.plan.network, "format": kind, "quantity": 1, "due_on": due} for kind in self.plan.formats
        ]
        set_deliverables(campaign, pieces, by=self.by)
        return campaign

    def choose_creators(self, campaign: Campaign) -> list[Collaboration]:
        """Small creators of the right network, niche and market, each with terms of their size."""
        accounts = list(self.candidates())
        chosen = self.rng.sample(accounts, min(len(accounts), sum(self.plan.stories.values())))
        shortlist = create_shortlist(self.house.brand, f"{self.plan.name} candidates", by=self.by)
        add_to_shortlist(shortlist, [account.creator for account in chosen], by=self.by)
        for account in chosen:
            relate(self.house.brand, account.creator, by=self.by, email=f"{account.handle}@mail.example")
        added = add_creators(campaign, [account.creator for account in chosen], by=self.by)
        rows = {row.relationship.creator_id: row for row in added}
        for account in chosen:
            set_offer(rows[account.creator_id], by=self.by, **self.terms(account.followers or 0))
        return [rows[account.creator_id] for account in chosen]

    def candidates(self) -> QuerySet[SocialAccount]:
        visible = Creator.objects.of(self.house.brand).filter(
            niches__overlap=sorted(self.plan.niches), country__in=self.plan.facts["markets"]
        )
        sized = SocialAccount.objects.filter(followers__gte=1_500, followers__lt=120_000, network=self.plan.network)
        return sized.filter(creator__in=visible).select_related("creator").order_by("pk")

    def terms(self, followers: int) -> dict[str, Any]:
        """A fee that follows size loosely, the product, and a commission."""
        product, value, cost = self.plan.product
        fee = 0 if followers < 4_000 else round(followers**0.55 * self.rng.uniform(0.5, 1.1) / 5) * 5
        return {
            "fee": Decimal(fee),
            "product": product,
            "product_value": Decimal(value),
            "product_cost": Decimal(cost) + Decimal("6.90"),
            "commission_percent": Decimal(self.rng.choice([8, 10, 12])),
        }

    def tell(self, row: Collaboration, story: str, written: datetime) -> None:
        if story != "offered":
            answered = min(written + self.rng.uniform(0.2, 4) * DAY, self.now - timedelta(hours=30))
            getattr(self, story)(row, self.enter(row, answered), answered)

    def write_to_all(self, rows: list[Collaboration]) -> dict[int, datetime]:
        """The first days' e-mails, some creators each day; returns when each was written to, by its key."""
        days = {row.pk: int(self.rng.uniform(0, min(6, self.plan.launched / 3))) for row in rows}
        for day in sorted(set(days.values())):
            self.write([row for row in rows if days[row.pk] == day], self.start + day * DAY)
        return {pk: self.start + day * DAY for pk, day in days.items()}

    def write(self, rows: list[Collaboration], moment: datetime) -> None:
        """The offers' e-mails, queued and recorded as sent: history is not sent again."""
        with at(moment), transaction.atomic():
            template = EmailTemplate.objects.of(self.house.brand).order_by("pk")[0]
            references = {row.code: latest_post(row) for row in rows}
            keys = [message.pk for message in write_to(rows, template, by=self.by, references=references)]
            Message.objects.filter(pk__in=keys).update(status=Message.Status.SENT, sent_at=moment, attempts=1)

    def enter(self, row: Collaboration, moment: datetime) -> User:
        """The creator opens the link of the e-mail."""
        with at(moment):
            row.relationship.refresh_from_db()
            return enter_portal(portal_url(row.relationship).rstrip("/").rsplit("/", 1)[-1])

    def declined(self, row: Collaboration, creator: User, moment: datetime) -> None:
        with at(moment):
            decline_offer(row, by=creator, reason=self.rng.choice(["No time this month", "Not my style"]))

    def countered(self, row: Collaboration, creator: User, moment: datetime) -> None:
        asked = Decimal(self.rng.choice([60, 90, 120, 150]))
        with at(moment):
            counter_offer(row, by=creator, fee=asked, message="Happy to join, but a reel takes me a full day.")
            write_from_portal(row, self.rng.choice(QUESTIONS), by=creator)

    def haggled(self, row: Collaboration, creator: User, moment: datetime) -> None:
        self.countered(row, creator, moment)
        with at(moment + DAY):
            accept_counter(row, by=self.by)
        self.agree(row, creator, moment + 1.1 * DAY)
        self.publish(row, creator, moment + self.rng.uniform(7, 16) * DAY)

    def accepted(self, row: Collaboration, creator: User, moment: datetime) -> None:
        with at(moment):
            accept_offer(row, by=creator)
        self.agree(row, creator, moment + timedelta(minutes=4))
        if self.rng.random() < 0.3:
            with at(moment + timedelta(hours=20)):
                write_from_portal(row, self.rng.choice(NEWS), by=creator)

    def silent(self, row: Collaboration, creator: User, moment: datetime) -> None:
        """Accepts, gets the product, and never posts."""
        self.accepted(row, creator, moment)

    def posted(self, row: Collaboration, creator: User, moment: datetime) -> None:
        self.accepted(row, creator, moment)
        self.publish(row, creator, moment + self.rng.uniform(4, 14) * DAY)

    def agree(self, row: Collaboration, creator: User, moment: datetime) -> None:
        with at(moment):
            agree_contract(row, by=creator, name=row.relationship.creator.name, address="203.0.113.7", agent=PHONE)
        self.agreed[row.pk] = moment

    def publish(self, row: Collaboration, creator: User, moment: datetime) -> None:
        """Hand in a post for each deliverable, have it approved, and read its figures a week later."""
        moment = min(moment, self.now - timedelta(hours=26))
        for deliverable in row.campaign.deliverables.all():
            handle = row.relationship.creator.accounts.filter(network=deliverable.network)[0].handle
            with at(moment):
                url = post_url(Network(deliverable.network), handle, self.rng)
                submission = submit_post(row, deliverable, url, by=creator)
            with at(moment + DAY):
                approve_submission(submission, by=self.by)
            self.measure(submission, moment)
        self.live[row.pk] = moment

    def measure(self, submission: Submission, moment: datetime) -> None:
        """A post's numbers a week on, for most; reach is known only where the creator shared it."""
        measured = moment + 7 * DAY
        if measured > self.now or self.rng.random() < 0.12:
            return
        reach = int((submission.collaboration.followers_when_added or 3_000) * self.rng.lognormvariate(-0.5, 0.4))
        likes = int(reach * self.rng.uniform(0.03, 0.09))
        with at(measured):
            record_metrics(
                submission,
                by=self.by,
                posted_at=moment,
                likes=likes,
                comments_count=int(likes * self.rng.uniform(0.02, 0.08)),
                shares=int(likes * self.rng.uniform(0.01, 0.06)),
                saves=int(likes * self.rng.uniform(0.03, 0.12)),
                views=int(reach * self.rng.uniform(1.1, 1.9)),
                reach=reach if self.rng.random() < 0.6 else None,
            )

    def log_hours(self) -> None:
        """The team's hours, week by week, and a paid boost of the longest campaign."""
        for week in range(min(8, self.plan.launched // 7 + 1)):
            hours = Decimal(self.plan.hours_per_week) + Decimal(self.rng.randrange(-4, 5)) / 2
            with at(self.start + 7 * week * DAY):
                log_time(self.campaign, hours, by=self.by, note="Outreach and review")
        if self.plan.launched > 100:
            with at(self.now - 60 * DAY):
                add_cost(
                    self.campaign, by=self.by, kind=Cost.Kind.ADS, amount=Decimal(400), note="Boost of the best reel"
                )


def latest_post(row: Collaboration) -> str:
    """The creator's newest post, to be mentioned in the e-mail."""
    posts = Post.objects.visible_to(row.campaign.brand).filter(
        account__creator=row.relationship.creator, posted_at__isnull=False
    )
    return posts.order_by("-posted_at").values_list("url", flat=True)[0]
