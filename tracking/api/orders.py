"""Orders from partners: posting them one by one or many at once, refunds, cancellations, and reading them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from campaigns.models import Collaboration
from groundswell.accounts.models import Brand
from groundswell.api.authentication import ApiRequest
from groundswell.api.errors import Conflict
from groundswell.api.views import ApiView
from groundswell.lib.money import CURRENCIES, exponent
from tracking.actions import matching, orders, stores
from tracking.models import Credit, Order, OrderLine, Refund, RefundLine, Store
from tracking.reports.evidence import evidence_of
from tracking.shops.orders import CodeOnOrder, OrderData, OrderLineData, RefundData, RefundLineData, largest_first

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST = 500
TAKEN = re.compile(
    r"bulk|\.{1,2}|(.*/)?(refunds|cancel|match)"
)  # an order of such an id would have no address of its own
STORE = OpenApiParameter("store", str, description="Code of the store; without it the orders that partners posted.")


class AmountField(serializers.DecimalField):
    """An amount of money as a string or number; never below zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=3, min_value=Decimal(0), **kwargs)


def reasonable(moment: datetime) -> None:
    if not EARLIEST <= moment <= timezone.now() + timedelta(days=1):
        raise serializers.ValidationError("This lies in the future, or before 2000.")


class CodeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40)
    amount = AmountField(default=Decimal(0), help_text="What this code took off the order.")


class LineInSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=80, required=False, allow_blank=True, default="", source="external_id")
    sku = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)
    net = AmountField(help_text="For all its pieces, after discounts and without tax.")


class RefundLineInSerializer(serializers.Serializer[Any]):
    line = serializers.CharField(max_length=80, source="line_ref", help_text="The id of the order's line.")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000)
    net = AmountField()


class OrderInSerializer(serializers.Serializer[Any]):
    external_id = serializers.CharField(max_length=80, help_text="Your id of the order: the same id is the same order.")
    placed_at = serializers.DateTimeField(required=False, validators=[reasonable], help_text="Now, when left out.")
    currency = serializers.CharField(max_length=3, help_text="ISO 4217.")
    net = AmountField(help_text="Goods after discounts, without tax and shipping.")
    discount = AmountField(default=Decimal(0))
    tax = AmountField(default=Decimal(0))
    shipping = AmountField(default=Decimal(0))
    codes = serializers.ListField(
        child=CodeSerializer(), required=False, max_length=20, help_text="Discount codes used on the order."
    )
    click_id = serializers.CharField(
        max_length=26, required=False, allow_blank=True, help_text="The parameter `icid` of the page the buyer came to."
    )
    customer_email = serializers.EmailField(
        required=False, allow_blank=True, help_text="Tells new from returning customers. Only a keyed hash is stored."
    )
    is_test = serializers.BooleanField(default=False)
    lines = serializers.ListField(
        child=LineInSerializer(), required=False, max_length=500, help_text="Its articles, if you want them kept."
    )
    subscription = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="Your id of the subscription the order belongs to."
    )
    is_renewal = serializers.BooleanField(
        default=False,
        help_text="A later order of the subscription: credited as its first, if the campaign pays.",
    )

    def validate_external_id(self, value: str) -> str:
        if TAKEN.fullmatch(value) or value != value.strip("/"):
            raise serializers.ValidationError("An order of this id could not be addressed; put a word before it.")
        return value

    def validate_currency(self, value: str) -> str:
        if value.upper() not in CURRENCIES:
            raise serializers.ValidationError("This is no ISO 4217 currency.")
        return value.upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("net", "discount", "tax", "shipping"):
            refuse_fractions(name, attrs[name], attrs["currency"])
        if attrs["is_renewal"] and not attrs.get("subscription"):
            raise serializers.ValidationError({"subscription": "A renewal belongs to a subscription: name it."})
        return attrs


def refuse_fractions(name: str, amount: Decimal, currency: str) -> None:
    """40.5 yen is a mistake of the caller's, most likely an amount in the wrong unit."""
    if amount != round(amount, exponent(currency)):
        raise serializers.ValidationError({name: f"{currency} has {exponent(currency)} decimals."})


class RefundInSerializer(serializers.Serializer[Any]):
    external_id = serializers.CharField(max_length=80, help_text="Your id of the refund.")
    refunded_at = serializers.DateTimeField(required=False, validators=[reasonable], help_text="Now, when left out.")
    net = AmountField(help_text="The goods' part, without tax and shipping, in the order's currency.")
    lines = serializers.ListField(
        child=RefundLineInSerializer(), required=False, max_length=500, help_text="What came back, by article."
    )


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    id = serializers.CharField(source="external_id")

    class Meta:
        model = OrderLine
        fields = ("id", "sku", "title", "quantity", "net")


class RefundLineSerializer(serializers.ModelSerializer[RefundLine]):
    line = serializers.CharField(source="line_ref")

    class Meta:
        model = RefundLine
        fields = ("line", "quantity", "net")


class RefundSerializer(serializers.ModelSerializer[Refund]):
    lines = RefundLineSerializer(many=True)

    class Meta:
        model = Refund
        fields = ("external_id", "refunded_at", "net", "lines")


class CreditSerializer(serializers.ModelSerializer[Credit]):
    collaboration = serializers.CharField(source="collaboration.code")
    campaign = serializers.CharField(source="collaboration.campaign.code")
    creator = serializers.CharField(source="collaboration.relationship.creator.name")
    currency = serializers.CharField(source="collaboration.campaign.currency")
    refund = serializers.CharField(source="refund.external_id", default=None, allow_null=True)

    class Meta:
        model = Credit
        fields = (
            "collaboration", "campaign", "creator", "rule", "reason", "share", "revenue", "commission", "currency",
            "credited_on", "refund",
        )  # fmt: skip


class OrderSerializer(serializers.ModelSerializer[Order]):
    store = serializers.CharField(source="store.code")
    codes = CodeSerializer(many=True)
    unmatched = serializers.ChoiceField(
        Order.Unmatched.choices, allow_blank=True, help_text="Why nobody is credited; empty: somebody is."
    )
    lines = LineSerializer(many=True)
    subscription = serializers.CharField(source="subscription_ref")
    refunds = RefundSerializer(many=True)
    credits = CreditSerializer(many=True)

    class Meta:
        model = Order
        fields = (
            "store", "external_id", "placed_at", "currency", "net", "discount", "tax", "shipping", "refunded", "codes",
            "click_id", "is_new_customer", "is_test", "unmatched", "cancelled_at", "subscription",
            "is_renewal", "lines", "refunds", "credits",
        )  # fmt: skip


class OrderEvidenceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["code", "click", "survey", "post"])
    at = serializers.DateTimeField()
    collaboration = serializers.CharField(source="collaboration.code", default=None, allow_null=True)
    was_known = serializers.BooleanField(help_text="When the order was decided on; what came later counts in replays.")
    facts = serializers.DictField(help_text="Code and discount, the answer's words, or a post with its views.")


class OneOrderSerializer(OrderSerializer):
    evidence = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "evidence")  # type: ignore[assignment]

    @extend_schema_field(OrderEvidenceSerializer(many=True))
    def get_evidence(self, order: Order) -> list[dict[str, Any]]:
        return list(OrderEvidenceSerializer(evidence_of(order), many=True).data)


class RowSerializer(serializers.Serializer[Any]):
    """What became of one order of many."""

    row = serializers.IntegerField(help_text="Its place in the list, from 0.")
    external_id = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(["created", "unchanged", "refused"])
    unmatched = serializers.ChoiceField(
        Order.Unmatched.choices,
        required=False,
        allow_blank=True,
        help_text="Why nobody is credited; empty: somebody is.",
    )
    error = serializers.DictField(required=False, help_text="For a refused one: its fields and what is wrong.")


class BulkInSerializer(serializers.Serializer[Any]):
    orders = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=MOST)


class BulkSchemaSerializer(serializers.Serializer[Any]):
    orders = OrderInSerializer(many=True, help_text=f"At most {MOST}.")


class BulkOutSerializer(serializers.Serializer[Any]):
    created = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    rows = RowSerializer(many=True)


def order_data(brand: Brand, fields: dict[str, Any]) -> OrderData:
    """Checked input as the action takes it."""
    email = fields.get("customer_email", "")
    return OrderData(
        external_id=fields["external_id"],
        placed_at=fields.get("placed_at") or timezone.now(),
        currency=fields["currency"],
        net=fields["net"],
        discount=fields["discount"],
        tax=fields["tax"],
        shipping=fields["shipping"],
        codes=largest_first([CodeOnOrder(use["code"], use["amount"]) for use in fields.get("codes", [])]),
        click_id=fields.get("click_id", ""),
        customer_key=orders.customer_key(brand, email) if email else "",
        is_test=fields["is_test"],
        lines=tuple(OrderLineData(**line) for line in fields.get("lines", [])),
        subscription_ref=fields.get("subscription", ""),
        is_renewal=fields["is_renewal"],
    )


def with_parts(rows: QuerySet[Order]) -> QuerySet[Order]:
    return rows.select_related("store__brand").prefetch_related(
        "lines",
        "refunds__lines",
        "credits__collaboration__campaign",
        "credits__collaboration__relationship__creator",
        "credits__refund",
    )


def shown(order: Order) -> dict[str, Any]:
    return dict(OrderSerializer(with_parts(Order.objects.filter(pk=order.pk)).get()).data)


def one_order(request: ApiRequest, external_id: str) -> Order:
    """The brand's order of an id in the store asked for, else in the partners' own; 404 for anything else."""
    rows = Order.objects.of(request.auth.brand).select_related("store__brand").filter(external_id=external_id)
    code = request.query_params.get("store")
    return get_object_or_404(rows, store__code=code) if code else get_object_or_404(rows, store__kind=Store.Kind.API)


class Orders(ApiView, ListAPIView[Order]):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read", "POST": "orders:write"}
    serializer_class = OrderSerializer

    def get_queryset(self) -> QuerySet[Order]:
        if getattr(self, "swagger_fake_view", False):
            return Order.objects.none()
        brand: Brand = self.request.auth.brand  # type: ignore[union-attr]
        return with_parts(Order.objects.of(brand))

    @extend_schema(operation_id="orders_list", tags=["orders"])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Your orders, newest first, with their refunds and credits."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="orders_create",
        tags=["orders"],
        request=OrderInSerializer,
        responses={201: OrderSerializer, 200: OrderSerializer},
    )
    def post(self, request: ApiRequest) -> Response:
        """Post an order. The same `external_id` again answers 200 with what is known; other figures answer 409."""
        fields = OrderInSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        brand = request.auth.brand
        try:
            order, is_new = orders.take_order(stores.api_store(brand), order_data(brand, fields.validated_data))
        except orders.OrderDiffers as error:
            raise Conflict(str(error)) from error
        return Response(shown(order), status=201 if is_new else 200)


class BulkOrders(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "orders:write"}

    @extend_schema(
        operation_id="orders_create_many", tags=["orders"], request=BulkSchemaSerializer, responses=BulkOutSerializer
    )
    def post(self, request: ApiRequest) -> Response:
        """Post up to 500 orders. Each stands for itself: the answer says row by row what became of it."""
        body = BulkInSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        store, brand = stores.api_store(request.auth.brand), request.auth.brand
        checked = [OrderInSerializer(data=row) for row in body.validated_data["orders"]]
        valid = {place: fields for place, fields in enumerate(checked) if fields.is_valid()}
        taken = orders.take_orders(
            store, {place: order_data(brand, fields.validated_data) for place, fields in valid.items()}
        )
        rows = [row_of(place, fields, taken.get(place)) for place, fields in enumerate(checked)]
        counts = {name: sum(row["status"] == name for row in rows) for name in ("created", "unchanged", "refused")}
        return Response({**counts, "rows": rows})


def row_of(place: int, fields: OrderInSerializer, taken: Any) -> dict[str, Any]:
    external_id = str(fields.initial_data.get("external_id", ""))[:80]
    if taken is None:
        return {"row": place, "external_id": external_id, "status": "refused", "error": fields.errors}
    if isinstance(taken, orders.OrderDiffers):
        return {"row": place, "external_id": external_id, "status": "refused", "error": {"net": [str(taken)]}}
    order, is_new = taken
    status = "created" if is_new else "unchanged"
    return {"row": place, "external_id": external_id, "status": status, "unmatched": order.unmatched}


class OneOrder(ApiView):
    scopes: ClassVar[dict[str, str]] = {"GET": "returns:read"}

    @extend_schema(operation_id="orders_read", tags=["orders"], parameters=[STORE], responses=OneOrderSerializer)
    def get(self, request: ApiRequest, external_id: str) -> Response:
        """An order with its refunds and credits, and the evidence it was decided on or that came later."""
        row = with_parts(Order.objects.filter(pk=one_order(request, external_id).pk)).select_related("evidence").get()
        return Response(OneOrderSerializer(row).data)


class Refunds(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "orders:write"}

    @extend_schema(
        operation_id="orders_refund",
        tags=["orders"],
        parameters=[STORE],
        request=RefundInSerializer,
        responses={201: OrderSerializer},
    )
    def post(self, request: ApiRequest, external_id: str) -> Response:
        """Give money back on an order, in part or in full; its credits are reversed in proportion."""
        order = one_order(request, external_id)
        fields = RefundInSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        given = fields.validated_data
        refuse_fractions("net", given["net"], order.currency)
        lines = tuple(RefundLineData(**line) for line in given.get("lines", []))
        refund = RefundData(given["external_id"], given.get("refunded_at") or timezone.now(), given["net"], lines=lines)
        try:
            orders.refund_order(order, refund)
        except (orders.RefundTooLarge, orders.RefundDiffers) as error:
            raise Conflict(str(error)) from error
        return Response(shown(order), status=201)


class Cancellation(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "orders:write"}

    @extend_schema(
        operation_id="orders_cancel", tags=["orders"], parameters=[STORE], request=None, responses=OrderSerializer
    )
    def post(self, request: ApiRequest, external_id: str) -> Response:
        """Cancel an order: what is left of it counts as given back. Twice is the same as once."""
        order = one_order(request, external_id)
        return Response(shown(orders.cancel_order(order, timezone.now())))


class MatchSerializer(serializers.Serializer[Any]):
    collaboration = serializers.CharField(max_length=40, help_text="Code of the collaboration to credit.")


class Match(ApiView):
    scopes: ClassVar[dict[str, str]] = {"POST": "orders:write"}

    @extend_schema(
        operation_id="orders_match",
        tags=["orders"],
        parameters=[STORE],
        request=MatchSerializer,
        responses=OrderSerializer,
    )
    def post(self, request: ApiRequest, external_id: str) -> Response:
        """Credit an order that nobody is credited with to a collaboration, by hand."""
        order = one_order(request, external_id)
        fields = MatchSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        rows = Collaboration.objects.filter(campaign__brand=request.auth.brand).select_related("campaign__brand")
        found = get_object_or_404(rows, code=fields.validated_data["collaboration"])
        try:
            matching.match_order(order, found)
        except matching.NotMatchable as error:
            raise Conflict(str(error)) from error
        return Response(shown(order))
