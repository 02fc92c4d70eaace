"""Exporting what a search finds: the columns chosen, both kinds of file, inert cells, and nobody else's."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from creators import tasks
from creators.actions import exports
from creators.actions.discovery import reindex
from creators.actions.exports import ExportRefusedError, request_export, tend_exports, write_export
from creators.exporting import COLUMNS, USUAL
from creators.models import Creator, Note
from creators.models.exports import Export
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def found(acme: Brand, globex: Brand, alice: User) -> Creator:
    """Dana, whom both brands know; Acme with a contact, a price and a note that a spreadsheet would run."""
    dana = make.creator("=HYPERLINK(1)", handle="dana.field", followers=8200, rate="0.041", niches=["beauty", "food"])
    make.account(dana, network="tiktok", handle="dana.tok", followers=50)
    mine = make.relationship(acme, dana, email="d@x.example", price=Decimal("99.5"), price_currency="EUR", owner=alice)
    Note.objects.create(relationship=mine, author=alice, text="+49 151\x0b")
    make.relationship(globex, dana, email="secret@globex.example", price=7)
    make.creator("Theirs", handle="theirs", owner=globex)
    make.creator("Unknown", handle="paul.k", followers=None, rate=None, country="FR", owner=acme)
    reindex(Creator.objects.values_list("pk", flat=True))
    return dana


def written(brand: Brand, query: str = "", columns: list[str] | None = None, kind: str = "csv") -> Export:
    row = request_export(brand, query, columns or list(COLUMNS), kind, by=None)
    write_export(row)
    row.refresh_from_db()
    return row


def lines(row: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(row.file.read().decode("utf-8-sig"))))


def test_csv(acme: Brand, found: Creator) -> None:
    row = written(acme)
    assert (row.status, row.total, row.done) == ("done", 2, 2)
    dana, unknown = lines(row)
    assert dana["Name"] == "'=HYPERLINK(1)"
    assert (dana["Handle"], dana["Followers"], dana["Engagement rate"]) == ("dana.field", "8200", "0.041000")
    assert (dana["Other accounts"], dana["Niches"]) == ("tiktok: dana.tok", "beauty, food")
    assert (dana["E-mail"], dana["Price per post"], dana["Notes"]) == ("d@x.example", "99.50", "'+49 151")
    assert (unknown["Followers"], unknown["Engagement rate"], unknown["Rate is by"], unknown["E-mail"]) == ("",) * 4
    assert "globex" not in row.file.open().read().decode("utf-8-sig")


def test_workbook(acme: Brand, found: Creator) -> None:
    row = written(acme, columns=["name", "followers", "notes"], kind="xlsx")
    sheet: Any = load_workbook(row.file.open()).active
    cells = list(sheet.iter_rows(values_only=True))
    assert cells == [("Name", "Followers", "Notes"), ("'=HYPERLINK(1)", 8200, "'+49 151"), ("Unknown", None, None)]
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_only_what_is_found_and_only_these_columns(acme: Brand, globex: Brand, found: Creator) -> None:
    assert [line["Name"] for line in lines(written(acme, "country=FR"))] == ["Unknown"]
    assert lines(written(acme, "?country=FR", ["handle"])) == [{"Handle": "paul.k"}]
    assert lines(written(globex, "", ["handle", "email"])) == [
        {"Handle": "dana.field", "E-mail": "secret@globex.example"},
        {"Handle": "theirs", "E-mail": ""},
    ]


def test_statements_do_not_grow(acme: Brand, found: Creator) -> None:
    def statements() -> int:
        row = request_export(acme, "", list(COLUMNS), "csv", by=None)
        with CaptureQueriesContext(connection) as captured:
            write_export(row)
        return len(captured)

    few = statements()
    for _ in range(20):
        make.relationship(acme, make.creator(owner=acme))
    reindex(Creator.objects.values_list("pk", flat=True))
    assert statements() == few


@pytest.mark.parametrize(
    ("query", "columns", "message"),
    [("", [], "Choose a column"), ("", ["name", "secret"], "secret"), ("followers_from=lots", ["name"], "lots")],
)
def test_what_cannot_be_written_is_refused(acme: Brand, query: str, columns: list[str], message: str) -> None:
    with pytest.raises(ExportRefusedError, match=message):
        request_export(acme, query, columns, "csv", by=None)
    assert not Export.objects.exists()


def test_too_many_for_a_file(acme: Brand, found: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exports.MOST, Export.Format.XLSX, 1)
    with pytest.raises(ExportRefusedError, match="Narrow the search"):
        request_export(acme, "", ["name"], "xlsx", by=None)


def test_pages(as_alice: Client, as_bob: Client, as_charlie: Client, found: Creator) -> None:
    page = as_alice.get("/exports/?country=FR")
    assert "1 creator of this search" in page.content.decode()
    data = {"format": "csv", "columns": ["name", "email"]}
    assert as_bob.get("/exports/").status_code == as_bob.post("/exports/", data).status_code == 403
    assert as_alice.post("/exports/", {"format": "csv"}).status_code == 422
    assert not Export.objects.exists()
    as_alice.post("/exports/?country=FR", data)
    row = Export.objects.get()
    path = f"/exports/{row.code}/"
    assert "Writing the file" in as_alice.get(path).content.decode()
    assert as_alice.get(f"{path}download/").status_code == 404
    tasks.write_export(Event.objects.get(name="export.requested").pk)
    assert "The file is ready" in as_alice.get(path, headers={"HX-Request": "true"}).content.decode()
    taken = as_alice.get(f"{path}download/")
    assert b"".join(taken.streaming_content).decode("utf-8-sig") == "Name,E-mail\r\nUnknown,\r\n"
    assert "attachment" in taken["Content-Disposition"]
    for address in (path, f"{path}download/"):
        assert as_bob.get(address).status_code == 403
        assert as_charlie.get(address).status_code == 404


def test_partners(api: Callable[..., Any], acme: Brand, globex: Brand, found: Creator) -> None:
    asked = {"query": "country=FR", "columns": ["handle"], "format": "csv"}
    assert api(acme, "creators:read").post("/api/v1/exports/", asked, format="json").status_code == 403
    assert api(acme).post("/api/v1/exports/", {"columns": ["x"]}, format="json").status_code == 400
    assert api(acme).post("/api/v1/exports/", {"query": "views_from=x"}, format="json").status_code == 400
    answer = api(acme).post("/api/v1/exports/", asked, format="json")
    assert answer.status_code == 202, answer.content
    path = f"/api/v1/exports/{answer.json()['code']}/"
    assert api(acme).get(f"{path}file/").status_code == 404
    write_export(Export.objects.get())
    assert api(acme).get(path).json()["status"] == "done"
    assert b"".join(api(acme).get(f"{path}file/").streaming_content).decode("utf-8-sig") == "Handle\r\npaul.k\r\n"
    assert api(globex).get(path).status_code == api(globex).get(f"{path}file/").status_code == 404
    assert api(acme).post("/api/v1/exports/", {}, format="json").json()["columns"] == list(USUAL)


def test_files_are_forgotten_and_broken_ones_given_up(acme: Brand, found: Creator, settings: Any) -> None:
    row = written(acme)
    stuck = request_export(acme, "", ["name"], "csv", by=None)
    Export.objects.filter(pk=stuck.pk).update(status="running", beat_at=timezone.now() - timedelta(minutes=9))
    write_export(stuck)
    tend_exports()
    stuck.refresh_from_db()
    assert (stuck.status, "interrupted" in stuck.error) == ("failed", True)
    Export.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=8))
    tend_exports()
    assert not Export.objects.filter(pk=row.pk).exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.csv"))


def test_an_export_is_read_back_unchanged(acme: Brand, found: Creator) -> None:
    from creators.actions.imports import import_now

    content = written(acme, "country=FR", ["name", "network", "handle", "followers", "country"]).file.open().read()
    result = import_now(acme, io.BytesIO(content), "creators.csv")
    assert (result.created + result.updated, result.rejected) == (1, [])
    assert import_now(acme, io.BytesIO(content), "creators.csv").unchanged == 1
