"""What is broken, and how the cluster shows it."""

from pytest_bdd import parsers, then, when

from drillbook import phrases
from drillbook.promises import ComponentIs, FigureIs, PodsReady
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


@then(parsers.parse("within {deadline} at least {pods:d} gateway pods are ready for {window}"))
def pods_ready(drill: ScenarioDrill, deadline: str, pods: int, window: str) -> None:
    deadline_s, start = phrases.deadline(deadline)
    window_s = phrases.duration_s(window)
    drill.promise(PodsReady(selector=GATEWAY_PODS, least=pods, window_s=window_s, deadline_s=deadline_s, start=start))


@then(parsers.parse('within {deadline} every gateway pod reports its "{component}" as {status:w} for {window}'))
def component_is(drill: ScenarioDrill, deadline: str, component: str, status: str, window: str) -> None:
    deadline_s, start = phrases.deadline(deadline)
    window_s = phrases.duration_s(window)
    drill.promise(
        ComponentIs(component=component, status=status, window_s=window_s, deadline_s=deadline_s, start=start)
    )


@then(
    parsers.parse(
        'within {deadline} every gateway pod reports "{figure}" of its component "{component}" {bound} for {window}'
    )
)
def figure_is(drill: ScenarioDrill, deadline: str, figure: str, component: str, bound: str, window: str) -> None:
    deadline_s, start = phrases.deadline(deadline)
    comparison, value = phrases.bound(bound)
    drill.promise(
        FigureIs(
            component=component,
            figure=figure,
            comparison=comparison,
            value=value,
            window_s=phrases.duration_s(window),
            deadline_s=deadline_s,
            start=start,
        )
    )


@then("everything that was there before the incident is as it was")
def restored(drill: ScenarioDrill) -> None:
    drill.restored()


@then(parsers.parse("everything but {exception:S} is as it was"))
def restored_but(drill: ScenarioDrill, exception: str) -> None:
    drill.restored(exception)
