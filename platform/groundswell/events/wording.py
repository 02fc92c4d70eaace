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
    "relationship": "Relationships",
    "shortlist": "Lists",
    "share": "Shared lists",
    "connection": "Connections",
    "refresh": "Refreshes",
    "benchmark": "Benchmarks",
    "vetting": "Vetting",
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
    "creator.opted_out": "opted out",
    "creator.erased": "had their data erased",
    "offer.sent": "sent an offer",
    "offer.accepted": "accepted an offer",
    "offer.countered": "answered an offer with another",
    "offer.declined": "declined an offer",
    "contract.agreed": "agreed to the contract",
    "submission.made": "handed a post in",
    "submission.approved": "approved a post",
    "campaign.launched": "launched a campaign",
    "collaboration.added": "added a creator to a campaign",
    "collaboration.withdrawn": "took a creator out of a campaign",
    "code.issued": "issued the code {code}",
    "code.ended": "ended the code {code}",
    "code.leak_suspected": "suspects that the code {code} has leaked",
    "code.leak_confirmed": "found that the code {code} has leaked",
    "code.leak_cleared": "cleared the code {code}",
    "codes.published": "had codes made in shops ({count})",
    "code_rules.changed": "changed how codes look ({pattern})",
    "store.access_changed": "saved a shop's key for making codes",
    "relationship.started": "started the relationship",
    "relationship.changed": "changed {changed}",
    "relationship.noted": "wrote a note",
    "relationship.blocked": "blocked the creator",
    "relationship.unblocked": "lifted the block",
    "shortlist.created": "made the list “{title}”",
    "shortlist.renamed": "renamed the list “{old}” to “{title}”",
    "shortlist.changed": "changed the list “{title}”",
    "shortlist.deleted": "deleted the list “{title}”",
    "shortlist.filled": "added creators to a list ({added})",
    "shortlist.trimmed": "took creators off a list ({removed})",
    "share.created": "shared the list “{title}”",
    "share.revoked": "ended the sharing of “{title}”",
    "verdict.given": "{reviewer} {answer} the creator on the shared list “{title}”",
    "custom-fields.changed": "changed the brand's own fields",
    "lifecycle.changed": "changed the rule of the lifecycle",
    "import.finished": "finished an import",
    "export.requested": "exported creators ({rows})",
    "vetting.voted": "voted on a creator ({answer})",
    "vetting.decided": "decided on a creator ({decision})",
    "vetting.reopened": "reopened the decision on a creator",
    "vetting-policy.changed": "changed what the brand looks for ({changed})",
    "checklist.changed": "changed the vetting checklist",
    "vetting-run.started": "had the list “{title}” vetted ({creators})",
    "vetting-run.cancelled": "stopped the vetting of “{title}”",
    "vetting-run.finished": "finished the vetting of “{title}”",
    "signal.answered": "answered a note about public numbers",
    "merge.accepted": "merged two records of one creator",
    "merge.dismissed": "kept two creators apart",
    "merge.undone": "took merged records apart",
    "link.issued": "issued a tracking link",
    "attribution-rule.added": "wrote the rule of credit {label}",
    "attribution-rule.activated": "put the rule of credit {label} in force",
    "attribution-rule.retired": "took the rule of credit {label} out of force",
    "code.policy-changed": "made the code {code} count: {counts}",
    "report.created": "put together the report “{name}”",
    "report.changed": "changed the report “{name}”",
    "report.deleted": "deleted the report “{name}”",
    "report.shared": "shared the report “{name}” by link",
    "report.share-renewed": "let the link to the report “{name}” last longer",
    "report.share-revoked": "ended a link to the report “{name}”",
    "report.scheduled": "scheduled the report “{name}” by mail",
    "report.unscheduled": "stopped mailing the report “{name}”",
    "replay.started": "had orders credited once more under {label}, beside the ledger",
    "replay.cancelled": "stopped the replay under {label}",
    "replay.finished": "finished the replay under {label}",
    "commissions.approved": "locked {count} commissions whose hold is over",
    "commission.paid": "paid {amount} {currency} of commission",
    "order.received": "received the order {number}",
    "order.refunded": "took a refund of the order {number} in",
    "order.cancelled": "took the cancellation of the order {number} in",
    "message.sent": "sent a message",
    "message.queued": "put a message into the outbox",
    "message.received": "wrote a message",
    "message.failed": "could not get a message through",
    "submission.returned": "asked for changes to a post",
    "submission.measured": "entered the figures of a post",
    "link.readdressed": "gave a tracking link another address",
    "link.broken": "found a page broken that links lead to",
    "link.mended": "found a page well again that links lead to",
    "link_domain.added": "added the domain {host} for links",
    "link_domain.verified": "verified the domain {host} for links",
    "link_domain.removed": "removed the domain {host} for links",
    "link_rules.changed": "changed where links may lead",
    "link_template.changed": "changed the template of links",
    "link_template.applied": "applied the template of links",
    "link.redirected": "changed where a tracking link leads",
    "link.paused": "paused a tracking link",
    "link.resumed": "resumed a tracking link",
    "connection.made": "connected {name} ({network})",
    "connection.removed": "disconnected {name} ({network})",
    "connection.expired": "lost access to {name} ({network}): it expired",
    "connection.revoked": "lost access to {name} ({network}): it was revoked",
    "refresh.requested": "asked for fresh numbers of a creator",
}


# Of the first word of an event's name.
ICONS = {
    "relationship": "user-round",
    "collaboration": "megaphone",
    "offer": "handshake",
    "contract": "file-signature",
    "submission": "clapperboard",
    "message": "mail",
    "link": "link",
    "code": "ticket-percent",
    "order": "shopping-bag",
    "creator": "log-in",
    "verdict": "thumbs-up",
    "refresh": "refresh-cw",
    "vetting": "scan-search",
}


def icon(event: Event) -> str:
    return ICONS.get(event.name.partition(".")[0], "circle")


class Facts(dict[str, object]):
    """An event's data; what an older event doesn't know reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(event: Event) -> str:
    """What somebody did, to be read after their name; names without a sentence read as they are written."""
    known = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in event.data.items()}
    words = SENTENCES.get(event.name)
    return words.format_map(Facts(known)) if words else event.name.replace(".", " ").replace("_", " ")
