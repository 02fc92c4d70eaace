"""The statements that sum clicks and credits into results, and that compare the two.

A day's result is written first. What changed in it is then added to the result of its collaboration and of its
campaign's day, in the same statement: the coarser tables cost nothing by history either.
"""
# ruff: noqa: S608 - constants only

from __future__ import annotations

from tracking.models import Sums

FOUND = 1000  # differences told at most, of each table
NAMES = Sums.NAMES
COLUMNS = ", ".join(NAMES)
KINDS = {**dict.fromkeys(Sums.COUNTS, "integer"), **dict.fromkeys(Sums.AMOUNTS, "numeric(16, 4)")}


def each(pattern: str, separator: str = ", ") -> str:
    """The pattern for every count and amount: `{0}` is its name, `{1}` its type."""
    return separator.join(pattern.format(name, KINDS[name]) for name in NAMES)


COUNTED = """
    count(*) FILTER (WHERE click.bot_reason = '') AS clicks,
    count(*) FILTER (WHERE click.bot_reason = '' AND NOT click.is_duplicate) AS unique_clicks,
    count(*) FILTER (WHERE click.bot_reason <> '') AS bot_clicks"""
NOTHING_SOLD = """0 AS orders, 0 AS new_customers, 0 AS refunds,
    0::numeric(16, 4) AS revenue, 0::numeric(16, 4) AS refunded, 0::numeric(16, 4) AS commission"""
# Every day's sums from the raw rows, and from what is left of clicks whose month was dropped. {clicks} counts those of
# the wanted days, {past} and {credits} narrow the rows to them.
RAW = """
    SELECT collaboration_id, day,
           sum(clicks) AS clicks, sum(unique_clicks) AS unique_clicks, sum(bot_clicks) AS bot_clicks,
           sum(orders) AS orders, sum(new_customers) AS new_customers, sum(refunds) AS refunds,
           sum(revenue) AS revenue, sum(refunded) AS refunded, sum(commission) AS commission
    FROM (
        {clicks}
      UNION ALL
        SELECT past.collaboration_id, past.day, past.clicks, past.unique_clicks, past.bot_clicks, 0, 0, 0, 0, 0, 0
        FROM {past}
      UNION ALL
        SELECT credit.collaboration_id, credit.credited_on, 0, 0, 0,
               count(*) FILTER (WHERE credit.refund_id IS NULL AND credit.number = 0),
               count(*) FILTER (WHERE credit.refund_id IS NULL AND credit.number = 0 AND is_new_customer),
               count(*) FILTER (WHERE credit.refund_id IS NOT NULL),
               coalesce(sum(credit.revenue) FILTER (WHERE credit.refund_id IS NULL), 0),
               coalesce(-sum(credit.revenue) FILTER (WHERE credit.refund_id IS NOT NULL), 0),
               sum(credit.commission)
        FROM {credits}
        GROUP BY 1, 2
    ) AS part
    GROUP BY 1, 2
"""
TENANT = """
    JOIN campaigns_collaboration collaboration ON collaboration.id = link.collaboration_id
    JOIN campaigns_campaign campaign ON campaign.id = collaboration.campaign_id
    JOIN accounts_brand brand ON brand.id = campaign.brand_id
"""
PURCHASE = "JOIN tracking_order purchase ON purchase.id = credit.order_id"
WANTED = "unnest(%(collaborations)s::bigint[], %(days)s::date[]) AS wanted(collaboration_id, day)"
# Looked up, and clicks counted, day by day. OFFSET 0 keeps the planner from joining, for which it would read the whole
# history; so does counting inside.
OF_WANTED = RAW.format(
    clicks=f"""SELECT wanted.collaboration_id, wanted.day, click.*, {NOTHING_SOLD}
        FROM {WANTED} JOIN tracking_trackinglink link ON link.collaboration_id = wanted.collaboration_id {TENANT}
        CROSS JOIN LATERAL (
            SELECT {COUNTED} FROM tracking_click click WHERE link_id = link.id
                AND clicked_at >= wanted.day::timestamp AT TIME ZONE brand.timezone
                AND clicked_at < (wanted.day + 1)::timestamp AT TIME ZONE brand.timezone) AS click
        WHERE click.clicks + click.bot_clicks > 0""",
    past=f"""{WANTED} CROSS JOIN LATERAL (
            SELECT * FROM tracking_pastclicks
            WHERE collaboration_id = wanted.collaboration_id AND day = wanted.day OFFSET 0) AS past""",
    credits=f"""{WANTED} CROSS JOIN LATERAL (
            SELECT credit.*, purchase.is_new_customer FROM tracking_credit credit {PURCHASE}
            WHERE credit.collaboration_id = wanted.collaboration_id AND credit.credited_on = wanted.day OFFSET 0
        ) AS credit""",
)
OF_ALL = RAW.format(
    clicks=f"""SELECT link.collaboration_id, (click.clicked_at AT TIME ZONE brand.timezone)::date AS day,
               {COUNTED}, {NOTHING_SOLD}
        FROM tracking_click click JOIN tracking_trackinglink link ON link.id = click.link_id {TENANT} GROUP BY 1, 2""",
    past="tracking_pastclicks past",
    credits=f"tracking_credit credit {PURCHASE}",
)

# From stored results ({stored}) to sums ({sums}): only what differs is written, here and in the coarser tables.
DIFFERING = f"""
    raw AS MATERIALIZED ({{sums}}),
    changed AS MATERIALIZED (
        SELECT coalesce(raw.collaboration_id, stored.collaboration_id) AS collaboration_id,
               coalesce(raw.day, stored.day) AS day, raw.day IS NULL AS is_gone,
               {each("coalesce(raw.{0}, 0)::{1} AS {0}")},
               {each("coalesce(raw.{0}, 0) - coalesce(stored.{0}, 0) AS more_{0}")}
        FROM raw FULL JOIN ({{stored}}) AS stored
             ON raw.collaboration_id = stored.collaboration_id AND raw.day = stored.day
        WHERE raw.day IS NULL OR stored.day IS NULL OR ({each("raw.{0} <> stored.{0}", " OR ")})
    ),
    written AS (
        INSERT INTO tracking_dailyresult AS result (collaboration_id, day, {COLUMNS})
        SELECT collaboration_id, day, {COLUMNS} FROM changed WHERE NOT is_gone
        ON CONFLICT (collaboration_id, day) DO UPDATE SET {each("{0} = excluded.{0}")}
    ),
    dropped AS (
        DELETE FROM tracking_dailyresult result USING changed WHERE changed.is_gone
               AND result.collaboration_id = changed.collaboration_id AND result.day = changed.day
    )"""
STORED = f"""
SELECT result.* FROM {WANTED} CROSS JOIN LATERAL (
    SELECT * FROM tracking_dailyresult
    WHERE collaboration_id = wanted.collaboration_id AND day = wanted.day OFFSET 0) AS result
"""
APPLY = f"""
WITH {DIFFERING.format(sums=OF_WANTED, stored=STORED)},
    in_all AS (
        INSERT INTO tracking_collaborationresult AS result (collaboration_id, {COLUMNS})
        SELECT collaboration_id, {each("sum(more_{0})")} FROM changed GROUP BY 1
        ON CONFLICT (collaboration_id) DO UPDATE SET {each("{0} = result.{0} + excluded.{0}")}
    ),
    of_campaigns AS (
        INSERT INTO tracking_campaignday AS result (campaign_id, day, {COLUMNS})
        SELECT campaign_id, day, {each("sum(more_{0})")}
        FROM changed JOIN campaigns_collaboration collaboration ON collaboration.id = changed.collaboration_id
        GROUP BY 1, 2
        ON CONFLICT (campaign_id, day) DO UPDATE SET {each("{0} = result.{0} + excluded.{0}")}
    )
SELECT DISTINCT collaboration_id FROM changed WHERE more_orders <> 0
"""
TAKE_MARKS = """
DELETE FROM tracking_staleday
WHERE id IN (SELECT id FROM tracking_staleday ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING collaboration_id, day
"""
FIRST_ORDERS = """
UPDATE tracking_collaborationresult result SET first_order_on = (
    SELECT min(day) FROM tracking_dailyresult daily
    WHERE daily.collaboration_id = result.collaboration_id AND daily.orders > 0)
"""

MARK_OUTLOOKS = """
INSERT INTO tracking_campaignoutlook (campaign_id, key, marked_at)
SELECT DISTINCT campaign_id, '', now() FROM campaigns_collaboration WHERE {which} ORDER BY 1
ON CONFLICT (campaign_id) DO UPDATE SET marked_at = excluded.marked_at
"""

# A rebuild: all sums at once, in a table of this transaction because only so they are summed by several processes.
SUM_ALL = f"CREATE TEMPORARY TABLE all_days AS {OF_ALL}"
REPLACE = f"WITH {DIFFERING.format(sums='SELECT * FROM all_days', stored='TABLE tracking_dailyresult')} SELECT"
TOTALS = f"""
INSERT INTO tracking_collaborationresult (collaboration_id, first_order_on, {COLUMNS})
SELECT collaboration_id, min(day) FILTER (WHERE orders > 0), {each("sum({0})")} FROM all_days GROUP BY 1
"""
CAMPAIGN_DAYS = f"""
INSERT INTO tracking_campaignday (campaign_id, day, {COLUMNS})
SELECT campaign_id, day, {each("sum({0})")}
FROM all_days JOIN campaigns_collaboration collaboration ON collaboration.id = all_days.collaboration_id GROUP BY 1, 2
"""
# Compiling a statement of many look-ups takes longer than running it; the changes of a batch stay in memory.
FEW_DAYS = "set_config('jit', 'off', true), set_config('work_mem', '32MB', true)"
ROOM = "SET LOCAL work_mem = '256MB'"  # for sums of millions of days at once


def compared(level: str, keys: tuple[str, str], stored: str, raw: str, but: str = "true") -> str:
    """A statement for the rows of two relations of which a count or amount differs; `keys`: an id, and a day."""
    of, day = keys
    return f"""
        SELECT '{level}', coalesce(stored.{of}, raw.{of}), {day},
               {each("coalesce(stored.{0}, 0), coalesce(raw.{0}, 0)")}
        FROM {stored} AS stored FULL JOIN ({raw}) AS raw USING ({of}{", day" if day == "day" else ""})
        WHERE ({each("coalesce(stored.{0}, 0) <> coalesce(raw.{0}, 0)", " OR ")}) AND {but}
        ORDER BY 2, 3 LIMIT {FOUND}
    """


CHECKS = (
    compared(
        "day of collaboration", ("collaboration_id", "day"), "tracking_dailyresult", OF_ALL,
        "NOT EXISTS (SELECT FROM tracking_staleday WHERE collaboration_id = coalesce(stored.collaboration_id, "
        "raw.collaboration_id) AND tracking_staleday.day = coalesce(stored.day, raw.day))",
    ),
    compared(
        "collaboration", ("collaboration_id", "NULL::date"), "tracking_collaborationresult",
        f"SELECT collaboration_id, {each('sum({0}) AS {0}')} FROM tracking_dailyresult GROUP BY 1",
    ),
    compared(
        "day of campaign", ("campaign_id", "day"), "tracking_campaignday",
        f"SELECT campaign_id, day, {each('sum({0}) AS {0}')} FROM tracking_dailyresult daily "
        "JOIN campaigns_collaboration collaboration ON collaboration.id = daily.collaboration_id GROUP BY 1, 2",
    ),
)  # fmt: skip
