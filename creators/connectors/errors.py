"""Everything that can go wrong with a network, in the few ways that make a difference to us.

Messages are for people, name no token and quote no address.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Any failure of a connector."""


class Unreachable(ConnectorError):
    """No answer, or the network's own fault (5xx), after retries."""


class BadAnswer(ConnectorError):
    """An answer that isn't what the documentation promises: not JSON, of another shape, or too large."""


class RateLimited(ConnectorError):
    """Too many calls; `wait` in seconds as the network says, or a guess."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class QuotaExhausted(ConnectorError):
    """The budget of the window is used up; `wait` in seconds until the next one."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class TokenExpired(ConnectorError):
    """The access token is too old; a fresh one may work."""


class AccessRevoked(ConnectorError):
    """Only the person can renew the access, by connecting again."""


class ScopeMissing(AccessRevoked):
    """The person did not allow what the call needs."""


class AccountMissing(ConnectorError):
    """No such account, or none that the network shows to others (personal, private, age-gated)."""


class NotOffered(ConnectorError):
    """The network has no such call."""
