"""Recomputing every account's metrics beside one statement written by hand for the same result.

Run against a scratch database: `python benchmarks/metrics.py [accounts]` (100,000 by default, 12 posts each). The
rows are made by the database, both sides read the same ones, the results are compared, and everything is removed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "groundswell.settings")

ACCOUNTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
AT = datetime(2026, 5, 20, 12, tzinfo=UTC)
COMPARED = (
    "posts_n", "rate_followers", "rate_followers_n", "rate_followers_mean", "rate_followers_mean_kept", "rate_views",
    "rate_views_n", "rate_views_mean", "rate_views_mean_kept", "outliers_n", "median_views", "median_likes",
    "median_comments", "sponsored_n", "sponsored_share", "posts_per_week", "longest_gap_days", "last_post_at",
    "growth_30", "growth_90", "growth_180", "comments_n", "comment_question_share",
)  # fmt: skip
FILL = [
    """INSERT INTO creators_creator (id, code, name, bio, country, city, language, niches, source, gender,
           created_at, updated_at)
       SELECT n, 'b' || n, 'Creator ' || n, '', '', '', '', '{}', 'operator', '', now(), now()
       FROM generate_series(1, %(accounts)s) n""",
    """INSERT INTO creators_socialaccount (id, creator_id, network, handle, url, followers, engagement_basis, source,
           audience_country, account_type, provenance, observed_at)
       SELECT n, n, (ARRAY['instagram', 'instagram', 'tiktok', 'youtube'])[1 + n %% 4], 'b' || n, '',
           (10 ^ (3 + hashint8(n)::bigint %% 1000 / 500.0 + 1))::bigint, 'followers', 'connector', '', '', '{}', %(at)s
       FROM generate_series(1, %(accounts)s) n""",
    """INSERT INTO creators_post (account_id, url, format, caption, posted_at, followers_at_post, likes, comments_count,
           shares, saves, views, reach, is_sponsored, is_pinned, hashtags, mentions, source, observed_at)
       SELECT n, 'https://x.example/' || n || '/' || place, 'video', '',
           %(at)s - make_interval(hours => 50 + place * 97),
           CASE WHEN n %% 5 > 0 THEN 8000 + n %% 999 END, CASE WHEN n %% 17 > 0 THEN 100 + mix %% 900 END, mix %% 70,
           mix %% 11, mix %% 13, 3000 + mix %% 5000, CASE WHEN n %% 10 = 0 THEN 2000 + mix %% 3000 END,
           mix %% 7 = 0, false,
           '{}', '{}', 'connector', %(at)s
       FROM generate_series(1, %(accounts)s) n, generate_series(1, 12) place,
           LATERAL (SELECT abs(hashint8(n * 100 + place)::bigint) AS mix) noise""",
    """INSERT INTO creators_followersnapshot (account_id, followers, observed_on, source)
       SELECT n, 8000 + n %% 999 - months * 50, (%(at)s - make_interval(days => 30 * months))::date, 'connector'
       FROM generate_series(1, %(accounts)s) n, generate_series(0, 7) months""",
    """INSERT INTO creators_comment (post_id, author, is_reply, text, posted_at)
       SELECT id, 'reader' || id %% 5000, false, (ARRAY['Where is this exactly? Looks like a dream', '🔥🔥🔥', 'Nice',
           'Love how honest you are about the downsides'])[1 + id %% 4], posted_at
       FROM creators_post WHERE account_id %% 10 = 0""",
    "ANALYZE creators_creator, creators_socialaccount, creators_post, creators_followersnapshot, creators_comment",
]
EMPTY = """TRUNCATE creators_creator, creators_socialaccount, creators_post, creators_followersnapshot,
           creators_comment, creators_accountmetrics, creators_peergroup, creators_metricsrun CASCADE"""

# As one would write it for one evening: every account at once, medians by percentile_cont, ranks by percent_rank.
BY_HAND = """
CREATE UNLOGGED TABLE metrics_by_hand AS
WITH mine AS (
    SELECT p.*, a.network FROM creators_post p JOIN creators_socialaccount a ON a.id = p.account_id
    WHERE p.posted_at > %(at)s - interval '180 days' AND p.posted_at <= %(at)s AND p.format <> 'story'
        AND p.owner_id IS NOT DISTINCT FROM a.owner_id
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY posted_at DESC, id DESC) AS place,
        posted_at - lead(posted_at) OVER (PARTITION BY account_id ORDER BY posted_at DESC, id DESC) AS gap
    FROM mine WHERE NOT is_pinned AND posted_at <= %(at)s - interval '48 hours'
), sample AS (
    SELECT n.*, CASE WHEN network = 'tiktok' THEN likes + comments_count + shares ELSE likes + comments_count END AS x,
        CASE WHEN network = 'youtube' THEN NULL
             WHEN followers_at_post IS NOT NULL THEN followers_at_post
             ELSE (SELECT CASE WHEN b.observed_on = a.observed_on THEN b.followers ELSE
                     round(b.followers + (a.followers - b.followers)::float8 * (day - b.observed_on)
                         / (a.observed_on - b.observed_on)) END
                 FROM (SELECT * FROM creators_followersnapshot s WHERE s.account_id = n.account_id
                           AND observed_on <= day ORDER BY observed_on DESC LIMIT 1) b,
                     (SELECT * FROM creators_followersnapshot s WHERE s.account_id = n.account_id
                           AND observed_on >= day ORDER BY observed_on LIMIT 1) a) END AS followers
    FROM numbered n, LATERAL (SELECT (posted_at AT TIME ZONE 'UTC')::date AS day) d WHERE place <= 12
), centre AS (
    SELECT account_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(1 + x::float8)) AS m FROM sample
    WHERE x IS NOT NULL GROUP BY account_id HAVING count(*) >= 5
), mad AS (
    SELECT account_id, m, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(ln(1 + x::float8) - m)) AS mad
    FROM sample JOIN centre USING (account_id) WHERE x IS NOT NULL GROUP BY account_id, m
), rated AS (
    SELECT s.*, round(x::float8 / nullif(followers, 0) * 1e9)::bigint AS f,
        round((CASE WHEN network = 'instagram' THEN likes + comments_count + saves + shares ELSE x END)::float8
            / nullif(views, 0) * 1e9)::bigint AS v,
        CASE WHEN network = 'instagram'
            THEN round((likes + comments_count + saves + shares)::float8 / nullif(reach, 0) * 1e9)::bigint END AS r,
        round(saves::float8 / nullif(reach, 0) * 1e9)::bigint AS sv,
        round(shares::float8 / nullif(reach, 0) * 1e9)::bigint AS sh,
        round((likes + comments_count + saves + views)::float8 / nullif(reach, 0) * 1e9)::bigint AS e,
        coalesce(0.6745 * abs(ln(1 + x::float8) - m) > 3.5 * nullif(mad, 0), false) AS odd
    FROM sample s LEFT JOIN mad USING (account_id)
), figures AS (
    SELECT account_id, count(*) AS posts_n, array_agg(DISTINCT source) AS sources, max(observed_at) AS observed_at,
        CASE WHEN count(f) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY f))::numeric / 1e9, 6) END
            AS rate_followers,
        count(f) AS rate_followers_n, CASE WHEN count(f) >= 5 THEN round(avg(f) / 1e9, 6) END AS rate_followers_mean,
        CASE WHEN count(f) FILTER (WHERE NOT odd) >= 5 THEN round(avg(f) FILTER (WHERE NOT odd) / 1e9, 6) END
            AS rate_followers_mean_kept,
        CASE WHEN count(r) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY r))::numeric / 1e9, 6) END
            AS rate_reach,
        count(r) AS rate_reach_n, CASE WHEN count(r) >= 5 THEN round(avg(r) / 1e9, 6) END AS rate_reach_mean,
        CASE WHEN count(r) FILTER (WHERE NOT odd) >= 5 THEN round(avg(r) FILTER (WHERE NOT odd) / 1e9, 6) END
            AS rate_reach_mean_kept,
        CASE WHEN count(v) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY v))::numeric / 1e9, 6) END
            AS rate_views,
        count(v) AS rate_views_n, CASE WHEN count(v) >= 5 THEN round(avg(v) / 1e9, 6) END AS rate_views_mean,
        CASE WHEN count(v) FILTER (WHERE NOT odd) >= 5 THEN round(avg(v) FILTER (WHERE NOT odd) / 1e9, 6) END
            AS rate_views_mean_kept,
        count(*) FILTER (WHERE odd) AS outliers_n,
        CASE WHEN count(views) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY views))::numeric, 1) END
            AS median_views,
        CASE WHEN count(likes) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY likes))::numeric, 1) END
            AS median_likes,
        CASE WHEN count(comments_count) >= 5
            THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY comments_count))::numeric, 1) END
            AS median_comments,
        CASE WHEN count(sv) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY sv))::numeric / 1e9, 6) END
            AS save_rate,
        CASE WHEN count(sh) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY sh))::numeric / 1e9, 6) END
            AS share_rate,
        CASE WHEN count(e) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY e))::numeric / 1e9, 6) END
            AS effectiveness,
        count(is_sponsored) AS sponsored_n,
        CASE WHEN count(is_sponsored) >= 5
            THEN round(count(*) FILTER (WHERE is_sponsored)::numeric / count(is_sponsored), 6) END AS sponsored_share,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY CASE WHEN network IN ('tiktok', 'youtube') THEN v ELSE f END)
            FILTER (WHERE is_sponsored) AS sponsored_median,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY CASE WHEN network IN ('tiktok', 'youtube') THEN v ELSE f END)
            FILTER (WHERE NOT is_sponsored) AS organic_median,
        round((count(*) - 1) * 604800 / nullif(extract(epoch FROM max(posted_at) - min(posted_at)), 0), 3)
            AS posts_per_week,
        round(extract(epoch FROM max(gap) FILTER (WHERE place < 12)) / 86400, 2) AS longest_gap_days,
        max(posted_at) AS last_post_at
    FROM rated GROUP BY account_id
), grown AS (
    SELECT a.id AS account_id, round(a.followers::numeric / s30.followers - 1, 6) AS growth_30,
        round(a.followers::numeric / s90.followers - 1, 6) AS growth_90,
        round(a.followers::numeric / s180.followers - 1, 6) AS growth_180
    FROM (SELECT account_id AS id, followers FROM creators_followersnapshot WHERE observed_on = %(at)s::date) a
    LEFT JOIN creators_followersnapshot s30 ON s30.account_id = a.id AND s30.observed_on = %(at)s::date - 30
    LEFT JOIN creators_followersnapshot s90 ON s90.account_id = a.id AND s90.observed_on = %(at)s::date - 90
    LEFT JOIN creators_followersnapshot s180 ON s180.account_id = a.id AND s180.observed_on = %(at)s::date - 180
), talk AS (
    SELECT account_id, count(*) AS comments_n, count(DISTINCT author) AS voices,
        CASE WHEN count(*) >= 5 THEN round(avg((text ~ '[?]')::int), 6) END AS comment_question_share,
        CASE WHEN count(*) >= 5 THEN round(avg((text ~ '[[:alnum:]]')::int), 6) END AS comment_word_share,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY regexp_count(lower(text), '\\w+')) AS comment_words
    FROM sample JOIN creators_comment c ON c.post_id = sample.id GROUP BY account_id
)
SELECT a.id, coalesce(talk.comments_n, 0) AS comments_n, talk.comment_question_share, talk.comment_words,
    growth_30, growth_90, growth_180,
    percent_rank() OVER (PARTITION BY a.network, width_bucket(log(a.followers), 3, 6.5, 7)
        ORDER BY CASE WHEN a.network IN ('tiktok', 'youtube') THEN rate_views ELSE rate_followers END) AS standing,
    figures.*
FROM creators_socialaccount a LEFT JOIN figures ON figures.account_id = a.id
LEFT JOIN grown ON grown.account_id = a.id LEFT JOIN talk ON talk.account_id = a.id"""


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": AT, "accounts": ACCOUNTS})


def value(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def main() -> None:
    from creators.actions.metrics import recompute, recompute_all

    if value("SELECT count(*) FROM creators_creator"):
        sys.exit("This database holds creators. Run this against a scratch database.")
    try:
        for statement in FILL:
            execute(statement)
        print(f"{ACCOUNTS:,} accounts, {ACCOUNTS * 12:,} posts, 8 follower counts each, comments below every tenth's")
        execute("SET enable_nestloop = off")  # the planner takes the steps for tiny and would walk them row by row
        by_hand = timed(lambda: execute(BY_HAND))
        execute("RESET enable_nestloop")
        print(f"{'one statement by hand':44} {by_hand:8.2f} s", flush=True)
        first = timed(lambda: recompute_all(at=AT, search=False))
        differing = " OR ".join(f"h.{name} IS DISTINCT FROM m.{name}" for name in COMPARED)
        wrong = value(
            "SELECT count(*) FROM creators_accountmetrics m "  # noqa: S608
            f"JOIN metrics_by_hand h ON h.id = m.account_id WHERE {differing}"
        )
        again = timed(lambda: recompute_all(at=AT, search=False))
        mark = value("SELECT max(xmin::text::bigint) FROM creators_accountmetrics")
        one = timed(lambda: recompute([ACCOUNTS // 2], at=AT))
        touched = value(f"SELECT count(*) FROM creators_accountmetrics WHERE xmin::text::bigint > {mark}")  # noqa: S608
        print(f"{'recompute, first time':44} {first:8.2f} s   {first / by_hand:5.2f} ×")
        print(f"{'recompute, rows there':44} {again:8.2f} s   {again / by_hand:5.2f} ×")
        print(f"{'accounts whose figures differ':44} {wrong:8,}")
        print(f"{'recompute one account':44} {one * 1000:8.1f} ms, {touched} of {ACCOUNTS:,} rows written")
    finally:
        execute("DROP TABLE IF EXISTS metrics_by_hand")
        execute(EMPTY)


if __name__ == "__main__":
    django.setup()
    main()
