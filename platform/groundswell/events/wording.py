"""Events in words, for people who read what happened."""

from __future__ import annotations

from groundswell.events.models import Event

# The first word of an event's name, and what the activity page calls the group.
KINDS = {
    "brand": "Brand",
    "member": "Team",
    "role": "Roles",
    "invitation": "Invitations",
    "key": "API keys",
    "import": "Imports",
    "campaign": "Campaigns",
    "collaboration": "Collaborations",
    "offer": "Offers",
    "contract": "Contracts",
    "submission": "Content",
    "message": "Messages",
    "link": "Links",
    "order": "Orders",
    "creator": "Portal",
}
SENTENCES = {
    "brand.created": "set the brand up",
    "brand.changed": "changed the brand's settings ({fields})",
    "member.invited": "invited {email} as {role}",
    "member.joined": "joined as {role}",
    "member.removed": "removed {email} from the team",
    "invitation.revoked": "withdrew the invitation of {email}",
    "role.changed": "made {email} {role} (was {before})",
    "key.created": "created the API key “{name}”",
    "key.revoked": "revoked the API key “{name}”",
    "creator.entered": "entered the portal",
    "offer.sent": "sent an offer",
    "offer.accepted": "accepted an offer",
    "offer.countered": "answered an offer with another",
    "offer.declined": "declined an offer",
    "contract.agreed": "agreed to the contract",
    "submission.made": "handed a post in",
    "submission.approved": "approved a post",
    "campaign.launched": "launched a campaign",
    "collaboration.added": "added a creator to a campaign",
    "import.finished": "finished an import",
    "merge.accepted": "merged two records of one creator",
    "merge.dismissed": "kept two creators apart",
    "merge.undone": "took merged records apart",
    "link.issued": "issued a tracking link",
    "order.received": "received an order",
    "order.refunded": "took a refund in",
    "message.sent": "sent a message",
}


class Facts(dict[str, object]):
    """An event's data; what an older event doesn't know reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(event: Event) -> str:
    """What somebody did, to be read after their name; names without a sentence read as they are written."""
    known = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in event.data.items()}
    words = SENTENCES.get(event.name)
    return words.format_map(Facts(known)) if words else event.name.replace(".", " ").replace("_", " ")
