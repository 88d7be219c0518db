"""Evidence of real runs, judged again."""

from pathlib import Path

import pytest

from drillbook.evidence import read_evidence
from drillbook.judge import judge_drill, judge_run
from drillbook.verdict import Verdict, decode

RECORDED = Path(__file__).parent / "evidence"
PASSED = RECORDED / "both-drills-pass"
FAILED = RECORDED / "rollback-removed"
HEALED = RECORDED / "healed-by-itself"
"""By Kubernetes, while the responder only looked; its fault was run alone as well."""


@pytest.mark.parametrize("directory", [PASSED, FAILED, HEALED], ids=lambda path: path.name)
def test_the_verdict_is_the_one_that_was_given_then(directory: Path) -> None:
    then = decode((directory / "verdict.json").read_bytes())
    assert judge_run(read_evidence(directory)) == then


def test_what_was_recorded_is_a_pass_and_a_fail() -> None:
    assert judge_run(read_evidence(PASSED)).verdict is Verdict.PASS
    assert judge_run(read_evidence(FAILED)).verdict is Verdict.FAIL


def test_only_the_run_without_the_runbook_tells_what_healed_by_itself() -> None:
    record = read_evidence(HEALED)
    drill, _ = record.drills

    assert judge_drill(drill).verdict is Verdict.PASS
    assert judge_run(record).verdict is Verdict.INCONCLUSIVE
