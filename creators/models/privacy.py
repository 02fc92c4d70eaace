"""What people asked to be done with their own data, and what must never be kept of them again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from creators.models.claims import proof_code
from creators.models.creators import Network
from groundswell.lib.codes import short_code

if TYPE_CHECKING:
    from groundswell.accounts.models import User


class OptOut(models.Model):
    """An address or an account, as a keyed hash only, whose owner wants something not to be done."""

    class Wish(models.TextChoices):
        ERASED = "erased", "Erased: keep nothing"
        UNLISTED = "unlisted", "Not listed, not imported"
        UNCONTACTED = "uncontacted", "Not written to"
        LEAVING = "leaving", "About to be erased"

    digest = models.CharField(max_length=64)
    wish = models.CharField(max_length=12, choices=Wish)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "wish"], name="creators_opt_out_once")]

    def __str__(self) -> str:
        return f"{self.get_wish_display()} {self.digest[:8]}…"


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def of_user(self, user: User) -> DataRequestQuerySet:
        return self.filter(user=user)

    def copies(self) -> DataRequestQuerySet:
        return self.filter(kind=DataRequest.Kind.COPY)

    def unfinished(self, before: datetime) -> DataRequestQuerySet:
        """Without a sign of life since `before`: the worker died, or the queue lost them."""
        waiting = [DataRequest.Status.QUEUED, DataRequest.Status.RUNNING]
        return self.filter(status__in=waiting, beat_at__lt=before)

    def old(self, at: datetime) -> DataRequestQuerySet:
        """Copies whose file has been kept for long enough."""
        return self.copies().filter(created_at__lt=at - DataRequest.KEPT).exclude(file="")


class DataRequest(models.Model):
    """A creator's wish to have a copy of their data, or to have it erased."""

    class Kind(models.TextChoices):
        COPY = "copy", "Copy of the data"
        ERASURE = "erasure", "Erasure"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    KEPT: ClassVar[timedelta] = timedelta(days=7)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    done = models.IntegerField(default=0, help_text="Kinds of rows handled so far.")
    total = models.IntegerField(default=0)
    file = models.FileField(upload_to="copies/%Y/%m/", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="creators_request_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.user_id}"

    @property
    def has_ended(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED}


class RemovalQuerySet(models.QuerySet["Removal"]):
    def waiting(self) -> RemovalQuerySet:
        """Without a proof yet: the operator's queue, the longest waiting first."""
        return self.filter(proof="").order_by("pk")

    def due(self, at: datetime) -> RemovalQuerySet:
        """Whose time to change their mind is over."""
        return self.filter(erase_at__lte=at).order_by("pk")

    def stale(self, at: datetime) -> RemovalQuerySet:
        """Never proven."""
        return self.waiting().filter(created_at__lt=at - Removal.PATIENCE)


class Removal(models.Model):
    """Somebody without a profile here wants what is kept about an account of theirs to be erased.

    Waits for a proof that the account is theirs; with one, what is kept is hidden from everybody until `erase_at`. The
    row is deleted when it has ended, however it ended. It says nothing of whether the account is kept here.
    """

    class Proof(models.TextChoices):
        CONTACT = "contact", "The record's public e-mail address"
        CODE = "code", "Code in the bio"
        OPERATOR = "operator", "Checked by the operator"

    GRACE: ClassVar[timedelta] = timedelta(days=14)
    PATIENCE: ClassVar[timedelta] = timedelta(days=30)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    network = models.CharField(max_length=10, choices=Network)
    handle = models.CharField(max_length=80, help_text="Lower case, without @.")
    email = models.EmailField(help_text="Proven by a link.")
    proof = models.CharField(max_length=10, choices=Proof, blank=True)
    proof_code = models.CharField(max_length=20, default=proof_code)
    created_at = models.DateTimeField(auto_now_add=True)
    erase_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RemovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "handle", "email"], name="creators_removal_once"),
            models.CheckConstraint(
                condition=Q(proof="") ^ Q(erase_at__isnull=False), name="creators_removal_proven_has_time"
            ),
        ]
        indexes = [models.Index(fields=["erase_at"], name="creators_removal_due")]

    def __str__(self) -> str:
        return f"@{self.handle} on {self.get_network_display()}"
