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
    r"|telegrambot|linkedinbot|^whatsapp\+?/(?!.*device/)|skypeuripreview|iframely|embedly|redditbot|vkshare"
    r"|^viber|pinterestbot|pinterest/0\.|snap url preview|bingpreview|yahoo link preview|google-pagerenderer"
    r"|googlemessages|mastodon|bluesky cardyb|cardyb|^synapse|matrix-preview|nextcloud|kakaotalk-scrap|line-poker"
    r"|zoom-?link|teamsbot|microsoft office .*existence|flipboardproxy|tumblr/|steamchaturllookup"
    r"|microsoftpreview|linkexpander|xing-contenttab|/web/snippet|mattermost|rocket\.chat"
    r"|pleroma|misskey|akkoma|lemmy|summaly|link ?preview"
    r"|urlpreview|unfurl",
    re.IGNORECASE,
)
# Browsers inside apps, and a phone maker whose name ends in "bot": people.
IN_APP = (
    (re.compile(r"\bInstagram[ /]\d"), "Instagram"),
    (re.compile(r"musical_ly|BytedanceWebview|TikTok|\btrill_"), "TikTok"),
    (re.compile(r"\bFBAN/Messenger|\bFB_IAB/MESSENGER|MessengerForiOS"), "Messenger"),
    (re.compile(r"\[FB[A-Z_]+/|\bFBAN/|\bFB_IAB/|\bFBAV/|\bMetaIAB\b"), "Facebook"),
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
    (re.compile(r" Viber\b"), "Viber"),
)
OPENLY = re.compile(r"https?://|spider|crawler|-?\bbots?\b|devtools", re.IGNORECASE)
NOT_A_MACHINE = re.compile(
    r"cubot[ _-]?|\bbotswana\b|;\s?robot(?:ech)?\b|camscanner|androiddownloadmanager|qqdownload|mozacfetch"
    r"|gwx:downloaded|embedded web browser from: http://bsalsa\.com/?|https?://(?:www\.)?xbmc\.org|splashtop"
    r"|\bfirephp|download station|videodownloader",
    re.IGNORECASE,
)
# What a phone calls itself: Spider 8, M bot 54, XBot Junior. It stands behind the version of Android.
MODEL_OF_ANDROID = re.compile(r"(?<=; )(Android [\d.]+;(?: [a-z]{2}[-_][A-Za-z]{2};)?) [^;()/@]*(?=[;)]| Build/)")
TOOL = re.compile(
    r"^(?:curl|wget|python|java|ruby|perl|php|go|node|axios|got|okhttp|apache|libwww|lwp|httpie|http|guzzle|dart"
    r"|aiohttp|rest-client|reqwest|undici|winhttp|postman(?:runtime)?|insomnia|faraday|typhoeus|scrapy|ktor"
    r"|jakarta|restsharp|unirest|cpprestsdk|symfony|pear|mechanize|httrack|nutch|masscan|zgrab|nmap|deno|bun"
    r"|swift|alamofire)(?:[/\s_.(-]|$)"
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
    r"|check(?:er|_http|link|host)|valid(?:ator|ation)|scan(?:ner|ning)\b|probe|uptime"
    r"|feed(?:ly|burner|fetch|reader|parser)|rss|search engine|searchbot|seo\b|analy[sz]er|survey|audit|harvest"
    r"|extract|grab(?:ber)?\b|mediapartners|adsbot|apis-google|google-|favicon|thumb(?:nail|shot)|screenshot"
    r"|snapshot|download|web ?copier|sitemap|ahrefs|semrush|research|security[ -]?(?:scan|check|audit|test)"
    r"|vulnerab|transcoder|synthetic|datadog|newrelic|statuscake|gomezagent|site24x7|owler|proximic|inspect"
    r"|sogou (?:web|inst|pic|news|orion|video|head)|diagnos(?:is|tics?)|observatory"
    r"|(?:image|email|mail|hydra|link)[ _-]?proxy|expander|detector|classifier|lookup\b|finder|agent[/)]|agent$"
    r"|recon\b|recon-|http[ /_-]client|http-get|searchengine|proxy\)|parser\b|@\w+\.(?:example|in)\b"
    r"|\([\w-]+\.(?:com|org|net|me)\)|; [\w-]+\.(?:com|org)\)|\+?https?://|www\.|\bmailto:"
    r"|[\w.+-]+@(?!gmail|googlemail)[\w-]+\.(?:com|org|net|io|de|eu|edu|ru|cn)\b",
    re.IGNORECASE,
)
# Programs that name themselves by no such word.
PROGRAMS = re.compile(
    r"[a-z]scans\b|\((?:unknown; linux x86|pc-)|\bcron\b|\bsiege\b|^yaanb|^yandex/|assetnote|b-o-t|b0t\b"
    r"|backlink|brokenlink|browsershots|burpcollaborator|catchpoint|cerberian|certmon|claude-web|clamav"
    r"|cloudflare[a-z]|coinhive|criteo|cursor/\d"
    r"|clarsentia|contact;|content retrieval|contentretrieval|convertify|copyvio|cryptoapi|cybaa|data access internet"
    r"|daumoa?\b|debugbear|dejaclick|docker|domainscorer|duplexweb|emacs|firefox/77\.0 time/|forusp\b"
    r"|functionize|google (?:search console|pp default|keyword)|google(?:adsense|sites)|googleweblight|gradle"
    r"|grpc-|grub-client|heimdall|ht://|htdig|imgsizer|iplabel|jndi:|kimonolabs|leadgen|leadradar|logic-apps"
    r"|mappercmd"
    r"|microsoft office (?:existence|\w+ 20\d\d)|microsoft office(?: mobile)?/1[56]\.0(?:$| \()"
    r"|microsoft outlook|microsoft url control|mixed-content|mixnode|morningscore|mshots|mutant|networkingextension"
    r"|networkmeasurement|neustar|nodemeter|pageburst|peoplepal|prospect|ptst[/ ]|qcloudcdn|rivaliq|snapsearch"
    r"|reederformac|speng$|stumbleupon|swcd|swurl|symbolicator|trackable/|urltester|wac-ofu"
    r"|web services client protocol|\bwpif\b|web ?(?:thumb|snapr|screen|capture|shot)"
    r"|web-capture|webdav|webkit2png|webmoney|websnapr|wechatdevtools|what ?cms|winhttp|wp_is_|wyzo/.*time/"
    r"|x\) (?:word|excel|powerpoint)/|yandex\.translate|yunjiankong",
    re.IGNORECASE,
)
# What phones' names may not hide, as the words of a program in the place of a model.
ANYWHERE = re.compile(r"catchpoint|screenshot|binglocalsearch|\bincompatible\)", re.IGNORECASE)
# Programs that fetch on their own and name themselves first: readers, mail, packages, consoles, download managers.
NATIVE = re.compile(
    r"^(?!mozilla|opera|dalvik)[^/(]*?(?:feed|feeds|feedable|reader|reeder|readkit|downcast|airmail|canary%20mail"
    r"|(?:mac)?outlook|office mobile|getter|tester|examiner|url control|spotcheck|httpscheck|httpssites\w*|npm|pip"
    r"|kubectl|needle|indesign|anglesharp|browserkit|ddg|duckduckgo|qrafter\w*|frontman|gator|sqworm|nyawc"
    r"|vyu2|cursor|pad browser)(?:[/ %_:.-]|$)|^vlc/|\bcpython/|\bnode/v\d|\bobject promise\b|^ipad$",
    re.IGNORECASE,
)
# Browsers say what they run on; who only says «compatible» with a name of its own, or puts a word in front, is none.
COMPATIBLE = re.compile(
    r"compatible[;,]\s*+(?!"
    r"u;|u\)|ms ?ie|konqueror|ibrowse|netpositive|webpositive|abrowse|windows|win\d|linux|android|ipad|iphone"
    r"|google desktop|opera|mobile|icab|omniweb|polaris|teleca|netfront|aol|mac|msn|blackberry|nintendo|series"
    r"|symbian|antgalio"
    r")",
    re.IGNORECASE,
)
IN_FRONT = re.compile(
    r"^[\w ./:|-]{1,40}[,|] ?Mozilla/|^[\w]+\|Mozilla/|[$]\{|\{\{|<\?|<class|\(select |^[^a-z]{3,20}$|geckoversion"
)
DEVICE_WORDS = re.compile(
    r"opera|android|windows|win\d|linux|iphone|ipad|ipod|\bios|mac ?os|macintosh|mac_|os=mac|watchos|darwin|midp"
    r"|cldc|\bwap|profile/|nokia|samsung|lg[-/]|sony|ericsson|mot-|htc|sagem|panasonic|siemens|sie-|philips"
    r"|alcatel|amoi|blackberry|browser|netfront|mobile|phone|x11|cros|symb|series ?[346]0|web0?s|tizen|bada|bb10"
    r"|playbook|nintendo|playstation|ps\d\b|xbox|kaios|bsd|sunos|amiga|haiku|beos|os/2|qnx|tv\b|tv[/;]|netcast"
    r"|irix|risc|brew|palm|j2me|maemo|meego|kindle|silk|msie|trident|fuchsia|roku|astro;|crkey|inferno|syllable"
    r"|cygwin|vms|quicktime|galaxy|docomo|kddi|up\.|vodafone|j-phone|softbank|willcom|sanyo|sharp|zte|huawei"
    r"|lenovo|unix|macbook|osx/|hbbtv|hybridcast|smarttv|\baft[a-z]{1,3}\d*|humax|hulu|webos|watch\d|^a/\d"
    r"|xiino|iceweasel|screen-\d|alexa|sonos|airplay|xbmc|kodi|citrix|vizio|vlc/|teleca|watch ?os",
    re.IGNORECASE,
)
TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Nexus (?:7|9|10)\b|SM-[TX]\d|Android(?!.*Mobile)")
MOBILE = re.compile(r"Mobi|iPhone|iPod|Android|Windows Phone|BlackBerry|Opera Mini|IEMobile|webOS|J2ME|MIDP")


# Patterns of the list that phones bear too: the HTC Butterfly, people who write to each other with WhatsApp.
# Also a build of Android 15, browsers (Sogou, Viber, Fluid) and what Facebook's own browser says of itself.
BORNE_BY_PEOPLE = {
    "WhatsApp", "Butterfly", "Sonic", "speedy", "008\\/", "AP3A\\.240617\\.008", "Sogou", "Viber", "Fluid",
    "MetaIAB Facebook", "Blackboard",
}  # fmt: skip


@lru_cache(maxsize=1)
def known_crawlers() -> re.Pattern[str]:
    """The patterns of the list in one."""
    patterns = [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA if entry["pattern"] not in BORNE_BY_PEOPLE]
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
    if ANYWHERE.search(agent):
        return "crawler"
    agent = MODEL_OF_ANDROID.sub(r"\1", NOT_A_MACHINE.sub("", agent))
    return next((reason for reason, is_one in MACHINES.items() if is_one(agent)), "")


def is_crawler(agent: str) -> bool:
    return bool(
        known_crawlers().search(agent)
        or CRAWLER_WORDS.search(agent)
        or PROGRAMS.search(agent)
        or NATIVE.search(agent)
        or is_no_browser(agent)
    )


def is_no_browser(agent: str) -> bool:
    """Whether an agent says nothing of a device or is written as no browser's is."""
    if IN_FRONT.search(agent) or COMPATIBLE.search(agent):
        return True
    return not DEVICE_WORDS.search(agent)


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
