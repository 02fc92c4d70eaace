"""Operators' view of public creators and imports."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest

from creators.actions.merges import MergeRefusedError, accept_merge, dismiss_merge, undo_merge
from creators.actions.metrics import mark_stale
from creators.actions.tiers import note_version
from creators.models import Creator, Import, MetricsRun, SocialAccount, TierBand, TierScheme
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
        for proposal in proposals.open():
            decide(self, request, partial(accept_merge, proposal, by=operator(request)))

    @admin.action(description="Two people", permissions=["change"])
    def dismiss(self, request: HttpRequest, proposals: MergeProposalQuerySet) -> None:
        for proposal in proposals:
            decide(self, request, partial(dismiss_merge, proposal, by=operator(request)))


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
        for row in merges:
            decide(self, request, partial(undo_merge, row, by=operator(request)))


def decide(page: admin.ModelAdmin[Any], request: HttpRequest, action: Callable[[], object]) -> None:
    try:
        action()
    except MergeRefusedError as problem:
        page.message_user(request, str(problem), messages.ERROR)


def operator(request: HttpRequest) -> User:
    return cast("User", request.user)
