"""From the diagnosis to the tasks that make it good: what is planned becomes a task, what is ready none."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from drillbook.cluster.images import forget_outdated, image_reference, load_images, resolve_base
from drillbook.settings import Settings
from drillbook.setup.debian import build_base
from drillbook.setup.diagnosis import Requirement, State
from drillbook.setup.graph import Task
from drillbook.setup.image_build import build_image, fetch_kubectl, provide_base, pull
from drillbook.setup.node_image import assemble_node_image, compile_programs, image_packages, node_packages
from drillbook.setup.packages import install_packages
from drillbook.setup.tools import KIND_MODULE, build_tool, own_kind
from drillbook.setup.workshop import Workshop

PACKAGES, MODULES, KIND, COMPILE = "Debian packages", "/lib/modules", "kind", "compile Kubernetes"
NODE_IMAGE, KUBECTL, CLUSTER, LOADED = "node image", "kubectl", "cluster", "images in the cluster"
_MACHINE = frozenset({PACKAGES, MODULES})

Action = Callable[[IO[str]], str]


def log_path(settings: Settings, task: str) -> Path:
    """Where the output of a task goes."""
    return settings.state_dir / "logs" / f"{re.sub(r'[^a-z0-9]+', '-', task.lower()).strip('-')}.log"


def plan_tasks(workshop: Workshop, requirements: Sequence[Requirement]) -> tuple[Task, ...]:
    """The tasks for all that is planned, and two that put the cluster in order (quick where it already is)."""
    planned = {requirement.key for requirement in requirements if requirement.state is State.PLANNED}
    tasks = [*_machine_tasks(workshop, planned)]
    if "node-image" in planned:
        tasks += _offline_node_image(workshop) if workshop.supply.offline else _pulled_node_image(workshop)
    if "kubectl" in planned:
        tasks.append(_task(workshop, KUBECTL, partial(_fetch_kubectl, workshop), _MACHINE | {NODE_IMAGE}))
    tasks += _image_tasks(workshop, planned)
    if not workshop.supply.offline and "cluster" in planned:
        action = partial(_pull, workshop, workshop.metrics_server_image)
        tasks.append(_task(workshop, "metrics-server", action, _MACHINE))
    tasks.append(_task(workshop, CLUSTER, partial(_start_cluster, workshop), _MACHINE | {KIND, NODE_IMAGE}))
    everything = frozenset(task.name for task in tasks)
    return (*tasks, _task(workshop, LOADED, partial(_load, workshop), everything))


def _task(workshop: Workshop, name: str, action: Action, needs: frozenset[str] = frozenset()) -> Task:
    """A task whose action is handed a log of its own."""

    def run() -> str:
        path = log_path(workshop.settings, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as log:
            return action(log)

    return Task(name, run, needs)


def _machine_tasks(workshop: Workshop, planned: set[str]) -> Iterator[Task]:
    packages = sorted(key.removeprefix("package:") for key in planned if key.startswith("package:"))
    if packages:
        yield _task(workshop, PACKAGES, partial(_install, packages))
    if "modules" in planned:
        yield _task(workshop, MODULES, _make_modules_dir)
    if "kind" in planned:
        yield _task(workshop, KIND, partial(_build_kind, workshop))


def _install(packages: Sequence[str], log: IO[str]) -> str:
    install_packages(packages, log)
    return ", ".join(packages)


def _make_modules_dir(_: IO[str]) -> str:
    Path(MODULES).mkdir(parents=True, exist_ok=True)
    return "an empty directory"


def _build_kind(workshop: Workshop, log: IO[str]) -> str:
    target = own_kind(workshop.settings.state_dir)
    build_tool(workshop.settings.root, KIND_MODULE, target, log)
    return str(target.relative_to(workshop.settings.root))


def _offline_node_image(workshop: Workshop) -> Iterator[Task]:
    root = workshop.settings.root
    bases = {"base of the node": node_packages(root), "base of Kubernetes": image_packages(root)}
    yield _task(workshop, COMPILE, partial(_compile, workshop))
    for name, packages in bases.items():
        yield _task(workshop, name, partial(_build_base, workshop, packages), _MACHINE)
    yield _task(workshop, NODE_IMAGE, partial(_assemble, workshop), frozenset({COMPILE, *bases}) | _MACHINE)


def _compile(workshop: Workshop, log: IO[str]) -> str:
    compile_programs(workshop.settings.root, _build_dir(workshop) / "programs", log)
    return "Kubernetes, kubectl and pause"


def _build_base(workshop: Workshop, packages: Sequence[str], log: IO[str]) -> str:
    return build_base(workshop.engine, packages, _build_dir(workshop), log)


def _assemble(workshop: Workshop, log: IO[str]) -> str:
    build = _build_dir(workshop)
    return assemble_node_image(workshop.engine, workshop.settings.root, build / "programs", build, log)


def _pulled_node_image(workshop: Workshop) -> Iterator[Task]:
    yield _task(workshop, NODE_IMAGE, partial(_pull, workshop, workshop.supply.node_image), _MACHINE)


def _pull(workshop: Workshop, reference: str, log: IO[str]) -> str:
    pull(workshop.engine, reference, log)
    return reference


def _image_tasks(workshop: Workshop, planned: set[str]) -> Iterator[Task]:
    bases: dict[str, str] = {}  # reference of a base image to the task that provides it
    for name, spec in workshop.settings.images.items():
        if f"image:{name}" not in planned:
            continue
        base = resolve_base(workshop.settings, spec, workshop.supply)
        if base not in bases:
            bases[base] = f"base of {name}"
            yield _task(workshop, bases[base], partial(_provide_base, workshop, name), _MACHINE)
        needs = frozenset({bases[base]}) | ({KUBECTL} if spec.kubectl else frozenset())
        yield _task(workshop, f"image {name}", partial(_build_image, workshop, name), needs)


def _fetch_kubectl(workshop: Workshop, _: IO[str]) -> str:
    state_dir = workshop.settings.state_dir
    return str(fetch_kubectl(workshop.engine, state_dir, workshop.supply.node_image).relative_to(state_dir.parent))


def _provide_base(workshop: Workshop, name: str, log: IO[str]) -> str:
    settings = workshop.settings
    return provide_base(workshop.engine, settings, settings.images[name], workshop.supply, log)


def _build_image(workshop: Workshop, name: str, log: IO[str]) -> str:
    return build_image(workshop.engine, workshop.settings, name, workshop.supply, log)


def _start_cluster(workshop: Workshop, log: IO[str]) -> str:
    record = workshop.cluster.up(workshop.metrics_server_image, lambda line: print(line, file=log, flush=True))
    return f"{record.name}, UID {record.uid}"


def _load(workshop: Workshop, _: IO[str]) -> str:
    """Put every image into the cluster that it lacks."""
    cluster = workshop.cluster
    references = [image_reference(workshop.settings, name, workshop.supply) for name in workshop.settings.images]
    if not workshop.supply.offline:
        references.append(workshop.metrics_server_image)
    node = cluster.control_plane(cluster.find_nodes())
    loaded = load_images(workshop.engine, node, references, _build_dir(workshop) / "images.tar")
    forget_outdated(workshop.engine, [*references, workshop.supply.node_image])
    return f"{len(loaded)} loaded" if loaded else "all there"


def _build_dir(workshop: Workshop) -> Path:
    return workshop.settings.state_dir / "build"
