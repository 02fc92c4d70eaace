"""Operators' pages: who exists. Passwords, keys and roles are changed where the people do it."""

from django.contrib import admin

from groundswell.accounts.models import ApiKey, Brand, Invitation, Letter, Membership, User


class MembershipInline(admin.TabularInline[Membership, Brand]):
    model = Membership
    extra = 0
    raw_id_fields = ["user"]
    exclude = ["code"]


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin[Brand]):
    list_display = ["name", "code", "country", "currency", "created_at"]
    search_fields = ["name", "code"]
    readonly_fields = ["code"]
    inlines = [MembershipInline]


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ["email", "name", "kind", "is_active", "is_staff", "date_joined"]
    list_filter = ["kind", "is_active", "is_staff"]
    search_fields = ["email", "name"]
    exclude = ["password"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ["groups", "user_permissions"]


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    list_display = ["email", "brand", "role", "asked_at", "sent_at", "accepted_at", "expires_at"]
    search_fields = ["email", "brand__name"]
    raw_id_fields = ["brand", "invited_by"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    list_display = ["name", "brand", "prefix", "last_used_at", "revoked_at"]
    search_fields = ["name", "brand__name", "prefix"]
    fields = ["name", "brand", "prefix", "scopes", "created_by", "last_used_at", "revoked_at"]
    readonly_fields = ["brand", "prefix", "scopes", "created_by", "last_used_at"]

    def has_add_permission(self, request: object) -> bool:
        return False


@admin.register(Letter)
class LetterAdmin(admin.ModelAdmin[Letter]):
    """That a letter was written and what became of it; never to whom, or what it says."""

    list_display = ["name", "created_at", "sent_at", "tries", "error"]
    fields = ["name", "code", "created_at", "due_at", "tries", "error", "sent_at"]
    list_filter = ["name"]

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: Letter | None = None) -> bool:
        return False
