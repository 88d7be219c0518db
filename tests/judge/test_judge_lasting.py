"""What is demanded of the system itself over a whole window: replicas, components and their figures."""

from itertools import accumulate

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.judge.scenes import DRILL, Scene, drill_record

from drillbook.judge import judge_drill
from drillbook.objective import Comparison, Start
from drillbook.observation import ComponentLook, Look, PodLook
from drillbook.promises import ComponentIs, FigureIs, LastingPromise, PodsReady
from drillbook.verdict import ObjectiveResult, Verdict

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
READY = PodsReady(selector="app=shop", least=2, window_s=5.0, deadline_s=30.0)
HEALTHY = ComponentIs(component="memory", status="healthy", window_s=5.0, deadline_s=30.0)
BELOW = FigureIs(
    component="memory", figure="usage", comparison=Comparison.AT_MOST, value=90.0, window_s=5.0, deadline_s=30.0
)


def pod(
    name: str, *, ready: bool = True, terminating: bool = False, status: str = "healthy", usage: float = 40.0
) -> PodLook:
    return PodLook(
        name=name,
        uid=name,
        labels={"app": "shop"},
        ready=ready,
        terminating=terminating,
        restarts=0,
        reasons=(),
        components=(ComponentLook(name="memory", status=status, figures={"usage": usage}),),
    )


GOOD = (pod("a"), pod("b"))
BAD = (pod("a", ready=False, status="degraded", usage=97.0), pod("b"))
SILENT = tuple(msgspec.structs.replace(one, components=()) for one in BAD)


def looks(*spans: tuple[float, float, tuple[PodLook, ...]]) -> tuple[Look, ...]:
    """A look every half second in each span."""
    return tuple(
        Look(at_s=start_s + step / 2, pods=pods)
        for start_s, end_s, pods in spans
        for step in range(round((end_s - start_s) * 2))
    )


def judged(promise: LastingPromise, seen: tuple[Look, ...], *, revert_s: float = 112.0) -> ObjectiveResult:
    drill = msgspec.structs.replace(DRILL, promises=(promise,))
    return judge_drill(drill_record(Scene(drill=drill, looks=seen, revert_s=revert_s))).objectives[-1]


@pytest.mark.parametrize("promise", [READY, HEALTHY, BELOW])
@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        pytest.param(looks((20, 50, BAD), (50, 112, GOOD)), PASS, id="in time"),
        pytest.param(looks((20, 63, BAD), (63, 69, GOOD), (69, 112, BAD)), PASS, id="just in time, and not for good"),
        pytest.param(looks((20, 68, BAD), (68, 112, GOOD)), FAIL, id="too late for a whole window"),
        pytest.param(looks((20, 50, BAD), (50, 54, GOOD), (54, 112, BAD)), FAIL, id="not for long enough"),
        pytest.param(looks((20, 40, GOOD), (40, 112, BAD)), FAIL, id="only before the procedure"),
        pytest.param(looks((20, 50, BAD), (60, 112, BAD)), INCONCLUSIVE, id="nobody looked while it may have been so"),
        pytest.param(looks((20, 50, BAD), (50, 53, GOOD), (57, 60, GOOD)), INCONCLUSIVE, id="a gap within the window"),
        pytest.param((), INCONCLUSIVE, id="nobody looked"),
    ],
)
def test_it_must_be_seen_for_a_whole_window_in_time(
    promise: LastingPromise, seen: tuple[Look, ...], verdict: Verdict
) -> None:
    assert judged(promise, seen).verdict is verdict


@pytest.mark.parametrize(("promise", "verdict"), [(READY, FAIL), (HEALTHY, INCONCLUSIVE), (BELOW, INCONCLUSIVE)])
def test_a_component_that_nobody_reports_is_not_known(promise: LastingPromise, verdict: Verdict) -> None:
    assert judged(promise, looks((20, 112, SILENT))).verdict is verdict


def test_a_pod_that_is_going_is_not_counted() -> None:
    assert judged(READY, looks((20, 112, (pod("a"), pod("b", terminating=True))))).verdict is FAIL


def test_a_deadline_may_count_from_the_fault() -> None:
    """The fault was at 22 s, the procedure began at 40 s."""
    seen = looks((20, 48, BAD), (48, 112, GOOD))
    assert judged(READY, seen).verdict is PASS
    assert judged(msgspec.structs.replace(READY, start=Start.FAULT), seen).verdict is FAIL
    assert judged(msgspec.structs.replace(READY, start=Start.FAULT, deadline_s=31.5), seen).verdict is PASS


def test_a_deadline_that_counts_from_a_detection_that_never_was_says_nothing() -> None:
    drill = msgspec.structs.replace(
        DRILL,
        symptoms=DRILL.symptoms[1:],
        promises=(msgspec.structs.replace(READY, start=Start.DETECTION),),
        clauses=(),
    )
    scene = Scene(drill=drill, symptoms_seen=(), looks=looks((40, 112, GOOD)))
    found = judge_drill(drill_record(scene)).objectives[-1]
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "it is not known when its time began")


def test_what_only_the_revert_brought_is_not_known() -> None:
    """The watch ended before the deadline did."""
    assert judged(READY, looks((20, 60, BAD), (60, 112, GOOD)), revert_s=62.0).verdict is not PASS


def test_it_is_told_in_words() -> None:
    results = [judged(one, looks((20, 50, BAD), (50, 112, GOOD))) for one in (READY, HEALTHY, BELOW)]

    assert [one.name for one in results] == [
        "at least 2 pods of app=shop are ready for 5.0 s",
        "memory is healthy for 5.0 s",
        "usage of memory ≤ 90 for 5.0 s",
    ]
    assert {one.reason for one in results} == {"so 10 s after the procedure's start"}
    assert {(one.measured, one.samples) for one in results} == {(10.0, 61)}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from((GOOD, BAD, SILENT)), st.integers(1, 9)), min_size=4, max_size=20),
    st.floats(40.0, 80.0),
    st.floats(4.0, 40.0),
)
def test_a_time_in_which_nobody_looked_makes_neither_a_pass_nor_a_fail(
    spans: list[tuple[tuple[PodLook, ...], int]], blind_s: float, lasted_s: float
) -> None:
    ends = list(accumulate((lasted for _, lasted in spans), initial=40))
    every = looks(*((float(at), float(end), pods) for (pods, _), at, end in zip(spans, ends, ends[1:], strict=False)))
    fewer = tuple(look for look in every if not blind_s <= look.at_s < blind_s + lasted_s)

    for promise in (READY, HEALTHY, BELOW):
        whole, part = judged(promise, every).verdict, judged(promise, fewer).verdict
        assert part in {whole, INCONCLUSIVE}
