"""Tags and filters of the design system, and what no template may contain."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.web import htmx
from groundswell.web.forms import ComponentRenderer
from groundswell.web.templatetags import components as tags

TEMPLATES = sorted((Path(__file__).resolve().parents[2] / "templates").rglob("*.html"))
MAIL = {"email", "mail"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", "–"),
        ("many", "–"),
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (12345, "12.3K"),
        (999_949, "999.9K"),
        (999_950, "1M"),
        (475_800_000, "475.8M"),
        (Decimal("1250.5"), "1.3K"),
        (-12345, "−12.3K"),
        (2_000_000_000, "2B"),
    ],
)
def test_compact(value: object, shown: str) -> None:
    assert tags.compact(value) == shown


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        (None, "EUR", "–"),
        (0, "EUR", "€0.00"),
        (Decimal("1234.5"), "EUR", "€1,234.50"),
        (Decimal("-12.345"), "USD", "−$12.35"),
        (1500, "JPY", "¥1,500"),
        (Decimal("1.2345"), "KWD", "KWD\N{NO-BREAK SPACE}1.235"),
    ],
)
def test_money(value: object, currency: str, shown: str) -> None:
    assert tags.money(value, currency) == shown


@pytest.mark.parametrize(("value", "decimals", "shown"), [("0.0312", 2, "3.12%"), (0.5, 0, "50%"), (None, 1, "–")])
def test_percent(value: object, decimals: int, shown: str) -> None:
    assert tags.percent(value, decimals) == shown


@pytest.mark.parametrize(("value", "shown"), [(12345, "12345"), (Decimal("1E+2"), "100"), (Decimal("0.05"), "0.05")])
def test_plain_numbers_have_no_exponent(value: object, shown: str) -> None:
    assert tags.unlocalised(value) == shown


@given(some.decimals(min_value=0, max_value=10**12, places=2))
def test_compact_keeps_three_figures(value: Decimal) -> None:
    shown = tags.compact(value)
    factor = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000}.get(shown[-1], 1)
    assert abs(Decimal(shown.rstrip("KMB")) * factor - value) <= max(factor / Decimal(20), Decimal("0.5"))
    assert len(shown) <= 6


def test_counts_take_the_right_noun() -> None:
    assert tags.pluralise(1, "creator") == "1 creator"
    assert tags.pluralise(1200, "creator") == "1,200 creators"
    assert tags.pluralise([1, 2], "reply,replies") == "2 replies"
    assert tags.pluralise(0, "order") == "0 orders"


def test_people_have_the_same_colour_everywhere() -> None:
    assert tags.hue("Dana Field") == tags.hue(" dana field")
    assert tags.initials("Dana Maria Field") == "DF"
    assert tags.initials("@yuki") == "Y"
    assert tags.initials(None) == "?"


def test_states_have_a_tone() -> None:
    assert tags.tone("live") == "tone-success"
    assert tags.tone("declined") == "tone-error"
    assert tags.tone("draft") == ""


def test_times_say_how_long_ago() -> None:
    now = timezone.now()
    assert tags.distance(now) == "just now"
    assert tags.distance(now - timedelta(minutes=5, seconds=1)) == "5 min ago"
    assert tags.distance(now - timedelta(days=1, seconds=1)) == "1 day ago"
    assert tags.distance(now + timedelta(hours=3, seconds=5)) == "in 3 h"
    assert 'datetime="' in tags.ago(now)


def rendered(text: str, path: str = "/", **context: object) -> str:
    return Template("{% load components %}" + text).render(Context({"request": RequestFactory().get(path), **context}))


def test_links_keep_the_filters_and_start_paging_over() -> None:
    path = "/?tier=nano&tier=micro&cursor=abc&q=tea"
    assert (
        rendered("{% replace_query sort='-followers' %}", path)
        == "?tier=nano&amp;tier=micro&amp;q=tea&amp;sort=-followers"
    )
    assert rendered("{% replace_query q=None cursor='x' %}", path) == "?tier=nano&amp;tier=micro&amp;cursor=x"
    assert rendered("{% toggle_query 'tier' 'nano' %}", path) == "?tier=micro&amp;q=tea"
    assert rendered("{% toggle_query 'tier' 'mega' %}", "/?tier=nano") == "?tier=nano&amp;tier=mega"


def test_heads_sort_both_ways() -> None:
    head = "{% sort_head 'followers' 'Followers' default='-followers' %}"
    assert 'aria-sort="descending"' in rendered(head)
    assert "?sort=followers" in rendered(head)
    assert "?sort=-followers" in rendered(head, "/?sort=followers")
    assert "aria-sort" not in rendered(head, "/?sort=name")


def test_icons_are_drawn_and_named() -> None:
    assert 'aria-hidden="true"' in tags.icon("users")
    assert 'aria-label="Instagram"' in tags.icon("instagram", "", "Instagram")
    assert "&lt;b&gt;" in tags.icon("users", "", "<b>")


class Order(forms.Form):
    default_renderer = ComponentRenderer
    total = forms.DecimalField(help_text="With tax.")
    note = forms.CharField(required=False)


def test_a_field_ties_help_and_error_to_its_control() -> None:
    html = Order({"total": "much"})["total"].as_field_group()
    assert 'aria-invalid="true"' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described
    assert all(f'id="{name}"' in html for name in described[1].split())
    assert 'class="input"' in html


def test_an_interval_says_where_it_comes_from() -> None:
    html = rendered(
        "{% interval v low high n=4210 source='Orders with a code' kind='percent:2' %}",
        v="0.0312",
        low="0.0264",
        high="0.0366",
    )
    assert "95% interval 2.64% to 3.66%" in html
    assert "4,210" in html
    assert "Orders with a code" in html
    assert "–" in rendered("{% interval v %}", v=None)


def test_a_notice_joins_the_other_events_of_an_answer() -> None:
    response = htmx.toast(htmx.trigger(HttpResponse(), "saved"), "Saved.")
    assert htmx.toast(response, "Sent.", "info")["HX-Trigger"] == (
        '{"saved": true, "toast": [{"text": "Saved.", "level": "success"}, {"text": "Sent.", "level": "info"}]}'
    )


def test_the_first_steps_are_ticked_off_by_what_happened(as_alice: Client, acme: Brand, alice: User) -> None:
    assert as_alice.get("/").context["done"] == 0
    record(acme, "import.finished", acme, by=alice)
    record(acme, "message.sent", acme, by=alice)
    record(acme, "offer.sent", acme, by=alice)
    assert as_alice.get("/").context["done"] == 2


def test_only_staff_see_the_design_page(as_bob: Client, client: Client) -> None:
    assert as_bob.get("/design/").status_code == 404
    assert client.get("/design/").status_code == 404


def test_a_visitor_reads_what_this_is(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert b"Sign in" in answer.content


def without_comments(text: str) -> str:
    return re.sub(r"{% comment.*?endcomment %}|{#.*?#}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(path.parents[1])))
def test_templates_keep_to_the_content_policy(template: Path) -> None:
    """No inline style, handler or script: the policy has no unsafe-inline. Mail is no page."""
    if MAIL & set(template.parts):
        return
    text = without_comments(template.read_text())
    assert not re.findall(r"<[^>]*\sstyle\s*=", text)
    assert not re.findall(r"<[^>]*\son[a-z]+\s*=", text)
    assert not re.findall(r"<[^>]*\shx-on", text)
    assert not re.findall(r"<style|javascript:", text)
    assert not [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(path.parents[1])))
def test_templates_name_icons_that_exist(template: Path) -> None:
    text = without_comments(template.read_text())
    named = set(re.findall(r'{% icon "([a-z0-9-]+)"', text)) | set(re.findall(r'with[^%]*\bicon="([a-z0-9-]+)"', text))
    named |= set(re.findall(r'components/icon.html" with name="([a-z0-9-]+)"', text))
    assert named <= tags.icons().keys()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(path.parents[1])))
def test_what_scrolls_sideways_is_reached_by_keyboard(template: Path) -> None:
    """Each frame of a table takes the focus and has a name of its own on its page."""
    plain = re.sub(r"{%.*?%}", "", without_comments(template.read_text()))
    frames = re.findall(r"<div[^>]*\btable-scroll\b[^>]*>", plain)
    names = [re.findall(r'tabindex="0" role="region" aria-label(?:ledby)?="([^"]+)"', frame) for frame in frames]
    assert all(len(name) == 1 for name in names), frames
    assert len({name[0] for name in names}) == len(frames)
