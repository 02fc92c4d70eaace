"""The newest clicks of a link, for partners."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from groundswell.accounts.models import Brand
from groundswell.api.pagination import KeysetPagination
from groundswell.api.views import ApiView
from tracking.models import Click, TrackingLink


class ClickSerializer(serializers.ModelSerializer[Click]):
    """A click. No address and no visitor's name: neither is stored in a way that leads back to a person."""

    is_person = serializers.SerializerMethodField()

    class Meta:
        model = Click
        fields = (
            "id", "clicked_at", "received_at", "is_person", "bot_reason", "is_duplicate", "device", "app", "country",
            "referrer",
        )  # fmt: skip

    def get_is_person(self, click: Click) -> bool:
        return not click.bot_reason


class ByTime(KeysetPagination):
    """Newest click first."""

    ordering = ("-clicked_at", "-id")  # type: ignore[assignment]

    def read_position(self, text: str) -> object:
        return datetime.fromisoformat(text)


class LinkClicks(ApiView, ListAPIView[Click]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}
    serializer_class = ClickSerializer
    pagination_class = ByTime

    def get_queryset(self) -> QuerySet[Click]:
        if getattr(self, "swagger_fake_view", False):
            return Click.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return Click.objects.filter(link=get_object_or_404(TrackingLink.objects.of(brand), slug=self.kwargs["slug"]))

    @extend_schema(operation_id="link_clicks_list", tags=["returns"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Clicks of a link, newest first: people, repeats within ten seconds, and machines with the reason."""
        return super().get(request, *args, **kwargs)
