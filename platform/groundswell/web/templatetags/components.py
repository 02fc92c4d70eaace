"""Tags and filters of the design system: numbers as people read them, icons, links that keep the filters."""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Sized
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.forms.boundfield import BoundWidget
from django.http import QueryDict
from django.template import Context
from django.template.defaultfilters import date as format_date
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from groundswell.lib.numbers import (
    MISSING,
    compact,
    grouped,
    money,
    number_of,
    percent,
    times,
    whole_money,
    written,
)

register = template.Library()

HUES = 8
TONES = {
    "info": "queued running sent offered new open contacted mapping pending submitted ready received",
    "success": "done live accepted agreed approved active delivered paid posted connected matched sending_ok verified",
    "warning": "countered changes in_talks waiting partial expiring invited paused unmatched held cancelling",
    "error": "failed declined rejected bounced blocked refunded overdue error revoked reversed",
    "primary": "selected shortlisted",
}
TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}


# Numbers

for shape in (compact, percent, money, whole_money, times, written):
    register.filter(shape.__name__, shape)
register.filter("number", grouped)


@register.filter
def pluralise(value: Any, noun: str = "") -> str:
    """3|pluralise:"creator" → 3 creators; "reply,replies" for irregular ones; a list counts its members."""
    count = len(value) if isinstance(value, Sized) and not isinstance(value, str) else number_of(value)
    if count is None:
        return MISSING
    one, _, many = noun.partition(",")
    return f"{grouped(count)} {one if count == 1 else many or one + 's'}"


# People, states, times


@register.filter
def initials(name: Any) -> str:
    """Dana Field → DF; one letter for a name of one word."""
    words = [word for word in str(name or "?").replace(".", " ").replace("_", " ").replace("@", " ").split() if word]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words[:1])).upper() or "?"


@register.filter
def hue(name: Any) -> str:
    """The colour class of a name, the same on every page: hue-0 … hue-7."""
    return f"hue-{zlib.crc32(str(name).strip().lower().encode()) % HUES}"


@register.filter
def tone(state: Any) -> str:
    """The colour class of a state: tone-success for live, accepted …; empty for drafts and unknown words."""
    found = TONE_OF.get(str(state).lower())
    return f"tone-{found}" if found else ""


@register.filter
def ago(moment: datetime | date | None) -> SafeString | str:
    """A <time> that says how long ago (or in how long), with the exact moment in its title."""
    if moment is None:
        return MISSING
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), format_date(moment, "j M Y"))
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    exact = format_date(local, "j M Y, H:i")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, distance(moment))


def distance(moment: datetime) -> str:
    """just now, 5 min ago, 3 h ago, 2 days ago, then the date; the same ahead: in 3 h."""
    gap = timezone.now() - moment
    size = abs(gap)
    if size < timedelta(seconds=60):
        return "just now" if gap >= timedelta(0) else "in a moment"
    if size >= timedelta(days=14):
        return format_date(timezone.localtime(moment), "j M Y")
    if size < timedelta(hours=1):
        text = f"{size.seconds // 60} min"
    elif size < timedelta(days=1):
        text = f"{size.seconds // 3600} h"
    else:
        text = f"{size.days} day{'s' if size.days != 1 else ''}"
    return f"{text} ago" if gap > timedelta(0) else f"in {text}"


# Marks


@cache
def icons() -> dict[str, str]:
    """Lucide's outlines by name; `npm run icons` writes the file."""
    drawn: dict[str, str] = json.loads((Path(__file__).parents[1] / "icons.json").read_text())
    return drawn


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """An inline Lucide icon, hidden from screen readers unless it has a label; unknown names draw a circle."""
    outline = mark_safe(icons().get(name) or icons()["circle"])  # noqa: S308 (our own file)
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" focusable="false" {}>{}</svg>',
        classes,
        role,
        outline,
    )


@register.simple_tag
def missing(reason: str = "") -> SafeString:
    """An en dash for a value that is not known, with the reason for those who ask."""
    if not reason:
        return SafeString(MISSING)
    return format_html(
        '<span class="text-muted" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="sr-only">Not known: {}</span></span>',
        reason,
        MISSING,
        reason,
    )


@register.simple_tag
def unique(prefix: str = "id") -> str:
    """An id that is unique on the page, also among fragments that arrive later."""
    return f"{prefix}-{secrets.token_hex(4)}"


# Links that keep the filters of the page


def query_of(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request else QueryDict(mutable=True)


def joined(query: QueryDict) -> str:
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def replace_query(context: Context, **changes: Any) -> str:
    """The page's query string with some parameters changed; None removes one. Paging starts over."""
    query = query_of(context)
    if not {"cursor", "page", "after", "before"} & changes.keys():
        drop_paging(query)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None and value != "":
            query.setlist(name, [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)])
    return joined(query)


@register.simple_tag(takes_context=True)
def toggle_query(context: Context, name: str, value: Any) -> str:
    """The query string with one value of a repeatable parameter put in or taken out (a chip's link)."""
    query = drop_paging(query_of(context))
    values = query.getlist(name)
    query.setlist(name, [one for one in values if one != str(value)] if str(value) in values else [*values, str(value)])
    return joined(query)


def drop_paging(query: QueryDict) -> QueryDict:
    for name in ("cursor", "page", "after", "before"):
        query.pop(name, None)
    return query


@register.simple_tag(takes_context=True)
def is_chosen(context: Context, name: str, value: Any) -> bool:
    """Whether the query string has this value of this parameter."""
    return str(value) in query_of(context).getlist(name)


@register.inclusion_tag("components/sort.html", takes_context=True)
def sort_head(
    context: Context, key: str, label: str, *, css: str = "", default: str = "", first: str = "-"
) -> dict[str, Any]:
    """A column head <th> that sorts: `?sort=-followers`, again for the other way. `default` is the page's own order."""
    current = query_of(context).get("sort") or default
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    upcoming = {"descending": key, "ascending": f"-{key}"}.get(direction, f"{first}{key}")
    url = replace_query(context, sort=upcoming)
    return {"url": url, "label": label, "direction": direction, "css": css}


@register.simple_tag(takes_context=True)
def active(context: Context, url: str, *, exact: bool = False) -> SafeString:
    """aria-current="page" for the link that leads to this page (or, unless exact, to a page above it)."""
    request = context.get("request")
    path = request.path if request else ""
    here = path == url or (not exact and url not in {"", "/"} and path.startswith(url))
    return SafeString('aria-current="page"' if here else "")


@register.simple_tag(takes_context=True)
def block_text(context: Context, name: str) -> SafeString:
    """A block of the page once more: base.html shows the title block in <title> and in <h1>."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return block.nodelist.render(context) if block else SafeString("")


# Estimates and forms


@register.inclusion_tag("components/interval.html")
def interval(
    value: Any,
    low: Any = None,
    high: Any = None,
    *,
    n: Any = None,
    source: str = "",
    kind: str = "percent",
    label: str = "",
) -> dict[str, Any]:
    """A value whose 95 % interval, sample and source open on hover and focus; `kind` as for `written`."""
    return {"value": value, "low": low, "high": high, "n": n, "source": source, "kind": kind, "label": label}


CLASS_OF: list[tuple[type, str]] = [
    (CheckboxSelectMultiple, ""),
    (RadioSelect, ""),
    (CheckboxInput, "checkbox checkbox-sm"),
    (Textarea, "textarea"),
    (Select, "select"),
    (FileInput, "file-input"),
]


@register.filter
def kind_of(field: BoundField) -> str:
    """checkbox, choices (radio buttons, several checkboxes), or control."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "checkbox" if isinstance(widget, CheckboxInput) else "control"


@register.simple_tag
def choice_control(choice: BoundWidget) -> SafeString:
    """One radio button or checkbox of several, in the design system's class."""
    css = "radio radio-sm" if choice.data["type"] == "radio" else "checkbox checkbox-sm"
    choice.data["attrs"]["class"] = css
    return choice.tag()


@register.simple_tag
def widget(field: BoundField, **attributes: Any) -> SafeString:
    """The field's control in the design system's class; a class given by the form comes after it."""
    own = next((css for kind, css in CLASS_OF if isinstance(field.field.widget, kind)), "input")
    classes = f"{own} {field.field.widget.attrs.get('class', '')} {attributes.pop('class', '')}".split()
    if classes and kind_of(field) != "choices":
        attributes["class"] = " ".join(dict.fromkeys(classes))
    return conditional_escape(
        field.as_widget(attrs={key.replace("_", "-"): value for key, value in attributes.items()})
    )


@register.filter
def unlocalised(value: Any) -> str:
    """A number without thousands separators, and a Decimal without an exponent: 100, not 1E+2."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# Charts


@register.simple_tag
def chart_data(name: str, data: dict[str, Any]) -> SafeString:
    """The chart's data as a JSON island that static/src/js/charts.js reads."""
    return json_script(data, f"{name}-data")


@register.filter
def chart_rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the table that stands for a chart, values written in the chart's unit."""
    kind = f"money:{data['money']}" if data.get("money") else "percent:2" if data.get("percent") else "number"
    columns = [series["values"] for series in data["series"]]
    return [
        {"label": label, "values": [written(column[at], kind) for column in columns]}
        for at, label in enumerate(data["labels"])
    ]
