"""Uploaded files of creators."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code

if TYPE_CHECKING:
    from datetime import datetime


class ImportQuerySet(models.QuerySet["Import"]):
    def of(self, brand: Brand) -> ImportQuerySet:
        return self.filter(brand=brand)

    def abandoned(self, before: datetime) -> ImportQuerySet:
        """Running without a sign of life since `before`: its worker died."""
        return self.filter(status__in=[Import.Status.QUEUED, Import.Status.RUNNING], beat_at__lt=before)

    def mapped_like(self, header: list[str]) -> ImportQuerySet:
        """Earlier imports of files with these very columns whose mapping was confirmed, the latest first."""
        return self.filter(header=header).exclude(status=Import.Status.MAPPING).order_by("-pk")


class Import(models.Model):
    """One uploaded file of creators, from the mapping to the summary."""

    class Status(models.TextChoices):
        MAPPING = "mapping", "Waiting for the mapping"
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    ENDED: ClassVar[tuple[str, ...]] = (Status.DONE, Status.CANCELLED, Status.FAILED)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/")
    filename = models.CharField(max_length=200)
    header = models.JSONField(default=list, help_text="Names of the file's columns; how a mapping is remembered.")
    sheets = models.JSONField(default=list, help_text="Of a workbook: each sheet's name and number of rows.")
    sheet = models.CharField(max_length=100, blank=True, help_text="Of a workbook: the sheet that is read.")
    sample = models.JSONField(default=list, help_text="The first rows, each as its line number and its cells.")
    mapping = models.JSONField(default=dict, help_text="As `creators.importing.columns.Mapping.as_json` writes it.")
    status = models.CharField(max_length=10, choices=Status, default=Status.MAPPING)
    is_rehearsal = models.BooleanField(default=False, help_text="Reads and counts the whole file and keeps no row.")
    is_cancelling = models.BooleanField(default=False)
    total = models.IntegerField(null=True)
    done = models.IntegerField(default=0, help_text="Rows of the file handled so far; where a resumed job goes on.")
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    remarked = models.IntegerField(
        default=0, db_default=0, help_text="Of the imported rows those in which a value was left out."
    )
    attempts = models.IntegerField(default=0, help_text="Deaths of workers since the last finished batch.")
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["brand", "-id"], name="creators_import_latest")]

    def __str__(self) -> str:
        return self.filename

    @property
    def percent(self) -> int:
        """How much of the file has been handled, 0 to 100."""
        return 100 if self.status == self.Status.DONE else int(100 * self.done / self.total) if self.total else 0

    @property
    def may_start(self) -> bool:
        """Not started yet, or only rehearsed so far."""
        return self.status == self.Status.MAPPING or (self.is_rehearsal and self.has_ended)

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED


class RejectedRowQuerySet(models.QuerySet["RejectedRow"]):
    def refused(self) -> RejectedRowQuerySet:
        return self.filter(is_imported=False)

    def remarked(self) -> RejectedRowQuerySet:
        return self.filter(is_imported=True)


class RejectedRow(models.Model):
    """A row that was refused, or imported without a value that can't be read, with the reason."""

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejected_rows")
    line = models.IntegerField()
    reason = models.CharField(max_length=300)
    is_imported = models.BooleanField(default=False, db_default=False)
    values = models.JSONField(default=list)

    objects = RejectedRowQuerySet.as_manager()

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="creators_rejected_once")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
