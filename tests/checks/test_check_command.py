import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from drillbook import check_command
from drillbook.checks.dry_run import rule_asking
from drillbook.checks.formats.report import schema_file
from drillbook.cli import drillbook
from drillbook.errors import CannotRunError, InputError

RUNBOOK = """# Runbook

## Web is down

1. **Look**

   ```bash
   watch kubectl get pods -n shop
   ```
"""


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(drillbook, ["check", *map(str, arguments)])


@pytest.fixture
def runbook(tmp_path: Path) -> Path:
    path = tmp_path / "runbook.md"
    path.write_text(RUNBOOK, encoding="utf-8")
    return path


def test_a_finding_is_shown_where_it_stands(runbook: Path) -> None:
    done = check(runbook, "--select", "RB020")
    assert f"{runbook}:8:4: " in done.output
    assert "RB020 never-terminates" in done.output
    lines = done.output.splitlines()
    assert lines[1] == "  8 |    watch kubectl get pods -n shop"
    assert lines[2].startswith("    |    ^^^^^")
    assert lines[-1].startswith("1 runbook: 1 ")


def test_the_exit_code_follows_the_least_severity(runbook: Path) -> None:
    severity = json.loads(check(runbook, "--select", "RB020", "--format", "json").output)["files"][0]["findings"][0][
        "severity"
    ]
    assert check(runbook, "--select", "RB020", "--fail-on", severity).exit_code == 1
    assert check(runbook, "--select", "RB020", "--fail-on", "note").exit_code == 1
    assert check(runbook, "--ignore", "RB", "--fail-on", "note").exit_code == 0


def test_json_has_the_documented_names(runbook: Path) -> None:
    report = json.loads(check(runbook.parent, "--select", "RB020", "--format", "json").output)
    assert report["schema"] == "drillbook.check/1"
    (file,) = report["files"]
    assert file["path"] == str(runbook)
    (finding,) = file["findings"]
    assert {"rule", "name", "severity", "line", "column", "end_line", "end_column", "message", "suggestion"} < set(
        finding
    )
    assert finding["procedure"] == "Web is down"


def test_a_document_that_is_no_text_is_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "binary.md"
    path.write_bytes(b"\xff\xfe\x00")
    done = check(path)
    assert done.exit_code == 1
    assert "RB000 unreadable" in done.output


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = check(tmp_path / "none.md")
    assert done.exit_code != 0
    assert "cannot read it" in str(done.exception)


def test_the_schema_in_the_repository_is_the_one_of_the_report() -> None:
    path = Path(__file__).parents[2] / "schemas" / "check.schema.json"
    assert path.read_bytes() == schema_file()


CHANGE = RUNBOOK.replace("-n shop\n", "-n shop\n   kubectl scale deployment web --replica=2 -n shop\n")


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_what_the_cluster_refuses_stands_beside_the_rest_in_every_format(
    form: str, runbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = "error: unknown flag: --replica"
    monkeypatch.setattr(check_command, "_rule_of_cluster", lambda: rule_asking(lambda _: refusal))
    runbook.write_text(CHANGE, encoding="utf-8")
    arguments = (runbook, "--select", "RB020,RB070", "--format", form)
    asked, unasked = check(*arguments, "--against-cluster"), check(*arguments)
    assert "this is refused: unknown flag: --replica" in asked.output
    assert "this is refused" not in unasked.output
    assert "never-terminates" in asked.output
    assert asked.exit_code == 1
    assert "this is refused" not in check(*arguments, "--against-cluster", "--ignore", "RB07").output


def test_without_a_cluster_what_mends_it_is_said_before_anything_else(
    runbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(runbook.parent)
    outside = check(runbook, "--against-cluster")
    assert isinstance(outside.exception, InputError)
    (runbook.parent / "drillbook.toml").write_text(
        '[system]\nname = "s"\nnamespace = "n"\nmanifests = "m"\nentry_url = "http://127.0.0.1:1"\nrunbook = "r.md"\n'
        '[responder]\nselector = "a=b"\ncontainer = "c"\nworking_directory = "/w"\n',
        encoding="utf-8",
    )
    done = check(runbook, "--against-cluster")
    assert isinstance(done.exception, CannotRunError)
    assert done.exception.exit_code == 4
    assert "drillbook cluster up" in str(done.exception)
    assert done.output == ""
