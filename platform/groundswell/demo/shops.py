"""A WooCommerce shop, subscriptions paid by Stripe, sign-ups and answers, through the same doors as real ones."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from groundswell.accounts.models import Brand
from groundswell.demo.brands import House
from groundswell.demo.clock import at
from groundswell.lib.sealing import seal
from tracking.actions import deliveries, leads, surveys
from tracking.actions.leads import LeadData
from tracking.actions.rollups import roll_up
from tracking.actions.snippets import change_snippet
from tracking.actions.subscriptions import change_renewals
from tracking.models import Click, DiscountCode, Lead, Order, Store
from tracking.shops import stripe, woocommerce
from tracking.shops.payloads import load

DAY = timedelta(days=1)
ARTICLES = [("Trail socks", "NB-110", 1400), ("Merino beanie", "NB-204", 2900), ("Rain shell", "NB-310", 12900)]
ANSWERS = ["A friend", "Saw it on Instagram", "@{handle}", "from {name}", "Google", "{name}", "a story of {handle}"]


def open_shops(rng: Random, house: House, now: datetime) -> None:
    """Some weeks of everything that isn't the brand's first shop."""
    codes = list(DiscountCode.objects.of(house.brand).select_related("collaboration__campaign").order_by("pk")[:6])
    with transaction.atomic():
        sell_in_france(rng, opened(house.brand, Store.Kind.WOOCOMMERCE, "boutique.northbound.example"), codes, now)
        sell_boxes(opened(house.brand, Store.Kind.STRIPE, "box.northbound.example"), codes[:3], house, now)
        sign_up(rng, house, now)
        ask_buyers(rng, house, codes, now)
    roll_up()


def opened(brand: Brand, kind: str, domain: str) -> Store:
    secret = seal(f"{brand.code}-demo-{kind}-secret")
    return Store.objects.create(brand=brand, kind=kind, name=domain, domain=domain, sealed=secret)


def deliver(store: Store, shop: Any, headers: dict[str, str], payload: dict[str, Any], moment: datetime) -> None:
    with at(moment):
        deliveries.receive_delivery(store, shop.named(headers, payload), load(json.dumps(payload).encode()))


def sell_in_france(rng: Random, store: Store, codes: list[DiscountCode], now: datetime) -> None:
    """Fourteen orders; one is never paid, one comes back in part."""
    for number in range(14):
        moment = now - rng.uniform(2, 40) * DAY
        payload = woo_order(rng, 5000 + number, moment, codes[number % len(codes)] if number % 5 else None)
        if number == 3:
            payload |= {"status": "pending", "date_paid_gmt": None}
        tell_woo(store, "order.created", payload, moment)
        if number == 6:
            back = {"refunds": [{"id": 9001, "total": "-10.00"}], "date_modified_gmt": gmt(moment + DAY)}
            tell_woo(store, "order.updated", payload | back, moment + DAY)


def tell_woo(store: Store, topic: str, payload: dict[str, Any], moment: datetime) -> None:
    headers = {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": f"{topic} {payload['id']}"}
    deliver(store, woocommerce, headers, payload, moment)


def woo_order(rng: Random, number: int, moment: datetime, code: DiscountCode | None) -> dict[str, Any]:
    bought = rng.sample(ARTICLES, rng.randint(1, 2))
    kept = 90 if code else 100
    lines = [
        {"id": place, "name": name, "sku": sku, "quantity": 1, "total": f"{cents * kept / 10000:.2f}"}
        for place, (name, sku, cents) in enumerate(bought, start=1)
    ]
    gross = sum(cents for *_, cents in bought) / 100
    net = gross * kept / 100
    return {
        "id": number,
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": gmt(moment),
        "date_modified_gmt": gmt(moment),
        "date_paid_gmt": gmt(moment),
        "discount_total": f"{gross - net:.2f}",
        "shipping_total": "4.90",
        "total_tax": f"{net * 0.2:.2f}",
        "total": f"{net * 1.2 + 4.9:.2f}",
        "billing": {"email": f"client{number}@mail.example"},
        "line_items": lines,
        "coupon_lines": [{"code": code.code.lower(), "discount": f"{gross - net:.2f}"}] if code else [],
        "refunds": [],
    }


def gmt(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def sell_boxes(store: Store, codes: list[DiscountCode], house: House, now: datetime) -> None:
    """A monthly box: the first month by a creator's code, two months more, of which the campaign pays for one."""
    for number, code in enumerate(codes):
        change_renewals(code.collaboration.campaign, "first_n", 2, by=house.owner)
        tell_stripe(store, "promotion_code.created", {"id": f"promo_demo{number}", "code": code.code}, now - 90 * DAY)
        for month in range(3):
            moment = now - (75 + number - month * 30) * DAY
            tell_stripe(store, "invoice.paid", box(number, month, moment), moment)
    back = {"object": "refund", "currency": "eur", "status": "succeeded", "payment_intent": "pi_demo0_1"}
    refund = {"id": "re_demo1", "amount": 1190, "created": int((now - 30 * DAY).timestamp()), **back}
    tell_stripe(store, "refund.created", refund, now - 30 * DAY)


def box(number: int, month: int, moment: datetime) -> dict[str, Any]:
    discount = {"promotion_code": f"promo_demo{number}"}
    off = [{"amount": 200, "discount": discount}] if month == 0 else []
    return {
        "id": f"in_demo{number}_{month}",
        "object": "invoice",
        "billing_reason": "subscription_cycle" if month else "subscription_create",
        "created": int(moment.timestamp()),
        "currency": "eur",
        "total": 2380 - (200 if off else 0),
        "total_taxes": [{"amount": 380}],
        "total_discount_amounts": off,
        "customer_email": f"box{number}@mail.example",
        "payment_intent": f"pi_demo{number}_{month}",
        "lines": {"data": [{"id": f"il_{number}_{month}", "description": "Trail box", "quantity": 1, "amount": 2000}]},
        "parent": {"subscription_details": {"subscription": f"sub_demo{number}"}},
    }


def tell_stripe(store: Store, topic: str, about: dict[str, Any], moment: datetime) -> None:
    event = {"id": f"evt_{topic}_{about['id']}", "type": topic, "livemode": True, "created": int(moment.timestamp())}
    deliver(store, stripe, {}, event | {"data": {"object": about}}, moment)


def sign_up(rng: Random, house: House, now: datetime) -> None:
    """Newsletter sign-ups after clicks of the last weeks, and two whose click nobody knows."""
    change_snippet(house.brand, ["northbound.example"], by=house.owner)
    recent = Click.objects.of(house.brand).unique().filter(clicked_at__gt=now - 40 * DAY).order_by("clicked_at", "id")
    clicks = list(recent.values_list("id", "clicked_at")[:2000])
    known = rng.sample(clicks, min(24, len(clicks)))
    for number, (click_id, clicked_at) in enumerate([*known, ("", now - 3 * DAY), ("", now - 2 * DAY)]):
        moment = min(clicked_at + timedelta(minutes=rng.randrange(1, 200)), now)
        data = LeadData(f"news-{number}", moment, "newsletter" if number % 3 else "signup", click_id)
        with at(moment):
            leads.receive_lead(house.brand, data, Lead.Via.SNIPPET)


def ask_buyers(rng: Random, house: House, codes: list[DiscountCode], now: datetime) -> None:
    """A dozen answers after the purchase, some of which name a creator; three have been looked at."""
    orders = Order.objects.of(house.brand).counted().filter(placed_at__gt=now - 60 * DAY).select_related("store__brand")
    everybody = list(orders.order_by("pk"))
    nobodys = [order for order in everybody if order.unmatched == Order.Unmatched.NO_EVIDENCE][:6]
    others = [order for order in everybody if order not in nobodys]
    asked = nobodys + rng.sample(others, 12 - len(nobodys))
    for number, order in enumerate(sorted(asked, key=lambda each: each.placed_at)):
        creator = codes[number % len(codes)].collaboration.relationship.creator
        account = creator.accounts.order_by("pk")[0]
        text = ANSWERS[number % len(ANSWERS)].format(handle=account.handle, name=creator.name)
        with at(order.placed_at):
            answer, _ = surveys.receive_answer(order.store, order.external_id, text, order.placed_at)
        if number in {2, 3, 9}:
            surveys.review_answer(answer, answer.collaboration, by=house.owner)
