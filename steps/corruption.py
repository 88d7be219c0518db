"""Damage in the gateway's cache on disk, and how much of the cache is left."""

from pytest_bdd import parsers, then, when

from drillbook.promises import KeptData
from drillbook.scenario import ScenarioDrill

EXPERIMENT = "experiments/cache_corruption.yaml"


@when(parsers.parse("{percent:g} % of the entries in the users' caches are damaged on disk"))
def damaged(drill: ScenarioDrill, percent: float) -> None:
    drill.fault(EXPERIMENT, share=f"{percent / 100:g}")


@when(parsers.parse("{percent:g} % of the entries in the users' caches are damaged on disk and their backup is lost"))
def damaged_without_backup(drill: ScenarioDrill, percent: float) -> None:
    drill.fault(EXPERIMENT, share=f"{percent / 100:g}", backup="lost")


@then(parsers.parse("at least {percent:g} % of the cached items are still there"))
def items_kept(drill: ScenarioDrill, percent: float) -> None:
    drill.promise(KeptData(component="cache", figure="items", share=percent / 100))
