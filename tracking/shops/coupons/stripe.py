"""Codes in Stripe: a coupon says what is off, a promotion code is what customers type.

Every POST carries an Idempotency-Key, under which Stripe answers a repeated call with the first one's result.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from creators.connectors.errors import BadAnswer
from groundswell.lib.money import exponent
from tracking.shops.coupons.calls import call, said
from tracking.shops.coupons.facts import Access, Coupon, CouponRefused

VERSION = "2026-10-28.endive"


class Stripe:
    key_label = "Restricted secret key"
    key_help = "With the right to write coupons and promotion codes. Begins with rk_live_."

    def create(self, access: Access, coupon: Coupon) -> str:
        parent = posted(access, "/v1/coupons", coupon_of(coupon), f"coupon-{coupon.reference}")
        return posted(access, "/v1/promotion_codes", promotion_of(coupon, parent), f"promotion-{coupon.reference}")

    def withdraw(self, access: Access, external_id: str) -> None:
        posted(access, f"/v1/promotion_codes/{external_id}", {"active": "false"}, f"end-{external_id}")


def coupon_of(coupon: Coupon) -> dict[str, Any]:
    facts = {"name": coupon.title[:40], "duration": "once", "metadata[groundswell]": coupon.reference}
    if not coupon.currency:
        return {**facts, "percent_off": f"{coupon.value.normalize():f}"}
    minor = coupon.value * Decimal(10) ** exponent(coupon.currency)
    return {**facts, "amount_off": str(int(minor)), "currency": coupon.currency.lower()}


def promotion_of(coupon: Coupon, parent: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "promotion[type]": "coupon",
        "promotion[coupon]": parent,
        "code": coupon.code,
        "max_redemptions": coupon.usage_limit,
        "expires_at": int(coupon.ends_at.timestamp()) if coupon.ends_at else None,
        "metadata[groundswell]": coupon.reference,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def posted(access: Access, path: str, facts: dict[str, Any], key: str) -> str:
    """The id of what was made or changed."""
    headers = {"Authorization": f"Bearer {access.key}", "Stripe-Version": VERSION, "Idempotency-Key": key}
    answer = call(access, "POST", path, data=facts, headers=headers)
    if not answer.is_fine:
        raise CouponRefused(said((answer.body.get("error") or {}).get("message")))
    if not answer.body.get("id"):
        raise BadAnswer("The shop's answer can't be read.")
    return str(answer.body["id"])
