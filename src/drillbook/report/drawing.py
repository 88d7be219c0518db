"""A drill's graph as plain geometry: the frame that every graph shares, and the values that one is made of."""

from dataclasses import dataclass

WIDTH = 960.0
LEFT = 60.0
RIGHT = 880.0
ERRORS_TOP, ERRORS_BOTTOM = 34.0, 150.0
LATENCY_TOP, LATENCY_BOTTOM = 196.0, 332.0
LANES_TOP = 384.0
LANE = 21.0


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Band:
    """A stretch of time that is tinted over both panels."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Marker:
    """A moment, as a labelled vertical line; ``anchor`` is the label's ``text-anchor``."""

    kind: str
    x: float
    label: str
    label_x: float
    anchor: str


@dataclass(frozen=True)
class Lane:
    """A bar below the panels and its label beside it."""

    kind: str
    y: float
    x: float
    width: float
    label: str
    label_x: float
    anchor: str


@dataclass(frozen=True)
class Hover:
    """What a pointer over one bin is told."""

    x: float
    width: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Everything to be drawn, in the drawing's own units."""

    height: float
    title: str
    description: str
    bands: tuple[Band, ...]
    gaps: tuple[Band, ...]
    error_area: str
    error_line: str
    corrupt_line: str
    p50_line: str
    p99_line: str
    time_ticks: tuple[Tick, ...]
    rate_ticks: tuple[Tick, ...]
    latency_ticks: tuple[Tick, ...]
    rate_bounds: tuple[Tick, ...]
    latency_bounds: tuple[Tick, ...]
    markers: tuple[Marker, ...]
    lanes: tuple[Lane, ...]
    hovers: tuple[Hover, ...]
