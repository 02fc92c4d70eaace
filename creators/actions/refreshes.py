"""Keeping accounts fresh within what the networks allow: the oldest of the most relevant ones first.

| rank | which accounts | as often as every |
|---|---|---|
| 0 | a person asked for it | at once |
| 1 | of creators in a campaign that is under way | day |
| 2 | of creators a brand is in touch with and has not blocked | 3 days |
| 3 | on a list | 7 days |
| 4 | the rest: the brand's own records, with the operator's key all public ones | 28 days |

A brand's connection serves what that brand sees, the operator's key serves everybody, and a creator's own connection
their account once a day; accounts with a connection of their own are left to it. YouTube's terms want stored facts
refreshed or removed within 30 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from creators.actions.connections import note_problem, read
from creators.actions.observations import observe, observe_mentions
from creators.actions.quotas import ROUTINE, Ledger
from creators.connectors.errors import AccountMissing, BadAnswer, ConnectorError, NotOffered
from creators.connectors.protocol import CommentFacts, Connector, PostFacts, Profile
from creators.models import AccountRefresh, Connection, Creator, Relationship, ShortlistEntry, SocialAccount
from creators.privacy import refusal
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

POSTS = 30
COMMENTED, COMMENTS = 3, 50  # posts whose comments are read, and how many of each
MENTIONS = 100
LEASE = timedelta(minutes=10)
SOON = timedelta(minutes=5)
FRESH = timedelta(hours=1)
DAY, RELATED, LISTED, REST = timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=28)
BATCH = 50
Source_of_ids = Callable[[Brand | None], "QuerySet[Any, Any]"]
in_campaigns: list[Source_of_ids] = []


class NothingConnected(Exception):
    """No connection can ask a network about this creator."""


@dataclass
class Outcome:
    """What a run over one connection came to; `stopped` says why it ended early."""

    refreshed: int = 0
    failed: int = 0
    stopped: str = ""


def count_in_campaigns(ids: Source_of_ids) -> Source_of_ids:
    """An app above tells which creators are in a campaign: keys of creators, of one brand or (None) of all."""
    in_campaigns.append(ids)
    return ids


@transaction.atomic
def request_refresh(brand: Brand, creator: Creator, *, by: User | None) -> int:
    """Put a creator's accounts at the head of the queue; how many. Those fresh within the hour are left alone.

    Raises NothingConnected where no connection reaches any of them.
    """
    accounts = [account for account in creator.accounts.visible_to(brand) if is_reachable(account, brand)]
    if not accounts:
        raise NothingConnected("None of these accounts can be refreshed: connect the network in the settings first.")
    now = timezone.now()
    stale = [account for account in accounts if not is_fresh(account, now)]
    for account in stale:
        AccountRefresh.objects.update_or_create(
            account=account, defaults={"due_at": now, "asked_at": now, "asked_for": brand}
        )
    record(brand, "refresh.requested", creator, by=by, accounts=len(stale))
    return len(stale)


def is_reachable(account: SocialAccount, brand: Brand) -> bool:
    own = Q(kind=Connection.Kind.OWN, account=account)
    others = Q(kind__in=[Connection.Kind.KEY, Connection.Kind.BRAND], user=None) & (Q(brand=brand) | Q(brand=None))
    return Connection.objects.live().filter(own | others, network=account.network).exists()


def is_fresh(account: SocialAccount, at: datetime) -> bool:
    return AccountRefresh.objects.filter(account=account, done_at__gt=at - FRESH).exists()


def due_accounts(connection: Connection, at: datetime, most: int = BATCH) -> list[SocialAccount]:
    """The accounts that this connection should ask about next, the most relevant first, then the oldest."""
    found: dict[int, SocialAccount] = {}
    for accounts in ranks(connection, at):
        room = most - len(found)
        if room <= 0:
            break
        found |= {account.pk: account for account in accounts.exclude(pk__in=found)[:room]}
    return list(found.values())


def ranks(connection: Connection, at: datetime) -> Iterator[QuerySet[SocialAccount]]:
    """One query for each rank, each in the order of its accounts."""
    if connection.kind == Connection.Kind.OWN:
        mine = SocialAccount.objects.filter(connections=connection)
        yield asked(mine, at)
        yield waiting(mine, at, DAY)
        return
    brand = connection.brand
    seen = in_sight(connection)
    yield asked(seen.filter(refresh__asked_for=brand) if brand else seen, at)
    for ids in in_campaigns:
        yield waiting(seen.filter(creator__in=ids(brand)), at, DAY)
    known = Relationship.objects.of(brand) if brand else Relationship.objects.all()
    yield waiting(seen.filter(creator__in=known.exclude(stage="blocked").values("creator")), at, RELATED)
    listed = ShortlistEntry.objects.filter(shortlist__brand=brand) if brand else ShortlistEntry.objects.all()
    yield waiting(seen.filter(creator__in=listed.values("creator")), at, LISTED)
    rest = seen.filter(owner=brand) if brand else seen
    yield rest.filter(refresh=None).order_by("pk")
    yield waiting(rest.filter(refresh__isnull=False), at, REST)


def in_sight(connection: Connection) -> QuerySet[SocialAccount]:
    accounts = SocialAccount.objects.filter(network=connection.network).select_related("creator", "owner")
    own = Connection.objects.live().filter(kind=Connection.Kind.OWN, account=OuterRef("pk"))
    accounts = accounts.exclude(Exists(own))
    return accounts.filter(Q(owner=None) | Q(owner=connection.brand)) if connection.brand else accounts


def asked(accounts: QuerySet[SocialAccount], at: datetime) -> QuerySet[SocialAccount]:
    wanted = accounts.filter(refresh__asked_at__isnull=False, refresh__due_at__lte=at)
    return wanted.order_by("refresh__asked_at", "pk")


def waiting(accounts: QuerySet[SocialAccount], at: datetime, interval: timedelta) -> QuerySet[SocialAccount]:
    """Not refreshed within the interval, and not being refreshed or put off; never refreshed ones first."""
    old = Q(refresh__done_at=None) | Q(refresh__done_at__lte=at - interval)
    due = Q(refresh=None) | Q(refresh__due_at__lte=at) & old
    return accounts.filter(due).order_by(F("refresh__done_at").asc(nulls_first=True), "pk")


def run_connection(connection: Connection, most: int = BATCH) -> Outcome:
    """Refresh what is due through one connection, until there is no more, the budget ends or the network says stop."""
    outcome = Outcome()
    for account in due_accounts(connection, timezone.now(), most):
        if not claim(account, timezone.now()):
            continue
        try:
            refresh_account(connection, account)
            outcome.refreshed += 1
        except (AccountMissing, BadAnswer) as problem:
            put_off(account, problem)
            outcome.failed += 1
        except ConnectorError as problem:
            release(account)
            note_problem(connection, problem)
            outcome.stopped = str(problem)
            break
    if not outcome.stopped:
        ask_for_mentions(connection)
    return outcome


def claim(account: SocialAccount, at: datetime) -> bool:
    """Whether this caller may refresh the account: nobody else is at it for the next ten minutes."""
    AccountRefresh.objects.get_or_create(account=account, defaults={"due_at": at})
    return bool(AccountRefresh.objects.filter(account=account, due_at__lte=at).update(due_at=at + LEASE))


def release(account: SocialAccount) -> None:
    AccountRefresh.objects.filter(account=account).update(due_at=timezone.now() + SOON)


def put_off(account: SocialAccount, problem: ConnectorError) -> None:
    """Try again in a day, then in two, four … at most 28; a request by hand is answered by the reason."""
    row = AccountRefresh.objects.get(account=account)
    pause = min(DAY * 2 ** min(row.failures, 5), REST)
    row.failures, row.error, row.asked_at = row.failures + 1, str(problem)[:300], None
    row.due_at = timezone.now() + pause
    row.save(update_fields=["failures", "error", "asked_at", "due_at"])


def refresh_account(connection: Connection, account: SocialAccount) -> None:
    """Ask the network about one account and write down what it says. Raises a ConnectorError.

    Of somebody who opted out nothing is fetched, except through the connection they made themselves.
    """
    if connection.kind != Connection.Kind.OWN and (reason := refusal(account.network, account.handle)):
        raise AccountMissing(reason)
    is_asked = AccountRefresh.objects.filter(account=account, asked_at__isnull=False).exists()
    ledger = Ledger(connection, share=1.0 if is_asked else ROUTINE)
    handle = "" if connection.kind == Connection.Kind.OWN else account.handle
    profile, posts, comments = read(connection, ledger, lambda client: ask(client, handle))
    now = timezone.now()
    observe(account, profile, posts, comments, now)
    facts = {"done_at": now, "due_at": now, "asked_at": None, "failures": 0, "error": ""}
    AccountRefresh.objects.filter(account=account).update(**facts)
    Connection.objects.filter(pk=connection.pk).update(used_at=now, error="", error_at=None)


Asked = tuple[Profile, list[PostFacts], dict[str, list[CommentFacts]]]


def ask(client: Connector, handle: str) -> Asked:
    """Profile, latest posts, and the comments of the newest of them by the post's id."""
    profile = client.fetch_profile(handle)
    posts = client.fetch_posts(profile, POSTS)
    if "comments" not in client.offers:
        return profile, posts, {}
    newest = [post for post in posts if post.comments_count][:COMMENTED]
    return profile, posts, {post.post_id: client.fetch_comments(post, COMMENTS) for post in newest}


def ask_for_mentions(connection: Connection) -> int:
    """Once a day, who tagged the brand's own account; how many posts of creators in its directory."""
    now = timezone.now()
    fresh = connection.mentions_at and connection.mentions_at > now - DAY
    if connection.kind != Connection.Kind.BRAND or connection.brand is None or fresh:
        return 0
    try:
        ledger = Ledger(connection, share=ROUTINE)
        posts = read(connection, ledger, lambda client: client.fetch_mentions(MENTIONS))
    except NotOffered:
        return 0
    except ConnectorError as problem:
        note_problem(connection, problem)
        return 0
    kept = observe_mentions(connection.brand, connection.network, connection.name, posts, now)
    Connection.objects.filter(pk=connection.pk).update(mentions_at=now, used_at=now)
    return kept
