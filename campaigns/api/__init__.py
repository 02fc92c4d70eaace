"""Campaigns for partners: plan them, put creators in, make offers, follow the collaborations, write costs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from rest_framework import serializers

from campaigns.actions.refusals import Refusal
from groundswell.api.errors import Conflict

READ, WRITE = "campaigns:read", "campaigns:write"
SCOPES = {"GET": READ, "POST": WRITE, "PATCH": WRITE, "PUT": WRITE}
TAGS = ["campaigns"]
Result = TypeVar("Result")


def amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0), **options)


def percent(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), **options
    )


def attempted(act: Callable[[], Result]) -> Result:
    """The action's result; a refusal becomes 409 with its reason."""
    try:
        return act()
    except Refusal as refusal:
        raise Conflict(str(refusal)) from refusal
