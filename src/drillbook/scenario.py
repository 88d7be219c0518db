"""Gathers a drill from a scenario's steps, line by line, and says what a scenario lacks."""

import math

import msgspec

from drillbook import wording
from drillbook.drill import (
    Baseline,
    Clause,
    ComponentSymptom,
    Drill,
    FigureSymptom,
    Follow,
    Load,
    Parameter,
    PodsSymptom,
    PromisedFiles,
    RestartsSymptom,
    Symptom,
    TrafficSymptom,
)
from drillbook.errors import InputError
from drillbook.objective import Recovery, Start, Threshold
from drillbook.promises import Promise
from drillbook.samples import samples_needed


class ScenarioDrill:
    """The drill that a scenario's steps demand so far. Steps only declare; nothing runs before ``build``."""

    def __init__(self, *, name: str, feature: str, line: int) -> None:
        """``feature`` is the path from the project's root."""
        self._name, self._feature, self._line = name, feature, line
        self._at = (line, "")
        self._clauses: list[Clause] = []
        self._load: Load | None = None
        self._baseline: Baseline | None = None
        self._fault: str | None = None
        self._symptoms: list[Symptom] = []
        self._procedure: tuple[str, Follow] | None = None
        self._recovery: Recovery | None = None
        self._texts: list[str] | None = None
        self._restored = False
        self._changed_for_good: tuple[str, ...] = ()
        self._parameters: tuple[Parameter, ...] = ()
        self._promises: list[Promise] = []

    @property
    def feature(self) -> str:
        """The feature file, from the project's root."""
        return self._feature

    @property
    def current_line(self) -> int:
        """The line of the step that declares now."""
        return self._at[0]

    def at(self, line: int, text: str) -> None:
        """What follows is demanded by this line of the feature."""
        self._at = (line, text)

    def load(self, locustfile: str, user: str, rate_per_s: float) -> None:
        """Users' traffic during the whole drill."""
        if rate_per_s <= 0:
            raise self._wrong("there must be load", expected="more than 0 requests per second", got=f"{rate_per_s:g}")
        self._load = Load(locustfile=locustfile, user=user, rate_per_s=rate_per_s)
        self._demand("load")

    def baseline(self, thresholds: tuple[Threshold, ...], window_s: float) -> None:
        """The steady state, before anything is broken."""
        self._baseline = Baseline(thresholds=thresholds, window_s=window_s)
        self._demand("baseline")

    def fault(self, experiment: str, **parameters: str) -> None:
        """What is broken; the experiment sees each parameter as ``DRILLBOOK_FAULT_<NAME>`` in its environment."""
        if self._fault is not None:
            raise self._wrong("a drill has one fault", got=f"{self._fault} and {experiment}")
        self._fault = experiment
        self._parameters = tuple(Parameter(name=name, value=value) for name, value in parameters.items())
        self._demand("fault")

    def pods_symptom(self, selector: str, reason: str, deadline_s: float) -> None:
        """Every pod of the selector shows the reason before the responder is called."""
        self._symptom(PodsSymptom(selector=selector, reason=reason, deadline_s=deadline_s))

    def restarts_symptom(self, selector: str, restarts: int, reason: str, deadline_s: float) -> None:
        """Every pod of the selector was restarted so often for the reason before the responder is called."""
        self._symptom(RestartsSymptom(selector=selector, restarts=restarts, reason=reason, deadline_s=deadline_s))

    def component_symptom(self, component: str, status: str, deadline_s: float) -> None:
        """A pod reports this status of a component before the responder is called."""
        self._symptom(ComponentSymptom(component=component, status=status, deadline_s=deadline_s))

    def figure_symptom(self, component: str, figure: str, above: float, deadline_s: float) -> None:
        """A pod reports a figure of a component above this value before the responder is called."""
        self._symptom(FigureSymptom(component=component, figure=figure, above=above, deadline_s=deadline_s))

    def traffic_symptom(self, threshold: Threshold, window_s: float, deadline_s: float) -> None:
        """Users see the fault before the responder is called."""
        self._symptom(TrafficSymptom(threshold=threshold, window_s=window_s, deadline_s=deadline_s))

    def procedure(self, heading: str, follow: Follow) -> None:
        """The part of the runbook that is carried out, and how."""
        self._procedure = (heading, follow)
        self._demand("procedure")

    def recovery(
        self, thresholds: tuple[Threshold, ...], window_s: float, deadline_s: float, start: Start = Start.PROCEDURE
    ) -> None:
        """What users must see again after the procedure's start, and by when."""
        self._recovery = Recovery(thresholds=thresholds, window_s=window_s, deadline_s=deadline_s, start=start)
        self._demand("recovery")

    def hold(self, hold_s: float) -> None:
        """Users must still see it that much later, before the fault is reverted."""
        if self._recovery is None:
            raise self._wrong("nothing to hold yet", mend="say first what recovered means, then that it holds")
        self._recovery = msgspec.structs.replace(self._recovery, hold_s=hold_s)
        self._demand("hold")

    def files(self) -> None:
        """Every file that the steps write exists and is not empty."""
        self._texts = self._texts or []
        self._demand("files")

    def content(self, text: str) -> None:
        """One of those files holds the text."""
        self._texts = [*(self._texts or []), text]
        self._demand(f"content:{len(self._texts) - 1}")

    def restored(self, *changed_for_good: str) -> None:
        """Nothing that existed before may be left changed, but these objects, or parts ("kind/name spec.replicas")."""
        self._restored, self._changed_for_good = True, changed_for_good
        self._demand("restored")

    def promise(self, promise: Promise) -> None:
        """Something demanded of the procedure beside the users' traffic."""
        self._promises.append(promise)
        self._demand(f"promise:{len(self._promises) - 1}")

    def build(self) -> Drill:
        """The drill; raises InputError with the scenario's line where a part is missing."""
        parts = {
            "load (“Given … requests per second …”)": self._load,
            "a steady state (“Given … users see …”)": self._baseline,
            "a fault": self._fault,
            "a procedure (“When the responder follows …”)": self._procedure,
            "an objective (“Then within … users see …”)": self._recovery,
        }
        missing = [name for name, part in parts.items() if part is None]
        if not (self._load and self._baseline and self._fault and self._procedure and self._recovery):
            what = f"the scenario {self._name!r} lacks {', '.join(missing)}"
            raise InputError(what, path=self._feature, line=self._line, mend="without it a drill proves nothing")
        self._demand_enough(self._load, self._baseline)
        self._demand_enough(self._load, self._recovery)
        return Drill(
            name=self._name,
            feature=self._feature,
            line=self._line,
            load=self._load,
            baseline=self._baseline,
            fault=self._fault,
            symptoms=tuple(self._symptoms),
            procedure=self._procedure[0],
            follow=self._procedure[1],
            recovery=self._recovery,
            files=None if self._texts is None else PromisedFiles(texts=tuple(self._texts)),
            restored=self._restored,
            changed_for_good=self._changed_for_good,
            parameters=self._parameters,
            promises=tuple(self._promises),
            clauses=tuple(self._clauses),
        )

    def _demand_enough(self, load: Load, demand: Baseline | Recovery) -> None:
        """A window too short to tell would make every run of the drill inconclusive, minutes later."""
        requests = load.rate_per_s * demand.window_s
        for threshold in demand.thresholds:
            if (needed := samples_needed(threshold)) > requests:
                raise InputError(
                    f"{requests:,.0f} requests are too few to tell {wording.demand(threshold)}",
                    path=self._feature,
                    line=self._line,
                    expected=f"at least {needed:,}",
                    mend=f"make the window at least {math.ceil(needed / load.rate_per_s)} seconds long, or send more",
                )

    def _symptom(self, symptom: Symptom) -> None:
        self._symptoms.append(symptom)
        self._demand(f"symptom:{len(self._symptoms) - 1}")

    def _demand(self, demands: str) -> None:
        line, text = self._at
        self._clauses.append(Clause(line=line, text=text, demands=demands))

    def _wrong(
        self, what: str, *, expected: str | None = None, got: str | None = None, mend: str | None = None
    ) -> InputError:
        return InputError(what, path=self._feature, line=self._at[0], expected=expected, got=got, mend=mend)
