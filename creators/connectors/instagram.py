"""Instagram Graph API: by a brand's own account about other professional ones, or by a creator's about itself.

https://developers.facebook.com/docs/instagram-platform — a brand signs in with Facebook (`Discovery`), a creator with
Instagram (`OwnInstagram`). Numbers that an account hides are left out of the answer, and so are unknown here.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from creators.connectors.addresses import canonical
from creators.connectors.client import Client, paged
from creators.connectors.errors import (
    AccessRevoked,
    AccountMissing,
    BadAnswer,
    ConnectorError,
    RateLimited,
    ScopeMissing,
    TokenExpired,
    Unreachable,
)
from creators.connectors.http import LONGEST_WAIT, Answer
from creators.connectors.protocol import CommentFacts, PostFacts, Profile
from creators.connectors.values import handle, moment, part, rows, text, whole

CALLS = "calls"
BATCH = 25
MEDIA_FIELDS = "id,caption,media_type,media_product_type,permalink,timestamp,like_count,comments_count"
SHOWN_FIELDS = "id,username,name,biography,followers_count,follows_count,media_count"
OWN_FIELDS = "user_id,username,name,account_type,followers_count,follows_count,media_count"
METRICS = "reach,saved,shares,views"
WITH_INSIGHTS = 12  # posts; each costs a call
HANDLE = re.compile(r"[a-z0-9._]{1,30}")
TOO_MANY = {4, 17, 32, 613, 80002}
NOT_SHOWN = "Instagram shows no professional account of this handle; personal and age-gated ones are never shown."
NEARLY_ALL = 95  # per cent of an allowance, from which on we wait
WAIT = 900.0  # seconds, where Meta doesn't say how long
EXPIRED = {463, 467}
FORMATS = {"IMAGE": "image", "CAROUSEL_ALBUM": "image", "VIDEO": "video"}
TYPES = {"BUSINESS": "business", "MEDIA_CREATOR": "creator"}


class InsightsMissing(ConnectorError):
    """Instagram keeps no such numbers of this post."""


NOT_ALLOWED = (ScopeMissing, "Instagram was not allowed to show us this.")
FAULT = (Unreachable, "Instagram reports a fault of its own.")
UNKNOWN = (AccountMissing, NOT_SHOWN)  # no such user or object, or a metric that this kind of post has not
MEANINGS: dict[int, tuple[type[ConnectorError], str]] = {
    **dict.fromkeys((1, 2), FAULT),
    **dict.fromkeys((3, 200, 299), NOT_ALLOWED),
    **dict.fromkeys((24, 100, 110, 803), UNKNOWN),
    10: (InsightsMissing, "Instagram doesn't show this: too few people saw it, or it isn't allowed."),
}


class Graph(Client):
    """What both ways to Instagram share."""

    network: ClassVar[str] = "instagram"
    resting: float = 0  # seconds to wait before the next call

    def read(self, path: str, **params: Any) -> dict[str, Any]:
        if self.resting:
            raise RateLimited("Instagram's allowance is nearly used up.", self.resting)
        return self.ask("GET", path, bucket=CALLS, params=params)

    def look_at(self, answer: Answer) -> None:
        self.resting = rest(answer)

    def problem(self, answer: Answer, bucket: str) -> ConnectorError | None:
        error = answer.body.get("error")
        if answer.is_fine and not isinstance(error, dict):
            return None
        code = whole(part(error, "code"))
        if code in TOO_MANY or answer.status == 429:
            self.meter.exhaust(bucket)
            return RateLimited("Instagram asks for a pause.", self.resting or max(WAIT, answer.wait))
        if code == 190:
            is_late = part(error, "error_subcode") in EXPIRED
            return (TokenExpired if is_late else AccessRevoked)("Instagram no longer accepts the access it gave us.")
        kind, message = MEANINGS.get(
            code or 0, (BadAnswer, f"Instagram refused a call (code {code or answer.status}).")
        )
        return kind(message)


class Discovery(Graph):
    """By a brand's own professional account: other professional accounts, and who tagged the brand."""

    section: ClassVar[str] = "facebook"
    offers = frozenset({"anyone", "mentions"})

    def fetch_profile(self, handle: str) -> Profile:
        return profile(self.discover(handle, SHOWN_FIELDS), handle)

    def fetch_posts(self, profile: Profile, most: int) -> list[PostFacts]:
        def page(cursor: str) -> tuple[list[PostFacts], str]:
            place = f".after({cursor})" if cursor else ""
            found = self.discover(profile.handle, f"media{place}.limit({BATCH}){{{MEDIA_FIELDS},view_count}}")
            return media_of(part(found, "media"))

        return paged(page, most)

    def discover(self, handle: str, fields: str) -> dict[str, Any]:
        if not HANDLE.fullmatch(handle):
            raise AccountMissing(NOT_SHOWN)
        wanted = f"business_discovery.username({handle}){{{fields}}}"
        found = self.read(self.access.account_id, fields=wanted).get("business_discovery")
        if not isinstance(found, dict):
            raise BadAnswer("Instagram's answer holds no account.")
        return found

    def fetch_mentions(self, most: int) -> list[PostFacts]:
        def page(cursor: str) -> tuple[list[PostFacts], str]:
            more = {"after": cursor} if cursor else {}
            fields = f"{MEDIA_FIELDS},username"
            return media_of(self.read(f"{self.access.account_id}/tags", fields=fields, limit=BATCH, **more))

        return paged(page, most)


class OwnInstagram(Graph):
    """By the creator's own consent: the account with what only its owner can see (reach, saves, comments)."""

    section: ClassVar[str] = "instagram"
    offers = frozenset({"comments"})

    def fetch_profile(self, handle: str) -> Profile:
        return profile(self.read("me", fields=OWN_FIELDS), handle)

    def fetch_posts(self, profile: Profile, most: int) -> list[PostFacts]:
        def page(cursor: str) -> tuple[list[PostFacts], str]:
            more = {"after": cursor} if cursor else {}
            return media_of(self.read("me/media", fields=MEDIA_FIELDS, limit=BATCH, **more))

        found = paged(page, most)
        return [self.with_insights(post) for post in found[:WITH_INSIGHTS]] + found[WITH_INSIGHTS:]

    def with_insights(self, post: PostFacts) -> PostFacts:
        """The post with reach, saves, shares and views where Instagram has them."""
        try:
            found = rows(self.read(f"{post.post_id}/insights", metric=METRICS).get("data"))
        except (InsightsMissing, AccountMissing):
            return post
        numbers = {text(row.get("name"), 40): whole(first_value(row)) for row in found}
        return PostFacts(
            **{
                **vars(post),
                "reach": numbers.get("reach"),
                "saves": numbers.get("saved"),
                "shares": numbers.get("shares"),
                "views": numbers.get("views"),
            }
        )

    def fetch_comments(self, post: PostFacts, most: int) -> list[CommentFacts]:
        fields = "id,text,timestamp,username,replies{id,text,timestamp,username}"

        def page(cursor: str) -> tuple[list[CommentFacts], str]:
            more = {"after": cursor} if cursor else {}
            body = self.read(f"{post.post_id}/comments", fields=fields, limit=50, **more)
            return [written for row in rows(body.get("data")) for written in comments(row)], next_cursor(body)

        try:
            return paged(page, most)
        except (InsightsMissing, AccountMissing):
            return []


def rest(answer: Answer) -> float:
    """Seconds to wait, from `X-App-Usage` and `X-Business-Use-Case-Usage`; 0 while there is room."""
    app = header(answer, "X-App-Usage")
    cases = [row for found in header(answer, "X-Business-Use-Case-Usage").values() for row in rows(found)]
    waits = [wait_of(usage) for usage in [app, *cases]]
    return min(max(waits), LONGEST_WAIT)


def header(answer: Answer, name: str) -> dict[str, Any]:
    try:
        found = json.loads(answer.headers.get(name, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def wait_of(usage: dict[str, Any]) -> float:
    minutes = whole(usage.get("estimated_time_to_regain_access")) or 0
    used = max(whole(usage.get(name)) or 0 for name in ("call_count", "total_time", "total_cputime"))
    return minutes * 60.0 or (WAIT if used >= NEARLY_ALL else 0)


def profile(row: dict[str, Any], asked: str) -> Profile:
    return Profile(
        account_id=text(row.get("user_id") or row.get("id"), 80),
        handle=handle(row.get("username")) or asked,
        name=text(row.get("name"), 160),
        bio=text(row.get("biography")),
        followers=whole(row.get("followers_count")),
        following=whole(row.get("follows_count")),
        posts_count=whole(row.get("media_count")),
        account_type=TYPES.get(text(row.get("account_type"), 40), ""),
    )


def media_of(found: Any) -> tuple[list[PostFacts], str]:
    """The posts of a list and the cursor of the next page."""
    return [post for post in map(media, rows(part(found, "data"))) if post.url and post.post_id], next_cursor(found)


def next_cursor(found: Any) -> str:
    """Empty on the last page. A cursor is put into the next call's fields, so it may only be what cursors are."""
    cursor = text(part(found, "paging", "cursors", "after"), 500)
    return cursor if re.fullmatch(r"[\w\-=]+", cursor, re.ASCII) else ""


def media(row: dict[str, Any]) -> PostFacts:
    kind = "reel" if row.get("media_product_type") == "REELS" else FORMATS.get(text(row.get("media_type"), 40), "")
    name = text(row.get("id"), 40)
    return PostFacts(
        post_id=name if re.fullmatch(r"[\w]+", name, re.ASCII) else "",
        url=canonical(row.get("permalink"), "instagram"),
        format=kind,
        caption=text(row.get("caption")),
        posted_at=moment(row.get("timestamp")),
        likes=whole(row.get("like_count")),
        comments_count=whole(row.get("comments_count")),
        views=whole(row.get("view_count")),
        author=handle(row.get("username")),
    )


def first_value(row: dict[str, Any]) -> Any:
    values = rows(row.get("values"))
    return values[0].get("value") if values else None


def comments(row: dict[str, Any]) -> list[CommentFacts]:
    replies = [(reply, True) for reply in rows(part(row, "replies", "data"))]
    return [
        CommentFacts(handle(one.get("username")), text(one.get("text")), moment(one.get("timestamp")), is_reply)
        for one, is_reply in [(row, False), *replies]
    ]
