"""Creators, their accounts and posts, tier schemes, and what a brand knows of them."""

from creators.models.benchmarks import Benchmark, BenchmarkQuerySet
from creators.models.claims import Claim, ClaimQuerySet
from creators.models.connections import AccountRefresh, Connection, ConnectionQuerySet, QuotaUse
from creators.models.creators import (
    AccountType,
    Basis,
    Creator,
    CreatorQuerySet,
    FollowerSnapshot,
    Gender,
    Network,
    SocialAccount,
    SocialAccountQuerySet,
    Source,
)
from creators.models.discovery import SearchQuerySet, SearchRow, Sieve, Token, Unsieved
from creators.models.exports import Export, ExportQuerySet
from creators.models.facts import AudienceSlice, ContactChannel, RateCard
from creators.models.fields import CustomField, CustomFieldQuerySet
from creators.models.imports import Import, Rejected, RejectedRow, Upload, UploadQuerySet
from creators.models.kits import Evidence, EvidenceQuerySet, MediaKit, MediaKitQuerySet
from creators.models.lifecycle import Lifecycle, LifecycleRule, LifecycleRuleQuerySet
from creators.models.merges import Merge, MergeProposal, MergeProposalQuerySet, MergeQuerySet
from creators.models.metrics import AccountMetrics, MetricsRun, PeerGroup, StaleAccount
from creators.models.posts import Comment, Post, PostFormat, PostQuerySet
from creators.models.privacy import DataRequest, DataRequestQuerySet, OptOut
from creators.models.relationships import (
    Mention,
    Note,
    NoteQuerySet,
    Relationship,
    RelationshipQuerySet,
    Shortlist,
    ShortlistEntry,
    ShortlistQuerySet,
)
from creators.models.searches import SearchMatch, SearchMatchQuerySet
from creators.models.shares import SharedList, SharedListQuerySet, Verdict, Visit
from creators.models.tiers import TierBand, TierScheme, TierSchemeQuerySet
from creators.models.vetting import (
    ChecklistAnswer,
    ChecklistItem,
    ChecklistItemQuerySet,
    SignalReply,
    Vetting,
    VettingPolicy,
    VettingPolicyQuerySet,
    VettingQuerySet,
    VettingRun,
    VettingRunQuerySet,
    Vote,
)

__all__ = [
    "AccountMetrics",
    "AccountRefresh",
    "AccountType",
    "AudienceSlice",
    "Basis",
    "Benchmark",
    "BenchmarkQuerySet",
    "ChecklistAnswer",
    "ChecklistItem",
    "ChecklistItemQuerySet",
    "Claim",
    "ClaimQuerySet",
    "Comment",
    "Connection",
    "ConnectionQuerySet",
    "ContactChannel",
    "Creator",
    "CreatorQuerySet",
    "CustomField",
    "CustomFieldQuerySet",
    "DataRequest",
    "DataRequestQuerySet",
    "Evidence",
    "EvidenceQuerySet",
    "Export",
    "ExportQuerySet",
    "FollowerSnapshot",
    "Gender",
    "Import",
    "Lifecycle",
    "LifecycleRule",
    "LifecycleRuleQuerySet",
    "MediaKit",
    "MediaKitQuerySet",
    "Mention",
    "Merge",
    "MergeProposal",
    "MergeProposalQuerySet",
    "MergeQuerySet",
    "MetricsRun",
    "Network",
    "Note",
    "NoteQuerySet",
    "OptOut",
    "PeerGroup",
    "Post",
    "PostFormat",
    "PostQuerySet",
    "QuotaUse",
    "RateCard",
    "Rejected",
    "RejectedRow",
    "Relationship",
    "RelationshipQuerySet",
    "SearchMatch",
    "SearchMatchQuerySet",
    "SearchQuerySet",
    "SearchRow",
    "SharedList",
    "SharedListQuerySet",
    "Shortlist",
    "ShortlistEntry",
    "ShortlistQuerySet",
    "Sieve",
    "SignalReply",
    "SocialAccount",
    "SocialAccountQuerySet",
    "Source",
    "StaleAccount",
    "TierBand",
    "TierScheme",
    "TierSchemeQuerySet",
    "Token",
    "Unsieved",
    "Upload",
    "UploadQuerySet",
    "Verdict",
    "Vetting",
    "VettingPolicy",
    "VettingPolicyQuerySet",
    "VettingQuerySet",
    "VettingRun",
    "VettingRunQuerySet",
    "Visit",
    "Vote",
]
