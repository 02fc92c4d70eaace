"""An account among its peers in a brand's directory, and beside what others publish about the same cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet

from creators.metrics.figures import main_rate, measured
from creators.metrics.rates import AnyRate
from creators.models import Benchmark, SocialAccount, TierScheme
from creators.tiers import tier_filter, tier_of
from groundswell.accounts.models import Brand

ENOUGH_PEERS = 20


@dataclass(frozen=True)
class Place:
    """`share` of the peers has a lower rate; None with fewer than 20 peers or an unknown rate."""

    rate: AnyRate
    tier: str | None
    n: int
    share: Decimal | None


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


def peers_of(brand: Brand, account: SocialAccount, scheme: TierScheme | None) -> QuerySet[SocialAccount]:
    """Accounts of the same network and tier that the brand sees, the account itself left out."""
    tier = tier_of(scheme, account.network, account.followers)
    rows = SocialAccount.objects.visible_to(brand).filter(network=account.network).exclude(pk=account.pk)
    return rows.filter(tier_filter(scheme, [tier] if tier else []))


def place(brand: Brand, account: SocialAccount, scheme: TierScheme | None) -> Place:
    """Where the measured main rate stands among peers' measured ones; reported rates never mix with measured ones."""
    rate = measured(account)[main_rate(account).basis]
    tier = tier_of(scheme, account.network, account.followers)
    column = f"metrics__rate_{rate.basis}"
    known = peers_of(brand, account, scheme).filter(**{f"{column}__isnull": False}).annotate(peer=F(column))
    below = Count("pk", filter=Q(peer__lt=rate.value)) if rate.value is not None else Count("pk", filter=Q(pk=0))
    counts = known.aggregate(n=Count("pk"), below=below)
    is_told = rate.is_known and counts["n"] >= ENOUGH_PEERS
    return Place(rate, tier, counts["n"], Decimal(counts["below"]) / counts["n"] if is_told else None)


def beside(rate: AnyRate, rows: list[Benchmark], account: SocialAccount, tier: str | None) -> Beside:
    """Split the published rows of the account's cell by whether they share the rate's denominator."""
    cell = [row for row in rows if row.network == account.network and row.covers(tier, account.followers)]
    same = [row for row in cell if row.denominator == rate.basis]
    return Beside(rate, same, [row for row in cell if row.denominator != rate.basis])
