"""Clicks and orders that follow the posts: weekday pattern, heavy tail, refunds, and one code that leaked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction

from groundswell.demo.brands import House
from groundswell.demo.bulk import copy_in
from groundswell.demo.clock import at
from groundswell.demo.programme import DAY, Play
from groundswell.lib.money import rounded
from tracking.actions.orders import customer_key, receive_order, refund_order
from tracking.actions.rollups import mark_stale, rebuild
from tracking.models import Click, DiscountCode, Order, TrackingLink
from tracking.shops.orders import CodeOnOrder, OrderData, RefundData
from tracking.spool.ids import ALPHABET, encoded_time


@dataclass(frozen=True)
class Shopping:
    """A shop's orders: middle and log-spread of the value, shares of currencies, orders per click."""

    middle: float
    spread: float
    currencies: dict[str, int]
    rate: float


WEEKDAYS = [1.0, 0.94, 0.92, 0.98, 1.06, 1.22, 1.3]
HOURS = [2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 7, 8, 8, 7, 7, 8, 10, 13, 16, 18, 16, 11, 6]
APPS = {"instagram": ["Instagram", "Instagram", "Mobile Safari"], "tiktok": ["TikTok", "TikTok", "Chrome Mobile"]}
BOTS = [("crawler", 5), ("preview", 4), ("head", 1)]
SHOPPING = {
    "northbound": Shopping(78.0, 0.5, {"EUR": 78, "GBP": 15, "USD": 7}, 0.021),
    "lumen": Shopping(44.0, 0.4, {"GBP": 85, "USD": 15}, 0.027),
}
LEAK_LASTS = 11
STRAYS = 14


@dataclass
class Trade:
    """One collaboration's traffic while it is being made."""

    rng: Random
    play: Play
    link: TrackingLink
    code: DiscountCode
    live: datetime
    clicks: list[Click] = field(default_factory=list)
    orders: list[tuple[datetime, OrderData]] = field(default_factory=list)

    @property
    def house(self) -> House:
        return self.play.house

    def run(self, now: datetime, buyers: list[str]) -> None:
        """Poisson clicks a day, of which some buy; some buyers come back by the code alone."""
        followers = self.link.collaboration.followers_when_added or 3_000
        strength = 0.42 * followers**0.72 * self.rng.gammavariate(0.8, 1 / 0.8)
        rate = SHOPPING[self.house.brand.code].rate * self.rng.gammavariate(4, 0.25)
        for day in range((now - self.live).days + 1):
            moment = self.live + day * DAY
            pull = 0.105 * math.exp(-day / 5) + 0.006 * math.exp(-day / 70) + self.play.plan.steady
            for _ in range(poisson(self.rng, strength * pull * WEEKDAYS[moment.weekday()])):
                self.visit(self.hour_of(moment), now, rate, buyers)

    def hour_of(self, moment: datetime) -> datetime:
        """A time of that day, most often in the evening of the brand's own zone; never before the post."""
        local = moment.astimezone(ZoneInfo(self.house.brand.timezone))
        hour = self.rng.choices(range(24), HOURS)[0]
        placed = local.replace(hour=hour, minute=self.rng.randrange(60), second=self.rng.randrange(60))
        return max(placed, self.live + timedelta(seconds=self.rng.randrange(3600)))

    def visit(self, moment: datetime, now: datetime, rate: float, buyers: list[str]) -> None:
        if moment >= now:
            return
        click = self.click(moment)
        if self.rng.random() < 0.07:
            again = self.click(moment + timedelta(seconds=self.rng.randrange(1, 8)))
            again.visitor, again.is_duplicate = click.visitor, True
        if self.rng.random() < 0.1:
            bot = self.click(moment + timedelta(seconds=self.rng.randrange(9, 300)))
            bot.bot_reason = self.rng.choices([reason for reason, _ in BOTS], [weight for _, weight in BOTS])[0]
            bot.visitor, bot.device, bot.app = "", "", ""
        if self.rng.random() < rate:
            later = moment + timedelta(minutes=self.rng.lognormvariate(3.2, 1.6))
            self.order(later, now, buyers, click_id=click.id if self.rng.random() < 0.8 else "")

    def click(self, moment: datetime) -> Click:
        network = self.link.utm_source
        stamp = int(moment.timestamp() * 1000)
        row = Click(
            id=encoded_time(stamp) + "".join(self.rng.choice(ALPHABET) for _ in range(16)),
            clicked_at=datetime.fromtimestamp(stamp / 1000, tz=moment.tzinfo),
            link=self.link,
            visitor=f"{self.rng.getrandbits(128):032x}",
            referrer=f"{network}.com" if self.rng.random() < 0.7 else "",
            device="mobile" if self.rng.random() < 0.86 else "desktop",
            app=self.rng.choice(APPS.get(network, ["Chrome Mobile"])),
            country=self.link.collaboration.relationship.creator.country,
            received_at=moment + timedelta(seconds=2),
        )
        self.clicks.append(row)
        return row

    def order(
        self, moment: datetime, now: datetime, buyers: list[str], *, click_id: str, code: bool | None = None
    ) -> None:
        if moment >= now:
            return
        shopping = SHOPPING[self.house.brand.code]
        currency = self.rng.choices(list(shopping.currencies), list(shopping.currencies.values()))[0]
        gross = Decimal(f"{shopping.middle * self.rng.lognormvariate(0, shopping.spread):.2f}")
        with_code = self.rng.random() < (0.62 if click_id else 1) if code is None else code
        discount = rounded(gross * self.code.percent / 100, currency) if with_code else Decimal(0)
        data = OrderData(
            external_id="",
            placed_at=moment,
            currency=currency,
            net=gross - discount,
            discount=discount,
            tax=rounded((gross - discount) * Decimal("0.19"), currency),
            shipping=Decimal("4.90"),
            codes=(CodeOnOrder(self.code.code, discount),) if with_code else (),
            click_id=click_id,
            customer_key=customer_key(self.house.brand, self.buyer(buyers)),
        )
        self.orders.append((moment, data))

    def buyer(self, buyers: list[str]) -> str:
        """Mostly somebody new; one in six has bought before."""
        if buyers and self.rng.random() < 0.16:
            return self.rng.choice(buyers)
        buyers.append(f"buyer{len(buyers)}@mail.example")
        return buyers[-1]

    def leak(self, now: datetime, buyers: list[str]) -> None:
        """The code turns up on a coupon site: orders with the code, without a click."""
        start = now - 34 * DAY
        for day in range(LEAK_LASTS):
            for _ in range(poisson(self.rng, 4.5)):
                self.order(self.hour_of(start + day * DAY), now, buyers, click_id="", code=True)
        with at(start + LEAK_LASTS * DAY):
            DiscountCode.objects.filter(pk=self.code.pk).update(leak=DiscountCode.Leak.SUSPECTED)


def poisson(rng: Random, mean: float) -> int:
    """A Poisson draw (Knuth's method; means here are small, larger ones are split)."""
    if mean > 30:
        return poisson(rng, mean / 2) + poisson(rng, mean / 2)
    limit, draws, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        draws, product = draws + 1, product * rng.random()
    return draws


def trade(seed: int, plays: list[Play], now: datetime) -> None:
    """Clicks first, then every order in the order in which it was placed, then refunds and the sums."""
    trades = [trade_of(seed, play, pk, live) for play in plays for pk, live in play.live.items()]
    buyers: dict[str, list[str]] = {play.house.brand.code: [] for play in plays}
    for one in trades:
        one.run(now, buyers[one.house.brand.code])
    trades[len(plays[0].live) // 3].leak(now, buyers[trades[0].house.brand.code])
    save_clicks(trades)
    rng = Random(f"{seed}:orders")
    orders = [(*order, one.house) for one in trades for order in one.orders]
    place_orders(rng, orders + [stray(rng, plays[0].house, now) for _ in range(STRAYS)], now)
    rebuild()


def stray(rng: Random, house: House, now: datetime) -> tuple[datetime, OrderData, House]:
    """An order that no creator brought: a code of the shop's own, or none."""
    moment = now - rng.uniform(1, 90) * DAY
    net = Decimal(f"{SHOPPING[house.brand.code].middle * rng.lognormvariate(0, 0.5):.2f}")
    codes = (CodeOnOrder("WELCOME5", Decimal(5)),) if rng.random() < 0.5 else ()
    return (
        moment,
        OrderData(external_id="", placed_at=moment, currency=house.brand.currency, net=net, codes=codes),
        house,
    )


def trade_of(seed: int, play: Play, pk: int, live: datetime) -> Trade:
    link = TrackingLink.objects.select_related("collaboration__relationship__creator").get(collaboration=pk)
    code = DiscountCode.objects.get(collaboration=pk)
    return Trade(Random(f"{seed}:trade:{link.slug}"), play, link, code, live)


@transaction.atomic
def save_clicks(trades: list[Trade]) -> None:
    copy_in([click for one in trades for click in one.clicks])
    mark_stale(
        {(one.link.collaboration_id, one.house.brand.day(click.clicked_at)) for one in trades for click in one.clicks}
    )


def place_orders(rng: Random, orders: list[tuple[datetime, OrderData, House]], now: datetime) -> None:
    """Through the same door as a shop's; one in sixteen comes back, a third of those in part."""
    placed = sorted(orders, key=lambda item: item[0])
    returns: list[tuple[datetime, Order, RefundData]] = []
    with transaction.atomic():
        for number, (moment, data, house) in enumerate(placed, start=1001):
            with at(moment):
                order = receive_order(house.shop, OrderData(**{**vars(data), "external_id": str(number)}))
            back = moment + rng.uniform(4, 18) * DAY
            if rng.random() < 1 / 16 and back < now:
                part = Decimal(1) if rng.random() < 0.67 else Decimal("0.5")
                returns.append((back, order, RefundData(f"R{number}", back, rounded(data.net * part, data.currency))))
        for back, order, refund in sorted(returns, key=lambda item: item[0]):
            with at(back):
                refund_order(order, refund)
