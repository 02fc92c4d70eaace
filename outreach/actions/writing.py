"""Writing to the creators of a campaign: rendered, checked and queued in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from campaigns.actions.offers import send_offer
from campaigns.actions.refusals import Refusal
from campaigns.models import Collaboration, Offer
from creators.models import Relationship
from groundswell.accounts.models import User
from groundswell.events.actions import record
from outreach.actions.waking import wake_outbox
from outreach.addressees import Addressee, addressees_of, values_of
from outreach.letters import new_message_id
from outreach.models import Conversation, EmailTemplate, Message
from outreach.rendering import TemplateProblem, keeps_late, render, render_subject, uses

is_url = URLValidator(schemes=["http", "https"])


class CannotWrite(Exception):
    """Nothing was queued; `problems` maps a collaboration's code to the reason, in plain words."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(sorted(set(self.problems.values()))))


@transaction.atomic
def write_to(
    collaborations: Iterable[Collaboration],
    template: EmailTemplate,
    *,
    by: User | None,
    references: Mapping[str, str],
    batch: str = "",
) -> list[Message]:
    """Queue the template's e-mail to each collaboration and send the offers that are still drafts.

    `references` maps a collaboration's code to the address of the post referred to. Whom the same `batch` (a form's
    token) was written to before gets no second e-mail; the first one is returned. Raises CannotWrite.
    """
    keys = [row.pk for row in collaborations]
    locked = list(Collaboration.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    before = list(Message.objects.filter(batch=batch, collaboration__in=keys).order_by("pk")) if batch else []
    done = {row.collaboration_id for row in before}
    addressees = addressees_of(template.brand, [row for row in locked if row.pk not in done])
    drafts = draft_all(addressees, template, by=by, references=references)
    send_offers(addressees, by=by)
    return before + queue(drafts, batch=batch, by=by)


def draft_all(
    addressees: list[Addressee], template: EmailTemplate, *, by: User | None, references: Mapping[str, str]
) -> list[Message]:
    """An unsaved message for each. Raises CannotWrite, naming all that can't be written to."""
    drafts, problems = [], {}
    for addressee in addressees:
        code = addressee.collaboration.code
        try:
            drafts.append(draft(addressee, template, by=by, post=references.get(code, "")))
        except CannotWrite as error:
            problems.update(error.problems)
    if problems:
        raise CannotWrite(problems)
    return drafts


def draft(addressee: Addressee, template: EmailTemplate, *, by: User | None, post: str) -> Message:
    """The message as it would be queued, unsaved. Raises CannotWrite."""
    code, problem = addressee.collaboration.code, problem_with(addressee, template, post)
    if problem:
        raise CannotWrite({code: problem})
    values = keeps_late(values_of(addressee, post, by))
    try:
        subject, body = render_subject(template.subject, values), render(template.body, values)
    except TemplateProblem as error:
        raise CannotWrite({code: str(error)}) from error
    relationship = addressee.collaboration.relationship
    relationship.brand = addressee.collaboration.campaign.brand
    return Message(
        conversation=Conversation(relationship=relationship),
        collaboration=addressee.collaboration,
        author=by,
        template=template,
        referenced_post=post,
        recipient=relationship.email,
        subject=subject,
        body=body,
        message_id=new_message_id(),
    )


def problem_with(addressee: Addressee, template: EmailTemplate, post: str) -> str:
    """Why this e-mail may not go to this creator; empty when it may. A first message refers to a post of theirs."""
    if addressee.obstacle:
        return addressee.obstacle
    mentions_post = uses(template.body, "referenced_post")
    if addressee.is_first and not mentions_post:
        return "The first e-mail to a creator has to mention a post of theirs, and this template doesn't."
    if (addressee.is_first or mentions_post) and not post:
        return "Choose the post you refer to."
    return "" if not post or valid_url(post) else "The post needs a full address that starts with https://."


def valid_url(text: str) -> bool:
    try:
        is_url(text)
    except ValidationError:
        return False
    return len(text) <= 400


def send_offers(addressees: list[Addressee], *, by: User | None) -> None:
    """Send every offer that is a draft. Raises CannotWrite in the words of the refusal."""
    for addressee in addressees:
        if addressee.offer and addressee.offer.status == Offer.Status.DRAFT:
            try:
                send_offer(addressee.collaboration, by=by)
            except Refusal as error:
                raise CannotWrite({addressee.collaboration.code: str(error)}) from error


def queue(drafts: list[Message], *, batch: str, by: User | None) -> list[Message]:
    """Save the drafts into the outbox and wake it after the commit."""
    if not drafts:
        return []
    now = timezone.now()
    conversations = open_conversations([row.conversation.relationship for row in drafts])
    for row in drafts:
        row.conversation, row.batch, row.due_at = conversations[row.conversation.relationship.pk], batch, now
    Message.objects.bulk_create(drafts)
    Conversation.objects.filter(pk__in=[row.pk for row in conversations.values()]).update(updated_at=now)
    for row in drafts:
        note_queued(row, by)
    transaction.on_commit(wake_outbox, robust=True)
    return drafts


def open_conversations(relationships: list[Relationship]) -> dict[int, Conversation]:
    """The conversation of each relationship, begun where there is none, by the relationship's key."""
    ordered = sorted(relationships, key=lambda row: row.pk)
    Conversation.objects.bulk_create([Conversation(relationship=row) for row in ordered], ignore_conflicts=True)
    rows = Conversation.objects.filter(relationship__in=ordered).with_people()
    return {row.relationship_id: row for row in rows}


def note_queued(message: Message, by: User | None) -> None:
    code = message.conversation.relationship.code
    record(message.brand, "message.queued", message, by=by, conversation=code, channel=message.channel)
