"""``drillbook mutate``: makes faulty variants of a runbook and tries whether checks and drills tell them from it."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import msgspec

from drillbook.errors import CannotRunError, InputError
from drillbook.evidence import read_evidence
from drillbook.judge import judge_run
from drillbook.mutation.campaign import Campaign
from drillbook.mutation.mutant import Operator, Outcome
from drillbook.mutation.operators import mutants_of
from drillbook.mutation.report import MutationReport, in_lines, score
from drillbook.phrases import duration_s
from drillbook.record import RunRecord
from drillbook.runbook import Runbook, load_runbook
from drillbook.runbook.source import decode
from drillbook.settings import find_root, load_settings
from drillbook.verdict import Verdict
from drillbook.verdict import decode as decode_verdict

_START = "from drillbook.cli import main; main()"


@click.command()
@click.option("--runbook", type=click.Path(path_type=Path), help="The runbook; else the one in drillbook.toml.")
@click.option(
    "--run", "evidence", type=click.Path(path_type=Path), help="Evidence of a run of it; else it is run first."
)
@click.option(
    "--budget", default="30 minutes", show_default=True, help="How long to drill; checks come first and are free."
)
@click.option("--operator", multiple=True, type=click.Choice([each.value for each in Operator]), help="Only these.")
@click.option("--procedure", multiple=True, help="Only mutants of procedures with these titles.")
@click.option("--fail-under", type=click.IntRange(0, 100), default=90, show_default=True, metavar="PERCENT")
@click.option("--out", type=click.Path(path_type=Path), default=Path("mutants.json"), show_default=True)
def mutate(  # noqa: PLR0913, PLR0917 - one for each option
    runbook: Path | None,
    evidence: Path | None,
    budget: str,
    operator: tuple[str, ...],
    procedure: tuple[str, ...],
    fail_under: int,
    out: Path,
) -> None:
    """Try whether the checks and drills tell faulty variants of a runbook from the real one."""
    root = find_root(Path.cwd())
    path = runbook or root / load_settings(root).system.runbook
    document = load_runbook(path)
    lines = decode(path.read_bytes(), str(path)).lines
    wanted = tuple(
        mutant
        for mutant in mutants_of(document, lines)
        if (not operator or mutant.operator in operator) and (not procedure or mutant.procedure in procedure)
    )
    click.echo(f"{len(wanted)} mutants of {path.name}")
    with tempfile.TemporaryDirectory(prefix="drillbook-mutants-") as scratch:
        drill = _Drills(root, Path(scratch))
        record = _passed_run(evidence or drill.all(path), document)
        campaign = Campaign(document, lines, record, drill, time.monotonic, duration_s(budget))
        outcomes = tuple(map(_said, campaign.outcomes(wanted)))
    for line in in_lines(outcomes):
        click.echo(line)
    share = score(outcomes)
    report = MutationReport(runbook=path.name, sha256=document.sha256, score=share, outcomes=outcomes)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    sys.exit(share is None or share * 100 < fail_under)


def _said(outcome: Outcome) -> Outcome:
    """Tell of a mutant that was drilled at once: it took a minute."""
    if outcome.took_s:
        mutant = outcome.mutant
        click.echo(f"  {outcome.fate}: line {mutant.line}, {mutant.operator}: {mutant.change} ({outcome.took_s:.0f} s)")
    return outcome


def _passed_run(evidence: Path, runbook: Runbook) -> RunRecord:
    """A run of the real runbook, all of whose drills passed."""
    record = read_evidence(evidence)
    if record.info.runbook.sha256 != runbook.sha256:
        raise InputError(
            "this run is of another runbook",
            path=evidence,
            expected=runbook.sha256[:12],
            got=record.info.runbook.sha256[:12],
            mend="leave --run out: the drills are run first",
        )
    verdict = judge_run(record)
    missed = [drill.name for drill in verdict.drills if drill.verdict is not Verdict.PASS]
    if missed:
        raise InputError(
            f"the real runbook does not pass “{missed[0]}”",
            path=evidence,
            mend="mend it first, or run that drill again",
        )
    return record


class _Drills:
    """Runs drills as a user would, each in a process of its own."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self._root, self._scratch, self._runs = root, scratch, 0

    def __call__(self, document: str, drill: str) -> Verdict:
        """The verdict of one drill with a mutant; a run that ended without one is an error."""
        path = self._scratch / "mutant.md"
        path.write_text(document, encoding="utf-8")
        words = "".join(character if character.isalnum() else " " for character in drill.lower()).split()
        evidence = self._run(path, "--select", " and ".join(word for word in words if len(word) > 2))  # noqa: PLR2004
        found = decode_verdict((evidence / "verdict.json").read_bytes())
        return next(each.verdict for each in found.drills if each.name == drill)

    def all(self, runbook: Path) -> Path:
        """The evidence of all drills with the real runbook."""
        return self._run(runbook)

    def _run(self, runbook: Path, *arguments: str) -> Path:
        self._runs += 1
        evidence = self._scratch / f"{self._runs:04}"
        command = [sys.executable, "-c", _START, "drill", "--runbook", str(runbook), "--evidence", str(evidence)]
        done = subprocess.run([*command, *arguments], cwd=self._root, capture_output=True, text=True, check=False)
        if not (evidence / "verdict.json").is_file():
            raise CannotRunError(f"a drill gave no verdict:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return evidence
