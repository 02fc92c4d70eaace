"""What the frame of every page needs; nothing is asked of the database until a template uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property

from groundswell.accounts.models import CAPABILITIES, Membership
from groundswell.web.decorators import current_membership


@dataclass(frozen=True)
class Item:
    """An entry of the navigation: the first path it leads to, and the paths that count as being there."""

    label: str
    icon: str
    route: str
    key: str = ""
    under: tuple[str, ...] = ()
    needs: str = ""

    @cached_property
    def url(self) -> str:
        return reverse(self.route)

    def holds(self, path: str) -> bool:
        roots = (*self.under, self.url)
        return path == self.url or any(root not in {"", "/"} and path.startswith(root) for root in roots)


HOME = Item("Home", "house", "web:home", "h")
SECTIONS = [
    Item("Creators", "users-round", "creators:directory", "c", ("/exports/", "/tiers/")),
    Item("Relationships", "handshake", "creators:relationships", "p"),
    Item("Vetting", "scan-search", "creators:vetting-runs", "v"),
    Item("Shortlists", "bookmark", "creators:shortlists", "s"),
    Item("Imports", "file-up", "creators:imports", "i", ("/merges/",)),
]
WORK = [
    Item("Campaigns", "megaphone", "campaigns:campaigns", "m", ("/collaborations/",)),
    Item("Inbox", "inbox", "outreach:inbox", "b", ("/conversations/",)),
    Item("Templates", "mail", "outreach:templates", "t"),
]
RETURNS = [
    Item("Results", "chart-line", "tracking:results", "r"),
    Item("Reports", "file-text", "tracking:reports", "e"),
    Item("Links", "link", "tracking:links", "l"),
    Item("Codes", "ticket-percent", "tracking:codes"),
    Item("Orders", "shopping-bag", "tracking:orders", "o"),
    Item("Attribution", "split", "tracking:replays", "a", ("/attribution/",)),
    Item("Commissions", "hand-coins", "tracking:commissions", "n"),
]
SETTINGS = [
    Item("Brand", "building-2", "accounts:brand"),
    Item("Team", "users", "accounts:team"),
    Item("Vetting", "clipboard-check", "creators:vetting-settings"),
    Item("Tiers", "layers", "creators:tiers"),
    Item("Benchmarks", "scale", "creators:benchmarks"),
    Item("Own fields", "list-checks", "creators:custom-fields"),
    Item("Lifecycle", "repeat", "creators:lifecycle"),
    Item("Connections", "plug", "creators:connections"),
    Item("Links", "link-2", "tracking:link-settings", under=("/settings/link-domains/",)),
    Item("Stores", "store", "tracking:stores"),
    Item("Media value", "coins", "tracking:media-value"),
    Item("Data health", "gauge", "tracking:data-health"),
    Item("API keys", "key-round", "accounts:api-keys", needs="own"),
    Item("Activity", "history", "accounts:activity", needs="manage"),
]
SETTINGS_HOME = Item("Settings", "settings", "accounts:brand", ",", ("/settings/",))
GROUPS = [("", [HOME]), ("Find", SECTIONS), ("Run", WORK), ("Return", RETURNS)]


class Can:
    """`can.manage`, `can.review`, `can.cost`, `can.spend`, `can.own`: what the member may do at the brand."""

    def __init__(self, membership: Membership | None) -> None:
        self.capabilities = CAPABILITIES[membership.role] if membership else frozenset()

    @property
    def own(self) -> bool:
        return "own" in self.capabilities

    @property
    def manage(self) -> bool:
        return "manage" in self.capabilities

    @property
    def review(self) -> bool:
        return "review" in self.capabilities

    @property
    def cost(self) -> bool:
        return "cost" in self.capabilities

    @property
    def spend(self) -> bool:
        return "spend" in self.capabilities


class Navigation:
    """The groups of the sidebar with the entry of this page marked."""

    def __init__(self, path: str, can: Any) -> None:
        self.path, self.can = path, can

    def marked(self, items: list[Item]) -> list[tuple[Item, bool]]:
        return [(item, item.holds(self.path)) for item in items if self.shows(item)]

    def shows(self, item: Item) -> bool:
        return not item.needs or bool(getattr(self.can, item.needs))

    @property
    def groups(self) -> list[tuple[str, list[tuple[Item, bool]]]]:
        return [(label, self.marked(items)) for label, items in GROUPS]

    @property
    def settings(self) -> list[tuple[Item, bool]]:
        return self.marked(SETTINGS)

    @property
    def settings_home(self) -> tuple[Item, bool]:
        return SETTINGS_HOME, SETTINGS_HOME.holds(self.path)

    @property
    def phone(self) -> list[tuple[Item, bool]]:
        return self.marked([HOME, SECTIONS[0], WORK[0], RETURNS[0]])

    @property
    def all(self) -> list[Item]:
        return [item for group in (*(items for _, items in GROUPS), SETTINGS) for item in group if self.shows(item)]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`membership`, `can`, `memberships` (the brands to switch to) and `navigation`, all lazy."""
    membership = SimpleLazyObject(lambda: membership_of(request))
    can = SimpleLazyObject(lambda: Can(membership_of(request)))
    return {
        "membership": membership,
        "can": can,
        "memberships": SimpleLazyObject(lambda: memberships_of(request)),
        "navigation": Navigation(request.path, can),
    }


def membership_of(request: HttpRequest) -> Membership | None:
    """The membership that `brand_page` found; on pages for everybody it is looked up once."""
    if not hasattr(request, "membership"):
        user = getattr(request, "user", None)
        member = user is not None and user.is_authenticated and not user.is_creator
        request.membership = current_membership(request) if member else None  # type: ignore[attr-defined]
    found: Membership | None = request.membership  # type: ignore[attr-defined]
    return found


def memberships_of(request: HttpRequest) -> list[Membership]:
    if membership_of(request) is None:
        return []
    mine = Membership.objects.filter(user_id=request.user.pk or 0).select_related("brand")
    return list(mine.order_by("brand__name", "pk"))
