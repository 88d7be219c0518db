"""What a machine has, what the set-up will add, and what only a person can add: one list for setup and doctor alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from drillbook.setup.packages import ENGINE_PACKAGES, OFFLINE_PACKAGES
from drillbook.setup.tools import Version


class State(StrEnum):
    """How something that is needed stands."""

    READY = "ready"
    PLANNED = "planned"  # the set-up adds it
    MISSING = "missing"  # the set-up cannot add it


@dataclass(frozen=True)
class Requirement:
    """Something that drills need, why, and how it stands on this machine."""

    key: str
    name: str
    why: str
    state: State
    found: str = ""
    mend: str | None = None  # the exact command, where a person must act


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The facts about a machine that the set-up depends on."""

    root: bool
    apt: bool
    engine: str | None  # docker or podman, when it answers
    packages: frozenset[str]  # of those that may be needed, the installed ones
    offline: bool  # no registry is used
    kind: str | None  # path
    go: Version | None
    go_required: Version
    disk_free_gb: float
    kernel_modules_dir: bool
    node_image: str
    node_image_present: bool
    kubectl: bool  # the node image's own, on this machine
    images: Mapping[str, bool] = field(default_factory=dict)  # by name: built already
    cluster: str = "absent"  # healthy, paused, dead, absent


DISK_NEEDED_GB = {True: 14.0, False: 6.0}
"""By whether images are made here: Go's module and build caches take most of it."""


def diagnose(machine: Machine) -> tuple[Requirement, ...]:
    """Everything that is needed, in the order in which it is needed."""
    return (
        *_packages(machine),
        _engine(machine),
        *_kernel_modules(machine),
        _registry(machine),
        *_go(machine),
        _disk(machine),
        _kind(machine),
        _node_image(machine),
        _kubectl(machine),
        *_images(machine),
        _cluster(machine),
    )


def needed_packages(machine: Machine) -> Mapping[str, str]:
    """The Debian packages that this machine needs, with their reasons."""
    needed = {} if machine.engine == "docker" else dict(ENGINE_PACKAGES)
    if machine.engine == "podman" and not machine.apt:
        needed = {}  # not a Debian machine: its podman came with what it needs
    if machine.offline:
        needed |= OFFLINE_PACKAGES
    return needed


def _packages(machine: Machine) -> Iterator[Requirement]:
    for name, why in needed_packages(machine).items():
        key = f"package:{name}"
        if name in machine.packages:
            yield Requirement(key, name, why, State.READY, "installed")
        elif machine.engine == "podman" and name in ENGINE_PACKAGES and not machine.root:
            continue  # a working rootless podman has other parts in their place
        elif machine.root and machine.apt:
            yield Requirement(key, name, why, State.PLANNED, "apt-get install")
        else:
            mend = f"sudo apt-get install --no-install-recommends {name}"
            yield Requirement(key, name, why, State.MISSING, "not installed", mend if machine.apt else _elsewhere(name))


def _elsewhere(name: str) -> str:
    return f"install {name} (this machine has no apt-get), or use Docker and a registry"


def _engine(machine: Machine) -> Requirement:
    why = "kind runs the cluster's node in a container"
    if machine.engine:
        return Requirement("engine", "container engine", why, State.READY, machine.engine)
    if machine.root and machine.apt:
        return Requirement("engine", "container engine", why, State.PLANNED, "podman, with the packages above")
    mend = "sudo apt-get install podman" if machine.apt else "install Docker or podman and start it"
    return Requirement("engine", "container engine", why, State.MISSING, "none answers", mend)


def _kernel_modules(machine: Machine) -> Iterator[Requirement]:
    name, why = "/lib/modules", "kind mounts it into the node"
    if machine.kernel_modules_dir or machine.engine == "docker":
        return
    if machine.root:
        yield Requirement("modules", name, why, State.PLANNED, "an empty directory")
    else:
        yield Requirement("modules", name, why, State.MISSING, "absent", "sudo mkdir -p /lib/modules")


def _registry(machine: Machine) -> Requirement:
    found = "not reached: images are made here" if machine.offline else "used: images are pulled"
    return Requirement("registry", "container registry", "spares making images here", State.READY, found)


def _go(machine: Machine) -> Iterator[Requirement]:
    reasons = []
    if machine.offline and not machine.node_image_present:
        reasons.append("compiles Kubernetes, because no registry is reached")
    if machine.kind is None:
        reasons.append("compiles kind")
    if not reasons:
        return
    wanted = ".".join(str(part) for part in machine.go_required)
    mend = f"install Go {wanted} or newer and put it on PATH"
    if machine.go is None:
        yield Requirement("go", f"Go {wanted}", "; ".join(reasons), State.MISSING, "not on PATH", mend)
    else:
        found = ".".join(str(part) for part in machine.go)
        state = State.READY if machine.go >= machine.go_required else State.MISSING
        yield Requirement(
            "go", f"Go {wanted}", "; ".join(reasons), state, found, None if state is State.READY else mend
        )


def _disk(machine: Machine) -> Requirement:
    complete = machine.node_image_present and all(machine.images.values())
    needed_gb = 1.0 if complete else DISK_NEEDED_GB[machine.offline]
    name, found = f"{needed_gb:g} GB of disk", f"{machine.disk_free_gb:.0f} GB free"
    why = "evidence of runs" if complete else "images, and the caches that make them quick to make again"
    if machine.disk_free_gb >= needed_gb:
        return Requirement("disk", name, why, State.READY, found)
    mend = f"free {needed_gb - machine.disk_free_gb:.1f} GB, for example by: go clean -cache"
    return Requirement("disk", name, why, State.MISSING, found, mend)


def _kind(machine: Machine) -> Requirement:
    why = "creates the cluster"
    if machine.kind:
        return Requirement("kind", "kind", why, State.READY, machine.kind)
    return Requirement("kind", "kind", why, State.PLANNED, "compiled from its pinned Go module (half a minute)")


def _node_image(machine: Machine) -> Requirement:
    why = "Kubernetes itself"
    if machine.node_image_present:
        return Requirement("node-image", "node image", why, State.READY, machine.node_image)
    if machine.offline and not machine.root:
        mend = "run this as root, or reach a registry, or name a mirror: DRILLBOOK_REGISTRY=host:port"
        return Requirement("node-image", "node image", why, State.MISSING, "only root can make it here", mend)
    how = "compiled from pinned Go modules (about 10 minutes on 2 cores)" if machine.offline else "pulled"
    return Requirement("node-image", "node image", why, State.PLANNED, how)


def _kubectl(machine: Machine) -> Requirement:
    state, found = (State.READY, "there") if machine.kubectl else (State.PLANNED, "taken out of the node image")
    return Requirement("kubectl", "kubectl", "client and cluster are of one version", state, found)


def _images(machine: Machine) -> Iterator[Requirement]:
    for name, present in machine.images.items():
        state, found = (State.READY, "built") if present else (State.PLANNED, "built from its Containerfile")
        yield Requirement(f"image:{name}", f"image {name}", "the system under drill", state, found)


def _cluster(machine: Machine) -> Requirement:
    why = "where drills run"
    if machine.cluster in ("healthy", "paused"):
        return Requirement("cluster", "cluster", why, State.READY, machine.cluster)
    how = "created" if machine.cluster == "absent" else f"{machine.cluster}: recreated"
    return Requirement("cluster", "cluster", why, State.PLANNED, how)
