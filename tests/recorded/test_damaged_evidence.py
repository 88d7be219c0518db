"""Every recorded pass, damaged by hand in every way that we could think of: none of these may pass."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recorded import damage
from tests.recorded.damage import Damage, Row

from drillbook.errors import InputError
from drillbook.evidence import read_evidence
from drillbook.judge import judge_run
from drillbook.verdict import Verdict, decode

RECORDED = Path(__file__).parent / "evidence"
PASSES = [
    path for path in sorted(RECORDED.iterdir()) if decode((path / "verdict.json").read_bytes()).verdict is Verdict.PASS
]

DAMAGES: dict[str, Damage] = {
    "no load at all": damage.removed("load/*"),
    "load: header only": damage.gap(1e9, 2e9),
    "load: cut short": damage.cut("load/*", 0.7),
    "load: ends before the revert": damage.records(lambda rows: sorted(rows)[: round(len(rows) * 0.6)]),
    "load: one request is missing": damage.records(lambda rows: rows[:-1]),
    "load: a gap while it should hold": damage.gap(16, 6),
    "load: three of four are missing": damage.gap(50, 40, keep_every=4),
    "load: a gap that nothing else knows of": damage.gap_that_the_load_does_not_know_of(16, 6),
    "load: a short gap that nothing else knows of": damage.gap_that_the_load_does_not_know_of(16, 1),
    "load: a gap all through the recovery": damage.gap_that_the_load_does_not_know_of(45, 40),
    "load: every request twice": damage.records(lambda rows: rows + rows),
    "load: the users stalled": damage.users_stalled(16, 4),
    "load: the clock jumped ahead": damage.second_half_shifted(30.0),
    "load: the clock jumped back": damage.second_half_shifted(-20.0),
    "load: another clock, ahead": damage.another_offset(30.0),
    "load: another clock, behind": damage.another_offset(-30.0),
    "users: all answers wrong": damage.answered(200, corrupt=1),
    "users: nobody was answered": damage.answered(0),
    "users: nobody suffered": damage.answered(200),
    "timeline: empty": damage.removed("timeline.jsonl"),
    "timeline: cut short": damage.cut("timeline.jsonl", 0.95),
    "timeline: two drills in one": damage.without("drill.started", last_only=True),
    "timeline: the clock jumped in the procedure": damage.clock_jump(60.0, after="procedure.started"),
    "timeline: the clock jumped after it": damage.clock_jump(60.0, after="procedure.finished"),
    "fault: landed only after the procedure began": damage.moved("fault.injected", to="procedure.finished"),
    "fault: never reverted": damage.without("revert.finished"),
    "revert: before the recovery": damage.moved("phase.started", phase="revert", to="procedure.started"),
    "procedure: began when all was over": damage.moved("procedure.started", to="system.compared"),
    "procedure: the last command has no end": damage.without("command.finished", last_only=True),
}

WITHOUT_PROOF = {"fault.requested", "step.started", "step.finished", "step.skipped", "shell.reopened"}
"""Kinds of events that say how things went and prove nothing: without them a pass may stand."""


def verdict_of(directory: Path) -> Verdict | None:
    """None where the evidence is refused altogether."""
    try:
        return judge_run(read_evidence(directory)).verdict
    except InputError:
        return None


def copy_of(recorded: Path, directory: Path) -> Path:
    copy = directory / recorded.name
    shutil.copytree(recorded, copy)
    return copy


def kinds(recorded: Path) -> list[str]:
    events = (event for drill in read_evidence(recorded).drills for event in drill.events)
    return sorted({str(type(event).__struct_config__.tag) for event in events} - WITHOUT_PROOF)


@pytest.mark.parametrize("recorded", PASSES, ids=lambda path: path.name)
@pytest.mark.parametrize("what", DAMAGES)
def test_damaged_evidence_does_not_pass(tmp_path: Path, recorded: Path, what: str) -> None:
    copy = copy_of(recorded, tmp_path)
    DAMAGES[what](copy)
    assert verdict_of(copy) is not Verdict.PASS


@pytest.mark.parametrize(
    ("recorded", "kind"),
    [(path, kind) for path in PASSES for kind in kinds(path)],
    ids=lambda value: getattr(value, "name", value),
)
def test_without_any_kind_of_event_that_proves_something_there_is_no_pass(
    tmp_path: Path, recorded: Path, kind: str
) -> None:
    copy = copy_of(recorded, tmp_path)
    damage.without(kind)(copy)
    assert verdict_of(copy) is not Verdict.PASS


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.0001, 0.5), seed=st.integers(0, 9), recorded=st.sampled_from(PASSES))
def test_requests_that_are_lost_from_the_record_anywhere_leave_no_pass(
    tmp_path_factory: pytest.TempPathFactory, share: float, seed: int, recorded: Path
) -> None:
    def change(rows: list[Row]) -> list[Row]:
        every = min(max(2, round(1 / share)), 2_000)  # a drill has some thousands
        return [row for place, row in enumerate(rows) if (place + seed) % every]

    copy = copy_of(recorded, tmp_path_factory.mktemp("damaged"))
    damage.records(change)(copy)
    assert verdict_of(copy) is not Verdict.PASS


@pytest.mark.parametrize("recorded", PASSES, ids=lambda path: path.name)
def test_an_undamaged_copy_does(tmp_path: Path, recorded: Path) -> None:
    assert verdict_of(copy_of(recorded, tmp_path)) is Verdict.PASS
