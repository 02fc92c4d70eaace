"""The index that searches read: derived from the records, in a constant number of statements, never out of step."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from creators.actions.discovery import differences, forget_words, reindex, reindex_all
from creators.models import (
    AccountMetrics,
    AudienceSlice,
    ContactChannel,
    Creator,
    RateCard,
    SearchRow,
    SocialAccount,
    Token,
)
from groundswell.accounts.models import Brand
from tests import factories as make

pytestmark = pytest.mark.django_db


def row(of: Creator) -> SearchRow:
    reindex([of.pk])
    return SearchRow.objects.get(creator=of, place=0)


def values(of: Creator, kind: Token.Kind) -> set[str]:
    found = row(of)
    return set(Token.objects.filter(kind=kind, pk__in=[*found.tokens, *found.terms]).values_list("value", flat=True))


def test_words_come_from_handle_name_bio_and_posts_without_accents() -> None:
    creator = make.creator("Ada Möller", handle="ada_cooks", bio="Vegan chéf!", niches=["food"])
    make.post(creator, caption="A soup, again", hashtags=["slowfood"], mentions=["nike"])
    words = {"ada", "cooks", "moller", "vegan", "chef", "a", "soup", "again", "slowfood"}
    assert values(creator, Token.Kind.WORD) == words
    assert values(creator, Token.Kind.HASHTAG) == {"slowfood"}
    assert values(creator, Token.Kind.MENTION) == {"nike"}
    assert values(creator, Token.Kind.NICHE) == {"food"}


def test_what_a_brand_alone_knows_stays_out_of_public_rows(acme: Brand) -> None:
    creator = make.creator("Ada", handle="ada")
    make.post(creator, owner=acme, caption="Secret launch", hashtags=["hush"], mentions=["acme"])
    RateCard.objects.create(creator=creator, owner=acme, network="instagram", amount=5, currency="EUR")
    ContactChannel.objects.create(creator=creator, owner=acme, kind="email", value="a@b.example")
    assert values(creator, Token.Kind.WORD) == {"ada"}
    assert values(creator, Token.Kind.HASHTAG) | values(creator, Token.Kind.CONTACT) == set()
    assert (row(creator).price, row(creator).last_post) == (None, None)


def test_measured_rates_win_over_imported_ones_within_a_basis() -> None:
    creator = make.creator(rate="0.05")
    account = creator.accounts.get()
    assert (row(creator).rate_followers, row(creator).rate_views) == (0.05, None)
    AccountMetrics.objects.create(account=account, rate_views=Decimal("0.2"), computed_at=timezone.now())
    assert (row(creator).rate_followers, row(creator).rate_views) == (0.05, 0.2)
    AccountMetrics.objects.update(rate_followers=Decimal("0.04"))
    assert row(creator).rate_followers == 0.04


def test_audience_shares_are_steps_of_the_latest_source() -> None:
    creator = make.creator()
    account = creator.accounts.get()
    for source, key, share, day in (
        ("import", "FR", "0.9", 1),
        ("creator", "DE", "0.31", 2),
        ("creator", "AT", "0.3", 2),
    ):
        AudienceSlice.objects.create(
            account=account, kind="country", key=key, share=share, source=source, observed_at=f"2026-01-0{day}T00:00Z"
        )
    assert values(creator, Token.Kind.AUDIENCE_COUNTRY) == {"DE:10", "DE:20", "DE:30", "AT:10", "AT:20", "AT:30"}
    assert values(creator, Token.Kind.AUDIENCE) == {"DE"}
    account.audience_country = "CH"
    account.save()
    assert values(creator, Token.Kind.AUDIENCE) == {"CH"}


def test_the_price_is_the_lowest_in_the_commonest_currency_of_the_network() -> None:
    creator = make.creator()
    prices = [("instagram", "reel", 300, "EUR"), ("instagram", "story", 90, "EUR"), ("instagram", "", 10, "USD")]
    for network, form, amount, currency in [*prices, ("tiktok", "", 1, "EUR")]:
        RateCard.objects.create(creator=creator, network=network, format=form, amount=amount, currency=currency)
    assert row(creator).price == 90
    assert values(creator, Token.Kind.CURRENCY) == {"EUR"}


def test_a_creator_without_accounts_has_one_row_until_there_is_an_account() -> None:
    creator = Creator.objects.create(name="Nobody")
    assert (row(creator).pk, row(creator).network, row(creator).followers) == (-creator.pk, "", None)
    account = make.account(creator, followers=10)
    assert row(creator).pk == account.pk
    larger = make.account(creator, followers=20)
    make.account(creator, followers=None)
    assert row(creator).pk == larger.pk
    creator.delete()
    assert not SearchRow.objects.exists()


def test_the_number_of_statements_does_not_grow() -> None:
    creators = [make.creator().pk for _ in range(12)]

    def statements(ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            reindex(ids)
        return len(captured)

    assert statements(creators[:1]) == statements(creators) == 8
    assert statements([]) == 0


def test_the_check_names_whoever_is_out_of_step() -> None:
    creators = [make.creator(bio="before") for _ in range(3)]
    reindex_all()
    assert differences() == []
    call_command("reindex_creators", "--check", stdout=StringIO())
    Creator.objects.filter(pk=creators[1].pk).update(bio="after")
    assert differences() == [creators[1].pk]
    with pytest.raises(CommandError, match=rf"1 creators differ .* {creators[1].pk}\."):
        call_command("reindex_creators", "--check")
    call_command("reindex_creators", stdout=StringIO())
    assert differences() == []


def test_words_that_nobody_has_are_forgotten() -> None:
    creator = make.creator("Rarename", handle="x")
    reindex_all()
    Creator.objects.filter(pk=creator.pk).update(name="Other")
    reindex([creator.pk])
    assert Token.objects.filter(value="rarename").exists()
    assert forget_words() == 1
    assert values(creator, Token.Kind.WORD) == {"other", "x"}


def test_an_account_taken_away_leaves_the_index_with_its_creator_derived_anew() -> None:
    creator = make.creator()
    second = make.account(creator, followers=1)
    reindex([creator.pk])
    SocialAccount.objects.filter(pk=second.pk).delete()
    reindex([creator.pk])
    assert SearchRow.objects.filter(creator=creator).count() == 1
