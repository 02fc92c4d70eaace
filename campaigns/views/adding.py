"""Adding creators to a campaign, from a shortlist or as chosen in the directory, and acting on many at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from campaigns.actions.collaborations import add_creators, remove_collaboration
from campaigns.actions.offers import set_offers
from campaigns.actions.refusals import Refusal
from campaigns.forms.offers import AddForm, TermsForm
from campaigns.models import Campaign, Collaboration
from campaigns.views.briefs import find
from campaigns.views.campaigns import header
from creators.models import Creator, Shortlist, SocialAccount, TierScheme
from creators.tiers import bands_of, tier_in, tier_names
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.htmx import go, invalid

MOST = 500  # creators at once
OFFERED = 50  # campaigns to choose from


@brand_page("manage")
def choose(request: BrandRequest) -> HttpResponse:
    """What the directory shows beside the ticked creators: which campaign to add them to. A POST leads to the form."""
    rows = Campaign.objects.of(request.brand).exclude(status=Campaign.Status.CLOSED).order_by("-pk")
    if request.method != "POST":
        return render(request, "campaigns/choose.html", {"campaigns": rows[:OFFERED]})
    chosen = request.POST.getlist("creator")
    if len(chosen) > MOST:
        messages.warning(request, f"{len(chosen):,} are ticked; up to {MOST} can be added at once. Nothing was added.")
        return go(request, f"{reverse('creators:directory')}?{request.POST.get('query', '')}")
    if "new" in request.POST.getlist("campaign") and chosen:
        return go(request, f"{reverse('campaigns:new')}?{urlencode({'creator': chosen}, doseq=True)}")
    campaign = rows.filter(code=request.POST.get("campaign", "")).first()
    if not campaign or not chosen:
        messages.warning(request, "Choose a campaign, and at least one creator.")
        return go(request, f"{reverse('creators:directory')}?{request.POST.get('query', '')}")
    return go(request, f"{reverse('campaigns:add', args=[campaign.code])}?{urlencode({'creator': chosen}, doseq=True)}")


@brand_page("manage")
def add(request: BrandRequest, code: str) -> HttpResponse:
    """Put the creators of a shortlist, or those chosen, into the campaign, each with a draft offer."""
    campaign = find(request, code)
    scheme = TierScheme.objects.of(request.brand).prefetch_related("bands").first()
    form = AddForm(
        request.POST or None,
        brand=request.brand,
        tiers=tier_names(scheme),
        initial={"shortlist": request.GET.get("shortlist"), "creator": request.GET.getlist("creator")[:MOST]},
    )
    context = {
        "campaign": campaign,
        "form": form,
        "chosen": list(form.chosen()),
        **choices(request, campaign),
        **header(campaign),
    }
    if request.method != "POST":
        return render(request, "campaigns/add.html", context)
    if not form.is_valid():
        return invalid(request, "campaigns/add.html", context)
    try:
        added, left_out = add_wanted(request, campaign, form, scheme)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return invalid(request, "campaigns/add.html", context)
    said = f"{added} added with a draft offer." + (
        f" {left_out} were in it already or are blocked." if left_out else ""
    )
    messages.success(request, said)
    return go(request, f"{campaign.get_absolute_url()}?view=table")


def choices(request: BrandRequest, campaign: Campaign) -> dict[str, object]:
    """The shortlists with how many of each are new to the campaign."""
    there = set(campaign.collaborations.values_list("relationship__creator_id", flat=True))
    rows = list(Shortlist.objects.of(request.brand).order_by("name").prefetch_related("entries"))
    return {"shortlists": [(row, len(fresh(row, there)), len(row.entries.all())) for row in rows]}


def fresh(shortlist: Shortlist, there: set[int]) -> list[int]:
    return [entry.creator_id for entry in shortlist.entries.all() if entry.creator_id not in there]


def add_wanted(request: BrandRequest, campaign: Campaign, form: AddForm, scheme: TierScheme | None) -> tuple[int, int]:
    """Add them, each with the fee of their tier; returns how many were added and left out."""
    creators = list(form.wanted())
    tiers = tiers_of(creators, scheme)
    own = {creator.pk: {"fee": form.fee_of(tiers.get(creator.pk))} for creator in creators}
    added = len(add_creators(campaign, creators, by=request.user, own=own, **form.terms))
    return added, len(creators) - added


def tiers_of(creators: list[Creator], scheme: TierScheme | None) -> dict[int, str | None]:
    """The tier of each creator's largest account."""
    bands = bands_of(scheme)
    accounts = SocialAccount.objects.filter(creator__in=creators, followers__isnull=False).order_by("followers")
    return {row.creator_id: tier_in(bands, row.network, row.followers) for row in accounts}


@require_POST
@brand_page("manage")
def many(request: BrandRequest, code: str) -> HttpResponse:
    """Set terms for, remove, or write to the chosen collaborations of a campaign."""
    campaign = find(request, code)
    rows = list(campaign.collaborations.filter(code__in=request.POST.getlist("chosen")).order_by("pk"))
    act = {"terms": set_terms, "remove": remove, "write": write}.get(request.POST.get("act", ""))
    if not rows or act is None:
        messages.warning(request, "Choose at least one creator first.")
        return go(request, back_to(campaign))
    return act(request, campaign, rows)


def back_to(campaign: Campaign) -> str:
    return f"{campaign.get_absolute_url()}?view=table"


def set_terms(request: BrandRequest, campaign: Campaign, rows: list[Collaboration]) -> HttpResponse:
    form = TermsForm(request.POST, prefix="terms")
    if not form.is_valid():
        errors = [str(error) for each in form.errors.values() for error in each]
        messages.error(request, "The terms were not set. " + " ".join(errors))
        return go(request, back_to(campaign))
    done, refused = set_offers(rows, by=request.user, **form.cleaned_data)
    messages.success(request, f"Terms set for {done}." + (f" {refused} had agreed already." if refused else ""))
    return go(request, back_to(campaign))


def remove(request: BrandRequest, campaign: Campaign, rows: list[Collaboration]) -> HttpResponse:
    removed = sum(remove_collaboration(row, by=request.user) for row in rows)
    kept = len(rows) - removed
    messages.success(
        request, f"{removed} removed." + (f" {kept} stay: they agreed or had left already." if kept else "")
    )
    return go(request, back_to(campaign))


def write(request: BrandRequest, campaign: Campaign, rows: list[Collaboration]) -> HttpResponse:
    query = urlencode({"to": [row.code for row in rows]}, doseq=True)
    return go(request, f"{reverse('outreach:write', args=[campaign.code])}?{query}")
