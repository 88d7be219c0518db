"""The verdict of a run: the stable contract that ``verdict.json`` follows, with its JSON Schema.

``python -m drillbook.verdict`` prints that schema.
"""

import sys
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from drillbook.course import Course
from drillbook.drill import Control
from drillbook.objective import Start

SCHEMA_ID = "drillbook.verdict/1"


class Verdict(StrEnum):
    """What a drill or one of its objectives came to; never anything else."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"


_WORST_LAST = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL)


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The worst of them (fail, then inconclusive); no verdict at all is inconclusive."""
    return max(verdicts, key=_WORST_LAST.index, default=Verdict.INCONCLUSIVE)


class Outcome(StrEnum):
    """What came of one command. Beyond the exit code only what was recorded is claimed."""

    WORKED = "worked"  # exit code 0
    FAILED = "failed"
    HUNG = "hung"  # killed at its deadline
    LOST = "lost"  # the responder's session broke under it
    NO_OP = "no-op"  # it was to change something, exited 0, and nothing changed
    MASKED = "masked"  # a part of it failed, and it exited 0
    CANNOT_FAIL = "cannot-fail"  # it exits 0 even where all that it calls fails
    PLACEHOLDER = "placeholder"  # it did not work, and holds words that somebody was to replace
    NEEDS_HUMAN = "needs-human"  # it did not work without a terminal or somebody who answers
    LEAKED_SECRET = "leaked-secret"  # noqa: S105 - an outcome, no password
    HARMFUL = "harmful"  # users lost requests because of it


class RunbookDigest(Struct, frozen=True, kw_only=True):
    """Which revision of the runbook was drilled."""

    path: str
    sha256: str


class ObjectiveResult(Struct, frozen=True, kw_only=True):
    """One objective: what was demanded, what was measured, over what, and how sure that is.

    ``confidence_low`` and ``confidence_high`` enclose the true figure 95 times of 100, in the unit of ``measured``;
    null where there is no interval, or so few samples set no such bound. The measured figure decides, not the interval.
    """

    name: str
    threshold: float | None
    measured: float | None
    unit: str
    window_s: float | None
    deadline_s: float | None
    deadline_from: Start | None = None
    recovered_after_s: float | None  # from the procedure's start to the first window that met all thresholds
    samples: int | None  # requests in the window that was measured
    samples_needed: int | None = None  # fewer cannot tell
    confidence_low: float | None = None
    confidence_high: float | None = None
    lag_p99_ms: float | None = None  # how late the users themselves were in that window; it is part of every latency
    verdict: Verdict
    reason: str


def plain_result(
    name: str, verdict: Verdict, reason: str, *, measured: float | None, unit: str, threshold: float | None = None
) -> ObjectiveResult:
    """An objective that is no figure of the users' traffic over a window."""
    return ObjectiveResult(
        name=name,
        threshold=threshold,
        measured=measured,
        unit=unit,
        window_s=None,
        deadline_s=None,
        recovered_after_s=None,
        samples=None,
        verdict=verdict,
        reason=reason,
    )


class CommandOutcome(Struct, frozen=True, kw_only=True):
    """One command of the runbook as it was run."""

    line: int
    text: str
    exit_code: int | None
    duration_s: float
    outcome: Outcome
    reason: str = ""  # "" where the exit code says it all
    also: tuple[Outcome, ...] = ()  # what else holds, the worst first


class Running(StrEnum):
    """What running a procedure told about a finding in it."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNTOLD = "untold"  # it ran, and that says neither
    UNREACHED = "unreached"  # no command there was run


class Finding(Struct, frozen=True, kw_only=True):
    """Something that the runbook's text made suspect, and what running told of it."""

    rule: str
    line: int
    message: str
    name: str = ""
    severity: str = ""
    running: Running = Running.UNREACHED
    because: str = ""  # what was seen, "" where nothing was


class ClauseResult(Struct, frozen=True, kw_only=True):
    """One line of the scenario and what became of it."""

    line: int
    text: str
    verdict: Verdict
    reason: str


class Answer(StrEnum):
    """What a control says of its drill."""

    STAYED_BROKEN = "stayed broken"  # the fault without the runbook
    HEALED = "healed by itself"
    HARMLESS = "harmless"  # the runbook without the fault
    HARMED = "harmed"
    NEEDED = "needed"  # a step: something that the drill demands is missed without it
    HELPFUL = "helpful"  # nothing is missed without it, but users are served again later
    USELESS = "useless"  # all that the drill demands is kept without it too, and as soon
    HARMFUL = "harmful"  # something that the drill demands is kept only without it
    NOT_TOLD = "not told"  # the question stays open


class ControlResult(Struct, frozen=True, kw_only=True):
    """The same drill with one part left out, and what that says."""

    control: Control
    answer: Answer
    reason: str


class DrillVerdict(Struct, frozen=True, kw_only=True):
    """One drill."""

    name: str
    procedure: str
    verdict: Verdict
    reason: str
    objectives: tuple[ObjectiveResult, ...]
    clauses: tuple[ClauseResult, ...]
    commands: tuple[CommandOutcome, ...]
    findings: tuple[Finding, ...]
    course: Course | None = None
    controls: tuple[ControlResult, ...] = ()  # none: what the system would have done by itself is not known


class SkippedDrill(Struct, frozen=True, kw_only=True):
    """A drill whose fault this machine cannot have: nothing is known of it, and nothing is claimed."""

    name: str
    reason: str


class RunVerdict(Struct, frozen=True, kw_only=True):
    """A whole run; ``verdict`` is the worst of its drills', those that were skipped left out."""

    schema: str = SCHEMA_ID
    run_id: str
    runbook: RunbookDigest
    verdict: Verdict
    drills: tuple[DrillVerdict, ...]
    skipped: tuple[SkippedDrill, ...] = ()


def encode(verdict: RunVerdict) -> bytes:
    """``verdict.json``, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n"


def decode(data: bytes) -> RunVerdict:
    """Read a ``verdict.json``; raises msgspec.ValidationError where it does not follow the contract."""
    return msgspec.json.decode(data, type=RunVerdict)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``verdict.json``, made from the types above."""
    schema = msgspec.json.schema(RunVerdict)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA_ID, **schema}


def schema_file() -> bytes:
    """``schemas/verdict.schema.json``: the schema, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(json_schema(), order="deterministic"), indent=2) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(schema_file())
