"""Creators who say that an account is theirs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from creators.models.creators import Creator, Network
from groundswell.accounts.models import Brand
from groundswell.events.models import About
from groundswell.lib.codes import short_code

if TYPE_CHECKING:
    from groundswell.accounts.models import User


def proof_code() -> str:
    """To be put into a bio: 32 random bits, which nobody guesses in the days a claim is open."""
    return f"gs-{secrets.token_hex(4)}"


class ClaimQuerySet(models.QuerySet["Claim"]):
    def of_user(self, user: User) -> ClaimQuerySet:
        return self.filter(user=user)

    def pending(self) -> ClaimQuerySet:
        """The moderation queue, the longest waiting first."""
        return self.filter(status=Claim.Status.PENDING).order_by("pk")


class Claim(models.Model):
    """A creator's word that an account is theirs and may be listed, until the operator or a proof settles it."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    class Proof(models.TextChoices):
        NONE = "none", "None"
        INVITED = "invited", "A brand's invitation"
        CONTACT = "contact", "The record's public e-mail address"
        CONNECTED = "connected", "Connected account"
        CODE = "code", "Code in the bio"
        OPERATOR = "operator", "Checked by the operator"

    code = models.CharField(max_length=12, unique=True, default=short_code)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    creator = models.ForeignKey(
        Creator, on_delete=models.CASCADE, null=True, blank=True, related_name="claims", help_text="Once it is theirs."
    )
    invited_by = models.ForeignKey(Brand, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    network = models.CharField(max_length=10, choices=Network)
    handle = models.CharField(max_length=80, help_text="Lower case, without @.")
    is_taken = models.BooleanField(default=False, help_text="The account is public already, so it needs a proof.")
    proof = models.CharField(max_length=10, choices=Proof, default=Proof.NONE)
    proof_code = models.CharField(max_length=20, default=proof_code)
    message = models.CharField(max_length=500, blank=True, help_text="What the creator adds for the operator.")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was refused; the creator reads it.")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network", "handle"], condition=Q(status="pending"), name="creators_claim_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status="pending") ^ Q(decided_at__isnull=False), name="creators_claim_decided_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(creator__isnull=False), name="creators_claim_approved_has_creator"
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(reason=""), name="creators_claim_refused_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="creators_claim_queue")]

    def __str__(self) -> str:
        return f"@{self.handle} on {self.get_network_display()}"

    def about(self) -> About:
        return About(self.creator_id)
