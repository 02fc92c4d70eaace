"""The log, for operators: to be read, never changed."""

from django.contrib import admin

from groundswell.events.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin[Event]):
    list_display = ["id", "created_at", "brand", "name", "actor", "delivered_at"]
    list_filter = ["name"]
    list_select_related = ["brand", "actor"]
    search_fields = ["brand__name", "actor__email", "name"]
    show_full_result_count = False

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: Event | None = None) -> bool:
        return False
