"""The command line. Everything that costs time to import is imported by the command that needs it."""

import signal
import sys
from importlib import import_module
from pathlib import Path

import click

from drillbook.errors import DrillbookError

# Where each command is whose module costs time to import, and what the list of commands says of it.
_ELSEWHERE = {
    "check": (
        "drillbook.check_command",
        "Say what is wrong with Markdown runbooks: files, directories of them, or - for standard input.",
    ),
    "cluster": ("drillbook.setup.commands", "Start, stop, pause and look at the cluster that drills run in."),
    "doctor": (
        "drillbook.setup.commands",
        "Show what this machine has, what setup would add, and what only you can add.",
    ),
    "mutate": (
        "drillbook.mutation.command",
        "Try whether the checks and drills tell faulty variants of a runbook from the real one.",
    ),
    "setup": (
        "drillbook.setup.commands",
        "Install and build all that is missing, start the cluster and put the images into it.",
    ),
}


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Any command by its name."""
        if cmd_name in _ELSEWHERE:
            command: click.Command = getattr(import_module(_ELSEWHERE[cmd_name][0]), cmd_name)
            return command
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in alphabetical order."""
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, for which none is imported."""
        here = {name: command.get_short_help_str(100) for name, command in self.commands.items()}
        told = here | {name: text for name, (_, text) in _ELSEWHERE.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(name, told[name]) for name in self.list_commands(ctx)])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="drillbook")
def drillbook() -> None:
    """Proves that an emergency runbook works.

    Exit codes: 0 pass, 1 fail, 2 usage, 3 inconclusive, 4 the environment could not run it, 130 aborted and reverted.
    """


@drillbook.command()
@click.option(
    "--runbook", type=click.Path(path_type=Path), help="The runbook to drill; else the one in drillbook.toml."
)
@click.option("--select", metavar="EXPR", help="Only drills whose names match, such as “rollback and not fallback”.")
@click.option("--evidence", type=click.Path(path_type=Path), help="Where the evidence goes; else evidence/<run-id>.")
@click.option(
    "--controls",
    is_flag=False,
    flag_value="all",
    metavar="KINDS",
    help="Run each drill again with one part left out: fault, runbook, steps, or all (when it stands alone).",
)
@click.option(
    "--shell",
    type=click.Choice(["shared", "per-block"]),
    default="shared",
    show_default=True,
    help="One shell for a procedure, or a new one for each code block: what hangs on the blocks before fails there.",
)
@click.option(
    "--outcomes",
    is_flag=True,
    help="Also look at the objects around each command that may change them, and try afterwards which cannot fail.",
)
def drill(
    runbook: Path | None,
    select: str | None,
    evidence: Path | None,
    controls: str | None,
    shell: str,
    outcomes: bool,  # noqa: FBT001 - click hands it over by name
) -> None:
    """Run the drills of every feature.

    With --controls also without the runbook (does the system heal by itself?), without the fault (does the runbook
    harm a system that is well?) and without each step in turn (is it needed?). How long that takes is said before.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):  # a job that is cancelled takes its fault back, as Ctrl-C does
        signal.signal(ending, signal.default_int_handler)
    import pytest  # noqa: PLC0415

    from drillbook.controls import read_kinds  # noqa: PLC0415
    from drillbook.settings import find_root, load_settings  # noqa: PLC0415

    read_kinds(controls or "")  # a wrong one is said before the cluster is touched
    root = find_root(Path.cwd())
    settings = load_settings(root)
    arguments = [str(root / settings.system.features), "--rootdir", str(root), "-q", "--no-header", "-rN"]
    if (root / "pyproject.toml").is_file():
        arguments += ["-c", str(root / "pyproject.toml")]
    arguments.append(f"--shell={shell}")
    arguments += ["--outcomes"] if outcomes else []
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
    from drillbook.verdict import Verdict  # noqa: PLC0415

    record = read_evidence(evidence)
    verdict = judge_run(record)
    print_summary(Console(), record, verdict, report=str(write_results(evidence, record, verdict)))
    sys.exit({Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3}[verdict.verdict])


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
