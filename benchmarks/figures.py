"""What a run of a load generator measured, and the figures of several runs side by side."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sample:
    """One run of a generator. Times in seconds on its own clock, one entry per request, sorted by ``due_s``.

    ``due_s`` is what the generator itself counts latency from: ours from the due time, the peers from the start.
    """

    due_s: NDArray[np.float64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    failed: int
    duration_s: float
    rate_per_s: float
    cpu_s: float  # of the generator's process from its start to its end
    cpu_per_request_s: float  # while requests were under way

    @property
    def p99_ms(self) -> float:
        """Nearest-rank 99th percentile of the latency of what was due in the time that was asked for."""
        return _p99((self.end_s - self.due_s)[self.due_s < self._last_s]) * 1000

    @property
    def lag_p99_ms(self) -> float:
        """Nearest-rank 99th percentile of start minus due."""
        return _p99(self.start_s - self.due_s) * 1000

    @property
    def achieved(self) -> float:
        """Requests started in the time that was asked for and answered rightly, as a share of those asked for."""
        started = int(np.count_nonzero(self.start_s < self._last_s))
        return (started - self.failed) / (self.rate_per_s * self.duration_s)

    @property
    def cpu_per_1000_s(self) -> float:
        """Processor seconds per 1,000 requests while they were under way."""
        return self.cpu_per_request_s * 1000

    @property
    def whole_cpu_per_1000_s(self) -> float:
        """The same with the process's start and end."""
        return self.cpu_s / len(self.due_s) * 1000

    @property
    def _last_s(self) -> float:
        return float(self.due_s[0]) + self.duration_s


def stalled_p99_ms(stall_s: float, period_s: float) -> float:
    """The true 99th percentile where nobody is answered for ``stall_s`` of each period.

    A request that comes ``u`` into a stall waits ``stall_s - u``, evenly spread, and every other one hardly at all. A
    share of ``stall_s / period_s`` waits, so 1 % of all wait longer than this.
    """
    return stall_s * (1 - 0.01 * period_s / stall_s) * 1000


@dataclass(frozen=True)
class Runs:
    """A figure's values, one per run."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        return " / ".join(f"{value:.4g}" for value in (min(self.values), self.median, max(self.values)))


@dataclass(frozen=True)
class Row:
    """A figure, ours beside a peer's, and whether it is as good as it should be (None: for the record)."""

    figure: str
    ours: Runs
    peer: str
    theirs: Runs | None
    target: str = ""
    reached: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """As text, in the order of ``COLUMNS``."""
        ratio = f"{self.ours.median / self.theirs.median:.2f}" if self.theirs else "-"
        mark = {True: "yes", False: "NO", None: ""}[self.reached]
        return self.figure, str(self.ours), self.peer, str(self.theirs or "-"), ratio, self.target, mark


COLUMNS = ("figure (min / median / max)", "ours", "peer", "theirs", "ratio", "target", "reached")


def compare(
    figure: str,
    of: Callable[[Sample], float],
    ours: Sequence[Sample],
    peer: tuple[str, Sequence[Sample]] | None = None,
    target: tuple[str, Callable[[float, float], bool]] | None = None,
) -> Row:
    """A row; a target is its text and a test of both medians (the peer's is NaN where there is none)."""
    own = Runs(tuple(map(of, ours)))
    theirs = Runs(tuple(map(of, peer[1]))) if peer else None
    reached = target[1](own.median, theirs.median if theirs else math.nan) if target else None
    return Row(figure, own, peer[0] if peer else "-", theirs, target[0] if target else "", reached)


def table(rows: Sequence[Row]) -> str:
    """Rows as aligned text."""
    lines = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _p99(values: NDArray[np.float64]) -> float:
    return float(np.percentile(values, 99, method="inverted_cdf"))
