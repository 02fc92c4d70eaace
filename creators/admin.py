"""Operators' view of public creators and imports."""

from django.contrib import admin

from creators.models import Creator, Import, SocialAccount, TierBand, TierScheme


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


class BandInline(admin.TabularInline[TierBand, TierScheme]):
    model = TierBand
    extra = 0


@admin.register(TierScheme)
class TierSchemeAdmin(admin.ModelAdmin[TierScheme]):
    list_display = ("brand", "name", "updated_at")
    list_select_related = ("brand",)
    inlines = (BandInline,)


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin[Import]):
    list_display = ("filename", "brand", "status", "total", "done", "rejected", "created_at")
    list_filter = ("status",)
    list_select_related = ("brand",)
    readonly_fields = ("mapping", "header", "total", "done", "created", "updated", "unchanged", "rejected", "error")
