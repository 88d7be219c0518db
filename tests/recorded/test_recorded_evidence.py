"""Evidence of real runs, judged again; and damaged by hand, which must never pass."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from drillbook.evidence import read_evidence
from drillbook.judge import judge_drill, judge_run
from drillbook.verdict import Verdict, decode

RECORDED = Path(__file__).parent / "evidence"
PASSED = RECORDED / "both-drills-pass"
FAILED = RECORDED / "rollback-removed"
HEALED = (
    RECORDED / "healed-by-itself"
)  # by Kubernetes, while the responder only looked; its fault was run alone as well


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


def lines_without(event: str) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        timeline = directory / "timeline.jsonl"
        lines = timeline.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if f'"event":"{event}"' not in line]
        assert len(kept) < len(lines)
        timeline.write_text("".join(kept), encoding="utf-8")

    return damage


def no_load(directory: Path) -> None:
    for path in (directory / "load").iterdir():
        path.unlink()


def gap_in_the_load(directory: Path) -> None:
    """Three of four requests after the first minute are lost."""
    for path in (directory / "load").iterdir():
        header, *rows = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        start_us = int(rows[0].split(b",")[0])
        kept = [row for i, row in enumerate(rows) if int(row.split(b",")[0]) < start_us + 20e6 or i % 4 == 0]
        path.write_bytes(gzip.compress(b"".join([header, *kept])))


def all_answers_wrong(directory: Path) -> None:
    for path in (directory / "load").iterdir():
        data = gzip.decompress(path.read_bytes())
        path.write_bytes(gzip.compress(data.replace(b",200,0\n", b",200,1\n")))


def cut_short(directory: Path) -> None:
    timeline = directory / "timeline.jsonl"
    data = timeline.read_bytes()
    timeline.write_bytes(data[: int(len(data) * 0.95)])


def no_outage(directory: Path) -> None:
    """The users never suffered: every request was answered."""
    for path in (directory / "load").iterdir():
        header, *rows = gzip.decompress(path.read_bytes()).splitlines()
        fine = [b",".join((*row.split(b",")[:3], b"200", b"0")) for row in rows]
        path.write_bytes(gzip.compress(b"\n".join([header, *fine, b""])))


@pytest.mark.parametrize(
    "damage",
    [
        no_load,
        gap_in_the_load,
        all_answers_wrong,
        cut_short,
        no_outage,
        lines_without("fault.injected"),
        lines_without("symptom.seen"),
        lines_without("procedure.started"),
        lines_without("command.finished"),
        lines_without("revert.finished"),
        lines_without("symptom.gone"),
        lines_without("drill.finished"),
        lines_without("file.inspected"),
        lines_without("system.compared"),
    ],
    ids=lambda damage: getattr(damage, "__name__", "damage"),
)
def test_damaged_evidence_does_not_pass(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    copy = tmp_path / "evidence"
    shutil.copytree(PASSED, copy)
    damage(copy)
    assert judge_run(read_evidence(copy)).verdict is not Verdict.PASS
