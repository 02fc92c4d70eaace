"""Keeping accounts fresh: which come first, what is written down, and what stops it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.refreshes import claim, due_accounts, run_connection
from creators.captions import hashtags, mentions
from creators.models import AccountRefresh, Connection, Creator, Post, Relationship, Shortlist, SocialAccount
from creators.tasks import refresh_due
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tests import networks as net
from tests.networks import Networks, connection


@pytest.fixture
def youtube(networks: Networks, acme: Brand) -> Connection:
    return connection("youtube", "key", brand=acme)


@pytest.fixture
def dana_bakes(acme: Brand) -> SocialAccount:
    """Dana's channel, imported with 9,000 subscribers and a rate, related to Acme."""
    creator = make.creator("Dana", handle="dana.bakes", network="youtube", followers=9000, rate="0.04", country="")
    make.relationship(acme, creator)
    return creator.accounts.get()


@pytest.fixture
def answers(networks: Networks) -> Networks:
    networks.on("/youtube/channels", net.channel())
    networks.on("/youtube/playlistItems", net.uploads("v1", "v2"))
    paid = {"hasPaidProductPlacement": True}
    networks.on("/youtube/videos", net.videos(net.video("v1"), net.video("v2", paidProductPlacementDetails=paid)))
    networks.on("/youtube/commentThreads", net.threads("Which flour?"))
    return networks


def test_everything_lands_with_source_and_time(
    answers: Networks, youtube: Connection, dana_bakes: SocialAccount
) -> None:
    before = timezone.now()
    outcome = run_connection(youtube)
    assert (outcome.refreshed, outcome.failed, outcome.stopped) == (1, 0, "")
    dana_bakes.refresh_from_db()
    assert (dana_bakes.followers, dana_bakes.posts_count) == (12300, 87)
    source, at = dana_bakes.source_of("followers")
    assert source == "connector"
    assert at is not None
    assert at >= before
    assert dana_bakes.source_of("engagement_rate")[0] == "import"
    assert dana_bakes.engagement_rate == Decimal("0.04")
    snapshot = dana_bakes.snapshots.get()
    assert (snapshot.followers, snapshot.source) == (12300, "connector")
    first, second = dana_bakes.posts.order_by("url")
    assert (first.likes, first.views, first.comments_count, first.saves, first.reach) == (310, 5000, 12, None, None)
    assert (first.hashtags, first.mentions) == (["sourdough", "rye"], ["mill.house"])
    assert (first.source, first.owner) == ("connector", None)
    assert (first.is_sponsored, second.is_sponsored, second.is_disclosed) == (None, True, True)
    assert first.comments.filter(author="dana.bakes", is_reply=True).exists()
    assert Creator.objects.get(pk=dana_bakes.creator_id).country == "DE"
    assert dana_bakes.metrics.posts_n == 2


def test_second_refresh_changes_rows_instead_of_adding(
    answers: Networks, youtube: Connection, dana_bakes: SocialAccount
) -> None:
    make.post(dana_bakes.creator, "https://www.youtube.com/shorts/v1", likes=1, saves=5, source="manual")
    run_connection(youtube)
    AccountRefresh.objects.update(done_at=timezone.now() - timedelta(days=4))
    run_connection(youtube)
    assert dana_bakes.posts.count() == 2
    kept = dana_bakes.posts.get(url="https://www.youtube.com/shorts/v1")
    assert (kept.likes, kept.comments.count()) == (310, 2)
    assert dana_bakes.snapshots.count() == 1


def test_number_that_is_hidden_now_is_unknown_now(
    networks: Networks, youtube: Connection, dana_bakes: SocialAccount
) -> None:
    networks.on("/youtube/channels", net.channel(), net.channel(hiddenSubscriberCount=True))
    networks.on("/youtube/playlistItems", net.uploads("v1"))
    networks.on("/youtube/videos", net.videos(net.video("v1")), net.videos(net.video("v1", statistics={})))
    networks.on("/youtube/commentThreads", net.threads())
    run_connection(youtube)
    AccountRefresh.objects.update(done_at=timezone.now() - timedelta(days=4))
    run_connection(youtube)
    dana_bakes.refresh_from_db()
    assert dana_bakes.followers is None
    assert dana_bakes.posts.get().likes is None
    assert dana_bakes.snapshots.get().followers == 12300


def test_imported_number_stays_where_the_network_hides_its_own(
    networks: Networks, youtube: Connection, dana_bakes: SocialAccount
) -> None:
    networks.on("/youtube/channels", net.channel(hiddenSubscriberCount=True))
    networks.on("/youtube/playlistItems", net.uploads())
    run_connection(youtube)
    dana_bakes.refresh_from_db()
    assert (dana_bakes.followers, dana_bakes.source_of("followers")[0]) == (9000, "import")
    assert not dana_bakes.snapshots.exists()


def test_hostile_texts_are_kept_as_texts(networks: Networks, youtube: Connection, dana_bakes: SocialAccount) -> None:
    snippet = {"title": "a\x00b \ud800", "description": "#ok", "publishedAt": "soon"}
    networks.on("/youtube/channels", net.channel())
    networks.on("/youtube/playlistItems", net.uploads("v1"))
    networks.on("/youtube/videos", net.videos(net.video("v1", snippet=snippet)))
    networks.on("/youtube/commentThreads", net.threads("\x00"))
    assert run_connection(youtube).refreshed == 1
    assert dana_bakes.posts.get().posted_at is None


# Order


def test_most_relevant_first_and_the_oldest_of_them(youtube: Connection, acme: Brand, globex: Brand) -> None:
    def channel(**fields: Any) -> SocialAccount:
        return make.creator(network="youtube", **fields).accounts.get()

    rest, own, listed, related, older, running, asked, blocked = (
        channel(),
        channel(owner=acme),
        *(channel() for _ in range(6)),
    )
    hidden = channel(owner=globex)
    make.creator(network="tiktok")
    shortlist = Shortlist.objects.create(brand=acme)
    shortlist.entries.create(creator=listed.creator)
    make.relationship(acme, related.creator)
    make.relationship(acme, older.creator)
    make.relationship(acme, blocked.creator, stage=Relationship.Stage.BLOCKED)
    make.relationship(globex, rest.creator)
    make.collaboration(make.campaign(acme), make.relationship(acme, running.creator))
    now = timezone.now()
    for account, days in ((related, 4), (older, 9), (running, 2), (listed, 8), (asked, 2)):
        AccountRefresh.objects.create(account=account, due_at=now, done_at=now - timedelta(days=days))
    AccountRefresh.objects.filter(account=asked).update(asked_at=now, asked_for=acme)
    assert due_accounts(youtube, now) == [asked, running, older, related, listed, own]
    assert hidden not in due_accounts(youtube, now)
    operators = connection("youtube", "key")
    assert due_accounts(operators, now)[:2] == [asked, running]
    assert {rest, own, hidden} <= set(due_accounts(operators, now))


def test_fresh_accounts_wait_for_their_day(youtube: Connection, dana_bakes: SocialAccount) -> None:
    now = timezone.now()
    row = AccountRefresh.objects.create(account=dana_bakes, due_at=now, done_at=now - timedelta(days=2))
    assert due_accounts(youtube, now) == []
    assert due_accounts(youtube, now + timedelta(days=1)) == [dana_bakes]
    AccountRefresh.objects.filter(pk=row.pk).update(due_at=now + timedelta(days=5))
    assert due_accounts(youtube, now + timedelta(days=1)) == []


def test_account_that_its_creator_connected_is_left_to_that(
    youtube: Connection, dana_bakes: SocialAccount, dana: User
) -> None:
    own = connection("youtube", "own", user=dana, account=dana_bakes)
    assert due_accounts(youtube, timezone.now()) == []
    assert due_accounts(own, timezone.now()) == [dana_bakes]


def test_two_workers_share_the_accounts(dana_bakes: SocialAccount) -> None:
    now = timezone.now()
    assert claim(dana_bakes, now)
    assert not claim(dana_bakes, now)
    assert claim(dana_bakes, now + timedelta(minutes=11))


# What stops it


def test_budget_stops_the_run(answers: Networks, youtube: Connection, dana_bakes: SocialAccount, acme: Brand) -> None:
    make.relationship(acme, make.creator(network="youtube"))
    answers.settings.CONNECTORS["youtube"]["limit"] = 8
    outcome = run_connection(youtube)
    youtube.refresh_from_db()
    assert outcome.refreshed == 1
    assert "used up" in outcome.stopped
    assert youtube.status == "connected"
    assert youtube.paused_until is not None
    asked = len(answers.asked)
    refresh_due()
    assert len(answers.asked) == asked


def test_pause_is_kept(networks: Networks, youtube: Connection, dana_bakes: SocialAccount) -> None:
    networks.on("/youtube/channels", b"", status=429, headers={"Retry-After": "600"})
    run_connection(youtube)
    youtube.refresh_from_db()
    assert youtube.paused_until is not None
    assert timedelta(minutes=9) < youtube.paused_until - timezone.now() <= timedelta(minutes=10)


def test_account_that_is_gone_is_put_off_and_holds_up_nobody(
    networks: Networks, youtube: Connection, dana_bakes: SocialAccount, acme: Brand
) -> None:
    make.relationship(acme, make.creator(network="youtube", handle="gone"))
    networks.on(
        "/youtube/channels", lambda request: {"items": []} if "gone" in request.args["forHandle"] else net.channel()
    )
    networks.on("/youtube/playlistItems", net.uploads())
    outcome = run_connection(youtube)
    assert (outcome.refreshed, outcome.failed) == (1, 1)
    row = AccountRefresh.objects.get(account__handle="gone")
    assert (row.failures, row.done_at) == (1, None)
    assert row.due_at > timezone.now() + timedelta(hours=23)
    assert "no channel" in row.error


def test_revoked_key_ends_the_run(networks: Networks, youtube: Connection, dana_bakes: SocialAccount) -> None:
    networks.on("/youtube/channels", net.google_error(400, "API_KEY_INVALID"))
    assert run_connection(youtube).stopped
    youtube.refresh_from_db()
    assert youtube.status == "revoked"
    dana_bakes.refresh_from_db()
    assert dana_bakes.followers == 9000


def test_malformed_answer_changes_nothing(networks: Networks, youtube: Connection, dana_bakes: SocialAccount) -> None:
    networks.on("/youtube/channels", net.channel())
    networks.on("/youtube/playlistItems", b"<html>")
    assert run_connection(youtube).failed == 1
    dana_bakes.refresh_from_db()
    assert (dana_bakes.followers, dana_bakes.source) == (9000, "import")
    assert not Post.objects.exists()


# Creators' own accounts, and who tagged the brand


def test_creators_own_tiktok(networks: Networks, dana: User, creator: Creator) -> None:
    account = make.account(creator, network="tiktok", handle="old.name", followers=1)
    row = connection("tiktok", "own", user=dana, account=account)
    networks.on("/tiktok/user/info/", net.tiktok_user())
    networks.on("/tiktok/video/list/", net.tiktok_videos("71"))
    assert run_connection(row).refreshed == 1
    account.refresh_from_db()
    assert (account.followers, account.handle, account.is_verified) == (8123, "dana.bakes", False)
    assert account.posts.get().posted_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert run_connection(row).refreshed == 0


def test_posts_that_tag_the_brand_are_the_brands(
    networks: Networks, acme: Brand, globex: Brand, creator: Creator
) -> None:
    row = connection("instagram", "brand", brand=acme, name="acme")
    tagged = [net.ig_media("9", username="dana.field"), net.ig_media("8", username="stranger")]
    networks.on("/facebook/178414/tags", net.ig_page(*tagged))
    run_connection(row)
    post = Post.objects.get()
    assert (post.owner, post.account.creator, "acme" in post.mentions) == (acme, creator, True)
    assert list(Post.objects.visible_to(globex)) == []
    row.refresh_from_db()
    run_connection(row)
    assert networks.paths().count("/facebook/178414/tags") == 1


# Asking


def test_team_asks_for_fresh_numbers(
    answers: Networks, youtube: Connection, dana_bakes: SocialAccount, as_alice: Client
) -> None:
    now = timezone.now()
    AccountRefresh.objects.create(account=dana_bakes, due_at=now, done_at=now - timedelta(hours=2))
    page = as_alice.post(f"/creators/{dana_bakes.creator.code}/refresh/", follow=True)
    assert "on their way" in page.content.decode()
    refresh_due()
    dana_bakes.refresh_from_db()
    assert dana_bakes.followers == 12300
    assert AccountRefresh.objects.get().asked_at is None


def test_creator_whom_no_connection_reaches(
    as_alice: Client, creator: Creator, api: Callable[..., APIClient], acme: Brand
) -> None:
    page = as_alice.post(f"/creators/{creator.code}/refresh/", follow=True)
    assert "connect the network" in page.content.decode()
    assert api(acme).post(f"/api/v1/creators/{creator.code}/refresh/").status_code == 409
    assert not AccountRefresh.objects.exists()


def test_partner_asks_for_fresh_numbers(
    youtube: Connection, dana_bakes: SocialAccount, api: Callable[..., APIClient], acme: Brand
) -> None:
    answer = api(acme).post(f"/api/v1/creators/{dana_bakes.creator.code}/refresh/")
    assert (answer.status_code, answer.data) == (202, {"accounts": 1})


def test_another_brands_key_reaches_nothing_of_ours(
    youtube: Connection, globex: Brand, as_charlie: Client, acme: Brand, charlie: User
) -> None:
    private = make.creator(network="youtube", owner=globex)
    as_charlie.post(f"/creators/{private.code}/refresh/")
    assert not AccountRefresh.objects.exists()
    assert private.accounts.get() not in due_accounts(youtube, timezone.now())


def test_command_refreshes_and_reports(answers: Networks, youtube: Connection, dana_bakes: SocialAccount) -> None:
    out = StringIO()
    call_command("refresh_accounts", network="youtube", brand="acme", stdout=out)
    assert json.loads(out.getvalue())[youtube.code]["refreshed"] == 1


# Captions


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("#One #one, #TWO!", ["one", "two"]),
        ("＃東京 #brot_backen #Grüße", ["東京", "brot_backen", "grüße"]),
        ("#1 is no tag, #1st is; a#b and &#39; aren't", ["1st"]),
        ("https://x.example/#part", []),
        ("#" + "x" * 200, []),
        ("", []),
    ],
)
def test_hashtags_of_a_caption(caption: str, found: list[str]) -> None:
    assert hashtags(caption) == found


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("with @Mill.House. and @mill.house", ["mill.house"]),
        ("mail me@home.example or @you_", ["you_"]),
        ("(@a_b) @c.d, @e!", ["a_b", "c.d", "e"]),
        ("@ @. @@x", []),
    ],
)
def test_mentions_of_a_caption(caption: str, found: list[str]) -> None:
    assert mentions(caption) == found
