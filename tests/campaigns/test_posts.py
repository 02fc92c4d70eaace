"""Posts: handed in by the creator, reviewed and measured by the brand."""

from __future__ import annotations

import pytest
from django.test import Client

from campaigns.actions.offers import accept_offer
from campaigns.actions.refusals import (
    AccountUnknown,
    AlreadyHandedIn,
    AlreadyReviewed,
    NotAgreedYet,
    NotAPost,
    NothingToHandIn,
    SomebodyElsesPost,
)
from campaigns.actions.submissions import approve_submission, ask_for_changes, record_metrics, submit_post
from campaigns.models import Campaign, Collaboration, Deliverable, Submission
from creators.models import Creator, Post
from groundswell.accounts.models import Role, User
from tests import factories as make
from tests.conftest import signed_in

REEL = "https://www.instagram.com/reel/Cx12_ab-9/"


@pytest.fixture
def agreed(campaign: Campaign, relationship: object) -> Collaboration:
    return make.collaboration(campaign, relationship, status="accepted")


@pytest.fixture
def reel(campaign: Campaign) -> Deliverable:
    return campaign.deliverables.get()


@pytest.fixture
def submission(agreed: Collaboration, reel: Deliverable, dana: User) -> Submission:
    return submit_post(agreed, reel, REEL, by=dana)


def test_the_last_post_completes_the_work(agreed: Collaboration, reel: Deliverable, dana: User) -> None:
    story = Deliverable.objects.create(campaign=agreed.campaign, network="instagram", format="story", quantity=2)
    submit_post(agreed, reel, REEL + "?igsh=abc", by=dana)
    submit_post(agreed, story, "https://instagram.com/stories/dana.field/123/", by=dana)
    assert agreed.status == "accepted"
    submit_post(agreed, story, "https://instagram.com/stories/dana.field/124/", by=dana)
    assert agreed.status == "posted"
    post = Post.objects.get(url=REEL)
    assert (post.account.handle, post.format, post.source, post.likes) == ("dana.field", "reel", "creator", None)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hello",
        "http://www.instagram.com/reel/abc/",
        "https://www.tiktok.com/@dana/video/12",
        "https://instagram.com.evil.example/reel/abc/",
        "https://evil.example/?https://instagram.com/reel/abc/",
        "https://user:pw@instagram.com/reel/abc/",
        "https://www.instagram.com/dana.field/",
        "https://www.instagram.com/",
        "javascript:alert(1)",
        "https://www.instagram.com/reel/" + "a" * 500,
    ],
)
def test_only_a_post_of_the_network_counts(agreed: Collaboration, reel: Deliverable, dana: User, url: str) -> None:
    with pytest.raises(NotAPost):
        submit_post(agreed, reel, url, by=dana)
    assert not Post.objects.exists()


def test_a_post_is_handed_in_once(agreed: Collaboration, reel: Deliverable, dana: User) -> None:
    more = Deliverable.objects.create(campaign=agreed.campaign, network="instagram", format="reel")
    submit_post(agreed, reel, REEL, by=dana)
    with pytest.raises(AlreadyHandedIn):
        submit_post(agreed, more, "https://instagram.com/dana.field/reel/Cx12_ab-9/?x=1", by=dana)
    with pytest.raises(NothingToHandIn):
        submit_post(agreed, reel, "https://instagram.com/reel/other/", by=dana)
    assert Submission.objects.count() == 1


def test_nothing_is_handed_in_before_the_yes(collaboration: Collaboration, reel: Deliverable, dana: User) -> None:
    with pytest.raises(NothingToHandIn):
        submit_post(collaboration, reel, REEL, by=dana)
    accept_offer(collaboration, by=dana)
    with pytest.raises(NotAgreedYet):
        submit_post(collaboration, reel, REEL, by=dana)


def test_somebody_elses_post_is_refused(agreed: Collaboration, reel: Deliverable, dana: User) -> None:
    with pytest.raises(SomebodyElsesPost):
        submit_post(agreed, reel, "https://www.instagram.com/someone.else/reel/abc/", by=dana)


def test_an_unknown_account_is_made_from_the_address_or_the_handle(
    agreed: Collaboration, dana: User, creator: Creator
) -> None:
    tiktok = Deliverable.objects.create(campaign=agreed.campaign, network="tiktok", format="video")
    short = Deliverable.objects.create(campaign=agreed.campaign, network="youtube", format="short")
    submit_post(agreed, tiktok, "https://www.tiktok.com/@Dana.TT/video/77?lang=de", by=dana)
    with pytest.raises(AccountUnknown):
        submit_post(agreed, short, "https://youtube.com/shorts/abc", by=dana)
    submit_post(agreed, short, "https://youtube.com/shorts/abc", by=dana, handle="@DanaTube")
    made = creator.accounts.exclude(network="instagram").values_list("network", "handle", "followers")
    assert sorted(made) == [("tiktok", "dana.tt", None), ("youtube", "danatube", None)]


def test_an_account_of_another_creator_isnt_taken_over(agreed: Collaboration, dana: User) -> None:
    make.creator("Rival", handle="rival", network="tiktok")
    tiktok = Deliverable.objects.create(campaign=agreed.campaign, network="tiktok", format="video")
    with pytest.raises(SomebodyElsesPost):
        submit_post(agreed, tiktok, "https://www.tiktok.com/@rival/video/77", by=dana)
    assert not Submission.objects.exists()


def test_a_review_happens_once(submission: Submission, alice: User) -> None:
    approve_submission(submission, by=alice)
    stale = Submission.objects.get(pk=submission.pk)
    with pytest.raises(AlreadyReviewed):
        ask_for_changes(stale, by=alice, note="More light")
    assert (submission.status, submission.reviewed_by) == ("approved", alice)


def test_changes_open_the_task_again(
    submission: Submission, agreed: Collaboration, reel: Deliverable, alice: User, dana: User
) -> None:
    ask_for_changes(submission, by=alice, note="The label is missing")
    agreed.refresh_from_db()
    assert agreed.status == "accepted"
    again = submit_post(agreed, reel, REEL, by=dana)
    assert (again.pk, again.status, agreed.status) == (submission.pk, "submitted", "posted")


def test_another_post_may_replace_the_first(
    submission: Submission, agreed: Collaboration, reel: Deliverable, alice: User, dana: User
) -> None:
    ask_for_changes(submission, by=alice, note="The label is missing")
    submit_post(agreed, reel, "https://www.instagram.com/reel/better/", by=dana)
    assert agreed.submissions.counting().count() == 1
    assert agreed.status == "posted"


def test_what_isnt_known_stays_unknown(as_alice: Client, submission: Submission) -> None:
    figures = {f"{submission.code}-likes": "310", f"{submission.code}-reach": "0"}
    as_alice.post(f"/submissions/{submission.code}/metrics/", figures)
    post = submission.post
    post.refresh_from_db()
    assert (post.likes, post.reach, post.comments_count, post.views) == (310, 0, None, None)
    assert (post.source, post.observed_at is not None) == ("manual", True)


@pytest.mark.parametrize("figures", [{}, {"likes": "-1"}, {"likes": "many"}, {"likes": "1" * 30}])
def test_figures_have_to_be_figures(as_alice: Client, submission: Submission, figures: dict[str, str]) -> None:
    named = {f"{submission.code}-{name}": value for name, value in figures.items()}
    assert as_alice.post(f"/submissions/{submission.code}/metrics/", named).status_code == 422
    submission.post.refresh_from_db()
    assert submission.post.observed_at is None


def test_a_reviewer_reviews_and_measures(submission: Submission) -> None:
    reviewer = signed_in(make.member(submission.collaboration.campaign.brand, "rita@acme.example", Role.REVIEWER))
    reviewer.post(f"/submissions/{submission.code}/approve/")
    reviewer.post(f"/submissions/{submission.code}/metrics/", {f"{submission.code}-likes": "5"})
    submission.refresh_from_db()
    assert (submission.status, submission.post.likes) == ("approved", 5)


def test_asking_for_changes_needs_a_reason(as_alice: Client, submission: Submission) -> None:
    assert as_alice.post(f"/submissions/{submission.code}/changes/", {"note": " "}).status_code == 422
    submission.refresh_from_db()
    assert submission.status == "submitted"


def test_correcting_one_figure_keeps_the_others(submission: Submission, alice: User) -> None:
    record_metrics(submission, by=alice, likes=10, views=1000)
    record_metrics(submission, by=alice, likes=12)
    submission.post.refresh_from_db()
    assert (submission.post.likes, submission.post.views) == (12, 1000)
