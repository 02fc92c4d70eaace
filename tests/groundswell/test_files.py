from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import pytest

from groundswell.web.files import csv_file


def test_a_file_has_a_name_and_every_row() -> None:
    file = csv_file("owed", [["creator", "day", "owed"], ["Dana, Field", date(2025, 3, 9), Decimal("-1.50")]])
    assert file["Content-Disposition"] == 'attachment; filename="owed.csv"'
    assert list(csv.reader(file.content.decode().splitlines())) == [
        ["creator", "day", "owed"],
        ["Dana, Field", "2025-03-09", "-1.50"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+49", "-cmd", "@SUM(A1)"])
def test_no_text_is_a_formula(text: str) -> None:
    assert next(csv.reader([csv_file("x", [[text]]).content.decode()])) == [f"'{text}"]


def test_what_is_missing_is_empty_and_not_none() -> None:
    assert csv_file("x", [[None, 0]]).content == b",0\r\n"


def test_only_a_marked_file_tells_its_encoding() -> None:
    plain, marked = (csv_file("x", [["ä"]], is_marked=is_marked).content for is_marked in (False, True))
    assert marked == "\ufeff".encode() + plain
