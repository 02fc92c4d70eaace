"""What runs later: sending, recovering, greeting a new brand with templates, and moving a creator's stage."""

from __future__ import annotations

from celery import shared_task

from creators.actions.relationships import relate
from creators.models import Relationship
from groundswell.accounts.models import Brand
from groundswell.events.actions import on
from groundswell.events.models import Event
from outreach.actions.outbox import recover, send_due
from outreach.actions.templates import add_starters
from outreach.actions.waking import wake_outbox
from outreach.lookup import configured_lookup
from outreach.models import Message
from outreach.smtp import configured_transport

BUDGET = 20.0  # seconds; a long queue makes room for other tasks between its turns
Stage = Relationship.Stage
# A first e-mail makes a prospect a contact, an answer begins the talks; nobody is moved back.
STEPS = {"message.sent": (Stage.PROSPECT, Stage.CONTACTED), "message.received": (Stage.CONTACTED, Stage.IN_TALKS)}


@shared_task
def send_queued() -> int:
    """Settle what a dead worker left, then send what is due; asks for another turn when the time ran out."""
    recover(configured_lookup())
    handled, in_time = send_due(configured_transport(), seconds=BUDGET)
    if not in_time:
        wake_outbox()
    return handled


@on("brand.created")
@shared_task
def give_starters(event_pk: int) -> int:
    """Starter templates for the new brand; a second delivery adds none."""
    event = Event.objects.get(pk=event_pk)
    return add_starters(Brand.objects.get(pk=event.subject_id))


@on("message.sent", "message.received")
@shared_task
def move_stage(event_pk: int) -> None:
    """The relationship's stage follows the conversation, one step at a time; a second delivery changes nothing."""
    event = Event.objects.get(pk=event_pk)
    message = Message.objects.with_people().filter(pk=event.subject_id).first()
    before, after = STEPS[event.name]
    if message and message.conversation.relationship.stage == before:
        relate(message.brand, message.conversation.relationship.creator, stage=after)
