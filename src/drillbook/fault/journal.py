"""Reads what a Chaos Toolkit experiment really did from its journal: its exit code does not tell."""

import json
from collections.abc import Mapping, Sequence

from msgspec import Struct

from drillbook.errors import CannotRunError

_FIRST_HTTP_ERROR = 400


class JournalError(CannotRunError):
    """The journal is missing parts that every finished experiment writes."""


class ActivityRun(Struct, frozen=True, kw_only=True):
    """One activity as it was carried out; ``failure`` says what was wrong, None where nothing was."""

    name: str
    failure: str | None


class Journal(Struct, frozen=True, kw_only=True):
    """What happened, by part. ``gate`` and ``afterwards`` are None where no steady state was checked there."""

    status: str
    gate: str | None  # the probe that was out of tolerance before the method
    afterwards: str | None  # the probe that was out of tolerance after it
    during: tuple[str, ...]  # the probes that were out of tolerance while it ran
    method: tuple[ActivityRun, ...]
    rollbacks: tuple[ActivityRun, ...]
    planned_method: int
    planned_rollbacks: int


def read_journal(data: bytes) -> Journal:
    """The journal as a value.

    Raises:
        JournalError: it is not a journal at all.
    """
    try:
        raw = json.loads(data)
        experiment, states = raw["experiment"], raw["steady_states"]
        return Journal(
            status=raw["status"] or "unfinished",
            gate=_out_of_tolerance(states["before"]),
            afterwards=_out_of_tolerance(states["after"]),
            during=tuple(probe for state in states["during"] if (probe := _out_of_tolerance(state)) is not None),
            method=tuple(_activity_run(run) for run in raw["run"]),
            rollbacks=tuple(_activity_run(run) for run in raw["rollbacks"]),
            planned_method=len(experiment.get("method") or []),
            planned_rollbacks=len(experiment.get("rollbacks") or []),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JournalError(f"not a journal of a finished experiment: {error!r}") from error


def method_failure(journal: Journal) -> str | None:
    """Why the experiment did not break what it was to break; None if every activity of its method succeeded."""
    if journal.gate is not None:
        return f"the steady state was not met before the fault: {journal.gate}"
    failure = _first_failure(journal.method, journal.planned_method)
    if failure is not None:
        return failure
    if journal.planned_method == 0:
        return "the experiment's method is empty"
    return f"the experiment was {journal.status}" if journal.status in {"aborted", "interrupted"} else None


def rollback_failure(journal: Journal) -> str | None:
    """Why the experiment did not take back what it did; None if every rollback was carried out and succeeded."""
    return _first_failure(journal.rollbacks, journal.planned_rollbacks)


def failure_of(run: Mapping[str, object]) -> str | None:
    """What was wrong with one run of an activity, as Chaos Toolkit records it; None if nothing was.

    A run that was interrupted has no status at all; a process that exits non-zero and a probe of a method that is out
    of its tolerance count as "succeeded" there.
    """
    activity, output, status = run.get("activity"), run.get("output"), run.get("status")
    if not isinstance(activity, Mapping) or status is None:
        return "interrupted"
    if status != "succeeded":
        return _exception_of(run) or f"status {status}"
    if activity.get("dry"):
        return "it was only pretended (dry)"
    if "tolerance_met" in run:
        return None if run["tolerance_met"] else f"out of tolerance: {_short(output)}"
    if "tolerance" in activity:
        return _tolerance_failure(activity["tolerance"], output)
    return _output_failure(activity, output)


def _tolerance_failure(tolerance: object, output: object) -> str | None:
    """Chaos Toolkit looks at tolerances in the steady state only; plain ones are looked at here."""
    if not isinstance(tolerance, bool | int | str):
        return "its tolerance is not looked at in a method: use a plain value"
    measured = output.get("status") if isinstance(output, Mapping) else output
    return None if measured == tolerance else f"out of tolerance: {_short(measured)}, not {_short(tolerance)}"


def _output_failure(activity: Mapping[str, object], output: object) -> str | None:
    provider = activity.get("provider")
    kind = provider.get("type") if isinstance(provider, Mapping) else None
    if isinstance(output, Mapping):
        code = output.get("status")
        if kind == "process" and code != 0:
            return f"exit code {code}: {_short(output.get('stderr') or output.get('stdout') or '')}"
        if kind == "http" and isinstance(code, int) and code >= _FIRST_HTTP_ERROR:
            return f"HTTP status {code}"
    return "the probe says no" if activity.get("type") == "probe" and output is False else None


def redacted(data: bytes, secrets: Sequence[str]) -> bytes:
    """The same bytes without the secret values."""
    for secret in secrets:
        for form in {secret, json.dumps(secret)[1:-1]}:
            data = data.replace(form.encode(), b"[redacted]") if form else data
    return data


def _activity_run(run: Mapping[str, Mapping[str, object]]) -> ActivityRun:
    return ActivityRun(name=str(run["activity"].get("name", "?")), failure=failure_of(run))


def _first_failure(runs: Sequence[ActivityRun], planned: int) -> str | None:
    for run in runs:
        if run.failure is not None:
            return f"{run.name!r} failed: {run.failure}"
    if len(runs) < planned:
        return f"only {len(runs)} of {planned} activities were carried out"
    return None


def _out_of_tolerance(state: Mapping[str, Sequence[Mapping[str, object]]] | None) -> str | None:
    """The first probe of a steady state that was not met."""
    if state is None or state["steady_state_met"]:
        return None
    for probe in state.get("probes") or []:
        failure = failure_of({"tolerance_met": False, **probe})
        if failure is not None:
            activity = probe["activity"]
            return f"{activity['name'] if isinstance(activity, Mapping) else '?'!r}: {failure}"
    return "no probe was carried out"


def _exception_of(run: Mapping[str, object]) -> str | None:
    lines = run.get("exception")
    return _short(str(lines[-1]).strip()) if isinstance(lines, list) and lines else None


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:300]}…"  # noqa: PLR2004 - one line of a report
