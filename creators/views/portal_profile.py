"""The portal's pages on which creators say who they are, prove numbers, and show themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from creators.actions.claims import ClaimRefused, check_bio, make_claim
from creators.actions.profiles import add_evidence, remove_evidence, save_profile, set_kit
from creators.evidence import EvidenceRefused
from creators.evidence_files import as_attachment
from creators.forms.portal import ClaimForm, CreatorForm, EvidenceForm, KitForm
from creators.kits import blocks
from creators.models import Claim, Creator, Evidence, MediaKit, Network, Relationship
from groundswell.web.attempts import attempt
from groundswell.web.decorators import BrandRequest, PortalRequest, brand_page, portal_page
from groundswell.web.htmx import invalid

PAGE = "creators/portal_profile.html"
EVIDENCE = "creators/portal_evidence.html"


def mine(request: PortalRequest) -> Creator | None:
    return Creator.objects.filter(user=request.user, owner=None).prefetch_related("accounts").first()


def own(request: PortalRequest) -> Creator:
    creator = mine(request)
    if creator is None:
        raise Http404("There is no profile yet.")
    return creator


@require_http_methods(["GET", "POST"])
@portal_page
def profile(request: PortalRequest) -> HttpResponse:
    """What brands read; and the accounts that are one's own or about to be."""
    creator = mine(request)
    if request.method == "POST" and creator:
        form = CreatorForm(creator, request.POST)
        if not form.is_valid():
            return invalid(request, PAGE, facts(request, form))
        save_profile(creator, form.facts(), form.prices(), form.contacts(), by=request.user)
        messages.success(request, "Saved. Brands see it from now on.")
        return redirect("creators:portal-profile")
    return render(request, PAGE, facts(request))


def facts(request: PortalRequest, form: CreatorForm | None = None, claim: ClaimForm | None = None) -> dict[str, Any]:
    creator = mine(request)
    claims = Claim.objects.of_user(request.user).exclude(status=Claim.Status.APPROVED).order_by("-pk")
    return {
        "creator": creator,
        "accounts": list(creator.accounts.order_by("network", "handle")) if creator else [],
        "claims": list(claims[:10]),
        "invited": invited(request, [(row.network, row.handle) for row in claims]),
        "form": form or (CreatorForm(creator) if creator else None),
        "claim": claim or ClaimForm(),
    }


def invited(request: PortalRequest, claimed: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Accounts under which brands know the person and that nobody has claimed: (network, its name, handle)."""
    rows = Relationship.objects.filter(user=request.user, creator__user=None).exclude(creator__accounts=None)
    found = rows.values_list("creator__accounts__network", "creator__accounts__handle").distinct()
    return [(network, Network(network).label, handle) for network, handle in found if (network, handle) not in claimed]


@require_POST
@portal_page
def claim(request: PortalRequest) -> HttpResponse:
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            row = make_claim(request.user, form.cleaned_data["network"], form.cleaned_data["handle"])
        except ClaimRefused as refusal:
            form.add_error("handle", str(refusal))
        else:
            done = row.status == Claim.Status.APPROVED
            text = f"{row} is on your profile." if done else f"{row}: see below how to go on."
            messages.success(request, text)
            return redirect("creators:portal-profile")
    return invalid(request, PAGE, facts(request, claim=form))


@require_POST
@portal_page
def check(request: PortalRequest, code: str) -> HttpResponse:
    """Look for the code in the bio that was read last."""
    row = get_object_or_404(Claim.objects.of_user(request.user), code=code)
    try:
        found = check_bio(row)
    except ClaimRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("creators:portal-profile")
    if found:
        messages.success(request, "Found. The account is yours.")
    else:
        messages.info(request, "Not seen yet. We look again each hour, and a person looks as well.")
    return redirect("creators:portal-profile")


@require_http_methods(["GET", "POST"])
@portal_page
def evidence(request: PortalRequest) -> HttpResponse:
    """Screenshots of one's statistics, and the numbers they prove."""
    creator = mine(request)
    if creator is None:
        return redirect("creators:portal-profile")
    form = EvidenceForm(creator, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            add_evidence(form.cleaned_data["account"], file.read(), file.name, by=request.user, **form.numbers())
        except EvidenceRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, "Kept. Brands see these numbers as proven by you.")
            return redirect("creators:portal-evidence")
    rows = Evidence.objects.of_user(request.user).select_related("account").latest_first()
    status = 422 if request.method == "POST" else 200
    return render(request, EVIDENCE, {"form": form, "rows": rows, "creator": creator}, status=status)


@require_GET
@portal_page
def evidence_file(request: PortalRequest, code: str) -> HttpResponseBase:
    return as_attachment(get_object_or_404(Evidence.objects.of_user(request.user), code=code))


@require_GET
@brand_page()
def brand_evidence(request: BrandRequest, code: str, evidence: str) -> HttpResponseBase:
    """For brands that know the creator."""
    known = Creator.objects.filter(relationships__brand=request.brand, code=code)
    return as_attachment(get_object_or_404(Evidence, account__creator__in=known, code=evidence))


@require_POST
@portal_page
def evidence_delete(request: PortalRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Evidence.objects.of_user(request.user).select_related("account"), code=code)
    return attempt(
        request, lambda: remove_evidence(row, by=request.user), to="creators:portal-evidence", done="Deleted.",
        refusal=EvidenceRefused,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@portal_page
def media_kit(request: PortalRequest) -> HttpResponse:
    """On or off, block by block, with what visitors will see."""
    creator = mine(request)
    if creator is None:
        return redirect("creators:portal-profile")
    kit = MediaKit.objects.filter(creator=creator).first()
    if request.method == "POST":
        form = KitForm(request.POST)
        form.is_valid()
        set_kit(creator, form.cleaned_data, by=request.user)
        messages.success(request, "Saved.")
        return redirect("creators:portal-kit")
    shown = kit or MediaKit(creator=creator)
    initial = {name: getattr(shown, name) for name in KitForm.base_fields}
    context = {"form": KitForm(initial=initial), "kit": kit, "creator": creator, "blocks": blocks(shown)}
    return render(request, "creators/portal_kit.html", context)
