"""Making creators' codes in the brand's shops, through the shops' own interfaces."""

from __future__ import annotations

from tracking.models import Store
from tracking.shops.coupons import shopify, stripe, woocommerce
from tracking.shops.coupons.facts import CouponClient

CLIENTS: dict[str, CouponClient] = {
    "shopify": shopify.Shopify(),
    "woocommerce": woocommerce.WooCommerce(),
    "stripe": stripe.Stripe(),
}


def client_of(store: Store) -> CouponClient | None:
    """None where codes can't be made from here: partners' stores and tills."""
    return CLIENTS.get(store.kind)
