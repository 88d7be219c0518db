import dataclasses
from collections.abc import Mapping

import msgspec
import numpy as np
import pytest
from tests.judge.scenes import DRILL, Outage, Scene, drill_record

from drillbook.course import Losses
from drillbook.drill import ComponentSymptom
from drillbook.judge import judge_drill
from drillbook.load_records import LoadRecords
from drillbook.losses import losses
from drillbook.observation import ComponentLook, InsideAnswer, Look, PodLook
from drillbook.promises import (
    CaptureKept,
    ChecksumsKept,
    InsideServed,
    KeptData,
    LossBound,
    NoSecrets,
    Promise,
    ShutOut,
    Told,
)
from drillbook.timeline import (
    AnyEvent,
    CaptureInspected,
    HandoverInspected,
    MessageDelivered,
    NobodyToAsk,
    ProcedureFinished,
    SecretFound,
    SumInspected,
)
from drillbook.verdict import ObjectiveResult, Verdict

PASS, FAIL, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE
TOLD = Told(service="slack", address="#security", deadline_s=20.0)
SHUT_OUT = ShutOut(traffic="attack", window_s=2.0, deadline_s=30.0)


def scene(
    promise: Promise,
    *extra: AnyEvent,
    looks: tuple[Look, ...] = (),
    traffic: Mapping[str, LoadRecords] | None = None,
    outages: tuple[Outage, ...] = (Outage(20.0, 62.0),),
) -> Scene:
    drill = msgspec.structs.replace(DRILL, promises=(promise,))
    return Scene(drill=drill, extra=extra, looks=looks, traffic=traffic or {}, outages=outages)


def judged(scene: Scene, *, inside: tuple[InsideAnswer, ...] = ()) -> ObjectiveResult:
    return judge_drill(drill_record(dataclasses.replace(scene, inside=inside))).objectives[-1]


def message(at_s: float, *, address: str = "#security", accepted: bool = True) -> MessageDelivered:
    return MessageDelivered(at_s=100.0, sent_s=at_s, service="slack", address=address, accepted=accepted)


@pytest.mark.parametrize(
    ("event", "verdict"),
    [
        (message(45.0), PASS),
        (message(39.0), FAIL),  # before the procedure began
        (message(65.0), FAIL),  # too late
        (message(45.0, accepted=False), FAIL),
        (message(45.0, address="#random"), FAIL),
        (NobodyToAsk(at_s=100.0), INCONCLUSIVE),
    ],
)
def test_somebody_is_told(event: AnyEvent, verdict: Verdict) -> None:
    assert judged(scene(TOLD, event)).verdict is verdict


def attack(*, silent: tuple[float, float] | None, sent_until_s: float = 120.0, status: int = 401) -> LoadRecords:
    due_s = np.arange(22.0, sent_until_s, 0.05)
    answers = np.full(len(due_s), status, np.int16)
    if silent:
        answers[(due_s >= silent[0]) & (due_s < silent[1])] = 0
    return LoadRecords(due_s=due_s, start_s=due_s, end_s=due_s, status=answers, corrupt=np.zeros(len(due_s), np.bool_))


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        (attack(silent=(45.0, 55.0)), PASS),
        (attack(silent=None), FAIL),
        (attack(silent=(45.0, 46.5)), FAIL),  # shorter than the window
        (attack(silent=(75.0, 90.0)), FAIL),  # after the deadline
        (attack(silent=None, sent_until_s=39.0), INCONCLUSIVE),  # an attack that ended proves nothing
        (attack(silent=None, sent_until_s=45.0), INCONCLUSIVE),  # nor does one that ended before the deadline
        (attack(silent=(45.0, 55.0), sent_until_s=60.0), PASS),  # what was seen before it ended is known
        (None, INCONCLUSIVE),
    ],
)
def test_an_attack_is_shut_out(records: LoadRecords | None, verdict: Verdict) -> None:
    traffic = {} if records is None else {"attack": records}
    assert judged(scene(SHUT_OUT, traffic=traffic)).verdict is verdict


def test_users_inside_of_whom_nothing_is_known_for_a_while_may_not_have_been_served() -> None:
    inside = tuple(InsideAnswer(at_s=40.0 + at / 5, status=200) for at in range(150) if not 40 < at < 60)
    assert judged(scene(InsideServed(error_rate=0.01)), inside=inside).verdict is INCONCLUSIVE
    assert judged(scene(InsideServed(error_rate=0.01)), inside=inside[:40]).verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [((200,) * 20, PASS), ((200,) * 19 + (0,), FAIL), ((200,) * 9, INCONCLUSIVE), ((), INCONCLUSIVE)],
)
def test_users_inside_are_served(statuses: tuple[int, ...], verdict: Verdict) -> None:
    record = drill_record(scene(InsideServed(error_rate=0.01)))
    finished = record.first(ProcedureFinished)
    assert finished is not None
    step_s = (finished.at_s - 40.0) / 21
    inside = tuple(InsideAnswer(at_s=40.0 + step_s * at, status=status) for at, status in enumerate(statuses))
    found = judged(scene(InsideServed(error_rate=0.01)), inside=inside)
    assert found.verdict is verdict
    assert found.samples == (None if verdict is INCONCLUSIVE else 20)
    assert (found.confidence_high is None) is (verdict is INCONCLUSIVE)


@pytest.mark.parametrize(
    ("promise", "events", "verdict"),
    [
        (CaptureKept(most_packets=100), (CaptureInspected(at_s=90.0, path="a.pcap", packets=100),), PASS),
        (CaptureKept(most_packets=100), (CaptureInspected(at_s=90.0, path="a.pcap", packets=101),), FAIL),
        (CaptureKept(most_packets=100), (CaptureInspected(at_s=90.0, path="a.pcap", packets=0),), FAIL),
        (CaptureKept(most_packets=100), (CaptureInspected(at_s=90.0, path="a.pcap", packets=None),), FAIL),
        (CaptureKept(most_packets=100), (), FAIL),
        (ChecksumsKept(), (SumInspected(at_s=90.0, path="a", said="1f", found="1f"),), PASS),
        (ChecksumsKept(), (SumInspected(at_s=90.0, path="a", said="1f", found=""),), FAIL),
        (ChecksumsKept(), (), FAIL),
        (ChecksumsKept(), (SumInspected(at_s=90.0, path="b", said="1f", found="1f"),), FAIL),  # none of a
        (NoSecrets(), (), PASS),
        (NoSecrets(), (SecretFound(at_s=90.0, path="a", secret="tokens"),), FAIL),
    ],
)
def test_what_is_handed_over(promise: Promise, events: tuple[AnyEvent, ...], verdict: Verdict) -> None:
    assert judged(scene(promise, HandoverInspected(at_s=90.0, paths=("a",)), *events)).verdict is verdict


def test_the_list_of_sums_need_not_list_itself() -> None:
    handover = HandoverInspected(at_s=90.0, paths=("a", "SUMS"))
    listed = SumInspected(at_s=90.0, path="a", said="1f", found="1f", listed_in="SUMS")
    assert judged(scene(ChecksumsKept(), handover, listed)).verdict is PASS


@pytest.mark.parametrize("promise", [CaptureKept(most_packets=9), ChecksumsKept(), NoSecrets()])
def test_of_files_that_nobody_looked_into_nothing_is_known(promise: Promise) -> None:
    assert judged(scene(promise)).verdict is INCONCLUSIVE


def test_a_secret_in_an_output_is_one_too_many_whatever_is_handed_over() -> None:
    leak = SecretFound(at_s=50.0, path="commands/01/003.stdout", secret="tokens")
    assert judged(scene(NoSecrets(), leak)).verdict is FAIL


def test_that_no_secret_is_in_files_that_nobody_saw_is_not_known() -> None:
    assert judged(scene(NoSecrets(), HandoverInspected(at_s=90.0, paths=()))).verdict is INCONCLUSIVE


def pod(
    uid: str, *, ready: bool = True, reasons: tuple[str, ...] = (), items: float = 0.0, port: str = "up"
) -> PodLook:
    components = (
        ComponentLook(name="cache", status="healthy", figures={"items": items}),
        ComponentLook(name="port", status=port),
    )
    return PodLook(
        name=uid, uid=uid, labels={}, ready=ready, terminating=False, restarts=0, reasons=reasons, components=components
    )


@pytest.mark.parametrize(
    ("after", "before_s", "after_s", "verdict"),
    [
        ((450.0, 500.0), 19.0, 61.0, PASS),
        ((449.0, 400.0), 19.0, 61.0, FAIL),
        ((450.0, 500.0), 19.0, 100.0, INCONCLUSIVE),  # by then a cache may have filled itself again
        ((450.0, 500.0), 7.0, 61.0, INCONCLUSIVE),
        (None, 19.0, 61.0, INCONCLUSIVE),
    ],
)
def test_data_is_kept(after: tuple[float, float] | None, before_s: float, after_s: float, verdict: Verdict) -> None:
    looks = [
        Look(at_s=before_s, pods=(pod("a", items=100.0), pod("b", items=500.0))),
        Look(at_s=before_s + 6, pods=(pod("a", items=500.0), pod("b", items=500.0))),  # a fault filled it first
        Look(at_s=before_s + 7, pods=(pod("a", items=0.0), pod("b", items=500.0))),
    ]
    if after:
        looks.append(Look(at_s=after_s, pods=(pod("a", items=after[0]), pod("b", items=after[1]))))
    promise = KeptData(component="cache", figure="items", share=0.9)
    assert judged(scene(promise, looks=tuple(looks))).verdict is verdict


def looks(pods: tuple[PodLook, ...]) -> tuple[Look, ...]:
    """Pods a and b until the procedure has begun (40 s), then these."""
    before = tuple(Look(at_s=float(at), pods=(pod("a"), pod("b"))) for at in range(20, 42))
    return before + tuple(Look(at_s=float(at), pods=pods) for at in range(42, 113))


OUTAGE = (Outage(20.0, 40.0), Outage(50.0, 60.0))


@pytest.mark.parametrize(
    ("pods", "cause"),
    [
        ((pod("a"), pod("c", ready=False)), "procedure"),  # b was replaced
        ((pod("a", ready=False, reasons=("OOMKilled",)), pod("b")), "fault"),
        ((pod("a", ready=False, reasons=("OOMKilled",)),), "both"),
        ((pod("a"), pod("b")), "unexplained"),
        ((pod("a", port="down"), pod("b")), "fault"),
    ],
)
def test_what_is_lost_has_a_cause(pods: tuple[PodLook, ...], cause: str) -> None:
    drill = msgspec.structs.replace(
        DRILL, symptoms=(*DRILL.symptoms, ComponentSymptom(component="port", status="down", deadline_s=60.0))
    )
    lost = losses(drill_record(Scene(drill=drill, looks=looks(pods), outages=OUTAGE)))
    assert lost is not None
    figures = {name: getattr(lost, name) for name in ("fault", "procedure", "both", "unexplained")}
    before = 1800  # from the injection to the procedure's start, at 100 a second
    assert figures.pop(cause) == 1000 + (before if cause == "fault" else 0)
    assert sorted(figures.values()) == ([0, 0, 0] if cause == "fault" else [0, 0, before])


def test_a_bound_on_losses() -> None:
    seen = looks((pod("a"), pod("c", ready=False)))
    assert judged(scene(LossBound(requests=1000), looks=seen, outages=OUTAGE)).verdict is PASS
    assert judged(scene(LossBound(requests=999), looks=seen, outages=OUTAGE)).verdict is FAIL
    assert judged(scene(LossBound(requests=999), outages=OUTAGE)).verdict is INCONCLUSIVE


def test_losses_that_nobody_saw_may_be_the_procedures() -> None:
    early = tuple(look for look in looks((pod("a"), pod("b"))) if look.at_s < 42.0)
    lost = losses(drill_record(Scene(looks=early, outages=OUTAGE)))
    assert lost == Losses(fault=1800, procedure=0, both=0, unexplained=0, unseen=1000)
    assert judged(scene(LossBound(requests=999), looks=early, outages=OUTAGE)).verdict is INCONCLUSIVE
    assert judged(scene(LossBound(requests=1000), looks=early, outages=OUTAGE)).verdict is PASS


def test_a_promise_is_not_judged_where_an_assumption_does_not_hold() -> None:
    broken = msgspec.structs.replace(DRILL, promises=(NoSecrets(),))
    result = judge_drill(drill_record(Scene(drill=broken, revert_succeeded=False))).objectives[-1]
    assert (result.name, result.verdict) == ("no secret is handed over", INCONCLUSIVE)


def test_a_file_of_which_not_all_was_seen_may_hold_a_secret() -> None:
    handover = HandoverInspected(at_s=90.0, paths=("a", "b.gz"), unseen=("b.gz",))
    assert judged(scene(NoSecrets(), handover)).verdict is INCONCLUSIVE
    leak = SecretFound(at_s=90.0, path="a", secret="tokens")
    assert judged(scene(NoSecrets(), handover, leak)).verdict is FAIL
