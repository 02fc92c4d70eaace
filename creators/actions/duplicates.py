"""Finding records that may be one person."""

from __future__ import annotations

from django.db import connection, transaction

from creators.models import Network
from creators.models.merges import MergeProposal
from groundswell.accounts.models import Brand

MOST = 2_000  # pairs proposed at once
SHARED_BY = 4  # more creators than these behind one address are an agency's, not one person

# Of the records in `mine` (a brand's own, or the public ones) each pair with one in `seen` (those and the public ones).
PAIRS = """
WITH mine AS NOT MATERIALIZED (
    SELECT id, name, country, bio FROM creators_creator WHERE owner_id IS NOT DISTINCT FROM %(brand)s
), seen AS NOT MATERIALIZED (
    SELECT id, name, country, bio FROM creators_creator
    WHERE owner_id IS NOT DISTINCT FROM %(brand)s OR owner_id IS NULL
), accounts AS NOT MATERIALIZED (
    SELECT a.creator_id, a.network, a.handle FROM creators_socialaccount a
    WHERE a.owner_id IS NOT DISTINCT FROM %(brand)s OR a.owner_id IS NULL
), addresses AS (
    SELECT creator_id, lower(email) AS email FROM creators_relationship WHERE brand_id = %(brand)s AND email <> ''
    UNION SELECT creator_id, lower(value) FROM creators_contactchannel
    WHERE kind = 'email' AND (owner_id IS NOT DISTINCT FROM %(brand)s OR owner_id IS NULL)
), shared AS (
    SELECT email FROM addresses GROUP BY email HAVING count(DISTINCT creator_id) BETWEEN 2 AND %(shared_by)s
), named AS (
    SELECT mine.id, found[1] AS network, rtrim(found[2], '.') AS handle
    FROM mine, regexp_matches(lower(mine.bio), '(instagram|tiktok|youtube)\\.com/@?([a-z0-9_.]+)', 'g') found
    WHERE mine.bio ~* '(instagram|tiktok|youtube)\\.com/'
), links AS (
    SELECT seen.id, lower(seen.name) AS name, seen.country, rtrim(found[1], './') AS link
    FROM seen,
        regexp_matches(lower(seen.bio), '(?:https?://)?((?:[a-z0-9-]+\\.)+[a-z]{2,}/[^\\s,;)]+)', 'g') found
    WHERE seen.country <> '' AND seen.bio LIKE '%%/%%'
), pairs AS (
    SELECT m.id AS one, b.creator_id AS other, 'handle' AS kind, a.handle AS what, a.network AS here, b.network AS there
    FROM mine m JOIN accounts a ON a.creator_id = m.id JOIN accounts b ON b.handle = a.handle
    UNION ALL
    SELECT m.id, b.creator_id, 'email', a.email, '', ''
    FROM mine m JOIN addresses a ON a.creator_id = m.id JOIN shared s ON s.email = a.email
    JOIN addresses b ON b.email = a.email
    UNION ALL
    SELECT n.id, b.creator_id, 'link', b.handle, '', b.network
    FROM named n JOIN accounts b ON b.network = n.network AND b.handle = n.handle
    UNION ALL
    SELECT m.id, b.id, 'same', b.link, '', ''
    FROM mine m JOIN links a ON a.id = m.id
    JOIN links b ON (b.name, b.country, b.link) = (a.name, a.country, a.link)
)
SELECT DISTINCT least(one, other), greatest(one, other), kind, what,
    CASE WHEN one < other THEN here ELSE there END, CASE WHEN one < other THEN there ELSE here END
FROM pairs WHERE one <> other ORDER BY 1, 2, 3, 4, 5, 6 LIMIT %(most)s"""
REASONS = {
    "handle": "Both are @{what}: on {here} and on {there}.",
    "email": "Both have the address {what}.",
    "link": "The bio of one names the other's account, @{what} on {there}.",
    "same": "Both have the same name, country and link in the bio: {what}.",
}


@transaction.atomic
def propose_merges(brand: Brand | None) -> int:
    """Propose the pairs among a brand's own records (and public ones it sees), or among the public ones.

    Dismissed pairs stay dismissed; open ones that nothing speaks for any more go. Returns how many are open.
    """
    found = reasons_by_pair(brand)
    for proposal in MergeProposal.objects.open().filter(brand=brand):
        if (proposal.first_id, proposal.second_id) not in found:
            proposal.delete()
    MergeProposal.objects.bulk_create(
        [
            MergeProposal(brand=brand, first_id=first, second_id=second, reasons=reasons)
            for (first, second), reasons in found.items()
        ],
        update_conflicts=True,
        unique_fields=["brand", "first", "second"],
        update_fields=["reasons"],
    )
    return MergeProposal.objects.open().filter(brand=brand).count()


def reasons_by_pair(brand: Brand | None) -> dict[tuple[int, int], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, {"brand": brand.pk if brand else None, "shared_by": SHARED_BY, "most": MOST})
        rows = cursor.fetchall()
    found: dict[tuple[int, int], list[str]] = {}
    for first, second, *facts in rows:
        reasons = found.setdefault((first, second), [])
        if (reason := sentence(*facts)) not in reasons:
            reasons.append(reason)
    return found


def sentence(kind: str, what: str, here: str, there: str) -> str:
    names = dict(Network.choices)
    return REASONS[kind].format(what=what, here=names.get(here, here), there=names.get(there, there))
