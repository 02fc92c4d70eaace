"""Counts beside filters, creators alike, and the team's saved searches, for partners."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from creators.actions.searches import change_search, save_search
from creators.actions.shortlists import NameTakenError, delete_shortlist
from creators.api.creators import FILTERS, CreatorSerializer, written
from creators.discovery.alike import MOST_SEEDS, Alike, Lookalikes
from creators.discovery.filters import Filters
from creators.discovery.search import Search
from creators.lists import SearchRefusedError
from creators.models import Creator, SearchMatch, Shortlist
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent


class OptionSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="For the filter of the facet's name.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(help_text="Creators it would leave, under all the other filters.")


class FacetSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    is_exact = serializers.BooleanField(help_text="False: counted on a sample of the creators found.")
    options = OptionSerializer(many=True)


class FacetsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text="Creators found.")
    is_exact = serializers.BooleanField(help_text="False: an estimate.")
    taken_for = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Words that nobody uses, and the similar ones searched for instead.",
    )
    cut = serializers.ListField(
        child=serializers.CharField(),
        help_text="Beginnings of so many words that only the 50 commonest were searched: type more of them.",
    )
    facets = FacetSerializer(many=True)


class FacetList(GenericAPIView[Any]):
    """How many creators a search finds, and how many each value of a filter would leave."""

    scopes: ClassVar = {"GET": "creators:read"}
    serializer_class = FacetsSerializer
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creators_facets", parameters=FILTERS, responses=FacetsSerializer)
    def get(self, request: ApiRequest) -> Response:
        search = Search(request.auth.brand, understood(request))
        found = {
            "count": search.count(),
            "is_exact": search.is_exact,
            "taken_for": search.taken_for,
            "cut": search.cut,
            "facets": search.facets(),
        }
        return Response(FacetsSerializer(found).data)


def understood(request: ApiRequest) -> Filters:
    """Raises ValidationError for filters that can't be read."""
    filters = Filters.parse(request.query_params)
    if filters.problems:
        raise ValidationError({"filters": list(filters.problems)})
    return filters


class ReasonSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    likeness = serializers.FloatField(help_text="0 to 1.")
    text = serializers.CharField()


class AlikeSerializer(serializers.Serializer[Any]):
    likeness = serializers.FloatField(help_text="0 to 1, over all features.")
    reasons = ReasonSerializer(many=True)
    creator = CreatorSerializer()


class AlikeList(GenericAPIView[Any]):
    """Creators like some others of your directory."""

    scopes: ClassVar = {"GET": "creators:read"}
    serializer_class = AlikeSerializer
    queryset = Creator.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="creators_alike",
        parameters=[
            OpenApiParameter("creator", str, many=True, required=True, description="Codes of 1 to 20 creators.")
        ],
        responses=AlikeSerializer(many=True),
    )
    def get(self, request: ApiRequest) -> Response:
        """The 50 most alike with the features that make them so; the named ones and your blocked ones are left out."""
        codes = [code for value in request.query_params.getlist("creator") for code in value.split(",") if code]
        if len(codes) > MOST_SEEDS:
            raise ValidationError({"creator": [f"Name 1 to {MOST_SEEDS} creators by their codes."]})
        seeds = list(Creator.objects.of(request.auth.brand).filter(code__in=codes))
        if missing := sorted({*codes} - {seed.code for seed in seeds}):
            raise ValidationError({"creator": [f"Not in your directory: {', '.join(missing)}."]})
        return Response(described(Lookalikes(request.auth.brand, seeds).found(), request.auth.brand))


def described(found: list[Alike], brand: Brand) -> list[dict[str, Any]]:
    creators = written([one.entry for one in found], brand)
    return [
        {
            "likeness": round(one.likeness, 4),
            "reasons": ReasonSerializer(one.reasons, many=True).data,
            "creator": creator,
        }
        for one, creator in zip(found, creators, strict=True)
    ]


class SearchSerializer(serializers.ModelSerializer[Shortlist]):
    """A saved search; `query` is a query string of `/api/v1/creators/`."""

    new = serializers.SerializerMethodField()

    class Meta:
        model = Shortlist
        fields = ["code", "name", "query", "alerts", "new", "last_seen", "created_at"]

    def get_new(self, row: Shortlist) -> int:
        """Matches of a search with alerts since somebody of the team last looked."""
        news: dict[int, int] = self.context["news"]
        return news.get(row.pk, 0)


class NewSearchSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=4000, help_text="Filters as in `/api/v1/creators/?…`.")
    alerts = serializers.BooleanField(default=False, help_text="Tell the team about new matches, once a day.")


class ChangedSearchSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, required=False)
    query = serializers.CharField(max_length=4000, required=False)
    alerts = serializers.BooleanField(required=False)


class Searches(Idempotent, GenericAPIView[Any]):
    serializer_class = SearchSerializer
    queryset = Shortlist.objects.none()

    def shown(self, request: ApiRequest, rows: Any, *, many: bool = False) -> Any:
        news = SearchMatch.objects.of(request.auth.brand).new().per_search()
        return SearchSerializer(rows, many=many, context={"news": news}).data


class SearchList(Searches):
    """The searches that your team saved."""

    scopes: ClassVar = {"GET": "creators:read", "POST": "creators:write"}
    pagination_class = None

    @extend_schema(operation_id="searches_list", responses=SearchSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        rows = Shortlist.objects.of(request.auth.brand).by_rule().order_by("name")
        return Response(self.shown(request, rows, many=True))

    @extend_schema(operation_id="searches_create", request=NewSearchSerializer, responses={201: SearchSerializer})
    def post(self, request: ApiRequest) -> Response:
        form = NewSearchSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            row = save_search(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        except (NameTakenError, SearchRefusedError) as problem:
            raise refusal(problem) from problem
        return Response(self.shown(request, row), status=201)


def refusal(problem: Exception) -> ValidationError:
    return ValidationError({"name" if isinstance(problem, NameTakenError) else "query": [str(problem)]})


class SearchDetail(Searches):
    """One saved search."""

    scopes: ClassVar = {"GET": "creators:read", "PATCH": "creators:write", "DELETE": "creators:write"}

    def row(self, request: ApiRequest, code: str) -> Shortlist:
        return get_object_or_404(Shortlist.objects.of(request.auth.brand).by_rule(), code=code)

    @extend_schema(operation_id="searches_retrieve", responses=SearchSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(self.shown(request, self.row(request, code)))

    @extend_schema(operation_id="searches_update", request=ChangedSearchSerializer, responses=SearchSerializer)
    def patch(self, request: ApiRequest, code: str) -> Response:
        row = self.row(request, code)
        form = ChangedSearchSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            row = change_search(row, by=request.auth.created_by, **form.validated_data)
        except (NameTakenError, SearchRefusedError) as problem:
            raise refusal(problem) from problem
        return Response(self.shown(request, row))

    @extend_schema(operation_id="searches_delete", responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        delete_shortlist(self.row(request, code), by=request.auth.created_by)
        return Response(status=204)
