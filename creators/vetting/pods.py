"""Groups of creators who comment below each other's posts. Pure.

After Weerasinghe, Flanigan, Stein, McCoy and Greenstadt, “The Pod People”, WWW 2020: accounts of a pod comment on each
other mutually and regularly. Two creators are tied where each wrote below at least 40 % of the other's posts whose
comments were read; ties make groups; a group of four and more is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from creators.vetting.signals import Signal, fine, look, note, unknown

MUTUAL = 0.4
GROUP = 4
ENOUGH_POSTS = 3
SHARED, SHARED_LEAST, SHARED_WITH = 0.5, 5, 2

POD_RULE = "a group of 4 creators or more who each wrote below 40 % of the others' posts"
SHARED_RULE = "half of the commenters, and 5 or more, shared with 2 other creators or more"


@dataclass(frozen=True)
class Written:
    """`posts[a]`: how many posts of account a had their comments read; `below[a][b]`: below how many b wrote."""

    posts: Mapping[int, int]
    below: Mapping[int, Mapping[int, int]]

    def mutual(self, one: int, two: int) -> float:
        """The smaller of the two shares; 0 where fewer than three posts of either were read."""
        if min(self.posts.get(one, 0), self.posts.get(two, 0)) < ENOUGH_POSTS:
            return 0.0
        there = self.below.get(one, {}).get(two, 0) / self.posts[one]
        back = self.below.get(two, {}).get(one, 0) / self.posts[two]
        return min(there, back)


@dataclass(frozen=True)
class Group:
    """The creators tied to one, itself included, and the mean share over their ties."""

    members: frozenset[int]
    mutual: float


def group_of(account: int, written: Written) -> Group:
    """Everybody who can be reached from the account over ties."""
    members, waiting, shares = {account}, [account], []
    nodes = sorted(written.posts)
    while waiting:
        one = waiting.pop()
        for two in nodes:
            share = written.mutual(one, two) if two != one else 0.0
            if share < MUTUAL:
                continue
            shares.append(share)
            if two not in members:
                members.add(two)
                waiting.append(two)
    return Group(frozenset(members), fmean(shares) if shares else 0.0)


def pod(account: int, written: Written, names: Mapping[int, str]) -> Signal:
    read = written.posts.get(account, 0)
    if read < ENOUGH_POSTS:
        why = f"The comments of {read} posts were read; those of {ENOUGH_POSTS} are needed."
        return unknown("pod", why, POD_RULE, posts=read)
    group = group_of(account, written)
    others = sorted(names.get(member, "?") for member in group.members - {account})
    numbers = {"posts": read, "group": len(group.members), "mutual": group.mutual, "with": others[:12]}
    if len(others) + 1 >= GROUP:
        because = (
            f"{len(others) + 1} creators write below {group.mutual:.0%} of each other's posts: {listed(others)}. "
            "Friends and colleagues do so too: read what they write."
        )
        return look("pod", because, POD_RULE, **numbers)
    if others:
        return note("pod", f"Comments go both ways with {listed(others)}.", POD_RULE, **numbers)
    return fine("pod", f"No mutual commenting in {read} posts.", POD_RULE, **numbers)


def shared_commenters(mine: int, others: Mapping[str, tuple[int, int]]) -> Signal:
    """`others`: per creator how many commenters are shared, and how many it has."""
    if mine < SHARED_LEAST:
        why = f"{mine} different commenters are known; {SHARED_LEAST} are needed."
        return unknown("shared_commenters", why, SHARED_RULE, commenters=mine)
    close = sorted(
        name
        for name, (shared, theirs) in others.items()
        if shared >= SHARED_LEAST and shared >= SHARED * min(mine, theirs)
    )
    numbers = {"commenters": mine, "with": close[:12]}
    if len(close) >= SHARED_WITH:
        text = f"Half of the commenters also write below the posts of {listed(close)}."
        return note("shared_commenters", text, SHARED_RULE, **numbers)
    return fine("shared_commenters", f"{mine} commenters, mostly its own.", SHARED_RULE, **numbers)


def listed(names: list[str]) -> str:
    """“@a, @b and 3 more”."""
    shown = ", ".join(f"@{name}" for name in names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
