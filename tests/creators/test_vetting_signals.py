"""Signals of vetting: each alone, and on simulated creators whose audience was bought or who trade comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from creators.vetting import disclosure, growth, mentions, pods, standing, talk
from creators.vetting.fit import DEFAULT_WEIGHTS, PARTS, Known, Wanted, fit
from creators.vetting.signals import TITLES, Attention, Level, Signal, attention, fine, look, unknown

START = date(2026, 3, 1)


def counts(*followers: int) -> list[growth.Count]:
    return [growth.Count(START + timedelta(days=at), value) for at, value in enumerate(followers)]


def steady(days: int = 60, start: int = 5000, daily: float = 0.002, seed: int = 1) -> list[int]:
    rng, values, value = Random(seed), [], float(start)
    for _ in range(days):
        values.append(int(value))
        value *= 1 + rng.gauss(daily, 0.0015)
    return values


# Growth


def test_steady_growth_is_fine() -> None:
    assert growth.growth_step(counts(*steady()), []).level == Level.FINE


def test_a_step_is_looked_at_with_its_numbers() -> None:
    values = steady()
    jumped = [*values[:40], *(value + 900 for value in values[40:])]
    signal = growth.growth_step(counts(*jumped), [])
    assert signal.level == Level.LOOK
    assert signal.sentence.startswith("Look at this because followers rose by 9")
    assert signal.numbers["unexplained"] == 1


def test_days_in_a_row_are_one_step() -> None:
    values = steady()
    jumped = [*values[:40], values[40] + 400, values[41] + 800, *(value + 1200 for value in values[42:])]
    assert len(growth.steps(counts(*jumped))) == 1


def test_a_post_that_went_far_explains_a_step() -> None:
    values = steady()
    jumped = counts(*values[:40], *(value + 900 for value in values[40:]))
    posts = [growth.Reached(START + timedelta(days=at), 1000) for at in range(0, 60, 6)]
    assert growth.growth_step(jumped, posts).level == Level.LOOK
    far = [*posts, growth.Reached(START + timedelta(days=38), 3500)]
    assert growth.growth_step(jumped, far).level == Level.NOTE


def test_the_creators_word_softens_a_step() -> None:
    values = steady()
    jumped = counts(*values[:40], *(value + 900 for value in values[40:]))
    assert growth.growth_step(jumped, [], "We had a giveaway").level == Level.NOTE


def test_small_and_slow_rises_are_no_steps() -> None:
    assert not growth.steps(counts(*[400] * 30, 480, *[480] * 20))  # 80 followers
    assert not growth.steps(counts(*[50_000] * 30, 50_500, *[50_500] * 20))  # 1 % a day


def test_a_gain_that_goes_away_is_looked_at() -> None:
    values = steady()
    jumped = counts(*values[:30], *(value + 1000 for value in values[30:45]), *(value + 300 for value in values[45:]))
    assert growth.growth_loss(jumped).level == Level.LOOK
    assert growth.growth_loss(counts(*values)).level == Level.FINE


def test_monthly_counts_tell_no_steps() -> None:
    monthly = [growth.Count(START + timedelta(days=30 * at), 1000 * (at + 1)) for at in range(8)]
    assert growth.growth_step(monthly, []).level == Level.UNKNOWN
    assert growth.growth_step([], []).level == Level.UNKNOWN


@pytest.mark.parametrize(("value", "level"), [(None, "unknown"), (0.5, "fine"), (0.51, "note"), (-0.2, "fine")])
def test_pace(value: float | None, level: str) -> None:
    assert growth.growth_pace(value).level == level


def test_counts_of_zero_break_nothing() -> None:
    assert growth.growth_step(counts(*[0] * 40), []).level == Level.UNKNOWN


# Standing


def crowd(n: int = 400, seed: int = 2) -> list[standing.Figures]:
    rng, rows = Random(seed), []
    for _ in range(n):
        followers = int(10 ** rng.uniform(3.3, 4.7))
        rate = 0.03 * (followers / 10_000) ** -0.2 * rng.lognormvariate(0, 0.35)
        likes = followers * rate * 0.95
        comments = likes * 0.05 * rng.lognormvariate(0, 0.4)
        rows.append(standing.Figures(followers, rate, likes, comments, followers * 0.4 * rng.lognormvariate(0, 0.4)))
    return rows


def test_line_finds_the_slope_of_the_peers() -> None:
    peers = [(one.followers or 0, one.rate or 0) for one in crowd()]
    placed = standing.place((10_000, 0.03), peers)
    assert placed.expected == pytest.approx(0.03, rel=0.1)
    assert placed.percentile == pytest.approx(0.5, abs=0.1)


def test_wild_peers_do_not_bend_the_line() -> None:
    peers = [(one.followers or 0, one.rate or 0) for one in crowd()]
    wild = [*peers, *[(40_000, 9.0)] * 30]
    assert standing.place((10_000, 0.03), wild).expected == pytest.approx(0.03, rel=0.15)


@pytest.mark.parametrize(("rate", "level"), [(0.004, "look"), (0.03, "fine"), (0.3, "look"), (None, "unknown")])
def test_engagement_for_the_size(rate: float | None, level: str) -> None:
    signal = standing.engagement(standing.Figures(10_000, rate), crowd(), "by followers")
    assert signal.level == level


def test_fewer_than_a_hundred_peers_tell_nothing() -> None:
    signal = standing.engagement(standing.Figures(10_000, 0.0001), crowd(99), "by followers")
    assert signal.level == Level.UNKNOWN
    assert signal.sentence.startswith("Not enough peers: 99")


def test_hidden_likes_are_unknown() -> None:
    assert standing.comments_per_like(standing.Figures(10_000, 0.03, None, 20), crowd()).level == Level.UNKNOWN


# Comments, likes, captions


@pytest.mark.parametrize("text", ["🔥🔥🔥", "Nice!!", "so good 😍", "LOVE THIS SO MUCH ❤️", "Das ist so schön", "!!!"])
def test_generic(text: str) -> None:
    assert talk.is_generic(text)


@pytest.mark.parametrize("text", ["Where did you buy these boots", "I wore mine on the Kungsleden and they held"])
def test_not_generic(text: str) -> None:
    assert not talk.is_generic(text)


def test_near_duplicates_count_as_repeated() -> None:
    texts = [
        "this jacket is really so warm",
        "so warm is this jacket really",
        "really, this jacket is so very warm",
        "ok",
    ]
    assert talk.repeated(texts) == 3
    assert talk.repeated(["a b c d", "e f g h"]) == 0


def test_generic_and_repeated_comments() -> None:
    copied = [talk.Remark(f"u{at}", "wow this is amazing") for at in range(30)]
    assert talk.generic_comments(copied).level == Level.LOOK
    real = [talk.Remark(f"u{at}", f"I took the trail number {at} last autumn, was it muddy?") for at in range(30)]
    assert talk.generic_comments([*real[:10]]).level == Level.UNKNOWN
    various = [talk.Remark(f"u{at}", text) for at, text in enumerate(WORDS)]
    assert talk.generic_comments(various).level == Level.FINE


WORDS = [f"{a} {b} {c}" for a in ("where", "when", "our") for b in ("boots went", "tent was") for c in (
    "bought in town", "wet again today", "left at home", "packed for Norway")]  # fmt: skip


def test_comments_within_minutes() -> None:
    fast = [talk.Remark("u", "hi", timedelta(minutes=2))] * 20
    assert talk.comment_timing(fast).level == Level.LOOK
    assert talk.comment_timing([talk.Remark("u", "hi")] * 50).level == Level.UNKNOWN


def test_likes_that_hardly_differ() -> None:
    assert talk.uniform_likes([500, 505, 498] * 4).level == Level.LOOK
    assert talk.uniform_likes([500, 300, 900] * 4).level == Level.FINE
    assert talk.uniform_likes([500, None, 0] * 8).level == Level.UNKNOWN


def test_spread_of_likes_does_not_depend_on_size() -> None:
    small, large = ([scale * value for value in (90, 110, 100) * 4] for scale in (1, 1000))
    spreads = [talk.uniform_likes(rows).numbers["spread"] for rows in (small, large)]
    assert spreads[0] == pytest.approx(spreads[1])


@pytest.mark.parametrize(
    ("follows", "followers", "level"),
    [(1501, 90_000, "note"), (900, 400, "note"), (900, 5000, "fine"), (None, 1, "unknown")],
)
def test_following(follows: int | None, followers: int, level: str) -> None:
    assert talk.following(follows, followers).level == level


@pytest.mark.parametrize(
    "caption", ["Use code NORA15 at checkout", "20 % off until Sunday", "Rabattcode: WINTER10", "link in bio ✨"]
)
def test_captions_that_sell(caption: str) -> None:
    assert talk.sells(caption)


@pytest.mark.parametrize("caption", ["The dress code was silly", "100 percent wool", "Coding in the morning"])
def test_captions_that_do_not(caption: str) -> None:
    assert not talk.sells(caption)


def test_transactional_content() -> None:
    assert talk.transactional(["code SAVE20"] * 7 + ["A walk"] * 3).level == Level.LOOK
    assert talk.transactional(["code SAVE20"] * 2 + ["A walk"] * 8).level == Level.FINE
    assert talk.transactional(["code SAVE20", ""] * 4).level == Level.UNKNOWN


def test_rhythm() -> None:
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert talk.regularity([start + timedelta(days=2 * at) for at in range(10)]).level == Level.NOTE
    assert talk.regularity([start + timedelta(days=at * at) for at in range(10)]).level == Level.FINE
    assert talk.regularity([start] * 10).level == Level.UNKNOWN


# Pods


def clique(size: int, share: float = 1.0, posts: int = 10) -> pods.Written:
    ids = range(1, size + 1)
    return pods.Written(dict.fromkeys(ids, posts), {a: {b: int(posts * share) for b in ids if b != a} for a in ids})


@pytest.mark.parametrize(
    ("size", "share", "level"), [(4, 0.6, "look"), (3, 0.6, "note"), (6, 0.3, "fine"), (1, 0, "fine")]
)
def test_groups_of_mutual_commenting(size: int, share: float, level: str) -> None:
    assert pods.pod(1, clique(size, share), {at: f"c{at}" for at in range(9)}).level == level


def test_one_way_comments_make_no_group() -> None:
    below = {1: dict.fromkeys(range(2, 8), 10)}
    assert pods.pod(1, pods.Written(dict.fromkeys(range(1, 8), 10), below), {}).level == Level.FINE


def test_two_posts_are_too_few_for_a_pod() -> None:
    assert pods.pod(1, clique(5, 1.0, posts=2), {}).level == Level.UNKNOWN


def test_shared_commenters() -> None:
    assert pods.shared_commenters(20, {"a": (12, 30), "b": (11, 18)}).level == Level.NOTE
    assert pods.shared_commenters(20, {"a": (12, 30)}).level == Level.FINE
    assert pods.shared_commenters(3, {}).level == Level.UNKNOWN


# Disclosure and mentions


@pytest.mark.parametrize(
    ("caption", "country", "verdict"),
    [
        ("Ad | my new boots", "US", "words"),
        ("#werbung Neue Schuhe", "DE", "words"),
        ("Anzeige: Neue Schuhe", "AT", "words"),
        ("Neue Schuhe #ad", "DE", "none"),
        ("Collaboration commerciale avec Nord", "FR", "words"),
        ("Pub. Mes chaussures", "FR", "words"),
        ("Some advice on #adventure and @ad.agency", "US", "none"),
        ("Thanks @northbound for these #gifted", "GB", "unclear"),
        (f"{'A long walk. ' * 12}#ad", "US", "folded"),
        ("", "US", "unread"),
        ("A\u200bd: boots", "US", "words"),
        ("werbungskosten steigen", "DE", "none"),
    ],
)
def test_labels_of_sponsored_posts(caption: str, country: str, verdict: str) -> None:
    assert disclosure.read(caption, "instagram", country).verdict == verdict


def test_a_recorded_label_counts_before_words() -> None:
    assert disclosure.read("", "instagram", "DE", recorded=True).verdict == "tool"


def test_habit_leaves_out_what_cannot_be_read() -> None:
    rows = [disclosure.Labelled("words"), disclosure.Labelled("none"), disclosure.Labelled("unread")]
    assert disclosure.habit(rows, 10).share == 0.5
    assert disclosure.habit([disclosure.Labelled("unread")], 3).share is None
    assert disclosure.habit([], 0).share is None


def test_names_are_whole_words() -> None:
    pattern = mentions.finder(["@north.bound", "Northbound", "rain jacket"])
    assert mentions.named_in(pattern, "New from #Northbound: the Rain  Jacket. Thanks @north.bound!") == [
        "northbound", "rain jacket", "north.bound"]  # fmt: skip
    assert mentions.named_in(pattern, "northbounds and @north.bound.fan") == []
    assert mentions.named_in(mentions.finder([" ", "@"]), "anything") == []


# Fit

EVERYTHING = Known(
    {"DE": 0.6, "FR": 0.1}, {"de": 0.7}, {"18-24": 0.4}, ["hiking", "food"], 0.8, 0.2, 0.1, 3.0, 2.0, 0.1, 0.9, 2
)
NOTHING = Known({}, {}, {}, [])


def test_fit_is_the_weighted_mean_of_its_parts() -> None:
    found = fit(Wanted(["DE"], ["de"], ["18-24"], ["hiking"]), EVERYTHING, DEFAULT_WEIGHTS)
    assert found.coverage == 1
    by_hand = sum(part.value * part.weight for part in found.parts if part.value is not None)
    assert found.score == pytest.approx(100 * by_hand / sum(DEFAULT_WEIGHTS.values()))


def test_too_little_known_gives_no_score() -> None:
    assert fit(Wanted(["DE"], niches=["food"]), NOTHING, DEFAULT_WEIGHTS).score is None
    two = Known({}, {}, {}, ["food"], standing=0.9)
    assert fit(Wanted(niches=["food"]), two, DEFAULT_WEIGHTS).score is None


def test_missing_parts_are_left_out_and_told() -> None:
    three = Known({}, {}, {}, ["food"], standing=1.0, posts_per_week=2.0)
    found = fit(Wanted(niches=["food"]), three, DEFAULT_WEIGHTS)
    assert found.score == 100
    assert found.coverage == pytest.approx(6 / 18)


def test_followers_are_no_part_of_the_fit() -> None:
    assert not [name for name in PARTS if "follower" in name]
    assert not hasattr(EVERYTHING, "followers")


def test_weights_of_zero_take_a_part_out() -> None:
    weights = {code: int(code in {"niche", "cadence"}) for code in PARTS}
    assert fit(Wanted(niches=["hiking"]), EVERYTHING, weights).score is None


# The whole


def test_unknown_is_no_bad_mark() -> None:
    nothing = [unknown(code, "", "") for code in TITLES]
    assert attention(nothing) == Attention.UNKNOWN
    assert attention([*nothing[3:], *[fine(code, "", "") for code in list(TITLES)[:3]]]) == Attention.NONE


def test_a_lone_outlier_is_not_looked_at_closely() -> None:
    assert attention([look("engagement", "", "")]) == Attention.SOME
    assert attention([look("engagement", "", ""), look("views", "", "")]) == Attention.CLOSE


def test_no_signal_says_fake() -> None:
    signal = look("growth_step", "followers rose", "rule")
    assert "fake" not in f"{signal} {' '.join(TITLES.values())}".lower()
    assert Signal.from_json(signal.as_json()) == signal


# Acceptance: simulated creators


@dataclass
class Simulated:
    """A creator's half year: daily counts, posts, and how its figures stand at the end."""

    counts: list[growth.Count] = field(default_factory=list)
    posts: list[growth.Reached] = field(default_factory=list)
    likes: list[int] = field(default_factory=list)
    figures: standing.Figures = field(default_factory=lambda: standing.Figures(None))


def simulate(rng: Random, bought: float = 0.0, days: int = 180) -> Simulated:
    """Organic growth with rough days and posts that go far and bring followers; `bought` adds a share within 1 to 4
    days, of whom none looks at posts and a few are removed again.
    """
    size, pace = 10 ** rng.uniform(3.5, 4.6), rng.gauss(0.0012, 0.0008)
    rough = rng.uniform(0.0005, 0.002)
    purchase, takes = rng.randrange(45, days - 10), rng.randrange(1, 5)
    real, added, made = size, 0.0, Simulated()
    rate, reach = 0.03 * rng.lognormvariate(0, 0.35), 0.4 * rng.lognormvariate(0, 0.35)
    views_seen, boost = [], 0.0
    for day in range(days):
        at = START + timedelta(days=day)
        if day % 4 == 0:
            far = rng.lognormvariate(0, 0.4) * (rng.uniform(5, 12) if rng.random() < 0.04 else 1)
            seen = int(real * reach * far)
            made.posts.append(growth.Reached(at, seen))
            made.likes.append(int(real * rate * far * rng.lognormvariate(0, 0.2)))
            views_seen.append(seen)
            boost = 0.012 * (far - 2) if far > 4 else 0.0
        real *= 1 + rng.gauss(pace, rough) + boost
        boost *= 0.35
        if bought and purchase <= day < purchase + takes:
            added += size * bought / takes
        made.counts.append(growth.Count(at, int(real + added)))
    likes, seen = sorted(made.likes[-12:])[6], sorted(views_seen[-12:])[6]
    followers = int(real + added)
    comments = max(1, int(likes * 0.05 * rng.lognormvariate(0, 0.4)))
    made.figures = standing.Figures(followers, (likes + comments) / followers, likes, comments, seen)
    return made


def found_in(made: Simulated, peers: list[standing.Figures], group: pods.Written) -> Attention:
    signals = [
        growth.growth_step(made.counts, made.posts),
        growth.growth_loss(made.counts),
        standing.engagement(made.figures, peers, "by followers"),
        standing.views(made.figures, peers),
        standing.comments_per_like(made.figures, peers),
        talk.uniform_likes(made.likes),
        pods.pod(1, group, {at: f"c{at}" for at in range(20)}),
    ]
    return attention(signals)


def acquaintances(rng: Random, posts: int = 12) -> pods.Written:
    """Ordinary colleagues: eight creators who now and then write below each other's posts, two of them often."""
    ids = range(1, 9)
    below = {one: {two: rng.randrange(0, 4) for two in ids if two != one} for one in ids}
    below[1][2], below[2][1] = rng.randrange(3, 8), rng.randrange(3, 8)
    return pods.Written(dict.fromkeys(ids, posts), below)


def pod_group(rng: Random, posts: int = 12) -> pods.Written:
    """Members of a pod of five to twelve write below 60 to 100 % of the others' posts."""
    ids = range(1, rng.randrange(6, 13))
    below = {one: {two: round(posts * rng.uniform(0.6, 1)) for two in ids if two != one} for one in ids}
    return pods.Written(dict.fromkeys(ids, posts), below)


SIMULATED = 200


@pytest.fixture(scope="module")
def peers() -> list[standing.Figures]:
    rng = Random(5)
    return [simulate(rng).figures for _ in range(300)]


def share_close(kind: str, peers: list[standing.Figures], bought: float = 0.0) -> float:
    rng = Random(f"{kind}:{bought}")
    groups = pod_group if kind == "pod" else acquaintances
    found = [found_in(simulate(rng, bought), peers, groups(rng)) for _ in range(SIMULATED)]
    return sum(one == Attention.CLOSE for one in found) / SIMULATED


def test_ordinary_creators_are_left_alone(peers: list[standing.Figures]) -> None:
    assert share_close("clean", peers) <= 0.05


@pytest.mark.parametrize("bought", [0.1, 0.3, 0.6])
def test_bought_followers_are_noticed(bought: float, peers: list[standing.Figures]) -> None:
    assert share_close("bought", peers, bought) >= 0.9


def test_pods_are_noticed(peers: list[standing.Figures]) -> None:
    assert share_close("pod", peers) >= 0.9
