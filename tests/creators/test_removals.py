"""Somebody without a profile has what is kept about them erased, and nobody learns whether anything is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from creators.actions.discovery import reindex
from creators.actions.imports import import_now
from creators.actions.removals import RemovalRefused, approve_removal, check_words, erase_due, refuse_removal
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.discovery.alike import Lookalikes
from creators.models import ContactChannel, Creator, OptOut, Removal, SocialAccount
from creators.privacy import refusal
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make
from tests.letters import letters

Api = Callable[..., APIClient]
MARA = {"network": "instagram", "handle": "@Mara.Wild", "email": "mara@wild.example"}


@pytest.fixture(autouse=True)
def unhurried() -> None:
    cache.clear()


@pytest.fixture
def mara(db: None) -> Creator:
    """A public record that nobody has claimed, with a public address."""
    row = make.creator("Mara Wild", handle="mara.wild", bio="Trails", niches=["hiking"])
    ContactChannel.objects.create(creator=row, kind="email", value="mara@wild.example", source="connector")
    return row


def ask(client: Client, **said: str) -> str:
    """Ask, and the path of the link in the mail."""
    letters().clear()
    assert client.post("/remove/", {**MARA, **said}).status_code == 200
    return link()


def link() -> str:
    found = re.search(r"https?://[^/]+(/remove/\S+)", str(letters()[-1].body))
    assert found
    return found[1]


def begin(client: Client, **said: str) -> str:
    path = ask(client, **said)
    assert client.post(path).status_code == 302
    return path


def is_seen(brand: Brand, api: APIClient, client: Client, row: Creator) -> list[bool]:
    """In the directory's page, its count, its facets and the API, as a profile, and as a lookalike."""
    reindex([row.pk])
    other = make.creator(niches=["hiking"])
    found = api.get("/api/v1/creators/?q=mara").data["results"]
    facets = {facet["name"]: facet for facet in api.get("/api/v1/creators/facets/?q=mara").data["facets"]}
    return [
        "Mara Wild" in client.get("/creators/?q=mara").content.decode(),
        bool(found),
        any(option["count"] for option in facets["niche"]["options"]),
        client.get(f"/creators/{row.code}/").status_code == 200,
        api.get(f"/api/v1/creators/{row.code}/").status_code == 200,
        row.pk in {alike.entry.creator.pk for alike in Lookalikes(brand, [other]).found()},
    ]


# Nobody learns anything


def test_stranger_gets_the_same_for_a_kept_account_and_an_unknown_one(client: Client, mara: Creator) -> None:
    pages = []
    for handle in ("mara.wild", "nobody.here"):
        said = {"handle": handle, "email": "stranger@elsewhere.example"}
        path = ask(client, **said)
        asked = client.get(path).content.decode()
        letter = str(letters()[-1].body)
        client.post(path)
        shown = client.get(path).content.decode()
        row = Removal.objects.get(handle=handle)
        tokens = re.compile(
            rf"{re.escape(path)}|{row.proof_code}|{re.escape(handle)}|https?://\S+|csrf\S+ value=\S+|[A-Za-z0-9]{{64}}"
        )
        pages.append([tokens.sub("", text) for text in (asked, letter, shown)])
        assert len(letters()) == 1  # nothing further is written
    assert pages[0] == pages[1]
    mara.refresh_from_db()
    assert mara.leaves_at is None


def test_asking_alone_changes_nothing(client: Client, mara: Creator) -> None:
    path = ask(client)
    assert client.get(path).status_code == 200
    assert not Removal.objects.exists()
    assert not Event.objects.filter(name__startswith="removal.").exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [({"handle": "not a handle!"}, "handle"), ({"email": "nowhere"}, "valid email"), ({"network": "myspace"}, "valid")],
)
def test_bad_input_is_told_and_mails_nothing(client: Client, mara: Creator, said: dict[str, str], why: str) -> None:
    answer = client.post("/remove/", {**MARA, **said})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not letters()


def test_link_that_was_cut_short_or_is_old(client: Client, mara: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ask(client)
    assert client.get(path[:-4] + "/").status_code == 410
    monkeypatch.setattr("creators.actions.removals.LINK_AGE", timedelta(seconds=-1))
    assert client.post(path).status_code == 410
    assert not Removal.objects.exists()


def test_asked_too_often(client: Client, mara: Creator) -> None:
    answers = [client.post("/remove/", MARA).status_code for _ in range(6)]
    assert answers[-1] == 429


def test_nobody_s_mailbox_is_filled_over_a_day(client: Client, mara: Creator, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {
        **settings.ACCOUNT_RATE_LIMITS,
        "portal_link": "100/m/key",
        "removal_link": "3/d/key",
    }
    asked = [client.post("/remove/", {**MARA, "handle": f"mara{number}"}).status_code for number in range(5)]
    assert (asked, len(letters())) == ([200, 200, 200, 429, 429], 3)


def test_a_link_makes_us_look_and_write_only_so_often(client: Client, mara: Creator, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "removal": "2/h/key"}
    path = ask(client, email="stranger@elsewhere.example")
    assert [client.post(path).status_code for _ in range(3)] == [302, 302, 429]
    assert client.get(path).status_code == 200


# Proofs


def test_public_address_proves_it(client: Client, mara: Creator) -> None:
    path = begin(client)
    row = Removal.objects.get()
    assert (row.proof, row.handle) == ("contact", "mara.wild")
    assert "is erased on" in client.get(path).content.decode()
    assert "will be erased" in letters()[-1].subject


def test_address_that_a_brand_typed_proves_nothing(client: Client, acme: Brand, mara: Creator) -> None:
    make.relationship(acme, mara, email="typed@by.example")
    ContactChannel.objects.create(creator=mara, owner=acme, kind="email", value="typed@by.example")
    begin(client, email="typed@by.example")
    assert Removal.objects.get().proof == ""


def test_word_in_the_bio_proves_it_and_the_public_address_hears_of_it(client: Client, mara: Creator) -> None:
    begin(client, email="other@wild.example")
    row = Removal.objects.get()
    assert check_words() == 0
    Creator.objects.filter(pk=mara.pk).update(bio=f"Trails {row.proof_code}")
    letters().clear()
    assert check_words() == 1
    row.refresh_from_db()
    assert row.proof == "code"
    assert {to for letter in letters() for to in letter.to} == {"other@wild.example", "mara@wild.example"}
    assert check_words() == 0


def test_operator_decides_what_nothing_proves(client: Client, alice: User, mara: Creator) -> None:
    begin(client, email="other@wild.example")
    approve_removal(Removal.objects.get(), by=alice)
    mara.refresh_from_db()
    assert mara.leaves_at is not None
    with pytest.raises(RemovalRefused, match="settled already"):
        approve_removal(Removal.objects.get(), by=alice)


def test_operator_sees_the_queue(client: Client, mara: Creator, admin_client: Client) -> None:
    begin(client, email="other@wild.example")
    row = Removal.objects.get()
    page = admin_client.get("/operator/creators/removal/").content.decode()
    assert row.proof_code in page
    admin_client.post("/operator/creators/removal/", {"action": "refuse", "_selected_action": [row.pk]})
    assert not Removal.objects.exists()
    assert "could not confirm" in letters()[-1].subject


def test_claimed_account_is_its_persons_to_erase(client: Client, alice: User, dana: User, mara: Creator) -> None:
    Creator.objects.filter(pk=mara.pk).update(user=dana)
    begin(client)
    row = Removal.objects.get()
    assert row.proof == ""
    with pytest.raises(RemovalRefused, match="in the portal"):
        approve_removal(row, by=alice)


def test_refused_and_unproven_wishes_end_in_the_same_letter(client: Client, alice: User, mara: Creator) -> None:
    begin(client, email="other@wild.example")
    refuse_removal(Removal.objects.get(), by=alice)
    refused = str(letters()[-1].body)
    begin(client, email="other@wild.example")
    assert erase_due(timezone.now() + Removal.PATIENCE + timedelta(hours=1)) == 0
    assert str(letters()[-1].body) == refused
    assert not Removal.objects.exists()
    assert Creator.objects.filter(name="Mara Wild").exists()


# Hidden, kept after all, or gone


def test_hidden_everywhere_until_then(client: Client, as_alice: Client, acme: Brand, api: Api, mara: Creator) -> None:
    make.relationship(acme, mara)
    shortlist = create_shortlist(acme, "Spring", by=None)
    add_to_shortlist(shortlist, [mara], by=None)
    assert all(is_seen(acme, api(acme), as_alice, mara))
    assert "Mara Wild" in as_alice.get("/relationships/").content.decode()
    begin(client)
    assert not any(is_seen(acme, api(acme), as_alice, mara))
    assert "Mara Wild" not in as_alice.get("/relationships/").content.decode()
    assert "Mara Wild" not in as_alice.get(f"/shortlists/{shortlist.code}/").content.decode()
    assert api(acme).get("/api/v1/relationships/").data["results"] == []
    assert "erased" in refusal("instagram", "mara.wild")
    assert "erased" in refusal("tiktok", "another", "mara@wild.example")


def test_taken_back_everything_is_as_before(
    client: Client, as_alice: Client, acme: Brand, api: Api, mara: Creator
) -> None:
    begin(client)
    path = link()
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 200
    assert all(is_seen(acme, api(acme), as_alice, mara))
    assert refusal("instagram", "mara.wild", "mara@wild.example") == ""
    assert not OptOut.objects.exists()
    assert client.post(path).status_code == 410
    assert erase_due(timezone.now() + timedelta(days=99)) == 0


def test_gone_after_the_grace_period(client: Client, acme: Brand, mara: Creator) -> None:
    """Brands' own records of the account as well; the books stay without the name."""
    private = make.creator("Mara W.", handle="mara.wild", owner=acme)
    known = make.relationship(acme, mara, email="")
    make.collaboration(make.campaign(acme), known, status="accepted", fee=120)
    begin(client)
    assert erase_due() == 0
    assert erase_due(timezone.now() + Removal.GRACE + timedelta(minutes=1)) == 1
    assert not Creator.objects.filter(pk=private.pk).exists()
    assert not SocialAccount.objects.filter(handle="mara.wild").exists()
    known.refresh_from_db()
    assert known.creator.name == "Erased creator"
    assert known.collaborations.get().offers.get().fee == 120
    assert not Removal.objects.exists()
    assert "had their data erased" in refusal("instagram", "mara.wild")
    assert set(OptOut.objects.values_list("wish", flat=True)) == {"erased"}
    assert "is erased" in letters()[-1].subject
    assert erase_due(timezone.now() + timedelta(days=99)) == 0


def test_import_refuses_whoever_is_leaving(client: Client, mara: Creator, globex: Brand) -> None:
    begin(client)
    summary = import_now(globex, ContentFile(b"handle,network\nmara.wild,instagram\n"), "again.csv")
    assert summary.created == 0
    assert "asked for their data to be erased" in summary.rejected[0]["reason"]


def test_account_that_nobody_keeps_is_never_added(client: Client, alice: User, db: Any) -> None:
    begin(client, handle="not.here.yet")
    approve_removal(Removal.objects.get(), by=alice)
    assert "asked for their data" in refusal("instagram", "not.here.yet")
    assert erase_due(timezone.now() + Removal.GRACE + timedelta(minutes=1)) == 1
    assert "had their data erased" in refusal("instagram", "not.here.yet")
