"""The one interface of all connectors, and the facts that come through it. No database here.

Every number is as the network states it; None is unknown or hidden, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol


@dataclass(frozen=True)
class Access:
    """What a call is made with. `is_key` tells an application's key from a person's token."""

    secret: str = field(repr=False)
    is_key: bool = False
    account_id: str = ""  # of the connected account on its network


@dataclass(frozen=True)
class Grant:
    """Tokens that a network gave. `ends_at`: from then on only the person can renew the access; None: never."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    ends_at: datetime | None = None
    account_id: str = ""
    name: str = ""  # of the account, where the login tells it
    scopes: tuple[str, ...] = ()
    grantor: str = ""  # who said yes, on the network, where that is somebody else than the account


@dataclass(frozen=True)
class Profile:
    """An account. `hidden` names numbers that the account's owner hides, in the words of `SocialAccount`."""

    account_id: str
    handle: str
    name: str = ""
    bio: str = ""
    url: str = ""
    followers: int | None = None
    following: int | None = None
    posts_count: int | None = None
    is_verified: bool | None = None
    account_type: str = ""
    country: str = ""
    hidden: frozenset[str] = frozenset()
    posts_at: str = ""  # where a network keeps the list of posts, where that isn't the account itself


@dataclass(frozen=True)
class PostFacts:
    """A post. `aliases` are other addresses of the same post; `is_sponsored` None: the network doesn't say."""

    post_id: str
    url: str
    format: str = ""
    caption: str = ""
    posted_at: datetime | None = None
    likes: int | None = None
    comments_count: int | None = None
    shares: int | None = None
    saves: int | None = None
    views: int | None = None
    reach: int | None = None
    is_sponsored: bool | None = None
    is_disclosed: bool | None = None
    author: str = ""  # handle, for posts of others
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommentFacts:
    author: str
    text: str
    posted_at: datetime | None = None
    is_reply: bool = False


class Meter(Protocol):
    """Counts calls against a budget."""

    def spend(self, bucket: str, cost: int) -> None:
        """Take `cost` from the bucket of the current window. Raises QuotaExhausted, and then nothing is taken."""

    def exhaust(self, bucket: str) -> None:
        """The network says the bucket is empty, whatever we counted."""


class Connector(Protocol):
    """A client of one network. Every call may raise a ConnectorError and nothing else."""

    network: ClassVar[str]
    offers: frozenset[str]  # of "anyone" (accounts that are not connected), "comments", "mentions"

    def fetch_profile(self, handle: str) -> Profile:
        """The account with the handle; the connected account itself for an empty one. Raises AccountMissing."""

    def fetch_posts(self, profile: Profile, most: int) -> list[PostFacts]:
        """The latest posts, newest first."""

    def fetch_comments(self, post: PostFacts, most: int) -> list[CommentFacts]:
        """Comments below a post with their replies; nothing where they are switched off. Raises NotOffered."""

    def fetch_mentions(self, most: int) -> list[PostFacts]:
        """Posts of others in which the connected account is tagged. Raises NotOffered."""


class Login(Protocol):
    """How a network lets a person connect their account: OAuth 2."""

    network: ClassVar[str]
    scopes: ClassVar[tuple[str, ...]]
    uses_pkce: ClassVar[bool]

    @property
    def is_configured(self) -> bool:
        """Whether this installation is registered with the network."""

    def authorise_url(self, state: str, redirect_uri: str, verifier: str) -> str:
        """Where the person says yes. `verifier` is PKCE's; networks without PKCE ignore it."""

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Grant:
        """The tokens for the code that the person came back with. Raises AccessRevoked for a used or false code."""

    def refresh_token(self, grant: Grant) -> Grant:
        """Fresh tokens. Raises AccessRevoked when only the person can renew the access."""

    def revoke_token(self, grant: Grant) -> None:
        """End the access at the network; nothing happens where it has ended. Raises a ConnectorError, and NotOffered
        where the network knows no such call."""
