"""What partners read and write about creators."""

from __future__ import annotations

import io
from collections import defaultdict
from tempfile import TemporaryFile
from typing import Any, cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, RetrieveAPIView
from rest_framework.pagination import BasePagination
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from creators.actions.creators import HandleRefusedError, add_creator
from creators.actions.imports import map_import, reasons, start_import, upload_import
from creators.actions.uploads import ImportRefusedError
from creators.discovery.filters import COUNTS, LISTS, NUMBERS, OWN_LISTS, PERCENTS, SORTS, Filters
from creators.discovery.search import PAGE, Entry, Search, entries_of
from creators.importing.columns import Mapping
from creators.importing.lines import MAX_BYTES, UnreadableFileError
from creators.models import ContactChannel, Creator, Import, MediaKit, Network, Relationship, SocialAccount, Source
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BLOCK = 256 * 1024
READ_WRITE = {"GET": "creators:read", "POST": "creators:write", "PATCH": "creators:write"}


class AccountSerializer(serializers.ModelSerializer[SocialAccount]):
    """An account on a network. null means unknown; a rate is a fraction of its basis."""

    class Meta:
        model = SocialAccount
        fields = [
            "network",
            "handle",
            "url",
            "followers",
            "following",
            "posts_count",
            "engagement_rate",
            "engagement_basis",
            "average_likes",
            "average_comments",
            "average_shares",
            "average_views",
            "is_verified",
            "audience_country",
            "source",
            "observed_at",
        ]


class RelationshipSerializer(serializers.ModelSerializer[Relationship]):
    """What your brand knows of the creator; no other brand sees it."""

    tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50, required=False)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, allow_null=True, required=False)
    custom = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True, allow_null=True),
        required=False,
        help_text="Values of your own fields by their codes: numbers and days as text. An empty one is forgotten.",
    )

    class Meta:
        model = Relationship
        fields = [
            "code",
            "stage",
            "email",
            "phone",
            "price",
            "price_currency",
            "tags",
            "custom",
            "next_step",
            "next_step_on",
            "blocked_reason",
            "blocked_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["code", "blocked_at", "created_at", "updated_at"]


class ContactSerializer(serializers.ModelSerializer[ContactChannel]):
    """A way to reach a creator: public, or known to your brand alone."""

    is_public = serializers.SerializerMethodField()

    class Meta:
        model = ContactChannel
        fields = ["kind", "value", "is_public", "source", "observed_at"]

    def get_is_public(self, contact: ContactChannel) -> bool:
        return contact.owner_id is None


class CreatorSerializer(serializers.ModelSerializer[Creator]):
    """A creator with the accounts; `tier` is that of `lead`, the account that matched, in your brand's scheme."""

    accounts = serializers.SerializerMethodField()
    lead = serializers.SerializerMethodField()
    tier = serializers.SerializerMethodField()
    contacts = serializers.SerializerMethodField()
    relationship = serializers.SerializerMethodField()
    media_kit = serializers.SerializerMethodField(help_text="Address of the creator's own page; null where it is off.")

    class Meta:
        model = Creator
        fields = [
            "code",
            "name",
            "bio",
            "country",
            "city",
            "language",
            "niches",
            "is_public",
            "lead",
            "tier",
            "accounts",
            "contacts",
            "relationship",
            "media_kit",
            "created_at",
        ]

    def entry(self, creator: Creator) -> Entry:
        return cast("Entry", self.context["entries"][creator.pk])

    @extend_schema_field(AccountSerializer(many=True))
    def get_accounts(self, creator: Creator) -> Any:
        entry = self.entry(creator)
        return AccountSerializer([*([entry.lead] if entry.lead else []), *entry.others], many=True).data

    @extend_schema_field(AccountSerializer(allow_null=True))
    def get_lead(self, creator: Creator) -> Any:
        lead = self.entry(creator).lead
        return AccountSerializer(lead).data if lead else None

    def get_tier(self, creator: Creator) -> str | None:
        return self.entry(creator).tier

    @extend_schema_field(ContactSerializer(many=True))
    def get_contacts(self, creator: Creator) -> Any:
        return ContactSerializer(self.context["contacts"][creator.pk], many=True).data

    @extend_schema_field(RelationshipSerializer(allow_null=True))
    def get_relationship(self, creator: Creator) -> Any:
        relationship = self.entry(creator).relationship
        return RelationshipSerializer(relationship).data if relationship else None

    def get_media_kit(self, creator: Creator) -> str | None:
        kit = self.context["kits"].get(creator.pk)
        return settings.SITE_URL + kit.get_absolute_url() if kit else None


def written(entries: list[Entry], brand: Brand) -> list[Any]:
    shown = [entry.creator.pk for entry in entries]
    kits = MediaKit.objects.live().filter(creator__in=shown)
    contacts = defaultdict(list)
    for contact in ContactChannel.objects.visible_to(brand).filter(creator__in=shown).order_by("kind", "value"):
        contacts[contact.creator_id].append(contact)
    context = {
        "entries": {entry.creator.pk: entry for entry in entries},
        "kits": {kit.creator_id: kit for kit in kits},
        "contacts": contacts,
    }
    return list(CreatorSerializer([entry.creator for entry in entries], many=True, context=context).data)


def one(request: ApiRequest, creator: Creator) -> Any:
    return written(entries_of(request.auth.brand, [creator]), request.auth.brand)[0]


class NewCreatorSerializer(serializers.Serializer[Any]):
    """An account that identifies the creator, and what you know. Unknown numbers are left out, not zero."""

    network = serializers.ChoiceField(choices=Network.choices)
    handle = serializers.CharField(max_length=300, help_text="Plain, @name or the profile's address.")
    name = serializers.CharField(max_length=160, required=False)
    bio = serializers.CharField(max_length=2000, required=False)
    country = serializers.RegexField("^[A-Z]{2}$", required=False, help_text="ISO 3166-1 alpha-2.")
    city = serializers.CharField(max_length=80, required=False)
    language = serializers.RegexField("^[a-z]{2,3}$", required=False, help_text="ISO 639-1.")
    niches = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    followers = serializers.IntegerField(min_value=0, max_value=10**12, required=False)
    engagement_rate = serializers.DecimalField(
        max_digits=9,
        decimal_places=6,
        min_value=0,
        required=False,
        help_text="A fraction of followers: 0.031.",
    )
    email = serializers.EmailField(max_length=254, required=False)
    phone = serializers.CharField(max_length=40, required=False)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    price_currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)

    def facts(self) -> dict[str, Any]:
        data = dict(self.validated_data)
        return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


class DirectoryPagination(BasePagination):
    """Pages of the directory in its own order; follow `next` and `previous`."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        query = request.query_params
        size = query.get("page_size", "")
        size = min(max(int(size), 1), 200) if size.isdecimal() and len(size) < 6 else PAGE
        page = queryset.page(after=query.get("after", ""), before=query.get("before", ""), size=size)
        url = replace_query_param(request.build_absolute_uri(), "after", "")
        url = replace_query_param(url, "before", "")
        self.next = replace_query_param(url, "after", page.next) if page.next else None
        self.previous = replace_query_param(url, "before", page.previous) if page.previous else None
        return list(page.entries)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": ["results"], "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "query", "required": False, "schema": {"type": kind}}
            for name, kind in (("after", "string"), ("before", "string"), ("page_size", "integer"))
        ]


ENDS = {"from": "At least", "to": "At most"}
LIST_ENDS = {"": "Any of these values.", "_all": "Every one of these values.", "_not": "None of these values."}
FILTERS = [
    OpenApiParameter("q", str, description="Every word in handle, name, bio, hashtags or captions."),
    OpenApiParameter("q_any", str, description="At least one of these words."),
    OpenApiParameter("q_not", str, description="None of these words."),
    *[
        OpenApiParameter(f"{name}{end}", str, many=True, description=text)
        for name in (*LISTS, *OWN_LISTS)
        for end, text in LIST_ENDS.items()
    ],
    *[
        OpenApiParameter(f"{name}_{end}", str, description=f"{title}: {text.lower()} this{of}.")
        for of, names in (("", {**COUNTS, **NUMBERS}), (", in per cent", PERCENTS))
        for name, title in names.items()
        for end, text in ENDS.items()
    ],
    OpenApiParameter("posted_within", int, description="Days since the latest post, at most."),
    OpenApiParameter("known_contact", str, enum=["yes", "no"], description="Whether you have an address of theirs."),
    OpenApiParameter("basis", str, enum=["followers", "reach", "views"], description="Of the engagement rate."),
    OpenApiParameter("currency", str, description="Of prices; your brand's if left out."),
    OpenApiParameter("sort", str, enum=[sign + key for key in SORTS for sign in ("", "-")]),
]


class CreatorList(Idempotent, GenericAPIView[Any]):
    """The directory: public creators and your own."""

    scopes = READ_WRITE
    serializer_class = CreatorSerializer
    pagination_class = DirectoryPagination
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creators_list", parameters=FILTERS, responses=CreatorSerializer(many=True))
    def get(self, request: ApiRequest) -> Response:
        filters = Filters.parse(request.query_params)
        if filters.problems:
            raise ValidationError({"filters": list(filters.problems)})
        entries = self.paginate_queryset(cast("Any", Search(request.auth.brand, filters)))
        return self.get_paginated_response(written(cast("list[Entry]", entries), request.auth.brand))

    @extend_schema(
        operation_id="creators_create",
        request=NewCreatorSerializer,
        responses={201: CreatorSerializer, 200: CreatorSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a creator to your directory; 200 when the account is there already."""
        form = NewCreatorSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            creator, is_new = add_creator(
                request.auth.brand, by=request.auth.created_by, source=Source.PARTNER, **form.facts()
            )
        except HandleRefusedError as problem:
            raise ValidationError({"handle": [str(problem)]}) from problem
        return Response(one(request, creator), status=201 if is_new else 200)


class CreatorDetail(GenericAPIView[Any]):
    scopes = READ_WRITE
    serializer_class = CreatorSerializer
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creators_retrieve")
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(one(request, get_object_or_404(Creator.objects.of(request.auth.brand), code=code)))


REASONS = {
    "type": "array",
    "items": {"type": "object", "properties": {"line": {"type": "integer"}, "reason": {"type": "string"}}},
}


class ImportSerializer(serializers.ModelSerializer[Import]):
    """An import; `rejected_rows` are the first 100 refused rows with their reasons.

    `remarked_rows` are the first 100 of those that were imported without a value that can't be read.
    """

    rejected_rows = serializers.SerializerMethodField()
    remarked_rows = serializers.SerializerMethodField()

    class Meta:
        model = Import
        fields = [
            "code",
            "filename",
            "status",
            "total",
            "done",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "remarked",
            "error",
            "created_at",
            "ended_at",
            "rejected_rows",
            "remarked_rows",
        ]

    @extend_schema_field(REASONS)
    def get_rejected_rows(self, job: Import) -> list[dict[str, Any]]:
        return reasons(job.rejected_rows.refused()[:100])

    @extend_schema_field(REASONS)
    def get_remarked_rows(self, job: Import) -> list[dict[str, Any]]:
        return reasons(job.rejected_rows.remarked()[:100])


class CsvParser(BaseParser):
    """The bytes of a CSV file as the body of the call, kept on disk."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        file = TemporaryFile()  # noqa: SIM115 - closed with the request that reads it
        left = MAX_BYTES + 1
        while left > 0 and (block := stream.read(min(left, BLOCK))):
            left -= file.write(block)
        return {"file": File(file, name="upload")}


class WorkbookParser(CsvParser):
    """The bytes of an Excel workbook as the body of the call."""

    media_type = XLSX


class ImportList(Idempotent, GenericAPIView[Any]):
    """Import a file of creators."""

    scopes = READ_WRITE
    serializer_class = ImportSerializer
    queryset = Import.objects.none()
    parser_classes = [CsvParser, WorkbookParser, MultiPartParser]

    @extend_schema(
        operation_id="imports_create",
        parameters=[OpenApiParameter("network", str, enum=Network.values, description="For files that don't say.")],
        request={
            "text/csv": OpenApiTypes.BINARY,
            XLSX: OpenApiTypes.BINARY,
            "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
        },
        responses={202: ImportSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Reads the columns' meaning from header and values and starts; ask for the status under the code returned."""
        file = cast("dict[str, Any]", request.data).get("file")
        if file is None or not hasattr(file, "read"):
            raise ValidationError({"file": ["Send a CSV file or an Excel workbook."]})
        network = request.query_params.get("network", "")
        if network and network not in Network.values:
            raise ValidationError({"network": [f"One of {', '.join(Network.values)}."]})
        return Response(ImportSerializer(begin(request, file, network)).data, status=202)


def begin(request: ApiRequest, file: File[Any], network: str) -> Import:
    content: Any = file if hasattr(file, "seek") else ContentFile(io.BytesIO(file.read()).getvalue())
    try:
        job = upload_import(request.auth.brand, content, file.name or "upload.csv", by=request.auth.created_by)
        mapping = Mapping.from_json(job.mapping)
        mapping.network = network or mapping.network
        map_import(job, mapping)
        start_import(job, by=request.auth.created_by)
    except UnreadableFileError as problem:
        raise ValidationError({"file": [str(problem)]}) from problem
    except ImportRefusedError as problem:
        job.delete()
        raise ValidationError({"file": [str(problem)]}) from problem
    job.refresh_from_db()
    return job


class ImportDetail(RetrieveAPIView[Import]):
    scopes = READ_WRITE
    serializer_class = ImportSerializer
    queryset = Import.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> Any:
        return Import.objects.of(cast("ApiRequest", self.request).auth.brand)
