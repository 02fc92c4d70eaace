"""What the brand's script calls from the brand's own pages: leads and survey answers. No cookie, no key of a person.

A call counts only from a page of the brand's allowed domains, which the browser names in `Origin`. What it brings is a
claim of the page's, as everything in a browser is: a lead earns a mention, never money, and an answer counts as
evidence only after a person of the brand confirmed it.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from groundswell.api.throttles import ApiKeyThrottle
from tracking.actions import leads, surveys
from tracking.api.leads import AnswerInSerializer, LeadInSerializer, lead_data
from tracking.models import Lead, Snippet

HOUR = 3600


class PageThrottle(ApiKeyThrottle):
    """Calls per minute, snippet and address they come from."""

    scope = "snippet"

    def get_cache_key(self, request: Request, view: Any) -> str:
        ident = f"{view.kwargs['key']}:{self.get_ident(request)}"
        return self.cache_format % {"scope": self.scope, "ident": hashlib.sha256(ident.encode()).hexdigest()[:32]}


class SnippetThrottle(ApiKeyThrottle):
    """Calls per minute and snippet, from everywhere together."""

    scope = "snippet_all"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": view.kwargs["key"][:12]}


class Collect(APIView):
    """A call of a brand's page."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [PageThrottle, SnippetThrottle]
    snippet: Snippet

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.snippet = get_object_or_404(Snippet.objects.select_related("brand"), key=kwargs["key"])
        if not may_call(self.snippet, request.headers.get("Origin", "")):
            raise PermissionDenied("This page's domain is not among those that the brand allows.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        origin = request.headers.get("Origin", "")
        if hasattr(self, "snippet") and may_call(self.snippet, origin):
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Methods"] = "POST"
            response["Access-Control-Allow-Headers"] = "Content-Type"
            response["Access-Control-Max-Age"] = str(HOUR)
        patch_vary_headers(response, ["Origin"])
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What a browser asks before it lets a page call."""
        return Response(status=204)


def may_call(snippet: Snippet, origin: str) -> bool:
    """Whether a page at this origin may: HTTPS on an allowed host or below it."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and any(host == one or host.endswith(f".{one}") for one in snippet.domains)


class CollectLead(Collect):
    serializer_class: type[serializers.Serializer[Any]] = LeadInSerializer
    schema = None

    def post(self, request: Request, key: str) -> Response:
        fields = LeadInSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        brand = self.snippet.brand
        _, is_new = leads.receive_lead(brand, lead_data(brand, fields.validated_data), Lead.Via.SNIPPET)
        return Response({"status": "received" if is_new else "known"}, status=201 if is_new else 200)


class CollectAnswer(Collect):
    serializer_class: type[serializers.Serializer[Any]] = AnswerInSerializer
    schema = None

    def post(self, request: Request, key: str) -> Response:
        fields = AnswerInSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        given = fields.validated_data
        store = surveys.store_of(self.snippet.brand, given["order"])
        _, is_new = surveys.receive_answer(store, given["order"], given["answer"], given["answered_at"])
        return Response({"status": "received" if is_new else "known"}, status=201 if is_new else 200)


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script that brands' pages load; it stays the same for everybody, so that browsers keep it an hour."""
    body = files("tracking").joinpath("snippet/groundswell.js").read_bytes()
    answer = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={HOUR}"
    answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
