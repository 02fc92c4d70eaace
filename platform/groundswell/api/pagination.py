from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Pages that stay right while rows change: `?cursor=`, `?page_size=` up to 200; newest first."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        """Raises NotFound also for a cursor of somebody's own making."""
        cursor = super().decode_cursor(request)
        try:
            if cursor is not None and cursor.position is not None:
                self.read_position(str(cursor.position))
        except ValueError as error:
            raise NotFound(self.invalid_cursor_message) from error
        return cursor

    def read_position(self, text: str) -> object:
        """The value that rows are ordered by. Raises ValueError."""
        return int(text)
