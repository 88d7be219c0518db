"""What must hold of verdicts whatever the record: laws of the judging code."""

from dataclasses import replace

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.judge.scenes import DRILL, ERROR_RATE, Outage, Scene, drill_record, load

from drillbook.judge import judge_drill
from drillbook.load_records import LoadRecords
from drillbook.record import DrillRecord
from drillbook.verdict import Verdict, worst

VERDICTS = st.sampled_from(Verdict)
FEW = settings(max_examples=25, deadline=None)
SHORT = msgspec.structs.replace(
    DRILL,
    recovery=msgspec.structs.replace(
        DRILL.recovery, thresholds=(ERROR_RATE,), window_s=5.0, deadline_s=40.0, hold_s=5.0
    ),
)
OUTAGES = st.lists(
    st.builds(
        lambda start_s, length_s, share: Outage(start_s, start_s + length_s, share),
        st.integers(42, 95),
        st.integers(1, 30),
        st.sampled_from((0.02, 0.3, 1.0)),
    ),
    max_size=3,
)


@given(st.lists(VERDICTS), VERDICTS)
def test_the_worst_does_not_depend_on_the_order(verdicts: list[Verdict], last: Verdict) -> None:
    assert worst((*verdicts, last)) is worst((last, *reversed(verdicts)))


@given(st.lists(VERDICTS, min_size=1), st.lists(VERDICTS, min_size=1))
def test_the_worst_does_not_depend_on_the_grouping(some: list[Verdict], others: list[Verdict]) -> None:
    assert worst((worst(tuple(some)), worst(tuple(others)))) is worst((*some, *others))


@given(st.lists(VERDICTS, min_size=1))
def test_the_worst_is_fail_as_soon_as_one_is(verdicts: list[Verdict]) -> None:
    assert (worst(tuple(verdicts)) is Verdict.FAIL) is (Verdict.FAIL in verdicts)
    assert (worst(tuple(verdicts)) is Verdict.PASS) is (set(verdicts) == {Verdict.PASS})


def test_no_verdict_at_all_is_inconclusive() -> None:
    assert worst(()) is Verdict.INCONCLUSIVE


@FEW
@given(OUTAGES, OUTAGES)
def test_more_errors_never_turn_a_fail_into_a_pass(outages: list[Outage], more: list[Outage]) -> None:
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)
    records = load(scene)
    lost = np.zeros(len(records), dtype=np.bool_)
    draw = np.random.default_rng(1)
    for outage in more:
        lost |= (
            (records.due_s >= outage.start_s) & (records.due_s < outage.end_s) & (draw.random(len(lost)) < outage.share)
        )
    worse = replace(records, status=np.where(lost, 503, records.status).astype(np.int16))

    before = judge_drill(drill_record(scene, records=records)).verdict
    after = judge_drill(drill_record(scene, records=worse)).verdict

    assert worst((before, after)) is after


@FEW
@given(OUTAGES)
def test_wrong_data_is_as_bad_as_no_answer(outages: list[Outage]) -> None:
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)
    records = load(scene)
    failed = records.status != 200
    corrupt = replace(records, status=np.full(len(records), 200, dtype=np.int16), corrupt=failed)

    assert (
        judge_drill(drill_record(scene, records=corrupt)).verdict
        is judge_drill(drill_record(scene, records=records)).verdict
    )


@FEW
@given(OUTAGES, st.integers(-4000, 4_000_000))
def test_when_a_drill_began_changes_nothing(outages: list[Outage], quarters: int) -> None:
    """Whole quarters of a second, so that the shifted times are as exact as the ones before."""
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)
    exact = drill_record(scene, records=_exact(scene))

    assert judge_drill(_shifted(exact, quarters / 4)) == judge_drill(exact)


@FEW
@given(OUTAGES)
def test_the_same_record_gives_the_same_verdict(outages: list[Outage]) -> None:
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)

    assert judge_drill(drill_record(scene)) == judge_drill(drill_record(scene))


@FEW
@given(OUTAGES, st.integers(50, 110))
def test_an_earlier_revert_never_makes_a_verdict_a_pass(outages: list[Outage], revert_s: int) -> None:
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)

    whole, cut = judge_drill(drill_record(scene)), judge_drill(drill_record(replace(scene, revert_s=float(revert_s))))

    if whole.verdict is not Verdict.PASS:
        assert cut.verdict is not Verdict.PASS


@FEW
@given(OUTAGES, st.integers(42, 115), st.integers(1, 30))
def test_a_gap_in_the_record_makes_neither_a_pass_nor_a_fail(outages: list[Outage], gap_s: int, length_s: int) -> None:
    """Whatever took the requests also made the count of those that were sent fit."""
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)
    records = load(scene)
    kept = (records.due_s < gap_s) | (records.due_s >= gap_s + length_s)
    holed = LoadRecords(
        records.due_s[kept], records.start_s[kept], records.end_s[kept], records.status[kept], records.corrupt[kept]
    )

    whole, part = judge_drill(drill_record(scene, records=records)), judge_drill(drill_record(scene, records=holed))

    assert part.verdict in {whole.verdict, Verdict.INCONCLUSIVE}


@FEW
@given(OUTAGES, st.integers(42, 110), st.integers(1, 15), st.sampled_from((0.004, 0.3, 3.0)))
def test_users_who_are_late_never_make_a_pass(outages: list[Outage], from_s: int, length_s: int, lag_s: float) -> None:
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)
    records = load(scene)
    late = np.where((records.due_s >= from_s) & (records.due_s < from_s + length_s), lag_s, 0.0)
    lagging = replace(records, start_s=records.start_s + late, end_s=records.end_s + late)

    whole, part = judge_drill(drill_record(scene, records=records)), judge_drill(drill_record(scene, records=lagging))

    if whole.verdict is not Verdict.PASS:
        assert part.verdict is not Verdict.PASS


@FEW
@given(OUTAGES, st.floats(1.0, 20.0), st.integers(1, 40))
def test_a_stricter_bound_never_makes_a_pass(outages: list[Outage], percent: float, window_s: int) -> None:
    scene = Scene(drill=SHORT, outages=(Outage(20.0, 45.0), *outages), end_s=125.0)

    def verdict(bound: float) -> Verdict:
        demand = msgspec.structs.replace(
            SHORT.recovery,
            thresholds=(msgspec.structs.replace(ERROR_RATE, value=bound),),
            window_s=float(window_s),
        )
        return judge_drill(drill_record(replace(scene, drill=msgspec.structs.replace(SHORT, recovery=demand)))).verdict

    loose, strict = verdict(percent / 50), verdict(percent / 100)

    if loose is not Verdict.PASS:
        assert strict is not Verdict.PASS


def _exact(scene: Scene) -> LoadRecords:
    records = load(scene)
    grid = 2.0**20
    return replace(
        records,
        due_s=np.round(records.due_s * grid) / grid,
        start_s=np.round(records.start_s * grid) / grid,
        end_s=np.round(records.end_s * grid) / grid,
    )


def _shifted(record: DrillRecord, by_s: float) -> DrillRecord:
    """The same drill, begun ``by_s`` later on the run's clock."""
    events = tuple(msgspec.structs.replace(event, at_s=event.at_s + by_s) for event in record.events)
    traffic = record.load and replace(
        record.load,
        due_s=record.load.due_s + by_s,
        start_s=record.load.start_s + by_s,
        end_s=record.load.end_s + by_s,
    )
    return DrillRecord(drill=record.drill, slug=record.slug, events=events, load=traffic)
