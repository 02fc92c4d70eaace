"""What a team keeps of its creators, written through the real actions: stages, owners, tags, fields, notes, lists."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from campaigns.models import Collaboration
from creators.actions.fields import create_field
from creators.actions.relationships import add_note, block, change_many, relate, team_of
from creators.actions.shares import give_verdict, share_list
from creators.lists import search_of
from creators.models import Relationship, Shortlist
from groundswell.accounts.models import User
from groundswell.demo.brands import House
from groundswell.demo.clock import at

DAY = timedelta(days=1)
NOTES = [
    "Answers within the hour. @{name}, worth asking again for summer.",
    "Wants the parcel at the studio, not at home.",
    "@{name} please check the second reel: the logo is cut off.",
    "Prefers a voice message to e-mail.",
]
STEPS = ["Ask for the audience screenshot", "Send the size chart", "Offer a second post", "Call about exclusivity"]
ANSWERS = [
    ("Carla Weiss", True, "Exactly our tone."),
    ("Carla Weiss", False, "Too close to a competitor."),
    ("Carla Weiss", True, ""),
    ("Tom Adler", True, "Seen live at the fair, great."),
    ("Carla Weiss", True, "Only without the dog."),
]


def tend(rng: Random, house: House, now: datetime) -> None:
    """Sort the relationships of the brand, write notes, block one, and share a list with a client."""
    team = list(team_of(house.brand))
    rows = list(Relationship.objects.of(house.brand).select_related("creator").order_by("pk"))
    with at(now - 3 * DAY):
        sort(rng, rows, team, house.owner)
        give_fields(rng, house, rows[:40])
        write_notes(rng, rows, team)
        block(house.brand, rows[-1].creator, by=house.owner, reason="Bought followers, says their own agency")
    with at(now - DAY):
        share(house, now)


def sort(rng: Random, rows: list[Relationship], team: list[User], by: User) -> None:
    agreed = set(Collaboration.objects.agreed().values_list("relationship", flat=True))
    asked = set(Collaboration.objects.exclude(status="selected").values_list("relationship", flat=True))
    change_many([row for row in rows if row.pk in agreed], by=by, stage="active", add_tags=["worked with us"])
    change_many([row for row in rows if row.pk in asked - agreed], by=by, stage="contacted")
    for person in team:
        change_many([row for row in rows if rng.random() < 0.2], by=by, owner=person)
    change_many([row for row in rows if rng.random() < 0.15], by=by, add_tags=["summer"])
    change_many([row for row in rows if rng.random() < 0.08], by=by, stage="in_talks", add_tags=["vip"])


def give_fields(rng: Random, house: House, rows: list[Relationship]) -> None:
    size = create_field(house.brand, "Size", "choice", choices=["S", "M", "L", "XL"], by=house.owner)
    agency = create_field(house.brand, "Agency", "text", by=house.owner)
    for row in rows:
        values = {size.code: rng.choice(["S", "M", "M", "L", "XL"])}
        if rng.random() < 0.2:
            values[agency.code] = rng.choice(["Northlight Talent", "Hafen Creators", "Studio Nord"])
        relate(house.brand, row.creator, by=house.owner, custom=values)


def write_notes(rng: Random, rows: list[Relationship], team: list[User]) -> None:
    for row, text in zip(rng.sample(rows, len(NOTES)), NOTES, strict=True):
        writer, reader = rng.sample(team, 2)
        add_note(row, text.format(name=reader.first_name.lower()), by=writer)
    for row, step in zip(rng.sample(rows[:-1], len(STEPS)), STEPS, strict=True):
        due = row.brand.day() + timedelta(days=rng.randrange(-1, 9))
        relate(row.brand, row.creator, by=team[0], next_step=step, next_step_on=due)


def share(house: House, now: datetime) -> None:
    shortlist = Shortlist.objects.of(house.brand).static().order_by("pk")[0]
    link, _ = share_list(
        shortlist,
        by=house.owner,
        expires_at=now + 30 * DAY,
        title=f"{house.brand.name}: who should come along?",
        message="Please say yes or no to each until Friday.",
    )
    found = search_of(shortlist).page(size=len(ANSWERS)).entries
    for entry, (reviewer, is_approved, comment) in zip(found, ANSWERS, strict=False):
        give_verdict(link, entry.creator, reviewer=reviewer, is_approved=is_approved, comment=comment)
