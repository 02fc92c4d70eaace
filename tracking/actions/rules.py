"""Writing versions of rules and putting one in force."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Campaign
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from tracking.attribution.rules import BUILT_IN, Rule
from tracking.models import AttributionRule, DiscountCode
from tracking.models.rules import params_of


class RuleRefused(Exception):
    """A rule of that kind can't be written or put in force; the message says why."""


@transaction.atomic
def add_rule(
    brand: Brand, name: str, *, campaign: Campaign | None = None, by: User | None = None, **params: Any
) -> AttributionRule:
    """Write the next version of a rule; orders are decided by it once it is put in force.

    Raises RuleRefused for the names of rules that come with the product, and for a version that changes nothing.
    """
    if any(label.startswith(f"{name}/") for label in BUILT_IN):
        raise RuleRefused("A rule of this name comes with the product. Choose another name.")
    Brand.objects.select_for_update().get(pk=brand.pk)
    last = AttributionRule.objects.of(brand).filter(name=name).order_by("-version").first()
    wanted = params_of(replace(Rule(name), **params))
    if last and (last.params, last.campaign) == (wanted, campaign):
        raise RuleRefused(f"{last.label} says the same already.")
    version = last.version + 1 if last else 1
    row = AttributionRule.objects.create(
        brand=brand, campaign=campaign, name=name, version=version, params=wanted, created_by=by
    )
    record(brand, "attribution-rule.added", row, by=by, label=row.label)
    return row


@transaction.atomic
def activate_rule(row: AttributionRule, *, by: User | None = None) -> None:
    """Let a rule decide the orders that come from now on; what was credited before stays as it is.

    Raises RuleRefused for one in force already, and for a model that must see all journeys first: that one can be
    replayed, but not decide orders one by one as they come.
    """
    if row.rule.learns:
        raise RuleRefused("This model looks at all journeys at once. Replay it; it can't decide single orders.")
    Brand.objects.select_for_update().get(pk=row.brand_id)
    if AttributionRule.objects.filter(pk=row.pk, is_active=True).exists():
        raise RuleRefused(f"{row.label} is in force already.")
    AttributionRule.objects.filter(brand=row.brand_id, campaign=row.campaign_id).active().update(is_active=False)
    AttributionRule.objects.filter(pk=row.pk).update(is_active=True, activated_at=timezone.now())
    record(row.brand, "attribution-rule.activated", row, by=by, label=row.label)


@transaction.atomic
def retire_rule(row: AttributionRule, *, by: User | None = None) -> None:
    """Take a rule out of force: the brand's rule, or the one that comes with the product, decides again."""
    if not AttributionRule.objects.filter(pk=row.pk, is_active=True).update(is_active=False):
        raise RuleRefused(f"{row.label} is not in force.")
    record(row.brand, "attribution-rule.retired", row, by=by, label=row.label)


@transaction.atomic
def set_counts(brand: Brand, code: str, counts: str, *, by: User | None = None) -> DiscountCode:
    """Say when a creator's code counts for orders to come. Raises RuleRefused for a code the brand doesn't have."""
    row = DiscountCode.objects.of(brand).select_for_update().filter(code=code.strip().upper()).first()
    if row is None:
        raise RuleRefused("No creator of yours has this code.")
    row.counts = DiscountCode.Counts(counts)
    row.save(update_fields=["counts"])
    record(brand, "code.policy-changed", row, by=by, code=row.code, counts=counts)
    return row
