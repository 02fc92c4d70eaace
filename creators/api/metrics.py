"""Metrics, audience and benchmarks for partners: each number with its denominator, sample, source and time."""

from __future__ import annotations

from typing import Any

from django.db.models import Value
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from creators.actions.benchmarks import add_benchmark
from creators.api.creators import READ_WRITE
from creators.metrics import peers, profiles
from creators.metrics.figures import main_basis, measured, metrics_of, reported
from creators.metrics.rates import AnyRate
from creators.models import (
    AccountMetrics,
    AudienceSlice,
    Benchmark,
    Creator,
    Evidence,
    Network,
    SocialAccount,
    TierScheme,
)
from groundswell.api.authentication import ApiRequest
from groundswell.api.idempotency import Idempotent

RATES = {f"rate_{basis}{part}" for basis in ("followers", "reach", "views") for part in ("", "_n")}


class MeasuredRateSerializer(serializers.Serializer[Any]):
    """A rate of one denominator. Rates of different denominators are different quantities: never compare them."""

    value = serializers.DecimalField(max_digits=12, decimal_places=6, allow_null=True, help_text="A fraction.")
    denominator = serializers.ChoiceField(choices=["followers", "reach", "views"], source="basis")
    n = serializers.IntegerField(allow_null=True, help_text="Posts; null: nobody said from how many.")
    source = serializers.CharField(  # type: ignore[assignment]  # which is what the answer calls it
        help_text="Where the posts or the rate are from; several with commas."
    )
    observed_at = serializers.DateTimeField(allow_null=True)


class AccountMetricsSerializer(serializers.ModelSerializer[AccountMetrics]):
    """Medians and shares over the last posts that count; null is unknown."""

    class Meta:
        model = AccountMetrics
        exclude = ["account", *sorted(RATES)]


class PeerPlaceSerializer(serializers.Serializer[Any]):
    tier = serializers.CharField(allow_null=True, help_text="In your brand's scheme.")
    n = serializers.IntegerField(
        help_text="Accounts of the same network and tier in your directory with such a rate that were compared."
    )
    of = serializers.IntegerField(help_text="How many there are; estimated unless `is_exact`.")
    is_exact = serializers.BooleanField(help_text="All were compared; else `n` were drawn at random.")
    share_below = serializers.DecimalField(
        max_digits=9, decimal_places=6, allow_null=True, source="share", help_text="Null with fewer than 20 peers."
    )
    margin = serializers.FloatField(
        allow_null=True, help_text="Half of the 95 % interval of `share_below`; null where all were compared."
    )


class PublishedSerializer(serializers.Serializer[Any]):
    denominator = serializers.CharField(source="rate.basis")
    low = serializers.DecimalField(max_digits=14, decimal_places=6, allow_null=True)
    high = serializers.DecimalField(max_digits=14, decimal_places=6, allow_null=True)
    sources = serializers.SerializerMethodField()
    not_compared = serializers.ListField(child=serializers.CharField(), source="refusals")

    def get_sources(self, beside: peers.Beside) -> list[str]:
        return [row.source for row in beside.rows]


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """What the creator proves with a file of the network's own statistics; null was not said."""

    class Meta:
        model = Evidence
        fields = ["observed_on", "reach", "views", "period_days"]


class AccountFiguresSerializer(serializers.Serializer[Any]):
    network = serializers.ChoiceField(choices=Network.choices)
    handle = serializers.CharField()
    followers = serializers.IntegerField(allow_null=True)
    main_denominator = serializers.CharField(help_text="The rate that this network's accounts are told by.")
    rates = MeasuredRateSerializer(many=True)
    reported_rate = MeasuredRateSerializer(allow_null=True)
    metrics = AccountMetricsSerializer(allow_null=True)
    evidence = EvidenceSerializer(many=True, help_text="Latest first; the source is the creator, with evidence.")
    peers = PeerPlaceSerializer()
    published = PublishedSerializer()


class SliceSerializer(serializers.ModelSerializer[AudienceSlice]):
    network = serializers.CharField(source="account.network")
    handle = serializers.CharField(source="account.handle")

    class Meta:
        model = AudienceSlice
        fields = ["network", "handle", "kind", "key", "share", "source", "observed_at"]


class BenchmarkSerializer(serializers.ModelSerializer[Benchmark]):
    """A published figure, or one of your own (`is_own`). Rows of one cell may contradict each other."""

    is_own = serializers.SerializerMethodField()

    class Meta:
        model = Benchmark
        exclude = ["id", "owner", "created_at"]
        read_only_fields = ["code"]

    def get_is_own(self, row: Benchmark) -> bool:
        return row.owner_id is not None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        high, low, kind = attrs.get("high"), attrs["low"], attrs.get("kind", Benchmark.Kind.VALUE)
        if high is not None and high < low:
            raise serializers.ValidationError({"high": ["The band ends below its start."]})
        lower, upper = attrs.get("lower"), attrs.get("upper")
        if lower is not None and upper is not None and upper <= lower:
            raise serializers.ValidationError({"upper": ["The tier ends at or below its start."]})
        if (kind == Benchmark.Kind.UPLIFT) != bool(attrs.get("against")):
            raise serializers.ValidationError(
                {"against": ["An uplift, and nothing else, names the tier it is against."]}
            )
        return attrs


class CreatorMetrics(GenericAPIView[Any]):
    """What a creator's accounts measure, where they stand among your directory's peers, and what is published."""

    scopes = READ_WRITE
    serializer_class = AccountFiguresSerializer
    queryset = Creator.objects.none()

    @extend_schema(operation_id="creator_metrics", responses=AccountFiguresSerializer(many=True))
    def get(self, request: ApiRequest, code: str) -> Response:
        brand = request.auth.brand
        creator = get_object_or_404(Creator.objects.of(brand), code=code)
        scheme = TierScheme.objects.of(brand).prefetch_related("bands").first()
        accounts = SocialAccount.objects.leading(Value(creator.pk)).select_related("metrics")
        found = [self.figures(request, account, scheme) for account in accounts]
        return Response(AccountFiguresSerializer(found, many=True).data)

    def figures(self, request: ApiRequest, account: SocialAccount, scheme: TierScheme | None) -> dict[str, Any]:
        brand = request.auth.brand
        placed = peers.place(brand, account, scheme)
        rows = list(Benchmark.objects.visible_to(brand).engagement_on(account.network).in_order())
        rates: list[AnyRate] = list(measured(account).values())
        return {
            "network": account.network,
            "handle": account.handle,
            "followers": account.followers,
            "main_denominator": main_basis(account),
            "rates": rates,
            "reported_rate": reported(account),
            "metrics": metrics_of(account),
            "evidence": account.evidence.latest_first(),
            "peers": placed,
            "published": peers.beside(placed.rate, rows, account, placed.tier),
        }


class CreatorAudience(GenericAPIView[Any]):
    """Who follows a creator: shares by country, city, age, gender and language, each with its source."""

    scopes = READ_WRITE
    serializer_class = SliceSerializer
    queryset = AudienceSlice.objects.none()

    @extend_schema(operation_id="creator_audience", responses=SliceSerializer(many=True))
    def get(self, request: ApiRequest, code: str) -> Response:
        creator = get_object_or_404(Creator.objects.of(request.auth.brand), code=code)
        rows = AudienceSlice.objects.filter(account__creator=creator).select_related("account")
        return Response(SliceSerializer(rows.order_by("account", "kind", "-share", "key"), many=True).data)


class SpreadSerializer(serializers.Serializer[Any]):
    """The quartiles of the known values; null with fewer than five."""

    n = serializers.IntegerField(help_text="Accounts of which it is known.")
    low = serializers.FloatField(allow_null=True, help_text="Lower quartile.")
    middle = serializers.FloatField(allow_null=True, help_text="Median.")
    high = serializers.FloatField(allow_null=True, help_text="Upper quartile.")


class KnownShareSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField()
    of = serializers.IntegerField(help_text="Of whom it is known.")
    share = serializers.FloatField(allow_null=True, help_text="Null where it is known of fewer than five.")


class CrowdSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Accounts looked at.")
    of = serializers.IntegerField(help_text="Accounts there are; estimated unless `is_exact`.")
    is_exact = serializers.BooleanField(help_text="All were looked at; else `n` were drawn at random.")
    rate = SpreadSerializer(help_text="Median engagement rates, fractions of the denominator named above.")
    views = SpreadSerializer(help_text="Median views of the latest posts.")
    posts_per_week = SpreadSerializer()
    price = SpreadSerializer(help_text="Asked per post, in the currency named above.")
    product_only = KnownShareSerializer(help_text="Work for product alone, of those who say.")
    connected = KnownShareSerializer(help_text="Let their own numbers be read.")
    worked = KnownShareSerializer(help_text="Accepted a collaboration with your brand.")


class PublishedForTierSerializer(serializers.Serializer[Any]):
    low = serializers.DecimalField(max_digits=14, decimal_places=6, allow_null=True)
    high = serializers.DecimalField(max_digits=14, decimal_places=6, allow_null=True)
    sources = serializers.SerializerMethodField()
    not_compared = serializers.IntegerField(source="unlike", help_text="Published figures of other denominators.")

    def get_sources(self, published: profiles.Published) -> list[str]:
        return [row.source for row in published.rows]


class TierProfileSerializer(serializers.Serializer[Any]):
    tier = serializers.CharField(source="band.name")
    lower = serializers.IntegerField(source="band.lower", allow_null=True)
    upper = serializers.IntegerField(source="band.upper", allow_null=True)
    programme = CrowdSerializer(help_text="Creators your brand has a relationship with, blocked ones left out.")
    directory = CrowdSerializer(help_text="Everybody your brand sees.")
    published = PublishedForTierSerializer()


class TierProfilesSerializer(serializers.Serializer[Any]):
    network = serializers.ChoiceField(choices=Network.choices)
    denominator = serializers.CharField(source="rate.basis")
    currency = serializers.CharField()
    tiers = TierProfileSerializer(many=True)


class TierProfiles(GenericAPIView[Any]):
    """What each of your tiers looks like on one network: in your programme, in your directory, and as published."""

    scopes = READ_WRITE
    serializer_class = TierProfilesSerializer
    queryset = Creator.objects.none()

    @extend_schema(
        operation_id="tier_profiles",
        parameters=[OpenApiParameter("network", str, enum=Network.values, description="instagram unless named.")],
        responses=TierProfilesSerializer,
    )
    def get(self, request: ApiRequest) -> Response:
        network = request.query_params.get("network") or Network.INSTAGRAM.value
        if network not in Network.values:
            raise serializers.ValidationError({"network": [f"One of {', '.join(Network.values)}."]})
        scheme = TierScheme.objects.of(request.auth.brand).prefetch_related("bands").first()
        return Response(TierProfilesSerializer(profiles.profiles_of(request.auth.brand, network, scheme)).data)


class BenchmarkList(Idempotent, GenericAPIView[Any]):
    """Published benchmarks and your own."""

    scopes = READ_WRITE
    serializer_class = BenchmarkSerializer
    queryset = Benchmark.objects.none()

    @extend_schema(
        operation_id="benchmarks_list",
        parameters=[
            OpenApiParameter("metric", str, enum=Benchmark.Metric.values),
            OpenApiParameter("network", str, enum=Network.values),
        ],
        responses=BenchmarkSerializer(many=True),
    )
    def get(self, request: ApiRequest) -> Response:
        rows = Benchmark.objects.visible_to(request.auth.brand).in_order()
        given = {name: request.query_params[name] for name in ("metric", "network") if name in request.query_params}
        return Response(BenchmarkSerializer(rows.filter(**given), many=True).data)

    @extend_schema(operation_id="benchmarks_create", responses={201: BenchmarkSerializer})
    def post(self, request: ApiRequest) -> Response:
        """Add a figure of your own; no other brand sees it."""
        form = BenchmarkSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = add_benchmark(request.auth.brand, by=request.auth.created_by, **form.validated_data)
        return Response(BenchmarkSerializer(row).data, status=201)
