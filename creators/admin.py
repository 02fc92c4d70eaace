"""Operators' view of public creators and imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from creators.actions.claims import ClaimRefused, approve_claim, refuse_claim
from creators.actions.merges import MergeRefusedError, accept_merge, dismiss_merge, undo_merge
from creators.actions.metrics import mark_stale
from creators.actions.removals import RemovalRefused, approve_removal, refuse_removal
from creators.actions.tiers import note_version
from creators.evidence_files import as_attachment
from creators.models import (
    Claim,
    ClaimQuerySet,
    Creator,
    Evidence,
    Import,
    MetricsRun,
    Removal,
    RemovalQuerySet,
    SocialAccount,
    TierBand,
    TierScheme,
)
from creators.models.creators import PROFILE_URLS
from creators.models.merges import Merge, MergeProposal, MergeProposalQuerySet, MergeQuerySet
from groundswell.accounts.models import User


class AccountInline(admin.TabularInline[SocialAccount, Creator]):
    model = SocialAccount
    extra = 0
    fields = ("network", "handle", "followers", "engagement_rate", "engagement_basis", "source", "observed_at")


@admin.register(Creator)
class CreatorAdmin(admin.ModelAdmin[Creator]):
    list_display = ("name", "code", "owner", "country", "source", "created_at")
    list_filter = ("source", ("owner", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("name", "code", "accounts__handle")
    raw_id_fields = ("owner", "user")
    inlines = (AccountInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Metrics and search rows follow what an operator changes by hand."""
        super().save_related(request, form, formsets, change)
        mark_stale(form.instance.accounts.values_list("pk", flat=True))


class BandInline(admin.TabularInline[TierBand, TierScheme]):
    model = TierBand
    extra = 0


@admin.register(TierScheme)
class TierSchemeAdmin(admin.ModelAdmin[TierScheme]):
    list_display = ("brand", "name", "updated_at")
    list_select_related = ("brand",)
    inlines = (BandInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        note_version(form.instance, by=operator(request))


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin[Import]):
    list_display = ("filename", "brand", "status", "total", "done", "rejected", "created_at")
    list_filter = ("status",)
    list_select_related = ("brand",)
    readonly_fields = ("mapping", "header", "total", "done", "created", "updated", "unchanged", "rejected", "error")


@admin.register(MetricsRun)
class MetricsRunAdmin(admin.ModelAdmin[MetricsRun]):
    """How far each recomputation of all accounts is; nothing to change."""

    list_display = ("started_at", "progress", "done", "total", "ended_at")
    ordering = ("-started_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MetricsRun | None = None) -> bool:
        return False

    @admin.display(description="Progress")
    def progress(self, run: MetricsRun) -> str:
        return f"{100 * run.done // run.total} %" if run.total else "no accounts"


@admin.register(MergeProposal)
class MergeProposalAdmin(admin.ModelAdmin[MergeProposal]):
    """Pairs of public records; what brands propose about their own is theirs to decide."""

    list_display = ("first", "second", "reasons", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("first", "second")
    raw_id_fields = ("first", "second")
    actions = ("merge", "dismiss")

    def get_queryset(self, request: HttpRequest) -> MergeProposalQuerySet:
        return MergeProposal.objects.filter(brand=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Merge into the older record", permissions=["change"])
    def merge(self, request: HttpRequest, proposals: MergeProposalQuerySet) -> None:
        settle(self, request, proposals.open(), lambda row: accept_merge(row, by=operator(request)))

    @admin.action(description="Two people", permissions=["change"])
    def dismiss(self, request: HttpRequest, proposals: MergeProposalQuerySet) -> None:
        settle(self, request, proposals, lambda row: dismiss_merge(row, by=operator(request)))


@admin.register(Merge)
class MergeAdmin(admin.ModelAdmin[Merge]):
    list_display = ("name", "kept", "merged_by", "merged_at", "undone_at")
    list_select_related = ("kept", "merged_by")
    fields = ("name", "kept", "reasons", "merged_by", "merged_at", "undone_at")
    readonly_fields = fields
    actions = ("undo",)

    def get_queryset(self, request: HttpRequest) -> MergeQuerySet:
        return Merge.objects.filter(brand=None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Take apart", permissions=["change"])
    def undo(self, request: HttpRequest, merges: MergeQuerySet) -> None:
        settle(self, request, merges, lambda row: undo_merge(row, by=operator(request)))


def settle(
    page: admin.ModelAdmin[Any], request: HttpRequest, rows: Iterable[Any], act: Callable[[Any], object]
) -> None:
    """Each by itself: one that can't be decided holds up no other."""
    done = 0
    for row in rows:
        try:
            act(row)
        except (ClaimRefused, MergeRefusedError, RemovalRefused) as problem:
            page.message_user(request, f"{row}: {problem}", messages.ERROR)
        else:
            done += 1
    if done:
        page.message_user(request, f"{done} settled.", messages.SUCCESS)


def operator(request: HttpRequest) -> User:
    return cast("User", request.user)


class ReasonForm(ActionForm):
    """Actions with a reason beside them."""

    reason = forms.CharField(required=False, max_length=500, label="Reason, for the creator")


@admin.register(Claim)
class ClaimAdmin(admin.ModelAdmin[Claim]):
    """The moderation queue: creators who want an account on their profile, and their profile in the directory."""

    list_display = ("__str__", "status", "user", "is_taken", "proof", "proof_code", "invited_by", "created_at")
    list_filter = ("status", "is_taken", "proof", "network")
    list_select_related = ("user", "invited_by")
    search_fields = ("handle", "user__email", "user__name")
    fields = (
        "user", "network", "handle", "profile", "message", "is_taken", "proof", "proof_code", "invited_by", "creator",
        "status", "reason", "created_at", "decided_at", "decided_by",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("-status", "pk")
    action_form = ReasonForm
    actions = ("approve", "refuse")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return False

    @admin.display(description="Where to look")
    def profile(self, claim: Claim) -> str:
        address = PROFILE_URLS.get(claim.network, "").format(handle=claim.handle)
        return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', address)

    @admin.action(description="Approve: theirs, and listed", permissions=["change"])
    def approve(self, request: HttpRequest, claims: ClaimQuerySet) -> None:
        settle(self, request, claims, lambda row: approve_claim(row, by=operator(request)))

    @admin.action(description="Refuse, with the reason", permissions=["change"])
    def refuse(self, request: HttpRequest, claims: ClaimQuerySet) -> None:
        reason = request.POST.get("reason", "")
        settle(self, request, claims, lambda row: refuse_claim(row, reason, by=operator(request)))


@admin.register(Removal)
class RemovalAdmin(admin.ModelAdmin[Removal]):
    """People without a profile who want what is kept about an account of theirs to be erased."""

    list_display = ("__str__", "email", "proof", "proof_code", "created_at", "erase_at")
    list_filter = ("proof", "network")
    search_fields = ("handle", "email")
    fields = (
        "network", "handle", "where_to_look", "email", "proof", "proof_code", "created_at", "erase_at", "decided_by",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("approve", "refuse")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Removal | None = None) -> bool:
        return False

    @admin.display(description="Where to look")
    def where_to_look(self, removal: Removal) -> str:
        address = PROFILE_URLS.get(removal.network, "").format(handle=removal.handle)
        return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', address)

    @admin.action(description="Theirs: hide it now, and erase it after the grace period", permissions=["change"])
    def approve(self, request: HttpRequest, removals: RemovalQuerySet) -> None:
        settle(self, request, removals, lambda row: approve_removal(row, by=operator(request)))

    @admin.action(description="Not theirs: end it", permissions=["change"])
    def refuse(self, request: HttpRequest, removals: RemovalQuerySet) -> None:
        settle(self, request, removals, lambda row: refuse_removal(row, by=operator(request)))


@admin.register(Evidence)
class EvidenceAdmin(admin.ModelAdmin[Evidence]):
    list_display = ("filename", "account", "observed_on", "reach", "views", "created_at")
    list_select_related = ("account",)
    fields = ("account", "filename", "download", "kind", "observed_on", "reach", "views", "period_days", "created_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        file = path("<int:pk>/file/", self.admin_site.admin_view(self.file), name="creators_evidence_file")
        return [file, *super().get_urls()]

    def file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return as_attachment(get_object_or_404(Evidence, pk=pk))

    @admin.display(description="File")
    def download(self, evidence: Evidence) -> str:
        address = reverse("admin:creators_evidence_file", args=[evidence.pk])
        return format_html('<a href="{}" download>{}</a>', address, evidence.filename)
