import dataclasses
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillbook.errors import InputError
from drillbook.load_records import (
    HEADER,
    LoadRecords,
    RecordsTail,
    is_success,
    lag_p99_ms,
    measure,
    parse_records,
    window,
)
from drillbook.objective import Metric

HEAD = HEADER.encode() + b"\n"
RECORD = re.compile(rb"\d+(,\d+){4}")
LATENCIES = [Metric.LATENCY_P50_MS, Metric.LATENCY_P95_MS, Metric.LATENCY_P99_MS]

Row = tuple[int, int, int, int, bool]


def encode(rows: list[Row]) -> bytes:
    return HEAD + b"".join(b"%d,%d,%d,%d,%d\n" % row for row in rows)


def records_of(*rows: tuple[float, float, int, bool]) -> LoadRecords:
    """From (due s, latency ms, status, corrupt)."""
    lines: list[Row] = [
        (round(due * 1e6), round(due * 1e6), round(due * 1e6 + ms * 1000), status, corrupt)
        for due, ms, status, corrupt in rows
    ]
    return parse_records(encode(lines), clock_offset_s=0.0)


def rows_of(records: LoadRecords) -> list[tuple[float, float, float, int, bool]]:
    columns = [getattr(records, field.name).tolist() for field in dataclasses.fields(records)]
    return list(zip(*columns, strict=True))


@st.composite
def rows(draw: st.DrawFn) -> Row:
    due = draw(st.integers(0, 10**12))
    start = due + draw(st.integers(0, 10**7))
    return due, start, start + draw(st.integers(0, 10**7)), draw(st.integers(0, 999)), draw(st.booleans())


@given(st.lists(rows(), max_size=50), st.floats(-1e6, 1e6))
def test_parsing_gives_what_was_written_sorted_by_due_time_on_the_runs_clock(written: list[Row], offset: float) -> None:
    parsed = parse_records(encode(written), clock_offset_s=offset)
    expected = sorted(written, key=lambda row: row[0])
    assert parsed.due_s.tolist() == [row[0] / 1e6 + offset for row in expected]
    assert parsed.start_s.tolist() == [row[1] / 1e6 + offset for row in expected]
    assert parsed.end_s.tolist() == [row[2] / 1e6 + offset for row in expected]
    assert parsed.status.tolist() == [row[3] for row in expected]
    assert parsed.corrupt.tolist() == [row[4] for row in expected]


@given(st.lists(rows(), max_size=20), st.data())
def test_a_file_cut_anywhere_gives_the_whole_lines_before_the_cut(written: list[Row], data: st.DataObject) -> None:
    whole = encode(written)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    assert len(parse_records(cut, clock_offset_s=0.0)) == max(0, cut.count(b"\n") - 1)


@given(st.lists(rows(), max_size=30), st.lists(st.integers(0, 2000), max_size=6))
def test_following_a_growing_file_gives_what_parsing_it_whole_does(
    tmp_path_factory: pytest.TempPathFactory, written: list[Row], cuts: list[int]
) -> None:
    whole = encode(written)
    path = tmp_path_factory.mktemp("tail") / "records.csv"
    tail = RecordsTail(path, 1.5)
    assert len(tail.read()) == 0
    for cut in [*sorted(cuts), len(whole)]:
        path.write_bytes(whole[:cut])
        assert rows_of(tail.read()) == rows_of(parse_records(whole[:cut], clock_offset_s=1.5))


@given(st.binary(max_size=60), st.integers(0, 3))
def test_bytes_that_are_not_records_give_an_error_with_their_line(junk: bytes, before: int) -> None:
    data = HEAD + b"1,2,3,200,0\n" * before + junk + b"\n"
    lines = junk.split(b"\n")
    if all(RECORD.fullmatch(line) for line in lines):
        return  # hypothesis wrote records; what they hold is tested elsewhere
    with pytest.raises(InputError) as caught:
        parse_records(data, clock_offset_s=0.0)
    assert caught.value.line is not None
    assert before + 2 <= caught.value.line <= before + 1 + len(lines)


@pytest.mark.parametrize(
    "line",
    [
        b"1,2,3,200",
        b"1,2,3,200,0,0",
        b"1,2,3,200,",
        b"1,2,3,2x0,0",
        b"-1,2,3,200,0",
        b"1,2,3.5,200,0",
        b"1, 2,3,200,0",
        b"",
        b"1,2,3,200,2",
        b"1,2,3,1000,0",
        b"2,1,3,200,0",
        b"1,3,2,200,0",
        b"1,2,9999999999999999999,200,0",
        b"\xff" * 300,
    ],
)
@pytest.mark.parametrize("after", [b"", b"1,2,3,200,0\n1,2,3,200,0,9\n"])
def test_a_malformed_line_is_named_by_file_and_line(line: bytes, after: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_records(HEAD + b"1,2,3,200,0\n" + line + b"\n" + after, clock_offset_s=0.0, path=Path("r.csv"))
    assert str(caught.value).startswith("r.csv:3: malformed load record")
    assert caught.value.got is not None
    assert len(caught.value.got) < 600


def test_missing_and_extra_commas_that_even_out_are_still_found() -> None:
    with pytest.raises(InputError) as caught:
        parse_records(HEAD + b"1,2,3,200\n1,2,3,200,0,0\n", clock_offset_s=0.0)
    assert caught.value.line == 2


@pytest.mark.parametrize("data", [b"due_us,start_us\n1,2\n", b"x", b"\n", b"1,2,3,200,0\n"])
def test_another_header_is_an_error_on_line_1(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_records(data, clock_offset_s=0.0)
    assert caught.value.line == 1


def test_a_line_that_goes_wrong_later_is_named_when_following(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_bytes(HEAD + b"1,2,3,200,0\n")
    tail = RecordsTail(path, 0.0)
    tail.read()
    path.write_bytes(HEAD + b"1,2,3,200,0\n1,2,3,200,0\nnonsense\n")
    with pytest.raises(InputError) as caught:
        tail.read()
    assert (caught.value.path, caught.value.line) == (path, 4)


def test_a_window_holds_what_was_due_from_its_start_and_before_its_end() -> None:
    records = records_of(*((due, 5.0, 200, False) for due in (0.0, 1.0, 1.0, 2.0, 3.0)))
    assert window(records, 1.0, 3.0).due_s.tolist() == [1.0, 1.0, 2.0]
    assert len(window(records, 3.5, 9.0)) == 0
    assert len(window(records, 2.0, 1.0)) == 0


@given(st.lists(rows(), max_size=40), st.lists(st.floats(0, 1e6), min_size=3, max_size=3))
def test_neighbouring_windows_share_nothing_and_lose_nothing(written: list[Row], edges: list[float]) -> None:
    records = parse_records(encode(written), clock_offset_s=0.0)
    start, middle, end = sorted(edges)
    parts = rows_of(window(records, start, middle)) + rows_of(window(records, middle, end))
    assert parts == rows_of(window(records, start, end))


def test_a_window_without_requests_measures_nothing() -> None:
    empty = records_of()
    assert [measure(metric, empty) for metric in Metric] == [None] * len(Metric)


def test_an_error_is_no_answer_or_not_2xx_or_corrupt() -> None:
    records = records_of(
        (0, 1, 200, False),
        (1, 1, 204, False),
        (2, 1, 200, True),
        (3, 1, 301, False),
        (4, 1, 404, False),
        (5, 1, 503, False),
        (6, 1, 0, False),
        (7, 1, 299, False),
    )
    assert is_success(records).tolist() == [True, True, False, False, False, False, False, True]
    assert measure(Metric.ERROR_RATE, records) == 5 / 8
    assert measure(Metric.CORRUPT_RATE, records) == 1 / 8


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, (1, 1, 1)), (2, (1, 2, 2)), (100, (50, 95, 99)), (101, (51, 96, 100)), (200, (100, 190, 198))],
)
def test_percentiles_are_nearest_rank(count: int, expected: tuple[int, int, int]) -> None:
    records = records_of(*((place, float(count - place), 200, False) for place in range(count)))
    assert [measure(metric, records) for metric in LATENCIES] == pytest.approx(expected)


def test_latency_counts_from_the_due_time() -> None:
    records = parse_records(HEAD + b"1000,51000,61000,200,0\n", clock_offset_s=7.0)
    assert measure(Metric.LATENCY_P50_MS, records) == pytest.approx(60.0)


def test_the_generators_own_lag_is_start_minus_due() -> None:
    lines: list[Row] = [(due, due + lag, due + 9000, 200, False) for due, lag in ((0, 3000), (10_000, 1000))]
    assert lag_p99_ms(parse_records(encode(lines), clock_offset_s=5.0)) == pytest.approx(3.0)
    assert lag_p99_ms(records_of()) is None


def test_requests_without_an_answer_make_latency_worse_however_quickly_they_failed() -> None:
    answered = [(float(place), 5.0 + place, 200, False) for place in range(98)]
    refused = [(98.0 + place, 0.5, 0, False) for place in range(2)]
    with_refused = measure(Metric.LATENCY_P99_MS, records_of(*answered, *refused))
    assert with_refused == pytest.approx(102.0)
    timed_out = [(98.0 + place, 2000.0, 0, False) for place in range(2)]
    assert measure(Metric.LATENCY_P99_MS, records_of(*answered, *timed_out)) == pytest.approx(2000.0)


def test_without_any_answer_there_is_an_error_rate_and_no_latency() -> None:
    records = records_of((0, 1, 0, False), (1, 2000, 0, False))
    assert measure(Metric.ERROR_RATE, records) == 1.0
    assert [measure(metric, records) for metric in LATENCIES] == [None, None, None]


@given(st.lists(rows(), min_size=1, max_size=60))
def test_measuring_agrees_with_the_definition_and_changes_nothing(written: list[Row]) -> None:
    records = parse_records(encode(written), clock_offset_s=0.0)
    before = rows_of(records)
    worst = max(end - due for due, _, end, _, _ in written)
    ranked = sorted(end - due if status else worst for due, _, end, status, _ in written)
    answered = any(status for _, _, _, status, _ in written)
    for metric, percent in zip(LATENCIES, (50, 95, 99), strict=True):
        figure = measure(metric, records)
        if not answered:
            assert figure is None
        else:
            rank = math.ceil(percent * len(ranked) / 100)
            # times of up to 10^6 s as floats: 0.1 ns of rounding on each side
            assert figure == pytest.approx(ranked[rank - 1] / 1000, abs=1e-5)
    assert rows_of(records) == before


def test_a_million_records_are_parsed_within_a_second() -> None:
    due = np.arange(1_000_000, dtype=np.int64) * 10_000 + 123_456_789_012
    data = HEAD + b"".join(b"%d,%d,%d,200,0\n" % (t, t + 700, t + 1900) for t in due.tolist())
    started_s = time.perf_counter()
    records = parse_records(data, clock_offset_s=-123_456.0)
    elapsed_s = time.perf_counter() - started_s
    assert len(records) == 1_000_000
    assert measure(Metric.LATENCY_P99_MS, records) == pytest.approx(1.9)
    assert elapsed_s < 3, "1 s on a quiet machine, with allowance for a busy one"
