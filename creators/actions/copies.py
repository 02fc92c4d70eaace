"""A copy of everything that is kept about a creator, as one archive."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from creators.actions.privacy import erase, person_of
from creators.models import DataRequest
from creators.privacy.holdings import HOLDINGS, Person
from groundswell.accounts.models import User
from groundswell.events.actions import record
from groundswell.lib.spreadsheets import inert

PATIENCE = timedelta(minutes=10)
Status, Kind = DataRequest.Status, DataRequest.Kind


@transaction.atomic
def request_copy(user: User) -> DataRequest:
    """Queue a copy; the one that is being made if there is one."""
    User.objects.select_for_update().get(pk=user.pk)
    waiting = DataRequest.objects.of_user(user).copies().filter(status__in=[Status.QUEUED, Status.RUNNING]).first()
    if waiting:
        return waiting
    row = DataRequest.objects.create(user=user, kind=Kind.COPY, beat_at=timezone.now())
    record(None, "copy.requested", row, by=user)
    return row


def fulfil(request: DataRequest) -> None:
    """Do what a queued request asks for; exactly one of several workers does."""
    waiting = DataRequest.objects.filter(pk=request.pk, status=Status.QUEUED)
    if not waiting.update(status=Status.RUNNING, beat_at=timezone.now()):
        return
    if request.kind == Kind.ERASURE:
        erase(request.user)
    else:
        write_copy(request)
    DataRequest.objects.filter(pk=request.pk).update(status=Status.DONE, ended_at=timezone.now())


def write_copy(request: DataRequest) -> None:
    """`data.json` with every table, and each table as a CSV file of its own that no spreadsheet runs."""
    person = person_of(request.user)
    with TemporaryFile() as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            every: dict[str, Any] = {"sign-in": [signed_in(request.user)]}
            tables = [holding for holding in HOLDINGS if holding.told]
            for done, holding in enumerate(tables):
                rows = [{name: plain(value) for name, value in row.items()} for row in holding.tell(person)]
                every[holding.title] = rows
                archive.writestr(f"{holding.title.replace(' ', '-')}.csv", table(holding.told, rows))
                progress(request, done + 1, len(tables))
            archive.writestr("data.json", json.dumps(every, ensure_ascii=False, indent=2))
            add_files(archive, person)
        file.seek(0)
        request.file.save(f"{request.code}.zip", File(file), save=False)
    DataRequest.objects.filter(pk=request.pk).update(file=request.file.name)


def signed_in(user: User) -> dict[str, Any]:
    return {"email": user.email, "name": user.name, "since": plain(user.date_joined)}


def add_files(archive: ZipFile, person: Person) -> None:
    """What the creator uploaded themselves."""
    for row, stored in uploads(person):
        with stored.open("rb") as content:
            archive.writestr(f"evidence/{row.code}-{row.filename}", content.read())


def uploads(person: Person) -> Iterator[tuple[Any, Any]]:
    for holding in HOLDINGS:
        if holding.file and holding.told:
            for row in holding.rows(person):
                yield row, getattr(row, holding.file)


def plain(value: Any) -> Any:
    """As JSON has it: times, days and amounts as text."""
    return value if value is None or isinstance(value, str | int | bool | list | dict) else str(value)


def table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(name.replace("__", " ") for name in columns)
    writer.writerows([cell(row[name]) for name in columns] for row in rows)
    return text.getvalue()


def cell(value: Any) -> str:
    return inert("" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else value)


def progress(request: DataRequest, done: int, total: int) -> None:
    DataRequest.objects.filter(pk=request.pk).update(done=done, total=total, beat_at=timezone.now())


def requeue_unfinished() -> list[DataRequest]:
    """Requests whose worker died go back to the queue: both kinds can be done again."""
    now = timezone.now()
    rows = list(DataRequest.objects.unfinished(now - PATIENCE))
    DataRequest.objects.filter(pk__in=[row.pk for row in rows]).update(status=Status.QUEUED, beat_at=now)
    return rows


def forget_copies() -> None:
    """A copy is kept for a week."""
    for row in DataRequest.objects.old(timezone.now()):
        row.file.delete(save=False)
        DataRequest.objects.filter(pk=row.pk).update(file="")
