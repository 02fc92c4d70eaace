"""Campaigns, briefs, offers, contracts, what was posted and what it cost."""

from campaigns.models.briefs import Brief, BriefContent, BriefTemplate, Deliverable
from campaigns.models.campaigns import Campaign
from campaigns.models.collaborations import Collaboration, CollaborationQuerySet, Offer
from campaigns.models.contracts import Contract
from campaigns.models.costs import Cost
from campaigns.models.submissions import Submission

__all__ = [
    "Brief",
    "BriefContent",
    "BriefTemplate",
    "Campaign",
    "Collaboration",
    "CollaborationQuerySet",
    "Contract",
    "Cost",
    "Deliverable",
    "Offer",
    "Submission",
]
