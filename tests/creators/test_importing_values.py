"""Numbers, handles, places and money as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creators.importing.handles import parse_handle, parse_network
from creators.importing.numbers import parse_amount, parse_count, parse_money, parse_rate, writes_percent
from creators.importing.places import parse_country, parse_language
from creators.importing.rows import parse_email, words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1.2M", 1_200_000),
        ("475.8m", 475_800_000),
        ("12,3K", 12_300),
        ("0.89k", 890),
        ("1 234", 1_234),
        ("1\u202f234", 1_234),
        ("1.234.567", 1_234_567),
        ("1,234", 1_234),
        ("1.234", 1_234),
        ("12,34,567", 1_234_567),
        ("1,234K", 1_234_000),
        ("10k–20k", 10_000),
        ("10-20k", 10_000),
        ("10k+", 10_000),
        ("~5k", 5_000),
        ("0", 0),
        ("2,5 Mio.", 2_500_000),
        ("1.5bn", 1_500_000_000),
        ("N/A", None),
        ("-", None),
        ("", None),
        ("–", None),
    ],
)
def test_counts(text: str, count: int | None) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["abc", "-5", "1,2,3", "12..3", "1k2", "20k-10k", "1e9", "١٢", "1" * 40])
def test_what_is_no_count_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        parse_count(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("1.39%", "0.0139"), ("0.0139", "0.0139"), ("3,1 %", "0.031"), ("0%", "0"), ("n/a", None), ("", None)],
)
def test_rates(text: str, rate: str | None) -> None:
    assert parse_rate(text, is_percent=False) == (Decimal(rate) if rate else None)


def test_a_column_says_whether_it_counts_in_percent() -> None:
    assert writes_percent(["0.9", "3.1"])
    assert not writes_percent(["0.9", "0.031"])
    assert parse_rate("3.1", is_percent=True) == parse_rate("0.031", is_percent=False)


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("€120", ("120", "EUR")),
        ("1.250,00 €", ("1250", "EUR")),
        ("50 USD", ("50", "USD")),
        ("$50 - $100", ("50", "USD")),
    ],
)
def test_money(text: str, money: tuple[str, str]) -> None:
    found = parse_money(text)
    assert found is not None
    assert (found[0], found[1]) == (Decimal(money[0]), money[1])


@given(st.integers(min_value=0, max_value=10**11))
def test_every_way_to_write_a_count_reads_the_same(count: int) -> None:
    written = [str(count), f"{count:,}", f"{count:,}".replace(",", "."), f"{count:,}".replace(",", " "), f"{count:,}+"]
    assert {parse_count(text) for text in written} == {count}


@given(st.integers(min_value=1, max_value=9999), st.sampled_from("kKmM"))
def test_suffixes_scale(tenths: int, suffix: str) -> None:
    scale = 1000 if suffix in "kK" else 1_000_000
    dot = f"{tenths // 10}.{tenths % 10}{suffix}"
    assert parse_count(dot) == parse_count(dot.replace(".", ",")) == tenths * scale // 10


@given(st.text(max_size=30))
def test_number_parsers_answer_or_refuse(text: str) -> None:
    for parse in (parse_count, parse_amount, lambda value: parse_rate(value, is_percent=False), parse_money):
        try:
            value = parse(text)
        except ValueError:
            continue
        assert value is None or not isinstance(value, int | Decimal) or value >= 0


@pytest.mark.parametrize(
    ("text", "network", "name"),
    [
        ("instagram.com/Dana.Field", "instagram", "dana.field"),
        ("https://www.instagram.com/dana/?igsh=xyz", "instagram", "dana"),
        ("https://m.tiktok.com/@Dana_1?lang=de", "tiktok", "dana_1"),
        ("https://youtube.com/@dana/videos", "youtube", "dana"),
        ("https://www.youtube.com/channel/UCabcDEF123", "youtube", "ucabcdef123"),
        ("@Dana", "", "dana"),
        ("dana", "", "dana"),
        ("'@dana", "", "dana"),
    ],
)
def test_handles(text: str, network: str, name: str) -> None:
    handle = parse_handle(text)
    assert handle is not None
    assert (handle.network, handle.name) == (network, name)


def test_channel_ids_keep_their_capitals_in_the_address() -> None:
    handle = parse_handle("https://www.youtube.com/channel/UCabcDEF123")
    assert handle is not None
    assert handle.url.endswith("/channel/UCabcDEF123")


@pytest.mark.parametrize(
    "text",
    ["https://www.instagram.com/p/Cxyz/", "https://example.com/dana", "https://instagram.com/", "two words", "💄"],
)
def test_what_is_no_handle_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        parse_handle(text)


@given(st.text(max_size=60))
def test_handles_are_lower_case_and_stable(text: str) -> None:
    try:
        handle = parse_handle(text)
    except ValueError:
        return
    if handle is None:
        return
    assert handle.name == handle.name.lower()
    again = parse_handle(handle.url or handle.name)
    assert again is not None
    assert again.name == handle.name


@pytest.mark.parametrize(
    ("text", "network"),
    [("IG", "instagram"), ("insta", "instagram"), ("Tik Tok", "tiktok"), ("Twitch", "other"), ("", None)],
)
def test_networks(text: str, network: str | None) -> None:
    assert parse_network(text) == network


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Germany", "DE"),
        ("deu", "DE"),
        ("U.S.A.", "US"),
        ("Côte d'Ivoire", "CI"),
        ("uk", "GB"),
        ("NA", None),
        ("-", None),
    ],
)
def test_countries(text: str, code: str | None) -> None:
    assert parse_country(text) == code


def test_languages_and_words() -> None:
    assert [parse_language(text) for text in ("German", "de-AT", "Deutsch", "")] == ["de", "de", "de", None]
    assert words(["Beauty; Food / beauty", "#Travel|"]) == ("beauty", "food", "travel")
    assert parse_email("Dana <Dana@Example.com>; second@x.org") == "dana@example.com"
