"""An access that ends here is ended at its network, and nothing that was begun anew ends with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from creators.actions.connections import connect_brand, disconnect
from creators.actions.privacy import erase
from creators.actions.revocations import hold_back, revoke_due
from creators.connectors.protocol import Grant
from creators.models import Connection, Revocation
from groundswell.accounts.models import Brand, User
from tests import networks as net
from tests.networks import SECRET, Networks, connection

LATER = timedelta(days=3)


def form(request: Any) -> dict[str, str]:
    return dict(request.form.items())


# What each network documents


def test_google_is_told_by_its_refresh_token(networks: Networks, dana: User) -> None:
    networks.on("/youtube/revoke", {})
    disconnect(connection("youtube", "own", user=dana), by=dana)
    assert revoke_due() == 1
    (asked,) = networks.asked
    assert (asked.method, form(asked)) == ("POST", {"token": f"refresh-{SECRET}"})
    assert not Revocation.objects.exists()


def test_tiktok_is_told_with_key_and_secret_and_answers_nothing(networks: Networks, dana: User) -> None:
    networks.on("/tiktok/revoke", b"")
    disconnect(connection("tiktok", "own", user=dana), by=dana)
    assert revoke_due() == 1
    (asked,) = networks.asked
    expected = {"client_key": "id-at-tiktok", "client_secret": f"app-{SECRET}", "token": SECRET}
    assert form(asked) == expected


def test_tiktoks_token_of_a_day_is_renewed_first(networks: Networks, dana: User) -> None:
    networks.on("/tiktok/token", {"access_token": "fresh", "expires_in": 86400, "open_id": "178414"})
    networks.on("/tiktok/revoke", b"")
    row = connection("tiktok", "own", user=dana, expires_at=timezone.now() - timedelta(hours=1))
    disconnect(row, by=dana)
    assert revoke_due() == 1
    assert form(networks.asked[-1])["token"] == "fresh"


@pytest.mark.parametrize(("kind", "section"), [("brand", "facebook"), ("own", "instagram")])
def test_meta_is_asked_to_delete_the_permissions(
    networks: Networks, acme: Brand, alice: User, kind: str, section: str
) -> None:
    networks.on(f"/{section}/me/permissions", {"success": True})
    owner: dict[str, Any] = {"brand": acme} if kind == "brand" else {"user": alice}
    disconnect(connection("instagram", kind, **owner), by=alice)
    assert revoke_due() == 1
    (asked,) = networks.asked
    assert (asked.method, asked.headers["Authorization"]) == ("DELETE", f"Bearer {SECRET}")


@pytest.mark.parametrize(
    ("network", "path", "answer"),
    [
        ("youtube", "/youtube/revoke", net.reply({"error": "invalid_token"}, 400)),
        ("tiktok", "/tiktok/revoke", net.reply({"error": "invalid_request", "error_description": "expired"}, 400)),
        ("instagram", "/instagram/me/permissions", net.graph_error(190)),
    ],
)
def test_what_has_ended_there_already_is_done(
    networks: Networks, dana: User, network: str, path: str, answer: Any
) -> None:
    networks.on(path, answer)
    disconnect(connection(network, "own", user=dana), by=dana)
    assert revoke_due() == 1
    assert not Revocation.objects.exists()


def test_network_without_the_call_is_asked_once(networks: Networks, dana: User, caplog: Any) -> None:
    networks.on("/instagram/me/permissions", net.graph_error(100))
    disconnect(connection("instagram", "own", user=dana), by=dana)
    assert revoke_due() == 1
    assert "was not ended there" in caplog.text
    assert SECRET not in caplog.text


# Failures


@pytest.mark.parametrize("answer", [net.reply({}, 503), net.reply({"error": "slow_down"}, 429)])
def test_failure_is_tried_again_later(networks: Networks, dana: User, answer: Any) -> None:
    networks.on("/youtube/revoke", answer, {})
    disconnect(connection("youtube", "own", user=dana), by=dana)
    assert revoke_due() == 0
    assert Revocation.objects.get().tries == 1
    assert revoke_due() == 0
    assert len(networks.asked) == 1  # not before its time
    assert revoke_due(timezone.now() + LATER) == 1


def test_given_up_after_ten_tries(networks: Networks, dana: User, caplog: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("creators.connectors.breaker.FAILURES", 99)
    networks.on("/youtube/revoke", {}, status=500)
    disconnect(connection("youtube", "own", user=dana), by=dana)
    done = [revoke_due(timezone.now() + LATER) for _ in range(10)]
    assert done == [0] * 9 + [1]
    assert "given up after 10 tries" in caplog.text
    assert not Revocation.objects.exists()


# Nothing newer ends


def test_account_that_was_connected_again_stays(networks: Networks, acme: Brand, alice: User) -> None:
    disconnect(connection("instagram", "brand", brand=acme, grantor="9001"), by=alice)
    connect_brand(acme, "instagram", Grant("newer", account_id="178414", grantor="9001"), by=alice)
    assert not Revocation.objects.exists()
    assert revoke_due(timezone.now() + LATER) == 0
    assert networks.asked == []


def test_living_connection_of_the_same_person_at_another_brand_stays(
    networks: Networks, acme: Brand, globex: Brand, alice: User
) -> None:
    connection("instagram", "brand", brand=globex, external_id="2", grantor="9001")
    disconnect(connection("instagram", "brand", brand=acme, grantor="9001"), by=alice)
    assert revoke_due() == 1
    assert networks.asked == []


def test_another_persons_connection_stops_nothing(networks: Networks, acme: Brand, globex: Brand, alice: User) -> None:
    networks.on("/facebook/me/permissions", {"success": True})
    connection("instagram", "brand", brand=globex, external_id="2", grantor="9002")
    disconnect(connection("instagram", "brand", brand=acme, grantor="9001"), by=alice)
    assert revoke_due() == 1
    assert len(networks.asked) == 1


def test_second_channel_keeps_googles_access(networks: Networks, dana: User) -> None:
    connection("youtube", "own", user=dana, external_id="UC2")
    disconnect(connection("youtube", "own", user=dana, external_id="UC1"), by=dana)
    assert revoke_due() == 1
    assert networks.asked == []


def test_whoever_is_connecting_is_left_alone(networks: Networks, dana: User) -> None:
    disconnect(connection("tiktok", "own", user=dana), by=dana)
    hold_back("tiktok", "own", user=dana)
    assert revoke_due() == 0
    assert networks.asked == []


# Who ends it


def test_page_ends_it_at_the_network(
    networks: Networks, as_dana: Client, dana: User, django_capture_on_commit_callbacks: Any
) -> None:
    networks.on("/tiktok/revoke", b"")
    row = connection("tiktok", "own", user=dana)
    with django_capture_on_commit_callbacks(execute=True):
        as_dana.post(f"/portal/accounts/{row.code}/disconnect/")
    assert networks.paths() == ["/tiktok/revoke"]
    assert not Revocation.objects.exists()
    assert not Connection.objects.exists()


def test_erasure_ends_it_too(networks: Networks, dana: User) -> None:
    networks.on("/tiktok/revoke", b"")
    connection("tiktok", "own", user=dana)
    erase(dana)
    assert not Connection.objects.exists()
    assert revoke_due() == 1
    assert networks.paths() == ["/tiktok/revoke"]


def test_key_and_lost_access_need_no_end(networks: Networks, acme: Brand, dana: User, alice: User) -> None:
    disconnect(connection("youtube", "key", brand=acme), by=alice)
    disconnect(connection("tiktok", "own", user=dana, status="revoked"), by=dana)
    assert not Revocation.objects.exists()


def test_tokens_wait_sealed(networks: Networks, dana: User) -> None:
    disconnect(connection("tiktok", "own", user=dana), by=dana)
    row = Revocation.objects.get()
    assert SECRET not in row.sealed
    assert "178414" not in row.sealed
    assert SECRET not in f"{row!r} {row} {row.grant()!r}"
