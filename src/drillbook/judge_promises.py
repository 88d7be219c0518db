"""Judges what a procedure promised beside the users' traffic; without data a promise is inconclusive, never kept."""

from itertools import pairwise

import msgspec
import numpy as np

from drillbook import wording
from drillbook.assumptions import Check, Judged
from drillbook.intervals import wilson
from drillbook.judge_lasting import judge_lasting, name_of
from drillbook.load_records import LoadRecords
from drillbook.losses import kept, losses
from drillbook.promises import (
    CaptureKept,
    ChecksumsKept,
    ComponentIs,
    FigureIs,
    InsideServed,
    KeptData,
    LossBound,
    NoSecrets,
    PodsReady,
    Promise,
    ShutOut,
    Told,
)
from drillbook.record import DrillRecord
from drillbook.recovery import GRID_S
from drillbook.timeline import (
    CaptureInspected,
    HandoverInspected,
    MessageDelivered,
    NobodyToAsk,
    Phase,
    ProcedureFinished,
    SecretFound,
    SumInspected,
)
from drillbook.verdict import ObjectiveResult, Verdict, plain_result

ENOUGH_ANSWERS = 10
"""So many answers to users inside the cluster must be known to judge by."""

INSIDE_SILENCE_S = 3.0
"""Users inside ask without end; where none did for longer than this the record is not whole."""

UNSEEN = "no file was looked into"

ENOUGH_ATTACK = 0.5
"""The share of an attack's usual requests that a window must hold: an attack that pauses is not shut out."""


def judge_promises(record: DrillRecord, unmet: Check | None) -> tuple[Judged, ...]:
    """One result for each promise; where an assumption does not hold nothing is judged."""
    return tuple(
        (f"promise:{index}", _unjudged(promise, unmet) if unmet else _judge(record, promise))
        for index, promise in enumerate(record.drill.promises)
    )


def _unjudged(promise: Promise, unmet: Check) -> ObjectiveResult:
    return plain_result(_name(promise), unmet.verdict, unmet.reason, measured=None, unit="")


def _judge(record: DrillRecord, promise: Promise) -> ObjectiveResult:  # noqa: PLR0911 - one line for each kind
    match promise:
        case LossBound():
            return _loss(record, promise)
        case KeptData():
            return _kept(record, promise)
        case Told():
            return _told(record, promise)
        case ShutOut():
            return _shut_out(record, promise)
        case InsideServed():
            return _inside(record, promise)
        case CaptureKept():
            return _capture(record, promise)
        case ChecksumsKept():
            return _checksums(record, promise)
        case NoSecrets():
            return _secrets(record, promise)
        case PodsReady() | ComponentIs() | FigureIs():
            return judge_lasting(record, promise)


def _name(promise: Promise) -> str:  # noqa: PLR0911 - one line for each kind
    match promise:
        case LossBound():
            return "requests lost because of the procedure"
        case KeptData():
            return f"{promise.figure} of {promise.component} kept"
        case Told():
            return f"{promise.address} is told over {promise.service}"
        case ShutOut():
            return f"{promise.traffic} gets no answer for {wording.span(promise.window_s)}"
        case InsideServed():
            return "users inside the cluster are served"
        case CaptureKept():
            return "a packet capture is handed over"
        case ChecksumsKept():
            return "the checksums of the files are right"
        case NoSecrets():
            return "no secret is handed over"
        case PodsReady() | ComponentIs() | FigureIs():
            return name_of(promise)


def _loss(record: DrillRecord, promise: LossBound) -> ObjectiveResult:
    lost = losses(record)
    if lost is None:
        reason = "nobody looked at the system while requests were lost"
        return plain_result(_name(promise), Verdict.INCONCLUSIVE, reason, measured=None, unit="requests")
    if lost.procedure > promise.requests:
        verdict = Verdict.FAIL
    else:
        verdict = Verdict.PASS if lost.procedure + lost.unseen <= promise.requests else Verdict.INCONCLUSIVE
    return plain_result(
        _name(promise),
        verdict,
        wording.losses(lost),
        measured=lost.procedure,
        unit="requests",
        threshold=promise.requests,
    )


def _kept(record: DrillRecord, promise: KeptData) -> ObjectiveResult:
    before, after = kept(record, promise.component, promise.figure)
    if not before or after is None:
        reason = f"nobody reported {promise.figure} before the procedure and after it"
        return plain_result(_name(promise), Verdict.INCONCLUSIVE, reason, measured=None, unit="ratio")
    share = after / before
    return plain_result(
        _name(promise),
        Verdict.PASS if share >= promise.share else Verdict.FAIL,
        f"{after:,.0f} of {before:,.0f}",
        measured=share,
        unit="ratio",
        threshold=promise.share,
    )


def _result(
    promise: Promise,
    verdict: Verdict,
    reason: str,
    *,
    measured: float | None = None,
    unit: str = "",
    threshold: float | None = None,
) -> ObjectiveResult:
    return plain_result(_name(promise), verdict, reason, measured=measured, unit=unit, threshold=threshold)


def _told(record: DrillRecord, promise: Told) -> ObjectiveResult:
    start_s = record.procedure_at_s or 0.0
    addressed = [
        event
        for event in record.all(MessageDelivered)
        if (event.service, event.address) == (promise.service, promise.address) and event.sent_s >= start_s
    ]
    told = [event for event in addressed if event.accepted and event.sent_s <= start_s + promise.deadline_s]
    if not told and record.first(NobodyToAsk):
        return _result(promise, Verdict.INCONCLUSIVE, "nobody keeps a record of who was told", unit="messages")
    if told:
        reason = f"told {wording.span(told[0].sent_s - start_s)} after the procedure's start"
    elif any(event.accepted for event in addressed):
        reason = f"told later than {wording.span(promise.deadline_s)} after the procedure's start"
    else:
        reason = "every message was refused" if addressed else "no message came"
    return _result(promise, Verdict.PASS if told else Verdict.FAIL, reason, measured=len(told), unit="messages")


def _shut_out(record: DrillRecord, promise: ShutOut) -> ObjectiveResult:
    attack, start_s = record.traffic.get(promise.traffic), record.procedure_at_s or 0.0
    usual_per_s = _usual_rate_per_s(attack, start_s) if attack is not None else 0.0
    if attack is None or not usual_per_s:
        return _result(promise, Verdict.INCONCLUSIVE, f"there is no record of {promise.traffic}", unit="s")
    last_s = min(start_s + promise.deadline_s, record.phase_at_s[Phase.REVERT])
    enough = ENOUGH_ATTACK * usual_per_s * promise.window_s
    windows_s = np.arange(start_s, last_s - promise.window_s + GRID_S / 2, GRID_S)
    unknown = not len(windows_s)
    for window_s in windows_s:
        inside = (attack.due_s >= window_s) & (attack.due_s < window_s + promise.window_s)
        if inside.sum() < enough:
            unknown = True  # the attack paused, or had ended: whether it would have been answered nobody knows
            continue
        if not attack.status[inside].any():
            after_s = float(window_s) - start_s
            reason = f"shut out {wording.span(after_s)} after the procedure's start"
            return _result(promise, Verdict.PASS, reason, measured=after_s, unit="s", threshold=promise.deadline_s)
    if unknown:
        return _result(promise, Verdict.INCONCLUSIVE, f"{promise.traffic} sent too little to tell", unit="s")
    return _result(promise, Verdict.FAIL, "it was answered all the time", unit="s", threshold=promise.deadline_s)


def _usual_rate_per_s(attack: LoadRecords, until_s: float) -> float:
    before = attack.due_s[attack.due_s < until_s]
    lasted_s = until_s - float(before[0]) if len(before) else 0.0
    return len(before) / lasted_s if lasted_s > 0 else 0.0


def _inside(record: DrillRecord, promise: InsideServed) -> ObjectiveResult:
    start_s, finished = record.procedure_at_s or 0.0, record.first(ProcedureFinished)
    end_s = finished.at_s if finished else start_s
    answers = [answer for answer in record.inside if start_s <= answer.at_s < end_s]
    if len(answers) < ENOUGH_ANSWERS:
        reason = f"only {len(answers)} answers to users inside are known"
        return _result(promise, Verdict.INCONCLUSIVE, reason, unit="ratio", threshold=promise.error_rate)
    silent_s = max(after - before for before, after in pairwise((start_s, *(one.at_s for one in answers), end_s)))
    if silent_s > INSIDE_SILENCE_S:
        reason = f"for {wording.span(silent_s)} nothing is known of users inside"
        return _result(promise, Verdict.INCONCLUSIVE, reason, unit="ratio", threshold=promise.error_rate)
    failed = sum(not 200 <= answer.status < 300 for answer in answers)  # noqa: PLR2004 - the 2xx class
    rate = failed / len(answers)
    judged = _result(
        promise,
        Verdict.PASS if rate <= promise.error_rate else Verdict.FAIL,
        f"{failed} of {len(answers)} requests from inside failed",
        measured=rate,
        unit="ratio",
        threshold=promise.error_rate,
    )
    low, high = wilson(failed, len(answers))
    return msgspec.structs.replace(judged, samples=len(answers), confidence_low=low, confidence_high=high)


def _capture(record: DrillRecord, promise: CaptureKept) -> ObjectiveResult:
    captures = record.all(CaptureInspected)
    if not record.first(HandoverInspected):
        return _result(promise, Verdict.INCONCLUSIVE, UNSEEN, unit="packets", threshold=promise.most_packets)
    most = max((event.packets or 0 for event in captures), default=0)
    if not captures:
        verdict, reason = Verdict.FAIL, "no capture is handed over"
    elif any(event.packets is None for event in captures):
        verdict, reason = Verdict.FAIL, "it cannot be read"
    else:
        fits = 0 < most <= promise.most_packets
        verdict, reason = Verdict.PASS if fits else Verdict.FAIL, f"{most:,} packets"
    return _result(promise, verdict, reason, measured=most, unit="packets", threshold=promise.most_packets)


def _checksums(record: DrillRecord, promise: ChecksumsKept) -> ObjectiveResult:
    sums, handover = record.all(SumInspected), record.first(HandoverInspected)
    if handover is None:
        return _result(promise, Verdict.INCONCLUSIVE, UNSEEN, unit="files")
    wrong = [event.path for event in sums if event.said != event.found]
    known = {name for event in sums for name in (event.path, event.listed_in)}
    unlisted = [path for path in handover.paths if path not in known]
    if not sums:
        verdict, reason = Verdict.FAIL, "no list of checksums is handed over"
    elif wrong:
        verdict, reason = Verdict.FAIL, f"not so for {', '.join(wrong)}"
    elif unlisted:
        verdict, reason = Verdict.FAIL, f"none is listed for {', '.join(unlisted)}"
    else:
        verdict, reason = Verdict.PASS, f"{len(sums)} files"
    return _result(promise, verdict, reason, measured=len(sums) - len(wrong), unit="files")


def _secrets(record: DrillRecord, promise: NoSecrets) -> ObjectiveResult:
    found = record.all(SecretFound)
    handover = record.first(HandoverInspected)
    if not found and not (handover and handover.paths):
        return _result(promise, Verdict.INCONCLUSIVE, UNSEEN, unit="secrets", threshold=0)
    if not found and handover and handover.unseen:
        reason = f"not all of {', '.join(handover.unseen)} could be seen"
        return _result(promise, Verdict.INCONCLUSIVE, reason, unit="secrets", threshold=0)
    reason = "; ".join(f"{event.path} holds a value of {event.secret}" for event in found) or "none found"
    verdict = Verdict.FAIL if found else Verdict.PASS
    return _result(promise, verdict, reason, measured=len(found), unit="secrets", threshold=0)
