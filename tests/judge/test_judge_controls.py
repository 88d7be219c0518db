"""What a drill with one part left out says of the drill: its claim to the recovery above all."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.judge.scenes import DRILL, STEPS, HandedOver, Outage, Scene, drill_record, run_record

from drillbook.drill import ComponentSymptom, Control, Drill, FaultAlone, RunbookAlone, WithoutStep
from drillbook.judge import judge_drill, judge_run
from drillbook.load_records import window
from drillbook.observation import ComponentLook, Look, PodLook
from drillbook.promises import ComponentIs, LossBound
from drillbook.record import DrillRecord
from drillbook.timeline import (
    DrillAborted,
    DrillFinished,
    FaultFailed,
    FaultInjected,
    FaultRequested,
    FaultUnavailable,
    Phase,
    PhaseStarted,
    ProcedureFinished,
    ProcedureStarted,
    SymptomGone,
    SymptomSeen,
    SystemCompared,
)
from drillbook.verdict import Answer, ControlResult, DrillVerdict, Verdict, worst

ROLLBACK = WithoutStep(line=44, title="Emergency rollback")
FOREVER = (Outage(20.0, 999.0),)


def without(control: Control, drill: Drill = DRILL) -> Drill:
    return msgspec.structs.replace(drill, control=control)


def fault_alone(
    outages: tuple[Outage, ...] = FOREVER,
    drill: Drill = DRILL,
    *lacks: type[Any],
    **scene: Any,  # noqa: ANN401 - fields of a scene
) -> DrillRecord:
    """Nobody does anything from 40.1 s on; watched for the five minutes and the hold."""
    alone = Scene(drill=without(FaultAlone(), drill), outages=outages, steps=(), revert_s=365.0, end_s=370.0)
    return drill_record(replace(alone, without=(ProcedureStarted, ProcedureFinished, *lacks), **scene))


def runbook_alone(
    outages: tuple[Outage, ...] = (),
    drill: Drill = DRILL,
    **scene: Any,  # noqa: ANN401 - fields of a scene
) -> DrillRecord:
    """No fault, and the procedure from 40 s on."""
    alone = Scene(drill=without(RunbookAlone(), drill), outages=outages)
    return drill_record(replace(alone, without=(FaultRequested, FaultInjected, SymptomSeen, SymptomGone), **scene))


def ablated(scene: Scene, step: WithoutStep = ROLLBACK) -> DrillRecord:
    steps = tuple(one for one in STEPS if one.line != step.line)
    return drill_record(replace(scene, drill=without(step, scene.drill), steps=steps))


def told(control: DrillRecord, drill: DrillRecord | None = None) -> ControlResult:
    (result,) = judge_drill(drill or drill_record(), (control,)).controls
    return result


def test_a_recovery_that_comes_without_the_runbook_too_is_not_credited_to_it() -> None:
    verdict = judge_drill(drill_record(), (fault_alone((Outage(20.0, 52.0),)),))

    assert judge_drill(drill_record()).verdict is Verdict.PASS
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.reason == "users were served again 30 s after the fault without the runbook"
    assert verdict.controls == (ControlResult(control=FaultAlone(), answer=Answer.HEALED, reason=verdict.reason),)
    uncredited = [one.text for one in verdict.clauses if one.verdict is Verdict.INCONCLUSIVE]
    assert [text.split(" ")[0:2] for text in uncredited] == [["Then", "within"], ["And", "this"]]


def test_a_fault_that_stays_as_long_as_nobody_does_anything_leaves_the_credit_with_the_runbook() -> None:
    verdict = judge_drill(drill_record(), (fault_alone(),))

    assert verdict.verdict is Verdict.PASS
    assert verdict.controls[0].answer is Answer.STAYED_BROKEN
    assert verdict.controls[0].reason == "still broken 5 min 43 s after the fault"


def test_a_system_that_is_well_only_for_a_moment_has_not_healed() -> None:
    flapping = fault_alone((Outage(20.0, 100.0), Outage(125.0, 999.0)))

    assert told(flapping).answer is Answer.STAYED_BROKEN


def test_a_system_that_healed_and_is_slow_is_not_said_to_have_stayed_broken() -> None:
    """A noisy machine spoils a P99 latency; that users were served again all the same may be due to nobody."""
    record = fault_alone((Outage(20.0, 52.0),))
    assert record.load is not None
    slow = replace(record.load, end_s=record.load.end_s + (record.load.due_s > 52.0) * 0.03)

    result = told(replace(record, load=slow))

    assert result.answer is Answer.NOT_TOLD
    assert result.reason == "users did not see the fault any more, but were not served as demanded"


def test_a_system_that_heals_after_the_deadline_leaves_the_credit_with_the_runbook() -> None:
    assert told(fault_alone((Outage(20.0, 355.0),))).answer is Answer.STAYED_BROKEN


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (drill_record(Scene(drill=without(FaultAlone())), no_load=True), "there was no load"),
        (fault_alone(FOREVER, DRILL, FaultInjected), "no fault was injected"),
        (fault_alone(extra=(FaultFailed(at_s=22.0, experiment="x", reason="refused"),)), "did not land: refused"),
        (fault_alone(symptoms_seen=(1,)), "the symptom never showed"),
        (fault_alone(outages=()), "users never saw error rate > 10 %"),
        (fault_alone(outages=(Outage(2.0, 999.0),)), "not in its steady state"),
        (fault_alone(FOREVER, DRILL, PhaseStarted), "did not come to its steady state"),
        (fault_alone(FOREVER, DRILL, DrillFinished), "not carried to its end"),
        (fault_alone(extra=(DrillAborted(at_s=60.0, reason="interrupted"),)), "aborted: interrupted"),
        (fault_alone(revert_s=200.0), "watched for only 2 min 40 s of 5 min"),
    ],
)
def test_a_control_that_could_not_be_carried_out_leaves_the_question_open(control: DrillRecord, reason: str) -> None:
    verdict = judge_drill(drill_record(), (control,))

    assert verdict.verdict is Verdict.PASS
    assert verdict.controls[0].answer is Answer.NOT_TOLD
    assert reason in verdict.controls[0].reason


def test_a_control_without_a_watch_tells_nothing() -> None:
    record = fault_alone()
    events = tuple(one for one in record.events if not (isinstance(one, PhaseStarted) and one.phase is Phase.REVERT))

    assert told(replace(record, events=events)).answer is Answer.NOT_TOLD


def test_a_drill_that_proved_nothing_learns_nothing_from_its_controls() -> None:
    result = told(fault_alone(), drill_record(no_load=True))

    assert (result.answer, result.reason[:29]) == (Answer.NOT_TOLD, "the drill itself proved nothi")


QUIET = msgspec.structs.replace(
    DRILL,
    symptoms=(ComponentSymptom(component="disk", status="unhealthy", deadline_s=30.0),),
    promises=(ComponentIs(component="disk", status="healthy", window_s=5.0, deadline_s=300.0),),
)


def looks(unhealthy_until_s: float) -> tuple[Look, ...]:
    """What one pod says of its disk, from the fault on."""

    def look(at_s: float) -> Look:
        status = "unhealthy" if 22.0 <= at_s < unhealthy_until_s else "healthy"
        disk = ComponentLook(name="disk", status=status, figures={})
        pod = PodLook(
            name="a", uid="1", labels={}, ready=True, terminating=False, restarts=0, reasons=(), components=(disk,)
        )
        return Look(at_s=at_s, pods=(pod,))

    return tuple(look(float(at_s)) for at_s in range(2, 370))


@pytest.mark.parametrize(
    ("until_s", "answer", "verdict"),
    [(200.0, Answer.HEALED, Verdict.INCONCLUSIVE), (999.0, Answer.STAYED_BROKEN, Verdict.PASS)],
)
def test_a_fault_that_users_do_not_feel_is_asked_of_what_is_reported(
    until_s: float, answer: Answer, verdict: Verdict
) -> None:
    drill = drill_record(Scene(drill=QUIET, outages=(), symptoms_seen=(0,), looks=looks(60.0)))
    alone = fault_alone((), QUIET, symptoms_seen=(0,), looks=looks(until_s))

    judged = judge_drill(drill, (alone,))

    assert (judged.controls[0].answer, judged.verdict) == (answer, verdict), judged.controls


def test_a_drill_that_demands_nothing_of_the_faults_end_cannot_be_asked() -> None:
    drill = msgspec.structs.replace(QUIET, promises=())
    alone = fault_alone((), drill, symptoms_seen=(0,), looks=looks(999.0))

    assert told(alone, drill_record(Scene(drill=drill, outages=(), symptoms_seen=(0,), looks=looks(60.0)))).reason == (
        "nothing that the drill demands shows whether the fault is gone"
    )


def test_a_runbook_that_leaves_a_healthy_system_alone_is_harmless() -> None:
    result = told(runbook_alone())

    assert (result.answer, result.reason) == (Answer.HARMLESS, "users lost 0 of 7,200 requests")


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (runbook_alone((Outage(60.0, 63.0),)), "users lost 300 of 7,200 requests"),
        (
            runbook_alone((Outage(60.0, 999.0),), revert_s=365.0, end_s=370.0),
            "error rate ≤ 1 %: 100 % when all was done",
        ),
        (runbook_alone((Outage(111.5, 999.0),)), "P99 latency ≤ 10 ms"),
        (runbook_alone(differences=("service/web spec.selector: b, was a",)), "service/web spec.selector"),
    ],
)
def test_a_runbook_that_harms_a_healthy_system_is_found_out(control: DrillRecord, reason: str) -> None:
    verdict = judge_drill(drill_record(), (control,))

    assert verdict.verdict is Verdict.PASS, "the drill was about the fault"
    assert verdict.controls[0].answer is Answer.HARMED
    assert reason in verdict.controls[0].reason


def lacking(record: DrillRecord, kind: type[Any]) -> DrillRecord:
    return replace(record, events=tuple(one for one in record.events if not isinstance(one, kind)))


def ending_early(record: DrillRecord) -> DrillRecord:
    """Nobody came in the last ten seconds before the revert."""
    assert record.load is not None
    return replace(record, load=window(record.load, 0.0, 102.0))


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (lacking(runbook_alone(), SystemCompared), "everything is as it was before the incident: nobody compared"),
        (ending_early(runbook_alone()), "the load ended 10 s before the revert"),
        (lacking(ablated(Scene()), SystemCompared), "everything is as it was before the incident: nobody compared"),
    ],
)
def test_what_was_not_seen_is_not_said_to_be_harmless_or_useless(control: DrillRecord, reason: str) -> None:
    result = told(control)

    assert (result.answer, result.reason) == (Answer.NOT_TOLD, reason)


def test_what_the_drill_allows_the_procedure_is_no_harm() -> None:
    drill = msgspec.structs.replace(DRILL, promises=(LossBound(requests=400),))
    result = told(runbook_alone((Outage(60.0, 63.0),), drill), drill_record(Scene(drill=drill)))

    assert (result.answer, result.reason) == (Answer.HARMLESS, "users lost 300 of 7,200 requests")


def test_a_step_is_needed_when_something_is_missed_without_it() -> None:
    result = told(ablated(Scene(outages=FOREVER, revert_s=365.0, end_s=370.0)))

    assert result.answer is Answer.NEEDED
    assert result.reason == "without it: error rate ≤ 1 %: not recovered within 5 min of the procedure's start"


def test_a_step_is_needed_for_the_file_that_it_hands_over() -> None:
    step = WithoutStep(line=66, title="Collect diagnostics")
    other = HandedOver("/tmp/other.txt", 34, 20, (0,))
    drill = drill_record(Scene(files=(other, HandedOver("/tmp/events.txt", 72, 1834, (0,)))))

    result = told(ablated(Scene(files=(other,)), step), drill)

    assert (result.answer, result.reason) == (
        Answer.NEEDED,
        "without it: /tmp/events.txt is handed over: nobody does it",
    )


def test_a_step_is_useless_when_all_is_kept_without_it() -> None:
    result = told(ablated(Scene(outages=(Outage(20.0, 52.0),))))

    assert result.answer is Answer.USELESS
    assert result.reason == "users were served again 22 s after the procedure's start, 12 s without it"


def test_a_step_helps_when_users_would_only_be_served_later_without_it() -> None:
    result = told(ablated(Scene(outages=(Outage(20.0, 90.0),), revert_s=150.0, end_s=160.0)))

    assert result.answer is Answer.HELPFUL
    assert result.reason == "users were served again 22 s after the procedure's start, 50 s without it"


def test_a_step_is_harmful_when_something_is_kept_only_without_it() -> None:
    spoilt = Scene(differences=("service/web spec.selector: b, was a",))

    result = told(ablated(Scene()), drill_record(spoilt))

    assert result.answer is Answer.HARMFUL
    assert "everything is as it was before the incident" in result.reason


def test_a_step_that_is_good_for_one_thing_and_bad_for_another_is_told_as_such() -> None:
    spoilt = Scene(differences=("service/web spec.selector: b, was a",))

    result = told(ablated(Scene(files=())), drill_record(spoilt))

    assert result.answer is Answer.NOT_TOLD
    assert "is kept and" in result.reason


def test_a_step_is_not_judged_by_a_system_that_was_well_when_the_responder_began() -> None:
    assert told(ablated(Scene(outages=(Outage(20.0, 30.0),)))).answer is Answer.NOT_TOLD


def test_the_only_step_can_be_left_out() -> None:
    scene = Scene(drill=without(ROLLBACK), outages=FOREVER, revert_s=365.0, end_s=370.0, steps=())

    assert told(drill_record(scene)).answer is Answer.NEEDED


def test_controls_belong_to_the_drill_that_they_follow() -> None:
    other = drill_record(Scene(drill=msgspec.structs.replace(DRILL, name="Other")))
    healed, stayed = fault_alone((Outage(20.0, 52.0),)), fault_alone()
    skipped = fault_alone(extra=(FaultUnavailable(at_s=3.0, experiment="x", reason="none here"),))

    verdict = judge_run(run_record(drill_record(), healed, other, drill_record(), stayed, skipped))

    assert [len(one.controls) for one in verdict.drills] == [1, 0, 2]
    assert [one.verdict for one in verdict.drills] == [Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.PASS]
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.skipped == ()


OUTAGES = st.lists(
    st.builds(lambda start_s, length_s: Outage(start_s, start_s + length_s), st.integers(30, 110), st.integers(1, 60)),
    max_size=2,
)


@settings(max_examples=25, deadline=None)
@given(OUTAGES, OUTAGES, st.sampled_from((FaultAlone(), RunbookAlone(), ROLLBACK)))
def test_no_control_ever_makes_a_verdict_better(
    outages: list[Outage], of_control: list[Outage], control: Control
) -> None:
    drill = drill_record(Scene(outages=(Outage(20.0, 45.0), *outages), end_s=125.0))
    beside = Scene(drill=without(control), outages=(Outage(20.0, 45.0), *of_control), end_s=125.0)

    alone, compared = judge_drill(drill), judge_drill(drill, (drill_record(beside),))

    assert worst((alone.verdict, compared.verdict)) is compared.verdict
    if alone.verdict is Verdict.FAIL:
        assert compared.verdict is Verdict.FAIL


@settings(max_examples=25, deadline=None)
@given(OUTAGES, st.integers(40, 100))
def test_a_control_that_heals_leaves_no_pass(outages: list[Outage], healed_s: int) -> None:
    drill = drill_record(Scene(outages=(Outage(20.0, 45.0), *outages), end_s=125.0))
    healed = fault_alone((Outage(20.0, float(healed_s)),))

    verdict: DrillVerdict = judge_drill(drill, (healed,))

    assert verdict.verdict is not Verdict.PASS
