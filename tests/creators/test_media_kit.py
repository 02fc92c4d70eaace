"""Creators say who they are, prove their numbers, and show themselves."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from creators.actions.discovery import differences
from creators.actions.metrics import recompute
from creators.actions.profiles import set_kit
from creators.actions.relationships import add_note
from creators.evidence import EvidenceRefused, media_type, read_shares
from creators.models import AudienceSlice, Creator, DataRequest, Evidence, MediaKit, RateCard, Relationship
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tests.letters import letters

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PROFILE = {
    "name": "Dana F.", "bio": "Walks", "country": "DE", "city": "Köln", "language": "de", "gender": "female",
    "niches": "Hiking, hiking, Dogs", "birth_year": "1994", "accepts_product_only": "yes", "email": "hi@dana.example",
    "website": "", "agent": "", "currency": "EUR", "price-instagram-reel": "250", "price-instagram-story": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def mine(dana: User, creator: Creator) -> Creator:
    """Dana's record, claimed."""
    Creator.objects.filter(pk=creator.pk).update(user=dana)
    creator.refresh_from_db()
    return creator


def proof(mine: Creator, **said: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("reach.exe", said.pop("content", PNG), content_type="text/html")
    day = timezone.now().date().isoformat()
    return {"account": mine.accounts.get().pk, "file": file, "observed_on": day, **said}


# Profile


def test_profile_is_saved_and_found(as_dana: Client, mine: Creator) -> None:
    assert as_dana.post("/portal/profile/", PROFILE).status_code == 302
    mine.refresh_from_db()
    assert (mine.name, mine.niches, mine.accepts_product_only, mine.birth_year) == (
        "Dana F.",
        ["hiking", "dogs"],
        True,
        1994,
    )
    rate = RateCard.objects.get()
    assert (rate.amount, rate.format, rate.owner, rate.source) == (Decimal(250), "reel", None, "creator")
    assert list(mine.contacts.values_list("kind", "value", "source")) == [("email", "hi@dana.example", "creator")]
    assert differences() == []


def test_what_is_left_out_becomes_unknown(as_dana: Client, mine: Creator) -> None:
    as_dana.post("/portal/profile/", PROFILE)
    blank = {"gender": "", "birth_year": "", "accepts_product_only": "", "email": "", "price-instagram-reel": ""}
    as_dana.post("/portal/profile/", {**PROFILE, **blank})
    mine.refresh_from_db()
    assert (mine.gender, mine.birth_year, mine.accepts_product_only) == ("", None, None)
    assert not RateCard.objects.exists()
    assert not mine.contacts.exists()


def test_bad_profile_changes_nothing(as_dana: Client, mine: Creator) -> None:
    bad = {"birth_year": str(timezone.now().year - 5), "price-instagram-reel": "-1", "country": "ZZ"}
    answer = as_dana.post("/portal/profile/", {**PROFILE, **bad})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"birth_year", "price-instagram-reel", "country"}
    mine.refresh_from_db()
    assert mine.name == "Dana Field"


def test_a_brands_price_is_left_alone(as_dana: Client, mine: Creator, acme: Brand) -> None:
    RateCard.objects.create(creator=mine, owner=acme, network="instagram", format="reel", amount=90, currency="EUR")
    as_dana.post("/portal/profile/", {**PROFILE, "price-instagram-reel": ""})
    assert RateCard.objects.get().owner == acme


# Evidence


def test_evidence_carries_its_numbers(as_dana: Client, mine: Creator) -> None:
    said = {"reach": "41000", "country": "Germany 62\nÖsterreich 14,5 %", "gender": "Women 71\nMen 28"}
    assert as_dana.post("/portal/evidence/", proof(mine, **said)).status_code == 302
    row = Evidence.objects.get()
    assert (row.reach, row.views, row.kind) == (41000, None, "image/png")
    slices = AudienceSlice.objects.order_by("kind", "-share").values_list("kind", "key", "share", "source")
    assert list(slices) == [
        ("country", "DE", Decimal("0.62"), "creator"), ("country", "AT", Decimal("0.145"), "creator"),
        ("gender", "female", Decimal("0.71"), "creator"), ("gender", "male", Decimal("0.28"), "creator"),
    ]  # fmt: skip
    assert differences() == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"content": b"<html><script>"}, "file"),
        ({"content": b""}, "file"),
        ({}, "file"),
        ({"reach": "5", "country": "Atlantis 5"}, "country"),
        ({"reach": "5", "country": "Germany 80\nFrance 40"}, "country"),
        ({"reach": "5", "age": "12-99 5"}, "age"),
        ({"reach": "-1"}, "reach"),
        ({"reach": "5", "observed_on": "2999-01-01"}, "observed_on"),
    ],
)
def test_bad_evidence_changes_nothing(as_dana: Client, mine: Creator, said: dict[str, Any], field: str) -> None:
    said = {"reach": "5", **said} if said.get("content") == b"<html><script>" else said
    answer = as_dana.post("/portal/evidence/", proof(mine, **said))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Evidence.objects.exists()
    assert not AudienceSlice.objects.exists()


def test_brands_read_what_is_proven_and_with_what(
    as_dana: Client, mine: Creator, as_alice: Client, acme: Brand
) -> None:
    as_dana.post("/portal/evidence/", proof(mine, reach="41000", country="Germany 62"))
    row, page = Evidence.objects.get(), f"/creators/{mine.code}/"
    stranger = " ".join(as_alice.get(page).content.decode().split())
    assert "Public record, kept by the creator" in stranger
    assert "41K reached in 30 days" in stranger
    assert "the file is for brands that know the creator" in stranger
    assert f"/evidence/{row.code}/" not in stranger
    make.relationship(acme, mine)
    known = as_alice.get(page).content.decode()
    assert f'href="/creators/{mine.code}/evidence/{row.code}/"' in known
    assert "Creator, with evidence" in known
    as_dana.post(f"/portal/evidence/{row.code}/delete/")
    assert "with evidence" not in as_alice.get(page).content.decode()


def test_partners_read_what_is_proven(as_dana: Client, mine: Creator, acme: Brand, api: Any) -> None:
    as_dana.post("/portal/evidence/", proof(mine, reach="41000"))
    account = api(acme).get(f"/api/v1/creators/{mine.code}/metrics/").json()[0]
    day = Evidence.objects.get().observed_on.isoformat()
    assert account["evidence"] == [{"observed_on": day, "reach": 41000, "views": None, "period_days": 30}]


def test_too_large_a_file_is_refused(as_dana: Client, mine: Creator) -> None:
    answer = as_dana.post("/portal/evidence/", proof(mine, reach="5", content=PNG + b"0" * 8 * 1024 * 1024))
    assert "larger than 8 MB" in answer.content.decode()


def test_account_of_somebody_else_is_no_choice(as_dana: Client, mine: Creator) -> None:
    other = make.creator().accounts.get()
    assert as_dana.post("/portal/evidence/", proof(mine, reach="5") | {"account": other.pk}).status_code == 422


def test_the_file_goes_to_those_who_may_see_it(  # noqa: PLR0917
    as_dana: Client, mine: Creator, as_alice: Client, as_charlie: Client, acme: Brand, admin_client: Client
) -> None:
    as_dana.post("/portal/evidence/", proof(mine, reach="5"))
    row = Evidence.objects.get()
    brand_page = f"/creators/{mine.code}/evidence/{row.code}/"
    assert as_alice.get(brand_page).status_code == 404
    make.relationship(acme, mine)
    for client, page in ((as_dana, f"/portal/evidence/{row.code}/file/"), (as_alice, brand_page),
                         (admin_client, f"/operator/creators/evidence/{row.pk}/file/")):  # fmt: skip
        answer = client.get(page)
        assert b"".join(answer) == PNG
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert as_charlie.get(brand_page).status_code == 404
    eve = Client()
    eve.force_login(make.user("eve@creators.example", kind=User.Kind.CREATOR))
    assert eve.get(f"/portal/evidence/{row.code}/file/").status_code == 404
    assert as_alice.get(f"/operator/creators/evidence/{row.pk}/file/").status_code == 302


def test_deleting_keeps_what_another_file_proves(as_dana: Client, mine: Creator) -> None:
    as_dana.post("/portal/evidence/", proof(mine, reach="5", gender="Women 71", observed_on="2026-05-01"))
    as_dana.post("/portal/evidence/", proof(mine, reach="6", country="Germany 62", observed_on="2026-06-01"))
    as_dana.post(f"/portal/evidence/{Evidence.objects.get(reach=6).code}/delete/")
    assert list(AudienceSlice.objects.values_list("kind", flat=True)) == ["gender"]


def test_deleting_takes_the_file_and_its_audience(as_dana: Client, mine: Creator, tmp_path: Any) -> None:
    as_dana.post("/portal/evidence/", proof(mine, reach="5", country="Germany 62"))
    as_dana.post(f"/portal/evidence/{Evidence.objects.get().code}/delete/")
    assert not Evidence.objects.exists()
    assert not AudienceSlice.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_are_told_by_their_content() -> None:
    assert media_type(b"%PDF-1.7") == "application/pdf"
    assert media_type(b"RIFF1234WEBP") == "image/webp"
    with pytest.raises(EvidenceRefused):
        media_type(b"GIF89a")
    assert read_shares("age", "18–24: 31%; 65+ = 2") == {"18-24": Decimal("0.31"), "65+": Decimal("0.02")}


# The kit


def test_kit_is_off_until_turned_on(as_dana: Client, mine: Creator, client: Client) -> None:
    as_dana.post("/portal/kit/", {"has_niche": "on", "has_engagement": "on"})
    assert client.get("/kit/dana-field/").status_code == 404
    as_dana.post("/portal/kit/", {"is_on": "on", "has_niche": "on", "has_engagement": "on"})
    page = client.get("/kit/dana-field/").content.decode()
    assert [title for title in ("Niche", "Content", "Engagement", "Audience") if f">{title}</h2>" in page] == [
        "Niche", "Engagement"
    ]  # fmt: skip
    assert 'property="og:title" content="Dana Field"' in page
    assert 'property="og:image" content="http' in page


def test_kit_says_what_is_unknown_and_names_denominators(mine: Creator, client: Client, dana: User) -> None:
    mine.accounts.update(engagement_rate=None, followers=8200)
    now = timezone.now()
    set_kit(mine, {"is_on": True}, by=dana)
    page = client.get("/kit/dana-field/").content.decode()
    assert "Engagement rate by followers" in page
    assert "Unknown" in page
    assert "Nothing is known of the audience yet." in page
    for day in range(4, 12):
        make.post(
            mine,
            likes=300,
            comments_count=28,
            followers_at_post=8200,
            posted_at=now - timedelta(days=day),
            observed_at=now,
        )
    recompute([mine.accounts.get().pk])
    page = client.get("/kit/dana-field/").content.decode()
    assert "4.00%" in page
    assert "n = 8 posts" in page


def test_nothing_of_a_brand_is_in_a_kit(mine: Creator, client: Client, dana: User, acme: Brand, alice: User) -> None:
    relation = make.relationship(acme, mine, phone="+49 555", price=Decimal(777), tags=["secret-tag"])
    add_note(relation, "secret-note", by=alice)
    RateCard.objects.create(creator=mine, owner=acme, network="instagram", amount=888, currency="EUR")
    make.post(mine, owner=acme, caption="secret-post", likes=7_777_777, followers_at_post=8200)
    recompute([mine.accounts.get().pk])
    set_kit(mine, {"is_on": True}, by=dana)
    page = client.get("/kit/dana-field/").content.decode()
    for secret in ("secret", "777", "888", "+49", "Acme"):
        assert secret not in page


def test_kit_as_pdf_and_picture(mine: Creator, client: Client, dana: User) -> None:
    Creator.objects.filter(pk=mine.pk).update(name='#eval("1") *Dana* $x$', bio="https://x.example #import")
    mine.refresh_from_db()
    kit = set_kit(mine, {"is_on": True}, by=dana)
    assert client.get(f"{kit.get_absolute_url()}media-kit.pdf").content.startswith(b"%PDF")
    assert client.get(f"{kit.get_absolute_url()}card.png").content.startswith(b"\x89PNG")


def test_kit_goes_with_its_creator(mine: Creator, client: Client, dana: User) -> None:
    set_kit(mine, {"is_on": True}, by=dana)
    User.objects.filter(pk=dana.pk).update(is_active=False)
    assert client.get("/kit/dana-field/").status_code == 404


def test_addresses_of_kits_are_unique(mine: Creator, dana: User) -> None:
    set_kit(mine, {"is_on": True}, by=dana)
    eve = make.user("eve@creators.example", kind=User.Kind.CREATOR)
    assert set_kit(make.creator("Dana Field", user=eve), {}, by=eve).slug == "dana-field-2"
    assert MediaKit.objects.count() == 2


# A copy of one's data


def test_copy_holds_everything_and_is_ones_own(
    as_dana: Client, mine: Creator, relationship: Relationship, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    as_dana.post("/portal/evidence/", proof(mine, reach="5"))
    make.message(relationship, body="=HYPERLINK(1)", status="sent")
    add_note(relationship, "The team's own words", by=alice)
    with django_capture_on_commit_callbacks(execute=True):
        as_dana.post("/portal/privacy/copy/")
    row = DataRequest.objects.get()
    assert (row.status, row.done) == ("done", row.total)
    file = ZipFile(io.BytesIO(b"".join(as_dana.get(f"/portal/privacy/copies/{row.code}/file/"))))
    every = json.loads(file.read("data.json"))
    assert every["profile"][0]["name"] == "Dana Field"
    assert every["brands"][0]["email"] == "dana@creators.example"
    assert every["messages"][0]["body"] == "=HYPERLINK(1)"
    assert b"'=HYPERLINK(1)" in file.read("messages.csv")
    assert any(name.startswith("evidence/") for name in file.namelist())
    assert "The team's own words" not in json.dumps(every)
    eve = Client()
    eve.force_login(make.user("eve@creators.example", kind=User.Kind.CREATOR))
    assert eve.get(f"/portal/privacy/copies/{row.code}/file/").status_code == 404


def test_erasing_needs_the_link_in_the_mail(
    as_dana: Client, mine: Creator, dana: User, django_capture_on_commit_callbacks: Any
) -> None:
    as_dana.post("/portal/privacy/erase/")
    link = str(letters()[-1].body).split("http://")[1].split()[0].partition("/")[2]
    assert as_dana.get(f"/{link}").status_code == 200
    mine.refresh_from_db()
    assert mine.name == "Dana Field"
    with django_capture_on_commit_callbacks(execute=True):
        assert as_dana.post(f"/{link}").status_code == 200
    assert not Creator.objects.filter(name="Dana Field").exists()
    assert as_dana.get("/portal/privacy/").status_code == 302
    assert as_dana.post(f"/{link}").status_code == 410
    assert as_dana.get("/erase/nonsense/").status_code == 410
