"""What a command imports before it does anything: the cause of a slow start, and the part of it that can be tested."""

import subprocess
import sys
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

from drillbook.cli import _ELSEWHERE, drillbook

HEAVY = {"chaoslib", "gevent", "jinja2", "kubernetes", "locust", "numpy", "pytest", "requests", "rich", "yaml"}
RUN = """
import atexit, sys
from drillbook.cli import drillbook
atexit.register(lambda: print(*sys.modules, file=sys.stderr))
drillbook(sys.argv[1:])
"""


def imported(*arguments: str | Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, arguments)], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stderr.split())


def test_help_imports_no_command() -> None:
    found = imported("--help")
    assert "drillbook.cli" in found
    assert not found & (HEAVY | {"drillbook.checks", "drillbook.setup", "markdown_it", "msgspec"})


def test_check_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    runbook = tmp_path / "x.md"
    runbook.write_text("# Runbook\n\n```bash\nkubectl get pods -n shop\n```\n")
    found = imported("check", runbook)
    assert "drillbook.checks" in found
    assert not found & (HEAVY | {"drillbook.setup", "drillbook.cluster"})


@pytest.mark.parametrize("name", sorted(_ELSEWHERE))
def test_the_list_of_commands_says_what_each_says_itself(name: str) -> None:
    command = drillbook.get_command(Context(drillbook), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(200) == _ELSEWHERE[name][1]


def test_every_command_is_in_the_list() -> None:
    told = CliRunner().invoke(drillbook, ["--help"]).output
    assert all(f"  {name} " in told for name in drillbook.list_commands(Context(drillbook)))
