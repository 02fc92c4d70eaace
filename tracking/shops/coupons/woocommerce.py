"""Codes in WooCommerce: coupons of its REST interface v3, by consumer key and secret."""

from __future__ import annotations

from typing import Any

from creators.connectors.errors import BadAnswer
from tracking.shops.coupons.calls import call, said
from tracking.shops.coupons.facts import Access, Coupon, CouponRefused

PATH = "/wp-json/wc/v3/coupons"
MARK = "_groundswell"
EXISTS = "woocommerce_rest_coupon_code_already_exists"


class WooCommerce:
    key_label = "Consumer key and secret"
    key_help = "With the right Read/Write, as ck_…:cs_… In WooCommerce: Settings, Advanced, REST API."

    def create(self, access: Access, coupon: Coupon) -> str:
        answer = call(access, "POST", PATH, json=coupon_of(coupon), auth=auth_of(access))
        if answer.body.get("code") == EXISTS:
            return known(access, coupon)
        if not answer.is_fine:
            raise CouponRefused(said(answer.body.get("message")))
        return id_in(answer.body)

    def withdraw(self, access: Access, external_id: str) -> None:
        answer = call(access, "DELETE", f"{PATH}/{external_id}", params={"force": "true"}, auth=auth_of(access))
        if not answer.is_fine and answer.status != 404:
            raise CouponRefused(said(answer.body.get("message")))


def coupon_of(coupon: Coupon) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "code": coupon.code,
        "description": coupon.title,
        "discount_type": "fixed_cart" if coupon.currency else "percent",
        "amount": f"{coupon.value:.2f}",
        "usage_limit": coupon.usage_limit,
        "usage_limit_per_user": 1 if coupon.once_per_customer else None,
        "date_expires_gmt": f"{coupon.ends_at:%Y-%m-%dT%H:%M:%S}" if coupon.ends_at else None,
        "meta_data": [{"key": MARK, "value": coupon.reference}],
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def auth_of(access: Access) -> tuple[str, str]:
    key, _, secret = access.key.partition(":")
    return key, secret


def known(access: Access, coupon: Coupon) -> str:
    """The id of the shop's coupon of this name, if it carries our mark."""
    answer = call(access, "GET", PATH, params={"code": coupon.code}, auth=auth_of(access), is_list=True)
    for row in answer.body.get("items") or []:
        marks = [mark.get("value") for mark in row.get("meta_data") or [] if mark.get("key") == MARK]
        if coupon.reference in marks:
            return id_in(row)
    raise CouponRefused(f"The shop has a code {coupon.code} already that was not made here.")


def id_in(row: dict[str, Any]) -> str:
    if not row.get("id"):
        raise BadAnswer("The shop's answer can't be read.")
    return str(row["id"])
