"""Importing a file: from the upload to the summary, twice, after a crash, and from the shell."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from creators import tasks
from creators.actions import imports, uploads
from creators.models import Creator, FollowerSnapshot, Import, Note, Relationship, SocialAccount
from groundswell.accounts.models import Brand, User
from groundswell.events.models import Event
from tests import factories as make

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(client: Client, name: str, content: bytes | None = None) -> Any:
    content = (FIXTURES / name).read_bytes() if content is None else content
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, content)})


def started(brand: Brand, content: bytes, *, rows: str = "instagram") -> Import:
    job = imports.upload_import(brand, SimpleUploadedFile("file.csv", content), "file.csv")
    mapping = imports.Mapping.from_json(job.mapping)
    mapping.network = mapping.network or rows
    imports.map_import(job, mapping)
    imports.start_import(job)
    return job


def run(job: Import) -> Import:
    tasks.run_import(job.pk)
    job.refresh_from_db()
    return job


def counters(job: Import) -> tuple[int, int, int, int, int]:
    return job.done, job.created, job.updated, job.unchanged, job.rejected


def shell(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_creators", *arguments, stdout=out, stderr=io.StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def many(number: int) -> bytes:
    return ("handle,followers,ER\n" + "".join(f"creator{n},{n + 1}k,2.{n % 10}%\n" for n in range(number))).encode()


def test_the_whole_way(as_alice: Client, alice: User, acme: Brand) -> None:
    response = upload(as_alice, "top_instagram.csv")
    job = Import.objects.get()
    assert response["Location"] == f"/imports/{job.code}/"
    page = as_alice.get(f"/imports/{job.code}/")
    assert page.context["preview"].rows[0].followers == 475_800_000
    assert not Creator.objects.exists()
    data = {field.html_name: field.value() or "" for field in page.context["form"]}
    assert as_alice.post(f"/imports/{job.code}/start/", data).status_code == 302
    assert "Waiting" in as_alice.get(f"/imports/{job.code}/").content.decode()
    run(job)
    assert (job.status, counters(job)) == ("done", (4, 4, 0, 0, 0))
    account = SocialAccount.objects.select_related("creator").get(handle="kim_rowe")
    assert (account.followers, account.engagement_rate) == (366_200_000, Decimal("0.0162"))
    assert (account.creator.owner, account.creator.name, account.creator.country) == (acme, "Kim Rowe", "")
    unknown = SocialAccount.objects.get(handle="leo.paz")
    assert (unknown.engagement_rate, unknown.posts_count) == (None, 890)
    assert FollowerSnapshot.objects.get(account=account).followers == 366_200_000
    assert Event.objects.get(name="import.finished").data["created"] == 4
    assert "The whole file was read" in as_alice.get(f"/imports/{job.code}/").content.decode()


def test_values_of_a_german_file(acme: Brand) -> None:
    assert shell(str(FIXTURES / "semicolon_cp1252.csv"), "--brand", "acme")["created"] == 2
    row = Relationship.objects.select_related("creator").get(email="joerg@example.de")
    account = row.creator.accounts.get()
    assert (row.price, row.price_currency) == (Decimal(1250), "EUR")
    assert (row.creator.name, row.creator.country, row.creator.niches) == ("Jörg Müller", "DE", ["reise", "essen"])
    assert (account.handle, account.followers, account.engagement_rate) == ("joerg.mueller", 12_300, Decimal("0.031"))
    other = SocialAccount.objects.get(handle="zoe.brule")
    assert (other.followers, other.creator.country, other.creator.language) == (1_234, "AT", "de")


def test_values_of_a_utf16_file_with_three_networks(acme: Brand) -> None:
    assert shell(str(FIXTURES / "utf16_tabs.txt"), "--brand", "acme")["created"] == 3
    found = {row.network: (row.handle, row.followers) for row in SocialAccount.objects.all()}
    assert found == {
        "instagram": ("mia.b", 10_000),
        "tiktok": ("mia.tok", 1_234_567),
        "youtube": ("ucabcdef123", 5_678),
    }
    assert Note.objects.get().text == "Met at the fair"
    assert Relationship.objects.get(creator__accounts__network="instagram").tags == ["vip", "summer"]


def test_average_engagements_become_a_rate_by_followers(acme: Brand) -> None:
    assert shell(str(FIXTURES / "influencers_instagram.csv"), "--brand", "acme")["created"] == 3
    account = SocialAccount.objects.get(handle="433fan")
    assert account.engagement_rate == round(Decimal(637_000) / 48_500_000, 6)
    assert (account.engagement_basis, account.audience_country, account.creator.country) == ("followers", "ES", "")
    assert SocialAccount.objects.get(handle="thv.fan").engagement_rate is None


@pytest.mark.parametrize(
    ("name", "rows"),
    [("instagram_names.csv", 3), ("tiktokers.csv", 3), ("top_instagram.csv", 4), ("utf16_tabs.txt", 3)],
)
def test_the_same_file_twice_changes_nothing(acme: Brand, name: str, rows: int) -> None:
    assert shell(str(FIXTURES / name), "--brand", "acme")["created"] == rows
    before = list(Creator.objects.order_by("pk").values_list("pk", "updated_at"))
    again = shell(str(FIXTURES / name), "--brand", "acme")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, rows)
    assert list(Creator.objects.order_by("pk").values_list("pk", "updated_at")) == before
    assert Note.objects.count() <= 1


def test_a_changed_row_updates_and_missing_values_erase_nothing(acme: Brand) -> None:
    run(started(acme, b"handle,followers,country,niche\ndana,8.2k,Germany,beauty\neva,1k,France,food\n"))
    job = run(started(acme, b"handle,followers,country,niche\ndana,9k,,\neva,1k,-,\n"))
    assert counters(job) == (2, 0, 1, 1, 0)
    dana = SocialAccount.objects.select_related("creator").get(handle="dana")
    assert (dana.followers, dana.creator.country, dana.creator.niches) == (9_000, "DE", ["beauty"])
    assert FollowerSnapshot.objects.get(account=dana).followers == 9_000


def test_troubles_are_rejected_with_reasons(as_alice: Client, as_charlie: Client, acme: Brand) -> None:
    job = run(started(acme, (FIXTURES / "troubles.csv").read_bytes()))
    reasons = {row.line: row.reason for row in job.rejected_rows.all()}
    assert counters(job) == (11, 2, 0, 0, 9)
    for line, words in {
        3: "No handle", 4: "Line 2 has the same account", 5: "not a handle", 6: "“lots” is not a number", 7: "negative",
        8: "not a network", 9: "cut off", 10: "7 columns and the header 5", 11: "not a handle",
    }.items():  # fmt: skip
        assert words in reasons[line]
    assert SocialAccount.objects.get(handle="ned").followers == 0
    path = f"/imports/{job.code}/rejected.csv"
    text = b"".join(as_alice.get(path).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 10
    assert rows[-1][0] == "'=cmd|'/c calc'!A1"
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)
    assert as_charlie.get(path).status_code == 404
    assert as_charlie.get(f"/imports/{job.code}/").status_code == 404


def test_an_address_that_cant_be_read_costs_the_row_nothing_else(as_alice: Client, api: Any, acme: Brand) -> None:
    content = b"handle,followers,email\ndana,5k,dana at x\neva,6k,eva@x.example\nned,7k,ned@x.example\n,7k,\n"
    job = run(started(acme, content))
    assert (*counters(job), job.remarked) == (4, 3, 0, 0, 1, 1)
    found = dict(Relationship.objects.values_list("creator__name", "email"))
    assert found == {"dana": "", "eva": "eva@x.example", "ned": "ned@x.example"}
    page = as_alice.get(f"/imports/{job.code}/").content.decode()
    assert "Imported with a remark" in page
    assert "“dana at x” is not an e-mail address; left empty" in page
    text = b"".join(as_alice.get(f"/imports/{job.code}/rejected.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["handle"], row["line"], row["imported"]) for row in rows] == [("dana", "2", "yes"), ("", "5", "no")]
    told = api(acme).get(f"/api/v1/imports/{job.code}/").json()
    assert [[row["line"] for row in told[kind]] for kind in ("rejected_rows", "remarked_rows")] == [[5], [2]]
    again = run(started(acme, content.replace(b"dana at x", b"dana@x.example")))
    assert (*counters(again), again.remarked) == (4, 0, 1, 2, 1, 0)


def test_a_public_record_is_related_and_never_altered(acme: Brand, globex: Brand, creator: Creator) -> None:
    before = Creator.objects.filter(pk=creator.pk).values().get(), creator.accounts.values().get()
    content = b"handle,name,followers,country,email,price\ndana.field,Other Name,1M,France,d@x.example,99\n"
    job = run(started(acme, content))
    assert counters(job) == (1, 1, 0, 0, 0)
    assert (Creator.objects.filter(pk=creator.pk).values().get(), creator.accounts.values().get()) == before
    row = Relationship.objects.get()
    assert (row.brand, row.creator, row.email, row.price) == (acme, creator, "d@x.example", 99)
    assert not FollowerSnapshot.objects.exists()
    assert counters(run(started(acme, content))) == (1, 0, 0, 1, 0)


def test_brands_import_the_same_account_apart(acme: Brand, globex: Brand) -> None:
    run(started(acme, many(3)))
    assert counters(run(started(globex, many(3))))[1] == 3
    assert Creator.objects.of(acme).count() == Creator.objects.of(globex).count() == 3


def test_statements_do_not_grow_with_the_batch(acme: Brand) -> None:
    def statements(number: int, brand: Brand) -> int:
        job = started(brand, many(number))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run(job)
        return len(queries)

    assert statements(5, acme) == statements(300, make.brand())


def state_of(brand: Brand) -> list[tuple[Any, ...]]:
    return list(
        SocialAccount.objects.filter(owner=brand)
        .order_by("handle")
        .values_list("handle", "followers", "engagement_rate")
    )


def test_a_crash_in_the_middle_is_resumed(acme: Brand, globex: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    content = many(50) + b"creator3,1k,1%\nbad handle,1,1%\n"
    whole = run(started(globex, content))
    job = started(acme, content)
    batches: list[int] = []
    write = imports.Batch.write

    def dying(self: imports.Batch) -> uploads.Outcome:
        batches.append(1)
        outcome = write(self)
        if len(batches) == 3:
            raise SystemExit("killed")
        return outcome

    monkeypatch.setattr(imports.Batch, "write", dying)
    monkeypatch.setattr(imports.run_import, "__kwdefaults__", {"batch_size": 10})
    with pytest.raises(SystemExit):
        tasks.run_import(job.pk)
    monkeypatch.undo()
    job.refresh_from_db()
    assert (job.status, job.done, job.created, Creator.objects.of(acme).count()) == ("running", 20, 20, 20)
    Import.objects.filter(pk=job.pk).update(beat_at=timezone.now() - timedelta(minutes=5))
    assert [row.pk for row in uploads.requeue_abandoned(Import)] == [job.pk]
    run(job)
    assert (job.status, counters(job)) == ("done", counters(whole))
    assert state_of(acme) == state_of(globex)


def test_a_worker_that_was_only_slow_writes_nothing_twice(acme: Brand) -> None:
    job = started(acme, many(20))
    assert uploads.claim_import(job)
    assert not uploads.claim_import(job)
    slow = Import.objects.get(pk=job.pk)
    imports.run_import(Import.objects.get(pk=job.pk), batch_size=10)
    imports.run_import(slow, batch_size=10)
    job.refresh_from_db()
    assert (job.status, counters(job)) == ("done", (20, 20, 0, 0, 0))


def test_an_import_that_kills_its_workers_is_given_up(acme: Brand) -> None:
    job = started(acme, many(5))
    long_ago = timezone.now() - timedelta(hours=1)
    Import.objects.filter(pk=job.pk).update(status="running", attempts=uploads.ATTEMPTS, beat_at=long_ago)
    assert uploads.requeue_abandoned(Import) == []
    job.refresh_from_db()
    assert (job.status, "stopped 5 times" in job.error) == ("failed", True)


def test_cancel_while_running(as_alice: Client, as_bob: Client, as_charlie: Client, acme: Brand) -> None:
    job = started(acme, many(30))
    uploads.claim_import(job)
    path = f"/imports/{job.code}/cancel/"
    assert as_bob.post(path).status_code == 403
    assert as_charlie.post(path).status_code == 404
    job.refresh_from_db()
    assert not job.is_cancelling
    assert as_alice.post(path).status_code == 302
    imports.run_import(Import.objects.get(pk=job.pk), batch_size=10)
    job.refresh_from_db()
    assert (job.status, job.done) == ("cancelled", 0)
    with pytest.raises(imports.ImportRefusedError, match="ended"):
        uploads.cancel_import(job, by=make.user())


def test_a_cancelled_import_says_how_far_it_came(
    as_alice: Client, acme: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(acme, many(30))
    uploads.claim_import(job)
    write = imports.Batch.write

    def cancelled_meanwhile(self: imports.Batch) -> uploads.Outcome:
        Import.objects.filter(pk=job.pk).update(is_cancelling=True)
        return write(self)

    monkeypatch.setattr(imports.Batch, "write", cancelled_meanwhile)
    imports.run_import(Import.objects.get(pk=job.pk), batch_size=10)
    page = as_alice.get(f"/imports/{job.code}/").content.decode()
    assert "Cancelled after 10 of 30 rows. What they say is kept." in page
    assert Creator.objects.of(acme).count() == 10
    Import.objects.filter(pk=job.pk).update(is_rehearsal=True)
    assert "so nothing was saved" in as_alice.get(f"/imports/{job.code}/").content.decode()


def test_the_mapping_is_remembered(as_alice: Client, acme: Brand) -> None:
    first = imports.upload_import(acme, SimpleUploadedFile("a.csv", b"who,size\ndana,5k\n"), "a.csv")
    imports.map_import(first, imports.Mapping(["handle", "followers"], "tiktok", currency="EUR"))
    imports.start_import(first)
    again = imports.upload_import(acme, SimpleUploadedFile("b.csv", b"who,size\neva,6k\n"), "b.csv")
    assert again.mapping["columns"] == ["handle", "followers"]
    assert again.mapping["network"] == "tiktok"


def test_without_a_network_it_does_not_start(as_alice: Client, as_bob: Client, acme: Brand) -> None:
    upload(as_alice, "people.csv", b"handle,followers\ndana,5k\n")
    job = Import.objects.get()
    page = as_alice.get(f"/imports/{job.code}/")
    assert "choose the network" in page.content.decode()
    data = {field.html_name: field.value() or "" for field in page.context["form"]}
    as_alice.post(f"/imports/{job.code}/start/", data)
    job.refresh_from_db()
    assert job.status == "mapping"
    assert as_bob.post(f"/imports/{job.code}/", {**data, "network": "tiktok"}).status_code == 403
    answer = as_alice.post(f"/imports/{job.code}/", {**data, "network": "tiktok"}, headers={"HX-Request": "true"})
    assert answer.context["preview"].rows[0].network == "tiktok"
    assert "<html" not in answer.content.decode()
    assert as_bob.post(f"/imports/{job.code}/start/", data).status_code == 403


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"PK\x03\x04xx", "Excel"),
        (b"handle,followers\n", "no rows"),
        (b"\x00\x01\x02" * 99, "text file"),
    ],
)
def test_bad_files_are_refused_and_change_nothing(
    as_alice: Client, as_bob: Client, tmp_path: Path, content: bytes, message: str
) -> None:
    response = upload(as_alice, "bad.csv", content)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert upload(as_bob, "bad.csv", content).status_code == 403
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("import_creators", str(path), "--brand", "acme", stderr=io.StringIO())
    assert not Import.objects.exists()
    assert not Creator.objects.exists()


def test_the_command_rehearses_and_refuses(acme: Brand, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"handle,followers\ndana,5k\n,6k\n")
    with pytest.raises(CommandError, match="--network"):
        call_command("import_creators", str(path), "--brand", "acme", stderr=io.StringIO())
    with pytest.raises(CommandError, match="no brand"):
        call_command("import_creators", str(path), "--brand", "nobody", stderr=io.StringIO())
    with pytest.raises(CommandError, match="can't be opened"):
        call_command("import_creators", str(tmp_path / "gone.csv"), "--brand", "acme", stderr=io.StringIO())
    result = shell(str(path), "--brand", "acme", "--network", "tiktok", "--dry-run")
    assert (result["rows"], result["created"], [row["line"] for row in result["rejected"]]) == (2, 1, [3])
    assert not Creator.objects.exists()
    assert not Import.objects.exists()
    assert shell(str(path), "--brand", "acme", "--network", "tiktok")["created"] == 1


def test_partners_import(api: Callable[..., Any], acme: Brand, globex: Brand) -> None:
    response = api(acme).post(
        "/api/v1/imports/?network=tiktok", data=b"handle,followers\ndana,5k\n", content_type="text/csv"
    )
    assert response.status_code == 202, response.content
    code = response.json()["code"]
    run(Import.objects.get(code=code))
    status = api(acme).get(f"/api/v1/imports/{code}/").json()
    assert (status["status"], status["created"]) == ("done", 1)
    assert api(globex).get(f"/api/v1/imports/{code}/").status_code == 404
    file = SimpleUploadedFile("x.csv", b"handle,fans\neva,5k\n")
    assert api(acme).post("/api/v1/imports/", {"file": file}, format="multipart").status_code == 400
    assert api(acme, "creators:read").post("/api/v1/imports/", data=b"x", content_type="text/csv").status_code == 403
    assert Import.objects.count() == 1
