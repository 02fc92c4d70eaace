"""The text both sides agree to."""

from __future__ import annotations

import hashlib
import re

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.collaborations import Collaboration, Offer
from groundswell.events.models import About

CHAPTER = re.compile(r"^(\d+\. [A-Z][A-Z ,]+)$", re.MULTILINE)


class Contract(models.Model):
    """The text both sides agreed to, with its hash and the circumstances of the agreement."""

    collaboration = models.OneToOneField(Collaboration, on_delete=models.PROTECT, related_name="contract")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="contract")
    template = models.CharField(max_length=20, help_text="Version of the template the text was made from.")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agreed_name = models.CharField(max_length=160, blank=True)
    agreed_address = models.GenericIPAddressField(null=True, blank=True)
    agreed_agent = models.CharField(max_length=300, blank=True)
    redacted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the creator was erased: the text lost their name, the hash is of before.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_at=None) | (Q(agreed_by__isnull=False) & ~Q(agreed_name="")),
                name="campaigns_contract_agreed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"Contract {self.sha256[:8]}"

    def about(self) -> About:
        return self.collaboration.about()

    @property
    def is_intact(self) -> bool:
        """Whether the stored text still has the hash it was agreed with; nobody can tell of a redacted one."""
        return self.redacted_at is None and digest(self.text) == self.sha256

    @property
    def chapters(self) -> list[tuple[str, str]]:
        """The text as (heading, body) for reading; its numbered headings stand alone on a line in capitals."""
        first, *rest = CHAPTER.split(self.text)
        return [("", first.strip()), *zip(rest[::2], (body.strip() for body in rest[1::2]), strict=True)]


def digest(text: str) -> str:
    """Hex SHA-256 of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
