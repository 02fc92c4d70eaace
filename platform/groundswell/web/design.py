"""Sample data for the page that shows every component of the design system."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils import timezone

from groundswell.web.forms import ComponentRenderer


class SampleForm(forms.Form):
    """Every kind of field."""

    default_renderer = ComponentRenderer

    name = forms.CharField(help_text="As creators will read it.", max_length=80)
    email = forms.EmailField(label="E-mail", required=False)
    budget = forms.DecimalField(label="Budget in EUR", required=False, min_value=Decimal(0))
    starts_on = forms.DateField(label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    objective = forms.ChoiceField(choices=[("sales", "Sales"), ("awareness", "Awareness"), ("content", "Content")])
    markets = forms.MultipleChoiceField(
        choices=[("DE", "Germany"), ("FR", "France"), ("NL", "Netherlands")], required=False
    )
    networks = forms.MultipleChoiceField(
        choices=[("instagram", "Instagram"), ("tiktok", "TikTok"), ("youtube", "YouTube")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    pay = forms.ChoiceField(label="Pay", choices=[("fee", "Fee"), ("product", "Product")], widget=forms.RadioSelect)
    message = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, help_text="One point per line.")
    file = forms.FileField(required=False, help_text="CSV, at most 5 MB.")
    agree = forms.BooleanField(label="I have read the brief", help_text="You can open it again at any time.")

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("The last day is before the first day. Change one of them.")


STATES = [
    ("draft", "Draft"),
    ("offered", "Offered"),
    ("live", "Live"),
    ("countered", "Countered"),
    ("declined", "Declined"),
    ("selected", "Selected"),
]
NAMES = ["Dana Field", "Noor de Vries", "Mateo García", "Ines Laurent", "Yuki Tanaka", "Ola Nowak"]


def samples() -> dict[str, Any]:
    now = timezone.now()
    days = [(now - timedelta(days=29 - day)).date().isoformat() for day in range(30)]
    clicks = [40 + (day * 13) % 37 + (60 if day in {9, 10} else 0) for day in range(30)]
    return {
        "form": SampleForm(initial={"name": "Spring launch"}),
        "bad_form": SampleForm({"name": "", "email": "dana@", "pay": "fee", "objective": "sales"}, prefix="bad"),
        "states": STATES,
        "names": NAMES,
        "rows": [
            SimpleNamespace(
                name=name,
                handle=name.split()[0].lower(),
                followers=followers,
                rate=rate,
                price=price,
                state=state,
            )
            for name, followers, rate, price, state in zip(
                NAMES,
                [8_200, 24_310, 118_000, 1_940, 475_800_000, None],
                [Decimal("0.041"), Decimal("0.0312"), None, Decimal("0.087"), Decimal("0.0121"), Decimal("0.02")],
                [Decimal(120), None, Decimal(1450), Decimal("60.50"), Decimal(90000), None],
                STATES,
                strict=True,
            )
        ],
        "columns": [
            SimpleNamespace(value="offered", label="Offered", tone="", cards=NAMES[:2]),
            SimpleNamespace(value="countered", label="Countered", tone="", cards=NAMES[2:3]),
            SimpleNamespace(value="accepted", label="Accepted", tone="", cards=NAMES[3:5]),
            SimpleNamespace(value="posted", label="Posted", tone="", cards=[]),
        ],
        "trail": [
            {"icon": "circle-check", "text": "Dana Field accepted the offer", "by": "Dana Field", "at": now},
            {"icon": "mail", "text": "E-mail sent", "by": "Alice", "at": now - timedelta(hours=3)},
            {"icon": "plus", "text": "Added to Spring launch", "by": "Alice", "at": now - timedelta(days=2)},
        ],
        "line": {
            "labels": days,
            "series": [{"name": "Clicks", "values": clicks}],
            "notes": {days[9]: "Reel went live"},
        },
        "stacked": {
            "labels": days[-10:],
            "series": [
                {"name": "By code", "values": [120, 90, 0, 310, 150, 80, 60, 220, 190, 140]},
                {"name": "By click", "values": [60, 75, 20, 140, 90, 30, 25, 100, 80, 95]},
            ],
            "money": "EUR",
        },
        "bars": {
            "labels": ["Nano", "Micro", "Mid", "Macro"],
            "series": [{"name": "Return", "values": [2.4, 1.7, None, -0.3]}],
            "percent": True,
        },
        "funnel": {
            "labels": ["Clicks", "Carts", "Orders", "New customers"],
            "series": [{"name": "People", "values": [4210, 820, 311, 204]}],
        },
        "tab_items": [("Design", "/design/"), ("Creators", "/design/?a=1", 12), ("Brief", "/design/?a=2")],
    }
