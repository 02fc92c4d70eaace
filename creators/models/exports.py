"""Files of creators that people ask for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models

from groundswell.accounts.models import Brand
from groundswell.lib.codes import short_code


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, brand: Brand) -> ExportQuerySet:
        return self.filter(brand=brand)

    def abandoned(self, before: datetime) -> ExportQuerySet:
        """Running without a sign of life since `before`: the worker died."""
        return self.filter(status=Export.Status.RUNNING, beat_at__lt=before)

    def old(self, at: datetime) -> ExportQuerySet:
        return self.filter(created_at__lt=at - Export.KEPT)


class Export(models.Model):
    """Creators found by a search, with the columns chosen, as one file; it is kept for a week."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel workbook"

    ENDED: ClassVar[tuple[str, ...]] = (Status.DONE, Status.FAILED)
    KEPT: ClassVar[timedelta] = timedelta(days=7)

    code = models.CharField(max_length=12, unique=True, default=short_code)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="exports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    query = models.TextField(blank=True, help_text="The search as the directory's address writes it.")
    columns = models.JSONField(default=list, help_text="Keys of `creators.exporting.COLUMNS` in the file's order.")
    format = models.CharField(max_length=4, choices=Format, default=Format.CSV)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    file = models.FileField(upload_to="exports/%Y/%m/", blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["brand", "-id"], name="creators_export_latest")]

    def __str__(self) -> str:
        return f"export {self.code}"

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    @property
    def filename(self) -> str:
        return f"creators-{self.created_at:%Y-%m-%d}-{self.code}.{self.format}"
