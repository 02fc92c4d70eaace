"""YouTube Data API v3, with a key or with a channel owner's consent.

https://developers.google.com/youtube/v3/docs — every call used here costs one of the project's 10,000 units a day.
Google rounds subscriberCount down to three significant digits.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from creators.captions import hashtags
from creators.connectors.client import Client, paged
from creators.connectors.errors import (
    AccessRevoked,
    AccountMissing,
    BadAnswer,
    ConnectorError,
    QuotaExhausted,
    RateLimited,
    ScopeMissing,
    TokenExpired,
)
from creators.connectors.http import Answer
from creators.connectors.protocol import CommentFacts, PostFacts, Profile
from creators.connectors.quota import wait
from creators.connectors.values import flag, handle, moment, part, rows, text, whole

UNITS = "units"
CHANNEL_PARTS = "snippet,statistics,contentDetails"
VIDEO_PARTS = "snippet,statistics,contentDetails,liveStreamingDetails,paidProductPlacementDetails"
BATCH = 50
LONGEST_SHORT = 180  # seconds
SPENT = {"quotaExceeded", "dailyLimitExceeded"}
TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
BAD_KEY = {"keyInvalid", "API_KEY_INVALID", "accessNotConfigured", "SERVICE_DISABLED", "keyExpired", "ipRefererBlocked"}
NOT_ALLOWED = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}


class CommentsOff(ConnectorError):
    """Switched off below this video."""


class YouTube(Client):
    network: ClassVar[str] = "youtube"
    section: ClassVar[str] = "youtube"
    offers = frozenset({"anyone", "comments"})

    def authorisation(self) -> dict[str, str]:
        return {"X-Goog-Api-Key": self.access.secret} if self.access.is_key else super().authorisation()

    def read(self, what: str, **params: Any) -> dict[str, Any]:
        return self.ask("GET", what, bucket=UNITS, params=params)

    def fetch_profile(self, handle: str) -> Profile:
        which = {"forHandle": f"@{handle}"} if handle else {"mine": "true"}
        found = rows(self.read("channels", part=CHANNEL_PARTS, **which).get("items"))
        if not found:
            raise AccountMissing("YouTube knows no channel of this handle.")
        return profile(found[0], handle)

    def fetch_posts(self, profile: Profile, most: int) -> list[PostFacts]:
        if not profile.posts_at:
            return []
        try:
            ids = paged(lambda cursor: self.page_of_uploads(profile.posts_at, cursor), most)
        except AccountMissing:  # a channel that never uploaded anything has a list that isn't there
            return []
        batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
        return [post for batch in batches for post in self.videos(batch)]

    def page_of_uploads(self, playlist: str, cursor: str) -> tuple[list[str], str]:
        more = {"pageToken": cursor} if cursor else {}
        body = self.read("playlistItems", part="contentDetails", playlistId=playlist, maxResults=BATCH, **more)
        ids = [text(part(row, "contentDetails", "videoId"), 40) for row in rows(body.get("items"))]
        return [name for name in ids if re.fullmatch(r"[\w\-]+", name, re.ASCII)], text(body.get("nextPageToken"))

    def videos(self, ids: list[str]) -> list[PostFacts]:
        found = rows(self.read("videos", part=VIDEO_PARTS, id=",".join(ids), maxResults=BATCH).get("items"))
        known = {row.get("id"): row for row in found}
        shown = [known[name] for name in ids if name in known]
        return [video(row) for row in shown if part(row, "snippet", "liveBroadcastContent") != "upcoming"]

    def fetch_comments(self, post: PostFacts, most: int) -> list[CommentFacts]:
        try:
            return paged(lambda cursor: self.page_of_comments(post.post_id, cursor), most)
        except (CommentsOff, AccountMissing):
            return []

    def page_of_comments(self, video_id: str, cursor: str) -> tuple[list[CommentFacts], str]:
        more = {"pageToken": cursor} if cursor else {}
        parts = {"part": "snippet,replies", "order": "time", "textFormat": "plainText", "maxResults": 100}
        body = self.read("commentThreads", videoId=video_id, **parts, **more)
        found = [written for thread in rows(body.get("items")) for written in comments(thread)]
        return found, text(body.get("nextPageToken"))

    def problem(self, answer: Answer, bucket: str) -> ConnectorError | None:
        if answer.is_fine:
            return None
        why = reasons(answer.body)
        if why & SPENT:
            self.meter.exhaust(bucket)
            return QuotaExhausted("YouTube's units for today are used up.", wait("youtube", bucket))
        if why & TOO_FAST or answer.status == 429:
            return RateLimited("YouTube asks for a pause.", answer.wait)
        if why & BAD_KEY:
            return AccessRevoked("YouTube refuses this key. Check that it is right and may use the YouTube Data API.")
        if why & NOT_ALLOWED:
            return ScopeMissing("YouTube was not allowed to show us the channel.")
        return problem_by_status(answer, why)


def problem_by_status(answer: Answer, why: set[str]) -> ConnectorError:
    if "commentsDisabled" in why:
        return CommentsOff("Comments are switched off below this video.")
    if answer.status == 401:
        return TokenExpired("YouTube no longer accepts the token.")
    if answer.status == 404 or "playlistNotFound" in why:
        return AccountMissing("YouTube shows nothing here.")
    if answer.status == 403:
        return AccountMissing("YouTube doesn't show this to us.")
    return BadAnswer(f"YouTube refused a call (status {answer.status}).")


def reasons(body: dict[str, Any]) -> set[str]:
    """Google's words for what is wrong, from both places where they may stand."""
    found = [*rows(part(body, "error", "errors")), *rows(part(body, "error", "details"))]
    return {text(row.get("reason"), 80) for row in found}


def profile(row: dict[str, Any], asked: str) -> Profile:
    is_hidden = part(row, "statistics", "hiddenSubscriberCount") is True
    return Profile(
        account_id=text(row.get("id"), 80),
        handle=handle(part(row, "snippet", "customUrl")) or asked,
        name=text(part(row, "snippet", "title"), 160),
        bio=text(part(row, "snippet", "description")),
        followers=None if is_hidden else whole(part(row, "statistics", "subscriberCount")),
        posts_count=whole(part(row, "statistics", "videoCount")),
        country=country(part(row, "snippet", "country")),
        hidden=frozenset({"followers"} if is_hidden else ()),
        posts_at=text(part(row, "contentDetails", "relatedPlaylists", "uploads"), 80),
    )


def country(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) else ""


def format_of(row: dict[str, Any], caption: str) -> str:
    """What kind of video it is: a Short has three minutes at most, but not every short video is one.

    YouTube doesn't say, so a short video is a Short where its owner says so with #shorts, else unknown.
    """
    if part(row, "liveStreamingDetails"):
        return "live"
    length = re.fullmatch(r"PT(?:(\d{1,2})M)?(?:(\d{1,2})S)?", text(part(row, "contentDetails", "duration"), 40))
    if not length or int(length[1] or 0) * 60 + int(length[2] or 0) > LONGEST_SHORT:
        return "video"
    return "short" if {"short", "shorts"} & set(hashtags(caption)) else ""


def video(row: dict[str, Any]) -> PostFacts:
    """A video under its plain address, whether it is a Short or not."""
    name = text(row.get("id"), 40)
    is_paid = flag(part(row, "paidProductPlacementDetails", "hasPaidProductPlacement")) is True
    caption = f"{text(part(row, 'snippet', 'title'))}\n\n{text(part(row, 'snippet', 'description'))}".strip()
    return PostFacts(
        post_id=name,
        url=f"https://www.youtube.com/watch?v={name}",
        format=format_of(row, caption),
        caption=caption,
        posted_at=moment(part(row, "snippet", "publishedAt")),
        likes=whole(part(row, "statistics", "likeCount")),
        comments_count=whole(part(row, "statistics", "commentCount")),
        views=whole(part(row, "statistics", "viewCount")),
        is_sponsored=True if is_paid else None,
        is_disclosed=True if is_paid else None,
        aliases=(f"https://www.youtube.com/shorts/{name}", f"https://www.youtube.com/live/{name}"),
    )


def comments(thread: dict[str, Any]) -> list[CommentFacts]:
    """The first comment of a thread and the replies that came with it."""
    first = part(thread, "snippet", "topLevelComment", "snippet")
    replies = [(part(row, "snippet"), True) for row in rows(part(thread, "replies", "comments"))]
    return [comment(row, is_reply) for row, is_reply in [(first, False), *replies] if isinstance(row, dict)]


def comment(row: dict[str, Any], is_reply: bool) -> CommentFacts:
    return CommentFacts(
        author=handle(row.get("authorDisplayName")),
        text=text(row.get("textOriginal") or row.get("textDisplay")),
        posted_at=moment(row.get("publishedAt")),
        is_reply=is_reply,
    )
