"""Creators who took their profile into their own hands, and some who wait for the operator."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from campaigns.models import Collaboration
from creators.actions.claims import make_claim
from creators.actions.profiles import add_evidence, save_profile, set_kit
from creators.models import Claim, ContactChannel, Creator, Network, PostFormat, Source
from groundswell.accounts.actions.people import create_person
from groundswell.accounts.models import Brand, User
from groundswell.demo.clock import at
from groundswell.demo.report import shown_collaborations

DAY = timedelta(days=1)
# A picture of one pixel stands for a screenshot.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ffff3f0300"
    "08fc02fe0b7a9e3d0000000049454e44ae426082"
)
WAITING = [
    ("Mila Novak", "mila.novak@mail.example", Network.INSTAGRAM, "mila.bakes.bread"),
    ("Tariq Osei", "tariq.osei@mail.example", Network.TIKTOK, "tariqontrails"),
    ("Ines Duarte", "ines.duarte@mail.example", Network.YOUTUBE, "inesrepairs"),
]


def open_portals(rng: Random, brands: list[Brand], now: datetime) -> None:
    """Claims, profiles, evidence and media kits of creators with a shown portal link; three sign-ups to moderate."""
    with transaction.atomic():
        for brand in brands:
            for row in shown_collaborations(brand):
                with at(now - 9 * DAY):
                    settle_in(rng, row)
        for name, email, network, handle in WAITING:
            with at(now - rng.uniform(0.2, 2) * DAY):
                make_claim(create_person(email, kind=User.Kind.CREATOR, name=name), network, handle)


def settle_in(rng: Random, row: Collaboration) -> None:
    """Claim the public record by its public address, then fill it in."""
    relationship = row.relationship
    creator, user = relationship.creator, relationship.user
    if user is None or creator.owner_id or Creator.objects.filter(user=user).exists():
        return
    ContactChannel.objects.get_or_create(
        creator=creator, owner=None, kind="email", value=user.email, defaults={"source": Source.CONNECTOR}
    )
    account = creator.accounts.largest_first()[0]
    if make_claim(user, account.network, account.handle).status != Claim.Status.APPROVED:
        return
    creator.refresh_from_db()
    price = Decimal(max(40, (account.followers or 3_000) // 90 // 5 * 5))
    prices: dict[tuple[str, str], tuple[Decimal, str]] = {
        (account.network, PostFormat.REEL): (price, "EUR"),
        (account.network, PostFormat.STORY): (price / 2, "EUR"),
    }
    facts = {"accepts_product_only": rng.random() < 0.5, "birth_year": rng.randint(1984, 2003)}
    save_profile(creator, facts, prices, {"email": user.email}, by=user)
    show_statistics(rng, creator, user)
    set_kit(creator, {"is_on": True}, by=user)


def show_statistics(rng: Random, creator: Creator, user: User) -> None:
    account = creator.accounts.largest_first()[0]
    home = Decimal(rng.randint(48, 74)) / 100
    shares = {
        "country": {
            creator.country: home,
            ("AT" if creator.country == "DE" else "DE"): ((1 - home) / 3).quantize(Decimal("0.001")),
        },
        "gender": {"female": Decimal("0.63"), "male": Decimal("0.35")},
        "age": {"18-24": Decimal("0.24"), "25-34": Decimal("0.46"), "35-44": Decimal("0.19")},
    }
    add_evidence(
        account,
        PIXEL,
        "statistics.png",
        by=user,
        observed_on=creator.updated_at.date(),
        reach=int((account.followers or 3_000) * rng.uniform(0.8, 2.4)),
        shares={
            kind: {key: share.quantize(Decimal("0.001")) for key, share in of.items()} for kind, of in shares.items()
        },
    )
