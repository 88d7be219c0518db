"""Says of each finding in a runbook's text what running the procedure told of it."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from drillbook.checks.model import Finding as Suspicion
from drillbook.outcomes.claims import covers
from drillbook.record import DrillRecord, ShellUse
from drillbook.timeline import CommandEnd, CommandFinished, CommandTried, Phase, ProcedureStarted, SystemCompared
from drillbook.verdict import CommandOutcome, Finding, Outcome, Running

_O = Outcome
_DID_NOT_WORK = frozenset({_O.FAILED, _O.HUNG, _O.NEEDS_HUMAN, _O.PLACEHOLDER})


class _Test(Struct, frozen=True, kw_only=True):
    """Which outcomes confirm a rule's suspicion, and what refutes it."""

    confirmed_by: frozenset[Outcome]
    refuted_by_exit_0: bool = False
    refuted_by_end: bool = False  # that it ended at all
    refuted_by_trial: bool = False  # that it failed where all it calls fails
    only_per_block: bool = False  # tells something only where each block had a new shell


_FAILS = _Test(confirmed_by=_DID_NOT_WORK, refuted_by_exit_0=True)
_HANGS = _Test(confirmed_by=frozenset({_O.HUNG}), refuted_by_end=True)
_MAY_HANG = _Test(confirmed_by=frozenset({_O.HUNG}))
_NEEDS_HUMAN = _Test(confirmed_by=frozenset({_O.NEEDS_HUMAN, _O.HUNG}), refuted_by_exit_0=True)
_MASKS = _Test(confirmed_by=frozenset({_O.MASKED, _O.CANNOT_FAIL}), refuted_by_trial=True)
_PLACEHOLDER = _Test(confirmed_by=frozenset({_O.PLACEHOLDER}))
_LOSES_STATE = _Test(confirmed_by=_DID_NOT_WORK, refuted_by_exit_0=True, only_per_block=True)
_HARMS = _Test(confirmed_by=frozenset({_O.HARMFUL}))
_LEAKS = _Test(confirmed_by=frozenset({_O.LEAKED_SECRET}))

_TESTS: Mapping[str, _Test] = {
    **dict.fromkeys(("RB011", "RB044", "RB046", "RB050", "RB051", "RB052", "RB053", "RB055"), _FAILS),
    **dict.fromkeys(("RB020", "RB021", "RB025"), _HANGS),
    **dict.fromkeys(("RB024", "RB026"), _MAY_HANG),
    **dict.fromkeys(("RB022", "RB023"), _NEEDS_HUMAN),
    **dict.fromkeys(("RB030", "RB031", "RB032", "RB035"), _MASKS),
    **dict.fromkeys(("RB002", "RB003"), _PLACEHOLDER),
    **dict.fromkeys(("RB009", "RB010"), _LOSES_STATE),
    **dict.fromkeys(("RB041", "RB042", "RB043"), _HARMS),
    "RB058": _LEAKS,
}
_NEVER_RESTORED = "RB047"


def findings_told(
    record: DrillRecord,
    suspicions: tuple[Suspicion, ...],
    commands: tuple[CommandOutcome, ...],
    *,
    shell: ShellUse = ShellUse.SHARED,
) -> tuple[Finding, ...]:
    """The findings in the drilled procedure, in the document's order; ``commands`` are the drill's outcomes."""
    ran = tuple(zip(record.all(CommandFinished), commands, strict=True))
    told = []
    for suspicion in _of_procedure(record, suspicions):
        there = tuple(pair for pair in ran if covers(pair[0], suspicion))
        running, because = _told(record, suspicion, there, shell) if there else (Running.UNREACHED, "")
        told.append(
            Finding(
                rule=suspicion.rule,
                line=suspicion.line,
                message=suspicion.message,
                name=suspicion.name,
                severity=suspicion.severity.value,
                running=running,
                because=because,
            )
        )
    return tuple(told)


def _of_procedure(record: DrillRecord, suspicions: tuple[Suspicion, ...]) -> Iterator[Suspicion]:
    """Those under the procedure's title, and those in its commands: a drill may follow a part of a procedure."""
    started, finished = record.first(ProcedureStarted), record.all(CommandFinished)
    if started is None:
        return
    for suspicion in suspicions:
        if suspicion.procedure == started.procedure or any(covers(event, suspicion) for event in finished):
            yield suspicion


_Ran = tuple[CommandFinished, CommandOutcome]


def _told(record: DrillRecord, suspicion: Suspicion, there: tuple[_Ran, ...], shell: ShellUse) -> tuple[Running, str]:
    if suspicion.rule == _NEVER_RESTORED:
        return _restored(record, there)
    test = _TESTS.get(suspicion.rule)
    if test is None or (test.only_per_block and shell is not ShellUse.PER_BLOCK):
        return Running.UNTOLD, ""
    for event, outcome in there:
        if hit := test.confirmed_by & {outcome.outcome, *outcome.also, *_plain(event)}:
            return Running.CONFIRMED, _because(event, outcome, hit)
    refuted = tuple(_refutation(record, event, test) for event, _ in there)
    return (Running.REFUTED, refuted[0]) if all(refuted) else (Running.UNTOLD, "")


def _plain(event: CommandFinished) -> Iterator[Outcome]:
    """What its end says by itself; a worse outcome may stand before it."""
    if event.end is CommandEnd.TIMED_OUT:
        yield Outcome.HUNG
    elif event.end is CommandEnd.EXITED and event.exit_code:
        yield Outcome.FAILED


def _because(event: CommandFinished, outcome: CommandOutcome, hit: frozenset[Outcome]) -> str:
    if outcome.outcome in hit and outcome.reason:
        return f"line {event.line}: {outcome.reason}"
    if hit & set(outcome.also):
        named = next(one for one in outcome.also if one in hit)
        return f"line {event.line} was {named}"
    return f"line {event.line} hung" if Outcome.HUNG in hit else f"line {event.line} exited {event.exit_code}"


def _refutation(record: DrillRecord, event: CommandFinished, test: _Test) -> str:
    """What speaks against the suspicion, "" where nothing does."""
    if event.end is not CommandEnd.EXITED:
        return ""
    if test.refuted_by_end:
        return f"line {event.line} ended by itself"
    if test.refuted_by_exit_0 and event.exit_code == 0:
        return f"line {event.line} worked"
    if test.refuted_by_trial and (code := _failed_in_trial(record, event)):
        return f"line {event.line} exits {code} where what it calls fails"
    return ""


def _failed_in_trial(record: DrillRecord, event: CommandFinished) -> int:
    tried = (one for one in record.all(CommandTried) if (one.line, one.text) == (event.line, event.text))
    return next((one.exit_code for one in tried if one.exit_code and one.calls), 0)


def _restored(record: DrillRecord, there: tuple[_Ran, ...]) -> tuple[Running, str]:
    """Whether what the command changed was still different when the procedure and the recovery were over."""
    compared = next((event for event in record.all(SystemCompared) if not event.after_revert), None)
    if compared is None or Phase.REVERT not in record.phase_at_s:
        return Running.UNTOLD, ""
    changed = {key for event, _ in there for key in event.changed or ()}
    if not changed:
        return Running.UNTOLD, ""
    left = next((line for line in compared.differences if re.split(r"[ :]", line)[0] in changed), "")
    if left:
        return Running.CONFIRMED, f"still different at the end: {left}"
    return Running.REFUTED, "nothing of it was different at the end"
