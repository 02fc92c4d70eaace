"""Conversations for partners: read them, and answer in them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.response import Response

from creators.models import Creator, Relationship
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from outreach.actions.invitations import invitation_of, invite_to_profile
from outreach.actions.messages import CannotReply, reply_to
from outreach.models import Conversation, Message

SCOPES = {"GET": "outreach:read", "POST": "outreach:write"}


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    code = serializers.CharField(
        source="relationship.code", help_text="The code of your relationship with the creator."
    )
    creator = serializers.CharField(source="relationship.creator.code", help_text="The creator's code.")
    creator_name = serializers.CharField(source="relationship.creator.name")
    unread = serializers.SerializerMethodField(help_text="The creator's messages that your team hasn't read.")

    class Meta:
        model = Conversation
        fields = ("code", "creator", "creator_name", "unread", "updated_at")

    def get_unread(self, row: Conversation) -> int:
        return getattr(row, "unread", None) or 0


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A message; `{{ portal_link }}` in its text stands for the creator's secret link."""

    collaboration = serializers.CharField(source="collaboration.code", allow_null=True, default=None)

    class Meta:
        model = Message
        fields = (
            "code",
            "direction",
            "channel",
            "status",
            "subject",
            "body",
            "referenced_post",
            "collaboration",
            "error",
            "created_at",
            "sent_at",
        )


class ReplySerializer(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=20_000)
    subject = serializers.CharField(
        max_length=200, required=False, default="", help_text="Default: “Re:” and the newest subject."
    )
    channel = serializers.ChoiceField(
        choices=[Message.Channel.EMAIL, Message.Channel.PORTAL], default=Message.Channel.EMAIL
    )

    def validate_subject(self, value: str) -> str:
        return " ".join(value.split())


class Conversations(ApiView, generics.ListAPIView[Conversation]):
    """Your conversations, the one begun last first."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = ConversationSerializer

    def get_queryset(self) -> QuerySet[Conversation]:
        if getattr(self, "swagger_fake_view", False):
            return Conversation.objects.none()
        return Conversation.objects.of(self.request.auth.brand).with_people().with_latest()


class ConversationDetail(ApiView, generics.RetrieveAPIView[Conversation]):
    """One conversation by the relationship's code."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = ConversationSerializer
    lookup_field = "relationship__code"
    lookup_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Conversation]:
        if getattr(self, "swagger_fake_view", False):
            return Conversation.objects.none()
        return Conversation.objects.of(self.request.auth.brand).with_people().with_latest()


class Messages(ApiView, generics.ListAPIView[Message]):
    """The messages of one conversation, newest first."""

    request: ApiRequest
    scopes = SCOPES
    serializer_class = MessageSerializer

    def get_queryset(self) -> QuerySet[Message]:
        if getattr(self, "swagger_fake_view", False):
            return Message.objects.none()
        return Message.objects.filter(conversation=self.conversation()).select_related("collaboration")

    def conversation(self) -> Conversation:
        rows = Conversation.objects.of(self.request.auth.brand).with_people()
        return get_object_or_404(rows, relationship__code=self.kwargs["code"])

    @extend_schema(request=ReplySerializer, responses={201: MessageSerializer})
    def post(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """Queue a reply by e-mail, or put it into the portal. Send an `Idempotency-Key` to be safe against repeats."""
        row = self.conversation()
        form = ReplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            message = reply_to(row, by=request.auth.created_by, **form.validated_data)
        except CannotReply as error:
            raise Conflict(str(error)) from error
        return Response(MessageSerializer(message).data, status=201)


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation to the creator's own profile, and why none can be sent now."""

    is_claimed = serializers.BooleanField(help_text="The profile is in its creator's own hands.")
    count = serializers.IntegerField(help_text="Invitations that went out or still may.")
    sent_at = serializers.DateTimeField(source="last.sent_at", allow_null=True, default=None)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Until when the link in the last one works.")
    obstacle = serializers.CharField(help_text="Empty where an invitation can be sent.")


class CreatorInvitation(ApiView):
    """Invite a creator whom you are in touch with to take over their profile; again after three days, three times."""

    scopes = SCOPES

    @extend_schema(operation_id="creator_invitation", responses=InvitationSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        return Response(InvitationSerializer(invitation_of(self.known(request, code))).data)

    @extend_schema(operation_id="creator_invite", request=None, responses={201: InvitationSerializer})
    def post(self, request: ApiRequest, code: str) -> Response:
        """409 with the reason where none can be sent now."""
        known = self.known(request, code)
        try:
            invite_to_profile(known, by=request.auth.created_by)
        except CannotReply as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(InvitationSerializer(invitation_of(known)).data, status=201)

    def known(self, request: ApiRequest, code: str) -> Relationship:
        rows = Relationship.objects.of(request.auth.brand).select_related("creator", "brand")
        return get_object_or_404(rows, creator__in=Creator.objects.of(request.auth.brand), creator__code=code)
