"""Creators, their accounts and posts, tier schemes, and what a brand knows of them."""

from creators.models.creators import (
    Basis,
    Creator,
    CreatorQuerySet,
    FollowerSnapshot,
    Network,
    SocialAccount,
    SocialAccountQuerySet,
    Source,
)
from creators.models.imports import Import, ImportQuerySet, RejectedRow
from creators.models.posts import Comment, Post, PostFormat, PostQuerySet
from creators.models.relationships import (
    Note,
    Relationship,
    RelationshipQuerySet,
    Shortlist,
    ShortlistEntry,
    ShortlistQuerySet,
)
from creators.models.tiers import TierBand, TierScheme, TierSchemeQuerySet

__all__ = [
    "Basis",
    "Comment",
    "Creator",
    "CreatorQuerySet",
    "FollowerSnapshot",
    "Import",
    "ImportQuerySet",
    "Network",
    "Note",
    "Post",
    "PostFormat",
    "PostQuerySet",
    "RejectedRow",
    "Relationship",
    "RelationshipQuerySet",
    "Shortlist",
    "ShortlistEntry",
    "ShortlistQuerySet",
    "SocialAccount",
    "SocialAccountQuerySet",
    "Source",
    "TierBand",
    "TierScheme",
    "TierSchemeQuerySet",
]
