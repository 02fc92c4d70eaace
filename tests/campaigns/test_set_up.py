"""From an empty form to a live campaign."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Any

import pytest
from django.test import Client

from campaigns.actions.campaigns import create_campaign, launch_campaign, set_deliverables
from campaigns.actions.refusals import AlreadyAgreed, NotDraft, NotReady
from campaigns.models import Brief, BriefTemplate, Campaign, Collaboration, Deliverable
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event

FIELDS: dict[str, Any] = {
    "name": "Autumn tea",
    "objective": "sales",
    "budget": "3000",
    "currency": "EUR",
    "starts_on": "2026-09-01",
    "ends_on": "2026-10-31",
    "markets": "de, AT;de",
    "landing_url": "https://shop.example/tea",
    "discount_percent": "15",
    "margin_percent": "55",
}


@pytest.fixture
def draft(acme: Brand, alice: User) -> Campaign:
    return create_campaign(acme, by=alice, name="Autumn tea", landing_url="https://shop.example/tea")


def test_a_campaign_is_planned(as_alice: Client, acme: Brand) -> None:
    response = as_alice.post("/campaigns/new/", FIELDS)
    campaign = Campaign.objects.of(acme).get()
    assert response["Location"] == f"/campaigns/{campaign.code}/brief/"
    assert (campaign.status, campaign.markets, campaign.budget) == ("draft", ["DE", "AT"], Decimal(3000))
    assert (campaign.discount_percent, campaign.margin_percent) == (Decimal(15), Decimal(55))
    assert Brief.objects.filter(campaign=campaign).exists()


def test_the_form_begins_with_usual_figures(as_alice: Client) -> None:
    form = as_alice.get("/campaigns/new/").context["form"]
    assert (form["discount_percent"].value(), form["margin_percent"].value()) == (Decimal(10), Decimal(60))
    assert form["currency"].value() == "EUR"


@pytest.mark.parametrize(
    "wrong",
    [
        {"landing_url": "http://shop.example/tea"},
        {"landing_url": "javascript:alert(1)"},
        {"landing_url": "shop"},
        {"budget": "-1"},
        {"ends_on": "2026-08-31"},
        {"discount_percent": "101"},
        {"margin_percent": "x"},
        {"markets": "Germany"},
        {"name": ""},
        {"objective": "fame"},
        {"currency": "EURO"},
        {"budget": "99999999999999"},
    ],
)
def test_what_cant_be_meant_is_said_so(as_alice: Client, wrong: dict[str, str]) -> None:
    response = as_alice.post("/campaigns/new/", {**FIELDS, **wrong})
    assert response.status_code == 422
    assert next(iter(wrong)) in response.context["form"].errors
    assert not Campaign.objects.exists()


def test_the_brief_starts_from_a_template(as_alice: Client, draft: Campaign) -> None:
    template = BriefTemplate.objects.create(name="Our own", benefits="Warm", disclosure="Ad", brand=draft.brand)
    as_alice.post(f"/campaigns/{draft.code}/brief/take/", {"template": template.pk})
    draft.brief.refresh_from_db()
    assert (draft.brief.benefits, draft.brief.disclosure) == ("Warm", "Ad")


def test_another_brands_template_is_unknown(as_alice: Client, draft: Campaign, globex: Brand) -> None:
    template = BriefTemplate.objects.create(name="Theirs", benefits="Secret", brand=globex)
    assert as_alice.post(f"/campaigns/{draft.code}/brief/take/", {"template": template.pk}).status_code == 404
    assert as_alice.post(f"/campaigns/{draft.code}/brief/take/", {"template": "x"}).status_code == 404
    assert "Theirs" not in as_alice.get(f"/campaigns/{draft.code}/brief/").content.decode()


def test_a_brief_is_kept_as_a_template(as_alice: Client, campaign: Campaign) -> None:
    as_alice.post(f"/campaigns/{campaign.code}/brief/keep/", {"name": "Warm things"})
    assert BriefTemplate.objects.get(brand=campaign.brand, name="Warm things").benefits == "Keeps you warm"
    as_alice.post(f"/campaigns/{campaign.code}/brief/keep/", {"name": ""})
    assert BriefTemplate.objects.filter(brand=campaign.brand).count() == 1


def test_the_brief_is_written(as_alice: Client, draft: Campaign) -> None:
    parts = {"benefits": "Warm", "disclosure": "Ad", "usage_rights": "Our page", "post_due_on": "2026-10-01"}
    response = as_alice.post(f"/campaigns/{draft.code}/brief/", parts)
    assert response["Location"] == f"/campaigns/{draft.code}/deliverables/"
    draft.brief.refresh_from_db()
    assert draft.brief.benefits == "Warm"
    assert str(draft.brief.post_due_on) == "2026-10-01"


def test_dates_in_the_wrong_order_are_refused(as_alice: Client, draft: Campaign) -> None:
    dates = {"draft_due_on": "2026-10-02", "post_due_on": "2026-10-01"}
    assert as_alice.post(f"/campaigns/{draft.code}/brief/", dates).status_code == 422


def pieces(*rows: dict[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = {"piece-TOTAL_FORMS": len(rows), "piece-INITIAL_FORMS": 0}
    for place, row in enumerate(rows):
        form.update({f"piece-{place}-{name}": value for name, value in row.items()})
    return form


def test_what_to_make_is_listed(as_alice: Client, draft: Campaign) -> None:
    reel = {"quantity": 1, "format": "reel", "network": "instagram", "due_on": ""}
    story = {"quantity": 3, "format": "story", "network": "instagram", "due_on": "2026-10-01"}
    as_alice.post(f"/campaigns/{draft.code}/deliverables/", pieces(reel, story, {"quantity": 1}))
    assert [str(row) for row in draft.deliverables.all()] == ["1 × Reel on Instagram", "3 × Story on Instagram"]


def test_a_piece_is_changed_and_another_removed(as_alice: Client, campaign: Campaign) -> None:
    reel = campaign.deliverables.get()
    story = Deliverable.objects.create(campaign=campaign, network="instagram", format="story")
    as_alice.post(
        f"/campaigns/{campaign.code}/deliverables/",
        {
            **pieces(
                {"pk": reel.pk, "quantity": 2, "format": "reel", "network": "tiktok"},
                {"pk": story.pk, "quantity": 1, "format": "story", "network": "instagram", "DELETE": "on"},
            ),
            "piece-INITIAL_FORMS": 2,
        },
    )
    assert [str(row) for row in campaign.deliverables.all()] == ["2 × Reel on TikTok"]
    assert campaign.deliverables.get().pk == reel.pk


def test_what_was_agreed_cant_be_changed(campaign: Campaign, alice: User, collaboration: Collaboration) -> None:
    reel = campaign.deliverables.get()
    rows = [{"pk": reel.pk, "network": "instagram", "format": "reel", "quantity": 2, "due_on": None}]
    Collaboration.objects.update(status="accepted", accepted_at=campaign.launched_at)
    with pytest.raises(AlreadyAgreed):
        set_deliverables(campaign, rows, by=alice)
    with pytest.raises(AlreadyAgreed):
        set_deliverables(campaign, [], by=alice)
    set_deliverables(campaign, [{**rows[0], "quantity": 1, "due_on": campaign.created_at.date()}], by=alice)
    assert campaign.deliverables.get().due_on == campaign.created_at.date()


def test_another_campaigns_piece_cant_be_taken(campaign: Campaign, draft: Campaign, alice: User) -> None:
    theirs = campaign.deliverables.get()
    set_deliverables(
        draft, [{"pk": theirs.pk, "network": "tiktok", "format": "video", "quantity": 1, "due_on": None}], by=alice
    )
    theirs.refresh_from_db()
    assert (theirs.campaign, theirs.network) == (campaign, "instagram")
    assert draft.deliverables.get().pk != theirs.pk


def test_a_launch_needs_everything(draft: Campaign, alice: User, as_alice: Client) -> None:
    with pytest.raises(NotReady) as refusal:
        launch_campaign(draft, by=alice)
    assert len(refusal.value.missing) == 4
    page = as_alice.get(f"/campaigns/{draft.code}/").content.decode()
    assert all(escape(what) in page for what in refusal.value.missing)
    as_alice.post(f"/campaigns/{draft.code}/launch/")
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_ready_campaign_is_launched_once(draft: Campaign, alice: User) -> None:
    Brief.objects.filter(campaign=draft).update(benefits="Warm", disclosure="Ad", usage_rights="Our page")
    Deliverable.objects.create(campaign=draft, network="instagram", format="reel")
    launch_campaign(draft, by=alice)
    assert draft.is_live
    with pytest.raises(NotDraft):
        launch_campaign(draft, by=alice)
    assert Event.objects.filter(name="campaign.launched").count() == 1


def test_closing_ends_the_answers(as_alice: Client, campaign: Campaign) -> None:
    as_alice.post(f"/campaigns/{campaign.code}/close/")
    campaign.refresh_from_db()
    assert campaign.is_closed
    assert campaign.closed_at is not None


def test_the_currency_is_fixed_with_the_first_creator(as_alice: Client, collaboration: Collaboration) -> None:
    campaign = collaboration.campaign
    as_alice.post(f"/campaigns/{campaign.code}/edit/", {**FIELDS, "currency": "USD"})
    campaign.refresh_from_db()
    assert (campaign.currency, campaign.name) == ("EUR", "Spring launch")
    as_alice.post(f"/campaigns/{campaign.code}/edit/", FIELDS)
    campaign.refresh_from_db()
    assert campaign.name == "Autumn tea"
