"""Drills whose assumptions do not hold: nothing is judged, whatever users saw."""

import pytest
from tests.judge.scenes import (
    DRILL,
    Outage,
    Scene,
    drill_record,
    load,
)

from drillbook.judge import judge_drill
from drillbook.timeline import (
    CommandStarted,
    DrillAborted,
    DrillFinished,
    FaultFailed,
    FaultInjected,
    LoadFinished,
    PhaseStarted,
    ProcedureFinished,
    ProcedureStarted,
    RevertFinished,
    SymptomMissed,
)
from drillbook.verdict import DrillVerdict, Verdict


def judged(scene: Scene | None = None) -> DrillVerdict:
    return judge_drill(drill_record(scene))


def clause(verdict: DrillVerdict, demands: str) -> tuple[Verdict, str]:
    line = next(one.line for one in DRILL.clauses if one.demands == demands)
    found = next(one for one in verdict.clauses if one.line == line)
    return found.verdict, found.reason


@pytest.mark.parametrize(
    ("scene", "demands", "reason"),
    [
        pytest.param(
            Scene(extra=(FaultFailed(at_s=21.0, experiment="x", reason="the API server said no"),)),
            "fault",
            "the fault did not land: the API server said no",
            id="the fault failed",
        ),
        pytest.param(Scene(without=(FaultInjected,)), "fault", "no fault was injected", id="no fault"),
        pytest.param(
            Scene(without=(PhaseStarted,)), "baseline", "the system did not come to its steady state", id="never steady"
        ),
        pytest.param(
            Scene(outages=(Outage(5.0, 62.0),)), "baseline", "the system was not in its steady state", id="bad baseline"
        ),
        pytest.param(Scene(symptoms_seen=(1,)), "symptom:0", "the symptom never showed", id="symptom never seen"),
        pytest.param(
            Scene(symptoms_seen=(), extra=(SymptomMissed(at_s=39.0, index=0, detail="2 of 4 pods"),)),
            "symptom:0",
            "the symptom never showed: 2 of 4 pods",
            id="symptom missed",
        ),
        pytest.param(Scene(outages=()), "symptom:1", "users never saw error rate > 10 %", id="users saw nothing"),
        pytest.param(
            Scene(outages=(Outage(20.0, 33.0),)),
            "fault",
            "the system was not broken when the responder began",
            id="healed before the responder",
        ),
        pytest.param(
            Scene(without=(ProcedureStarted,)),
            "procedure",
            "the responder never opened the procedure",
            id="no responder",
        ),
        pytest.param(Scene(steps=()), "procedure", "the responder ran no command", id="no command"),
        pytest.param(
            Scene(without=(ProcedureFinished,)),
            "procedure",
            "the responder did not get to the procedure's end",
            id="not to the end",
        ),
        pytest.param(
            Scene(without=(LoadFinished,)), "load", "it is not on record when the load ended", id="load without an end"
        ),
        pytest.param(
            Scene(extra=(LoadFinished(at_s=121.9, requests=5, exit_code=0),)),
            "load",
            "5 requests were sent, and 12,000 are on record",
            id="load with other requests",
        ),
        pytest.param(
            Scene(extra=(CommandStarted(at_s=41.0, line=1, text="true"),)),
            "procedure",
            "the record of 1 commands is not whole",
            id="a command without an end",
        ),
        pytest.param(
            Scene(extra=(LoadFinished(at_s=100.0, requests=5, exit_code=1),)),
            "load",
            "the load ended 12 s before the revert",
            id="load ended early",
        ),
    ],
)
def test_where_an_assumption_does_not_hold_nothing_is_proved(scene: Scene, demands: str, reason: str) -> None:
    verdict = judged(scene)

    assert verdict.verdict is Verdict.INCONCLUSIVE
    found, why = clause(verdict, demands)
    assert found is Verdict.INCONCLUSIVE
    assert reason in why
    assert {one.verdict for one in verdict.objectives} == {Verdict.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        pytest.param(Scene(without=(RevertFinished,)), "the fault was not taken back", id="no revert"),
        pytest.param(Scene(revert_succeeded=False), "the fault was not wholly taken back", id="revert failed"),
        pytest.param(
            Scene(extra=(DrillAborted(at_s=60.0, reason="interrupted"),)),
            "the drill was aborted: interrupted",
            id="aborted",
        ),
        pytest.param(Scene(without=(DrillFinished,)), "the drill was not carried to its end", id="died"),
    ],
)
def test_a_drill_that_was_not_carried_to_its_end_proves_nothing(scene: Scene, reason: str) -> None:
    verdict = judged(scene)

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert reason in verdict.reason


@pytest.mark.parametrize("how", ["no file", "no request"])
def test_without_load_nothing_is_proved(how: str) -> None:
    records = load(Scene(start_s=0.0, end_s=0.0))

    verdict = judge_drill(drill_record(no_load=how == "no file", records=records if how == "no request" else None))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.reason == "there was no load, so nothing is known of what users saw"


def test_a_drill_that_left_nothing_but_its_start_proves_nothing() -> None:
    kinds = {type(event) for event in drill_record().events}

    verdict = judged(Scene(without=tuple(kinds)))

    assert verdict.verdict is Verdict.INCONCLUSIVE
