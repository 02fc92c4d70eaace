from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: the brand, the member's role, and the brands to switch to."""
    return {"membership": getattr(request, "membership", None)}
