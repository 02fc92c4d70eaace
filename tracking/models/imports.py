"""Uploaded files of orders."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse

from creators.models import Rejected, Upload, UploadQuerySet
from groundswell.accounts.models import Brand
from tracking.models.orders import Store


class OrderImport(Upload):
    """One uploaded file of orders of a store: history, another shop's export, or codes noted at a counter."""

    WORD: ClassVar[str] = "order_import"

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="order_imports")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="imports")
    file = models.FileField(upload_to="order-imports/%Y/%m/")
    mapping = models.JSONField(default=dict, help_text="As `tracking.importing.columns.Mapping.as_json` writes it.")

    objects: ClassVar[Any] = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["brand", "-id"], name="tracking_order_import_latest")]

    def get_absolute_url(self) -> str:
        return reverse("tracking:order-import", args=[self.code])


class RejectedOrder(Rejected):
    job = models.ForeignKey(OrderImport, on_delete=models.CASCADE, related_name="rejected_rows")

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["job", "line"], name="tracking_rejected_order_once")]
