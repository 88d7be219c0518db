"""The verdict in one sentence."""

import msgspec
import pytest
from tests.judge.scenes import DRILL, HandedOver, Outage, Scene, drill_record, run_record

from drillbook.judge import judge_run
from drillbook.objective import Recovery
from drillbook.record import DrillRecord
from drillbook.report import sentence
from drillbook.verdict import Verdict

PASSED = Scene()
LATER = Scene(outages=(Outage(20.0, 66.0),))
FAILED = Scene(outages=(Outage(20.0, 999.0),), revert_s=345.0, end_s=355.0)
BRIEF = Scene(outages=(Outage(20.0, 62.0), Outage(83.0, 999.0)), revert_s=365.0, end_s=370.0)
UNSURE = Scene(outages=())


@pytest.mark.parametrize(
    ("scenes", "said"),
    [
        ((PASSED,), "The runbook brought users back in 22 s."),
        ((FAILED,), "The runbook did not bring users back within 5 min."),
        ((BRIEF,), "The runbook brought users back in 22 s, but not for good."),
        (
            (Scene(files=(HandedOver("/tmp/x", 3, None, (0,)),)),),
            "The runbook brought users back in 22 s, but broke a promise: "  # noqa: ISC004 - one sentence
            "line 3 writes /tmp/x, but there is no such file.",
        ),
        ((UNSURE,), "Nothing is proved: users never saw error rate > 10 % before the responder began."),
        ((PASSED, LATER), "The runbook brought users back in both drills, each time within 26 s."),
        ((PASSED, PASSED, LATER), "The runbook brought users back in all 3 drills, each time within 26 s."),
        ((PASSED, FAILED), "The runbook failed 1 of 2 drills."),
        ((PASSED, UNSURE, UNSURE), "Nothing is proved by 2 of 3 drills."),
    ],
)
def test_a_run_in_one_sentence(scenes: tuple[Scene, ...], said: str) -> None:
    verdict = judge_run(run_record(*(drill_record(scene) for scene in scenes)))

    assert sentence.of_run(verdict) == said


def test_a_run_without_drills_proves_nothing() -> None:
    verdict = msgspec.structs.replace(judge_run(run_record()), drills=(), verdict=Verdict.INCONCLUSIVE)

    assert sentence.of_run(verdict) == "Nothing is proved: no drill was run."


def test_verdicts_without_a_recovery_still_read_well() -> None:
    (drill,) = judge_run(run_record(_without_recovery())).drills
    objectives = tuple(one for one in drill.objectives if one.deadline_s is None)
    passed = msgspec.structs.replace(drill, objectives=objectives, verdict=Verdict.PASS)
    broken = tuple(msgspec.structs.replace(one, verdict=Verdict.FAIL) for one in objectives[:1])
    failed = msgspec.structs.replace(drill, objectives=broken, verdict=Verdict.FAIL)

    assert sentence.of_drill(passed) == "The runbook kept every promise that was asked of it."
    assert sentence.of_drill(failed).startswith("The runbook was carried out, but broke a promise: ")


def _without_recovery() -> DrillRecord:
    recovery = Recovery(thresholds=(), window_s=20.0, deadline_s=300.0)
    return drill_record(Scene(drill=msgspec.structs.replace(DRILL, recovery=recovery)))
