"""Writing to the creators of a campaign: all of them or nobody, each once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Collaboration, Offer
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from outreach.actions.suppressions import suppress
from outreach.actions.waking import SEND_QUEUED
from outreach.actions.writing import CannotWrite, write_to
from outreach.addressees import offer_line
from outreach.models import Conversation, EmailTemplate, Message
from tests import factories as make

POST = "https://www.instagram.com/p/abc/"


@pytest.fixture
def template(acme: Brand) -> EmailTemplate:
    return make.email_template(acme)


def url(campaign: Campaign) -> str:
    return f"/campaigns/{campaign.code}/write/"


def form(template: EmailTemplate, *rows: Collaboration, **more: str) -> dict[str, Any]:
    posts = {f"url-{row.code}": POST for row in rows}
    chosen = [row.code for row in rows]
    return {"template": template.code, "batch": "form1", "chosen": chosen, **posts, **more}


def drafted(campaign: Campaign, **fields: Any) -> Collaboration:
    """A collaboration whose offer is still a draft."""
    row = make.collaboration(campaign, make.relationship(campaign.brand, **fields), status="selected")
    row.offers.update(status=Offer.Status.DRAFT, sent_at=None)
    return row


def test_queues_the_rendered_mail(collaboration: Collaboration, template: EmailTemplate, alice: User) -> None:
    [message] = write_to([collaboration], template, by=alice, references={collaboration.code: POST})
    message.refresh_from_db()
    assert message.subject == "Dana, work with Acme?"
    assert message.body == (
        f"Hi Dana,\nwe liked {POST}. We offer 120.00 EUR and 10% of the sales you bring: {{{{ portal_link }}}}"
    )
    assert (message.status, message.recipient) == ("queued", "dana@creators.example")
    assert message.referenced_post == POST
    assert message.message_id.endswith("@groundswell.localhost>")
    event = Event.objects.get(name="message.queued")
    assert (event.subject_id, event.actor, event.brand) == (message.pk, alice, message.brand)


def test_a_broker_that_is_down_at_the_commit_leaves_it_to_the_sweep(
    collaboration: Collaboration,
    template: EmailTemplate,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(current_app.tasks[SEND_QUEUED], "apply_async", refused)
    with django_capture_on_commit_callbacks(execute=True):
        [message] = write_to([collaboration], template, by=alice, references={collaboration.code: POST})
    message.refresh_from_db()
    assert message.status == "queued"


def test_sends_drafted_offers_along(campaign: Campaign, template: EmailTemplate, alice: User) -> None:
    row = drafted(campaign)
    write_to([row], template, by=alice, references={row.code: POST})
    row.refresh_from_db()
    assert (row.status, row.offers.get().status) == ("offered", "sent")


def test_a_crash_leaves_neither_offer_nor_mail(
    campaign: Campaign, template: EmailTemplate, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [drafted(campaign), drafted(campaign)]
    monkeypatch.setattr("outreach.actions.writing.note_queued", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_to(rows, template, by=alice, references={row.code: POST for row in rows})
    assert not Message.objects.exists()
    assert not Conversation.objects.exists()
    assert set(Offer.objects.values_list("status", flat=True)) == {"draft"}


def test_one_problem_stops_all(campaign: Campaign, collaboration: Collaboration, template: EmailTemplate) -> None:
    other = make.collaboration(campaign)
    with pytest.raises(CannotWrite) as caught:
        write_to([collaboration, other], template, by=None, references={other.code: POST})
    assert caught.value.problems == {collaboration.code: "Choose the post you refer to."}
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda row: Relationship.objects.update(stage="blocked"), "You blocked this creator."),
        (lambda row: Relationship.objects.update(email=""), "No e-mail address."),
        (lambda row: suppress(row.campaign.brand, "DANA@creators.example", by=None), "Doesn't want e-mail"),
        (lambda row: Campaign.objects.update(status="closed", closed_at=timezone.now()), "isn't live"),
        (lambda row: Offer.objects.all().delete(), "No offer yet."),
        (lambda row: Offer.objects.update(fee=0, commission_percent=0, status="draft", sent_at=None), "No offer yet."),
        (lambda row: Collaboration.objects.update(status="declined"), "Declined: write from the conversation."),
    ],
)
def test_says_who_cannot_be_written_to(
    spoil: Callable[[Collaboration], Any], reason: str, collaboration: Collaboration, template: EmailTemplate
) -> None:
    spoil(collaboration)
    with pytest.raises(CannotWrite, match=reason):
        write_to([collaboration], template, by=None, references={collaboration.code: POST})


def test_suppression_of_another_brand_does_not_count(
    collaboration: Collaboration, template: EmailTemplate, globex: Brand
) -> None:
    suppress(globex, "dana@creators.example", by=None)
    assert write_to([collaboration], template, by=None, references={collaboration.code: POST})


def test_the_first_mail_has_to_mention_a_post(collaboration: Collaboration, acme: Brand) -> None:
    plain = make.email_template(acme, body="Hi {{ first_name }}")
    with pytest.raises(CannotWrite, match="has to mention a post"):
        write_to([collaboration], plain, by=None, references={collaboration.code: POST})


def test_a_follow_up_needs_no_post(collaboration: Collaboration, acme: Brand) -> None:
    make.message(collaboration.relationship, status="sent")
    plain = make.email_template(acme, body="Hi {{ first_name }}")
    assert write_to([collaboration], plain, by=None, references={})


def test_after_only_failed_mail_it_is_still_the_first(collaboration: Collaboration, acme: Brand) -> None:
    make.message(collaboration.relationship, status="failed")
    plain = make.email_template(acme, body="Hi {{ first_name }}")
    with pytest.raises(CannotWrite, match="has to mention a post"):
        write_to([collaboration], plain, by=None, references={})


@pytest.mark.parametrize(
    "post", ["javascript:alert(1)", "ftp://x.example/", "instagram", f"https://x.example/{'y' * 400}"]
)
def test_a_post_is_a_web_address(post: str, collaboration: Collaboration, template: EmailTemplate) -> None:
    with pytest.raises(CannotWrite, match="https://"):
        write_to([collaboration], template, by=None, references={collaboration.code: post})


def test_missing_values_are_named(collaboration: Collaboration, acme: Brand) -> None:
    collaboration.relationship.creator.accounts.all().delete()
    template = make.email_template(acme, body="{{ referenced_post }} {{ handle }}")
    with pytest.raises(CannotWrite, match=r"Nothing is known for \{\{ handle \}\}"):
        write_to([collaboration], template, by=None, references={collaboration.code: POST})


def test_the_same_form_twice_queues_once(
    as_alice: Client, collaboration: Collaboration, template: EmailTemplate
) -> None:
    for _ in range(2):
        answer = as_alice.post(url(collaboration.campaign), form(template, collaboration, queue="1"))
        assert (answer.status_code, answer["Location"]) == (302, "/inbox/?show=queued")
    assert Message.objects.count() == 1


def test_the_same_form_with_one_more_creator_writes_to_that_one(
    campaign: Campaign, collaboration: Collaboration, template: EmailTemplate
) -> None:
    other = make.collaboration(campaign)
    references = {collaboration.code: POST, other.code: POST}
    [first] = write_to([collaboration], template, by=None, references=references, batch="b")
    both = write_to([collaboration, other], template, by=None, references=references, batch="b")
    assert [row.pk for row in both] == [first.pk, Message.objects.latest("pk").pk]
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_queue_once(collaboration: Collaboration, template: EmailTemplate, alice: User) -> None:
    start, found = Barrier(2), []

    def submit() -> None:
        start.wait()
        try:
            references = {collaboration.code: POST}
            found.append(write_to([collaboration], template, by=alice, references=references, batch="b")[0].pk)
        finally:
            connection.close()

    threads = [Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Message.objects.count() == 1


def test_the_page_offers_known_posts_and_lists_the_others_with_reasons(
    as_alice: Client, campaign: Campaign, collaboration: Collaboration, template: EmailTemplate
) -> None:
    creator = collaboration.relationship.creator
    old = make.post(creator, posted_at=timezone.now() - timedelta(days=9), caption="The old one")
    new = make.post(creator, caption="Rainy morning on the ridge")
    blocked = make.collaboration(campaign, make.relationship(campaign.brand, stage="blocked"))
    answer = as_alice.get(url(campaign))
    page = answer.content.decode()
    assert page.index("Rainy morning") < page.index("The old one")
    assert f'<option value="{new.url}" selected>' in page
    assert old.url in page
    assert f'value="{collaboration.code}"' in page
    assert f'value="{blocked.code}"' not in page
    assert "You blocked this creator." in page


def test_preview_shows_each_mail_and_writes_nothing(
    as_alice: Client, collaboration: Collaboration, template: EmailTemplate, alice: User
) -> None:
    answer = as_alice.post(url(collaboration.campaign), form(template, collaboration))
    page = answer.content.decode()
    assert answer.status_code == 200
    for part in ("Dana, work with Acme?", "Alice via Groundswell", alice.email, "dana@creators.example", POST):
        assert part in page
    assert "[their personal link, made while sending]" in page
    assert "/portal/enter/" not in page
    assert not Message.objects.exists()


def test_preview_shows_every_problem_where_it_is(
    as_alice: Client, collaboration: Collaboration, template: EmailTemplate
) -> None:
    data = form(template, collaboration) | {f"url-{collaboration.code}": ""}
    answer = as_alice.post(url(collaboration.campaign), data)
    assert answer.status_code == 422
    assert "Choose the post you refer to." in answer.content.decode()


def test_back_keeps_the_choice(as_alice: Client, collaboration: Collaboration, template: EmailTemplate) -> None:
    answer = as_alice.post(url(collaboration.campaign), form(template, collaboration, back="1"))
    assert f'value="{POST}"' in answer.content.decode()
    assert not Message.objects.exists()


def test_nobody_chosen_is_an_error(as_alice: Client, collaboration: Collaboration, template: EmailTemplate) -> None:
    answer = as_alice.post(url(collaboration.campaign), form(template, queue="1"))
    assert answer.status_code == 422
    assert "Choose at least one creator." in answer.content.decode()


def test_another_brands_template_is_no_choice(as_alice: Client, collaboration: Collaboration, globex: Brand) -> None:
    foreign = make.email_template(globex)
    answer = as_alice.post(url(collaboration.campaign), form(foreign, collaboration, queue="1"))
    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_strangers_and_readers_change_nothing(
    as_charlie: Client, as_bob: Client, collaboration: Collaboration, template: EmailTemplate
) -> None:
    for client, status in ((as_charlie, 404), (as_bob, 403)):
        assert client.get(url(collaboration.campaign)).status_code == status
        data = form(template, collaboration, queue="1")
        assert client.post(url(collaboration.campaign), data).status_code == status
    assert not Message.objects.exists()


@pytest.mark.parametrize("number", [2, 12])
def test_the_page_asks_a_fixed_number_of_queries(
    number: int, as_alice: Client, campaign: Campaign, template: EmailTemplate, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        make.post(make.collaboration(campaign).relationship.creator)
    as_alice.get(url(campaign))
    with django_assert_num_queries(14):
        as_alice.get(url(campaign))


@pytest.mark.parametrize(
    ("terms", "line"),
    [
        (
            {"fee": Decimal(1200), "commission_percent": Decimal("7.50")},
            "1,200.00 EUR and 7.5% of the sales you bring",
        ),
        ({"fee": Decimal(0), "commission_percent": Decimal(0), "product": "a Rain Jacket"}, "a Rain Jacket"),
        (
            {"fee": Decimal(5000), "currency": "JPY", "product": "a hat", "commission_percent": Decimal(10)},
            "5,000 JPY, a hat and 10% of the sales you bring",
        ),
    ],
)
def test_the_offer_in_one_line(terms: dict[str, Any], line: str, campaign: Campaign) -> None:
    assert offer_line(make.collaboration(campaign, **terms).offers.get()) == line
