"""How old the results on a page may be."""

from __future__ import annotations

from datetime import datetime

from tracking.actions.clicks import spool_lag
from tracking.actions.rollups import oldest_mark


def waiting_since() -> datetime | None:
    """Since when the oldest click or order waits to be summed: unshipped in this host's spool, or in a stale day.

    None when every result is up to date.
    """
    return min((moment for moment in (spool_lag().oldest, oldest_mark()) if moment), default=None)
