"""What is broken, and how the cluster shows it."""

from pytest_bdd import parsers, then, when

from drillbook import phrases
from drillbook.scenario import ScenarioDrill

GATEWAY_PODS = "app=ultra-cpp-gateway"


@when("a release is rolled out whose configuration makes every gateway pod exit")
def bad_release(drill: ScenarioDrill) -> None:
    drill.fault("experiments/bad_release.yaml")


@when("such a release is rolled out and there is no previous revision to return to")
def bad_release_without_history(drill: ScenarioDrill) -> None:
    drill.fault("experiments/bad_release_without_history.yaml")


@when(parsers.parse("within {deadline} every gateway pod is in {reason:w}"))
def every_gateway_pod(drill: ScenarioDrill, deadline: str, reason: str) -> None:
    drill.pods_symptom(GATEWAY_PODS, reason, phrases.duration_s(deadline))


@when(
    parsers.parse(
        "within {deadline} every {colour:w} gateway pod was restarted at least {restarts:d} times by {reason:w}"
    )
)
def every_pod_restarted(drill: ScenarioDrill, deadline: str, colour: str, restarts: int, reason: str) -> None:
    drill.restarts_symptom(f"{GATEWAY_PODS},version={colour}", restarts, reason, phrases.duration_s(deadline))


@when(parsers.parse('within {deadline} a gateway pod reports its "{component}" as {status:w}'))
def component_reported(drill: ScenarioDrill, deadline: str, component: str, status: str) -> None:
    drill.component_symptom(component, status, phrases.duration_s(deadline))


@when(
    parsers.parse('within {deadline} a gateway pod reports "{figure}" of its component "{component}" above {above:g}')
)
def figure_reported(drill: ScenarioDrill, deadline: str, component: str, figure: str, above: float) -> None:
    drill.figure_symptom(component, figure, above, phrases.duration_s(deadline))


@then("everything that was there before the incident is as it was")
def restored(drill: ScenarioDrill) -> None:
    drill.restored()


@then(parsers.parse("everything but {exception:S} is as it was"))
def restored_but(drill: ScenarioDrill, exception: str) -> None:
    drill.restored(exception)
