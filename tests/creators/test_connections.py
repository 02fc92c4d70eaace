"""Connecting, keeping, losing and taking away access; and who may see what of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.db import connection as database
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.connections import (
    ConnectionRefused,
    break_off,
    connect_own,
    operator_key,
    read,
    renew,
    renew_ending,
    warn_ending,
)
from creators.actions.quotas import Ledger, forget_old_quotas, used_now
from creators.connectors.errors import AccessRevoked, QuotaExhausted, Unreachable
from creators.connectors.networks import login
from creators.connectors.protocol import Grant
from creators.models import Connection, Creator, QuotaUse
from creators.tasks import keep_connections
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from groundswell.lib.sealing import SealBroken, reseal, seal, unseal
from tests import factories as make
from tests import networks as net
from tests.networks import KEY, SECRET, Networks, connection

Api = Callable[..., APIClient]
CONNECTIONS = "/settings/connections/"


def everything() -> str:
    """All text in the database, as a thief of a dump would read it."""
    found = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 names from the catalogue
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


# At rest


def test_secret_comes_back() -> None:
    sealed = seal("hush")
    assert "hush" not in sealed
    assert (unseal(sealed), seal("hush") == sealed) == ("hush", False)


def test_key_is_changed_by_a_new_one_in_front(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ["old"]
    sealed = seal("hush")
    settings.ENCRYPTION_KEYS = ["new", "old"]
    moved = reseal(sealed)
    settings.ENCRYPTION_KEYS = ["new"]
    assert unseal(moved) == "hush"
    with pytest.raises(SealBroken):
        unseal(sealed)


def test_secret_of_another_installation_says_nothing(settings: Any) -> None:
    with pytest.raises(SealBroken) as caught:
        unseal(Fernet(Fernet.generate_key()).encrypt(b"hush").decode())
    assert "hush" not in str(caught.value)


def test_tokens_are_nowhere_in_the_database(
    acme: Brand, alice: User, dana: User, networks: Networks, as_alice: Client
) -> None:
    connection("tiktok", "own", user=dana)
    networks.on("/youtube/channels", net.channel())
    as_alice.post(CONNECTIONS, {"key": KEY})
    assert Connection.objects.count() == 2
    assert SECRET not in everything()
    assert KEY not in everything()


def test_tokens_are_not_in_words_about_the_row(acme: Brand) -> None:
    row = connection("youtube", "key", brand=acme)
    assert KEY not in f"{row!r} {row} {row.grant()!r} {row.access()!r}"


# A brand's key


def test_brand_connects_youtube(networks: Networks, as_alice: Client, acme: Brand) -> None:
    networks.on("/youtube/channels", net.channel())
    assert as_alice.post(CONNECTIONS, {"key": KEY}).status_code == 302
    row = Connection.objects.get()
    assert (row.brand, row.kind, row.name, row.status) == (acme, "key", f"…{KEY[-4:]}", "connected")
    page = as_alice.get(CONNECTIONS).content.decode()
    assert "Units used today" in page
    assert KEY not in page


def test_key_that_opens_nothing_is_refused(networks: Networks, as_alice: Client, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG, logger="creators")
    networks.on("/youtube/channels", net.google_error(400, "API_KEY_INVALID"))
    answer = as_alice.post(CONNECTIONS, {"key": KEY})
    assert answer.status_code == 422
    assert "refuses this key" in answer.content.decode()
    assert KEY not in answer.content.decode() + caplog.text
    assert not Connection.objects.exists()


@pytest.mark.parametrize("key", ["", "short", "has spaces in it, many of them", "x" * 300])
def test_key_of_another_form_is_not_even_tried(networks: Networks, as_alice: Client, key: str) -> None:
    assert as_alice.post(CONNECTIONS, {"key": key}).status_code == 422
    assert networks.asked == []


def test_second_key_replaces_the_first(networks: Networks, as_alice: Client) -> None:
    networks.on("/youtube/channels", net.channel())
    as_alice.post(CONNECTIONS, {"key": KEY})
    as_alice.post(CONNECTIONS, {"key": "AIza-another-key-of-the-brand"})
    assert Connection.objects.get().grant().access_token == "AIza-another-key-of-the-brand"


def test_viewer_sees_but_changes_nothing(as_bob: Client, acme: Brand, networks: Networks) -> None:
    row = connection("youtube", "key", brand=acme)
    assert as_bob.get(CONNECTIONS).status_code == 200
    assert as_bob.post(CONNECTIONS, {"key": KEY}).status_code == 403
    assert as_bob.post(f"{CONNECTIONS}{row.code}/disconnect/").status_code == 403
    assert Connection.objects.count() == 1


def test_strangers_connection_is_not_there(as_charlie: Client, charlie: User, acme: Brand, api: Api) -> None:
    row = connection("youtube", "key", brand=acme, name="acmes")
    assert "acmes" not in as_charlie.get(CONNECTIONS).content.decode()
    assert as_charlie.post(f"{CONNECTIONS}{row.code}/disconnect/").status_code == 404
    globex = charlie.memberships.get().brand
    assert api(globex).get("/api/v1/connections/").data["results"] == []
    assert api(globex).get(f"/api/v1/connections/{row.code}/").status_code == 404
    assert Connection.objects.count() == 1


def test_brand_disconnects(as_alice: Client, acme: Brand) -> None:
    row = connection("youtube", "key", brand=acme)
    as_alice.post(f"{CONNECTIONS}{row.code}/disconnect/")
    assert not Connection.objects.exists()
    assert Event.objects.of(acme).filter(name="connection.removed").exists()


def test_partners_read_state_and_budget(acme: Brand, api: Api, networks: Networks) -> None:
    row = connection("youtube", "key", brand=acme)
    Ledger(row).spend("units", 7)
    (found,) = api(acme).get("/api/v1/connections/").data["results"]
    assert (found["status"], found["quota"]) == ("connected", {"used": 7, "limit": 10000})
    assert not {"sealed", "scopes", "external_id"} & set(found)


def test_page_asks_as_much_for_many_as_for_one(
    as_alice: Client, acme: Brand, networks: Networks, django_assert_num_queries: Any
) -> None:
    connection("youtube", "key", brand=acme)
    as_alice.get(CONNECTIONS)
    with django_assert_num_queries(7):
        as_alice.get(CONNECTIONS)
    for number in range(3):
        connection("instagram", "brand", brand=acme, external_id=str(number))
    with django_assert_num_queries(7):
        as_alice.get(CONNECTIONS)


def test_operators_key_follows_the_settings(networks: Networks, db: None) -> None:
    youtube = networks.settings.CONNECTORS["youtube"]
    youtube["api_key"] = KEY
    row = operator_key()
    assert row is not None
    assert (row.brand, row.user, row.grant().access_token) == (None, None, KEY)
    youtube["api_key"] = "AIza-changed"
    assert operator_key() == row
    row.refresh_from_db()
    assert row.grant().access_token == "AIza-changed"
    youtube["api_key"] = ""
    assert operator_key() is None
    assert not Connection.objects.exists()


# Consent


def consent(client: Client, path: str) -> dict[str, str]:
    """Go to the network; what it was asked."""
    answer = client.get(path)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def test_creator_connects_youtube_with_pkce(networks: Networks, as_dana: Client, dana: User, creator: Creator) -> None:
    make.account(creator, network="youtube", handle="dana.bakes")
    asked = consent(as_dana, "/portal/accounts/youtube/start/")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://testserver/portal/accounts/youtube/finish/"
    answer = {"code": "4/abc", "state": asked["state"]}
    page = as_dana.get("/portal/accounts/youtube/finish/", answer)
    assert "Finish connecting" in page.content.decode()
    assert not Connection.objects.exists()
    scope = "https://www.googleapis.com/auth/youtube.readonly"
    given = {"access_token": SECRET, "refresh_token": "r", "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
    networks.on("/youtube/token", given)
    networks.on("/youtube/channels", net.channel())
    as_dana.post("/portal/accounts/youtube/finish/", answer)
    row = Connection.objects.get()
    assert (row.user, row.name, row.account.creator) == (dana, "dana.bakes", creator)
    sent = next(request for request in networks.asked if request.path == "/youtube/token").form
    verifier, challenge = sent["code_verifier"], asked["code_challenge"]
    assert (sent["code"], len(verifier) >= 43, challenge != verifier) == ("4/abc", True, True)


def test_creator_connects_tiktok_and_gets_a_profile(networks: Networks, as_dana: Client, dana: User) -> None:
    asked = consent(as_dana, "/portal/accounts/tiktok/start/")
    assert (asked["client_key"], asked["scope"].count(",")) == ("id-at-tiktok", 3)
    networks.on("/tiktok/token", tiktok_token())
    networks.on("/tiktok/user/info/", net.tiktok_user())
    as_dana.post("/portal/accounts/tiktok/finish/", {"code": "c", "state": asked["state"]})
    row = Connection.objects.get()
    assert row.account.creator.user == dana
    assert row.account.handle == "dana.bakes"
    assert row.ends_at > timezone.now() + timedelta(days=364)


def tiktok_token(**more: Any) -> dict[str, Any]:
    return {
        "open_id": "723f24d7-e717-40f8-a2b6-cb8464cd23b4",
        "scope": "user.info.basic,user.info.profile,user.info.stats,video.list",
        "access_token": SECRET,
        "expires_in": 86400,
        "refresh_token": f"refresh-{SECRET}",
        "refresh_expires_in": 31536000,
        "token_type": "Bearer",
    } | more


def test_creator_connects_instagram_for_sixty_days(networks: Networks, db: None) -> None:
    permissions = "instagram_business_basic,instagram_business_manage_insights"
    short = {"access_token": "short", "user_id": "1784", "permissions": permissions}
    networks.on("/instagram/token", {"data": [short]})
    networks.on("/instagram/access_token", {"access_token": SECRET, "token_type": "bearer", "expires_in": 5183944})
    grant = login("instagram", "own").exchange_code("c", "http://x/", "")
    assert (grant.access_token, grant.account_id) == (SECRET, "1784")
    assert grant.ends_at is not None
    assert grant.ends_at > timezone.now() + timedelta(days=59)


def test_brand_connects_the_account_of_its_page(networks: Networks, as_alice: Client, acme: Brand) -> None:
    asked = consent(as_alice, "/settings/connections/instagram/start/")
    networks.on("/facebook/token", {"access_token": SECRET, "expires_in": 5183944})
    pages = [{"id": "1"}, {"id": "2", "instagram_business_account": {"id": "1784", "username": "acme"}}]
    networks.on("/facebook/me/accounts", {"data": pages})
    networks.on("/facebook/me", {"id": "9001"})
    as_alice.post("/settings/connections/instagram/finish/", {"code": "c", "state": asked["state"]})
    row = Connection.objects.get()
    assert (row.brand, row.external_id, row.name, row.grantor) == (acme, "1784", "acme", "9001")


def test_page_without_professional_account(networks: Networks, as_alice: Client) -> None:
    asked = consent(as_alice, "/settings/connections/instagram/start/")
    networks.on("/facebook/token", {"access_token": SECRET})
    networks.on("/facebook/me/accounts", {"data": [{"id": "1"}]})
    answer = {"code": "c", "state": asked["state"]}
    page = as_alice.post("/settings/connections/instagram/finish/", answer, follow=True)
    assert "professional Instagram account" in page.content.decode()
    assert not Connection.objects.exists()


@pytest.mark.parametrize("answer", [{}, {"code": "c"}, {"code": "c", "state": "forged"}])
def test_answer_of_another_browser_connects_nothing(
    networks: Networks, as_dana: Client, answer: dict[str, str]
) -> None:
    consent(as_dana, "/portal/accounts/tiktok/start/")
    assert as_dana.get("/portal/accounts/tiktok/finish/", answer).status_code == 302
    as_dana.post("/portal/accounts/tiktok/finish/", answer)
    assert networks.asked == []
    assert not Connection.objects.exists()


def test_answer_works_once(networks: Networks, as_dana: Client) -> None:
    asked = consent(as_dana, "/portal/accounts/tiktok/start/")
    networks.on("/tiktok/token", tiktok_token())
    networks.on("/tiktok/user/info/", net.tiktok_user())
    answer = {"code": "c", "state": asked["state"]}
    as_dana.post("/portal/accounts/tiktok/finish/", answer)
    asked_before = len(networks.asked)
    as_dana.post("/portal/accounts/tiktok/finish/", answer)
    assert len(networks.asked) == asked_before


def test_answer_for_one_network_is_none_for_another(networks: Networks, as_dana: Client) -> None:
    asked = consent(as_dana, "/portal/accounts/tiktok/start/")
    as_dana.post("/portal/accounts/youtube/finish/", {"code": "c", "state": asked["state"]})
    assert networks.asked == []


def test_person_who_says_no(networks: Networks, as_dana: Client) -> None:
    asked = consent(as_dana, "/portal/accounts/tiktok/start/")
    answer = {"error": "access_denied", "state": asked["state"]}
    page = as_dana.get("/portal/accounts/tiktok/finish/", answer, follow=True)
    assert "You did not allow it" in page.content.decode()


def test_partial_consent_is_refused(networks: Networks, as_dana: Client) -> None:
    asked = consent(as_dana, "/portal/accounts/tiktok/start/")
    networks.on("/tiktok/token", tiktok_token(scope="user.info.basic"))
    answer = {"code": "c", "state": asked["state"]}
    page = as_dana.post("/portal/accounts/tiktok/finish/", answer, follow=True)
    assert "Connect again, and allow it" in page.content.decode()
    assert not Connection.objects.exists()


def test_installation_without_registration_says_so(as_dana: Client, as_alice: Client) -> None:
    assert "Not configured" in as_dana.get("/portal/accounts/").content.decode()
    assert "Not configured" in as_alice.get(CONNECTIONS).content.decode()
    assert as_dana.get("/portal/accounts/tiktok/start/").headers["Location"] == "/portal/accounts/"


@pytest.mark.parametrize("network", ["other", "facebook", "nonsense"])
def test_network_without_login(as_dana: Client, network: str) -> None:
    assert as_dana.get(f"/portal/accounts/{network}/start/").status_code == 404


def test_account_of_another_person_stays_theirs(networks: Networks, dana: User) -> None:
    eve = make.user("eve@creators.example", kind=User.Kind.CREATOR)
    make.creator("Eve", handle="dana.bakes", network="tiktok", user=eve)
    networks.on("/tiktok/user/info/", net.tiktok_user())
    with pytest.raises(ConnectionRefused, match="another person"):
        connect_own(dana, "tiktok", Grant(SECRET))
    assert not Connection.objects.exists()


def test_private_record_of_a_brand_is_not_given_away(networks: Networks, dana: User, acme: Brand) -> None:
    private = make.creator("Dana", handle="dana.bakes", network="tiktok", owner=acme)
    networks.on("/tiktok/user/info/", net.tiktok_user())
    row = connect_own(dana, "tiktok", Grant(SECRET))
    assert row.account is not None
    assert row.account.creator != private
    assert row.account.owner is None


def test_page_says_when_access_ended(as_alice: Client, acme: Brand) -> None:
    row = connection("instagram", "brand", brand=acme, ends_at=timezone.now() - timedelta(days=1))
    assert f"ended {row.ends_at:%-d %B %Y}" in as_alice.get(CONNECTIONS).content.decode()


def test_creator_disconnects_only_their_own(as_dana: Client, dana: User) -> None:
    eve = make.user("eve@creators.example", kind=User.Kind.CREATOR)
    mine, hers = connection("tiktok", "own", user=dana), connection("tiktok", "own", user=eve)
    assert as_dana.post(f"/portal/accounts/{hers.code}/disconnect/").status_code == 404
    assert as_dana.post(f"/portal/accounts/{mine.code}/disconnect/").status_code == 302
    assert list(Connection.objects.all()) == [hers]


# Renewing and losing


@pytest.fixture
def own(networks: Networks, dana: User) -> Connection:
    """Dana's TikTok, whose access token is too old."""
    past = timezone.now() - timedelta(hours=1)
    return connection("tiktok", "own", user=dana, expires_at=past, ends_at=timezone.now() + timedelta(days=300))


def test_old_token_is_renewed_before_it_is_used(networks: Networks, own: Connection) -> None:
    networks.on("/tiktok/token", tiktok_token(access_token="fresh", refresh_token="fresh-refresh"))
    networks.on("/tiktok/user/info/", net.tiktok_user())
    assert read(own, Ledger(own), lambda client: client.fetch_profile("")).followers == 8123
    own.refresh_from_db()
    assert (own.grant().access_token, own.grant().refresh_token) == ("fresh", "fresh-refresh")
    assert networks.asked[-1].headers["Authorization"] == "Bearer fresh"


def test_token_that_the_network_calls_old_is_renewed_once(networks: Networks, own: Connection) -> None:
    Connection.objects.update(expires_at=timezone.now() + timedelta(hours=5))
    own.refresh_from_db()
    networks.on("/tiktok/token", tiktok_token(access_token="fresh"))
    networks.on("/tiktok/user/info/", net.tiktok_error(401, "access_token_invalid"), net.tiktok_user())
    read(own, Ledger(own), lambda client: client.fetch_profile(""))
    assert networks.paths() == ["/tiktok/user/info/", "/tiktok/token", "/tiktok/user/info/"]


def test_only_one_of_two_renews(networks: Networks, own: Connection) -> None:
    networks.on("/tiktok/token", tiktok_token(access_token="fresh"))
    stale = Connection.objects.get(pk=own.pk)
    renew(own)
    assert renew(stale).grant().access_token == "fresh"
    assert len(networks.asked) == 1


def test_google_keeps_the_refresh_token(networks: Networks, dana: User) -> None:
    row = connection("youtube", "own", user=dana)
    networks.on("/youtube/token", {"access_token": "fresh", "expires_in": 3599, "token_type": "Bearer"})
    assert renew(row).grant().refresh_token == f"refresh-{SECRET}"


def test_instagram_token_is_prolonged_days_before(networks: Networks, dana: User) -> None:
    connection("instagram", "own", user=dana, ends_at=timezone.now() + timedelta(days=9))
    networks.on("/instagram/refresh_access_token", {"access_token": "longer", "expires_in": 5183944})
    assert renew_ending() == 1
    assert Connection.objects.get().grant().access_token == "longer"
    assert renew_ending() == 0


@pytest.mark.django_db
def test_revoked_access_warns_its_owner_once(
    networks: Networks, own: Connection, dana: User, django_capture_on_commit_callbacks: Any
) -> None:
    networks.on("/tiktok/token", {"error": "invalid_grant", "error_description": f"{SECRET} is gone", "log_id": "1"})
    with django_capture_on_commit_callbacks(execute=True):
        renew_ending()
        renew_ending()
    own.refresh_from_db()
    assert own.status == "revoked"
    (letter,) = mail.outbox
    assert (letter.to, "/portal/accounts/" in letter.body) == ([dana.email], True)
    assert SECRET not in letter.body + letter.subject + own.error


def test_brand_owners_are_warned(acme: Brand, alice: User, bob: User, django_capture_on_commit_callbacks: Any) -> None:
    row = connection("youtube", "key", brand=acme)
    with django_capture_on_commit_callbacks(execute=True):
        assert break_off(row, "revoked", "YouTube refuses this key.")
        assert not break_off(row, "revoked", "YouTube refuses this key.")
    assert [letter.to for letter in mail.outbox] == [[alice.email]]
    assert CONNECTIONS in mail.outbox[0].body


def test_access_that_ends_is_told_once(dana: User, networks: Networks, django_capture_on_commit_callbacks: Any) -> None:
    connection("tiktok", "own", user=dana, ends_at=timezone.now() + timedelta(days=6))
    connection("tiktok", "own", user=dana, external_id="2", ends_at=timezone.now() + timedelta(days=8))
    with django_capture_on_commit_callbacks(execute=True):
        assert warn_ending() == 1
        assert warn_ending() == 0
    assert "ends on" in mail.outbox[0].subject


def test_access_that_ends_is_told_on_the_page(acme: Brand, dana: User, as_dana: Client, as_alice: Client) -> None:
    ends_at = timezone.now() + timedelta(days=6)
    connection("tiktok", "own", user=dana, ends_at=ends_at)
    connection("instagram", "brand", brand=acme, ends_at=ends_at)
    pages = [(as_dana, "/portal/accounts/"), (as_alice, CONNECTIONS)]
    assert not [page for client, page in pages if "Connect it again" in client.get(page).content.decode()]
    assert warn_ending() == 2
    for client, page in pages:
        told = client.get(page).content.decode()
        assert "Connect it again" in told
        assert f"The access ends on {ends_at:%-d %B %Y}" in told


def test_fault_of_the_network_ends_nothing(networks: Networks, own: Connection) -> None:
    networks.on("/tiktok/token", b"", status=500)
    assert renew_ending() == 0
    own.refresh_from_db()
    assert own.status == "connected"
    assert own.error


def test_secret_under_a_lost_key_asks_to_connect_again(networks: Networks, own: Connection) -> None:
    Connection.objects.update(sealed=Fernet(Fernet.generate_key()).encrypt(b"{}").decode())
    own.refresh_from_db()
    with pytest.raises(AccessRevoked):
        read(own, Ledger(own), lambda client: client.fetch_profile(""))
    keep_connections()
    own.refresh_from_db()
    assert own.status == "revoked"


def test_page_shows_what_is_wrong(as_dana: Client, own: Connection) -> None:
    break_off(own, "revoked", "TikTok no longer gives access.")
    page = as_dana.get("/portal/accounts/").content.decode()
    assert "Connect it again" in page
    assert "TikTok no longer gives access." in page


# Budgets


def test_budget_ends_exactly(networks: Networks, acme: Brand) -> None:
    networks.settings.CONNECTORS["youtube"]["limit"] = 10
    ledger = Ledger(connection("youtube", "key", brand=acme))
    ledger.spend("units", 9)
    with pytest.raises(QuotaExhausted) as caught:
        ledger.spend("units", 2)
    ledger.spend("units", 1)
    assert QuotaUse.objects.get().used == 10
    assert 0 < caught.value.wait <= 25 * 3600


def test_routine_leaves_a_tenth_for_people(networks: Networks, acme: Brand) -> None:
    networks.settings.CONNECTORS["youtube"]["limit"] = 10
    row = connection("youtube", "key", brand=acme)
    Ledger(row, share=0.9).spend("units", 9)
    with pytest.raises(QuotaExhausted):
        Ledger(row, share=0.9).spend("units", 1)
    Ledger(row).spend("units", 1)


def test_brands_have_budgets_of_their_own(networks: Networks, acme: Brand, globex: Brand) -> None:
    networks.settings.CONNECTORS["youtube"]["limit"] = 1
    first, second = connection("youtube", "key", brand=acme), connection("youtube", "key", brand=globex)
    Ledger(first).spend("units", 1)
    Ledger(second).spend("units", 1)
    assert used_now([first, second]) == [(1, 1), (1, 1)]


def test_creators_share_the_budget_of_our_registration(networks: Networks, dana: User, alice: User) -> None:
    first, second = connection("youtube", "own", user=dana), connection("youtube", "own", user=alice)
    Ledger(first).spend("units", 3)
    assert used_now([second]) == [(3, 10000)]


def test_budget_is_empty_when_the_network_says_so(networks: Networks, acme: Brand) -> None:
    row = connection("youtube", "key", brand=acme)
    Ledger(row).exhaust("units")
    with pytest.raises(QuotaExhausted):
        Ledger(row).spend("units", 1)


def test_old_counts_are_forgotten(db: None) -> None:
    now = timezone.now()
    for network, days in (("tiktok", 2), ("youtube", 2), ("youtube", 50)):
        QuotaUse.objects.create(network=network, bucket=f"b{days}", starts_at=now - timedelta(days=days), used=1)
    assert forget_old_quotas() == 2


def test_breaker_is_part_of_every_call(networks: Networks, own: Connection) -> None:
    networks.on("/tiktok/token", tiktok_token())
    networks.on("/tiktok/user/info/", b"", status=500)
    with pytest.raises(Unreachable):
        read(own, Ledger(own), lambda client: client.fetch_profile(""))
