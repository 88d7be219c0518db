"""Measures how a drill went: times to detect, to respond and to recover, and what users lost by phase and step."""

from collections.abc import Iterator

from drillbook.course import Course, PhaseToll, StepToll, Times
from drillbook.load_records import NO_RECORDS, is_success, window
from drillbook.losses import losses
from drillbook.objective import Start
from drillbook.record import DrillRecord
from drillbook.timeline import CommandFinished, PhaseStarted, StepFinished, StepStarted


def course_of(record: DrillRecord, recovered_after_s: float | None) -> Course:
    """How the drill went, as far as the record goes.

    Args:
        record: all that is known of the drill.
        recovered_after_s: from the procedure's start, None where users were not served again.
    """
    return Course(
        times=_times(record, recovered_after_s),
        phases=tuple(_phases(record)),
        steps=tuple(_steps(record)),
        losses=losses(record),
    )


def _times(record: DrillRecord, recovered_after_s: float | None) -> Times:
    injected_s, detected_s = record.started_s(Start.FAULT), record.started_s(Start.DETECTION)
    first, procedure_s = record.first(CommandFinished), record.procedure_at_s or 0.0
    return Times(
        detect_s=_between(injected_s, detected_s),
        respond_s=_between(detected_s, first.at_s if first else None),
        recover_s=None if recovered_after_s is None else _rounded(recovered_after_s),
        outage_s=_between(injected_s, None if recovered_after_s is None else procedure_s + recovered_after_s),
    )


def _between(start_s: float | None, end_s: float | None) -> float | None:
    """To the microsecond: more is noise of the clock's arithmetic."""
    return None if start_s is None or end_s is None else _rounded(end_s - start_s)


def _rounded(seconds: float) -> float:
    return round(seconds, 6)


def _phases(record: DrillRecord) -> Iterator[PhaseToll]:
    began = record.all(PhaseStarted)
    ends_s = (*(event.at_s for event in began[1:]), *(event.at_s for event in record.events[-1:]))
    for event, end_s in zip(began, ends_s, strict=False):
        requests, lost = _toll(record, event.at_s, end_s)
        yield PhaseToll(
            phase=event.phase,
            began_s=_rounded(event.at_s - record.events[0].at_s),
            lasted_s=_rounded(end_s - event.at_s),
            requests=requests,
            lost=lost,
        )


def _steps(record: DrillRecord) -> Iterator[StepToll]:
    """A step that has no end was cut off, and is not measured."""
    began: StepStarted | None = None
    for event in record.events:
        if isinstance(event, StepStarted):
            began = event
        elif isinstance(event, StepFinished) and began is not None and began.line == event.line:
            requests, lost = _toll(record, began.at_s, event.at_s)
            yield StepToll(
                step=event.step,
                line=event.line,
                began_s=_rounded(began.at_s - (record.procedure_at_s or 0.0)),
                lasted_s=_rounded(event.at_s - began.at_s),
                requests=requests,
                lost=lost,
            )
            began = None


def _toll(record: DrillRecord, start_s: float, end_s: float) -> tuple[int, int]:
    """How many requests were due, and how many of them were lost."""
    part = window(record.load or NO_RECORDS, start_s, end_s)
    return len(part), len(part) - int(is_success(part).sum())
