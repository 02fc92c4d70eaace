"""Codes: by their rules, made in shops once, ended, watched for leaks, seen by their brand only."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_httpserver import HTTPServer
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions.codes import CodeRefusedError, change_code_rules, end_code, publish_codes, save_access, settle
from tracking.actions.leaks import clear_leak, look
from tracking.actions.links import issue_tracking
from tracking.actions.rollups import rebuild
from tracking.leaks import Day, is_coupon_site, signals
from tracking.models import CodePublication, CodeRules, ShopCode, Store
from tracking.tasks.codes import make_codes, tell_of_leak, watch_codes

Api = Callable[..., APIClient]
GRAPHQL = "/admin/api/2026-10/graphql.json"
NODE = {"codeDiscountNode": {"id": "gid://1"}, "userErrors": []}


@pytest.fixture
def agreed(campaign: Campaign, relationship: Relationship) -> Collaboration:
    return make.collaboration(campaign, relationship, status="accepted")


@pytest.fixture
def store(acme: Brand, alice: User, httpserver: HTTPServer, settings: Any) -> Store:
    """A Shopify shop with a key, played by this machine."""
    cache.clear()
    settings.SHOP_ADDRESSES = {"shopify": httpserver.url_for("").rstrip("/")}
    settings.CONNECTOR_BACKOFF = 0
    store = make.store(acme, domain="acme.example", name="Acme shop")
    save_access(store, "shpat_secret", by=alice)
    return store


def rules(brand: Brand, by: User, campaign: Campaign | None = None, **facts: Any) -> CodeRules:
    return change_code_rules(brand, campaign, by=by, **{"pattern": "{NAME}{VALUE}", "kind": "percent", **facts})


# Rules


@pytest.mark.parametrize(
    ("facts", "code", "promise"),
    [
        ({}, "DANA10", "10%"),
        ({"pattern": "{name}-{network}"}, "DANA-IN", "10%"),
        ({"pattern": "{CAMPAIGN}{VALUE}"}, "SPRING10", "10%"),
        ({"kind": "amount", "amount": Decimal(5)}, "DANA5", "5.00 EUR"),
        ({"kind": "amount", "amount": Decimal("5.50")}, "DANA", "5.50 EUR"),
        ({"kind": "gift", "gift": "a tote bag"}, "DANA", "a tote bag"),
        ({"pattern": "!!"}, "DANA", "10%"),
    ],
)
def test_codes_follow_the_rules(
    alice: User, agreed: Collaboration, facts: dict[str, Any], code: str, promise: str
) -> None:
    rules(agreed.campaign.brand, alice, **facts)
    issued = issue_tracking(agreed)[1]
    assert (issued.code, issued.promise) == (code, promise)


def test_a_campaigns_own_rules_go_first(acme: Brand, alice: User, agreed: Collaboration) -> None:
    rules(acme, alice, pattern="BRAND{VALUE}")
    rules(acme, alice, agreed.campaign, pattern="OWN{VALUE}", valid_days=30, usage_limit=100, once_per_customer=True)
    code = issue_tracking(agreed)[1]
    assert (code.code, code.usage_limit, code.once_per_customer) == ("OWN10", 100, True)
    assert code.valid_to is not None
    assert timedelta(days=29) < code.valid_to - timezone.now() <= timedelta(days=30)


def test_rules_that_mean_nothing_are_refused(acme: Brand, alice: User, store: Store) -> None:
    with pytest.raises(CodeRefusedError, match="means nothing here"):
        rules(acme, alice, pattern="{FIRST}")
    with pytest.raises(CodeRefusedError, match="gift"):
        rules(acme, alice, kind="gift", gift="x", stores=[store])
    assert not CodeRules.objects.exists()


# Making them in shops


def test_an_issued_code_is_made_in_the_shops_of_the_rules(
    acme: Brand, alice: User, agreed: Collaboration, store: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(GRAPHQL).respond_with_json({"data": {"discountCodeBasicCreate": NODE}})
    rules(acme, alice, stores=[store])
    issue_tracking(agreed)
    assert (make_codes(), make_codes()) == (1, 0)
    row = CodePublication.objects.get()
    assert (row.status, row.external_id, len(httpserver.log)) == ("made", "gid://1", 1)


def test_stripes_orders_name_the_code_by_the_id_it_got(
    acme: Brand, alice: User, agreed: Collaboration, httpserver: HTTPServer, settings: Any
) -> None:
    settings.SHOP_ADDRESSES = {"stripe": httpserver.url_for("").rstrip("/")}
    store = make.store(acme, kind=Store.Kind.STRIPE, name="Payments")
    save_access(store, "rk_live_1", by=alice)
    httpserver.expect_request("/v1/coupons").respond_with_json({"id": "Z4OV52SU"})
    httpserver.expect_request("/v1/promotion_codes").respond_with_json({"id": "promo_1"})
    publish_codes(acme, [make.discount_code(agreed, "DANA10")], [store], by=alice)
    assert make_codes() == 1
    assert ShopCode.objects.get(store=store, external_id="promo_1").code == "DANA10"


def test_a_refusal_is_kept_and_a_pause_is_waited_out(
    acme: Brand, alice: User, agreed: Collaboration, store: Store, httpserver: HTTPServer
) -> None:
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    refused = {"codeDiscountNode": None, "userErrors": [{"code": "INVALID", "message": "No more codes."}]}
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json(throttled)
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json({"data": {"discountCodeBasicCreate": refused}})
    code = make.discount_code(agreed, "DANA10")
    publish_codes(acme, [code], [store], by=alice)
    make_codes()
    assert CodePublication.objects.get().status == "waiting"
    make_codes()
    assert CodePublication.objects.get().error == "The shop says: No more codes."
    save_access(store, "shpat_better", by=alice)
    assert CodePublication.objects.get().status == "waiting"


def test_ending_a_code_ends_it_in_the_shop(
    acme: Brand, alice: User, agreed: Collaboration, store: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(GRAPHQL).respond_with_json({"data": {"discountCodeDeactivate": {"userErrors": []}}})
    code = make.discount_code(agreed, "DANA10")
    CodePublication.objects.create(code=code, store=store, status="made", external_id="gid://1")
    assert end_code(code, by=alice) == []
    assert httpserver.log[0][0].json["variables"] == {"id": "gid://1"}
    assert CodePublication.objects.get().status == "ended"
    with pytest.raises(CodeRefusedError, match="has ended already"):
        end_code(code, by=alice)
    assert make.order(acme, "DANA10", placed_at=timezone.now() + timedelta(minutes=1)).unmatched == "code_not_active"


def test_what_a_crash_leaves_is_ended_with_the_next_run(
    alice: User, agreed: Collaboration, store: Store, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_: object) -> str:
        raise SystemExit

    code = make.discount_code(agreed, "DANA10")
    row = CodePublication.objects.create(code=code, store=store, status="made", external_id="gid://1")
    with monkeypatch.context() as patch:
        patch.setattr("tracking.actions.codes.end_in_shop", crash)
        with pytest.raises(SystemExit):
            end_code(code, by=alice)
    row.refresh_from_db()
    assert (row.status, httpserver.log) == ("ending", [])
    httpserver.expect_request(GRAPHQL).respond_with_json({"data": {"discountCodeDeactivate": {"userErrors": []}}})
    make_codes()
    row.refresh_from_db()
    assert (row.status, len(httpserver.log)) == ("ended", 1)


def test_a_silent_shop_is_asked_again_and_a_refusal_waits_for_another_key(
    alice: User, agreed: Collaboration, store: Store, httpserver: HTTPServer
) -> None:
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    refused = {"userErrors": [{"code": "INVALID", "message": "Not yours."}]}
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json(throttled)
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json({"data": {"discountCodeDeactivate": refused}})
    httpserver.expect_ordered_request(GRAPHQL).respond_with_json(
        {"data": {"discountCodeDeactivate": {"userErrors": []}}}
    )
    code = make.discount_code(agreed, "DANA10")
    row = CodePublication.objects.create(code=code, store=store, status="made", external_id="gid://1")
    (problem,) = end_code(code, by=alice)
    assert problem.startswith("Acme shop: ")
    for _ in range(2):
        make_codes()
    row.refresh_from_db()
    assert (row.status, row.error, len(httpserver.log)) == ("ending", "The shop says: Not yours.", 2)
    save_access(store, "shpat_better", by=alice)
    make_codes()
    row.refresh_from_db()
    assert (row.status, row.error) == ("ended", "")


def test_a_code_made_while_it_was_ended_is_ended_in_the_shop(
    acme: Brand, alice: User, agreed: Collaboration, store: Store, httpserver: HTTPServer
) -> None:
    httpserver.expect_request(GRAPHQL).respond_with_json({"data": {"discountCodeDeactivate": {"userErrors": []}}})
    code = make.discount_code(agreed, "DANA10")
    publish_codes(acme, [code], [store], by=alice)
    asked = CodePublication.objects.get()
    assert end_code(code, by=alice) == []
    settle(asked, "made", external_id="gid://1")
    asked.refresh_from_db()
    assert (asked.status, asked.external_id) == ("ending", "gid://1")
    make_codes()
    asked.refresh_from_db()
    assert (asked.status, httpserver.log[0][0].json["variables"]) == ("ended", {"id": "gid://1"})


def test_a_code_that_has_ended_is_not_made(acme: Brand, alice: User, agreed: Collaboration, store: Store) -> None:
    code = make.discount_code(agreed, valid_to=timezone.now() - timedelta(days=1))
    later = make.discount_code(agreed, valid_from=timezone.now() + timedelta(days=1))
    publish_codes(acme, [code, later], [store], by=alice)
    assert (make_codes(), CodePublication.objects.waiting().count()) == (0, 2)


def test_any_number_of_codes_is_published_with_the_same_queries(
    acme: Brand, alice: User, agreed: Collaboration, store: Store
) -> None:
    def asked(count: int) -> int:
        codes = [make.discount_code(agreed) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            publish_codes(acme, codes, [store], by=alice)
        return len(queries)

    assert asked(1) == asked(20)


def test_a_gift_and_a_shop_without_a_key_are_refused(acme: Brand, alice: User, agreed: Collaboration) -> None:
    closed = make.store(acme, domain="closed.example", name="Closed")
    with pytest.raises(CodeRefusedError, match="Save a key for Closed"):
        publish_codes(acme, [make.discount_code(agreed)], [closed], by=alice)
    save_access(closed, "k", by=alice)
    with pytest.raises(CodeRefusedError, match="gift"):
        publish_codes(acme, [make.discount_code(agreed, kind="gift", gift="bag")], [closed], by=alice)
    assert not CodePublication.objects.exists()


# Leaks

FIRST = date(2026, 9, 1)


def days(*orders: int, clicks: int = 0, from_coupon_sites: int = 0) -> list[Day]:
    """One day each with so many orders without a click."""
    return [Day(FIRST + timedelta(days=at), n, n, clicks, from_coupon_sites) for at, n in enumerate(orders)]


def names(rows: list[Day], posted: date | None = FIRST) -> list[str]:
    return [signal.name for signal in signals(rows, posted)]


def test_a_quiet_code_gives_no_sign() -> None:
    assert names([]) == []
    assert names(days(*[1, 0, 0, 1, 0, 0, 0] * 12, clicks=3)) == []
    assert names(days(9, 6, 4, 3, 2, 1, *[1, 0] * 30, clicks=5)) == []


def test_signs_and_their_thresholds() -> None:
    assert names(days(1, 1, clicks=9), None) == []
    assert names(days(1, 1, 1, clicks=9), None) == ["before_post"]
    assert names(days(0, 3, clicks=9), FIRST + timedelta(days=5)) == ["before_post"]
    assert names(days(*[1] * 14, clicks=1)) == []
    assert names(days(*[1] * 14, clicks=0)) == ["without_clicks"]
    assert names(days(*[0] * 14, clicks=3, from_coupon_sites=1)) == ["coupon_sites"]
    assert names(days(*[0] * 4, clicks=9, from_coupon_sites=1)) == []


def test_a_rise_that_stays_speaks_and_one_good_day_does_not() -> None:
    settled = [1, 0] * 10 + [1]
    assert names(days(*settled, *[0] * 5, 4, *[0] * 9, clicks=9)) == []
    assert names(days(*settled, *[4] * 6, clicks=9)) == ["surge"]
    (signal,) = signals(days(*settled, *[4] * 6, clicks=9), FIRST)
    assert "rose on" in signal.words


@pytest.mark.parametrize(
    ("referrer", "is_one"),
    [
        ("https://www.retailmenot.com/view/acme", True),
        ("de.retailmenot.com", True),
        ("best-coupon-deals.example", True),
        ("notretailmenot.example", False),
        ("instagram.com", False),
        ("", False),
    ],
)
def test_sites_that_collect_codes(referrer: str, is_one: bool) -> None:
    assert is_coupon_site(referrer) is is_one


def test_a_leak_is_told_to_both_sides_once_and_can_be_cleared(
    acme: Brand, alice: User, agreed: Collaboration, dana: User, django_capture_on_commit_callbacks: Any
) -> None:
    code = make.discount_code(agreed, "DANA10", cleared_at=timezone.now() - timedelta(days=5))
    for _ in range(4):
        make.order(acme, "DANA10")
    with django_capture_on_commit_callbacks(execute=True):
        assert (look(code), look(code)) == (True, False)
    code.refresh_from_db()
    assert (code.leak, code.leak_signals[0]["name"]) == ("suspected", "before_post")
    assert {address for letter in mail.outbox for address in letter.to} >= {alice.email, dana.email}
    with django_capture_on_commit_callbacks(execute=True):
        tell_of_leak(Event.objects.get(name="code.leak_suspected").pk)
    assert len(mail.outbox) == 2
    clear_leak(code, by=alice)
    code.refresh_from_db()
    assert (code.leak, look(code)) == ("none", False)


def test_codes_in_use_are_watched(acme: Brand, agreed: Collaboration) -> None:
    make.discount_code(agreed, "DANA10", cleared_at=timezone.now() - timedelta(days=5))
    assert watch_codes() == 0
    for _ in range(4):
        make.order(acme, "DANA10")
    rebuild()
    assert (watch_codes(), watch_codes()) == (1, 0)


# Pages


def test_list_detail_and_file(as_alice: Client, agreed: Collaboration, acme: Brand) -> None:
    make.discount_code(agreed, "DANA10", leak="suspected", leak_signals=[{"words": "7 orders early.", "rule": "x"}])
    make.order(acme, "DANA10")
    assert "may have leaked" in as_alice.get("/codes/").content.decode()
    page = as_alice.get("/codes/DANA10/").content.decode()
    assert "7 orders early." in page
    assert "It is harmless" in page
    assert list(as_alice.get("/codes/?state=ended").context["codes"]) == []
    rows = list(csv.DictReader(io.StringIO(as_alice.get("/codes/codes.csv").content.decode("utf-8-sig"))))
    assert (rows[0]["Code"], rows[0]["Gives"], rows[0]["State"]) == ("DANA10", "10%", "Leak suspected")


def test_the_list_takes_the_same_queries_for_more_codes(
    as_alice: Client, agreed: Collaboration, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make.discount_code(agreed)
    with django_assert_max_num_queries(13):
        as_alice.get("/codes/")


def test_rules_are_set_on_their_page(as_alice: Client, acme: Brand, campaign: Campaign) -> None:
    path = f"/codes/rules/?campaign={campaign.code}"
    assert as_alice.post(path, {"pattern": "{NAME}", "kind": "amount"}).status_code == 422
    assert as_alice.post(path, {"pattern": "{X}", "kind": "percent"}).status_code == 422
    assert as_alice.post(path, {"pattern": "{NAME}", "kind": "amount", "amount": "5"}).status_code == 302
    assert CodeRules.objects.get().campaign == campaign
    assert as_alice.get("/codes/rules/").status_code == 200


def test_deciding_ending_and_keys(as_alice: Client, agreed: Collaboration, store: Store) -> None:
    code = make.discount_code(agreed, "DANA10", leak="suspected")
    as_alice.post("/codes/DANA10/decide/", {"leak": "confirmed"})
    code.refresh_from_db()
    assert code.leak == "confirmed"
    as_alice.post("/codes/DANA10/decide/", {"leak": "cleared"})
    as_alice.post("/codes/DANA10/end/")
    code.refresh_from_db()
    assert (code.leak, code.valid_to is not None) == ("none", True)
    as_alice.post("/codes/publish/", {"codes": ["DANA10"], "stores": [store.code]})
    assert CodePublication.objects.get().status == "waiting"
    as_alice.post(f"/settings/stores/{store.code}/access/", {"key": "shpat_new"})
    store.access.refresh_from_db()
    assert (store.access.key, "shpat_new" in store.access.sealed) == ("shpat_new", False)


def test_the_creator_reads_of_a_leak(as_dana: Client, agreed: Collaboration) -> None:
    make.link(agreed)
    make.discount_code(agreed, "DANA10", leak="suspected")
    panel = as_dana.get(f"/portal/{agreed.code}/tracking/").content.decode()
    assert "seems to have spread" in panel


# API


def test_codes_for_partners(acme: Brand, globex: Brand, agreed: Collaboration, store: Store, api: Api) -> None:
    make.discount_code(agreed, "DANA10", leak="suspected")
    client = api(acme, "returns:read", "campaigns:write")
    (row,) = client.get("/api/v1/codes/").data["results"]
    assert (row["code"], row["kind"], row["percent"], row["leak"]) == ("DANA10", "percent", "10.00", "suspected")
    wish = {"codes": ["DANA10"], "stores": [store.code]}
    assert client.post("/api/v1/codes/publish/", wish, format="json").data == {"wanted": 1}
    wrong = client.post("/api/v1/codes/publish/", {**wish, "codes": ["NOBODY"]}, format="json")
    assert (wrong.status_code, "NOBODY" in str(wrong.data)) == (400, True)
    decide = "/api/v1/codes/DANA10/decide/"
    assert client.post(decide, {"leak": "cleared"}, format="json").data["leak"] == "none"
    assert client.post(decide, {"leak": "cleared"}, format="json").status_code == 409
    assert client.post("/api/v1/codes/DANA10/end/").data["code"]["valid_to"]
    assert client.post("/api/v1/codes/DANA10/end/").status_code == 409
    assert api(globex, "returns:read").get("/api/v1/codes/DANA10/").status_code == 404
