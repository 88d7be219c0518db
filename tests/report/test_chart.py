"""The graph's geometry."""

import re
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.judge.scenes import DRILL, Outage, Scene, drill_record, load

from drillbook.judge import judge_drill
from drillbook.load_records import LoadRecords
from drillbook.objective import Comparison, Metric, Recovery, Threshold
from drillbook.record import DrillRecord
from drillbook.report import chart, drawing
from drillbook.report.chart import clock
from drillbook.report.drawing import Chart
from drillbook.timeline import FaultInjected, FaultRequested, PhaseStarted, ProcedureFinished, ProcedureStarted


def drawn(record: DrillRecord, *, recovered_s: float | None = None) -> Chart:
    assert record.load is not None
    return chart.draw(record, judge_drill(record), record.load, recovered_s=recovered_s)


def numbers(path: str) -> tuple[list[float], list[float]]:
    """The x and y coordinates of an absolute path."""
    xs, ys = [], []
    for command, values in re.findall(r"([MHVZ])([^MHVZ]*)", path):
        found = [float(value) for value in values.split(",") if value]
        xs += found[:1] if command in "MH" else []
        ys += found[1:] if command == "M" else found if command == "V" else []
    return xs, ys


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (65.2, "1:05"), (59.6, "1:00"), (3600, "60:00")])
def test_a_moment_as_minutes_and_seconds(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def test_the_outage_stands_where_it_was() -> None:
    found = drawn(drill_record(Scene(start_s=0.0, end_s=120.0, outages=(Outage(30.0, 60.0),), revert_s=110.0)))

    xs, _ = numbers(found.error_area)
    width = drawing.RIGHT - drawing.LEFT

    assert min(xs) == pytest.approx(drawing.LEFT + width * 30 / 120, abs=0.2)
    assert max(xs) == pytest.approx(drawing.LEFT + width * 60 / 120, abs=0.2)


def test_bands_and_lanes_tell_fault_responder_and_steps() -> None:
    found = drawn(drill_record(), recovered_s=62.0)

    assert [band.kind for band in found.bands] == ["fault", "procedure"]
    assert [lane.kind for lane in found.lanes] == ["fault", "procedure", "step", "step", "skipped", "step"]
    assert found.lanes[4].label == "3  Traffic diversion (skipped)"
    assert [marker.label for marker in found.markers] == ["users back after 22 s"]
    assert not found.gaps


def test_the_deadline_is_marked_where_the_record_reaches_it() -> None:
    found = drawn(drill_record(Scene(outages=(Outage(20.0, 999.0),), revert_s=345.0, end_s=355.0)))

    assert [marker.label for marker in found.markers] == ["deadline, 5 min"]


def test_a_label_that_would_leave_the_drawing_stands_on_the_other_side() -> None:
    found = drawn(drill_record(), recovered_s=121.0)

    assert found.markers[0].anchor == "end"
    assert found.markers[0].label_x < found.markers[0].x


def test_seconds_without_requests_are_marked_and_not_drawn_as_good_ones() -> None:
    scene = Scene()
    records = load(scene)
    keep = (records.due_s < 70) | (records.due_s >= 80)
    holed = LoadRecords(
        due_s=records.due_s[keep],
        start_s=records.start_s[keep],
        end_s=records.end_s[keep],
        status=records.status[keep],
        corrupt=records.corrupt[keep],
    )

    found = drawn(drill_record(scene, records=holed))

    assert len(found.gaps) == 10
    assert found.error_line.count("M") == 2
    assert any("nothing known" in hover.text for hover in found.hovers)


def test_wrong_data_has_its_own_line() -> None:
    scene = Scene()
    records = load(scene)
    corrupt = replace(records, corrupt=(records.status == 200) & (records.due_s > 100))

    assert drawn(drill_record(scene)).corrupt_line == ""
    assert drawn(drill_record(scene, records=corrupt)).corrupt_line


@pytest.mark.parametrize(
    "without",
    [
        (FaultInjected,),
        (FaultInjected, FaultRequested),
        (ProcedureStarted,),
        (ProcedureFinished,),
        (PhaseStarted,),
        (FaultInjected, FaultRequested, ProcedureStarted),
    ],
)
def test_a_record_with_parts_missing_can_be_drawn(without: tuple[type, ...]) -> None:
    found = drawn(drill_record(Scene(without=without)))

    assert found.error_line
    assert found.description.endswith("Verdict: inconclusive.")


def test_thresholds_of_any_metric_are_drawn_in_their_panel() -> None:
    thresholds = tuple(Threshold(metric=metric, comparison=Comparison.AT_MOST, value=0.5) for metric in Metric)
    drill = msgspec.structs.replace(DRILL, recovery=Recovery(thresholds=thresholds, window_s=20.0, deadline_s=300.0))

    found = drawn(drill_record(Scene(drill=drill)))

    assert [one.label for one in found.rate_bounds] == ["≤ 50 %", "corrupt rate ≤ 50 %"]
    assert [one.label for one in found.latency_bounds] == [
        f"{name} ≤ 0.5 ms" for name in ("P50", "P90", "P95", "P99", "P99.9")
    ]
    assert all(drawing.LATENCY_TOP <= one.at <= drawing.LATENCY_BOTTOM for one in found.latency_bounds)


def test_a_drill_without_any_answer_has_an_axis_all_the_same() -> None:
    drill = msgspec.structs.replace(DRILL, recovery=Recovery(thresholds=(), window_s=20.0, deadline_s=300.0))

    found = drawn(drill_record(Scene(drill=drill, outages=(Outage(0.0, 200.0, statuses=(0,)),))))

    assert [tick.label for tick in found.latency_ticks] == ["1 ms", "10 ms", "100 ms"]
    assert found.p99_line == ""


@settings(max_examples=20, deadline=None)
@given(st.floats(1.0, 4000.0), st.floats(0.01, 100_000.0), st.integers(0, 100))
def test_nothing_is_drawn_outside_its_panel(length_s: float, latency_ms: float, seed: int) -> None:
    slow = msgspec.structs.replace(DRILL, load=msgspec.structs.replace(DRILL.load, rate_per_s=5.0))
    scene = Scene(drill=slow, end_s=2.0 + length_s, latency_ms=latency_ms, seed=seed)
    traffic = load(scene)
    if not len(traffic):
        return

    found = drawn(drill_record(scene, records=traffic))

    for path, top, bottom in (
        (found.error_line, drawing.ERRORS_TOP, drawing.ERRORS_BOTTOM),
        (found.error_area, drawing.ERRORS_TOP, drawing.ERRORS_BOTTOM),
        (found.p50_line, drawing.LATENCY_TOP, drawing.LATENCY_BOTTOM),
        (found.p99_line, drawing.LATENCY_TOP, drawing.LATENCY_BOTTOM),
    ):
        xs, ys = numbers(path)
        assert all(drawing.LEFT <= x <= drawing.RIGHT for x in xs)
        assert all(top <= y <= bottom for y in ys)
    assert len(found.time_ticks) <= 14
    assert len(found.hovers) <= 401
