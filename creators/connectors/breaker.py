"""A circuit breaker for each network: after failures in a row nobody asks it for a while.

Afterwards one call may try: the count of failures stands just below the limit, so that a single further failure
closes the door again, and a success forgets them all.
"""

from __future__ import annotations

from django.core.cache import cache

from creators.connectors.errors import Unreachable

FAILURES = 5
REST = 300  # seconds
MEMORY = 3600  # seconds without a failure after which earlier ones don't count


def check(network: str) -> None:
    """Raises Unreachable while the network is left alone."""
    if cache.get(rest_key(network)):
        raise Unreachable("The network failed several times in a row; the next try is in a few minutes.")


def worked(network: str) -> None:
    cache.delete(count_key(network))


def failed(network: str) -> None:
    cache.add(count_key(network), 0, MEMORY)
    if cache.incr(count_key(network)) >= FAILURES:
        cache.set(count_key(network), FAILURES - 1, MEMORY)
        cache.set(rest_key(network), True, REST)


def count_key(network: str) -> str:
    return f"connectors:{network}:failures"


def rest_key(network: str) -> str:
    return f"connectors:{network}:rest"
