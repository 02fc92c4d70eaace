"""The page of published and own benchmarks."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from creators.actions.benchmarks import add_benchmark, remove_benchmark
from creators.forms.settings import BenchmarkForm
from creators.models import Benchmark, Network
from groundswell.web.decorators import BrandRequest, brand_page


@brand_page("manage", writes=True)
def benchmarks(request: BrandRequest) -> HttpResponse:
    """The rows with their provenance, narrowed by `?metric=` and `?network=`; a POST adds one of the brand's own."""
    form = BenchmarkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        add_benchmark(request.brand, by=request.user, **form.facts())
        messages.success(request, "Added. Profiles compare with it where the denominator is the same.")
        return redirect("creators:benchmarks")
    return render(request, "creators/benchmarks.html", context_of(request, form), status=422 if form.is_bound else 200)


def context_of(request: BrandRequest, form: BenchmarkForm) -> dict[str, object]:
    rows = Benchmark.objects.visible_to(request.brand).in_order()
    for name, allowed in (("metric", Benchmark.Metric.values), ("network", Network.values)):
        if request.GET.get(name) in allowed:
            rows = rows.filter(**{name: request.GET[name]})
    return {
        "rows": rows,
        "form": form,
        "metrics": Benchmark.Metric.choices,
        "networks": Network.choices[:3],
        "metric": request.GET.get("metric", ""),
        "network": request.GET.get("network", ""),
    }


@require_POST
@brand_page("manage")
def remove(request: BrandRequest, code: str) -> HttpResponse:
    """Take away a row of the brand's own."""
    remove_benchmark(get_object_or_404(Benchmark.objects.of(request.brand), code=code), by=request.user)
    messages.success(request, "Removed.")
    return redirect("creators:benchmarks")
