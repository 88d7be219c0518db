"""Waits for a drill's symptoms to show before the responder is called, and for them to be gone after the revert."""

from collections.abc import Callable

import msgspec

from drillbook.drill import Drill, FigureSymptom, Symptom, TrafficSymptom
from drillbook.effects import Clock, RunningLoad, RunningObserver
from drillbook.symptom import Showing, look_for
from drillbook.timeline import AnyEvent, SymptomGone, SymptomMissed, SymptomRemained, SymptomSeen

UNSETTLED_S = 2.5
"""Requests due within the last seconds may still be under way; the live view leaves them out."""

GONE_WITHIN_S = 15.0
"""How long after the revert a symptom may still show: the last requests and looks have to be in."""

GONE_WINDOW_S = 1.0
"""How much traffic after the revert is looked at."""


class SymptomWatch:
    """The symptoms of one drill while it runs."""

    def __init__(
        self,
        drill: Drill,
        clock: Clock,
        load: RunningLoad,
        observer: RunningObserver,
        record: Callable[[AnyEvent], None],
    ) -> None:
        """``record`` takes what was seen."""
        self._drill, self._clock, self._load, self._observer, self._record = drill, clock, load, observer, record

    def confirm(self, injected_s: float) -> bool:
        """Wait for every symptom; False as soon as one does not show, for then no responder would be called."""
        for index, symptom in enumerate(self._drill.symptoms):
            seen, detail = self._await_symptom(symptom, injected_s)
            event = SymptomSeen if seen else SymptomMissed
            self._record(event(at_s=self._clock.now_s(), index=index, detail=detail))
            if not seen:
                return False
        return True

    def _await_symptom(self, symptom: Symptom, injected_s: float) -> Showing:
        last: Showing = False, "nobody looked"

        def shows() -> bool:
            nonlocal last
            last = self._look_for(symptom, since_s=injected_s)
            return last[0]

        self._clock.wait_until(shows, deadline_s=injected_s + symptom.deadline_s)
        return last

    def _look_for(self, symptom: Symptom, *, since_s: float) -> Showing:
        """Of the traffic only what is settled is looked at."""
        return look_for(
            symptom,
            self._observer.looks,
            self._load.records,
            since_s=since_s,
            until_s=self._clock.now_s() - UNSETTLED_S,
            rate_per_s=self._drill.load.rate_per_s,
        )

    def look_whether_gone(self) -> None:
        """Look at the system after the revert, symptom by symptom: that an undo ended well proves nothing.

        A figure that was once above its bound is not looked for again: it says what happened, not how things are.
        """
        reverted_s = self._clock.now_s()
        for index, symptom in enumerate(self._drill.symptoms):
            if isinstance(symptom, FigureSymptom):
                continue
            if isinstance(symptom, TrafficSymptom):
                symptom = msgspec.structs.replace(symptom, window_s=GONE_WINDOW_S)  # noqa: PLW2901 - the same, on less traffic
            gone, detail = self._await_absence(symptom, reverted_s)
            event = SymptomGone if gone else SymptomRemained
            self._record(event(at_s=self._clock.now_s(), index=index, detail=detail))

    def _await_absence(self, symptom: Symptom, reverted_s: float) -> Showing:
        """Whether it was looked for after the revert and not found; what is asked of anew each time."""
        detail = "nobody looked"

        def gone() -> bool:
            nonlocal detail
            now_s = self._clock.now_s() - UNSETTLED_S
            since_s = max(reverted_s, now_s - GONE_WINDOW_S)
            if isinstance(symptom, TrafficSymptom):
                seen_enough = now_s - since_s >= GONE_WINDOW_S
            else:
                looks = self._observer.looks()
                seen_enough = bool(looks) and looks[-1].at_s >= reverted_s
                since_s = reverted_s
            shows, detail = self._look_for(symptom, since_s=since_s)
            return seen_enough and not shows

        return self._clock.wait_until(gone, deadline_s=reverted_s + GONE_WITHIN_S), detail
