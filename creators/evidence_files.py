"""How a creator's evidence leaves the house: saved by the browser, never shown in a page's place."""

from __future__ import annotations

from django.http import FileResponse

from creators.models import Evidence


def as_attachment(row: Evidence) -> FileResponse:
    """Never shown in the page's own place: whatever the file holds, the browser only saves it."""
    response = FileResponse(row.file.open("rb"), as_attachment=True, filename=row.filename, content_type=row.kind)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
