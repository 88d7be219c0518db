"""A fault that needs a machine whose hugepages cannot be had."""

from drillbook.fault.activities import connect, unavailable

_RESOURCE = "hugepages-"


def need_no_hugepages() -> str:
    """Say that no node of the cluster has hugepages; where one has some, this machine cannot have the fault.

    What asks for hugepages then would simply get them, and to take them away from others is not a drill's to do.
    """
    client, _ = connect()
    for node in client.list_items("/api/v1/nodes"):
        for resource, amount in node["status"]["capacity"].items():
            if resource.startswith(_RESOURCE) and amount.rstrip("KMGTi") != "0":
                size = resource.removeprefix(_RESOURCE)
                raise unavailable(f"node {node['metadata']['name']} has {amount} in hugepages of {size}")
    return "no node has hugepages"
