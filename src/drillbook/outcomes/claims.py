"""Decides what came of each command of a drill."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drillbook.changes import changing_calls, program, simple_commands
from drillbook.checks.kubectl import PROGRAMS, Kubectl
from drillbook.checks.model import Finding
from drillbook.outcomes.harm import lost_by_command
from drillbook.outcomes.masks import failed_behind
from drillbook.pace import written_files
from drillbook.record import DrillRecord
from drillbook.timeline import (
    ChangesWatched,
    CommandEnd,
    CommandFinished,
    CommandTried,
    SecretFound,
    StepFinished,
)
from drillbook.verdict import CommandOutcome, Outcome

_PLACEHOLDER_RULES = frozenset({"RB002", "RB003"})
_HUMAN_RULES = frozenset({"RB022", "RB023"})
_WANTS_SOMEBODY = re.compile(
    r"(is not a (tty|terminal)|unable to use a TTY|must be run from a terminal|terminal is required|"
    r"no tty present|Pseudo-terminal will not be allocated|Host key verification failed|unable to launch the editor|"
    r"(In|Out)put is not (from|to) a terminal)",
    re.IGNORECASE,
)

Claim = tuple[Outcome, str]
"""An outcome and its reason, "" where the exit code says it all."""


@dataclass(frozen=True)
class Facts:
    """All that is known of one command."""

    record: DrillRecord
    event: CommandFinished
    rules: frozenset[str]  # of the findings in its text
    lost: int  # requests that users lost because of it

    @property
    def worked(self) -> bool:
        """Whether it exited 0."""
        return self.event.end is CommandEnd.EXITED and self.event.exit_code == 0


def command_outcomes(record: DrillRecord, findings: tuple[Finding, ...]) -> tuple[CommandOutcome, ...]:
    """One outcome for each command that was run, in order; ``findings`` are those of the runbook's text."""
    lost = lost_by_command(record)
    return tuple(
        _outcome(Facts(record, event, frozenset(f.rule for f in findings if covers(event, f)), lost.get(index, 0)))
        for index, event in enumerate(record.all(CommandFinished))
    )


def covers(event: CommandFinished, finding: Finding) -> bool:
    """Whether the finding lies in the lines of the command."""
    return event.line <= finding.end_line and finding.line <= event.line + event.text.count("\n")


def _outcome(facts: Facts) -> CommandOutcome:
    (outcome, reason), *others = _claims(facts)
    plain = {Outcome.WORKED, Outcome.FAILED, Outcome.HUNG, Outcome.LOST}
    event = facts.event
    return CommandOutcome(
        line=event.line,
        text=event.text,
        exit_code=event.exit_code,
        duration_s=event.duration_s,
        outcome=outcome,
        reason=reason,
        also=tuple(dict.fromkeys(other for other, _ in others if other not in plain)),
    )


def _claims(facts: Facts) -> Iterator[Claim]:
    """All that holds of a command, the worst first and its exit code last."""
    if facts.lost:
        yield Outcome.HARMFUL, f"users lost {facts.lost:,} request{'s' * (facts.lost != 1)} because of it"
    if secrets := _leaked(facts):
        yield Outcome.LEAKED_SECRET, f"it shows a value of {', '.join(secrets)}"
    if not facts.worked and facts.rules & _PLACEHOLDER_RULES:
        yield Outcome.PLACEHOLDER, "words in it were never replaced"
    if wants := _wants_somebody(facts):
        yield Outcome.NEEDS_HUMAN, wants
    if part := failed_behind(facts.event):
        yield Outcome.MASKED, part
    if tried := _failed_stubs(facts):
        yield Outcome.CANNOT_FAIL, f"it exits 0 even where {' and '.join(tried)} fail{'s' * (len(tried) == 1)}"
    if facts.worked and _changed_nothing(facts):
        yield Outcome.NO_OP, "nothing in the system is different from before"
    yield _by_its_end(facts), ""


def _by_its_end(facts: Facts) -> Outcome:
    match facts.event.end:
        case CommandEnd.TIMED_OUT:
            return Outcome.HUNG
        case CommandEnd.LOST:
            return Outcome.LOST
        case CommandEnd.EXITED:
            return Outcome.WORKED if facts.worked else Outcome.FAILED


def _leaked(facts: Facts) -> tuple[str, ...]:
    """Names of the Secrets of which a value is in the command's outputs, or in a file that it writes."""
    event = facts.event
    holders = {event.stdout, event.stderr, *(path.removeprefix("./") for path in written_files(event.text))}
    found = (fact.secret for fact in facts.record.all(SecretFound) if fact.path in holders)
    return tuple(dict.fromkeys(found))


def _wants_somebody(facts: Facts) -> str:
    if facts.worked:
        return ""
    complaint = _WANTS_SOMEBODY.search(facts.record.outputs.get(facts.event.stderr, ""))
    if complaint:
        return f"it says “{complaint[0]}”"
    return "nobody was there to answer it" if facts.rules & _HUMAN_RULES else ""


def _failed_stubs(facts: Facts) -> tuple[str, ...]:
    """The programs without which it exited 0 all the same."""
    if not facts.worked:
        return ()
    event = facts.event
    tried = (one for one in facts.record.all(CommandTried) if (one.line, one.text) == (event.line, event.text))
    return next((one.calls for one in tried if one.exit_code == 0), ())


def _changed_nothing(facts: Facts) -> bool:
    """Whether all it was to change was watched, and none of it did; nor did a file."""
    watched, calls = facts.record.first(ChangesWatched), changing_calls(facts.event.text)
    if watched is None or not calls or facts.event.changed != () or failed_behind(facts.event):
        return False
    seen = all(call.namespace == watched.namespace and _is_seen(call, watched.kinds) for call in calls)
    return seen and (_only_kubectl(facts.event.text) or not _step_changed_files(facts))


def _is_seen(call: Kubectl, kinds: tuple[str, ...]) -> bool:
    return bool(call.kinds) and set(call.kinds) <= set(kinds)


def _only_kubectl(text: str) -> bool:
    """Whether nothing in it writes files."""
    return ">" not in text and all(program(" ".join(words[:1])) in PROGRAMS for words in simple_commands(text))


def _step_changed_files(facts: Facts) -> bool:
    """Whether the command's step changed any file, as was seen when the step was over."""
    after = (step for step in facts.record.all(StepFinished) if step.at_s >= facts.event.at_s)
    step = next(after, None)
    return step is None or bool(step.changed_files)
