"""Whether a container registry is reached, and with that where all images come from."""

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from drillbook.cluster.images import mirrored
from drillbook.cluster.state import Supply
from drillbook.setup.node_image import node_image_reference
from drillbook.setup.tools import OFFICIAL_NODE_IMAGE

MIRROR_VARIABLE = "DRILLBOOK_REGISTRY"
"""Names a registry that mirrors all images, such as 127.0.0.1:5000; ``none`` means to use no registry."""

_PROBE = "https://registry-1.docker.io/v2/"
_UNAUTHORISED = 401
_TIMEOUT_S = 4.0


def registry_answers(url: str = _PROBE, timeout_s: float = _TIMEOUT_S) -> bool:
    """Whether a registry answers there; in ``timeout_s`` at the latest, also where name resolution hangs."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=timeout_s) as answer:  # noqa: S310 - a constant https address
                answers.append(bool(answer.headers.get("Docker-Distribution-Api-Version")))
        except urllib.error.HTTPError as error:
            # A registry asks who is there; a proxy that lets nobody through says something else.
            answers.append(error.code == _UNAUTHORISED)
        except (OSError, ValueError):
            answers.append(False)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout_s)
    return bool(answers and answers[0])


def decide_supply(
    root: Path,
    recorded: Supply | None,
    environment: Mapping[str, str] = os.environ,
    answers: Callable[[], bool] = registry_answers,
) -> Supply:
    """Where images come from: what the environment says, else what was decided before, else what answers now.

    Decided once, so that a network that comes and goes does not change the cluster's definition.
    """
    named = environment.get(MIRROR_VARIABLE)
    if named:
        registry = None if named == "none" else named
    elif recorded is not None:
        registry = recorded.registry
    else:
        registry = "" if answers() else None
    node_image = node_image_reference(root) if registry is None else mirrored(OFFICIAL_NODE_IMAGE, registry)
    return Supply(registry=registry, node_image=node_image)
