"""One scenario, for ``test_controls_cluster.py``, which names this file: it is not collected by itself."""

from pytest_bdd import scenarios, when
from steps.responder import *  # noqa: F403 - pytest-bdd finds steps by the names in this module
from steps.users import *  # noqa: F403

from drillbook.scenario import ScenarioDrill


@when("the pods that users are with are all replaced at once")
def restarted(drill: ScenarioDrill) -> None:
    drill.fault("tests/drills/self_healing/restart.yaml")


scenarios(".")
