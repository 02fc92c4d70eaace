"""Files of orders: upload, start, run in batches. What happens to every upload is in `creators.actions.uploads`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from creators.actions import uploads
from creators.actions.uploads import Outcome
from creators.importing import files
from creators.importing.lines import Line
from groundswell.accounts.models import User
from groundswell.events.actions import record
from tracking.actions import orders
from tracking.importing.columns import Mapping, guess
from tracking.importing.rows import Group, OrderReader, RowError
from tracking.models import OrderImport, RejectedOrder, Store
from tracking.shops.orders import OrderData

BATCH = 500
PREVIEWED = 20
Read = OrderData | RejectedOrder


@transaction.atomic
def upload_orders(store: Store, file: File[Any], filename: str, *, by: User | None = None) -> OrderImport:
    """Keep a file of a store's orders with its guessed mapping. Raises UnreadableFileError and keeps nothing."""
    content = cast("BinaryIO", file)
    layout = files.look_at(content)
    job = OrderImport(brand=store.brand, store=store, uploaded_by=by, filename=filename[-200:], header=layout.header)
    job.total, job.sheet = files.count_rows(content, layout), layout.sheet
    job.sample = [[line.number, line.cells] for line in islice(files.rows(content, layout), PREVIEWED)]
    job.mapping = remembered(job).as_json()
    file.seek(0)
    job.file.save(f"{job.code}.{'xlsx' if job.sheet else 'csv'}", file, save=False)
    job.save()
    record(store.brand, "order_import.uploaded", job, by=by, filename=job.filename, rows=job.total)
    return job


def remembered(job: OrderImport) -> Mapping:
    """The mapping last confirmed for a file with these columns of this store, else a guess."""
    earlier = OrderImport.objects.of(job.brand).filter(store=job.store).mapped_like(job.header).first()
    is_till = job.store.kind == Store.Kind.TILL
    fresh = Mapping(guess(job.header), job.brand.currency, is_till=is_till)
    return Mapping.from_json(earlier.mapping) if earlier else fresh


def map_orders(job: OrderImport, mapping: Mapping) -> None:
    """Keep a mapping before the start. Raises ImportRefusedError once the import has started."""
    uploads.map_upload(job, mapping.as_json())


def start_orders(job: OrderImport, *, by: User | None = None, is_rehearsal: bool = False) -> None:
    """Queue the rows for reading. Raises ImportRefusedError for an incomplete mapping or a second start."""
    uploads.start_upload(job, Mapping.from_json(job.mapping).problems(), by=by, is_rehearsal=is_rehearsal)


def run_orders(job: OrderImport, *, batch_size: int = BATCH) -> None:
    """Read a claimed job from where it stands to its end; what is known already changes nothing."""
    uploads.run_upload(job, partial(run_file, batch_size=batch_size))


def run_file(job: OrderImport, file: BinaryIO, *, batch_size: int) -> None:
    layout = files.look_at(file, job.sheet)
    reader, before = reader_of(job), 0
    batch: list[tuple[Group, Read]] = []
    for group in reader.groups(files.rows(file, layout)):
        read, before = read_group(reader, group), before + len(group)
        if before > job.done:
            batch.append((group, read))
        if len(batch) >= batch_size:
            if not commit_batch(job, batch):
                return
            batch = []
    if not batch or commit_batch(job, batch):
        uploads.finish(job)


def reader_of(job: OrderImport) -> OrderReader:
    brand = job.brand
    zone, pepper = ZoneInfo(brand.timezone), orders.pepper_of(brand)
    return OrderReader(job.header, Mapping.from_json(job.mapping), zone, pepper, timezone.now())


def read_group(reader: OrderReader, group: Group) -> Read:
    try:
        return reader.read(group)
    except RowError as problem:
        return refused(group, str(problem))


def refused(group: Group, reason: str) -> RejectedOrder:
    return RejectedOrder(line=group[0].number, reason=reason[:300], values=group[0].cells)


@transaction.atomic
def commit_batch(job: OrderImport, batch: list[tuple[Group, Read]]) -> bool:
    """Orders and counters in one transaction; False when somebody cancelled the job or another worker has it."""
    fresh = uploads.held(job)
    if fresh is None:
        return False
    outcome, rejected = tried(job, batch) if fresh.is_rehearsal else written(job, batch)
    uploads.count(fresh, sum(len(group) for group, _ in batch), outcome, rejected)
    job.done = fresh.done
    return True


def written(job: OrderImport, batch: list[tuple[Group, Read]]) -> tuple[Outcome, list[RejectedOrder]]:
    """Take the orders in; counts are of orders, whatever number of rows they had."""
    valid = {place: read for place, (_, read) in enumerate(batch) if isinstance(read, OrderData)}
    rejected = [read for _, read in batch if isinstance(read, RejectedOrder)]
    outcome = Outcome()
    for place, taken in orders.take_orders(job.store, valid).items():
        if isinstance(taken, orders.OrderDiffers):
            rejected.append(refused(batch[place][0], str(taken)))
        elif taken[1]:
            outcome.created += 1
        else:
            outcome.unchanged += 1
    return outcome, sorted(rejected, key=lambda row: row.line)


@transaction.atomic
def tried(job: OrderImport, batch: list[tuple[Group, Read]]) -> tuple[Outcome, list[RejectedOrder]]:
    """What writing it would come to; nothing of it stays."""
    result = written(job, batch)
    transaction.set_rollback(True)
    return result


@dataclass(frozen=True)
class Preview:
    """The first orders as they will be read, each with its line, and problems of the mapping."""

    sample: list[Line]
    rows: list[tuple[int, Read]]
    problems: list[str]


def preview_orders(job: OrderImport) -> Preview:
    """Read the first rows as a start would, writing nothing."""
    sample = [Line(number, cells) for number, cells in job.sample]
    problems, reader = Mapping.from_json(job.mapping).problems(), reader_of(job)
    groups = [] if problems else list(reader.groups(iter(sample)))
    return Preview(sample, [(group[0].number, read_group(reader, group)) for group in groups], problems)
