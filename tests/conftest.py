"""The world of the tests: alice owns Acme, bob may only read at Acme, charlie owns another brand, dana is a creator."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from hypothesis import settings
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from creators.models import Creator, Relationship
from groundswell.accounts.models import Brand, Role, User
from tests import factories as make

settings.register_profile("groundswell", deadline=None)  # how long an example takes says something of the machine only
settings.load_profile("groundswell")


def pytest_collection_finish() -> None:
    """What was imported and collected stays for good; looking through it again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture
def acme(db: None) -> Brand:
    return make.brand("acme", name="Acme")


@pytest.fixture
def globex(db: None) -> Brand:
    return make.brand("globex", name="Globex")


@pytest.fixture
def alice(acme: Brand) -> User:
    return make.member(acme, "alice@acme.example", Role.OWNER)


@pytest.fixture
def bob(acme: Brand) -> User:
    return make.member(acme, "bob@acme.example", Role.VIEWER)


@pytest.fixture
def charlie(globex: Brand) -> User:
    return make.member(globex, "charlie@globex.example", Role.OWNER)


@pytest.fixture
def dana(db: None) -> User:
    return make.user("dana@creators.example", name="Dana Field", kind=User.Kind.CREATOR)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return signed_in(bob)


@pytest.fixture
def as_charlie(charlie: User) -> Client:
    return signed_in(charlie)


@pytest.fixture
def as_dana(dana: User) -> Client:
    return signed_in(dana)


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """`api(acme)` is a client with a key of every scope; `api(acme, "creators:read")` one with just that."""

    def client_of(brand: Brand, *scopes: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make.api_key(brand, *scopes)}")
        return client

    return client_of


@pytest.fixture
def creator(acme: Brand) -> Creator:
    """Dana's public record: 8,200 followers on Instagram, 4.1 % by followers."""
    return make.creator("Dana Field", handle="dana.field", followers=8200, rate="0.041")


@pytest.fixture
def relationship(acme: Brand, creator: Creator, dana: User) -> Relationship:
    return make.relationship(acme, creator, email=dana.email, user=dana)


@pytest.fixture
def campaign(acme: Brand, alice: User) -> Campaign:
    """A live campaign of Acme with a brief and one reel to make."""
    return make.campaign(acme, by=alice)


@pytest.fixture
def collaboration(campaign: Campaign, relationship: Relationship) -> Collaboration:
    """Dana, offered 120 and 10 % in Acme's campaign; nothing answered yet."""
    return make.collaboration(campaign, relationship)


@pytest.fixture(autouse=True)
def no_clicks_left(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Emptying the database after a test that commits leaves out the click table, which Django does not manage."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if commits or (marker and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE tracking_click")
