"""Do the pages answer that links lead to? Looked at without being led into our own network."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Collaboration
from groundswell.events.models import Event
from tests import factories as make
from tracking.actions.checks import check_due, note_finding
from tracking.models import DestinationCheck, TrackingLink
from tracking.probe import Finding, Probe, is_public

PUBLIC = "93.184.215.14"
SHOP = "https://shop.acme.com/spring"


def probe(answers: dict[tuple[str, str], httpx.Response], address: str = PUBLIC) -> tuple[Probe, list[httpx.Request]]:
    """A probe whose network answers from a dictionary by method and path."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers.get((request.method, request.url.path), httpx.Response(404))

    return Probe(lambda host: [address], httpx.MockTransport(handle)), seen


def test_a_page_that_answers_is_fine_and_is_asked_at_the_checked_address() -> None:
    look, seen = probe({("HEAD", "/spring"): httpx.Response(200)})
    assert look.look(SHOP) == Finding("fine", 200, "")
    (request,) = seen
    assert (request.url.host, request.headers["Host"]) == (PUBLIC, "shop.acme.com")
    assert request.extensions["sni_hostname"] == "shop.acme.com"


def test_a_server_that_knows_no_head_is_asked_again() -> None:
    look, seen = probe({("HEAD", "/spring"): httpx.Response(405), ("GET", "/spring"): httpx.Response(200)})
    assert look.look(SHOP).state == "fine"
    assert [request.method for request in seen] == ["HEAD", "GET"]


ANSWERS = {404: "broken", 410: "broken", 503: "broken", 403: "fine", 429: "fine"}


@pytest.mark.parametrize(("status", "state"), ANSWERS.items())
def test_what_an_answer_says(status: int, state: str) -> None:
    look, _ = probe({(method, "/spring"): httpx.Response(status) for method in ("HEAD", "GET")})
    assert look.look(SHOP).state == state


OURS = (
    "127.0.0.1 10.0.0.1 169.254.169.254 192.168.1.1 100.64.0.1 0.0.0.0 224.0.0.1 "
    "::1 fd00::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::"
)


@pytest.mark.parametrize("address", OURS.split())
def test_our_own_network_is_never_asked(address: str) -> None:
    look, seen = probe({}, address)
    assert look.look(SHOP).state == "broken"
    assert seen == []
    assert not is_public(address)


def test_a_page_cannot_lead_the_look_into_our_network() -> None:
    look, seen = probe({("HEAD", "/spring"): httpx.Response(302, headers={"Location": "https://inside.acme.com/x"})})
    look.resolve = lambda host: ["10.0.0.7"] if host == "inside.acme.com" else [PUBLIC]
    assert "not on the public internet" in look.look(SHOP).note
    assert len(seen) == 1


@pytest.mark.parametrize("to", ["http://shop.acme.com/", "ftp://shop.acme.com/", "javascript:alert(1)"])
def test_a_page_that_leads_on_without_https_is_broken(to: str) -> None:
    look, _ = probe({("HEAD", "/spring"): httpx.Response(301, headers={"Location": to})})
    assert look.look(SHOP).state == "broken"


def test_a_page_that_leads_on_and_on_is_broken() -> None:
    look, seen = probe({("HEAD", "/spring"): httpx.Response(302, headers={"Location": "/spring"})})
    assert (look.look(SHOP).note, len(seen)) == ("It leads on and on.", 5)


def test_a_name_that_does_not_resolve_is_broken() -> None:
    def nowhere(host: str) -> list[str]:
        raise OSError("no such host")

    assert Probe(nowhere, httpx.MockTransport(lambda request: httpx.Response(200))).look(SHOP).state == "broken"


def test_example_addresses_are_not_looked_up() -> None:
    look, seen = probe({})
    assert (look.look("https://northbound.example/x").state, seen) == ("skipped", [])


# Kept and told


def test_each_page_is_looked_at_once_a_day_however_many_links_lead_there(collaboration: Collaboration) -> None:
    for number in range(3):
        make.link(collaboration, destination=SHOP, placement=str(number))
    make.link(collaboration, destination="https://shop.acme.com/old", placement="paused", is_active=False)
    look, seen = probe({("HEAD", "/spring"): httpx.Response(200)})
    assert (check_due(look), check_due(look), len(seen)) == (1, 0, 1)
    DestinationCheck.objects.update(checked_at=timezone.now() - timedelta(hours=21))
    assert check_due(look) == 1


def test_a_page_that_breaks_is_told_once_and_again_when_it_is_well(collaboration: Collaboration) -> None:
    link = make.link(collaboration, destination=SHOP)
    for state in ("fine", "broken", "broken", "fine"):
        note_finding(collaboration.campaign.brand_id, SHOP, Finding(state, 500, ""), by=None)
    names = Event.objects.about(link).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["link.broken", "link.mended"]


def test_the_page_and_the_list_show_what_is_broken(collaboration: Collaboration, as_bob: Client) -> None:
    link = make.link(collaboration, destination=SHOP)
    make.link(collaboration, placement="fine")
    note_finding(collaboration.campaign.brand_id, SHOP, Finding("broken", 404, "The page answers 404."), by=None)
    assert b"The page answers 404." in as_bob.get(f"/links/{link.slug}/").content
    assert len(as_bob.get("/links/?state=broken").context["rows"]) == 1
    assert TrackingLink.objects.leading_to([SHOP]).get() == link


def test_looking_now_skips_an_example_address(collaboration: Collaboration, as_alice: Client) -> None:
    link = make.link(collaboration)
    assert as_alice.post(f"/links/{link.slug}/check/").status_code == 302
    assert DestinationCheck.objects.get().state == "skipped"
