"""Operators' view of campaigns, offers and contracts; a contract is never edited."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from campaigns.models import BriefTemplate, Campaign, Collaboration, Contract, Cost, Offer, Submission


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin[Campaign]):
    list_display = ("name", "code", "brand", "status", "starts_on", "ends_on")
    list_filter = ("status", "objective")
    list_select_related = ("brand",)
    search_fields = ("name", "code", "brand__name")
    raw_id_fields = ("brand", "created_by")


@admin.register(BriefTemplate)
class BriefTemplateAdmin(admin.ModelAdmin[BriefTemplate]):
    list_display = ("name", "brand")
    list_filter = (("brand", admin.EmptyFieldListFilter),)
    list_select_related = ("brand",)
    raw_id_fields = ("brand",)


class OfferInline(admin.TabularInline[Offer, Collaboration]):
    model = Offer
    extra = 0
    fields = readonly_fields = ("version", "side", "status", "fee", "product", "commission_percent", "sent_at")

    def has_add_permission(self, request: HttpRequest, obj: Collaboration | None = None) -> bool:
        return False


@admin.register(Collaboration)
class CollaborationAdmin(admin.ModelAdmin[Collaboration]):
    list_display = ("code", "campaign", "relationship", "status", "accepted_at")
    list_filter = ("status",)
    list_select_related = ("campaign", "relationship__brand", "relationship__creator")
    search_fields = ("code", "relationship__creator__name", "campaign__name")
    raw_id_fields = ("campaign", "relationship")
    inlines = (OfferInline,)


@admin.register(Contract)
class ContractAdmin(admin.ModelAdmin[Contract]):
    list_display = ("collaboration", "sha256", "agreed_at", "agreed_name")
    list_select_related = ("collaboration__campaign", "collaboration__relationship__creator")
    search_fields = ("sha256", "agreed_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Contract | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Contract | None = None) -> bool:
        return False


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin[Submission]):
    list_display = ("code", "post", "status", "submitted_at")
    list_filter = ("status",)
    raw_id_fields = ("collaboration", "deliverable", "post", "reviewed_by")


@admin.register(Cost)
class CostAdmin(admin.ModelAdmin[Cost]):
    list_display = ("campaign", "kind", "amount", "incurred_on", "origin")
    list_filter = ("kind",)
    list_select_related = ("campaign",)
    raw_id_fields = ("campaign", "collaboration", "logged_by")
