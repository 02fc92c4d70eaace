"""Who sent a request, by its user agent: a person, a link preview, or a machine, and with what.

The crawler-user-agents list names the known ones. The rules around it are ours: words by which machines call
themselves, the libraries they are written with, browsers without a screen; and, before all of them, what only looks
like a machine (a Cubot phone; the browsers inside Instagram, TikTok and Facebook).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from ua_parser import parse_user_agent


class Kind(StrEnum):
    HUMAN = "human"
    BOT = "bot"
    PREVIEW = "preview"


class Device(StrEnum):
    MOBILE = "mobile"
    TABLET = "tablet"
    DESKTOP = "desktop"


@dataclass(frozen=True, slots=True)
class Agent:
    """`reason` is empty for people, else a word of REASONS; `device` and `app` are empty for machines."""

    kind: Kind
    reason: str = ""
    device: str = ""
    app: str = ""


# Why a click is kept apart. The first five come from the user agent, the others from the request.
REASONS = {
    "no-agent": "No user agent",
    "preview": "Link preview of an app",
    "crawler": "Known crawler",
    "tool": "Script or tool",
    "headless": "Browser without a screen",
    "head": "HEAD request",
    "prefetch": "Prefetched, not opened",
    "rate": "Too many clicks a minute",
}

# Services that fetch a page to show its title under a message. They follow a link because a person shared it.
PREVIEW = re.compile(
    r"facebookexternalhit|facebookcatalog|facebot|meta-externalfetcher|twitterbot|slackbot|slack-imgproxy|discordbot"
    r"|telegrambot|linkedinbot|^whatsapp\+?/(?!.*device/)|skypeuripreview|iframely|embedly|redditbot|vkshare|^viber|pinterestbot"
    r"|pinterest/0\.|snap url preview|bingpreview|yahoo link preview|google-pagerenderer|googlemessages|mastodon"
    r"|bluesky cardyb|cardyb|^synapse|matrix-preview|nextcloud|kakaotalk-scrap|line-poker|zoom-?link|teamsbot"
    r"|microsoft office .*existence|flipboardproxy|tumblr/|steamchaturllookup|link ?preview|urlpreview|unfurl",
    re.IGNORECASE,
)
# Browsers inside apps, and a phone maker whose name ends in "bot": people.
IN_APP = (
    (re.compile(r"\bInstagram \d"), "Instagram"),
    (re.compile(r"musical_ly|BytedanceWebview|TikTok|\btrill_"), "TikTok"),
    (re.compile(r"\bFBAN/Messenger|\bFB_IAB/MESSENGER|MessengerForiOS"), "Messenger"),
    (re.compile(r"\[FB[A-Z_]+/|\bFBAN/|\bFB_IAB/|\bFBAV/"), "Facebook"),
    (re.compile(r"\bBarcelona \d"), "Threads"),
    (re.compile(r"\bSnapchat/?\s?\d"), "Snapchat"),
    (re.compile(r"\[Pinterest/|\bPinterest for "), "Pinterest"),
    (re.compile(r"\bTwitter for |\bTwitterAndroid"), "X"),
    (re.compile(r"\bLinkedInApp\b"), "LinkedIn"),
    (re.compile(r"\bMicroMessenger/"), "WeChat"),
    (re.compile(r"\bLine/\d"), "LINE"),
    (re.compile(r"\bKAKAOTALK"), "KakaoTalk"),
    (re.compile(r"\bGSA/\d"), "Google app"),
    (re.compile(r"\bReddit/"), "Reddit"),
)
OPENLY = re.compile(r"https?://|spider|crawler", re.IGNORECASE)
NOT_A_MACHINE = re.compile(r"cubot[ _-]?|\bbotswana\b|;\s?robot(?:ech)?\b", re.IGNORECASE)
TOOL = re.compile(
    r"^(?:curl|wget|python|java|ruby|perl|php|go|node|axios|got|okhttp|apache|libwww|lwp|httpie|http|guzzle|dart"
    r"|aiohttp|rest-client|reqwest|undici|winhttp|postman(?:runtime)?|insomnia|faraday|typhoeus|scrapy|ktor|jakarta|restsharp"
    r"|unirest|cpprestsdk|symfony|pear|mechanize|httrack|nutch|masscan|zgrab|nmap|deno|bun|swift|alamofire)"
    r"(?:[/\s_.(-]|$)"
    r"|python-requests|python-urllib|python-httpx|go-http-client|http_request|httpclient|libcurl|powershell|zgrab"
    r"|\b(?:okhttp|aiohttp|node-fetch|axios|httpx)/",
    re.IGNORECASE,
)
HEADLESS = re.compile(
    r"headless|phantomjs|slimerjs|puppeteer|playwright|selenium|webdriver|cypress|electron/.*test|lighthouse"
    r"|chrome-lighthouse|page ?speed|gtmetrix|pingdom|htmlunit|zombie\.js|splash|prerender|rendertron|cutycapt"
    r"|wkhtmlto|jsdom|nightmare|dalvik/.*monitor",
    re.IGNORECASE,
)
CRAWLER_WORDS = re.compile(
    r"bots?\b|bot[/_;,)-]|crawl|spider|scrap(?:er|ing|y)|slurp|archiver|indexer|fetch(?:er|ing)?\b|monitor"
    r"|check(?:er|_http|link|host)|valid(?:ator|ation)|scan(?:ner|ning)\b|probe|uptime|feed(?:ly|burner|fetch|reader|parser)"
    r"|rss|search engine|searchbot|seo\b|analy[sz]er|survey|audit|harvest|extract|grab(?:ber)?\b|mediapartners|adsbot"
    r"|apis-google|google-|favicon|thumb(?:nail|shot)|screenshot|snapshot|download|web ?copier|sitemap|ahrefs|semrush"
    r"|research|security[ -]?(?:scan|check|audit|test)|vulnerab|transcoder|synthetic|datadog|newrelic"
    r"|statuscake|gomezagent|site24x7|owler|proximic|inspect"
    r"|\+?https?://|www\.|\bmailto:|[\w.+-]+@(?!gmail|googlemail)[\w-]+\.(?:com|org|net|io|de|eu|edu|ru|cn)\b",
    re.IGNORECASE,
)
MODEL = re.compile(r"^[A-Za-z]+[ _-]?(?:[A-Za-z]*\d[\w-]*)(?:[/\s]|$)")
# A lone name and version, or a few words, with nothing that a device says of itself: some program.
NAME_ONLY = re.compile(r"^[\w.!&' -]{1,40}(?:/v?[\d.]+\w*)?(?: \([\w.-]{0,20}\))?;?$")
DEVICE_WORDS = re.compile(
    r"mozilla|opera|android|windows|linux|iphone|ipad|ios|mac ?os|watchos|midp|cldc|wap|profile/|nokia|samsung|lg[-/]"
    r"|sony|ericsson|mot-|htc|sagem|panasonic|siemens|sie-|philips|alcatel|amoi|blackberry|browser|netfront|mobile|phone",
    re.IGNORECASE,
)
TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Nexus (?:7|9|10)\b|SM-[TX]\d|Android(?!.*Mobile)")
MOBILE = re.compile(r"Mobi|iPhone|iPod|Android|Windows Phone|BlackBerry|Opera Mini|IEMobile|webOS|J2ME|MIDP")


# Patterns of the list that phones bear too: the HTC Butterfly, people who write to each other with WhatsApp.
NAMES_OF_PHONES = {"WhatsApp", "Butterfly", "Sonic", "speedy", "008\\/"}


@lru_cache(maxsize=1)
def known_crawlers() -> re.Pattern[str]:
    """The patterns of the list in one."""
    patterns = [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA if entry["pattern"] not in NAMES_OF_PHONES]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@lru_cache(maxsize=50_000)
def classify(agent: str) -> Agent:
    """The agent of a User-Agent header. Pure; remembers what it has seen (a new one costs some 50 µs)."""
    agent = agent.strip()
    reason = machine_reason(agent)
    if reason:
        return Agent(Kind.PREVIEW if reason == "preview" else Kind.BOT, reason)
    return Agent(Kind.HUMAN, "", device_of(agent), app_of(agent))


def machine_reason(agent: str) -> str:
    """Why a user agent is no person's; empty when it is one."""
    if len(agent) < 3:
        return "no-agent"
    if PREVIEW.search(agent):
        return "preview"
    if in_app(agent) and not OPENLY.search(agent):
        return ""
    agent = NOT_A_MACHINE.sub("", agent)
    return next((reason for reason, is_one in MACHINES.items() if is_one(agent)), "")


def is_crawler(agent: str) -> bool:
    return bool(known_crawlers().search(agent) or CRAWLER_WORDS.search(agent) or is_lone_name(agent))


def is_lone_name(agent: str) -> bool:
    """Whether an agent is a name and a version only, with no hint at a device (a model number is one)."""
    return bool(NAME_ONLY.match(agent)) and not DEVICE_WORDS.search(agent) and not MODEL.match(agent)


MACHINES: dict[str, Callable[[str], object]] = {"tool": TOOL.search, "headless": HEADLESS.search, "crawler": is_crawler}


def in_app(agent: str) -> str:
    """The app whose own browser this is, or empty."""
    return next((app for pattern, app in IN_APP if pattern.search(agent)), "")


def device_of(agent: str) -> Device:
    if TABLET.search(agent):
        return Device.TABLET
    return Device.MOBILE if MOBILE.search(agent) else Device.DESKTOP


def app_of(agent: str) -> str:
    """The app or browser, such as Instagram or Mobile Safari; at most 40 characters."""
    browser = parse_user_agent(agent)
    return (in_app(agent) or (browser.family if browser else ""))[:40]
