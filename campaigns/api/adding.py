"""Putting many creators into a campaign at once, each with an offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from campaigns.actions.collaborations import add_creators
from campaigns.actions.offers import send_offer
from campaigns.api import SCOPES, TAGS, attempted
from campaigns.api.campaigns import campaign_of
from campaigns.api.collaborations import TermsSerializer
from campaigns.models import Campaign, Collaboration
from creators.models import Creator
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView

MOST = 500
GIFTS = ("fee", "product", "commission_percent")


class CreatorRowSerializer(TermsSerializer):
    creator = serializers.CharField(max_length=12, help_text="Code of a creator in your directory.")


class ManySerializer(TermsSerializer):
    """The terms beside the list are everybody's, but for what a creator's own row says."""

    send = serializers.BooleanField(
        default=False, help_text="Put the offers into the creators' portals; the campaign has to be live."
    )


class ManyInSerializer(ManySerializer):
    creators = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST)


class ManySchemaSerializer(ManySerializer):
    creators = CreatorRowSerializer(many=True, help_text=f"At most {MOST}.")


class CreatorOutcomeSerializer(serializers.Serializer[Any]):
    """What became of one creator of many."""

    row = serializers.IntegerField(help_text="Its place in the list, from 0.")
    creator = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(["created", "unchanged", "refused"])
    collaboration = serializers.CharField(required=False, help_text="Code; of one who was in already, too.")
    error = serializers.DictField(required=False, help_text="For a refused one: its fields and what is wrong.")


class ManyOutSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = CreatorOutcomeSerializer(many=True)


@dataclass
class Row:
    """A creator of the list on the way into the campaign; refused as soon as `error` says why."""

    code: str
    terms: dict[str, Any] = field(default_factory=dict)
    creator: Creator | None = None
    error: dict[str, Any] = field(default_factory=dict)


class Creators(ApiView):
    scopes = SCOPES

    @extend_schema(
        operation_id="campaigns_add_creators",
        tags=TAGS,
        request=ManySchemaSerializer,
        responses=ManyOutSerializer,
    )
    def post(self, request: ApiRequest, code: str) -> Response:
        """Put up to 500 creators into the campaign, each with an offer.

        Each stands for itself: the answer says row by row what became of it. Who is in the campaign already stays as
        they are. 409 when the campaign is closed, or not live and the offers shall be sent.
        """
        campaign = campaign_of(request, code)
        body = ManyInSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        shared = dict(body.validated_data)
        given, sends = shared.pop("creators"), shared.pop("send")
        rows = read_rows(campaign.brand, given, shared)
        added = attempted(lambda: put_in(campaign, rows, request, sends=sends))
        outcomes = outcomes_of(campaign, rows, {row.relationship.creator_id for row in added})
        counts = {name: sum(row["status"] == name for row in outcomes) for name in ("created", "unchanged", "refused")}
        return Response({**counts, "rows": outcomes})


def read_rows(brand: Brand, given: list[dict[str, Any]], shared: dict[str, Any]) -> list[Row]:
    """The rows with their creators and whole terms, or with what is wrong with them."""
    rows = [read_row(fields, shared) for fields in given]
    known = {row.code: row for row in Creator.objects.of(brand).filter(code__in=[row.code for row in rows])}
    seen = set[str]()
    for row in rows:
        row.creator = known.get(row.code)
        if row.code in seen:
            row.error = row.error or {"creator": ["This creator stands in the list twice."]}
        elif row.creator is None:
            row.error = row.error or {"creator": ["There is no such creator in your directory."]}
        seen.add(row.code)
    return rows


def read_row(fields: dict[str, Any], shared: dict[str, Any]) -> Row:
    form = CreatorRowSerializer(data=fields)
    if not form.is_valid():
        return Row(str(fields.get("creator", ""))[:12], error=dict(form.errors))
    own = dict(form.validated_data)
    row = Row(own.pop("creator"), {**shared, **own})
    if not any(row.terms.get(name) for name in GIFTS):
        row.error = {"fee": ["Give the creator something: a fee, a product or a commission."]}
    return row


@transaction.atomic
def put_in(campaign: Campaign, rows: list[Row], request: ApiRequest, *, sends: bool) -> list[Collaboration]:
    wanted = {row.creator: row.terms for row in rows if row.creator and not row.error}
    own = {creator.pk: terms for creator, terms in wanted.items()}
    added = add_creators(campaign, wanted, by=request.auth.created_by, own=own)
    if sends:
        for row in added:
            send_offer(row, by=request.auth.created_by)
    return added


def outcomes_of(campaign: Campaign, rows: list[Row], added: set[int]) -> list[dict[str, Any]]:
    """One for each row. Who was to be added and is not in the campaign now is blocked by the brand."""
    there = campaign.collaborations.filter(relationship__creator__in=[row.creator for row in rows if row.creator])
    codes = dict(there.values_list("relationship__creator_id", "code"))
    return [{"row": place, "creator": row.code, **outcome_of(row, codes, added)} for place, row in enumerate(rows)]


def outcome_of(row: Row, codes: dict[int, str], added: set[int]) -> dict[str, Any]:
    if row.error or row.creator is None:
        return {"status": "refused", "error": row.error}
    if row.creator.pk not in codes:
        return {"status": "refused", "error": {"creator": ["Your brand has blocked this creator."]}}
    status = "created" if row.creator.pk in added else "unchanged"
    return {"status": status, "collaboration": codes[row.creator.pk]}
