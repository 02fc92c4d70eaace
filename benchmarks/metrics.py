"""Recomputing every account's metrics beside one statement written by hand for the same result.

    DATABASE_URL=postgresql://… .venv/bin/python benchmarks/metrics.py [--accounts 20000]

Twelve posts, eight follower counts each, comments below every tenth account's posts. Both sides read the same rows with
the same settings and fill the same kind of table: logged, with its primary key and its foreign key. Every column of
every account is compared. Works in a database of its own next to the one named, and drops it.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from _database import backend, on_core, scratch_database
from django.db import connection, transaction

from creators.actions.metrics import PLANNING, recompute, recompute_all
from creators.metrics import rules, sql
from creators.models import AccountMetrics

AT = datetime(2026, 5, 20, 12, tzinfo=UTC)
BESIDE = """CREATE TABLE metrics_by_hand (LIKE creators_accountmetrics INCLUDING ALL);
            ALTER TABLE metrics_by_hand ADD FOREIGN KEY (account_id) REFERENCES creators_socialaccount
                DEFERRABLE INITIALLY DEFERRED"""
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
           shares, saves, views, reach, is_sponsored, is_disclosed, is_pinned, hashtags, mentions, source, observed_at)
       SELECT n, 'https://x.example/' || n || '/' || place, CASE WHEN place %% 3 = 0 THEN 'short' ELSE 'video' END, '',
           %(at)s - make_interval(hours => 50 + place * 97),
           CASE WHEN n %% 5 > 0 THEN 8000 + n %% 999 END, CASE WHEN n %% 17 > 0 THEN 100 + mix %% 900 END, mix %% 70,
           mix %% 11, mix %% 13, 3000 + mix %% 5000, CASE WHEN n %% 10 = 0 THEN 2000 + mix %% 3000 END,
           mix %% 5 < 2, mix %% 3 = 0, place = 12 AND n %% 6 = 0,
           '{}', '{}', 'connector', %(at)s
       FROM generate_series(1, %(accounts)s) n, generate_series(1, 12) place,
           LATERAL (SELECT abs(hashint8(n * 100 + place)::bigint) AS mix) noise""",
    """INSERT INTO creators_followersnapshot (account_id, followers, observed_on, source)
       SELECT n, 8000 + n %% 999 - months * 50, (%(at)s - make_interval(days => 30 * months))::date, 'connector'
       FROM generate_series(1, %(accounts)s) n, generate_series(0, 7) months""",
    """INSERT INTO creators_comment (post_id, author, is_reply, text, posted_at)
       SELECT id, CASE WHEN answer THEN 'b' || account_id ELSE 'reader' || id %% 7 END, answer,
           (ARRAY['Where is this exactly? Looks like a dream', '🔥🔥🔥', 'Nice', 'Keep it up!',
               'Love how honest you are about the downsides'])[1 + id %% 5], posted_at
       FROM creators_post, (VALUES (false), (true)) said (answer)
       WHERE account_id %% 10 = 0 AND (NOT answer OR id %% 3 = 0)""",
    "ANALYZE creators_creator, creators_socialaccount, creators_post, creators_followersnapshot, creators_comment",
]

# As one would write it for one evening: every account at once, medians by percentile_cont, places by rank.
BY_HAND = """
WITH mine AS (
    SELECT p.*, a.network, a.network = 'youtube' AND p.format = 'short' AS is_short,
        NOT is_pinned AND posted_at <= %(at)s - interval '48 hours' AS is_settled
    FROM creators_post p JOIN creators_socialaccount a ON a.id = p.account_id
    WHERE p.posted_at > %(at)s - interval '180 days' AND p.posted_at <= %(at)s AND p.format <> 'story'
        AND (p.owner_id IS NULL OR p.owner_id = a.owner_id)
), numbered AS (
    SELECT *, row_number() OVER newest_first AS place,
        row_number() OVER (PARTITION BY account_id, is_short, is_settled ORDER BY posted_at DESC, id DESC)
            AS kind_place,
        lag(posted_at) OVER newest_first - posted_at AS gap,
        count(*) FILTER (WHERE is_settled AND is_short) OVER (PARTITION BY account_id)
            > count(*) FILTER (WHERE is_settled AND NOT is_short) OVER (PARTITION BY account_id) AS shorts
    FROM mine WINDOW newest_first AS (PARTITION BY account_id ORDER BY posted_at DESC, id DESC)
), rhythm AS (
    SELECT account_id, round(extract(epoch FROM max(gap)) / 86400, 2) AS longest_gap_days,
        round((count(*) - 1) * 604800 / nullif(extract(epoch FROM max(posted_at) - min(posted_at)), 0), 3)
            AS posts_per_week
    FROM numbered WHERE place <= 12 GROUP BY account_id
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
    FROM numbered n, LATERAL (SELECT (posted_at AT TIME ZONE 'UTC')::date AS day) d
    WHERE is_settled AND is_short = shorts AND kind_place <= 12
), centre AS (
    SELECT account_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(1 + x::float8)) AS m FROM sample
    WHERE x IS NOT NULL GROUP BY account_id HAVING count(*) >= 5
), mad AS (
    SELECT account_id, m, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(ln(1 + x::float8) - m)) AS mad
    FROM sample JOIN centre USING (account_id) WHERE x IS NOT NULL GROUP BY account_id, m
), counted AS (
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
), rated AS (
    SELECT *, CASE WHEN network IN ('tiktok', 'youtube') THEN v ELSE f END AS main FROM counted
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
        round(count(*) FILTER (WHERE is_sponsored AND is_disclosed)::numeric
            / nullif(count(is_disclosed) FILTER (WHERE is_sponsored), 0), 6) AS disclosed_share,
        CASE WHEN count(main) FILTER (WHERE is_sponsored) >= 3 AND count(main) FILTER (WHERE NOT is_sponsored) >= 3
            THEN round((1 - percentile_cont(0.5) WITHIN GROUP (ORDER BY main) FILTER (WHERE is_sponsored)
                / percentile_cont(0.5) WITHIN GROUP (ORDER BY main) FILTER (WHERE NOT is_sponsored))::numeric, 6) END
            AS sponsored_drop
    FROM rated GROUP BY account_id
), newest AS (
    SELECT account_id, max(posted_at) AS last_post_at FROM creators_post WHERE posted_at <= %(at)s GROUP BY account_id
), grown AS (
    SELECT now.account_id, round(now.followers::numeric / s30.followers - 1, 6) AS growth_30,
        round(now.followers::numeric / s90.followers - 1, 6) AS growth_90,
        round(now.followers::numeric / s180.followers - 1, 6) AS growth_180
    FROM (SELECT account_id, followers FROM creators_followersnapshot WHERE observed_on = %(at)s::date) now
    LEFT JOIN creators_followersnapshot s30
        ON s30.account_id = now.account_id AND s30.observed_on = %(at)s::date - 30
    LEFT JOIN creators_followersnapshot s90
        ON s90.account_id = now.account_id AND s90.observed_on = %(at)s::date - 90
    LEFT JOIN creators_followersnapshot s180
        ON s180.account_id = now.account_id AND s180.observed_on = %(at)s::date - 180
), said AS (
    SELECT mine.account_id, c.post_id, c.author, c.text, c.author = a.handle AS is_own
    FROM mine JOIN creators_comment c ON c.post_id = mine.id JOIN creators_socialaccount a ON a.id = mine.account_id
), read AS (
    SELECT *, btrim(regexp_replace(regexp_replace(regexp_replace(lower(text), %(emoji)s, ' ', 'g'), %(signs)s, '', 'g'),
        %(spaces)s, ' ', 'g')) AS phrase
    FROM said WHERE NOT is_own
), judged AS (
    SELECT *, regexp_count(phrase, %(word)s) AS words,
        count(*) OVER (PARTITION BY account_id, coalesce(nullif(phrase, ''), text)) AS copies
    FROM read
), talk AS (
    SELECT account_id, count(*) AS comments_n, count(DISTINCT post_id) AS posts,
        CASE WHEN count(*) >= 5 THEN round((percentile_cont(0.5) WITHIN GROUP (ORDER BY words))::numeric, 1) END
            AS comment_words,
        CASE WHEN count(*) >= 5 THEN round(avg((phrase = '' AND text ~ %(emoji)s)::int), 6) END AS comment_emoji_share,
        CASE WHEN count(*) >= 5 THEN round(avg((text ~ %(question)s)::int), 6) END AS comment_question_share,
        CASE WHEN count(*) >= 5 THEN round(avg((words <= 2 OR phrase = ANY(%(phrases)s))::int), 6) END
            AS comment_generic_share,
        CASE WHEN count(*) >= 5 THEN round(avg((copies > 1)::int), 6) END AS comment_duplicate_share
    FROM judged GROUP BY account_id
), readers AS (
    SELECT account_id, round(avg((posts > 1)::int), 6) AS comment_repeat_share FROM (
        SELECT account_id, author, count(DISTINCT post_id) AS posts FROM read GROUP BY account_id, author) each
    GROUP BY account_id
), answers AS (
    SELECT account_id, count(DISTINCT post_id) AS posts FROM said own
    WHERE is_own AND EXISTS (SELECT FROM read WHERE read.post_id = own.post_id) GROUP BY account_id
)
SELECT a.id, coalesce(posts_n, 0), coalesce(sources, '{}'), observed_at,
    rate_followers, coalesce(rate_followers_n, 0), rate_followers_mean, rate_followers_mean_kept,
    rate_reach, coalesce(rate_reach_n, 0), rate_reach_mean, rate_reach_mean_kept,
    rate_views, coalesce(rate_views_n, 0), rate_views_mean, rate_views_mean_kept,
    coalesce(outliers_n, 0), median_views, median_likes, median_comments, save_rate, share_rate, effectiveness,
    coalesce(sponsored_n, 0), sponsored_share, disclosed_share, sponsored_drop,
    coalesce(comments_n, 0), comment_words, comment_emoji_share, comment_question_share, comment_generic_share,
    comment_duplicate_share, CASE WHEN comments_n >= 5 AND talk.posts > 1 THEN comment_repeat_share END,
    CASE WHEN comments_n >= 5 THEN round(coalesce(answers.posts, 0)::numeric / talk.posts, 6) END,
    posts_per_week, longest_gap_days, last_post_at, growth_30, growth_90, growth_180,
    CASE WHEN count(main) OVER peers >= 20
        THEN (100 * (rank() OVER (peers ORDER BY main) - 1) / count(main) OVER peers) / 100.0 END, %(at)s
FROM (SELECT id, network, followers, observed_at AS seen_at FROM creators_socialaccount) a
LEFT JOIN (SELECT f.*, CASE WHEN a.network IN ('tiktok', 'youtube') THEN rate_views ELSE rate_followers END AS main
    FROM figures f JOIN creators_socialaccount a ON a.id = f.account_id) figures ON figures.account_id = a.id
LEFT JOIN newest ON newest.account_id = a.id LEFT JOIN rhythm ON rhythm.account_id = a.id
LEFT JOIN grown ON grown.account_id = a.id LEFT JOIN talk ON talk.account_id = a.id
LEFT JOIN readers ON readers.account_id = a.id LEFT JOIN answers ON answers.account_id = a.id
WINDOW peers AS (PARTITION BY a.network, width_bucket(a.followers, %(sizes)s::bigint[]), main IS NULL)"""


class Took(NamedTuple):
    """Seconds: elapsed, and of the server's process on a core."""

    elapsed: float
    on_core: float


def timed(work: Callable[[], object]) -> Took:
    pid, start = backend(), time.perf_counter()
    before = on_core(pid)
    work()
    return Took(time.perf_counter() - start, (on_core(pid) - before) / 1000)


def execute(statement: str, accounts: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**sql.parameters(AT), "sizes": list(rules.SIZES), "accounts": accounts})


@transaction.atomic
def fill_by_hand() -> None:
    """With the same settings as the other side's: that many rows are no place for nested loops."""
    execute(PLANNING.format("off"))
    execute(f"INSERT INTO metrics_by_hand ({', '.join(sql.COLUMNS)}) {BY_HAND}")


def value(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def differing() -> int:
    """Accounts of which a column isn't the same."""
    columns = ", ".join(field.column for field in AccountMetrics._meta.concrete_fields)
    return value(
        f"SELECT count(*) FROM (SELECT {columns} FROM creators_accountmetrics "  # noqa: S608 - columns of the model
        f"EXCEPT SELECT {columns} FROM metrics_by_hand) one_sided"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    accounts = parser.parse_args().accounts
    with scratch_database():
        execute(BESIDE)
        for statement in FILL:
            execute(statement, accounts)
        print(f"{accounts:,} accounts, {accounts * 12:,} posts; load {os.getloadavg()[0]:.1f}", flush=True)
        by_hand = timed(fill_by_hand)
        tell("one statement by hand", by_hand, by_hand)
        tell("recompute, first time", timed(lambda: recompute_all(at=AT, search=False)), by_hand)
        print(f"{'accounts whose figures differ':32} {differing():8,}", flush=True)
        tell("recompute, rows there", timed(lambda: recompute_all(at=AT, search=False)), by_hand)
        mark = value("SELECT max(xmin::text::bigint) FROM creators_accountmetrics")
        one = timed(lambda: recompute([accounts // 2], at=AT))
        touched = value(f"SELECT count(*) FROM creators_accountmetrics WHERE xmin::text::bigint > {mark}")  # noqa: S608
        print(f"{'recompute one account':32} {one.elapsed * 1000:8.1f} ms, {touched} of {accounts:,} rows written")


def tell(name: str, took: Took, floor: Took) -> None:
    print(
        f"{name:24} {took.elapsed:8.2f} s {took.elapsed / floor.elapsed:6.2f} ×"
        f"   on a core {took.on_core:8.2f} s {took.on_core / floor.on_core:6.2f} ×",
        flush=True,
    )


if __name__ == "__main__":
    main()
