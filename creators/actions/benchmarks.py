"""A brand's own benchmarks."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from creators.models import Benchmark
from groundswell.accounts.models import Brand, User
from groundswell.events.actions import record


@transaction.atomic
def add_benchmark(brand: Brand, *, by: User | None, **facts: Any) -> Benchmark:
    """A figure of the brand's own, beside the published ones and seen by nobody else. `facts`: fields of Benchmark."""
    row = Benchmark.objects.create(owner=brand, **facts)
    record(brand, "benchmark.added", row, by=by, metric=row.metric, source=row.source)
    return row


@transaction.atomic
def remove_benchmark(benchmark: Benchmark, *, by: User) -> None:
    """Takes away a row of the brand's own; published rows stay."""
    if benchmark.owner is None:
        raise ValueError("A published benchmark is nobody's to remove.")
    record(benchmark.owner, "benchmark.removed", benchmark, by=by, metric=benchmark.metric, source=benchmark.source)
    benchmark.delete()
