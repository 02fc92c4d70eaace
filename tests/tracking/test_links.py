"""Links and codes: issued on acceptance, readable, safe to change, seen by those they belong to."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions.codes import code_stem
from tracking.actions.destinations import ForeignDestinationError
from tracking.actions.links import change_destination, issue_tracking, slug_words
from tracking.actions.orders import refund_order
from tracking.actions.rollups import rebuild
from tracking.models import Click, DailyResult, DiscountCode, LinkAlias, TrackingLink
from tracking.shops.orders import RefundData

LANDING = "https://shop.example/spring"


@pytest.fixture
def agreed(campaign: Campaign, relationship: Relationship) -> Collaboration:
    return make.collaboration(campaign, relationship, status="accepted")


@pytest.fixture
def link(agreed: Collaboration) -> TrackingLink:
    return issue_tracking(agreed)[0]


def another(campaign: Campaign, name: str, handle: str) -> Collaboration:
    creator = make.creator(name, handle=handle)
    return make.collaboration(campaign, make.relationship(campaign.brand, creator), status="accepted")


def test_accepting_gives_a_link_and_a_code(
    agreed: Collaboration, alice: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record(agreed.campaign.brand, "offer.accepted", agreed.offers.get(), by=alice)
    link, code = TrackingLink.objects.get(), DiscountCode.objects.get()
    assert (link.slug, link.destination) == ("dana-field-spring-launch", LANDING)
    assert (link.utm_source, link.utm_medium, link.utm_campaign, link.utm_content) == (
        "instagram",
        "influencer",
        "spring-launch",
        "dana.field",
    )
    assert (code.code, code.percent, code.brand) == ("DANA10", 10, agreed.campaign.brand)
    assert set(Event.objects.filter(name__endswith=".issued").values_list("name", flat=True)) == {
        "link.issued",
        "code.issued",
    }


def test_issuing_again_changes_nothing(agreed: Collaboration) -> None:
    assert issue_tracking(agreed) == issue_tracking(agreed)
    assert (TrackingLink.objects.count(), DiscountCode.objects.count()) == (1, 1)
    assert Event.objects.filter(name="link.issued").count() == 1


def test_slugs_are_unique_over_all_brands(agreed: Collaboration, globex: Brand) -> None:
    theirs = another(make.campaign(globex), "Dana Field", "dana_field")
    assert issue_tracking(agreed)[0].slug == "dana-field-spring-launch"
    assert issue_tracking(theirs)[0].slug == "dana-field-spring-launch-2"


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        (("dana.field", "Spring launch", ""), "dana-field-spring-launch"),
        (("дана", "Весна", ""), ""),
        (("dana@example.com", "Spring", ""), "dana-spring"),
        (("__x__", "a" * 90, ""), "x-" + "a" * 53),
    ],
)
def test_refref_puts_an_email_into_links(words: tuple[str, ...], slug: str) -> None:
    assert slug_words(*words) == slug


def test_codes_collide_within_a_brand_only_and_never_look_alike(campaign: Campaign, globex: Brand) -> None:
    names = [("Dana Field", "a1"), ("Dana Hill", "a2"), ("DÁNA", "a3"), ("Dama", "a4"), ("Lio", "a5"), ("L10", "a6")]
    codes = [issue_tracking(another(campaign, *name))[1].code for name in names]
    assert codes == ["DANA10", "DANA10X2", "DANA10X3", "DAMA10", "LIO10", "L1010X2"]
    assert issue_tracking(another(make.campaign(globex), "Dana", "b1"))[1].code == "DANA10"


@pytest.mark.parametrize(
    ("names", "stem"),
    [(("Dána Field", "x", "y"), "DANA"), (("Дана", "dana.field", "y"), "DANA"), (("山田", "", ""), "FRIEND")],
)
def test_a_code_starts_with_a_name_that_can_be_typed(names: tuple[str, ...], stem: str) -> None:
    assert code_stem(*names) == stem


@pytest.mark.parametrize("percent", ["0", "12.50"])
def test_a_percentage_that_would_mislead_is_left_out(campaign: Campaign, percent: str) -> None:
    campaign.discount_percent = percent  # type: ignore[assignment]
    campaign.save()
    assert issue_tracking(another(campaign, "Dana", "a1"))[1].code == "DANA"


@pytest.mark.parametrize(
    "url", ["https://shop.example/summer?x=1#y", "https://www.shop.example/", "https://shop.example:443/"]
)
def test_a_destination_changes_within_the_campaigns_site(link: TrackingLink, alice: User, url: str) -> None:
    before = link.updated_at
    change_destination(link, url, by=alice)
    link.refresh_from_db()
    assert link.destination == url
    assert link.updated_at > before
    assert Event.objects.get(name="link.redirected").data["before"] == LANDING


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://evilshop.example/",
        "https://shop.example@evil.example/",
        "https://evil.example\\@shop.example/",
        "https://shop.example:8443/",
        "javascript:alert(1)",
        "//evil.example",
        "https://[",
    ],
)
def test_a_link_is_never_an_open_redirect(link: TrackingLink, alice: User, as_alice: Client, url: str) -> None:
    with pytest.raises(ForeignDestinationError):
        change_destination(link, url, by=alice)
    answer = as_alice.post(f"/links/{link.slug}/destination/", {"destination": url})
    link.refresh_from_db()
    assert (answer.status_code, link.destination) == (422, LANDING)


# Pages


def test_the_list_shows_link_code_and_counts(link: TrackingLink, as_bob: Client) -> None:
    for day, clicks in ((1, 30), (2, 12)):
        DailyResult.objects.create(
            collaboration=link.collaboration,
            day=date(2026, 11, day),
            clicks=clicks,
            unique_clicks=clicks - 5,
            bot_clicks=4,
        )
    page = as_bob.get("/links/").content.decode()
    for text in ("dana-field-spring-launch", "DANA10", ">42<", ">32<", ">8<"):
        assert text in page


def test_the_list_asks_the_same_number_of_queries_for_any_number_of_rows(
    campaign: Campaign, as_alice: Client, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        issue_tracking(another(campaign, f"Creator {number}", f"c{number}"))
    with django_assert_num_queries(9):
        as_alice.get("/links/")
    for number in range(3, 30):
        issue_tracking(another(campaign, f"Creator {number}", f"c{number}"))
    with django_assert_num_queries(9):
        assert as_alice.get("/links/").content.count(b'<th scope="row"') == 25


def test_pages_follow_keys(campaign: Campaign, as_alice: Client) -> None:
    for number in range(30):
        issue_tracking(another(campaign, f"Creator {number}", f"c{number}"))
    first = as_alice.get("/links/")
    second = as_alice.get("/links/" + first.context["next_url"])
    assert [len(page.context["rows"]) for page in (first, second)] == [25, 5]
    assert not {row.pk for row in first.context["rows"]} & {row.pk for row in second.context["rows"]}
    assert second.context["next_url"] == first.context["previous_url"] == ""
    back = as_alice.get("/links/" + second.context["previous_url"])
    assert back.context["rows"] == first.context["rows"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dana", 1),
        ("q=@dana.field", 1),
        ("q=dana10", 1),
        ("q=nobody", 0),
        ("state=active", 1),
        ("state=paused", 0),
        ("state=odd", 1),
        ("after=x&before=9999999999999999999999", 1),
    ],
)
def test_filters(link: TrackingLink, as_alice: Client, query: str, found: int) -> None:
    assert len(as_alice.get(f"/links/?{query}").context["rows"]) == found


def test_the_sheet_holds_every_link_and_no_formula(link: TrackingLink, as_alice: Client) -> None:
    creator = link.collaboration.relationship.creator
    creator.name = "=HYPERLINK(1)"
    creator.save()
    rows = list(csv.DictReader(io.StringIO(as_alice.get("/links/links.csv").content.decode("utf-8-sig"))))
    assert len(rows) == 1
    assert rows[0]["Creator"] == "'=HYPERLINK(1)"
    assert rows[0]["Link"] == "http://testserver/r/dana-field-spring-launch"


def test_the_page_of_a_link_shows_why_clicks_count_or_not(link: TrackingLink, as_bob: Client) -> None:
    make.click(link, referrer="l.instagram.com/")
    make.click(link, is_duplicate=True)
    make.click(link, bot_reason="preview", device="", app="")
    page = as_bob.get(f"/links/{link.slug}/").content.decode()
    for text in ("l.instagram.com/", "Link preview of an app", "Repeat", "Repeated within 10 seconds", "People"):
        assert text in page
    assert Click.objects.count() == 3
    assert "Pause" not in page


def test_pausing_and_resuming(link: TrackingLink, as_alice: Client) -> None:
    assert as_alice.post(f"/links/{link.slug}/pause/").status_code == 302
    link.refresh_from_db()
    assert not link.is_active
    as_alice.post(f"/links/{link.slug}/pause/")
    as_alice.post(f"/links/{link.slug}/resume/")
    link.refresh_from_db()
    assert link.is_active
    assert list(Event.objects.filter(name__startswith="link.").order_by("pk").values_list("name", flat=True)) == [
        "link.issued",
        "link.paused",
        "link.resumed",
    ]


def test_one_more_link_for_another_place(link: TrackingLink, as_alice: Client) -> None:
    assert as_alice.post(f"/links/{link.slug}/placement/", {"placement": "Story"}).status_code == 302
    made = TrackingLink.objects.get(placement="Story")
    assert (made.slug, made.utm_content) == ("dana-field-spring-launch-story", "dana.field-story")
    again = as_alice.post(f"/links/{link.slug}/placement/", {"placement": " story "})
    assert (again.status_code, TrackingLink.objects.count()) == (422, 2)


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_qr_codes(link: TrackingLink, as_bob: Client, as_dana: Client, kind: str, start: bytes) -> None:
    for client, path in ((as_bob, f"/links/{link.slug}/qr"), (as_dana, f"/portal/{link.collaboration.code}/qr")):
        answer = client.get(f"{path}.{kind}")
        assert answer.status_code == 200
        assert answer.content.startswith(start)
    assert as_bob.get(f"/links/{link.slug}/qr.exe").status_code == 404


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_partners_get_qr_codes(
    link: TrackingLink, globex: Brand, api: Callable[..., APIClient], kind: str, start: bytes
) -> None:
    client, path = api(link.collaboration.campaign.brand, "returns:read"), f"/api/v1/links/{link.slug}/qr"
    answer = client.get(f"{path}.{kind}", HTTP_ACCEPT="image/*")
    assert (answer.status_code, answer.content[: len(start)]) == (200, start)
    assert client.get(f"{path}.exe").status_code == 404
    assert api(globex).get(f"{path}.{kind}").status_code == 404


# Devices, end, address


DESTINATION = {"destination": "https://shop.example/summer"}


def test_a_link_gets_destinations_by_device_an_end_and_a_page(link: TrackingLink, as_alice: Client) -> None:
    extra = {
        "ios_destination": "https://apps.apple.com/app/id1",
        "android_destination": "https://shop.example/android",
        "fallback": "https://shop.example/over",
        "expires_at": "2030-01-31T12:00",
        "has_page": "on",
    }
    assert as_alice.post(f"/links/{link.slug}/destination/", {**DESTINATION, **extra}).status_code == 302
    link.refresh_from_db()
    assert (link.ios_destination, link.fallback, link.has_page) == (extra["ios_destination"], extra["fallback"], True)
    assert link.expires_at
    assert set(Event.objects.get(name="link.redirected").data["changes"]) == {"destination", *extra}
    page = as_alice.get(f"/links/{link.slug}/").content.decode()
    assert "changed where a tracking link leads" in page
    assert f"Leads to: {LANDING} → {DESTINATION['destination']}" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"fallback": "https://evil.example/"},
        {"ios_destination": "evil-app://x"},
        {"android_destination": "javascript:alert(1)"},
        {"expires_at": "2020-01-01T00:00"},
        {"expires_at": "soon"},
    ],
)
def test_no_way_out_is_an_open_redirect(link: TrackingLink, as_alice: Client, wrong: dict[str, str]) -> None:
    answer = as_alice.post(f"/links/{link.slug}/destination/", {**DESTINATION, **wrong})
    link.refresh_from_db()
    assert (answer.status_code, link.destination) == (422, LANDING)


def test_another_address_leaves_the_old_one_leading(link: TrackingLink, as_alice: Client) -> None:
    assert as_alice.post(f"/links/{link.slug}/address/", {"slug": "Dana"}).status_code == 302
    link.refresh_from_db()
    assert (link.slug, link.aliases.get().slug) == ("dana", "dana-field-spring-launch")
    as_alice.post("/links/dana/address/", {"slug": "dana-field-spring-launch"})
    assert link.aliases.get().slug == "dana"


@pytest.mark.parametrize("slug", ["taken", "was-taken", "-x", "x y", "", "new", "é", "a" * 61])
def test_an_address_that_leads_elsewhere_or_is_none_is_refused(
    link: TrackingLink, globex: Brand, as_alice: Client, slug: str
) -> None:
    theirs = issue_tracking(another(make.campaign(globex), "Erin", "erin"))[0]
    TrackingLink.objects.filter(pk=theirs.pk).update(slug="taken")
    LinkAlias.objects.create(link=theirs, slug="was-taken")
    answer = as_alice.post(f"/links/{link.slug}/address/", {"slug": slug})
    assert (answer.status_code, LinkAlias.objects.filter(link=link).count()) == (422, 0)


def test_a_new_link_never_takes_an_earlier_address(link: TrackingLink, as_alice: Client, globex: Brand) -> None:
    as_alice.post(f"/links/{link.slug}/address/", {"slug": "dana"})
    theirs = issue_tracking(another(make.campaign(globex), "Dana Field", "dana_field"))[0]
    assert theirs.slug == "dana-field-spring-launch-2"


def test_partners_change_a_link_by_the_same_rules(link: TrackingLink, acme: Brand) -> None:
    api, path = APIClient(), f"/api/v1/links/{link.slug}/"
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {make.api_key(acme, 'returns:read', 'campaigns:write')}")
    changed = api.patch(path, {**DESTINATION, "is_active": False, "fallback": "https://shop.example/x"}, format="json")
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    refused = api.patch(path, {"destination": "https://evil.example/", "is_active": True}, format="json")
    assert refused.status_code == 400
    assert not api.get(path).json()["is_active"]
    assert [row["name"] for row in api.get(f"{path}history/").json()] == ["link.paused", "link.redirected"]


WRITES = ["destination", "pause", "resume", "placement", "address", "check"]


def test_strangers_find_nothing(link: TrackingLink, as_charlie: Client) -> None:
    for path in ("", "qr.svg"):
        assert as_charlie.get(f"/links/{link.slug}/{path}").status_code == 404
    for path in WRITES:
        assert as_charlie.post(f"/links/{link.slug}/{path}/", {"placement": "x"}).status_code == 404
    assert b"dana-field" not in as_charlie.get("/links/").content
    assert b"dana-field" not in as_charlie.get("/links/links.csv").content


def test_readers_change_nothing(link: TrackingLink, as_bob: Client) -> None:
    before = TrackingLink.objects.values().get()
    for path in WRITES:
        data = {"placement": "Story", "destination": "https://shop.example/x"}
        assert as_bob.post(f"/links/{link.slug}/{path}/", data).status_code == 403
    assert TrackingLink.objects.values().get() == before


# Portal


def test_the_creator_gets_link_code_and_qr(link: TrackingLink, as_dana: Client) -> None:
    panel = as_dana.get(f"/portal/{link.collaboration.code}/tracking/").content.decode()
    for text in ("http://testserver/r/dana-field-spring-launch", "DANA10", "qr.svg", "10% off"):
        assert text in panel


def test_the_creator_reads_how_long_a_link_works(link: TrackingLink, as_dana: Client) -> None:
    path = f"/portal/{link.collaboration.code}/tracking/"
    change_destination(link, LANDING, by=None, expires_at=timezone.now() + timedelta(days=9), has_page=True)
    panel = as_dana.get(path).content.decode()
    assert "It works until" in panel
    assert "a page with your name and code first" in panel
    change_destination(link, LANDING, by=None, expires_at=timezone.now() - timedelta(days=9))
    assert "This link is over" in as_dana.get(path).content.decode()


def test_the_panel_asks_again_until_link_and_code_are_there(agreed: Collaboration, as_dana: Client) -> None:
    panel = as_dana.get(f"/portal/{agreed.code}/tracking/").content.decode()
    assert "being prepared" in panel
    assert 'hx-trigger="load delay:2s"' in panel
    issue_tracking(agreed)
    assert "load delay" not in as_dana.get(f"/portal/{agreed.code}/tracking/").content.decode()


def test_nothing_is_shown_before_the_offer_is_accepted(collaboration: Collaboration, as_dana: Client) -> None:
    issue_tracking(collaboration)
    assert as_dana.get(f"/portal/{collaboration.code}/tracking/").content.strip() == b""
    assert as_dana.get(f"/portal/{collaboration.code}/qr.svg").status_code == 404


def test_before_the_first_tap_nothing_is_claimed(link: TrackingLink, as_dana: Client) -> None:
    panel = as_dana.get(f"/portal/{link.collaboration.code}/results/").content.decode()
    assert "No tap and no order yet" in panel
    assert "€0.00" not in panel


def test_the_creator_sees_what_they_brought_and_earned(link: TrackingLink, as_dana: Client, acme: Brand) -> None:
    for _ in range(3):
        make.click(link)
    rebuild()
    assert panel_text(as_dana, link).count("not yet") == 2
    for net in ("80", "40"):
        make.order(acme, "DANA10", net=net)
    rebuild()
    text = panel_text(as_dana, link)
    for fact in ("3 taps in all", "€12.00", "10% of €120.00", "brought 0 to 7 orders"):
        assert fact in text


def test_goods_sent_back_are_told(link: TrackingLink, as_dana: Client, acme: Brand) -> None:
    order = make.order(acme, "DANA10", net="80")
    refund_order(order, RefundData("r1", timezone.now(), Decimal(40)))
    rebuild()
    text = panel_text(as_dana, link)
    assert "€4.00" in text
    assert "Goods sent back for €40.00 are taken off already" in text


def test_without_a_commission_none_is_shown(link: TrackingLink, as_dana: Client, acme: Brand) -> None:
    link.collaboration.offers.update(commission_percent=0)
    make.order(acme, "DANA10", net="80")
    rebuild()
    text = panel_text(as_dana, link)
    assert "Orders" in text
    assert "ommission" not in text


def test_no_results_before_an_agreement(collaboration: Collaboration, as_dana: Client) -> None:
    assert as_dana.get(f"/portal/{collaboration.code}/results/").status_code == 404


def panel_text(client: Client, link: TrackingLink) -> str:
    html = client.get(f"/portal/{link.collaboration.code}/results/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_another_creator_finds_nothing(link: TrackingLink) -> None:
    stranger = Client()
    stranger.force_login(make.user("erin@creators.example", kind=User.Kind.CREATOR))
    for path in ("tracking/", "results/", "qr.svg", "qr.png"):
        assert stranger.get(f"/portal/{link.collaboration.code}/{path}").status_code == 404


def test_the_newest_clicks_of_a_link_for_partners(
    acme: Brand, globex: Brand, collaboration: Collaboration, api: Any, django_assert_max_num_queries: Any
) -> None:
    link, noon = make.link(collaboration), datetime(2026, 11, 20, 12, tzinfo=UTC)
    make.click(make.link(collaboration, placement="another"), noon)
    for minute, facts in enumerate([{}, {"is_duplicate": True}, {"bot_reason": "head", "country": "DE"}]):
        make.click(link, noon + timedelta(minutes=minute), **facts)
    url = f"/api/v1/links/{link.slug}/clicks/"
    with django_assert_max_num_queries(8):
        first = api(acme, "returns:read").get(url, {"page_size": 2}).json()
    rest = api(acme, "returns:read").get(first["next"]).json()
    told = [(row["is_person"], row["is_duplicate"], row["bot_reason"]) for row in first["results"] + rest["results"]]
    assert told == [(False, False, "head"), (True, True, ""), (True, False, "")]
    assert first["results"][0]["country"] == "DE"
    assert "visitor" not in first["results"][0]
    assert api(globex).get(url).status_code == 404


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ({"percent": 15}, "15% off with the code"),
        ({"kind": "amount", "amount": 5, "percent": 0}, "5.00 EUR off with the code"),
        ({"kind": "gift", "gift": "a tote bag", "percent": 0}, "a tote bag with the code"),
    ],
)
def test_the_page_says_what_a_code_gives(
    as_alice: Client, agreed: Collaboration, promise: dict[str, Any], said: str
) -> None:
    make.link(agreed, slug="dana-gives")
    make.discount_code(
        agreed, "DANAGIVES", **{name: Decimal(v) if isinstance(v, int) else v for name, v in promise.items()}
    )
    assert said in as_alice.get("/links/dana-gives/").content.decode()
