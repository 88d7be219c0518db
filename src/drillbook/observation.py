"""What was seen of a system's pods, and of the components that they report on, at one moment."""

from collections.abc import Mapping

from msgspec import Struct


class ComponentLook(Struct, frozen=True, kw_only=True):
    """One component as its pod reported it."""

    name: str
    status: str
    figures: dict[str, float] = {}  # the numbers among its details


class PodLook(Struct, frozen=True, kw_only=True):
    """One pod."""

    name: str
    uid: str
    labels: dict[str, str]
    ready: bool
    terminating: bool
    restarts: int  # the most of any of its containers
    reasons: tuple[str, ...]  # why its containers wait, and of what they died last
    components: tuple[ComponentLook, ...] = ()  # empty where it did not answer


class Look(Struct, frozen=True, kw_only=True):
    """All pods of the system at one moment, in seconds since the run's start."""

    at_s: float
    pods: tuple[PodLook, ...]


class InsideAnswer(Struct, frozen=True, kw_only=True):
    """What a user inside the cluster was answered; status 0 where no answer came."""

    at_s: float
    status: int


def selects(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether a label selector of the form ``app=web,version=blue`` fits the labels."""
    wanted = dict(part.strip().split("=", 1) for part in selector.split(",") if "=" in part)
    return wanted.items() <= labels.items()


def figure_sum(look: Look, component: str, figure: str) -> float | None:
    """A figure added up over the pods that report it; None where none does."""
    values = [
        found.figures[figure]
        for pod in look.pods
        for found in pod.components
        if found.name == component and figure in found.figures
    ]
    return sum(values) if values else None
