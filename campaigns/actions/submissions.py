"""Posts handed in by creators, their review by the brand, and the figures entered for them."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from campaigns.actions.refusals import (
    AccountUnknown,
    AlreadyHandedIn,
    AlreadyReviewed,
    NotAgreedYet,
    NotAPost,
    NothingToHandIn,
    SomebodyElsesPost,
)
from campaigns.models import Collaboration, Contract, Deliverable, Submission
from creators.actions.discovery import reindex
from creators.actions.metrics import mark_stale
from creators.models import Post, SocialAccount, Source
from groundswell.accounts.models import User
from groundswell.events.actions import record
from groundswell.lib.post_urls import PostUrl, parse_post_url

METRICS = ("likes", "comments_count", "shares", "saves", "views", "reach")


@transaction.atomic
def submit_post(
    collaboration: Collaboration, deliverable: Deliverable, url: str, *, by: User | None, handle: str = ""
) -> Submission:
    """Hand in a post for a deliverable; with the last one asked for, the collaboration is `posted`.

    `handle` names the creator's account where none is known on the network. Raises NotAPost, NothingToHandIn,
    NotAgreedYet, AccountUnknown, SomebodyElsesPost or AlreadyHandedIn.
    """
    found = read_url(url, deliverable)
    require_open_task(collaboration, deliverable)
    brand = collaboration.campaign.brand
    account = account_of(collaboration, deliverable.network, found, handle)
    post, _ = Post.objects.get_or_create(
        account=account,
        url=found.url,
        owner=brand,
        defaults={
            "format": deliverable.format,
            "followers_at_post": account.followers,
            "is_sponsored": True,
            "source": Source.CREATOR,
        },
    )
    submission = hand_in(collaboration, deliverable, post)
    note_completion(collaboration)
    mark_stale([account.pk])
    record(brand, "submission.made", submission, by=by, collaboration=collaboration.code, url=found.url)
    return submission


def read_url(url: str, deliverable: Deliverable) -> PostUrl:
    try:
        return parse_post_url(url, deliverable.network)
    except ValueError as error:
        raise NotAPost(str(error)) from None


def require_open_task(collaboration: Collaboration, deliverable: Deliverable) -> None:
    """Lock the collaboration and see that it is agreed and that this deliverable still lacks a post."""
    row = Collaboration.objects.select_for_update().get(pk=collaboration.pk)
    if not row.is_agreed or deliverable.campaign_id != row.campaign_id:
        raise NothingToHandIn
    if Contract.objects.filter(collaboration=row, agreed_at=None).exists():
        raise NotAgreedYet
    if row.submissions.counting().filter(deliverable=deliverable).count() >= deliverable.quantity:
        raise NothingToHandIn("Everything asked for here is handed in already.")


def account_of(collaboration: Collaboration, network: str, found: PostUrl, handle: str) -> SocialAccount:
    """The creator's account the post is on; made from the address or `handle` when none is known."""
    creator = collaboration.relationship.creator
    known = list(creator.accounts.filter(network=network).order_by("pk"))
    named = found.handle or handle.strip().lstrip("@").lower()
    for account in known:
        if not named or account.handle == named:
            return account
    if known:
        raise SomebodyElsesPost(
            f"This post is on @{named}, but we know you as @{known[0].handle}. Ask the brand to add that account."
        )
    if not named:
        raise AccountUnknown
    try:
        with transaction.atomic():
            account = SocialAccount.objects.create(
                creator=creator, owner=creator.owner, network=network, handle=named, source=Source.CREATOR
            )
    except IntegrityError:
        raise SomebodyElsesPost(f"The account @{named} belongs to another creator. Please ask the brand.") from None
    reindex([creator.pk])
    return account


def hand_in(collaboration: Collaboration, deliverable: Deliverable, post: Post) -> Submission:
    """A new submission, or the same post again after changes were asked for."""
    brand = collaboration.campaign.brand
    before = Submission.objects.of(brand).filter(post=post).first()
    if before is None:
        return Submission.objects.create(collaboration=collaboration, deliverable=deliverable, post=post)
    again = Submission.objects.filter(pk=before.pk, collaboration=collaboration, status=Submission.Status.CHANGES)
    if not again.update(
        status=Submission.Status.SUBMITTED, deliverable=deliverable, submitted_at=timezone.now(), reviewed_at=None
    ):
        raise AlreadyHandedIn
    before.refresh_from_db()
    return before


def note_completion(collaboration: Collaboration) -> None:
    """Accepted to posted when each deliverable has as many posts as asked for."""
    counting = list(collaboration.submissions.counting().values_list("deliverable_id", flat=True))
    wanted = collaboration.campaign.deliverables.all()
    if all(counting.count(piece.pk) >= piece.quantity for piece in wanted):
        accepted = Collaboration.objects.filter(pk=collaboration.pk, status=Collaboration.Status.ACCEPTED)
        accepted.update(status=Collaboration.Status.POSTED)
    collaboration.refresh_from_db(fields=["status"])


@transaction.atomic
def approve_submission(submission: Submission, *, by: User, note: str = "") -> Submission:
    """The brand is content with the post. Raises AlreadyReviewed."""
    review(submission, Submission.Status.APPROVED, by, note)
    record(submission.collaboration.campaign.brand, "submission.approved", submission, by=by)
    return submission


@transaction.atomic
def ask_for_changes(submission: Submission, *, by: User, note: str) -> Submission:
    """The brand wants something changed; the deliverable is open again and `note` says what. Raises AlreadyReviewed."""
    review(submission, Submission.Status.CHANGES, by, note)
    reopened = Collaboration.objects.filter(pk=submission.collaboration_id, status=Collaboration.Status.POSTED)
    reopened.update(status=Collaboration.Status.ACCEPTED)
    record(submission.collaboration.campaign.brand, "submission.returned", submission, by=by, note=note)
    return submission


def review(submission: Submission, verdict: Submission.Status, by: User, note: str) -> None:
    waiting = Submission.objects.filter(pk=submission.pk, status=Submission.Status.SUBMITTED)
    if not waiting.update(status=verdict, note=note, reviewed_by=by, reviewed_at=timezone.now()):
        raise AlreadyReviewed
    submission.refresh_from_db()


@transaction.atomic
def record_metrics(
    submission: Submission, *, by: User | None, posted_at: datetime | None = None, **figures: int | None
) -> Post:
    """Figures of the post read by a person (names in METRICS): those given replace the old ones, None clears one."""
    post = Post.objects.select_for_update().get(pk=submission.post_id)
    changed = {name: figures[name] for name in METRICS if name in figures}
    for name, value in changed.items():
        setattr(post, name, value)
    post.posted_at = posted_at or post.posted_at
    post.source, post.observed_at = Source.MANUAL, timezone.now()
    post.save(update_fields=[*changed, "posted_at", "source", "observed_at"])
    mark_stale([post.account_id])
    brand = submission.collaboration.campaign.brand
    record(brand, "submission.measured", submission, by=by, **changed)
    return post
