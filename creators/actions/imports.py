"""The life of an uploaded file: upload, start, run in batches, cancel, resume."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from creators.actions import uploads
from creators.actions.batches import Batch
from creators.actions.uploads import ImportRefusedError, Outcome
from creators.importing import columns, files
from creators.importing.columns import Mapping
from creators.importing.lines import Line
from creators.importing.rows import Row, RowError, RowReader
from creators.models import Import, RejectedRow
from creators.privacy import privacy_keys, why, wishes
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record

BATCH = 5_000
SAMPLE_ROWS = 200
PREVIEWED = 20


@dataclass(frozen=True)
class Prepared:
    """A file that was looked at: its layout, its first rows, how many there are, and the likeliest mapping."""

    layout: files.Layout
    sample: list[Line]
    total: int
    mapping: Mapping


def prepare(brand: Brand, file: BinaryIO, filename: str, sheet: str = "") -> Prepared:
    """Look through a whole file. Raises UnreadableFileError; writes nothing."""
    layout = files.look_at(file, sheet)
    total = files.count_rows(file, layout)
    sample = list(islice(files.rows(file, layout), SAMPLE_ROWS))
    mapping = remembered(brand, layout.header) or columns.guess(
        layout.header, [line.cells for line in sample], filename
    )
    mapping.currency = mapping.currency or brand.currency
    return Prepared(layout, sample, total, mapping)


def remembered(brand: Brand, header: list[str]) -> Mapping | None:
    """The mapping the brand last confirmed for a file with these columns."""
    earlier = Import.objects.of(brand).mapped_like(header).first()
    return Mapping.from_json(earlier.mapping) if earlier else None


@transaction.atomic
def upload_import(brand: Brand, file: File[Any], filename: str, *, by: User | None = None) -> Import:
    """Keep a file with its guessed mapping. Raises UnreadableFileError and keeps nothing."""
    prepared = prepare(brand, cast("BinaryIO", file), filename)
    job = Import(brand=brand, uploaded_by=by, filename=filename[-200:])
    take_layout(job, prepared)
    file.seek(0)
    job.file.save(stored_name(job), file, save=False)
    job.save()
    record(brand, "import.uploaded", job, by=by, filename=job.filename, rows=job.total)
    return job


def take_layout(job: Import, prepared: Prepared) -> None:
    layout = prepared.layout
    job.total, job.header, job.mapping = prepared.total, layout.header, prepared.mapping.as_json()
    job.sheet, job.sheets = layout.sheet, [[sheet.name, sheet.rows] for sheet in layout.sheets]
    job.sample = [[line.number, line.cells] for line in prepared.sample[:PREVIEWED]]


def stored_name(job: Import) -> str:
    return f"{job.code}.{'xlsx' if job.sheet else 'csv'}"


def choose_sheet(job: Import, sheet: str) -> None:
    """Read another sheet of a workbook, with a mapping guessed anew.

    Raises ImportRefusedError for a sheet that isn't there or once the import has started, and UnreadableFileError.
    """
    if sheet not in [name for name, _ in job.sheets]:
        raise ImportRefusedError("This workbook has no such sheet.")
    with uploads.opened(job) as file:
        take_layout(job, prepare(job.brand, file, job.filename, sheet))
    facts = {name: getattr(job, name) for name in ("total", "header", "mapping", "sheet", "sheets", "sample")}
    if not Import.objects.filter(pk=job.pk, status=Import.Status.MAPPING).update(**facts):
        raise ImportRefusedError("This import has started; its sheet can't be changed any more.")


def map_import(job: Import, mapping: Mapping) -> None:
    """Keep a mapping before the start, complete or not. Raises ImportRefusedError once the import has started."""
    uploads.map_upload(job, mapping.as_json())


def start_import(job: Import, *, by: User | None = None, is_rehearsal: bool = False) -> None:
    """Queue the rows for reading. Raises ImportRefusedError for an incomplete mapping or a second start."""
    uploads.start_upload(job, Mapping.from_json(job.mapping).problems(), by=by, is_rehearsal=is_rehearsal)


def run_import(job: Import, *, batch_size: int = BATCH) -> None:
    """Read a claimed job from where it stands to its end; a dead worker's rows so far are never read twice."""
    uploads.run_upload(job, partial(run_file, batch_size=batch_size))


def run_file(job: Import, file: BinaryIO, *, batch_size: int = BATCH) -> None:
    layout = files.look_at(file, job.sheet)
    reading = Reading(layout.header, Mapping.from_json(job.mapping))
    lines = files.rows(file, layout)
    for line in islice(lines, job.done):
        reading.read(line)
    while batch := list(islice(lines, batch_size)):
        if not commit_batch(job, [reading.read(line) for line in batch], batch):
            return
    uploads.finish(job)


class Reading:
    """Rows in order, each account once: a second row about the same account is refused."""

    def __init__(self, header: list[str], mapping: Mapping) -> None:
        self.reader = RowReader(header, mapping)
        self.lines: dict[tuple[str, str], int] = {}

    def read(self, line: Line) -> Row | RejectedRow:
        try:
            row = self.reader.read(line)
        except RowError as problem:
            return refused(line, str(problem))
        first = self.lines.setdefault(row.key, line.number)
        if first != line.number:
            return refused(line, f"Line {first} has the same account (@{row.handle} on {row.network})")
        return row


def refused(line: Line, reason: str) -> RejectedRow:
    return RejectedRow(line=line.number, reason=reason[:300], values=line.cells)


def remark(row: Row, line: Line) -> RejectedRow:
    reason = "; ".join(row.remarks)[:300]
    return RejectedRow(line=line.number, reason=reason, values=line.cells, is_imported=True)


@transaction.atomic
def commit_batch(job: Import, read: list[Row | RejectedRow], lines: list[Line]) -> bool:
    """Rows and counters in one transaction; False when somebody cancelled the job or another worker has it."""
    fresh = uploads.held(job)
    if fresh is None:
        return False
    read = without_suppressed(read, lines)
    batch = Batch(job.brand, [row for row in read if isinstance(row, Row)], job.uploaded_by)
    outcome = tried(batch) if fresh.is_rehearsal else batch.write()
    rejected = [row for row in read if isinstance(row, RejectedRow)]
    remarked = [remark(row, line) for row, line in zip(read, lines, strict=True) if isinstance(row, Row) if row.remarks]
    uploads.count(fresh, len(read), outcome, [*rejected, *remarked])
    job.done = fresh.done
    return True


def without_suppressed(read: list[Row | RejectedRow], lines: list[Line]) -> list[Row | RejectedRow]:
    """The rows with those about people who were erased or opted out refused, whether by account or by address."""
    wanted = wishes(key for row in read if isinstance(row, Row) for key in privacy_keys(row))
    if not wanted:
        return read
    return [
        refused(line, why(row, wanted)) if isinstance(row, Row) and why(row, wanted) else row
        for row, line in zip(read, lines, strict=True)
    ]


@transaction.atomic
def tried(batch: Batch) -> Outcome:
    """What writing it would come to; nothing of it stays."""
    outcome = batch.write()
    transaction.set_rollback(True)
    return outcome


@dataclass(frozen=True)
class Summary:
    """What an import did, as the command line prints it."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: list[dict[str, Any]]
    remarked: list[dict[str, Any]]


def import_now(
    brand: Brand, file: BinaryIO, filename: str, *, network: str = "", sheet: str = "", keep: bool = True
) -> Summary:
    """Guess, read and write a file in one go, as the command line does; with `keep=False` nothing stays.

    Raises UnreadableFileError, and ImportRefusedError where the guess leaves something open.
    """
    prepared = prepare(brand, file, filename, sheet)
    prepared.mapping.network = network or prepared.mapping.network
    problems = prepared.mapping.problems()
    if problems:
        raise ImportRefusedError(" ".join(problems))
    job = Import(brand=brand, filename=filename[-200:], status=Import.Status.RUNNING, beat_at=timezone.now())
    take_layout(job, prepared)
    return run_now(job, file) if keep else rehearse(job, file)


def run_now(job: Import, file: BinaryIO) -> Summary:
    file.seek(0)
    job.file.save(stored_name(job), File(file), save=True)
    run_file(job, file)
    return summary(job)


@transaction.atomic
def rehearse(job: Import, file: BinaryIO) -> Summary:
    """The very same writes, rolled back."""
    job.save()
    run_file(job, file)
    result = summary(job)
    transaction.set_rollback(True)
    return result


def summary(job: Import) -> Summary:
    job.refresh_from_db()
    rows = job.rejected_rows.all()
    return Summary(job.done, job.created, job.updated, job.unchanged, reasons(rows.refused()), reasons(rows.remarked()))


def reasons(rows: Iterable[RejectedRow]) -> list[dict[str, Any]]:
    return [{"line": row.line, "reason": row.reason} for row in rows]


@dataclass(frozen=True)
class Preview:
    """The first rows as they will be read: the file's lines, what becomes of each, and problems of the mapping."""

    sample: list[Line]
    rows: list[Row | RejectedRow]
    problems: list[str]


def preview_import(job: Import) -> Preview:
    """Read the first rows as a start would, writing nothing."""
    mapping = Mapping.from_json(job.mapping)
    sample = [Line(number, cells) for number, cells in job.sample]
    reading = Reading(job.header, mapping)
    problems = mapping.problems()
    return Preview(sample, [] if problems else [reading.read(line) for line in sample], problems)
