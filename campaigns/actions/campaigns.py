"""Creating, briefing, launching and closing campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.actions.refusals import AlreadyAgreed, NotDraft, NotLive, NotReady
from campaigns.models import Brief, BriefTemplate, Campaign, Deliverable
from campaigns.models.briefs import PARTS
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record


@transaction.atomic
def create_campaign(brand: Brand, *, by: User | None, **fields: Any) -> Campaign:
    """A draft campaign with an empty brief. `fields` are those of Campaign; the currency defaults to the brand's."""
    campaign = Campaign.objects.create(brand=brand, created_by=by, **{"currency": brand.currency, **fields})
    Brief.objects.create(campaign=campaign)
    record(brand, "campaign.created", campaign, by=by)
    return campaign


@transaction.atomic
def change_campaign(campaign: Campaign, *, by: User | None, **fields: Any) -> Campaign:
    """Save the fields that differ. Raises AlreadyAgreed when the currency changes after a creator was added."""
    changed = {name: value for name, value in fields.items() if getattr(campaign, name) != value}
    if "currency" in changed and campaign.collaborations.exists():
        raise AlreadyAgreed("The currency is fixed once creators are in the campaign: their offers are in it.")
    for name, value in changed.items():
        setattr(campaign, name, value)
    if changed:
        campaign.save(update_fields=list(changed))
        record(campaign.brand, "campaign.changed", campaign, by=by, fields=sorted(changed))
    return campaign


@transaction.atomic
def write_brief(campaign: Campaign, *, by: User | None, **parts: Any) -> Brief:
    """Store the given parts of the brief; contracts that exist keep the text they were made with."""
    brief, _ = Brief.objects.update_or_create(campaign=campaign, defaults=parts)
    record(campaign.brand, "brief.written", campaign, by=by)
    return brief


def use_template(campaign: Campaign, template: BriefTemplate, *, by: User | None) -> Brief:
    """Fill the brief with a template's parts. Dates stay as they are."""
    return write_brief(campaign, by=by, **{part: getattr(template, part) for part in PARTS})


@transaction.atomic
def save_template(brand: Brand, brief: Brief, name: str, *, by: User | None) -> BriefTemplate:
    """Keep a brief's text under a name for later campaigns; a template of that name is replaced."""
    parts = {part: getattr(brief, part) for part in PARTS}
    template, _ = BriefTemplate.objects.update_or_create(brand=brand, name=name, defaults=parts)
    record(brand, "brief-template.saved", template, by=by)
    return template


@transaction.atomic
def set_deliverables(campaign: Campaign, rows: Iterable[Mapping[str, Any]], *, by: User | None) -> list[Deliverable]:
    """Make the deliverables exactly `rows` (network, format, quantity, due_on, and pk of those that stay).

    Raises AlreadyAgreed when creators have agreed and something other than a new row or a later date is asked for.
    """
    wanted = list(rows)
    before = {row.pk: row for row in campaign.deliverables.select_for_update().order_by("pk")}
    kept = {row["pk"] for row in wanted if row.get("pk") in before}
    if changes_promises(before, kept, wanted) and campaign.collaborations.agreed().exists():
        raise AlreadyAgreed("Creators have agreed to these deliverables; they can't be removed or changed.")
    campaign.deliverables.exclude(pk__in=kept).delete()
    for row in wanted:
        piece = before.get(row.get("pk", 0)) or Deliverable(campaign=campaign)
        for name in ("network", "format", "quantity", "due_on"):
            setattr(piece, name, row.get(name))
        piece.save()
    record(campaign.brand, "deliverables.set", campaign, by=by)
    return list(campaign.deliverables.all())


def changes_promises(before: Mapping[int, Deliverable], kept: set[Any], wanted: list[Mapping[str, Any]]) -> bool:
    """Whether a promised piece would vanish, appear or change. A due date may move."""
    promised = ("network", "format", "quantity")
    stays = all(
        all(getattr(before[row["pk"]], name) == row.get(name) for name in promised)
        for row in wanted
        if row.get("pk") in before
    )
    return kept != set(before) or len(wanted) != len(before) or not stays


def missing_for_launch(campaign: Campaign) -> list[str]:
    """What still has to be filled in before a launch, in plain words; empty when ready."""
    brief = Brief.objects.filter(campaign=campaign).first() or Brief()
    checks = {
        "the page where the links lead (https)": campaign.landing_url.startswith("https://"),
        "the product's benefits in the brief": brief.benefits.strip(),
        "the disclosure rule in the brief": brief.disclosure.strip(),
        "the usage rights in the brief": brief.usage_rights.strip(),
        "at least one deliverable": campaign.deliverables.exists(),
    }
    return [what for what, there in checks.items() if not there]


@transaction.atomic
def launch_campaign(campaign: Campaign, *, by: User | None) -> Campaign:
    """Draft to live. Raises NotReady with what is missing, NotDraft when it was launched before."""
    if missing := missing_for_launch(campaign):
        raise NotReady(missing)
    draft = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DRAFT)
    if not draft.update(status=Campaign.Status.LIVE, launched_at=timezone.now()):
        raise NotDraft
    campaign.refresh_from_db(fields=["status", "launched_at"])
    record(campaign.brand, "campaign.launched", campaign, by=by)
    return campaign


@transaction.atomic
def close_campaign(campaign: Campaign, *, by: User | None) -> Campaign:
    """Live to closed: no more offers and answers; agreed work and returns go on being counted."""
    live = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.LIVE)
    if not live.update(status=Campaign.Status.CLOSED, closed_at=timezone.now()):
        raise NotLive("Only a live campaign can be closed.")
    campaign.refresh_from_db(fields=["status", "closed_at"])
    record(campaign.brand, "campaign.closed", campaign, by=by)
    return campaign
