"""What creators are owed: the commission of credited orders, from pending to paid."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand, User
from tracking.models.links import DiscountCode
from tracking.models.orders import Order


class CommissionQuerySet(models.QuerySet["Commission"]):
    def of(self, brand: Brand) -> CommissionQuerySet:
        return self.filter(collaboration__campaign__brand=brand)

    def of_user(self, user: User) -> CommissionQuerySet:
        return self.filter(collaboration__in=Collaboration.objects.of_user(user).agreed())

    def pending(self) -> CommissionQuerySet:
        return self.filter(status=Commission.Status.PENDING)

    def owed(self) -> CommissionQuerySet:
        return self.filter(status=Commission.Status.APPROVED)

    def held(self) -> CommissionQuerySet:
        """Earned by a code that may have leaked: it waits until somebody has looked."""
        doubtful = DiscountCode.objects.filter(collaboration=models.OuterRef("collaboration")).exclude(leak="none")
        return self.filter(models.Exists(doubtful), is_by_code=True)

    def due(self, day: date) -> CommissionQuerySet:
        """Pending ones whose time to send goods back is over, unless they are held."""
        return self.pending().filter(hold_until__lt=day).exclude(pk__in=self.held().values("pk"))


class Commission(models.Model):
    """A creator's commission for an order, in the campaign's currency.

    Its amount follows the ledger while it is pending. Once approved it is locked: what goes back later is a line of
    its own below zero, taken off the next payment.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        APPROVED = "approved", "Approved"
        PAID = "paid", "Paid"
        REVERSED = "reversed", "Reversed"

    collaboration = models.ForeignKey(Collaboration, on_delete=models.PROTECT, related_name="commissions")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="commissions")
    amount = models.DecimalField(max_digits=16, decimal_places=4, help_text="Below zero: taken off the next payment.")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    is_by_code = models.BooleanField(default=False)
    is_reversal = models.BooleanField(default=False, help_text="Takes back what was locked.")
    hold_until = models.DateField(help_text="Last day of the hold; locked after it.")
    locked_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reference = models.CharField(max_length=80, blank=True, help_text="Of the payment.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CommissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "collaboration"], condition=Q(status="pending"), name="tracking_commission_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "reversed"], locked_at=None)
                | Q(status__in=["approved", "paid"], locked_at__isnull=False),
                name="tracking_commission_locked",
            ),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False) | ~Q(status="paid") & Q(paid_at=None),
                name="tracking_commission_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["hold_until"], condition=Q(status="pending"), name="tracking_commission_due"),
            models.Index(fields=["collaboration", "status"], name="tracking_commission_of"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} for {self.order_id}"
