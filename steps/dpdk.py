"""What breaks the DPDK port, and what may stay changed for it."""

from pytest_bdd import parsers, then, when

from drillbook.scenario import ScenarioDrill

COLOURS = {"blue": "blue", "green": "green", "both": "blue|green"}
"""A regular expression for each: the experiment looks for pods by their names."""


@when(parsers.parse("the DPDK link of {colour:w} goes down and stays down, also in new pods"))
def link_down(drill: ScenarioDrill, colour: str) -> None:
    drill.fault("experiments/dpdk_link_down.yaml", colour=COLOURS[colour])


@when("the DPDK link of both goes down, and the configuration refuses every change")
def link_down_and_frozen(drill: ScenarioDrill) -> None:
    drill.fault("experiments/dpdk_link_down_frozen_config.yaml")


@when("a release takes DPDK's memory from hugepages, of which there are none")
def no_hugepages(drill: ScenarioDrill) -> None:
    drill.fault("experiments/dpdk_hugepages.yaml")


@then("all is as it was but the configuration, and which one the gateways use")
def restored_but_the_configuration(drill: ScenarioDrill) -> None:
    drill.restored(
        "configmap/ultra-cpp-config", "deployment/ultra-cpp-gateway-blue", "deployment/ultra-cpp-gateway-green"
    )
