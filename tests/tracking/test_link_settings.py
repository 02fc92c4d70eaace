"""The template of links, allowed sites and apps, own domains: pages, API, and who may change them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import dns.flags
import dns.message
import dns.rrset
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign, Collaboration
from creators.models import Relationship
from groundswell.accounts.models import Brand, User
from tests import factories as make
from tracking.actions.destinations import Allowed, ForeignDestinationError
from tracking.actions.domains import DomainNotProvedError, DomainTakenError, add_domain, verify_domain
from tracking.actions.links import issue_links, issue_tracking
from tracking.dns import DnsAwayError, txt_records
from tracking.models import LinkDomain, LinkRules, LinkTemplate, TrackingLink
from tracking.utm import filled, problem_of

FIELDS = {
    "utm_source": "{network}",
    "utm_medium": "creator",
    "utm_campaign": "{campaign}-2026",
    "utm_term": "{tier}",
    "utm_content": "{handle}-{placement}",
    "placements": "Story\nBio",
}


@pytest.fixture
def agreed(campaign: Campaign, relationship: Relationship) -> Collaboration:
    return make.collaboration(campaign, relationship, status="accepted")


def partner(brand: Brand) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make.api_key(brand, 'returns:read', 'campaigns:write')}")
    return client


# Template


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{handle}-{placement}", "dana.field"),
        ("{placement}-{handle}", "dana.field"),
        ("x-{placement}-{handle}", "x-dana.field"),
        ("{tier}", ""),
        ("plain", "plain"),
    ],
)
def test_an_empty_variable_leaves_no_hyphen_behind(template: str, value: str) -> None:
    assert filled(template, {"handle": "dana.field", "placement": "", "tier": ""}) == value


@pytest.mark.parametrize("template", ["Instagram", "{creator}", "{handle", "handle}", "a b", "ü", "{{tier}}", "a&b"])
def test_dub_takes_instagram_and_Instagram_for_two_sources(template: str) -> None:  # noqa: N802 - that is the defect
    assert problem_of(template)


def test_acceptance_makes_what_the_brands_template_says(agreed: Collaboration, as_alice: Client) -> None:
    assert as_alice.post("/settings/links/", FIELDS).status_code == 302
    issue_tracking(agreed)
    links = {link.placement: link for link in TrackingLink.objects.all()}
    assert set(links) == {"", "Story", "Bio"}
    bio = links["Bio"]
    assert (bio.utm_medium, bio.utm_campaign, bio.utm_content) == ("creator", "spring-launch-2026", "dana.field-bio")


def test_a_campaigns_template_goes_before_the_brands_and_is_applied_on_request(
    agreed: Collaboration, as_alice: Client
) -> None:
    link, _ = issue_tracking(agreed)
    path = f"/campaigns/{agreed.campaign.code}/links/"
    as_alice.post("/settings/links/", {**FIELDS, "utm_medium": "brand"})
    assert as_alice.post(path, {**FIELDS, "utm_medium": "campaign"}).status_code == 302
    link.refresh_from_db()
    assert link.utm_medium == "influencer"
    before = link.updated_at
    as_alice.post(f"{path}apply/")
    link.refresh_from_db()
    assert (link.utm_medium, link.utm_campaign) == ("campaign", "spring-launch-2026")
    assert link.updated_at > before


def test_a_template_with_a_mistake_is_not_saved(as_alice: Client) -> None:
    answer = as_alice.post("/settings/links/", {**FIELDS, "utm_source": "Insta"})
    assert (answer.status_code, LinkTemplate.objects.count()) == (422, 0)
    assert b"lower-case" in answer.content


# Many at once


def several(campaign: Campaign, count: int) -> None:
    for number in range(count):
        creator = make.creator("Dana Field", handle=f"dana{number}")
        make.collaboration(campaign, make.relationship(campaign.brand, creator), status="accepted")


def test_links_for_several_placements_are_made_for_everyone_who_agreed(campaign: Campaign, as_alice: Client) -> None:
    several(campaign, 3)
    for _ in range(2):
        answer = as_alice.post("/links/new/", {"campaign": campaign.code, "placements": "Story\nBio\n story"})
        assert answer.status_code == 302
    assert sorted(TrackingLink.objects.values_list("placement", flat=True)) == ["Bio"] * 3 + ["Story"] * 3
    assert TrackingLink.objects.values("slug").distinct().count() == 6


def test_making_links_asks_as_often_for_many_as_for_few(campaign: Campaign, django_assert_max_num_queries: Any) -> None:
    """Beside one event a link."""
    several(campaign, 12)
    with django_assert_max_num_queries(14 + 24):
        assert len(issue_links(campaign, ["Story", "Bio"])) == 24


def test_two_creators_of_one_name_get_slugs_of_their_own(campaign: Campaign) -> None:
    for handle in ("dana_field", "dana.field"):
        creator = make.creator("Dana", handle=handle)
        make.collaboration(campaign, make.relationship(campaign.brand, creator), status="accepted")
    slugs = {link.slug for link in issue_links(campaign, ["Bio"])}
    assert slugs == {"dana-field-spring-launch-bio", "dana-field-spring-launch-bio-2"}


# Where links may lead


def test_the_brand_adds_sites_and_apps(campaign: Campaign, as_alice: Client) -> None:
    data = {"hosts": "https://Outlet.example/x\n", "app_schemes": "acme-shop://", "consent": "daily"}
    assert as_alice.post("/settings/links/rules/", data).status_code == 302
    allowed = Allowed(campaign)
    for url in ("https://outlet.example/a", "https://eu.outlet.example/"):
        allowed.check(url)
    for url in ("acme-shop://product/1", "https://apps.apple.com/app/id1"):
        allowed.check_app(url)


@pytest.mark.parametrize(
    "url",
    ["other-app://x", "javascript://outlet.example/%0aalert(1)", "https://evil.example/", "intent://x#Intent;end"],
)
def test_a_deep_link_leads_to_the_brands_apps_only(campaign: Campaign, url: str) -> None:
    LinkRules.objects.create(brand=campaign.brand, app_schemes=["acme-shop", "javascript", "intent"])
    with pytest.raises(ForeignDestinationError):
        Allowed(campaign).check_app(url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hosts": "localhost"},
        {"hosts": "*.example"},
        {"app_schemes": "javascript"},
        {"app_schemes": "intent"},
        {"consent": "cookie"},
        {"consent": "cookie", "consent_cookie": "a=b; Domain=x"},
        {"consent": "spy"},
    ],
)
def test_rules_with_a_mistake_are_not_saved(as_alice: Client, wrong: dict[str, str]) -> None:
    answer = as_alice.post("/settings/links/rules/", {"consent": "daily", **wrong})
    assert (answer.status_code, LinkRules.objects.count()) == (422, 0)


# Domains


@pytest.fixture
def domain(acme: Brand, alice: User) -> LinkDomain:
    return add_domain(acme, "go.acme.example", by=alice)


def test_a_domain_serves_once_its_record_is_seen(domain: LinkDomain, alice: User) -> None:
    with pytest.raises(DomainNotProvedError, match="Another value"):
        verify_domain(domain, by=alice, look_up=lambda name: ["groundswell-verify=else"])
    domain.refresh_from_db()
    assert (domain.verified_at, domain.problem) == (None, "Another value is there.")
    asked: list[str] = []
    verify_domain(domain, by=alice, look_up=lambda name: asked.append(name) or [domain.record_value])  # type: ignore[func-returns-value]
    domain.refresh_from_db()
    assert domain.verified_at
    assert (asked, domain.problem) == (["_groundswell.go.acme.example"], "")


def test_name_servers_that_do_not_answer_prove_nothing(domain: LinkDomain, alice: User) -> None:
    def away(name: str) -> list[str]:
        raise DnsAwayError(name)

    with pytest.raises(DomainNotProvedError, match="did not answer"):
        verify_domain(domain, by=alice, look_up=away)


def test_only_one_brand_proves_a_domain(domain: LinkDomain, globex: Brand, charlie: User, alice: User) -> None:
    theirs = add_domain(globex, domain.host, by=charlie)
    verify_domain(theirs, by=charlie, look_up=lambda name: [theirs.record_value])
    with pytest.raises(DomainTakenError):
        verify_domain(domain, by=alice, look_up=lambda name: [domain.record_value])
    with pytest.raises(DomainTakenError):
        add_domain(domain.brand, "testserver", by=alice)


@pytest.fixture
def name_server(settings: Any) -> Iterator[dict[str, str]]:
    """A name server on this machine that knows the TXT records of a dictionary."""
    records: dict[str, str] = {}
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            data, client = server.recvfrom(4096)
            if data == b"stop":
                return
            query = dns.message.from_wire(data)
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.RA
            name = query.question[0].name
            if value := records.get(name.to_text(omit_final_dot=True)):
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", f'"{value}"'))
            server.sendto(answer.to_wire(), client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    address = server.getsockname()
    settings.DNS_SERVERS = [f"127.0.0.1:{address[1]}"]
    yield records
    server.sendto(b"stop", address)
    thread.join(5)
    server.close()


def test_records_come_from_a_name_server(name_server: dict[str, str]) -> None:
    name_server["_groundswell.go.acme.example"] = "groundswell-verify=1"
    assert txt_records("_groundswell.go.acme.example") == ["groundswell-verify=1"]
    assert txt_records("_groundswell.no.acme.example") == []


def test_verifying_on_the_page(domain: LinkDomain, as_alice: Client, name_server: dict[str, str]) -> None:
    name_server[domain.record_name] = domain.record_value
    as_alice.post(f"/settings/link-domains/{domain.code}/verify/")
    assert b"In service" in as_alice.get("/settings/links/").content


@pytest.mark.parametrize("host", ["", "localhost", "go acme.example", "1.2.3.4", "a" * 300, "go.acme.example"])
def test_what_is_no_new_domain_is_refused(domain: LinkDomain, as_alice: Client, host: str) -> None:
    answer = as_alice.post("/settings/link-domains/", {"host": host})
    assert (answer.status_code, LinkDomain.objects.count()) == (422, 1)


def test_a_domain_with_links_stays(domain: LinkDomain, agreed: Collaboration, as_alice: Client) -> None:
    make.link(agreed, domain=domain)
    as_alice.post(f"/settings/link-domains/{domain.code}/remove/")
    assert LinkDomain.objects.count() == 1
    TrackingLink.objects.all().delete()
    as_alice.post(f"/settings/link-domains/{domain.code}/remove/")
    assert LinkDomain.objects.count() == 0


# API


def test_partners_read_and_write_the_same(acme: Brand, agreed: Collaboration) -> None:
    api, code = partner(acme), agreed.campaign.code
    template = {**FIELDS, "placements": ["Story"], "has_page": True}
    assert api.put("/api/v1/link-template/", template, format="json").status_code == 200
    assert api.get(f"/api/v1/campaigns/{code}/link-template/").json()["utm_medium"] == "creator"
    made = api.post("/api/v1/links/", {"campaign": code, "placements": ["Story", "Bio"]}, format="json")
    assert (made.status_code, len(made.json())) == (201, 2)
    assert made.json()[0]["has_page"]
    rules = {"hosts": ["outlet.example"], "app_schemes": ["acme"], "consent": "none", "consent_cookie": ""}
    assert api.put("/api/v1/link-rules/", rules, format="json").json() == rules
    domain = api.post("/api/v1/link-domains/", {"host": "go.acme.example"}, format="json").json()
    assert domain["record_name"] == "_groundswell.go.acme.example"
    assert api.delete(f"/api/v1/link-domains/{domain['code']}/").status_code == 204


def test_partners_choose_the_domain_of_new_links(acme: Brand, globex: Brand, agreed: Collaboration) -> None:
    api, url = partner(acme), "/api/v1/link-template/"
    mine = LinkDomain.objects.create(brand=acme, host="go.acme.example", verified_at=timezone.now())
    LinkDomain.objects.create(brand=acme, host="new.acme.example")
    LinkDomain.objects.create(brand=globex, host="go.globex.example", verified_at=timezone.now())
    for host in ("new.acme.example", "go.globex.example", "nowhere.example"):
        assert api.put(url, {**FIELDS, "placements": [], "domain": host}, format="json").status_code == 400, host
    assert not LinkTemplate.objects.exists()
    assert api.put(url, {**FIELDS, "placements": [], "domain": mine.host}, format="json").json()["domain"] == mine.host
    issue_tracking(agreed)
    assert {link.domain for link in TrackingLink.objects.all()} == {mine}
    assert api.put(url, {**FIELDS, "placements": [], "domain": None}, format="json").json()["domain"] is None


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("put", "link-template/", {"utm_source": "Insta"}),
        ("put", "link-rules/", {"hosts": ["*"], "app_schemes": []}),
        ("post", "link-domains/", {"host": "localhost"}),
        ("post", "links/", {"campaign": "nothere", "placements": ["Bio"]}),
        ("post", "links/", {"campaign": "nothere", "placements": []}),
    ],
)
def test_partners_mistakes_are_told(acme: Brand, method: str, path: str, data: dict[str, Any]) -> None:
    call: Callable[..., Any] = getattr(partner(acme), method)
    assert call(f"/api/v1/{path}", data, format="json").status_code == 400
