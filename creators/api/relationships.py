"""Relationships for partners: the list and bulk changes, own fields, notes, the timeline and the lifecycle's rule."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.response import Response

from creators.actions.fields import FieldRefusedError, change_field, create_field, delete_field
from creators.actions.lifecycle import RuleRefusedError, set_lifecycle
from creators.actions.relationships import (
    ValueRefusedError,
    add_note,
    change_many,
    custom_values,
    relate,
    relate_all,
    team_of,
)
from creators.api.creators import READ_WRITE, RelationshipSerializer
from creators.models import Creator, CustomField, Lifecycle, LifecycleRule, Note, Relationship
from groundswell.accounts.models import Brand, User
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent
from groundswell.events.models import Event
from groundswell.events.wording import sentence

MOST = 500
READ: dict[str, str] = {"GET": "creators:read"}
EVERY = {**READ_WRITE, "DELETE": "creators:write"}


@extend_schema_field(OpenApiTypes.EMAIL)
class OwnerField(serializers.Field[Any, Any, Any, Any]):
    """Somebody of the brand's team, by e-mail address."""

    def to_representation(self, value: User) -> str:
        return value.email

    def to_internal_value(self, data: Any) -> Any:
        user = team_of(self.context["brand"]).filter(email__iexact=str(data)[:254]).first()
        if user is None:
            raise serializers.ValidationError("Nobody of your team has this address.")
        return user


class FullRelationshipSerializer(RelationshipSerializer):
    """A relationship with its creator, who is in charge, and its lifecycle by your rule at this moment."""

    creator = serializers.CharField(source="creator.code", read_only=True)
    name = serializers.CharField(source="creator.name", read_only=True)
    owner = OwnerField(allow_null=True, required=False)
    lifecycle = serializers.ChoiceField(choices=Lifecycle.choices, read_only=True)
    accepted = serializers.SerializerMethodField(help_text="How many collaborations they accepted.")

    class Meta(RelationshipSerializer.Meta):
        fields = ["creator", "name", *RelationshipSerializer.Meta.fields, "owner", "lifecycle", "accepted"]

    def get_accepted(self, row: Relationship) -> int:
        return len(row.worked_at)


def rows_of(brand: Brand) -> Any:
    rule = LifecycleRule.objects.holding(brand)
    rows = Relationship.objects.of(brand).filter(creator__leaves_at=None)
    return rows.with_people().with_lifecycle(rule, timezone.now())


class WantedSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, help_text="In name, handle, e-mail or next step.")
    stage = serializers.ChoiceField(required=False, choices=Relationship.Stage.choices)
    lifecycle = serializers.ChoiceField(required=False, choices=Lifecycle.choices)
    owner = serializers.CharField(required=False, help_text="E-mail address of somebody of your team.")
    tag = serializers.CharField(required=False)
    due = serializers.BooleanField(required=False, default=False, help_text="Only those whose next step is due.")


class RelationshipList(ListAPIView[Relationship]):
    """Your relationships, newest first; the blocked ones only where `stage=blocked` asks for them."""

    scopes = READ
    serializer_class = FullRelationshipSerializer
    queryset = Relationship.objects.none()

    @extend_schema(operation_id="relationships_list", parameters=[WantedSerializer])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        brand = cast("ApiRequest", self.request).auth.brand
        form = WantedSerializer(data=self.request.GET)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        rows = rows_of(brand)
        if wanted.get("stage") != Relationship.Stage.BLOCKED:
            rows = rows.standing()
        rows = rows.filter(**{name: wanted[name] for name in ("stage", "lifecycle") if name in wanted})
        if "q" in wanted:
            rows = rows.mentioning(wanted["q"])
        if "owner" in wanted:
            rows = rows.filter(owner__email__iexact=wanted["owner"])
        if "tag" in wanted:
            rows = rows.filter(tags__contains=[wanted["tag"]])
        return rows.due(brand.day()) if wanted["due"] else rows


class RelationshipDetail(GenericAPIView[Any]):
    """Your brand's relationship with a creator."""

    scopes = READ_WRITE
    serializer_class = FullRelationshipSerializer
    queryset = Relationship.objects.none()

    @extend_schema(operation_id="relationships_retrieve")
    def get(self, request: ApiRequest, code: str) -> Response:
        """404 also where there is no relationship yet."""
        row = get_object_or_404(rows_of(request.auth.brand), creator__code=code)
        return Response(FullRelationshipSerializer(row).data)

    @extend_schema(operation_id="relationships_update")
    def patch(self, request: ApiRequest, code: str) -> Response:
        """Change some facts; starts the relationship where there is none. A stage of “blocked” is a block."""
        brand = request.auth.brand
        creator = get_object_or_404(Creator.objects.of(brand), code=code)
        form = FullRelationshipSerializer(data=request.data, partial=True, context={"brand": brand})
        form.is_valid(raise_exception=True)
        facts = dict(form.validated_data)
        if "custom" in facts:
            facts["custom"] = own_values(brand, creator, facts["custom"])
        relate(brand, creator, by=request.auth.created_by, **facts)
        return self.get(request, code)


def own_values(brand: Brand, creator: Creator, values: dict[str, Any]) -> dict[str, str]:
    known = Relationship.objects.of(brand).filter(creator=creator).first()
    try:
        return custom_values(brand, known.custom if known else {}, values)
    except ValueRefusedError as problem:
        raise ValidationError({"custom": [str(problem)]}) from problem


class ChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is. Blocked creators keep their stage."""

    creators = serializers.ListField(child=serializers.CharField(max_length=12), min_length=1, max_length=MOST)
    stage = serializers.ChoiceField(choices=Relationship.Stage.choices, required=False)
    owner = OwnerField(required=False, allow_null=True)
    add_tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50, required=False)
    remove_tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50, required=False)

    def validate_stage(self, stage: str) -> str:
        if stage == Relationship.Stage.BLOCKED:
            raise serializers.ValidationError("Block creators one by one, with the reason.")
        return stage


class ChangedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class RelationshipsChange(Idempotent, GenericAPIView[Any]):
    """Stage, owner and tags of up to 500 creators."""

    scopes: ClassVar = {"POST": "creators:write"}
    serializer_class = ChangeSerializer
    queryset = Relationship.objects.none()

    @extend_schema(operation_id="relationships_change", responses=ChangedSerializer)
    def post(self, request: ApiRequest) -> Response:
        """Relationships are started where there is none; creators that aren't yours to see are refused."""
        form = ChangeSerializer(data=request.data, context={"brand": request.auth.brand})
        form.is_valid(raise_exception=True)
        wanted = dict(form.validated_data)
        chosen = found(request.auth.brand, wanted.pop("creators"))
        rows = relate_all(request.auth.brand, chosen, by=request.auth.created_by)
        return Response({"changed": change_many(rows, by=request.auth.created_by, **wanted)})


def found(brand: Brand, codes: list[str]) -> list[Creator]:
    """The creators of these codes. Raises ValidationError naming those the brand can't see."""
    creators = list(Creator.objects.of(brand).filter(code__in=codes))
    if missing := set(codes) - {creator.code for creator in creators}:
        raise ValidationError({"creators": [f"Not in your directory: {', '.join(sorted(missing)[:20])}."]})
    return creators


class NoteSerializer(serializers.ModelSerializer[Note]):
    """A note of your team; @name in it writes to a colleague."""

    author = serializers.CharField(source="author.email", read_only=True, allow_null=True, default=None)
    mentions = serializers.SerializerMethodField()
    text = serializers.CharField(max_length=4000)

    class Meta:
        model = Note
        fields = ["text", "author", "mentions", "created_at"]
        read_only_fields = ["created_at"]

    def get_mentions(self, note: Note) -> list[str]:
        return [mention.user.email for mention in note.mentions.all()]


class NoteList(Idempotent, ListAPIView[Note]):
    """Notes about a creator, newest first."""

    scopes = READ_WRITE
    serializer_class = NoteSerializer
    queryset = Note.objects.none()

    def get_queryset(self) -> Any:
        brand = cast("ApiRequest", self.request).auth.brand
        creator = get_object_or_404(Creator.objects.of(brand), code=self.kwargs["code"])
        notes = Note.objects.of(brand).filter(relationship__creator=creator)
        return notes.select_related("author").prefetch_related("mentions__user")

    @extend_schema(operation_id="notes_create", responses={201: NoteSerializer})
    def post(self, request: ApiRequest, code: str) -> Response:
        creator = get_object_or_404(Creator.objects.of(request.auth.brand), code=code)
        form = NoteSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = relate(request.auth.brand, creator, by=request.auth.created_by)
        note = add_note(row, form.validated_data["text"], by=request.auth.created_by)
        return Response(NoteSerializer(note).data, status=201)


class HappeningSerializer(serializers.ModelSerializer[Event]):
    """Something that happened with a creator; `words` are read after who did it, `place` is a campaign or a list."""

    words = serializers.SerializerMethodField()
    actor = serializers.CharField(source="actor.email", allow_null=True, default=None)

    class Meta:
        model = Event
        fields = ["name", "words", "place", "url", "actor", "created_at"]

    def get_words(self, event: Event) -> str:
        return sentence(event)


class Timeline(ListAPIView[Event]):
    """Everything that happened with a creator at your brand, newest first."""

    scopes = READ
    serializer_class = HappeningSerializer
    queryset = Event.objects.none()

    def get_queryset(self) -> Any:
        brand = cast("ApiRequest", self.request).auth.brand
        creator = get_object_or_404(Creator.objects.of(brand), code=self.kwargs["code"])
        return Event.objects.of(brand).with_creator(creator.pk).select_related("actor")


class CustomFieldSerializer(serializers.ModelSerializer[CustomField]):
    """A field of your own on every relationship."""

    name = serializers.CharField(max_length=60)
    choices = serializers.ListField(child=serializers.CharField(max_length=60), max_length=50, required=False)

    class Meta:
        model = CustomField
        fields = ["code", "name", "kind", "choices"]
        read_only_fields = ["code"]


class CustomFieldList(Idempotent, ListAPIView[CustomField]):
    scopes = READ_WRITE
    serializer_class = CustomFieldSerializer
    queryset = CustomField.objects.none()

    def get_queryset(self) -> Any:
        return CustomField.objects.of(cast("ApiRequest", self.request).auth.brand)

    @extend_schema(operation_id="custom_fields_create", responses={201: CustomFieldSerializer})
    def post(self, request: ApiRequest) -> Response:
        form = CustomFieldSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = {"kind": CustomField.Kind.TEXT, **form.validated_data}
        try:
            field = create_field(request.auth.brand, by=request.auth.created_by, **data)
        except FieldRefusedError as problem:
            raise ValidationError({"name": [str(problem)]}) from problem
        return Response(CustomFieldSerializer(field).data, status=201)


class CustomFieldDetail(GenericAPIView[Any]):
    scopes = EVERY
    serializer_class = CustomFieldSerializer
    queryset = CustomField.objects.none()

    def field(self, request: ApiRequest, code: str) -> CustomField:
        return get_object_or_404(CustomField.objects.of(request.auth.brand), code=code)

    @extend_schema(operation_id="custom_fields_retrieve")
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(CustomFieldSerializer(self.field(request, code)).data)

    @extend_schema(operation_id="custom_fields_update")
    def patch(self, request: ApiRequest, code: str) -> Response:
        """Another name or other choices; the kind stays."""
        field = self.field(request, code)
        form = CustomFieldSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        try:
            change_field(
                field,
                name=wanted.get("name", field.name),
                choices=wanted.get("choices"),
                by=request.auth.created_by,
            )
        except FieldRefusedError as problem:
            raise ValidationError({"name": [str(problem)]}) from problem
        return Response(CustomFieldSerializer(field).data)

    @extend_schema(operation_id="custom_fields_delete", responses={204: None})
    def delete(self, request: ApiRequest, code: str) -> Response:
        """The field and every value of it."""
        delete_field(self.field(request, code), by=request.auth.created_by)
        return Response(status=204)


class LifecycleSerializer(serializers.ModelSerializer[LifecycleRule]):
    """Thresholds of the lifecycle, and in words what each stage means."""

    words = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = LifecycleRule
        fields = ["trial_from", "repeat_from", "ambassador_from", "ambassador_days", "dormant_days", "words"]


class LifecycleDetail(GenericAPIView[Any]):
    scopes = READ_WRITE
    serializer_class = LifecycleSerializer
    queryset = LifecycleRule.objects.none()

    @extend_schema(operation_id="lifecycle_retrieve")
    def get(self, request: ApiRequest) -> Response:
        return Response(LifecycleSerializer(LifecycleRule.objects.holding(request.auth.brand)).data)

    @extend_schema(operation_id="lifecycle_update")
    def patch(self, request: ApiRequest) -> Response:
        form = LifecycleSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        try:
            rule = set_lifecycle(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        except RuleRefusedError as problem:
            raise ValidationError({"thresholds": [str(problem)]}) from problem
        return Response(LifecycleSerializer(rule).data)
