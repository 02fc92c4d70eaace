"""What every uploaded file goes through, whatever its rows are about: queued, claimed, cancelled, resumed, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO, TypeVar, cast

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from creators.importing.lines import UnreadableFileError
from creators.models import Rejected, Upload
from groundswell.accounts.models import User
from groundswell.events.actions import record

PATIENCE = timedelta(seconds=60)
ATTEMPTS = 5
UNSTARTED = Q(status=Upload.Status.MAPPING) | Q(status__in=Upload.ENDED, is_rehearsal=True)
NOTHING_DONE = {"done": 0, "created": 0, "updated": 0, "unchanged": 0, "rejected": 0, "remarked": 0, "attempts": 0}
AnyUpload = TypeVar("AnyUpload", bound=Upload)


class ImportRefusedError(Exception):
    """The import can't do this now, or not with this mapping; the message says why."""


@dataclass
class Outcome:
    """What a batch came to, in rows of the file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


def map_upload(job: Upload, mapping: dict[str, Any]) -> None:
    """Keep a mapping before the start, complete or not. Raises ImportRefusedError once the import has started."""
    if not type(job).objects.filter(pk=job.pk, status=Upload.Status.MAPPING).update(mapping=mapping):
        raise ImportRefusedError("This import has started; its mapping can't be changed any more.")
    job.mapping = mapping


@transaction.atomic
def start_upload(job: Upload, problems: list[str], *, by: User | None = None, is_rehearsal: bool = False) -> None:
    """Queue the rows for reading. Raises ImportRefusedError for problems of the mapping or a second start.

    A rehearsal reads and counts everything and keeps nothing but the refused rows; it can be followed by the start.
    """
    if problems:
        raise ImportRefusedError(" ".join(problems))
    waiting = type(job).objects.filter(UNSTARTED, pk=job.pk)
    started = waiting.update(
        status=Upload.Status.QUEUED,
        is_rehearsal=is_rehearsal,
        is_cancelling=False,
        ended_at=None,
        error="",
        beat_at=timezone.now(),
        **NOTHING_DONE,
    )
    if not started:
        raise ImportRefusedError("This import has been started already.")
    job.rejected_rows.all().delete()
    record(job.brand, f"{job.WORD}.started", job, by=by, is_rehearsal=is_rehearsal)


def reopen_import(job: Upload) -> None:
    """Back from a rehearsal to the mapping. Raises ImportRefusedError for an import that was more than that."""
    rehearsed = type(job).objects.filter(pk=job.pk, is_rehearsal=True, status__in=Upload.ENDED)
    if not rehearsed.update(status=Upload.Status.MAPPING, is_rehearsal=False, ended_at=None, error="", **NOTHING_DONE):
        raise ImportRefusedError("This import has been started already; its mapping can't be changed any more.")
    job.rejected_rows.all().delete()


@transaction.atomic
def cancel_import(job: Upload, *, by: User) -> None:
    """Stop after the batch at work; rows read so far stay. Raises ImportRefusedError once it has ended."""
    same = type(job).objects.filter(pk=job.pk)
    waiting = same.filter(status__in=[Upload.Status.MAPPING, Upload.Status.QUEUED])
    stopped = waiting.update(status=Upload.Status.CANCELLED, ended_at=timezone.now())
    stopped = stopped or same.filter(status=Upload.Status.RUNNING).update(is_cancelling=True)
    if not stopped:
        raise ImportRefusedError("This import has ended already.")
    record(job.brand, f"{job.WORD}.cancelled", job, by=by)


def claim_import(job: Upload) -> bool:
    """Whether this worker may run the job: exactly one of several gets it."""
    queued = type(job).objects.filter(pk=job.pk, status=Upload.Status.QUEUED)
    return bool(queued.update(status=Upload.Status.RUNNING, beat_at=timezone.now()))


def requeue_abandoned(kind: type[AnyUpload]) -> list[AnyUpload]:
    """Imports whose worker died go back to the queue; after several deaths at one place they are given up."""
    now = timezone.now()
    found = []
    for job in kind.objects.abandoned(before=now - PATIENCE).order_by("pk"):
        same = kind.objects.filter(pk=job.pk, beat_at=job.beat_at)
        if job.attempts >= ATTEMPTS:
            give_up(job, f"The import stopped {ATTEMPTS} times after row {job.done:,}. Rows up to there are imported.")
        elif same.update(status=Upload.Status.QUEUED, beat_at=now, attempts=F("attempts") + 1):
            found.append(job)
    return found


@transaction.atomic
def give_up(job: Upload, message: str) -> None:
    type(job).objects.filter(pk=job.pk).exclude(status__in=Upload.ENDED).update(
        status=Upload.Status.FAILED, error=message, ended_at=timezone.now()
    )
    record(job.brand, f"{job.WORD}.failed", job, error=message)


def run_upload(job: AnyUpload, run_file: Callable[[AnyUpload, BinaryIO], None]) -> None:
    """Read a claimed job from where it stands to its end; a file that can't be read any more ends it with a message."""
    try:
        with opened(job) as file:
            run_file(job, file)
    except FileNotFoundError:
        give_up(job, "The uploaded file is gone. Upload it again.")
    except UnreadableFileError as problem:
        give_up(job, str(problem))


@contextmanager
def opened(job: Upload) -> Iterator[BinaryIO]:
    with job.file.open("rb") as file:
        yield cast("BinaryIO", file.file)


def held(job: AnyUpload) -> AnyUpload | None:
    """The job's row, locked for one more batch; None when somebody cancelled it or another worker has it."""
    fresh: AnyUpload = type(job).objects.select_for_update().get(pk=job.pk)
    if fresh.status != Upload.Status.RUNNING or fresh.done != job.done:
        return None
    if fresh.is_cancelling:
        end(fresh, Upload.Status.CANCELLED)
        return None
    return fresh


def count(job: Upload, rows: int, outcome: Outcome, told: list[Any]) -> None:
    """Keep a batch's refused and remarked rows and add it to the counters, in the transaction of its writes."""
    for row in told:
        row.job = job
    telling: type[Rejected] = job.rejected_rows.model
    telling._default_manager.bulk_create(told)  # noqa: SLF001 - Django's own name for it
    remarked = sum(row.is_imported for row in told)
    job.done += rows
    job.created += outcome.created
    job.updated += outcome.updated
    job.unchanged += outcome.unchanged
    job.rejected += len(told) - remarked
    job.remarked += remarked
    job.attempts, job.beat_at = 0, timezone.now()
    job.save(
        update_fields=["done", "created", "updated", "unchanged", "rejected", "remarked", "attempts", "beat_at"],
    )


@transaction.atomic
def finish(job: Upload) -> None:
    fresh: Upload = type(job).objects.select_for_update().get(pk=job.pk)
    if fresh.status == Upload.Status.RUNNING and fresh.done == job.done:
        type(job).objects.filter(pk=job.pk).update(total=fresh.done)
        end(fresh, Upload.Status.DONE)
        counts = {name: getattr(fresh, name) for name in ("created", "updated", "unchanged", "rejected", "remarked")}
        facts = {**counts, "is_rehearsal": fresh.is_rehearsal}
        record(fresh.brand, f"{fresh.WORD}.finished", fresh, by=fresh.uploaded_by, **facts)


def end(job: Upload, status: str) -> None:
    job.status, job.ended_at = status, timezone.now()
    job.save(update_fields=["status", "ended_at"])
