"""The ledger of credit."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from tracking.models.orders import Order, Refund


class CreditQuerySet(models.QuerySet["Credit"]):
    def of(self, brand: Brand) -> CreditQuerySet:
        return self.filter(collaboration__campaign__brand=brand)


class Credit(models.Model):
    """An immutable line of the attribution ledger: what a collaboration earned from an order, and why.

    A refund adds a line with the opposite sign and the same share. Amounts are in the campaign's currency.
    """

    class Reason(models.TextChoices):
        CODE = "code", "Code of the creator on the order"
        CODE_AND_CLICK = "code_and_click", "Code and link of the same creator"
        LARGEST_CODE = "largest_code", "Several codes: the largest discount"
        CLICK = "click", "Click within the window, no code"
        LEAKED_CODE_CLICK = "leaked_code_click", "Leaked code: the click decides"
        PATH = "path", "Touch on the way to the order"
        SURVEY = "survey", "Named by the buyer"
        REFUND = "refund", "Refund of the order"
        EDIT = "edit", "Goods added to the order"
        RENEWAL = "renewal", "Renewal of a subscription that was credited"
        BY_HAND = "by_hand", "Matched by hand"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="credits")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="credits")
    collaboration = models.ForeignKey(Collaboration, on_delete=models.PROTECT, related_name="credits")
    rule = models.CharField(max_length=40, help_text="Name and version of the rule, such as code-first/1.")
    reason = models.CharField(max_length=20, choices=Reason)
    evidence = models.JSONField(default=dict)
    share = models.DecimalField(max_digits=12, decimal_places=10, default=Decimal(1))
    revenue = models.DecimalField(max_digits=16, decimal_places=4)
    commission = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    number = models.PositiveSmallIntegerField(default=0, help_text="Counts additions after the first credit.")
    credited_on = models.DateField(help_text="Day of the order or the refund, in the brand's time zone.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CreditQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "refund", "collaboration", "rule", "number"],
                name="tracking_credit_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(refund=None, revenue__gte=0)
                | Q(refund=None, reason="edit")
                | Q(refund__isnull=False, revenue__lte=0),
                name="tracking_credit_sign",
            ),
        ]
        indexes = [models.Index(fields=["collaboration", "credited_on"], name="tracking_credit_day")]

    def __str__(self) -> str:
        return f"{self.revenue} to {self.collaboration}"

    @property
    def is_first(self) -> bool:
        """Whether it credits a share, and neither takes back nor adds to one."""
        return self.refund_id is None and self.number == 0
