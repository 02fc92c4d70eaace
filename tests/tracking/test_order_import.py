"""Files of orders: what columns mean, rows in every shape, once however often they come, and why some are refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from campaigns.models import Collaboration
from creators.actions import uploads
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tracking.actions.imports import map_orders, run_orders, start_orders, upload_orders
from tracking.actions.stores import till
from tracking.importing.columns import Mapping, guess
from tracking.importing.rows import parse_time
from tracking.models import Credit, Order, OrderImport, Store

EXPORT = """Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Id
#1001,jo@x.example,paid,2026-05-04 12:00:00 +0200,EUR,63.00,5.00,12.92,80.92,anna10,7.00,2026-05-04 12:00:00 +0200,2,Beanie,30.00,B-1,900001
#1001,,,,,,,,,,,2026-05-04 12:00:00 +0200,1,Cap,10.00,C-1,
#1002,,paid,2026-05-05 12:00:00 +0200,EUR,20.00,0,0,20.00,,0,2026-05-05 12:00:00 +0200,1,Cap,20.00,C-1,900002
"""  # noqa: E501 - as the shop writes it


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def imported(store: Store, text: str | bytes, *, batch_size: int = 500, **mapping: Any) -> OrderImport:
    """The job after its end, with the guessed mapping changed as wanted."""
    content = text.encode() if isinstance(text, str) else text
    job = upload_orders(store, ContentFile(content), "orders.csv")
    map_orders(job, Mapping(**{**Mapping.from_json(job.mapping).as_json(), **mapping}))
    return run(job, batch_size=batch_size)


def run(job: OrderImport, *, batch_size: int = 500, is_rehearsal: bool = False) -> OrderImport:
    start_orders(job, is_rehearsal=is_rehearsal)
    assert uploads.claim_import(job)
    job = OrderImport.objects.get(pk=job.pk)
    run_orders(job, batch_size=batch_size)
    job.refresh_from_db()
    return job


def reasons(job: OrderImport) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in job.rejected_rows.all()]


def test_a_shops_own_export_is_read_with_its_articles(acme: Brand, anna: Collaboration) -> None:
    columns = guess(EXPORT.partition("\n")[0].split(","))
    columns[columns.index("external_id")], columns[0] = None, "external_id"
    job = imported(make.store(acme), EXPORT.replace("Paid at", "Paid"), columns=columns)
    assert (job.status, job.done, job.created, job.rejected) == ("done", 3, 2, 0)
    row = Order.objects.get(external_id="1001")
    assert (row.net, row.discount, row.placed_at.isoformat()) == (63, 7, "2026-05-04T10:00:00+00:00")
    assert [(line.sku, line.quantity, line.net) for line in row.lines.all()] == [("B-1", 2, 60), ("C-1", 1, 10)]
    assert (Credit.objects.get().collaboration, row.is_new_customer) == (anna, True)


@pytest.mark.parametrize("batch_size", [1, 2, 500])
def test_the_same_file_again_changes_nothing(acme: Brand, anna: Collaboration, batch_size: int) -> None:
    counter = till(acme, "Hamburg")
    noted = "code;date;amount\nanna10;04.05.2026;12,50\nanna10;04.05.2026;12,50\nanna10;05.05.2026;1.012,50\n"
    first, again = (imported(counter, noted, batch_size=batch_size) for _ in range(2))
    assert (first.created, first.unchanged, again.created, again.unchanged) == (3, 0, 0, 3)
    assert sorted(Order.objects.values_list("net", flat=True)) == [
        Decimal("12.50"),
        Decimal("12.50"),
        Decimal("1012.50"),
    ]
    assert Credit.objects.filter(collaboration=anna).count() == 3


def test_imported_history_tells_returning_customers(acme: Brand) -> None:
    from tracking.actions.orders import customer_key

    imported(make.store(acme), "order id,date,net,email\nA1,2024-05-04,20,Jo@X.example\n")
    assert make.order(acme, customer_key=customer_key(acme, "jo@x.example")).is_new_customer is False


def test_every_refused_row_says_why(acme: Brand) -> None:
    text = """order id,date,net,currency,email
1,2026-05-04,20,EUR,
,2026-05-04,20,EUR,
3,soon,20,EUR,
4,2999-05-04,20,EUR,
5,2026-05-04,-20,EUR,
6,2026-05-04,40.5,JPY,
7,2026-05-04,20,ZZZ,
8,2026-05-04,20,EUR,nobody
9,2026-05-04,,EUR,
10,2026-05-04
1,2026-05-05,30,EUR,
11,2026-05-04,1e9,EUR,
"""
    job = imported(make.store(acme), text)
    assert (job.created, job.rejected, job.done) == (1, 11, 12)
    assert reasons(job) == [
        (3, "No order number"),
        (4, "“soon” is no date we can read"),
        (5, "“2999-05-04” lies in the future, or before 2000"),
        (6, "“-20” is negative"),
        (7, "“40.5”: JPY has 0 decimals"),
        (8, "“ZZZ” is no ISO 4217 currency"),
        (9, "“nobody” is not an e-mail address"),
        (10, "No amount under “Goods after discounts, without tax and shipping”"),
        (11, "The row is cut off: it has 2 of 5 columns"),
        (12, "Line 2 has the same order number"),
        (13, "“1e9” is not a number"),
    ]


def test_other_figures_of_a_known_order_are_refused(acme: Brand) -> None:
    store = make.store(acme)
    imported(store, "order id,date,net\n1,2026-05-04,20\n")
    job = imported(store, "order id,date,net\n1,2026-05-04,21\n")
    assert (job.rejected, reasons(job)) == (1, [(2, "Order 1 is known with 20 EUR.")])


def test_a_rehearsal_keeps_nothing_and_a_dead_workers_rows_are_not_read_twice(acme: Brand) -> None:
    text = "order id,date,net\n" + "".join(f"{number},2026-05-04,20\n" for number in range(6))
    job = upload_orders(make.store(acme), ContentFile(text.encode()), "orders.csv")
    rehearsed = run(job, is_rehearsal=True)
    assert (rehearsed.created, Order.objects.count()) == (6, 0)
    start_orders(rehearsed)
    uploads.claim_import(rehearsed)
    OrderImport.objects.filter(pk=job.pk).update(done=4, created=4)
    run_orders(OrderImport.objects.get(pk=job.pk), batch_size=2)
    job.refresh_from_db()
    assert (job.status, job.done, job.created, Order.objects.count()) == ("done", 6, 6, 2)


def test_cancelling_stops_after_the_batch(acme: Brand, alice: User) -> None:
    text = "order id,date,net\n" + "".join(f"{number},2026-05-04,20\n" for number in range(6))
    job = upload_orders(make.store(acme), ContentFile(text.encode()), "orders.csv")
    start_orders(job)
    uploads.claim_import(job)
    uploads.cancel_import(job, by=alice)
    run_orders(OrderImport.objects.get(pk=job.pk), batch_size=2)
    job.refresh_from_db()
    assert (job.status, Order.objects.count()) == ("cancelled", 0)


@pytest.mark.parametrize(
    ("text", "day_first", "read"),
    [
        ("2026-05-04 12:00:00 +0200", True, "2026-05-04T12:00:00+02:00"),
        ("04.05.2026", False, "2026-05-04T00:00:00"),
        ("4/5/2026 9:05", True, "2026-05-04T09:05:00"),
        ("4/5/2026 9:05", False, "2026-04-05T09:05:00"),
        ("2026-05-04T10:00:00Z", True, "2026-05-04T10:00:00+00:00"),
    ],
)
def test_dates_as_people_write_them(text: str, day_first: bool, read: str) -> None:
    assert parse_time(text, day_first=day_first).isoformat() == read


def test_the_pages_lead_from_the_file_to_its_orders(as_alice: Client, acme: Brand, anna: Collaboration) -> None:
    store = make.store(acme)
    file = SimpleUploadedFile("mai.csv", EXPORT.encode())
    page = as_alice.post("/order-imports/new/", {"store": store.code, "file": file}, follow=True)
    job = OrderImport.objects.get()
    assert "900001" in page.content.decode()
    columns = {f"column-{place}": name or "" for place, name in enumerate(job.mapping["columns"])}
    fields = columns | {"currency": "EUR", "day_first": "yes"}
    assert as_alice.post(f"/order-imports/{job.code}/", fields | {"currency": "ZZZ"}).status_code == 422
    assert as_alice.post(f"/order-imports/{job.code}/start/", fields).status_code == 302
    for address in (f"/order-imports/{job.code}/", f"/order-imports/{job.code}/rejected.csv", "/order-imports/"):
        assert as_alice.get(address).status_code == 200


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\x89PNG", b"a" * 10])
def test_what_is_no_table_is_refused(as_alice: Client, acme: Brand, content: bytes) -> None:
    file = SimpleUploadedFile("x.csv", content)
    answer = as_alice.post("/order-imports/new/", {"till": "Hamburg", "file": file})
    assert answer.status_code in {302, 422}
    assert not Order.objects.exists()


def test_partners_upload_a_file_and_ask_what_came_of_it(api: Callable[..., APIClient], acme: Brand) -> None:
    file = SimpleUploadedFile("till.csv", b"code,date,amount\nANNA10,2026-05-04,12.50\n")
    answer = api(acme).post("/api/v1/order-imports/?till=Hamburg", {"file": file}, format="multipart")
    assert answer.status_code == 202
    code = answer.json()["code"]
    assert api(acme).get(f"/api/v1/order-imports/{code}/").json()["total"] == 1
    for query in ("", "?store=nothere", "?till=x&currency=ZZZ"):
        again = SimpleUploadedFile("till.csv", b"code,date,amount\n")
        refused = api(acme).post(f"/api/v1/order-imports/{query}", {"file": again}, format="multipart")
        assert refused.status_code in {400, 404}
