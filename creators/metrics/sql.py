"""One statement that computes the metrics of accounts from their posts, comments and follower counts.

The rules are those of `creators.metrics.rules`. Every step is exact or rounded in one place, so that the same rows give
the same digits: rates are whole billionths, means divide exact sums, medians meet in the middle of two whole numbers.

    engagement rate by followers   Instagram and others (likes + comments), TikTok (likes + comments + shares),
                                   by followers at the time of the post; none for YouTube
    by reach                       (likes + comments + saves + shares) / reach; Instagram and others alone
    by views                       Instagram and others (likes + comments + saves + shares), TikTok (likes + comments +
                                   shares), YouTube (likes + comments), by views; Shorts and long videos apart
    effectiveness                  (likes + comments + saves + views) / reach, after Dash Hudson; may exceed 1

A count that is missing makes every rate that needs it missing. Followers at the time of a post are those written down
with it, else interpolated between two counts at most 62 days apart, else the count within 30 days, else unknown.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from creators.metrics import rules

BILLION = 10**9
SHIFT = 2**40
COUNTS = ("likes", "comments_count", "shares", "saves", "views", "reach")


def ratio(numerator: str, denominator: str) -> str:
    """A share in billionths; unknown without a denominator and where it is past belief."""
    return (
        f"CASE WHEN {denominator} > 0 AND {numerator} < {denominator} * {rules.PLAUSIBLE_RATE} "
        f"THEN round(({numerator})::float8 / {denominator} * {BILLION})::bigint END"
    )


def middle(column: str, condition: str = "true") -> str:
    return f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {column}) FILTER (WHERE {condition})"


def enough(column: str, figure: str, condition: str = "true") -> str:
    """The figure where enough values are known."""
    return f"CASE WHEN count({column}) FILTER (WHERE {condition}) >= {rules.ENOUGH} THEN {figure} END"


def median_rate(column: str) -> str:
    return enough(column, f"round({middle(column)}::numeric / {BILLION}, 6)")


def median_count(column: str) -> str:
    return enough(column, f"round({middle(column)}::numeric, 1)")


def mean_rate(column: str, condition: str = "true") -> str:
    mean = f"round(avg({column}) FILTER (WHERE {condition}) / {BILLION}, 6)"
    return enough(column, mean, condition)


def share_of(condition: str, among: str) -> str:
    """To six places; unknown among too few."""
    counted = f"count(*) FILTER (WHERE {among})"
    return (
        f"CASE WHEN {counted} >= {rules.ENOUGH} "
        f"THEN round(count(*) FILTER (WHERE ({among}) AND {condition})::numeric / {counted}, 6) END"
    )


def growth(days: int) -> str:
    past = f"max(told.followers) FILTER (WHERE told.back = {days})"
    return (
        f"CASE WHEN {past} > 0 AND latest.followers < {past} * {rules.PLAUSIBLE_RATE} "
        f"THEN round(latest.followers::numeric / {past} - 1, 6) END AS growth_{days}"
    )


RATES = ("followers", "reach", "views")
DISCLOSED = """round(count(*) FILTER (WHERE is_sponsored AND is_disclosed)::numeric
    / nullif(count(*) FILTER (WHERE is_sponsored AND is_disclosed IS NOT NULL), 0), 6)"""
PAID, UNPAID = middle("main", "is_sponsored"), middle("main", "NOT is_sponsored")
DROP = f"""CASE WHEN count(main) FILTER (WHERE is_sponsored) >= {rules.MIXED}
    AND count(main) FILTER (WHERE NOT is_sponsored) >= {rules.MIXED} AND {PAID} < {UNPAID} * {rules.PLAUSIBLE_RATE}
    THEN round(1 - ({PAID} / {UNPAID})::numeric, 6) END"""
FIGURES = ",\n".join(
    [
        "count(*) AS posts_n",
        "array_agg(DISTINCT source ORDER BY source) AS sources",
        "max(observed_at) AS observed_at",
        *(
            line
            for name in RATES
            for line in (
                f"{median_rate(f'by_{name}')} AS rate_{name}",
                f"count(by_{name}) AS rate_{name}_n",
                f"{mean_rate(f'by_{name}')} AS rate_{name}_mean",
                f"{mean_rate(f'by_{name}', 'NOT is_outlier')} AS rate_{name}_mean_kept",
            )
        ),
        "count(*) FILTER (WHERE is_outlier) AS outliers_n",
        *(
            f"{median_count(column)} AS {name}"
            for column, name in (
                ("views", "median_views"),
                ("likes", "median_likes"),
                ("comments_count", "median_comments"),
            )
        ),
        *(f"{median_rate(name)} AS {name}" for name in ("save_rate", "share_rate", "effectiveness")),
        "count(is_sponsored) AS sponsored_n",
        f"{share_of('is_sponsored', 'is_sponsored IS NOT NULL')} AS sponsored_share",
        f"{DISCLOSED} AS disclosed_share",
        f"{DROP} AS sponsored_drop",
    ]
)
TALK = ",\n".join(
    [
        "count(*) AS comments_n",
        f"{median_count('words')} AS comment_words",
        *(
            f"{share_of(condition, 'true')} AS {name}"
            for condition, name in (
                ("is_emoji", "comment_emoji_share"),
                ("is_question", "comment_question_share"),
                ("is_generic", "comment_generic_share"),
                ("copies > 1", "comment_duplicate_share"),
            )
        ),
        "count(DISTINCT post_id) AS posts",
    ]
)
OF_POSTS = (
    "posts_n", "sources", "observed_at",
    *(f"rate_{name}{part}" for name in RATES for part in ("", "_n", "_mean", "_mean_kept")),
    "outliers_n", "median_views", "median_likes", "median_comments", "save_rate", "share_rate", "effectiveness",
    "sponsored_n", "sponsored_share", "disclosed_share", "sponsored_drop",
)  # fmt: skip
OF_TALK = ("comments_n", "comment_words", "comment_emoji_share", "comment_question_share", "comment_generic_share",
           "comment_duplicate_share")  # fmt: skip
OF_RHYTHM = ("posts_per_week", "longest_gap_days")
OF_GROWTH = tuple(f"growth_{days}" for days in rules.GROWTH)
ZERO_IF_NONE = {
    "posts_n": "0",
    "sources": "ARRAY[]::varchar[]",
    "outliers_n": "0",
    "sponsored_n": "0",
    "comments_n": "0",
} | {f"rate_{name}_n": "0" for name in RATES}

SIZE_BAND = f"width_bucket(account.followers, ARRAY{list(rules.SIZES)}::bigint[])"
MAIN = "CASE WHEN account.network IN ('tiktok', 'youtube') THEN {0}.rate_views ELSE {0}.rate_followers END"


def standing(of: str) -> str:
    """The share of peers below, to hundredths: how many of the 99 percentiles are lower. Rates have six places."""
    below = f"width_bucket({MAIN.format(of)} - 0.0000005, peers.cuts)"
    return f"CASE WHEN peers.n >= {rules.PEERS} THEN round({below} / 100.0, 4) END"


def pick(alias: str, names: tuple[str, ...]) -> dict[str, str]:
    return {
        name: f"coalesce({alias}.{name}, {ZERO_IF_NONE[name]})" if name in ZERO_IF_NONE else f"{alias}.{name}"
        for name in names
    }


HEARD = f"talk.comments_n >= {rules.ENOUGH}"
BELIEVED = ", ".join(f"CASE WHEN p.{name} < {rules.PLAUSIBLE_COUNT} THEN p.{name} END AS {name}" for name in COUNTS)
COLUMNS: dict[str, str] = {
    "account_id": "account.id",
    **pick("figures", OF_POSTS),
    **pick("talk", OF_TALK),
    "comment_repeat_share": f"CASE WHEN {HEARD} AND talk.posts > 1 THEN voices.repeat_share END",
    "comment_reply_share": f"CASE WHEN {HEARD} THEN round(answered.posts::numeric / talk.posts, 6) END",
    **pick("rhythm", OF_RHYTHM),
    "last_post_at": "newest.posted_at",
    **pick("grown", OF_GROWTH),
    "standing": standing("figures"),
    "computed_at": "%(at)s",
}

WITH = f"""
WITH account AS MATERIALIZED (
    SELECT id, network, owner_id, handle, followers, (observed_at AT TIME ZONE 'UTC')::date AS observed_on
    FROM creators_socialaccount WHERE {{accounts}}
),
post AS (
    SELECT p.id, p.account_id, a.network, p.posted_at, p.followers_at_post, p.source, p.observed_at, p.is_sponsored,
        p.is_disclosed, {BELIEVED},
        NOT p.is_pinned AND p.posted_at <= %(settled)s AS is_settled,
        a.network = 'youtube' AND p.format = 'short' AS is_short
    FROM account a JOIN creators_post p ON p.account_id = a.id
    WHERE {{posts}} AND p.posted_at > %(since)s AND p.posted_at <= %(at)s AND p.format <> 'story' AND {{counts}}
),
walked AS (
    SELECT *, row_number() OVER so_far AS place,
        count(*) FILTER (WHERE is_settled AND is_short) OVER so_far AS short_place,
        count(*) FILTER (WHERE is_settled AND NOT is_short) OVER so_far AS long_place,
        count(*) FILTER (WHERE is_settled AND is_short) OVER whole
            > count(*) FILTER (WHERE is_settled AND NOT is_short) OVER whole AS shorts,
        lag(posted_at) OVER so_far - posted_at AS gap
    FROM post
    WINDOW whole AS (PARTITION BY account_id),
        so_far AS (PARTITION BY account_id ORDER BY posted_at DESC, id DESC
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
rhythm AS (
    SELECT account_id,
        round(((count(*) - 1) * 604800 / nullif(extract(epoch FROM max(posted_at) - min(posted_at)), 0)), 3)
            AS posts_per_week,
        round(extract(epoch FROM max(gap)) / 86400, 2) AS longest_gap_days
    FROM walked WHERE place <= {rules.SAMPLE} GROUP BY account_id
    HAVING count(*) > 1 AND max(posted_at) - min(posted_at) > interval '1 hour'
),
sample AS (
    SELECT walked.*, CASE WHEN network = 'tiktok' THEN likes + comments_count + shares
        ELSE likes + comments_count END AS engagements,
        posted_at AT TIME ZONE 'UTC' AS posted_utc
    FROM walked
    WHERE is_settled AND is_short = shorts AND CASE WHEN is_short THEN short_place ELSE long_place END <= {rules.SAMPLE}
),
seen AS (
    SELECT s.account_id, (s.observed_on - DATE '2000-01-01')::bigint * {SHIFT} + s.followers AS packed
    FROM creators_followersnapshot s
    WHERE {{snapshots}} AND s.observed_on BETWEEN %(history)s AND %(today)s AND s.followers < {rules.PLAUSIBLE_COUNT}
    UNION ALL
    SELECT a.id, (a.observed_on - DATE '2000-01-01')::bigint * {SHIFT} + a.followers FROM account a
    WHERE a.observed_on BETWEEN %(history)s AND %(today)s AND a.followers < {rules.PLAUSIBLE_COUNT}
        AND NOT EXISTS (SELECT FROM creators_followersnapshot s
                        WHERE {{snapshots}} AND s.account_id = a.id AND s.observed_on = a.observed_on)
),
latest AS (
    SELECT account_id, max(packed) / {SHIFT} AS day, max(packed) %% {SHIFT} AS followers
    FROM seen GROUP BY account_id HAVING max(packed) / {SHIFT} >= %(today)s - DATE '2000-01-01' - {rules.NEAR}
),
asked AS (
    SELECT account_id, packed / {SHIFT} AS day, packed, NULL::bigint AS post_id, NULL::int AS back FROM seen
    UNION ALL
    SELECT account_id, posted_utc::date - DATE '2000-01-01', NULL, id, NULL FROM sample
    WHERE followers_at_post IS NULL AND network <> 'youtube' AND account_id IN (SELECT account_id FROM seen)
    UNION ALL
    SELECT account_id, day - days, NULL, NULL, days FROM latest, unnest(ARRAY{list(rules.GROWTH)}) AS days
),
around AS (
    SELECT *, max(packed) OVER (PARTITION BY account_id ORDER BY day) AS before,
        min(packed) OVER (PARTITION BY account_id ORDER BY day DESC) AS after
    FROM asked
),
bracket AS (
    SELECT account_id, post_id, back, day, before / {SHIFT} AS day_before, before %% {SHIFT} AS before,
        after / {SHIFT} AS day_after, after %% {SHIFT} AS after
    FROM around WHERE packed IS NULL
),
told AS (
    SELECT account_id, post_id, back, CASE
        WHEN day_before = day THEN before
        WHEN day_after - day_before <= {rules.BRIDGED}
            THEN round(before + (after - before)::float8 * (day - day_before) / (day_after - day_before))::bigint
        WHEN post_id IS NULL THEN NULL
        WHEN day - day_before <= {rules.NEAR} AND day - day_before <= coalesce(day_after - day, {rules.NEAR})
            THEN before
        WHEN day_after - day <= {rules.NEAR} THEN after END AS followers
    FROM bracket
),
grown AS (
    SELECT told.account_id, {", ".join(growth(days) for days in rules.GROWTH)}
    FROM told JOIN latest USING (account_id) WHERE told.back IS NOT NULL
    GROUP BY told.account_id, latest.followers
),
spread AS (
    SELECT account_id, {middle("ln(1 + engagements::float8)")} AS centre
    FROM sample WHERE engagements IS NOT NULL GROUP BY account_id HAVING count(*) >= {rules.ENOUGH}
),
deviation AS (
    SELECT sample.account_id, spread.centre, {middle("abs(ln(1 + engagements::float8) - spread.centre)")} AS mad
    FROM sample JOIN spread USING (account_id) WHERE engagements IS NOT NULL GROUP BY sample.account_id, spread.centre
),
rated AS (
    SELECT sample.account_id, source, observed_at, views, likes, comments_count, is_sponsored, is_disclosed,
        CASE WHEN network <> 'youtube' THEN {ratio("engagements", "coalesce(followers_at_post, told.followers)")} END
            AS by_followers,
        CASE WHEN network IN ('instagram', 'other')
            THEN {ratio("(likes + comments_count + saves + shares)", "reach")} END AS by_reach,
        CASE WHEN network IN ('instagram', 'other') THEN {ratio("(likes + comments_count + saves + shares)", "views")}
            ELSE {ratio("engagements", "views")} END AS by_views,
        {ratio("saves", "reach")} AS save_rate,
        {ratio("shares", "reach")} AS share_rate,
        {ratio("(likes + comments_count + saves + views)", "reach")} AS effectiveness,
        coalesce({rules.NORMAL_MAD} * abs(ln(1 + engagements::float8) - deviation.centre)
            > {rules.OUTLYING} * nullif(deviation.mad, 0), false) AS is_outlier,
        network
    FROM sample LEFT JOIN told ON told.post_id = sample.id
    LEFT JOIN deviation ON deviation.account_id = sample.account_id
),
figures AS (
    SELECT account_id, {FIGURES}
    FROM (SELECT *, CASE WHEN network IN ('tiktok', 'youtube') THEN by_views ELSE by_followers END AS main FROM rated) r
    GROUP BY account_id
),
said AS (
    SELECT post.account_id, c.post_id, c.author, c.text, c.author = account.handle AS is_own
    FROM post JOIN account ON account.id = post.account_id,
        LATERAL (SELECT post_id, author, text FROM creators_comment WHERE post_id = post.id OFFSET 0) c
),
answered AS (
    SELECT account_id, count(*) FILTER (WHERE is_answered) AS posts FROM (
        SELECT account_id, post_id, bool_or(is_own) AS is_answered FROM said
        GROUP BY account_id, post_id HAVING NOT bool_and(is_own)) per_post
    GROUP BY account_id
),
voices AS (
    SELECT account_id, round(count(*) FILTER (WHERE posts > 1)::numeric / count(*), 6) AS repeat_share FROM (
        SELECT account_id, author, count(DISTINCT post_id) AS posts FROM said WHERE NOT is_own
        GROUP BY account_id, author) per_voice
    GROUP BY account_id
),
talk AS (
    SELECT account_id, {TALK} FROM (
        SELECT *, words <= 2 OR phrase = ANY(%(phrases)s) AS is_generic,
            count(*) OVER (PARTITION BY account_id, coalesce(nullif(phrase, ''), text)) AS copies
        FROM (SELECT account_id, post_id, text, phrase, regexp_count(phrase, %(word)s) AS words,
                phrase = '' AND text ~ %(emoji)s AS is_emoji, text ~ %(question)s AS is_question
            FROM (SELECT *, btrim(regexp_replace(regexp_replace(regexp_replace(lower(text), %(emoji)s, ' ', 'g'),
                    %(signs)s, '', 'g'), %(spaces)s, ' ', 'g')) AS phrase FROM said WHERE NOT is_own) plain) read
        ) judged
    GROUP BY account_id
)"""  # noqa: S608 - constants only
SELECT = f"""
SELECT {", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())}
FROM account
LEFT JOIN figures ON figures.account_id = account.id
LEFT JOIN talk ON talk.account_id = account.id
LEFT JOIN voices ON voices.account_id = account.id
LEFT JOIN answered ON answered.account_id = account.id
LEFT JOIN rhythm ON rhythm.account_id = account.id
LEFT JOIN grown ON grown.account_id = account.id
LEFT JOIN creators_peergroup peers ON peers.network = account.network AND peers.size_band = {SIZE_BAND}
LEFT JOIN LATERAL (
    SELECT p.posted_at FROM creators_post p
    WHERE p.account_id = account.id AND p.posted_at <= %(at)s AND (p.owner_id IS NULL OR p.owner_id = account.owner_id)
    ORDER BY p.posted_at DESC LIMIT 1
) newest ON true"""  # noqa: S608 - constants only
# A post that its brand owns counts for that brand's own account alone, and there it stands before the public record.
COUNTS_FOR_ACCOUNT = """(CASE WHEN p.owner_id IS NOT NULL THEN p.owner_id = a.owner_id
    ELSE a.owner_id IS NULL OR NOT EXISTS (SELECT FROM creators_post own WHERE {own} AND own.account_id = p.account_id
        AND own.url = p.url AND own.owner_id = a.owner_id) END)"""


def statement(*, by_range: bool) -> str:
    """The upsert, for accounts from `first` to `last` or those in `ids`.

    Every table is asked for the accounts meant, so that a batch costs the same however many others there are; comments
    know no account and are looked up by post.
    """

    def within(column: str) -> str:
        return f"{column} BETWEEN %(first)s AND %(last)s" if by_range else f"{column} = ANY(%(ids)s)"

    rows = (WITH + SELECT).format(
        accounts=within("id"),
        posts=within("p.account_id"),
        snapshots=within("s.account_id"),
        counts=COUNTS_FOR_ACCOUNT.format(own=within("own.account_id")),
    )
    changed = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "account_id")
    return (
        f"INSERT INTO creators_accountmetrics ({', '.join(COLUMNS)}) {rows} ORDER BY account.id "
        f"ON CONFLICT (account_id) DO UPDATE SET {changed}"
    )


def parameters(at: datetime) -> dict[str, Any]:
    today = at.astimezone(UTC).date()
    history = rules.WINDOW + timedelta(days=2 * rules.BRIDGED + rules.NEAR)
    return {
        "at": at,
        "settled": at - rules.SETTLED,
        "since": at - rules.WINDOW,
        "today": today,
        "history": today - history,
        "phrases": list(rules.STOCK_PHRASES),
        "emoji": rules.EMOJI,
        "signs": rules.SIGNS,
        "spaces": f"{rules.SPACES}+",
        "word": rules.WORD,
        "question": rules.QUESTION,
    }


# A hair less than each percent: 0.55 of 20 is 11.000000000000002 in binary, and the cut would be the twelfth rate.
SPREAD_OF_PEERS = f"""
INSERT INTO creators_peergroup (network, size_band, n, cuts)
SELECT network, size_band, count(*), percentile_disc(ARRAY(SELECT step / 100.0 - 1e-9 FROM generate_series(1, 99) step))
    WITHIN GROUP (ORDER BY main)
FROM (SELECT account.network, {SIZE_BAND} AS size_band, {MAIN.format("m")} AS main
      FROM creators_socialaccount account JOIN creators_accountmetrics m ON m.account_id = account.id
      WHERE account.owner_id IS NULL AND account.followers IS NOT NULL) known
WHERE main IS NOT NULL GROUP BY network, size_band"""  # noqa: S608 - constants only
PLACE_AMONG_PEERS = f"""
UPDATE creators_accountmetrics m SET standing = placed.standing
FROM (SELECT account.id, {standing("rates")} AS standing
      FROM creators_socialaccount account JOIN creators_accountmetrics rates ON rates.account_id = account.id
      LEFT JOIN creators_peergroup peers ON peers.network = account.network AND peers.size_band = {SIZE_BAND}) placed
WHERE placed.id = m.account_id AND m.standing IS DISTINCT FROM placed.standing"""  # noqa: S608 - constants only
