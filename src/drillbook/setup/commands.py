"""The commands that prepare a machine: ``drillbook setup``, ``drillbook doctor`` and ``drillbook cluster``."""

import signal
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from drillbook.cluster.kind import Health, read_definition
from drillbook.cluster.state import hold_cluster, write_supply
from drillbook.errors import CannotRunError
from drillbook.settings import Settings, find_root, load_settings
from drillbook.setup.diagnosis import Requirement, State, diagnose
from drillbook.setup.graph import run_tasks
from drillbook.setup.machine import inspect_machine
from drillbook.setup.plan import log_path, plan_tasks
from drillbook.setup.progress import Progress
from drillbook.setup.workshop import Workshop, open_workshop

_STYLES = {State.READY: "green", State.PLANNED: "yellow", State.MISSING: "red"}

_INTERRUPTED = 130


class MachineNotReadyError(CannotRunError):
    """Something is missing that the set-up cannot add by itself."""


@click.command()
def setup() -> None:
    """Install and build all that is missing, start the cluster and put the images into it."""
    console = Console()
    try:
        prepare(_settings(), console)
    except KeyboardInterrupt:
        console.print("interrupted; what is done is kept: run it again to go on")
        raise SystemExit(_INTERRUPTED) from None


@click.command()
def doctor() -> None:
    """Show what this machine has, what setup would add, and what only you can add."""
    requirements = diagnose(inspect_machine(open_workshop(_settings())))
    Console().print(diagnosis_table(requirements))
    refuse_missing(requirements)


@click.group()
def cluster() -> None:
    """Start, stop, pause and look at the cluster that drills run in."""


@cluster.command()
def up() -> None:
    """Start the cluster: resume it, adopt it, or create it, as is called for."""
    settings = _settings()
    workshop = open_workshop(settings)
    kind = workshop.cluster
    console = Console()
    with hold_cluster(kind.definition.name, "drillbook cluster up"):
        start_s = time.monotonic()
        record = kind.up(workshop.metrics_server_image, console.print)
    console.print(f"cluster {record.name} is up after {time.monotonic() - start_s:.1f} s (UID {record.uid})")


@cluster.command()
def down() -> None:
    """Delete the cluster with everything in it."""
    kind = open_workshop(_settings()).cluster
    with hold_cluster(kind.definition.name, "drillbook cluster down"):
        existed = kind.down()
    click.echo(f"cluster {kind.definition.name} is deleted" if existed else "there was no cluster")


@cluster.command()
def status() -> None:
    """Say how the cluster is: healthy, paused, dead or absent."""
    kind = open_workshop(_settings()).cluster
    found = kind.find()
    known = "" if found.health is not Health.HEALTHY else f", UID {found.uid}"
    whose = "" if found.health is not Health.HEALTHY else ", not created by drillbook" if found.mark is None else ""
    outdated = ", its definition changed since" if found.mark not in (None, kind.definition.digest) else ""
    click.echo(f"cluster {kind.definition.name}: {found.health}{known}{whose}{outdated}")


@cluster.command()
def pause() -> None:
    """Freeze the cluster: it keeps its memory and uses no processor."""
    kind = open_workshop(_settings()).cluster
    with hold_cluster(kind.definition.name, "drillbook cluster pause"):
        kind.pause()
    click.echo(f"cluster {kind.definition.name} is paused")


@cluster.command()
def resume() -> None:
    """Let a paused cluster go on."""
    kind = open_workshop(_settings()).cluster
    with hold_cluster(kind.definition.name, "drillbook cluster resume"):
        found = kind.resume()
    if found.health is not Health.HEALTHY:
        raise CannotRunError(f"cluster {kind.definition.name!r} is {found.health}", mend="drillbook cluster up")
    click.echo(f"cluster {kind.definition.name} goes on")


def prepare(settings: Settings, console: Console) -> None:
    """Do the whole set-up; quick when all is there. Raises MachineNotReadyError with every command that mends it."""
    signal.signal(signal.SIGTERM, _interrupt)
    start_s = time.monotonic()
    workshop = open_workshop(settings)
    with hold_cluster(workshop_name(workshop), "drillbook setup"):
        requirements = diagnose(inspect_machine(workshop))
        planned = [requirement for requirement in requirements if requirement.state is State.PLANNED]
        if planned:
            console.print(plan_table(planned))
        refuse_missing(requirements)
        write_supply(settings.state_dir, workshop.supply)
        with Progress(console, lambda task: log_path(settings, task)) as progress:
            run_tasks(plan_tasks(workshop, requirements), progress)
    console.print(f"set up in {time.monotonic() - start_s:.1f} s")


def workshop_name(workshop: Workshop) -> str:
    """The name of the cluster, which the lock is called by; known before there is an engine."""
    settings = workshop.settings
    return read_definition(settings.root / settings.cluster.config, workshop.supply.node_image).name


def diagnosis_table(requirements: Sequence[Requirement]) -> Table:
    """The diagnosis as ``doctor`` shows it."""
    table = Table("", "needed", "why", "here", "mend by")
    for requirement in requirements:
        state = Text(requirement.state, _STYLES[requirement.state])
        table.add_row(state, requirement.name, requirement.why, requirement.found, requirement.mend or "")
    return table


def plan_table(planned: Sequence[Requirement]) -> Table:
    """What the set-up is about to do, and why."""
    table = Table("to do", "why", "how", title="drillbook sets up what is missing", title_justify="left")
    for requirement in planned:
        table.add_row(requirement.name, requirement.why, requirement.found)
    return table


def refuse_missing(requirements: Sequence[Requirement]) -> None:
    """Raise MachineNotReadyError when a person must act first."""
    missing = [requirement for requirement in requirements if requirement.state is State.MISSING]
    if missing:
        lines = [f"  {r.name}: {r.found}; it {r.why}\n    mend:   {r.mend}" for r in missing]
        raise MachineNotReadyError("\n".join(["this machine lacks what drillbook cannot add by itself:", *lines]))


def _settings() -> Settings:
    return load_settings(find_root(Path.cwd()))


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _as_program() -> None:
    """Run as ``python -m drillbook.setup.commands``: what a Makefile can call before there is a drillbook on PATH."""
    group = click.Group(commands={"setup": setup, "doctor": doctor, "cluster": cluster})
    try:
        group.main(standalone_mode=False)
    except CannotRunError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    _as_program()
