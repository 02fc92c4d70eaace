"""Inviting creators to take over the record that is kept about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from creators.actions.portal import INVITATION_AGE
from creators.models import Relationship
from groundswell.accounts.models import User
from outreach.actions.messages import CannotReply, add, refuse_writing
from outreach.actions.waking import wake_outbox
from outreach.actions.writing import note_queued
from outreach.addressees import sender_name
from outreach.models import Conversation, EmailTemplate, Message
from outreach.rendering import PROFILE, TemplateProblem, keeps_late, render, render_subject
from outreach.starters import STARTERS

MOST, APART = 3, timedelta(days=3)


@dataclass(frozen=True)
class Invitation:
    """How far an invitation is. `obstacle` says why none can be sent now; empty where one can."""

    relationship: Relationship
    last: Message | None
    count: int
    is_claimed: bool
    obstacle: str

    @property
    def ends_at(self) -> datetime | None:
        """Until when the link in the last one works; None while it isn't sent."""
        return self.last.sent_at + INVITATION_AGE if self.last and self.last.sent_at else None

    @property
    def has_ended(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()


def invitation_of(relationship: Relationship) -> Invitation:
    sent = list(Message.objects.invitations().live().filter(conversation__relationship=relationship).order_by("-pk"))
    last, is_claimed = (sent[0] if sent else None), relationship.creator.user_id is not None
    return Invitation(relationship, last, len(sent), is_claimed, obstacle_to(relationship, sent, is_claimed))


def obstacle_to(relationship: Relationship, sent: list[Message], is_claimed: bool) -> str:
    if is_claimed:
        return "This profile is in its creator's own hands."
    try:
        refuse_writing(relationship, Message.Channel.EMAIL)
    except CannotReply as refusal:
        return str(refusal)
    if not Message.objects.filter(conversation__relationship=relationship).exclude(channel="dm").exists():
        return "Write to them about a campaign first: nobody wants an invitation from strangers."
    if len(sent) >= MOST:
        return f"Invited {MOST} times without an answer. Leave it at that."
    if sent and sent[0].created_at > timezone.now() - APART:
        return f"Invited less than {APART.days} days ago. Give them time."
    return ""


@transaction.atomic
def invite_to_profile(relationship: Relationship, *, by: User | None) -> Message:
    """Queue the e-mail with their own link; once more after three days, three times at most. Raises CannotReply."""
    conversation, _ = Conversation.objects.get_or_create(relationship=relationship)
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    if obstacle := invitation_of(relationship).obstacle:
        raise CannotReply(obstacle)
    template = template_of(relationship)
    values = keeps_late(values_for(relationship, by))
    try:
        subject, body = render_subject(template.subject, values), render(template.body, values)
    except TemplateProblem as problem:
        raise CannotReply(f"The template “{template.name}” can't be used here: {problem}") from problem
    facts = {"template": template if template.pk else None, "recipient": relationship.email, "subject": subject}
    message = add(conversation, body, by, None, author=by, **facts)
    note_queued(message, by)
    transaction.on_commit(partial(wake_outbox), robust=True)
    return message


def template_of(relationship: Relationship) -> EmailTemplate:
    """The brand's own newest with the link to a profile, else the one that brands start with, unsaved."""
    own = EmailTemplate.objects.of(relationship.brand).filter(body__contains=PROFILE).order_by("-pk").first()
    starter = next(one for one in STARTERS if PROFILE in one["body"])
    return own or EmailTemplate(brand=relationship.brand, **starter)


def values_for(relationship: Relationship, by: User | None) -> dict[str, str]:
    account = relationship.creator.accounts.largest_first().first()
    name = relationship.creator.name
    return {
        "first_name": name.split()[0] if name.split() else name,
        "name": name,
        "handle": f"@{account.handle}" if account else "your accounts",
        "network": account.get_network_display() if account else "",
        "brand": relationship.brand.name,
        "sender_name": sender_name(relationship.brand, by),
    }
