"""What an import writes beside accounts: who the creator is, whose audience, prices, and where each number is from."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

from django.utils import timezone

from creators.actions.imports import Summary, import_now
from creators.importing import columns
from creators.importing.columns import label, slice_of
from creators.models import AudienceSlice, Creator, Note, RateCard, Relationship, SocialAccount
from groundswell.accounts.models import Brand
from tests import factories as make

WHOLE = """handle,gender,age,account type,credibility,gifting,audience DE %,female %,18-24,reel price,story fee,price
dana,F,31,Creator account,87%,yes,41%,62.5%,30,€ 250,80,99
eva,?,1999,Business,0.9,no,,,,,,
"""


def read(brand: Brand, text: str) -> Summary:
    return import_now(brand, BytesIO(text.encode()), "instagram.csv", network="instagram")


def test_every_new_field(acme: Brand) -> None:
    result = read(acme, WHOLE)
    assert (result.created, result.rejected) == (2, [])
    dana = SocialAccount.objects.select_related("creator").get(handle="dana")
    assert (dana.account_type, dana.credibility) == ("creator", Decimal("0.87"))
    assert (dana.creator.gender, dana.creator.accepts_product_only) == ("female", True)
    assert dana.creator.birth_year == timezone.now().year - 31
    eva = SocialAccount.objects.select_related("creator").get(handle="eva")
    assert (eva.creator.gender, eva.creator.birth_year, eva.credibility) == ("", 1999, Decimal("0.9"))
    slices = {(row.kind, row.key): row.share for row in dana.audience.all()}
    assert slices == {
        ("country", "DE"): Decimal("0.41"),
        ("gender", "female"): Decimal("0.625"),
        ("age", "18-24"): Decimal("0.3"),
    }
    rates = {row.format: (row.amount, row.currency, row.owner) for row in RateCard.objects.all()}
    assert rates == {"reel": (250, "EUR", acme), "story": (80, "EUR", acme)}
    assert Relationship.objects.get(creator=dana.creator).price == 99


def test_again_changes_nothing_and_a_changed_share_or_price_updates(acme: Brand) -> None:
    read(acme, WHOLE)
    assert read(acme, WHOLE).unchanged == 2
    assert read(acme, WHOLE.replace("41%", "42%")).updated == 1
    assert AudienceSlice.objects.get(kind="country").share == Decimal("0.42")
    assert read(acme, WHOLE.replace("41%", "42%").replace(",80,", ",90,")).updated == 1
    assert RateCard.objects.get(format="story").amount == 90


def test_a_public_account_takes_no_audience_and_the_price_stays_the_brands(acme: Brand, creator: Creator) -> None:
    text = "handle,gender,female %,reel price\ndana.field,m,62%,120 EUR\n"
    assert read(acme, text).created == 1
    assert read(acme, text).unchanged == 1
    creator.refresh_from_db()
    assert (creator.gender, AudienceSlice.objects.count()) == ("", 0)
    assert RateCard.objects.get().owner == acme


def test_rows_about_one_creator_agree_on_the_last_word(acme: Brand) -> None:
    both = make.creator("Dana", handle="dana", owner=acme)
    make.account(both, network="tiktok", handle="dana.tok")
    text = (
        "handle,network,name,city,tags,notes,followers\n"
        "dana,instagram,Dana F,Bonn,a,one,7k\n"
        "dana.tok,tiktok,Dana Field,,b,two,8k\n"
    )
    assert read(acme, text).rejected == []
    both.refresh_from_db()
    assert (both.name, both.city) == ("Dana Field", "Bonn")
    assert sorted(Relationship.objects.get().tags) == ["a", "b"]
    assert Note.objects.count() == 2
    again = read(acme, text)
    assert (again.unchanged, again.updated) == (2, 0)


def test_numbers_that_a_file_does_not_say_keep_their_source(acme: Brand) -> None:
    dana = make.creator("Dana", handle="dana", owner=acme).accounts.get()
    then = datetime(2026, 1, 2, tzinfo=UTC)
    SocialAccount.objects.filter(pk=dana.pk).update(source="connector", observed_at=then, average_views=500)
    read(acme, "handle,followers\ndana,9k\n")
    dana.refresh_from_db()
    assert dana.source_of("followers")[0] == "import"
    assert dana.source_of("average_views") == dana.source_of("engagement_rate") == ("connector", then)
    read(acme, "handle,followers,ER\ndana,9.5k,3%\n")
    dana.refresh_from_db()
    assert set(dana.provenance) == {"average_views"}
    assert dana.source_of("average_views") == ("connector", then)


def test_headers_that_name_a_share_of_the_audience() -> None:
    for header, name in {
        "audience DE %": "audience:country:DE", "Audience Germany": "audience:country:DE",
        "Audience country US": "audience:country:US", "female %": "audience:gender:female",
        "% men": "audience:gender:male", "18-24": "audience:age:18-24", "age 65+": "audience:age:65+",
        "audience language english (%)": "audience:language:en", "female 18-24": "", "gender": "", "Germany": "",
        "ER %": "", "Followers ER %": "", "in %": "", "DE %": "", "Germany %": "audience:country:DE",
        "engagement %": "", "Audience country(mostly)": "",
    }.items():  # fmt: skip
        assert slice_of(header) == name, header
    assert label("audience:country:DE") == "Audience: Germany, share"
    mapping = columns.guess(["handle", "women %", "Audience AT"], [["dana", "0.62", "0.4"]])
    assert mapping.audience == "fraction"


def test_odd_cells_leave_a_field_unknown_or_name_it(acme: Brand) -> None:
    text = "handle,gender,age,female %,credibility\na,robot,7,60%,1\nb,f,20,160%,1\nc,f,20,60%,180%\n"
    result = read(acme, text)
    assert result.created == 1
    assert [row["line"] for row in result.rejected] == [3, 4]
    assert "more than the whole" in result.rejected[0]["reason"]
    assert SocialAccount.objects.select_related("creator").get().creator.gender == ""


def test_values_beyond_the_columns_are_refused_by_row(acme: Brand) -> None:
    long = f"{'a' * 60}@{'b' * 170}.{'c' * 24}"
    text = (
        "handle,email,avg views,posts,price,name\n"
        f"a,{long}@x,5,5,5,n\nb,x@y.example,1000B,5,5,n\nc,x@y.example,5,3B,5,n\nd,x@y.example,5,5,20B,n\n"
        f"e,x@y.example,5,5,5,{'n' * 400}\n"
    )
    result = read(acme, text)
    assert len(result.rejected) == 3 + (result.created == 1)
    assert result.created + len(result.rejected) == 5
