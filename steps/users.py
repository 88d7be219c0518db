"""What users do, and what they must see."""

from pytest_bdd import given, parsers, then, when

from drillbook import phrases
from drillbook.scenario import ScenarioDrill

LOCUSTFILE = "loadtests/gateway.py"


@given(parsers.parse("{rate:g} requests per second from users outside the cluster"))
def users_read(drill: ScenarioDrill, rate: float) -> None:
    drill.load(LOCUSTFILE, "Reader", rate)


@given(parsers.parse("for {window} users see {thresholds}"))
def steady_state(drill: ScenarioDrill, window: str, thresholds: str) -> None:
    drill.baseline(phrases.thresholds(thresholds), phrases.duration_s(window))


@when(parsers.parse("within {deadline} users see {threshold} over {window}"))
def users_suffer(drill: ScenarioDrill, deadline: str, threshold: str, window: str) -> None:
    (one,) = phrases.thresholds(threshold)
    drill.traffic_symptom(one, phrases.duration_s(window), phrases.duration_s(deadline))


@then(parsers.parse("within {deadline} users see {thresholds} over {window}"))
def users_are_served(drill: ScenarioDrill, deadline: str, thresholds: str, window: str) -> None:
    deadline_s, start = phrases.deadline(deadline)
    drill.recovery(phrases.thresholds(thresholds), phrases.duration_s(window), deadline_s, start)


@then(parsers.parse("they still do {hold} later, before the fault is reverted"))
def still_served(drill: ScenarioDrill, hold: str) -> None:
    drill.hold(phrases.duration_s(hold))
