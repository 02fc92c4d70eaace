"""From typed words to the values of the index: their own, longer ones, and similar ones for a typing mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from creators.discovery.planning import LOOKED_UP, planned
from creators.discovery.sieve import owner_key
from creators.models.discovery import PUBLIC, Token
from groundswell.accounts.models import Brand

MOST = 50
# Words that begin as typed: the word itself, then the commonest. Whether anyone has it who may be seen is asked of
# the sieve first, which is quick for the common ones.
BEGINNING = """
SELECT typed.part, typed.word, coalesce(found.ids, '{}'), coalesce(found.own, 0), coalesce(found.frequency, 0),
    EXISTS (
        SELECT FROM creators_sieve word JOIN creators_sieve seen USING (block)
        WHERE word.key = ANY(found.ids) AND seen.key = ANY(%(seen)s) AND bit_count(word.bits & seen.bits) > 0
    )
    OR EXISTS (SELECT FROM creators_searchrow r WHERE r.terms && found.ids AND r.owner_id = ANY(%(owners)s))
FROM (
    SELECT part, left(word, 60) AS word, min(place) AS place
    FROM unnest(%(texts)s::text[]) WITH ORDINALITY given(text, part), unnest(creators_words(given.text))
        WITH ORDINALITY split(word, place)
    GROUP BY 1, 2
) typed
LEFT JOIN LATERAL (
    SELECT array_agg(id) AS ids, max(id) FILTER (WHERE value = typed.word COLLATE "C") AS own,
        sum(frequency)::int AS frequency
    FROM (
        SELECT * FROM (
            SELECT id, value, frequency FROM creators_token
            WHERE kind = 100 AND value >= typed.word COLLATE "C" AND value < (typed.word || chr(1114111)) COLLATE "C"
            ORDER BY value LIMIT 20000
        ) first
        ORDER BY value = typed.word COLLATE "C" DESC, frequency DESC, value LIMIT %(most)s
    ) best
) found ON true
ORDER BY typed.part, typed.place
"""
SIMILAR = """
SELECT id, value, frequency FROM (
    SELECT * FROM creators_token WHERE kind = 100 AND value %% %(word)s
    ORDER BY similarity(value, %(word)s) DESC, frequency DESC, value LIMIT 20
) alike
WHERE EXISTS (SELECT FROM creators_searchrow r WHERE r.terms @> ARRAY[alike.id] AND r.owner_id = ANY(%(owners)s))
LIMIT 8
"""
SUGGESTED = """
SELECT value FROM (
    SELECT * FROM creators_token
    WHERE kind = %(kind)s AND value >= %(text)s AND value < %(text)s || chr(1114111)
    ORDER BY frequency DESC, value LIMIT 60
) begin
WHERE EXISTS (
    SELECT FROM creators_searchrow r WHERE (r.terms @> ARRAY[begin.id] AND %(kind)s >= 100
        OR r.tokens @> ARRAY[begin.id] AND %(kind)s < 100) AND r.owner_id = ANY(%(owners)s)
)
LIMIT 10
"""


@dataclass(frozen=True)
class Typed:
    """A typed word: the words it stands for as keys, how many rows have one of them, and what it was taken for."""

    word: str
    ids: tuple[int, ...]
    own: int
    frequency: int
    taken_for: tuple[str, ...] = ()

    @property
    def is_cut(self) -> bool:
        """More words may begin like this than are searched."""
        return len(self.ids) >= MOST


def read_words(brand: Brand, texts: Sequence[str]) -> list[list[Typed]]:
    """The words of each text. A word that nobody has whom the brand may see is taken for similar ones."""
    found: list[list[Typed]] = [[] for _ in texts]
    if not any(texts):
        return found
    with planned(LOOKED_UP), connection.cursor() as cursor:
        cursor.execute(BEGINNING, {"texts": list(texts), "most": MOST, **seen(brand)})
        for part, word, ids, own, frequency, is_known in cursor.fetchall():
            typed = Typed(word, tuple(ids), own, frequency)
            found[part - 1].append(typed if is_known else corrected(brand, typed))
    return found


def corrected(brand: Brand, typed: Typed) -> Typed:
    with planned(LOOKED_UP), connection.cursor() as cursor:
        cursor.execute(SIMILAR, {"word": typed.word, **seen(brand)})
        rows = cursor.fetchall()
    ids, words = tuple(row[0] for row in rows), tuple(row[1] for row in rows)
    return Typed(typed.word, ids, typed.own, sum(row[2] for row in rows), words)


def suggest(brand: Brand, kind: Token.Kind, text: str) -> list[str]:
    """Up to ten values that begin with the text, the commonest first, of rows that the brand may see."""
    typed = text.replace("\x00", "").lower()[:60]
    with planned(LOOKED_UP), connection.cursor() as cursor:
        cursor.execute(SUGGESTED, {"kind": int(kind), "text": typed, **seen(brand)})
        return [row[0] for row in cursor.fetchall()]


def seen(brand: Brand) -> dict[str, list[int]]:
    """Whose rows the brand may see, as owners and as keys of the sieve."""
    found = [PUBLIC, brand.pk]
    return {"owners": found, "seen": [owner_key(owner) for owner in found]}
