"""What a project says to check: where it is looked for, what it does, and how wrong settings are told."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from drillbook.check_settings import CheckSettings, FileIgnores, find_check_settings, parse_check_settings
from drillbook.checks.model import Severity
from drillbook.cli import drillbook
from drillbook.errors import InputError

RUNBOOK = '```bash\nls | xargs rm\nslack-notify #ops "x"\n```\n'
TOOL = ("tool", "drillbook")


def check(*arguments: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(drillbook, ["check", *map(str, arguments)], input=stdin)


def rules(*arguments: str | Path, stdin: str | None = None) -> list[str]:
    lines = check(*arguments, stdin=stdin).output.splitlines()
    return [line.split()[2] for line in lines if ": error RB" in line or ": warning RB" in line]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "old").mkdir(parents=True)
    for name in ("docs/a.md", "docs/old/b.md"):
        (tmp_path / name).write_text(RUNBOOK)
    return tmp_path


def test_the_nearest_settings_above_a_runbook_hold_for_it_alone(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.drillbook]\nselect = ['RB045']\n")
    (project / "docs" / "old" / "drillbook.toml").write_text("[check]\nselect = ['RB012']\n")
    assert rules(project / "docs" / "a.md") == ["RB045"]
    assert rules(project / "docs" / "old" / "b.md") == ["RB012"]
    assert rules(project) == ["RB045", "RB012"]


def test_a_file_without_our_table_is_passed_by(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.drillbook]\nselect = ['RB045']\n")
    (project / "docs" / "pyproject.toml").write_text("[tool.ruff]\nline-length = 1\n")
    (project / "docs" / "drillbook.toml").write_text("[system]\nname = 'x'\n")
    assert rules(project / "docs" / "a.md") == ["RB045"]


def test_the_command_line_wins(project: Path) -> None:
    (project / "drillbook.toml").write_text("[check]\nselect = ['RB045']\nignore = ['RB012']\nfail-on = 'warning'\n")
    runbook = project / "docs" / "a.md"
    assert rules(runbook, "--select", "RB012,RB045") == ["RB045"]
    assert rules(runbook, "--select", "RB012", "--ignore", "RB045") == ["RB012"]
    assert check(runbook).exit_code == 1
    assert check(runbook, "--fail-on", "error").exit_code == 0


def test_ignores_for_files(project: Path) -> None:
    (project / "drillbook.toml").write_text(
        "[check]\nselect = ['RB012', 'RB045']\n"
        "[[check.per-file-ignores]]\nfiles = 'docs/old/**'\nrules = ['RB045']\nreason = 'kept as they were'\n"
    )
    assert rules(project / "docs" / "old" / "b.md") == ["RB012"]
    assert rules(project / "docs" / "a.md") == ["RB045", "RB012"]


def test_standard_input_has_the_settings_from_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "drillbook.toml").write_text("[check]\nselect = ['RB012']\n")
    monkeypatch.chdir(project / "docs")
    done = check("-", stdin=RUNBOOK)
    assert "<stdin>:3:14: error RB012" in done.output
    assert rules("-", stdin=RUNBOOK) == ["RB012"]


def test_paths_are_shown_from_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    assert "docs/a.md:2:6: " in check(project / "docs" / "a.md").output
    assert "../docs/a.md:2:6: " in _from(project / "docs", monkeypatch, "../docs/a.md")


def _from(directory: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> str:
    monkeypatch.chdir(directory)
    return check(path).output


@pytest.mark.parametrize(
    ("pattern", "path", "holds"),
    [
        ("*.md", "a.md", True),
        ("*.md", "docs/a.md", True),
        ("docs/*.md", "docs/a.md", True),
        ("docs/*.md", "docs/old/a.md", False),
        ("./docs/**", "docs/old/a.md", True),
        ("**/old/*", "old/a.md", True),
        ("**/a.md", "docs/a.md", True),
        ("do?s/a.md", "docs/a.md", True),
        ("docs/[a].md", "docs/a.md", False),
    ],
)
def test_patterns(pattern: str, path: str, holds: bool) -> None:  # noqa: FBT001 - a table's column
    settings = CheckSettings(per_file_ignores=(FileIgnores(files=pattern, rules=("RB012",), reason="x"),))
    assert settings.ignored_in(path) == (("RB012",) if holds else ())


@pytest.mark.parametrize(
    ("text", "line", "what", "mend"),
    [
        ("selct = []", 2, "unknown key 'selct'", "did you mean 'select'?"),
        ("select = ['RB112']", 2, "unknown rule 'RB112'", "did you mean RB012 (swallowed-argument)?"),
        ("\nignore = ['forced-delete']", 3, "unknown rule 'forced-delete'", "did you mean RB042 (forced-delete)?"),
        ("select = 'RB012'", 2, "tool.drillbook.select has the wrong type", None),
        ("fail-on = 'fatal'", 2, "tool.drillbook.fail-on has no such value", None),
        ("[[tool.drillbook.per-file-ignores]]\nfiles = '*'\nrules = []", 2, "lacks the key 'reason'", "add it"),
        (
            "per-file-ignores = [{files = '*', rules = [], reason = ' '}]",
            2,
            "the reason is empty",
            "say why these rules do not hold there",
        ),
        (
            (
                "[[tool.drillbook.per-file-ignores]]\nfiles = 'a'\nrules = []\nreason = 'x'\n"
                "[[tool.drillbook.per-file-ignores]]\nfiles = 'b'\nrules = ['RB9']\nreason = 'x'"
            ),
            8,
            "unknown rule 'RB9'",
            None,
        ),
        ("select = [", 2, "not valid TOML", None),
    ],
)
def test_wrong_settings_are_located(text: str, line: int, what: str, mend: str | None) -> None:
    with pytest.raises(InputError) as caught:
        parse_check_settings(f"[tool.drillbook]\n{text}\n", Path("pyproject.toml"), TOOL)
    error = caught.value
    assert what in error.what
    assert error.path == Path("pyproject.toml")
    assert error.exit_code == 2
    if what != "not valid TOML":
        assert error.line == line
    if mend:
        assert error.mend == mend


def test_a_value_is_told_with_those_that_there_are() -> None:
    with pytest.raises(InputError) as caught:
        parse_check_settings("[check]\nfail-on = 'fatal'\n", Path("drillbook.toml"), ("check",))
    assert caught.value.expected == "'error', 'warning', 'note'"


def test_a_table_that_is_none_and_one_that_is_empty() -> None:
    assert parse_check_settings("[tool]\n", Path("p"), TOOL) is None
    assert parse_check_settings("[tool.drillbook]\n", Path("p"), TOOL) == CheckSettings()
    with pytest.raises(InputError, match=r"tool.drillbook is no table"):
        parse_check_settings("[tool]\ndrillbook = 1\n", Path("p"), TOOL)


def test_settings_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot read it"):
        find_check_settings(tmp_path)


def test_fail_on_is_read_as_a_severity() -> None:
    settings = parse_check_settings("[check]\nfail-on = 'note'\n", Path("p"), ("check",))
    assert settings is not None
    assert settings.fail_on is Severity.NOTE


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--select", "RB012,RB102", "unknown rule 'RB102': did you mean RB"),
        ("--ignore", "swalowed-argument", "did you mean RB012 (swallowed-argument)?"),
        ("--select", "xyz", "ids go from RB000 to RB099"),
        ("--explain", "RB112", "did you mean RB012 (swallowed-argument)?"),
        ("--explain", "RB0", "give a whole id"),
    ],
)
def test_an_unknown_rule_on_the_command_line(project: Path, option: str, value: str, told: str) -> None:
    done = check(project, option, value)
    assert done.exit_code == 2
    assert told in done.output


def test_a_rule_is_explained_by_its_page() -> None:
    done = check("--explain", "RB012")
    assert done.exit_code == 0
    assert done.output == (Path(__file__).parents[2] / "docs" / "rules" / "RB012.md").read_text(encoding="utf-8")
