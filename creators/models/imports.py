"""Uploaded files: what every kind has in common, and those of creators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


class UploadQuerySet(models.QuerySet[Any]):
    def of(self, brand: Brand) -> Any:
        return self.filter(brand=brand)

    def abandoned(self, before: datetime) -> Any:
        """Running without a sign of life since `before`: its worker died."""
        return self.filter(status__in=[Upload.Status.QUEUED, Upload.Status.RUNNING], beat_at__lt=before)

    def mapped_like(self, header: list[str]) -> Any:
        """Earlier imports of files with these very columns whose mapping was confirmed, the latest first."""
        return self.filter(header=header).exclude(status=Upload.Status.MAPPING).order_by("-pk")


class Upload(models.Model):
    """One uploaded file, from the mapping to the summary. A model of rejected rows points at it as `job`."""

    class Status(models.TextChoices):
        MAPPING = "mapping", "Waiting for the mapping"
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    if TYPE_CHECKING:  # every kind has these of its own
        brand: models.ForeignKey[Brand, Brand]
        file: models.FileField
        mapping: models.JSONField[dict[str, Any], dict[str, Any]]
        rejected_rows: Any
        objects: ClassVar[Any]
        get_absolute_url: Callable[[], str]

    WORD: ClassVar[str]  # how its events are called: "import" for "import.started"
    ENDED: ClassVar[tuple[str, ...]] = (Status.DONE, Status.CANCELLED, Status.FAILED)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    filename = models.CharField(max_length=200)
    header = models.JSONField(default=list, help_text="Names of the file's columns; how a mapping is remembered.")
    sheets = models.JSONField(default=list, help_text="Of a workbook: each sheet's name and number of rows.")
    sheet = models.CharField(max_length=100, blank=True, help_text="Of a workbook: the sheet that is read.")
    sample = models.JSONField(default=list, help_text="The first rows, each as its line number and its cells.")
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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.filename

    @property
    def percent(self) -> int:
        """How much of the file has been handled, 0 to 100."""
        return 100 if self.status == self.Status.DONE else int(100 * self.done / self.total) if self.total else 0

    @property
    def cancelled_words(self) -> str:
        """How far a cancelled file was read, and what is kept of it."""
        if not self.done:
            return "Cancelled before a row was read. Nothing was saved."
        far = f"Cancelled after {self.done:,} of {self.total or self.done:,} rows."
        if self.is_rehearsal:
            return f"{far} It was a dry run, so nothing was saved."
        return f"{far} What they say is kept. Upload the file again to read the rest; nothing comes twice."

    @property
    def may_start(self) -> bool:
        """Not started yet, or only rehearsed so far."""
        return self.status == self.Status.MAPPING or (self.is_rehearsal and self.has_ended)

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED


class RejectedQuerySet(models.QuerySet[Any]):
    def refused(self) -> Any:
        return self.filter(is_imported=False)

    def remarked(self) -> Any:
        return self.filter(is_imported=True)


class Rejected(models.Model):
    """A row that was refused, or imported without a value that can't be read, with the reason."""

    line = models.IntegerField()
    reason = models.CharField(max_length=300)
    is_imported = models.BooleanField(default=False, db_default=False)
    values = models.JSONField(default=list)

    objects: ClassVar[Any] = RejectedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class Import(Upload):
    """One uploaded file of creators, from the mapping to the summary."""

    WORD: ClassVar[str] = "import"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="imports")
    file = models.FileField(upload_to="imports/%Y/%m/")
    mapping = models.JSONField(default=dict, help_text="As `creators.importing.columns.Mapping.as_json` writes it.")

    objects: ClassVar[Any] = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["brand", "-id"], name="creators_import_latest")]

    def get_absolute_url(self) -> str:
        return reverse("creators:import", args=[self.code])


class RejectedRow(Rejected):
    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejected_rows")

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="creators_rejected_once")]
