"""The directory: filters that hold on one account, facets, order, pages that stay right."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creators.actions.discovery import reindex
from creators.actions.relationships import block, relate
from creators.actions.shortlists import add_to_shortlist, create_shortlist
from creators.models import Basis, Creator, Network, Relationship, Shortlist
from groundswell.accounts.models import Brand, User
from tests import factories as make


def found(client: Client, query: str = "") -> list[str]:
    return [entry.creator.name for entry in client.get(f"/creators/{query}").context["page"].entries]


def counts(client: Client, facet: str, query: str = "") -> dict[str, int]:
    facets = client.get(f"/creators/{query}").context["facets"]
    return {option.value: option.count for one in facets if one.name == facet for option in one.options}


@pytest.fixture
def crowd(acme: Brand) -> None:
    make.creator(
        "Ada",
        handle="ada_cooks",
        followers=5_000,
        rate="0.05",
        country="DE",
        language="de",
        niches=["food"],
        bio="Vegan",
    )
    make.creator("Ben", followers=20_000, rate="0.02", country="FR", language="fr", niches=["beauty", "food"])
    make.creator("Cem", followers=None, rate=None, country="", language="", niches=[])
    make.creator("Dor", followers=150_000, rate="0.20", country="DE", network=Network.TIKTOK, niches=["beauty"])


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "Dor Cem Ben Ada"),
        ("?network=tiktok", "Dor"),
        ("?tier=nano", "Ada"),
        ("?tier=nano&tier=macro", "Dor Ada"),
        ("?followers_from=5k&followers_to=20000", "Ben Ada"),
        ("?er_from=5", "Dor Ada"),
        ("?er_from=2&er_to=5", "Ben Ada"),
        ("?niche=food", "Ben Ada"),
        ("?country=DE", "Dor Ada"),
        ("?country=unknown", "Cem"),
        ("?language=fr", "Ben"),
        ("?q=ada_c", "Ada"),
        ("?q=VEGAN", "Ada"),
        ("?q=@ada_cooks", "Ada"),
        ("?q=ben", "Ben"),
        ("?stage=active", ""),
        ("?stage=none&country=FR", "Ben"),
        ("?sort=name", "Ada Ben Cem Dor"),
        ("?sort=-name", "Dor Cem Ben Ada"),
        ("?sort=-followers", "Dor Ben Ada Cem"),
        ("?sort=followers", "Ada Ben Dor Cem"),
        ("?sort=-engagement", "Dor Ada Ben Cem"),
        ("?sort=engagement", "Ben Ada Dor Cem"),
        ("?sort=nonsense", "Dor Cem Ben Ada"),
        ("?followers_from=lots", "Dor Cem Ben Ada"),
        ("?tier=unheard", ""),
    ],
)
def test_filters_and_order(as_alice: Client, query: str, names: str) -> None:
    assert found(as_alice, query) == names.split()


def test_account_filters_hold_on_one_account(as_alice: Client, acme: Brand) -> None:
    both = make.creator("Both", followers=500_000, rate="0.01", network=Network.INSTAGRAM)
    make.account(both, network=Network.TIKTOK, followers=3_000, engagement_rate=Decimal("0.09"))
    assert found(as_alice, "?network=instagram&tier=nano") == []
    assert found(as_alice, "?network=tiktok&tier=nano&er_from=8") == ["Both"]
    page = as_alice.get("/creators/?network=tiktok").context["page"]
    assert (page.entries[0].lead.followers, page.entries[0].tier) == (3_000, "nano")
    assert as_alice.get("/creators/").context["page"].entries[0].lead.followers == 500_000
    assert counts(as_alice, "network") == {"instagram": 1, "tiktok": 1}


def test_rates_of_different_bases_are_not_ranked_together(as_alice: Client, acme: Brand) -> None:
    make.creator("Followers", rate="0.03")
    by_views = make.creator("Views", rate="0.30")
    by_views.accounts.update(engagement_basis=Basis.VIEWS)
    reindex([by_views.pk])
    assert found(as_alice, "?sort=-engagement") == ["Followers", "Views"]
    assert found(as_alice, "?sort=-engagement&basis=views") == ["Views", "Followers"]
    assert found(as_alice, "?er_from=1") == ["Followers"]
    assert found(as_alice, "?er_from=1&basis=views") == ["Views"]
    assert "by views" in as_alice.get("/creators/?sort=-engagement&basis=views").content.decode()


@pytest.mark.usefixtures("crowd")
def test_facets_count_what_a_choice_would_leave(as_alice: Client) -> None:
    assert counts(as_alice, "network") == {"instagram": 3, "tiktok": 1}
    assert counts(as_alice, "tier") == {"nano": 1, "micro": 1, "macro": 1}
    assert counts(as_alice, "country") == {"DE": 2, "FR": 1, "unknown": 1}
    assert counts(as_alice, "niche") == {"food": 2, "beauty": 2}
    assert counts(as_alice, "niche", "?country=DE") == {"food": 1, "beauty": 1}
    assert counts(as_alice, "country", "?country=DE") == {"DE": 2, "FR": 1, "unknown": 1}
    assert counts(as_alice, "country", "?tier=nano") == {"DE": 1}
    assert counts(as_alice, "tier", "?niche=beauty") == {"micro": 1, "macro": 1}
    assert counts(as_alice, "stage") == {"none": 4}


def test_every_facet_count_is_the_number_found(as_alice: Client, crowd: None) -> None:
    for query in ("", "?country=DE", "?niche=food", "?er_from=3"):
        for facet in as_alice.get(f"/creators/{query}").context["facets"]:
            for option in facet.options:
                if not option.is_chosen and f"{facet.name}=" not in query:
                    glue = "&" if query else "?"
                    page = as_alice.get(f"/creators/{query}{glue}{facet.name}={option.value}")
                    assert page.context["found"] == option.count, (query, facet.name, option.value)


@pytest.mark.parametrize(
    "sort", ["-added", "added", "name", "-name", "-followers", "followers", "-engagement", "engagement"]
)
def test_pages_stay_right_while_rows_change(acme: Brand, sort: str) -> None:
    from django.http import QueryDict

    from creators.discovery.filters import Filters
    from creators.discovery.search import Search

    for number in range(23):
        followers = None if number % 7 == 0 else 1000 * (number % 5)
        make.creator(f"N{number % 4}", followers=followers, rate=None if number % 3 == 0 else f"0.0{number % 9}")
    search = Search(acme, Filters.parse(QueryDict(f"sort={sort}")))
    whole = [entry.creator.pk for entry in search.page(size=100).entries]
    assert len(whole) == 23
    seen, pages, after = [], [], ""
    while True:
        page = search.page(after=after, size=5)
        pages.append(page)
        seen += [entry.creator.pk for entry in page.entries]
        if not page.next:
            break
        after = page.next
    assert seen == whole
    back = search.page(before=pages[2].previous, size=5)
    assert [entry.creator.pk for entry in back.entries] == whole[5:10]
    assert search.page(before=pages[1].previous, size=5).previous == ""
    gone, first_of_next = whole[2], whole[5]
    Creator.objects.filter(pk=gone).delete()
    assert search.page(after=pages[0].next, size=5).entries[0].creator.pk == first_of_next


@pytest.mark.parametrize("cursor", ["x", "bm9uc2Vuc2U", "WyJhIiwxXQ", "WzEsImIiXQ"])
def test_broken_cursors_start_at_the_beginning(as_alice: Client, creator: Creator, cursor: str) -> None:
    for sort in ("name", "-followers", "-engagement", "-added"):
        assert found(as_alice, f"?sort={sort}&after={cursor}") == ["Dana Field"]


def test_queries_do_not_grow_with_creators(as_alice: Client, acme: Brand) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_alice.get("/creators/?sort=-engagement")
        return len(captured)

    for _ in range(3):
        make.relationship(acme)
    few = queries()
    for _ in range(27):
        make.relationship(acme)
    assert queries() == few


def test_htmx_gets_the_fragment(as_alice: Client, creator: Creator) -> None:
    page = as_alice.get("/creators/?q=dana", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "Dana Field" in page


def test_going_back_in_the_history_gets_the_whole_page(as_alice: Client, creator: Creator) -> None:
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    answer = as_alice.get("/creators/?q=dana", headers=back)
    assert "<html" in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_choose_many_into_a_shortlist(as_alice: Client, alice: User, acme: Brand, globex: Brand) -> None:
    people = [make.creator() for _ in range(3)]
    foreign = make.creator(owner=globex)
    block(acme, people[2], by=alice)
    codes = [row.code for row in [*people, foreign]]
    as_alice.post("/shortlists/fill/", {"creator": codes, "name": "Summer"})
    shortlist = Shortlist.objects.get()
    assert set(shortlist.creators.all()) == set(people[:2])
    assert set(found(as_alice, f"?shortlist={shortlist.code}")) == {row.name for row in people[:2]}
    as_alice.post(f"/shortlists/{shortlist.code}/trim/", {"creator": people[0].code})
    assert list(shortlist.creators.all()) == [people[1]]
    as_alice.post("/shortlists/fill/", {"creator": codes, "name": "Summer"})
    assert Shortlist.objects.count() == 1


def test_a_creator_on_several_shortlists_is_shown_once(as_alice: Client, acme: Brand, creator: Creator) -> None:
    lists = [create_shortlist(acme, name) for name in ("One", "Two", "Three")]
    for one in lists:
        add_to_shortlist(one, [creator])
    page = as_alice.get(f"/shortlists/{lists[0].code}/")
    assert [entry.creator for entry in page.context["page"].entries] == [creator]
    assert page.context["found"] == 1


def test_rename_and_delete_a_shortlist(as_alice: Client, acme: Brand, creator: Creator) -> None:
    one = create_shortlist(acme, "One")
    create_shortlist(acme, "Two")
    add_to_shortlist(one, [creator])
    assert "Dana Field" in as_alice.get(f"/shortlists/{one.code}/").content.decode()
    assert as_alice.post(f"/shortlists/{one.code}/rename/", {"name": "Two"}).status_code == 422
    as_alice.post(f"/shortlists/{one.code}/rename/", {"name": "First"})
    one.refresh_from_db()
    assert one.name == "First"
    assert as_alice.post("/shortlists/", {"name": "Two"}).status_code == 422
    as_alice.post(f"/shortlists/{one.code}/delete/")
    assert list(Shortlist.objects.values_list("name", flat=True)) == ["Two"]
    assert Creator.objects.filter(pk=creator.pk).exists()


def test_the_relationship_is_edited(
    as_alice: Client, alice: User, charlie: User, acme: Brand, creator: Creator
) -> None:
    data: dict[str, Any] = {
        "stage": "in_talks",
        "email": "d@x.example",
        "price": "150",
        "price_currency": "eur",
        "tags": "VIP, summer",
        "owner": alice.pk,
    }
    path = f"/creators/{creator.code}/relationship/"
    assert as_alice.post(path, data).status_code == 302
    row = Relationship.objects.get()
    assert (row.brand, row.stage, row.price, row.price_currency, row.tags, row.owner) == (
        acme,
        "in_talks",
        150,
        "EUR",
        ["vip", "summer"],
        alice,
    )
    refused = as_alice.post(path, {**data, "price": "-1", "email": "nonsense", "owner": charlie.pk})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"price", "email", "owner"}
    row.refresh_from_db()
    assert row.email == "d@x.example"
    as_alice.post(f"/creators/{creator.code}/note/", {"text": "Prefers mornings"})
    page = as_alice.get(f"/creators/{creator.code}/").content.decode()
    assert "Prefers mornings" in page
    assert "Note added" in page


def test_blocked_creators_are_marked_and_left_out(as_alice: Client, acme: Brand, creator: Creator) -> None:
    as_alice.post(f"/creators/{creator.code}/block/")
    assert "Blocked" in as_alice.get(f"/creators/{creator.code}/").content.decode()
    as_alice.post(f"/creators/{creator.code}/shortlist/")
    assert Shortlist.objects.get().entries.count() == 0
    as_alice.post(f"/creators/{creator.code}/block/", {"undo": "1"})
    as_alice.post(f"/creators/{creator.code}/shortlist/")
    assert Shortlist.objects.get().entries.count() == 1


def test_relate_changes_only_what_differs(acme: Brand, creator: Creator) -> None:
    row = relate(acme, creator, email="a@x.example")
    before = row.updated_at
    assert relate(acme, creator, email="a@x.example").updated_at == before
    assert relate(acme, creator, price=Decimal(5)).email == "a@x.example"
