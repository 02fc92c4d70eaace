"""Who may open what, asked of the URL resolver: a new page or endpoint is tested from the moment it has a route.

A route whose argument has no object in `world`, and a view that says nothing about its audience and isn't listed as
public, fail here on purpose: say what the argument names, and decide who may come in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Cost, Submission
from creators.actions.imports import upload_import
from creators.actions.shares import share_list
from creators.models import Benchmark, Claim, Creator, CustomField, DataRequest, Evidence, Shortlist
from creators.models.exports import Export
from creators.models.merges import MergeProposal
from creators.models.vetting import VettingRun
from groundswell.accounts.models import Brand, Invitation, Membership, Role, Scope, User
from groundswell.web.decorators import brand_page
from tests import factories as make
from tests import networks
from tracking.actions.imports import upload_orders
from tracking.actions.reports import create_report, share_report
from tracking.actions.surveys import receive_answer
from tracking.models import AttributionRule, AttributionRun, LinkDomain, PriceList

# Routes for everybody, with the reason.
PUBLIC = {
    "web:home": "the front page, for people who are not signed in",
    "web:design": "samples of the design system, only while developing",
    "web:healthz": "for probes",
    "web:metrics": "the token in the header is the proof",
    "accounts:invitation": "the link in it is the proof",
    "creators:portal-enter": "the link in it is the proof",
    "creators:portal-sign-in": "for creators who come without a link",
    "creators:shared": "the link in it is the proof",
    "creators:shared-password": "the link in it is the proof",
    "creators:shared-verdict": "the link in it is the proof",
    "creators:portal-sign-out": "signing out is always allowed",
    "creators:join": "creators sign up here",
    "creators:join-confirm": "the link in it is the proof",
    "creators:erase-confirm": "the link in it is the proof",
    "creators:remove": "people without a sign-in have their data erased here",
    "creators:remove-confirm": "the link in it is the proof",
    "creators:remove-cancel": "the link in it is the proof",
    "creators:kit": "a media kit is public while its creator wants it",
    "creators:kit-pdf": "a media kit is public while its creator wants it",
    "creators:kit-card": "a media kit is public while its creator wants it",
    "outreach:unsubscribe": "the link in it is the proof",
    "tracking:report-unsubscribe": "the link in it is the proof",
    "tracking:shared-report": "the link in it is the proof",
    "tracking:shared-report-csv": "the link in it is the proof",
    "tracking:shared-report-file": "the link in it is the proof",
    "tracking:shared-report-password": "the link in it is the proof",
    "tracking:shopify": "the shop's signature is the proof",
    "tracking:snippet-script": "brands' pages load it, and it holds nothing of any brand",
    "tracking:collect-lead": "pages of the brand's domains call it for their visitors",
    "tracking:collect-answer": "pages of the brand's domains call it for their visitors",
    "api-schema": "the API's description holds nothing of any brand",
    "api-docs": "the API's description holds nothing of any brand",
}
ANY_KEY = {"api-me"}
# Arguments that name nothing of anybody.
PLAIN = {("connections", "network"), ("accounts", "network"), ("qr", "kind"), ("out", "wish"), ("sections", "section")}
# Tables that a refused call may touch: the session, and when the key was last used.
UNWATCHED = {"django_session", "accounts_apikey"}
World = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Route:
    name: str
    template: str  # "campaigns/<slug:code>/launch/"
    view: Any

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> str:
        if hasattr(self.view, "cls"):
            return "public" if self.name in PUBLIC else "api"
        return str(getattr(self.view, "audience", "public"))

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """(the last fixed part of the path in front, the argument): ("campaigns", "code")."""
        found = re.finditer(r"<(?:\w+:)?(\w+)>", self.template)
        fixed = (re.sub(r"<[^>]+>", "", self.template[: match.start()]) for match in found)
        names = re.findall(r"<(?:\w+:)?(\w+)>", self.template)
        return [(re.findall(r"[\w-]+", before)[-1], name) for before, name in zip(fixed, names, strict=True)]

    @property
    def objects(self) -> list[tuple[str, str]]:
        """The arguments that name something of a brand."""
        return [argument for argument in self.arguments if argument not in PLAIN]

    @property
    def methods(self) -> list[str]:
        """Of an endpoint: those it answers and names a scope for."""
        return [method for method in self.view.cls.scopes if hasattr(self.view.cls, method.lower())]

    def path(self, objects: World, first: World | None = None) -> str:
        """The address with the objects filled in; the first argument from `first` where given."""
        filled = self.template
        for place, argument in enumerate(self.arguments):
            value = (first if first is not None and place == 0 else objects).get(argument)
            assert value is not None, f"{self.name}: say in `world` what {argument} names."
            filled = re.sub(r"<[^>]+>", str(value), filled, count=1)
        return f"/{filled}"


Each = Callable[[list[Route], Callable[[Route], str]], None]


def walk(patterns: list[Any], prefix: str = "", space: str = "") -> Iterator[Route]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, prefix + str(pattern.pattern), below)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{space}{pattern.name or pattern.pattern}", prefix + str(pattern.pattern), pattern.callback)


def is_ours(route: Route) -> bool:
    """Not Django's admin and not allauth's own pages, which have tests of their own."""
    return not route.name.startswith(("admin:", "account_"))


ROUTES = [route for route in walk(get_resolver("groundswell.urls").url_patterns) if is_ours(route)]
BRAND = [route for route in ROUTES if route.audience == "brand"]
PERSON = [route for route in ROUTES if route.audience == "person"]
PORTAL = [route for route in ROUTES if route.audience == "creator"]
API = [route for route in ROUTES if route.audience == "api"]


def world(brand: Brand, by: User, creator_user: User) -> World:
    """One object of the brand for each argument of each route, by the part of the path in front of it."""
    creator = make.creator(owner=brand, user=creator_user)
    relationship = make.relationship(brand, creator, email=creator_user.email, user=creator_user)
    campaign = make.campaign(brand, by=by)
    collaboration = make.collaboration(campaign, relationship, status="accepted")
    piece = campaign.deliverables.get()
    submission = Submission.objects.create(collaboration=collaboration, deliverable=piece, post=make.post(creator))
    cost = Cost.objects.create(campaign=campaign, kind=Cost.Kind.ADS, amount=5, incurred_on="2026-01-01")
    twin = make.creator(owner=brand)
    upload = upload_import(brand, ContentFile(b"handle,network\n@one,instagram\n"), "creators.csv")
    order = make.order(brand)
    listed = Shortlist.objects.create(brand=brand, name="To vet")
    member = Membership.objects.filter(brand=brand).order_by("-pk")[0]
    return {
        ("switch", "code"): brand.code,
        ("team", "code"): member.code,
        ("invitations", "code"): Invitation.objects.create(brand=brand, email=f"x@{brand.code}.example").code,
        ("api-keys", "prefix"): make.api_key(brand).split("_")[1],
        ("connections", "network"): "instagram",
        ("connections", "code"): networks.connection("youtube", "key", brand=brand).code,
        ("accounts", "network"): "tiktok",
        ("accounts", "code"): networks.connection("tiktok", "own", user=creator_user).code,
        ("creators", "code"): creator.code,
        ("claims", "code"): Claim.objects.create(user=creator_user, network="tiktok", handle="mine").code,
        ("evidence", "code"): (proof := evidence_of(creator)).code,
        ("evidence", "evidence"): proof.code,
        ("copies", "code"): DataRequest.objects.create(
            user=creator_user, kind="copy", file=ContentFile(b"", "data.zip")
        ).code,
        ("out", "wish"): "unlisted",
        ("accounts", "account"): creator.accounts.get().pk,
        ("benchmarks", "code"): Benchmark.objects.create(owner=brand, metric="engagement", low=0, source="Us").code,
        ("vetting", "code"): VettingRun.objects.create(brand=brand, shortlist=listed, creators=[creator.pk]).code,
        ("vetting-runs", "code"): VettingRun.objects.create(brand=brand, shortlist=listed, creators=[]).code,
        ("shortlists", "code"): Shortlist.objects.create(brand=brand).code,
        ("custom-fields", "code"): CustomField.objects.create(brand=brand, name="Size").code,
        ("shares", "code"): share_list(
            Shortlist.objects.create(brand=brand, name="Shared"),
            by=by,
            expires_at=timezone.now() + timedelta(days=1),
        )[0].code,
        ("searches", "code"): Shortlist.objects.create(brand=brand, name="Saved", query="niche=food").code,
        ("imports", "code"): upload.code,
        ("survey-answers", "pk"): receive_answer(order.store, order.external_id, "Instagram", timezone.now())[0].pk,
        ("order-imports", "code"): upload_orders(
            order.store, ContentFile(b"id,date,net\n1,2026-01-01,5\n"), "o.csv"
        ).code,
        ("exports", "code"): Export.objects.create(brand=brand, file=ContentFile(b"Name", "x.csv")).code,
        ("merges", "code"): MergeProposal.objects.create(brand=brand, first=creator, second=twin).code,
        ("campaigns", "code"): campaign.code,
        ("codes", "code"): make.discount_code(collaboration).code,
        ("costs", "pk"): cost.pk,
        ("collaborations", "code"): collaboration.code,
        ("submissions", "code"): submission.code,
        ("portal", "code"): collaboration.code,
        ("submit", "piece"): piece.pk,
        ("conversations", "code"): relationship.code,
        ("messages", "code"): make.message(relationship).code,
        ("templates", "code"): make.email_template(brand).code,
        ("stores", "code"): make.store(brand).code,
        ("media-value", "pk"): PriceList.objects.create(brand=brand, starts_on="2026-01-01", currency="EUR").pk,
        ("rules", "code"): (rule := AttributionRule.objects.create(brand=brand, name="own")).code,
        ("attribution-rules", "code"): rule.code,
        ("replays", "code"): AttributionRun.objects.create(
            brand=brand, label="own/1", params={}, since="2026-01-01", until="2026-01-31", cutoff=timezone.now()
        ).code,
        ("commissions", "code"): collaboration.code,
        ("reports", "code"): (report := create_report(brand, by=by, campaigns=[campaign], name="Weekly")).code,
        ("sections", "section"): "headline",
        ("report-shares", "code"): share_report(report, by=by, expires_at=timezone.now() + timedelta(days=1))[0].code,
        ("links", "slug"): make.link(collaboration).slug,
        ("link-domains", "code"): LinkDomain.objects.create(brand=brand, host=f"go.{brand.code}.example").code,
        ("qr", "kind"): "svg",
        ("orders", "external_id"): order.external_id,
        ("orders", "store"): order.store.code,
        ("orders", "pk"): order.pk,
    }


def evidence_of(creator: Creator) -> Evidence:
    file = ContentFile(b"%PDF-1.7", "reach.pdf")
    return Evidence.objects.create(
        account=creator.accounts.get(), file=file, observed_on="2026-01-01", kind="application/pdf"
    )


@pytest.fixture(autouse=True)
def apart(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


@pytest.fixture
def acmes(acme: Brand, alice: User, bob: User, dana: User) -> World:
    return world(acme, alice, dana)


@pytest.fixture
def globexs(globex: Brand, charlie: User, acmes: World) -> World:
    return world(globex, charlie, make.user("eve@creators.example", kind=User.Kind.CREATOR))


@pytest.fixture
def each() -> Each:
    """`each(routes, check)` collects what is wrong with each route, and whether any row of any table changed."""
    tables = [name for name in connection.introspection.table_names() if name not in UNWATCHED]
    one = "SELECT '{0}', count(*) || ':' || coalesce(sum(hashtext(t::text)), 0) FROM \"{0}\" t"
    sql = " UNION ALL ".join(one.format(name) for name in tables)

    def rows() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return dict(cursor.fetchall())

    def run(routes: list[Route], check: Callable[[Route], str]) -> None:
        wrong: dict[str, str] = {}
        before = rows()
        for route in routes:
            said, changed = "", []
            try:
                with transaction.atomic():
                    said = check(route)
                    changed = [name for name, sum_ in rows().items() if before[name] != sum_]
                    transaction.set_rollback(True)
            except Exception as problem:  # noqa: BLE001 a page that breaks is one more thing to report
                said = f"raised {problem!r}"
            if said or changed:
                wrong[route.name] = " and ".join(filter(None, [said, f"changed {changed}" if changed else ""]))
        assert not wrong

    return run


def with_objects(routes: list[Route]) -> list[Route]:
    return [route for route in routes if route.objects]


def both(client: Client, path: str) -> list[Any]:
    return [client.get(path), client.post(path)]


def only(allowed: set[int], needed: int | None, answers: list[Any]) -> str:
    """What is wrong with the answers' statuses: one outside `allowed`, or `needed` not among them."""
    got = [answer.status_code for answer in answers]
    right = set(got) <= allowed and (needed is None or needed in got)
    return "" if right else f"answered {got}"


def sent_to(page: str, answers: list[Any]) -> str:
    """What is wrong: an answer that neither leads to the page nor refuses the method, or none that leads there."""
    there = [answer.status_code == 302 and answer.headers["Location"].startswith(page) for answer in answers]
    refused = [answer.status_code == 405 for answer in answers]
    right = any(there) and all(one or other for one, other in zip(there, refused, strict=True))
    return "" if right else f"answered {[(answer.status_code, answer.headers.get('Location')) for answer in answers]}"


def calls(client: APIClient, route: Route, objects: World, *methods: str) -> list[Any]:
    path = route.path(objects)
    return [getattr(client, method.lower())(path) for method in methods or route.methods or ["GET"]]


def others(route: Route, method: str) -> list[str]:
    """Every scope but the one that the method wants."""
    return [scope for scope in Scope.values if scope != route.view.cls.scopes[method]]


def with_key(brand: Brand, *scopes: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make.api_key(brand, *scopes)}")
    return client


# Every route is accounted for


def test_every_view_says_who_may_come_in() -> None:
    known = {"brand", "person", "creator", "shop", "api"}
    silent = [route.name for route in ROUTES if route.audience not in known and route.name not in PUBLIC]
    assert not silent, "Decorate these views, or list them as public with the reason."


def test_list_of_public_routes_names_only_routes() -> None:
    assert set(PUBLIC) | ANY_KEY <= {route.name for route in ROUTES}


def test_every_argument_names_an_object(acmes: World) -> None:
    assert not [route.path(acmes) for route in [*BRAND, *PERSON, *PORTAL, *API] if "<" in route.path(acmes)]


def test_names_of_routes_are_unique() -> None:
    names = [route.name for route in ROUTES if not route.name.endswith("/")]
    assert len(names) == len(set(names))


# Brand pages


def test_stranger_finds_nothing(acmes: World, as_charlie: Client, each: Each) -> None:
    each(with_objects(BRAND), lambda route: only({404, 405}, 404, both(as_charlie, route.path(acmes))))


def test_stranger_finds_nothing_below_an_object_of_their_own(
    acmes: World, globexs: World, as_charlie: Client, each: Each
) -> None:
    nested = [route for route in BRAND if len(route.objects) > 1]
    each(nested, lambda route: only({404, 405}, 404, both(as_charlie, route.path(acmes, first=globexs))))


def test_viewer_changes_nothing(acmes: World, as_bob: Client, each: Each) -> None:
    def wanted(route: Route) -> int:
        return 405 if route.view.capability is None else 403

    each(BRAND, lambda route: only({wanted(route)}, wanted(route), [as_bob.post(route.path(acmes))]))


def test_reading_writes_nothing(acmes: World, as_alice: Client, each: Each) -> None:
    each(BRAND, lambda route: only({200, 302, 405}, None, [as_alice.get(route.path(acmes))]))


def test_nobody_is_asked_to_sign_in(acmes: World, client: Client, each: Each) -> None:
    each([*BRAND, *PERSON], lambda route: sent_to("/accounts/login/", both(client, route.path(acmes))))


def test_creator_is_led_to_the_portal(acmes: World, as_dana: Client, each: Each) -> None:
    each([*BRAND, *PERSON], lambda route: sent_to("/portal/", both(as_dana, route.path(acmes))))


def test_person_finds_nothing_of_strangers(acmes: World, as_charlie: Client, each: Each) -> None:
    each(with_objects(PERSON), lambda route: only({404, 405}, 404, both(as_charlie, route.path(acmes))))


# Portal


def test_other_creator_finds_nothing(acmes: World, each: Each) -> None:
    eve = Client()
    eve.force_login(make.user("eve@creators.example", kind=User.Kind.CREATOR))
    each(with_objects(PORTAL), lambda route: only({404, 405}, 404, both(eve, route.path(acmes))))


def test_brand_people_stay_out_of_the_portal(acmes: World, as_alice: Client, each: Each) -> None:
    each(PORTAL, lambda route: only({403, 405}, 403, both(as_alice, route.path(acmes))))


def test_nobody_is_asked_to_sign_in_to_the_portal(acmes: World, client: Client, each: Each) -> None:
    each(PORTAL, lambda route: sent_to("/portal/sign-in/", both(client, route.path(acmes))))


def test_reading_the_portal_writes_nothing(acmes: World, as_dana: Client, each: Each) -> None:
    each(PORTAL, lambda route: only({200, 302, 405}, None, [as_dana.get(route.path(acmes))]))


# Partner API


def test_every_endpoint_names_its_scopes() -> None:
    known = set(Scope.values)
    silent = [route.name for route in API if not route.methods or not set(route.view.cls.scopes.values()) <= known]
    assert set(silent) == ANY_KEY


def test_no_key_no_answer(acmes: World, each: Each) -> None:
    each(API, lambda route: only({401}, 401, calls(APIClient(), route, acmes)))


def test_key_without_the_scope_is_refused(acme: Brand, acmes: World, each: Each) -> None:
    def check(route: Route) -> str:
        return "".join(
            only({403}, 403, calls(with_key(acme, *others(route, method)), route, acmes, method))
            for method in route.methods
        )

    each([route for route in API if route.name not in ANY_KEY], check)


def test_key_of_another_brand_finds_nothing(globex: Brand, acmes: World, each: Each) -> None:
    each(with_objects(API), lambda route: only({404}, 404, calls(with_key(globex), route, acmes)))


def test_key_with_the_scope_reads(acme: Brand, acmes: World, each: Each) -> None:
    reading = [route for route in API if "GET" in route.methods]
    each(reading, lambda route: only({200}, 200, calls(with_key(acme), route, acmes, "GET")))


# Operators


def test_operators_pages_are_for_operators(as_alice: Client, client: Client, admin_client: Client) -> None:
    assert as_alice.get("/operator/").status_code == 302
    assert client.get("/operator/").status_code == 302
    assert admin_client.get("/operator/").status_code == 200


# The guard itself


@pytest.mark.parametrize(
    ("role", "capabilities"),
    [
        (Role.OWNER, {"own", "manage", "review", "cost", "spend"}),
        (Role.MANAGER, {"manage", "review", "cost"}),
        (Role.REVIEWER, {"review"}),
        (Role.FINANCE, {"cost", "spend"}),
        (Role.VIEWER, set()),
    ],
)
def test_what_each_role_may(role: str, capabilities: set[str]) -> None:
    member = Membership(role=role)
    assert {word for word in ("own", "manage", "review", "cost", "spend") if member.may(word)} == capabilities


def test_decorated_views_tell_whom_they_are_for() -> None:
    view = brand_page("manage")(lambda request: None)  # type: ignore[arg-type,return-value]
    assert (view.audience, view.capability) == ("brand", "manage")  # type: ignore[attr-defined]
