"""All that the page says, as values in a reader's order, before it becomes HTML."""

from dataclasses import dataclass

from drillbook.report.drawing import Chart


@dataclass(frozen=True)
class Badge:
    """A verdict as a sign and a word."""

    kind: str
    mark: str


@dataclass(frozen=True)
class ClauseView:
    """A line of the scenario."""

    badge: Badge
    keyword: str
    text: str
    reason: str


@dataclass(frozen=True)
class ObjectiveView:
    """A row of the objectives' table."""

    badge: Badge
    name: str
    measured: str
    interval: str
    window: str
    deadline: str
    samples: str
    reason: str


@dataclass(frozen=True)
class PhaseView:
    """A row of the phases' table."""

    name: str
    began: str
    lasted: str
    requests: str
    lost: str
    some_lost: bool
    p50: str
    p99: str


@dataclass(frozen=True)
class OutputView:
    """What a command wrote to one stream, as far as it was kept."""

    stream: str
    size: str
    text: str


@dataclass(frozen=True)
class CommandView:
    """A command and what came of it."""

    line: int
    text: str
    worked: bool
    outcome: str
    claims: str  # what came of it beyond its end, "" where there is nothing to say
    duration: str
    shell_lost: str | None
    outputs: tuple[OutputView, ...]


@dataclass(frozen=True)
class StepView:
    """A step and its commands, or why it was left out."""

    number: int
    title: str
    line: int
    began: str
    toll: str
    skipped: str | None
    changed_files: tuple[str, ...]
    commands: tuple[CommandView, ...]


@dataclass(frozen=True)
class ComparedView:
    """How the system differed from before the fault at one moment."""

    when: str
    differences: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class ControlView:
    """The same drill with one part left out, and what that says."""

    what: str
    answer: str
    bad: bool
    reason: str


@dataclass(frozen=True)
class FindingView:
    """Something that the runbook's text made suspect, and what was seen of it."""

    rule: str
    line: int
    message: str
    because: str


@dataclass(frozen=True)
class FindingGroup:
    """Findings of which running told the same."""

    badge: Badge
    title: str
    folded: bool
    findings: tuple[FindingView, ...]


@dataclass(frozen=True)
class DrillView:
    """One drill."""

    slug: str
    name: str
    where: str
    procedure: str
    follow: str
    badge: Badge
    sentence: str
    course: str
    losses: str
    reason: str
    clauses: tuple[ClauseView, ...]
    chart: Chart | None
    objectives: tuple[ObjectiveView, ...]
    phases: tuple[PhaseView, ...]
    steps: tuple[StepView, ...]
    compared: tuple[ComparedView, ...]
    findings: tuple[FindingGroup, ...]
    controls: tuple[ControlView, ...]
    untold: str  # what is not known for want of a control


@dataclass(frozen=True)
class RunView:
    """The page."""

    badge: Badge
    sentence: str
    facts: tuple[tuple[str, str], ...]
    drills: tuple[DrillView, ...]
    skipped: tuple[tuple[str, str], ...]  # names and reasons
    fidelity: tuple[str, ...]
    run_id: str
