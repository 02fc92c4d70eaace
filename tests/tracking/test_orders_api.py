"""Partners post orders: once, whatever they repeat and however many call at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.events.models import Event
from tests import factories as make
from tracking.models import Credit, Order, Refund, Store, WebhookDelivery

URL = "/api/v1/orders/"
type_of_api = Callable[..., APIClient]


def body(**fields: Any) -> dict[str, Any]:
    return {
        "external_id": "A-1",
        "currency": "EUR",
        "net": "49.90",
        "codes": [{"code": " anna10 ", "amount": "5"}],
        **fields,
    }


def test_an_order_is_taken_in_and_credited(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    answer = api(acme).post(URL, body(), format="json")
    assert answer.status_code == 201
    credit = answer.json()["credits"][0]
    assert (credit["collaboration"], credit["revenue"], credit["commission"]) == (anna.code, "49.9000", "4.9900")
    assert Event.objects.filter(brand=acme, name="order.received").count() == 1


def test_the_same_order_again_is_answered_and_counted_once(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    client = api(acme)
    statuses = [client.post(URL, body(), format="json").status_code for _ in range(3)]
    assert (statuses, Order.objects.count(), Credit.objects.count()) == ([201, 200, 200], 1, 1)


def test_the_same_order_with_other_figures_is_refused(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    client = api(acme)
    client.post(URL, body(), format="json")
    answer = client.post(URL, body(net="99"), format="json")
    assert answer.status_code == 409
    assert Order.objects.get().net == Decimal("49.90")


def test_an_idempotency_key_repeats_the_first_answer(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    client = api(acme)
    first, second = (client.post(URL, body(), format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"net": "-1"}, "net"),
        ({"net": "NaN"}, "net"),
        ({"net": "1e400"}, "net"),
        ({"currency": "ZZZ"}, "currency"),
        ({"currency": "JPY", "net": "40.5"}, "net"),
        ({"placed_at": "2999-01-01T00:00:00Z"}, "placed_at"),
        ({"placed_at": "1970-01-01T00:00:00Z"}, "placed_at"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"external_id": "bulk"}, "external_id"),
        ({"external_id": ".."}, "external_id"),
        ({"external_id": "7/refunds"}, "external_id"),
        ({"external_id": "cancel"}, "external_id"),
        ({"external_id": "7/"}, "external_id"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"codes": "ANNA10"}, "codes"),
        ({"click_id": "x" * 27}, "click_id"),
    ],
)
def test_bad_input_gets_a_clear_answer(api: type_of_api, acme: Brand, fields: dict[str, Any], wrong: str) -> None:
    answer = api(acme).post(URL, body(**fields), format="json")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [wrong]
    assert not Order.objects.exists()


def test_the_buyers_address_is_stored_nowhere(api: type_of_api, acme: Brand, globex: Brand) -> None:
    for brand in (acme, globex):
        api(brand).post(URL, body(customer_email="Jo.Buyer@Example.com"), format="json")
    keys = set(Order.objects.values_list("customer_key", flat=True))
    assert len(keys) == 2, "the same buyer at two brands can't be linked"
    assert all(len(key) == 64 for key in keys)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tracking_order o WHERE lower(o::text) LIKE %s", ["%buyer%"])
        assert cursor.fetchone() == (0,)


def test_many_orders_at_once_with_an_answer_for_each_row(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    client = api(acme)
    client.post(URL, body(external_id="old"), format="json")
    rows = [body(external_id="new"), body(net="x"), body(external_id="old"), body(external_id="old", net="7")]
    answer = client.post(f"{URL}bulk/", {"orders": rows}, format="json").json()
    assert [row["status"] for row in answer["rows"]] == ["created", "refused", "unchanged", "refused"]
    assert (answer["created"], answer["unchanged"], answer["refused"]) == (1, 1, 2)
    assert list(answer["rows"][1]["error"]) == ["net"]
    assert Order.objects.count() == 2


def test_refund_and_cancellation(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    client = api(acme)
    client.post(URL, body(), format="json")
    refund = {"external_id": "R-1", "net": "9.90"}
    for _ in range(2):
        answer = client.post(f"{URL}A-1/refunds/", refund, format="json")
        assert (answer.status_code, answer.json()["refunded"]) == (201, "9.9000")
    assert client.post(f"{URL}A-1/refunds/", {"external_id": "R-2", "net": "41"}, format="json").status_code == 409
    assert client.post(f"{URL}A-1/cancel/").json()["refunded"] == "49.9000"
    lines = client.get(f"{URL}A-1/").json()["credits"]
    assert sum(Decimal(line["commission"]) for line in lines) == 0
    assert Refund.objects.count() == 2


def test_an_id_with_a_slash_is_an_address(api: type_of_api, acme: Brand) -> None:
    client = api(acme)
    client.post(URL, body(external_id="2026/0001"), format="json")
    refund = {"external_id": "R-1", "net": "9.90"}
    assert client.post(f"{URL}2026/0001/refunds/", refund, format="json").status_code == 201
    assert client.get(f"{URL}2026/0001/").json()["refunded"] == "9.9000"
    assert client.post(f"{URL}2026/0001/cancel/").json()["refunded"] == "49.9000"


def test_what_is_wrong_with_a_field_is_a_list_everywhere(api: type_of_api, acme: Brand) -> None:
    client = api(acme)
    client.post(URL, body(), format="json")
    yen = client.post(f"{URL}A-1/refunds/", {"external_id": "R", "net": "1.005"}, format="json")
    long = client.post(URL, body(), format="json", headers={"Idempotency-Key": "x" * 300})
    assert yen.json()["error"]["fields"] == {"net": ["EUR has 2 decimals."]}
    assert long.json()["error"]["fields"] == {"Idempotency-Key": ["At most 255 characters."]}


@pytest.mark.parametrize("path", ["A-1/", "A-1/refunds/", "A-1/cancel/"])
def test_another_brands_order_is_not_there(api: type_of_api, acme: Brand, globex: Brand, path: str) -> None:
    api(acme).post(URL, body(), format="json")
    client, refund = api(globex), {"external_id": "R", "net": "1"}
    answer = client.get(URL + path) if path == "A-1/" else client.post(URL + path, refund, format="json")
    assert answer.status_code == 404
    assert client.get(URL).json()["results"] == []
    assert Order.objects.get().refunded == 0


def test_each_call_needs_its_scope(api: type_of_api, acme: Brand) -> None:
    reader, writer = api(acme, "returns:read"), api(acme, "orders:write")
    assert [client.get(URL).status_code for client in (reader, writer)] == [200, 403]
    assert [client.post(URL, body(), format="json").status_code for client in (reader, writer)] == [403, 201]


def test_the_list_takes_the_same_number_of_queries_for_any_length(
    api: type_of_api, acme: Brand, anna: Collaboration, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        make.order(acme, "ANNA10")
    with django_assert_max_num_queries(12):
        assert len(api(acme).get(URL).json()["results"]) == 30


@pytest.mark.django_db(transaction=True)
def test_dub_defect_two_posts_at_once_count_once(api: type_of_api, acme: Brand, anna: Collaboration) -> None:
    clients = [api(acme) for _ in range(6)]

    def post(client: APIClient) -> int:
        try:
            return client.post(URL, body(customer_email="jo@example.com"), format="json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(post, clients))
    assert statuses == [200] * 5 + [201]
    assert (Order.objects.count(), Credit.objects.count(), Store.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_first_orders_of_a_customer_at_once_make_one_new_customer(api: type_of_api, acme: Brand) -> None:
    clients = [(api(acme), f"N-{place}") for place in range(5)]

    def post(call: tuple[APIClient, str]) -> int:
        fields = body(external_id=call[1], customer_email="jo@example.com", placed_at="2026-05-04T12:00:00Z")
        try:
            return call[0].post(URL, fields, format="json").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(post, clients)) == {201}
    assert Order.objects.filter(is_new_customer=True).count() == 1


def test_no_delivery_is_made_up_for_posted_orders(api: type_of_api, acme: Brand) -> None:
    api(acme).post(URL, body(), format="json")
    assert not WebhookDelivery.objects.exists()
