"""What came back, and through which links, for partners."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from campaigns.models import Campaign
from creators.models import Creator
from groundswell.api.authentication import ApiRequest
from groundswell.api.views import ApiView
from groundswell.lib.money import rounded
from tracking.reports.breakdown import DAY, Part, breakdown_of
from tracking.reports.campaign import Line, TierLine, report_of
from tracking.reports.creator import CreatorLine, Total, creator_report
from tracking.reports.dimensions import DIMENSIONS
from tracking.reports.figures import KINDS, Efficiency, Figures
from tracking.reports.freshness import waiting_since
from tracking.reports.matrix import MEASURES, Cell, Matrix, matrix_of
from tracking.reports.outlooks import Expectation, Judged, expectations_of, hint_of, judged_at
from tracking.reports.periods import Period


class IntervalSerializer(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()


class AmountField(serializers.DecimalField):
    """An amount as a string, in the currency of the answer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=18, decimal_places=4, **kwargs)


class CostsSerializer(serializers.Serializer[Any]):
    product = AmountField()
    fee = AmountField(help_text="Fees and bonus.")
    commission = AmountField()
    time = AmountField(help_text="The team's logged hours.")
    other = AmountField(help_text="Paid boost and tools.")
    total = AmountField()
    shared = AmountField(help_text="The part that is the campaign's own cost, shared equally by those who agreed.")


class FiguresSerializer(serializers.Serializer[Any]):
    clicks = serializers.IntegerField(help_text="By people, repetitions included.")
    unique_clicks = serializers.IntegerField()
    bot_clicks = serializers.IntegerField(help_text="Kept apart, in no other figure.")
    orders = serializers.IntegerField()
    orders_interval = IntervalSerializer(help_text="Exact 95 % limits of a Poisson count.")
    new_customers = serializers.IntegerField()
    refunds = serializers.IntegerField()
    conversion = serializers.FloatField(allow_null=True, help_text="Orders / unique clicks.")
    conversion_interval = IntervalSerializer(allow_null=True)
    revenue = AmountField(help_text="Net of refunds, without tax and shipping.")
    refunded = AmountField()
    costs = CostsSerializer()
    contribution = AmountField(help_text="margin × revenue − cost.")
    roi = serializers.FloatField(allow_null=True, help_text="(margin × revenue − cost) / cost; null without cost.")
    roi_interval = IntervalSerializer(
        allow_null=True, help_text="From the orders' interval × the mean value of an order; null without orders."
    )
    roi_on_revenue = serializers.FloatField(allow_null=True, help_text="(revenue − cost) / cost.")
    roas = serializers.FloatField(allow_null=True, help_text="revenue / cost.")
    cpc = AmountField(allow_null=True, help_text="cost / unique clicks.")
    cpa = AmountField(allow_null=True, help_text="cost / orders.")
    cac = AmountField(allow_null=True, help_text="cost / new customers.")


class ExpectedSerializer(serializers.Serializer[Any]):
    """What the creator's record lets one expect, estimated together with the campaign's other creators."""

    conversion = serializers.FloatField(allow_null=True, help_text="Orders / unique clicks, partially pooled.")
    conversion_interval = IntervalSerializer(allow_null=True, help_text="95 % credible limits.")
    orders = serializers.FloatField(allow_null=True, help_text="Median of the same posts again.")
    orders_interval = IntervalSerializer(allow_null=True, help_text="95 % of the draws.")
    roi = serializers.FloatField(allow_null=True, help_text="Median at the same cost; null without cost.")
    roi_interval = IntervalSerializer(allow_null=True, help_text="95 % of the draws.")
    roi_interval_80 = IntervalSerializer(allow_null=True, help_text="80 % of the draws.")
    chance = serializers.FloatField(allow_null=True, help_text="Probability of a profit next time, luck included.")
    odds = serializers.FloatField(allow_null=True, help_text="Probability that it pays in the long run.")
    advice = serializers.ChoiceField(choices=["keep", "testing", "pause", "leak"], allow_null=True)
    more_posts = serializers.IntegerField(allow_null=True, help_text="About how many would settle the odds.")


class RateSerializer(serializers.Serializer[Any]):
    basis = serializers.CharField(help_text="The denominator: by reach, by views or by followers; never compared.")
    value = serializers.FloatField()
    engagements = serializers.IntegerField()
    denominator = serializers.IntegerField()
    posts = serializers.IntegerField()


class CreatorReturnSerializer(serializers.Serializer[Any]):
    collaboration = serializers.CharField()
    creator = serializers.CharField()
    creator_code = serializers.CharField()
    status = serializers.CharField()
    tier = serializers.CharField(help_text="As of now.")
    tier_when_added = serializers.CharField()
    tier_when_posted = serializers.CharField(help_text="By the followers at the first post; before it, when added.")
    figures = FiguresSerializer()
    expected = ExpectedSerializer()
    engagement = RateSerializer(many=True)


class TierReturnSerializer(serializers.Serializer[Any]):
    tier = serializers.CharField()
    creators = serializers.IntegerField()
    figures = FiguresSerializer()
    engagement = RateSerializer(many=True)


class StageSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField()
    count = serializers.IntegerField()


class ReturnsSerializer(serializers.Serializer[Any]):
    campaign = serializers.CharField()
    currency = serializers.CharField()
    margin = serializers.FloatField()
    with_time = serializers.BooleanField()
    waiting_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when the oldest click or order waits to be summed; null: up to date."
    )
    judged_at = serializers.DateTimeField(
        allow_null=True, help_text="As of when `expected` was worked out; null: not yet, it is null then too."
    )
    funnel = StageSerializer(many=True)
    totals = FiguresSerializer()
    creators = CreatorReturnSerializer(many=True)
    tiers = TierReturnSerializer(many=True)


def stated(figures: Figures, currency: str) -> dict[str, Any]:
    """Figures for the answer: amounts in whole minor units, rates as fractions, the unknown as null."""
    costs = figures.costs
    amounts = {
        "product": costs.product,
        "fee": costs.fee,
        "commission": figures.commission,
        "time": costs.time,
        "other": costs.other,
        "total": figures.cost,
        "shared": figures.shared.total,
    }
    same = ("clicks", "unique_clicks", "bot_clicks", "orders", "new_customers", "refunds", "conversion")
    rates = ("roi", "roi_on_revenue", "roas")
    money = ("revenue", "refunded", "contribution", "cpa", "cac", "cpc")
    return {
        **{name: getattr(figures, name) for name in (*same, *rates)},
        **{name: whole(getattr(figures, name), currency) for name in money},
        **{
            f"{name}_interval": limits(getattr(figures, f"{name}_interval")) for name in ("orders", "conversion", "roi")
        },
        "costs": {name: whole(amount, currency) for name, amount in amounts.items()},
    }


def whole(amount: Any, currency: str) -> Any:
    return None if amount is None else rounded(amount, currency)


def limits(interval: Any) -> dict[str, float] | None:
    return {"low": interval.low, "high": interval.high} if interval else None


def stated_expectation(line: Judged, expected: Expectation | None) -> dict[str, Any]:
    known = expected or Expectation()
    outlook, hint = known.outlook, hint_of(line, expected)
    names = ("orders", "roi", "chance", "odds", "more_posts")
    intervals = {"orders_interval": "orders_95", "roi_interval": "roi_95", "roi_interval_80": "roi_80"}
    return {
        "conversion": known.conversion,
        "conversion_interval": limits(known.conversion_interval),
        **{name: getattr(outlook, name, None) for name in names},
        **{name: limits(getattr(outlook, part, None)) for name, part in intervals.items()},
        "advice": hint.word if hint else None,
    }


def stated_creator(line: Line, expected: Expectation | None, currency: str) -> dict[str, Any]:
    row = line.collaboration
    return {
        "collaboration": row.code,
        "creator": line.name,
        "creator_code": row.relationship.creator.code,
        "status": row.status,
        "tier": line.tier,
        "tier_when_added": line.tier_when_added,
        "tier_when_posted": line.tier_when_posted,
        "figures": stated(line.figures, currency),
        "expected": stated_expectation(line, expected),
        "engagement": line.engagement.rates,
    }


def stated_tier(tier: TierLine, currency: str) -> dict[str, Any]:
    return {
        "tier": tier.name,
        "creators": tier.creators,
        "figures": stated(tier.figures, currency),
        "engagement": tier.engagement.rates,
    }


# Told apart by a dimension


class KnownSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    posts = serializers.IntegerField(help_text="Of how many posts it is known.")


class EfficiencySerializer(serializers.Serializer[Any]):
    """What one of something cost; null without cost or where nothing is known."""

    cpc = AmountField(allow_null=True, help_text="cost / unique clicks.")
    cpe = AmountField(allow_null=True, help_text="cost / engagements.")
    cpm = AmountField(allow_null=True, help_text="1,000 × cost / views.")
    cpm_reach = AmountField(allow_null=True, help_text="1,000 × cost / accounts reached.")
    cpv = AmountField(allow_null=True, help_text="cost / views.")


class WorthSerializer(serializers.Serializer[Any]):
    """Earned media value by your own price lists: an estimate, in no return."""

    amount = AmountField()
    currency = serializers.CharField()
    posts = serializers.IntegerField()


class ReturnsPartSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(allow_null=True, help_text="A code, a tier, a day, the first day of a month.")
    name = serializers.CharField()
    currency = serializers.CharField(help_text="Amounts of different currencies are never added up.")
    creators = serializers.IntegerField(help_text="Collaborations agreed on; 0 by day.")
    figures = FiguresSerializer()
    engagement = RateSerializer(many=True)
    posts = serializers.IntegerField()
    engagements = KnownSerializer()
    views = KnownSerializer()
    reach = KnownSerializer()
    efficiency = EfficiencySerializer()
    media_value = WorthSerializer(allow_null=True)


class BreakdownSerializer(serializers.Serializer[Any]):
    by = serializers.CharField()
    waiting_since = serializers.DateTimeField(
        allow_null=True, help_text="Since when the oldest click or order waits to be summed; null: up to date."
    )
    tier_scheme = serializers.CharField(help_text="By tier: the scheme and its version that the tiers are of.")
    parts = ReturnsPartSerializer(many=True)


def stated_part(part: Part) -> dict[str, Any]:
    posts = part.engagement
    return {
        "key": None if part.key is None else str(part.key),
        "name": part.name,
        "currency": part.currency,
        "creators": part.creators,
        "figures": stated(part.figures, part.currency),
        "engagement": posts.rates,
        "posts": posts.posts,
        "engagements": posts.engaged,
        "views": posts.viewed,
        "reach": posts.reached,
        "efficiency": Efficiency(*(None if one is None else round(one, 4) for one in part.efficiency)),
        "media_value": part.worth,
    }


class AskedSerializer(serializers.Serializer[Any]):
    """What a breakdown is asked for."""

    by = serializers.ChoiceField(choices=[*DIMENSIONS, DAY], default="campaign")
    campaign = serializers.CharField(required=False, help_text="Code of a campaign; all that were launched without.")
    since = serializers.DateField(required=False, help_text="First day, in your time zone.")
    until = serializers.DateField(required=False, help_text="Last day.")
    without = serializers.MultipleChoiceField(
        required=False, choices=KINDS, help_text="Kinds of cost to count as nothing; may be given several times."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("since") and attrs.get("until") and attrs["since"] > attrs["until"]:
            raise serializers.ValidationError({"until": "This is before the first day."})
        return attrs


class BrandReturns(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}

    @extend_schema(
        operation_id="returns_by", tags=["returns"], parameters=[AskedSerializer], responses=BreakdownSerializer
    )
    def get(self, request: ApiRequest) -> Response:
        """What came back, told apart by tier, network, format, creator, campaign, day or cohort."""
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wish, brand = asked.validated_data, request.auth.brand
        campaign = wish.get("campaign") and get_object_or_404(Campaign.objects.of(brand), code=wish["campaign"])
        period = Period(wish.get("since"), wish.get("until"))
        found = breakdown_of(
            brand,
            wish["by"],
            campaigns=[campaign] if campaign else None,
            period=period,
            without=sorted(wish.get("without", ())),
        )
        body = {
            "by": found.by,
            "waiting_since": waiting_since(),
            "tier_scheme": found.scheme,
            "parts": [stated_part(part) for part in found.parts],
        }
        return Response(BreakdownSerializer(body).data)


class Returns(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}

    @extend_schema(
        operation_id="returns_read",
        tags=["returns"],
        parameters=[
            OpenApiParameter("time", str, enum=["with", "without"], description="Whether the team's time is cost.")
        ],
        responses=ReturnsSerializer,
    )
    def get(self, request: ApiRequest, code: str) -> Response:
        """What a campaign returned: in total, by creator (best evidence first) and by tier."""
        campaign = get_object_or_404(Campaign.objects.of(request.auth.brand).select_related("brand"), code=code)
        report = report_of(campaign, without=("time",) if request.query_params.get("time") == "without" else ())
        expected = expectations_of(rank.pk for rank in report.ranks)
        body = {
            "campaign": campaign.code,
            "currency": campaign.currency,
            "margin": report.total.margin,
            "with_time": report.with_time,
            "waiting_since": waiting_since(),
            "judged_at": judged_at(campaign),
            "funnel": [{"stage": stage, "count": count} for stage, count in report.funnel],
            "totals": stated(report.total, campaign.currency),
            "creators": [
                stated_creator(line, expected.get(line.collaboration.pk), campaign.currency) for line in report.lines
            ],
            "tiers": [stated_tier(tier, campaign.currency) for tier in report.tiers()],
        }
        return Response(ReturnsSerializer(body).data)


# One creator


class CreatorCampaignSerializer(ReturnsPartSerializer):
    collaboration = serializers.CharField()
    status = serializers.CharField()
    expected = ExpectedSerializer()
    conversion_of_the_campaign = serializers.FloatField(
        allow_null=True, help_text="Orders / unique clicks of everybody in it, to compare the pooled rate with."
    )


class CreatorTotalSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField(help_text="Amounts of different currencies are never added up.")
    figures = FiguresSerializer()
    figures_without_time = FiguresSerializer(help_text="As if the team's time had cost nothing.")
    engagement = RateSerializer(many=True)


class CreatorReturnsSerializer(serializers.Serializer[Any]):
    creator = serializers.CharField()
    name = serializers.CharField()
    waiting_since = serializers.DateTimeField(allow_null=True)
    totals = CreatorTotalSerializer(many=True)
    campaigns = CreatorCampaignSerializer(many=True, help_text="Newest first.")
    formats = ReturnsPartSerializer(many=True)
    gaps = serializers.ListField(child=serializers.CharField(), help_text="What is missing, in sentences.")


class CreatorReturns(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}

    @extend_schema(operation_id="creator_returns", tags=["returns"], responses=CreatorReturnsSerializer)
    def get(self, request: ApiRequest, code: str) -> Response:
        """What one creator returned over all your campaigns, and what is not known of it."""
        brand = request.auth.brand
        report = creator_report(brand, get_object_or_404(Creator.objects.of(brand), code=code))
        body = {
            "creator": report.creator.code,
            "name": report.creator.name,
            "waiting_since": waiting_since(),
            "totals": [stated_total(total) for total in report.totals],
            "campaigns": [stated_campaign(line) for line in report.lines],
            "formats": [stated_part(part) for part in report.told_apart("format").parts] if report.lines else [],
            "gaps": report.gaps,
        }
        return Response(CreatorReturnsSerializer(body).data)


def stated_total(total: Total) -> dict[str, Any]:
    return {
        "currency": total.currency,
        "figures": stated(total.figures, total.currency),
        "figures_without_time": stated(total.without_time, total.currency),
        "engagement": total.engagement.rates,
    }


def stated_campaign(line: CreatorLine) -> dict[str, Any]:
    return {
        **stated_part(line.part),
        "collaboration": line.collaboration.code,
        "status": line.collaboration.status,
        "expected": stated_expectation(line, line.expected),
        "conversion_of_the_campaign": line.peers,
    }


# Creators by formats


class MatrixCellSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(help_text="reel, story, …; several or unknown.")
    value = serializers.FloatField(allow_null=True, help_text="Rates as fractions, money as an amount; null: unknown.")
    note = serializers.CharField(help_text="Of how many posts it is known, or what it is made of.")


class MatrixRowSerializer(serializers.Serializer[Any]):
    collaboration = serializers.CharField()
    creator = serializers.CharField()
    cells = MatrixCellSerializer(many=True, help_text="Of the formats in which there is anything.")


class MatrixSerializer(serializers.Serializer[Any]):
    measure = serializers.CharField()
    note = serializers.CharField(help_text="How posts, clicks and orders come under a format.")
    currency = serializers.CharField()
    creators = MatrixRowSerializer(many=True)
    totals = MatrixCellSerializer(many=True)


def stated_cells(matrix: Matrix, cells: list[Cell | None], currency: str) -> list[dict[str, Any]]:
    pairs, plain = zip(matrix.formats, cells, strict=True), matrix.measure.plain
    return [{"format": word, "value": plain(cell, currency), "note": cell.note} for word, cell in pairs if cell]


class CreatorMatrix(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}

    @extend_schema(
        operation_id="returns_by_creator_and_format",
        tags=["returns"],
        parameters=[OpenApiParameter("measure", str, enum=list(MEASURES), description="by-views unless asked.")],
        responses=MatrixSerializer,
    )
    def get(self, request: ApiRequest, code: str) -> Response:
        """One measure of a campaign's creators by formats, best evidence first."""
        campaign = get_object_or_404(Campaign.objects.of(request.auth.brand).select_related("brand"), code=code)
        word = request.query_params.get("measure", "by-views")
        if word not in MEASURES:
            raise serializers.ValidationError({"measure": f"Choose one of {', '.join(MEASURES)}."})
        found = matrix_of(campaign, word)
        codes = dict(campaign.collaborations.values_list("pk", "code"))
        body = {
            "measure": word,
            "note": found.measure.note,
            "currency": campaign.currency,
            "creators": [
                {
                    "collaboration": codes[row.rank.pk],
                    "creator": row.rank.name,
                    "cells": stated_cells(found, row.cells, campaign.currency),
                }
                for row in found.rows
            ],
            "totals": stated_cells(found, list(found.total), campaign.currency),
        }
        return Response(MatrixSerializer(body).data)
