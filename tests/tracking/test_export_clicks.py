"""Clicks as Parquet: every one of a month once, typed, and nothing that the table does not hold."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking import archive
from tracking.models import Click

MAY = datetime(2026, 5, 31, 23, 59, tzinfo=UTC)


@pytest.fixture
def clicks(collaboration: Collaboration, globex: Brand) -> list[Click]:
    """Four of May, one of June, and one of another brand in May."""
    link = make.link(collaboration)
    reasons = ["", "", "crawler", ""]
    may = [make.click(link, MAY - timedelta(hours=place), bot_reason=reasons[place]) for place in range(4)]
    june = make.click(link, MAY + timedelta(minutes=1))
    theirs = make.click(make.link(make.collaboration(make.campaign(globex))), MAY - timedelta(days=3))
    return [*may, june, theirs]


def export(folder: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("export_clicks", str(folder), *options, stdout=out)
    return out.getvalue()


def test_every_click_of_a_month_is_written_once(
    clicks: list[Click], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BATCH", 2)
    told = export(tmp_path, "--month", "2026-05", "--month", "2026-06")
    assert "2026-05: clicks-2026-05.parquet, 5 clicks" in told
    assert "2026-06: clicks-2026-06.parquet, 1 clicks" in told
    rows = [row for path in sorted(tmp_path.glob("*.parquet")) for row in parquet.read_table(path).to_pylist()]
    stored = Click.objects.select_related("link__collaboration__campaign__brand").order_by("clicked_at", "id")
    assert [row.pop("brand") for row in rows] == [one.link.collaboration.campaign.brand.code for one in stored]
    assert [row.pop("collaboration") for row in rows] == [one.link.collaboration.code for one in stored]
    assert [row.pop("campaign") for row in rows] == [one.link.collaboration.campaign.code for one in stored]
    assert [row.pop("link") for row in rows] == [one.link_id for one in stored]
    columns = {field.name for field in Click._meta.concrete_fields} - {"pk", "link"}
    assert rows == [{name: getattr(one, name) for name in rows[0]} for one in stored]
    assert set(rows[0]) == columns
    assert parquet.read_metadata(tmp_path / "clicks-2026-05.parquet").num_row_groups == 3


def test_the_columns_are_typed(clicks: list[Click], tmp_path: Path) -> None:
    export(tmp_path, "--month", "2026-05")
    schema = parquet.read_schema(tmp_path / "clicks-2026-05.parquet")
    types = {name: str(schema.field(name).type) for name in ("clicked_at", "link", "is_duplicate", "id")}
    assert types == {"clicked_at": "timestamp[ms, tz=UTC]", "link": "int64", "is_duplicate": "bool", "id": "string"}
    assert not any(field.nullable for field in schema)


def test_a_brands_file_holds_its_own_clicks_only(clicks: list[Click], acme: Brand, tmp_path: Path) -> None:
    assert "4 clicks" in export(tmp_path, "--month", "2026-05", "--brand", acme.code)
    rows = parquet.read_table(tmp_path / f"clicks-{acme.code}-2026-05.parquet").to_pylist()
    assert {row["brand"] for row in rows} == {acme.code}


def test_months_that_are_over_are_written_once(clicks: list[Click], tmp_path: Path) -> None:
    make.click(clicks[0].link)
    first = export(tmp_path)
    assert f"{datetime.now(UTC):%Y-%m}" not in first
    assert "2026-05: clicks-2026-05.parquet, 5 clicks" in first
    make.click(clicks[0].link, MAY)
    assert "2026-05: clicks-2026-05.parquet, there already" in export(tmp_path)
    assert "6 clicks" in export(tmp_path, "--month", "2026-05", "--again")


def test_a_file_appears_only_when_it_is_whole(
    clicks: list[Click], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tmp_path, "--month", "2026-05")
    before = (tmp_path / "clicks-2026-05.parquet").read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "write_batch", full)
    with pytest.raises(CommandError, match="No space left"):
        export(tmp_path, "--month", "2026-05", "--again")
    assert (tmp_path / "clicks-2026-05.parquet").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--month", "2026-13"], "no month"),
        (["--month", "2019-01"], "No clicks of 2019-01 are stored"),
        (["--month", "2026-05", "--brand", "nobody"], "No brand has the code nobody"),
    ],
)
def test_the_command_says_what_is_wrong(clicks: list[Click], tmp_path: Path, options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        export(tmp_path, *options)
    assert not list(tmp_path.iterdir())


def test_without_pyarrow_it_says_how_to_get_it(
    clicks: list[Click], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match=r"groundswell\[parquet\]"):
        export(tmp_path, "--month", "2026-05")
