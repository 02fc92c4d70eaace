from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Pages that stay right while rows change: `?cursor=`, `?page_size=` up to 200; newest first."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
