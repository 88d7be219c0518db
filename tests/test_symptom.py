import numpy as np
import pytest

from drillbook.drill import ComponentSymptom, FigureSymptom, PodsSymptom, RestartsSymptom, Symptom, TrafficSymptom
from drillbook.load_records import LoadRecords
from drillbook.objective import Comparison, Metric, Threshold
from drillbook.observation import ComponentLook, Look, PodLook, figure_sum, selects
from drillbook.symptom import look_for


def pod(  # noqa: PLR0913 - a pod has that much to it
    name: str,
    *,
    restarts: int = 0,
    reasons: tuple[str, ...] = (),
    status: str = "healthy",
    share: float = 50.0,
    ready: bool = True,
    terminating: bool = False,
) -> PodLook:
    return PodLook(
        name=name,
        uid=f"uid-{name}",
        labels={"app": "shop", "version": "blue"},
        ready=ready,
        terminating=terminating,
        restarts=restarts,
        reasons=reasons,
        components=(ComponentLook(name="memory", status=status, figures={"percent": share}),),
    )


def load(status: int = 200) -> LoadRecords:
    due_s = np.arange(0.0, 20.0, 0.1)
    size = len(due_s)
    return LoadRecords(
        due_s=due_s,
        start_s=due_s,
        end_s=due_s + 0.001,
        status=np.full(size, status, np.int16),
        corrupt=np.zeros(size, np.bool_),
    )


def shows(symptom: Symptom, *looks: Look, status: int = 200) -> bool:
    return look_for(symptom, lambda: looks, lambda: load(status), since_s=10.0, until_s=20.0, rate_per_s=10.0)[0]


def look(at_s: float, *pods: PodLook) -> Look:
    return Look(at_s=at_s, pods=pods)


CRASHED = PodsSymptom(selector="app=shop", reason="OOMKilled", deadline_s=60.0)


def test_every_pod_must_show_the_reason() -> None:
    good, bad = pod("a"), pod("b", reasons=("OOMKilled",))
    assert not shows(CRASHED, look(11.0, good, bad))
    assert shows(CRASHED, look(11.0, bad))
    assert not shows(CRASHED, look(11.0))
    assert not shows(CRASHED)


def test_a_look_of_before_the_fault_says_nothing() -> None:
    assert not shows(CRASHED, look(9.0, pod("b", reasons=("OOMKilled",))))


def test_restarts_count_from_the_injection_on() -> None:
    symptom = RestartsSymptom(selector="app=shop", restarts=2, reason="OOMKilled", deadline_s=60.0)
    before = look(9.0, pod("a", restarts=3))
    assert not shows(symptom, before, look(12.0, pod("a", restarts=4, reasons=("OOMKilled",))))
    assert shows(symptom, before, look(12.0, pod("a", restarts=5, reasons=("OOMKilled",))))
    assert not shows(symptom, before, look(12.0, pod("a", restarts=5, reasons=("Error",))))


def test_one_pod_that_reports_a_component_is_enough() -> None:
    symptom = ComponentSymptom(component="memory", status="unhealthy", deadline_s=60.0)
    assert not shows(symptom, look(11.0, pod("a"), pod("b")))
    assert shows(symptom, look(11.0, pod("a"), pod("b", status="unhealthy")))
    assert not shows(symptom, look(11.0, pod("a", status="unhealthy")), look(12.0, pod("a")))  # it is over


def test_a_figure_need_be_above_its_bound_only_once() -> None:
    symptom = FigureSymptom(component="memory", figure="percent", above=95.0, deadline_s=60.0)
    assert shows(symptom, look(11.0, pod("a", share=97.0)), look(12.0, pod("a")))
    assert not shows(symptom, look(9.0, pod("a", share=97.0)), look(12.0, pod("a", share=95.0)))


@pytest.mark.parametrize(("status", "seen"), [(200, False), (503, True)])
def test_users_see_it(status: int, seen: bool) -> None:  # noqa: FBT001 - parametrised
    broken = Threshold(metric=Metric.ERROR_RATE, comparison=Comparison.ABOVE, value=0.1)
    assert shows(TrafficSymptom(threshold=broken, window_s=5.0, deadline_s=60.0), status=status) is seen


def test_a_selector_wants_every_label() -> None:
    labels = {"app": "shop", "version": "blue"}
    assert selects("app=shop,version=blue", labels)
    assert not selects("app=shop, version=green", labels)
    assert selects("", labels)


def test_a_figure_that_nobody_reports_is_unknown() -> None:
    seen = look(1.0, pod("a", share=2.0), pod("b", share=3.0))
    assert figure_sum(seen, "memory", "percent") == 5.0
    assert figure_sum(seen, "memory", "items") is None
