"""How a drill went: times, and what users lost by phase and step."""

import pytest
from tests.judge.scenes import Outage, Scene, drill_record

from drillbook.course import Course, Times
from drillbook.judge import judge_drill
from drillbook.report.sentence import of_course
from drillbook.timeline import CommandFinished, FaultInjected, StepFinished, SymptomSeen


def course(scene: Scene | None = None) -> Course:
    found = judge_drill(drill_record(scene)).course
    assert found is not None
    return found


def test_times_run_from_the_fault_to_its_detection_to_the_first_command_to_the_recovery() -> None:
    """Injected at 22 s, the last symptom at 39 s, the procedure at 40 s, users served again from 62 s on."""
    assert course().times == Times(detect_s=17.0, respond_s=1.41, recover_s=22.0, outage_s=40.0)


@pytest.mark.parametrize(
    ("scene", "times"),
    [
        (Scene(without=(FaultInjected,)), Times(detect_s=None, respond_s=1.41, recover_s=None, outage_s=None)),
        (Scene(without=(SymptomSeen,)), Times(detect_s=None, respond_s=None, recover_s=None, outage_s=None)),
        (Scene(without=(CommandFinished,)), Times(detect_s=17.0, respond_s=None, recover_s=None, outage_s=None)),
    ],
)
def test_what_never_came_has_no_time(scene: Scene, times: Times) -> None:
    assert course(scene).times == times


def test_what_users_lost_is_told_by_phase() -> None:
    found = course(Scene(outages=(Outage(20.0, 62.0),)))

    assert [(one.phase, one.requests, one.lost) for one in found.phases][:4] == [
        ("baseline", 1800, 0),
        ("inject", 200, 200),
        ("confirm", 1800, 1800),
        ("respond", 2038, 2038),
    ]
    assert sum(one.requests for one in found.phases) == 12_000
    assert sum(one.lost for one in found.phases) == 4200


def test_each_step_that_was_carried_out_has_its_time_and_its_losses() -> None:
    found = course()

    assert [one.step for one in found.steps] == ["Assess impact", "Emergency rollback", "Collect diagnostics"]
    assert found.steps[0].began_s == 0.0
    assert all(one.lasted_s > 0 and one.lost <= one.requests for one in found.steps)


def test_a_step_that_was_cut_off_is_not_measured() -> None:
    assert course(Scene(without=(StepFinished,))).steps == ()


def test_the_course_in_one_sentence() -> None:
    assert of_course(judge_drill(drill_record())) == (
        "seen 17 s after the fault, the first command done 1.4 s later, users served again 40 s after the fault"
    )
    assert not of_course(judge_drill(drill_record(Scene(without=(SymptomSeen,)))))


def test_a_drill_without_load_has_a_course_all_the_same() -> None:
    found = judge_drill(drill_record(no_load=True)).course
    assert found is not None
    assert {one.requests for one in found.phases} == {0}
