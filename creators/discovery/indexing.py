"""The statements that derive search rows from the records. Each takes `ids`, the creators' keys.

They hold for any number of creators: one at a time after an edit, thousands at a time for all.
"""

from __future__ import annotations

from creators.discovery.sieve import DRAW, DRAWS, WORTH
from creators.models.discovery import SORTED, SearchRow, Sieve

COLUMNS = tuple(str(field.column) for field in SearchRow._meta.concrete_fields)
# Every account has a name; one without a size has a place at the end all the same.
KNOWN = tuple(name for name in SORTED if name not in {"name", "followers", "price"})


def filled(statement: str) -> str:
    """The statement with the columns and the sort keys written out."""
    known = (f"(110, CASE WHEN b.{name} IS NOT NULL THEN '{name}' END)" for name in KNOWN)
    return (
        statement.replace("{columns}", ", ".join(COLUMNS))
        .replace("{excluded}", ", ".join(f"excluded.{name}" for name in COLUMNS))
        .replace("{known}", ", ".join(known))
    )


# Whoever derives rows of a creator waits for the others who do, and then sees what they committed.
LOCK = "SELECT id FROM creators_creator WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"

# Words come from the latest posts; a limit on the text is a limit on the words.
DERIVE = filled("""
WITH base AS MATERIALIZED (
    SELECT coalesce(a.id, -c.id) AS id, c.id AS creator_id, a.id AS account_id,
        coalesce(c.owner_id, a.owner_id, 0) AS owner_id,
        row_number() OVER (PARTITION BY c.id ORDER BY a.followers DESC NULLS LAST, a.id) - 1 AS place,
        coalesce(a.network, '') AS network, c.birth_year, left(unaccent(lower(c.name)), 80) AS name, a.followers,
        coalesce(m.rate_followers, CASE a.engagement_basis WHEN 'followers' THEN a.engagement_rate END)
            AS rate_followers,
        coalesce(m.rate_reach, CASE a.engagement_basis WHEN 'reach' THEN a.engagement_rate END) AS rate_reach,
        coalesce(m.rate_views, CASE a.engagement_basis WHEN 'views' THEN a.engagement_rate END) AS rate_views,
        coalesce(m.median_views, a.average_views) AS views,
        m.growth_30, m.growth_90, m.growth_180, m.posts_per_week, m.sponsored_share, a.credibility,
        asked.amount AS price, asked.currency, coalesce(m.last_post_at, posted.latest) AS last_post, m.standing,
        c.country, c.language, c.city, c.niches, c.gender, c.accepts_product_only, a.account_type, a.is_verified,
        a.audience_country, posted.hashtags, posted.mentions,
        concat_ws(' ', a.handle, c.name, left(c.bio, 2000), array_to_string(posted.hashtags, ' '), posted.captions)
            AS text
    FROM creators_creator c
    LEFT JOIN creators_socialaccount a ON a.creator_id = c.id
    LEFT JOIN creators_accountmetrics m ON m.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT min(r.amount) AS amount, r.currency
        FROM creators_ratecard r
        WHERE r.creator_id = c.id AND r.owner_id IS NULL AND r.network = a.network
        GROUP BY r.currency ORDER BY count(*) DESC, r.currency LIMIT 1
    ) asked ON true
    LEFT JOIN LATERAL (
        SELECT max(p.posted_at) AS latest, left(string_agg(p.caption, ' '), 4000) AS captions,
            (SELECT array_agg(DISTINCT lower(tag)) FROM unnest(string_to_array(string_agg(
                array_to_string(p.hashtags, ' '), ' '), ' ')) tag WHERE tag <> '') AS hashtags,
            (SELECT array_agg(DISTINCT lower(name)) FROM unnest(string_to_array(string_agg(
                array_to_string(p.mentions, ' '), ' '), ' ')) name WHERE name <> '') AS mentions
        FROM (
            SELECT * FROM creators_post
            WHERE account_id = a.id AND (owner_id IS NULL OR owner_id = coalesce(c.owner_id, a.owner_id))
            ORDER BY posted_at DESC, id LIMIT 30
        ) p
    ) posted ON true
    WHERE c.id = ANY(%(ids)s) AND c.is_listed AND c.leaves_at IS NULL
),
shares AS MATERIALIZED (
    SELECT id, kind, key, share FROM (
        SELECT b.id, s.kind, s.key, s.share, s.source, first_value(s.source) OVER (
            PARTITION BY s.account_id, s.kind ORDER BY s.observed_at DESC NULLS LAST, s.source) AS latest
        FROM base b JOIN creators_audienceslice s ON s.account_id = b.account_id
    ) every WHERE source = latest
),
pairs AS MATERIALIZED (
    SELECT b.id, v.kind, v.value FROM base b CROSS JOIN LATERAL (VALUES
        (1, b.network),
        (2, coalesce(nullif(b.country, ''), 'unknown')),
        (3, coalesce(nullif(b.language, ''), 'unknown')),
        (5, lower(b.city)),
        (6, b.audience_country),
        (7, b.account_type),
        (8, b.gender),
        (9, CASE WHEN b.is_verified THEN 'yes' WHEN NOT b.is_verified THEN 'no' END),
        (10, CASE WHEN b.accepts_product_only THEN 'yes' WHEN NOT b.accepts_product_only THEN 'no' END),
        {known},
        (111, b.currency)
    ) v(kind, value) WHERE v.value <> ''
    UNION ALL SELECT id, 6, key FROM (
        SELECT DISTINCT ON (s.id) s.id, s.key FROM shares s JOIN base b ON b.id = s.id
        WHERE s.kind = 'country' AND b.audience_country = '' ORDER BY s.id, s.share DESC, s.key
    ) mostly
    UNION ALL SELECT b.id, 4, niche FROM base b, unnest(b.niches) niche WHERE niche <> ''
    UNION ALL SELECT b.id, 101, tag FROM base b, unnest(b.hashtags) tag
    UNION ALL SELECT b.id, 102, handle FROM base b, unnest(b.mentions) handle
    UNION ALL SELECT b.id, 100, left(word, 60) FROM base b, unnest(creators_words(b.text)) word
    UNION ALL SELECT b.id, 11, way FROM base b JOIN creators_contactchannel k ON k.creator_id = b.creator_id
        AND (k.owner_id IS NULL OR k.owner_id = b.owner_id), unnest(ARRAY['any', k.kind]) way
    UNION ALL SELECT s.id, kinds.kind, s.key || ':' || step FROM shares s
        JOIN (VALUES ('country', 103), ('city', 104), ('age', 105), ('gender', 106), ('language', 107))
            kinds(name, kind) ON kinds.name = s.kind
        JOIN unnest(ARRAY[10, 20, 30, 50]) step ON s.share * 100 >= step
),
seen AS MATERIALIZED (SELECT DISTINCT kind, value FROM pairs),
made AS (
    INSERT INTO creators_token (kind, value, frequency, is_packed)
    SELECT kind, value, 0, false FROM seen
    WHERE NOT EXISTS (SELECT FROM creators_token t WHERE t.kind = seen.kind AND t.value = seen.value)
    ORDER BY kind, value
    ON CONFLICT (kind, value) DO UPDATE SET frequency = creators_token.frequency
    RETURNING id, kind, value
),
dictionary AS MATERIALIZED (
    SELECT t.id, t.kind, t.value FROM creators_token t JOIN seen ON t.kind = seen.kind AND t.value = seen.value
    UNION ALL SELECT id, kind, value FROM made
),
lists AS (
    SELECT p.id, coalesce(array_agg(DISTINCT d.id) FILTER (WHERE d.kind < 100), '{}') AS tokens,
        coalesce(array_agg(DISTINCT d.id) FILTER (WHERE d.kind >= 100), '{}') AS terms
    FROM pairs p JOIN dictionary d ON d.kind = p.kind AND d.value = p.value
    GROUP BY p.id
),
written AS (
    INSERT INTO creators_searchrow AS r ({columns})
    SELECT {columns}
    FROM base JOIN lists USING (id)
    ON CONFLICT (id) DO UPDATE SET ({columns}) = ({excluded})
    WHERE (r.*) IS DISTINCT FROM (excluded.*)
    RETURNING creator_id
)
INSERT INTO creators_unsieved (creator_id) SELECT DISTINCT creator_id FROM written
""")

DROP = """
DELETE FROM creators_searchrow r WHERE r.creator_id = ANY(%(ids)s) AND NOT EXISTS (
    SELECT FROM creators_creator c LEFT JOIN creators_socialaccount a ON a.creator_id = c.id
    WHERE c.id = r.creator_id AND c.is_listed AND c.leaves_at IS NULL AND coalesce(a.id, -c.id) = r.id)
"""

# A value of none of the creators looked at counts as rare, whatever it was before.
FREQUENCIES = f"""
WITH counted AS (
    SELECT t AS id, 32 * count(*) AS n FROM creators_searchrow, unnest(tokens || terms) t
    WHERE {DRAW.format("creator_id")} < {DRAWS} / 32 GROUP BY t
), compared AS (
    SELECT k.id, coalesce(n, 0) AS n FROM creators_token k LEFT JOIN counted USING (id)
    WHERE k.frequency <> coalesce(n, 0)
)
UPDATE creators_token k SET frequency = compared.n FROM compared WHERE compared.id = k.id
"""  # noqa: S608 - constants only
PACKED = f"UPDATE creators_token SET is_packed = NOT is_packed WHERE is_packed <> (frequency >= {WORTH})"  # noqa: S608

# Blocks with rows of creators that changed, and what was known to have changed.
CHANGED = f"""
SELECT array_agg(DISTINCT floor(r.id / {Sieve.BLOCK}.0)::int) FROM creators_searchrow r
WHERE r.creator_id IN (SELECT creator_id FROM creators_unsieved)
"""  # noqa: S608 - as above
EVERY_BLOCK = f"SELECT array_agg(DISTINCT floor(id / {Sieve.BLOCK}.0)::int) FROM creators_searchrow"  # noqa: S608

FORGET = """
DELETE FROM creators_token t WHERE NOT EXISTS (
    SELECT FROM creators_searchrow r WHERE t.kind < 100 AND r.tokens @> ARRAY[t.id]
) AND NOT EXISTS (
    SELECT FROM creators_searchrow r WHERE t.kind >= 100 AND r.terms @> ARRAY[t.id]
)
"""

STORED = "SELECT id, creator_id, r::text FROM creators_searchrow r WHERE creator_id = ANY(%(ids)s)"
