"""Tiers are computed from followers and the brand's scheme."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from creators.actions.tiers import set_tiers, start_tiers
from creators.models import SocialAccount, TierScheme
from creators.tasks import give_tiers
from creators.tiers import (
    PRESETS,
    Bounds,
    SchemeRefusedError,
    check_bands,
    tier_case,
    tier_filter,
    tier_in,
    tier_of,
    versions,
)
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tests import factories as make

STANDARD = PRESETS["flinque"].bands


@pytest.mark.parametrize(
    ("followers", "tier"),
    [(None, None), (0, None), (999, None), (1_000, "nano"), (9_999, "nano"), (10_000, "micro"), (99_999, "micro"),
     (100_000, "macro"), (999_999, "macro"), (1_000_000, "mega"), (10**9, "mega")],
)  # fmt: skip
def test_lower_bounds_are_in_and_upper_bounds_out(followers: int | None, tier: str | None) -> None:
    assert tier_in(STANDARD, "instagram", followers) == tier


def test_one_creator_is_macro_here_and_mega_there() -> None:
    assert tier_in(STANDARD, "instagram", 700_000) == "macro"
    assert tier_in(PRESETS["dash-hudson"].bands, "instagram", 700_000) == "mega"
    assert tier_in(PRESETS["hypeauditor"].bands, "instagram", 50_000) == "mid"


@pytest.mark.parametrize("preset", PRESETS.values())
def test_presets_are_sound(preset: object) -> None:
    check_bands(preset.bands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("bands", "row", "words"),
    [
        ([Bounds("micro", 10_000, 10_000)], 0, "not above its start"),
        ([Bounds("micro", 10_000, 5_000)], 0, "Row 1 (“micro”) ends at 5,000"),
        ([Bounds("nano", 0, 10_000), Bounds("micro", 9_999, 20_000)], 1, "Row 2 (“micro”) overlaps with row 1"),
        ([Bounds("mega", 10, None), Bounds("giga", 20, None)], 1, "overlaps"),
        ([Bounds("micro", 30, 40), Bounds("nano", 0, 20)], 0, "starts at 30 but row 2 (“nano”) ends at 20"),
        ([Bounds("nano", 0, 20), Bounds("a", 0, 5, "tiktok"), Bounds("b", 6, 9, "tiktok")], 2, "5 to 6 followers"),
        ([Bounds("a", None, 10), Bounds("b", None, 20)], 1, "overlaps"),
        ([Bounds("nano", 0, 10), Bounds("Nano", 10, 20)], 1, "same name as row 1"),
        ([Bounds("", 0, 10)], 0, "no name"),
        ([Bounds("nano", 0, 10, "tiktok")], 0, "at least one tier for all networks"),
        ([], 0, "at least one"),
    ],
)
def test_the_wrong_row_is_named(bands: list[Bounds], row: int, words: str) -> None:
    with pytest.raises(SchemeRefusedError) as refusal:
        check_bands(bands)
    assert refusal.value.row == row
    assert words in str(refusal.value)


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=6, unique=True), st.integers(0, 10**7))
def test_sound_schemes_give_one_tier_at_most(cuts: list[int], followers: int) -> None:
    cuts.sort()
    bands = [Bounds(f"t{n}", low, high) for n, (low, high) in enumerate(pairwise(cuts))]
    check_bands(bands)
    holding = [band.name for band in bands if (band.lower or 0) <= followers < (band.upper or 0)]
    assert tier_in(bands, "tiktok", followers) == (holding[0] if holding else None)


def test_sql_and_python_agree(acme: Brand) -> None:
    bands = [*STANDARD, Bounds("nano", 500, 20_000, "tiktok"), Bounds("big", 20_000, None, "tiktok")]
    scheme = set_tiers(acme, "Ours", bands)
    for network in ("instagram", "tiktok", "youtube"):
        for followers in (None, 0, 499, 500, 999, 1_000, 9_999, 10_000, 19_999, 20_000, 10**6):
            make.creator(network=network, followers=followers)
    rows = SocialAccount.objects.annotate(tier=tier_case(scheme))
    assert [row.tier for row in rows] == [tier_of(scheme, row.network, row.followers) for row in rows]
    for name in ("nano", "micro", "big"):
        found = set(SocialAccount.objects.filter(tier_filter(scheme, [name])).values_list("pk", flat=True))
        assert found == {row.pk for row in rows if row.tier == name}


def test_a_new_brand_gets_the_standard_scheme_once(acme: Brand) -> None:
    brand = Brand.objects.create(code="fresh", name="Fresh")
    event = record(brand, "brand.created", brand)
    give_tiers(event.pk)
    give_tiers(event.pk)
    assert TierScheme.objects.of(brand).get().bands.count() == 4
    set_tiers(brand, "Ours", [Bounds("all", None, None)])
    start_tiers(brand)
    assert TierScheme.objects.of(brand).get().bands.count() == 1


def test_nothing_breaks_without_a_scheme(as_alice: Client, acme: Brand) -> None:
    TierScheme.objects.all().delete()
    creator = make.creator()
    for path in ("/creators/", "/creators/?tier=nano", f"/creators/{creator.code}/", "/settings/tiers/"):
        assert as_alice.get(path).status_code == 200


def form(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    data = {"name": "Ours", "band-TOTAL_FORMS": str(len(rows)), "band-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data.update(
            {
                f"band-{number}-{key}": value
                for key, value in zip(("name", "lower", "upper", "network"), row, strict=True)
            }
        )
    return data


def test_the_page_saves_a_scheme(as_alice: Client, as_bob: Client, acme: Brand, globex: Brand) -> None:
    data = form(("Small", "0", "5000", ""), ("Large", "5000", "", ""), ("", "", "", ""))
    assert as_bob.get("/settings/tiers/").status_code == 200
    assert as_bob.post("/settings/tiers/", data).status_code == 403
    assert TierScheme.objects.get(brand=acme).bands.count() == 4
    assert as_alice.post("/settings/tiers/", data).status_code == 302
    bands = TierScheme.objects.get(brand=acme).bands.all()
    assert [(band.name, band.lower, band.upper) for band in bands] == [
        ("small", 0, 5000),
        ("large", 5000, None),
    ]
    assert TierScheme.objects.get(brand=globex).bands.count() == 4


def test_a_scheme_keeps_its_versions(as_alice: Client, as_bob: Client, alice: User, acme: Brand) -> None:
    set_tiers(acme, "Wide", [Bounds("all", None, None), Bounds("small", 0, 777, "tiktok")], by=alice)
    scheme = set_tiers(acme, "Ours", [Bounds("low", 0, 5000), Bounds("high", 5000, None)])
    now, before, *_ = found = versions(scheme)
    assert [row.number for row in found] == [*range(len(found), 0, -1)]
    assert (now.title, now.until, now.by, now.bands) == (
        "Ours",
        None,
        None,
        [Bounds("low", 0, 5000), Bounds("high", 5000, None)],
    )
    assert (before.title, before.until, before.by) == ("Wide", now.since, alice)
    assert set(before.bands) == {Bounds("all", None, None), Bounds("small", 0, 777, "tiktok")}
    for client in (as_alice, as_bob):
        page = client.get("/settings/tiers/").content.decode()
        assert "Small 0 to 777" in page
    set_tiers(acme, "Wide", [Bounds("all", None, None)])
    assert len(versions(scheme)) == len(found) + 1


def test_the_page_asks_the_same_number_of_times_however_many_versions(as_alice: Client, acme: Brand) -> None:
    asked = []
    for more in (1, 4):
        for _ in range(more):
            set_tiers(acme, "Ours", STANDARD)
        with CaptureQueriesContext(connection) as captured:
            as_alice.get("/settings/tiers/")
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_versions_are_no_other_brands(as_charlie: Client, acme: Brand, globex: Brand) -> None:
    set_tiers(acme, "Acme's secret", [Bounds("all", None, None)])
    assert "secret" not in as_charlie.get("/settings/tiers/").content.decode()


def test_what_an_operator_changes_is_a_version(admin_client: Client, acme: Brand) -> None:
    scheme = set_tiers(acme, "Ours", [Bounds("all", None, None)])
    band = scheme.bands.get()
    body = {"brand": acme.pk, "name": "Theirs", "bands-TOTAL_FORMS": 1, "bands-INITIAL_FORMS": 1,
            "bands-0-id": band.pk, "bands-0-scheme": scheme.pk, "bands-0-name": "every", "bands-0-network": "",
            "bands-0-lower": "10", "bands-0-upper": ""}  # fmt: skip
    assert admin_client.post(f"/operator/creators/tierscheme/{scheme.pk}/change/", body).status_code == 302
    newest = versions(scheme)[0]
    assert (newest.title, newest.bands) == ("Theirs", [Bounds("every", 10, None)])


def test_the_page_says_which_row_is_wrong(as_alice: Client, acme: Brand) -> None:
    response = as_alice.post("/settings/tiers/", form(("Small", "0", "5000", ""), ("Large", "4000", "", "")))
    assert response.status_code == 422
    assert "Row 2 (“large”) overlaps with row 1 (“small”)" in response.content.decode()
    assert TierScheme.objects.get(brand=acme).bands.count() == 4
    assert as_alice.get("/settings/tiers/?preset=dash-hudson").context["form"].initial["name"] == "Dash Hudson"
