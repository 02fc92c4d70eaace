"""Each client against a local server that answers what the network's documentation promises."""

from __future__ import annotations

import ast
import importlib.util
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from creators.connectors import breaker, instagram, tiktok, youtube
from creators.connectors.client import MOST_PAGES
from creators.connectors.errors import (
    AccessRevoked,
    AccountMissing,
    BadAnswer,
    ConnectorError,
    NotOffered,
    QuotaExhausted,
    RateLimited,
    ScopeMissing,
    TokenExpired,
    Unreachable,
)
from creators.connectors.http import MOST_BYTES
from creators.connectors.instagram import Discovery, OwnInstagram
from creators.connectors.protocol import Access, PostFacts, Profile
from creators.connectors.quota import pacific_day, ten_seconds
from creators.connectors.tiktok import TikTok
from creators.connectors.values import moment, text, whole
from creators.connectors.youtube import YouTube
from tests import networks as net
from tests.networks import KEY, SECRET, Networks, Purse, reply


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def tube(networks: Networks, purse: Purse) -> YouTube:
    return YouTube(Access(KEY, is_key=True), purse)


@pytest.fixture
def discovery(networks: Networks, purse: Purse) -> Discovery:
    return Discovery(Access(SECRET, account_id="178414"), purse)


@pytest.fixture
def own(networks: Networks, purse: Purse) -> OwnInstagram:
    return OwnInstagram(Access(SECRET), purse)


@pytest.fixture
def clips(networks: Networks, purse: Purse) -> TikTok:
    return TikTok(Access(SECRET), purse)


PROFILE = Profile("UC1", "dana.bakes", posts_at="UU_x5XG1OV2P6uZZ5FSM9Ttw")
POST = PostFacts("abc-DEF_123", "https://www.youtube.com/watch?v=abc-DEF_123")


# YouTube


def test_youtube_reads_a_channel(networks: Networks, tube: YouTube, purse: Purse) -> None:
    networks.on("/youtube/channels", net.channel())
    found = tube.fetch_profile("dana.bakes")
    assert (found.followers, found.posts_count, found.handle, found.country) == (12300, 87, "dana.bakes", "DE")
    assert found.posts_at == "UU_x5XG1OV2P6uZZ5FSM9Ttw"
    assert networks.asked[0].args["forHandle"] == "@dana.bakes"
    assert networks.asked[0].headers["X-Goog-Api-Key"] == KEY
    assert purse.spent == {"units": 1}


def test_youtube_hidden_subscribers_are_unknown(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", net.channel(hiddenSubscriberCount=True, subscriberCount="0"))
    found = tube.fetch_profile("dana.bakes")
    assert found.followers is None
    assert found.hidden == {"followers"}


def test_youtube_unknown_channel(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}})
    with pytest.raises(AccountMissing):
        tube.fetch_profile("nobody")


def test_youtube_reads_videos_fifty_at_a_time(networks: Networks, tube: YouTube, purse: Purse) -> None:
    names = [f"v{number}" for number in range(60)]
    networks.on("/youtube/playlistItems", net.uploads(*names[:50], further="P2"), net.uploads(*names[50:]))
    networks.on("/youtube/videos", lambda request: net.videos(*map(net.video, request.args["id"].split(","))))
    found = tube.fetch_posts(PROFILE, 60)
    assert [post.post_id for post in found] == names
    asked = [request.args["id"].count(",") + 1 for request in networks.asked if request.path.endswith("videos")]
    assert asked == [50, 10]
    assert purse.spent == {"units": 4}


def test_youtube_video_says_what_it_says(networks: Networks, tube: YouTube) -> None:
    paid = net.video("paid1", paidProductPlacementDetails={"hasPaidProductPlacement": True})
    hidden = net.video("hidden1", statistics={"viewCount": "7"})
    later = net.video("later1", snippet={"title": "Soon", "liveBroadcastContent": "upcoming"})
    short = net.video("short1", contentDetails={"duration": "PT45S"})
    declared = net.video("short2", contentDetails={"duration": "PT2M59S"}, snippet={"title": "Fold #Shorts"})
    live = net.video("live1", liveStreamingDetails={"actualStartTime": "2026-10-01T12:00:00Z"})
    names = ["paid1", "hidden1", "later1", "short1", "short2", "live1", "gone1"]
    networks.on("/youtube/playlistItems", net.uploads(*names))
    networks.on("/youtube/videos", net.videos(paid, hidden, later, short, declared, live))
    found = {post.post_id: post for post in tube.fetch_posts(PROFILE, 30)}
    assert set(found) == {"paid1", "hidden1", "short1", "short2", "live1"}
    assert (found["paid1"].is_sponsored, found["hidden1"].is_sponsored) == (True, None)
    assert (found["hidden1"].likes, found["hidden1"].comments_count, found["hidden1"].views) == (None, None, 7)
    assert [found[name].format for name in ("paid1", "short1", "short2", "live1")] == ["video", "", "short", "live"]


def test_youtube_comments_with_replies(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/commentThreads", net.threads("Which flour?", further="P2"), net.threads("Nice"))
    found = tube.fetch_comments(POST, 50)
    assert [(row.author, row.text, row.is_reply) for row in found] == [
        ("reader1", "Which flour?", False),
        ("dana.bakes", "Thanks!", True),
        ("reader1", "Nice", False),
        ("dana.bakes", "Thanks!", True),
    ]


def test_youtube_comments_switched_off(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/commentThreads", net.google_error(403, "commentsDisabled"))
    assert tube.fetch_comments(POST, 50) == []


def test_youtube_channel_without_uploads(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/playlistItems", net.google_error(404, "playlistNotFound"))
    assert tube.fetch_posts(PROFILE, 30) == []


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (403, "quotaExceeded", QuotaExhausted),
        (403, "rateLimitExceeded", RateLimited),
        (400, "API_KEY_INVALID", AccessRevoked),
        (403, "accessNotConfigured", AccessRevoked),
        (403, "insufficientPermissions", ScopeMissing),
        (401, "authError", TokenExpired),
        (403, "forbidden", AccountMissing),
        (400, "invalidParameter", BadAnswer),
    ],
)
def test_youtube_refusals(networks: Networks, tube: YouTube, status: int, reason: str, kind: type[Exception]) -> None:
    networks.on("/youtube/channels", net.google_error(status, reason))
    with pytest.raises(kind) as caught:
        tube.fetch_profile("dana.bakes")
    assert type(caught.value) is kind


def test_youtube_says_the_day_is_spent(networks: Networks, tube: YouTube, purse: Purse) -> None:
    networks.on("/youtube/channels", net.google_error(403, "quotaExceeded"))
    with pytest.raises(QuotaExhausted):
        tube.fetch_profile("dana.bakes")
    assert purse.empty == ["units"]


def test_youtube_with_an_owners_token(networks: Networks, purse: Purse) -> None:
    networks.on("/youtube/channels", net.channel())
    YouTube(Access(SECRET), purse).fetch_profile("")
    assert networks.asked[0].args["mine"] == "true"
    assert networks.asked[0].headers["Authorization"] == f"Bearer {SECRET}"


# Instagram


def test_instagram_discovers_a_professional_account(networks: Networks, discovery: Discovery) -> None:
    found = {"id": "17841", "username": "dana.bakes", "name": "Dana", "followers_count": 8200, "media_count": 3}
    networks.on("/facebook/178414", {"business_discovery": found, "id": "178414"})
    profile = discovery.fetch_profile("dana.bakes")
    assert (profile.followers, profile.following, profile.posts_count) == (8200, None, 3)
    assert networks.asked[0].args["fields"].startswith("business_discovery.username(dana.bakes){")


@pytest.mark.parametrize("handle", ["", "a){id},username(b", "ümlaut", "x" * 31])
def test_instagram_handle_cannot_change_the_question(discovery: Discovery, networks: Networks, handle: str) -> None:
    with pytest.raises(AccountMissing):
        discovery.fetch_profile(handle)
    assert networks.asked == []


def test_instagram_discovered_posts_come_in_pages(networks: Networks, discovery: Discovery) -> None:
    pages = [net.ig_page(net.ig_media("1"), after="QVFI=="), net.ig_page(net.ig_media("2", like_count=None))]
    networks.on("/facebook/178414", *({"business_discovery": {"media": page}} for page in pages))
    found = discovery.fetch_posts(Profile("1", "dana.bakes"), 30)
    assert [(post.url, post.likes, post.format) for post in found] == [
        ("https://www.instagram.com/reel/C1/", 420, "reel"),
        ("https://www.instagram.com/reel/C2/", None, "reel"),
    ]
    assert ".after(QVFI==)" in networks.asked[1].args["fields"]


def test_instagram_own_posts_have_insights(networks: Networks, own: OwnInstagram) -> None:
    networks.on("/instagram/me/media", net.ig_page(net.ig_media("1"), net.ig_media("2"), net.ig_media("3")))
    names = {"reach": 3000, "saved": 44, "shares": 5, "views": 4100}
    networks.on(
        "/instagram/1/insights",
        {"data": [{"name": name, "period": "lifetime", "values": [{"value": n}]} for name, n in names.items()]},
    )
    networks.on("/instagram/2/insights", {"data": []})
    networks.on("/instagram/3/insights", net.graph_error(10))
    full, empty, few = own.fetch_posts(Profile("1", "dana.bakes"), 30)
    assert (full.reach, full.saves, full.shares, full.views) == (3000, 44, 5, 4100)
    assert (empty.reach, empty.saves) == (None, None)
    assert (few.reach, few.likes) == (None, 420)


def test_instagram_tagged_posts(networks: Networks, discovery: Discovery) -> None:
    networks.on("/facebook/178414/tags", net.ig_page(net.ig_media("9", username="Dana.Bakes")))
    (found,) = discovery.fetch_mentions(10)
    assert (found.author, found.url) == ("dana.bakes", "https://www.instagram.com/reel/C9/")


def test_instagram_comments_of_the_owner(networks: Networks, own: OwnInstagram) -> None:
    reply_ = {"id": "2", "text": "Rye!", "username": "dana.bakes", "timestamp": "2026-10-02T08:00:00+0000"}
    first = {"id": "1", "text": "Which flour?", "username": "Reader", "timestamp": "2026-10-02T07:00:00+0000"}
    networks.on("/instagram/77/comments", net.ig_page(first | {"replies": {"data": [reply_]}}))
    found = own.fetch_comments(PostFacts("77", "https://www.instagram.com/p/x/"), 10)
    assert [(row.author, row.is_reply) for row in found] == [("reader", False), ("dana.bakes", True)]
    assert found[0].posted_at == datetime(2026, 10, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80002])
def test_instagram_asks_for_a_pause(networks: Networks, own: OwnInstagram, purse: Purse, code: int) -> None:
    networks.on("/instagram/me", net.graph_error(code, 403))
    with pytest.raises(RateLimited) as caught:
        own.fetch_profile("")
    assert caught.value.wait == 900
    assert purse.empty == ["calls"]


def test_instagram_stops_before_the_allowance_is_gone(networks: Networks, own: OwnInstagram) -> None:
    networks.on(
        "/instagram/me",
        {"user_id": "1", "username": "dana.bakes", "followers_count": 10},
        headers={"X-App-Usage": json.dumps({"call_count": 96, "total_time": 3, "total_cputime": 2})},
    )
    assert own.fetch_profile("").followers == 10
    with pytest.raises(RateLimited) as caught:
        own.fetch_profile("")
    assert caught.value.wait == 900
    assert len(networks.asked) == 1


def test_instagram_waits_as_long_as_it_is_told(networks: Networks, own: OwnInstagram) -> None:
    usage = {"178414": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 7}]}
    networks.on(
        "/instagram/me",
        lambda _: Response_with_usage(usage),
    )
    with pytest.raises(RateLimited) as caught:
        own.fetch_profile("")
    assert caught.value.wait == 7 * 60


def Response_with_usage(usage: dict[str, Any]) -> Any:  # noqa: N802 reads like the class it makes
    answer = net.graph_error(80002, 400)
    answer.headers["X-Business-Use-Case-Usage"] = json.dumps(usage)
    return answer


@pytest.mark.parametrize("usage", ["", "nonsense", "[1]", '{"a": [5, {"call_count": "many"}]}', '{"call_count": -5}'])
def test_instagram_usage_header_may_hold_anything(networks: Networks, own: OwnInstagram, usage: str) -> None:
    headers = {"X-App-Usage": usage, "X-Business-Use-Case-Usage": usage}
    networks.on("/instagram/me", {"user_id": "1", "username": "d"}, headers=headers)
    own.fetch_profile("")
    assert own.fetch_profile("").followers is None


@pytest.mark.parametrize(
    ("code", "more", "kind"),
    [
        (190, {"error_subcode": 463}, TokenExpired),
        (190, {"error_subcode": 458}, AccessRevoked),
        (190, {}, AccessRevoked),
        (200, {}, ScopeMissing),
        (2, {}, Unreachable),
        (110, {"error_subcode": 2207013}, AccountMissing),
        (24, {}, AccountMissing),
        (9007, {}, BadAnswer),
    ],
)
def test_instagram_refusals(
    networks: Networks, discovery: Discovery, code: int, more: dict[str, int], kind: type[Exception]
) -> None:
    networks.on("/facebook/178414", net.graph_error(code, **more))
    with pytest.raises(kind) as caught:
        discovery.fetch_profile("dana.bakes")
    assert type(caught.value) is kind


# TikTok


def test_tiktok_reads_the_connected_account(networks: Networks, clips: TikTok, purse: Purse) -> None:
    networks.on("/tiktok/user/info/", net.tiktok_user())
    found = clips.fetch_profile("")
    assert (found.handle, found.followers, found.following, found.posts_count) == ("dana.bakes", 8123, 210, 45)
    assert found.is_verified is False
    assert purse.spent == {"user/info": 1}


def test_tiktok_without_the_numbers_scope_knows_no_numbers(networks: Networks, clips: TikTok) -> None:
    user = {"open_id": "o", "display_name": "Dana"}
    networks.on("/tiktok/user/info/", {"data": {"user": user}, "error": {"code": "ok"}})
    assert clips.fetch_profile("dana").followers is None


def test_tiktok_videos_by_cursor(networks: Networks, clips: TikTok) -> None:
    pages = [net.tiktok_videos("71", "72", cursor=1_790_000_000_000, has_more=True), net.tiktok_videos("73", cursor=5)]
    networks.on("/tiktok/video/list/", *pages)
    found = clips.fetch_posts(Profile("o", "dana.bakes"), 30)
    assert [post.url for post in found] == [f"https://www.tiktok.com/@dana.bakes/video/{n}" for n in (71, 72, 73)]
    assert (found[0].likes, found[0].shares, found[0].views, found[0].saves) == (900, 3, 15000, None)
    assert [request.get_json() for request in networks.asked] == [
        {"max_count": 20},
        {"max_count": 20, "cursor": 1_790_000_000_000},
    ]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "rate_limit_exceeded", RateLimited),
        (401, "access_token_invalid", TokenExpired),
        (401, "scope_not_authorized", ScopeMissing),
        (400, "invalid_params", BadAnswer),
        (200, "internal_error", Unreachable),
    ],
)
def test_tiktok_refusals(networks: Networks, clips: TikTok, status: int, code: str, kind: type[Exception]) -> None:
    networks.on("/tiktok/user/info/", net.tiktok_error(status, code))
    with pytest.raises(kind) as caught:
        clips.fetch_profile("")
    assert type(caught.value) is kind


def test_tiktok_offers_neither_comments_nor_mentions(clips: TikTok) -> None:
    with pytest.raises(NotOffered):
        clips.fetch_comments(POST, 5)
    with pytest.raises(NotOffered):
        clips.fetch_mentions(5)


# What every network may do to us


def test_list_that_never_ends_ends(networks: Networks, clips: TikTok) -> None:
    networks.on("/tiktok/video/list/", net.tiktok_videos("71", cursor=9, has_more=True))
    assert len(clips.fetch_posts(Profile("o", "d"), 30)) == 2


def test_list_with_ever_new_cursors_ends(networks: Networks, clips: TikTok) -> None:
    def page(_: Any) -> Any:
        return net.tiktok_videos(cursor=len(networks.asked), has_more=True)

    networks.on("/tiktok/video/list/", page)
    assert clips.fetch_posts(Profile("o", "d"), 30) == []
    assert len(networks.asked) == MOST_PAGES


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"', b"null", b"{", b"[" * 100_000, b"\xff\xfe"])
def test_answer_that_is_no_object(networks: Networks, tube: YouTube, body: bytes) -> None:
    networks.on("/youtube/channels", body)
    with pytest.raises(BadAnswer):
        tube.fetch_profile("dana.bakes")


@pytest.mark.parametrize(
    "body",
    [
        {"items": {"a": 1}},
        {"items": [None, 3, "x"]},
        {"items": [{"snippet": [], "statistics": "no", "contentDetails": {"relatedPlaylists": None}}]},
        {"items": [{"id": 7, "statistics": {"subscriberCount": "-5", "videoCount": True, "viewCount": "1e5"}}]},
        {"items": [{"statistics": {"subscriberCount": "9" * 30, "videoCount": 1.5}}]},
    ],
)
def test_answer_of_another_shape_is_unknown(networks: Networks, tube: YouTube, body: Any) -> None:
    networks.on("/youtube/channels", body)
    try:
        found = tube.fetch_profile("dana.bakes")
    except AccountMissing:
        return
    assert (found.followers, found.posts_count) == (None, None)


def test_answer_that_is_too_large(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", b'{"a": "' + b"x" * MOST_BYTES + b'"}')
    with pytest.raises(BadAnswer, match="too large"):
        tube.fetch_profile("dana.bakes")


def test_answer_that_is_too_large_when_unpacked(networks: Networks, tube: YouTube) -> None:
    import gzip

    bomb = gzip.compress(b'{"a": "' + b"x" * (MOST_BYTES + 1) + b'"}')
    networks.on("/youtube/channels", bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(BadAnswer, match="too large"):
        tube.fetch_profile("dana.bakes")


def test_redirect_is_not_followed(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", b"", status=302, headers={"Location": "http://127.0.0.1:1/"})
    with pytest.raises(BadAnswer):
        tube.fetch_profile("dana.bakes")


def test_fault_of_the_network_is_tried_again(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", reply({}, 500), reply({}, 502), net.channel())
    assert tube.fetch_profile("dana.bakes").followers == 12300
    assert len(networks.asked) == 3


def test_retry_after_is_obeyed(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", b"", status=503, headers={"Retry-After": "120"})
    with pytest.raises(RateLimited) as caught:
        tube.fetch_profile("dana.bakes")
    assert caught.value.wait == 120
    assert len(networks.asked) == 1


def test_network_that_fails_is_left_alone(networks: Networks, tube: YouTube) -> None:
    networks.on("/youtube/channels", b"", status=500)
    for _ in range(breaker.FAILURES):
        with pytest.raises(Unreachable):
            tube.fetch_profile("dana.bakes")
    asked = len(networks.asked)
    with pytest.raises(Unreachable, match="next try"):
        tube.fetch_profile("dana.bakes")
    assert len(networks.asked) == asked


def test_one_failure_after_the_rest_closes_the_door_again(networks: Networks) -> None:
    from django.core.cache import cache

    for _ in range(breaker.FAILURES):
        breaker.failed("youtube")
    cache.delete(breaker.rest_key("youtube"))
    breaker.check("youtube")
    breaker.failed("youtube")
    with pytest.raises(Unreachable):
        breaker.check("youtube")


def test_network_that_is_not_there(networks: Networks, purse: Purse) -> None:
    networks.settings.CONNECTORS["youtube"]["api_url"] = "http://127.0.0.1:1"
    with pytest.raises(Unreachable):
        YouTube(Access(KEY, is_key=True), purse).fetch_profile("dana.bakes")


def test_secrets_stay_out_of_errors_and_logs(
    networks: Networks, purse: Purse, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    networks.on("/youtube/channels", net.google_error(400, "badRequest"))
    networks.on("/instagram/me", net.graph_error(190))
    networks.on("/tiktok/user/info/", net.tiktok_error(401, "access_token_invalid"))
    said = []
    for client in (YouTube(Access(KEY, is_key=True), purse), OwnInstagram(Access(SECRET), purse)):
        with pytest.raises(ConnectorError) as caught:
            client.fetch_profile("")
        said.append(f"{caught.value!r} {client.access!r}")
    assert SECRET not in "".join([*said, caplog.text])
    assert KEY not in "".join([*said, caplog.text])


def test_values_out_of_answers() -> None:
    assert [whole(value) for value in ("12", 12, 0, "0", -1, True, "1.2", None, "²", 2**63)] == [
        12,
        12,
        0,
        0,
        *[None] * 6,
    ]
    assert text("a\x00b\ud800 ") == "ab?"
    assert moment("2026-10-01T12:00:00+0000") == datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert moment(1_790_000_000) == datetime.fromtimestamp(1_790_000_000, UTC)
    assert [moment(value) for value in ("soon", True, 10**30, None, "0001-01-01T00:00:00Z", 5)] == [None] * 6


def test_day_begins_at_midnight_in_california() -> None:
    start, end = pacific_day(datetime(2026, 11, 1, 12, tzinfo=UTC))
    assert (start, end) == (datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC))
    assert pacific_day(datetime(2026, 11, 1, 6, 59, tzinfo=UTC))[1] == start


def test_windows_of_ten_seconds() -> None:
    start, end = ten_seconds(datetime(2026, 1, 1, 0, 0, 59, 999, tzinfo=UTC))
    assert (start.second, end.second, end.minute) == (50, 0, 1)


# What we ask for exists, and our answers are true to the documents: told by the networks' own libraries


def google() -> dict[str, Any]:
    package = importlib.util.find_spec("googleapiclient")
    assert package is not None
    folder = Path(str(package.origin)).parent / "discovery_cache" / "documents"
    return dict(json.loads((folder / "youtube.v3.json").read_text()))


def google_schema(name: str) -> dict[str, Any]:
    """A schema of the discovery document as JSON Schema; fields that it doesn't name are refused."""
    document = json.dumps(google()["schemas"]).replace('"$ref": "', '"$ref": "#/$defs/')
    defs = json.loads(document)
    for schema in defs.values():
        if schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
        for field in schema.get("properties", {}).values():
            field.pop("required", None)
            field.pop("annotations", None)
    return {"$defs": defs, "$ref": f"#/$defs/{name}"}


@pytest.mark.parametrize(
    ("schema", "answer"),
    [
        ("ChannelListResponse", net.channel()),
        ("PlaylistItemListResponse", net.uploads("a", further="b")),
        ("VideoListResponse", net.videos(net.video(liveStreamingDetails={"actualStartTime": "2026-10-01T12:00:00Z"}))),
        ("CommentThreadListResponse", net.threads("Which flour?", further="b")),
    ],
)
def test_answers_of_our_youtube_are_googles(schema: str, answer: dict[str, Any]) -> None:
    jsonschema.validate(answer, google_schema(schema))


@pytest.mark.parametrize(
    ("method", "asked", "parts", "schema"),
    [
        ("channels", {"part", "forHandle", "mine"}, youtube.CHANNEL_PARTS, "Channel"),
        ("playlistItems", {"part", "playlistId", "maxResults", "pageToken"}, "contentDetails", "PlaylistItem"),
        ("videos", {"part", "id", "maxResults"}, youtube.VIDEO_PARTS, "Video"),
        (
            "commentThreads",
            {"part", "videoId", "order", "textFormat", "maxResults", "pageToken"},
            "snippet,replies",
            "CommentThread",
        ),
    ],
)
def test_youtube_is_asked_for_what_it_has(method: str, asked: set[str], parts: str, schema: str) -> None:
    found = google()["resources"][method]["methods"]["list"]
    assert found["path"] == f"youtube/v3/{method}"
    assert asked <= set(found["parameters"])
    assert set(parts.split(",")) <= set(google()["schemas"][schema]["properties"])


def meta(module: str, kind: str, inner: str) -> set[str]:
    """Values of a class of constants in Meta's library, read from its source."""
    package = importlib.util.find_spec("facebook_business")
    assert package is not None
    tree = ast.parse((Path(str(package.origin)).parent / "adobjects" / f"{module}.py").read_text())
    found = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    classes = [node for node in found[kind].body if isinstance(node, ast.ClassDef) and node.name == inner]
    rows = [row.value for row in classes[0].body if isinstance(row, ast.Assign)]
    return {str(value.value) for value in rows if isinstance(value, ast.Constant)}


def test_instagram_is_asked_for_what_it_has() -> None:
    media = set(f"{instagram.MEDIA_FIELDS},view_count,username".split(","))
    assert media <= meta("igmedia", "IGMedia", "Field")
    assert set(instagram.SHOWN_FIELDS.split(",")) | {"business_discovery"} <= meta("iguser", "IGUser", "Field")
    assert set(instagram.METRICS.split(",")) <= meta("instagraminsightsresult", "InstagramInsightsResult", "Metric")


def test_tiktok_is_asked_for_what_it_documents() -> None:
    """TikTok publishes no library; the names are those of its pages on user/info and video/list."""
    user = set(net.tiktok_user()["data"]["user"]) | {"profile_deep_link"}
    assert set(tiktok.USER_FIELDS.split(",")) == user
    assert set(tiktok.VIDEO_FIELDS.split(",")) == set(net.tiktok_videos("1")["data"]["videos"][0])
