"""Looks whether a symptom shows: in the users' traffic, in the pods, or in what the pods report."""

from collections.abc import Callable

from drillbook.drill import ComponentSymptom, FigureSymptom, PodsSymptom, RestartsSymptom, Symptom, TrafficSymptom
from drillbook.figure import Traffic
from drillbook.load_records import LoadRecords
from drillbook.observation import Look, PodLook, selects
from drillbook.recovery import first_window

Showing = tuple[bool, str]
"""Whether it shows, and what was seen."""


def look_for(
    symptom: Symptom,
    looks: Callable[[], tuple[Look, ...]],
    load: Callable[[], LoadRecords],
    *,
    since_s: float,
    until_s: float,
    rate_per_s: float,
) -> Showing:
    """Whether the symptom showed between two times (on the run's clock), as far as that is settled."""
    match symptom:
        case TrafficSymptom():
            found = first_window(
                (symptom.threshold,),
                Traffic(load(), rate_per_s),
                start_s=since_s,
                end_s=until_s,
                window_s=symptom.window_s,
            )
            return found is not None, "seen by users" if found else "not seen by users"
        case PodsSymptom():
            return _pods(symptom.selector, _last(looks(), since_s), symptom.reason, lambda _: True)
        case RestartsSymptom():
            return _restarts(symptom, looks(), since_s)
        case ComponentSymptom():
            return look_for_component(symptom, tuple(look for look in looks()[-1:] if look.at_s >= since_s))
        case FigureSymptom():
            return _figure(symptom, [look for look in looks() if look.at_s >= since_s])


def _last(looks: tuple[Look, ...], since_s: float) -> Look | None:
    return looks[-1] if looks and looks[-1].at_s >= since_s else None


def _pods(selector: str, look: Look | None, reason: str, enough: Callable[[PodLook], bool]) -> Showing:
    pods = [pod for pod in look.pods if selects(selector, pod.labels)] if look else []
    showing = [pod for pod in pods if reason in pod.reasons and enough(pod)]
    return bool(pods) and len(showing) == len(pods), f"{len(showing)} of {len(pods)} pods in {reason}"


def _restarts(symptom: RestartsSymptom, looks: tuple[Look, ...], since_s: float) -> Showing:
    before = next((look for look in reversed(looks) if look.at_s <= since_s), None)
    restarts = {pod.uid: pod.restarts for pod in before.pods} if before else {}
    shows, _ = _pods(
        symptom.selector,
        _last(looks, since_s),
        symptom.reason,
        lambda pod: pod.restarts - restarts.get(pod.uid, 0) >= symptom.restarts,
    )
    counts = [
        pod.restarts - restarts.get(pod.uid, 0)
        for pod in (looks[-1].pods if looks else ())
        if selects(symptom.selector, pod.labels)
    ]
    return shows, f"restarts since the fault: {', '.join(map(str, counts)) or 'no pod'} ({symptom.reason})"


def look_for_component(symptom: ComponentSymptom, looks: tuple[Look, ...]) -> Showing:
    """Whether a pod reported the component in this status at the last of these looks."""
    states = [
        part.status
        for look in looks[-1:]
        for pod in look.pods
        for part in pod.components
        if part.name == symptom.component
    ]
    return symptom.status in states, f"{symptom.component}: {', '.join(states) or 'nobody reports it'}"


def _figure(symptom: FigureSymptom, looks: list[Look]) -> Showing:
    values = [
        part.figures[symptom.figure]
        for look in looks
        for pod in look.pods
        for part in pod.components
        if part.name == symptom.component and symptom.figure in part.figures
    ]
    highest = max(values, default=None)
    detail = f"{symptom.figure} of {symptom.component}: " + (
        "nobody reports it" if highest is None else f"up to {highest:g}"
    )
    return highest is not None and highest > symptom.above, detail
