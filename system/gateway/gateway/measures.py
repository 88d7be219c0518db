"""The gateway's Prometheus metrics."""

from collections import Counter as Counts

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from gateway.health import Health
from gateway.security import Reason

BUCKETS_S = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Measures:
    """A registry of its own, so that a test may have several gateways in one process."""

    def __init__(self, health: Health) -> None:
        """Register what is counted here and what is read from the gateway when asked."""
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(_State(health))
        self._requests = Counter("gateway_requests", "Answers", ["route", "status"], registry=self._registry)
        self._seconds = Histogram(
            "gateway_request_seconds", "Time to answer", ["route"], buckets=BUCKETS_S, registry=self._registry
        )

    def request(self, route: str, status: int, took_s: float) -> None:
        """Count one answer."""
        self._requests.labels(route, status).inc()
        self._seconds.labels(route).observe(took_s)

    def exposition(self) -> bytes:
        """The text that Prometheus scrapes."""
        return generate_latest(self._registry)


class _State(Collector):
    """Reads the gateway's state at each scrape, so that nothing has to be kept in step with it."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> list[CounterMetricFamily | GaugeMetricFamily]:
        cache = self._health.cache
        counted = (
            ("gateway_cache_hits", "Answers from the cache", cache.hits),
            ("gateway_cache_misses", "Answers that had to be fetched", cache.misses),
            ("gateway_upstream_errors", "Fetches that failed", cache.upstream_errors),
        )
        measured = (
            ("gateway_cache_items", "Items in the store", len(cache.store)),
            ("gateway_cache_store_bytes", "Size of the store on disk", cache.store.size_bytes),
            ("gateway_cache_views", "Views in memory", len(cache.views)),
            ("gateway_cache_view_bytes", "Bytes of the views in memory", cache.view_bytes),
            ("gateway_ready", "1 when traffic should come here", self._health.not_ready_because() is None),
        )
        return [
            *(CounterMetricFamily(name, text, value) for name, text, value in counted),
            *(GaugeMetricFamily(name, text, value) for name, text, value in measured),
            _by_label("gateway_refused_requests", "Refused requests", "reason", self._health.tally.refused),
            _by_label("gateway_token_requests", "Requests let in", "holder", self._health.tally.accepted),
        ]


def _by_label(name: str, text: str, label: str, counts: Counts[Reason] | Counts[str]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
