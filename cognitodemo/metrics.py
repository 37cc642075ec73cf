"""`/metrics` in Prometheus' format, for whoever has METRICS_TOKEN; without that setting there is no such page.

A gauge that is computed when it is asked for is right with any number of processes; a counter in one process's memory
is not (https://prometheus.io/docs/instrumenting/writing_exporters/#collectors).
"""

import math
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from cognitodemo import health
from flows.services.figures import Figures, figures
from operations import parts
from vault.models import SealedValue

_QUANTILES = (0.5, 0.95)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures: 404 where the setting is empty, 401 without the token."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("There is no such page.\n", status=404, content_type="text/plain; charset=utf-8")
    if not health.has_token(request):
        told = "Send the token: Authorization: Bearer ...\n"
        refusal = HttpResponse(told, status=401, content_type="text/plain; charset=utf-8")
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    response = HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    response["Cache-Control"] = "no-store"
    return response


class _Collector(Collector):
    def describe(self) -> list[Metric]:
        """Nothing: to say which there are it would have to ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        found = figures()
        begun = CounterMetricFamily("lab_runs_begun", "Runs that have ever been begun.")
        begun.add_metric([], found.begun)
        yield begun
        yield from _of_runs(found)
        yield _of_calls(found)
        sealed = GaugeMetricFamily("lab_vault_values", "Secrets that are kept, sealed, for an hour at most.")
        sealed.add_metric([], SealedValue.objects.count())
        yield sealed
        if settings.APP_MODE == "sandbox":
            up = GaugeMetricFamily("lab_sandbox_up", "Whether the sandbox answers.")
            up.add_metric([], parts.sandbox() == "ok")
            yield up


def _of_runs(found: Figures) -> Iterator[Metric]:
    runs = GaugeMetricFamily("lab_runs_5m", "Runs begun in five minutes.", labels=["outcome", "flow", "provider"])
    for labels, count in sorted(found.runs.items()):
        runs.add_metric(labels, count)
    yield runs
    refusals = GaugeMetricFamily("lab_refusals_5m", "Runs begun in five minutes that an error ended.", labels=["code"])
    for code, count in sorted(found.refusals.items()):
        refusals.add_metric([code], count)
    yield refusals
    running = GaugeMetricFamily("lab_runs_running", "Runs with a call under way.")
    running.add_metric([], found.running)
    yield running


def _of_calls(found: Figures) -> Metric:
    seconds = GaugeMetricFamily(
        "lab_call_seconds_5m",
        "How long calls of runs begun in five minutes took.",
        labels=["service", "operation", "quantile"],
    )
    for (service, operation), values in sorted(found.seconds.items()):
        for quantile in _QUANTILES:
            seconds.add_metric([service, operation, str(quantile)], _quantile(values, quantile))
    return seconds


def _quantile(values: Sequence[float], quantile: float) -> float:
    """The value that this part of the sorted values does not exceed (nearest rank)."""
    return values[max(0, math.ceil(len(values) * quantile) - 1)]
