"""Writing to the creators of a campaign: choose, preview, queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from campaigns.models import Campaign
from groundswell.web.decorators import BrandRequest, brand_page
from outreach.actions.writing import CannotWrite, draft, write_to
from outreach.addressees import Addressee, addressees_of
from outreach.forms import WriteForm
from outreach.letters import letter_of
from outreach.mime import compose, footer
from outreach.models import EmailTemplate
from outreach.rendering import fill_late, uses

HEADERS = ("From", "To", "Reply-To", "Subject", "List-Unsubscribe")


@dataclass
class Row:
    """One line of the page: the creator, what was chosen, and what is wrong with it."""

    addressee: Addressee
    is_chosen: bool = False
    reference: str = ""
    problem: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    footer: str = ""

    @property
    def code(self) -> str:
        return self.addressee.collaboration.code

    @property
    def pasted(self) -> str:
        """The reference when it isn't one of the known posts."""
        return "" if self.reference in {post.url for post in self.addressee.posts} else self.reference


@brand_page("manage")
def write(request: BrandRequest, code: str) -> HttpResponse:
    """GET chooses (`?to=` codes of collaborations); POST previews; POST with `queue` queues all or nothing."""
    campaign = get_object_or_404(Campaign.objects.of(request.brand), code=code)
    addressees = addressees_of(request.brand, campaign.collaborations.all())
    codes = [row.collaboration.code for row in addressees]
    form = WriteForm(request.POST or None, brand=request.brand, codes=codes)
    rows = [row_of(addressee, form, request.GET.getlist("to")) for addressee in addressees]
    if form.is_bound and form.is_valid() and "back" not in request.POST:
        return decided(request, campaign, form, rows)
    return page(request, campaign, form, rows, status=422 if form.errors else 200)


def row_of(addressee: Addressee, form: WriteForm, to: list[str]) -> Row:
    """Chosen are those of the form; at first the one asked for, or everybody who can be and wasn't written to."""
    code, posts = addressee.collaboration.code, addressee.posts
    if form.is_bound:
        return Row(addressee, code in form.data.getlist("chosen"), form.reference(code))  # type: ignore[attr-defined]
    wanted = code in to if to else not addressee.written_at
    return Row(addressee, wanted and not addressee.obstacle, posts[0].url if posts else "")


def decided(request: BrandRequest, campaign: Campaign, form: WriteForm, rows: list[Row]) -> HttpResponse:
    chosen = [row for row in rows if row.is_chosen]
    if "queue" not in request.POST:
        return previewed(request, campaign, form, rows, chosen)
    try:
        queued = write_to(
            [row.addressee.collaboration for row in chosen],
            form.cleaned_data["template"],
            by=request.user,
            references=form.references(),
            batch=form.cleaned_data["batch"],
        )
    except CannotWrite as error:
        return refused(request, campaign, form, rows, error)
    number = f"{len(queued)} e-mails are" if len(queued) != 1 else "One e-mail is"
    messages.success(request, f"{number} queued and will leave in a moment.")
    return redirect(f"{reverse('outreach:inbox')}?show=queued")


def previewed(
    request: BrandRequest, campaign: Campaign, form: WriteForm, rows: list[Row], chosen: list[Row]
) -> HttpResponse:
    """Each e-mail as it will leave, or back to the choice with every problem shown."""
    problems: dict[str, str] = {}
    for row in chosen:
        try:
            fill_in(row, form.cleaned_data["template"], request)
        except CannotWrite as error:
            problems.update(error.problems)
    if problems:
        return refused(request, campaign, form, rows, CannotWrite(problems))
    context = {"campaign": campaign, "form": form, "rows": chosen}
    return render(request, "outreach/write_preview.html", context)


def fill_in(row: Row, template: EmailTemplate, request: BrandRequest) -> None:
    """Put the finished e-mail into the row. Raises CannotWrite."""
    message = draft(row.addressee, template, by=request.user, post=row.reference)
    masked = fill_late(message.body, "[their personal link, made while sending]")
    letter = letter_of(message, body=masked)
    try:
        mail = compose(letter)
    except ValueError as error:
        raise CannotWrite({row.code: f"This can't be put into an e-mail: {error}"}) from error
    row.headers = [(name, str(mail[name])) for name in HEADERS if mail[name]]
    row.body, row.footer = masked, footer(letter)


def refused(
    request: BrandRequest, campaign: Campaign, form: WriteForm, rows: list[Row], error: CannotWrite
) -> HttpResponse:
    for row in rows:
        row.problem = error.problems.get(row.code, "")
    form.add_error(None, "Nothing was queued yet. Some creators need your attention below.")
    return page(request, campaign, form, rows, status=422)


def page(request: BrandRequest, campaign: Campaign, form: WriteForm, rows: list[Row], *, status: int) -> HttpResponse:
    templates = [(row, uses(row.body, "referenced_post")) for row in EmailTemplate.objects.of(request.brand)]
    context: dict[str, Any] = {
        "campaign": campaign,
        "form": form,
        "open": [row for row in rows if not row.addressee.obstacle or row.is_chosen],
        "closed": [row for row in rows if row.addressee.obstacle and not row.is_chosen],
        "templates": templates,
        "chosen_template": request.POST.get("template") or request.GET.get("template", ""),
    }
    return render(request, "outreach/write.html", context, status=status)
