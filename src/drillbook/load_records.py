"""The users' view as columns: one entry per request, and the figures of a window of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drillbook.errors import InputError
from drillbook.objective import PERMILLE, Metric

HEADER = "due_us,start_us,end_us,status,corrupt"

_FIELDS = HEADER.count(",") + 1
_SEPARATORS = np.frombuffer(b"," * (_FIELDS - 1) + b"\n", dtype=np.uint8)
_MAX_DIGITS = 18  # every such number fits in 64 bits
_MAX_STATUS = 999


@dataclass(frozen=True, eq=False)
class LoadRecords:
    """Parallel columns, sorted by due time; times in seconds on the run's clock.

    ``status`` is the HTTP status, 0 where no answer came. ``corrupt`` tells a 2xx answer whose checksum was wrong.
    """

    due_s: NDArray[np.float64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    status: NDArray[np.int16]
    corrupt: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.due_s)


NO_RECORDS = LoadRecords(
    np.empty(0), np.empty(0), np.empty(0), np.empty(0, dtype=np.int16), np.empty(0, dtype=np.bool_)
)
"""No request at all."""


def parse_records(data: bytes, *, clock_offset_s: float, path: Path | None = None) -> LoadRecords:
    """The records of a whole file, the header included.

    The line that a writer was in the midst of (no newline at its end) is left out: it is no fault of the file's.

    Args:
        data: the file's bytes; times are integer microseconds on the writer's monotonic clock.
        clock_offset_s: added to a record's time it gives seconds on the run's clock.
        path: named in errors.

    Raises:
        InputError: another header, a line that is not five integers, or times that run backwards; says which line.
    """
    header_end = data.find(b"\n")
    if header_end < 0:
        _check_header(data, path, whole=False)
        return _columns(np.empty((0, _FIELDS), dtype=np.int64), clock_offset_s)
    _check_header(data[:header_end], path, whole=True)
    rows = _parse_rows(data[header_end + 1 : data.rfind(b"\n") + 1], first_line=2, path=path)
    return _columns(rows, clock_offset_s)


class RecordsTail:
    """Follows a records file that is being written: each look parses only what was appended since the last."""

    def __init__(self, path: Path, clock_offset_s: float) -> None:
        """Nothing is read yet, and the file need not exist yet."""
        self._path = path
        self._clock_offset_s = clock_offset_s
        self._position = 0
        self._next_line = 1
        self._records = parse_records(b"", clock_offset_s=clock_offset_s)

    def read(self) -> LoadRecords:
        """Everything recorded so far. Raises as ``parse_records`` does."""
        appended = self._read_whole_lines()
        if appended:
            lines = appended.count(b"\n")
            if self._next_line == 1:
                new = parse_records(appended, clock_offset_s=self._clock_offset_s, path=self._path)
            else:
                rows = _parse_rows(appended, first_line=self._next_line, path=self._path)
                new = _columns(rows, self._clock_offset_s)
            self._position += len(appended)
            self._next_line += lines
            self._records = _merge(self._records, new)
        return self._records

    def _read_whole_lines(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                data = file.read()
        except FileNotFoundError:
            return b""
        return data[: data.rfind(b"\n") + 1]


def window(records: LoadRecords, start_s: float, end_s: float) -> LoadRecords:
    """The requests that were due from ``start_s`` on and before ``end_s``, on the run's clock.

    A request is recorded when it ends, so while traffic is under way a window is complete only once the request
    timeout has passed since its end.
    """
    first, last = (int(place) for place in np.searchsorted(records.due_s, (start_s, end_s), side="left"))
    return _select(records, slice(first, last))


def measure(metric: Metric, window: LoadRecords) -> float | None:
    """A figure of a window: a share of 1 for rates, milliseconds for latencies; None where nothing was measured.

    An error is a request without a right answer: no answer, a status other than 2xx, or a wrong checksum.
    Percentiles are nearest-rank (no interpolation: the figure is one that a user saw) over all requests. Where no
    request was answered there is no latency. A throughput needs the window's length: see ``figure``.
    """
    if len(window) == 0:
        return None
    if (bad := count_bad(metric, window)) is not None:
        counted = len(window) - bad if metric is Metric.AVAILABILITY else bad
        return counted / len(window)
    if not window.status.any():
        return None
    return ranked(latencies_s(window), nearest_rank(PERMILLE[metric], len(window))) * 1000


def count_bad(metric: Metric, window: LoadRecords) -> int | None:
    """How many requests count against a rate; None where the metric is no rate."""
    match metric:
        case Metric.ERROR_RATE | Metric.AVAILABILITY:
            return len(window) - int(np.count_nonzero(is_success(window)))
        case Metric.CORRUPT_RATE:
            return int(np.count_nonzero(window.corrupt))
        case _:
            return None


def latencies_s(window: LoadRecords, *, with_lag: bool = True) -> NDArray[np.float64]:
    """How long each request took: from its due time, so it holds what it waited for the generator and the system alike.

    One that got no answer ranks as slow as the slowest of its window, so neither a timeout left out nor a connection
    refused within a millisecond can make an outage look fast.

    Args:
        window: at least one request.
        with_lag: False counts from when the generator did start.
    """
    latency_s = window.end_s - (window.due_s if with_lag else window.start_s)
    unanswered = window.status == 0
    latency_s[unanswered] = latency_s.max()
    return latency_s


def lag_p99_ms(window: LoadRecords) -> float | None:
    """How late the generator itself was: the 99th percentile of start minus due time, None without requests.

    It is part of every latency. Where it nears a latency threshold, the window says more about the machine than about
    the system.
    """
    if not len(window):
        return None
    return ranked(window.start_s - window.due_s, nearest_rank(PERMILLE[Metric.LATENCY_P99_MS], len(window))) * 1000


def is_success(records: LoadRecords) -> NDArray[np.bool_]:
    """By request, whether the user got a right answer: a 2xx status and the right checksum."""
    return (records.status >= 200) & (records.status < 300) & ~records.corrupt  # noqa: PLR2004 - the 2xx class


def nearest_rank(permille: int, samples: int) -> int:
    """The rank (1 is the smallest) of a percentile among so many samples."""
    return -(-permille * samples // 1000)


def ranked(values: NDArray[np.float64], rank: int) -> float:
    """The value of a rank (1 is the smallest)."""
    return float(np.partition(values, rank - 1)[rank - 1])


def _check_header(line: bytes, path: Path | None, *, whole: bool) -> None:
    expected = HEADER.encode()
    if line != (expected if whole else expected[: len(line)]):
        raise InputError(
            "not a load records file",
            path=path,
            line=1,
            expected=HEADER,
            got=_shown(line),
        )


def _parse_rows(data: bytes, *, first_line: int, path: Path | None) -> NDArray[np.int64]:
    """Rows of five integers from whole lines.

    The shape is proven on the bytes before numpy parses them, because its text parser is fast but forgiving.
    """
    if not data:
        return np.empty((0, _FIELDS), dtype=np.int64)
    if not _is_well_formed(np.frombuffer(data, dtype=np.uint8)):
        raise _first_malformed(data, first_line, path)
    flat: NDArray[np.int64] = np.fromstring(data.replace(b"\n", b",").decode("ascii"), dtype=np.int64, sep=",")
    rows = flat.reshape(-1, _FIELDS)
    due, start, end, status, corrupt = rows.T
    if ((start < due) | (end < start) | (status > _MAX_STATUS) | (corrupt > 1)).any():
        raise _first_malformed(data, first_line, path)
    return rows


def _is_well_formed(view: NDArray[np.uint8]) -> bool:
    """Whether it is digits alone, parted by four commas and a newline, over and over, and no number too long."""
    if view.max() > ord("9"):
        return False
    separators = np.flatnonzero(view < ord("0"))  # commas and newlines are, and whatever does not belong here
    if len(separators) % _FIELDS or not (view[separators].reshape(-1, _FIELDS) == _SEPARATORS).all():
        return False
    digits = separators[1:] - separators[:-1] - 1
    return bool(1 <= separators[0] <= _MAX_DIGITS and digits.min() >= 1 and digits.max() <= _MAX_DIGITS)


def _first_malformed(data: bytes, first_line: int, path: Path | None) -> InputError:
    """Find the line that made a check of the whole fail; slow, but only ever on the way out."""
    lines = enumerate(data.split(b"\n"), start=first_line)
    number, line = next((number, line) for number, line in lines if not _is_record(line))
    return InputError(
        "malformed load record",
        path=path,
        line=number,
        expected=f"{HEADER}: integers, due <= start <= end, status 0 to {_MAX_STATUS}, corrupt 0 or 1",
        got=_shown(line),
    )


def _is_record(line: bytes) -> bool:
    fields = line.split(b",")
    if len(fields) != _FIELDS or not all(field.isdigit() and len(field) <= _MAX_DIGITS for field in fields):
        return False
    due, start, end, status, corrupt = (int(field) for field in fields)
    return due <= start <= end and status <= _MAX_STATUS and corrupt <= 1


def _shown(line: bytes) -> str:
    limit = 120
    return f"'{line[:limit].decode('ascii', 'backslashreplace')}'" + (" …" if len(line) > limit else "")


def _columns(rows: NDArray[np.int64], clock_offset_s: float) -> LoadRecords:
    order = np.argsort(rows[:, 0], kind="stable")  # recorded when they end, so they are nearly in order: this is quick
    due_s, start_s, end_s = (rows[order, column] / 1e6 + clock_offset_s for column in range(3))
    return LoadRecords(due_s, start_s, end_s, rows[order, 3].astype(np.int16), rows[order, 4].astype(np.bool_))


def _merge(old: LoadRecords, new: LoadRecords) -> LoadRecords:
    both = LoadRecords(
        np.concatenate((old.due_s, new.due_s)),
        np.concatenate((old.start_s, new.start_s)),
        np.concatenate((old.end_s, new.end_s)),
        np.concatenate((old.status, new.status)),
        np.concatenate((old.corrupt, new.corrupt)),
    )
    return _select(both, np.argsort(both.due_s, kind="stable"))


def _select(records: LoadRecords, places: slice | NDArray[np.intp]) -> LoadRecords:
    return LoadRecords(
        records.due_s[places],
        records.start_s[places],
        records.end_s[places],
        records.status[places],
        records.corrupt[places],
    )
