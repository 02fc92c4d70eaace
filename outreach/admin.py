from __future__ import annotations

from django.contrib import admin

from outreach.models import Conversation, EmailTemplate, Message, Suppression


@admin.register(EmailTemplate)
class EmailTemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "brand", "updated_at")
    list_select_related = ("brand",)
    search_fields = ("name", "brand__name")


@admin.register(Conversation)
class ConversationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("relationship", "updated_at")
    raw_id_fields = ("relationship",)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "recipient", "channel", "status", "attempts", "due_at", "sent_at")
    list_filter = ("status", "channel", "direction")
    search_fields = ("code", "recipient", "message_id")
    raw_id_fields = ("conversation", "collaboration", "author", "template")
    readonly_fields = ("message_id", "claim")


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("digest", "brand", "reason", "created_at")
    list_filter = ("reason",)
