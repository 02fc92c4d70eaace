"""What creators are owed: following the ledger while it is pending, locked after the hold, paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record
from groundswell.lib.money import rounded
from tracking.attribution.rules import Rule
from tracking.models import Commission, Credit

HOLD = timedelta(days=Rule("").hold_days)
BY_CODE = ("code", "code_and_click", "largest_code")


class NothingOwed(Exception):
    """There is no approved commission above zero to pay."""

    def __str__(self) -> str:
        return "Nothing is approved above zero, so there is nothing to pay."


class OwedDiffers(Exception):
    """What is owed isn't what was paid: an order was approved or taken back meanwhile."""

    def __init__(self, owed: Decimal, currency: str) -> None:
        super().__init__(f"{rounded(owed, currency)} {currency} is owed, so nothing was noted. Look again.")


def book(credit: Credit, *, hold_days: int | None = None) -> None:
    """Let the commission of an order follow a new ledger line; the caller holds the order's lock.

    While it is pending its amount moves. What was locked stays: the line becomes an entry of its own.
    """
    if not credit.commission:
        return
    if not credit.is_first and moved(credit):
        return
    hold = HOLD if hold_days is None else timedelta(days=hold_days)
    is_reversal = credit.commission < 0
    Commission.objects.create(
        collaboration=credit.collaboration,
        order_id=credit.order_id,
        amount=credit.commission,
        is_by_code=credit.reason in BY_CODE,
        is_reversal=is_reversal,
        hold_until=credit.credited_on + (timedelta() if is_reversal else hold),
        **locked_at_once(is_reversal=is_reversal),
    )


def moved(credit: Credit) -> bool:
    """Move what is pending; False where nothing is."""
    pending = Commission.objects.pending().filter(order=credit.order_id, collaboration=credit.collaboration_id)
    if not pending.update(amount=F("amount") + credit.commission):
        return False
    pending.filter(amount=0).update(status=Commission.Status.REVERSED)
    return True


def locked_at_once(*, is_reversal: bool) -> dict[str, object]:
    """What takes back a locked amount waits for nothing."""
    return {"status": Commission.Status.APPROVED, "locked_at": timezone.now()} if is_reversal else {}


@transaction.atomic
def approve_commissions(brand: Brand, *, by: User | None = None) -> int:
    """Lock what the hold is over for; returns how many. Codes that may have leaked wait."""
    due = Commission.objects.of(brand).due(brand.day())
    keys = list(due.select_for_update(of=("self",), skip_locked=True).order_by("pk").values_list("pk", flat=True))
    if keys:
        rows = Commission.objects.pending().filter(pk__in=keys)
        rows.update(status=Commission.Status.APPROVED, locked_at=timezone.now())
        record(brand, "commissions.approved", brand, by=by, count=len(keys))
    return len(keys)


@transaction.atomic
def pay_commissions(
    collaboration: Collaboration, *, reference: str = "", paid: Decimal | None = None, by: User | None
) -> Sequence[Commission]:
    """Note that all that is owed to a creator for a campaign was paid.

    Raises NothingOwed at zero or below, OwedDiffers where `paid` is named and another amount is owed.
    """
    rows = list(Commission.objects.owed().filter(collaboration=collaboration).select_for_update().order_by("pk"))
    owed = Commission.objects.filter(pk__in=[row.pk for row in rows])
    total = owed.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if total <= 0:
        raise NothingOwed
    if paid is not None and paid != rounded(total, collaboration.campaign.currency):
        raise OwedDiffers(total, collaboration.campaign.currency)
    owed.update(status=Commission.Status.PAID, paid_at=timezone.now(), paid_by=by, reference=reference)
    facts = {"amount": str(total), "currency": collaboration.campaign.currency, "reference": reference}
    record(collaboration.campaign.brand, "commission.paid", collaboration, by=by, **facts)
    return rows
