"""The creator's side: one's own offers only, and nothing that is the brand's business."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from campaigns.actions.offers import set_offer
from campaigns.models import Campaign, Collaboration, Submission
from creators.models import Relationship
from groundswell.accounts.models import User
from tests import factories as make
from tests.conftest import signed_in


def at(row: Collaboration, part: str = "") -> str:
    return f"/portal/{row.code}/{part}"


def test_an_offer_waits_on_the_first_page(as_dana: Client, collaboration: Collaboration) -> None:
    page = as_dana.get("/portal/").content.decode()
    assert "Acme" in page
    assert "Spring launch" in page
    assert "€120.00" in page


def test_from_offer_to_post(as_dana: Client, collaboration: Collaboration, dana: User) -> None:
    assert as_dana.post(at(collaboration, "accept/"), {"version": 1})["Location"] == at(collaboration, "contract/")
    assert "COLLABORATION AGREEMENT" in as_dana.get(at(collaboration, "contract/")).content.decode()
    as_dana.post(
        at(collaboration, "agree/"),
        {"name": "Dana Field", "agree": "on"},
        REMOTE_ADDR="203.0.113.9",
        HTTP_X_FORWARDED_FOR="10.0.0.1",
        HTTP_USER_AGENT="Phone/1",
    )
    collaboration.refresh_from_db()
    contract = collaboration.contract
    assert (contract.agreed_by, contract.agreed_name) == (dana, "Dana Field")
    assert (contract.agreed_address, contract.agreed_agent) == ("203.0.113.9", "Phone/1")
    piece = collaboration.campaign.deliverables.get()
    url = "https://www.instagram.com/reel/abc/"
    as_dana.post(at(collaboration, f"submit/{piece.pk}/"), {f"piece-{piece.pk}-url": url})
    collaboration.refresh_from_db()
    assert collaboration.status == "posted"
    assert url in as_dana.get(at(collaboration)).content.decode()


def test_behind_our_proxy_the_address_is_the_one_it_saw(
    as_dana: Client, collaboration: Collaboration, settings: object
) -> None:
    settings.BEHIND_PROXY = True  # type: ignore[attr-defined]
    as_dana.post(at(collaboration, "accept/"), {"version": 1})
    as_dana.post(
        at(collaboration, "agree/"),
        {"name": "Dana Field", "agree": "on"},
        REMOTE_ADDR="127.0.0.1",
        HTTP_X_FORWARDED_FOR="1.2.3.4, 198.51.100.7",
    )
    collaboration.refresh_from_db()
    assert collaboration.contract.agreed_address == "198.51.100.7"


@pytest.mark.parametrize("form", [{"name": "Dana"}, {"agree": "on"}, {"name": "  ", "agree": "on"}])
def test_agreeing_takes_a_tick_and_a_name(as_dana: Client, collaboration: Collaboration, form: dict[str, str]) -> None:
    as_dana.post(at(collaboration, "accept/"), {"version": 1})
    assert as_dana.post(at(collaboration, "agree/"), form).status_code == 422
    collaboration.refresh_from_db()
    assert collaboration.contract.agreed_at is None


def test_a_counter_offer(as_dana: Client, collaboration: Collaboration) -> None:
    form = {"version": 1, "fee": "150", "commission_percent": "12.5", "message": "Two days of work"}
    as_dana.post(at(collaboration, "counter/"), form)
    counter = collaboration.offers.get(version=2)
    assert (counter.fee, counter.commission_percent, counter.side) == (Decimal(150), Decimal("12.5"), "creator")
    assert "€6.25" in as_dana.get(at(collaboration)).content.decode()  # 12.5 % of the example of €50
    assert "answers next" in as_dana.get(at(collaboration)).content.decode()


@pytest.mark.parametrize(
    "form",
    [
        {"fee": "120", "commission_percent": "10"},
        {"fee": "-1", "commission_percent": "10"},
        {"fee": "1", "commission_percent": "200"},
        {"fee": "much"},
    ],
)
def test_a_counter_has_to_say_something_else(
    as_dana: Client, collaboration: Collaboration, form: dict[str, str]
) -> None:
    assert as_dana.post(at(collaboration, "counter/"), {"version": 1, **form}).status_code == 422
    assert collaboration.offers.count() == 1


def test_declining_with_a_reason(as_dana: Client, as_alice: Client, collaboration: Collaboration) -> None:
    as_dana.post(at(collaboration, "decline/"), {"version": 1, "reason": "No time in May"})
    collaboration.refresh_from_db()
    assert collaboration.status == "declined"
    assert "No time in May" in as_alice.get(f"/collaborations/{collaboration.code}/").content.decode()


def test_terms_that_changed_meanwhile_are_shown_first(as_dana: Client, collaboration: Collaboration) -> None:
    collaboration.offers.update(version=2)
    response = as_dana.post(at(collaboration, "accept/"), {"version": 1})
    assert response.status_code == 422
    assert "read the new version" in response.content.decode()
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"


@pytest.mark.parametrize("version", ["", "x", "99999999999999999999"])
def test_an_answer_names_its_version(as_dana: Client, collaboration: Collaboration, version: str) -> None:
    assert as_dana.post(at(collaboration, "accept/"), {"version": version}).status_code == 422
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"


PAGES = ["", "contract/"]
POSTS = ["accept/", "counter/", "decline/", "agree/", "submit/{piece}/"]


def test_another_creator_finds_nothing(collaboration: Collaboration) -> None:
    eve = signed_in(make.user("eve@creators.example", kind=User.Kind.CREATOR))
    piece = collaboration.campaign.deliverables.get().pk
    assert [eve.get(at(collaboration, page)).status_code for page in PAGES] == [404, 404]
    forms = {"version": 1, "name": "Eve", "agree": "on", "fee": "1", f"piece-{piece}-url": "https://instagram.com/p/a/"}
    answers = [eve.post(at(collaboration, page.format(piece=piece)), forms).status_code for page in POSTS]
    assert answers == [404] * len(POSTS)
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"
    assert "Acme" not in eve.get("/portal/").content.decode()


def test_brand_people_are_turned_away(as_alice: Client, collaboration: Collaboration) -> None:
    assert as_alice.get(at(collaboration)).status_code == 403
    assert as_alice.post(at(collaboration, "accept/"), {"version": 1}).status_code == 403
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"


def test_visitors_sign_in_first(client: Client, collaboration: Collaboration) -> None:
    assert client.get(at(collaboration))["Location"].startswith("/portal/sign-in/")


def test_the_brands_business_stays_hidden(
    as_dana: Client, collaboration: Collaboration, alice: User, campaign: Campaign
) -> None:
    collaboration.offers.update(product="Thermos", product_value=Decimal(39), product_cost=Decimal("13.37"))
    make.collaboration(campaign, make.relationship(campaign.brand, make.creator("Rival Rita")))
    set_offer(collaboration, by=alice, fee=Decimal("77.77"), message="Draft thoughts")
    for page in ("/portal/", at(collaboration)):
        text = as_dana.get(page).content.decode()
        for secret in ("13.37", "Rival Rita", "77.77", "Draft thoughts", "5,000", "5000"):
            assert secret not in text, (page, secret)
        assert "€120.00" in text


def test_an_offer_not_sent_yet_is_unknown(as_dana: Client, campaign: Campaign, relationship: Relationship) -> None:
    row = make.collaboration(campaign, relationship, status="selected")
    row.offers.update(status="draft", sent_at=None)
    assert as_dana.get(at(row)).status_code == 404
    assert "No offers yet" in as_dana.get("/portal/").content.decode()


def test_anothers_piece_cant_be_handed_in(as_dana: Client, campaign: Campaign, relationship: Relationship) -> None:
    row = make.collaboration(campaign, relationship, status="accepted")
    other = make.campaign(campaign.brand, name="Other").deliverables.get()
    form = {f"piece-{other.pk}-url": "https://www.instagram.com/reel/abc/"}
    assert as_dana.post(at(row, f"submit/{other.pk}/"), form).status_code == 404
    assert not Submission.objects.exists()


def test_a_wrong_address_is_explained_at_its_field(
    as_dana: Client, campaign: Campaign, relationship: Relationship
) -> None:
    row = make.collaboration(campaign, relationship, status="accepted")
    piece = campaign.deliverables.get()
    response = as_dana.post(
        at(row, f"submit/{piece.pk}/"), {f"piece-{piece.pk}-url": "https://www.tiktok.com/@dana/video/1"}
    )
    assert response.status_code == 422
    assert "This address isn’t on Instagram" in response.content.decode().replace("&#x27;", "’")


def test_a_closed_campaign_takes_no_answers(as_dana: Client, collaboration: Collaboration) -> None:
    Campaign.objects.update(status="closed", closed_at=collaboration.created_at)
    assert as_dana.post(at(collaboration, "accept/"), {"version": 1}).status_code == 422
    assert "has ended" in as_dana.get(at(collaboration)).content.decode()
