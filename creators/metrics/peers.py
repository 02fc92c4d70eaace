"""An account among its peers in a brand's directory, and beside what others publish about the same cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

from django.db.models import Count, F, Q, QuerySet

from creators.discovery.conditions import Conditions
from creators.discovery.draws import Draw, draw_rows
from creators.discovery.filters import Bounds, Choice, Filters
from creators.discovery.planning import KEYED, planned
from creators.metrics.figures import main_rate, measured
from creators.metrics.rates import AnyRate
from creators.models import Benchmark, SocialAccount, TierScheme
from creators.tiers import tier_filter, tier_of
from groundswell.accounts.models import Brand

ENOUGH_PEERS = 20
COMPARED = 5_000  # peers that are all looked at; of more, about so many


@dataclass(frozen=True)
class Place:
    """`share` of `n` peers has a lower rate; None with fewer than 20 peers or an unknown rate.

    They are all the peers that the brand sees, or drawn at random from about `of`.
    """

    rate: AnyRate
    tier: str | None
    n: int
    share: Decimal | None
    of: int
    is_exact: bool

    @property
    def margin(self) -> float | None:
        """Half of the 95 % interval of the share, by the normal approximation; None where all peers were looked at."""
        if self.share is None or self.is_exact:
            return None
        return 1.96 * sqrt(self.share * (1 - self.share) / self.n)


@dataclass(frozen=True)
class Beside:
    """Published rows of the same denominator as a band, and those that can't be compared."""

    rate: AnyRate
    rows: list[Benchmark]
    others: list[Benchmark]

    @property
    def low(self) -> Decimal | None:
        return min((row.low for row in self.rows), default=None)

    @property
    def high(self) -> Decimal | None:
        """Where the highest row ends; None where one is open."""
        tops = [row.top for row in self.rows]
        return None if None in tops else max((top for top in tops if top is not None), default=None)

    @property
    def verdict(self) -> str:
        """Below, within or above the band; empty where there is nothing to compare."""
        if self.rate.value is None or self.low is None:
            return ""
        if self.rate.value < self.low:
            return "below"
        return "above" if self.high is not None and self.rate.value > self.high else "within"

    @property
    def refusals(self) -> list[str]:
        """In words, which published figures are not compared and why."""
        words = {
            label: sorted({row.source for row in self.others if row.get_denominator_display() == label})
            for label in dict.fromkeys(row.get_denominator_display() for row in self.others)
        }
        return [
            f"Not compared with {', '.join(sources)}: {label}, while this rate is {self.rate.phrase}."
            for label, sources in words.items()
        ]


def place(brand: Brand, account: SocialAccount, scheme: TierScheme | None) -> Place:
    """Where the measured main rate stands among peers' measured ones; reported rates never mix with measured ones."""
    rate = measured(account)[main_rate(account).basis]
    tier = tier_of(scheme, account.network, account.followers)
    if tier is None:
        return Place(rate, tier, 0, None, 0, is_exact=True)
    drawn = draw_rows(Conditions(brand, cell(account.network, tier, rate.basis), scheme), COMPARED)
    known = peers_of(brand, account, scheme, drawn).annotate(peer=F(f"metrics__rate_{rate.basis}"))
    below = Q(peer__lt=rate.value) if rate.value is not None else Q(pk=0)
    with planned(KEYED):
        counts = known.filter(peer__isnull=False).aggregate(n=Count("pk"), below=Count("pk", filter=below))
    n = counts["n"]
    share = Decimal(counts["below"]) / n if rate.is_known and n >= ENOUGH_PEERS else None
    return Place(rate, tier, n, share, round(n * drawn.scale), drawn.is_whole)


def cell(network: str, tier: str, basis: str) -> Filters:
    """Accounts of one network and tier with a rate on this basis."""
    lists = {"network": Choice(any=(network,)), "tier": Choice(any=(tier,))}
    return Filters(lists=lists, bounds={"er": Bounds(low=Decimal(0))}, basis=basis)


def peers_of(brand: Brand, account: SocialAccount, scheme: TierScheme | None, drawn: Draw) -> QuerySet[SocialAccount]:
    """Of the rows drawn, accounts of the same network and tier that the brand sees, the account itself left out."""
    tier = tier_of(scheme, account.network, account.followers)
    rows = SocialAccount.objects.visible_to(brand).filter(
        network=account.network, creator__is_listed=True, creator__leaves_at=None
    )
    return rows.filter(tier_filter(scheme, [tier] if tier else []), pk__among=drawn.keys).exclude(pk=account.pk)


def beside(rate: AnyRate, rows: list[Benchmark], account: SocialAccount, tier: str | None) -> Beside:
    """Split the published rows of the account's cell by whether they share the rate's denominator."""
    cell = [row for row in rows if row.network == account.network and row.covers(tier, account.followers)]
    same = [row for row in cell if row.denominator == rate.basis]
    return Beside(rate, same, [row for row in cell if row.denominator != rate.basis])
