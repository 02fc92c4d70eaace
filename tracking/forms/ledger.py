"""What brands type about rules of credit, replays and payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.models import Campaign
from groundswell.accounts.models import Brand
from tracking.attribution import rules
from tracking.attribution.rules import BUILT_IN, DEFAULT, Rule
from tracking.attribution.words import ANSWERS, CONFLICTS, MODELS
from tracking.models import AttributionRule, DiscountCode
from tracking.models.rules import PARAMS

GAMES = [(rules.SUM_GAME, "Conversions (sum game)"), (rules.RATE_GAME, "Conversion rate (rate game, replay only)")]
DEFAULTS = Rule("")


def days(label: str, initial: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=365, initial=initial, **options)


def percent(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(0), max_value=Decimal(100), decimal_places=2, required=False,
        help_text="Empty: as agreed with each creator.",
    )  # fmt: skip


class RuleForm(forms.Form):
    name = forms.SlugField(max_length=30, help_text="Letters and hyphens. The same name again is its next version.")
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), required=False, empty_label="Every campaign", to_field_name="code"
    )
    model = forms.ChoiceField(choices=MODELS, initial=DEFAULTS.model, label="Model")
    conflict = forms.ChoiceField(choices=CONFLICTS, initial=DEFAULTS.conflict, label="Code and link disagree")
    code_part = forms.DecimalField(
        label="The code's part", min_value=Decimal(0), max_value=Decimal(1), decimal_places=4,
        initial=DEFAULTS.code_part, help_text="From 0 to 1, where both get a part.",
    )  # fmt: skip
    click_days = days("Clicks count for days", DEFAULTS.click_days, help_text="Models that credit one touch.")
    look_back_new = days("Look back at new buyers, days", DEFAULTS.look_back_new)
    look_back_returning = days("At those who bought before, days", DEFAULTS.look_back_returning)
    survey_days = days(
        "Survey answers count for days", DEFAULTS.survey_days,
        help_text="Counted from the order; only confirmed ones. 0: they earn nothing.",
    )  # fmt: skip
    answers = forms.ChoiceField(choices=ANSWERS, initial=DEFAULTS.answers, label="An answer that names a creator")
    survey_weight = forms.DecimalField(
        label="An answer weighs", min_value=Decimal("0.01"), max_value=Decimal(10), decimal_places=2,
        initial=DEFAULTS.survey_weight, help_text="Of a click, where it is a touch on the path.",
    )  # fmt: skip
    survey_post_days = days(
        "An answer needs a post seen within days", DEFAULTS.survey_post_days,
        help_text="Before the order, of the creator it names. 0: it needs none. A post alone never earns anything.",
    )  # fmt: skip
    half_life_days = forms.DecimalField(
        label="Half-life, days", min_value=Decimal("0.01"), max_value=Decimal(365), initial=DEFAULTS.half_life_days,
        help_text="Time decay.",
    )  # fmt: skip
    order = forms.IntegerField(min_value=1, max_value=3, initial=1, label="Markov order")
    with_null = forms.BooleanField(required=False, initial=True, label="Learn from clicks without an order as well")
    game = forms.ChoiceField(choices=GAMES, initial=DEFAULTS.game, label="Shapley game")
    percent_new = percent("Commission on new customers, %")
    percent_returning = percent("On returning customers, %")
    pays_self_referral = forms.BooleanField(required=False, label="Pay creators for what they buy themselves")
    pays_returned_goods = forms.BooleanField(required=False, label="Pay for goods that are sent back")
    hold_days = days("Commission is held for days", DEFAULTS.hold_days)

    def __init__(self, brand: Brand, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Campaign.objects.of(brand).order_by("name")

    @property
    def params(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PARAMS}


def rule_choices(brand: Brand) -> list[tuple[str, str]]:
    """Every version of the brand's rules, and those that come with the product."""
    own = [row.label for row in AttributionRule.objects.of(brand).order_by("name", "-version")]
    return [(label, label) for label in (*own, *sorted(BUILT_IN, reverse=True))]


class ReplayForm(forms.Form):
    rule = forms.ChoiceField(label="Rule")
    since = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, brand: Brand, data: Any = None, **options: Any) -> None:
        super().__init__(data, initial={"rule": DEFAULT.label}, **options)
        field = self.fields["rule"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = rule_choices(brand)

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        since, until = found.get("since"), found.get("until")
        if isinstance(since, date) and isinstance(until, date) and since > until:
            raise ValidationError("The period ends before it starts.")
        return found


class CountsForm(forms.Form):
    code = forms.CharField(max_length=40)
    counts = forms.ChoiceField(choices=DiscountCode.Counts.choices, label="Counts")


class PaymentForm(forms.Form):
    reference = forms.CharField(max_length=80, required=False, empty_value="")
