"""Verdicts of whole drills: every way to pass and to fail, and to have seen too little."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from tests.judge.scenes import (
    DRILL,
    P99,
    Command,
    HandedOver,
    Outage,
    Scene,
    Step,
    drill_record,
    load,
    run_record,
)

from drillbook.drill import ComponentSymptom
from drillbook.judge import judge_drill, judge_run
from drillbook.objective import Recovery, Start
from drillbook.observation import ComponentLook, Look, PodLook
from drillbook.timeline import (
    CommandEnd,
    FaultUnavailable,
    Floor,
    GeneratorCalibrated,
    SymptomGone,
    SymptomRemained,
    SystemCompared,
)
from drillbook.verdict import DrillVerdict, Outcome, Verdict

UNTIL_THE_END = Scene(outages=(Outage(20.0, 999.0),), revert_s=345.0, end_s=355.0)


def judged(scene: Scene | None = None) -> DrillVerdict:
    return judge_drill(drill_record(scene))


def clause(verdict: DrillVerdict, demands: str) -> tuple[Verdict, str]:
    line = next(one.line for one in DRILL.clauses if one.demands == demands)
    found = next(one for one in verdict.clauses if one.line == line)
    return found.verdict, found.reason


def test_a_drill_whose_every_promise_is_kept_passes() -> None:
    verdict = judged()

    assert verdict.verdict is Verdict.PASS
    assert verdict.reason == "recovered 22 s after the procedure's start"
    assert {one.verdict for one in verdict.objectives} == {Verdict.PASS}
    assert {one.verdict for one in verdict.clauses} == {Verdict.PASS}
    assert [one.name for one in verdict.objectives] == [
        "error rate ≤ 1 %",
        "P99 latency ≤ 10 ms",
        "error rate ≤ 1 %, 20 s later",
        "P99 latency ≤ 10 ms, 20 s later",
        "/tmp/events.txt is handed over",
        "a file holds “BackOff”",
        "everything is as it was before the incident",
    ]


def test_the_recovery_is_measured_from_the_procedures_start_to_the_first_good_window() -> None:
    scene = Scene(outages=(Outage(20.0, 62.0),), procedure_s=40.0)

    error_rate, p99 = judged(scene).objectives[:2]

    assert (error_rate.recovered_after_s, p99.recovered_after_s) == (22.0, 22.0)
    assert (error_rate.measured, error_rate.samples, error_rate.threshold) == (0.0, 2000, 0.01)
    assert p99.measured is not None
    assert 0 < p99.measured <= 10


def test_users_who_never_come_back_fail_the_drill() -> None:
    verdict = judged(UNTIL_THE_END)

    assert verdict.verdict is Verdict.FAIL
    assert verdict.reason == "error rate ≤ 1 %: not recovered within 5 min of the procedure's start"
    assert clause(verdict, "recovery")[0] is Verdict.FAIL
    assert clause(verdict, "hold")[0] is Verdict.FAIL
    assert verdict.objectives[0].measured == 1.0
    assert verdict.objectives[0].recovered_after_s is None


def test_an_outage_in_which_nobody_is_answered_at_all_is_a_failure_not_a_lack_of_samples() -> None:
    scene = replace(UNTIL_THE_END, outages=(Outage(20.0, 999.0, statuses=(0,)),))

    verdict = judged(scene)

    assert verdict.verdict is Verdict.FAIL
    assert [one.measured for one in verdict.objectives[:2]] == [1.0, None]


def test_users_who_are_served_but_too_slowly_fail_the_drill() -> None:
    scene = replace(UNTIL_THE_END, outages=(Outage(20.0, 62.0),))
    records = load(scene)
    slow = np.where(records.due_s >= 62.0, 0.05, 0.0)

    verdict = judge_drill(drill_record(scene, records=replace(records, end_s=records.end_s + slow)))

    assert verdict.verdict is Verdict.FAIL
    assert verdict.objectives[1].measured is not None
    assert verdict.objectives[1].measured > 50


def test_a_recovery_that_does_not_last_fails_the_hold_but_not_the_recovery() -> None:
    verdict = judged(
        replace(UNTIL_THE_END, outages=(Outage(20.0, 62.0), Outage(83.0, 999.0)), revert_s=365.0, end_s=370)
    )

    assert verdict.verdict is Verdict.FAIL
    assert clause(verdict, "recovery") == (Verdict.PASS, "recovered 22 s after the procedure's start")
    assert clause(verdict, "hold") == (Verdict.FAIL, "no longer so 20 s later")
    assert {one.recovered_after_s for one in verdict.objectives[:4]} == {22.0}


def test_a_recovery_that_lasts_only_the_second_time_passes_with_the_second_time() -> None:
    scene = replace(UNTIL_THE_END, outages=(Outage(20.0, 62.0), Outage(83.0, 120.0)))

    verdict = judged(scene)

    assert verdict.verdict is Verdict.PASS
    assert verdict.objectives[0].recovered_after_s == 80.0


def test_a_recovery_that_needs_no_hold_is_judged_without_one() -> None:
    drill = msgspec.structs.replace(DRILL, recovery=msgspec.structs.replace(DRILL.recovery, hold_s=0.0))

    passed, failed = judged(Scene(drill=drill)), judged(replace(UNTIL_THE_END, drill=drill))

    assert passed.verdict is Verdict.PASS
    assert failed.verdict is Verdict.FAIL
    assert len(passed.objectives) == len(failed.objectives) == 5


def test_a_recovery_after_the_deadline_is_none() -> None:
    recovery = msgspec.structs.replace(DRILL.recovery, deadline_s=30.0)

    verdict = judged(Scene(drill=msgspec.structs.replace(DRILL, recovery=recovery)))

    assert verdict.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("start", "deadline_s", "words"),
    [
        (Start.FAULT, 60.0, "the fault"),
        (Start.DETECTION, 43.0, "its detection"),
        (Start.PROCEDURE, 42.0, "the procedure's start"),
    ],
)
def test_a_deadline_counts_from_what_it_says(start: Start, deadline_s: float, words: str) -> None:
    """Injected at 22 s, the last symptom at 39 s, the procedure at 40 s; the first good window ends at 82 s."""

    def judged_by(deadline_s: float) -> DrillVerdict:
        recovery = msgspec.structs.replace(DRILL.recovery, start=start, deadline_s=deadline_s)
        return judged(Scene(drill=msgspec.structs.replace(DRILL, recovery=recovery)))

    in_time, late = judged_by(deadline_s), judged_by(deadline_s - 0.5)

    assert (in_time.verdict, in_time.objectives[0].deadline_from) == (Verdict.PASS, start)
    assert late.verdict is Verdict.FAIL
    assert late.reason.endswith(f"of {words}")


def test_a_recovery_that_only_the_revert_brought_is_none() -> None:
    verdict = judged(Scene(outages=(Outage(20.0, 112.0),), revert_s=112.0, end_s=200.0))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "watched for only 1 min 12 s of 5 min" in verdict.reason


def test_a_hold_that_the_revert_cut_short_proves_nothing() -> None:
    verdict = judged(Scene(revert_s=95.0, end_s=122.0))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert clause(verdict, "recovery")[0] is Verdict.PASS
    assert clause(verdict, "hold") == (Verdict.INCONCLUSIVE, "watched for only 55 s of 5 min 20 s")


def test_a_gap_in_the_load_where_the_recovery_should_show_proves_nothing() -> None:
    scene = UNTIL_THE_END
    records = load(scene)
    keep = (records.due_s < 300.0) | (records.due_s > 341.0)
    holed = replace(
        records,
        due_s=records.due_s[keep],
        start_s=records.start_s[keep],
        end_s=records.end_s[keep],
        status=records.status[keep],
        corrupt=records.corrupt[keep],
    )

    verdict = judge_drill(drill_record(scene, records=holed))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "it may have recovered" in verdict.reason
    assert verdict.reason.endswith("requests are missing on record, or there too often")


@pytest.mark.parametrize(
    ("floor_ms", "verdict"), [(None, Verdict.FAIL), (0.9, Verdict.FAIL), (4.0, Verdict.INCONCLUSIVE)]
)
def test_what_the_users_add_on_this_machine_is_not_held_against_the_runbook(
    floor_ms: float | None, verdict: Verdict
) -> None:
    floor = Floor(requests=500, lag_p50_ms=0.1, lag_p99_ms=0.2, latency_p50_ms=0.4, latency_p99_ms=floor_ms or 0.0)
    calibrated = GeneratorCalibrated(at_s=1.0, rate_per_s=100.0, floor=floor)
    scene = replace(UNTIL_THE_END, outages=(Outage(20.0, 62.0),), extra=(calibrated,) if floor_ms else ())
    records = load(scene)
    slow = np.where(records.due_s >= 62.0, 0.012, records.end_s - records.due_s)

    found = judge_drill(drill_record(scene, records=replace(records, end_s=records.start_s + slow)))

    assert found.verdict is verdict
    assert ("the users themselves were late (P99 4 ms)" in found.reason) is (verdict is Verdict.INCONCLUSIVE)


def test_an_outage_that_shows_only_as_latency_still_counts_as_broken() -> None:
    recovery = Recovery(thresholds=(P99,), window_s=20.0, deadline_s=300.0)
    drill = msgspec.structs.replace(DRILL, recovery=recovery)

    verdict = judged(Scene(drill=drill, outages=(Outage(20.0, 62.0, statuses=(0,)),)))

    assert verdict.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("files", "objective", "reason"),
    [
        pytest.param(
            (HandedOver("/tmp/events.txt", 72, None),),
            4,
            "line 72 writes /tmp/events.txt, but there is no such file",
            id="missing",
        ),
        pytest.param(
            (HandedOver("/tmp/events.txt", 72, 0),), 4, "line 72 writes /tmp/events.txt, but it is empty", id="empty"
        ),
        pytest.param((HandedOver("/tmp/events.txt", 72, 9),), 5, "none of the files holds it", id="pattern"),
        pytest.param((), 4, "the steps write no file", id="none"),
    ],
)
def test_a_file_that_is_not_as_promised_fails_the_drill(
    files: tuple[HandedOver, ...], objective: int, reason: str
) -> None:
    verdict = judged(Scene(files=files))

    assert verdict.verdict is Verdict.FAIL
    assert verdict.objectives[objective].verdict is Verdict.FAIL
    assert verdict.objectives[objective].reason == reason
    assert clause(verdict, "recovery")[0] is Verdict.PASS


def test_files_that_are_not_demanded_are_not_judged() -> None:
    drill = msgspec.structs.replace(DRILL, files=None)

    assert judged(Scene(drill=drill, files=())).verdict is Verdict.PASS


def test_files_of_a_drill_that_proves_nothing_are_not_judged() -> None:
    verdict = judged(Scene(outages=(), files=()))

    assert clause(verdict, "files")[0] is Verdict.INCONCLUSIVE


def test_a_pattern_may_stand_in_any_of_the_files() -> None:
    files = (HandedOver("/tmp/a", 70, 5), HandedOver("/tmp/b", 71, 5, (0,)), HandedOver("/tmp/c", 72, 5, (0,)))

    verdict = judged(Scene(files=files))

    assert verdict.verdict is Verdict.PASS
    assert clause(verdict, "content:0") == (Verdict.PASS, "found in /tmp/b, /tmp/c")


def test_what_the_procedure_leaves_changed_fails_the_drill() -> None:
    verdict = judged(
        Scene(differences=("service/web spec.selector: a, was b", "deployment/web spec.replicas: 1, was 2"))
    )

    assert verdict.verdict is Verdict.FAIL
    assert clause(verdict, "restored")[1].startswith("service/web spec.selector: a, was b; deployment/web")
    assert verdict.objectives[-1].measured == 2


def test_a_system_that_nobody_compared_proves_nothing() -> None:
    verdict = judged(Scene(without=(SystemCompared,)))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert clause(verdict, "restored") == (Verdict.INCONCLUSIVE, "nobody compared")


def test_differences_after_the_revert_are_not_the_procedures() -> None:
    after = SystemCompared(at_s=121.0, after_revert=True, differences=("x",), added=())

    assert judged(Scene(extra=(after,))).verdict is Verdict.PASS


def test_a_drill_that_demands_nothing_proves_nothing() -> None:
    recovery = Recovery(thresholds=(), window_s=20.0, deadline_s=300.0)
    drill = msgspec.structs.replace(DRILL, recovery=recovery, files=None, restored=False)

    verdict = judged(Scene(drill=drill, files=()))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert not verdict.objectives


def test_every_command_has_its_outcome() -> None:
    commands = (
        Command(1, "true"),
        Command(2, "false", exit_code=1),
        Command(3, "sleep 99", exit_code=None, end=CommandEnd.TIMED_OUT),
        Command(4, "kill -9 $$", exit_code=None, end=CommandEnd.LOST),
    )

    verdict = judged(Scene(steps=(Step("All kinds", 1, commands),)))

    assert [one.outcome for one in verdict.commands] == [Outcome.WORKED, Outcome.FAILED, Outcome.HUNG, Outcome.LOST]
    assert [one.line for one in verdict.commands] == [1, 2, 3, 4]


def test_a_clause_that_no_check_answers_to_is_inconclusive() -> None:
    unknown = msgspec.structs.replace(DRILL.clauses[0], demands="something else")
    drill = msgspec.structs.replace(DRILL, clauses=(unknown,))

    (only,) = judged(Scene(drill=drill)).clauses

    assert (only.verdict, only.reason) == (Verdict.INCONCLUSIVE, "")


def test_the_run_is_as_good_as_its_worst_drill() -> None:
    passed, failed, unsure = drill_record(), drill_record(UNTIL_THE_END), drill_record(Scene(outages=()))

    assert judge_run(run_record(passed)).verdict is Verdict.PASS
    assert judge_run(run_record(passed, unsure)).verdict is Verdict.INCONCLUSIVE
    assert judge_run(run_record(unsure, failed, passed)).verdict is Verdict.FAIL


def test_the_baseline_may_end_a_little_before_the_fault() -> None:
    """The runner looks, then takes its snapshot, then injects: a hiccup in between is not the steady state's."""
    assert judged(Scene(outages=(Outage(19.0, 62.0),))).verdict is Verdict.PASS


def test_a_drill_whose_fault_is_not_to_be_had_is_skipped_and_claims_nothing() -> None:
    unavailable = FaultUnavailable(at_s=22.5, experiment="x", reason="no hugepages here")
    verdict = judge_run(run_record(drill_record(), drill_record(Scene(extra=(unavailable,)))))
    assert verdict.verdict is Verdict.PASS
    assert len(verdict.drills) == 1
    assert [one.reason for one in verdict.skipped] == ["no hugepages here"]
    nothing = judge_run(run_record(drill_record(Scene(extra=(unavailable,)))))
    assert nothing.verdict is Verdict.INCONCLUSIVE


def test_a_symptom_that_remains_after_the_revert_leaves_nothing_proved() -> None:
    remained = SymptomRemained(at_s=120.0, index=1, detail="still down")
    verdict = judge_drill(drill_record(Scene(extra=(remained,), without=(SymptomGone,))))
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "not seen to be gone" in verdict.reason


@pytest.mark.parametrize(("status", "verdict"), [("degraded", Verdict.PASS), ("healthy", Verdict.INCONCLUSIVE)])
def test_a_fault_that_users_do_not_feel_must_be_reported_when_the_responder_begins(
    status: str, verdict: Verdict
) -> None:
    symptom = ComponentSymptom(component="security", status="degraded", deadline_s=60.0)
    drill = msgspec.structs.replace(DRILL, symptoms=(symptom,), clauses=())
    part = ComponentLook(name="security", status=status)
    pod = PodLook(
        name="a", uid="a", labels={}, ready=True, terminating=False, restarts=0, reasons=(), components=(part,)
    )
    scene = Scene(drill=drill, symptoms_seen=(0,), outages=(), looks=(Look(at_s=39.5, pods=(pod,)),))
    assert judge_drill(drill_record(scene)).verdict is verdict
    unseen = Scene(drill=drill, symptoms_seen=(0,), outages=())
    assert judge_drill(drill_record(unseen)).verdict is Verdict.INCONCLUSIVE


def test_what_may_differ_for_good_is_no_difference() -> None:
    drill = msgspec.structs.replace(DRILL, changed_for_good=("configmap/tokens",))
    named = Scene(drill=drill, differences=("configmap/tokens data.revoked: a → b",))
    assert judge_drill(drill_record(named)).verdict is Verdict.PASS
    other = Scene(drill=drill, differences=("configmap/tokens-2 data.revoked: a → b",))
    assert judge_drill(drill_record(other)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        ("deployment/web spec.template.memory: 1 → 2", Verdict.PASS),
        ("deployment/web spec.template: 1 → 2", Verdict.PASS),
        ("deployment/web spec.templates: 1 → 2", Verdict.FAIL),
        ("deployment/web spec.replicas: 2 → 1", Verdict.FAIL),
    ],
)
def test_a_part_of_an_object_may_differ_for_good_and_the_rest_of_it_not(difference: str, verdict: Verdict) -> None:
    drill = msgspec.structs.replace(DRILL, changed_for_good=("deployment/web spec.template",))
    assert judge_drill(drill_record(Scene(drill=drill, differences=(difference,)))).verdict is verdict
