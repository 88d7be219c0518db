import pytest
from chaoslib.exceptions import ActivityFailed

from drillbook.cluster.client import JsonObject
from drillbook.fault import hugepages
from drillbook.fault.activities import UNAVAILABLE


class Nodes:
    """A client that knows two nodes, one of them with these resources."""

    def __init__(self, resources: dict[str, str]) -> None:
        self._resources = resources

    def list_items(self, path: str) -> list[JsonObject]:
        assert path == "/api/v1/nodes"
        none = {"cpu": "2", "hugepages-1Gi": "0"}
        capacities = {"first": none, "second": none | self._resources}
        return [{"metadata": {"name": name}, "status": {"capacity": found}} for name, found in capacities.items()]


@pytest.mark.parametrize("resources", [{}, {"hugepages-2Mi": "0"}, {"hugepages-2Mi": "0Ki"}])
def test_a_cluster_without_hugepages_can_have_the_fault(
    resources: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hugepages, "connect", lambda: (Nodes(resources), "shop"))
    assert hugepages.need_no_hugepages() == "no node has hugepages"


@pytest.mark.parametrize("amount", ["512Mi", "10Gi", "1"])
def test_where_a_node_has_hugepages_the_fault_is_not_to_be_had(amount: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hugepages, "connect", lambda: (Nodes({"hugepages-2Mi": amount}), "shop"))
    with pytest.raises(ActivityFailed, match=f"{UNAVAILABLE} node second has {amount} in hugepages of 2Mi"):
        hugepages.need_no_hugepages()
