"""Keeps the system broken as long as a drill needs it so; the undo is on disk before, and is always played back."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from drillbook.drill import Drill, RunbookAlone
from drillbook.effects import Clock, FaultInjector, RunningFault, Snapshot, SystemUnderDrill
from drillbook.errors import DrillbookError
from drillbook.evidence import EvidenceStore, traffic_prefix
from drillbook.timeline import FaultInjected, FaultRequested, Phase, PhaseStarted, RevertFinished

UndoOnDisk = Callable[[str, Snapshot, tuple[str, ...]], Callable[[], None]]
"""Writes an undo; returns what forgets it again."""


@dataclass(frozen=True)
class BrokenSystem:
    """The system during one drill, from the injection to the revert."""

    drill: Drill
    slug: str
    root: Path
    clock: Clock
    faults: FaultInjector
    system: SystemUnderDrill
    store: EvidenceStore
    undo_on_disk: UndoOnDisk
    ready_timeout_s: float

    @contextlib.contextmanager
    def held(self, before: Snapshot) -> Iterator[float | None]:
        """Gives the time of the injection; None where the drill is run without its fault, as a control.

        Then too all is put back at the end, for the procedure changes the system.
        """
        renew = self.faults.renews(self.root / self.drill.fault)
        with_fault = not isinstance(self.drill.control, RunbookAlone)
        if with_fault:
            self._phase(Phase.INJECT)
        forget_undo = self.undo_on_disk(self.drill.fault, before, renew)
        running: RunningFault | None = None
        try:
            if with_fault:
                running = self._inject()
                injected = FaultInjected(at_s=self.clock.now_s(), experiment=self.drill.fault)
                self.store.append(injected)
                yield injected.at_s
            else:
                yield None
        finally:
            self._revert(running, before, renew)
            forget_undo()

    def _inject(self) -> RunningFault:
        experiment = self.drill.fault
        self.store.append(FaultRequested(at_s=self.clock.now_s(), experiment=experiment))
        return self.faults.inject(
            self.root / experiment,
            self.store.path(f"journal/{self.slug}.json"),
            parameters={parameter.name: parameter.value for parameter in self.drill.parameters},
            traffic=str(self.store.path(traffic_prefix(self.slug))),
        )

    def _revert(self, running: RunningFault | None, before: Snapshot, renew: tuple[str, ...]) -> None:
        """Take the fault back; where that fails the undo stays on disk."""
        self._phase(Phase.REVERT)
        complaint = running.release() if running else None
        try:
            self.system.restore(before, timeout_s=self.ready_timeout_s, renew=renew)
        except DrillbookError as error:
            self.store.append(RevertFinished(at_s=self.clock.now_s(), succeeded=False, detail=str(error)))
            raise
        detail = complaint or "every object is as it was before the fault"
        self.store.append(RevertFinished(at_s=self.clock.now_s(), succeeded=complaint is None, detail=detail))

    def _phase(self, phase: Phase) -> None:
        self.store.append(PhaseStarted(at_s=self.clock.now_s(), phase=phase))
