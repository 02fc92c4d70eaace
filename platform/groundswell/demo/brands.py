"""Two brands with their people, keys, shops and exchange rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from groundswell.accounts.models import ApiKey, Brand, Membership, Role, Scope, User, digest_of
from groundswell.events.actions import record
from groundswell.lib.codes import ALPHABET
from groundswell.lib.sealing import seal
from tracking.models import ExchangeRate, Store

PASSWORD = "demo-groundswell-2026"  # noqa: S105  (printed at the start of the demo)
BRANDS = [
    {
        "code": "northbound",
        "name": "Northbound",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "country": "DE",
        "website": "https://northbound.example",
        "sender_name": "Nora at Northbound",
        "postal_address": "Northbound GmbH, Hafenstr. 12, 20457 Hamburg, Germany",
        "hour_rate": Decimal(45),
    },
    {
        "code": "lumen",
        "name": "Lumen Skin",
        "currency": "GBP",
        "timezone": "Europe/London",
        "country": "GB",
        "website": "https://lumenskin.example",
        "sender_name": "Lou at Lumen Skin",
        "postal_address": "Lumen Skin Ltd, 8 Canal Street, Manchester M1 3HE, United Kingdom",
        "hour_rate": Decimal(38),
    },
]
PEOPLE = {
    "northbound": [
        ("nora@northbound.example", "Nora Petersen", Role.OWNER),
        ("ben@northbound.example", "Ben Okoye", Role.MANAGER),
        ("rita@northbound.example", "Rita Sommer", Role.REVIEWER),
        ("finn@northbound.example", "Finn Albers", Role.FINANCE),
        ("vera@northbound.example", "Vera Lang", Role.VIEWER),
    ],
    "lumen": [
        ("lou@lumenskin.example", "Lou Hartley", Role.OWNER),
        ("amir@lumenskin.example", "Amir Shah", Role.MANAGER),
    ],
}
OPERATOR = ("operator@groundswell.example", "Olu Adeyemi")
RATES = {("GBP", "EUR"): "1.1480", ("USD", "EUR"): "0.8720", ("EUR", "GBP"): "0.8711", ("USD", "GBP"): "0.7596"}


@dataclass
class House:
    """A brand with what the loader needs of it."""

    brand: Brand
    owner: User
    shop: Store


def make_houses(seed: int) -> list[House]:
    """One hash serves all: hashing is slow on purpose, and everybody has the same printed password."""
    hashed = make_password(PASSWORD)
    make_operator(hashed)
    return [make_house(dict(facts), hashed, seed) for facts in BRANDS]


def make_house(facts: dict[str, object], hashed: str, seed: int) -> House:
    brand = Brand.objects.create(**facts)
    record(None, "brand.created", brand)
    people = [make_member(brand, hashed, *person) for person in PEOPLE[brand.code]]
    make_key(brand, people[0], seed)
    shop = Store.objects.create(
        brand=brand,
        kind=Store.Kind.SHOPIFY,
        name=f"{brand.name} shop",
        domain=f"{brand.code}.myshopify.com",
        sealed=seal(f"{brand.code}-demo-signing-secret"),
    )
    return House(brand, people[0], shop)


def make_operator(hashed: str) -> User:
    """Looks after sign-ups, claims and removals at `/operator/`, and belongs to no brand."""
    user = make_person(hashed, *OPERATOR)
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    return user


def make_person(hashed: str, email: str, name: str) -> User:
    user = User.objects.create(email=email, name=name, password=hashed)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def make_member(brand: Brand, hashed: str, email: str, name: str, role: str) -> User:
    user = make_person(hashed, email, name)
    Membership.objects.create(user=user, brand=brand, role=role)
    return user


def demo_key(brand: Brand, seed: int) -> str:
    """The same key for the same seed, so that it can be printed at every start though only its hash is kept."""
    rng = Random(f"{seed}:key:{brand.code}")
    prefix, secret = ("".join(rng.choice(ALPHABET) for _ in range(length)) for length in (10, 40))
    return f"gs_{prefix}_{secret}"


def make_key(brand: Brand, owner: User, seed: int) -> ApiKey:
    key = demo_key(brand, seed)
    return ApiKey.objects.create(
        brand=brand,
        name="Demo partner",
        prefix=key.split("_")[1],
        digest=digest_of(key),
        scopes=list(Scope.values),
        created_by=owner,
    )


def make_rates(rng: Random, today: date, days: int = 360) -> None:
    """A daily rate around a constant for each pair the demo's orders need."""
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            base=base,
            quote=quote,
            day=today - timedelta(days=back),
            rate=(Decimal(middle) * Decimal(f"{1 + rng.gauss(0, 0.004):.6f}")).quantize(Decimal("1e-8")),
            source="Demo rates",
        )
        for (base, quote), middle in RATES.items()
        for back in range(days)
    )
