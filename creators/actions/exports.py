"""Files of creators: asked for, written in the background, forgotten after a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files import File
from django.db import transaction
from django.db.models import F, Prefetch, QuerySet
from django.http import QueryDict
from django.utils import timezone

from creators.discovery.filters import Filters
from creators.discovery.search import Search
from creators.exporting import COLUMNS, Entry, write
from creators.models import Creator, Relationship, SocialAccount
from creators.models.exports import Export
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

CHUNK = 1_000
MOST = {Export.Format.CSV: 1_000_000, Export.Format.XLSX: 200_000}
PATIENCE = timedelta(minutes=5)


class ExportRefusedError(Exception):
    """The export can't be made like this; the message says why."""


def found_by(brand: Brand, query: str) -> QuerySet[Creator]:
    """Everybody that the directory shows under these filters. Raises ExportRefusedError for unreadable ones."""
    filters = Filters.parse(QueryDict(query.removeprefix("?")))
    if filters.problems:
        raise ExportRefusedError(" ".join(filters.problems))
    return Search(brand, filters).creators()


@transaction.atomic
def request_export(brand: Brand, query: str, columns: list[str], kind: str, *, by: User | None) -> Export:
    """Queue a file of everybody found by a search, with these columns. Raises ExportRefusedError."""
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown or not columns:
        raise ExportRefusedError(f"No such column: {', '.join(unknown)}." if unknown else "Choose a column at least.")
    total = found_by(brand, query).count()
    if total > MOST[Export.Format(kind)]:
        most = MOST[Export.Format(kind)]
        raise ExportRefusedError(
            f"{total:,} creators are found; a file of this kind holds {most:,}. Narrow the search."
        )
    row = Export.objects.create(
        brand=brand, requested_by=by, query=query[:4000], columns=list(dict.fromkeys(columns)), format=kind, total=total
    )
    record(brand, "export.requested", row, by=by, rows=total, columns=row.columns)
    return row


def write_export(export: Export) -> None:
    """Write the file of a queued export; exactly one of several workers does."""
    waiting = Export.objects.filter(pk=export.pk, status=Export.Status.QUEUED)
    if not waiting.update(status=Export.Status.RUNNING, beat_at=timezone.now()):
        return
    try:
        with TemporaryFile() as file:
            write(file, export.format, export.columns, entries(export))
            finish(export, file)
    except ExportRefusedError as problem:
        fail(export, str(problem))


def entries(export: Export) -> Iterator[Entry]:
    """In the order of keys, a chunk at a time: the number of statements doesn't depend on what a creator has."""
    found = found_by(export.brand, export.query).select_related(None).order_by("pk").prefetch_related(
        Prefetch("accounts", SocialAccount.objects.order_by(F("followers").desc(nulls_last=True), "pk")),
        Prefetch(
            "relationships",
            Relationship.objects.of(export.brand).select_related("owner").prefetch_related("notes"),
            to_attr="mine",
        ),
    )  # fmt: skip
    last = 0
    while chunk := list(found.filter(pk__gt=last)[:CHUNK]):
        for creator in chunk:
            mine: list[Relationship] = creator.mine
            yield Entry(creator, list(creator.accounts.all()), mine[0] if mine else None)
        last = chunk[-1].pk
        Export.objects.filter(pk=export.pk).update(done=F("done") + len(chunk), beat_at=timezone.now())


@transaction.atomic
def finish(export: Export, file: IO[bytes]) -> None:
    file.seek(0)
    export.file.save(export.filename, File(file), save=False)
    ended: dict[str, Any] = {"status": Export.Status.DONE, "ended_at": timezone.now(), "file": export.file.name}
    Export.objects.filter(pk=export.pk).update(total=F("done"), **ended)
    record(export.brand, "export.finished", export, by=export.requested_by)


def fail(export: Export, message: str) -> None:
    Export.objects.filter(pk=export.pk).exclude(status__in=Export.ENDED).update(
        status=Export.Status.FAILED, error=message, ended_at=timezone.now()
    )


def tend_exports() -> None:
    """Those whose worker died are given up; files older than a week are deleted with their rows."""
    now = timezone.now()
    for row in Export.objects.abandoned(before=now - PATIENCE):
        fail(row, "The export was interrupted. Ask for it again.")
    for row in Export.objects.old(now):
        row.file.delete(save=False)
        row.delete()
