"""The command line. Everything that costs time to import is imported by the command that needs it."""

import sys
from pathlib import Path

import click

from drillbook.drill import ALL_CONTROLS
from drillbook.errors import DrillbookError
from drillbook.setup.commands import cluster, doctor, setup
from drillbook.verdict import Verdict

EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3}


class _Commands(click.Group):
    """``check`` is imported when it is asked for: it alone needs a parser of Markdown and shell."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Any command by its name."""
        if cmd_name == "check":
            from drillbook.check_command import check  # noqa: PLC0415

            return check
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in alphabetical order."""
        return sorted([*super().list_commands(ctx), "check"])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="drillbook")
def drillbook() -> None:
    """Proves that an emergency runbook works.

    Exit codes: 0 pass, 1 fail, 2 usage, 3 inconclusive, 4 the environment could not run it, 130 aborted and reverted.
    """


drillbook.add_command(setup)
drillbook.add_command(doctor)
drillbook.add_command(cluster)


@drillbook.command()
@click.option(
    "--runbook", type=click.Path(path_type=Path), help="The runbook to drill; else the one in drillbook.toml."
)
@click.option("--select", metavar="EXPR", help="Only drills whose names match, such as “rollback and not fallback”.")
@click.option("--evidence", type=click.Path(path_type=Path), help="Where the evidence goes; else evidence/<run-id>.")
@click.option(
    "--controls",
    is_flag=False,
    flag_value=ALL_CONTROLS,
    metavar="KINDS",
    help=f"Run each drill again with one part left out; alone all of {ALL_CONTROLS}.",
)
def drill(runbook: Path | None, select: str | None, evidence: Path | None, controls: str | None) -> None:
    """Run the drills of every feature.

    With --controls also without the runbook (does the system heal by itself?), without the fault (does the runbook
    harm a system that is well?) and without each step in turn (is it needed?). How long that takes is said before.
    """
    import pytest  # noqa: PLC0415

    from drillbook.controls import read_kinds  # noqa: PLC0415
    from drillbook.settings import find_root, load_settings  # noqa: PLC0415

    read_kinds(controls or "")  # a wrong one is said before the cluster is touched
    root = find_root(Path.cwd())
    settings = load_settings(root)
    arguments = [str(root / settings.system.features), "--rootdir", str(root), "-q", "--no-header", "-rN"]
    if (root / "pyproject.toml").is_file():
        arguments += ["-c", str(root / "pyproject.toml")]
    # Joined by "=": before pytest knows a plugin's options it takes a value that stands alone for a test path.
    for option, value in (("--runbook", runbook), ("--evidence", evidence)):
        if value is not None:
            arguments.append(f"{option}={value.absolute()}")
    if controls is not None:
        arguments.append(f"--controls={controls}")
    if select is not None:
        arguments += ["-k", select]
    code = pytest.main(arguments)
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        click.echo(f"no drill matches {select!r}" if select else "there is no feature", err=True)
        code = 2
    sys.exit(code)


@drillbook.command()
@click.argument("evidence", type=click.Path(path_type=Path))
def judge(evidence: Path) -> None:
    """Judge a run again from its EVIDENCE directory, without a cluster."""
    from rich.console import Console  # noqa: PLC0415

    from drillbook.evidence import read_evidence  # noqa: PLC0415
    from drillbook.judge import judge_run  # noqa: PLC0415
    from drillbook.report.terminal import print_summary  # noqa: PLC0415
    from drillbook.results import write_results  # noqa: PLC0415

    record = read_evidence(evidence)
    verdict = judge_run(record)
    print_summary(Console(), record, verdict, report=str(write_results(evidence, record, verdict)))
    sys.exit(EXIT_CODES[verdict.verdict])


@drillbook.command()
def recover() -> None:
    """Take back every fault that an interrupted run left open."""
    from drillbook.run import recover_open_faults  # noqa: PLC0415
    from drillbook.settings import find_root, load_settings  # noqa: PLC0415

    recovered = recover_open_faults(load_settings(find_root(Path.cwd())))
    click.echo(f"faults taken back: {recovered}" if recovered else "no fault is open")


def main() -> None:
    """Run a command; an error is one message on standard error and the right exit code."""
    try:
        drillbook(standalone_mode=True)
    except DrillbookError as error:
        click.echo(f"drillbook: {error}", err=True)
        sys.exit(error.exit_code)
