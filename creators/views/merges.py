"""Records that may be one person: both sides, why, and what to do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from creators.actions.merges import MergeRefusedError, accept_merge, dismiss_merge, undo_merge
from creators.models.merges import Merge, MergeProposal
from groundswell.web.decorators import BrandRequest, brand_page
from groundswell.web.paging import page_by_key

PAGE = 20
LATEST = 10


@require_GET
@brand_page()
def merges(request: BrandRequest) -> HttpResponse:
    proposals = MergeProposal.objects.of(request.brand).open().with_facts(request.brand)
    found, links = page_by_key(request, proposals, PAGE)
    done = Merge.objects.of(request.brand).undoable(timezone.now()).select_related("kept", "merged_by")
    context = {"proposals": found, "merges": done.order_by("-pk")[:LATEST], **links}
    return render(request, "creators/merges.html", context)


@require_POST
@brand_page("manage")
def accept(request: BrandRequest, code: str) -> HttpResponse:
    """Merge into the record whose code is `keep`, else into the older one."""
    proposal = get_object_or_404(MergeProposal.objects.of(request.brand).open(), code=code)
    keep = next((each for each in (proposal.first, proposal.second) if each.code == request.POST.get("keep")), None)
    try:
        merge = accept_merge(proposal, keep=keep, by=request.user)
        messages.success(request, f"{merge.name} is merged into {merge.kept}. You can take them apart for a month.")
    except MergeRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:merges")


@require_POST
@brand_page("manage")
def dismiss(request: BrandRequest, code: str) -> HttpResponse:
    proposal = get_object_or_404(MergeProposal.objects.of(request.brand), code=code)
    try:
        dismiss_merge(proposal, by=request.user)
        messages.success(request, "They stay apart, and won't be proposed again.")
    except MergeRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:merges")


@require_POST
@brand_page("manage")
def undo(request: BrandRequest, code: str) -> HttpResponse:
    merge = get_object_or_404(Merge.objects.of(request.brand), code=code)
    try:
        undo_merge(merge, by=request.user)
        messages.success(request, f"{merge.name} is a record of its own again.")
    except MergeRefusedError as problem:
        messages.error(request, str(problem))
    return redirect("creators:merges")
