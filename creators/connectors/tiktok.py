"""TikTok Display API: an account that its owner connected, and its public videos.

https://developers.tiktok.com/doc/display-api-overview — there is no call for accounts that are not connected.
"""

from __future__ import annotations

from typing import Any, ClassVar

from creators.connectors.addresses import canonical
from creators.connectors.client import Client, paged
from creators.connectors.errors import (
    BadAnswer,
    ConnectorError,
    RateLimited,
    ScopeMissing,
    TokenExpired,
    Unreachable,
)
from creators.connectors.http import Answer
from creators.connectors.protocol import PostFacts, Profile
from creators.connectors.values import flag, handle, moment, part, rows, text, whole

USER_FIELDS = (
    "open_id,union_id,display_name,username,bio_description,is_verified,profile_deep_link,"
    "follower_count,following_count,video_count"
)
VIDEO_FIELDS = "id,title,video_description,create_time,share_url,like_count,comment_count,share_count,view_count"
BATCH = 20
NOT_ALLOWED = (ScopeMissing, "TikTok was not allowed to show us profile, numbers and videos.")
MEANINGS: dict[str, tuple[type[ConnectorError], str]] = {
    "access_token_invalid": (TokenExpired, "TikTok no longer accepts the token."),
    "scope_not_authorized": NOT_ALLOWED,
    "scope_permission_missed": NOT_ALLOWED,
    "internal_error": (Unreachable, "TikTok reports a fault of its own."),
}


class TikTok(Client):
    network: ClassVar[str] = "tiktok"
    section: ClassVar[str] = "tiktok"

    def fetch_profile(self, handle: str) -> Profile:
        body = self.ask("GET", "user/info/", bucket="user/info", params={"fields": USER_FIELDS})
        user = part(body, "data", "user")
        if not isinstance(user, dict):
            raise BadAnswer("TikTok's answer holds no account.")
        return profile(user, handle)

    def fetch_posts(self, profile: Profile, most: int) -> list[PostFacts]:
        return paged(self.page_of_videos, most)

    def page_of_videos(self, cursor: str) -> tuple[list[PostFacts], str]:
        wanted: dict[str, Any] = {"max_count": BATCH, **({"cursor": int(cursor)} if cursor else {})}
        body = self.ask("POST", "video/list/", bucket="video/list", params={"fields": VIDEO_FIELDS}, json=wanted)
        found = [video(row) for row in rows(part(body, "data", "videos"))]
        further = whole(part(body, "data", "cursor"))
        has_more = part(body, "data", "has_more") is True and further is not None
        return [post for post in found if post.url], str(further) if has_more else ""

    def problem(self, answer: Answer, bucket: str) -> ConnectorError | None:
        code = text(part(answer.body, "error", "code"), 80)
        if answer.is_fine and code in {"", "ok"}:
            return None
        if code == "rate_limit_exceeded" or answer.status == 429:
            return RateLimited("TikTok asks for a pause.", answer.wait)
        kind, message = MEANINGS.get(code, (BadAnswer, f"TikTok refused a call ({code or answer.status})."))
        return kind(message)


def profile(user: dict[str, Any], asked: str) -> Profile:
    return Profile(
        account_id=text(user.get("open_id"), 80),
        handle=handle(user.get("username")) or asked,
        name=text(user.get("display_name"), 160),
        bio=text(user.get("bio_description")),
        followers=whole(user.get("follower_count")),
        following=whole(user.get("following_count")),
        posts_count=whole(user.get("video_count")),
        is_verified=flag(user.get("is_verified")),
    )


def video(row: dict[str, Any]) -> PostFacts:
    """A video; photo posts are not in the list that TikTok gives."""
    return PostFacts(
        post_id=text(row.get("id"), 40),
        url=canonical(row.get("share_url"), "tiktok"),
        format="video",
        caption=text(row.get("video_description")) or text(row.get("title")),
        posted_at=moment(row.get("create_time")),
        likes=whole(row.get("like_count")),
        comments_count=whole(row.get("comment_count")),
        shares=whole(row.get("share_count")),
        views=whole(row.get("view_count")),
    )
