"""Workbooks: typed cells, several sheets, and those that are damaged, too large, or made to burst."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from creators import tasks
from creators.actions.imports import import_now, upload_import
from creators.actions.uploads import ImportRefusedError
from creators.importing import files, workbooks
from creators.importing.lines import UnreadableFileError
from creators.models import Creator, Import, SocialAccount
from groundswell.accounts.models import Brand

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def book(**sheets: list[list[Any]]) -> bytes:
    made = Workbook()
    del made[made.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet["C"][1:] if len(rows[0]) > 2 else []:
            cell.number_format = "0.00%"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


PEOPLE = [
    ["handle", "followers", "ER", "date of birth", "verified", "name"],
    ["dana", 8200, 0.031, date(1994, 5, 3), True, "Dana Field"],
    [],
    [433, 1234.5, None, 1999, False, "=1+1"],
]


def upload(client: Client, content: bytes, name: str = "people.xlsx") -> Any:
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, content, TYPE)})


def test_typed_cells(acme: Brand) -> None:
    result = import_now(acme, io.BytesIO(book(Cover=[["hello"]], Creators=PEOPLE)), "instagram.xlsx")
    assert (result.rows, result.created, result.rejected) == (2, 2, [])
    dana = SocialAccount.objects.select_related("creator").get(handle="dana")
    assert (dana.followers, dana.engagement_rate, dana.is_verified) == (8200, Decimal("0.031"), True)
    assert dana.creator.birth_year == 1994
    other = SocialAccount.objects.select_related("creator").get(handle="433")
    assert (other.followers, other.engagement_rate, other.creator.birth_year) == (1234, None, 1999)
    assert import_now(acme, io.BytesIO(book(Creators=PEOPLE)), "instagram.xlsx").unchanged == 2


def test_numbers_are_written_so_that_they_are_read_as_the_same() -> None:
    for value, shape, text in [
        (12.0, "General", "12"), (1.234, "General", "1.2340"), (1e21, "General", "1" + "0" * 21),
        (0.5, "0%", "50%"), (float("nan"), "General", ""), (7, "General", "7"),
    ]:  # fmt: skip
        assert workbooks.number_text(value, shape) == text


def test_the_longest_sheet_is_read_and_another_can_be_chosen(
    as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand
) -> None:
    short = [["handle", "fans"], ["eva", 5]]
    upload(as_alice, book(Short=short, Long=PEOPLE))
    job = Import.objects.get()
    assert (job.sheet, [name for name, _ in job.sheets]) == ("Long", ["Short", "Long"])
    assert "Sheet of this workbook" in as_alice.get(f"/imports/{job.code}/").content.decode()
    path = f"/imports/{job.code}/sheet/"
    assert as_bob.post(path, {"sheet": "Short"}).status_code == 403
    assert as_charlie.post(path, {"sheet": "Short"}).status_code == 404
    job.refresh_from_db()
    assert job.sheet == "Long"
    as_alice.post(path, {"sheet": "Nowhere"})
    as_alice.post(path, {"sheet": "Short"})
    job.refresh_from_db()
    assert (job.sheet, job.header, job.total) == ("Short", ["handle", "fans"], 1)
    assert as_alice.get(f"/imports/{job.code}/").context["preview"].sample[0].cells == ["eva", "5"]


def test_a_dry_run_counts_and_keeps_nothing(as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand) -> None:
    job = upload_import(acme, SimpleUploadedFile("instagram.csv", b"handle,followers\ndana,5k\n,6k\n"), "instagram.csv")
    form = as_alice.get(f"/imports/{job.code}/").context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    as_alice.post(f"/imports/{job.code}/start/", {**data, "rehearsal": "1"})
    tasks.run_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.created, job.rejected, Creator.objects.count()) == ("done", 1, 1, 0)
    assert "nothing was saved" in as_alice.get(f"/imports/{job.code}/").content.decode()
    assert as_bob.post(f"/imports/{job.code}/reopen/").status_code == 403
    assert as_charlie.post(f"/imports/{job.code}/reopen/").status_code == 404
    as_alice.post(f"/imports/{job.code}/reopen/")
    job.refresh_from_db()
    assert (job.status, job.created, job.rejected_rows.count()) == ("mapping", 0, 0)
    as_alice.post(f"/imports/{job.code}/start/", {**data, "rehearsal": "1"})
    tasks.run_import(job.pk)
    as_alice.post(f"/imports/{job.code}/start/")
    tasks.run_import(job.pk)
    job.refresh_from_db()
    assert (job.status, job.is_rehearsal, job.created, job.rejected) == ("done", False, 1, 1)
    assert Creator.objects.count() == job.rejected_rows.count() == 1
    as_alice.post(f"/imports/{job.code}/reopen/")
    job.refresh_from_db()
    assert job.status == "done"


def repacked(content: bytes, **changed: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            name = info.filename.rsplit("/", 1)[-1].replace(".", "_")
            new.writestr(info.filename, changed.get(name, old.read(info)))
    return out.getvalue()


def bad(kind: str) -> bytes:
    whole = book(Creators=PEOPLE)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("notes.txt", "hello")
    entities = b'<!DOCTYPE w [<!ENTITY a "' + b"a" * 5000 + b'">' + b"".join(
        b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 50) for letter in b"bcdefgh"
    ) + b"]><worksheet>&h;</worksheet>"  # fmt: skip
    return {
        "truncated": whole[: len(whole) // 2],
        "cut in a sheet": repacked(
            whole, sheet1_xml=b"<worksheet><sheetData><row r='1'><c t='inlineStr'><is><t>handle"
        ),
        "bomb": repacked(whole, sheet1_xml=b"<row/>" * 2_000_000),
        "entities": repacked(whole, sheet1_xml=entities),
        "zip": other.getvalue(),
        "empty sheet": book(Nothing=[[]]),
        "header only": book(Head=[["handle", "followers"]]),
        "no cells": b"PK\x05\x06" + bytes(18),
        "old": b"\xd0\xcf\x11\xe0" + bytes(600),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("truncated", "damaged or was cut off"),
        ("cut in a sheet", "damaged or was cut off"),
        ("bomb", "more than can be read"),
        ("entities", "damaged or was cut off"),
        ("zip", "no Excel workbook"),
        ("empty sheet", "empty"),
        ("header only", "no rows below"),
        ("no cells", "not a text file"),
        ("old", "old kind"),
    ],
)
def test_bad_workbooks_are_refused_and_change_nothing(as_alice: Client, settings: Any, kind: str, message: str) -> None:
    response = upload(as_alice, bad(kind))
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Import.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_a_body_of_2_gb_is_refused_by_its_length(as_alice: Client, api: Any, acme: Brand) -> None:
    class Unread:
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    huge = {"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": Unread()}
    page = as_alice.generic("POST", "/imports/new/", content_type="multipart/form-data; boundary=x", **huge)
    assert (page.status_code, "52 MB" in page.content.decode()) == (413, True)
    answer = api(acme).generic("POST", "/api/v1/imports/", content_type="text/csv", **huge)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert as_alice.generic("POST", "/imports/new/", content_type="text/plain", CONTENT_LENGTH="-1").status_code == 413
    assert not Import.objects.exists()


def test_partners_send_workbooks(api: Any, acme: Brand) -> None:
    answer = api(acme).post("/api/v1/imports/?network=tiktok", data=book(Creators=PEOPLE), content_type=TYPE)
    assert answer.status_code == 202, answer.content
    tasks.run_import(Import.objects.get().pk)
    assert SocialAccount.objects.get(handle="dana").network == "tiktok"


def test_a_far_cell_costs_nothing(acme: Brand) -> None:
    made = Workbook()
    sheet: Any = made.active
    sheet.append(["handle", "followers"])
    sheet.append(["dana", 5])
    sheet["XFD1048576"] = "far"
    out = io.BytesIO()
    made.save(out)
    layout = files.look_at(out)
    assert files.count_rows(out, layout) == 2
    result = import_now(acme, out, "instagram.xlsx")
    assert (result.created, len(result.rejected)) == (1, 0)


def test_too_many_rows_in_a_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_ROWS", 1)
    monkeypatch.setattr(files, "SPARE_ROWS", 0)
    content = io.BytesIO(book(Creators=PEOPLE))
    with pytest.raises(UnreadableFileError, match="more than 1 rows"):
        files.count_rows(content, files.look_at(content))


def test_the_remembered_mapping_needs_the_same_columns(acme: Brand) -> None:
    with pytest.raises(ImportRefusedError, match="No column names the network"):
        import_now(acme, io.BytesIO(book(Creators=PEOPLE)), "people.xlsx")
