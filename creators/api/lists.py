"""Lists for partners: by hand and by rule, and links that show one to a client."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.response import Response

from creators.actions.searches import change_search, save_search
from creators.actions.shares import ShareRefusedError, revoke_share, share_list
from creators.actions.shortlists import (
    ByRuleError,
    NameTakenError,
    add_to_shortlist,
    create_shortlist,
    delete_shortlist,
    remove_from_shortlist,
    rename_shortlist,
)
from creators.api.creators import READ_WRITE
from creators.api.relationships import EVERY, MOST, found
from creators.lists import SearchRefusedError
from creators.models import SharedList, Shortlist, Verdict
from creators.models.shares import shared_url
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent


class ShortlistSerializer(serializers.ModelSerializer[Shortlist]):
    """A list; with `query` one by rule, whose creators are those that `/api/v1/creators/?QUERY` finds now."""

    name = serializers.CharField(max_length=80)
    query = serializers.CharField(
        max_length=4000, required=False, help_text="A search as the directory's address writes it."
    )
    size = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Creators put on it by hand, without blocked ones; null for lists by rule, which refill themselves.",
    )

    class Meta:
        model = Shortlist
        fields = ["code", "name", "query", "alerts", "size", "created_at"]
        read_only_fields = ["code", "created_at"]


class ShortlistList(Idempotent, ListAPIView[Shortlist]):
    """Your lists; those put on one by hand are at /api/v1/creators/?shortlist=CODE."""

    scopes = READ_WRITE
    serializer_class = ShortlistSerializer
    queryset = Shortlist.objects.none()

    def get_queryset(self) -> Any:
        return Shortlist.objects.of(cast("ApiRequest", self.request).auth.brand).with_size()

    @extend_schema(operation_id="shortlists_create", responses={201: ShortlistSerializer})
    def post(self, request: ApiRequest) -> Response:
        form = ShortlistSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            make = save_search if form.validated_data.get("query") else create_shortlist
            row = make(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        except NameTakenError as problem:
            raise ValidationError({"name": [str(problem)]}) from problem
        except SearchRefusedError as problem:
            raise ValidationError({"query": [str(problem)]}) from problem
        return Response(shown(row), status=201)


def shown(row: Shortlist) -> Any:
    return ShortlistSerializer(Shortlist.objects.with_size().get(pk=row.pk)).data


def shortlist_of(request: ApiRequest, code: str) -> Shortlist:
    return get_object_or_404(Shortlist.objects.of(request.auth.brand).select_related("brand"), code=code)


class ShortlistDetail(GenericAPIView[Any]):
    scopes = EVERY
    serializer_class = ShortlistSerializer
    queryset = Shortlist.objects.none()

    @extend_schema(operation_id="shortlists_retrieve")
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(shown(shortlist_of(request, code)))

    @extend_schema(operation_id="shortlists_update")
    def patch(self, request: ApiRequest, code: str) -> Response:
        """Another name; of a list by rule also another rule or other alerts."""
        row = shortlist_of(request, code)
        form = ShortlistSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        rule = dict(form.validated_data)
        name = rule.pop("name", row.name)
        try:
            if rule:
                change_search(row, by=request.auth.created_by, name=name if name != row.name else None, **rule)
            elif name != row.name:
                rename_shortlist(row, name, by=request.auth.created_by)
        except (NameTakenError, ByRuleError, SearchRefusedError) as problem:
            field = "name" if isinstance(problem, NameTakenError) else "query"
            raise ValidationError({field: [str(problem)]}) from problem
        return Response(shown(row))

    @extend_schema(operation_id="shortlists_delete", responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """The list and its links; the creators stay."""
        delete_shortlist(shortlist_of(request, code), by=request.auth.created_by)
        return Response(status=204)


class CodesSerializer(serializers.Serializer[Any]):
    creators = serializers.ListField(child=serializers.CharField(max_length=12), min_length=1, max_length=MOST)


class ShortlistCreators(Idempotent, GenericAPIView[Any]):
    """Put up to 500 creators on a list, or take them off."""

    scopes = {"POST": "creators:write", "DELETE": "creators:write"}
    serializer_class = CodesSerializer
    queryset = Shortlist.objects.none()

    @extend_schema(operation_id="shortlists_add", responses=ShortlistSerializer)
    def post(self, request: ApiRequest, code: str) -> Response:
        """Blocked ones are left out."""
        row = shortlist_of(request, code)
        try:
            add_to_shortlist(row, self.chosen(request), by=request.auth.created_by)
        except ByRuleError as problem:
            raise ValidationError({"creators": [str(problem)]}) from problem
        return Response(shown(row))

    @extend_schema(operation_id="shortlists_remove", request=CodesSerializer, responses=ShortlistSerializer)
    def delete(self, request: ApiRequest, code: str) -> Response:
        row = shortlist_of(request, code)
        remove_from_shortlist(row, self.chosen(request), by=request.auth.created_by)
        return Response(shown(row))

    def chosen(self, request: ApiRequest) -> Any:
        form = CodesSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return found(request.auth.brand, form.validated_data["creators"])


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    """What a reader of a shared list said of a creator; nobody checked the name."""

    creator = serializers.CharField(source="creator.code")

    class Meta:
        model = Verdict
        fields = ["creator", "is_approved", "reviewer", "comment", "given_at"]


class ShareSerializer(serializers.ModelSerializer[SharedList]):
    """A link that shows a list to somebody without a sign-in. `url` is told once, when it is made."""

    shortlist = serializers.CharField(source="shortlist.code", read_only=True)
    url = serializers.CharField(read_only=True, required=False)
    has_password = serializers.SerializerMethodField()
    title = serializers.CharField(max_length=80, required=False)
    password = serializers.CharField(max_length=100, required=False, write_only=True)
    facts = serializers.ListField(
        child=serializers.ChoiceField(choices=SharedList.Fact.choices), required=False, max_length=20
    )
    status = serializers.ChoiceField(choices=["open", "expired", "revoked"], read_only=True)
    verdicts = serializers.SerializerMethodField()

    class Meta:
        model = SharedList
        fields = [
            "code",
            "shortlist",
            "url",
            "title",
            "message",
            "facts",
            "password",
            "has_password",
            "expires_at",
            "status",
            "created_at",
            "verdicts",
        ]
        read_only_fields = ["code", "created_at"]

    def get_has_password(self, row: SharedList) -> bool:
        return bool(row.password)

    @extend_schema_field(VerdictSerializer(many=True))
    def get_verdicts(self, row: SharedList) -> Any:
        return VerdictSerializer(row.verdicts.all(), many=True).data


class ShareList(ListAPIView[SharedList]):
    """Links to a list, newest first, with what their readers said."""

    scopes = READ_WRITE
    serializer_class = ShareSerializer
    queryset = SharedList.objects.none()

    def get_queryset(self) -> Any:
        row = shortlist_of(cast("ApiRequest", self.request), self.kwargs["code"])
        return row.shares.select_related("shortlist").prefetch_related("verdicts__creator")

    @extend_schema(operation_id="shares_create", responses={201: ShareSerializer})
    def post(self, request: ApiRequest, code: str) -> Response:
        """Make a link. Nothing keeps it: an `Idempotency-Key` is not honoured here, because the answer is a secret."""
        shortlist = shortlist_of(request, code)
        form = ShareSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            row, token = share_list(shortlist, by=request.auth.created_by, **form.validated_data)
        except ShareRefusedError as problem:
            raise ValidationError({"expires_at": [str(problem)]}) from problem
        return Response({**ShareSerializer(row).data, "url": shared_url(token)}, status=201)


class ShareDetail(GenericAPIView[Any]):
    scopes = {"GET": "creators:read", "DELETE": "creators:write"}
    serializer_class = ShareSerializer
    queryset = SharedList.objects.none()

    def share(self, request: ApiRequest, code: str) -> SharedList:
        rows = SharedList.objects.of(request.auth.brand).select_related("shortlist__brand")
        return get_object_or_404(rows.prefetch_related("verdicts__creator"), code=code)

    @extend_schema(operation_id="shares_retrieve")
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(ShareSerializer(self.share(request, code)).data)

    @extend_schema(operation_id="shares_revoke", responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """End the link; what was said stays."""
        revoke_share(self.share(request, code), by=request.auth.created_by)
        return Response(status=204)
