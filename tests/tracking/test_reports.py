"""Reports: the page, the PDF, the workbook, the CSV and the API say the same figures, and only to whom they may."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Campaign, Cost
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions.reports import ReportRefused, create_report
from tracking.actions.rollups import rebuild
from tracking.models import Report
from tracking.reports.breakdown import breakdown_of
from tracking.reports.campaign import report_of
from tracking.reports.documents import data_of, document_of, pdf_of, rows_of, sheet_data, workbook_of
from tracking.reports.material import Material, days_of
from tracking.reports.periods import Period
from tracking.reports.tables import Table

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EVERY = [word for word in Report.Section.values if word != "text"]


def table(document: Any, section: str, word: str = "") -> Table:
    found = document.section(section)
    assert found
    return next(one for one in found.tables if one.word == (word or section))


def headline(document: Any) -> dict[str, Any]:
    return {cells[0].value: cells[1] for cells, *_ in table(document, "headline").lines}


def totals(document: Any, section: str, word: str = "") -> dict[str, Any]:
    one = table(document, section, word)
    cells = next(cells for cells, is_total, _ in one.lines if is_total)
    return dict(zip((column.word for column in one.columns), (cell.value for cell in cells), strict=True))


def test_every_place_says_the_same(report: Report, sold: Campaign, as_alice: Client) -> None:
    now = timezone.now()
    document, total = document_of(report, now), report_of(sold).total
    shown = {name: cell.shown for name, cell in headline(document).items()}
    assert (shown["Orders"], shown["Net revenue"], shown["Cost"]) == ("5", "€440.00", "€384.00")
    page = as_alice.get(report.get_absolute_url()).content.decode()
    results = as_alice.get(f"/campaigns/{sold.code}/results/").content.decode()
    for name in ("Net revenue", "Cost", "ROI on margin", "ROAS", "Conversion"):
        assert shown[name] in page
        assert shown[name] in results
    data = sheet_data(document)
    rows = next(one for one in data["sections"] if one["word"] == "headline")["tables"][0]["rows"]
    assert {row["cells"][0]: row["cells"][1] for row in rows} == shown
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(document)))
    sheet = {row[0]: row[1] for row in book["Headline figures"].iter_rows(values_only=True) if row and row[0]}
    answered = {row["figure"]: row["value"] for row in data_of(document)["sections"][0]["tables"][0]["rows"]}
    assert (sheet["Orders"], sheet["Net revenue"], sheet["Cost"]) == (5, 440, 384)
    assert (answered["Orders"], answered["Net revenue"]) == (5, "440.00")
    assert sheet["ROI on margin"] == answered["ROI on margin"] == pytest.approx(float(total.roi or 0), abs=1e-6)


def test_sections_add_up_to_the_headline(report: Report, sold: Campaign) -> None:
    document, total = document_of(report, timezone.now()), report_of(sold).total
    for section, word in (("creators", ""), ("tiers", "tier"), ("formats", "network"), ("formats", "format")):
        found = totals(document, section, word)
        assert (found["orders"], found["revenue"], found["cost"], found["roi"]) == (
            total.orders, total.revenue, total.cost, total.roi,
        )  # fmt: skip
        one = table(document, section, word)
        place = [column.word for column in one.columns].index("revenue")
        parts = [cells[place].value for cells, is_total, _ in one.lines if not is_total]
        assert sum(part for part in parts if part is not None) == total.revenue
    assert totals(document, "money")["amount"] == total.cost
    assert totals(document, "series")["revenue"] == total.revenue
    rules = table(document, "attribution", "rules")
    assert sum(cells[2].value for cells, *_ in rules.lines) == total.revenue


def test_the_rest_of_the_creators_is_one_line(report: Report) -> None:
    report.top = 1
    names = [cells[0].value for cells, *_ in table(document_of(report, timezone.now()), "creators").lines]
    assert names == ["Anna", "2 more", "All"]


def test_a_period_counts_its_days_alone(report: Report, sold: Campaign) -> None:
    report.period, report.since, report.until = "fixed", date(2026, 5, 1), date(2026, 5, 31)
    document = document_of(report, timezone.now())
    (part,) = breakdown_of(sold.brand, "campaign", period=Period(report.since, report.until)).parts
    found = {name: cell.value for name, cell in headline(document).items()}
    assert (found["Net revenue"], found["Cost"]) == (part.figures.revenue, part.figures.cost)
    assert found["Net revenue"] == 500  # the refund came later
    report.since, report.until = date(2026, 6, 1), date(2026, 6, 2)
    assert headline(document_of(report, timezone.now()))["Orders"].value == 0


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("7-days", date(2026, 2, 26), date(2026, 3, 4)),
        ("28-days", date(2026, 2, 5), date(2026, 3, 4)),
        ("this-month", date(2026, 3, 1), date(2026, 3, 4)),
        ("last-month", date(2026, 2, 1), date(2026, 2, 28)),
        ("whole", None, None),
    ],
)
def test_periods_end_on_the_brands_day(kind: str, start: date | None, end: date | None) -> None:
    assert days_of(Report(period=kind), date(2026, 3, 4)) == Period(start, end)


def test_the_day_is_the_brands(report: Report) -> None:
    report.brand.timezone, report.period = "Pacific/Auckland", "7-days"
    assert Material(report, datetime(2026, 3, 3, 12, tzinfo=UTC)).period.end == date(2026, 3, 4)


def test_currencies_are_never_added_up(report: Report, acme: Brand, alice: User) -> None:
    other = make.campaign(acme, by=alice, currency="JPY")
    Cost.objects.create(campaign=other, kind="ads", amount=Decimal(1000), incurred_on=NOON.date())
    report.scope = "brand"
    rebuild()
    document = document_of(report, timezone.now())
    costs = {one.currency: next(iter(one.lines)) for one in document.sections[0].tables}
    assert set(costs) == {"EUR", "JPY"}
    money = [one for one in document.section("money").tables if one.currency == "JPY"]  # type: ignore[union-attr]
    assert [cells[1].shown for cells, is_total, _ in money[0].lines if is_total] == ["¥1,000"]


def test_what_people_typed_stays_text(report: Report, as_alice: Client) -> None:
    page = as_alice.get(report.get_absolute_url()).content.decode()
    assert "Well &lt;b&gt;done&lt;/b&gt;" in page
    report.text = "=1+1\n#pagebreak() $x$ *y* @ref"
    report.name = "=cmd()"
    document = document_of(report, timezone.now())
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(document)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert pdf_of(document).startswith(b"%PDF")


@pytest.mark.parametrize("word", ["a\x01b", "\x1b[0m", "\ufffe\uffff", "\u202eevil"])
def test_characters_that_files_cannot_hold_are_left_out(report: Report, as_alice: Client, word: str) -> None:
    report.name = report.text_title = report.text = f"Spring {word}"
    report.save()
    Brand.objects.update(name=f"Acme {word}")
    answer = as_alice.get(f"/reports/{report.code}/report.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.content))["Report"]["A1"].value.startswith("Spring")
    assert as_alice.get(f"/reports/{report.code}/report.pdf").content.startswith(b"%PDF")


@pytest.mark.parametrize(("since", "until"), [(date.min, date.max), (date.min, date.min), (date.max, date.max)])
def test_days_at_the_ends_of_the_calendar(report: Report, as_alice: Client, since: date, until: date) -> None:
    Report.objects.update(period="fixed", since=since, until=until)
    for path in ("", "report.xlsx", "sections/attribution.csv"):
        assert as_alice.get(f"/reports/{report.code}/{path}").status_code == 200


def test_each_file(report: Report, as_alice: Client) -> None:
    pdf = as_alice.get(f"/reports/{report.code}/report.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Type"] == "application/pdf"
    book = openpyxl.load_workbook(io.BytesIO(as_alice.get(f"/reports/{report.code}/report.xlsx").content))
    assert book.sheetnames[0] == "Report"
    assert len(book.sheetnames) == len(report.sections) + 1
    answer = as_alice.get(f"/reports/{report.code}/sections/money.csv").content.decode()
    rows = list(csv.reader(io.StringIO(answer)))
    assert rows[0][:2] == ["Kind", "Amount (EUR)"]
    assert rows[-1][:2] == ["All kinds, nothing left out", "384.00"]
    assert as_alice.get(f"/reports/{report.code}/sections/text.csv").status_code == 404
    assert as_alice.get(f"/reports/{report.code}/sections/nonsense.csv").status_code == 404


def test_an_empty_report_says_so(acme: Brand, alice: User, campaign: Campaign, as_alice: Client) -> None:
    row = create_report(acme, by=alice, campaigns=[campaign], name="Early", sections=EVERY)
    assert as_alice.get(row.get_absolute_url()).status_code == 200
    assert as_alice.get(f"/reports/{row.code}/report.pdf").content.startswith(b"%PDF")
    book = workbook_of(document_of(row, timezone.now()))
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames


def test_csv_keeps_the_unknown_empty(report: Report) -> None:
    report.period, report.since, report.until = "fixed", date(2025, 6, 1), date(2025, 6, 2)
    section = document_of(report, timezone.now()).section("headline")
    assert section
    rows = {row[0]: row for row in rows_of(section)}
    assert rows["ROI on margin"][1] == ""
    assert rows["Cost"][2] == "EUR"


# The builder


def built(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Weekly", "scope": "brand", "period": "7-days", "top": "10", "sections": ["funnel", "headline"],
        "order": ["headline", "series", "funnel"], **changes,
    }  # fmt: skip


def test_build_change_and_delete(acme: Brand, as_alice: Client) -> None:
    answer = as_alice.post("/reports/new/", built())
    row = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, row.get_absolute_url())
    assert row.sections == ["headline", "funnel"]
    as_alice.post(f"/reports/{row.code}/edit/", built(name="Monthly", order=["funnel", "headline"]))
    row.refresh_from_db()
    assert (row.name, row.sections) == ("Monthly", ["funnel", "headline"])
    as_alice.post(f"/reports/{row.code}/delete/")
    assert not Report.objects.exists()
    names = list(Event.objects.filter(name__startswith="report.").order_by("pk").values_list("name", flat=True))
    assert names == ["report.created", "report.changed", "report.deleted"]


@pytest.mark.parametrize("htmx", [True, False])
def test_sections_move_by_buttons_and_nothing_is_saved(as_alice: Client, htmx: bool) -> None:
    headers = {"HX-Request": "true"} if htmx else {}
    answer = as_alice.post("/reports/new/", built(move="funnel up"), headers=headers)
    page = answer.content.decode()
    assert page.index('value="funnel up"') < page.index('value="series up"')
    assert ("<html" in page) is not htmx
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sections": []}, "Choose at least one section"),
        ({"scope": "campaigns"}, "Choose a campaign"),
        ({"period": "fixed"}, "Fixed days need both ends"),
        ({"period": "fixed", "since": "2026-02-02", "until": "2026-02-01"}, "This is before the first day"),
        ({"sections": ["text"]}, "Write the text of your own"),
        ({"period": "ever"}, "Select a valid choice"),
        ({"name": " "}, "This field is required"),
    ],
)
def test_bad_input_is_told_and_saves_nothing(as_alice: Client, changes: dict[str, Any], message: str) -> None:
    answer = as_alice.post("/reports/new/", built(**changes))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Report.objects.exists()


def test_campaigns_of_others_cannot_be_told_of(
    acme: Brand, globex: Brand, charlie: User, alice: User, as_alice: Client
) -> None:
    theirs = make.campaign(globex, by=charlie)
    answer = as_alice.post("/reports/new/", built(scope="campaigns", campaigns=[theirs.code]))
    assert answer.status_code == 422
    with pytest.raises(ReportRefused):
        create_report(acme, by=alice, campaigns=[theirs], name="Spy")
    assert not Report.objects.exists()


@pytest.mark.parametrize("path", ["", "report.pdf", "report.xlsx", "sections/money.csv"])
def test_strangers_find_nothing_and_readers_read(report: Report, as_charlie: Client, as_bob: Client, path: str) -> None:
    assert as_charlie.get(f"/reports/{report.code}/{path}").status_code == 404
    assert as_bob.get(f"/reports/{report.code}/{path}").status_code == 200


@pytest.mark.parametrize("path", ["edit", "delete", "sharing", "schedule", "schedule/stop"])
def test_readers_change_nothing(report: Report, as_bob: Client, as_charlie: Client, path: str) -> None:
    before = list(Report.objects.values())
    assert as_bob.post(f"/reports/{report.code}/{path}/", built()).status_code == 403
    assert as_charlie.post(f"/reports/{report.code}/{path}/", built()).status_code == 404
    assert list(Report.objects.values()) == before
    assert not report.shares.exists()


def test_the_list_asks_as_often_for_many(report: Report, sold: Campaign, alice: User, as_alice: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert as_alice.get("/reports/").status_code == 200
        return len(found)

    one = asked()
    for number in range(5):
        create_report(sold.brand, by=alice, campaigns=[sold], name=f"R{number}")
    assert asked() == one


def test_a_report_asks_as_often_for_many_creators(report: Report, sold: Campaign) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            document_of(report, timezone.now())
        return len(found)

    few = asked()
    for number in range(5):
        row = make.collaboration(
            sold, make.relationship(sold.brand, make.creator(f"Creator {number}")), status="accepted"
        )
        make.discount_code(row, f"MORE{number}")
        make.order(sold.brand, f"MORE{number}", net="10", placed_at=NOON)
    rebuild()
    report.top = 100
    assert asked() == few


def test_lists_and_their_empty_state(as_alice: Client, as_bob: Client) -> None:
    assert "No report yet" in as_alice.get("/reports/").content.decode()
    assert "New report" not in as_bob.get("/reports/").content.decode()
