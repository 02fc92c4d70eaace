"""The country of an address, from a database in MaxMind's format (GeoLite2, DB-IP, IPinfo …)."""

from __future__ import annotations

import logging

import maxminddb

logger = logging.getLogger(__name__)


class Countries:
    """Looks addresses up in a file, read when the process starts. Without the file nothing is known."""

    def __init__(self, path: str) -> None:
        self.reader: maxminddb.Reader | None = None
        try:
            self.reader = maxminddb.open_database(path, maxminddb.MODE_MMAP)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            logger.warning("Clicks get no country: %s cannot be read (%s)", path, error)

    def of(self, address: str) -> str:
        """Two capital letters, or empty. Some databases hold the code itself, some below `country`."""
        try:
            found = self.reader.get(address) if self.reader else None
        except (ValueError, maxminddb.InvalidDatabaseError):
            return ""
        place = found.get("country", found.get("country_code", "")) if isinstance(found, dict) else ""
        code = place.get("iso_code", "") if isinstance(place, dict) else place
        return code if isinstance(code, str) else ""
