"""Looks whether a symptom shows, in the users' traffic or in the cluster."""

from drillbook.drill import PodsSymptom, Symptom, TrafficSymptom
from drillbook.effects import RunningLoad, SystemUnderDrill
from drillbook.recovery import first_window


class SymptomLook:
    """One symptom of a drill; ``detail`` says what the last look saw."""

    def __init__(
        self, symptom: Symptom, load: RunningLoad, system: SystemUnderDrill, injected_s: float, rate_per_s: float
    ) -> None:
        """Look for it from the injection on."""
        self._symptom, self._load, self._system = symptom, load, system
        self._injected_s, self._rate_per_s = injected_s, rate_per_s
        self.detail = "nobody looked"

    def __call__(self, settled_s: float) -> bool:
        """Whether it shows; of the traffic only what was due before ``settled_s`` is looked at."""
        if isinstance(self._symptom, TrafficSymptom):
            return self._traffic(self._symptom, settled_s)
        return self._pods(self._symptom)

    def _traffic(self, symptom: TrafficSymptom, settled_s: float) -> bool:
        found = first_window(
            (symptom.threshold,),
            self._load.records(),
            start_s=self._injected_s,
            end_s=settled_s,
            window_s=symptom.window_s,
            rate_per_s=self._rate_per_s,
        )
        self.detail = "seen by users" if found else "not seen by users"
        return found is not None

    def _pods(self, symptom: PodsSymptom) -> bool:
        reasons = self._system.waiting_reasons(symptom.selector)
        showing = [pod for pod, of_pod in reasons.items() if symptom.reason in of_pod]
        self.detail = f"{len(showing)} of {len(reasons)} pods in {symptom.reason}"
        return bool(reasons) and len(showing) == len(reasons)
