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


@when("a release takes DPDK's memory from hugepages, of which none are free")
def no_hugepages(drill: ScenarioDrill) -> None:
    drill.fault("experiments/dpdk_hugepages.yaml")


@then(parsers.parse("everything but {first:S} and {second:S} is as it was"))
def restored_but_two(drill: ScenarioDrill, first: str, second: str) -> None:
    drill.restored(first, second)
