"""The home page, the landing page for visitors, and the page that shows every component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from groundswell.events.models import Event
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.design import samples


@dataclass(frozen=True)
class Step:
    """A step of getting started: done once one of its events was recorded at the brand."""

    title: str
    text: str
    action: str
    route: str
    icon: str
    events: tuple[str, ...]
    capability: str = "manage"


STEPS = [
    Step(
        "Bring in your creators",
        "A CSV from a spreadsheet, a tool or a network. We guess the columns, you check them.",
        "Import a file",
        "creators:import-new",
        "file-up",
        ("import.finished", "collaboration.added"),
    ),
    Step(
        "Brief a campaign",
        "What you want, for how much, until when. Add creators from the directory or a shortlist.",
        "New campaign",
        "campaigns:new",
        "megaphone",
        ("campaign.launched",),
    ),
    Step(
        "Write to the ones you chose",
        "A personal e-mail from a template, each with its own link to the offer.",
        "Open campaigns",
        "campaigns:campaigns",
        "mail",
        ("message.sent", "offer.sent"),
    ),
    Step(
        "Connect your shop",
        "Orders with a creator's code or click come in by themselves, refunds too.",
        "Connect a store",
        "tracking:stores",
        "store",
        ("order.received",),
    ),
]


def home(request: HttpRequest) -> HttpResponseBase:
    """The brand's dashboard; creators go to their portal, visitors read what this is."""
    return dashboard(request) if request.user.is_authenticated else render(request, "web/landing.html")


@brand_page()
def dashboard(request: BrandRequest) -> HttpResponse:
    happened = set(Event.objects.of(request.brand).filter(name__in=names_of(STEPS)).values_list("name", flat=True))
    steps = [(step, any(name in happened for name in step.events)) for step in STEPS]
    done = sum(is_done for _, is_done in steps)
    return render(
        request,
        "web/home.html",
        {"steps": steps, "done": done, "left": len(steps) - done, "greeting": greeting(request.brand.timezone)},
    )


def names_of(steps: list[Step]) -> list[str]:
    return [name for step in steps for name in step.events]


def greeting(zone: str) -> str:
    """Good morning, afternoon or evening by the clock of the brand."""
    with timezone.override(zone):
        hour = timezone.localtime().hour
    return "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state; only for developers and staff."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    context: dict[str, Any] = samples()
    return render(request, "web/design.html", context)
