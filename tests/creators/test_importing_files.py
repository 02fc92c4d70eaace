"""Files of every encoding and delimiter, and those that are no tables."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creators.importing import columns, files
from creators.importing.lines import Line
from creators.importing.rows import RowError, RowReader

FIXTURES = Path(__file__).parent / "fixtures"


def table(content: bytes) -> tuple[files.Layout, list[files.Line]]:
    file = io.BytesIO(content)
    layout = files.look_at(file)
    return layout, list(files.rows(file, layout))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [["Name", "Handle", "Followers"], ["Jörg Müller", "joerg", "12"]])
    layout, rows = table(text.encode(encoding))
    assert layout.header == ["Name", "Handle", "Followers"]
    assert rows == [files.Line(2, ["Jörg Müller", "joerg", "12"])]


def test_line_breaks_inside_quotes_keep_the_line_numbers() -> None:
    _, rows = table(b'handle,bio\r\na,"two\r\nlines"\r\n\r\nb,one\r\n')
    assert [(row.number, row.cells[0]) for row in rows] == [(2, "a"), (5, "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n\n", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)) * 20, "not a text file"),
        (b"a,b\n" + b"\x00\x01\x02\x03" * 200, "not a text file"),
    ],
)
def test_what_is_no_table_says_so(content: bytes, message: str) -> None:
    with pytest.raises(files.UnreadableFileError, match=message):
        table(content)


def test_header_only() -> None:
    file = io.BytesIO(b"handle,followers\n")
    with pytest.raises(files.UnreadableFileError, match="no rows"):
        files.count_rows(file, files.look_at(file))


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    with pytest.raises(files.UnreadableFileError, match="larger than"):
        table(b"handle\n" + b"a\n" * 20)
    monkeypatch.undo()
    monkeypatch.setattr(files, "MAX_ROWS", 3)
    with pytest.raises(files.UnreadableFileError, match="more than 3 rows"):
        table(b"handle,n\n" + b"a,1\n" * 4)


def test_an_open_quotation_mark_is_found() -> None:
    with pytest.raises(files.UnreadableFileError, match="quotation mark"):
        table(b'handle,bio\na,"open\n' + b"b,c\n" * 60_000)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        layout, rows = table(content)
    except files.UnreadableFileError:
        return
    assert layout.header
    assert all("\x00" not in cell for row in rows for cell in row.cells)


cell = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cc", "Zs", "Zl", "Zp"]),
    min_size=1,
    max_size=8,
)


@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=8))
def test_quoted_tables_come_back(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in [["A", "B", "C"], *rows]]
    _, found = table("\n".join(quoted).encode())
    assert [line.cells for line in found] == [[value.strip() for value in row] for row in rows]


def guessed(name: str) -> tuple[dict[str, str | None], columns.Mapping]:
    layout, rows = table((FIXTURES / name).read_bytes())
    mapping = columns.guess(layout.header, [row.cells for row in rows], name)
    return dict(zip(layout.header, mapping.columns, strict=True)), mapping


@pytest.mark.parametrize(
    ("name", "network", "expected"),
    [
        (
            "top_instagram.csv",
            "instagram",
            {
                "channel Info": "handle",
                "name": "name",
                "followers": "followers",
                "60_day_eng_rate": "engagement_rate",
                "avg_likes": "average_likes",
                "posts": "posts_count",
                "country": "country",
                "Rank": None,
                "total_likes": None,
                "new_post_avg_like": None,
            },
        ),
        (
            "influencers_instagram.csv",
            "instagram",
            {
                "influencer name": "handle",
                "Category_1": "niches",
                "Category_2": "niches",
                "Followers": "followers",
                "Audience country(mostly)": "audience_country",
                "Engagement average": "average_engagements",
            },
        ),
        (
            "instagram_names.csv",
            "instagram",
            {"Influencer insta name": "handle", "instagram name": "name", "S.no": None, "Followers": "followers"},
        ),
        (
            "tiktokers.csv",
            "tiktok",
            {
                "Tiktoker name": "handle",
                "Tiktok name": "name",
                "Subscribers": "followers",
                "Views avg.": "average_views",
                "Shares avg.": "average_shares",
            },
        ),
        (
            "semicolon_cp1252.csv",
            "instagram",
            {
                "Profil": "handle",
                "E-Mail": "email",
                "Preis": "price",
                "Land": "country",
                "Sprache": "language",
                "Kategorie": "niches",
            },
        ),
        (
            "utf16_tabs.txt",
            "",
            {"Platform": "network", "Handle": "handle", "ER": "engagement_rate", "Tags": "tags", "Notes": "notes"},
        ),
    ],
)
def test_the_columns_of_real_files_are_guessed(name: str, network: str, expected: dict[str, str | None]) -> None:
    found, mapping = guessed(name)
    assert {key: found[key] for key in expected} == expected
    assert not mapping.problems() or not network
    if network:
        assert mapping.network == network


def test_odd_headers_are_named() -> None:
    notes = columns.header_notes(["handle", "Followers", "followers", ""])
    assert "2 columns are called “followers”" in notes[0]
    assert "column 4" in notes[1]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("shift_jis", ["東京のカフェと旅行の写真を毎日投稿しています", "ファッションと美容が大好きです"]),
        ("gbk", ["我每天分享北京的美食和旅行照片", "时尚与美容博主合作请联系我"]),
        ("cp1251", ["Путешествия и еда каждый день", "Красота и мода для всех"]),
        ("latin-1", ["Reisen, Essen und schöne Häuser", "Mode für Große und Kleine"]),
    ],
)
def test_older_encodings(encoding: str, words: list[str]) -> None:
    text = "handle;bio\n" + "".join(f"person{n};{words[n % 2]}\n" for n in range(30))
    _, rows = table(text.encode(encoding))
    assert [row.cells[1] for row in rows[:2]] == words


@given(st.lists(st.text(max_size=20), min_size=12, max_size=12))
def test_any_cells_are_a_row_or_a_reason(cells: list[str]) -> None:
    fields = [
        "handle", "followers", "engagement_rate", "birth_year", "credibility", "audience:age:18-24", "price:reel",
        "email", "gender", "niches", "average_views", "posts_count",
    ]  # fmt: skip
    reader = RowReader([""] * 12, columns.Mapping([*fields], "instagram", currency="EUR"))
    try:
        row = reader.read(Line(2, cells))
    except RowError:
        return
    assert row.handle == row.handle.lower()
    assert row.credibility is None or 0 <= row.credibility <= 1
    assert all(0 <= share <= 1 for _, _, share in row.audience)
    assert reader.read(Line(2, cells)) == row
