"""Codes in Shopify, by the Admin GraphQL interface: discountCodeBasicCreate and discountCodeDeactivate.

A code of the same name is ours when its title is, so that a call repeated after a crash makes no second one.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from creators.connectors.errors import BadAnswer, RateLimited
from tracking.shops.coupons.calls import call, said
from tracking.shops.coupons.facts import Access, Coupon, CouponRefused

VERSION = "2026-10"
CREATE = """mutation($discount: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $discount) {
  codeDiscountNode { id } userErrors { field code message } } }"""
FIND = """query($code: String!) { codeDiscountNodeByCode(code: $code) {
  id codeDiscount { ... on DiscountCodeBasic { title } } } }"""
END = """mutation($id: ID!) { discountCodeDeactivate(id: $id) { userErrors { field code message } } }"""
PAUSE = 2.0  # seconds in which a Standard shop's budget fills up again


class Shopify:
    key_label = "Admin API access token"
    key_help = "Of a custom app with the right “write_discounts”. Begins with shpat_."

    def create(self, access: Access, coupon: Coupon) -> str:
        made = asked(access, CREATE, {"discount": discount_of(coupon)})["discountCodeBasicCreate"]
        problems = made["userErrors"]
        if any(problem.get("code") == "TAKEN" for problem in problems):
            return known(access, coupon)
        refuse(problems)
        return str(made["codeDiscountNode"]["id"])

    def withdraw(self, access: Access, external_id: str) -> None:
        refuse(asked(access, END, {"id": external_id})["discountCodeDeactivate"]["userErrors"])


def discount_of(coupon: Coupon) -> dict[str, Any]:
    """The input of a discount on the whole order for all customers."""
    if coupon.currency:
        value: dict[str, Any] = {"discountAmount": {"amount": f"{coupon.value:f}", "appliesOnEachItem": False}}
    else:
        value = {"percentage": float(coupon.value / 100)}
    facts: dict[str, Any] = {
        "title": title_of(coupon),
        "code": coupon.code,
        "startsAt": (coupon.starts_at or timezone.now()).isoformat(),
        "endsAt": coupon.ends_at.isoformat() if coupon.ends_at else None,
        "context": {"all": "ALL"},
        "customerGets": {"value": value, "items": {"all": True}},
        "usageLimit": coupon.usage_limit,
        "appliesOncePerCustomer": coupon.once_per_customer,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def title_of(coupon: Coupon) -> str:
    return f"{coupon.title} [{coupon.reference}]"


def known(access: Access, coupon: Coupon) -> str:
    node = asked(access, FIND, {"code": coupon.code})["codeDiscountNodeByCode"] or {}
    if (node.get("codeDiscount") or {}).get("title") != title_of(coupon):
        raise CouponRefused(f"The shop has a code {coupon.code} already that was not made here.")
    return str(node["id"])


def refuse(problems: list[dict[str, Any]]) -> None:
    if problems:
        raise CouponRefused(said("; ".join(str(problem.get("message")) for problem in problems)))


def asked(access: Access, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The data of an answer without errors. Raises RateLimited where the budget of query costs is used up."""
    body = call(
        access,
        "POST",
        f"/admin/api/{VERSION}/graphql.json",
        json={"query": query, "variables": variables},
        headers={"X-Shopify-Access-Token": access.key},
    ).body
    errors = body.get("errors") or []
    if any((error.get("extensions") or {}).get("code") == "THROTTLED" for error in errors if isinstance(error, dict)):
        raise RateLimited("The shop asks for a pause.", PAUSE)
    if errors:
        raise CouponRefused(said(errors[0].get("message") if isinstance(errors[0], dict) else errors))
    if not isinstance(body.get("data"), dict):
        raise BadAnswer("The shop's answer can't be read.")
    return dict(body["data"])
