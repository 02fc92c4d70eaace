"""The creator's side: one's own offers only, and nothing that is the brand's business."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from campaigns.actions.offers import set_offer
from campaigns.models import Campaign, Collaboration, Contract, Deliverable, Submission
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
@pytest.mark.parametrize("answer", ["accept", "counter", "decline"])
def test_an_answer_names_its_version(as_dana: Client, collaboration: Collaboration, answer: str, version: str) -> None:
    page = as_dana.post(at(collaboration, f"{answer}/"), {"version": version, "fee": "500"})
    assert page.status_code == 422
    assert "read the new version" in page.content.decode()
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"


def test_an_amount_left_empty_stays_as_offered(as_dana: Client, collaboration: Collaboration) -> None:
    form = {"version": 1, "fee": "", "commission_percent": "15", "message": ""}
    assert as_dana.post(at(collaboration, "counter/"), form).status_code == 302
    counter = collaboration.offers.get(version=2)
    assert (counter.fee, counter.commission_percent) == (Decimal(120), Decimal(15))


def test_nobody_asks_for_nothing(as_dana: Client, collaboration: Collaboration) -> None:
    page = as_dana.post(at(collaboration, "counter/"), {"version": 1, "fee": "0", "commission_percent": "0"})
    assert page.status_code == 422
    assert "You would get nothing" in page.content.decode()
    assert collaboration.offers.count() == 1


def test_a_reason_too_long_comes_back_with_its_words(as_dana: Client, collaboration: Collaboration) -> None:
    page = as_dana.post(at(collaboration, "decline/"), {"version": 1, "reason": "No time. " * 100})
    assert page.status_code == 422
    assert "No time. No time." in page.content.decode()
    assert "at most 500 characters" in page.content.decode()
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"


@pytest.mark.parametrize("answer", ["accept", "counter", "decline"])
def test_the_same_answer_twice_counts_once(as_dana: Client, collaboration: Collaboration, answer: str) -> None:
    form = {"version": 1, "fee": "150", "commission_percent": "10"}
    assert as_dana.post(at(collaboration, f"{answer}/"), form).status_code == 302
    offers = collaboration.offers.count()
    assert as_dana.post(at(collaboration, f"{answer}/"), form).status_code == 422
    assert collaboration.offers.count() == offers


@pytest.mark.parametrize("status", ["countered", "accepted", "posted", "declined", "withdrawn"])
def test_what_is_no_longer_open_takes_no_counter(
    as_dana: Client, campaign: Campaign, relationship: Relationship, status: str
) -> None:
    row = make.collaboration(campaign, relationship, status="accepted")
    Collaboration.objects.filter(pk=row.pk).update(status=status)
    form = {"version": 1, "fee": "999", "commission_percent": "99"}
    assert as_dana.post(at(row, "counter/"), form).status_code == 422
    row.refresh_from_db()
    assert (row.status, row.offers.count()) == (status, 1)


def test_a_creator_sends_the_token_of_the_form(dana: User, collaboration: Collaboration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(dana)
    for path in ("accept/", "counter/", "decline/", "agree/", "submit/1/", "messages/"):
        assert strict.post(at(collaboration, path), {"version": 1, "body": "x", "batch": "b"}).status_code == 403
    collaboration.refresh_from_db()
    assert collaboration.status == "offered"


def test_days_are_the_pieces_own_or_the_briefs(
    as_dana: Client, campaign: Campaign, collaboration: Collaboration
) -> None:
    campaign.brief.post_due_on = date(2030, 5, 20)
    campaign.brief.save()
    Deliverable.objects.create(campaign=campaign, network="instagram", format="story", due_on=date(2030, 5, 28))
    page = as_dana.get(at(collaboration)).content.decode()
    assert (page.count("online by 20 May 2030"), page.count("online by 28 May 2030")) == (1, 1)
    assert "Online by" not in page
    as_dana.post(at(collaboration, "accept/"), {"version": 1})
    assert "by 20 May" in as_dana.get("/portal/").content.decode()
    text = as_dana.get(at(collaboration, "contract/")).content.decode()
    assert (text.count("online by 20 May 2030"), text.count("online by 28 May 2030")) == (1, 1)


def test_the_next_day_is_that_of_a_post_still_missing(
    as_dana: Client, campaign: Campaign, relationship: Relationship
) -> None:
    row = make.collaboration(campaign, relationship, status="accepted")
    campaign.deliverables.update(due_on=date(2020, 5, 20))
    assert "was due 20 May" in as_dana.get("/portal/").content.decode()
    Deliverable.objects.create(campaign=campaign, network="instagram", format="story", due_on=date(2030, 5, 28))
    piece = campaign.deliverables.get(format="reel")
    as_dana.post(at(row, f"submit/{piece.pk}/"), {f"piece-{piece.pk}-url": "https://www.instagram.com/reel/abc/"})
    assert "by 28 May" in as_dana.get("/portal/").content.decode()


def test_the_agreement_reads_in_chapters_and_loses_no_word(as_dana: Client, collaboration: Collaboration) -> None:
    as_dana.post(at(collaboration, "accept/"), {"version": 1})
    contract = Contract.objects.get()
    assert '<h2 class="mb-1.5">1. WHO AGREES</h2>' in as_dana.get(at(collaboration, "contract/")).content.decode()
    words = " ".join(f"{heading} {text}" for heading, text in contract.chapters)
    assert words.split() == contract.text.split()


def test_what_was_kept_of_an_agreement_is_shown(as_dana: Client, collaboration: Collaboration) -> None:
    as_dana.post(at(collaboration, "accept/"), {"version": 1})
    as_dana.post(at(collaboration, "agree/"), {"name": "Dana Field", "agree": "on"}, REMOTE_ADDR="203.0.113.9")
    page = as_dana.get(at(collaboration, "contract/")).content.decode()
    for fact in ("Agreed by Dana Field", "UTC", "203.0.113.9", Contract.objects.get().sha256):
        assert fact in page
    again = {"name": "Somebody Else", "agree": "on"}
    as_dana.post(at(collaboration, "agree/"), again, REMOTE_ADDR="198.51.100.1")
    assert Contract.objects.get().agreed_name == "Dana Field"


@pytest.mark.parametrize(
    "handle", ["two words", "<b>dana</b>", "../admin", "https://evil.example/@dana", "javascript:alert(1)"]
)
def test_a_handle_is_a_handle(as_dana: Client, campaign: Campaign, relationship: Relationship, handle: str) -> None:
    relationship.creator.accounts.all().delete()
    row = make.collaboration(campaign, relationship, status="accepted")
    piece = campaign.deliverables.get()
    form = {f"piece-{piece.pk}-url": "https://www.instagram.com/reel/abc/", f"piece-{piece.pk}-handle": handle}
    page = as_dana.post(at(row, f"submit/{piece.pk}/"), form)
    assert page.status_code == 422
    assert "isn&#x27;t a handle" in page.content.decode()
    assert not relationship.creator.accounts.exists()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)//https://www.instagram.com/reel/abc/",
        "https://www.instagram.com.evil.example/reel/abc/",
        "https://www.instagram.com@evil.example/reel/abc/",
        "https://evil.example/?https://www.instagram.com/reel/abc/",
        "https://www.instagram.com:8443/reel/abc/",
        "https://www.instagram.com\\@evil.example/reel/abc/",
        "https://www.instagram.com/reel/abc/%0d%0aSet-Cookie:x",
        'https://www.instagram.com/reel/"><script>alert(1)</script>/',
        "https://іnstagram.com/reel/abc/",
        "data:text/html,https://www.instagram.com/reel/abc/",
        "//www.instagram.com/reel/abc/",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_is_smuggled_in(
    as_dana: Client, campaign: Campaign, relationship: Relationship, url: str
) -> None:
    row = make.collaboration(campaign, relationship, status="accepted")
    piece = campaign.deliverables.get()
    page = as_dana.post(at(row, f"submit/{piece.pk}/"), {f"piece-{piece.pk}-url": url})
    assert page.status_code == 422
    assert "<script>alert" not in page.content.decode()
    assert not Submission.objects.exists()


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
