"""The click path: where a link leads, what is recorded, and clear answers to whatever is asked."""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tests import factories as make
from tracking.agents import classify
from tracking.models import DiscountCode, LinkAlias, LinkDomain, LinkRules, TrackingLink
from tracking.redirect import Redirect
from tracking.redirect.countries import Countries
from tracking.redirect.table import COLUMNS, LOOK_UPS_PER_SECOND, LinkTable, Row, link_of
from tracking.spool.ids import is_id
from tracking.spool.records import MAX_LINE, Record, decode
from tracking.spool.rows import CLICKS_PER_MINUTE, bot_reason
from tracking.spool.segments import segments_in

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
DESTINATION = "https://shop.example/spring?colour=red&utm_source=old#sizes"


class Answer:
    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = int(status.split(maxsplit=1)[0]), dict(headers), body

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.location).query, keep_blank_values=True))


def ask(redirect: Redirect, path: str, method: str = "GET", query: str = "", **headers: str) -> Answer:
    started: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": "203.0.113.7"}
    extra = {f"HTTP_{name.upper()}": value for name, value in {"user_agent": IPHONE, **headers}.items()}
    body = b"".join(redirect({**environ, **extra}, lambda *given: started.extend(given)))  # type: ignore[arg-type]
    return Answer(started[0], started[1], body)


def recorded(folder: Path) -> list[Record]:
    return [decode(line) for segment in segments_in(folder) for line in segment.path.read_bytes().splitlines()]


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def redirect(spool: Path) -> Iterator[Redirect]:
    """A redirect that knows the links `dana`, `paused` and `over`; PostgreSQL answered it just now."""
    made = Redirect(NOWHERE, spool)
    made.start()
    made.table.stop()
    utm = ("instagram", "influencer", "spring-launch", "dana.field")
    made.table.links = {
        "dana": link_of((1, "dana", DESTINATION, *utm, True, "", None)),
        "paused": link_of((2, "paused", DESTINATION, *utm, False, "https://acme.example/", None)),
        "over": link_of((3, "over", DESTINATION, *utm, False, "", None)),
    }
    made.table.polled_at = time.monotonic() + 3600
    yield made
    made.spool.close()


def test_a_visitor_is_sent_on_with_utm_parameters_and_a_click_id(redirect: Redirect, spool: Path) -> None:
    answer = ask(redirect, "/r/dana")
    assert answer.status == 302
    assert answer.location.startswith("https://shop.example/spring?colour=red&utm_source=instagram&")
    assert answer.location.endswith("#sizes")
    (record,) = recorded(spool)
    assert answer.parameters == {
        "colour": "red",
        "utm_source": "instagram",
        "utm_medium": "influencer",
        "utm_campaign": "spring-launch",
        "utm_content": "dana.field",
        "icid": record.id,
    }
    assert (record.link, record.method, record.nth, record.agent) == (1, "GET", 1, IPHONE)


def test_yourls_cached_301_hides_repeat_clicks(redirect: Redirect, spool: Path) -> None:
    answers = [ask(redirect, "/r/dana") for _ in range(3)]
    assert {answer.status for answer in answers} == {302}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert [record.nth for record in recorded(spool)] == [1, 2, 3]
    assert len({answer.parameters["icid"] for answer in answers}) == 3


def test_dub_passes_the_visitors_parameters_over_the_links_own(redirect: Redirect) -> None:
    query = "utm_source=evil&UTM%5FCAMPAIGN=x&colour=blue&icid=0&fbclid=abc&empty=&flag"
    parameters = ask(redirect, "/r/dana", query=query).parameters
    assert parameters["utm_source"] == "instagram"
    assert parameters["colour"] == "red"
    assert is_id(parameters["icid"])
    assert (parameters["fbclid"], parameters["empty"], parameters["flag"]) == ("abc", "", "")
    assert "UTM_CAMPAIGN" not in parameters


def test_dub_counts_head_requests_as_clicks(redirect: Redirect, spool: Path) -> None:
    answer = ask(redirect, "/r/dana", "HEAD")
    assert (answer.status, answer.body) == (302, b"")
    assert [record.method for record in recorded(spool)] == ["HEAD"]


def test_a_prefetch_is_recorded_as_one(redirect: Redirect, spool: Path) -> None:
    ask(redirect, "/r/dana", sec_purpose="prefetch;prerender")
    ask(redirect, "/r/dana", purpose="prefetch")
    assert [record.purpose for record in recorded(spool)] == ["prefetch;prerender", "prefetch"]


def test_refref_puts_the_creators_email_into_the_landing_url(redirect: Redirect) -> None:
    assert set(ask(redirect, "/r/dana").parameters) == {
        "colour",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_content",
        "icid",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_only_get_and_head(redirect: Redirect, spool: Path, method: str) -> None:
    answer = ask(redirect, "/r/dana", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert recorded(spool) == []


@pytest.mark.parametrize(
    "path", ["/r/nobody", "/r/", "/r/dana/more", "/r/%", "/r/\xff\xfe", "/r/../healthz", "/x/dana"]
)
def test_an_unknown_link_says_so_kindly(redirect: Redirect, spool: Path, path: str) -> None:
    answer = ask(redirect, path)
    assert answer.status == 404
    assert b"This link does not exist" in answer.body
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert recorded(spool) == []


def test_an_unknown_link_is_not_called_unknown_while_postgresql_is_away(redirect: Redirect) -> None:
    redirect.table.polled_at -= 3660
    answer = ask(redirect, "/r/nobody")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_a_paused_link_leads_to_the_brand_or_says_it_has_ended(redirect: Redirect, spool: Path) -> None:
    assert ask(redirect, "/r/paused").location == "https://acme.example/"
    assert ask(redirect, "/r/over").status == 410
    assert recorded(spool) == []


@pytest.mark.parametrize("path", ["/r/DANA", "/r/Dana/", "/r/dana.", "/r/dana)", "/r/dana,"])
def test_a_link_survives_capitals_and_the_punctuation_around_it(redirect: Redirect, path: str) -> None:
    assert ask(redirect, path).status == 302


def test_a_query_of_100_kb_is_refused(redirect: Redirect, spool: Path) -> None:
    assert ask(redirect, "/r/dana", query="a=" + "x" * 100_000).status == 414
    assert recorded(spool) == []


def test_no_header_can_be_injected(redirect: Redirect) -> None:
    for query in ("x=%0d%0aSet-Cookie:a=b", "x=\r\nSet-Cookie: a=b", "x=\xff\x00"):
        location = ask(redirect, "/r/dana", query=query).location
        assert re.fullmatch(r"[\x21-\x7e]+", location)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.text(st.characters(max_codepoint=255), max_size=80),
    query=st.text(st.characters(max_codepoint=255), max_size=200),
    agent=st.text(st.characters(max_codepoint=255), max_size=2000),
    referer=st.text(st.characters(max_codepoint=255), max_size=2000),
)
def test_anything_gets_a_clear_answer_and_a_readable_line(  # noqa: PLR0917
    redirect: Redirect, spool: Path, path: str, query: str, agent: str, referer: str
) -> None:
    before = len(recorded(spool))
    answer = ask(redirect, "/r/dana", query=query, user_agent=agent, referer=referer, sec_purpose=agent)
    assert answer.status == 302
    assert re.fullmatch(r"[\x21-\x7e]+", answer.location)
    assert urlsplit(answer.location).netloc == "shop.example"
    assert ask(redirect, f"/r/{path}").status in {302, 404}
    records = recorded(spool)
    assert len(records) > before
    assert records[-1].agent in {agent[:300].replace("\0", ""), IPHONE}
    assert all(len(line) < MAX_LINE for segment in segments_in(spool) for line in segment.path.open("rb"))


@pytest.mark.parametrize("header", ["dnt", "sec_gpc"])
def test_who_asks_not_to_be_tracked_leaves_no_visitor_key(redirect: Redirect, spool: Path, header: str) -> None:
    answer = ask(redirect, "/r/dana", **{header: "1"})
    (record,) = recorded(spool)
    assert record.visitor == ""
    assert answer.parameters["icid"] == record.id


def test_no_address_reaches_the_disk(redirect: Redirect, spool: Path) -> None:
    ask(redirect, "/r/dana", referer="https://l.instagram.com/path?u=secret#fragment")
    (record,) = recorded(spool)
    assert re.fullmatch("[0-9a-f]{32}", record.visitor)
    assert record.referrer == "https://l.instagram.com/path"
    assert all(b"203.0.113" not in file.read_bytes() for file in spool.rglob("*") if file.is_file())


def test_no_cookie_is_set(redirect: Redirect) -> None:
    assert "Set-Cookie" not in ask(redirect, "/r/dana").headers


def test_dub_takes_two_phones_for_one_visitor_only_when_address_and_browser_agree(
    redirect: Redirect, spool: Path
) -> None:
    ask(redirect, "/r/dana")
    ask(redirect, "/r/dana", user_agent=IPHONE.replace("17_5", "17_4"))
    ask(redirect, "/r/dana")
    one, other, again = (record.visitor for record in recorded(spool))
    assert one == again != other


def test_a_forwarded_address_counts_only_behind_a_proxy(redirect: Redirect, spool: Path) -> None:
    for forwarded in ("198.51.100.1, 192.0.2.9", "198.51.100.2, 192.0.2.9", "192.0.2.10"):
        ask(redirect, "/r/dana", x_forwarded_for=forwarded)
    redirect.behind_proxy = True
    for forwarded in ("198.51.100.1, 192.0.2.9", "198.51.100.2, 192.0.2.9", "192.0.2.10"):
        ask(redirect, "/r/dana", x_forwarded_for=forwarded)
    visitors = [record.visitor for record in recorded(spool)]
    assert len(set(visitors[:3])) == 1
    assert visitors[3] == visitors[4] != visitors[5]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//evil.example", "https://", "data:text/html,x", "http://[", ""]
)
def test_a_destination_that_is_no_web_address_is_not_served(redirect: Redirect, url: str) -> None:
    redirect.table.links["odd"] = link_of((9, "odd", url, "", "", "", "", True, "javascript:alert(1)", None))
    assert ask(redirect, "/r/odd").status == 410


def test_a_destination_in_any_script_goes_out_as_ascii(redirect: Redirect) -> None:
    row = (9, "odd", "https://bücher.example/größe?a=ü#ä", "", "", "", "", True, "", None)
    redirect.table.links["odd"] = link_of(row)
    assert re.match(
        r"https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe\?a=%C3%BC&icid=.{26}#%C3%A4$", ask(redirect, "/r/odd").location
    )


# Devices, expiry, the creator's page


UTM_OF_ROW = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
UTM = ("instagram", "influencer", "spring-launch", "dana.field")
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0.0.0 Safari/537.36"


def put(redirect: Redirect, **fields: Any) -> None:
    """The link `odd`, with whatever differs from a plain one."""
    facts = {"id": 9, "slug": "odd", "destination": DESTINATION, "is_active": True, "fallback": "", **fields}
    row = Row(**{**dict(zip(UTM_OF_ROW, UTM, strict=True)), **facts})
    redirect.table.links[row.key] = link_of(row)


@pytest.mark.parametrize(
    ("agent", "starts"),
    [
        (IPHONE, "acme-shop://product/7?"),
        (ANDROID, "https://app.shop.example/p/7?"),
        (DESKTOP, "https://shop.example/"),
    ],
)
def test_each_device_goes_where_the_brand_wants_it(redirect: Redirect, agent: str, starts: str) -> None:
    put(redirect, ios="acme-shop://product/7", android="https://app.shop.example/p/7")
    answer = ask(redirect, "/r/odd", user_agent=agent)
    assert answer.location.startswith(starts)
    assert answer.parameters["utm_source"] == "instagram"
    assert is_id(answer.parameters["icid"])


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "intent://x#Intent;end", "data://x/y", "JavaScript://x/%0aalert(1)"]
)
def test_a_deep_link_never_runs_anything(redirect: Redirect, url: str) -> None:
    put(redirect, ios=url)
    assert ask(redirect, "/r/odd").location.startswith("https://shop.example/")


def test_an_expired_link_leads_to_its_fallback_or_says_it_has_ended(redirect: Redirect, spool: Path) -> None:
    put(redirect, expires=1_700_000_000_000, fallback="https://acme.example/winter")
    assert ask(redirect, "/r/odd").location == "https://acme.example/winter"
    put(redirect, expires=1_700_000_000_000)
    assert (ask(redirect, "/r/odd").status, recorded(spool)) == (410, [])
    put(redirect, expires=32_503_680_000_000)
    assert ask(redirect, "/r/odd").status == 302


def test_the_creators_page_has_one_button_that_carries_the_click(redirect: Redirect, spool: Path) -> None:
    facts = {"creator": "Dána <b>Field</b>", "brand": "Acme & Co", "code": "DANA10", "percent": 10.0}
    put(redirect, page=facts)
    answer = ask(redirect, "/r/odd", query="fbclid=x")
    (record,) = recorded(spool)
    text = answer.body.decode()
    assert (answer.status, text.count("<a ")) == (200, 1)
    assert f"icid={record.id}&amp;fbclid=x" in text
    for part in ("Dána &lt;b&gt;Field&lt;/b&gt;", "Acme &amp; Co", "DANA10", "10% off"):
        assert part in text
    assert ask(redirect, "/r/odd", "HEAD").body == b""


def test_the_pages_style_is_the_one_its_policy_names(redirect: Redirect) -> None:
    put(redirect, page={"creator": "Dana", "brand": "Acme", "code": None, "percent": 0})
    answer = ask(redirect, "/r/odd")
    style = re.search(b"<style>(.*?)</style>", answer.body, re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1]).digest()).decode()
    assert answer.headers["Content-Security-Policy"] == f"default-src 'none'; style-src 'sha256-{digest}'"


# Own domains


def test_a_link_lives_on_the_brands_own_domain(redirect: Redirect) -> None:
    redirect.table.hosts = {"go.acme.example": True}
    put(redirect, host="go.acme.example", slug="dana", destination="https://acme.example/own")
    for path in ("/dana", "/Dana/", "/r/dana", "/dana,"):
        assert ask(redirect, path, host="go.acme.example:443").location.startswith("https://acme.example/own")
    assert ask(redirect, "/r/dana", host="links.example").location.startswith("https://shop.example/spring")
    for path, host in (("/over", "go.acme.example"), ("/", "GO.acme.example")):
        assert ask(redirect, path, host=host).status == 404


def test_an_unverified_domain_serves_nothing(redirect: Redirect, spool: Path) -> None:
    redirect.table.hosts = {"go.acme.example": False}
    put(redirect, host="go.acme.example", slug="dana")
    assert [ask(redirect, path, host="go.acme.example").status for path in ("/dana", "/r/dana")] == [404, 404]
    assert recorded(spool) == []


def test_links_are_answered_before_django_and_pages_are_not(redirect: Redirect) -> None:
    redirect.table.hosts = {"go.acme.example": True}
    for path, host in (("/r/dana", "x.example"), ("/dana", "go.acme.example"), ("/", "go.acme.example:80")):
        assert redirect.owns({"PATH_INFO": path, "HTTP_HOST": host})
    assert not redirect.owns({"PATH_INFO": "/dana", "HTTP_HOST": "x.example"})


# Consent

AGREED = "analytics=yes"


def with_consent(redirect: Redirect, **headers: str) -> Answer:
    redirect.table.hosts = {"go.acme.example": True}
    facts = {"consent": "cookie", "consent_cookie": "analytics=yes", "destination": "https://www.acme.example/x"}
    put(redirect, host="go.acme.example", **facts)
    return ask(redirect, "/odd", host="go.acme.example", **headers)


def test_a_cookie_is_set_only_for_those_who_agreed(redirect: Redirect) -> None:
    answer = with_consent(redirect, cookie="a=b; analytics=yes")
    assert answer.headers["Set-Cookie"].startswith(f"icid={answer.parameters['icid']}; ")
    assert answer.headers["Set-Cookie"].endswith("; Secure; SameSite=Lax; Domain=acme.example")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"cookie": "analytics=no"},
        {"cookie": "analytics=yes", "sec_gpc": "1"},
        {"cookie": "analytics=yes", "dnt": "1"},
    ],
)
def test_openpartner_sets_a_cookie_without_asking(redirect: Redirect, headers: dict[str, str]) -> None:
    answer = with_consent(redirect, **headers)
    assert "Set-Cookie" not in answer.headers
    assert is_id(answer.parameters["icid"])


def test_a_brand_may_choose_not_to_tell_visitors_apart(redirect: Redirect, spool: Path) -> None:
    put(redirect, consent="none")
    answer = ask(redirect, "/r/odd")
    (record,) = recorded(spool)
    assert (record.visitor, record.id) == ("", answer.parameters["icid"])


# Countries


def mmdb(codes: list[str]) -> bytes:
    """The smallest database of countries: one node a half of the address space, in MaxMind's format 2.0."""

    def text(value: str) -> bytes:
        return bytes([0x40 + len(value)]) + value.encode()

    def number(kind: int, value: int) -> bytes:
        body = value.to_bytes(8, "big").lstrip(b"\0")
        return bytes([(kind << 5) + len(body)]) + body if kind < 8 else bytes([len(body), kind - 7]) + body

    places = [b"\xe1" + text("country") + b"\xe1" + text("iso_code") + text(code) for code in codes]
    data, starts = b"".join(places), [sum(map(len, places[:at])) for at in range(len(places))]
    tree = b"".join((1 + 16 + start).to_bytes(3, "big") for start in starts)
    facts = [("node_count", number(6, 1)), ("record_size", number(5, 24)), ("ip_version", number(5, 4))]
    facts += [("binary_format_major_version", number(5, 2)), ("binary_format_minor_version", b"\xa0")]
    facts += [("build_epoch", number(9, 1_700_000_000)), ("database_type", text("Test"))]
    facts += [("languages", b"\x00\x04"), ("description", b"\xe0")]
    metadata = bytes([0xE0 + len(facts)]) + b"".join(text(name) + value for name, value in facts)
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + metadata


@pytest.fixture
def geoip(redirect: Redirect, tmp_path: Path) -> None:
    path = tmp_path / "countries.mmdb"
    path.write_bytes(mmdb(["DE", "FR"]))
    redirect.countries = Countries(str(path))


@pytest.mark.usefixtures("geoip")
def test_the_country_comes_from_the_database_and_the_proxy_goes_first(redirect: Redirect, spool: Path) -> None:
    redirect.behind_proxy, redirect.country_key = True, "HTTP_CF_IPCOUNTRY"
    ask(redirect, "/r/dana", x_forwarded_for="9.9.9.9", cf_ipcountry="PT")
    for address in ("9.9.9.9", "203.0.113.7", "unknown", "2001:db8::1"):
        ask(redirect, "/r/dana", x_forwarded_for=address)
    assert [record.country for record in recorded(spool)] == ["PT", "DE", "FR", "", ""]


def test_a_missing_or_broken_database_costs_only_the_country(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"no database")
    assert [Countries(str(tmp_path / name)).of("203.0.113.7") for name in ("missing", "broken")] == ["", ""]


# What peers get wrong


def test_dub_filters_addresses_only_of_requests_without_a_user_agent(redirect: Redirect, spool: Path) -> None:
    """A browser's name does not switch the other signs off: HEAD, prefetch and rate count whatever it says."""
    ask(redirect, "/r/dana", "HEAD")
    ask(redirect, "/r/dana", sec_purpose="prefetch")
    for _ in range(40):
        ask(redirect, "/r/dana")
    assert reasons(spool) == Counter({"": 28, "rate": 12, "head": 1, "prefetch": 1})


def test_openpartner_answers_429_where_many_share_an_address(redirect: Redirect) -> None:
    assert {ask(redirect, "/r/dana").status for _ in range(150)} == {302}


def test_refref_refuses_a_hundred_and_first_visitor_of_one_address(redirect: Redirect, spool: Path) -> None:
    assert {ask(redirect, "/r/dana").status for _ in range(120)} == {302}
    assert len(recorded(spool)) == 120


def test_dub_counts_fifty_views_of_one_address(redirect: Redirect, spool: Path) -> None:
    """All fifty are kept; what one address asks beyond thirty a minute is set apart with its reason."""
    for _ in range(50):
        ask(redirect, "/r/dana")
    assert reasons(spool) == Counter({"": 30, "rate": 20})


def test_openpartner_checks_no_bots(redirect: Redirect, spool: Path) -> None:
    for agent in ("curl/8.5.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", IPHONE):
        ask(redirect, "/r/dana", user_agent=agent)
    assert reasons(spool) == Counter({"tool": 1, "crawler": 1, "": 1})


def test_yourls_writes_two_rows_before_it_answers(redirect: Redirect, spool: Path) -> None:
    """With no database to be reached the visitor is sent on and the click is kept."""
    assert redirect.table.database_url == NOWHERE
    assert ask(redirect, "/r/dana").status == 302
    assert len(recorded(spool)) == 1


def test_kutt_adds_no_utm_and_names_no_click(redirect: Redirect, spool: Path) -> None:
    parameters = ask(redirect, "/r/dana").parameters
    (record,) = recorded(spool)
    assert (parameters["utm_source"], parameters["icid"]) == ("instagram", record.id)


def test_refref_counts_no_click(redirect: Redirect, spool: Path) -> None:
    ask(redirect, "/r/dana")
    assert reasons(spool) == Counter({"": 1})


def test_kutt_keeps_the_visitors_query_from_the_destination(redirect: Redirect) -> None:
    assert ask(redirect, "/r/dana", query="gclid=abc").parameters["gclid"] == "abc"


def test_dub_shows_x_as_four_clicks(redirect: Redirect, spool: Path) -> None:
    """X fetches once and asks thrice by HEAD under browsers' names: one click, three kept apart."""
    for method in ("GET", "HEAD", "HEAD", "HEAD"):
        ask(redirect, "/r/dana", method, user_agent=DESKTOP)
    assert reasons(spool) == Counter({"head": 3, "": 1})


def reasons(spool: Path) -> Counter[str]:
    """Why each recorded click is kept apart, as the shipper decides."""
    return Counter(
        bot_reason(one.method, one.purpose, classify(one.agent).reason, hurried=one.nth > CLICKS_PER_MINUTE)
        for one in recorded(spool)
    )


# With PostgreSQL


@pytest.fixture
def database_url(transactional_db: None) -> str:
    return make.database_url()


@pytest.fixture
def table(database_url: str, spool: Path) -> Iterator[LinkTable]:
    made = LinkTable(database_url, spool)
    made.refresh()
    yield made
    made.stop()


def leads_to(table: LinkTable, slug: str) -> str:
    link = table.links.get(slug)
    return link.destination.start if link and link.destination else ""


def test_a_new_and_a_changed_link_are_there_after_one_poll(table: LinkTable, collaboration: Collaboration) -> None:
    link = make.link(collaboration, slug="dana-spring")
    table.refresh()
    assert leads_to(table, "dana-spring").startswith("https://shop.example/spring?utm_source=instagram")
    link.destination = "https://shop.example/summer"
    link.save()
    table.refresh()
    assert leads_to(table, "dana-spring").startswith("https://shop.example/summer?")
    link.is_active = False
    link.save()
    table.refresh()
    assert leads_to(table, "dana-spring") == ""


def test_a_change_that_commits_late_is_not_missed(table: LinkTable, collaboration: Collaboration) -> None:
    late = make.link(collaboration, slug="late")
    early = make.link(collaboration, slug="early", placement="story")
    TrackingLink.objects.filter(pk=late.pk).delete()
    table.refresh()
    assert set(table.links) == {"early"}
    late.save(force_insert=True)
    TrackingLink.objects.filter(pk=late.pk).update(updated_at=early.updated_at)
    table.refresh()
    assert set(table.links) == {"early", "late"}


def test_a_deleted_link_is_gone_after_a_full_load(table: LinkTable, collaboration: Collaboration) -> None:
    link = make.link(collaboration, slug="gone")
    table.refresh()
    link.delete()
    table.loaded_at -= 61
    table.refresh()
    assert table.get("gone") is None


def test_an_unknown_link_is_asked_for_once(
    table: LinkTable, collaboration: Collaboration, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("tracking.redirect.table.time", SimpleNamespace(monotonic=lambda: now))
    asked: list[str] = []
    query: Callable[..., Any] = table.query
    table.query = lambda use, *rest: asked.append(use) or query(use, *rest)  # type: ignore[func-returns-value,method-assign]
    make.link(collaboration, slug="just-made")
    assert table.get("just-made")
    assert [table.get("never") for _ in range(50)] == [None] * 50
    assert asked == ["look-up", "look-up"]
    assert [table.get(f"scan-{number}") for number in range(100)] == [None] * 100
    assert len(asked) == LOOK_UPS_PER_SECOND


def test_links_survive_a_restart_without_postgresql(
    table: LinkTable, collaboration: Collaboration, spool: Path
) -> None:
    make.link(collaboration, slug="dana-spring")
    make.link(collaboration, slug="resting", placement="story", is_active=False)
    table.refresh()
    alone = LinkTable(NOWHERE, spool)
    alone.start()
    alone.stop()
    assert alone.links == table.links
    assert not alone.is_fresh


def test_a_broken_snapshot_is_an_empty_table(spool: Path) -> None:
    spool.mkdir()
    (spool / "links.json").write_text('[[1, "dana"')
    alone = LinkTable(NOWHERE, spool)
    alone.restore()
    assert alone.links == {}


def test_answers_and_records_go_on_when_postgresql_goes_away(
    table: LinkTable, collaboration: Collaboration, spool: Path
) -> None:
    make.link(collaboration, slug="dana-spring")
    redirect = Redirect(table.database_url, spool)
    try:
        assert ask(redirect, "/r/dana-spring").status == 302
        redirect.table.database_url = NOWHERE
        redirect.table.forget_connection("poll")
        redirect.table.refresh()
        assert redirect.table.failing
        assert ask(redirect, "/r/dana-spring").status == 302
    finally:
        redirect.stop()
    assert len(recorded(spool)) == 2


def test_dub_loses_clicks_when_its_store_fails(spool: Path) -> None:
    """With PostgreSQL away from the start, links come from the snapshot and each click is on disk."""
    spool.mkdir()
    row = [1, "dana", DESTINATION, *UTM, True, ""]
    (spool / "links.json").write_text(json.dumps({"rows": [row], "hosts": {}}))
    redirect = Redirect(NOWHERE, spool)
    try:
        assert ask(redirect, "/r/dana").status == 302
    finally:
        redirect.stop()
    assert len(recorded(spool)) == 1


def test_domains_aliases_and_rules_come_from_postgresql(
    table: LinkTable, collaboration: Collaboration, acme: Brand
) -> None:
    own = LinkDomain.objects.create(brand=acme, host="go.acme.example", verified_at=timezone.now())
    LinkDomain.objects.create(brand=acme, host="new.acme.example")
    LinkRules.objects.create(brand=acme, consent="none")
    later = timezone.now().replace(microsecond=0) + timedelta(days=1)
    link = make.link(collaboration, slug="dana", domain=own, expires_at=later, has_page=True, utm_term="w1")
    DiscountCode.objects.create(brand=acme, collaboration=collaboration, code="DANA10", percent=10)
    LinkAlias.objects.create(link=link, slug="dana-old")
    table.load()
    table.take_hosts()
    assert table.hosts == {"go.acme.example": True, "new.acme.example": False}
    assert set(table.links) == {"go.acme.example/dana", "dana-old"}
    found = table.links["dana-old"]
    assert (found.id, found.counts_visitors, found.expires) == (link.pk, False, int(later.timestamp() * 1000))
    assert found.page == {"creator": "Dana Field", "brand": acme.name, "code": "DANA10", "percent": 10}
    assert found.destination
    assert "utm_term=w1" in found.destination.start


def test_kutt_finds_addresses_without_an_index(table: LinkTable) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off" if connection.in_atomic_block else "SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {COLUMNS} WHERE address.slug = 'dana'")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "tracking_link_address" in plan
    assert "tracking_alias_address" in plan
