"""Evidence of real runs, judged again."""

from pathlib import Path

import pytest

from drillbook.evidence import read_evidence
from drillbook.judge import judge_run
from drillbook.verdict import Verdict, decode

RECORDED = Path(__file__).parent / "evidence"
PASSED = RECORDED / "both-drills-pass"
FAILED = RECORDED / "rollback-removed"


@pytest.mark.parametrize("directory", [PASSED, FAILED], ids=lambda path: path.name)
def test_the_verdict_is_the_one_that_was_given_then(directory: Path) -> None:
    then = decode((directory / "verdict.json").read_bytes())
    assert judge_run(read_evidence(directory)) == then


def test_what_was_recorded_is_a_pass_and_a_fail() -> None:
    assert judge_run(read_evidence(PASSED)).verdict is Verdict.PASS
    assert judge_run(read_evidence(FAILED)).verdict is Verdict.FAIL
