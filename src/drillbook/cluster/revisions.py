"""Tells which ReplicaSets and ControllerRevisions of workloads are history: an undo could return to them."""

import copy
from collections.abc import Sequence

from drillbook.cluster.client import JsonObject

_HASH = "pod-template-hash"


def outdated_replica_sets(deployment: JsonObject, replica_sets: Sequence[JsonObject]) -> list[JsonObject] | None:
    """Those of a Deployment whose pods are not of its template; None while there is none yet that is.

    The revision annotation would not do: it still names the old ReplicaSet until the new one is made.
    """
    uid, template = deployment["metadata"]["uid"], deployment["spec"]["template"]
    own = [item for item in replica_sets if owner_uid(item) == uid]
    outdated = [item for item in own if _template_without_hash(item) != template]
    return outdated if len(outdated) < len(own) else None


def outdated_controller_revisions(revisions: Sequence[JsonObject]) -> list[JsonObject]:
    """All but the newest of each StatefulSet or DaemonSet; right only when no rollout is under way."""
    newest: dict[str, int] = {}
    for item in revisions:
        newest[owner_uid(item)] = max(newest.get(owner_uid(item), 0), item["revision"])
    return [item for item in revisions if item["revision"] != newest[owner_uid(item)]]


def owner_uid(item: JsonObject) -> str:
    """The UID of the first owner, empty where there is none."""
    return next((str(owner["uid"]) for owner in item["metadata"].get("ownerReferences") or []), "")


def _template_without_hash(replica_set: JsonObject) -> JsonObject:
    template: JsonObject = copy.deepcopy(replica_set["spec"]["template"])
    (template["metadata"].get("labels") or {}).pop(_HASH, None)
    return template
