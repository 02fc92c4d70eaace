"""Renders the main pages of a running demo at phone and desktop width, light and dark, into var/screenshots.

    python tests/browser/screenshots.py [--data-dir var/demo | --demo path/to/demo.json] [--out var/screenshots]
                                        [--only campaigns,portal] [--width 390 --width 1280] [--scheme light]

Signs in as the first owner that demo.json names and enters the portal by the first creator's link. Follows the first
campaign, creator and so on that a list shows, so it works on any data. Says which pages answered with an error or
complained on the console, and ends with status 1 if any did.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
SCHEMES = ["light", "dark"]
WIDTHS = [390, 1280]
SIGNED_OUT = {
    "landing": "/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "forgotten-password": "/accounts/password/reset/",
    "portal-sign-in": "/portal/sign-in/",
    "remove": "/remove/",
}
A_CAMPAIGN = " main a[href^='/campaigns/']:not([href='/campaigns/new/'])"
A_COLLABORATION = " main a[href^='/collaborations/']"
PAGES = {
    "home": "/",
    "creators": "/creators/",
    "creator": "/creators/ main a[href^='/creators/'][href$='/']:not([href='/creators/'])",
    "tier-profiles": "/tiers/",
    "shortlists": "/shortlists/",
    "shortlist": "/shortlists/ main a[href^='/shortlists/']:not([href='/shortlists/'])",
    "imports": "/imports/",
    "import-new": "/imports/new/",
    "import": "/imports/ main a[href^='/imports/']:not([href='/imports/new/'])",
    "campaigns": "/campaigns/",
    "campaign-new": "/campaigns/new/",
    "campaign": f"/campaigns/?status=live{A_CAMPAIGN}",
    "campaign-draft": f"/campaigns/?status=draft{A_CAMPAIGN}",
    "results": "/results/",
    "inbox": "/inbox/",
    "conversation": "/inbox/ main a[href^='/conversations/']",
    "templates": "/templates/",
    "template": "/templates/ main a[href^='/templates/']:not([href='/templates/new/'])",
    "links": "/links/",
    "link": "/links/ main a[href^='/links/']:not([href*='.csv']):not([href='/links/new/'])",
    "link-settings": "/settings/links/",
    "codes": "/codes/",
    "code": "/codes/ main a[href^='/codes/']:not([href*='.csv']):not([href='/codes/rules/'])",
    "code-rules": "/codes/rules/",
    "results-by": "/results/by/",
    "reports": "/reports/",
    "report-new": "/reports/new/",
    "report": "/reports/ main a[href^='/reports/']:not([href='/reports/new/'])",
    "attribution-rules": "/attribution/rules/",
    "replays": "/attribution/replays/",
    "commissions": "/commissions/",
    "orders": "/orders/",
    "order-imports": "/order-imports/",
    "order-import-new": "/order-imports/new/",
    "unmatched": "/unmatched/",
    "leads": "/leads/",
    "survey-answers": "/survey-answers/",
    "snippet": "/settings/snippet/",
    "media-value": "/settings/media-value/",
    "order": "/orders/ main a[href^='/orders/']:not([href='/orders/'])",
    "stores": "/settings/stores/",
    "data-health": "/settings/data-health/",
    "unreadable-lines": "/settings/data-health/unreadable/",
    "brand": "/settings/brand/",
    "team": "/settings/team/",
    "tiers": "/settings/tiers/",
    "api-keys": "/settings/api-keys/",
    "activity": "/settings/activity/",
    "profile": "/settings/profile/",
}
BELOW = {
    "campaign-table": ("campaign", "?view=table"),
    "campaign-brief": ("campaign", "brief/"),
    "campaign-to-make": ("campaign", "deliverables/"),
    "campaign-costs": ("campaign", "costs/"),
    "campaign-results": ("campaign", "results/"),
    "campaign-matrix": ("campaign", "results/matrix/"),
    "creator-results": ("creator", "results/"),
    "report-edit": ("report", "edit/"),
    "report-schedule": ("report", "schedule/"),
    "report-sharing": ("report", "sharing/"),
    "campaign-edit": ("campaign", "edit/"),
    "campaign-add": ("campaign", "add/"),
    "write": ("campaign", "write/"),
    "collaboration": ("campaign", A_COLLABORATION),
    "collaboration-accepted": ("campaign", f"?view=table&status=accepted{A_COLLABORATION}"),
    "collaboration-declined": ("campaign", f"?view=table&status=declined{A_COLLABORATION}"),
}
PORTAL = {"portal": "/portal/", "portal-collaboration": "/portal/ main a[href^='/portal/']"}


class Camera:
    """Takes the pictures of one person in one window and remembers what was wrong."""

    def __init__(self, context: BrowserContext, url: str, folder: Path, wanted: set[str]) -> None:
        self.page, self.url, self.folder, self.wanted = context.new_page(), url, folder, wanted
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, path: str) -> bool:
        """Go to a path, or to the first link on it that a selector finds ("/list/ a.selector")."""
        listing, _, selector = path.partition(" ")
        answer = self.page.goto(self.url + listing)
        if selector:
            link = self.page.locator(selector).first
            if not link.count():
                return False
            answer = self.page.goto(self.url + (link.get_attribute("href") or ""))
        if answer is None or not answer.ok:
            self.faults.append(f"{self.page.url} answered {answer and answer.status}")
        self.page.wait_for_load_state("networkidle")
        return True

    def take(self, name: str, path: str) -> None:
        if self.wanted and name not in self.wanted:
            return
        if self.open(path):
            self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)


def brand_pages(camera: Camera, account: dict[str, str]) -> None:
    sign_in(camera.page, camera.url, account)
    for name, path in PAGES.items():
        camera.take(name, path)
    for name, (parent, rest) in BELOW.items():
        if (not camera.wanted or name in camera.wanted) and camera.open(PAGES[parent]):
            there = camera.page.url.removeprefix(camera.url)
            camera.take(name, there + rest)


def sign_in(page: Page, url: str, account: dict[str, str]) -> None:
    page.goto(f"{url}/accounts/login/")
    page.locator("input[type=email]").fill(account["email"])
    page.locator("input[type=password]").fill(account["password"])
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url(f"{url}/")


def portal_pages(camera: Camera, creator: dict[str, str]) -> None:
    """By the magic link, which a page asks to confirm with one button."""
    camera.page.goto(creator["portal_url"])
    button = camera.page.locator("main form button").first
    if "/portal/enter/" in camera.page.url and button.count():
        button.click()
        camera.page.wait_for_load_state("networkidle")
    for name, path in PORTAL.items():
        camera.take(name, path)


@contextmanager
def window(browser: Browser, scheme: Any, width: int) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 600 else 844},
        color_scheme=scheme,
        locale="en-US",
        reduced_motion="reduce",
    )
    yield context
    context.close()


def main() -> int:
    asked = arguments()
    demo = json.loads((Path(asked.demo) if asked.demo else ROOT / asked.data_dir / "demo.json").read_text())
    owner = next(account for account in demo["accounts"] if account["role"] == "owner")
    faults: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        for scheme in asked.scheme or SCHEMES:
            for width in asked.width or WIDTHS:
                folder = ROOT / asked.out / f"{scheme}-{width}"
                folder.mkdir(parents=True, exist_ok=True)
                for play, who in ((stranger_pages, {}), (brand_pages, owner), (portal_pages, demo["creators"][0])):
                    with window(browser, scheme, width) as context:
                        camera = Camera(context, demo["url"], folder, set(asked.only.split(",")) - {""})
                        play(camera, who)
                        faults.update(f"{scheme} {width}: {fault}" for fault in camera.faults)
    for fault in sorted(faults):
        print(fault)  # noqa: T201
    print(f"Pictures are in {asked.out}")  # noqa: T201
    return 1 if faults else 0


def stranger_pages(camera: Camera, _: dict[str, str]) -> None:
    for name, path in SIGNED_OUT.items():
        camera.take(name, path)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default="var/demo")
    parser.add_argument("--demo", help="demo.json of a running demo; else the one in the data folder")
    parser.add_argument("--out", default="var/screenshots")
    parser.add_argument("--only", default="", help="names of pages, with commas")
    parser.add_argument("--width", type=int, action="append")
    parser.add_argument("--scheme", choices=SCHEMES, action="append")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
