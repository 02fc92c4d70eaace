"""All relationships of a brand: a board by stage and a table, changed one by one or many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Func, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme as is_local
from django.views.decorators.http import require_GET, require_POST

from creators.actions.relationships import change_many, relate, relate_all, team_of
from creators.forms.relationships import BulkForm
from creators.models import Creator, Lifecycle, LifecycleRule, Note, Relationship, RelationshipQuerySet
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from groundswell.events.wording import icon, sentence
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.paging import page_by_key

PAGE = 50
CARDS = 30
TIMELINE = 20
NOBODY, MINE = "nobody", "me"


@dataclass(frozen=True)
class Wanted:
    """Which relationships are asked for; empty filters leave all in, but never the blocked ones."""

    brand: Brand
    user: User
    query: QueryDict

    def value(self, name: str) -> str:
        return self.query.get(name, "").strip()[:100]

    @property
    def is_empty(self) -> bool:
        return not any(map(self.value, ("q", "stage", "owner", "tag", "lifecycle", "due")))

    def rows(self) -> RelationshipQuerySet:
        rule = LifecycleRule.objects.holding(self.brand)
        found = Relationship.objects.of(self.brand).standing().with_lifecycle(rule, timezone.now())
        if text := self.value("q"):
            found = found.mentioning(text)
        for name in ("stage", "lifecycle"):
            if value := self.value(name):
                found = found.filter(**{name: value})
        if tag := self.value("tag"):
            found = found.filter(tags__contains=[tag])
        if self.value("due"):
            found = found.due(self.brand.day())
        return self.owned(found)

    def owned(self, found: RelationshipQuerySet) -> RelationshipQuerySet:
        owner = self.value("owner")
        if owner == NOBODY:
            return found.filter(owner=None)
        if owner == MINE:
            return found.filter(owner=self.user)
        return found.filter(owner=int(owner)) if owner.isdecimal() and len(owner) < 18 else found


@dataclass(frozen=True)
class Column:
    value: str
    label: str
    count: int
    cards: list[Relationship]

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


@require_GET
@brand_page()
def relationships(request: BrandRequest) -> HttpResponse:
    wanted = Wanted(request.brand, request.user, request.GET)
    context: dict[str, Any] = {
        "wanted": {name: wanted.value(name) for name in ("q", "stage", "owner", "tag", "lifecycle", "due", "view")},
        "is_empty": wanted.is_empty,
        "stages": standing_stages(),
        "lifecycles": Lifecycle.choices,
        "rule": LifecycleRule.objects.holding(request.brand).words.items(),
        "team": team_of(request.brand),
        "tags": tags_of(request.brand),
        "any": Relationship.objects.of(request.brand).exists(),
        "bulk_form": BulkForm(request.brand),
        "query": request.GET.urlencode(),
        "board_url": address(request, view="board"),
        "table_url": address(request, view="table"),
    }
    if request.GET.get("view") == "table":
        rows, pages = page_by_key(request, wanted.rows().with_people(), PAGE)
        context |= {"rows": rows, **pages}
        return render(request, "creators/relationships_table.html", context)
    context["columns"] = columns(wanted.rows())
    return render(request, "creators/relationships.html", context)


def standing_stages() -> list[tuple[str, str]]:
    return [(value, label) for value, label in Relationship.Stage.choices if value != Relationship.Stage.BLOCKED]


def tags_of(brand: Brand) -> list[str]:
    tags = Relationship.objects.of(brand).annotate(tag=Func(F("tags"), function="unnest"))
    return list(tags.order_by("tag").values_list("tag", flat=True).distinct()[:200])


def address(request: BrandRequest, **values: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    for name, value in values.items():
        query[name] = value
    return f"?{query.urlencode()}"


def columns(rows: RelationshipQuerySet) -> list[Column]:
    """Each stage with how many there are, and the ones changed last: two statements, however many there are."""
    counts = dict(rows.order_by().values_list("stage").annotate(number=Count("pk")))
    latest = Window(RowNumber(), partition_by="stage", order_by=[F("updated_at").desc(), F("pk").desc()])
    cards: dict[str, list[Relationship]] = {stage: [] for stage, _ in standing_stages()}
    for row in rows.with_people().annotate(place=latest).filter(place__lte=CARDS).order_by("place"):
        cards[row.stage].append(row)
    return [Column(value, label, counts.get(value, 0), cards[value]) for value, label in standing_stages()]


@require_POST
@brand_page("manage")
def move(request: BrandRequest, code: str) -> HttpResponse:
    """Into another stage; blocked ones are left alone."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    row = get_object_or_404(Relationship.objects.of(request.brand).standing(), creator=creator)
    stage = request.POST.get("stage", "")
    if stage in dict(standing_stages()):
        relate(request.brand, row.creator, by=request.user, stage=stage)
        messages.success(request, f"{creator} is in “{Relationship.Stage(stage).label}” now.")
    else:
        messages.error(request, "There is no such stage.")
    return redirect(back_to(request))


@require_POST
@brand_page("manage")
def change_chosen(request: BrandRequest) -> HttpResponse:
    """Stage, owner or tags of the chosen creators."""
    form = BulkForm(request.brand, request.POST)
    chosen = list(Creator.objects.of(request.brand).filter(code__in=request.POST.getlist("creator")))
    if not form.is_valid() or not form.changes():
        messages.error(request, "Choose what to change: a stage, who is in charge, or tags.")
    elif not chosen:
        messages.error(request, "Choose creators first.")
    else:
        rows = relate_all(request.brand, chosen, by=request.user)
        changed = change_many(rows, by=request.user, **form.changes())
        messages.success(request, f"{changed} of {len(rows)} changed.")
    return redirect(back_to(request))


def back_to(request: BrandRequest) -> str:
    """The page it was sent from, as its form says; the board else."""
    page = request.POST.get("back", "")
    is_ours = page.startswith("/") and is_local(page, allowed_hosts=None)
    return page if is_ours else reverse("creators:relationships")


@require_GET
@brand_page()
def blocklist(request: BrandRequest) -> HttpResponse:
    blocked = (
        Relationship.objects.of(request.brand)
        .blocked()
        .filter(creator__leaves_at=None)
        .select_related("creator", "blocked_by")
    )
    rows, pages = page_by_key(request, blocked, PAGE)
    return render(request, "creators/blocklist.html", {"rows": rows, **pages})


@require_GET
@brand_page()
def mentions(request: BrandRequest) -> HttpResponse:
    """Notes of the team that name the one who looks."""
    notes: QuerySet[Note] = Note.objects.of(request.brand).naming(request.user)
    rows, pages = page_by_key(request, notes.select_related("author", "relationship__creator"), PAGE)
    return render(request, "creators/mentions.html", {"notes": rows, **pages})


@dataclass(frozen=True)
class Happening:
    icon: str
    text: str
    by: str
    at: Any
    url: str


@require_GET
@brand_page()
def timeline(request: BrandRequest, code: str) -> HttpResponse:
    """Everything that happened with this creator at the brand, newest first: a panel of the profile."""
    creator = get_object_or_404(Creator.objects.of(request.brand), code=code)
    events = Event.objects.of(request.brand).with_creator(creator.pk).select_related("actor")
    rows, pages = page_by_key(request, events, TIMELINE)
    here = {name: f"{request.path}{url}" if url else "" for name, url in pages.items()}
    return render(request, "creators/timeline.html", {"items": [happening(row) for row in rows], **here})


def happening(event: Event) -> Happening:
    words = sentence(event)
    text = words if event.data.get("reviewer") else f"{words[:1].upper()}{words[1:]}"
    place = f" · {event.place}" if event.place else ""
    return Happening(icon(event), f"{text}{place}", str(event.actor or ""), event.created_at, event.url)
