"""The whole job once, in two browsers and a shop: from a file of creators to the return of one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import violations
from tests.demos import running_demo, within

PHONE = {"width": 390, "height": 844}
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
FILE = """\ufeffHandle;Name;Followers;Engagement rate;Country;Niche;E-mail;Price
https://www.instagram.com/wild.juno/?igsh=x1;Juno Wild;8,2K;4,1 %;Germany;hiking, travel;juno@creators.example;120
@slow.miles;Sam Miles;12.4K;2.3%;Germany;hiking;sam@creators.example;
peak_pia;Pia Berg;0.89k;0.061;Austria;running;;40
;No Handle;5k;2%;Germany;hiking;;
"""
PASSWORD = "correct horse battery staple"
SECRET = "shop-signing-secret"
pytestmark = [pytest.mark.browser, pytest.mark.services]


class Harbour:
    """Groundswell as somebody starts it on an empty machine, and the mail it sends."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.url, self.mail = facts["url"].rstrip("/"), facts["mail_url"].rstrip("/")

    def letter(self, to: str, number: int = 1) -> str:
        """The text of the n-th e-mail to somebody, once it is there."""
        assert within(30, lambda: len(self.letters(to)) >= number), f"no mail {number} to {to}"
        return str(self.letters(to)[number - 1]["text"])

    def letters(self, to: str) -> list[dict[str, Any]]:
        messages = json.loads(fetch(f"{self.mail}/api/messages")[1])["messages"]
        return sorted((one for one in messages if to in json.dumps(one["to"])), key=lambda one: str(one["received_at"]))


def fetch(url: str, data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and body of a request that follows no redirect."""
    request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.build_opener(Stay()).open(request, timeout=20) as answer:
            return answer.status, answer.read() or answer.headers.get("Location", "").encode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", "").encode() or error.read()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@pytest.fixture
def running() -> Iterator[Harbour]:
    with running_demo() as demo:
        yield Harbour(demo.announced())


def test_the_whole_story(running: Harbour, browser: Browser) -> None:
    brand = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900}).new_page()
    creator = browser.new_context(locale="en-US", viewport=PHONE, user_agent=AGENT, has_touch=True).new_page()  # type: ignore[arg-type]
    found_a_brand(running, brand)
    key, webhook = open_the_doors(running, brand)
    import_creators(running, brand)
    shortlist(running, brand)
    campaign = plan_campaign(running, brand)
    write_to_juno(running, brand, campaign)
    link, code = agree(running, creator)
    trade(running, key, webhook, link, code)
    hand_in(creator)
    count_the_return(running, brand, campaign, key)


def found_a_brand(running: Harbour, page: Page) -> None:
    """Sign up, confirm the address from the e-mail, name the brand."""
    page.goto(f"{running.url}/accounts/signup/")
    fill(page, email="olga@harbour.example", name="Olga Harbour", password1=PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.locator("h1")).not_to_have_text("Create an account")
    page.goto(first_link(running.letter("olga@harbour.example"), "/accounts/confirm-email/"))
    page.get_by_role("button", name="Yes, confirm it").click()
    if page.locator("[name=password]").count():
        fill(page, login="olga@harbour.example", password=PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    page.goto(f"{running.url}/welcome/")
    fill(page, name="Harbour")
    page.locator("[name=country]").select_option("DE")
    page.locator("[name=currency]").select_option("EUR")
    page.get_by_role("button", name="Create the brand").click()
    page.wait_for_url(f"{running.url}/**")
    expect(page.get_by_text("Harbour").first).to_be_visible()
    sound(page)


def open_the_doors(running: Harbour, page: Page) -> tuple[str, str]:
    """An API key for the partner, and the shop's webhook."""
    page.goto(f"{running.url}/settings/brand/")
    fill(page, hour_rate="50", postal_address="Harbour GmbH, Kai 1, Hamburg")
    page.locator("main form button.btn-primary").first.click()
    page.goto(f"{running.url}/settings/api-keys/")
    page.get_by_role("button", name="New key").click()
    fill(page, name="Shop bridge")
    for scope in page.locator("[name=scopes]").all():
        scope.check()
    page.locator("dialog[open] button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("gs_")
    key = re.search(r"gs_[0-9a-z]{10}_\w+", page.content())
    page.goto(f"{running.url}/settings/stores/")
    fill(page, domain="harbour.myshopify.com", secret=SECRET)
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("main")).to_contain_text("/webhooks/shopify/")
    webhook = re.search(r"/webhooks/shopify/\w+/", page.content())
    assert key
    assert webhook
    sound(page)
    return key.group(), webhook.group()


def import_creators(running: Harbour, page: Page) -> None:
    """A messy file: three accounts come in, the row without a handle is refused with its reason."""
    page.goto(f"{running.url}/imports/new/")
    page.set_input_files("[name=file]", {"name": "hikers.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.get_by_role("button", name="Upload and check the columns").click()
    expect(page.locator("h1")).to_have_text("Check the columns")
    page.locator("[name=network]").select_option("instagram")
    expect(page.get_by_text("@wild.juno")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Import 4 rows").click()
    expect(page.get_by_text("The whole file was read.")).to_be_visible(timeout=30_000)
    expect(page.locator("#progress")).to_contain_text("Rejected")
    with page.expect_download() as file:
        page.locator("a[href$='rejected.csv']").click()
    assert "No Handle" in file.value.path().read_text()
    sound(page)


def shortlist(running: Harbour, page: Page) -> None:
    """Filter by tier and niche; what is found goes on a list."""
    page.goto(f"{running.url}/creators/?tier=nano&niche=hiking")
    expect(page.get_by_text("1 creator found")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("4.10%")
    sound(page)
    page.locator("tbody input[type=checkbox]").first.check()
    page.locator("#bulk-new").fill("First hikers")
    page.locator(".bulk-bar button.btn-primary, #bulk-new + button").first.click()
    page.goto(f"{running.url}/shortlists/")
    page.get_by_role("link", name="First hikers").click()
    expect(page.locator("main")).to_contain_text("Juno Wild")


def plan_campaign(running: Harbour, page: Page) -> str:
    """Campaign, brief, what to make, launch, and Juno with an offer."""
    page.goto(f"{running.url}/campaigns/new/")
    fill(page, name="Rain or shine", landing_url="https://harbour.example/rain?ref=1", budget="2000")
    fill(page, discount_percent="10", margin_percent="50")
    page.locator("[name=currency]").select_option("EUR")
    page.get_by_role("button", name="Save and write the brief").click()
    page.wait_for_url("**/brief/")
    campaign = page.url.split("/campaigns/")[1].split("/")[0]
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("[name=usage_rights]")).not_to_have_value("")
    fill(page, benefits="Keeps the rain out")
    page.get_by_role("button", name="Save the brief").click()
    page.goto(f"{running.url}/campaigns/{campaign}/deliverables/")
    page.locator("[name$=-network]").first.select_option("instagram")
    page.locator("[name$=-format]").first.select_option("reel")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{running.url}/campaigns/{campaign}/")
    sound(page)
    page.get_by_role("button", name="Launch").first.click()
    confirm(page)
    expect(page.locator("main")).to_contain_text("Live")
    page.goto(f"{running.url}/campaigns/{campaign}/add/")
    fill(page, fee="100", commission_percent="10", product="Rain cape", product_value="60", product_cost="20")
    page.get_by_role("button", name="Add them").click()
    expect(page.locator("main")).to_contain_text("Juno Wild")
    sound(page)
    return campaign


def write_to_juno(running: Harbour, page: Page, campaign: str) -> None:
    page.goto(f"{running.url}/campaigns/{campaign}/write/")
    page.locator("input[name=chosen]").first.check()
    page.locator("[name^=url-]").first.fill("https://www.instagram.com/p/Cx1AbcDefG2/")
    page.get_by_role("button", name="Preview the e-mails").click()
    expect(page.locator("main")).to_contain_text("https://www.instagram.com/p/Cx1AbcDefG2/")
    sound(page)
    page.locator("main form button.btn-primary").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert "Juno" in running.letter("juno@creators.example")
    assert len(running.letters("juno@creators.example")) == 1


def agree(running: Harbour, page: Page) -> tuple[str, str]:
    """On the phone: the link of the e-mail, the offer, the agreement; then link and code are there."""
    page.goto(first_link(running.letter("juno@creators.example"), "/portal/enter/"))
    page.get_by_text("Read and answer").first.click()
    expect(page.locator("main")).to_contain_text("Keeps the rain out")
    expect(page.locator("main")).not_to_contain_text("€20")
    sound(page)
    page.locator("form[action$='/accept/'] button").click()
    expect(page.locator("article")).to_contain_text("100")
    fill(page, name="Juno Wild")
    page.locator("[name=agree]").check()
    sound(page)
    page.locator("form[action$='/agree/'] button").click()
    expect(page.locator("#tracking-title")).to_be_visible(timeout=30_000)
    sound(page)
    text = page.locator("#tracking").inner_html()
    link, code = re.search(r"/r/[\w.-]+", text), re.search(r"\b[A-Z]{2,}[A-Z0-9]*10\w*\b", text)
    assert link
    assert code
    return link.group(), code.group()


def trade(running: Harbour, key: str, webhook: str, link: str, code: str) -> None:
    """A click that buys, an order by code through the shop's webhook, the same again, and a refund of half."""
    status, target = fetch(running.url + link, User_Agent=AGENT)
    assert status == 302
    assert target.startswith(b"https://harbour.example/rain?ref=1&utm_source=instagram")
    click = re.search(rb"icid=([0-9A-Z]{26})", target)
    assert click
    assert fetch(running.url + link, User_Agent="Googlebot/2.1 (+http://www.google.com/bot.html)")[0] == 302
    order = {"external_id": "A1", "placed_at": now(), "currency": "EUR", "net": "80.00", "click_id": click[1].decode()}
    partner = {"Authorization": f"Bearer {key}"}
    for _ in range(2):
        assert post(f"{running.url}/api/v1/orders/", order, Idempotency_Key="a1", **partner) in {200, 201}
    shop = shopify_order(code)
    for _ in range(2):
        assert deliver(running.url + webhook, "orders/create", "w1", shop) == 200
    assert deliver(running.url + webhook, "orders/create", "w2", shop, secret="wrong") == 401
    refund = {"external_id": "R1", "refunded_at": now(), "net": "40.00"}
    assert post(f"{running.url}/api/v1/orders/A1/refunds/", refund, **partner) in {200, 201}


def hand_in(page: Page) -> None:
    page.get_by_label("Address of your post").fill("https://www.instagram.com/reel/DAbCdEfGhIj/")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("main")).to_contain_text("DAbCdEfGhIj")


def count_the_return(running: Harbour, page: Page, campaign: str, key: str) -> None:
    """ROI on margin = (50 % of net revenue − cost) / cost; cost = fee + product + commission + two hours at 50."""
    page.goto(f"{running.url}/campaigns/{campaign}/costs/")
    page.locator("[name=time-hours]").fill("2")
    page.locator("form:has([name=time-hours]) button").first.click()
    expect(page.locator("main")).to_contain_text("€100.00")
    revenue = Decimal("80.00") - Decimal("40.00") + Decimal("90.00")
    commission = revenue / 10
    cost = Decimal(100) + Decimal(20) + commission + 2 * Decimal(50)
    roi = (revenue / 2 - cost) / cost
    url = f"{running.url}/api/v1/campaigns/{campaign}/returns/"
    assert within(30, lambda: str(returns(url, key)["totals"]["orders"]) == "2"), "the orders are not summed"
    assert within(30, lambda: returns(url, key)["totals"]["unique_clicks"] == 1), "the click is not shipped"
    totals = returns(url, key)["totals"]
    assert Decimal(totals["revenue"]) == revenue
    assert Decimal(totals["costs"]["total"]) == cost
    assert abs(Decimal(str(totals["roi"])) - roi) < Decimal("0.0001")
    page.goto(f"{running.url}/campaigns/{campaign}/results/")
    expect(page.locator("main")).to_contain_text(f"€{revenue}")
    expect(page.locator("main")).to_contain_text(f"€{cost:.2f}")
    expect(page.locator("main")).to_contain_text(f"{roi * 100:.0f}%".replace("-", "−"))
    expect(page.locator(".chart-canvas canvas").first).to_be_visible()
    sound(page)
    with page.expect_download() as file:
        page.locator("a[href*='part=creators']").first.click()
    assert "Juno Wild" in file.value.path().read_text()


def sound(page: Page) -> None:
    """axe has nothing to say about the page as it stands."""
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"main [name={name}]:visible, form [name={name}]:visible").first.fill(value)


def confirm(page: Page) -> None:
    """Press the button of an open confirmation, if there is one."""
    button = page.locator("dialog[open] button.btn-primary")
    if button.count():
        button.first.click()


def first_link(text: str, part: str) -> str:
    found = re.search(rf"https?://\S*{re.escape(part)}[^\s\"<>]+", text)
    assert found, text
    return found.group()


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))


def post(url: str, body: dict[str, Any], **headers: str) -> int:
    return fetch(url, json.dumps(body).encode(), Content_Type="application/json", **headers)[0]


def returns(url: str, key: str) -> dict[str, Any]:
    status, body = fetch(url, Authorization=f"Bearer {key}")
    assert status == 200, body
    return dict(json.loads(body))


def shopify_order(code: str) -> dict[str, Any]:
    """An order of 100 with 10 % off by the creator's code: 90 net."""
    money = {"shop_money": {"amount": "100.00", "currency_code": "EUR"}}
    off = {"shop_money": {"amount": "10.00", "currency_code": "EUR"}}
    line = {"id": 1, "quantity": 1, "price": "100.00", "price_set": money, "total_discount": "0.00"}
    allocation = {"amount": "10.00", "amount_set": off, "discount_application_index": 0}
    return {
        "id": 5001,
        "created_at": now(),
        "updated_at": now(),
        "currency": "EUR",
        "test": False,
        "email": "kim@shoppers.example",
        "taxes_included": False,
        "discount_codes": [{"code": code.lower(), "amount": "10.00", "type": "percentage"}],
        "line_items": [{**line, "discount_allocations": [allocation], "tax_lines": []}],
        "shipping_lines": [],
        "refunds": [],
        "subtotal_price": "90.00",
        "subtotal_price_set": {"shop_money": {"amount": "90.00", "currency_code": "EUR"}},
        "total_discounts_set": off,
        "total_tax_set": {"shop_money": {"amount": "0.00", "currency_code": "EUR"}},
        "total_shipping_price_set": {"shop_money": {"amount": "0.00", "currency_code": "EUR"}},
    }


def deliver(url: str, topic: str, number: str, body: dict[str, Any], secret: str = SECRET) -> int:
    """Sign the raw body as Shopify does and post it."""
    raw = json.dumps(body).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    headers = {
        "Content_Type": "application/json",
        "X_Shopify_Topic": topic,
        "X_Shopify_Hmac_Sha256": signature,
        "X_Shopify_Webhook_Id": number,
        "X_Shopify_Shop_Domain": "harbour.myshopify.com",
    }
    return fetch(url, raw, **headers)[0]
