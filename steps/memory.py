"""Traffic that fills the gateway's memory, and what a larger limit leaves changed."""

from pytest_bdd import parsers, then, when

from drillbook.promises import LossBound
from drillbook.scenario import ScenarioDrill

MEMORY_LIMIT = "spec.template.spec.containers[ultra-cpp-gateway].resources.limits"


@when("cache-busting traffic fills the gateway's memory")
def cache_busting(drill: ScenarioDrill) -> None:
    drill.fault("experiments/memory_exhaustion.yaml")


@when("cache-busting traffic fills the gateway's memory and there is no room for a larger limit")
def cache_busting_without_room(drill: ScenarioDrill) -> None:
    drill.fault("experiments/memory_exhaustion_no_room.yaml")


@then("everything but the gateways' memory limits is as it was")
def restored_but_limits(drill: ScenarioDrill) -> None:
    drill.restored(*(f"deployment/ultra-cpp-gateway-{colour} {MEMORY_LIMIT}" for colour in ("blue", "green")))


@then(parsers.parse("at most {requests:d} requests are lost because of the procedure"))
def lost_requests(drill: ScenarioDrill, requests: int) -> None:
    drill.promise(LossBound(requests=requests))
