"""The networks as a local server: documented answers, refusals, limits and pages."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from creators.connectors.protocol import Grant
from creators.models import Connection
from groundswell.accounts.models import Brand, User

SECRET = "token-that-nobody-may-see"
KEY = "AIza-key-that-nobody-may-see"


class Networks:
    """`networks.on("/youtube/videos", {...})` answers a path; `networks.asked` are the requests that came."""

    def __init__(self, server: HTTPServer, settings: Any) -> None:
        self.server = server
        self.url = server.url_for("").rstrip("/")
        sections = deepcopy(settings.CONNECTORS)
        for name, section in sections.items():
            section |= {
                "api_url": f"{self.url}/{name}",
                "root_url": f"{self.url}/{name}",
                "authorise_url": f"{self.url}/{name}/authorise",
                "token_url": f"{self.url}/{name}/token",
                "revoke_url": f"{self.url}/{name}/revoke",
                "client_id": f"id-at-{name}",
                "client_secret": f"app-{SECRET}",
            }
        settings.CONNECTORS = sections
        self.settings = settings

    def on(self, path: str, *answers: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Answer a path with these bodies, one after the other; the last one stays. A callable gets the request."""
        left = list(answers)

        def answer(request: Request) -> Response:
            body = left.pop(0) if len(left) > 1 else left[0]
            body = body(request) if callable(body) and not isinstance(body, Response) else body
            if isinstance(body, Response):
                return body
            return reply(body, status, headers)

        self.server.expect_request(path).respond_with_handler(answer)

    @property
    def asked(self) -> list[Request]:
        return [request for request, _ in self.server.log]

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(content, status=status, headers=headers, content_type="application/json")


class Purse:
    """A meter that counts and never refuses."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}
        self.empty: list[str] = []

    def spend(self, bucket: str, cost: int) -> None:
        self.spent[bucket] = self.spent.get(bucket, 0) + cost

    def exhaust(self, bucket: str) -> None:
        self.empty.append(bucket)


def connection(
    network: str, kind: str, *, brand: Brand | None = None, user: User | None = None, **fields: Any
) -> Connection:
    """A live connection with a token; `refresh=` and other fields as wanted."""
    row = Connection(network=network, kind=kind, brand=brand, user=user, renewed_at=timezone.now())
    row.hold(Grant(KEY if kind == "key" else SECRET, refresh_token=f"refresh-{SECRET}"))
    for name, value in {"external_id": "178414", "name": "ours", **fields}.items():
        setattr(row, name, value)
    row.save()
    return row


def channel(**statistics: Any) -> dict[str, Any]:
    """youtube#channelListResponse with one channel."""
    return {
        "kind": "youtube#channelListResponse",
        "etag": "e1",
        "pageInfo": {"totalResults": 1, "resultsPerPage": 5},
        "items": [
            {
                "kind": "youtube#channel",
                "etag": "e2",
                "id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
                "snippet": {
                    "title": "Dana bakes",
                    "description": "Bread and #sourdough",
                    "customUrl": "@dana.bakes",
                    "publishedAt": "2019-08-23T00:34:43Z",
                    "country": "DE",
                },
                "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU_x5XG1OV2P6uZZ5FSM9Ttw"}},
                "statistics": {
                    "viewCount": "234567",
                    "subscriberCount": "12300",
                    "hiddenSubscriberCount": False,
                    "videoCount": "87",
                    **statistics,
                },
            }
        ],
    }


def uploads(*ids: str, further: str = "") -> dict[str, Any]:
    items = [{"kind": "youtube#playlistItem", "id": f"i{name}", "contentDetails": {"videoId": name}} for name in ids]
    return {
        "kind": "youtube#playlistItemListResponse",
        "items": items,
        **({"nextPageToken": further} if further else {}),
    }


def video(name: str = "abc-DEF_123", **parts: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": "youtube#video",
        "id": name,
        "snippet": {
            "publishedAt": "2026-10-01T12:00:00Z",
            "title": "Rye in a day #Sourdough",
            "description": "With @mill.house. #sourdough #Rye",
            "liveBroadcastContent": "none",
        },
        "statistics": {"viewCount": "5000", "likeCount": "310", "commentCount": "12"},
        "contentDetails": {"duration": "PT8M20S"},
        "paidProductPlacementDetails": {"hasPaidProductPlacement": False},
    }
    return row | parts


def videos(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "youtube#videoListResponse", "items": list(rows)}


def threads(*texts: str, further: str = "") -> dict[str, Any]:
    def comment(text: str, author: str) -> dict[str, Any]:
        return {
            "kind": "youtube#comment",
            "snippet": {
                "authorDisplayName": author,
                "textDisplay": text,
                "textOriginal": text,
                "publishedAt": "2026-10-02T08:00:00Z",
            },
        }

    items = [
        {
            "kind": "youtube#commentThread",
            "snippet": {"totalReplyCount": 1, "topLevelComment": comment(text, "@Reader1")},
            "replies": {"comments": [comment("Thanks!", "@dana.bakes")]},
        }
        for text in texts
    ]
    found = {"kind": "youtube#commentThreadListResponse", "items": items}
    return found | ({"nextPageToken": further} if further else {})


def google_error(status: int, reason: str) -> Response:
    error = {"code": status, "message": "Refused.", "errors": [{"domain": "youtube", "reason": reason, "message": "…"}]}
    return reply({"error": error}, status)


def ig_media(name: str = "17900", **fields: Any) -> dict[str, Any]:
    return {
        "id": name,
        "caption": "New loaf #Sourdough with @mill.house",
        "media_type": "VIDEO",
        "media_product_type": "REELS",
        "permalink": f"https://www.instagram.com/reel/C{name}/",
        "timestamp": "2026-10-01T12:00:00+0000",
        "like_count": 420,
        "comments_count": 17,
    } | fields


def ig_page(*rows: dict[str, Any], after: str = "") -> dict[str, Any]:
    paging = {"cursors": {"before": "QVFIU", **({"after": after} if after else {})}}
    return {"data": list(rows), "paging": paging}


def graph_error(code: int, status: int = 400, **more: Any) -> Response:
    error = {"message": "(#x) refused", "type": "OAuthException", "code": code, "fbtrace_id": "Axyz", **more}
    return reply({"error": error}, status)


def tiktok_user(**fields: Any) -> dict[str, Any]:
    user = {
        "open_id": "723f24d7-e717-40f8-a2b6-cb8464cd23b4",
        "union_id": "c9c60f44-a68e-4f5d-84dd-ce22faeb0ba1",
        "display_name": "Dana bakes",
        "username": "Dana.Bakes",
        "bio_description": "Bread",
        "is_verified": False,
        "follower_count": 8123,
        "following_count": 210,
        "video_count": 45,
    }
    return {"data": {"user": user | fields}, "error": {"code": "ok", "message": "", "log_id": "2022"}}


def tiktok_videos(*ids: str, cursor: int = 0, has_more: bool = False) -> dict[str, Any]:
    rows = [
        {
            "id": name,
            "title": "Loaf",
            "video_description": "Crumb shot #bread",
            "create_time": 1_790_000_000,
            "share_url": f"https://www.tiktok.com/@dana.bakes/video/{name}?utm_campaign=tt4d_open_api&utm_source=x",
            "like_count": 900,
            "comment_count": 14,
            "share_count": 3,
            "view_count": 15000,
        }
        for name in ids
    ]
    data = {"videos": rows, "cursor": cursor, "has_more": has_more}
    return {"data": data, "error": {"code": "ok", "message": "", "log_id": "2022"}}


def tiktok_error(status: int, code: str) -> Response:
    return reply({"data": {}, "error": {"code": code, "message": "Refused.", "log_id": "2022"}}, status)
