"""``verdict.json``: a stable contract, held by its JSON Schema."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from tests.judge.scenes import DRILL, Command, HandedOver, Outage, Scene, Step, drill_record, run_record

from drillbook import verdict
from drillbook.drill import FaultAlone, RunbookAlone, WithoutStep
from drillbook.judge import judge_run
from drillbook.verdict import RunVerdict, Verdict

SCHEMA = Path(__file__).parents[2] / "schemas" / "verdict.schema.json"
CONTROLS = (FaultAlone(), RunbookAlone(), WithoutStep(line=44, title="Emergency rollback"))
REGENERATE = "regenerate it:  .venv/bin/python -m drillbook.verdict > schemas/verdict.schema.json"


def run_verdict() -> RunVerdict:
    """Passes, fails, unknown figures, every kind of command and of control in one."""
    odd = (Step("Odd", 1, (Command(1, "a\nb", exit_code=None), Command(2, "ü", exit_code=3))),)
    return judge_run(
        run_record(
            drill_record(),
            drill_record(Scene(outages=(Outage(20.0, 999.0),), revert_s=345.0, end_s=355.0, steps=odd)),
            drill_record(Scene(outages=(), files=(HandedOver("/tmp/x", 3, None),))),
            drill_record(no_load=True),
            *(drill_record(Scene(drill=msgspec.structs.replace(DRILL, control=control))) for control in CONTROLS),
        )
    )


def test_the_schema_in_the_repository_is_the_one_of_the_types() -> None:
    assert SCHEMA.read_bytes() == verdict.schema_file(), REGENERATE


def test_verdicts_follow_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_bytes()))

    jsonschema.validate(
        json.loads(verdict.encode(run_verdict())),
        json.loads(SCHEMA.read_bytes()),
        cls=jsonschema.Draft202012Validator,
    )


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ({"verdict": "green"}, "verdict"),
        ({"drills": None}, "drills"),
        ({"runbook": {"path": "x"}}, "runbook"),
    ],
)
def test_what_is_no_verdict_does_not_follow_the_schema(broken: dict[str, object], where: str) -> None:
    content = json.loads(verdict.encode(run_verdict())) | broken

    with pytest.raises(jsonschema.ValidationError) as raised:
        jsonschema.validate(content, json.loads(SCHEMA.read_bytes()), cls=jsonschema.Draft202012Validator)

    assert where in raised.value.json_path


def test_a_verdict_that_was_written_is_read_back_as_it_was() -> None:
    written = run_verdict()

    assert verdict.decode(verdict.encode(written)) == written


def test_the_contract_names_are_these() -> None:
    content = json.loads(verdict.encode(run_verdict()))

    assert list(content) == ["schema", "run_id", "runbook", "verdict", "drills", "skipped"]
    assert set(content["runbook"]) == {"path", "sha256"}
    drill = content["drills"][1]
    assert {"name", "procedure", "verdict", "objectives", "commands", "findings"} <= set(drill)
    assert {
        "name",
        "threshold",
        "measured",
        "unit",
        "window_s",
        "deadline_s",
        "recovered_after_s",
        "verdict",
        "reason",
    } <= set(drill["objectives"][0])
    assert set(drill["commands"][0]) == {"line", "text", "exit_code", "duration_s", "outcome", "reason", "also"}
    assert content["schema"] == "drillbook.verdict/1"


def test_a_file_that_is_no_verdict_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        verdict.decode(b'{"run_id": 3}')


def test_a_verdict_is_one_of_three_words() -> None:
    assert [one.value for one in Verdict] == ["pass", "inconclusive", "fail"]
