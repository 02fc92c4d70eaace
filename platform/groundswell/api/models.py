"""Answers kept for partners who ask the same thing twice."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from groundswell.accounts.models import ApiKey, Brand


class IdempotentCallQuerySet(models.QuerySet["IdempotentCall"]):
    def of(self, brand: Brand) -> IdempotentCallQuerySet:
        return self.filter(brand=brand)

    def forgettable(self, before: datetime) -> IdempotentCallQuerySet:
        return self.filter(created_at__lt=before)


class IdempotentCall(models.Model):
    """One answered write, under the name the partner gave it. Keys belong to the brand, so a new API key may retry."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=400)
    request_hash = models.CharField(max_length=64, help_text="SHA-256 over method, path and body.")
    status = models.PositiveSmallIntegerField()
    body = models.TextField(help_text="JSON as it was answered; empty for an answer without a body.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IdempotentCallQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "key"], name="api_call_key_once")]
        indexes = [models.Index(fields=["created_at"], name="api_call_age")]

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.key})"
