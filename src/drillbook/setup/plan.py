"""From the diagnosis to the tasks that make it good: what is planned becomes a task, what is ready none."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from drillbook.cluster.images import image_reference, load_images, resolve_base
from drillbook.settings import Settings
from drillbook.setup.debian import build_base
from drillbook.setup.diagnosis import Requirement, State
from drillbook.setup.graph import Task
from drillbook.setup.image_build import build_image, provide_base, pull
from drillbook.setup.machine import Workshop
from drillbook.setup.node_image import assemble_node_image, compile_programs, image_packages, node_packages
from drillbook.setup.packages import install_packages
from drillbook.setup.tools import KIND_MODULE, build_tool, own_kind

PACKAGES, MODULES, KIND, COMPILE = "Debian packages", "/lib/modules", "kind", "compile Kubernetes"
NODE_IMAGE, CLUSTER, LOADED = "node image", "cluster", "images in the cluster"
_MACHINE = frozenset({PACKAGES, MODULES})

Action = Callable[[IO[str]], str]


def log_path(settings: Settings, task: str) -> Path:
    """Where the output of a task goes."""
    return settings.state_dir / "logs" / f"{re.sub(r'[^a-z0-9]+', '-', task.lower()).strip('-')}.log"


def plan_tasks(workshop: Workshop, requirements: Sequence[Requirement]) -> tuple[Task, ...]:
    """The tasks for everything that is planned, and those that put cluster and images in order, which take no time when they are."""
    planned = {requirement.key for requirement in requirements if requirement.state is State.PLANNED}
    tasks: list[tuple[str, Action, frozenset[str]]] = [*_machine_tasks(workshop, planned)]
    if "node-image" in planned:
        tasks += _offline_node_image(workshop) if workshop.supply.offline else _pulled_node_image(workshop)
    tasks += _image_tasks(workshop, planned)
    cluster_needs = _MACHINE | {KIND, NODE_IMAGE}
    if not workshop.supply.offline and "cluster" in planned:
        tasks.append(("metrics-server", lambda log: _pull(workshop, workshop.metrics_server_image, log), _MACHINE))
    tasks.append((CLUSTER, lambda _: _start_cluster(workshop), cluster_needs))
    everything = frozenset(name for name, _, _ in tasks)
    tasks.append((LOADED, lambda _: _load(workshop), everything))
    return tuple(Task(name, _logged(workshop.settings, name, action), needs) for name, action, needs in tasks)


def _logged(settings: Settings, name: str, action: Action) -> Callable[[], str]:
    def run() -> str:
        path = log_path(settings, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as log:
            return action(log)

    return run


def _machine_tasks(workshop: Workshop, planned: set[str]) -> Iterator[tuple[str, Action, frozenset[str]]]:
    root, state_dir = workshop.settings.root, workshop.settings.state_dir
    packages = sorted(key.removeprefix("package:") for key in planned if key.startswith("package:"))

    def install(log: IO[str]) -> str:
        install_packages(packages, log)
        return ", ".join(packages)

    def make_modules_dir(_: IO[str]) -> str:
        Path("/lib/modules").mkdir(parents=True, exist_ok=True)
        return "made"

    def build_kind(log: IO[str]) -> str:
        build_tool(root, KIND_MODULE, own_kind(state_dir), log)
        return str(own_kind(state_dir).relative_to(root))

    if packages:
        yield PACKAGES, install, frozenset()
    if "modules" in planned:
        yield MODULES, make_modules_dir, frozenset()
    if "kind" in planned:
        yield KIND, build_kind, frozenset()


def _offline_node_image(workshop: Workshop) -> Iterator[tuple[str, Action, frozenset[str]]]:
    root, build = workshop.settings.root, workshop.settings.state_dir / "build"
    programs = build / "programs"

    def compile_all(log: IO[str]) -> str:
        compile_programs(root, programs, log)
        return "Kubernetes, kubectl and pause"

    def assemble(log: IO[str]) -> str:
        return assemble_node_image(workshop.engine, root, programs, build, log)

    bases = {"base of the node": node_packages(root), "base of Kubernetes": image_packages(root)}
    yield COMPILE, compile_all, frozenset()
    for name, packages in bases.items():
        yield name, lambda log, wanted=packages: build_base(workshop.engine, wanted, build, log), _MACHINE
    yield NODE_IMAGE, assemble, frozenset({COMPILE, *bases}) | _MACHINE


def _pull(workshop: Workshop, reference: str, log: IO[str]) -> str:
    pull(workshop.engine, reference, log)
    return reference


def _pulled_node_image(workshop: Workshop) -> Iterator[tuple[str, Action, frozenset[str]]]:
    yield NODE_IMAGE, lambda log: _pull(workshop, workshop.supply.node_image, log), _MACHINE


def _image_tasks(workshop: Workshop, planned: set[str]) -> Iterator[tuple[str, Action, frozenset[str]]]:
    settings, supply = workshop.settings, workshop.supply
    bases: dict[str, str] = {}  # reference of a base image to the task that provides it
    for name, spec in settings.images.items():
        if f"image:{name}" not in planned:
            continue
        base = resolve_base(settings, spec, supply)
        if base not in bases:
            bases[base] = f"base of {name}"
            yield bases[base], lambda log, own=spec: provide_base(workshop.engine, settings, own, supply, log), _MACHINE
        needs = frozenset({bases[base]}) | ({NODE_IMAGE} if spec.kubectl else frozenset())
        yield f"image {name}", lambda log, own=name: build_image(workshop.engine, settings, own, supply, log), needs


def _start_cluster(workshop: Workshop) -> str:
    record = workshop.cluster.up(workshop.metrics_server_image)
    return f"{record.name}, UID {record.uid}"


def _load(workshop: Workshop) -> str:
    """Put every image into the cluster that it lacks."""
    settings, supply, cluster = workshop.settings, workshop.supply, workshop.cluster
    references = [image_reference(settings, name, supply) for name in settings.images]
    if not supply.offline:
        references.append(workshop.metrics_server_image)
    node = cluster.control_plane(cluster.find_nodes())
    loaded = load_images(workshop.engine, node, references, settings.state_dir / "build" / "images.tar")
    return f"{len(loaded)} loaded" if loaded else "all there"
