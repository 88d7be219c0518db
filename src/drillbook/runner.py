"""Runs a drill: baseline, inject, confirm, respond, recover, hold, revert, exit check. It records and never judges."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from drillbook.broken import BrokenSystem, UndoOnDisk
from drillbook.cluster.differences import differences
from drillbook.drill import Drill, FaultAlone, TrafficSymptom
from drillbook.effects import (
    Clock,
    Delivery,
    FaultInjector,
    LoadGenerator,
    ObjectVersions,
    Observer,
    ResponderPlace,
    RunningLoad,
    RunningObserver,
    Snapshot,
    SystemUnderDrill,
    Witnesses,
)
from drillbook.errors import DrillbookError
from drillbook.evidence import EvidenceStore, looks_name
from drillbook.fault.injector import FaultFailedError, FaultUnavailableError
from drillbook.figure import Traffic
from drillbook.follow import Responder
from drillbook.handover import RedactingScribe, Secrets, both
from drillbook.inspection import Inspection
from drillbook.objective import Recovery, Start
from drillbook.recovery import Span, find_recovery, first_window
from drillbook.runbook import Command, Procedure
from drillbook.timeline import (
    AnyEvent,
    CommandTried,
    DrillAborted,
    DrillFinished,
    FaultFailed,
    FaultUnavailable,
    GeneratorCalibrated,
    LoadFinished,
    LoadStarted,
    MessageDelivered,
    NobodyToAsk,
    Phase,
    PhaseStarted,
    SystemCompared,
)
from drillbook.watch import UNSETTLED_S, SymptomWatch

JUDGEMENT_WINDOW_S = 5.0
"""How much traffic a person looks at before saying that users are served again."""

STEADY_TIMEOUT_S = 120.0
"""How long the system may take to reach its steady state before the drill is given up."""


@dataclass(frozen=True)
class Effects:
    """One of each effect that a drill needs."""

    clock: Clock
    load: LoadGenerator
    faults: FaultInjector
    system: SystemUnderDrill
    versions: ObjectVersions
    observer: Observer
    witnesses: Witnesses
    responder: ResponderPlace
    undo_on_disk: UndoOnDisk


@dataclass(frozen=True)
class Pace:
    """How patient the responder is, and where they work (``drillbook.toml``)."""

    command_timeout_s: float
    patience_s: float
    ready_timeout_s: float
    working_directory: str
    shell_per_block: bool = False
    outcomes: bool = False  # also look at objects around commands, and try what cannot fail


class DrillRun:
    """One drill while it runs. Whatever happens, its load and its fault are taken away at the end."""

    def __init__(
        self, effects: Effects, drill: Drill, slug: str, store: EvidenceStore, *, root: Path, pace: Pace
    ) -> None:
        """``root`` is what the drill's paths start from; ``slug`` names its files in the evidence."""
        self._effects, self._drill, self._slug, self._store = effects, drill, slug, store
        self._root, self._pace, self._clock = root, pace, effects.clock
        self._worked: tuple[Command, ...] = ()

    def carry_out(self, procedure: Procedure) -> None:
        """Run it to its end and say so; a fault that did not land is recorded, an abort is recorded and raised."""
        try:
            self._phases(procedure)
        except FaultUnavailableError as error:
            self._record(FaultUnavailable(at_s=self._now(), experiment=self._drill.fault, reason=error.reason))
        except FaultFailedError as error:
            self._record(FaultFailed(at_s=self._now(), experiment=self._drill.fault, reason=str(error)))
        except DrillbookError as error:
            self._record(DrillAborted(at_s=self._now(), reason=str(error)))
            raise
        except KeyboardInterrupt:
            self._record(DrillAborted(at_s=self._now(), reason="interrupted"))
            raise
        self._record(DrillFinished(at_s=self._now()))

    def _phases(self, procedure: Procedure) -> None:
        """All phases in order; stops early where going on would prove nothing."""
        self._phase(Phase.BASELINE)
        rate_per_s = self._drill.load.rate_per_s
        calibration = self._effects.load.calibrate(rate_per_s)  # over by the time that the traffic has started
        self._effects.responder.renew()
        with self._traffic() as load, self._observer() as observer:
            self._record(GeneratorCalibrated(at_s=self._now(), rate_per_s=rate_per_s, floor=calibration.floor()))
            if not self._reach_steady_state(load):
                return
            before = self._effects.system.snapshot()
            self._store.write_snapshot(self._slug, "before", before)
            watch = SymptomWatch(self._drill, self._clock, load, observer, self._record)
            with self._broken().held(before) as injected_s:
                if injected_s is None or self._confirmed(watch, injected_s):
                    self._bring_back(load, procedure, injected_s)
                self._compare(before, after_revert=False)
            self._phase(Phase.EXIT_CHECK)
            if injected_s is not None:
                watch.look_whether_gone()
        self._compare(before, after_revert=True)
        if self._pace.outcomes and self._drill.control is None:
            self._try_again()

    def _confirmed(self, watch: SymptomWatch, injected_s: float) -> bool:
        self._phase(Phase.CONFIRM)
        return watch.confirm(injected_s)

    def _bring_back(self, load: RunningLoad, procedure: Procedure, injected_s: float | None) -> None:
        """Have the procedure carried out, or nothing where the drill is a control without it, and watch."""
        detected_s = self._now()
        if isinstance(self._drill.control, FaultAlone):
            self._await_healing(load, self._counted_s(injected_s, detected_s, detected_s))
            return
        messages = self._last_message()
        procedure_s = self._respond(load, procedure)
        if injected_s is None:  # before the procedure users were served, so look after it
            self._await_recovery(load, self._now(), self._now())
        else:
            self._await_recovery(load, procedure_s, self._counted_s(injected_s, detected_s, procedure_s))
        self._ask_witnesses(messages, procedure_s)

    def _counted_s(self, injected_s: float | None, detected_s: float, procedure_s: float) -> float:
        """What the recovery's deadline counts from."""
        starts = {Start.FAULT: injected_s or procedure_s, Start.DETECTION: detected_s, Start.PROCEDURE: procedure_s}
        return starts[self._drill.recovery.start]

    def _await_healing(self, load: RunningLoad, counted_s: float) -> None:
        """Watch as long as a recovery could come in time; users who do not feel the fault say nothing of its end."""
        if any(isinstance(symptom, TrafficSymptom) for symptom in self._drill.symptoms):
            self._await_recovery(load, self._now(), counted_s)
            return
        self._phase(Phase.RECOVER)
        demand = self._drill.recovery
        last_s = counted_s + demand.deadline_s + demand.hold_s + UNSETTLED_S
        self._clock.wait_until(lambda: False, deadline_s=last_s, interval_s=0.5)

    def _broken(self) -> BrokenSystem:
        return BrokenSystem(
            drill=self._drill,
            slug=self._slug,
            root=self._root,
            clock=self._clock,
            faults=self._effects.faults,
            system=self._effects.system,
            store=self._store,
            undo_on_disk=self._effects.undo_on_disk,
            ready_timeout_s=self._pace.ready_timeout_s,
        )

    @contextlib.contextmanager
    def _traffic(self) -> Iterator[RunningLoad]:
        name = f"load/{self._slug}.csv"
        load = self._effects.load.start(self._drill.load, self._store.path(name))
        self._record(LoadStarted(at_s=self._now(), records=name, clock_offset_s=self._clock.offset_s))
        try:
            yield load
        finally:
            exit_code = load.stop()
            requests = len(load.records().due_s)
            self._record(LoadFinished(at_s=self._now(), requests=requests, exit_code=exit_code))

    @contextlib.contextmanager
    def _observer(self) -> Iterator[RunningObserver]:
        observer = self._effects.observer.start(self._store.path(looks_name(self._slug)))
        try:
            yield observer
        finally:
            observer.stop()

    def _reach_steady_state(self, load: RunningLoad) -> bool:
        demand = self._drill.baseline

        def steady() -> bool:
            end_s, window_s = self._settled_s(), demand.window_s
            seen = self._users(load)
            return (
                first_window(demand.thresholds, seen, start_s=end_s - window_s, end_s=end_s, window_s=window_s)
                is not None
            )

        return self._clock.wait_until(
            steady,
            deadline_s=self._now() + demand.window_s + STEADY_TIMEOUT_S,
            interval_s=0.5,
        )

    def _respond(self, load: RunningLoad, procedure: Procedure) -> float:
        """Carry the procedure out; returns when it started."""
        self._phase(Phase.RESPOND)
        session = self._effects.responder.open()
        try:
            at_start = self._effects.witnesses.secrets()

            def secrets() -> Secrets:
                return both(at_start, self._effects.witnesses.secrets())

            before = session.list_files(self._pace.working_directory)
            responder = Responder(
                session=session,
                clock=self._clock,
                scribe=RedactingScribe(self._store, self._clock, secrets),
                slug=self._slug,
                recovered=lambda: self._look_served(load),
                working_directory=self._pace.working_directory,
                command_timeout_s=self._pace.command_timeout_s,
                patience_s=self._pace.patience_s,
                versions=self._effects.versions if self._pace.outcomes else None,
                shell_per_block=self._pace.shell_per_block,
            )
            inspection = Inspection(self._drill, self._slug, self._store, self._clock, self._pace.working_directory)
            started_s = self._now()
            written = responder.carry_out(procedure, self._drill.follow)
            self._worked = responder.worked
            inspection.inspect(
                session,
                inspection.handed_over(session, written, before),
                secrets(),
            )
        finally:
            session.close()
        return started_s

    def _try_again(self) -> None:
        """Run what worked once more where nothing can be reached; by now neither users nor the system can tell."""
        trials = self._effects.responder.try_commands([command.text for command in self._worked])
        for command, trial in zip(self._worked, trials, strict=True):
            if trial is not None:
                self._record(
                    CommandTried(
                        at_s=self._now(),
                        line=command.line,
                        text=command.text,
                        exit_code=trial.exit_code,
                        calls=trial.calls,
                    )
                )

    def _ask_witnesses(self, messages_before: int, procedure_s: float) -> None:
        """Record who was told, and what users inside the cluster were answered, since the procedure's start."""
        delivered = self._effects.witnesses.deliveries()
        if delivered is None or _last_number(delivered) < messages_before:
            self._record(NobodyToAsk(at_s=self._now()))  # there is no record, or it began anew meanwhile
        for message in delivered or ():
            if message.at_s < procedure_s:
                continue
            self._record(
                MessageDelivered(
                    at_s=self._now(),
                    sent_s=message.at_s,
                    service=message.service,
                    address=message.address,
                    accepted=message.accepted,
                )
            )
        self._store.write_inside(self._slug, self._effects.witnesses.inside_answers(procedure_s) or ())

    def _last_message(self) -> int:
        return _last_number(self._effects.witnesses.deliveries() or ())

    def _await_recovery(self, load: RunningLoad, procedure_s: float, counted_s: float) -> None:
        """Watch until the recovery is complete or can no longer come in time."""
        self._phase(Phase.RECOVER)
        demand = self._drill.recovery
        last_s = counted_s + demand.deadline_s + UNSETTLED_S

        def complete(demand: Recovery) -> bool:
            span = Span(procedure_s, counted_s + demand.deadline_s, self._settled_s())
            return find_recovery(demand, self._users(load), span) is not None

        unheld = msgspec.structs.replace(demand, hold_s=0.0)
        if self._clock.wait_until(lambda: complete(unheld), deadline_s=last_s, interval_s=0.5):
            self._phase(Phase.HOLD)
            self._clock.wait_until(lambda: complete(demand), deadline_s=last_s + demand.hold_s, interval_s=0.5)

    def _look_served(self, load: RunningLoad) -> bool:
        """Whether users look served again to a person, who does not ask whether the window is long enough to tell."""
        end_s = self._settled_s()
        seen = self._users(load).figures(self._drill.recovery.thresholds, end_s - JUDGEMENT_WINDOW_S, end_s)
        return all(figure.met for figure in seen)

    def _users(self, load: RunningLoad) -> Traffic:
        return Traffic(load.records(), self._drill.load.rate_per_s)

    def _compare(self, before: Snapshot, *, after_revert: bool) -> None:
        now = self._effects.system.snapshot()
        self._store.write_snapshot(self._slug, "after-revert" if after_revert else "after", now)
        existing = {key: value for key, value in now.items() if key in before}
        self._record(
            SystemCompared(
                at_s=self._now(),
                after_revert=after_revert,
                differences=differences(before, existing),
                added=tuple(sorted(now.keys() - before.keys())),
            )
        )

    def _settled_s(self) -> float:
        return self._now() - UNSETTLED_S

    def _phase(self, phase: Phase) -> None:
        self._record(PhaseStarted(at_s=self._now(), phase=phase))

    def _record(self, event: AnyEvent) -> None:
        self._store.append(event)

    def _now(self) -> float:
        return self._clock.now_s()


def _last_number(messages: tuple[Delivery, ...]) -> int:
    return max((message.number for message in messages), default=0)
