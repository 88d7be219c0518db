"""Works out the graph of a drill over time as plain geometry; the template turns it into SVG."""

import math
from collections.abc import Callable, Iterable

from drillbook import wording
from drillbook.load_records import LoadRecords
from drillbook.objective import PERMILLE, Metric
from drillbook.record import DrillRecord
from drillbook.report.drawing import (
    ERRORS_BOTTOM,
    ERRORS_TOP,
    LANE,
    LANES_TOP,
    LATENCY_BOTTOM,
    LATENCY_TOP,
    LEFT,
    RIGHT,
    WIDTH,
    Band,
    Chart,
    Hover,
    Lane,
    Marker,
    Tick,
)
from drillbook.report.series import Bin, bins
from drillbook.report.story import Span, StepTold, limits_s, steps
from drillbook.timeline import FaultInjected, FaultRequested, Phase, ProcedureFinished
from drillbook.verdict import DrillVerdict

_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_TICKS = 12
_CHARACTER = 6.1  # the width of an average character of a label, in the drawing's units
_RATES = (Metric.ERROR_RATE, Metric.CORRUPT_RATE)


def clock(seconds: float) -> str:
    """A moment as minutes and seconds, such as ``1:05``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def draw(record: DrillRecord, verdict: DrillVerdict, load: LoadRecords, *, recovered_s: float | None) -> Chart:
    """The graph of one drill; ``recovered_s`` is when users were served again, on the run's clock."""
    start_s, end_s = limits_s(record)
    end_s = max(end_s, start_s + 1.0)
    cut = bins(load, start_s, end_s)

    def x_of(at_s: float) -> float:
        share = (at_s - start_s) / (end_s - start_s)
        return round(LEFT + min(1.0, max(0.0, share)) * (RIGHT - LEFT), 1)

    low_ms, high_ms = _latency_limits_ms(record, cut)
    y_latency = _latency_scale(low_ms, high_ms)
    lanes = _lanes(record, x_of)
    return Chart(
        height=LANES_TOP + LANE * len(lanes) + 8,
        title=f"What users saw during “{record.drill.name}”",
        description=_description(record, verdict, cut),
        bands=_bands(record, x_of),
        gaps=tuple(_gap(one, x_of) for one in cut if not one.requests),
        error_area=_area(cut, x_of),
        error_line=_line(cut, lambda one: one.error_rate, x_of, _y_rate),
        corrupt_line=_corrupt(cut, x_of),
        p50_line=_line(cut, lambda one: one.p50_ms, x_of, y_latency),
        p99_line=_line(cut, lambda one: one.p99_ms, x_of, y_latency),
        time_ticks=_time_ticks(start_s, end_s, x_of),
        rate_ticks=tuple(Tick(_y_rate(share), f"{share:.0%}".replace("%", " %")) for share in (0.0, 0.5, 1.0)),
        latency_ticks=tuple(Tick(y_latency(ms), _milliseconds(ms)) for ms in _decades(low_ms, high_ms)),
        rate_bounds=_bounds(record, _y_rate, rates=True),
        latency_bounds=_bounds(record, y_latency, rates=False),
        markers=_markers(record, x_of, end_s=end_s, recovered_s=recovered_s),
        lanes=lanes,
        hovers=tuple(_hover(one, x_of, start_s) for one in cut),
    )


def _y_rate(share: float) -> float:
    return round(ERRORS_BOTTOM - share * (ERRORS_BOTTOM - ERRORS_TOP), 1)


def _latency_limits_ms(record: DrillRecord, cut: tuple[Bin, ...]) -> tuple[float, float]:
    """Whole decades that hold every figure and every bound."""
    seen = [ms for one in cut for ms in (one.p50_ms, one.p99_ms) if ms]
    seen += [one.value for one in record.drill.recovery.thresholds if one.metric in PERMILLE and one.value > 0]
    low, high = (min(seen), max(seen)) if seen else (1.0, 100.0)
    floor, ceiling = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return 10.0**floor, 10.0 ** max(ceiling, floor + 1)


def _latency_scale(low_ms: float, high_ms: float) -> Callable[[float], float]:
    """Logarithmic, because an outage is a thousand times slower than a good second."""

    def y_of(ms: float) -> float:
        share = math.log(max(ms, low_ms) / low_ms) / math.log(high_ms / low_ms)
        return round(LATENCY_BOTTOM - share * (LATENCY_BOTTOM - LATENCY_TOP), 1)

    return y_of


def _decades(low_ms: float, high_ms: float) -> Iterable[float]:
    for power in range(round(math.log10(low_ms)), round(math.log10(high_ms)) + 1):
        yield 10.0**power


def _milliseconds(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"  # noqa: PLR2004 - ms in a second


def _line(
    cut: tuple[Bin, ...],
    figure: Callable[[Bin], float | None],
    x_of: Callable[[float], float],
    y_of: Callable[[float], float],
) -> str:
    """A stepped path, broken where nothing was measured."""
    parts: list[str] = []
    connected = False
    for one in cut:
        value = figure(one)
        if value is None:
            connected = False
            continue
        if connected:
            parts.append(f"V{y_of(value)}")
        else:
            parts.append(f"M{x_of(one.start_s)},{y_of(value)}")
        parts.append(f"H{x_of(one.start_s + one.width_s)}")
        connected = True
    return "".join(parts)


def _area(cut: tuple[Bin, ...], x_of: Callable[[float], float]) -> str:
    parts = []
    for one in cut:
        if one.error_rate:
            x, end_x = x_of(one.start_s), x_of(one.start_s + one.width_s)
            parts.append(f"M{x},{ERRORS_BOTTOM}V{_y_rate(one.error_rate)}H{end_x}V{ERRORS_BOTTOM}Z")
    return "".join(parts)


def _corrupt(cut: tuple[Bin, ...], x_of: Callable[[float], float]) -> str:
    if not any(one.corrupt_rate for one in cut):
        return ""
    return _line(cut, lambda one: one.corrupt_rate, x_of, _y_rate)


def _gap(one: Bin, x_of: Callable[[float], float]) -> Band:
    x = x_of(one.start_s)
    return Band("gap", x, round(x_of(one.start_s + one.width_s) - x, 1))


def _bounds(record: DrillRecord, y_of: Callable[[float], float], *, rates: bool) -> tuple[Tick, ...]:
    return tuple(
        Tick(y_of(one.value), _short(wording.demand(one)))
        for one in record.drill.recovery.thresholds
        if one.metric in (_RATES if rates else PERMILLE)
    )


def _short(demand: str) -> str:
    """The panel's title says the rest."""
    return demand.removeprefix("error rate ").replace(" latency", "")


def _time_ticks(start_s: float, end_s: float, x_of: Callable[[float], float]) -> tuple[Tick, ...]:
    length_s = end_s - start_s
    step_s = next((step for step in _TICKS_S if length_s / step <= _MOST_TICKS), math.ceil(length_s / _MOST_TICKS))
    return tuple(
        Tick(x_of(start_s + place * step_s), clock(place * step_s)) for place in range(int(length_s / step_s) + 1)
    )


def _fault(record: DrillRecord) -> Span | None:
    began = record.first(FaultInjected) or record.first(FaultRequested)
    if began is None:
        return None
    return Span("fault", began.at_s, record.phase_at_s.get(Phase.REVERT, limits_s(record)[1]))


def _procedure(record: DrillRecord) -> Span | None:
    if record.procedure_at_s is None:
        return None
    finished = record.first(ProcedureFinished)
    return Span("procedure", record.procedure_at_s, finished.at_s if finished else limits_s(record)[1])


def _bands(record: DrillRecord, x_of: Callable[[float], float]) -> tuple[Band, ...]:
    spans = tuple(span for span in (_fault(record), _procedure(record)) if span)
    return tuple(Band(span.name, x_of(span.start_s), round(x_of(span.end_s) - x_of(span.start_s), 1)) for span in spans)


def _markers(
    record: DrillRecord, x_of: Callable[[float], float], *, end_s: float, recovered_s: float | None
) -> tuple[Marker, ...]:
    if record.procedure_at_s is None:
        return ()
    moments = []
    if recovered_s is not None:
        after = wording.span(recovered_s - record.procedure_at_s)
        moments.append(("recovered", recovered_s, f"users back after {after}"))
    deadline_s = record.procedure_at_s + record.drill.recovery.deadline_s
    if deadline_s <= end_s:
        moments.append(("deadline", deadline_s, f"deadline, {wording.span(record.drill.recovery.deadline_s)}"))
    return tuple(_marker(kind, x_of(at_s), label) for kind, at_s, label in moments)


def _marker(kind: str, x: float, label: str) -> Marker:
    label_x, anchor = _beside(x, x, label)
    return Marker(kind, x, label, label_x, anchor)


def _lanes(record: DrillRecord, x_of: Callable[[float], float]) -> tuple[Lane, ...]:
    """The fault, the responder's whole work, and each step, one below the other."""
    told: list[tuple[str, Span]] = []
    if fault := _fault(record):
        told.append(("fault", Span("the fault", fault.start_s, fault.end_s)))
    if procedure := _procedure(record):
        told.append(("procedure", Span("the responder at work", procedure.start_s, procedure.end_s)))
    told += [("skipped" if step.skipped else "step", _step_span(step)) for step in steps(record)]
    return tuple(_lane(kind, span, LANES_TOP + LANE * place, x_of) for place, (kind, span) in enumerate(told))


def _step_span(step: StepTold) -> Span:
    label = f"{step.number}  {step.title}"
    return Span(f"{label} (skipped)" if step.skipped else label, step.start_s, step.end_s)


def _lane(kind: str, span: Span, y: float, x_of: Callable[[float], float]) -> Lane:
    x, end_x = x_of(span.start_s), x_of(span.end_s)
    label_x, anchor = _beside(x, end_x, span.name)
    return Lane(kind, y, x, round(max(end_x - x, 3.0), 1), span.name, label_x, anchor)


def _beside(x: float, end_x: float, label: str) -> tuple[float, str]:
    """Where a label goes: to the right, or to the left where it would leave the drawing."""
    if end_x + 7 + len(label) * _CHARACTER > WIDTH:
        return round(x - 7, 1), "end"
    return round(end_x + 7, 1), "start"


def _hover(one: Bin, x_of: Callable[[float], float], start_s: float) -> Hover:
    x = x_of(one.start_s)
    rate = wording.amount(Metric.ERROR_RATE, one.error_rate)
    p50, p99 = (wording.amount(Metric.LATENCY_P50_MS, ms) for ms in (one.p50_ms, one.p99_ms))
    figures = f"error rate {rate}, P50 {p50}, P99 {p99}" if one.requests else "nothing known"
    text = f"{clock(one.start_s - start_s)} · {one.requests} requests · {figures}"
    return Hover(x, round(x_of(one.start_s + one.width_s) - x, 1), text)


def _description(record: DrillRecord, verdict: DrillVerdict, cut: tuple[Bin, ...]) -> str:
    """The graph in words, for readers who cannot see it."""
    requests, lost = sum(one.requests for one in cut), sum(one.lost for one in cut)
    start_s = limits_s(record)[0]
    said = [f"Error rate and latency over time. {lost} of {requests} requests were lost"]
    if fault := _fault(record):
        said.append(f"the fault lasted from {clock(fault.start_s - start_s)} to {clock(fault.end_s - start_s)}")
    if procedure := _procedure(record):
        said.append(f"the responder began at {clock(procedure.start_s - start_s)}")
    return f"{', '.join(said)}. Verdict: {verdict.verdict}."
