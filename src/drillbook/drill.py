"""A drill as a value: what one scenario of a feature demands, before anything is run."""

from enum import StrEnum

from msgspec import Struct

from drillbook.objective import Recovery, Threshold
from drillbook.promises import Promise


class Follow(StrEnum):
    """How the responder follows a procedure."""

    LITERALLY = "literally"  # every command in order
    WITH_JUDGEMENT = "with judgement"  # an "if … fails" step only when it is called for


class Load(Struct, frozen=True, kw_only=True):
    """The users' traffic: a Locust file (path from the project's root), one of its user classes, rate."""

    locustfile: str
    user: str
    rate_per_s: float


class Baseline(Struct, frozen=True, kw_only=True):
    """What the users must see before anything is broken; unmet, the drill is inconclusive."""

    thresholds: tuple[Threshold, ...]
    window_s: float


class TrafficSymptom(Struct, frozen=True, kw_only=True, tag="traffic"):
    """The fault as users see it: the threshold met over a window, within the deadline from the injection."""

    threshold: Threshold
    window_s: float
    deadline_s: float


class PodsSymptom(Struct, frozen=True, kw_only=True, tag="pods"):
    """The fault as the cluster sees it: every pod of the selector waits or died for this reason."""

    selector: str
    reason: str  # a container's waiting or terminated reason, such as CrashLoopBackOff or OOMKilled
    deadline_s: float


class RestartsSymptom(Struct, frozen=True, kw_only=True, tag="restarts"):
    """Every pod of the selector has a container that was restarted so often and last died for this reason."""

    selector: str
    restarts: int  # since the fault was injected
    reason: str
    deadline_s: float


class ComponentSymptom(Struct, frozen=True, kw_only=True, tag="component"):
    """A pod says of one of its components that it is in this status."""

    component: str
    status: str
    deadline_s: float


class FigureSymptom(Struct, frozen=True, kw_only=True, tag="figure"):
    """A pod reported a figure of one of its components above this value, once since the injection."""

    component: str
    figure: str
    above: float
    deadline_s: float


Symptom = TrafficSymptom | PodsSymptom | RestartsSymptom | ComponentSymptom | FigureSymptom


class Parameter(Struct, frozen=True, kw_only=True):
    """A setting of the fault: the experiment finds it in its environment as ``DRILLBOOK_FAULT_<NAME>``."""

    name: str
    value: str


class PromisedFiles(Struct, frozen=True, kw_only=True):
    """Every file that the steps write exists and is not empty, and each text stands in one of them."""

    texts: tuple[str, ...] = ()


class Clause(Struct, frozen=True, kw_only=True):
    """One line of the scenario, and the part of the drill that it demands."""

    line: int
    text: str  # keyword included
    demands: str  # load, baseline, fault, symptom:0, procedure, recovery, hold, files, content:0, restored or promise:0


class ControlKind(StrEnum):
    """What can be asked of a drill by running it again with something left out."""

    FAULT = "fault"
    RUNBOOK = "runbook"
    STEPS = "steps"


class FaultAlone(Struct, frozen=True, tag="fault"):
    """The fault without the runbook: whether the system heals by itself."""


class RunbookAlone(Struct, frozen=True, tag="runbook"):
    """The runbook without the fault: whether it harms a system that is well."""


class WithoutStep(Struct, frozen=True, kw_only=True, tag="step"):
    """The drill with one step of the procedure left out: whether the step is needed."""

    line: int
    title: str


Control = FaultAlone | RunbookAlone | WithoutStep
"""What a drill is compared with: the same drill with one part left out."""


class Drill(Struct, frozen=True, kw_only=True):
    """One scenario: steady state, load, fault, procedure, objectives."""

    name: str
    feature: str  # path from the project's root
    line: int
    load: Load
    baseline: Baseline
    fault: str  # path of the Chaos Toolkit experiment from the project's root
    symptoms: tuple[Symptom, ...]
    procedure: str  # a heading of the runbook
    follow: Follow
    recovery: Recovery
    files: PromisedFiles | None = None
    restored: bool = False  # nothing that existed before the fault may be left changed
    changed_for_good: tuple[str, ...] = ()  # what may differ: "kind/name", or a part as "kind/name spec.replicas"
    parameters: tuple[Parameter, ...] = ()
    promises: tuple[Promise, ...] = ()
    clauses: tuple[Clause, ...] = ()
    control: Control | None = None  # what is left out, where the drill is run only to be compared with
